"""Servers are restarted under load, and no request fails: several behind a front, and the workers of one."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.client import Client, xml_of
from tests.faults.front import Front
from tests.killed import PASSWORD, SITE, host, make_site
from tests.processes import ServerProcess
from tests.services.meetings import meeting

PATH = "/WBXService/XMLService"
#: Much longer than the front takes to notice, and than a connection of the load is kept unused, on a machine that has
#: other work too; no test waits for it, since a second signal ends it.
GRACE = 25.0
_IDLE_SECONDS = 1.0
_PAUSE_SECONDS = 0.02
_PATIENCE = 60.0
_KEY = re.compile(rb"<meet:meetingkey>(\d+)<")
_SUCCESS = b"<serv:result>SUCCESS"


class Load:
    """Programs that read and write until they are told to stop; whatever is not a success is a failure.

    Half of them keep their connection, as long as the server lets them and it is not idle for long; the others open
    one for each request. Nobody tries anything twice.
    """

    def __init__(self, port: int, programs: int = 4) -> None:
        self._port = port
        self._end = threading.Event()
        self.made: list[str] = []
        self.failures: list[str] = []
        self._done = [0] * programs
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(programs)]

    def __enter__(self) -> Load:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for each in self._threads:
            each.join()

    @property
    def done(self) -> int:
        """Requests that were answered."""
        return sum(self._done)

    def goes_on(self, requests: int = 40) -> None:
        """Wait until so many more requests were answered, and some of each program."""
        goal, least = self.done + requests, [each + 3 for each in self._done]

        def is_reached() -> bool:
            return self.done >= goal and all(now >= each for now, each in zip(self._done, least, strict=True))

        wait_for(lambda: is_reached() or bool(self.failures))

    def _work(self, number: int) -> None:
        keeps, turn, used = number % 2 == 0, 0, 0.0
        connection: http.client.HTTPConnection | None = None
        while not self._end.is_set():
            if connection is None or not keeps or time.monotonic() - used > _IDLE_SECONDS:
                if connection is not None:
                    connection.close()
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
            turn += 1
            try:
                self._ask(connection, f"{number}-{turn}", writes=turn % 3 == 0)
                self._done[number] += 1
            except Exception as error:  # whatever it is, it is one that a program would have seen
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
                connection = None
            used = time.monotonic()
            time.sleep(_PAUSE_SECONDS)
        if connection is not None:
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection, name: str, *, writes: bool) -> None:
        values = meeting(metaData={"confName": name})
        operation, body = ("meeting.CreateMeeting", values) if writes else ("user.GetUser", {"webExId": "host"})
        document = host().document(operation, xml_of(body)).encode()
        connection.request("POST", PATH, document, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200 or _SUCCESS not in text:
            raise AssertionError(f"{answer.status} {text[:500]!r}")
        if writes:
            found = _KEY.search(text)
            assert found is not None
            self.made.append(found[1].decode())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, text and the header Connection of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.getheader("connection", "")
    finally:
        connection.close()


def is_draining(port: int) -> bool:
    return get(port, "/readyz")[0] == 503


def kept(url: str) -> set[str]:
    """The keys of all meetings of the host."""
    client = Client(url, SITE, web_ex_id="host", password=PASSWORD)
    found: set[str] = set()
    while True:
        control = {"startFrom": len(found) + 1, "maximumNum": 500}
        answer = client.call("meeting.LstsummaryMeeting", listControl=control, order={"orderBy": "STARTTIME"}).ok()
        found |= set(answer.all("meetingKey"))
        if len(found) >= int(answer.value("total") or 0):
            return found


@pytest.fixture
def start(postgres_database: str, tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers on one database, as people do."""
    asyncio.run(make_site(tmp_path, postgres_database))
    with ExitStack() as stack:

        def started(**settings: Any) -> ServerProcess:
            server = ServerProcess(tmp_path, postgres_database, drain_seconds=GRACE, **settings)
            stack.callback(lambda: server.kill() if server.is_running else None)
            return server

        yield started


@contextmanager
def kept_alive(port: int) -> Iterator[http.client.HTTPConnection]:
    """A connection that has had an answer, and is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    assert (answer.read(), answer.will_close) == (b"ok\n", False)
    yield connection
    connection.close()


def test_servers_are_restarted_in_turn_and_no_request_fails(start: Callable[..., ServerProcess]) -> None:
    servers = [start(), start()]
    with Front([each.port for each in servers]) as front:
        front.wait_for(*(each.port for each in servers))
        with Load(front.port) as load:
            load.goes_on()
            for place, server in enumerate(servers):
                other = servers[1 - place]
                with kept_alive(server.port) as connection:
                    os.kill(server.pid, signal.SIGTERM)
                    front.wait_for(other.port)
                    connection.request("GET", "/readyz")
                    answer = connection.getresponse()
                    assert (answer.status, answer.read()) == (503, b"this server is about to end\n")
                    assert answer.will_close
                # Whoever comes nevertheless is served.
                assert get(server.port, "/healthz") == (200, "ok\n", "close")
                load.goes_on()
                assert server.stop() == 0
                load.goes_on()
                servers[place] = start()
                front.swap(server.port, servers[place].port)
                front.wait_for(*(each.port for each in servers))
                load.goes_on()
    assert load.failures == []
    assert len(load.made) > 20
    assert set(load.made) <= kept(servers[0].url)
    for each in servers:
        os.kill(each.pid, signal.SIGTERM)
        wait_for(partial(is_draining, each.port))  # else both signals may come as one
        assert each.stop() == 0  # the second signal ends the grace
        assert each.errors() == []


def workers_of(server: ServerProcess) -> set[int]:
    found = set()
    for each in psutil.Process(server.pid).children():
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            if "spawn_main" in str(each.cmdline()):
                found.add(each.pid)
    return found


def test_workers_are_replaced_and_no_request_fails(start: Callable[..., ServerProcess]) -> None:
    server = start(workers=2)
    first = workers_of(server)
    assert len(first) == 2
    with Load(server.port) as load:
        load.goes_on()
        os.kill(server.pid, signal.SIGHUP)
        wait_for(lambda: len(now := workers_of(server)) == 2 and not now & first)
        load.goes_on()
    assert load.failures == []
    assert set(load.made) <= kept(server.url)
    second = workers_of(server)
    killed = min(second)
    os.kill(killed, signal.SIGKILL)
    # What the killed one had in hand is gone with it; nobody asked for anything. The other one serves on.
    for _ in range(20):
        assert get(server.port, "/readyz")[0] == 200
    wait_for(lambda: len(workers_of(server)) == 2 and killed not in workers_of(server))
    with Load(server.port) as load:
        load.goes_on()
        os.kill(server.pid, signal.SIGTERM)
        wait_for(partial(is_draining, server.port))
        assert get(server.port, "/healthz")[0] == 200
        load.goes_on()
        done = load.done
    assert load.failures == []
    assert done
    children = psutil.Process(server.pid).children()
    assert server.stop() == 0
    _, alive = psutil.wait_procs(children, timeout=_PATIENCE)
    assert not alive
    assert server.errors() == []
