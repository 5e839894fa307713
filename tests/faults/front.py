"""What stands in front of several servers: passes connections on to one that says it is ready, and retries nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from types import TracebackType

#: An older answer of a server counts for nothing.
_FRESH_SECONDS = 1.0
_ASK_SECONDS = 0.1


class Front:
    """Spreads connections over the servers; in a thread of its own, with a port of its own.

    Args:
        ports: of the servers.
    """

    def __init__(self, ports: list[int]) -> None:
        self.port = 0
        self._ready = dict.fromkeys(ports, 0.0)
        self._turns = itertools.count()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._end = asyncio.Event()

    def __enter__(self) -> Front:
        self._thread.start()
        self._up.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    def swap(self, old: int, new: int) -> None:
        """A server has been started anew on another port."""
        self._ready.pop(old)
        self._ready[new] = 0.0

    def wait_for(self, *ports: int) -> None:
        """Wait until these servers, and no others, are ready."""
        while {port for port in list(self._ready) if self._is_ready(port)} != set(ports):
            time.sleep(0.02)

    def _is_ready(self, port: int) -> bool:
        return time.monotonic() - self._ready.get(port, 0.0) < _FRESH_SECONDS

    async def _run(self) -> None:
        listener = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        self._up.set()
        while not self._end.is_set():
            await asyncio.gather(*(self._ask(port) for port in list(self._ready)))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), _ASK_SECONDS)
        listener.close()
        for each in list(self._writers):
            each.close()
        while self._writers:  # noqa: ASYNC110  # whatever still carries
            await asyncio.sleep(0.01)

    async def _ask(self, port: int) -> None:
        asked, answer = time.monotonic(), b""
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
        if port in self._ready:
            self._ready[port] = asked if answer.startswith(b"HTTP/1.1 200 ") else 0.0

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not (ready := [port for port in self._ready if self._is_ready(port)]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        self._writers.add(writer)
        there, onwards = await asyncio.open_connection("127.0.0.1", ready[next(self._turns) % len(ready)])
        self._writers.add(onwards)
        await asyncio.gather(_carry(reader, onwards), _carry(there, writer), return_exceptions=True)
        for each in (writer, onwards):
            each.close()
            with contextlib.suppress(OSError):
                await each.wait_closed()
            self._writers.discard(each)


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.write_eof()
