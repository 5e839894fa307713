"""The people of a series and of its exceptions: who comes to an occurrence that is moved, who is told of its end."""

from __future__ import annotations

from typing import Any

from parley.services.sessions.people import was_mailed
from parley.store import outbox, sessions
from tests.client import Client
from tests.server import TestSite
from tests.services.meetings import GMT, attendee, create, get
from tests.services.test_attendee import invite, listed, mails, person, register, statuses, with_registration
from tests.services.test_general_session_lists import exception, expanded, rows, series

DAILY: dict[str, Any] = {"repeatType": "DAILY", "afterMeetingNumber": 4}


def course(client: Client, **groups: Any) -> str:
    """A series of four days with registration; its key."""
    schedule = {"startDate": "06/04/2035 10:00:00", "timeZoneID": GMT, "duration": 30}
    return create(client, "Course", schedule=schedule, repeat=DAILY, **with_registration(), **groups)


def cancelled(site: TestSite, key: str) -> list[str]:
    """Who is told that a session was cancelled."""
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id, 500))
    return sorted(
        each.recipient or "" for each in found if (each.kind, str(each.session_key)) == ("session.cancelled", key)
    )


def test_a_moved_occurrence_keeps_its_people(site: TestSite) -> None:
    client = site.client()
    key = course(client)
    register(client, key, person(1, joinStatus="ACCEPT"), person(2, joinStatus="REJECT")).ok()
    register(client, key, person(3, joinStatus="ACCEPT", sessionNum=2)).ok()
    register(client, key, person(4, joinStatus="ACCEPT", sessionNum=3)).ok()
    invite(client, key, person(5, role="PRESENTER")).ok()
    moved = exception(client, key, "06/05/2035 15:00:00")
    assert statuses(client, moved) == {
        "p1@people.example": "ACCEPT",
        "p2@people.example": "REJECT",
        "p3@people.example": "ACCEPT",
        "p5@people.example": "INVITE",
    }
    there, here = listed(client, key).ok(), listed(client, moved).ok()
    assert not set(there.all("attendee/attendeeId")) & set(here.all("attendee/attendeeId"))
    known = dict(zip(there.all("person/email"), there.all("attendee/role"), strict=True))
    assert dict(zip(here.all("person/email"), here.all("attendee/role"), strict=True)).items() <= known.items()
    assert set(here.all("attendee/registerID")) <= set(there.all("attendee/registerID"))
    # From then on the two lists are two lists.
    register(client, moved, person(6)).ok()
    client.call("attendee.DelMeetingAttendee", attendeeEmail={"email": "p1@people.example", "sessionKey": key}).ok()
    assert "p6@people.example" not in statuses(client, key)
    assert "p1@people.example" in statuses(client, moved)
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(moved)))
    assert found is not None
    assert (found.attendee_count, found.seats_taken) == (5, 3)


def test_somebody_on_the_list_for_all_and_for_one_is_there_once(site: TestSite) -> None:
    client = site.client()
    key = course(client)
    register(client, key, person(1), person(1, sessionNum=2)).ok()
    assert list(statuses(client, exception(client, key, "06/05/2035 15:00:00"))) == ["p1@people.example"]


def test_who_is_named_for_an_exception_comes_instead(site: TestSite) -> None:
    client = site.client()
    key = course(client)
    register(client, key, person(1)).ok()
    repeat = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key}
    schedule = {"startDate": "06/05/2035 15:00:00", "timeZoneID": GMT}
    only = {"attendees": {"attendee": [attendee("only@today.example")]}}
    moved = create(client, "Moved", repeat=repeat, schedule=schedule, participants=only)
    assert list(statuses(client, moved)) == ["only@today.example"]


def test_who_was_written_to_is_told_of_the_move(site: TestSite) -> None:
    client = site.client()
    key = course(client)
    invite(client, key, person(1), emailInvitations=True).ok()
    invite(client, key, person(2)).ok()
    register(client, key, person(3, joinStatus="REJECT", emailInvitations=True)).ok()
    before = len([each for each in mails(site) if each[0] == "session.invitation"])
    moved = exception(client, key, "06/05/2035 15:00:00")
    told = [each for each in mails(site) if each[0] == "session.invitation"]
    assert len(told) == before + 1
    assert told[-1][1] == "p1@people.example"
    people = site.server.run(
        sessions.attendees_by_email(
            site.server.application.engine, site.site_id, int(moved), ["p1@people.example", "p2@people.example"]
        )
    )
    assert sorted((each.email_key, was_mailed(each)) for each in people) == [
        ("p1@people.example", True),
        ("p2@people.example", False),
    ]


def test_the_invited_see_the_moved_occurrence(site: TestSite) -> None:
    client, guest = site.client(), site.client("attendee1")
    key = course(client)
    register(client, key, {"person": {"email": f"Attendee1@{site.name}.example"}, "joinStatus": "ACCEPT"}).ok()
    moved = exception(client, key, "06/05/2035 15:00:00")
    assert rows(expanded(guest, invited=True), "sessionKey", "startTime") == [
        (key, "06/04/2035 10:00:00"),
        (moved, "06/05/2035 15:00:00"),
        (key, "06/06/2035 10:00:00"),
        (key, "06/07/2035 10:00:00"),
    ]


def test_the_end_of_a_series_is_told_to_those_who_come_to_an_exception_only(site: TestSite) -> None:
    client = site.client()
    key = series(client, **DAILY)
    invite(client, key, person(1), emailInvitations=True).ok()
    moved = exception(client, key, "06/05/2035 15:00:00")
    invite(client, moved, person(2), emailInvitations=True).ok()
    client.call("ep.DelSession", sessionKey=key).ok()
    assert cancelled(site, key) == [f"host1@{site.name}.example", "p1@people.example"]
    assert cancelled(site, moved) == ["p2@people.example"]


def test_a_series_that_became_a_single_meeting_takes_its_exceptions_along(site: TestSite) -> None:
    client = site.client()
    key = series(client, **DAILY)
    moved = exception(client, key, "06/05/2035 15:00:00")
    client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "NO_REPEAT"}).ok()
    assert rows(expanded(client), "sessionKey") == [(key,), (moved,)]
    client.call("meeting.DelMeeting", meetingKey=key).ok()
    get(client, moved).failed("060001")
    assert rows(expanded(client), "sessionKey") == []
