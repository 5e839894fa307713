"""The server's WebSocket protocol: uvicorn's on the `websockets` library, bounded, imported with the first socket."""

from __future__ import annotations

import asyncio
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from websockets.frames import Frame

#: What uvicorn is told: messages are small and short-lived, so compressing them would cost more memory than it saves,
#: and a peer that does not answer a ping is gone.
OPTIONS: Final[dict[str, Any]] = {
    "ws_max_size": 65_536,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,
}
#: A peer that takes nothing of what is sent for so long is cut off.
STUCK_SECONDS: Final = 30.0
#: Pings that a peer may send at once, and a second; more fragments has no message.
_PINGS, _PING_RATE = 20, 1.0
_MOST_FRAGMENTS: Final = 64
_log = structlog.get_logger("parley.rooms")


def websocket_protocol(**options: Any) -> asyncio.Protocol:
    """The protocol of one connection that goes on as a WebSocket; options are uvicorn's."""
    return _protocol()(**options)


@lru_cache
def _protocol() -> type[asyncio.Protocol]:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    from parley.rooms.limits import Addresses, Bucket

    told = Addresses(5, 0.1)  # the log need not tell of one address again and again

    class BoundedWebSocket(WebSocketsSansIOProtocol):
        """One connection, with the bounds that uvicorn's lacks.

        What the library answers by itself is not held back when the peer takes nothing, so such a peer is not read
        from; fragments may be empty, so counting their bytes bounds nothing.
        """

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            # A server that is about to end closes connections with its answers; this one is to become another.
            self.default_headers = [each for each in self.default_headers if each[0] != b"connection"]
            self._pings = Bucket(_PINGS, _PING_RATE, time.monotonic())
            self._stuck: asyncio.TimerHandle | None = None

        def connection_lost(self, exc: Exception | None) -> None:
            """End."""
            if self._stuck is not None:
                self._stuck.cancel()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            """The peer does not take what is sent: it is not heard until it does, for a bounded time."""
            super().pause_writing()
            if not self.transport.is_closing():
                self.transport.pause_reading()
            if self._stuck is None:
                self._stuck = self.loop.call_later(STUCK_SECONDS, self.transport.abort)

        def resume_writing(self) -> None:
            """The peer goes on."""
            if self._stuck is not None:
                self._stuck.cancel()
                self._stuck = None
            super().resume_writing()
            if not self.read_paused and not self.transport.is_closing():
                self.transport.resume_reading()

        async def receive(self) -> Any:
            """The next event of the application; the base class reads on then, whatever the peer takes."""
            event = await super().receive()
            if not self.writable.is_set() and not self.transport.is_closing():
                self.transport.pause_reading()
            return event

        def handle_ping(self) -> None:
            """Answer, up to a number."""
            if self._pings.take(time.monotonic()):
                super().handle_ping()
            else:
                self._refuse(1008)

        def handle_cont(self, event: Frame) -> None:
            """Take in a fragment."""
            if len(self.frames) >= _MOST_FRAGMENTS:
                self._refuse(1009)
            else:
                super().handle_cont(event)

        def send_receive_event_to_app(self) -> None:
            """Hand a message on; text that is none ends the connection and is no defect of ours."""
            if self.curr_msg_data_type == "text":
                try:
                    b"".join(self.frames).decode()
                except UnicodeDecodeError:
                    self._refuse(1007)
                    return
            super().send_receive_event_to_app()

        def _refuse(self, code: int) -> None:
            self.frames = []
            if not self.close_sent:
                self.conn.fail(code)
                self.handle_parser_exception()

        def handle_parser_exception(self) -> None:
            """End a connection on which something came that is no message, or too long a one."""
            address = self.client[0] if self.client else ""
            code = self.conn.close_sent.code if self.conn.close_sent is not None else 0
            if told.take(address, time.monotonic()):
                _log.info("room_socket_refused", address=address, code=code)
            super().handle_parser_exception()

    return BoundedWebSocket
