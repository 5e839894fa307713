"""One connection of a room: what waits to be sent, what it may still send, and how it ends.

A socket that takes nothing is closed when its queue is full; its place waits for its owner.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Final, Protocol

from parley.rooms import messages as m
from parley.rooms.limits import Bucket
from parley.rooms.words import _

#: A socket has to show its ticket within so many seconds, and to say something within so many later on.
FIRST_SECONDS: Final = 10
SILENT_SECONDS: Final = 35
#: Messages that wait for a socket, and their characters together.
QUEUE: Final = 512
MOST_WAITING: Final = 2_000_000
#: Messages that a socket may send at once, and a second; bytes and lines of the chat likewise. Nobody can send others
#: so much that they, on a slow line, are cut off for not taking it.
_BURST, _RATE = 240, 20.0
_BYTES_BURST, _BYTES_RATE = 500_000, 50_000.0
_CHAT_BURST, _CHAT_RATE = 8, 1.0
#: Codes of RFC 6455 7.4.1, and our own.
NORMAL, POLICY, TOO_BIG, RESTART, TRY_LATER = 1000, 1008, 1009, 1012, 1013
_TEXTS: Final = {
    "token": _("This way in is no longer good. Please join again."),
    "busy": _("Too many connections from your address. Please try again in a moment."),
    "full": _("The room is full."),
    "gone": _("This session is no longer there."),
    "expelled": _("The host has asked you to leave."),
    "denied": _("The host did not let you in."),
    "ended": _("It was ended for all."),
    "elsewhere": _("You joined from another window."),
    "bad": _("Something was sent that this room does not understand."),
    "flood": _("Too much was sent at once."),
    "unavailable": _("The server cannot do this at the moment. Please try again."),
}
_AGAIN: Final = frozenset({"busy", "unavailable", "flood", "token"})


class Wire(Protocol):
    """A socket as the web layer, or another process, hands it over."""

    async def receive(self) -> str | bytes | None:
        """The next message; None when the other side has gone."""

    async def send(self, text: str) -> None:
        """Send a message."""

    async def close(self, code: int) -> None:
        """Close the socket."""


class Gone(Exception):
    """The conversation is over; the reason is one of `_TEXTS`."""

    def __init__(self, reason: str, code: int = POLICY) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Socket:
    """One connection: a queue of what is to be sent, and what it may still send."""

    def __init__(self, wire: Wire, address: str, agent: str) -> None:
        now = time.monotonic()
        self.wire = wire
        self.address = address
        self.agent = agent
        self.queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE)
        self.messages = Bucket(_BURST, _RATE, now)
        self._bytes = Bucket(_BYTES_BURST, _BYTES_RATE, now)
        self.chat = Bucket(_CHAT_BURST, _CHAT_RATE, now)
        self.key: str | None = None
        """The public key of whoever is at the other end, for sealed messages."""
        self.closing = False
        self._waiting = 0
        self._patience: asyncio.Timeout | None = None

    def tell(self, message: m.Told | str) -> None:
        """Send a message when it is its turn."""
        if self.closing:
            return
        text = message if isinstance(message, str) else m.write(message)
        if self.queue.full() or self._waiting > MOST_WAITING:
            self._end()
            return
        self._waiting += len(text)
        self.queue.put_nowait(text)

    def goodbye(self, reason: str, code: int = NORMAL) -> None:
        """Say why, and close."""
        self.tell(m.Goodbye(reason, _TEXTS[reason], reason in _AGAIN))
        self.shut(code)

    def shut(self, code: int) -> None:
        """Close when what waits is sent."""
        if not self.closing:
            with contextlib.suppress(asyncio.QueueFull):
                self.queue.put_nowait(code)
            self._end()

    def _end(self) -> None:
        """Nothing more is taken in either: whoever reads reads no longer."""
        self.closing = True
        if self._patience is not None:
            with contextlib.suppress(RuntimeError):  # it has just run out by itself
                self._patience.reschedule(asyncio.get_running_loop().time())

    async def write(self) -> None:
        """Send what waits, until the socket is closed."""
        while True:
            item = await self.queue.get()
            if isinstance(item, int):
                await self.wire.close(item)
                return
            await self.wire.send(item)
            self._waiting -= len(item)

    async def read(self, seconds: float) -> str | None:
        """The next message as it came; None when the socket is closed, or silent for so many seconds.

        Raises:
            Gone: too many come, or one is too large, or of bytes instead of text.
        """
        if self.closing:
            return None
        try:
            async with asyncio.timeout(seconds) as self._patience:
                raw = await self.wire.receive()
        except TimeoutError:
            return None
        finally:
            self._patience = None
        if raw is None or self.closing:
            return None
        if len(raw) > m.MOST_BYTES:
            raise Gone("bad", TOO_BIG)
        now = time.monotonic()
        if not (self.messages.take(now) and self._bytes.take(now, len(raw))):
            raise Gone("flood", POLICY)
        if not isinstance(raw, str):
            raise Gone("bad")
        return raw

    async def next(self, seconds: float) -> m.Said | None:
        """The next message; None when the socket is closed or silent.

        Raises:
            Gone: it is none, or too many come.
        """
        raw = await self.read(seconds)
        return None if raw is None else said(raw)


def said(raw: str) -> m.Said:
    """What a message says. Raises: Gone: it is none."""
    try:
        return m.read(raw)
    except m.BadMessage:
        raise Gone("bad") from None
