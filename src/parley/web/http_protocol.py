"""uvicorn's HTTP protocol with the bounds that it lacks: size and time of a request's head, idle and stuck peers, and
how many connections of a crowded server one address gets.

What is checked for every packet is kept to a look at one attribute: the XML endpoint's speed depends on it.
"""

from __future__ import annotations

import ipaddress
import re
from asyncio import TimerHandle, Transport
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from parley.domain.addresses import network_of, read_ip

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope

#: Largest head of a request: request line and header fields.
MAX_HEAD_BYTES: Final = 65_536
#: A head has to be there within so many seconds from its first byte.
HEAD_SECONDS: Final = 20.0
#: A peer that takes nothing of its answer for so long is cut off.
STUCK_SECONDS: Final = 60.0
#: What is left of a body when the request is answered already has to come within so many seconds.
REST_SECONDS: Final = 20.0
#: Connections of a process; requests on more of them are answered with 503.
MAX_CONNECTIONS: Final = 10_000
#: From so many on, an address that has `SHARE` of them gets no more, so that nobody can take them all. Until then any
#: number is right: all people of a university may come from one address.
CROWDED: Final = MAX_CONNECTIONS // 2
SHARE: Final = MAX_CONNECTIONS // 10
#: Where proxies of one's own stand. The last address in X-Forwarded-For that is not one of these is the client's, so
#: that nobody can choose an address by sending the header.
PROXIES: Final = (
    *("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    # The same of IPv4, as a socket for both shows them.
    *("::ffff:127.0.0.0/104", "::ffff:10.0.0.0/104", "::ffff:172.16.0.0/108", "::ffff:192.168.0.0/112"),
)
_PROXY_NETS: Final = tuple(map(ipaddress.ip_network, PROXIES))

_REASON: Final = b"The head of the request is too large.\n"
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n%s" % (len(_REASON), _REASON)
)


#: The one offer that is taken up: the socket of a room.
_OPENS_ROOM: Final = re.compile(rb"GET /[^ \r\n]*/room/[0-9]{1,18}/socket HTTP/1\.1\r\n")
_UPGRADE: Final = re.compile(rb"^upgrade:[^\r\n]*\r\n", re.IGNORECASE | re.MULTILINE)
#: Bytes that are kept of a head which comes in several packets: longer request lines open no room.
_LONGEST_LINE: Final = 2_048


def _without_upgrade(data: bytes) -> bytes:
    """A packet without the offer to go on in another protocol.

    Some clients (Java's) offer HTTP/2 with every request over plain http. An offer need not be taken up, but the parser
    would take what follows the head for the other protocol, and the document would be lost.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head + end[:2]) + end[2:] + rest


class Peers:
    """How many connections the addresses have that a process is connected with."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def come(self, address: str, connections: int, *, proxies: bool) -> str | None:
        """Count a connection; what it is counted under, or None when there is no room for it.

        Args:
            connections: of the process, with this one.
            proxies: whether there may be proxies in front, each of which brings many people.
        """
        key = network_of(address)
        if connections > CROWDED and self._counts[key] >= SHARE and not _brings_many(address, proxies=proxies):
            return None
        self._counts[key] += 1
        return key

    def go(self, key: str) -> None:
        """Forget a connection."""
        if self._counts[key] > 1:
            self._counts[key] -= 1
        else:
            del self._counts[key]


def _brings_many(address: str, *, proxies: bool) -> bool:
    found = read_ip(address)
    if found is None:  # the socket of a file
        return True
    return found.is_loopback or (proxies and any(found in net for net in _PROXY_NETS))


_peers: Final = Peers()


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_bytes = 0
        self._head_begin = b""
        self._head_timer: TimerHandle | None = None
        self._stuck_timer: TimerHandle | None = None
        self._rest_timer: TimerHandle | None = None
        self._peer: str | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in the base class
        """Begin; a peer that says nothing is cut off like one that falls silent between requests."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        self._peer = _peers.come(address, len(self.connections), proxies=self.config.proxy_headers)
        if self._peer is None:
            transport.abort()
            return
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_head_timer()
        self._stop_rest_timer()
        self._forget_peer()
        if self._stuck_timer is not None:
            self._stuck_timer.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to its other protocol, which has bounds of its own."""
        self._forget_peer()
        super().handle_websocket_upgrade()

    def _forget_peer(self) -> None:
        if self._peer is not None:
            _peers.go(self._peer)
            self._peer = None

    def data_received(self, data: bytes) -> None:
        """Take in a packet."""
        if (b"pgrade" in data or b"PGRADE" in data) and not self._is_in_body() and not self._opens_room(data):
            data = _without_upgrade(data)
        super().data_received(data)
        scope: HTTPScope | None = self.scope  # None before the first request, whatever the base class declares
        # uvicorn begins a scope with the request line and enters the method when the head is complete.
        if scope and "method" in scope:
            if self._head_timer is not None:
                self._stop_head_timer()
        else:
            if len(self._head_begin) < _LONGEST_LINE:
                self._head_begin += data[:_LONGEST_LINE]
            self._count_head(len(data))

    def _opens_room(self, data: bytes) -> bool:
        """Whether a packet belongs to a head that asks for the socket of a room; it may not be the head's first."""
        return _OPENS_ROOM.match(self._head_begin + data) is not None

    def _is_in_body(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, as the scope is
        return cycle is not None and cycle.more_body and not cycle.response_complete

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self.transport.is_closing():
            return
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_REFUSAL)
            self._close()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._close)

    def _stop_head_timer(self) -> None:
        self._head_bytes = 0
        self._head_begin = b""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def on_response_complete(self) -> None:
        """An answer is written; what the peer still has to take or to send is not waited for without end."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._cut_off_later()
        elif self.cycle.response_complete and self.cycle.more_body and self._rest_timer is None:
            self._rest_timer = self.loop.call_later(REST_SECONDS, self._close)

    def on_message_complete(self) -> None:
        """A request is there as a whole."""
        super().on_message_complete()
        self._stop_rest_timer()

    def _stop_rest_timer(self) -> None:
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for a while."""
        self._close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        super().send_400_response(msg)
        self._cut_off_later()

    def _close(self) -> None:
        """Close the connection when the peer has taken its answer, and in any case after a while."""
        self.transport.close()
        self._cut_off_later()

    def _cut_off_later(self) -> None:
        if self._stuck_timer is None:
            self._stuck_timer = self.loop.call_later(STUCK_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """The peer does not take its answer; for how long is bounded."""
        super().pause_writing()
        self._cut_off_later()

    def resume_writing(self) -> None:
        """The peer goes on."""
        if self._stuck_timer is not None and not self.transport.is_closing():
            self._stuck_timer.cancel()
            self._stuck_timer = None
        super().resume_writing()
