"""Documents of the XML API as the pages for developers show them: the inspector and the explorer alike."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.codec import encoder
from parley.protocol.envelope import Content, read_message
from parley.protocol.faults import Fault
from parley.protocol.masking import STARS, masked
from parley.protocol.versions import LATEST
from parley.services.registry import Operation, find
from parley.web.console.shell import ConsoleCall
from parley.web.reference.samples import pretty

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def address_of(console: ConsoleCall) -> str:
    """The address of the XML endpoint."""
    return urlunsplit((*urlsplit(console.root)[:2], "/WBXService/XMLService", "", ""))


def as_curl(address: str, document: str) -> str:
    """The command that sends a document."""
    return f"curl {shlex.quote(address)} \\\n  -H 'Content-Type: text/xml' \\\n  --data-binary {shlex.quote(document)}"


def as_python(address: str, document: str) -> str:
    """The program that sends a document, for any Python without more."""
    lines = "\n".join(f"    {line!r}" for line in document.splitlines(keepends=True))
    return (
        f"import urllib.request\n\ndocument = (\n{lines}\n)\n"
        f"request = urllib.request.Request(\n    {address!r}, document.encode(), {{'Content-Type': 'text/xml'}}\n)\n"
        "print(urllib.request.urlopen(request).read().decode())"
    )


def indented(document: str, keep: tuple[str, ...] = ()) -> str:
    """A document indented; as it is where that cannot be done."""
    try:
        return pretty(without_declaration(document), keep=keep)
    except etree.XMLSyntaxError:
        return document


def without_declaration(document: str) -> str:
    """A document whose declaration, if it has one, names no encoding: what it was read from had that, it has not."""
    return re.sub(r"^\s*<\?xml[^>]{0,300}\?>\s*", "", document.lstrip("\ufeff"))


def contents_of(document: str) -> list[Content]:
    """What a document asks for.

    Raises:
        Fault: it cannot be read as a message.
    """
    return read_message(without_declaration(document).encode()).contents


def content_of(document: str, operation: str) -> Content | None:
    """What a document asks of an operation; None where it cannot be read, or asks nothing of it."""
    try:
        contents = contents_of(document)
    except Fault:
        return None
    return next((each for each in contents if (found := find(each.type_name)) and found.name == operation), None)


def has_stars(content: Content) -> bool:
    """Whether something secret in it was not kept."""
    return any(STARS in (element.text or "") for element in content.element.iter())


def changes_something(operation: Operation) -> bool:
    """Whether an operation may change something: all that are not open to read-only administrators."""
    return operation.row.read_only is not None


def message_of(console: ConsoleCall, bodies: Sequence[str], prefixes: Iterable[str] = ()) -> str:
    """A message in the name of the visitor, indented, with stars for what proves him.

    Args:
        bodies: each an element bodyContent, with the prefixes of the schemas.
        prefixes: those that must stay declared, since types are named by them.
    """
    context = serv.SecurityContextType(web_ex_id=console.user.web_ex_id, password=STARS, site_name=console.site.name)
    namespaces = "".join(f' xmlns:{schema.prefix}="{schema.namespace}"' for schema in schemas.ALL)
    return pretty(
        f'<serv:message{namespaces} xmlns:xsi="{_XSI}"><serv:header><serv:securityContext>'
        f"{encoder(serv.SecurityContextType, LATEST)(context)}</serv:securityContext></serv:header>"
        f"<serv:body>{''.join(bodies)}</serv:body></serv:message>",
        keep=("serv", "xsi", *prefixes),
    )


def shown_answer(answer: bytes) -> str:
    """An answer without what is secret, indented."""
    return indented(masked(answer))


__all__ = [
    "STARS",
    "address_of",
    "as_curl",
    "as_python",
    "changes_something",
    "content_of",
    "contents_of",
    "has_stars",
    "indented",
    "masked",
    "message_of",
    "shown_answer",
    "without_declaration",
]
