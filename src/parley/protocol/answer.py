"""The envelope of answers: from results and faults to the bytes that go out.

The declarations of the root element depend on the module, failures have an empty bodyContent, everything stands on
one line after the XML declaration: clients cut answers apart by such details.
Sources: facts/protocol.md "Answer", facts/clients.md 15-19, facts/meeting-event.md "Answers (real)",
facts/user-site.md 1, facts/holes.md "Protocol facts found on the way".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from parley.contract import SCHEMAS
from parley.protocol.codec import escape
from parley.protocol.faults import Fault

#: Prefixes that an answer declares beside serv and com, by the module of its operation. Meeting calls name the
#: attendee schema too, general session calls the meeting schema, site calls the event schema.
_DECLARED: Final[dict[str, tuple[str, ...]]] = {
    "meeting": ("meet", "att"),
    "teleconference": ("auo", "att"),
    "attendee": ("att",),
    "ep": ("ep", "meet"),
    "site": ("ns1", "event"),
    "event": ("event",),
    "user": ("use",),
    "meetingtype": ("mtgtype",),
    "session": ("sess",),
    "training": ("train", "sess", "qtiasi", "qti"),
    "history": ("history",),
    "sales": ("sales",),
    "supportsession": ("supp",),
}
#: Modules whose answers declare ISO-8859-1. They are written in ASCII with character references, so that they are
#: right whichever encoding a reader believes.
_LATIN_MODULES: Final = frozenset({"site", "event"})

_SUCCESS: Final = (
    "<serv:response><serv:result>SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response>"
)
_XSI: Final = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_EMPTY_CONTENT: Final = "<serv:bodyContent/>"
_TAIL: Final = "</serv:body></serv:message>"

HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"server", b""),
    (b"pragma", b"no-cache"),
    (b"cache-control", b"no-cache"),
    (b"expires", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    (b"content-type", b"text/xml;charset=UTF-8"),
)


@dataclass(slots=True, frozen=True)
class Result:
    """What one bodyContent came to.

    Attributes:
        module: contract module of the operation; None when none was reached.
        type_name: xsi:type of the answer with prefix, such as `meet:getMeetingResponse`.
        inner: the encoded children of the answer's bodyContent.
        fault: set instead of the other two on failure.
    """

    module: str | None
    type_name: str = ""
    inner: str = ""
    fault: Fault | None = None


def write_answer(results: list[Result]) -> bytes:
    """The whole document for the results of one message, one response and one bodyContent for each, in order."""
    first = results[0]
    if len(results) == 1:
        start = _start(first.module if first.fault is None or first.fault.module else None)
        response = _SUCCESS if first.fault is None else _failure(first.fault)
        text = f"{start}{response}</serv:header><serv:body>{_content(first)}{_TAIL}"
    else:
        start = _start_of_many(tuple(dict.fromkeys(result.module for result in results)))
        responses = "".join(_SUCCESS if r.fault is None else _failure(r.fault) for r in results)
        text = f"{start}{responses}</serv:header><serv:body>{''.join(map(_content, results))}{_TAIL}"
    if first.module in _LATIN_MODULES:
        return text.encode("ascii", "xmlcharrefreplace")
    return text.encode("utf-8", "xmlcharrefreplace")


def _content(result: Result) -> str:
    if result.fault is not None:
        return _EMPTY_CONTENT
    if result.inner:
        return f'<serv:bodyContent xsi:type="{result.type_name}"{_XSI}>{result.inner}</serv:bodyContent>'
    return f'<serv:bodyContent xsi:type="{result.type_name}"{_XSI}/>'


def _failure(fault: Fault) -> str:
    parts = [
        "<serv:response><serv:result>FAILURE</serv:result>",
        f"<serv:reason>{escape(fault.reason)}</serv:reason>",
        f"<serv:gsbStatus>PRIMARY</serv:gsbStatus><serv:exceptionID>{fault.code}</serv:exceptionID>",
    ]
    if fault.sub_errors:
        parts.append("<serv:subErrors>")
        for sub in fault.sub_errors:
            value = "" if sub.value is None else f"<serv:value>{escape(sub.value)}</serv:value>"
            parts.append(
                f"<serv:subError><serv:exceptionID>{sub.code}</serv:exceptionID>"
                f"<serv:reason>{escape(sub.reason)}</serv:reason>{value}</serv:subError>"
            )
        parts.append("</serv:subErrors>")
    if fault.value is not None:
        parts.append(f"<serv:value>{escape(fault.value)}</serv:value>")
    parts.append("</serv:response>")
    return "".join(parts)


def _start(module: str | None) -> str:
    return _STARTS[module]


def _start_of_many(modules: tuple[str | None, ...]) -> str:
    prefixes = dict.fromkeys(prefix for module in modules for prefix in _DECLARED.get(module or "", ()))
    return _write_start(tuple(prefixes), latin=modules[0] in _LATIN_MODULES)


def _write_start(prefixes: tuple[str, ...], *, latin: bool) -> str:
    namespaces = {schema.prefix: schema.namespace for schema in SCHEMAS}
    declarations = "".join(f' xmlns:{p}="{namespaces[p]}"' for p in ("serv", "com", *prefixes))
    encoding = "ISO-8859-1" if latin else "UTF-8"
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<serv:message{declarations}><serv:header>'


_STARTS: Final[dict[str | None, str]] = {
    None: _write_start((), latin=False),
    **{module: _write_start(prefixes, latin=module in _LATIN_MODULES) for module, prefixes in _DECLARED.items()},
}
