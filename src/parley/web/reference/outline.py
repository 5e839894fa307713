"""The elements of a type as rows of a table: order, type, bounds, default, since, meaning; inner types below theirs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from parley.protocol.declare import Element, Record, SimpleType
from parley.protocol.versions import Level

#: So many rows at most come from named types inside a type; what is deeper has a page of its own.
_MOST_ROWS: Final = 190
_PLACES: Final = {"attribute": "attribute", "content": "text", "mixed": "text between elements"}


@dataclass(slots=True)
class Row:
    """One element of a table.

    Attributes:
        depth: 0 for elements of the type itself, 1 for those inside one of these, and so on.
        type_name: with prefix; of a value without a named type the built-in one.
        target: the named type, which has a page; None for built-in types and those written in place.
        occurs: `1`, `0..1`, `0..n`.
        bounds: each in words.
        values: those that are allowed; empty: any.
        elsewhere: the inner elements are on the page of the type.
    """

    name: str
    depth: int
    type_name: str
    target: type[Record] | SimpleType | None
    occurs: str
    default: str | None
    since: str | None
    bounds: tuple[str, ...]
    values: tuple[str, ...]
    meaning: str
    elsewhere: bool = False


@dataclass(slots=True)
class _Node:
    element: Element
    depth: int
    inside: tuple[type[Record], ...]
    children: list[_Node] = field(default_factory=list)
    opened: bool = False


def rows(cls: type[Record], level: Level, *, deep: bool = True) -> list[Row]:
    """The rows of a type, in the order of the schema.

    deep: named types inside are opened too, the outer ones first, as long as there is room; else only those that are
    written in place.
    """
    top = [_Node(e, 0, (cls,)) for e in cls.__declaration__.visible(level.parts)]
    count, waiting = len(top), deque(top)
    while waiting:
        node = waiting.popleft()
        if node.element.kind != "record" or node.element.record in node.inside:
            continue
        inner = node.element.record
        elements = inner.__declaration__.visible(level.parts)
        named = not inner.__declaration__.anonymous
        if named and (not deep or count + len(elements) > _MOST_ROWS):
            continue
        node.opened = True
        node.children = [_Node(e, node.depth + 1, (*node.inside, inner)) for e in elements]
        count += len(elements)
        waiting.extend(node.children)
    return list(_flat(top))


def names(cls: type[Record], level: Level, inside: tuple[type[Record], ...] = ()) -> Iterator[str]:
    """The names of a type's elements, and of those in types that are written in place in it."""
    for element in cls.__declaration__.visible(level.parts):
        yield element.name
        if element.kind == "record" and element.record.__declaration__.anonymous and element.record not in inside:
            yield from names(element.record, level, (*inside, element.record))


def targets(cls: type[Record], level: Level) -> set[type[Record] | SimpleType]:
    """The named types that a type's elements have, and its base."""
    found = {row.target for row in rows(cls, level, deep=False) if row.target is not None}
    base = cls.__declaration__.base
    return found | ({base} if base is not None else set())


def meaning(cls: type[Record]) -> str:
    """What the contract says of a type."""
    return " ".join((cls.__doc__ or "").split())


def type_label(kind: type[Record] | SimpleType) -> str:
    """The name of a type with the prefix of its schema."""
    if isinstance(kind, SimpleType):
        return f"{kind.schema.prefix}:{kind.name}"
    return f"{kind.xml_schema.prefix}:{kind.xml_name}"


def row_of(element: Element) -> Row:
    """What is to be said of one element."""
    return _row(_Node(element, 0, (), opened=True))


def _flat(nodes: list[_Node]) -> Iterator[Row]:
    for node in nodes:
        yield _row(node)
        yield from _flat(node.children)


def _row(node: _Node) -> Row:
    element = node.element
    target: type[Record] | SimpleType | None = element.simple
    name, words = element.xsd, ""
    if element.kind == "record":
        words = meaning(element.record)
        target = None if element.record.__declaration__.anonymous else element.record
        name = "(in place)"
    shown = name if target is None else type_label(target)
    label = element.name if element.place == "element" else f"{element.name} ({_PLACES[element.place]})"
    return Row(
        label,
        node.depth,
        shown,
        target,
        _occurs(element),
        element.default,
        element.since,
        tuple(_bounds(element)),
        element.values,
        words,
        elsewhere=element.kind == "record" and not node.opened and bool(element.record.__declaration__.elements),
    )


def _occurs(element: Element) -> str:
    if element.minimum == element.maximum:
        return str(element.minimum)
    return f"{element.minimum}..{element.maximum or 'n'}"


def _bounds(element: Element) -> Iterator[str]:
    if element.max_length is not None:
        yield f"at most {element.max_length} characters"
    if element.low is not None:
        yield f"at least {element.low}"
    if element.high is not None:
        yield f"at most {element.high}"
    if element.pattern is not None:
        yield f"pattern {element.pattern}"
    if element.choice:
        yield "one of the alternatives"
    if element.nillable:
        yield "may be nil"
    if element.rows:
        yield "its inner elements repeat"
    if element.also:
        yield f"read under the name {' or '.join(element.also)} too"
