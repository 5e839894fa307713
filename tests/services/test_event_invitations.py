"""SendInvitationEmail over HTTP, and what it leaves in the outbox."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.services.mails import Notice
from parley.store import outbox
from tests.server import TestSite
from tests.services.events import create_event, person
from tests.services.meetings import attendee, in_days


def notices(site: TestSite) -> dict[str, Notice]:
    """The invitations that wait to be sent, by recipient."""
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    return {
        each.recipient or "": msgspec.json.decode(each.document, type=Notice)
        for each in found
        if each.kind == "session.invitation"
    }


@pytest.fixture
def key(site: TestSite) -> str:
    """An event with people in every state."""
    states = {"Ann": "INVITE", "Bob": "ACCEPT", "Sam": "REJECT", "Zoe": "REGISTER"}
    made = create_event(
        site.client(),
        panelists={"panelist": person("Pat@x.example")},
        attendees={"attendee": [person(f"{name}@x.example", joinStatus=state) for name, state in states.items()]},
    )
    alternate = attendee(f"host2@{site.name}.example", role="HOST", sessionKey=made)
    site.client().call("attendee.CreateMeetingAttendee", alternate).ok()
    return made


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Ann", "Bob"]),
        ({"panelists": True}, ["Ann", "Bob", "Pat"]),
        ({"attendees": False, "panelists": True}, ["Pat"]),
        ({"attendees": False}, []),
        ({"attendees": True, "panelists": False}, ["Ann", "Bob"]),
    ],
)
def test_who_is_invited(site: TestSite, key: str, asked: dict[str, Any], names: list[str]) -> None:
    answer = site.client().call("event.SendInvitationEmail", sessionKey=key, **asked).ok()
    assert answer.type_name == "event:sendInvitationEmailResponse"
    assert sorted(answer.all("deliveredEmail")) == [f"{name}@x.example" for name in names]
    found = notices(site)
    assert sorted(found) == [f"{name.lower()}@x.example" for name in names]
    assert {notice.name for notice in found.values()} <= {"Launch"}
    roles = {recipient.partition("@")[0]: notice.role for recipient, notice in found.items()}
    assert roles == {name.lower(): "PRESENTER" if name == "Pat" else "ATTENDEE" for name in names}


def test_who_may_invite(site: TestSite, key: str) -> None:
    site.client("host2").call("event.SendInvitationEmail", sessionKey=key).ok()  # may schedule for host1
    for web_ex_id in ("admin", "attendee1"):
        site.client(web_ex_id).call("event.SendInvitationEmail", sessionKey=key).failed("000001")
    site.client(None, password=None).call("event.SendInvitationEmail", sessionKey=key).failed("030002")


def test_events_without_people_and_events_that_are_over(site: TestSite) -> None:
    client = site.client()
    made = create_event(client, schedule={"startDate": in_days(1)})
    assert client.call("event.SendInvitationEmail", sessionKey=made, panelists=True).ok().names() == []
    site.server.clock.ahead = 2 * 86_400
    answer = client.call("event.SendInvitationEmail", sessionKey=made).failed("999999")
    assert answer.reason == "The event is over"
    assert notices(site) == {}
