"""LstsummaryTrainingSession and LstTrainingSession over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Answer
from tests.server import TestSite
from tests.services.events import create_event
from tests.services.meetings import BERLIN, GMT, create, in_days
from tests.services.trainings import classes, create_training, people, person

BRIEF, WHOLE = "training.LstsummaryTrainingSession", "training.LstTrainingSession"


def names(answer: Answer) -> list[str]:
    return answer.ok().all("trainingSession/confName") or answer.all("trainingSession/metaData/confName")


def three(site: TestSite, host: str = "host1") -> list[str]:
    client = site.client(host)
    create(client, "A meeting")
    create_event(client, "An event")
    return [
        create_training(client, name, schedule={"startDate": in_days(day)}, **more)
        for name, day, more in (
            ("Beta", 5, {"tracking": {"trackingCode1": "x"}}),
            ("alpha", 9, {"accessControl": {"listing": "PRIVATE"}, "tracking": {"trackingCode1": "y"}}),
            ("Gamma", 3, {"accessControl": {"listing": "UNLISTED"}}),
        )
    ]


def test_the_rows_of_the_list_in_brief(site: TestSite) -> None:
    keys = three(site)
    answer = site.client().call(BRIEF).ok()
    assert answer.type_name == "train:lstsummaryTrainingSessionResponse"
    assert answer.names() == [*["trainingSession"] * 3, "matchingRecords"]
    assert answer.names("trainingSession") == [
        *("sessionKey", "confName", "meetingType", "hostWebExID", "otherHostWebExID", "timeZoneID", "timeZone"),
        *("status", "startDate", "duration", "listStatus"),
    ]
    assert names(answer) == ["Gamma", "Beta", "alpha"]
    values = {
        "sessionKey": keys[2],
        "meetingType": "104",
        "hostWebExID": "host1",
        "otherHostWebExID": "host1",
        "timeZoneID": str(GMT),
        "status": "NOT_INPROGRESS",
        "startDate": in_days(3),
        "duration": "30",
        "listStatus": "UNLISTED",
    }
    assert {name: answer.value(f"trainingSession/{name}") for name in values} == values
    assert [answer.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["3", "3", "1"]
    # Asked for again the rows come from memory, and are the same.
    assert site.client().call(BRIEF).text == answer.text == site.client().call(BRIEF).text


def test_kept_rows_follow_what_changes(site: TestSite) -> None:
    client, [key, *_] = site.client(), three(site)
    for _ in range(3):
        client.call(BRIEF).ok()
    client.call("training.SetTrainingSession", sessionKey=key, metaData={"confName": "Zeta"}).ok()
    assert names(client.call(BRIEF)) == ["Gamma", "Zeta", "alpha"]
    other = people(person(f"host2@{site.name}.example", "HOST"))
    client.call("training.SetTrainingSession", sessionKey=key, presenters=other).ok()
    assert client.call(BRIEF, sessionKey=key).ok().value("trainingSession/otherHostWebExID") == "host2"
    client.call("training.DelTrainingSession", sessionKey=key).ok()
    assert names(client.call(BRIEF)) == ["Gamma", "alpha"]


def test_order_and_pages(site: TestSite) -> None:
    three(site)
    client = site.client()

    def ordered(*by: str, ad: list[str] | None = None, **control: Any) -> list[str]:
        order = {"orderBy": list(by), "orderAD": ad or []}
        return names(client.call(BRIEF, order=order, listControl={"startFrom": 1, **control}))

    assert ordered("CONFNAME") == ["alpha", "Beta", "Gamma"]
    assert ordered("STARTTIME", ad=["DESC"]) == ["alpha", "Beta", "Gamma"]
    assert ordered("HOSTWEBEXID", "CONFNAME", ad=["ASC", "DESC"]) == ["Gamma", "Beta", "alpha"]
    assert ordered("TRACKINGCODE1", ad=["DESC"])[:2] == ["alpha", "Beta"]
    assert ordered("CONFNAME", startFrom=2, maximumNum=1) == ["Beta"]
    client.call(BRIEF, listControl={"startFrom": 4}).failed("000015")
    client.call(BRIEF, order={"orderBy": "AGENDA"}).failed("999999")


def test_filters(site: TestSite) -> None:
    keys = three(site)
    client = site.client()
    assert names(client.call(BRIEF, sessionKey=keys[0])) == ["Beta"]
    assert names(client.call(BRIEF, dateScope={})) == ["Gamma", "Beta", "alpha"]
    scope = {"startDateStart": in_days(4), "startDateEnd": in_days(6), "timeZoneID": GMT}
    assert names(client.call(BRIEF, dateScope=scope)) == ["Beta"]
    ends = {"endDateStart": in_days(8), "timeZoneID": GMT}
    assert names(client.call(BRIEF, dateScope=ends)) == ["alpha"]
    either = {"startFrom": 1, "listMethod": "OR"}
    assert names(client.call(BRIEF, dateScope=scope, sessionKey=keys[2], listControl=either)) == ["Gamma", "Beta"]
    client.call(BRIEF, dateScope={"startDateStart": "soon"}).failed("999999")
    client.call(BRIEF, sessionKey="77").failed("000015")
    client.call(BRIEF, dateScope={"timeZoneID": 999}).failed("999999")


@pytest.mark.parametrize("operation", [BRIEF, WHOLE])
def test_who_sees_which(site: TestSite, operation: str) -> None:
    three(site)
    create_training(site.client("host2"), "Of host2", attendees=people(person(f"attendee1@{site.name}.example")))
    assert len(names(site.client("host1").call(operation))) == 3
    assert names(site.client("host2").call(operation)) == ["Of host2"]
    assert len(names(site.client("admin").call(operation))) == 4
    site.client("attendee1").call(operation).failed("000015")
    if operation == BRIEF:
        assert names(site.client("admin").call(operation, hostWebExID="host2")) == ["Of host2"]
        site.client("admin").call(operation, hostWebExID="nobody").failed("000015")
        site.client("host2").call(operation, hostWebExID="host1").failed("000001")
        assert names(site.client("host2").call(operation, hostWebExID="HOST2")) == ["Of host2"]


def test_what_is_over_is_listed_for_a_scope_only(site: TestSite) -> None:
    client = site.client()
    create_training(client, "Over", schedule={"startDate": in_days(1)})
    create_training(client, "Classes", schedule={"startDate": in_days(1)}, repeat=classes(10))
    site.server.clock.ahead = 5 * 86_400
    answer = client.call(BRIEF).ok()
    assert names(answer) == ["Classes"]
    assert answer.value("trainingSession/startDate") in (in_days(5), in_days(6))
    past = {"startDateStart": in_days(0), "timeZoneID": GMT}
    assert names(client.call(BRIEF, dateScope=past)) == ["Over", "Classes"]


def test_whole_trainings(site: TestSite) -> None:
    client = site.client()
    key = create_training(
        client,
        "Whole",
        attendees=people(person("a@people.example")),
        attendeeOptions={"registration": True, "registrationPWD": "sesame"},
        repeat=classes(2),
    )
    own = client.call(WHOLE).ok()
    assert own.names() == ["trainingSession", "matchingRecords"]
    whole = client.call("training.GetTrainingSession", sessionKey=key).ok()
    assert own.names("trainingSession") == [
        name for name in whole.names() if name not in ("hostKey", "eventID", "guestToken", "hostType")
    ]
    assert own.value("trainingSession/accessControl/sessionPassword") == "Secret12"
    assert own.all("trainingSession/repeat/repeatSession/index") == ["1", "2"]
    # What GetTrainingSession would not tell is not told here either.
    for_admin = site.client("admin").call(WHOLE).ok()
    assert for_admin.value("trainingSession/metaData/confName") == "Whole"
    for secret in ("Secret12", "sesame", "a@people.example"):
        assert secret not in for_admin.text


def test_the_zone_of_a_scope(site: TestSite) -> None:
    client = site.client()
    start = in_days(3, 10)
    create_training(client, schedule={"startDate": start, "timeZoneID": BERLIN})
    exactly = {"startDateStart": start, "startDateEnd": start}
    assert len(names(client.call(WHOLE, timeZoneID=BERLIN, dateScope=exactly))) == 1
    client.call(WHOLE, timeZoneID=GMT, dateScope=exactly).failed("000015")
    assert len(names(client.call(WHOLE, timeZoneID=GMT, dateScope={**exactly, "timeZoneID": BERLIN}))) == 1
    client.call(WHOLE, timeZoneID=12345).failed("999999")
