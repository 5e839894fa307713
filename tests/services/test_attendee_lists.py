"""LstMeetingAttendee, GetEnrollmentInfo and GetFeedbackInfo over HTTP, and the waiting list."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from parley.contract.attendee import OrderByType
from parley.domain.site import SiteSettings
from tests.client import Client
from tests.server import TestSite
from tests.services.events import create_event
from tests.services.meetings import create
from tests.services.test_attendee import invite, listed, mails, person, register, statuses, with_registration


def full(number: int, **more: Any) -> dict[str, Any]:
    """A person of whom everything is known that a list can be sorted by."""
    letter = "CABD"[number]
    return {
        "person": {
            "name": f"{letter}ohn Smith",
            "title": f"{letter} title",
            "company": letter,
            "address": {
                "addressType": ["PERSONAL", "GLOBAL"][number % 2],
                "address1": f"{letter} street",
                "address2": f"{number} floor",
                "city": f"{letter} town",
                "state": f"{letter} state",
                "zipCode": f"{9 - number}0000",
                "country": f"{letter} land",
            },
            "phones": {"phone": f"1,{number}", "mobilePhone": f"1,{9 - number}", "fax": f"2,{number}"},
            "email": f"{letter.lower()}@people.example",
            "notes": f"{letter} notes",
            "url": f"https://{letter}.example",
            "type": "VISITOR",
        },
        **more,
    }


@pytest.fixture
def key(site: TestSite) -> str:
    """A meeting with four people in it, of every status."""
    client = site.client()
    made = create(client, **with_registration(auto=False))
    invite(client, made, full(0)).ok()
    register(client, made, full(1), full(2, joinStatus="ACCEPT"), full(3, joinStatus="REJECT")).ok()
    return made


def test_an_item_has_what_clients_read(site: TestSite, key: str) -> None:
    answer = listed(site.client(), key).ok()
    assert answer.type_name == "att:lstMeetingAttendeeResponse"
    assert answer.names() == ["matchingRecords", *["attendee"] * 4]
    assert answer.names("attendee") == [
        *("person", "contactID", "joinStatus", "meetingKey", "sessionKey", "language", "role", "locale"),
        *("timeZoneID", "languageID", "meetingUUID", "attendeeId", "confID", "status", "registerID"),
    ]
    assert set(answer.all("attendee/person/address/city")) == {f"{letter} town" for letter in "ABCD"}
    assert answer.value("matchingRecords/total") == answer.value("matchingRecords/returned") == "4"
    assert set(answer.all("attendee/sessionKey")) == set(answer.all("attendee/meetingKey")) == {key}


@pytest.mark.parametrize("status", ["INVITE", "REGISTER", "ACCEPT", "REJECT"])
def test_filter_by_status(site: TestSite, key: str, status: str) -> None:
    answer = listed(site.client(), key, joinStatus=status).ok()
    assert answer.all("attendee/joinStatus") == [status]
    assert answer.value("matchingRecords/total") == "1"
    flags = {"INVITE": "invited", "REGISTER": "registered", "ACCEPT": "accepted", "REJECT": "rejected"}
    for name in ("invited", "registered", "rejected", "accepted"):
        assert answer.value(f"attendee/status/{name}") == str(name == flags[status]).lower()


_SORTED: dict[str, str] = {
    "ATTENDEENAME": "person/name",
    "EMAIL": "person/email",
    "PHONE": "person/phones/phone",
    "MOBILE": "person/phones/mobilePhone",
    "FAX": "person/phones/fax",
    "COMPANY": "person/company",
    "TITLE": "person/title",
    "URL": "person/url",
    "ADDRESS1": "person/address/address1",
    "ADDRESS2": "person/address/address2",
    "CITY": "person/address/city",
    "STATE": "person/address/state",
    "ZIPCODE": "person/address/zipCode",
    "COUNTRY": "person/address/country",
    "NOTES": "person/notes",
    "ADDRESSTYPE": "person/address/addressType",
    "ATTENDEEID": "attendeeId",
    "ATTENDEETYPE": "person/type",
    "JOINSTATUS": "joinStatus",
}


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_every_order(site: TestSite, key: str, direction: str) -> None:
    client = site.client()
    for name in OrderByType.values:
        answer = listed(client, key, order={"orderBy": name, "orderAD": direction}).ok()
        assert len(answer.all("attendee/attendeeId")) == 4, name
        if name in _SORTED:
            values = answer.all(f"attendee/{_SORTED[name]}")
            assert values == sorted(values, reverse=direction == "DESC"), name
    assert set(OrderByType.values) - set(_SORTED) == {"CONFID", "ATTENDEEWEBEXID"}


def test_orders_one_after_the_other_and_pages(site: TestSite, key: str) -> None:
    client = site.client()
    order = "<order><orderBy>ADDRESSTYPE</orderBy><orderAD>DESC</orderAD><orderBy>EMAIL</orderBy></order>"
    seen: list[str] = []
    for start in (1, 3):
        control = f"<listControl><startFrom>{start}</startFrom><maximumNum>2</maximumNum></listControl>"
        body = f"{control}{order}<sessionKey>{key}</sessionKey>"
        answer = client.call("attendee.LstMeetingAttendee", body).ok()
        assert [answer.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == [
            *("4", "2", str(start))
        ]
        seen += answer.all("attendee/person/email")
    assert seen == ["b@people.example", "c@people.example", "a@people.example", "d@people.example"]
    listed(client, key, listControl={"startFrom": 5}).failed("000015")
    assert len(client.call("attendee.LstMeetingAttendee", meetingKey=key).ok().all("attendee")) == 4


def test_nobody_and_unknown(site: TestSite) -> None:
    client = site.client()
    made = create(client)
    listed(client, made).failed("000015")
    listed(client, "12345678901").failed("060001")
    client.call("attendee.LstMeetingAttendee", {}).failed("060001")
    client.call("attendee.LstMeetingAttendee", meetingUUID="0" * 32).failed("060001")
    client.call("meeting.DelMeeting", meetingKey=made).ok()
    listed(client, made).failed("060001")


def test_who_sees_a_list(site: TestSite, key: str) -> None:
    for allowed in ("host1", "host2", "admin"):
        assert len(listed(site.client(allowed), key).ok().all("attendee")) == 4
    invite(site.client(), key, {"person": {"email": f"attendee1@{site.name}.example"}}).ok()
    listed(site.client("attendee1"), key).failed("000001")
    mine = create(site.client("host2"))
    listed(site.client("host1"), mine).failed("000001")


# ---- forms ---------------------------------------------------------------------------------------------------

FORM: dict[str, Any] = {
    "standardFields": {"company": {"incl": True, "req": True}, "futureInfo": {"incl": True}},
    "customFields": {
        "textBox": {"label": "Why?", "incl": True},
        "checkBoxGroup": {
            "label": "Food",
            "checkBox": [{"label": "Meat", "score": 1.5}, {"label": "Fish", "score": 1}],
        },
        "dropDownGroup": {"label": "Day", "choice": [{"label": "Mon"}, {"label": "Tue", "score": 3}]},
    },
}


def registration_link(client: Client, key: str) -> str:
    answer = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok()
    return answer.value("registerMeetingURL") or ""


def test_what_people_filled_in(site: TestSite) -> None:
    client = site.client()
    key = create_event(client, enrollmentForm=FORM, enrollment={"approvalReq": True})
    form = {
        "FIRST_NAME": "Ada",
        "LAST_NAME": "Löw",
        "EMAIL": "ada@People.example",
        "COMPANY": "Acme & Co",
        "FUTURE_INFO": "1",
        "SOURCEID": "newsletter",
    }
    page = httpx.get(registration_link(client, key)).text
    ids = dict(zip(("why", "meat", "fish", "day"), sorted(set(re.findall(r'name="(Q[0-9-]+)"', page))), strict=True))
    order = {label: page.index(label) for label in ("Why?", "Food", "Day")}
    assert len(ids) == len(set(order.values())) + 1
    names = {label: re.search(rf'{label}.*?name="(Q[0-9-]+)"', page, re.S) for label in ("Why\\?", "Food", "Day")}
    assert all(names.values())
    why, food, day = (found.group(1) for found in names.values() if found)
    form |= {why: "Because", food: "1", food.replace("-1", "-2"): "2", day: "2"}
    assert "has arrived" in httpx.post(registration_link(client, key), data=form).text
    register(client, key, full(1, joinStatus="ACCEPT")).ok()
    answer = client.call("attendee.GetEnrollmentInfo", sessionKey=key).ok()
    assert answer.type_name == "att:getEnrollmentInfoResponse"
    assert answer.names("session") == ["confID", "attendee", "attendee", "matchingRecords", "sessionKey"]
    assert answer.value("session/sessionKey") == key
    assert [answer.value(f"session/matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == [
        *("2", "2", "1")
    ]
    by_status = dict(zip(answer.all("attendee/status"), answer.all("attendee/attendeeID"), strict=True))
    assert set(by_status) == {"PENDING", "APPROVED"}
    assert answer.value("defaultFields/firstName") == "Ada"
    assert answer.value("defaultFields/company") == "Acme & Co"
    assert answer.all("defaultFields/receiveInfo") == ["true", "false"]
    assert answer.value("defaultFields/leadSourceID") == "newsletter"
    assert answer.all("defaultFields/leadScore") == ["5.5", "0"]
    assert answer.value("attendee/ipAddress") == "127.0.0.1"
    assert answer.value("attendee/domain") == "people.example"
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", answer.value("attendee/submitTime") or "")
    fields = dict(zip(answer.all("customFields/field/label"), answer.all("customFields/field/value"), strict=True))
    assert fields == {"Why?": "Because", "Food": "Meat, Fish", "Day": "Tue"}
    conf_id = answer.value("session/confID")
    assert client.call("attendee.GetEnrollmentInfo", confID=conf_id).ok().value("session/sessionKey") == key
    register(client, key, {"person": {"email": "ada@people.example"}, "joinStatus": "REJECT"}).ok()
    again = client.call("attendee.GetEnrollmentInfo", sessionKey=key).ok()
    assert again.value("attendee/status") == "REJECTED"
    assert again.value("defaultFields/company") == "Acme & Co"


def test_enrolments_of_other_kinds_have_no_origin(site: TestSite) -> None:
    client = site.client()
    key = create(client, **with_registration())
    client.call("attendee.GetEnrollmentInfo", sessionKey=key).failed("000015")
    invite(client, key, person(0)).ok()
    client.call("attendee.GetEnrollmentInfo", sessionKey=key).failed("000015")
    register(client, key, full(1)).ok()
    answer = client.call("attendee.GetEnrollmentInfo", sessionKey=key).ok()
    assert answer.names("session/attendee") == ["attendeeID", "enrollFields"]
    assert answer.value("defaultFields/city") == "A town"
    client.call("attendee.GetEnrollmentInfo", confID="123456789012345678").failed("060001")
    client.call("attendee.GetEnrollmentInfo", {}).failed("060001")


def test_what_people_said_afterwards(site: TestSite) -> None:
    client = site.client()
    key = create(client)
    number = invite(client, key, person(1)).ok().value("attendeeId")
    conf_id = listed(client, key).value("attendee/confID")
    client.call("attendee.GetFeedbackInfo", confID=conf_id).failed("000015")
    client.call("attendee.GetFeedbackInfo", confID="123456789012345678").failed("060001")
    client.call("attendee.GetFeedbackInfo", {}).failed("999999")
    link = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("inviteMeetingURL") or ""
    page = link.replace("MTID=m", "FGID=f")
    assert "too early" in httpx.post(page, data={"SETUP": "5"}).text
    site.server.clock.ahead = 4 * 86_400
    assert "Thank you" in httpx.post(f"{page}&AID={number}", data={"SETUP": "5", "COMMENT": "Fine\r\n<b>"}).text
    assert "Thank you" in httpx.post(f"{page}&AID=12345", data={"EASE_OF_USE": "1", "PERFORMANCE": "9"}).text
    assert httpx.post(page, data={"SETUP": "6", "COMMENT": " "}).status_code == 422
    answer = client.call("attendee.GetFeedbackInfo", confID=conf_id).ok()
    assert answer.type_name == "att:getFeedbackInfoResponse"
    assert answer.names("session") == ["confID", "attendee", "attendee", "matchingRecords"]
    assert set(answer.all("attendee/attendeeID")) == {"0", number}
    assert answer.all("defaultFields/setup") == ["5"]
    assert answer.all("defaultFields/easeOfUse") == ["1"]
    assert answer.all("defaultFields/performance") == []
    assert answer.all("defaultFields/comment") == ["Fine\n<b>"]


# ---- the waiting list ----------------------------------------------------------------------------------------


def test_who_finds_no_seat_waits_for_one(site: TestSite) -> None:
    site.set(settings=SiteSettings(waiting_list=True))
    client = site.client()
    key = create(client, **with_registration(limit=2))
    numbers = [
        register(client, key, person(each, emailInvitations=True)).ok().value("register/attendeeID")
        for each in range(5)
    ]
    told = dict(each[::-1] for each in mails(site) if each[0] != "registration.received")
    assert [told[f"p{each}@people.example"].partition(".")[2] for each in range(5)] == [
        *("accepted", "accepted", "waiting", "waiting", "waiting")
    ]
    waiting = listed(client, key).all("attendee/registerID")
    assert len(waiting) == 5
    open_ = [RegID for RegID in waiting if _opens(client, key, RegID)]
    assert len(open_) == 2
    # A seat becomes free: the first who waits gets it.
    client.call("attendee.DelMeetingAttendee", attendeeID=numbers[0]).ok()
    assert [each for each in mails(site) if each[1] == "p2@people.example"] == [
        *(("registration.accepted", "p2@people.example"), ("registration.waiting", "p2@people.example"))
    ]
    register(client, key, person(1, joinStatus="REJECT")).ok()
    assert ("registration.accepted", "p3@people.example") in mails(site)
    assert ("registration.accepted", "p4@people.example") not in mails(site)
    # More seats: the rest comes in.
    client.call("meeting.SetMeeting", meetingkey=key, attendeeOptions={"participantLimit": 3}).ok()
    assert ("registration.accepted", "p4@people.example") in mails(site)
    assert sum(_opens(client, key, each) for each in listed(client, key).all("attendee/registerID")) == 3
    assert statuses(client, key)["p1@people.example"] == "REJECT"


def _opens(client: Client, key: str, register_id: str) -> bool:
    answer = client.call("meeting.GetjoinurlMeeting", sessionKey=key, attendeeName="P", RegID=register_id)
    return answer.result == "SUCCESS"
