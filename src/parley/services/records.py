"""Putting contract records together: what a request changes of what is kept."""

from __future__ import annotations

from typing import Final, TypeVar

from parley.protocol.declare import Record

R = TypeVar("R", bound=Record)


def merged(kept: R | None, sent: R | None) -> R | None:
    """What is kept with what was sent laid over it.

    Values that were not sent stay, inside of nested records too; a list that was sent replaces the kept one. Neither
    record is changed (facts/meeting-event.md 1, SetMeeting: partial requests).
    """
    if sent is None or kept is None:
        return sent if kept is None else kept
    values = {}
    for name in kept.__struct_fields__:
        old, new = getattr(kept, name), getattr(sent, name, None)
        if isinstance(old, Record) and isinstance(new, Record):
            values[name] = merged(old, new)
        else:
            values[name] = old if new is None or new == [] else new
    return type(kept)(**values)


def narrowed(record: Record, to: type[R]) -> R:
    """A copy of a record as one of its base types: only the fields that the base has."""
    return to(**{name: getattr(record, name) for name in to.__struct_fields__})


def without_empty_texts(record: R) -> R:
    """A copy without empty texts, also in nested records: an empty element counts as absent (facts/clients.md 8)."""
    values = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Record):
            value = without_empty_texts(value)
        elif value == "":
            value = None
        values[name] = value
    return type(record)(**values)


_NOTHING: Final[dict[str, object]] = {"string": "", "boolean": False, "integer": 0, "number": 0.0, "binary": b""}


def answerable(record: R) -> R:
    """A copy that the schema allows in an answer: what its type requires and nobody said is empty, false or zero.

    Requests are taken without what the schema requires, answers are not given without it. A nested record of which
    nothing was said at all is left out instead.
    """
    values = {}
    for element in record.__declaration__.elements:
        value = getattr(record, element.attribute)
        if isinstance(value, Record):
            value = None if _lacks_all(value) else answerable(value)
        elif isinstance(value, list):
            value = [answerable(each) if isinstance(each, Record) else each for each in value]
        elif value is None and element.minimum:
            value = _NOTHING.get(element.kind)
        values[element.attribute] = value
    return type(record)(**values)


def _lacks_all(record: Record) -> bool:
    """Whether a record is empty and its type requires something."""
    elements = record.__declaration__.elements
    return any(element.minimum for element in elements) and all(
        getattr(record, element.attribute) in (None, []) for element in elements
    )
