"""uvicorn's HTTP protocol with the bounds that it lacks: size and time of a request's head, idle and stuck peers.

What is checked for every packet is kept to a look at one attribute: the XML endpoint's speed depends on it.
"""

from __future__ import annotations

import re
from asyncio import TimerHandle, Transport
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope

#: Largest head of a request: request line and header fields.
MAX_HEAD_BYTES: Final = 65_536
#: A head has to be there within so many seconds from its first byte.
HEAD_SECONDS: Final = 20.0
#: A peer that takes nothing of its answer for so long is cut off.
STUCK_SECONDS: Final = 60.0

_REASON: Final = b"The head of the request is too large.\n"
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n%s" % (len(_REASON), _REASON)
)


#: The one offer that is taken up: the socket of a room.
_OPENS_ROOM: Final = re.compile(rb"GET /[^ \r\n]*/room/[0-9]{1,18}/socket HTTP/1\.1\r\n")
_UPGRADE: Final = re.compile(rb"^upgrade:[^\r\n]*\r\n", re.IGNORECASE | re.MULTILINE)


def _without_upgrade(data: bytes) -> bytes:
    """A packet without the offer to go on in another protocol.

    Some clients (Java's) offer HTTP/2 with every request over plain http. An offer need not be taken up, but the parser
    would take what follows the head for the other protocol, and the document would be lost.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head + end[:2]) + end[2:] + rest


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_bytes = 0
        self._head_timer: TimerHandle | None = None
        self._stuck_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in the base class
        """Begin; a peer that says nothing is cut off like one that falls silent between requests."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_head_timer()
        if self._stuck_timer is not None:
            self._stuck_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a packet."""
        if (b"pgrade" in data or b"PGRADE" in data) and not self._is_in_body() and not _OPENS_ROOM.match(data):
            data = _without_upgrade(data)
        super().data_received(data)
        scope: HTTPScope | None = self.scope  # None before the first request, whatever the base class declares
        # uvicorn begins a scope with the request line and enters the method when the head is complete.
        if scope and "method" in scope:
            if self._head_timer is not None:
                self._stop_head_timer()
        else:
            self._count_head(len(data))

    def _is_in_body(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, as the scope is
        return cycle is not None and cycle.more_body and not cycle.response_complete

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self.transport.is_closing():
            return
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_REFUSAL)
            self.transport.close()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_head_timer(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def pause_writing(self) -> None:
        """The peer does not take its answer; for how long is bounded."""
        super().pause_writing()
        if self._stuck_timer is None:
            self._stuck_timer = self.loop.call_later(STUCK_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The peer goes on."""
        if self._stuck_timer is not None:
            self._stuck_timer.cancel()
            self._stuck_timer = None
        super().resume_writing()
