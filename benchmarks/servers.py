"""Servers as processes of their own, each kept on one core, and always stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import documents
from benchmarks.process import pinned

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0
_ROOT: Final = Path(__file__).parent.parent


class ServerError(Exception):
    """A server that does not start, or does not answer as it should."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs."""

    pid: int
    port: int

    def url(self, path: str = documents.PATH) -> str:
        """An address of this server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def post(self, document: bytes, path: str = documents.PATH) -> bytes:
        """The answer to one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, document, {"Content-Type": "text/xml; charset=utf-8"})
            return connection.getresponse().read()
        finally:
            connection.close()

    def ask(self, document: bytes) -> bytes:
        """The answer to one request, which has to be a success."""
        answer = self.post(document)
        if b"<serv:result>SUCCESS" not in answer:
            raise ServerError(answer.decode(errors="replace"))
        return answer


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def process(
    command: list[str], log: Path, port: int, ready: Callable[[Running], bool], pause: float = 0.05
) -> Iterator[Running]:
    """Start a server, wait until it is ready, stop it at the end.

    Raises:
        ServerError: it did not become ready; the message ends with what it wrote.
    """
    with log.open("wb") as output:
        started = subprocess.Popen(
            pinned(command, 0),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=_ROOT,
            env=_environment(),
            start_new_session=True,
        )
    running = Running(started.pid, port)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not (accepts(port) and ready(running)):
            if started.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"{command[0]} did not start: {log.read_text(errors='replace')[-1000:].strip()}")
            time.sleep(pause)
        yield running
    finally:
        _stop(started)


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}


def _stop(started: subprocess.Popen[bytes]) -> None:
    started.terminate()
    try:
        started.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait(_STOP_SECONDS)


def serve_command(database: str, folder: Path, port: int) -> list[str]:
    """`parley serve` with a database."""
    program = Path(sys.executable).with_name("parley")
    options = ["--port", str(port), "--database", database, "--data", str(folder), "--log-level", "warning"]
    return [str(program), "serve", *options]


@contextlib.contextmanager
def parley(
    database: str,
    folder: Path,
    ready: Callable[[Running], bool] = lambda _: True,
    pause: float = 0.05,
    *,
    mails: bool = False,
) -> Iterator[Running]:
    """Parley as it is started by people: `parley serve`.

    Args:
        mails: it delivers its mails itself, into files. Else they wait for `parley mail deliver`: what the mails of one
            operation cost is not to be counted to the next one.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    # Copied recordings have no files, which the server would notice some minutes later and list them no more.
    (folder / "parley.toml").write_text(f"mail_delivery = {str(mails).lower()}\nrecordings_tidy = false\n")
    command = serve_command(database, folder, port)
    with process(command, folder / "serve.log", port, ready, pause) as running:
        yield running


@contextlib.contextmanager
def null(folder: Path) -> Iterator[Running]:
    """The service that answers with the files of a folder."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.null", str(port), str(folder)]
    with process(command, folder / "null.log", port, lambda _: True) as running:
        yield running
