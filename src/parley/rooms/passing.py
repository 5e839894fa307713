"""Sockets on their way from the process that took them to the one that holds their room.

Each process listens on an address of its own: a Unix socket in its data folder, or, where `room_address` is set, a TCP
port that other machines reach. One connection carries one socket. Both sides prove first that they are on the same
database, by a secret that is kept there; what follows is not encrypted, so the network has to be one's own.

A frame is one letter, the length in four bytes, and so many bytes: T a text message, B a binary one, C a code to close
with. The end of the connection is the end of the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import re
import secrets
import socket
import stat
import struct
import tempfile
import time
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import structlog

from parley.rooms.sockets import RESTART, SILENT_SECONDS, Wire

#: Not sent to browsers: the room is somebody else's by now.
MOVED: Final = 4001
_HANDSHAKE_SECONDS: Final = 5
#: Handshakes that are under way at once.
_MOST_STRANGERS: Final = 256
_MOST_BYTES: Final = 16_000_000
_MOST_HELLO: Final = 256_000
_LONGEST_PATH: Final = 100
_TEMPORARY: Final = "parley-rooms-"
_STALE_SECONDS: Final = 60
_HEAD: Final = struct.Struct(">cI")
_CODE: Final = struct.Struct(">H")
_MACHINE: Final = re.compile(r"(\[[^\s\]]+\]|[^\s:/\[\]]+)(?::(\d{1,5})(?:-(\d{1,5}))?)?")
_log = structlog.get_logger("parley.rooms")


class Dead(Exception):
    """Where the holder was is nobody any more."""


class Unreachable(Exception):
    """Nobody answers, or not as the holder would; it may well be there."""


class Visit(msgspec.Struct, frozen=True):
    """A socket that is passed on: for which room, from whom, and what he said first."""

    site_id: int
    session_key: int
    address: str
    agent: str
    first: str


class _Hello(msgspec.Struct, frozen=True):
    """Either side's part of the handshake: a number to prove with, and the proof where the other's is known.

    `address` is that of whoever answers: on the same port another process may listen by now.
    """

    nonce: str
    proof: str = ""
    address: str = ""
    visit: Visit | None = None


_hello: Final = msgspec.json.Decoder(_Hello)
_encode: Final = msgspec.json.Encoder().encode
Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


class PassedWire:
    """A socket that another process took (see `sockets.Wire`)."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self) -> str | bytes | None:
        """The next message; None when the other side has gone."""
        try:
            kind, data = await _frame(self._reader)
            return data.decode() if kind == b"T" else data
        except (OSError, EOFError, UnicodeDecodeError):
            return None

    async def send(self, text: str) -> None:
        """Send a message."""
        await _send(self._writer, b"T", text.encode())

    async def close(self, code: int) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            await _send(self._writer, b"C", _CODE.pack(code))
        self._writer.close()


Serve = Callable[[Visit, Wire], Awaitable[None]]


