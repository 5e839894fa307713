"""Requests and answers of the services as documents: SOAP 1.1, rpc/encoded, as Axis 1.4 writes it.

Programs write parameters in any letter case and order, typed or not, under names of their own, or as parameters of a
GET; they count by name, then by position. Requests are read as carefully as those of the XML API.
Source: facts/general-session.md 10 "Wire".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape

from parley.protocol.envelope import local_name, read_element
from parley.protocol.faults import Fault
from parley.web.nbr import faults
from parley.web.nbr.declared import NAMESPACE, SERVICES, Kind, Operation

_ENCODING: Final = "http://schemas.xmlsoap.org/soap/encoding/"
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
#: Namespace of the types that Axis adds to those of XML Schema.
APACHE: Final = "http://xml.apache.org/xml-soap"
#: Namespaces that an operation may have; answers repeat the one that was sent.
_NAMESPACES: Final = frozenset({NAMESPACE, *SERVICES})
_LONGEST: Final = 4000
_MOST: Final = 64
#: What XML cannot hold.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Names of what is not to be changed in any way.
_AS_SENT: Final = frozenset({"password", "dh"})


class Call(NamedTuple):
    """A request.

    Attributes:
        name: of the operation, as sent.
        namespace: of the operation; empty or unknown ones are taken for the WSDL's.
        sent: names and texts of the parameters in their order; an attachment is `cid:` and its name.
    """

    name: str
    namespace: str
    sent: list[tuple[str, str]]


class Document(NamedTuple):
    """XML that an answer holds: one element, written."""

    xml: str


def read_call(document: bytes) -> Call:
    """Read an envelope.

    Raises:
        NbrFault: it is none.
    """
    try:
        root = read_element(document)
    except Fault as fault:
        raise faults.no_document(fault) from None
    if local_name(root.tag) != "Envelope":
        raise faults.not_understood("it is no SOAP envelope")
    body = next((child for child in root if local_name(child.tag) == "Body"), None)
    if body is None or not len(body):
        raise faults.not_understood("it has no Body with an operation in it")
    element = body[0]
    beside = {each.get("id"): each for each in body[1:] if each.get("id")}
    if len(element) > _MOST:
        raise faults.not_understood("it has too many parameters")
    return Call(
        local_name(element.tag), _namespace(element.tag), [(local_name(e.tag), _value(e, beside)) for e in element]
    )


def _namespace(tag: str) -> str:
    found = tag[1:].partition("}")[0].strip() if tag[0] == "{" else ""
    return found if found in _NAMESPACES else NAMESPACE


def _value(element: Any, beside: Mapping[str, Any]) -> str:
    """The text of a parameter, which may stand behind the operation (`href="#id0"`) or be an attachment."""
    href = element.get("href", "")
    if href.startswith("#"):
        element = beside.get(href[1:], element)
    elif href.startswith("cid:"):
        return str(href)
    inside = next((child for child in element.iter() if child.get("href", "").startswith("cid:")), None)
    return str(inside.get("href")) if inside is not None else "".join(element.itertext())


def arguments(operation: Operation, sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The value of each parameter; what was not sent is empty.

    Raises:
        NbrFault: a value that is longer than any is.
    """
    named: dict[str, str] = {}
    others: list[str] = []
    names = {each.name.casefold(): each.name for each in operation.parameters}
    for name, text in sent:
        known = names.get(name.strip().casefold())
        if known is not None and known not in named:
            named[known] = text
        else:
            others.append(text)
    rest = iter(others)
    for each in operation.parameters:
        text = named[each.name] if each.name in named else next(rest, "")
        if len(text) > _LONGEST and each.kind is not Kind.FILE:
            raise faults.parameter(each.name, "the value is too long")
        named[each.name] = text if each.name in _AS_SENT else text.strip()
    return named


def text(value: str) -> str:
    """A text for a document."""
    return escape(_NOT_XML.sub("\ufffd", value))


def write_answer(call: Call, operation: Operation, content: str | Document | list[str]) -> bytes:
    """The envelope of an answer.

    Args:
        content: the Return's text, the XML in it, or the names of the attachments.
    """
    # The two names of the operation with swapped letters: the answer is called as it was asked for.
    name = operation.name
    if operation.alias is not None and call.name.strip().casefold() == operation.alias.casefold():
        name = operation.alias
    returned = f"ns1:{name}Return"
    if isinstance(content, Document):
        inner = f'<{returned} xsi:type="ns2:Document" xmlns:ns2="{APACHE}">{content.xml}</{returned}>'
    elif isinstance(content, list):
        items = "".join(f'<item href="cid:{each}"/>' for each in content)
        inner = (
            f'<{returned} soapenc:arrayType="ns2:DataHandler[{len(content)}]" xsi:type="soapenc:Array"'
            f' xmlns:ns2="{APACHE}" xmlns:soapenc="{_ENCODING}">{items}</{returned}>'
        )
    else:
        kind = operation.answer.value
        inner = f'<{returned} xsi:type="xsd:{kind}">{text(content)}</{returned}>'
    answer = (
        f'<ns1:{name}Response soapenv:encodingStyle="{_ENCODING}" xmlns:ns1="{text(call.namespace)}">{inner}'
        f"</ns1:{name}Response>"
    )
    return _ENVELOPE.format(answer).encode()


def write_fault(fault: faults.NbrFault) -> bytes:
    """The envelope of a fault; its text is the second child, where programs look for it."""
    number = f"<exceptionID>{fault.number}</exceptionID>" if fault.number else ""
    return _ENVELOPE.format(
        f"<soapenv:Fault><faultcode>soapenv:{fault.code}</faultcode><faultstring>{text(fault.text)}</faultstring>"
        f"<detail>{number}</detail></soapenv:Fault>"
    ).encode()
