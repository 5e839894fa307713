"""Bringing files along, by the resumable protocol tus 1.0.0 (core, creation, termination).

A host who is signed in (see `web.visits`) makes an upload with its length and what it is to be called, sends the bytes
in as many requests as he likes, and after a break asks how many have come. `CSRF` is the value that the sign-in handed
out. What came before a break is kept; when all of it is there it is looked at and becomes a recording, and the upload
tells how that went.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.user import User
from parley.recordings import uploads
from parley.recordings.keeping import NewRecording, NotKept, TooLarge
from parley.recordings.probing import NotARecording
from parley.recordings.storage import StorageError, StorageFull
from parley.recordings.uploads import Busy, NoUpload, Upload, Writer
from parley.store import sessions
from parley.web.forms import check_sender, pieces_of
from parley.web.meeting_links import MeetingLinks
from parley.web.page_call import PageCall
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

VERSION: Final = "1.0.0"
_HEADERS: Final = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_KIND: Final = "application/offset+octet-stream"
_MEGABYTE: Final = 1024 * 1024
#: Bytes that are gathered before they are written.
_BLOCK: Final = _MEGABYTE
_LONGEST_METADATA: Final = 8_192
LONGEST_NAME: Final = 256
LONGEST_PASSWORD: Final = 64

_log = structlog.get_logger("parley.recordings")


class UploadPages:
    """The addresses of uploads below the address of a site."""

    def __init__(self, application: Application, links: MeetingLinks, visits: Visits) -> None:
        self._application = application
        self._links = links
        self._visits = visits
        self._completing: set[asyncio.Task[Upload]] = set()

    def routes(self) -> list[BaseRoute]:
        """The routes of uploads."""
        own = "/{site}/recordings/upload/{upload_id}"
        return [
            Route("/{site}/recordings/upload", self._options, methods=["OPTIONS"]),
            Route("/{site}/recordings/upload", self._for_host(self._create), methods=["POST"]),
            Route(own, self._options, methods=["OPTIONS"]),
            Route(own, self._for_host(self._tell), methods=["GET", "HEAD"]),
            Route(own, self._for_host(self._append), methods=["PATCH"]),
            Route(own, self._for_host(self._remove), methods=["DELETE"]),
        ]

    async def _options(self, request: Request) -> Response:
        most = self._application.config.max_recording_megabytes * _MEGABYTE
        return Response(
            status_code=204,
            headers={
                **_HEADERS,
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,termination",
                "Tus-Max-Size": str(most),
            },
        )

    def _for_host(
        self, handler: Callable[[PageCall, User], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """A handler for hosts who are signed in; what goes wrong is one line of text."""

        async def answer(request: Request) -> Response:
            return await self._links.answer_plainly(request, checked)

        async def checked(call: PageCall) -> Response:
            try:
                return await handler(call, self._host(call))
            except NoUpload:
                return _line(404, "There is no such upload.")
            except Busy:
                return _line(423, "Another request is sending to this upload.", {"Retry-After": "2"})
            except TooLarge as error:
                return _line(413, str(error))
            except (StorageFull, NotKept) as error:
                return _line(507, str(error))
            except NotARecording as error:
                return _line(415, str(error))
            except StorageError as error:
                _log.warning("upload_not_stored", reason=str(error))
                return _line(503, str(error), {"Retry-After": "60"})
            except _RefusedError as error:
                return _line(error.status, str(error), error.headers)

        return answer

    def _host(self, call: PageCall) -> User:
        """The host who calls.

        Raises:
            _RefusedError: it is none, or the request is not meant.
        """
        if call.user is None or call.visit is None:
            raise _RefusedError(401, "Sign in first.")
        if not call.user.host or call.user.attendee_only:
            raise _RefusedError(403, "Hosts upload recordings.")
        request = call.request
        if request.headers.get("tus-resumable") != VERSION and request.method != "GET":
            raise _RefusedError(412, "The protocol is tus 1.0.0.", {"Tus-Version": VERSION})
        if request.method not in ("GET", "HEAD"):
            try:
                check_sender(request)
            except HTTPException:
                raise _RefusedError(403, "This was sent by another site's page.") from None
            if request.headers.get("csrf") != self._visits.csrf(call.visit):
                raise _RefusedError(403, "The header CSRF has not the value of this sign-in.")
        return call.user

    async def _create(self, call: PageCall, user: User) -> Response:
        length = _number(call.request.headers.get("upload-length"), "Upload-Length")
        if not length:
            raise _RefusedError(400, "The file is empty.")
        new = await self._new(call, user, _metadata(call.request.headers.get("upload-metadata", "")))
        upload = await uploads.create(self._application, new, length)
        root = self._application.links.root(call.site.name)
        return Response(
            status_code=201, headers={**_HEADERS, "Location": f"{root}/recordings/upload/{upload.upload_id}"}
        )

    async def _new(self, call: PageCall, user: User, said: dict[str, str]) -> NewRecording:
        """What the recording is to be, by the metadata `filename`, `name`, `password` and `session`."""
        name = said.get("name", "").strip() or said.get("filename", "").rpartition(".")[0].strip() or "Recording"
        key = said.get("session", "").replace(" ", "")
        new = NewRecording(
            site_id=call.site.site_id,
            owner_id=user.user_id,
            creator_id=user.user_id,
            name=name[:LONGEST_NAME],
            created_at=self._application.clock.now(),
            time_zone_id=user.time_zone_id,
            password=said.get("password") or None,
        )
        if len(new.password or "") > LONGEST_PASSWORD:
            raise _RefusedError(400, f"A password has {LONGEST_PASSWORD} characters at most.")
        if key:
            session = None
            if key.isascii() and key.isdigit() and len(key) <= 18:
                session = await sessions.by_key(self._application.engine, call.site.site_id, int(key))
            if session is None or session.host_id != user.user_id:
                raise _RefusedError(400, "There is no such session of yours.")
            new.session_key, new.service = session.session_key, session.service
            new.time_zone_id = session.time_zone_id
        return new

    async def _find(self, call: PageCall, user: User) -> tuple[Upload, int]:
        name = call.request.path_params["upload_id"]
        return await asyncio.to_thread(uploads.find, self._application, name, call.site.site_id, user.user_id)

    async def _tell(self, call: PageCall, user: User) -> Response:
        """HEAD: how much has come; GET: what became of it too."""
        upload, offset = await self._find(call, user)
        headers = {**_HEADERS, "Upload-Offset": str(offset), "Upload-Length": str(upload.length)}
        if call.request.method == "HEAD":
            return Response(status_code=200, headers=headers)
        told = {"state": upload.state, "reason": upload.reason, "recordingID": upload.recording_id}
        return JSONResponse({"offset": offset, "length": upload.length, **told}, headers=headers)

    async def _append(self, call: PageCall, user: User) -> Response:
        request = call.request
        if request.headers.get("content-type") != _KIND:
            raise _RefusedError(415, f"The content type is {_KIND}.")
        begins = _number(request.headers.get("upload-offset"), "Upload-Offset")
        upload, _ = await self._find(call, user)
        writer = await asyncio.to_thread(Writer, self._application, upload)
        whole, broken = False, False
        try:
            if begins != writer.offset:
                raise _RefusedError(409, "Other bytes come next.", {"Upload-Offset": str(writer.offset)})
            whole = await _receive(request, writer, upload.length)
        except NotARecording:
            broken = True
            raise
        finally:
            await asyncio.shield(asyncio.to_thread(writer.close))
            if broken:
                await uploads.remove(self._application, upload)
        if whole and upload.state == "arriving":
            task = asyncio.create_task(uploads.complete(self._application, upload))
            self._completing.add(task)  # else nothing would hold on to it
            task.add_done_callback(self._completed)
        return Response(status_code=204, headers={**_HEADERS, "Upload-Offset": str(writer.offset)})

    def _completed(self, task: asyncio.Task[Upload]) -> None:
        self._completing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("upload_not_completed", exc_info=error)

    async def _remove(self, call: PageCall, user: User) -> Response:
        upload, _ = await self._find(call, user)
        await uploads.remove(self._application, upload)
        return Response(status_code=204, headers=_HEADERS)


class _RefusedError(Exception):
    """A request that is answered with a status and one line."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers


