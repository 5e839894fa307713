"""Calls on the same session at the same time, across the operations that change it: nothing mixes, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from parley.store import sessions
from tests.client import Answer, Client
from tests.server import TestSite
from tests.services.events import create_event
from tests.services.meetings import GMT, attendee, create, meeting
from tests.services.sales_sites import with_sales
from tests.services.test_attendee import invite, listed, person, register, statuses, with_registration
from tests.services.test_general_session_lists import exception, expanded, rows, series

#: Codes that may end a call which came too late.
LATE = {None, "060001", "999999", "000015"}


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """The answers to calls that are made at the same time; none may be an internal fault."""
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = [each.result() for each in [pool.submit(call) for call in calls]]
    assert {each.code for each in answers} <= LATE, [each.reason for each in answers]
    return answers


def seats_and_length(site: TestSite, key: str) -> tuple[int, int]:
    """How many seats the session counts as taken, and how many people on its list."""
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert found is not None
    return found.seats_taken, found.attendee_count


class Kind(NamedTuple):
    """How a kind of session is made, changed and read in the words of its service."""

    make: str
    change: str
    read: str
    key: str
    name: str


def _kind(form: str, key: str, name: str) -> Kind:
    """A kind whose three operations differ in the verb only."""
    return Kind(form.format("Create"), form.format("Set"), form.format("Get"), key, name)


KINDS = {
    "meeting": _kind("meeting.{}Meeting", "meetingkey", "confName"),
    "event": _kind("event.{}Event", "sessionKey", "sessionName"),
    "audio only": _kind("meeting.auo.{}TeleconferenceSession", "sessionKey", "confName"),
    "sales": _kind("sales.{}SalesSession", "meetingKey", "confName"),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_changes_of_any_kind_never_mix(site: TestSite, kind: Kind) -> None:
    with_sales(site)
    client = site.client()

    def values(number: int) -> dict[str, Any]:
        start = f"06/{number + 1:02d}/2035 {number:02d}:00:00"
        return {
            "accessControl": {"meetingPassword": "Secret12", "sessionPassword": "Secret12"},
            "metaData": {kind.name: f"Name {number}"},
            "schedule": {"startDate": start, "timeZoneID": GMT, "duration": 10 + number},
            "tracking": {f"trackingCode{code}": f"code {number}" for code in range(1, 11)},
        }

    key = client.call(kind.make, values(0)).ok().value(kind.key) or ""
    named = "meetingKey" if kind.key == "meetingkey" else kind.key
    for answer in at_once(*(lambda n=n: client.call(kind.change, {kind.key: key, **values(n)}) for n in range(1, 13))):
        answer.ok()
    read = client.call(kind.read, {named: key}).ok()
    (number,) = {int(each.removeprefix("code ")) for code in range(1, 11) for each in read.all(f"trackingCode{code}")}
    assert read.value(kind.name) == f"Name {number}"
    assert read.value("duration") == str(10 + number)
    assert read.value("startDate") == f"06/{number + 1:02d}/2035 {number:02d}:00:00"
    row = client.call("ep.LstsummarySession", sessionKey=key).ok()
    assert row.value("session/confName") == f"Name {number}"


def test_changes_of_different_parts_all_arrive(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    parts: list[dict[str, Any]] = [{"tracking": {f"trackingCode{code}": f"code {code}"}} for code in range(1, 8)]
    parts += [{"metaData": {"agenda": "New"}}, {"enableOptions": {"chat": False}}, {"schedule": {"duration": 77}}]
    for answer in at_once(*(lambda p=p: client.call("meeting.SetMeeting", {"meetingkey": key, **p}) for p in parts)):
        answer.ok()
    read = client.call("meeting.GetMeeting", meetingKey=key).ok()
    assert [read.value(f"trackingCode{code}") for code in range(1, 8)] == [f"code {code}" for code in range(1, 8)]
    assert (read.value("agenda"), read.value("chat"), read.value("duration")) == ("New", "false", "77")


def test_registrations_stay_while_the_host_changes_the_people(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration())

    def replace(number: int) -> Answer:
        people = {"attendees": {"attendee": [attendee(f"invited{number}-{each}@x.example") for each in range(3)]}}
        return client.call("meeting.SetMeeting", {"meetingkey": key, "participants": people})

    registering = [lambda n=n: register(client, key, person(n, joinStatus="ACCEPT")) for n in range(20)]
    for answer in at_once(*registering, *(lambda n=n: replace(n) for n in range(8))):
        answer.ok()
    found = statuses(client, key)
    registered = {email for email, status in found.items() if status == "ACCEPT"}
    assert registered == {f"p{n}@people.example" for n in range(20)}
    invited = {email.partition("-")[0] for email in found.keys() - registered}
    assert len(invited) == 1, "the people of one change, whole"
    assert len(found) == 23
    assert seats_and_length(site, key) == (20, 23)


def test_days_taken_out_of_a_series_stay_out_while_it_is_changed(site: TestSite) -> None:
    client = site.client()
    key = series(client, repeatType="DAILY", afterMeetingNumber=10)
    moved = [lambda d=d: move_day(client, key, d) for d in range(4, 9)]
    changed = [
        lambda n=n: client.call("meeting.SetMeeting", meetingkey=key, metaData={"agenda": f"{n}"}) for n in range(6)
    ]
    for answer in at_once(*moved, *changed):
        answer.ok()
    found = rows(expanded(client), "startTime", "isException")
    assert [start[3:5] for start, _ in found] == [f"{day:02d}" for day in range(4, 14)]
    assert [start[3:5] for start, apart in found if apart == "true"] == [f"{day:02d}" for day in range(4, 9)]


def move_day(client: Client, key: str, day: int) -> Answer:
    """Hold the occurrence of a day of June 2035 at three o'clock."""
    repeat = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key}
    schedule = {"startDate": f"06/{day:02d}/2035 15:00:00", "timeZoneID": GMT, "duration": 30}
    return client.call("meeting.CreateMeeting", meeting("Moved", schedule=schedule, repeat=repeat))


