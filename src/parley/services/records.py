"""Putting contract records together: what a request changes of what is kept."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from msgspec.structs import replace

from parley.protocol.declare import Record

R = TypeVar("R", bound=Record)


def merged(kept: R | None, sent: R | None) -> R | None:
    """What is kept with what was sent laid over it.

    Values that were not sent stay, inside of nested records too; a list that was sent replaces the kept one. Neither
    record is changed (facts/meeting-event.md 1, SetMeeting: partial requests).
    """
    if sent is None or kept is None:
        return sent if kept is None else kept
    changes: dict[str, Any] = {}
    for name in kept.__struct_fields__:
        new = getattr(sent, name, None)
        if new is None or new == []:
            continue
        old = getattr(kept, name)
        changes[name] = merged(old, new) if isinstance(old, Record) and isinstance(new, Record) else new
    return replace(kept, **changes)


class _Parts(NamedTuple):
    """The fields of a record type that a walk through a record has to look at."""

    single: tuple[tuple[str, str], ...]
    """Names of fields that hold no records and their kinds: texts, or those that the schema requires."""
    nested: tuple[str, ...]
    """Names of fields whose records, or lists of records, have such fields somewhere inside."""

    def __bool__(self) -> bool:
        return bool(self.single or self.nested)


@cache
def _parts(cls: type[Record], required: bool, inside: tuple[type[Record], ...] = ()) -> _Parts:
    """What to look at in records of a type.

    Args:
        required: fields that the schema requires, instead of texts.
        inside: the types that hold this one; a type inside of itself is looked at as a whole.
    """
    single, nested = [], []
    for element in cls.__declaration__.elements:
        if element.kind == "record":
            recursive = element.record in (*inside, cls)
            if recursive or (required and element.minimum) or _parts(element.record, required, (*inside, cls)):
                nested.append(element.attribute)
        elif not element.is_list and (element.minimum if required else element.kind == "string"):
            single.append((element.attribute, element.kind))
    return _Parts(tuple(single), tuple(nested))


def without_empty_texts(record: R) -> R:
    """A copy without empty texts, also in nested records: an empty element counts as absent (facts/clients.md 8)."""
    parts = _parts(type(record), required=False)
    changes: dict[str, Any] = {name: None for name, _ in parts.single if getattr(record, name) == ""}
    for name in parts.nested:
        value = getattr(record, name)
        if isinstance(value, Record):
            changes[name] = without_empty_texts(value)
    return replace(record, **changes) if changes else record


_NOTHING: Final[dict[str, object]] = {"string": "", "boolean": False, "integer": 0, "number": 0.0, "binary": b""}


def answerable(record: R) -> R:
    """A copy that the schema allows in an answer: what its type requires and nobody said is empty, false or zero.

    Requests are taken without what the schema requires, answers are not given without it. A nested record of which
    nothing was said at all is left out instead.
    """
    parts = _parts(type(record), required=True)
    changes = {name: _NOTHING[kind] for name, kind in parts.single if getattr(record, name) is None}
    for name in parts.nested:
        value = getattr(record, name)
        if isinstance(value, Record):
            changes[name] = None if _lacks_all(value) else answerable(value)
        elif value:
            changes[name] = [answerable(each) for each in value]
    return replace(record, **changes) if changes else record


def _lacks_all(record: Record) -> bool:
    """Whether a record is empty and its type requires something."""
    elements = record.__declaration__.elements
    return any(element.minimum for element in elements) and all(
        getattr(record, element.attribute) in (None, []) for element in elements
    )
