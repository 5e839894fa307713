"""The XML endpoint as a bare ASGI application: a document in, a document out, always with status 200.

Documents come as raw bodies under any content type, as the field XML of a form, or in the query of a GET; form fields
UID, PWD, SID and PID carry credentials in old clients.
Sources: facts/protocol.md "HTTP", facts/clients.md 11-14, facts/holes.md "Protocol facts found on the way".
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from time import perf_counter
from typing import Any, Final
from urllib.parse import parse_qs, unquote_to_bytes

from parley.protocol import faults
from parley.protocol.answer import HEADERS, Result, write_answer
from parley.protocol.faults import Fault
from parley.seeing import asked as asking
from parley.services.application import Application
from parley.services.dispatcher import FormCredentials, answer_document
from parley.services.staging import Stage

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PATH: Final = re.compile(r"/WBXService/(?:xml[0-9.]{1,12}/)?XMLService/?", re.IGNORECASE)
_FORM_FIELD: Final = re.compile(rb"(?:^|&)XML=", re.IGNORECASE)
#: Longest form part in front of the document: user, password, site and partner.
_MAX_FORM_HEAD: Final = 4096
#: Bytes beyond the size limit that are read and thrown away.
_MAX_DISCARDED: Final = 64_000_000


def is_xml_path(path: str) -> bool:
    """Whether a request for this path is for the XML endpoint; versioned paths are aliases."""
    return path == "/WBXService/XMLService" or _PATH.fullmatch(path) is not None


class XmlEndpoint:
    """The ASGI application of the XML endpoint."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._limit = application.config.max_request_bytes
        self._seconds = application.config.max_body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        close = False
        try:
            method = scope["method"]
            if method == "GET":
                document, form = _from_query(scope["query_string"])
            elif method == "POST":
                document, form = _from_body(await self._read_body(scope, receive))
            else:
                await _send_plain(send, 405, b"POST a document to this address\n", (b"allow", b"GET, POST"))
                return
            if self._application.stage is None:
                body = await answer_document(self._application, document, form, scope)
            else:
                body = await _staged(self._application, self._application.stage, document, form, scope)
        except Fault as fault:
            close = True
            if (asked := asking.current()) is not None:
                asked.code = fault.code
            body = write_answer([Result(None, fault=fault)])
        except ConnectionError:
            return  # nobody is left to answer
        headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
        if close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            message = await _before(deadline, receive())
            body: bytes = message.get("body", b"")
            if message["type"] == "http.disconnect":
                raise ConnectionError
            if message.get("more_body", False):
                async with asyncio.timeout_at(deadline):
                    return await self._read_rest(body, receive)
        except TimeoutError:
            raise faults.TOO_SLOW(seconds=self._seconds) from None
        if len(body) > self._limit:
            raise faults.TOO_LARGE(limit=self._limit)
        return body

    async def _read_rest(self, first: bytes, receive: Receive) -> bytes:
        parts, size, more = [first], len(first), True
        while more:
            if size > self._limit:
                # A client that is still sending would lose its answer, so read on, but keep nothing.
                parts.clear()
                if size > self._limit + _MAX_DISCARDED:
                    break
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            part = message.get("body", b"")
            more = message.get("more_body", False)
            parts.append(part)
            size += len(part)
        if size > self._limit:
            raise faults.TOO_LARGE(limit=self._limit)
        return b"".join(parts)


class _Rest:
    """Goes on with an awaitable that was begun: `steps` is its iterator, `first` what it waits for."""

    def __init__(self, steps: Generator[Any, Any, Any], first: Any) -> None:
        self._steps = steps
        self._first = first

    def __await__(self) -> Generator[Any, Any, Any]:
        waited_for = self._first
        try:
            while True:
                try:
                    got = yield waited_for
                except BaseException as error:  # a cancellation belongs to whoever waits
                    waited_for = self._steps.throw(error)
                else:
                    waited_for = self._steps.send(got)
        except StopIteration as done:
            return done.value


async def _before(deadline: float, awaitable: Awaitable[MutableMapping[str, Any]]) -> MutableMapping[str, Any]:
    """The result of an awaitable, or TimeoutError at a time of the event loop.

    A result that is there already costs no timer: nearly every document arrives together with its head.
    """
    steps = awaitable.__await__()
    try:
        first = steps.send(None)
    except StopIteration as done:
        message: MutableMapping[str, Any] = done.value
        return message
    async with asyncio.timeout_at(deadline):
        rest: MutableMapping[str, Any] = await _Rest(steps, first)
    return rest


def _from_query(query: bytes) -> tuple[bytes, FormCredentials | None]:
    return _from_form(query) if _FORM_FIELD.search(query) else (b"", None)


def _from_body(body: bytes) -> tuple[bytes, FormCredentials | None]:
    """The document of a POST body: the body itself, unless it is a form with a field XML."""
    if body[:1] == b"<":
        return body, None
    start = body[:_MAX_FORM_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<" or not _FORM_FIELD.search(start):
        return body, None
    return _from_form(body)


def _from_form(form: bytes) -> tuple[bytes, FormCredentials | None]:
    match = _FORM_FIELD.search(form)
    if match is None:
        return b"", None
    rest = form[match.end() :]
    head = form[: match.start()]
    if rest.lstrip()[:1] == b"<":  # an old client sends the document as it is
        document, tail = rest, b""
    else:
        encoded, _, tail = rest.partition(b"&")
        document = unquote_to_bytes(encoded.replace(b"+", b" "))
    fields = parse_qs((head + b"&" + tail[:_MAX_FORM_HEAD]).decode("utf-8", "replace"))
    # XML cannot hold a NUL, so what follows does not expect one.
    values = {name.strip().upper(): found[-1].strip().replace("\0", "\ufffd") for name, found in fields.items()}
    return document, FormCredentials(values.get("UID"), values.get("PWD"), values.get("SID"), values.get("PID"))


async def _staged(
    application: Application, stage: Stage, document: bytes, form: FormCredentials | None, scope: Scope
) -> bytes:
    """The answer to a document, of which tests and the inspector get to know."""
    begun = perf_counter()
    answer = await answer_document(application, document, form, scope)
    stage.answered(document, form, scope, answer, perf_counter() - begun)
    return answer


async def _send_plain(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    fixed = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})
