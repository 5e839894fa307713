"""Registration forms of events: their fields, the numbers of these, and the rules that decide on registrations."""

from __future__ import annotations

from typing import Any

import pytest

from parley.domain.registration import ApprovalRule, Choice, Condition, CustomField, FieldKind, StandardField
from parley.services.event.kind import EVENT
from parley.store import sessions
from tests.server import TestSite
from tests.services.events import create_event, event, get_event

CUSTOM: dict[str, Any] = {
    "textBox": [
        {"incl": True, "req": True, "label": "Why?", "type": "MULTI_LINE", "width": 40, "height": 3, "index": 2},
        {"label": "Nickname"},
    ],
    "checkBoxGroup": {
        "label": "Food",
        "checkBox": [{"label": "Meat", "score": 1.5, "state": "SELECTED"}, {"label": "Fish"}],
        "index": 1,
    },
    "optionButtonGroup": {"req": True, "label": "Size", "defaultChoice": 2, "choice": [{"label": "S"}, {"label": "L"}]},
    "dropDownGroup": {"label": "Day", "choice": [{"label": "Mon", "score": 3}, {"label": "Tue"}, {"label": "Wed"}]},
}
STANDARD = {"phone": {"incl": True, "req": True}, "company": {"req": False}, "title": {"incl": False, "req": True}}


def form(**lists: Any) -> dict[str, Any]:
    return {"enrollmentForm": {"customFields": lists}}


def numbers(site: TestSite, key: str) -> dict[str, int]:
    """Labels and numbers of the own fields of an event."""
    answer = get_event(site.client(), key)
    found: dict[str, int] = {}
    for kind in ("textBox", "checkBoxGroup", "optionButtonGroup", "dropDownGroup"):
        labels, given = answer.all(f"customFields/{kind}/label"), answer.all(f"customFields/{kind}/fieldID")
        found |= dict(zip(labels, map(int, given), strict=True))
    return found


def registration(site: TestSite, key: str) -> Any:
    session = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert session is not None
    return EVENT.registration(session)


def test_a_form_with_fields_of_all_kinds(site: TestSite) -> None:
    client = site.client()
    key = create_event(client, enrollmentForm={"standardFields": STANDARD, "customFields": CUSTOM})
    answer = get_event(client, key)
    assert answer.value("extOptions/registration") == "true"
    assert answer.names("standardFields") == [
        *("firstName", "lastName", "emailAddress", "phone", "company", "title", "numEmployees", "futureInfo"),
        *("address1", "address2", "city", "state", "postalCode", "country"),
    ]
    for name in ("phone", "company", "country"):
        assert answer.names(f"standardFields/{name}") == ["incl", "req", "fieldID"]
    assert [answer.value(f"standardFields/{name}/incl") for name in ("phone", "title", "city")] == [
        *("true", "false", "false")
    ]
    assert numbers(site, key) == {"Why?": 1, "Nickname": 2, "Food": 3, "Size": 4, "Day": 5}
    assert answer.value("optionButtonGroup/defaultChoice") == "2"
    assert answer.value("checkBox/score") == "1.5"
    rules = registration(site, key)
    assert (rules.required, rules.approval, rules.capacity) == (True, True, 0)
    assert rules.standard == (
        StandardField("phone", True, True),
        StandardField("company", True, False),
        StandardField("title", False, False),
    )
    assert rules.custom == (
        CustomField(
            field_id=1,
            kind=FieldKind.TEXT_BOX,
            label="Why?",
            required=True,
            index=2,
            multi_line=True,
            width=40,
            height=3,
        ),
        CustomField(field_id=2, kind=FieldKind.TEXT_BOX, label="Nickname"),
        CustomField(
            field_id=3,
            kind=FieldKind.CHECK_BOXES,
            label="Food",
            index=1,
            choices=(Choice(label="Meat", score=1.5, selected=True), Choice(label="Fish")),
        ),
        CustomField(
            field_id=4,
            kind=FieldKind.OPTION_BUTTONS,
            label="Size",
            required=True,
            choices=(Choice(label="S"), Choice(label="L")),
            default_choice=2,
        ),
        CustomField(
            field_id=5,
            kind=FieldKind.DROP_DOWN,
            label="Day",
            choices=(Choice(label="Mon", score=3), Choice(label="Tue"), Choice(label="Wed")),
        ),
    )


