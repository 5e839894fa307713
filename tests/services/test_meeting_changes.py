"""SetMeeting: it changes what was sent and nothing else, keeps registrations, and two at once never mix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parley.domain.session import HostedSession
from parley.store import sessions
from tests.client import Client
from tests.server import TestSite
from tests.services.meetings import GMT, attendee, create, get, in_days


def stored(site: TestSite, key: str) -> HostedSession:
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert found is not None
    return found


def people_of(site: TestSite, key: str) -> dict[str, tuple[str, str, int, int | None]]:
    found = site.server.run(sessions.all_attendees(site.server.application.engine, stored(site, key)))
    return {each.email_key: (each.join_status, each.role, each.attendee_id, each.register_id) for each in found}


def set_meeting(client: Client, key: str, **groups: Any) -> None:
    client.call("meeting.SetMeeting", {"meetingkey": key, **groups}).ok()


def full(site: TestSite) -> str:
    """A meeting of which everything is said."""
    return create(
        site.client(),
        "Full",
        metaData={"confName": "Full", "agenda": "Old agenda"},
        accessControl={"meetingPassword": "Secret12", "listToPublic": True, "isPublic": False},
        schedule={"startDate": in_days(5), "timeZoneID": GMT, "duration": 45, "openTime": 600},
        enableOptions={"chat": False, "poll": True},
        telephony={"telephonySupport": "OTHER", "extTelephonyDescription": "Ring"},
        tracking={"trackingCode1": "one", "trackingCode10": "ten"},
        attendeeOptions={"registration": True, "auto": True, "participantLimit": 50},
        participants={"attendees": {"attendee": [attendee("kim@guests.example"), attendee("lee@guests.example")]}},
    )


CHANGES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"metaData": {"agenda": "New"}}, {"metaData/agenda": "New"}),
    ({"metaData": {"confName": "Renamed"}}, {"metaData/confName": "Renamed"}),
    ({"accessControl": {"meetingPassword": "Other345"}}, {"accessControl/meetingPassword": "Other345"}),
    ({"schedule": {"duration": 90}}, {"schedule/duration": "90"}),
    ({"enableOptions": {"chat": True}}, {"enableOptions/chat": "true"}),
    ({"telephony": {"extTelephonyDescription": "Call"}}, {"telephony/extTelephonyDescription": "Call"}),
    ({"tracking": {"trackingCode1": "uno"}}, {"tracking/trackingCode1": "uno"}),
    ({"attendeeOptions": {"participantLimit": 60}}, {"attendeeOptions/participantLimit": "60"}),
    ({}, {}),
]


@pytest.mark.parametrize(("sent", "changed"), CHANGES)
def test_only_what_is_sent_changes(site: TestSite, sent: dict[str, Any], changed: dict[str, str]) -> None:
    client, key = site.client(), full(site)
    before, people = get(client, key).ok(), people_of(site, key)
    first = stored(site, key)
    set_meeting(client, key, **sent)
    after = get(client, key).ok()
    for path, value in changed.items():
        assert after.value(path) == value != before.value(path)
    texts = before.text
    for path, value in changed.items():
        name = path.rpartition("/")[2]
        texts = texts.replace(f"{name}>{before.value(path)}<", f"{name}>{value}<", 1)
    assert after.text == texts
    assert people_of(site, key) == people
    last = stored(site, key)
    assert last.sequence == first.sequence + 1
    for name in ("session_key", "uuid", "conf_id", "host_key", "host_link", "attendee_link", "event_id", "created_at"):
        assert getattr(last, name) == getattr(first, name)


def test_registrations_stay_when_the_invited_are_replaced(site: TestSite) -> None:
    client, key = site.client(), full(site)
    person = {"person": {"name": "Max", "email": "max@guests.example"}, "joinStatus": "ACCEPT", "sessionKey": key}
    client.call("attendee.RegisterMeetingAttendee", {"attendees": person}).ok()
    before = people_of(site, key)
    people = {"attendees": {"attendee": [attendee("lee@guests.example"), attendee("new@guests.example")]}}
    set_meeting(client, key, participants=people)
    after = people_of(site, key)
    assert set(after) == {"lee@guests.example", "max@guests.example", "new@guests.example"}
    assert after["max@guests.example"] == before["max@guests.example"]
    assert after["lee@guests.example"] == before["lee@guests.example"]
    set_meeting(client, key, schedule={"startDate": in_days(9)})
    assert people_of(site, key) == after


def test_two_at_once_never_mix(site: TestSite) -> None:
    client, key = site.client(), full(site)
    first = stored(site, key).sequence

    def change(number: int) -> str | None:
        return (
            site.client()
            .call(
                "meeting.SetMeeting",
                {
                    "meetingkey": key,
                    "metaData": {"confName": f"Name {number}", "agenda": f"Agenda {number}"},
                    "accessControl": {"meetingPassword": f"Password{number}"},
                    "schedule": {"startDate": in_days(10 + number), "duration": 30 + number, "timeZoneID": GMT},
                    "tracking": {"trackingCode1": f"code {number}", "trackingCode2": f"code {number}"},
                    "participants": {"attendees": {"attendee": [attendee(f"p{number}@guests.example")]}},
                },
            )
            .code
        )

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(change, range(24)))
    done = codes.count(None)
    assert set(codes) <= {None, "000035"}
    assert done > 0
    answer = get(client, key).ok()
    number = int((answer.value("metaData/confName") or "").removeprefix("Name "))
    assert {
        "metaData/agenda": answer.value("metaData/agenda"),
        "accessControl/meetingPassword": answer.value("accessControl/meetingPassword"),
        "schedule/startDate": answer.value("schedule/startDate"),
        "schedule/duration": answer.value("schedule/duration"),
        "tracking/trackingCode1": answer.value("tracking/trackingCode1"),
        "tracking/trackingCode2": answer.value("tracking/trackingCode2"),
        "people": ",".join(people_of(site, key)),
    } == {
        "metaData/agenda": f"Agenda {number}",
        "accessControl/meetingPassword": f"Password{number}",
        "schedule/startDate": in_days(10 + number),
        "schedule/duration": str(30 + number),
        "tracking/trackingCode1": f"code {number}",
        "tracking/trackingCode2": f"code {number}",
        "people": f"p{number}@guests.example",
    }
    assert answer.value("tracking/trackingCode10") == "ten"
    assert stored(site, key).sequence == first + done


def test_changes_of_different_parts_all_count(site: TestSite) -> None:
    client, key = site.client(), full(site)
    parts: list[dict[str, Any]] = [{"tracking": {f"trackingCode{number}": f"v{number}"}} for number in range(1, 9)]
    parts += [{"metaData": {"agenda": "Together"}}, {"schedule": {"duration": 75}}]

    def change(part: dict[str, Any]) -> bool:
        while True:  # a busy service is asked again, as programs do
            answer = site.client().call("meeting.SetMeeting", {"meetingkey": key, **part})
            if answer.code != "000035":
                return answer.result == "SUCCESS"

    with ThreadPoolExecutor(5) as pool:
        assert all(pool.map(change, parts))
    answer = get(client, key).ok()
    assert [answer.value(f"tracking/trackingCode{number}") for number in range(1, 9)] == [f"v{n}" for n in range(1, 9)]
    assert (answer.value("metaData/agenda"), answer.value("schedule/duration")) == ("Together", "75")
    assert answer.value("metaData/confName") == "Full"
