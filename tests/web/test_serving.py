"""A server that drains, and the process above several workers, as far as it can be seen without starting them."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn

from parley.services.errands import Errands
from parley.web.serving import APP, DrainingServer
from parley.web.supervising import NotStarted, Supervisor


class App:
    """What a server tells its application."""

    def __init__(self) -> None:
        self.draining = False
        self.told: list[str] = []

    def begin_draining(self) -> None:
        self.told.append("drain")

    async def leave_rooms(self) -> None:
        self.told.append("leave")


def server(grace: float, app: App | None) -> DrainingServer:
    made = DrainingServer(uvicorn.Config("nobody:app", log_config=None), grace)
    made.config.encoded_headers = []
    state = {} if app is None else {APP: app}

    async def shutdown() -> None:
        if app is not None:
            app.told.append("stop")

    made.lifespan = cast(Any, SimpleNamespace(state=state, shutdown=shutdown))
    made.servers = []
    return made


def test_a_signal_is_told_at_once() -> None:
    app = App()
    draining = server(600, app)
    draining.handle_exit(signal.SIGTERM, None)
    assert (app.draining, draining.should_exit, draining._hurried) == (True, True, False)
    assert draining.server_state.default_headers == [(b"connection", b"close")]
    draining.handle_exit(signal.SIGTERM, None)
    assert draining._hurried
    assert not draining.force_exit
    assert draining.server_state.default_headers == [(b"connection", b"close")]
    draining.handle_exit(signal.SIGINT, None)
    assert draining.force_exit


@pytest.mark.parametrize(("workers", "terminal", "ends"), [(1, True, True), (1, False, False), (2, True, False)])
def test_a_hangup_ends_only_what_a_terminal_held(
    workers: int, terminal: bool, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.isatty", lambda _: terminal)
    draining = server(600, App())
    draining.config.workers = workers
    with draining.capture_signals():
        signal.raise_signal(signal.SIGHUP)
    assert draining.should_exit is ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGUSR1])
async def test_nobody_is_waited_for_who_cannot_come(number: int) -> None:
    app = App()
    draining = server(600, app)
    draining.handle_exit(number, None)
    async with asyncio.timeout(30):
        await draining.shutdown()
    assert app.told[0] == "drain"
    assert app.told[-2:] == ["leave", "stop"]


async def test_the_grace_ends_with_a_second_signal() -> None:
    app = App()
    draining = server(600, app)
    draining.handle_exit(signal.SIGTERM, None)
    ending = asyncio.create_task(draining.shutdown())
    await asyncio.sleep(0.2)
    assert app.told == ["drain"]
    draining.handle_exit(signal.SIGTERM, None)
    async with asyncio.timeout(30):
        await ending
    assert app.told == ["drain", "leave", "stop"]


async def test_answers_that_have_begun_keep_what_they_said() -> None:
    draining = server(0, App())
    cycles = [SimpleNamespace(response_started=begun, keep_alive=True) for begun in (False, True)]
    connections = [SimpleNamespace(cycle=each, shutdown=lambda: None) for each in (*cycles, None)]
    draining.server_state.connections = cast(Any, connections)
    draining.handle_exit(signal.SIGTERM, None)
    draining.force_exit = True
    await draining.shutdown()
    assert [each.keep_alive for each in cycles] == [False, True]


async def test_a_server_that_never_started_ends_too() -> None:
    draining = server(600, None)
    draining.handle_exit(signal.SIGINT, None)
    async with asyncio.timeout(30):
        await draining.shutdown()


async def test_what_was_taken_is_finished_and_no_more_is(tmp_path: Path) -> None:
    application = cast(Any, SimpleNamespace(engine=None, clock=SimpleNamespace(now=lambda: 0)))
    doing = Errands(application)
    goes_on, done = asyncio.Event(), []

    async def work() -> int:
        await goes_on.wait()
        done.append("finished")
        return 1

    doing._busy[1] = asyncio.create_task(work())
    running = asyncio.create_task(doing.run(600))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert done == ["finished"]
    assert await doing.do_due(1) == 0  # the store, which there is none of, is not asked


def test_a_server_whose_workers_do_not_start_says_so() -> None:
    config = uvicorn.Config("parley.nowhere:app", factory=True, workers=2, log_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(NotStarted, match="worker"):
        Supervisor(config, listener, 0, lambda: pytest.fail("it is not up")).run()
    assert not multiprocessing.active_children()


def test_a_hangup_while_workers_are_replaced_replaces_them_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Any] = []

    class Stand:
        """A worker without a process."""

        def __init__(self) -> None:
            self.pid, self.living = 1, True
            self.process = SimpleNamespace(is_alive=lambda: self.living)

        def is_ready(self, _seconds: float) -> bool:
            return True

        def is_hung(self) -> bool:
            return False

        def join(self) -> None:
            assert not self.living

        def signal(self, number: int) -> None:
            self.living = False
            if number == signal.SIGUSR1:
                left.append(self)
                if len(left) in (1, 4):
                    signal.raise_signal(signal.SIGHUP if len(left) == 1 else signal.SIGTERM)

    monkeypatch.setattr(Supervisor, "_started", lambda _: Stand())
    config = uvicorn.Config("nobody:app", workers=2, log_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Supervisor(config, listener, 0, lambda: signal.raise_signal(signal.SIGHUP)).run()
    assert len(set(left)) == 4
