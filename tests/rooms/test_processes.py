"""People of one session who reach different server processes meet; processes that end are replaced.

The servers are processes of their own on one database, as several machines or `--workers` would be.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from parley.services.demo import PASSWORD, SITE_NAME
from tests.client import Client
from tests.nursery import Nursery
from tests.processes import ServerProcess
from tests.server import TestSite
from tests.web.rooms import Guest
from tests.web.test_pages import invitation, schedule, start_link


class Place:
    """One process, as the helpers of other tests know a site on a server."""

    def __init__(self, process: ServerProcess) -> None:
        self.process = process
        self.name = SITE_NAME
        self.server = SimpleNamespace(url=process.url, config=SimpleNamespace(port=process.port))

    @property
    def site(self) -> TestSite:
        """The same, for signatures."""
        return cast(TestSite, self)

    def client(self) -> Client:
        """A client of host1."""
        return Client(self.process.url, SITE_NAME, web_ex_id="host1", password=PASSWORD)


class Crowd:
    """A meeting of host1, and people who come to it by this process or that."""

    def __init__(self, place: Place) -> None:
        self.key = schedule(place.site)
        self.guests: list[Guest] = []

    def guest(self, place: Place) -> Guest:
        """Somebody with a browser."""
        self.guests.append(Guest(place.site, self.key))
        return self.guests[-1]

    def host(self, place: Place) -> Guest:
        """The host, in the room."""
        guest = self.guest(place)
        guest.open(start_link(place.site, self.key))
        assert guest.enter("Grace")["type"] == "welcome"
        return guest

    def invited(self, place: Place, name: str = "Ada", expected: str = "welcome") -> Guest:
        """Somebody with an invitation, in the room."""
        guest = self.guest(place)
        guest.open(invitation(place.site, self.key))
        assert guest.enter(name)["type"] == expected
        return guest

    def back(self, guest: Guest, place: Place) -> Guest:
        """The same person, come back by the token of his place; he tries as often as a browser does."""
        deadline = time.monotonic() + 30
        while True:
            again = self.guest(place)
            try:
                again.connect(guest.token)
                first = again.next()
            except OSError:
                first = {"type": "none"}
            if first["type"] == "welcome":
                again.token, again.id = first["token"], first["you"]
                return again
            assert first["type"] == "none" or first.get("again"), first
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def close(self) -> None:
        """End everything; nobody waits for what he has not read."""
        for each in self.guests:
            if each.socket is not None:
                with contextlib.suppress(OSError):
                    each.socket.socket.shutdown(socket.SHUT_RDWR)
            each.close()


Start = Callable[..., Place]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def start(nursery: Nursery, database: str, tmp_path: Path) -> Iterator[Start]:
    """Starts processes on one database."""
    processes: list[ServerProcess] = []

    def started(**settings: Any) -> Place:
        address = database if database.startswith("postgresql") else None
        processes.append(ServerProcess(tmp_path, address, nursery=nursery, demo=True, **settings))
        return Place(processes[-1])

    yield started
    for each in processes:
        if each.is_running:
            each.stop()
        assert each.errors() == []


@pytest.fixture
def crowds() -> Iterator[list[Crowd]]:
    found: list[Crowd] = []
    yield found
    for each in found:
        each.close()


def meet(crowds: list[Crowd], place: Place) -> Crowd:
    crowds.append(Crowd(place))
    return crowds[-1]


def all_read(people: list[Guest], text: str, writer: Guest) -> None:
    writer.say("chat", to="all", text=text)
    for each in people:
        assert each.until("chat")["text"] == text


def test_people_of_different_processes_meet(start: Start, crowds: list[Crowd]) -> None:
    one, two, three = start(), start(), start()
    crowd = meet(crowds, two)
    waiting = crowd.invited(three, "Early", "waiting")
    host = crowd.host(one)
    assert {each["name"] for each in waiting.until("welcome")["members"]} == {"Grace", "Early"}
    ada = crowd.invited(two)
    assert {each["name"] for each in ada.log[0]["members"]} == {"Grace", "Early", "Ada"}
    everybody = [host, waiting, ada]
    for number, each in enumerate(everybody):
        all_read(everybody, f"line {number}", each)
    for place in (one, two, three):
        info = place.client().call("meeting.GetMeeting", meetingKey=crowd.key).ok()
        assert info.value("status") == "INPROGRESS"
    host.say("expel", member=ada.id)
    assert ada.until("goodbye")["reason"] == "expelled"
    assert ada.closed() == 1000
    host.say("end")
    for each in (host, waiting):
        assert each.until("goodbye")["reason"] == "ended"
        assert each.closed() == 1000


def test_of_many_who_are_first_one_process_holds_the_room(start: Start, crowds: list[Crowd]) -> None:
    places = [start(), start(), start()]
    for _ in range(3):
        crowd = meet(crowds, places[0])
        guests = [crowd.guest(place) for place in places * 2]
        links = [start_link(place.site, crowd.key) for place in places * 2]
        for guest, link in zip(guests, links, strict=True):
            guest.open(link)
        tokens = [guest.ask(f"Host {number}").json()["token"] for number, guest in enumerate(guests)]
        together = threading.Barrier(len(guests))

        def come(guest: Guest, token: str, together: threading.Barrier = together) -> None:
            together.wait(20)
            guest.connect(token)
            guest.id = guest.until("welcome")["you"]

        threads = [threading.Thread(target=come, args=each) for each in zip(guests, tokens, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len({guest.id for guest in guests}) == len(guests)
        all_read(guests, "all here", guests[0])


def test_a_killed_holder_is_replaced_and_everybody_comes_back(start: Start, crowds: list[Crowd]) -> None:
    one, two, three = start(), start(), start()
    crowd = meet(crowds, one)
    host, ada, bob = crowd.host(one), crowd.invited(two, "Ada"), crowd.invited(three, "Bob")
    used = bob.ask("Bob").json()["token"]
    spare = crowd.guest(two).connect(used)
    spare.id = spare.until("welcome")["you"]
    everybody = [host, ada, bob, spare]
    all_read(everybody, "before", ada)
    one.process.kill()
    assert {each.closed() for each in everybody[1:]} == {1012}
    host.closed()
    back = [crowd.back(ada, three), crowd.back(host, two), crowd.back(bob, three), crowd.back(_with_token(spare), two)]
    all_read(back, "after", back[0])
    names = {each["name"] for each in back[-1].log[0]["members"]}
    assert names == {"Grace", "Ada", "Bob"}
    # What was used at the process that is no more is not good at the one that took its place.
    replayed = crowd.guest(three).connect(used)
    assert replayed.until("goodbye")["reason"] == "token"
    back[1].say("end")
    for each in back:
        assert each.until("goodbye")["reason"] == "ended"
    history = three.client().call("history.LstmeetingattendeeHistory", meetingKey=crowd.key).ok()
    assert sorted(_names(history.text)) == ["Ada", "Bob", "Bob", "Grace"]  # nobody twice


def _with_token(guest: Guest) -> Guest:
    guest.token = next(each["token"] for each in guest.log if each["type"] == "welcome")
    return guest


def _names(text: str) -> list[str]:
    return [part.partition("<")[0] for part in text.split("<history:name>")[1:]]


def test_a_holder_that_stops_lets_go_at_once(start: Start, crowds: list[Crowd]) -> None:
    one, two = start(), start()
    crowd = meet(crowds, one)
    host, ada = crowd.host(one), crowd.invited(two)
    one.process.stop()
    assert (host.closed(), ada.closed()) == (1012, 1012)
    back = [crowd.back(host, two), crowd.back(ada, two)]
    all_read(back, "still here", back[1])
    three = start()
    late = crowd.invited(three, "Late")
    all_read([*back, late], "and one more", late)


def test_a_lock_outlives_the_process_that_held_the_room(start: Start, crowds: list[Crowd]) -> None:
    one, two = start(), start()
    crowd = meet(crowds, one)
    host, ada = crowd.host(one), crowd.invited(two)
    host.say("lock", on=True)
    ada.until("locked", on=True)
    waiting = crowd.invited(two, "Late", "waiting")
    deadline = time.monotonic() + 20
    while two.client().call("ep.GetSessionInfo", sessionKey=crowd.key).ok().value("isLocked") != "true":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    one.process.kill()
    back = [crowd.back(host, two), crowd.back(ada, two)]
    assert [each.log[0]["locked"] for each in back] == [True, True]
    # Whoever waited waits, and nobody else comes in either.
    assert crowd.guest(two).connect(waiting.token).until("waiting")["reason"] == "admit"
    assert crowd.invited(two, "Eve", "waiting").log[0]["reason"] == "admit"


def test_a_passing_process_that_ends_takes_nobody_along(start: Start, crowds: list[Crowd]) -> None:
    one, two, three = start(), start(), start()
    crowd = meet(crowds, one)
    host, ada = crowd.host(one), crowd.invited(two)
    place = ada.id
    two.process.kill()
    while host.until("changed")["member"]["here"]:
        pass
    back = crowd.back(ada, three)
    assert back.id == place
    all_read([host, back], "as before", back)


def test_people_go_elsewhere_when_their_server_is_about_to_end(start: Start, crowds: list[Crowd]) -> None:
    one, two = start(drain_seconds=600), start()
    crowd = meet(crowds, one)
    host, ada = crowd.host(one), crowd.invited(two)
    one.process.terminate()
    deadline = time.monotonic() + 30
    while httpx.get(f"{one.process.url}/readyz").status_code != 503:
        assert time.monotonic() < deadline
    eve = crowd.invited(one, "Eve")  # whoever comes in the grace is let in
    all_read([host, ada, eve], "still here", ada)
    one.process.terminate()  # a second signal ends the grace
    assert [each.closed() for each in (host, ada, eve)] == [1012] * 3
    people = [crowd.back(each, two) for each in (host, ada, eve)]
    all_read(people, "all here", people[1])
    assert one.process.stop() == 0


def test_tickets_and_limits_hold_whichever_process_is_asked(start: Start, crowds: list[Crowd]) -> None:
    one, two = start(), start()
    crowd = meet(crowds, one)
    host = crowd.host(one)
    asked = crowd.guest(two)
    asked.open(invitation(two.site, crowd.key))
    token = asked.ask("Ada").json()["token"]
    crowd.guest(two).connect(token).until("welcome")
    for place in (one, two):
        assert crowd.guest(place).connect(token).until("goodbye")["reason"] == "token"
    other = meet(crowds, two)
    foreign = other.guest(one)
    foreign.open(invitation(one.site, other.key))
    stolen = foreign.ask("Eve").json()["token"]
    for place in (one, two):
        assert crowd.guest(place).connect(stolen).until("goodbye")["reason"] == "token"
    # The holder counts what an address opens, whoever passes it on.
    reasons = []
    for _ in range(120):
        for place in (one, two):
            guest = crowd.guest(place).connect("A" * 40)
            reasons.append(guest.until("goodbye")["reason"])
    assert set(reasons) <= {"token", "busy"}
    assert host.sync() is not None


def test_machines_reach_each_other_over_tcp(
    nursery: Nursery, postgres_database: str, tmp_path: Path, crowds: list[Crowd]
) -> None:
    places = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        process = ServerProcess(
            folder, postgres_database, nursery=nursery, demo=True, room_address="127.0.0.1:0-0", log_level="warning"
        )
        places.append(Place(process))
    one, two = places
    try:
        crowd = meet(crowds, one)
        everybody = [crowd.host(one), crowd.invited(two), crowd.invited(one, "Bob")]
        for number, each in enumerate(everybody):
            all_read(everybody, f"line {number}", each)
        two.process.stop()
        everybody[0].until("changed")
        all_read([everybody[0], everybody[2]], "goodbye", everybody[2])
    finally:
        for place in places:
            if place.process.is_running:
                place.process.stop()
    assert all(each.process.errors() == [] for each in places)


def test_people_meet_whichever_worker_they_reach(database: str, tmp_path: Path, crowds: list[Crowd]) -> None:
    address = database if database.startswith("postgresql") else None
    process = ServerProcess(tmp_path, address, demo=True, workers=3)
    place = Place(process)
    try:
        crowd = meet(crowds, place)
        everybody = [crowd.host(place), *(crowd.invited(place, f"Guest {number}") for number in range(8))]
        all_read(everybody, "one room", everybody[-1])
        everybody[0].say("end")
        for each in everybody:
            assert each.until("goodbye")["reason"] == "ended"
    finally:
        process.stop()
    assert process.errors() == []


def test_what_is_logged_is_no_secret(start: Start, crowds: list[Crowd]) -> None:
    one, two = start(), start()
    crowd = meet(crowds, one)
    crowd.host(one)
    ada = crowd.invited(two)
    one.process.kill()
    back = crowd.back(ada, two)
    lines = [json.loads(line) for line in two.process.log.read_text().splitlines()]
    assert [each["event"] for each in lines if each["event"] == "room_taken_over"] == ["room_taken_over"]
    assert ada.token not in two.process.log.read_text()
    assert back.token not in two.process.log.read_text()
