"""How clients write their documents and send them: the forms of facts/clients.md 1-14, one by one.

A dialect makes a request of its parts: from a `Request` the document's text, and from this what goes over the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

Elements = Sequence[tuple[str, Union[str, "Elements"]]]

SERVICE = "http://www.webex.com/schemas/2002/06/service"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PATH = "/WBXService/XMLService"
#: Prefix and namespace of each module whose operations the program calls.
PREFIXES = {
    "meeting": "meet",
    "user": "use",
    "site": "site",
    "meetingtype": "mtgtype",
    "attendee": "att",
    "event": "event",
    "ep": "ep",
}


@dataclass(frozen=True)
class Request:
    """One call before it is written down.

    Attributes:
        operation: module and name, such as `meeting.GetMeeting`.
        user: webExID of the caller; empty for somebody who does not sign in.
        proof: name and value of the element that proves the user: password or sessionTicket.
        site: the elements that name the site.
    """

    operation: str
    user: str
    proof: tuple[str, str]
    site: dict[str, str]
    content: Elements

    @property
    def context(self) -> Elements:
        """The elements of securityContext."""
        caller = [("webExID", self.user), self.proof] if self.user else []
        return [*caller, *self.site.items()]

    @property
    def module(self) -> str:
        """The operation's module."""
        return self.operation.partition(".")[0]

    @property
    def java_type(self) -> str:
        """The usual xsi:type."""
        return f"java:com.webex.service.binding.{self.operation}"

    @property
    def schema_type(self) -> str:
        """The type's name in the schema, with the prefix of its module."""
        name = self.operation.partition(".")[2]
        return f"{PREFIXES[self.module]}:{name[0].lower()}{name[1:]}"


Wire = tuple[str, str, dict[str, str], bytes]
"""Method, path, header fields and body of an HTTP request."""


@dataclass(frozen=True)
class Dialect:
    """A way to write documents and a way to send them."""

    write: Callable[[Request], str]
    send: Callable[[str, Request], Wire]

    def request(self, request: Request) -> Wire:
        """The HTTP request for a call."""
        return self.send(self.write(request), request)


# --- elements --------------------------------------------------------------------------------------------------------


def plain(elements: Elements) -> str:
    """Elements without prefix, in the order given."""
    return "".join(
        f"<{name}>{escape(value) if isinstance(value, str) else plain(value)}</{name}>" for name, value in elements
    )


def backwards(elements: Elements) -> Elements:
    """The same elements in the opposite order, on every level."""
    return [(name, value if isinstance(value, str) else backwards(value)) for name, value in reversed(elements)]


def prefixed(prefix: str, elements: Elements) -> str:
    """Elements that all have this prefix."""
    return "".join(
        f"<{prefix}:{name}>{escape(value) if isinstance(value, str) else prefixed(prefix, value)}</{prefix}:{name}>"
        for name, value in elements
    )


def indented(elements: Elements, depth: int = 4) -> str:
    """Elements on lines of their own, also the texts inside of those that hold a name or agenda; CRLF ends lines."""
    lines = []
    blanks = "\r\n" + "  " * depth
    for name, value in elements:
        if not isinstance(value, str):
            inner = indented(value, depth + 1) + blanks
        elif name in ("agenda", "confName"):
            inner = f"{blanks}  {escape(value)}{blanks}"
        else:
            inner = escape(value)
        lines.append(f"{blanks}<{name}\t>{inner}</{name} >")
    return "".join(lines)


_EMPTY = {
    "meeting.CreateMeeting": (
        "<accessControl><listToPublic/><isPublic></isPublic></accessControl><repeat><dayInWeek/></repeat>"
        "<remind><emails/></remind><attendeeOptions></attendeeOptions><tracking/><validateFormat/>"
    ),
    "meeting.LstsummaryMeeting": "<meetingKey/><hostWebExID></hostWebExID>",
    "meeting.SetMeeting": "<telephony/><attendeeOptions></attendeeOptions><participants><attendees/></participants>",
    "meeting.GetjoinurlMeeting": "<attendeeEmail/><RegID></RegID>",
}


def with_empty_elements(request: Request) -> str:
    """The content with empty elements where values are optional; a group that is there already is filled up."""
    text = plain(request.content)
    for group, more in (
        ("schedule", "<openTime></openTime><timeZone/><hostWebExID/><showFileStartMode/>"),
        ("metaData", "<location/><invitation></invitation><sessionTemplate/>"),
        ("dateScope", "<startDateEnd/><endDateStart></endDateStart><endDateEnd/>"),
        ("enableOptions", "<voip/><notes></notes>"),
    ):
        text = text.replace(f"</{group}>", f"{more}</{group}>")
    extra = _EMPTY.get(request.operation, "")
    if "<accessControl>" in extra:
        inner, _, rest = extra.removeprefix("<accessControl>").partition("</accessControl>")
        text = text.replace("</accessControl>", f"{inner}</accessControl>")
        extra = rest
    return text + extra


# --- documents -------------------------------------------------------------------------------------------------------


