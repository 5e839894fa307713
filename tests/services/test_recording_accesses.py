"""LstrecordaccessHistory and LstrecordaccessDetailHistory over HTTP, and how accesses get there."""

from __future__ import annotations

from typing import Any

import pytest

from parley.domain.recording import Recording, RegisteredPerson, State, document_of
from parley.domain.timezones import api_date
from parley.services.recording import accesses
from parley.services.recording.accesses import Visitor
from parley.store import Conflict
from tests.client import Answer
from tests.server import TestSite
from tests.services.meetings import BERLIN, GMT
from tests.services.recordings import DAY, change, looked_at, new_recording
from tests.store.builders import a_recording

COUNTS, ROWS = "history.LstrecordaccessHistory", "history.LstrecordaccessDetailHistory"


def told(site: TestSite, caller: str = "host1", **values: Any) -> list[str]:
    """The numbers of the recordings that the history tells of."""
    answer = site.client(caller).call(COUNTS, values)
    return [] if answer.code == "000015" else answer.ok().all("recordAccessHistory/recordID")


def detail(site: TestSite, recording: Recording, caller: str = "host1", **values: Any) -> Answer:
    return site.client(caller).call(ROWS, recordID=recording.recording_id, **values)


def today(site: TestSite) -> int:
    return site.server.application.clock.now()


def test_how_often_a_recording_was_used(site: TestSite) -> None:
    made = new_recording(site, name="Review")
    new_recording(site, name="Unseen")
    at = today(site) - DAY
    looked_at(site, made, at, registration="r", registered_at=at, viewed=False)
    looked_at(site, made, at + 60, registration="r", registered_at=at)
    looked_at(site, made, at + 120, viewed=False, downloaded=True)
    looked_at(site, made, at + 180, downloaded=True)
    answer = site.client().call(COUNTS, timeZoneID=BERLIN).ok()
    assert answer.type_name == "history:lstrecordaccessHistoryResponse"
    assert answer.names() == ["recordAccessHistory", "matchingRecords"]
    row = {name: answer.value(f"recordAccessHistory/{name}") for name in answer.names("recordAccessHistory")}
    assert row == {
        "recordID": str(made.recording_id),
        "recordName": "Review",
        "creationTime": api_date(made.created_at, BERLIN),
        "registered": "1",
        "downloaded": "2",
        "viewed": "2",
        "timeZoneID": str(BERLIN),
    }
    assert site.client().call(COUNTS).ok().value("recordAccessHistory/timeZoneID") == str(GMT)


def test_who_sees_what(site: TestSite) -> None:
    mine, other = new_recording(site), new_recording(site, "host2")
    for each in (mine, other):
        looked_at(site, each, today(site) - 60)
    assert told(site) == [str(mine.recording_id)]
    # A host finds his own whatever host he names.
    assert told(site, hostWebExID="host2") == [str(mine.recording_id)]
    both = sorted((mine.recording_id, other.recording_id))
    assert told(site, "admin") == [str(each) for each in both]
    assert told(site, "admin", hostWebExID="host2") == [str(other.recording_id)]
    assert told(site, "admin", hostWebExID="nobody") == []
    site.client("attendee1").call(COUNTS).failed("000001")
    detail(site, other).failed("000015")
    detail(site, other, "admin").ok()
    detail(site, mine, "attendee1").failed("000001")


def test_scopes_names_and_orders(site: TestSite) -> None:
    now = today(site)
    made = [
        new_recording(site, name=name, created_at=now - days * DAY)
        for name, days in (("Beta", 100), ("alpha", 50), ("Gamma", 5))
    ]
    for each, days in zip(made, (95, 40, 3), strict=True):
        looked_at(site, each, now - days * DAY)
    looked_at(site, made[0], now - 10 * DAY)
    ids = [str(each.recording_id) for each in made]

    def scope(name: str, first: int, last: int) -> dict[str, Any]:
        times = {
            f"{name}TimeStart": api_date(now - first * DAY, GMT),
            f"{name}TimeEnd": api_date(now - last * DAY, GMT),
        }
        return {f"{name}TimeScope": times}

    assert sorted(told(site)) == sorted(ids)
    assert told(site, order={"orderBy": "UPLOADTIME"}) == ids
    assert told(site, order={"orderBy": "RECORDNAME", "orderAD": "DESC"}) == [ids[2], ids[0], ids[1]]
    assert told(site, **scope("view", 45, 35)) == [ids[1]]
    assert told(site, **scope("view", 98, 92)) == []  # longer ago than the history goes back
    assert told(site, **scope("creation", 101, 45), order={"orderBy": "UPLOADTIME"}) == ids[:2]
    assert told(site, recordName="ALPHA") == [ids[1]]
    assert told(site, recordName="alp") == []
    page = site.client().call(COUNTS, order={"orderBy": "UPLOADTIME"}, listControl={"startFrom": 2, "maximumNum": 1})
    assert page.ok().all("recordID") == [ids[1]]
    assert [page.value(name) for name in ("total", "returned", "startFrom")] == ["3", "1", "2"]
    site.client().call(COUNTS, viewTimeScope={"viewTimeStart": "x", "viewTimeEnd": "y"}).failed("999999")
    site.client().call(COUNTS, timeZoneID=4711).failed("999999")
    # Only what happened in the scope is counted.
    counted = site.client().call(COUNTS, recordName="Beta").ok()
    assert counted.value("recordAccessHistory/viewed") == "1"