class Passage:
    """The internal address of this process, and the way to those of others.

    Args:
        secret: 32 bytes that all processes of a deployment share.
        folder: where Unix sockets are made.
        where: `HOST`, `HOST:PORT` or `HOST:PORT-PORT`, as `parse_room_address` takes it; None: a Unix socket.
    """

    def __init__(self, secret: bytes, folder: Path, where: str | None) -> None:
        self._secret = secret
        self._folder = folder
        self._where = where
        self._serve: Serve | None = None
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._strangers = 0
        self._guests: set[asyncio.Task[None]] = set()
        self._passed: set[Writer] = set()
        self.address = ""

    # ---- being reached ---------------------------------------------------------------------------------------

    async def open(self, serve: Serve) -> None:
        """Begin to listen; `serve` looks after sockets that come from other processes.

        Raises:
            OSError: on none of the addresses.
        """
        self._serve = serve
        name = secrets.token_hex(8)
        if self._where is None:
            self._path = _place_for(self._folder, f"{name}.sock")
            self._server = await asyncio.start_unix_server(self._greet, os.fspath(self._path))
            self._path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            self.address = f"unix:{self._path}"
            return
        host, ports = parse_room_address(self._where)
        for port in ports:
            try:
                self._server = await asyncio.start_server(self._greet, host, port)
            except OSError:
                if port == ports[-1]:
                    raise
                continue
            break
        assert self._server is not None  # noqa: S101  # the last port raises
        self.address = f"tcp:{host}:{self._server.sockets[0].getsockname()[1]}#{name}"

    async def close(self) -> None:
        """Listen no more, and let go of what came."""
        if self._server is not None:
            self._server.close()
        for writer in self._passed:
            writer.close()
        for task in list(self._guests):
            task.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            if self._path.parent.name.startswith(_TEMPORARY):
                self._path.parent.rmdir()

    def _greet(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.get_running_loop().create_task(self._host(reader, writer))
        self._guests.add(task)
        task.add_done_callback(self._guests.discard)

    async def _host(self, reader: Reader, writer: Writer) -> None:
        try:
            visit = await self._admit(reader, writer)
            if visit is not None and self._serve is not None:
                await self._serve(visit, PassedWire(reader, writer))
        except (OSError, EOFError, ValueError, TimeoutError, RecursionError) as error:
            _log.warning("room_passage_broken", reason=str(error) or type(error).__name__)
        finally:
            writer.close()
            try:
                async with asyncio.timeout(_HANDSHAKE_SECONDS):
                    await writer.wait_closed()
            except (OSError, TimeoutError):
                writer.transport.abort()

    async def _admit(self, reader: Reader, writer: Writer) -> Visit | None:
        """The other side's proof that it is one of us; None: it is not."""
        if self._strangers >= _MOST_STRANGERS:
            return None
        self._strangers += 1
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                asked = _hello.decode((await _frame(reader, _MOST_HELLO))[1])
                nonce = secrets.token_hex(16)
                proof = self._proof("home", self.address, asked.nonce, nonce)
                await _send(writer, b"T", _encode(_Hello(nonce, proof, self.address)))
                shown = _hello.decode((await _frame(reader, _MOST_HELLO))[1])
        finally:
            self._strangers -= 1
        if shown.visit is None or not _same(shown.proof, self._proof_of(shown.visit, nonce)):
            _log.warning("room_passage_refused")
            return None
        return shown.visit

    # ---- reaching others -------------------------------------------------------------------------------------

    async def pass_on(self, address: str, visit: Visit, wire: Wire) -> int:
        """Carry messages between a socket and the holder of its room until one side ends.

        The code with which the holder closed, or RESTART where it said none; `MOVED` comes before any message did.

        Raises:
            Dead, Unreachable: as for `_knock`.
        """
        reader, writer = await self._knock(address, visit)
        self._passed.add(writer)
        try:
            return await _carry(wire, reader, writer)
        finally:
            self._passed.discard(writer)
            writer.close()

    async def _knock(self, address: str, visit: Visit) -> tuple[Reader, Writer]:
        """A connection to the holder of a room, who has the visit then.

        Raises:
            Dead: there is no such process any more.
            Unreachable: nobody answers.
        """
        writer: Writer | None = None
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                reader, writer = await _connect(address)
                nonce = secrets.token_hex(16)
                await _send(writer, b"T", _encode(_Hello(nonce)))
                answer = _hello.decode((await _frame(reader, _MOST_HELLO))[1])
                if not _same(answer.proof, self._proof("home", answer.address, nonce, answer.nonce)):
                    raise Unreachable("it is not of this database")
                if answer.address != address:
                    raise Dead("another process is there now")
                await _send(writer, b"T", _encode(_Hello("", self._proof_of(visit, answer.nonce), visit=visit)))
                return reader, writer
        except BaseException as error:
            if writer is not None:
                writer.close()
            # The file of a Unix socket is made by its process and used by no other one.
            if isinstance(error, ConnectionRefusedError) and address.startswith("unix:"):
                raise Dead(str(error)) from None
            if isinstance(error, OSError | EOFError | ValueError | TimeoutError | RecursionError):
                raise Unreachable(str(error) or type(error).__name__) from None
            raise

    def tidy(self) -> None:
        """Remove the Unix sockets of processes that were killed a while ago."""
        if self._path is None:
            return
        for path in self._path.parent.glob("*.sock"):
            with contextlib.suppress(OSError):
                if path != self._path and time.time() - path.stat().st_mtime > _STALE_SECONDS and _is_stale(path):
                    path.unlink()

    def _proof_of(self, visit: Visit, nonce: str) -> str:
        return self._proof("visit", nonce, _encode(visit).decode())

    def _proof(self, *parts: str) -> str:
        return blake2b(_encode(parts), key=self._secret, digest_size=32, person=b"room-passage").hexdigest()


def _same(sent: str, proof: str) -> bool:
    # As bytes: letters other than those of ASCII would be an error else.
    return hmac.compare_digest(sent.encode(), proof.encode())


def parse_room_address(text: str) -> tuple[str, range]:
    """Host and ports of a setting: `HOST` (any port), `HOST:PORT`, `HOST:PORT-PORT`; an IPv6 host in brackets.

    Raises:
        ValueError: it is none of these.
    """
    parts = _MACHINE.fullmatch(text)
    first = int(parts[2] or 0) if parts else 0
    found = range(first, int(parts[3] or first) + 1) if parts else range(0)
    if parts is None or not found or found[-1] > 65_535:
        raise ValueError(f"{text} is no address such as 10.0.0.5 or 10.0.0.5:7100-7110")
    return parts[1].strip("[]"), found


def _place_for(folder: Path, name: str) -> Path:
    """Where a Unix socket can be: in the folder, unless its path is too long for the system."""
    path = folder.absolute() / name
    if len(os.fsencode(path)) > _LONGEST_PATH:
        return Path(tempfile.mkdtemp(prefix=_TEMPORARY)) / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _is_stale(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


async def _connect(address: str) -> tuple[Reader, Writer]:
    kind, _, where = address.partition(":")
    if kind == "unix":
        return await asyncio.open_unix_connection(where)
    host, _, port = where.partition("#")[0].rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _carry(wire: Wire, reader: Reader, writer: Writer) -> int:
    up = asyncio.get_running_loop().create_task(_carry_up(wire, writer))
    try:
        while True:
            async with asyncio.timeout(SILENT_SECONDS + _HANDSHAKE_SECONDS):
                kind, data = await _frame(reader)
            if kind == b"C":
                return int(_CODE.unpack(data)[0])
            await wire.send(data.decode())
    except (OSError, EOFError, TimeoutError, struct.error):
        return RESTART
    finally:
        up.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await up


async def _carry_up(wire: Wire, writer: Writer) -> None:
    while (raw := await wire.receive()) is not None:
        try:
            if isinstance(raw, str):
                await _send(writer, b"T", raw.encode("utf-8", "replace"))
            else:
                await _send(writer, b"B", raw)
        except OSError:
            return  # the holder has closed; what it said last is still to be read
    writer.close()


async def _frame(reader: Reader, most: int = _MOST_BYTES) -> tuple[bytes, bytes]:
    """Raises: ValueError: it is too long. EOFError, OSError: there is none any more."""
    kind, size = _HEAD.unpack(await reader.readexactly(_HEAD.size))
    if size > most:
        raise ValueError("a frame that is too long")
    return kind, await reader.readexactly(size)


async def _send(writer: Writer, kind: bytes, data: bytes) -> None:
    writer.write(_HEAD.pack(kind, len(data)) + data)
    await writer.drain()