def document(
    request: Request,
    *,
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>\r\n',
    root: str = "serv:message",
    namespaces: str = f' xmlns:serv="{SERVICE}" xmlns:xsi="{XSI}"',
    type_attribute: str | None = None,
    context: str | None = None,
    content: str | None = None,
) -> str:
    """A document in the usual form, but for what is said otherwise."""
    attribute = type_attribute or f'xsi:type="{request.java_type}"'
    return (
        f"{declaration}<{root}{namespaces}>"
        f"<header><securityContext>{plain(request.context) if context is None else context}</securityContext></header>"
        f"<body><bodyContent {attribute}>{plain(request.content) if content is None else content}</bodyContent></body>"
        f"</{root}>"
    )


def qualified(request: Request) -> str:
    """Every element in its namespace, with the prefix that answers have, and the schema's type name."""
    prefix = PREFIXES[request.module]
    names = "".join(
        f' xmlns:{short}="{SERVICE.removesuffix("service")}{path}"'
        for short, path in (("com", "common"), *((each, f"service/{name}") for name, each in PREFIXES.items()))
    )
    return (
        f'<?xml version="1.0"?><serv:message xmlns:serv="{SERVICE}" xmlns:xsi="{XSI}"{names}>'
        f"<serv:header><serv:securityContext>{prefixed('com', request.context)}</serv:securityContext></serv:header>"
        f'<serv:body><serv:bodyContent xsi:type="{request.schema_type}">{prefixed(prefix, request.content)}'
        "</serv:bodyContent></serv:body></serv:message>"
    )


def forum(request: Request) -> str:
    """The envelope in a default namespace, common and meeting elements prefixed."""
    prefix = PREFIXES[request.module]
    folder = "user" if request.module == "user" else "meeting"
    return (
        f'<message xmlns="{SERVICE}" xmlns:xsi="{XSI}" xmlns:com="{SERVICE.removesuffix("service")}common"'
        f' xmlns:{prefix}="{SERVICE}/{folder}" xsi:schemaLocation="{SERVICE}">'
        f"<header><securityContext>{prefixed('com', request.context)}</securityContext></header>"
        f'<body><bodyContent xsi:type="{request.schema_type}">{prefixed(prefix, request.content)}</bodyContent></body>'
        "</message>"
    )


def tidy(request: Request) -> str:
    """The form of most clients."""
    return document(request)


def _declared(declaration: str) -> Callable[[Request], str]:
    return lambda request: document(request, declaration=declaration)


def _rooted(namespaces: str, root: str = "serv:message") -> Callable[[Request], str]:
    return lambda request: document(request, namespaces=namespaces, root=root)


def _typed(attribute: Callable[[Request], str]) -> Callable[[Request], str]:
    return lambda request: document(request, type_attribute=attribute(request))


def _folded(name: str, choice: Callable[[str], str]) -> str:
    head, _, last = name.rpartition(".")
    return f"{head}.{choice(last)}"


_UNDECLARED = f' xmlns:xsi="{XSI}"'

WRITERS: dict[str, Callable[[Request], str]] = {
    "tidy": tidy,
    # 1
    "serv is not declared": _rooted(_UNDECLARED),
    "no prefix of the content is declared": lambda r: document(
        r, namespaces=_UNDECLARED, content=prefixed(PREFIXES[r.module], r.content), context=prefixed("com", r.context)
    ),
    "schemaLocation is no address": _rooted(
        f' xmlns:serv="{SERVICE}" xmlns:xsi="{XSI}" xmlns:schemaLocation="{SERVICE} service.xsd"'
    ),
    "namespace of another year": _rooted(
        f' xmlns:serv="http://www.webex.com/schemas/2009/05/service" xmlns:xsi="{XSI}"'
    ),
    # 3
    "message without namespaces": _rooted(_UNDECLARED, "message"),
    "ns0": _rooted(f' xmlns:ns0="{SERVICE}" xmlns:xsi="{XSI}"', "ns0:message"),
    "messageType": _rooted(f' xmlns:serv="{SERVICE}" xmlns:xsi="{XSI}"', "serv:messageType"),
    # 4
    "everything is qualified": qualified,
    "default namespace": forum,
    "qualified inside unqualified": lambda r: document(
        r, content=plain(r.content).replace("startFrom>", "serv:startFrom>").replace("email>", "com:email>")
    ),
    # 5
    "schema type": lambda r: document(
        r,
        type_attribute=f'xmlns:{PREFIXES[r.module]}="{SERVICE}/{PREFIXES[r.module]}" xsi:type="{r.schema_type}"',
    ),
    "schema type of an undeclared prefix": _typed(lambda r: f'xsi:type="{r.schema_type}"'),
    "module and operation": _typed(lambda r: f'xsi:type="{r.operation}"'),
    "small letters": _typed(lambda r: f'xsi:type="{_folded(r.java_type, str.lower)}"'),
    "capital letters": _typed(lambda r: f'xsi:type="{_folded(r.java_type, str.upper)}"'),
    "type in single quotes": _typed(lambda r: f"xsi:type = '{r.java_type}'"),
    "type on its own lines": _typed(lambda r: f'\r\n    xsi:type=\n"\n   {r.java_type}\n "\n'),
    # 6
    "white space in front": lambda r: "\r\n\n \t" + document(r),
    "byte order mark": lambda r: "\ufeff" + document(r),
    "no declaration": _declared(""),
    "blank in the declaration": _declared('<?xml version ="1.0"  encoding = "utf-8" ?>'),
    "indented with CRLF": lambda r: document(
        r, content=indented(r.content) + "\r\n", context=indented(r.context) + "\r\n"
    ),
    # 7; the third is sent in that encoding, see LATIN
    "ISO - 8859 - 1": _declared('<?xml version="1.0" encoding="ISO - 8859 - 1"?>'),
    "unknown encoding": _declared('<?xml version="1.0" encoding="UTF8-unicode"?>'),
    "ISO-8859-1": _declared('<?xml version="1.0" encoding="ISO-8859-1"?>'),
    # 8
    "empty elements": lambda r: document(r, content=with_empty_elements(r)),
    "other order": lambda r: document(r, content=plain(backwards(r.content)), context=plain(backwards(r.context))),
    "unknown elements of the context": lambda r: document(
        r,
        context=f"<webExUser>{escape(r.user)}</webExUser><returnAdditionalInfo>TRUE</returnAdditionalInfo>"
        + plain(r.context)
        + "<clientInfo><version>3</version></clientInfo>",
    ),
    # 9
    "the other letter case of the key": lambda r: document(
        r, content=plain(r.content).replace("meetingKey>", "meetingkey>").replace("sessionKey>", "meetingKey>")
    ),
}

