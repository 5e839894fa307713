"""`parley sandbox`: a server for test suites in any language, with an API that controls it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import threading

    from parley.testing.control import ControlServer
    from parley.testing.server import Server


def sandbox(
    port: Annotated[
        int, typer.Option("--control-port", help="Port of the control API; 0: a free one.", min=0, max=65535)
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Say where it is in one line of JSON.")] = False,
    child: Annotated[
        bool, typer.Option("--child", help="End when standard input is closed, and so with the suite that started it.")
    ] = False,
) -> None:
    """Run a server for test suites, on loopback, with nothing on it; everything is forgotten at the end.

    Sites, clock, failures, mails and requests are controlled by JSON over HTTP; docs/testing.md has the addresses.
    The token for that is printed at the start; the variable PARLEY_SANDBOX_TOKEN chooses it.
    """
    import tempfile
    from pathlib import Path

    from parley.testing.server import Server
    from parley.web.logs import configure_logging

    configure_logging("warning")
    with _told_to_stop() as over, tempfile.TemporaryDirectory(prefix="parley-sandbox-") as folder:
        server = Server(None, Path(folder), recordings_tidy=False).start()
        server.watch()
        try:
            control = _control(server, port)
            try:
                _say(server, control, as_json=as_json)
                if child:
                    _end_with_input(over)
                over.wait()
            finally:
                control.stop()
        finally:
            server.stop()


def _control(server: Server, port: int) -> ControlServer:
    import os

    from parley.cli.common import fail
    from parley.testing.control import ControlServer

    try:
        return ControlServer(server, port=port, token=os.environ.get("PARLEY_SANDBOX_TOKEN")).start()
    except OSError as error:
        fail(f"cannot listen on port {port} of 127.0.0.1: {error.strerror}")


def _say(server: Server, control: ControlServer, *, as_json: bool) -> None:
    import json

    if as_json:
        typer.echo(json.dumps({"url": server.url, "control": control.url, "token": control.token}))
    else:
        typer.echo(f"Parley's sandbox serves on {server.url}")
        typer.echo(f"Control API: {control.url}")
        typer.echo(f"Token: {control.token}")
        typer.echo("Stop with Ctrl-C.")
    sys.stdout.flush()


@contextlib.contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    import signal
    import threading

    over = threading.Event()
    before = {each: signal.signal(each, lambda *_: over.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_input(over: threading.Event) -> None:
    """Set the event when standard input ends."""
    import os
    import threading

    def follow() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        over.set()

    threading.Thread(target=follow, daemon=True).start()
