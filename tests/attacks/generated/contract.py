"""What the contract says of requests: every place where something can be put, and requests with something put there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from lxml import etree

from parley.contract import SCHEMAS
from parley.protocol.codec import encoder
from parley.protocol.declare import Element, Record
from parley.protocol.versions import LATEST
from parley.services import catalogue
from parley.services.registry import Operation, operations
from tests.client import xml_of
from tests.services.meetings import in_days

assert catalogue.__all__  # importing it enters the operations into the register

_DEPTH: Final = 7
_DECLARED: Final = " ".join(f'xmlns:{schema.prefix}="{schema.namespace}"' for schema in SCHEMAS)
#: Elements that name a session beside each other; the first one would decide.
SESSION: Final = frozenset({"sessionKey", "meetingKey", "meetingkey", "meetingUUID", "confID", "seriesMeetingKey"})


@dataclass(frozen=True)
class Leaf:
    """A place of a request that holds a text.

    Attributes:
        above: the elements from the content down to it.
        element: the one that holds the text.
    """

    above: tuple[Element, ...]
    element: Element

    @property
    def path(self) -> tuple[Element, ...]:
        """The elements down to the text."""
        return (*self.above, self.element)

    @property
    def name(self) -> str:
        """The path in words."""
        return "/".join(each.name for each in self.path)

    @property
    def free(self) -> bool:
        """Whether it takes texts of its own, not one out of a list."""
        return self.element.kind == "string" and not self.element.values


@cache
def leaves(record: type[Record]) -> tuple[Leaf, ...]:
    """All places of a request that hold a text, in the order of the schema; a type inside itself counts once."""
    return tuple(Leaf(path[:-1], path[-1]) for path in _paths(record, (), ()))


def _paths(
    record: type[Record], above: tuple[Element, ...], seen: tuple[type[Record], ...]
) -> Iterator[tuple[Element, ...]]:
    for element in record.__declaration__.visible(LATEST.parts):
        path = (*above, element)
        if element.kind != "record":
            yield path
        elif len(path) < _DEPTH and element.record not in seen:
            yield from _paths(element.record, path, (*seen, element.record))


def content(values: dict[str, Any] | str) -> etree._Element:
    """The content of a request as a tree; it is given as a mapping or as XML."""
    inner = values if isinstance(values, str) else xml_of(values)
    return etree.fromstring(f"<content>{inner}</content>")


def content_of(record: Record) -> etree._Element:
    """The content of a request that is given as a record, its elements without namespaces."""
    made = etree.fromstring(f"<content {_DECLARED}>{encoder(type(record), LATEST)(record)}</content>")
    for each in made.iter():
        if isinstance(each.tag, str):
            each.tag = etree.QName(each).localname
    etree.cleanup_namespaces(made)
    return made


def with_text(base: etree._Element, leaf: Leaf, text: str) -> etree._Element:
    """A copy of a content with a text in a place; see `put`."""
    made = deepcopy(base)
    put(made, leaf, text)
    return made


def put(made: etree._Element, leaf: Leaf, text: str) -> None:
    """Put a text into a place; elements on the way there are made, with all that they require.

    Raises:
        ValueError: XML cannot hold the text.
    """
    at = made
    if len(leaf.path) == 1 and leaf.element.name in SESSION:
        for each in list(at):
            if each.tag in SESSION:
                at.remove(each)
    for element in leaf.above:
        at = _child(at, element) if element.place == "element" else at
    last = leaf.element
    if last.place == "attribute":
        at.set(last.name, text)
    elif last.place == "element":
        found = at.find(last.name)
        if found is None:
            found = etree.SubElement(at, last.name)
        found[:] = []
        found.text = text
    else:
        at.text = text


def _child(parent: etree._Element, element: Element) -> etree._Element:
    found = parent.find(element.name)
    if found is not None:
        return found
    made = etree.SubElement(parent, element.name)
    for each in required(element.record, 0):
        made.append(each)
    return made


def required(record: type[Record], depth: int) -> list[etree._Element]:
    """Plain elements for all that a record must have."""
    found = []
    for element in record.__declaration__.visible(LATEST.parts):
        if not element.minimum or element.choice or element.place != "element":
            continue
        made = etree.Element(element.name)
        if element.kind != "record":
            made.text = plain(element)
        elif depth < _DEPTH:
            made.extend(required(element.record, depth + 1))
        found.append(made)
    return found


def plain(element: Element) -> str:
    """A text that an element takes."""
    if element.values:
        return element.values[0]
    if element.kind == "boolean":
        return "TRUE"
    if element.kind in ("integer", "number"):
        return str(element.low if element.low is not None else 1)
    name = element.name.lower()
    if "mail" in name:
        return "somebody@people.example"
    if "date" in name:
        return in_days(3)
    return "eA==" if element.kind == "binary" else "x"


def kind_of(operation: Operation) -> str:
    """The name of an operation as `Client.call` takes it."""
    return f"{operation.module}.{operation.name}"


#: What operations begin with that only read, take away, or open and close accounts.
_OTHERS: Final = ("Get", "Lst", "Del", "Check", "Detect", "Authenticate", "Inactivate", "Activate", "Recover", "Send")


@cache
def writers() -> Sequence[Operation]:
    """The operations that take texts and keep them."""
    return [each for each in operations() if not each.name.startswith(_OTHERS)]


@cache
def readers() -> Sequence[Operation]:
    """The operations that list or look for something."""
    return [each for each in operations() if each.name.startswith(("Get", "Lst", "Check", "Detect"))]