def test_numbers_stay_as_long_as_the_field_does(site: TestSite) -> None:
    client = site.client()
    key = create_event(client, **form(**CUSTOM))
    client.call("event.SetEvent", sessionKey=key, metaData={"description": "no word of the form"}).ok()
    assert numbers(site, key) == {"Why?": 1, "Nickname": 2, "Food": 3, "Size": 4, "Day": 5}
    # The whole form again, without numbers, as programs send it that send everything.
    client.call("event.SetEvent", sessionKey=key, **form(**CUSTOM)).ok()
    assert numbers(site, key) == {"Why?": 1, "Nickname": 2, "Food": 3, "Size": 4, "Day": 5}
    # One field by its number with another label, one new; the text box that is not named goes.
    boxes = [{"fieldID": 1, "label": "What for?"}, {"label": "Shoe size"}]
    client.call("event.SetEvent", sessionKey=key, **form(textBox=boxes)).ok()
    assert numbers(site, key) == {"What for?": 1, "Shoe size": 6, "Food": 3, "Size": 4, "Day": 5}
    answer = get_event(client, key)
    assert (answer.value("textBox/type"), answer.value("textBox/req")) == ("MULTI_LINE", "true")
    client.call("event.SetEvent", sessionKey=key, **form(textBox={"label": "Nickname"})).ok()
    assert numbers(site, key)["Nickname"] == 7


def test_fields_with_the_same_label_are_told_apart(site: TestSite) -> None:
    client = site.client()
    twice = [{"label": "Name of a child"}, {"label": "Name of a child", "req": True}]
    key = create_event(client, **form(textBox=twice))
    client.call("event.SetEvent", sessionKey=key, **form(textBox=twice)).ok()
    assert get_event(client, key).all("textBox/fieldID") == ["1", "2"]
    client.call("event.SetEvent", sessionKey=key, **form(textBox=[{"fieldID": 2, "label": "Child"}, twice[0]])).ok()
    assert get_event(client, key).all("textBox/fieldID") == ["2", "1"]


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ({"textBox": {"req": True}}, "label: a value is required"),
        ({"textBox": {"label": " "}}, "label: a value is required"),
        ({"textBox": {"label": "x" * 257}}, "256"),
        ({"textBox": [{"label": f"{number}"} for number in range(101)]}, "at most 100 fields"),
        ({"checkBoxGroup": {"label": "Food"}}, "a question needs 1 to 100 choices"),
        ({"optionButtonGroup": {"label": "Size", "choice": {"label": "S"}}}, "a question needs 2 to 100 choices"),
        ({"dropDownGroup": {"label": "Day", "choice": [{"label": ""}, {"label": "Tue"}]}}, "label: a value"),
        ({"dropDownGroup": {**CUSTOM["dropDownGroup"], "defaultChoice": 4}}, "a number from 1 to 3"),
        ({"dropDownGroup": {**CUSTOM["dropDownGroup"], "defaultChoice": -1}}, "a number from 1 to 3"),
        ({"checkBoxGroup": {"label": "x", "checkBox": {"label": "y", "score": "NaN"}}}, "must be a number"),
    ],
)
def test_forms_that_cannot_be_filled_in(shared_site: TestSite, lists: dict[str, Any], words: str) -> None:
    answer = shared_site.client().call("event.CreateEvent", event(**form(**lists))).failed("999999")
    assert words in (answer.reason or "")


@pytest.mark.parametrize("boxes", [{"fieldID": 9, "label": "x"}, [{"fieldID": 1, "label": "x"}] * 2])
def test_numbers_that_no_field_has(site: TestSite, boxes: Any) -> None:
    client = site.client()
    key = create_event(client, **form(**CUSTOM))
    client.call("event.SetEvent", sessionKey=key, **form(textBox=boxes)).failed("999999")
    client.call("event.SetEvent", sessionKey=key, **form(dropDownGroup={"fieldID": 1, "label": "x"})).failed("999999")
    assert numbers(site, key)["Why?"] == 1


def test_labels_do_no_harm(site: TestSite) -> None:
    client = site.client()
    nasty = "<img src=x onerror=alert(1)>Really <sure>?"
    lists = {"dropDownGroup": {"label": nasty, "choice": [{"label": nasty}, {"label": "a < b & c"}]}}
    key = create_event(client, **form(**lists))
    answer = get_event(client, key)
    assert answer.value("dropDownGroup/label") == "Really ?"
    assert answer.all("choice/label") == ["Really ?", "a < b & c"]
    client.call("event.SetEvent", sessionKey=key, **form(**lists)).ok()
    assert get_event(client, key).value("dropDownGroup/fieldID") == "1"


def rule(**values: Any) -> dict[str, Any]:
    return {"enrollment": {"approvalRules": {"rule": values}}}


def test_rules_have_the_defaults_of_the_contract(site: TestSite) -> None:
    client = site.client()
    key = create_event(client, **rule(queryField="@spam.example"))
    answer = get_event(client, key)
    assert answer.names("rule") == ["enrollFieldID", "condition", "queryField", "action", "enrollField"]
    assert [answer.value(f"rule/{name}") for name in answer.names("rule")] == [
        *("-13", "CONTAINS", "@spam.example", "REJECT", "emailAddress")
    ]
    assert registration(site, key).rules == (
        ApprovalRule(field_id=-13, condition=Condition.CONTAINS, query="@spam.example", approve=False),
    )


