"""Requests by the thousand: they go to the application on the server's own event loop, only the socket is left out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

from lxml import etree

from parley.protocol.credentials import GuessBrake
from tests.client import Client
from tests.server import PASSWORD, Server, TestSite

_AT_ONCE: Final = 200
#: What browsers say of a form of the same site.
OWN: Final = {"sec-fetch-site": "same-origin"}
_RESULT: Final = re.compile(rb"<serv:result>(\w+)</serv:result>")
_CODE: Final = re.compile(rb"<serv:exceptionID>([^<]*)</serv:exceptionID>")
_REASON: Final = re.compile(rb"<serv:reason>([^<]*)</serv:reason>")


@dataclass(slots=True)
class Reply:
    """What came back.

    Attributes:
        raised: what the application raised meanwhile; a server logs that as an error.
    """

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    raised: str = ""

    def header(self, name: str) -> str:
        """The first header of a name, empty without one."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def kind(self) -> str:
        """The media type."""
        return self.header("content-type").partition(";")[0]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def result(self) -> str:
        """SUCCESS or FAILURE of an answer of the API; the first of several."""
        found = _RESULT.search(self.body)
        return found[1].decode() if found else ""

    @property
    def code(self) -> str:
        """The exceptionID of an answer of the API; empty without one."""
        found = _CODE.search(self.body)
        return found[1].decode() if found else ""

    @property
    def reason(self) -> str:
        """The reason of an answer of the API."""
        found = _REASON.search(self.body)
        return found[1].decode() if found else ""

    def values(self, name: str) -> list[str]:
        """The texts of all elements of a local name, in the order of the document."""
        root = etree.fromstring(self.body)
        return [each.text or "" for each in root.iter() if etree.QName(each).localname == name]


class Wire:
    """Sends requests to a server.

    Guesses are slowed down by the server, which is shown elsewhere; here each request begins with a clean record, and
    comes from an address of its own.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._callers = (f"10.{each >> 16 & 255}.{each >> 8 & 255}.{each & 255}" for each in itertools.count())

    def documents(self, documents: Sequence[bytes]) -> list[Reply]:
        """Answers to documents, one after the other."""
        kind = {"content-type": "text/xml"}
        return self.requests([("POST", "/WBXService/XMLService", kind, each) for each in documents])

    def requests(self, requests: Sequence[tuple[str, str, Mapping[str, str], bytes]]) -> list[Reply]:
        """Answers to requests (method, address, headers, body), one after the other."""
        found: list[Reply] = []
        for start in range(0, len(requests), _AT_ONCE):
            found += self.server.run(self._all(requests[start : start + _AT_ONCE]))
        return found

    async def _all(self, requests: Iterable[tuple[str, str, Mapping[str, str], bytes]]) -> list[Reply]:
        found = []
        for method, address, headers, body in requests:
            self.server.application.brake = GuessBrake()
            found.append(await self._one(method, address, headers, body))
        return found

    async def _one(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Reply:
        path, _, query = address.partition("?")
        host = urlsplit(self.server.url).netloc
        given = {"host": host, "content-length": str(len(body)), **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path, errors="replace"),
            "raw_path": path.encode("ascii", "replace"),
            "root_path": "",
            "query_string": query.encode("ascii", "replace"),
            "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in given.items()],
            "client": (next(self._callers), 40_000),
            "server": ("127.0.0.1", self.server.config.port),
        }
        reply = Reply()
        given_out = False

        async def receive() -> dict[str, Any]:
            nonlocal given_out
            if given_out:
                return {"type": "http.disconnect"}
            given_out = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in message["headers"]]
            elif message["type"] == "http.response.body":
                reply.body += message.get("body", b"")

        try:
            await self.server.app(scope, receive, send)
        except Exception as error:
            reply.raised = repr(error)
        return reply


class Visitor:
    """Somebody with a browser: cookies of one site, and the secret of the forms."""

    def __init__(self, wire: Wire, site: TestSite, web_ex_id: str | None = None) -> None:
        self.wire = wire
        self.site = site
        self.web_ex_id = web_ex_id
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        if web_ex_id is not None:
            self._sign_in(web_ex_id)

    def _sign_in(self, web_ex_id: str) -> None:
        path = f"/{self.site.name}/console/sign-in"
        self.keep(self.wire.requests([self.request("GET", path)])[0])
        form = {"NAME": web_ex_id, "PASSWORD": PASSWORD}
        self.keep(self.wire.requests([self.request("POST", path, form)])[0])
        assert "ticket" in self.cookies, web_ex_id
        page = self.wire.requests([self.request("GET", f"/{self.site.name}/console/profile")])[0].text
        found = re.search(r'name="CSRF" value="([^"]+)"', page)
        assert found is not None, page
        self.csrf = found[1]

    def keep(self, reply: Reply) -> None:
        """Keep the cookies of an answer."""
        for name, value in reply.headers:
            if name == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value

    def request(
        self, method: str, address: str, form: Mapping[str, str] | None = None
    ) -> tuple[str, str, dict[str, str], bytes]:
        """A request as the browser sends it; `address` without the server."""
        headers = {"accept": "text/html,*/*;q=0.8", "accept-language": "en", **OWN}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = b""
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(form, errors="replace").encode()
        return method, address, headers, body

    def get(self, addresses: Sequence[str]) -> list[Reply]:
        """The answers of addresses."""
        return self.wire.requests([self.request("GET", each) for each in addresses])

    def post(self, forms: Sequence[tuple[str, Mapping[str, str]]]) -> list[Reply]:
        """The answers to forms, sent with the secret of this visit."""
        return self.wire.requests([self.request("POST", at, {**form, "CSRF": self.csrf}) for at, form in forms])


def document(client: Client, operation: str, body: etree._Element) -> bytes:
    """The document of an operation with the children of `body` as its content."""
    inner = "".join(etree.tostring(each, encoding="unicode") for each in body)
    return client.document(operation, inner).encode()
