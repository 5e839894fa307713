"""The meeting attendee service over HTTP: inviting, registering, deciding, removing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from parley.domain.site import SiteSettings
from parley.store import outbox
from tests.client import Answer, Client
from tests.server import TestSite
from tests.services.meetings import attendee, create, get, in_days

SERIES = {"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 5}


def with_registration(*, auto: bool = True, limit: int = 0, **more: Any) -> dict[str, Any]:
    """The groups of a meeting that takes registrations."""
    return {"attendeeOptions": {"registration": True, "auto": auto, "participantLimit": limit}, **more}


def person(number: int | str, **more: Any) -> dict[str, Any]:
    return attendee(f"p{number}@people.example", **more)


def invite(client: Client, key: str, *people: dict[str, Any], **outer: Any) -> Answer:
    """CreateMeetingAttendee: the first person outside, the others inside."""
    first, *others = people
    inner = [{**each, "sessionKey": each.get("sessionKey", key)} for each in others]
    return client.call("attendee.CreateMeetingAttendee", {**first, "sessionKey": key, "attendees": inner, **outer})


def register(client: Client, key: str, *people: dict[str, Any]) -> Answer:
    sent = [{**each, "sessionKey": each.get("sessionKey", key)} for each in people]
    return client.call("attendee.RegisterMeetingAttendee", {"attendees": sent})


def listed(client: Client, key: str, **more: Any) -> Answer:
    control = {"listControl": {"startFrom": 1, "maximumNum": 500}}
    return client.call("attendee.LstMeetingAttendee", {**control, "sessionKey": key, **more})


def statuses(client: Client, key: str) -> dict[str, str]:
    """The status of everybody on a list by address."""
    answer = listed(client, key).ok()
    return dict(zip(answer.all("attendee/person/email"), answer.all("attendee/joinStatus"), strict=True))


def mails(site: TestSite) -> list[tuple[str, str | None]]:
    """Kind and recipient of the messages that wait, but for those to hosts about what they scheduled."""
    engine = site.server.application.engine
    found = site.server.run(outbox.waiting(engine, site.site_id, 500))
    return sorted((each.kind, each.recipient) for each in found if each.kind != "session.scheduled")


# ---- inviting ------------------------------------------------------------------------------------------------


def test_people_are_invited_in_the_order_of_the_request(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    answer = invite(client, key, person(1), person(2, role="PRESENTER"), person(3)).ok()
    assert answer.type_name == "att:createMeetingAttendeeResponse"
    numbers = answer.all("attendeeId")
    assert answer.names() == ["attendeeId"] * 3
    assert len(set(numbers)) == 3
    found = listed(client, key).ok()
    by_number = dict(zip(found.all("attendee/attendeeId"), found.all("attendee/person/email"), strict=True))
    assert [by_number[number] for number in numbers] == [f"p{each}@people.example" for each in (1, 2, 3)]
    assert set(found.all("attendee/joinStatus")) == {"INVITE"}
    assert get(client, key).all("attendees/attendee/person/email") == list(by_number.values())


def test_a_meeting_with_registration_gives_registration_ids(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration())
    answer = invite(client, key, person(1), person(2)).ok()
    assert answer.names() == ["attendeeId", "attendeeId", "register", "register"]
    assert answer.all("register/attendeeID") == answer.all("attendeeId")
    assert all(re.fullmatch(r"[1-9]\d{5}", each) for each in answer.all("register/registerID"))
    assert listed(client, key).all("attendee/registerID") == answer.all("register/registerID")


def test_who_is_invited_again_keeps_his_numbers(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration())
    first = invite(client, key, person(1)).ok()
    again = invite(client, key, {"person": {"email": "P1@PEOPLE.example", "company": "Acme"}, "role": "PRESENTER"})
    assert again.ok().all("register/registerID") == first.all("register/registerID")
    found = listed(client, key).ok()
    assert found.all("attendee/attendeeId") == first.all("attendeeId")
    assert (found.value("attendee/person/company"), found.value("attendee/role")) == ("Acme", "PRESENTER")
    assert found.value("attendee/person/name") == "p1"
    twice = invite(client, key, person(2), person(2)).ok()
    assert len(set(twice.all("attendeeId"))) == 1
    assert len(statuses(client, key)) == 2


def test_people_without_an_outer_one_and_for_several_sessions(site: TestSite) -> None:
    client = site.client()
    one, two = create(client, "One"), create(client, "Two", **with_registration())
    people = [{**person(1), "sessionKey": one}, {**person(2), "sessionKey": two}, {**person(3), "meetingKey": one}]
    answer = client.call("attendee.CreateMeetingAttendee", {"attendees": people}).ok()
    assert len(answer.all("attendeeId")) == 3
    assert answer.all("register/attendeeID") == answer.all("attendeeId")[1:2]
    assert set(statuses(client, one)) == {"p1@people.example", "p3@people.example"}
    assert set(statuses(client, two)) == {"p2@people.example"}


def test_one_unknown_session_among_several_and_nobody_is_invited(site: TestSite) -> None:
    client, other = site.client(), site.client("admin")
    key, foreign = create(client), create(other)
    invite(client, key, person(1), {**person(2), "sessionKey": "99999999999"}).failed("060001")
    invite(client, key, person(1), {**person(2), "sessionKey": foreign}).failed("000001")
    listed(client, key).failed("000015")
    client.call("attendee.CreateMeetingAttendee", person(1)).failed("060001")
    client.call("attendee.RegisterMeetingAttendee", {}).failed("999999")


@pytest.mark.parametrize("inner", [50, 51])
def test_more_than_fifty_at_once_are_refused_and_the_outer_one_counts(site: TestSite, inner: int) -> None:
    client = site.client()
    key = create(client)
    answer = invite(client, key, *(person(each) for each in range(inner + 1))).failed("040015")
    assert answer.reason == "Register attendee number over limit in one API call: 50"
    assert answer.value("response/value") == "50"
    listed(client, key).failed("000015")


def test_fifty_at_once_are_taken_by_both_calls(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    assert len(invite(client, key, *(person(each) for each in range(50))).ok().all("attendeeId")) == 50
    answer = register(client, key, *(person(each) for each in range(50, 100))).ok()
    assert len(answer.all("register/registerID")) == 50
    register(client, key, *(person(each) for each in range(51))).failed("040015")
    assert len(statuses(client, key)) == 100


def test_an_alternate_host_must_be_a_host_of_the_site(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    invite(client, key, person(1, role="HOST")).failed("040007")
    invite(client, key, attendee(f"attendee1@{site.name}.example", role="HOST")).failed("040007")
    by_address = attendee(f"admin@{site.name}.example", role="HOST")
    invite(client, key, by_address).ok()
    assert site.client("admin").call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL")
    member = {"person": {"webExId": "host2", "type": "MEMBER"}, "role": "HOST"}
    invite(client, key, member).ok()
    summary = client.call("session.LstsummarySession", sessionKey=key).ok()
    assert summary.value("session/otherHostWebExID") in ("admin", "host2")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"person": {"name": "Nobody"}}, "999999"),
        ({"person": {"email": "no address"}}, "999999"),
        ({"person": {"email": "a@b@c.example"}}, "999999"),
        ({"person": {"email": "x" * 400 + "@people.example"}}, "999999"),
        ({"person": {"email": "p@people.example"}, "joinStatus": "MAYBE"}, "999999"),
        ({"person": {"email": "p@people.example"}, "sessionNum": 2}, "999999"),
        ({"person": {"email": "p@people.example"}, "sessionNum": "9" * 30}, "999999"),
    ],
)
def test_people_who_cannot_be_right(site: TestSite, sent: dict[str, Any], code: str) -> None:
    client = site.client()
    key = create(client)
    invite(client, key, sent).failed(code)
    register(client, key, sent).failed(code)
    listed(client, key).failed("000015")


def test_names_are_texts_and_nothing_else(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    name = "<b>Ö'x\"&amp;</b> {{7*7}} ' OR 1=1 --"
    invite(client, key, {"person": {"name": name, "email": "odd+x'y@people.example", "notes": "a\tb"}}).ok()
    found = listed(client, key).ok()
    assert found.value("attendee/person/name") == name
    assert found.value("attendee/person/email") == "odd+x'y@people.example"


def test_the_list_of_a_session_has_an_end(site: TestSite) -> None:
    site.set(settings=SiteSettings(max_attendees=3))
    client = site.client()
    key = create(client)
    invite(client, key, person(1), person(2)).ok()
    assert "at most 3" in (invite(client, key, person(3), person(4)).failed("999999").reason or "")
    assert "3 people" in (register(client, key, person(3), person(4)).failed("999999").reason or "")
    invite(client, key, person(3)).ok()
    invite(client, key, person(3), person(1)).ok()  # nobody new


# ---- registering and deciding --------------------------------------------------------------------------------


def test_registration_with_automatic_approval_accepts_at_once(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration())
    answer = register(client, key, person(1, joinStatus="REGISTER"), person(2)).ok()
    assert answer.type_name == "att:registerMeetingAttendeeResponse"
    assert answer.names() == ["register", "register"]
    assert set(statuses(client, key).values()) == {"ACCEPT"}
    found = listed(client, key).ok()
    assert found.names("attendee/status") == ["invited", "registered", "rejected", "accepted"]
    assert found.all("attendee/status/accepted") == ["true", "true"]


def test_registration_with_manual_approval_waits_for_the_host(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(auto=False))
    first = register(client, key, *(person(each, joinStatus="REGISTER") for each in (1, 2))).ok()
    assert set(statuses(client, key).values()) == {"REGISTER"}
    decided = register(client, key, person(1, joinStatus="ACCEPT"), person(2, joinStatus="REJECT")).ok()
    assert decided.all("register/registerID") == first.all("register/registerID")
    assert statuses(client, key) == {"p1@people.example": "ACCEPT", "p2@people.example": "REJECT"}
    # Asking again changes nothing for who is in; the host may ask again for who was rejected.
    register(client, key, person(1, joinStatus="REGISTER"), person(2, joinStatus="REGISTER")).ok()
    assert statuses(client, key) == {"p1@people.example": "ACCEPT", "p2@people.example": "REGISTER"}


def test_invited_then_registered(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(auto=False))
    invited = invite(client, key, person(1, joinStatus="INVITE")).ok()
    asked = register(client, key, person(1, joinStatus="REGISTER")).ok()
    assert asked.all("register/attendeeID") == invited.all("attendeeId")
    assert asked.all("register/registerID") == invited.all("register/registerID")
    assert statuses(client, key) == {"p1@people.example": "REGISTER"}
    invite(client, key, person(1, joinStatus="INVITE")).ok()
    assert statuses(client, key) == {"p1@people.example": "REGISTER"}


def test_a_meeting_without_registration_takes_whoever_is_registered(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    register(client, key, person(1)).ok()
    assert statuses(client, key) == {"p1@people.example": "ACCEPT"}


def test_by_the_number_of_the_run(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    invite(client, key, person(1)).ok()
    conf_id = listed(client, key).value("attendee/confID")
    sent = {"attendees": {**person(2), "confID": conf_id}}
    client.call("attendee.RegisterMeetingAttendee", sent).ok()
    assert len(client.call("attendee.LstMeetingAttendee", confID=conf_id).ok().all("attendee")) == 2
    client.call("attendee.LstMeetingAttendee", confID="123456789012345678").failed("060001")
    other = create(client)
    client.call("attendee.LstMeetingAttendee", confID=conf_id, sessionKey=other).failed("060001")


def test_the_registration_id_opens_the_join_link(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(auto=False))
    answer = register(client, key, person(1, joinStatus="ACCEPT"), person(2)).ok()
    accepted, pending = answer.all("register/registerID")
    join = client.call("meeting.GetjoinurlMeeting", sessionKey=key, attendeeName="P 1", RegID=accepted).ok()
    assert f"RID={accepted}" in (join.value("joinMeetingURL") or "")
    for wrong in (pending, "1", "x", "9" * 30):
        client.call("meeting.GetjoinurlMeeting", sessionKey=key, attendeeName="P", RegID=wrong).failed("999999")


# ---- seats ---------------------------------------------------------------------------------------------------


def test_a_meeting_takes_no_more_than_its_participant_limit(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=2))
    register(client, key, person(1)).ok()
    answer = register(client, key, person(2), person(3)).failed("999999")
    assert answer.reason == "The session is full: it takes 2 people"
    assert len(statuses(client, key)) == 1
    register(client, key, person(2)).ok()
    register(client, key, person(2)).ok()
    register(client, key, person(3, joinStatus="ACCEPT")).failed("999999")
    register(client, key, person(1, joinStatus="REJECT")).ok()
    register(client, key, person(3, joinStatus="ACCEPT")).ok()
    invite(client, key, person(4)).ok()  # an invitation takes no seat
    numbers = listed(client, key, joinStatus="ACCEPT").all("attendee/attendeeId")
    client.call("attendee.DelMeetingAttendee", attendeeID=numbers[0]).ok()
    register(client, key, person(4)).ok()
    register(client, key, person(5)).failed("999999")


def test_pending_registrations_take_no_seat(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(auto=False, limit=1))
    register(client, key, *(person(each) for each in range(4))).ok()
    register(client, key, person(1, joinStatus="ACCEPT")).ok()
    register(client, key, person(2, joinStatus="ACCEPT")).failed("999999")
    assert sorted(statuses(client, key).values()) == ["ACCEPT", "REGISTER", "REGISTER", "REGISTER"]


def test_registrations_outlive_a_change_of_the_meeting(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=2))
    before = register(client, key, person(1)).ok()
    invite(client, key, person(2)).ok()
    people = {"attendees": {"attendee": [person(1, role="PRESENTER"), person(3)]}}
    client.call("meeting.SetMeeting", meetingkey=key, participants=people, metaData={"confName": "New"}).ok()
    assert statuses(client, key) == {"p1@people.example": "ACCEPT", "p3@people.example": "INVITE"}
    found = listed(client, key).ok()
    assert before.value("register/registerID") in found.all("attendee/registerID")
    # A presenter takes no seat, so two are free.
    register(client, key, person(4), person(5)).ok()
    register(client, key, person(6)).failed("999999")


# ---- occurrences ---------------------------------------------------------------------------------------------


def test_people_of_one_occurrence(site: TestSite) -> None:
    client = site.client()
    key = create(client, repeat=SERIES)
    invite(client, key, person(1), person(1, sessionNum=2), person(2, sessionNum=3)).ok()
    found = listed(client, key).ok()
    assert len(set(found.all("attendee/attendeeId"))) == 3
    assert sorted(found.all("attendee/sessionNum")) == ["2", "3"]
    for number in (6, 99999, -1):
        invite(client, key, person(3, sessionNum=number)).failed("999999")
    client.call("meeting.SetMeeting", meetingkey=key, participants={"attendees": {"attendee": person(4)}}).ok()
    assert sorted(listed(client, key).all("attendee/person/email")) == [
        *("p1@people.example", "p2@people.example", "p4@people.example")
    ]


def test_people_of_an_exception_are_its_own(site: TestSite) -> None:
    client = site.client()
    key = create(client, repeat=SERIES)
    exception = create(
        client,
        "Moved",
        repeat={"isException": True, "seriesMeetingKey": key},
        schedule={"startDate": in_days(4, hour=14)},
    )
    invite(client, key, person(1), person(2, sessionNum=2)).ok()
    assert set(statuses(client, key)) == {"p1@people.example"}
    assert set(statuses(client, exception)) == {"p2@people.example"}
    invite(client, exception, person(3, sessionNum=1)).ok()
    assert set(statuses(client, exception)) == {"p2@people.example", "p3@people.example"}
    client.call("meeting.DelMeeting", meetingKey=exception).ok()
    invite(client, key, person(4, sessionNum=2)).failed("999999")


# ---- going ---------------------------------------------------------------------------------------------------


def test_people_are_removed_by_number_and_by_address(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    numbers = invite(client, key, *(person(each) for each in range(5))).ok().all("attendeeId")
    answer = client.call("attendee.DelMeetingAttendee", attendeeID=numbers[:2]).ok()
    assert (answer.type_name, answer.names()) == ("att:delMeetingAttendeeResponse", [])
    email = {"email": "P2@people.EXAMPLE", "sessionKey": key}
    client.call("attendee.DelMeetingAttendee", attendeeEmail=email, attendeeID=numbers[3]).ok()
    assert set(statuses(client, key)) == {"p4@people.example"}
    assert get(client, key).all("attendees/attendee/person/email") == ["p4@people.example"]


def test_removing_whom_nobody_knows_removes_nobody(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    [number] = invite(client, key, person(1)).ok().all("attendeeId")
    client.call("attendee.DelMeetingAttendee", attendeeID=[number, "1"]).failed("000015")
    unknown = {"email": "nobody@people.example", "sessionKey": key}
    client.call("attendee.DelMeetingAttendee", attendeeID=number, attendeeEmail=unknown).failed("000015")
    gone = {"email": "p1@people.example", "sessionKey": "99999999999"}
    client.call("attendee.DelMeetingAttendee", attendeeEmail=gone).failed("060001")
    client.call("attendee.DelMeetingAttendee", {}).failed("999999")
    client.call("attendee.DelMeetingAttendee", attendeeEmail={"email": "p1@people.example"}).failed("999999")
    assert set(statuses(client, key)) == {"p1@people.example"}


def test_nobody_removes_people_of_anothers_session_or_site(site: TestSite) -> None:
    key = create(site.client())
    [number] = invite(site.client(), key, person(1)).ok().all("attendeeId")
    site.client("admin").call("attendee.DelMeetingAttendee", attendeeID=number).failed("000001")
    other = site.server.new_site()
    other.client().call("attendee.DelMeetingAttendee", attendeeID=number).failed("000015")
    listed(other.client(), key).failed("060001")
    site.client("host2").call("attendee.DelMeetingAttendee", attendeeID=number).ok()  # whom host1 lets schedule


# ---- over ----------------------------------------------------------------------------------------------------


def test_nobody_comes_to_what_is_over(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    numbers = invite(client, key, person(1), person(2)).ok().all("attendeeId")
    site.server.clock.ahead = 5 * 86_400
    invite(client, key, person(3)).failed("999999")
    register(client, key, person(3)).failed("999999")
    listed(client, key).failed("060001")
    assert len(listed(client, key, inclHistory=True).ok().all("attendee")) == 2
    client.call("attendee.DelMeetingAttendee", attendeeID=numbers[0]).ok()
    assert len(listed(client, key, inclHistory=True).ok().all("attendee")) == 1


# ---- mails ---------------------------------------------------------------------------------------------------


def test_who_is_told_what(site: TestSite) -> None:
    client, host = site.client(), f"host1@{site.name}.example"
    key = create(client, **with_registration(auto=False))
    invite(client, key, person(1), person(2, emailInvitations=True)).ok()
    assert mails(site) == [("session.invitation", "p2@people.example")]
    register(client, key, person(3, emailInvitations=True), person(4)).ok()
    assert mails(site)[:3] == [
        ("registration.pending", "p3@people.example"),
        ("registration.received", host),
        ("registration.received", host),
    ]
    before = mails(site)
    decided = [
        person(3, joinStatus="ACCEPT", emailInvitations=True),
        person(4, joinStatus="REJECT", emailInvitations=True),
        person(1, joinStatus="ACCEPT"),
    ]
    register(client, key, *decided).ok()
    new = [each for each in mails(site) if each not in before]
    assert new == [("registration.accepted", "p3@people.example"), ("registration.rejected", "p4@people.example")]
    before = mails(site)
    gone = [{"email": f"p{each}@people.example", "sessionKey": key} for each in (1, 2)]
    client.call("attendee.DelMeetingAttendee", attendeeEmail=gone[0]).ok()
    assert mails(site) == before
    client.call("attendee.DelMeetingAttendee", attendeeEmail=gone[1], sendEmail=True).ok()
    assert [each for each in mails(site) if each not in before] == [("registration.removed", "p2@people.example")]
