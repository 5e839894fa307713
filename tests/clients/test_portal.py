"""A portal without an account sees what is public, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clients.dialects import TIDY, all_dialects
from tests.clients.meeting_program import Refused
from tests.clients.portal import Portal
from tests.clients.programs import signed_in, visitor
from tests.server import TestSite
from tests.services.events import create_event
from tests.services.meetings import GMT, create
from tests.services.test_general_session_lists import exception, series

FROM, UNTIL = datetime(2035, 6, 1, tzinfo=UTC), datetime(2035, 6, 30, 23, 59, tzinfo=UTC)
PUBLIC = {"accessControl": {"meetingPassword": "Secret12", "isPublic": True, "listToPublic": True}}
PRIVATE = {"accessControl": {"meetingPassword": "Secret12", "isPublic": False, "listToPublic": True}}
UNLISTED = {"accessControl": {"meetingPassword": "Secret12", "isPublic": False, "listToPublic": False}}
DIALECTS = all_dialects()


def at(day: int, hour: int = 10) -> dict[str, Any]:
    return {"schedule": {"startDate": f"06/{day:02d}/2035 {hour:02d}:00:00", "timeZoneID": GMT, "duration": 60}}


@pytest.mark.parametrize("dialect", ["tidy", "everything is qualified", "query of a GET", "form with a bare document"])
def test_what_anybody_sees(site: TestSite, dialect: str) -> None:
    client = site.client()
    agenda = {"metaData": {"agenda": "Doors open at nine"}}
    fair = create(client, "Fair & friends", **PUBLIC, **at(4), **agenda)
    create(client, "Board", **PRIVATE, **at(5))
    secret = create(client, "Takeover", **UNLISTED, **at(6))
    create_event(client, "Launch", **at(7))
    create_event(client, "Closed launch", accessControl={"listing": "PRIVATE"}, **at(7))
    daily = series(client, "Breakfast", start="06/10/2035 08:00:00", repeatType="DAILY", afterMeetingNumber=3)
    exception(client, daily, "06/11/2035 11:00:00", "Brunch")
    other = site.server.new_site()
    foreign = create(other.client(), "Elsewhere", **PUBLIC, **at(4))
    with visitor(site, DIALECTS[dialect]) as program:
        portal = Portal(program)
        shown = portal.calendar(FROM, UNTIL)
        assert [(each.name, each.start, each.service) for each in shown] == [
            ("Fair & friends", "06/04/2035 10:00:00", "MeetingCenter"),
            ("Launch", "06/07/2035 10:00:00", "EventCenter"),
            ("Breakfast", "06/10/2035 08:00:00", "MeetingCenter"),
            ("Brunch", "06/11/2035 11:00:00", "MeetingCenter"),
            ("Breakfast", "06/12/2035 08:00:00", "MeetingCenter"),
        ]
        assert portal.calendar(FROM, UNTIL, page=2) == shown
        assert portal.calendar(FROM, UNTIL, prefix="br") == [each for each in shown if each.name[:2] in ("Br",)]
        assert portal.calendar(FROM, UNTIL, prefix="Takeover") == []
        assert portal.calendar(UNTIL, UNTIL) == []
        assert {each.host for each in shown} == {"host1"}
        assert portal.everything() == "000015"

        # a meeting: next to nothing before the password, all that people are told after it
        page = portal.show(fair)
        assert (page.name, page.start, page.agenda, page.host, page.host_key, page.password) == ("",) * 6
        assert page.needs_password
        assert not page.told & {"confName", "schedule", "meetingLink", "sipURL", "displayMeetingUrl", "host", "hostKey"}
        with pytest.raises(Refused, match="060026"):
            portal.show(fair, "Secret13")
        opened = portal.show(fair, "Secret12")
        assert (opened.name, opened.start, opened.agenda) == (
            "Fair & friends",
            "06/04/2035 10:00:00",
            agenda_of(agenda),
        )
        assert opened.host_key == ""
        # what is not listed tells a stranger no more than that; its number alone opens nothing
        assert portal.show(secret) == page
        for unknown in (foreign, "12345678901"):
            with pytest.raises(Refused, match="060001"):
                portal.show(unknown)
            with pytest.raises(Refused, match="060001"):
                portal.show(unknown, "Secret12")
    with signed_in(site, "attendee1") as program:
        names = [each.name for each in Portal(program).calendar(FROM, UNTIL)]
        assert sorted({*names}) == ["Board", "Breakfast", "Brunch", "Closed launch", "Fair & friends", "Launch"]


def agenda_of(groups: dict[str, dict[str, str]]) -> str:
    return groups["metaData"]["agenda"]


def test_what_changes_is_gone_at_once(site: TestSite) -> None:
    client = site.client()
    key = create(client, "Fair", **PUBLIC, **at(4))
    with visitor(site) as program:
        portal = Portal(program)
        (entry,) = portal.calendar(FROM, UNTIL)
        client.call("meeting.SetMeeting", meetingkey=key, **at(5, 12)).ok()
        assert portal.calendar(FROM, UNTIL) == [replace(entry, start="06/05/2035 12:00:00")]
        client.call("meeting.SetMeeting", meetingkey=key, accessControl={"listToPublic": True, "isPublic": False}).ok()
        assert portal.calendar(FROM, UNTIL) == []
        client.call("meeting.SetMeeting", meetingkey=key, **PUBLIC).ok()
        assert [each.key for each in portal.calendar(FROM, UNTIL)] == [key]
        client.call("meeting.DelMeeting", meetingKey=key).ok()
        assert portal.calendar(FROM, UNTIL) == []
        with pytest.raises(Refused, match="060001"):
            portal.show(key)


def test_a_site_that_is_unknown_or_switched_off(site: TestSite) -> None:
    create(site.client(), "Fair", **PUBLIC, **at(4))
    with visitor(site, TIDY) as program:
        portal = Portal(program)
        assert len(portal.calendar(FROM, UNTIL)) == 1
        site.set(active=False)
        for ask in (lambda: portal.calendar(FROM, UNTIL), lambda: portal.show("12345678901")):
            with pytest.raises(Refused, match="010002"):
                ask()