#: Documents of these writers are sent in ISO-8859-1.
LATIN = frozenset({"ISO-8859-1", "ISO - 8859 - 1"})


# --- over the wire ---------------------------------------------------------------------------------------------------


def post(content_type: str | None, *, path: str = PATH, encoding: str = "utf-8") -> Callable[[str, Request], Wire]:
    """The document as the body of a POST, under a content type or none."""

    def send(text: str, _request: Request) -> Wire:
        body = text.encode(encoding)
        headers = {"Content-Length": str(len(body)), "User-Agent": "meeting program"}
        return "POST", path, headers | ({"Content-Type": content_type} if content_type else {}), body

    return send


def _form(body: bytes) -> Wire:
    headers = {"Content-Length": str(len(body)), "Content-Type": "application/x-www-form-urlencoded"}
    return "POST", PATH, headers, body


def form_with_credentials(text: str, request: Request) -> Wire:
    """A form with fields for user and site beside the document, ended by an ampersand."""
    password = request.proof[1] if request.proof[0] == "password" else ""
    fields = {"UID": request.user, "PWD": password, "SID": request.site.get("siteID", ""), "PID": ""}
    return _form(f"{urlencode(fields)}&XML={quote(text, safe='')}&".encode())


def form_with_bare_document(text: str, _request: Request) -> Wire:
    """A form whose field XML holds the document as it is, not encoded."""
    return _form(b"XML=" + text.encode())


def form_with_plus_signs(text: str, _request: Request) -> Wire:
    """A form as browsers encode it, with plus signs for blanks."""
    return _form(urlencode({"XML": text}).encode())


def query(text: str, _request: Request) -> Wire:
    """The document in the query of a GET."""
    return "GET", f"{PATH}?XML={quote(text, safe='')}", {}, b""


def chunked(text: str, _request: Request) -> Wire:
    """The document in pieces, of a length that is not told beforehand."""
    raw = text.encode()
    pieces = [raw[at : at + 97] for at in range(0, len(raw), 97)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return "POST", PATH, {"Transfer-Encoding": "chunked", "Content-Type": "text/xml"}, body


SENDERS: dict[str, Callable[[str, Request], Wire]] = {
    # 11
    "no content type": post(None),
    "text/xml": post("text/xml"),
    "content type without semicolon": post("text/xml charset=UTF-8"),
    "application/xml": post("application/xml; charset=utf-8"),
    "raw document called a form": post("application/x-www-form-urlencoded"),
    "misspelt form": post("application/x-www-rform-urlencoded"),
    "multipart that is none": post("multipart/form-data"),
    "chunked": chunked,
    # 12
    "form with credentials": form_with_credentials,
    "form with a bare document": form_with_bare_document,
    "form with plus signs": form_with_plus_signs,
    "query of a GET": query,
    "versioned path": post("text/xml", path="/WBXService/xml8.0.0/XMLService"),
    "path in small letters": post("text/xml", path="/wbxservice/xmlservice"),
}


def all_dialects() -> dict[str, Dialect]:
    """Every writer over a plain POST, and every sender with tidy documents."""
    dialects = {
        name: Dialect(write, post("text/xml", encoding="iso-8859-1" if name in LATIN else "utf-8"))
        for name, write in WRITERS.items()
    }
    return dialects | {name: Dialect(tidy, send) for name, send in SENDERS.items()}


TIDY = Dialect(tidy, post("text/xml"))
