"""Fields of the console's forms, and the faults of operations as words beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from parley.protocol.faults import Fault
from parley.web.problems import in_words

Kind = Literal[
    "text", "email", "password", "date", "time", "datetime-local", "number", "lines", "list", "tick", "fixed"
]


@dataclass(slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: of the value that is sent.
        kind: how it is filled in; `fixed` is only shown, since the form cannot hold it.
        label, hint: what the page says of it; marked for translation.
        options: of a list, values and names.
        translated: whether the names of the options are texts of ours.
        error: what is wrong with it.
    """

    name: str
    kind: Kind
    label: str
    value: str = ""
    hint: str = ""
    required: bool = False
    longest: int = 512
    options: Sequence[tuple[str, str]] = ()
    translated: bool = False
    autocomplete: str = "off"
    least: str = ""
    most: str = ""
    error: str = ""


def problem_text(fault: Fault) -> str:
    """What a fault says, as a sentence for people in the language of the page."""
    return in_words(fault.reason)


def place_of(fault: Fault, places: Mapping[str, str], codes: Mapping[str, str]) -> str:
    """The field that a fault is about, by the path that it begins with or by its code; empty: none.

    Args:
        places: fields by the beginnings of paths, longer ones first.
        codes: fields by codes of faults.
    """
    path = fault.reason.partition(":")[0]
    found = next((field for start, field in places.items() if path.startswith(start)), "")
    return found or codes.get(fault.code, "")
