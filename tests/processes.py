"""The server as a process of its own, started by the command that people start it with."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from tests.nursery import Child, Nursery

_ADDRESS = re.compile(r"serves on http://[^:]+:(\d+)")
_COMMAND = "from parley.cli import main; main()"
_START_SECONDS = 30


class ServerProcess:
    """`parley serve`, on a free port unless it is told which.

    Args:
        data: the data folder; its database is used unless `database` names another one.
        nursery: where it is forked off, for tests that start many; None: it is started as people do.
        port: to listen on; 0: any free one.
        settings: settings of the server, by name.
    """

    def __init__(
        self, data: Path, database: str | None = None, *, nursery: Nursery | None = None, port: int = 0, **settings: Any
    ) -> None:
        command = ["serve", "--port", str(port), "--data", str(data)]
        if database is not None:
            command += ["--database", database]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
        settings = {"mail_delivery": False, **settings}
        environment |= {f"PARLEY_{name.upper()}": str(value) for name, value in settings.items()}
        self.log = data / "server.log"
        self._output = data / f"server-{secrets.token_hex(4)}.out"
        self._process = self._started(command, environment, data, nursery)
        self.port = 0
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise
        self.url = f"http://127.0.0.1:{self.port}"

    def _started(
        self, command: list[str], environment: dict[str, str], folder: Path, nursery: Nursery | None
    ) -> subprocess.Popen[bytes] | Child:
        if nursery is not None:
            self._output.write_bytes(b"")
            return nursery.start(command, environment, folder, self._output, self.log)
        python = [sys.executable, "-c", _COMMAND]
        with self.log.open("ab") as log, self._output.open("wb") as output:
            return subprocess.Popen(
                [*python, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=log, env=environment, cwd=folder
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self.port:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {self.log.read_text()}")
            time.sleep(0.01)
            found = _ADDRESS.search(self._output.read_text())
            self.port = int(found[1]) if found else 0

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def memory(self) -> int:
        """Resident memory in bytes."""
        resident: int = psutil.Process(self._process.pid).memory_info().rss
        return resident

    def errors(self) -> list[dict[str, Any]]:
        """What the server logged as an error, and anything that is no line of its log."""
        found = []
        for line in self.log.read_text().splitlines():
            entry: dict[str, Any] = {"level": "error", "event": line}
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
            if entry["level"] not in ("info", "warning"):
                found.append(entry)
        return found

    def kill(self) -> None:
        """End it in the middle of whatever it does (SIGKILL)."""
        self._process.kill()
        self._process.wait(20)

    def terminate(self) -> None:
        """Ask it to end, and wait for nothing."""
        self._process.terminate()

    def stop(self) -> int:
        """End it the usual way; the code that it ends with, where it was started as people do."""
        self._process.terminate()
        try:
            return self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
