"""A server that drains, and the process above several workers, as far as it can be seen without starting them."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn

from parley.services.errands import Errands
from parley.web import supervising
from parley.web.serving import APP, DrainingServer, Worker
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


class Stand:
    """A worker without a process, and what it was told."""

    def __init__(self) -> None:
        self.pid, self.exitcode, self.living = 1, -9, True
        self.told: list[int | str] = []
        self.process = SimpleNamespace(is_alive=lambda: self.living)

    def is_ready(self, _seconds: float) -> bool:
        return True

    def is_hung(self) -> bool:
        return False

    def join(self) -> None:
        assert not self.living

    def kill(self) -> None:
        self.told.append("kill")
        self.living = False

    def signal(self, number: int) -> None:
        self.told.append(number)
        self.living = False


def supervised(
    monkeypatch: pytest.MonkeyPatch, workers: Iterator[Stand | OSError], up: Callable[[], None] = lambda: None
) -> None:
    """Let a supervisor look after two of these until it ends; an error stands for one that cannot be started."""

    def started(_: Supervisor) -> Stand:
        found = next(workers)
        if isinstance(found, OSError):
            raise found
        return found

    monkeypatch.setattr(Supervisor, "_started", started)
    monkeypatch.setattr(supervising, "_AGAIN_SECONDS", 0)
    config = uvicorn.Config("nobody:app", workers=2, log_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Supervisor(config, listener, 0, up).run()


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
    left: list[Stand] = []

    class Leaving(Stand):
        def signal(self, number: int) -> None:
            super().signal(number)
            if number == signal.SIGUSR1:
                left.append(self)
                if len(left) in (1, 4):
                    signal.raise_signal(signal.SIGHUP if len(left) == 1 else signal.SIGTERM)

    supervised(monkeypatch, (Leaving() for _ in range(6)), lambda: signal.raise_signal(signal.SIGHUP))
    assert len(set(left)) == 4


def test_what_cannot_be_started_now_is_started_later(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = Stand(), Stand(), Stand()
    first.living = False
    busy = OSError(errno.EAGAIN, "Resource temporarily unavailable")

    def in_turn() -> Iterator[Stand | OSError]:
        yield from (first, second, busy, busy, third)

    def is_hung() -> bool:
        signal.raise_signal(signal.SIGTERM)
        return False

    monkeypatch.setattr(third, "is_hung", is_hung)
    monkeypatch.setattr(Supervisor, "_is_ready", lambda *_: True)
    supervised(monkeypatch, in_turn())
    assert (first.told, second.told, third.told) == ([], [signal.SIGTERM], [signal.SIGTERM])


def test_a_server_that_cannot_start_its_workers_ends_those_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Stand()
    with pytest.raises(NotStarted, match="Cannot allocate"):
        supervised(monkeypatch, (each for each in (first, OSError(errno.ENOMEM, "Cannot allocate memory"))))
    assert first.told == [signal.SIGTERM]


def test_the_end_while_workers_are_replaced_breaks_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, new = Stand(), Stand(), Stand()

    def comes_late(_seconds: float) -> bool:
        signal.raise_signal(signal.SIGTERM)
        return False  # it answers people already, but nobody has seen that yet

    monkeypatch.setattr(new, "is_ready", comes_late)
    supervised(monkeypatch, iter((first, second, new)), lambda: signal.raise_signal(signal.SIGHUP))
    assert [each.told for each in (first, second, new)] == [[signal.SIGTERM]] * 3


def test_a_worker_has_one_server_whoever_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[uvicorn.Server] = []
    worker = Worker.__new__(Worker)
    worker.config, worker._grace, worker._server = uvicorn.Config("nobody:app", log_config=None), 0, None
    worker.parent_conn, worker.child_conn = multiprocessing.Pipe()
    monkeypatch.setattr(DrainingServer, "run", lambda self, _: ran.append(self))
    made: list[uvicorn.Server] = []
    making = DrainingServer.__init__

    def slowly(self: DrainingServer, *args: Any) -> None:
        making(self, *args)
        made.append(self)
        if len(made) == 1:  # the supervisor asks in the middle of it
            worker.parent_conn.send(b"ping")
            worker.parent_conn.poll(0.2)

    monkeypatch.setattr(DrainingServer, "__init__", slowly)
    worker.target(None)
    assert worker.parent_conn.recv() is False
    assert made == ran == [worker.server]
