"""A streaming replica of a PostgreSQL server of the tests, that can be held up, killed and brought back."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from pathlib import Path
from typing import Any

import psutil

from tests.databases import PostgresServer

_numbers = itertools.count(1)


class PostgresReplica(PostgresServer):
    """A hot standby: it follows `primary` from a base backup on. The primary keeps its log for it, by its slot."""

    def __init__(self, primary: PostgresServer) -> None:
        self._primary = primary
        self._slot = f"replica_{next(_numbers)}"
        super().__init__()

    def _binaries(self) -> Path:
        self._account = self._primary._account
        if self._account:
            os.chown(self._folder, self._account["user"], self._account["group"])
        return self._primary.binaries

    def _call(self, *command: object) -> None:
        """Where a server of its own would make an empty cluster, this one copies that of the primary."""
        if Path(str(command[0])).name == "initdb":
            command = (
                *(self._primary.binaries / "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast"),
                *("--no-sync", "-h", self._primary.data, "-U", "postgres", "-C", "-S", self._slot),
            )
        super()._call(*command)
        # The copy has the socket's lock of the server that it was made of.
        for left in self.data.glob(".s.PGSQL.*"):
            left.unlink()

    async def value(self, statement: str, database: str = "postgres") -> Any:
        """One value as the replica's administrator sees it."""
        return await self._fetch(self.url(database), statement)

    async def hold(self) -> None:
        """Let it replay nothing more until `go_on`."""
        await self.run("SELECT pg_wal_replay_pause()")
        while await self.value("SELECT pg_get_wal_replay_pause_state()") != "paused":  # noqa: ASYNC110  of another process
            await asyncio.sleep(0.01)

    async def go_on(self) -> None:
        """Let it replay what it has."""
        await self.run("SELECT pg_wal_replay_resume()")

    def stop(self) -> None:
        """Stop it and let the primary forget it."""
        super().stop()
        asyncio.run(self._primary.run(f"SELECT pg_drop_replication_slot('{self._slot}')"))

    def crash(self) -> None:
        """End it without giving it time for anything."""
        super()._call(self.binaries / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        self._process.communicate(timeout=30)

    def come_back(self) -> None:
        """Start it again after a crash and wait until it answers."""
        self._process = self._launched()
        asyncio.run(self._wait())

    def freeze(self, *, on: bool) -> None:
        """Let it answer nothing more, without closing a connection; or thaw it."""
        for process in psutil.Process(self._process.pid).children(recursive=True):
            process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    @staticmethod
    async def _fetch(url: str, statement: str) -> Any:
        import asyncpg

        connection = await asyncpg.connect(url, timeout=10)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()
