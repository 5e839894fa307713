"""The calendar links of the API: what a browser gets, and what a calendar program does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import icalendar
import pytest
import vobject

from tests.client import Answer
from tests.server import TestSite

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NASTY = 'Round "7"; <b>, \\n BEGIN:VEVENT'


@pytest.fixture
def program() -> Iterator[httpx.Client]:
    """A calendar program: takes whatever comes."""
    with httpx.Client(timeout=30) as client:
        yield client


def schedule(site: TestSite, name: str = "Monday round", days: int = 3, **more: Any) -> Answer:
    """A meeting of host1 at 10:00 in Berlin."""
    start = (datetime.now(UTC) + timedelta(days=days)).strftime("%m/%d/%Y 10:00:00")
    values = {
        "metaData": {"confName": name},
        "accessControl": {"meetingPassword": "Secret77"},
        "schedule": {"startDate": start, "duration": 45, "timeZoneID": 25},
        **more,
    }
    return site.client().call("meeting.CreateMeeting", values).ok()


def weekly(site: TestSite) -> Answer:
    return schedule(site, repeat={"repeatType": "WEEKLY", "afterMeetingNumber": 4, "interval": 1})


def events(response: httpx.Response) -> list[Any]:
    """The events of a calendar file, which two libraries read."""
    assert response.status_code == 200
    assert vobject.readOne(response.text) is not None
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))


@pytest.mark.parametrize("who", ["host", "attendee"])
def test_a_calendar_program_gets_the_file(site: TestSite, program: httpx.Client, who: str) -> None:
    answer = schedule(site, NASTY)
    link = answer.value(f"iCalendarURL/{who}") or ""
    file = program.get(link)
    assert file.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    name = f"meeting-{answer.value('meetingkey')}.ics"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert file.headers["cache-control"] == "no-store"
    (event,) = events(file)
    assert str(event["SUMMARY"]) == " ".join(NASTY.split())
    assert str(event["URL"]) == link
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=45)
    assert str(event["ORGANIZER"]) == f"mailto:host1@{site.name}.example"
    assert "Secret77" not in file.text


def test_a_browser_gets_the_page_that_offers_the_file(site: TestSite, program: httpx.Client) -> None:
    link = schedule(site).value("iCalendarURL/attendee") or ""
    page = program.get(link, headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert "Add to calendar" in page.text
    mtid = link.partition("MTID=")[2]
    assert f'href="j.php?MTID={mtid}&amp;DL=1"' in page.text
    (event,) = events(program.get(f"{link}&DL=1", headers=BROWSER))
    assert str(event["SUMMARY"]) == "Monday round"


def test_a_changed_series_keeps_its_uid_and_shows_its_exceptions(site: TestSite, program: httpx.Client) -> None:
    client = site.client()
    answer = weekly(site)
    key, link = answer.value("meetingkey") or "", answer.value("iCalendarURL/host") or ""
    (first,) = events(program.get(link))
    assert first["RRULE"]["COUNT"] == [4]
    day = first["DTSTART"].dt + timedelta(days=7)
    moved = {
        "metaData": {"confName": "Elsewhere"},
        "accessControl": {"meetingPassword": "Secret77"},
        "schedule": {"startDate": day.strftime("%m/%d/%Y 15:00:00"), "duration": 30, "timeZoneID": 25},
        "repeat": {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key},
    }
    exception = client.call("meeting.CreateMeeting", moved).ok()
    client.call("meeting.SetMeeting", {"meetingkey": key, "metaData": {"confName": "Renamed"}}).ok()
    series, other = events(program.get(link))
    assert (str(series["UID"]), str(series["SUMMARY"])) == (str(first["UID"]), "Renamed")
    assert series["SEQUENCE"] > first["SEQUENCE"]
    assert (str(other["UID"]), str(other["SUMMARY"])) == (str(first["UID"]), "Elsewhere")
    assert other["RECURRENCE-ID"].dt == day
    (alone,) = events(program.get(exception.value("iCalendarURL/host") or ""))
    assert (alone["UID"], alone["RECURRENCE-ID"].dt) == (first["UID"], day)
    gone = client.call("meeting.DelMeeting", {"meetingKey": exception.value("meetingkey")}).ok()
    (cancelled,) = events(program.get(gone.value("iCalendarURL/attendee") or ""))
    assert (cancelled["UID"], cancelled["RECURRENCE-ID"].dt) == (first["UID"], day)


@pytest.mark.parametrize("who", ["host", "attendee"])
def test_the_cancel_links_take_it_off_the_calendar(site: TestSite, program: httpx.Client, who: str) -> None:
    answer = schedule(site, "Zürich & Co.")
    (before,) = events(program.get(answer.value(f"iCalendarURL/{who}") or ""))
    gone = site.client().call("meeting.DelMeeting", {"meetingKey": answer.value("meetingkey")}).ok()
    link = gone.value(f"iCalendarURL/{who}") or ""
    assert link.endswith("ICS=CMC" if who == "host" else "ICS=MC")
    file = program.get(link)
    assert file.headers["content-type"] == "text/calendar; charset=utf-8; method=CANCEL"
    assert file.headers["content-disposition"].endswith('.ics"')
    (event,) = events(file)
    assert (event["UID"], str(event["STATUS"])) == (before["UID"], "CANCELLED")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (before["DTSTART"].dt, before["DTEND"].dt)
    assert event["SEQUENCE"] > before["SEQUENCE"]
    assert str(event["SUMMARY"]) == "Zürich & Co."
    assert "RECURRENCE-ID" not in event
    page = program.get(link, headers=BROWSER)
    assert "Remove from calendar" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "ED=1&ICS=MC&CN=zz&STI=9999-99-99&TD=x",
        "ED=1&ICS=MC&STI=2027-01-01-10-00-00&TD=99999",
        "ED=1&ICS=MC&STI=2027-01-01-10-00-00&TD=200",
        "ED=%C2%B2&ICS=MC&STI=2027-01-01-10-00-00&TD=4",
        "ED=" + "9" * 40 + "&ICS=MC&STI=2027-01-01-10-00-00&TD=4",
        "ED=1&ICS=XX&STI=2027-01-01-10-00-00&TD=4",
        "ED=1&ICS=MC&STI=1960-01-01-10-00-00&TD=4",
    ],
)
def test_a_spoiled_cancel_link_is_a_page(site: TestSite, program: httpx.Client, query: str) -> None:
    answer = program.get(f"{site.server.url}/{site.name}/j.php?{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "Remove from calendar" not in answer.text


def test_a_cancel_link_cannot_bring_lines_into_the_file(site: TestSite, program: httpx.Client) -> None:
    name = ":".join(f"{byte:02X}" for byte in b"X\r\nATTACH:http://evil.example\r\n")
    query = f"ED=5&ICS=MC&CN={name}&STI=2027-01-01-10-00-00&ETI=2020-01-01-10-00-00&TD=4"
    (event,) = events(program.get(f"{site.server.url}/{site.name}/j.php?{query}"))
    assert "ATTACH" not in event
    assert event["DTEND"].dt == event["DTSTART"].dt