async def _receive(request: Request, writer: Writer, length: int) -> bool:
    """Append the body of a request; returns whether all of the file is there now.

    Raises:
        _RefusedError: more than the file has came, or nothing any more.
        StorageFull, NotARecording: see `Writer.write`.
    """
    gathered: list[bytes] = []
    size = 0
    try:
        async for part in pieces_of(request):
            if writer.offset + size + len(part) > length:
                raise _RefusedError(413, "More came than the file was said to have.")
            gathered.append(part)
            size += len(part)
            if size >= _BLOCK:
                block, gathered, size = b"".join(gathered), [], 0
                await asyncio.to_thread(writer.write, block)
    except (ClientDisconnect, TimeoutError):
        await asyncio.to_thread(writer.write, b"".join(gathered))
        raise _RefusedError(408, "The connection broke off; go on from where it did.") from None
    await asyncio.to_thread(writer.write, b"".join(gathered))
    return writer.offset == length


def _number(text: str | None, name: str) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise _RefusedError(400, f"The header {name} is missing, or is no number.")
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """What an upload says of itself: names and values in Base64, separated by commas; keys in lower case."""
    if len(text) > _LONGEST_METADATA:
        raise _RefusedError(400, "The header Upload-Metadata is too long.")
    found: dict[str, str] = {}
    for each in text.split(","):
        name, _, value = each.strip().partition(" ")
        try:
            said = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _RefusedError(400, "The header Upload-Metadata cannot be read.") from None
        found.setdefault(name.lower(), "".join(c for c in said if c.isprintable()))
    return found


def _line(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    more = {**_HEADERS, **(headers or {}), "Content-Type": "text/plain; charset=utf-8"}
    return Response(f"{text}\n", status, headers=more)
