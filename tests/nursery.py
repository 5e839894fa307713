"""Server processes that are there at once: forked off a process that has loaded everything already.

They are what `parley serve` is, with the command line and the environment of the test, and can be killed like it; only
the second that Python takes to load the program is saved, for tests that start servers again and again.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_MOTHER = "from tests.nursery import bear_children; bear_children()"
_WAIT_SECONDS = 20


class Child:
    """A forked server; what it has in common with subprocess.Popen is called alike."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def kill(self) -> None:
        """End it with SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, timeout: float = _WAIT_SECONDS) -> int:
        """Wait until it is gone."""
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("server", timeout)
            time.sleep(0.005)
        return 0


class Nursery:
    """The process that servers are forked off."""

    def __enter__(self) -> Nursery:
        self._mother = subprocess.Popen(
            [sys.executable, "-c", _MOTHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.wait(_WAIT_SECONDS)
        self._mother.stdout.close()

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, output: Path, log: Path
    ) -> Child:
        """Start the program with these arguments; its output begins anew, its log goes on."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        order = [list(arguments), dict(environment), str(folder), str(output), str(log)]
        print(json.dumps(order), file=self._mother.stdin, flush=True)
        return Child(int(self._mother.stdout.readline()))


def bear_children() -> None:
    """Load the server, then fork one for each line of the input."""
    for name in ("parley.cli.server", "parley.mail.composing", "parley.mail.reminding", "aiosmtplib"):
        importlib.import_module(name)
    from parley.cli import main

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that end leave nothing behind
    for line in sys.stdin:
        arguments, environment, folder, output, log = json.loads(line)
        pid = os.fork()
        if pid:
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for path, flags, target in (
            (os.devnull, os.O_RDONLY, 0),
            (output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1),
            (log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 2),
        ):
            opened = os.open(path, flags, 0o600)
            os.dup2(opened, target)
            os.close(opened)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["parley", *arguments]
        main()
        os._exit(0)
