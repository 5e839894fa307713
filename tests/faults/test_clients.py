"""Clients that break off in the middle, and such as read nothing: the others are answered, and nothing is by halves."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import xml_of
from tests.faults.harness import drawn_seed, load_on, nothing_by_halves, until
from tests.faults.traffic import PATH
from tests.killed import host, make_site
from tests.server import Server
from tests.services.meetings import meeting

_CUTS = 12
_READERS = 6
_MANY = 20_000


@pytest.fixture(params=["sqlite", "postgres"])
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    address: str = request.getfixturevalue(f"{request.param}_database")
    database = address if request.param == "postgres" else None
    asyncio.run(make_site(tmp_path, database))
    server = Server(database, tmp_path).start()
    yield server
    server.stop()


def test_connections_that_are_cut(started: Server) -> None:
    """At any moment: while a request is sent, while it is done, while it is answered."""
    chance = random.Random(drawn_seed())
    document = host().document("meeting.CreateMeeting", xml_of(meeting("cut"))).encode()
    whole = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(document)}\r\n\r\n".encode() + document

    async def cut() -> None:
        async with load_on(started.config.port, chance.randrange(10_000)) as load:
            for _ in range(_CUTS):
                load.traffic.wires.cut(0.7)
                await asyncio.to_thread(_break_off, started.config.port, whole[: chance.randrange(1, len(whole))])
                await load.more(chance.randrange(1, 20))
            assert load.traffic.troubles
            assert {each.kind for each in load.traffic.troubles} == {"lost"}

    asyncio.run(cut())
    nothing_by_halves(started)


def _break_off(port: int, data: bytes) -> None:
    """Send a part of a request and break off, so that the other side is told of a reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_readers_that_take_nothing(started: Server) -> None:
    """Each asks again and again and reads none of the answers, until the server takes no more from it."""
    document = host().document("site.GetSite", "").encode()
    request = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(document)}\r\n\r\n".encode() + document

    async def stuff() -> None:
        async with load_on(started.config.port, drawn_seed()) as load:
            stuck = [await asyncio.to_thread(_stuffed, started.config.port, request) for _ in range(_READERS)]
            await load.more(60)
            assert not load.traffic.troubles
            for each in stuck:
                each.close()
            await load.more(20)
        await until(lambda: not started._server.server_state.connections, "all connections are closed")

    asyncio.run(stuff())
    nothing_by_halves(started)


def _stuffed(port: int, request: bytes) -> socket.socket:
    """A connection on which so much was asked without reading that nothing more can be sent for now."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    connection.connect(("127.0.0.1", port))
    connection.settimeout(0.5)
    try:
        for _ in range(_MANY):
            connection.sendall(request * 10)
    except TimeoutError:
        return connection
    raise AssertionError("the server took everything")
