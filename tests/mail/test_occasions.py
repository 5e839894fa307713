"""Who is written to on which occasion: a table, one row for each thing that a program does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parley.store import outbox
from tests.client import Client
from tests.server import TestSite
from tests.services.events import create_event, person
from tests.services.meetings import attendee, create, in_days

ANN, BEN = "ann@people.example", "ben@people.example"
HOST = "host1"
Told = set[tuple[str, str]]
INVITED = {"attendeeOptions": {"emailInvitations": True}}
REMIND = {"enableReminder": True, "sendEmail": True, "minutesAhead": 10}


def people(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"participants": {"attendees": {"attendee": list(elements)}}}


BOTH = people(attendee(ANN), attendee(BEN))
OWN = people(attendee(ANN, emailInvitations=True), attendee(BEN, emailInvitations=False))


def told(site: TestSite) -> list[tuple[str, str]]:
    """Kind and recipient of all rows, the host by webExID, and that none is meant for the same person twice."""
    found = site.server.run(outbox.newest(site.server.application.engine, site.site_id, maximum=500))
    names = {f"{name}@{site.name}.example": name for name in ("host1", "host2", "admin")}
    return sorted((each.kind, names.get(each.recipient or "", each.recipient or "")) for each in found)


def moved(client: Client, key: str, **more: Any) -> None:
    client.call("meeting.SetMeeting", {"meetingkey": key, "schedule": {"startDate": in_days(5)}, **more}).ok()


def deleted(client: Client, key: str) -> None:
    client.call("meeting.DelMeeting", {"meetingKey": key}).ok()


def general_deleted(send: bool | None) -> Callable[[Client, str], None]:
    def act(client: Client, key: str) -> None:
        client.call("ep.DelSession", {"sessionKey": key, **({} if send is None else {"sendEmail": send})}).ok()

    return act


def changed(**groups: Any) -> Callable[[Client, str], None]:
    def act(client: Client, key: str) -> None:
        client.call("meeting.SetMeeting", {"meetingkey": key, **groups}).ok()

    return act


def added(*, mail: bool | None) -> Callable[[Client, str], None]:
    def act(client: Client, key: str) -> None:
        more = {} if mail is None else {"emailInvitations": mail}
        client.call("attendee.CreateMeetingAttendee", {**attendee(ANN), "sessionKey": key, **more}).ok()

    return act


def added_then(mail: bool, then: Callable[[Client, str], None]) -> Callable[[Client, str], None]:
    def act(client: Client, key: str) -> None:
        added(mail=mail)(client, key)
        then(client, key)

    return act


def removed(send: bool | None) -> Callable[[Client, str], None]:
    def act(client: Client, key: str) -> None:
        said = {} if send is None else {"sendEmail": send}
        client.call("attendee.DelMeetingAttendee", {"attendeeEmail": {"email": ANN, "sessionKey": key}, **said}).ok()

    return act


def nothing(client: Client, key: str) -> None:
    """Only what the creation told."""


def cancels(*who: str) -> Told:
    return {("session.cancelled", each) for each in who}


def moves(*who: str) -> Told:
    return {("session.rescheduled", each) for each in who}


def invites(*who: str) -> Told:
    return {("session.invitation", each) for each in who}


TABLE: list[tuple[str, dict[str, Any], Callable[[Client, str], None], Told]] = [
    ("people without invitations", BOTH, nothing, set()),
    ("people who are invited by mail", {**BOTH, **INVITED}, nothing, invites(ANN, BEN)),
    ("one is invited by his own element", OWN, nothing, invites(ANN)),
    ("cancelled, nobody was written to", BOTH, deleted, cancels(HOST)),
    ("cancelled", {**BOTH, **INVITED}, deleted, invites(ANN, BEN) | cancels(HOST, ANN, BEN)),
    ("cancelled, one was invited", OWN, deleted, invites(ANN) | cancels(HOST, ANN)),
    ("DelSession says nothing of mails", OWN, general_deleted(None), invites(ANN) | cancels(HOST, ANN)),
    ("DelSession with sendEmail", OWN, general_deleted(True), invites(ANN) | cancels(HOST, ANN)),
    ("DelSession without mails", {**BOTH, **INVITED}, general_deleted(False), invites(ANN, BEN)),
    ("moved, nobody was written to", BOTH, moved, moves(HOST)),
    ("moved", OWN, moved, invites(ANN) | moves(HOST, ANN)),
    ("another text changes no calendar", OWN, changed(metaData={"agenda": "Tea"}), invites(ANN)),
    ("SetMeeting invites nobody", {}, changed(**{**BOTH, **INVITED}), set()),
    (
        "SetMeeting takes people off in silence",
        {**BOTH, **INVITED},
        changed(**people(attendee(ANN))),
        invites(ANN, BEN),
    ),
    ("added in silence", {}, added(mail=None), set()),
    ("added, and told not to write", INVITED, added(mail=False), set()),
    ("added and invited", {}, added(mail=True), invites(ANN)),
    ("moved after a silent addition", {}, added_then(False, moved), moves(HOST)),
    ("moved after an invitation", {}, added_then(True, moved), invites(ANN) | moves(HOST, ANN)),
    ("taken off in silence", OWN, removed(None), invites(ANN)),
    ("taken off without mail", OWN, removed(False), invites(ANN)),
    ("taken off with mail", OWN, removed(True), invites(ANN) | {("registration.removed", ANN)}),
    ("a reminder waits", {"remind": REMIND}, nothing, {("session.next_reminder", "")}),
    ("a reminder without mail", {"remind": {**REMIND, "sendEmail": False}}, nothing, set()),
    ("a reminder that is not enabled", {"remind": {**REMIND, "enableReminder": False}}, nothing, set()),
    ("a reminder that is taken back", {"remind": REMIND}, changed(remind={"enableReminder": False}), set()),
    ("a reminder follows", {"remind": REMIND}, moved, {("session.next_reminder", "")} | moves(HOST)),
]


@pytest.mark.parametrize(("groups", "act", "expected"), [pytest.param(*row[1:], id=row[0]) for row in TABLE])
def test_meetings(site: TestSite, groups: dict[str, Any], act: Callable[[Client, str], None], expected: Told) -> None:
    client = site.client()
    act(client, create(client, **groups))
    assert told(site) == sorted(expected | {("session.scheduled", HOST)})


def test_the_new_host_is_told_and_the_attendees_are_not(site: TestSite) -> None:
    client = site.client("host2")
    key = create(client, schedule={"hostWebExID": "host1"}, **OWN)
    client.call("meeting.SetMeeting", {"meetingkey": key, "schedule": {"hostWebExID": "host2"}}).ok()
    handed = {("session.scheduled", "host1"), ("session.scheduled", "host2"), ("session.handed_over", "host1")}
    assert told(site) == sorted({*handed, *invites(ANN)})


def test_a_series_that_recurs_otherwise_is_told(site: TestSite) -> None:
    client = site.client()
    weekly = {"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 3}
    key = create(client, repeat=weekly, **OWN)
    change = {"meetingkey": key, "repeat": {**weekly, "interval": 2}}
    client.call("meeting.SetMeeting", {"meetingkey": key, "repeat": weekly}).ok()
    assert told(site) == sorted({("session.scheduled", HOST), *invites(ANN)})
    client.call("meeting.SetMeeting", change).ok()
    assert told(site) == sorted({("session.scheduled", HOST), *invites(ANN), *moves(HOST, ANN)})


def test_who_only_comes_to_an_exception_is_told_when_the_series_is_deleted(site: TestSite) -> None:
    client = site.client()
    key = create(client, repeat={"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 3})
    exception = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key}
    create(client, "Later", schedule={"startDate": in_days(4, 17)}, repeat=exception, **OWN)
    deleted(client, key)
    expected = [("session.scheduled", HOST)] * 2 + [*invites(ANN), *cancels(HOST, ANN)]
    assert told(site) == sorted(expected)


def test_an_occurrence_is_cancelled(site: TestSite) -> None:
    client = site.client()
    key = create(client, repeat={"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 3}, **OWN)
    exception = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key}
    other = create(client, "Later", schedule={"startDate": in_days(4, 17)}, repeat=exception)
    deleted(client, other)
    # Ann comes to the series, so to the occurrence that was moved too.
    expected = [("session.scheduled", HOST)] * 2 + [*invites(ANN)] * 2 + [*cancels(HOST, ANN)]
    assert told(site) == sorted(expected)


@pytest.mark.parametrize("which", [{}, {"attendees": True}, {"panelists": True}])
def test_invitations_of_an_event(site: TestSite, which: dict[str, bool]) -> None:
    client = site.client()
    key = create_event(
        client,
        attendees={"attendee": [person(ANN), person("no@people.example", joinStatus="REJECT")]},
        panelists={"panelist": person(BEN)},
    )
    assert told(site) == [("session.scheduled", HOST)]
    client.call("event.SendInvitationEmail", {"sessionKey": key, **which}).ok()
    invited = {ANN, BEN} if which.get("panelists") else {ANN}
    assert told(site) == sorted({("session.scheduled", HOST), *invites(*invited)})
    client.call("event.DelEvent", {"sessionKey": key}).ok()
    assert told(site) == sorted({("session.scheduled", HOST), *invites(*invited), *cancels(HOST, *invited)})


def test_reminders_of_kinds_without_addresses_are_for_the_host(site: TestSite) -> None:
    client = site.client()
    create_event(client, remind={"minutesAhead": 20})
    create_event(client, "No reminder", remind={"minutesAhead": 0})
    assert told(site) == [("session.next_reminder", ""), *[("session.scheduled", HOST)] * 2]
