"""What the page that records a room sends: numbered pieces, one after the other, while it records.

`POST /SITE/room/KEY/recording/ID/PART/NUMBER` with a piece as the body, `POST .../recording/ID/done` when all is sent;
both with the recorder's token of that page in `Authorization: Bearer`. Answers: 200 kept (or there already), 202 the
recording has not ended yet, 409 with the number that is expected, 410 the recording is over, 429 too fast, 507 no room.
Nothing but the folder of the recording is needed, so any process of this machine can take a piece.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.recording import State
from parley.domain.user import User
from parley.recordings.arriving import LATE, MOST_PIECE, About, Arriving, Refusal, path_of
from parley.recordings.storage import arriving_folder
from parley.rooms.limits import Addresses
from parley.rooms.tokens import Recorder, Signer
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.store import recordings
from parley.web.forms import body_of, check_sender
from parley.web.meeting_links import MeetingLinks

_BODY_SECONDS: Final = 60.0
#: Pieces of one recording at once, and a second.
_BURST, _RATE = 90.0, 4.0
#: Bytes of one recording: at the beginning, and for each second since. A page sends about a fifth of that.
_FIRST_BYTES, _BYTES = 32_000_000, 1_250_000
#: Bytes on the disk that are left to others.
_LEFT: Final = 128 * 1024 * 1024
_NO_STORE: Final = {"Cache-Control": "no-store"}
_log = structlog.get_logger("parley.web")


class RecordingUpload:
    """Takes the pieces."""

    def __init__(self, application: Application, links: MeetingLinks, signer: Signer) -> None:
        self._application = application
        self._links = links
        self._signer = signer
        self._root = arriving_folder(application.config)
        self._rates = Addresses(_BURST, _RATE)
        self._sizes: dict[tuple[int, int], int] = {}

    def routes(self) -> list[BaseRoute]:
        """The routes of pieces."""
        return [
            Route("/{site}/room/{key:int}/recording/{recording:int}/done", self._end, methods=["POST"]),
            Route(
                "/{site}/room/{key:int}/recording/{recording:int}/{part:int}/{number:int}",
                self._send,
                methods=["POST"],
            ),
        ]

    async def _send(self, request: Request) -> Response:
        check_sender(request)
        return await self._links.below_site(request, self._take)

    async def _end(self, request: Request) -> Response:
        check_sender(request)
        return await self._links.below_site(request, self._done)

    async def _take(self, request: Request, known: KnownSite, user: User | None) -> Response:
        """Keep a piece."""
        folder, about = await self._recording(request, known)
        part, number = request.path_params["part"], request.path_params["number"]
        if part >= len(about.parts) or about.parts[part].by != "browser":
            raise HTTPException(404)
        data = await _body(request)
        await self._check_size(folder, about, len(data))
        try:
            fresh = await asyncio.to_thread(folder.put, part, number, data)
        except Refusal as refusal:
            if refusal.reason == "size":
                raise HTTPException(413) from None
            return JSONResponse({"next": refusal.next_piece}, 409, _NO_STORE)
        except FileNotFoundError:  # it was finished just now
            raise HTTPException(410) from None
        except OSError as error:
            _log.warning("piece_not_kept", recording_id=about.recording_id, reason=str(error))
            raise HTTPException(507) from None
        if fresh:
            self._sizes[about.site_id, about.recording_id] += len(data)
        return JSONResponse({"next": number + 1}, 200, _NO_STORE)

    async def _done(self, request: Request, known: KnownSite, user: User | None) -> Response:
        """Note that all has been sent."""
        folder, about = await self._recording(request, known)
        if about.ended_at is None:
            return JSONResponse({}, 202, _NO_STORE)
        await asyncio.to_thread(folder.finish)
        self._sizes.pop((about.site_id, about.recording_id), None)
        return JSONResponse({}, 200, _NO_STORE)

    async def _recording(self, request: Request, known: KnownSite) -> tuple[Arriving, About]:
        """The recording that a request is for.

        Raises:
            HTTPException: 403 the token is not for it, 410 it is over, 429 too fast, 503 it is on another machine.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        now = self._application.clock.now()
        token = self._signer.read(text.strip(), Recorder, now) if scheme.lower() == "bearer" else None
        wanted = (known.site.site_id, request.path_params["key"], request.path_params["recording"])
        if token is None or (token.site_id, token.session_key, token.recording_id) != wanted:
            raise HTTPException(403)
        if not self._rates.take(f"{token.site_id}-{token.recording_id}", time.monotonic()):
            raise HTTPException(429, headers={"Retry-After": "2"})
        folder = Arriving(path_of(self._root, token.site_id, token.recording_id))
        about = await asyncio.to_thread(folder.about)
        if about is None:
            # Another machine on the same database may have it: the page tries again, until it gets there.
            row = await recordings.by_id(self._application.engine, token.site_id, token.recording_id)
            elsewhere = row is not None and row.state is State.ARRIVING
            raise HTTPException(503, headers={"Retry-After": "1"}) if elsewhere else HTTPException(410)
        if about.session_key != token.session_key or about.stay_id != token.stay_id:
            raise HTTPException(403)
        late = about.ended_at is not None and now - about.ended_at / 1000 > LATE
        if late or await asyncio.to_thread(lambda: folder.finished):
            raise HTTPException(410)
        return folder, about

    async def _check_size(self, folder: Arriving, about: About, size: int) -> None:
        """Raises: HTTPException: 413 more came than a page records in that time, 507 the disk is full."""
        key = (about.site_id, about.recording_id)
        if key not in self._sizes:
            if len(self._sizes) > 10_000:
                self._sizes.clear()
            self._sizes[key] = await asyncio.to_thread(folder.size)
        total = self._sizes[key] + size
        seconds = max(0, self._application.clock.now() - about.started_at // 1000)
        most = self._application.config.max_recording_megabytes * 1_000_000
        if total > min(_FIRST_BYTES + seconds * _BYTES, most):
            _log.warning("recording_too_large", recording_id=about.recording_id, size=total)
            raise HTTPException(413)
        if (await asyncio.to_thread(shutil.disk_usage, self._root)).free < _LEFT + size:
            raise HTTPException(507)


async def _body(request: Request) -> bytes:
    """Raises: HTTPException: 413 and 408 for what is too long or too slow, 400 for nothing."""
    data = await body_of(request, MOST_PIECE, _BODY_SECONDS)
    if not data:
        raise HTTPException(400)
    return data
