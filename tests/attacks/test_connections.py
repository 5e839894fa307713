"""Connections that are held without being used: each ends by itself, and nobody gets all of them.

The limits are those of the server, made small; no test measures a time, each waits for the end that has to come.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from parley.web import http_protocol
from parley.web.http_protocol import CROWDED, PROXIES, SHARE, Peers
from tests.server import Server
from tests.web.wire import Wire, head, request

_SOON = 0.3


@pytest.fixture(scope="module")
def hurried(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own whose patience is short."""
    folder = tmp_path_factory.mktemp("hurried")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    with pytest.MonkeyPatch.context() as patched:
        for name in ("HEAD_SECONDS", "STUCK_SECONDS", "REST_SECONDS"):
            patched.setattr(http_protocol, name, _SOON)
        server = Server(None, folder, max_body_seconds=_SOON)
        server._server.config.timeout_keep_alive = 1
        server.start()
        yield server
        server.stop()


@pytest.mark.parametrize(
    "sent",
    [b"", b"P", b"POST /WBXService/XMLService HTTP/1.1\r\nHost: a\r\nX-A: ", b"\r\n\r\n", b"GET / HTTP/1.1\r\n"],
    ids=["nothing", "a letter", "half a head", "line ends", "a line"],
)
def test_a_head_that_does_not_come_is_not_waited_for(hurried: Server, sent: bytes) -> None:
    with Wire(hurried.config.port) as wire:
        assert wire.send(sent).is_closed()


def test_a_head_that_drips_is_not_waited_for(hurried: Server) -> None:
    """Each byte comes in time, and the head never ends."""
    with Wire(hurried.config.port) as wire:
        wire.send(b"GET / HTTP/1.1\r\n")
        try:
            for number in range(100_000):
                wire.send(b"X-%d: a\r\n" % number)
                if wire.peek(0.02):
                    break
        except (BrokenPipeError, ConnectionResetError):
            return
        response = wire.response()
        assert response is None or response.status == 431


def test_the_next_head_on_a_connection_is_not_waited_for_either(hurried: Server) -> None:
    with Wire(hurried.config.port) as wire:
        response = wire.send(head(None, method="GET", target="/health")).response()
        assert response is not None
        assert response.status == 200
        assert wire.send(b"GET /health HTTP/1.1\r\nX-A").is_closed()


def test_the_rest_of_a_body_behind_its_answer_is_not_waited_for(hurried: Server) -> None:
    """A page that needs no body answers at once; what still drips in keeps the connection for a while only."""
    with Wire(hurried.config.port) as wire:
        response = wire.send(head(10**9, method="GET", target="/health")).response()
        assert response is not None
        assert response.status == 200
        try:
            for _ in range(100_000):
                wire.send(b"x")
                if wire._received or wire.peek(0.02) or _is_gone(wire):
                    break
            else:
                pytest.fail("the connection was kept")
        except (BrokenPipeError, ConnectionResetError):
            return


def _is_gone(wire: Wire) -> bool:
    """Whether the server has closed; looked at without waiting."""
    readable = select.select([wire._socket], [], [], 0)[0]
    return bool(readable) and not wire._receive()


def test_a_body_that_was_read_leaves_the_connection_open(hurried: Server) -> None:
    document = b"<message/>"
    with Wire(hurried.config.port) as wire:
        for _ in range(3):
            response = wire.send(request(document)).response()
            assert response is not None
            assert not response.closes


def test_whoever_takes_no_answers_is_cut_off(hurried: Server) -> None:
    """Many questions, no answer read: the server stops reading, and then ends it."""
    with Wire(hurried.config.port) as wire:
        wire._socket.setblocking(False)
        question = head(None, method="GET", target="/operations") * 20
        try:
            while True:
                try:
                    wire._socket.send(question)
                except BlockingIOError:
                    if not select.select([], [wire._socket], [], 20)[1]:
                        pytest.fail("the connection was kept")
        except (BrokenPipeError, ConnectionResetError):
            return


# --- one address among many ---------------------------------------------------------------------------------------


