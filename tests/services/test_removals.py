"""Sessions that ask for it go after their end; what happened in them stays."""

from __future__ import annotations

from typing import Any

import pytest

from parley.domain.timezones import GMT, api_date
from parley.services import presence
from parley.services.errands import Errands
from parley.store import errands
from tests.server import TestSite
from tests.services.stages import DAY, Guest, Stage, host

GOES = {"autoDeleteAfterMeetingEnd": True}


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def now(stage: Stage) -> int:
    return stage.application.clock.now()


def until(stage: Stage, at: int) -> None:
    """Let time go on, and the server do what is due then."""
    stage.site.server.clock.ahead += at - now(stage)
    stage.run(Errands(stage.application).do_due(stage.site.site_id))


def is_there(stage: Stage, key: int) -> bool:
    answer = stage.site.client().call("ep.GetSessionInfo", sessionKey=key)
    if answer.result == "SUCCESS":
        return True
    answer.failed("060001")
    return False


def in_an_hour(stage: Stage, **more: Any) -> tuple[int, int]:
    """A meeting of half an hour that wants to go; its key and start."""
    start = now(stage) // 60 * 60 + 3600
    schedule = {"startDate": api_date(start, GMT), "timeZoneID": GMT, "duration": 30}
    return stage.meeting(schedule=schedule, enableOptions=GOES, **more), start


def test_a_session_that_nobody_attended_goes_at_its_planned_end(stage: Stage) -> None:
    key, start = in_an_hour(stage)
    kept = stage.meeting(schedule={"startDate": api_date(start, GMT), "timeZoneID": GMT, "duration": 30})
    until(stage, start + 1799)
    assert is_there(stage, key)
    until(stage, start + 1800)
    assert not is_there(stage, key)
    assert is_there(stage, kept)


def test_a_session_that_goes_on_goes_when_it_is_over(stage: Stage) -> None:
    key, start = in_an_hour(stage)
    here = stage.run(stage.joined(key, host(), start))
    until(stage, start + 1800)
    assert is_there(stage, key)
    until(stage, start + 3600)
    assert is_there(stage, key)
    stage.run(presence.leave(stage.application, stage.site.site_id, here.stay_id))
    until(stage, now(stage) + 30)
    assert not is_there(stage, key)
    answer = stage.ask("LstmeetingusageHistory", {"meetingKey": key}).ok()
    assert answer.value("confID") == str(here.conf_id)


def test_whoever_comes_back_before_the_planned_end_finds_it(stage: Stage) -> None:
    key, start = in_an_hour(stage)
    stage.hold(key, host(0, 60), start=start)
    until(stage, start + 120)
    assert is_there(stage, key)
    until(stage, start + 1800)
    assert not is_there(stage, key)


def test_an_end_for_all_is_the_end(stage: Stage) -> None:
    key, start = in_an_hour(stage)
    here = stage.run(stage.joined(key, host(), start - 300))
    assert stage.run(presence.end_run(stage.application, stage.site.site_id, here.conf_id))
    until(stage, now(stage))
    assert not is_there(stage, key)
    assert stage.run(errands.of_session(stage.application.engine, stage.site.site_id, key)) == []


def test_an_end_for_all_of_others_removes_nothing(stage: Stage) -> None:
    key = stage.meeting()
    here = stage.run(stage.joined(key, host(), now(stage)))
    stage.run(presence.end_run(stage.application, stage.site.site_id, here.conf_id))
    until(stage, now(stage) + DAY * 30)
    assert is_there(stage, key)


def test_a_series_goes_after_its_last_session_with_all_that_were_moved(stage: Stage) -> None:
    repeat = {"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 3}
    start = (now(stage) // DAY + 1) * DAY + 36_000
    usual = {"startDate": api_date(start, GMT), "timeZoneID": GMT, "duration": 30}
    key = stage.meeting(schedule=usual, enableOptions=GOES, repeat=repeat)
    moved = stage.meeting(
        "Moved",
        schedule={"startDate": api_date(start + 2 * DAY + 7200, GMT), "timeZoneID": GMT, "duration": 30},
        repeat={"isException": True, "seriesMeetingKey": key},
    )
    for number in range(2):
        here = stage.run(stage.joined(key, host(), start + number * DAY))
        stage.run(presence.end_run(stage.application, stage.site.site_id, here.conf_id))
        until(stage, start + number * DAY + 1800)
        assert is_there(stage, key)
    until(stage, start + 2 * DAY + 1800)
    assert (is_there(stage, key), is_there(stage, moved)) == (True, True)
    until(stage, start + 2 * DAY + 7200 + 1800)
    assert (is_there(stage, key), is_there(stage, moved)) == (False, False)


def test_what_is_changed_meanwhile_counts(stage: Stage) -> None:
    client = stage.site.client()
    stays, start = in_an_hour(stage)
    later, _ = in_an_hour(stage)
    comes = stage.meeting(schedule={"startDate": api_date(start, GMT), "timeZoneID": GMT, "duration": 30})
    for key, groups in (
        (stays, {"enableOptions": {"autoDeleteAfterMeetingEnd": False}}),
        (later, {"schedule": {"startDate": api_date(start + DAY, GMT)}}),
        (comes, {"enableOptions": GOES}),
    ):
        client.call("meeting.SetMeeting", {"meetingkey": key, **groups}).ok()
    until(stage, start + 1800)
    assert [is_there(stage, key) for key in (stays, later, comes)] == [True, True, False]
    until(stage, start + DAY + 1800)
    assert [is_there(stage, key) for key in (stays, later)] == [True, False]


def test_people_and_links_go_too(stage: Stage) -> None:
    key, start = in_an_hour(stage)
    client = stage.site.client()
    client.call(
        "attendee.CreateMeetingAttendee",
        {"person": {"name": "Ann", "email": "ann@x.example"}, "sessionKey": key, "joinStatus": "INVITE"},
    ).ok()
    stage.hold(key, host(), Guest("Ann", email="ann@x.example"), start=start)
    until(stage, start + 1800)
    client.call("attendee.LstMeetingAttendee", sessionKey=key, inclHistory="true").failed("060001")
    client.call("meeting.GetjoinurlMeeting", sessionKey=key).failed("060001")
    people = stage.ask("LstmeetingattendeeHistory", {"meetingKey": key}).ok()
    assert sorted(people.all("email")) == ["ann@x.example"]
