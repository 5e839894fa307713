"""Request documents for `parley call`: elements given as paths, named, ordered and nested as the contract says.

Values are not checked: to see what a server says to a wrong one is a good reason to call it.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from parley import contract
from parley.contract import SCHEMAS
from parley.protocol.declare import Element, Record, Schema

_SERV: Final = "http://www.webex.com/schemas/2002/06/service"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_STEP: Final = re.compile(r"(@?[A-Za-z_][\w-]*)(?:\[([1-9][0-9]{0,3})\])?")
_MAX_CHOICES: Final = 3


class RequestError(Exception):
    """What was asked for cannot be written as a request; the message is one line."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who calls which site; what is None is left out."""

    site: str | None = None
    user: str | None = None
    password: str | None = None
    ticket: str | None = None


@dataclass(slots=True)
class _Node:
    """What was given of one record: by element, the texts or records of its occurrences."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    records: dict[str, dict[int, _Node]] = field(default_factory=dict)


def find_operation(name: str) -> tuple[Schema, type[Record]]:
    """The module and request type of an operation, `CreateMeeting` or `meeting.CreateMeeting`, in any letter case.

    Raises:
        RequestError: the contract has no such operation.
    """
    module, _, short = name.replace(":", ".").rpartition(".")
    schemas = SCHEMAS
    if module:
        schema = contract.schema_of(module.rpartition(".")[2])
        if schema is None:
            raise RequestError(f"the API has no module {module!r}")
        schemas = (schema,)
    for schema in schemas:
        found = contract.find_record(schema.module, short)
        if found is not None and _is_request(found):
            return schema, found
    names = {_operation_name(cls).lower(): _operation_name(cls) for s in schemas for cls in _records(s)}
    close = difflib.get_close_matches(short.lower(), names, _MAX_CHOICES)
    hint = f": did you mean {' or '.join(names[each] for each in close)}?" if close else ""
    raise RequestError(f"the API has no operation {short!r}{hint}")


def _records(schema: Schema) -> list[type[Record]]:
    contract.load(schema)
    return [cls for cls in schema.records() if _is_request(cls)]


def _is_request(cls: type[Record]) -> bool:
    """Whether a type is the content of a request: it extends bodyContentType and is no answer."""
    name = cls.__declaration__.name
    base = cls.__declaration__.base
    while base is not None:
        if base.__declaration__.name == "bodyContentType":
            return not name.endswith("Response")
        base = base.__declaration__.base
    return False


def _operation_name(cls: type[Record]) -> str:
    name = cls.__declaration__.name
    return name[0].upper() + name[1:]


def write_request(operation: str, values: list[str], login: Login) -> str:
    """The request document.

    Args:
        operation: as for `find_operation`.
        values: `element=value`, nested ones as `a.b=value`; the second of several records is `a[2].b=value`, an element
            that may occur several times is given several times.
        login: goes into the securityContext.

    Raises:
        RequestError: unknown operation or element, or a value that XML cannot hold.
    """
    schema, cls = find_operation(operation)
    root = _Node()
    for each in values:
        path, equals, text = each.partition("=")
        if not equals:
            raise RequestError(f"{each!r} is no element=value")
        _enter(root, cls, path.strip(), text)
    message = etree.Element(etree.QName(_SERV, "message"), nsmap={"serv": _SERV, "xsi": _XSI})
    context = etree.SubElement(etree.SubElement(message, "header"), "securityContext")
    given = (
        ("webExID", login.user),
        ("password", login.password),
        ("sessionTicket", login.ticket),
        ("siteName", login.site),
    )
    body = etree.SubElement(etree.SubElement(message, "body"), "bodyContent")
    body.set(etree.QName(_XSI, "type"), f"java:com.webex.service.binding.{schema.module}.{_operation_name(cls)}")
    try:
        for name, value in given:
            if value is not None:
                etree.SubElement(context, name).text = value
        _write(body, cls, root)
    except ValueError:
        raise RequestError("a value holds characters that XML does not allow") from None
    etree.indent(message)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(message, encoding="unicode") + "\n"


def _enter(node: _Node, cls: type[Record], path: str, text: str) -> None:
    steps = path.split(".")
    for position, step in enumerate(steps):
        match = _STEP.fullmatch(step)
        if match is None:
            raise RequestError(f"{path!r} is no path of elements")
        element = _element(cls, match[1], ".".join(steps[:position]))
        last = position == len(steps) - 1
        if element.kind == "record":
            number = int(match[2] or 1)
            if number > 1 and not element.is_list:
                raise RequestError(f"{path!r}: {element.name} occurs once only")
            node = node.records.setdefault(element.name, {}).setdefault(number, _Node())
            cls = element.record
            if last and text:
                raise RequestError(f"{path!r} holds elements: {_names(cls)}")
        elif not last:
            raise RequestError(f"{path!r}: {element.name} holds a value, no elements")
        else:
            node.texts.setdefault(element.name, []).append(text)


def _element(cls: type[Record], name: str, where: str) -> Element:
    elements = cls.__declaration__.elements
    bare = name.lstrip("@")
    for fits in (lambda e: e.name == bare, lambda e: e.name.lower() == bare.lower()):
        found = next(filter(fits, elements), None)
        if found is not None:
            return found
    place = where or _operation_name(cls)
    raise RequestError(f"{place} has no element {bare!r}; it has {_names(cls)}")


def _names(cls: type[Record]) -> str:
    return ", ".join(element.name for element in cls.__declaration__.elements) or "none"


def _write(parent: etree._Element, cls: type[Record], node: _Node) -> None:
    for element in cls.__declaration__.elements:
        for text in node.texts.get(element.name, ()):
            if element.place == "attribute":
                parent.set(element.name, text)
            elif element.place == "element":
                etree.SubElement(parent, element.name).text = text
            else:
                parent.text = text
        for _, inner in sorted(node.records.get(element.name, {}).items()):
            _write(etree.SubElement(parent, element.name), element.record, inner)
