"""LstsummaryEvent, LstrecordedEvent and LstsummaryProgram over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.domain.recording import State
from parley.domain.registration import Answers
from parley.domain.site import SiteSettings
from parley.domain.timezones import api_date
from parley.store import Changes, sessions
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.events import create_event, person, program
from tests.services.meetings import BERLIN, GMT, attendee, create, in_days
from tests.services.recordings import details, new_recording


def listed(client: Client, **values: Any) -> list[str]:
    """Names of the events in a list."""
    return client.call("event.LstsummaryEvent", values).ok().all("event/sessionName")


def test_a_row_has_all_elements_even_when_empty(site: TestSite) -> None:
    client = site.client()
    key = create_event(client, schedule={"timeZoneID": BERLIN, "duration": 90}, accessControl={"listing": "UNLISTED"})
    for _ in range(3):  # the later ones come from memory
        answer = client.call("event.LstsummaryEvent").ok()
        assert answer.type_name == "event:lstsummaryEventResponse"
        assert answer.names() == ["matchingRecords", "event"]
        assert answer.names("event") == [
            *("sessionKey", "sessionName", "sessionType", "hostWebExID", "startDate", "endDate", "timeZoneID"),
            *("duration", "description", "status", "panelists", "listStatus"),
        ]
        values = {
            "matchingRecords/total": "1",
            "event/sessionKey": key,
            "event/startDate": in_days(3),
            "event/endDate": in_days(3, 11).replace(":00:00", ":30:00"),
            "event/timeZoneID": str(BERLIN),
            "event/duration": "90",
            "event/description": "",
            "event/panelists": "",
            "event/status": "NOT_INPROGRESS",
            "event/listStatus": "UNLISTED",
        }
        assert {path: answer.value(path) for path in values} == values
    client.call(
        "event.SetEvent", sessionKey=key, metaData={"description": "New"}, panelists={"panelistsInfo": "Ann"}
    ).ok()
    answer = client.call("event.LstsummaryEvent").ok()
    assert (answer.value("event/description"), answer.value("event/panelists")) == ("New", "Ann")


def test_who_sees_which_events(site: TestSite) -> None:
    host, other, admin = site.client("host1"), site.client("host2"), site.client("admin")
    host.call("event.LstsummaryEvent").failed("000015")
    create(host, "A meeting")
    for listing in ("PUBLIC", "PRIVATE", "UNLISTED"):
        create_event(host, f"own {listing}", accessControl={"listing": listing})
    key = create_event(other, "of host2", attendees={"attendee": person(f"host1@{site.name}.example")})
    own = ["own PUBLIC", "own PRIVATE", "own UNLISTED"]
    assert sorted(listed(host)) == sorted(own)
    assert sorted(listed(admin)) == sorted([*own, "of host2"])
    assert listed(admin, hostWebExID="HOST2") == ["of host2"]
    host.call("event.LstsummaryEvent", hostWebExID="host2").failed("000001")
    host.call("event.LstsummaryEvent", sessionKey=key).failed("000015")
    admin.call("event.LstsummaryEvent", hostWebExID="nobody").failed("000015")
    site.client("attendee1").call("event.LstsummaryEvent").failed("000015")
    # An alternate host has it in LstsummarySession; this list is of one's own.
    alternate = attendee(f"host1@{site.name}.example", role="HOST", sessionKey=key)
    other.call("attendee.CreateMeetingAttendee", alternate).ok()
    assert sorted(listed(host)) == sorted(own)


def test_events_of_other_sites_are_not_seen(server: Server) -> None:
    one, other = server.new_site(), server.new_site()
    create_event(one.client(), "one")
    create_event(other.client("admin"), "other")
    assert listed(other.client("admin")) == ["other"]


def test_orders_pages_and_filters(site: TestSite) -> None:
    client, number = site.client("host1"), program(site)
    for day, name in ((9, "Alpha"), (7, "beta"), (8, "Gamma")):
        create_event(client, name, schedule={"startDate": in_days(day)}, metaData={"programID": number * (day > 7)})
    create_event(site.client("host2"), "Delta", schedule={"startDate": in_days(10)})
    admin = site.client("admin")
    assert listed(admin) == ["beta", "Gamma", "Alpha", "Delta"]
    assert listed(admin, order={"orderBy": "EVENTNAME"}) == ["Alpha", "beta", "Delta", "Gamma"]
    assert listed(admin, order={"orderBy": "STARTTIME", "orderAD": "DESC"}) == ["Delta", "Alpha", "Gamma", "beta"]
    by_host = {"orderBy": ["HOSTWEBEXID", "EVENTNAME"], "orderAD": ["DESC", "ASC"]}
    assert listed(admin, order=by_host) == ["Delta", "Alpha", "beta", "Gamma"]
    answer = admin.call("event.LstsummaryEvent", listControl={"startFrom": 2, "maximumNum": 2}).ok()
    assert answer.all("event/sessionName") == ["Gamma", "Alpha"]
    assert [answer.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["4", "2", "2"]
    admin.call("event.LstsummaryEvent", listControl={"startFrom": 9}).failed("000015")
    admin.call("event.LstsummaryEvent", listControl={"startFrom": -1}).failed("999999")
    assert listed(admin, programID=number) == ["Gamma", "Alpha"]
    assert listed(client, programID=number, order={"orderBy": "EVENTNAME"}) == ["Alpha", "Gamma"]
    for nothing in (number + 1, 0, -1, 2**62):
        admin.call("event.LstsummaryEvent", programID=nothing).failed("000015")
    scope = {"startDateStart": in_days(8, 0), "startDateEnd": in_days(9, 23), "timeZoneID": GMT}
    assert listed(admin, dateScope=scope) == ["Gamma", "Alpha"]
    assert listed(admin, dateScope={"endDateEnd": in_days(7, 12), "timeZoneID": GMT}) == ["beta"]
    either = {"listMethod": "OR", "startFrom": 1, "maximumNum": 10}
    assert listed(admin, dateScope=scope, programID=number, listControl=either) == ["Gamma", "Alpha"]
    admin.call("event.LstsummaryEvent", dateScope={"startDateStart": "tomorrow"}).failed("999999")
    admin.call("event.LstsummaryEvent", order={"orderBy": "CONFNAME"}).failed("999999")


def test_events_that_are_over_leave_the_list(site: TestSite) -> None:
    client = site.client()
    key = create_event(client, schedule={"startDate": in_days(1), "duration": 10})
    site.server.clock.ahead = 3 * 86_400
    client.call("event.LstsummaryEvent").failed("000015")
    assert listed(client, dateScope={"startDateStart": "01/01/2020 00:00:00"}) == ["Launch"]
    client.call("event.GetEvent", sessionKey=key).ok()


def _answer(site: TestSite, key: str, email: str, answers: Answers) -> None:
    """Put a registration with these answers on the list of an event, as the form in the browser does."""
    engine = site.server.application.engine

    async def put() -> None:
        before = await sessions.by_key(engine, site.site_id, int(key))
        assert before is not None
        filled_in = msgspec.json.encode(answers).decode()
        people = [
            msgspec.structs.replace(each, answers=filled_in) if each.email_key == email else each
            for each in await sessions.all_attendees(engine, before)
        ]
        changes = Changes()
        sessions.update_session(changes, before.plain(), before.plain(), replace=people)
        await engine.commit(changes)

    site.server.run(put())


def test_attendee_counts_with_their_sources(site: TestSite) -> None:
    client = site.client()
    states = {"a": "ACCEPT", "b": "ACCEPT", "c": "REGISTER", "d": "INVITE", "e": "REJECT"}
    people = [person(f"{name}@x.example", joinStatus=state) for name, state in states.items()]
    key = create_event(
        client, attendees={"attendee": people}, panelists={"panelist": person("p@x.example")}, extOptions={}
    )
    create_event(client, "Nobody yet", schedule={"startDate": in_days(5)})
    sources = (("a", Answers(source="mail", score=2)), ("b", Answers(source="mail", score=1)))
    for name, answers in (*sources, ("c", Answers(source='web "x" & <y>'))):
        _answer(site, key, f"{name}@x.example", answers)

    def stats(**values: Any) -> Answer:
        return client.call("event.LstsummaryEvent", attendeeStats=True, **values).ok()

    for _ in range(3):
        answer = stats()
        assert answer.all("attendeeCount/estEnrollment") == ["3", "0"]
        assert answer.all("attendeeCount/estAttendance") == ["2", "0"]
        assert answer.all("source/leadSourceID") == ["mail", 'web "x" & <y>']
        assert answer.all("source/count") == ["2", "1"]
        assert [float(score) for score in answer.all("source/avgLeadScore")] == [1.5, 0]
    assert client.call("event.LstsummaryEvent").ok().all("attendeeCount") == []
    more = {"person": {"name": "Zed", "email": "z@x.example"}, "joinStatus": "ACCEPT", "sessionKey": key}
    client.call("attendee.RegisterMeetingAttendee", attendees=more).ok()
    assert stats(sessionKey=key).value("attendeeCount/estEnrollment") == "4"


def test_no_event_is_recorded(site: TestSite) -> None:
    client = site.client()
    create_event(client)
    new_recording(site)
    client.call("event.LstrecordedEvent").failed("000015")
    client.call("event.LstrecordedEvent", programID=3, dateScope={"startDateStart": in_days(-9)}).failed("000015")
    client.call("event.LstrecordedEvent", hostWebExID="host2").failed("000001")
    client.call("event.LstrecordedEvent", listControl={"startFrom": -1}).failed("999999")
    client.call("event.LstrecordedEvent", dateScope={"startDateStart": "x"}).failed("999999")
    site.client("admin").call("event.LstrecordedEvent", hostWebExID="host1").failed("000015")


def test_recorded_events_are_grouped_by_host(site: TestSite) -> None:
    client, number = site.client(), program(site, "Spring")
    at = site.server.application.clock.now() // 60 * 60 - 7200
    event = int(create_event(client, "Launch", metaData={"programID": number}))
    about = details(description="What & why", panelists="Bo, Cy", end_url="https://acme.example/done")
    given: dict[str, Any] = {"service": "EventCenter", "time_zone_id": BERLIN}
    first = new_recording(
        site,
        name="Launch",
        session_key=event,
        created_at=at,
        duration=90,
        size=12345,
        password="Secret12",
        document=about,
        **given,
    )
    new_recording(site, "host2", name="Other", created_at=at + 60, **given)
    new_recording(site, name="Later", session_key=4711, created_at=at + 120, **given)
    new_recording(site, name="Thrown away", state=State.TRASHED, created_at=at, **given)
    answer = client.call("event.LstrecordedEvent").ok()
    assert answer.type_name == "event:lstrecordedEventResponse"
    assert answer.all("recordedEvent/eventName") == ["Launch", "Later"]
    row = {name: answer.value(f"recordedEvent/{name}") for name in answer.names("recordedEvent")}
    assert (row.pop("viewURL") or "").endswith(f"/{site.name}/ldr.php?RCID={first.stream_rcid}")
    assert (row.pop("recordFilePath") or "").endswith(f"/{site.name}/lsr.php?RCID={first.file_rcid}")
    assert row.pop("eventType")
    assert row == {
        "eventName": "Launch",
        "recordingStartTime": api_date(at, BERLIN),
        "timeZoneID": str(BERLIN),
        "playTime": "90",
        "panelistsInfo": "Bo, Cy",
        "description": "What & why",
        "destinationURL": "https://acme.example/done",
        "size": "12345",
        "isAccessPassword": "true",
        "isEnrollmentPassword": "false",
        "hostWebExID": "host1",
    }
    every = site.client("admin").call("event.LstrecordedEvent").ok()
    assert every.all("event/webExID") == ["host1", "host2"]
    assert every.all("recordedEvent/eventName") == ["Launch", "Later", "Other"]
    assert every.all("matchingRecords/total") == ["3"]

    def told(**values: Any) -> list[str]:
        return client.call("event.LstrecordedEvent", values).ok().all("recordedEvent/eventName")

    assert told(programID=number) == ["Launch"]
    assert told(order={"orderBy": "STARTTIME", "orderAD": "DESC"}) == ["Later", "Launch"]
    assert told(listControl={"startFrom": 2, "maximumNum": 1}) == ["Later"]
    scope = {"startDateStart": api_date(at + 100, GMT), "timeZoneID": GMT}
    assert told(dateScope=scope) == ["Later"]
    assert told(dateScope=scope, programID=number, listControl={"startFrom": 1, "listMethod": "OR"}) == [
        "Launch",
        "Later",
    ]
    site.set(settings=SiteSettings(classic_events=False))
    client.call("event.LstrecordedEvent").failed("010106")


def test_programs(site: TestSite) -> None:
    client = site.client()
    client.call("event.LstsummaryProgram").failed("000015")
    first = program(site, "Spring", after_url="https://acme.example/done", expected_enrollment="300", budget="7")
    second = program(site, "autumn", "host2", status="private")
    hidden = program(site, "Winter", "host2", status="UNLISTED")
    answer = client.call("event.LstsummaryProgram").ok()
    assert answer.type_name == "event:lstsummaryProgramResponse"
    assert answer.names() == ["matchingRecords", "program", "program"]
    assert answer.all("program/programName") == ["autumn", "Spring"]
    assert answer.names("program") == ["programID", "programName", "hostWebExID", "status", "programURL"]
    spring = client.call("event.LstsummaryProgram", programID=first).ok()
    assert spring.names("program") == [
        *("programID", "programName", "hostWebExID", "expectedEnrollment", "budget", "status", "programURL"),
        "afterEnrollmentURL",
    ]
    assert spring.value("afterEnrollmentURL") == "https://acme.example/done"
    assert (spring.value("program/status"), spring.value("matchingRecords/total")) == ("PUBLIC", "1")
    descending = {"orderBy": ["HOSTWEBEXID", "PROGRAMNAME"], "orderAD": ["DESC", "DESC"]}
    for web_ex_id, names in (("host2", ["Winter", "autumn", "Spring"]), ("admin", ["Winter", "autumn", "Spring"])):
        found = site.client(web_ex_id).call("event.LstsummaryProgram", order=descending).ok()
        assert found.all("programName") == names
    page = site.client("admin").call("event.LstsummaryProgram", listControl={"startFrom": 2, "maximumNum": 1}).ok()
    assert (page.all("programID"), page.value("matchingRecords/total")) == ([str(first)], "3")
    client.call("event.LstsummaryProgram", programID=hidden).failed("000015")
    assert client.call("event.LstsummaryProgram", programID=second).ok().value("hostWebExID") == "host2"
    client.call("event.LstsummaryProgram", listControl={"startFrom": 7}).failed("000015")


@pytest.mark.parametrize("number", [0, -1, 99, 2**62])
def test_programs_that_are_not_there(shared_site: TestSite, number: int) -> None:
    shared_site.client().call("event.LstsummaryProgram", programID=number).failed("000015")
