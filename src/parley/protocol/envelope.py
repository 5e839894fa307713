"""The envelope of requests: from the bytes of a document to its securityContext and contents.

Requests are read as leniently as the real service reads them: elements count by local name, so prefixes may be
undeclared, wrong or missing; white space may stand before the declaration; encodings may be misspelt. What is no
well-formed XML, has a document type declaration, is too deep or too large is refused.
Sources: facts/protocol.md "Envelope", facts/clients.md 1-10.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from parley.protocol import faults
from parley.protocol.declare import Schema
from parley.protocol.faults import Fault

#: Elements may be nested this deep; the documents of the contract stay under 20.
MAX_DEPTH: Final = 100
#: Elements that one document may have; those of the contract stay far below, whatever they hold.
MAX_ELEMENTS: Final = 200_000
#: Requests that one message may carry.
MAX_CONTENTS: Final = 50

_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NAMESPACE_DOMAIN: Final = etree.ErrorDomains.NAMESPACE
_ENCODING_ERRORS: Final = (
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_ENCODING_NAME,
)
#: Codecs for misspelt encoding names; others (punycode, idna) can take a time that grows with the square of the size.
_CODECS: Final = frozenset(
    {"utf-8", "ascii"} | {f"iso8859-{part}" for part in range(1, 17)} | {f"cp125{page}" for page in range(9)}
)
_MAX_DECLARATION: Final = 1000
_XML_DECLARATION: Final = re.compile(rb"^<\?xml[^>]*\?>")
_DECLARED_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
# A document nested 100 deep has at least this many bytes (`<a>` and `</a>` each time), so shorter ones need no check.
_MIN_DEEP_BYTES: Final = MAX_DEPTH * 7
_MIN_LONG_BYTES: Final = MAX_ELEMENTS * 4
_count_elements: Final = etree.XPath("count(//*)")
# What may stand before a document type declaration. Nothing is tried twice, so the time is bounded.
_DOCTYPE: Final = re.compile(rb"(?:\s++|(?><\?.*?\?>)|(?><!--.*?-->))*+<!DOCTYPE", re.DOTALL)
#: Encodings in which an end tag can only begin with these two bytes.
_ASCII_BASED: Final = frozenset({"UTF-8", "US-ASCII", "ASCII", "ISO-8859-1"})
_NOT_ASCII_BASED: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00")
_is_too_deep: Final = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")


@dataclass(slots=True, frozen=True)
class Content:
    """One bodyContent: the name in its xsi:type as sent, and the element itself."""

    type_name: str
    element: Any


@dataclass(slots=True, frozen=True)
class Message:
    """A request that could be read: the securityContext element, if there is one, and one or more contents."""

    security_context: Any | None
    contents: list[Content]


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def local_name(tag: str) -> str:
    """The name of an element without namespace or undeclared prefix: `{uri}a`, `p:a` and `a` all give `a`."""
    if tag[0] == "{":
        return tag[tag.index("}") + 1 :]
    return tag[tag.rindex(":") + 1 :] if ":" in tag else tag


def read_message(body: bytes) -> Message:
    """Read a request document.

    Args:
        body: the document's bytes, of any encoding that it declares.

    Raises:
        Fault: 000000 with a reason that says what is wrong and where.
    """
    root = _parse(body)
    if local_name(root.tag) not in ("message", "messageType"):
        raise faults.NOT_A_MESSAGE(name=local_name(root.tag)[:64])
    security_context = None
    contents: list[Content] = []
    for part in root:
        name = local_name(part.tag)
        if name == "header":
            for child in part:
                if security_context is None and local_name(child.tag) == "securityContext":
                    security_context = child
        elif name == "body":
            contents.extend(_content(child) for child in part if local_name(child.tag) == "bodyContent")
    if not contents:
        raise faults.NO_CONTENT()
    if len(contents) > MAX_CONTENTS:
        raise faults.TOO_MANY_CONTENTS(limit=MAX_CONTENTS)
    return Message(security_context, contents)


def read_children(children: str, schemas: Iterable[Schema]) -> Any:
    """An element with children that the codec wrote, for its decoder.

    Args:
        children: elements with the prefixes of `schemas`.
    """
    declared = "".join(f' xmlns:{each.prefix}="{each.namespace}"' for each in schemas)
    return etree.fromstring(f"<bodyContent{declared}>{children}</bodyContent>".encode(), _parser())


def read_element(document: bytes) -> Any:
    """A document that is no request, read as carefully as requests are.

    Raises:
        Fault: it cannot be read, or is too deep or too long.
    """
    return _parse(document)


def _content(element: Any) -> Content:
    type_name = element.get(_XSI_TYPE)
    if type_name is None:  # xmlns:xsi is missing, or bound to something else
        type_name = next((value for key, value in element.items() if local_name(key) == "type"), "")
    return Content(type_name, element)


def _parse(body: bytes) -> Any:
    if body[:1] != b"<":
        body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
        if not body:
            raise faults.EMPTY_DOCUMENT()
    parser = _parser()
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        # The parser's own log: that of the exception may hold what other documents of this thread were refused for.
        root = _parse_again(body, list(parser.error_log))
    except (ValueError, LookupError) as error:
        raise faults.MALFORMED_DOCUMENT(line=1, column=1, problem=_one_line(str(error))) from None
    tree = root.getroottree()
    docinfo = tree.docinfo
    if docinfo.internalDTD is not None:
        raise faults.FORBIDDEN_DOCTYPE()
    if len(body) >= _MIN_DEEP_BYTES and _may_be_deep(body, docinfo.encoding) and _is_too_deep(tree):
        raise faults.TOO_DEEP(limit=MAX_DEPTH)
    if len(body) >= _MIN_LONG_BYTES and _count_elements(tree) > MAX_ELEMENTS:
        raise faults.TOO_MANY_ELEMENTS(limit=MAX_ELEMENTS)
    return root


def _may_be_deep(body: bytes, encoding: str | None) -> bool:
    """Whether the document has enough end tags to be too deep, which is quicker to see than how deep it is.

    Encodings in which the end tags might look otherwise are looked into always.
    """
    return (encoding or "").upper() not in _ASCII_BASED or body.count(b"</") >= MAX_DEPTH


def _parse_again(body: bytes, log: list[Any]) -> Any:
    """Read a document that a strict parser refuses: undeclared prefixes and odd encoding names are forgiven.

    log: what the strict parser said.
    """
    if _has_doctype(body):
        raise faults.FORBIDDEN_DOCTYPE() from None
    declared, rest = _declared_encoding(body)
    if declared is not None and (
        len(declared.split()) > 1 or declared != declared.strip() or any(e.type in _ENCODING_ERRORS for e in log[:3])
    ):
        body = _reencoded(declared, rest)
    parser = _parser(recover=True)
    try:
        root: Any = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise _malformed(log) from None
    problems = [entry for entry in parser.error_log if entry.domain != _NAMESPACE_DOMAIN]
    if root is None or problems:
        raise _malformed(problems or log) from None
    return root


def _has_doctype(body: bytes) -> bool:
    """Whether a document type declaration stands before the root element, in UTF-16 and UTF-32 too."""
    if body.startswith(_NOT_ASCII_BASED) or body[1:2] == b"\x00":
        body = body.replace(b"\x00", b"").lstrip(b"\xff\xfe")
    return _DOCTYPE.match(body) is not None


def _declared_encoding(body: bytes) -> tuple[str | None, bytes]:
    """The encoding name of the XML declaration as it stands there, and the document without its declaration."""
    match = _XML_DECLARATION.match(body[:_MAX_DECLARATION])
    if match is None:
        return None, body
    declared = _DECLARED_ENCODING.search(match.group())
    return declared.group(1).decode("ascii", "replace") if declared else None, body[match.end() :]


def _reencoded(declared: str, rest: bytes) -> bytes:
    """A document without declaration in UTF-8, when the declaration named no encoding that the parser knows."""
    for encoding in ("".join(declared.split()), "utf-8", "iso-8859-1"):
        try:
            if codecs.lookup(encoding).name in _CODECS:
                return rest.decode(encoding).encode()
        except (LookupError, ValueError):  # a NUL in a name is a ValueError
            continue
    return rest


def _malformed(log: list[Any]) -> Fault:
    if not log:
        return faults.MALFORMED_DOCUMENT(line=1, column=1, problem="nothing that could be read")
    entry = log[0]
    if "Excessive depth" in entry.message:
        return faults.TOO_DEEP(limit=MAX_DEPTH)
    return faults.MALFORMED_DOCUMENT(line=entry.line, column=entry.column, problem=_one_line(entry.message))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