@pytest.mark.parametrize("make", [create, create_event])
def test_a_session_that_is_deleted_while_people_come(site: TestSite, make: Callable[[Client], str]) -> None:
    for _ in range(3):
        deleted_while_people_come(site, make(site.client()))


def deleted_while_people_come(site: TestSite, key: str) -> None:
    """Delete a session twice while nine people come onto its list."""
    client = site.client()

    def delete() -> Answer:
        return client.call("ep.DelSession", sessionKey=key)

    coming = [lambda n=n: register(client, key, person(n)) for n in range(6)]
    inviting = [lambda n=n: invite(client, key, person(f"i{n}")) for n in range(3)]
    answers = at_once(*coming, delete, *inviting, delete)
    assert sum(each.result == "SUCCESS" for each in (answers[6], answers[10])) == 1
    listed(client, key).failed("060001")
    client.call("ep.GetSessionInfo", sessionKey=key).failed("060001")
    people = [f"p{n}@people.example" for n in range(6)]
    engine = site.server.application.engine
    left = site.server.run(sessions.attendees_by_email(engine, site.site_id, int(key), people))
    assert not list(left), "nobody is left on the list of a session that is gone"


def test_a_series_deleted_while_a_day_is_moved(site: TestSite) -> None:
    for _ in range(4):
        deleted_while_days_are_moved(site.client())


def deleted_while_days_are_moved(client: Client) -> None:
    """Delete a series while four of its days are moved."""
    key = series(client, repeatType="DAILY", afterMeetingNumber=10)
    exception(client, key, "06/05/2035 15:00:00")
    moving = [lambda d=d: move_day(client, key, d) for d in range(6, 10)]
    answers = at_once(*moving, lambda: client.call("ep.DelSession", sessionKey=key))
    answers[-1].ok()
    assert rows(expanded(client), "sessionKey") == [], "an exception does not outlive its series"
