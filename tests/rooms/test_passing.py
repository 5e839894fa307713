"""The way of a socket from one process to another: who is let through, and how the end is told."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from parley.rooms.passing import Dead, Passage, Unreachable, Visit, parse_room_address
from parley.rooms.sockets import RESTART, Wire

pytestmark = pytest.mark.anyio
SECRET = b"s" * 32
VISIT = Visit(1, 2, "203.0.113.5", "LINUX,CHROME", '{"type":"enter","token":"t"}')


class FakeWire:
    """A browser's socket."""

    def __init__(self, *said: str | bytes) -> None:
        self.told: list[str] = []
        self.waiting: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        for each in said:
            self.waiting.put_nowait(each)

    async def receive(self) -> str | bytes | None:
        """The next message."""
        return await self.waiting.get()

    async def send(self, text: str) -> None:
        """Told."""
        self.told.append(text)

    async def close(self, code: int) -> None:
        """Nothing."""


async def echo(visit: Visit, wire: Wire) -> None:
    """Says everything back, and closes with 4242 when it is told to."""
    await wire.send(f"{visit.session_key} {visit.address} {visit.agent} {visit.first}")
    while (raw := await wire.receive()) is not None:
        if raw == "close":
            await wire.close(4242)
            return
        await wire.send(repr(raw))


def are_there(*paths: Path) -> list[bool]:
    return [each.exists() for each in paths]


@asynccontextmanager
async def passage(folder: Path, where: str | None = None, secret: bytes = SECRET) -> AsyncIterator[Passage]:
    made = Passage(secret, folder, where)
    await made.open(echo)
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize("where", [None, "127.0.0.1", "[::1]:0-0"])
async def test_what_is_said_arrives_as_it_was_said(tmp_path: Path, where: str | None) -> None:
    async with passage(tmp_path, where) as one, passage(tmp_path, where) as two:
        assert one.address != two.address
        wire = FakeWire("häß", b"\x00\xff", "x" * 300_000, "close")
        assert await two.pass_on(one.address, VISIT, wire) == 4242
        first = f"2 203.0.113.5 LINUX,CHROME {VISIT.first}"
        assert wire.told == [first, "'häß'", r"b'\x00\xff'", repr("x" * 300_000)]


async def test_a_browser_that_goes_ends_it_and_a_holder_that_goes_says_so(tmp_path: Path) -> None:
    async with passage(tmp_path) as two:
        async with passage(tmp_path) as one:
            wire = FakeWire("a")
            wire.waiting.put_nowait(None)
            assert await two.pass_on(one.address, VISIT, wire) == RESTART
            left = asyncio.create_task(two.pass_on(one.address, VISIT, FakeWire()))
            await asyncio.sleep(0.05)
        assert await left == RESTART


async def test_nobody_comes_in_without_the_secret(tmp_path: Path) -> None:
    async with passage(tmp_path) as one, passage(tmp_path, secret=b"x" * 32) as stranger:
        with pytest.raises(Unreachable):
            await stranger.pass_on(one.address, VISIT, FakeWire())
        for junk in (b"", b"GET / HTTP/1.1\r\n\r\n", b"T\xff\xff\xff\xff", b"T\0\0\0\2{}", b"T\0\0\0\4[[[["):
            reader, writer = await asyncio.open_unix_connection(one.address.removeprefix("unix:"))
            writer.write(junk)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 10) == b""
            writer.close()
        wire = FakeWire("close")
        assert await one.pass_on(one.address, VISIT, wire) == 4242


@pytest.mark.parametrize("proof", ["0" * 64, "\u00e9" * 64, ""])
async def test_a_proof_that_is_made_up(tmp_path: Path, proof: str) -> None:
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    visit = msgspec.json.encode({"nonce": "", "proof": proof, "visit": VISIT})
    async with passage(tmp_path) as one:
        for hello in (b'{"nonce":"a"}', b'{"nonce":"a","x":' + b"[" * 100_000):
            reader, writer = await asyncio.open_unix_connection(one.address.removeprefix("unix:"))
            for said in (hello, visit):
                writer.write(b"T" + len(said).to_bytes(4, "big") + said)
            writer.write_eof()
            answers = await asyncio.wait_for(reader.read(), 10)
            assert VISIT.agent.encode() not in answers
            writer.close()
    gc.collect()  # tasks that nobody asked how they ended tell it when they go
    await asyncio.sleep(0)
    assert errors == []


async def test_who_is_no_more_is_told_from_who_does_not_answer(tmp_path: Path) -> None:
    async with passage(tmp_path) as two:
        path = tmp_path / "gone.sock"
        left = await asyncio.start_unix_server(lambda *_: None, os.fspath(path))
        left.close()
        await left.wait_closed()
        if path.exists():  # as after a kill; some event loops remove it
            with pytest.raises(Dead):
                await two.pass_on(f"unix:{path}", VISIT, FakeWire())
        with pytest.raises(Unreachable):
            await two.pass_on(f"unix:{tmp_path}/never.sock", VISIT, FakeWire())
        with pytest.raises(Unreachable):
            await two.pass_on("tcp:127.0.0.1:1#abc", VISIT, FakeWire())
    async with passage(tmp_path, "127.0.0.1") as one, passage(tmp_path) as two:
        before = f"{one.address.partition('#')[0]}#0000"
        with pytest.raises(Dead):
            await two.pass_on(before, VISIT, FakeWire())


async def test_the_socket_is_private_and_goes_with_its_process(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    for folder in (tmp_path / "rooms", long):
        async with passage(folder) as one:
            path = Path(one.address.removeprefix("unix:"))
            assert [os.stat(each).st_mode & 0o077 for each in (path, path.parent)] == [0, 0]
            assert (path.parent == folder) == (folder is not long)
        assert are_there(path) == [False]


async def test_sockets_of_killed_processes_are_removed_later(tmp_path: Path) -> None:

    def left_behind(name: str, age: float) -> Path:
        path = tmp_path / name
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.fspath(path))
        os.utime(path, (time.time() - age, time.time() - age))
        return path

    async with passage(tmp_path) as one, passage(tmp_path) as two:
        old, fresh = left_behind("old.sock", 100), left_behind("fresh.sock", 0)
        living = Path(two.address.removeprefix("unix:"))
        os.utime(living, (1, 1))
        one.tidy()
        await asyncio.sleep(0.05)  # whoever lives has seen the knock
        assert are_there(old, fresh, living) == [False, True, True]
        with pytest.raises(Dead):
            await one.pass_on(f"unix:{fresh}", VISIT, FakeWire())


@pytest.mark.parametrize(
    ("text", "host", "ports"),
    [
        ("10.0.0.5", "10.0.0.5", range(1)),
        ("10.0.0.5:7100", "10.0.0.5", range(7100, 7101)),
        ("rooms.example:7100-7103", "rooms.example", range(7100, 7104)),
        ("[fd00::5]", "fd00::5", range(1)),
        ("[fd00::5]:7100", "fd00::5", range(7100, 7101)),
    ],
)
def test_addresses_of_machines(text: str, host: str, ports: range) -> None:
    assert parse_room_address(text) == (host, ports)


@pytest.mark.parametrize("text", ["", ":7100", "host:x", "host:7200-7100", "host:70000", "a/b:1"])
def test_what_is_no_address_of_a_machine(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_room_address(text)
