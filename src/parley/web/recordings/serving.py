"""A stored file as an answer: whole or in part (Range), as RFC 9110 has it.

A file on this machine is read with what the system has of it in memory, without a thread where it has all; that is as
quick as copying from the disk can be. Memory holds a piece of each answer, whatever its length.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from parley.domain.recording import Recording
from parley.recordings.storage import FileMissing, Storage, StorageError
from parley.web.render import PRIVATE, SAFETY

#: Bytes read and handed on at a time.
PIECE: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.ASCII)
#: Letters of a file name that every system takes.
_PLAIN: Final = re.compile(r"[^A-Za-z0-9._ -]+")
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST_NAME: Final = 120
#: Reading only what is in memory is known on Linux; elsewhere every piece takes a thread.
_NOWAIT: Final[int] = getattr(os, "RWF_NOWAIT", 0)

_log = structlog.get_logger("parley.recordings")


class Extent(NamedTuple):
    """The part of a file that is wanted: from `start` up to and without `stop`."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """A range that the file does not have."""


def wanted(header: str | None, size: int) -> Extent | None:
    """The part that a Range header asks for; None: the whole file, also for headers that are to be ignored.

    Raises:
        Unsatisfiable: it begins behind the end.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        last = int(found[2])
        if not last or not size:
            raise Unsatisfiable
        return Extent(max(size - last, 0), size)
    start, end = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Extent(start, min(end + 1, size))


def file_name(row: Recording) -> str:
    """The name of a recording's file for people who save it."""
    suffix = (row.file_key or "").rpartition(".")[2] or row.format.lower()
    stem = " ".join(_UNSAFE.sub(" ", row.name).split()).strip(" .")[:_LONGEST_NAME].strip(" .") or "recording"
    return f"{stem}.{suffix}"


def tag_of(row: Recording) -> str:
    """The ETag of a recording's file; another file has another key."""
    return f'"{(row.file_key or "").rpartition("/")[2].partition(".")[0]}"'


async def stored_file(request: Request, storage: Storage, row: Recording, *, attachment: bool) -> Response:
    """The file of a recording as this request wants it.

    Args:
        attachment: to be saved rather than shown.

    Raises:
        FileMissing, StorageUnavailable: there is nothing to answer with.
    """
    key, tag = row.file_key, tag_of(row)
    size = await storage.size(key) if key is not None else None
    if key is None or size is None:
        raise FileMissing(f"the file of recording {row.recording_id} is not there")
    headers = {
        **SAFETY,
        **PRIVATE,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Content-Disposition": _disposition(file_name(row), attachment),
    }
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    header = request.headers.get("range")
    if request.headers.get("if-range", tag) != tag:
        header = None
    try:
        part = wanted(header, size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    extent = part or Extent(0, size)
    headers |= {"Content-Type": row.media_type, "Content-Length": str(extent.stop - extent.start)}
    if part is not None:
        headers["Content-Range"] = f"bytes {extent.start}-{extent.stop - 1}/{size}"
    return _FileAnswer(storage, key, extent, 206 if part is not None else 200, headers)


def _matches(header: str | None, tag: str) -> bool:
    return header is not None and any(each.strip().removeprefix("W/") in (tag, "*") for each in header.split(","))


def _disposition(name: str, attachment: bool) -> str:
    plain = _PLAIN.sub("_", name)
    return f"{'attachment' if attachment else 'inline'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class _FileAnswer(Response):
    """Part of a stored file."""

    def __init__(self, storage: Storage, key: str, extent: Extent, status: int, headers: dict[str, str]) -> None:
        super().__init__(status_code=status, headers=headers)
        self._storage = storage
        self._key = key
        self._extent = extent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; when it cannot be read any further the connection is broken off, so that nobody takes it for all."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            gone = asyncio.create_task(left(receive))
            try:
                async with contextlib.aclosing(stored_pieces(self._storage, self._key, self._extent)) as pieces:
                    async for piece in pieces:
                        if gone.done():
                            return
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
            except StorageError as error:
                _log.warning("recording_broken_off", key=self._key, reason=str(error))
                return
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def left(receive: Receive) -> None:
    """Wait until whoever asked is not there any more: the rest would be read for nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def stored_pieces(
    storage: Storage, key: str, extent: Extent
) -> AsyncGenerator[bytes | memoryview | bytearray, None]:
    """The bytes of a part of a stored file, as quickly as the store has them.

    Raises:
        StorageError: it cannot be read any further.
    """
    start, stop = extent
    path = storage.local_path(key)
    if path is None:
        async for piece in storage.read(key, start, stop):
            yield piece
        return
    async for local in _local_pieces(path, start, stop):
        yield local


async def _local_pieces(path: Path, start: int, stop: int) -> AsyncIterator[memoryview | bytearray]:
    try:
        descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise FileMissing(f"the file cannot be opened: {error.strerror}") from None
    try:
        while start < stop:
            piece = bytearray(min(PIECE, stop - start))
            count = await _read(descriptor, piece, start)
            if not count:
                raise FileMissing("the file is shorter than it was")
            start += count
            yield piece if count == len(piece) else memoryview(piece)[:count]
    finally:
        os.close(descriptor)


async def _read(descriptor: int, piece: bytearray, start: int) -> int:
    """Fill a piece: at once with what is in memory, from the disk without holding anybody up."""
    if _NOWAIT:
        with contextlib.suppress(OSError):  # not in memory, or the file system cannot tell
            count = os.preadv(descriptor, [piece], start, _NOWAIT)
            if count:
                return count
    try:
        return await asyncio.to_thread(os.preadv, descriptor, [piece], start)
    except OSError as error:
        raise FileMissing(f"the file cannot be read: {error.strerror}") from None
