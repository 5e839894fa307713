"""Bodies of requests: a document, or a document and attachments behind it, which are read as they come.

Memory holds the document, whose size is bounded, and a piece of an attachment, whatever its length.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import Message
from typing import Final

from starlette.requests import ClientDisconnect, Request

from parley.web.forms import pieces_of
from parley.web.nbr import faults

_LONGEST_HEAD: Final = 16_384
_LONGEST_BOUNDARY: Final = 200
#: Bytes before the first part that are passed over.
_LONGEST_PREAMBLE: Final = 65_536


class Gone(Exception):
    """Nobody is left to answer."""


class Attachments:
    """What follows the document of a request, part by part as it comes.

    Args:
        stream: pieces of the body.
    """

    def __init__(self, stream: AsyncIterator[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"\r\n--" + boundary
        self._held = b"\r\n"  # the first part's delimiter may stand at the very beginning
        self._ended = False
        self._in_part = False

    async def next(self) -> dict[str, str] | None:
        """Go on to the next part: its head, names in lower case; None: there is none.

        Raises:
            NbrFault: the body is no such message.
            Gone: the connection broke off.
        """
        skipped = 0
        async for piece in self._until_delimiter():
            skipped += len(piece)
            if not self._in_part and skipped > _LONGEST_PREAMBLE:
                raise faults.not_understood("the first part of the message is missing")
        if self._ended:
            return None
        self._in_part = True
        while len(self._held) < 2:
            await self._more()
        if self._held.startswith(b"--"):
            self._ended = True
            return None
        while b"\r\n\r\n" not in self._held:
            if len(self._held) > _LONGEST_HEAD:
                raise faults.not_understood("the head of a part is too long")
            await self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        # The next delimiter may follow at once, and its line break ended the head.
        self._held = b"\r\n" + self._held if self._held.startswith(self._delimiter[2:]) else self._held
        lines = (line.partition(b":") for line in head.split(b"\r\n"))
        return {
            name.decode("latin-1").strip().lower(): value.decode("latin-1").strip()
            for name, colon, value in lines
            if colon
        }

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content of the part."""
        async for piece in self._until_delimiter(keep=True):
            yield piece

    async def document(self, limit: int) -> bytes:
        """The content of a part that is to be small.

        Raises:
            NbrFault: it is not.
        """
        gathered, size = [], 0
        async for piece in self.pieces():
            size += len(piece)
            if size > limit:
                raise faults.not_understood(f"the document is longer than {limit} bytes")
            gathered.append(piece)
        return b"".join(gathered)

    async def _until_delimiter(self, *, keep: bool = False) -> AsyncIterator[bytes]:
        """Everything up to the next delimiter; with `keep` that stays to be read."""
        while not self._ended:
            at = self._held.find(self._delimiter)
            if at >= 0:
                found = self._held[:at]
                self._held = self._held[at if keep else at + len(self._delimiter) :]
                if found:
                    yield found
                return
            most = len(self._held) - len(self._delimiter) + 1
            if most > 0:
                found, self._held = self._held[:most], self._held[most:]
                yield found
            await self._more()

    async def _more(self) -> None:
        try:
            self._held += await anext(self._stream)
        except StopAsyncIteration:
            raise faults.not_understood("the message ends within a part") from None


async def read_body(request: Request, limit: int, seconds: float) -> tuple[bytes, Attachments | None]:
    """The document of a request, and what follows it.

    Args:
        limit: bytes that a document may have.
        seconds: a document has to be there within this time.

    Raises:
        NbrFault: too long, too slow, or no message.
        Gone: the connection broke off.
    """
    stream = _stream(request)
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type", "")[:1000]
    try:
        async with asyncio.timeout(seconds):
            if kind.get_content_type() != "multipart/related":
                return await _whole(stream, limit), None
            boundary = str(kind.get_param("boundary", "")).encode("latin-1", "replace")
            if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
                raise faults.not_understood("the content type names no boundary")
            parts = Attachments(stream, boundary)
            if await parts.next() is None:
                raise faults.not_understood("the message has no parts")
            return await parts.document(limit), parts
    except TimeoutError:
        raise faults.not_understood(f"it was not there within {seconds:.0f} seconds") from None


async def _whole(stream: AsyncIterator[bytes], limit: int) -> bytes:
    gathered, size = [], 0
    async for piece in stream:
        size += len(piece)
        if size > limit:
            raise faults.not_understood(f"the document is longer than {limit} bytes")
        gathered.append(piece)
    return b"".join(gathered)


async def _stream(request: Request) -> AsyncIterator[bytes]:
    """The pieces of a body, none of them empty."""
    try:
        async for piece in pieces_of(request):
            yield piece
    except (ClientDisconnect, TimeoutError):
        raise Gone from None
