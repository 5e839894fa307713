"""What goes around every HTTP request: its id, its figures, its line in the log, its span.

The id is in the answer's header `X-Request-Id`. The line of the log names the pattern of the address, not the address:
what stands in links is secret in part.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from parley.seeing import tracing
from parley.seeing.asked import HEADER, Asked, begin
from parley.web import logs
from parley.web.health import PATHS
from parley.web.xml_endpoint import Receive, Scope, Send, is_xml_path

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from parley.config import Config
    from parley.web.metrics import RequestCounts

_Answering = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Addresses that are asked for all the time by machines; only their failures are told.
_QUIET: Final = PATHS | {"/metrics", "/static"}
_XML: Final = "/WBXService/XMLService"
_CONSOLE: Final = "/console/"
_FAILED: Final = 400
_DEFECT: Final = 500


class _Sending:
    """Hands an answer on with the id in its head, and notes its status and size."""

    __slots__ = ("_asked", "_send", "size", "status")

    def __init__(self, send: Send, asked: Asked) -> None:
        self._send = send
        self._asked = asked
        self.status = 0
        self.size = 0

    def __call__(self, message: MutableMapping[str, Any]) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (HEADER, self._asked.request_id.encode("ascii"))]
        elif kind == "http.response.body":
            self.size += len(message.get("body", b""))
        return self._send(message)


class Seen:
    """Answers requests by handing them on, and sees to it that they are told of."""

    def __init__(self, config: Config, counts: RequestCounts) -> None:
        self._believe_front = config.trust_proxy
        self._which = config.log_requests
        self._counts = counts
        self._routes: dict[Any, tuple[str, str]] = {}

    def know(self, routes: Iterable[BaseRoute]) -> None:
        """Remember which part of the server answers at which pattern of addresses."""
        for route in routes:
            endpoint = getattr(route, "endpoint", None)
            path = str(getattr(route, "path", ""))
            if endpoint is not None:
                self._routes[endpoint] = (_part(endpoint), path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, answer: _Answering) -> None:
        """Have one request answered."""
        begun = perf_counter()
        asked = begin(scope, believe_front=self._believe_front)
        if _CONSOLE in scope["path"]:
            asked.channel = "CONSOLE"
        sending = _Sending(send, asked)
        self._counts.begin()
        try:
            if tracing.tracer is None:
                await answer(scope, receive, sending)
            else:
                with tracing.request(asked, scope, believe_front=self._believe_front):
                    try:
                        await answer(scope, receive, sending)
                    finally:
                        self._find_route(scope, asked)
        finally:
            self._counts.end()
            self._tell(scope, asked, sending, perf_counter() - begun)

    async def socket(self, scope: Scope, receive: Receive, send: Send, answer: _Answering) -> None:
        """Have a socket looked after: what is logged meanwhile has its id."""
        begin(scope, believe_front=self._believe_front)
        await answer(scope, receive, send)

    def _find_route(self, scope: Scope, asked: Asked) -> None:
        if asked.route is not None:
            return
        if is_xml_path(scope["path"]):
            asked.route = _XML
            return
        if scope["path"] in PATHS:
            asked.page, asked.route = "health", scope["path"]
            return
        asked.page, asked.route = self._routes.get(scope.get("endpoint"), ("none", None))
        if scope["path"].startswith("/static/"):
            asked.page, asked.route = "static", "/static"

    def _tell(self, scope: Scope, asked: Asked, sending: _Sending, seconds: float) -> None:
        self._find_route(scope, asked)
        if asked.page is not None:
            self._counts.page(asked.page, sending.status or _DEFECT, seconds)
        write = logs.request_line
        if write is None or self._which == "none":
            return
        failed = asked.code is not None or not 0 < sending.status < _FAILED
        if not failed and (self._which == "failed" or asked.route in _QUIET):
            return
        write(
            asked,
            method=scope["method"],
            status=sending.status,
            seconds=seconds,
            size=sending.size,
            client=(scope.get("client") or ("local",))[0],
        )


def _part(endpoint: Any) -> str:
    """Which part of the server it is, by its module: `parley.web.console.sessions` is `console`."""
    while hasattr(endpoint, "func"):
        endpoint = endpoint.func
    module = str(getattr(endpoint, "__module__", "") or "")
    below = module.removeprefix("parley.web.").split(".", 1)[0]
    return below if below.isidentifier() else "other"
