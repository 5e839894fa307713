"""Mails after events: who came is thanked, who did not is told so."""

from __future__ import annotations

import msgspec
import pytest

from parley.services import follow_ups
from parley.store import outbox
from parley.store.outbox import Message
from tests.server import TestSite
from tests.services.events import person
from tests.services.meetings import in_days
from tests.services.stages import Guest, Stage, host

EVA, GUS, PAN = "eva@people.example", "gus@people.example", "pan@people.example"
BOTH = {"thanksForAttending": {"send": True}, "absenteeFollowUp": {"subject": "Pity"}}


def waiting(stage: Stage) -> list[Message]:
    found = stage.run(outbox.waiting(stage.application.engine, stage.site.site_id))
    return [each for each in found if each.kind == follow_ups.WAITING]


def event(stage: Stage, **follow_up: object) -> int:
    return stage.event(
        attendees={"attendee": [person(EVA), person(GUS)]},
        panelists={"panelist": [person(PAN)]},
        emailTemplates={"followUpMsgs": follow_up},
    )


def told(stage: Stage, key: int, row: Message) -> list[tuple[str, str | None]]:
    now = stage.application.clock.now()
    rows = stage.run(follow_ups.rows_due(stage.application.engine, row, stage.session(key), now))
    return sorted((each.kind, each.recipient) for each in rows)


def test_who_came_is_thanked_and_who_did_not_is_told_so(site: TestSite) -> None:
    stage = Stage(site)
    key = event(stage, **BOTH)
    rows = waiting(stage)
    assert all(told(stage, key, row) == [] for row in rows)  # it did not take place
    stage.hold(key, host(seconds=600), Guest("Eva", 10, 300, email=EVA), Guest("Pan", 10, 300, email=PAN))
    found = sorted(each for row in rows for each in told(stage, key, row))
    assert found == [("event.absentee", GUS), ("event.thanks", EVA)]


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ({}, []),
        ({"thanksForAttending": {"subject": "Thanks"}}, []),
        ({"absenteeFollowUp": {"send": False}}, []),
        (BOTH, ["event.absentee", "event.thanks"]),
    ],
)
def test_what_is_asked_for_waits_until_an_hour_after_the_end(
    site: TestSite, wanted: dict[str, object], kinds: list[str]
) -> None:
    stage = Stage(site)
    key = event(stage, **wanted)
    rows = waiting(stage)
    assert sorted(msgspec.json.decode(each.document)["kind"] for each in rows) == kinds
    session = stage.session(key)
    assert {each.due_at for each in rows} <= {session.next_end + 3600}
    if kinds:
        site.client().call("event.DelEvent", {"sessionKey": key}).ok()
        assert waiting(stage)  # dropped when they are due


def test_a_time_that_is_named_and_a_move_are_followed(site: TestSite) -> None:
    stage = Stage(site)
    key = event(stage, thanksForAttending={"send": True, "sendDateTime": in_days(5)}, absenteeFollowUp={"send": True})
    named, usual = sorted(waiting(stage), key=lambda row: -row.due_at)
    schedule = {"startDate": in_days(6), "timeZoneID": 20, "duration": 60}
    site.client().call("event.SetEvent", {"sessionKey": key, "schedule": schedule}).ok()
    later = sorted(waiting(stage), key=lambda row: row.due_at)
    assert later[0].due_at == named.due_at
    assert later[1].due_at == stage.session(key).next_end + 3600 > usual.due_at


def test_an_event_that_goes_on_is_waited_for(site: TestSite) -> None:
    stage = Stage(site)
    key = event(stage, **BOTH)
    row = waiting(stage)[0]
    stage.run(stage.joined(key, host(), stage.start))
    assert told(stage, key, row) == [(follow_ups.WAITING, None)]
