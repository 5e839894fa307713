"""Answers with attachments: SOAP with attachments (multipart/related), sent piece by piece with a known length.

Many programs take the message apart at its blank lines, so each part has exactly one, after its head; the file is the
last part, and every attachment has a Content-Id, by which some name the file.
Source: facts/general-session.md 10 "downloadNBRStorageFile success".
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from parley.recordings.storage import Storage, StorageError
from parley.web.recordings.serving import PIECE, Extent, left, stored_pieces
from parley.web.render import PRIVATE

_log = structlog.get_logger("parley.recordings")


class Content(ABC):
    """What one attachment holds; `size` in bytes."""

    media_type: str = "application/octet-stream"
    size: int

    @abstractmethod
    def pieces(self) -> AsyncGenerator[bytes | memoryview | bytearray, None]:
        """The bytes."""

    def close(self) -> None:
        """Let go of what is held open."""
        return


class Words(Content):
    """A text."""

    media_type = "text/plain; charset=UTF-8"

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()
        self.size = len(self._bytes)

    async def pieces(self) -> AsyncGenerator[bytes | memoryview | bytearray, None]:
        """The bytes."""
        yield self._bytes


class StoredFile(Content):
    """A file in the store."""

    def __init__(self, storage: Storage, key: str, size: int) -> None:
        self._storage = storage
        self._key = key
        self.size = size

    def pieces(self) -> AsyncGenerator[bytes | memoryview | bytearray, None]:
        """The bytes.

        Raises:
            StorageError: it cannot be read any further.
        """
        return stored_pieces(self._storage, self._key, Extent(0, self.size))


class OpenFile(Content):
    """A file of this machine that nobody but the answer needs; open already, and without a name."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    async def pieces(self) -> AsyncGenerator[bytes | memoryview | bytearray, None]:
        """The bytes."""
        at = 0
        while at < self.size:
            piece = await asyncio.to_thread(os.pread, self._descriptor, PIECE, at)
            if not piece:
                raise StorageError("the file is shorter than it was")
            at += len(piece)
            yield piece

    def close(self) -> None:
        """Close the file, which is gone then."""
        os.close(self._descriptor)


class Message(Response):
    """The answer.

    Args:
        names: of the attachments, as `new_names` gives them; the envelope has them too.
    """

    def __init__(self, envelope: bytes, names: Sequence[str], attachments: Sequence[Content]) -> None:
        boundary = f"----=_Part_{secrets.token_hex(16)}"
        root = f"{secrets.token_hex(16).upper()}"
        self._attachments = list(attachments)
        heads = [_head(boundary, "text/xml; charset=UTF-8", root, first=True)]
        heads += [_head(boundary, each.media_type, name) for name, each in zip(names, attachments, strict=True)]
        self._heads = [heads[0] + envelope + (heads[1] if attachments else b""), *heads[2:]]
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        size = sum(map(len, self._heads)) + len(self._tail) + sum(each.size for each in attachments)
        kind = f'multipart/related; type="text/xml"; start="<{root}>"; boundary="{boundary}"'
        headers = {**PRIVATE, "Content-Type": kind, "Content-Length": str(size), "X-Content-Type-Options": "nosniff"}
        super().__init__(status_code=200, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; where a file cannot be read any further the connection is broken off, or it would pass for whole."""
        gone = asyncio.create_task(left(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with contextlib.aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    if gone.done():
                        return
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": self._tail, "more_body": False})
        except StorageError as error:
            _log.warning("recording_broken_off", reason=str(error))
        finally:
            gone.cancel()
            for each in self._attachments:
                each.close()

    async def _pieces(self) -> AsyncGenerator[bytes | memoryview | bytearray, None]:
        """Everything but the end."""
        for head, content in zip(self._heads, self._attachments, strict=True):
            yield head
            async with contextlib.aclosing(content.pieces()) as pieces:
                async for piece in pieces:
                    yield piece


def new_names(count: int) -> list[str]:
    """Names for so many attachments."""
    return [secrets.token_hex(16).upper() for _ in range(count)]


def _head(boundary: str, media_type: str, name: str, *, first: bool = False) -> bytes:
    return (
        f"{'' if first else chr(13) + chr(10)}--{boundary}\r\nContent-Type: {media_type}\r\n"
        f"Content-Transfer-Encoding: binary\r\nContent-Id: <{name}>\r\n\r\n"
    ).encode()