def test_one_address_does_not_get_all_connections() -> None:
    peers = Peers()
    keys = [peers.come("203.0.113.9", number + 1, proxies=False) for number in range(CROWDED)]
    assert None not in keys  # while there is room, many people may share an address
    assert peers.come("203.0.113.9", CROWDED + 1, proxies=False) is None
    others = [peers.come(f"198.51.100.{number}", CROWDED + number + 1, proxies=False) for number in range(200)]
    assert None not in others
    for _ in range(CROWDED - SHARE + 1):
        peers.go("203.0.113.9")
    assert peers.come("203.0.113.9", CROWDED + 1, proxies=False) is not None


def test_addresses_of_one_net_are_one_of_ipv6() -> None:
    peers = Peers()
    for number in range(SHARE):
        assert peers.come(f"2001:db8:1:2::{number:x}", CROWDED + 1, proxies=False) == "2001:db8:1:2::"
    assert peers.come("2001:db8:1:2:ffff::1", CROWDED + 1, proxies=False) is None
    assert peers.come("2001:db8:1:3::1", CROWDED + 1, proxies=False) is not None
    assert peers.come("fe80::1%eth0", 1, proxies=False) is not None


def test_addresses_of_ipv4_are_told_apart_behind_a_socket_for_both() -> None:
    peers = Peers()
    for _ in range(SHARE):
        assert peers.come("::ffff:203.0.113.9", CROWDED + 1, proxies=False) == "203.0.113.9"
    assert peers.come("::ffff:203.0.113.9", CROWDED + 1, proxies=False) is None
    assert peers.come("::ffff:203.0.113.10", CROWDED + 1, proxies=False) is not None
    for front in ("::ffff:10.0.0.1", "::ffff:127.0.0.1"):
        keys = [peers.come(front, CROWDED + 1, proxies=True) for _ in range(SHARE + 1)]
        assert None not in keys


@pytest.mark.parametrize(
    ("front", "believed"), [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("::ffff:203.0.113.9", False)]
)
async def test_a_proxy_is_believed_by_its_address_however_the_socket_shows_it(front: str, believed: bool) -> None:
    found: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(scope["client"][0])

    headers = [(b"x-forwarded-for", b"198.51.100.7")]
    scope = {"type": "http", "scheme": "http", "client": (front, 1), "headers": headers}
    await ProxyHeadersMiddleware(app, list(PROXIES))(scope, None, None)  # type: ignore[arg-type]
    assert found == ["198.51.100.7" if believed else front]


@pytest.mark.parametrize(
    ("address", "proxies", "kept"),
    [
        *(("127.0.0.1", False, True), ("::1", False, True), ("", False, True), ("10.1.2.3", True, True)),
        *(("10.1.2.3", False, False), ("203.0.113.9", True, False), ("fd00::1", True, True)),
    ],
)
def test_proxies_bring_many_people(address: str, proxies: bool, kept: bool) -> None:
    peers = Peers()
    for _ in range(SHARE):
        peers.come(address, 1, proxies=proxies)
    assert (peers.come(address, CROWDED + 1, proxies=proxies) is not None) is kept


def test_peers_that_went_are_forgotten() -> None:
    peers = Peers()
    for number in range(1000):
        key = peers.come(f"203.0.113.{number % 250}", 1, proxies=False)
        assert key is not None
        peers.go(key)
    assert not peers._counts


def test_a_crowded_server_cuts_off_who_has_too_many(hurried: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "CROWDED", 2)
    monkeypatch.setattr(http_protocol, "SHARE", 3)
    monkeypatch.setattr(http_protocol, "_brings_many", lambda address, *, proxies: False)
    question = head(None, method="GET", target="/health")
    wires: list[Wire] = []
    try:
        for _ in range(6):
            wires.append(Wire(hurried.config.port))
            try:
                answered = wires[-1].send(question).response()
            except (BrokenPipeError, ConnectionResetError):
                answered = None
            if answered is None:
                break
        else:
            pytest.fail("nobody was cut off")
        assert len(wires) <= 4
    finally:
        for wire in wires:
            wire.close()
