"""Histories go when they are no longer listed, and not earlier; numbers of runs do not come back."""

from __future__ import annotations

import asyncio

import pytest

from parley.services.errands import Errands
from parley.services.history import keeping
from parley.services.history.asking import WINDOW
from parley.store import checks, runs
from tests.server import Server, TestSite
from tests.services.stages import DAY, Guest, Stage, host


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def purge(stage: Stage, at: int) -> int:
    return stage.run(keeping.purge(stage.application.engine, stage.site.site_id, at, 90))


def is_kept(stage: Stage, conf_id: int) -> bool:
    return stage.run(runs.run(stage.application.engine, stage.site.site_id, conf_id)) is not None


def test_what_is_too_old_goes_with_its_people(stage: Stage) -> None:
    now = stage.application.clock.now()
    old, young = now - WINDOW - 2 * DAY, now - WINDOW + 3600
    key = stage.meeting()
    gone = stage.hold(key, host(0, 600), *[Guest(f"P{number}", 5, 60) for number in range(30)], start=old)
    kept = stage.hold(key, host(0, 600), Guest("Kim"), start=young)
    assert purge(stage, now) == 1
    assert (is_kept(stage, gone), stage.stays(gone)) == (False, [])
    assert (is_kept(stage, kept), len(stage.stays(kept))) == (True, 2)
    assert stage.ask("LstmeetingusageHistory").ok().all("confID") == [str(kept)]
    assert purge(stage, now) == 0


def test_what_is_listed_is_never_purged(stage: Stage) -> None:
    now = stage.application.clock.now()
    makers = (stage.meeting, stage.event, stage.training, stage.support)
    held = [stage.hold(make(), host(0, 60), start=now - WINDOW - 50) for make in makers]
    going_on = stage.run(stage.joined(stage.meeting("Long"), host(), now - 2 * WINDOW))
    assert purge(stage, now) == 0
    assert purge(stage, now + DAY - 5) == 0
    assert purge(stage, now + DAY + 100) == 4
    assert [is_kept(stage, each) for each in held] == [False] * 4
    assert is_kept(stage, going_on.conf_id)


def test_a_site_may_keep_it_for_longer(server: Server) -> None:
    now = server.clock.now()
    sites = [Stage(server.new_site(**more)) for more in ({}, {"history_days": 400}, {"history_days": None})]
    held = [each.hold(each.meeting(), host(), start=now - 200 * DAY) for each in sites]
    stage = sites[0]
    stage.run(Errands(stage.application).tidy())
    assert [is_kept(each, conf_id) for each, conf_id in zip(sites, held, strict=True)] == [False, True, True]
    # What the API lists is the same.
    for each in sites:
        each.ask("LstmeetingusageHistory").failed("000015")


def test_many_go_in_parts_and_other_sites_keep_theirs(stage: Stage) -> None:
    now = stage.application.clock.now()
    other = Stage(stage.site.server.new_site())
    key = stage.meeting()
    for number in range(45):
        stage.hold(key, host(0, 10), start=now - WINDOW - 3 * DAY + number * 60)
    theirs = other.hold(other.meeting(), host(), start=now - WINDOW - 3 * DAY)
    assert purge(stage, now) == 45
    assert is_kept(other, theirs)


def test_several_processes_forget_the_same_at_once(stage: Stage) -> None:
    now = stage.application.clock.now()
    key, engine = stage.meeting(), stage.application.engine
    for number in range(25):
        stage.hold(key, host(0, 10), start=now - WINDOW - 3 * DAY + number * 60)
    kept = stage.hold(key, host(0, 10), start=now - WINDOW + 3600)

    async def at_once() -> list[int]:
        return await asyncio.gather(*(keeping.purge(engine, stage.site.site_id, now, 90) for _ in range(3)))

    gone = sum(stage.run(at_once()))
    assert gone + purge(stage, now) == 25
    assert stage.ask("LstmeetingusageHistory").ok().all("confID") == [str(kept)]
    assert stage.run(checks.problems(engine, stage.site.site_id)) == []


def test_a_session_that_rested_for_long_gets_a_new_number_for_its_next_run(stage: Stage) -> None:
    now = stage.application.clock.now()
    key = stage.meeting()
    first = stage.hold(key, host(), start=now - WINDOW - 3 * DAY)
    version = stage.session(key).version
    purge(stage, now)
    assert stage.session(key).conf_id != first
    assert stage.session(key).version == version + 1
    second = stage.hold(key, host())
    assert second not in (first, 0)
    assert stage.session(key).conf_id == second


def test_the_list_of_a_session_is_found_by_its_earlier_runs(stage: Stage) -> None:
    client, key = stage.site.client(), stage.event()
    client.call(
        "attendee.RegisterMeetingAttendee",
        {
            "attendees": {
                "person": {"name": "Ann", "firstName": "Ann", "lastName": "Lee", "email": "ann@x.example"},
                "joinStatus": "ACCEPT",
                "sessionKey": key,
            }
        },
    ).ok()
    first = stage.hold(key, host())
    second = stage.hold(key, host(), start=stage.start + 600)
    other = stage.hold(stage.event("Other"), host())
    for conf_id in (first, second):
        listed = client.call("attendee.LstMeetingAttendee", confID=conf_id).ok()
        assert (listed.value("attendee/confID"), listed.value("attendee/sessionKey")) == (str(conf_id), str(key))
        client.call("attendee.LstMeetingAttendee", confID=conf_id, sessionKey=key).ok()
        enrolled = client.call("attendee.GetEnrollmentInfo", confID=conf_id).ok()
        assert (enrolled.value("session/confID"), enrolled.value("session/sessionKey")) == (str(conf_id), str(key))
    for operation in ("LstMeetingAttendee", "GetEnrollmentInfo"):
        client.call(f"attendee.{operation}", confID=other, sessionKey=key).failed("060001")
        client.call(f"attendee.{operation}", confID=987654321).failed("060001")
        stage.site.client("host2").call(f"attendee.{operation}", confID=first)
        other_site = stage.site.server.new_site().client()
        other_site.call(f"attendee.{operation}", confID=first).failed("060001")
