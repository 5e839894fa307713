"""The server's WebSocket protocol: uvicorn's on the `websockets` library, bounded, imported with the first socket."""

from __future__ import annotations

import asyncio
from typing import Any, Final

#: What uvicorn is told: messages are small and short-lived, so compressing them would cost more memory than it saves,
#: and a peer that does not answer a ping is gone.
OPTIONS: Final[dict[str, Any]] = {
    "ws_max_size": 65_536,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,
}


def websocket_protocol(**options: Any) -> asyncio.Protocol:
    """The protocol of one connection that goes on as a WebSocket; options are uvicorn's."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    return WebSocketsSansIOProtocol(**options)
