"""Putting contract records together: what a request changes of what is kept.

Scheduling does this with every field of large records, so the walk through a record of a type is one function that is
generated from the type's declaration, as the codec's functions are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from parley.protocol.declare import Element, Record

R = TypeVar("R", bound=Record)


def merged(kept: R | None, sent: R | None) -> R | None:
    """What is kept with what was sent laid over it.

    Values that were not sent stay, inside of nested records too; a list that was sent replaces the kept one. Neither
    record is changed (facts/meeting-event.md 1, SetMeeting: partial requests). `sent` may be of a type that extends
    the kept one's, or of one that it extends.
    """
    if sent is None or kept is None:
        return sent if kept is None else kept
    names = frozenset(sent.__struct_fields__) if not isinstance(sent, type(kept)) else None
    return cast("R", _merger(type(kept), names)(kept, sent))


@cache
def _merger(cls: type[Record], sent: frozenset[str] | None) -> Callable[[Any, Any], Record]:
    """The function that lays a record over one of type `cls`; `sent`: the fields that it has, None for all of them."""
    elements = [e for e in cls.__declaration__.elements if sent is None or e.attribute in sent]
    changes = "".join(f"    {_laid_over(element)}\n" for element in elements)
    return _compiled(
        f"merge_{cls.__name__}",
        f"def merge_{cls.__name__}(kept, sent):\n    changes = {{}}\n{changes}"
        "    return replace(kept, **changes) if changes else replace(kept)\n",
        {"merged": merged},
    )


def _laid_over(element: Element) -> str:
    name = element.attribute
    if element.is_list:
        return f'if (new := sent.{name}): changes["{name}"] = new'
    if element.kind == "record":
        return f'if (new := sent.{name}) is not None: changes["{name}"] = merged(kept.{name}, new)'
    return f'if (new := sent.{name}) is not None: changes["{name}"] = new'


def without_empty_texts(record: R) -> R:
    """The record without empty texts, also in nested records: an empty element is as absent (facts/clients.md 8).

    A record that has none is given back itself.
    """
    return cast("R", _cleaner(type(record))(record))


@cache
def _has_texts(cls: type[Record], inside: tuple[type[Record], ...] = ()) -> bool:
    """Whether records of a type have texts somewhere; a type inside of itself is taken to."""
    if cls in inside:
        return True
    return any(
        _has_texts(element.record, (*inside, cls)) if element.kind == "record" else element.kind == "string"
        for element in cls.__declaration__.elements
        if not element.is_list
    )


@cache
def _cleaner(cls: type[Record]) -> Callable[[Any], Record]:
    """The function that leaves empty texts out of records of a type."""
    lines = []
    for element in cls.__declaration__.elements:
        name = element.attribute
        if element.is_list:
            continue
        if element.kind == "string":
            lines.append(f'if record.{name} == "": changes["{name}"] = None')
        elif element.kind == "record" and _has_texts(element.record):
            lines.append(
                f'if (old := record.{name}) is not None and (new := clean(old)) is not old: changes["{name}"] = new'
            )
    body = "".join(f"    {line}\n" for line in lines)
    return _compiled(
        f"clean_{cls.__name__}",
        f"def clean_{cls.__name__}(record):\n    changes = {{}}\n{body}"
        "    return replace(record, **changes) if changes else record\n",
        {"clean": without_empty_texts},
    )


def _compiled(name: str, source: str, scope: dict[str, Any]) -> Callable[..., Record]:
    """The function that the source defines as `name`. It holds names out of declarations only."""
    scope = {**scope, "replace": replace}
    exec(compile(source, f"<{name}>", "exec"), scope)  # noqa: S102
    made: Callable[..., Record] = scope[name]
    return made