def test_rules_go_with_their_fields(site: TestSite) -> None:
    client = site.client()
    rules = [
        {"enrollFieldID": 2, "condition": "BEGINS_WITH", "queryField": "Al", "action": "APPROVE", "matchCase": True},
        {"enrollFieldID": -2, "condition": "ENDS_WITH", "queryField": "Inc"},
    ]
    key = create_event(client, **form(**CUSTOM), enrollment={"approvalRules": {"rule": rules}})
    assert get_event(client, key).all("rule/enrollField") == ["Nickname", "company"]
    assert registration(site, key).rules[0] == ApprovalRule(
        field_id=2, condition=Condition.BEGINS_WITH, query="Al", approve=True, match_case=True
    )
    client.call("event.SetEvent", sessionKey=key, **form(textBox={"fieldID": 2, "label": "Called"})).ok()
    assert get_event(client, key).all("rule/enrollField") == ["Called", "company"]
    client.call("event.SetEvent", sessionKey=key, **form(textBox={"label": "Other"})).ok()
    assert get_event(client, key).all("rule/enrollFieldID") == ["-2"]
    client.call("event.SetEvent", sessionKey=key, **rule(enrollFieldID=2, queryField="x")).failed("999999")
    client.call("event.SetEvent", sessionKey=key, **rule(enrollFieldID=3, queryField="Fish")).ok()
    assert get_event(client, key).all("rule/enrollField") == ["Food"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"enrollFieldID": 1, "queryField": "x"}, "the form has no field 1"),
        ({"enrollFieldID": -99, "queryField": "x"}, "the form has no field -99"),
        ({"enrollFieldID": -13}, "queryField: a value is required"),
        ({"queryField": "x" * 51}, "50"),
        ({"queryField": "x", "condition": "IS"}, "condition"),
    ],
)
def test_rules_that_cannot_decide(shared_site: TestSite, values: dict[str, Any], words: str) -> None:
    answer = shared_site.client().call("event.CreateEvent", event(**rule(**values))).failed("999999")
    assert words in (answer.reason or "")


def test_no_more_rules_than_anybody_needs(site: TestSite) -> None:
    many = {"approvalRules": {"rule": [{"queryField": "x"}] * 101}}
    answer = site.client().call("event.CreateEvent", event(enrollment=many)).failed("999999")
    assert "at most 100 rules" in (answer.reason or "")


def test_how_registration_works_follows_from_the_event(site: TestSite) -> None:
    client = site.client()
    key = create_event(
        client,
        enrollment={
            "idReq": True,
            "passwordReq": True,
            "password": "enrol1",
            "approvalReq": False,
            "endURLAfterEnroll": "https://acme.example/welcome",
        },
        extOptions={"enrollmentNumber": 40, "participantLimit": 30},
        emailTemplates={"enrollmentMsgs": {"pendingEmail": {"send": False}}},
    )
    rules = registration(site, key)
    assert (rules.rules, rules.custom, rules.standard) == ((), (), ())
    assert (rules.required, rules.approval, rules.capacity, rules.password) == (True, False, 30, "enrol1")
    assert (rules.id_required, rules.end_url) == (True, "https://acme.example/welcome")
    assert (rules.mail_pending, rules.mail_accepted, rules.mail_rejected) == (False, True, True)
    client.call("event.SetEvent", sessionKey=key, enrollment={"passwordReq": False, "approvalReq": True}).ok()
    rules = registration(site, key)
    assert (rules.password, rules.approval, rules.id_required) == (None, True, True)
    client.call("event.SetEvent", sessionKey=key, extOptions={"registration": False}).ok()
    rules = registration(site, key)
    assert (rules.required, rules.approval) == (False, False)
    off = create_event(client, extOptions={"registration": False}, **rule(queryField="x"))
    assert registration(site, off).required is False


def test_registering_is_decided_by_the_rules_of_the_event(site: TestSite) -> None:
    client = site.client()
    rules = [
        {"queryField": "@acme.example", "condition": "ENDS_WITH", "action": "APPROVE"},
        {"queryField": "spam", "action": "REJECT"},
    ]
    key = create_event(client, enrollment={"approvalRules": {"rule": rules}}, extOptions={"participantLimit": 5})
    people = [
        {"person": {"name": name, "email": email}, "joinStatus": "REGISTER", "sessionKey": key}
        for name, email in (("Ann", "ann@acme.example"), ("Sam", "spam@x.example"), ("Bob", "bob@x.example"))
    ]
    answer = client.call("attendee.RegisterMeetingAttendee", attendees=people).ok()
    assert len(answer.all("register/registerID")) == 3
    listed = get_event(client, key)
    states = dict(zip(listed.all("attendee/email"), listed.all("attendee/joinStatus"), strict=True))
    assert states == {"ann@acme.example": "ACCEPT", "spam@x.example": "REJECT", "bob@x.example": "REGISTER"}