def test_the_history_outlives_the_recording(site: TestSite) -> None:
    for state in (State.TRASHED, State.GONE, State.MISSING):
        made = new_recording(site, name=state.value)
        looked_at(site, made, today(site) - 60)
        change(site, made, state=state)
        assert told(site, recordName=state.value) == [str(made.recording_id)]
        assert detail(site, made).ok().value("recordDetail/participantName") == "Ann"


def test_who_looked_at_it(site: TestSite) -> None:
    made, at = new_recording(site), today(site) - 7 * DAY
    person = RegisteredPerson(
        first_name="Kim", last_name="Lee", company="Acme", city="Graz", custom=(("Size?", "10"), ("Why?", "<why>"))
    )
    looked_at(site, made, today(site) - 95 * DAY, name="Long ago")
    first = looked_at(
        site,
        made,
        at,
        name="Kim Lee",
        email="kim@acme.example",
        registration="r",
        registered_at=at - 60,
        document=document_of(person),
    )
    looked_at(site, made, at + 60, name="", email=None, viewed=False, downloaded=True)
    answer = detail(site, made, timeZoneID=BERLIN).ok()
    assert answer.type_name == "history:lstrecordaccessDetailHistoryResponse"
    assert answer.names() == ["recordDetail", "recordDetail", "matchingRecords"]
    row = {name: answer.value(f"recordDetail/{name}") for name in answer.names("recordDetail")}
    assert row == {
        "viewID": str(first.access_id),
        "participantName": "Kim Lee",
        "participantEmail": "kim@acme.example",
        "accessTime": api_date(at, BERLIN),
        "registered": "true",
        "registerDate": api_date(at - 60, BERLIN),
        "downloaded": "false",
        "viewed": "true",
        "timeZoneID": str(BERLIN),
    }
    assert answer.all("recordDetail/downloaded") == ["false", "true"]
    fields = detail(site, made, returnRegFields=True).ok()
    assert fields.names("regFields") == ["firstName", "lastName", "company", "city", "customFields", "customFields"]
    assert fields.all("customFields/value") == ["10", "<why>"]
    assert len(fields.all("regFields")) == 1
    page = detail(site, made, listControl={"startFrom": 2, "maximumNum": 5}).ok()
    assert [page.value(name) for name in ("total", "returned", "startFrom")] == ["2", "1", "2"]
    detail(site, made, listControl={"startFrom": 3}).failed("000015")


def test_the_number_may_be_misspelled(site: TestSite) -> None:
    made = new_recording(site)
    looked_at(site, made, today(site))
    client = site.client()
    assert client.call(ROWS, recondID=made.recording_id).ok().value("participantName") == "Ann"
    client.call(ROWS).failed("999999")
    client.call(ROWS, recordID=4).failed("000015")
    client.call(ROWS, recordID=new_recording(site).recording_id).failed("000015")


# ---- noting ----------------------------------------------------------------------------------------------------------


def test_pages_note_who_comes(site: TestSite) -> None:
    made, engine = new_recording(site), site.server.application.engine
    run, at = site.server.run, today(site)
    run(accesses.note(engine, made, Visitor("Ann\nLee ", "ann@x.example"), at - 50, viewed=True))
    person = RegisteredPerson(first_name="Bo", company="A" * 999, custom=(("Why?", "So\x00"),))
    registered = run(accesses.register(engine, made, "Bo Cy", "bo@x.example", person, at - 40))
    assert registered.registration is not None
    known = run(accesses.registered(engine, made, registered.registration))
    assert known == registered
    assert run(accesses.registered(engine, made, "another")) is None
    assert run(accesses.registered(engine, made, None)) is None
    seen = run(accesses.note(engine, made, Visitor("x", registered=known), at - 30, viewed=True))
    run(accesses.also(engine, seen, downloaded=True))
    answer = detail(site, made, returnRegFields=True).ok()
    assert answer.all("recordDetail/participantName") == ["Ann Lee", "Bo Cy", "Bo Cy"]
    assert answer.all("recordDetail/viewed") == ["true", "false", "true"]
    assert answer.all("recordDetail/downloaded") == ["false", "false", "true"]
    assert answer.all("regFields/company") == ["A" * 256] * 2
    assert answer.all("customFields/value") == ["So"] * 2
    counted = site.client().call(COUNTS).ok()
    assert [counted.value(f"recordAccessHistory/{name}") for name in ("registered", "downloaded", "viewed")] == [
        *("1", "1", "2")
    ]
    with pytest.raises(Conflict):
        run(accesses.note(engine, a_recording(site.users["host1"]), Visitor("Ann"), at))
