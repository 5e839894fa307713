"""A bare HTTP client on asyncio: cheap enough to load a server from the same machine, and every way to fail has a name.

One `Wire` is one connection that is kept open. Nothing is tried again here: a request that did not get its answer is
told as lost, since nobody can know whether it was done.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Final

#: A connection that was idle for so long is not used again: the server may be closing it.
_IDLE_SECONDS: Final = 15.0


class LostError(Exception):
    """A request without an answer; the message is the kind of the loss in one word and details."""


class Answered:
    """A response: its status and its body."""

    __slots__ = ("body", "status")

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.used_at = time.monotonic()

    async def ask(self, method: str, path: str, body: bytes, headers: str = "") -> Answered:
        """Send a request and read its answer.

        Raises:
            OSError, EOFError, ValueError: there is none.
        """
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        head_of_answer = await self._reader.readuntil(b"\r\n\r\n")
        lines = head_of_answer.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        content = await self._body(fields, method)
        if fields.get("connection", "").lower() == "close":
            self.close()
        self.used_at = time.monotonic()
        return Answered(status, content)

    async def _body(self, fields: dict[str, str], method: str) -> bytes:
        if method == "HEAD":
            return b""
        if fields.get("transfer-encoding", "").lower() != "chunked":
            return await self._reader.readexactly(int(fields.get("content-length", "0")))
        parts = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return b"".join(parts)

    @property
    def is_open(self) -> bool:
        """Whether it may be used once more."""
        idle = time.monotonic() - self.used_at
        return not self._writer.is_closing() and not self._reader.at_eof() and idle < _IDLE_SECONDS

    def close(self) -> None:
        """Close it; nothing is waited for."""
        self._writer.close()

    def cut(self) -> None:
        """Break it off, as when a machine goes away."""
        transport = self._writer.transport
        transport.abort()


class Wires:
    """Connections to one server, as many as are needed at a time.

    Args:
        patience: seconds after which a client gives up.
    """

    def __init__(self, port: int, patience: float = 60.0) -> None:
        self.port = port
        self.patience = patience
        self._idle: list[Wire] = []
        self.busy: set[Wire] = set()

    async def ask(self, method: str, path: str, body: bytes = b"", headers: str = "") -> Answered:
        """One request over a free connection, or over a new one.

        Raises:
            LostError: there was no answer.
        """
        wire: Wire | None = None
        done = False
        try:
            async with asyncio.timeout(self.patience):
                wire = self._free() or await self._opened()
                self.busy.add(wire)
                answer = await wire.ask(method, path, body, headers)
            done = True
            return answer
        except TimeoutError:
            raise LostError("timeout") from None
        except ConnectionRefusedError:
            raise LostError("refused") from None
        except (OSError, EOFError) as error:
            raise LostError(f"cut: {type(error).__name__}") from None
        finally:
            if wire is not None:
                self.busy.discard(wire)
                if done:
                    self._idle.append(wire)
                else:
                    wire.close()

    def _free(self) -> Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.is_open:
                return wire
            wire.close()
        return None

    async def _opened(self) -> Wire:
        return Wire(*await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20))

    async def attempt(self) -> bool:
        """Open one more connection and keep it; whether that went well."""
        try:
            async with asyncio.timeout(self.patience):
                self._idle.append(await self._opened())
        except (OSError, TimeoutError):
            return False
        return True

    def cut(self, share: float = 1.0) -> int:
        """Break off connections on which requests are under way; returns how many."""
        chosen = list(self.busy)[: max(1, round(len(self.busy) * share))]
        for wire in chosen:
            wire.cut()
        return len(chosen)

    async def close(self) -> None:
        """Close all connections."""
        for wire in (*self._idle, *self.busy):
            with contextlib.suppress(OSError):
                wire.close()
        self._idle.clear()
