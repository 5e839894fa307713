"""The parts that a server stands on, as processes that can be killed, frozen and started again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from tests.databases import PostgresServer

_START_SECONDS = 30


class FaultyPostgres(PostgresServer):
    """PostgreSQL that comes to harm."""

    def postmaster(self) -> psutil.Process:
        """The process that all others of it come from."""
        return psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))

    def processes(self) -> list[psutil.Process]:
        """All processes of it."""
        first = self.postmaster()
        return [first, *first.children(recursive=True)]

    def crash(self) -> None:
        """Kill every process of it (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop_at_once(self) -> None:
        """Let it drop everything and end, as `pg_ctl stop -m immediate` does."""
        self._end(signal.SIGQUIT)

    def _end(self, number: int) -> None:
        found = self.processes()
        for each in found if number == signal.SIGKILL else found[:1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(number)
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=20)  # the shell around it, which waits for the first of them
        psutil.wait_procs(found, timeout=20)

    def start_again(self) -> None:
        """Start it; returns when it takes connections."""
        if (self.data / "postmaster.pid").exists():
            (self.data / "postmaster.pid").unlink()
        self._process = self._launched()
        deadline = time.monotonic() + _START_SECONDS
        while True:  # after a crash it says for a while that it is starting up
            try:
                asyncio.run(self.run("SELECT 1"))
            except (OSError, asyncpg.PostgresError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def freeze(self) -> None:
        """Stop all its processes where they are (SIGSTOP)."""
        for each in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.suspend()

    def thaw(self) -> None:
        """Let them go on."""
        for each in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.resume()

    async def value(self, statement: str) -> Any:
        """The first value that a statement finds."""
        connection = await asyncpg.connect(self.url("postgres"), timeout=10)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def cut_connections(self) -> None:
        """End every connection of the servers."""
        await self.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'")


class MailSink:
    """An SMTP server as a process of its own, which keeps a line for each mail before it says that it took it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "mails.jsonl"
        self.file.touch()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The setting `smtp` for it."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        command = [sys.executable, "-m", "tests.faults.sink", str(self.port), str(self.file)]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(command, cwd=root, stdin=subprocess.DEVNULL)
        wait_for_port(self.port)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(20)

    def mails(self) -> list[dict[str, str]]:
        """Message-ID (`id`), `to` and `subject` of everything that was taken."""
        lines = self.file.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]


def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that does nothing while the block runs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
