"""Trainings of several sessions: classes, courses, irregular dates, and single sessions that take place otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from parley.mail.composing import composer
from parley.mail.delivery import Composed, Instead
from parley.store import outbox
from parley.store.outbox import Message
from tests.client import Answer, Client
from tests.server import TestSite
from tests.services.meetings import BERLIN, in_days
from tests.services.trainings import (
    classes,
    create_training,
    dates,
    get_training,
    people,
    person,
    sessions_of,
    set_training,
    training,
)


def numbered(starts: list[str], first: int = 1) -> dict[str, str]:
    return {str(number): start for number, start in enumerate(starts, first)}


def of_client(client: Client, key: str) -> dict[str, str]:
    return sessions_of(get_training(client, key))


def edit(index: int, start: str | None = None, action: str | None = None) -> dict[str, Any]:
    return {"repeatSession": {"action": action, "index": index, "startDate": start}}


def listed(client: Client, **more: Any) -> Answer:
    return client.call("ep.LstsummarySession", returnTCSingleRecurrence=True, **more).ok()


def mail_text(site: TestSite, message: Message) -> str:
    """What somebody reads who gets the mail of a row."""

    async def composed() -> Composed | Instead | None:
        return await composer(site.server.application)(message)

    made = site.server.run(composed())
    assert isinstance(made, Composed)
    body = made.mail.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


# ---- patterns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("repeat_type", ["RECURRING_SINGLE", "MULTIPLE_SESSION"])
def test_classes_and_courses_list_their_sessions(site: TestSite, repeat_type: str) -> None:
    client = site.client()
    answer = get_training(client, create_training(client, repeat=classes(4, repeat_type, interval=2)))
    assert sessions_of(answer) == numbered(dates(3, 4, every=2))
    assert answer.names("repeat") == ["repeatType", "endAfter", "occurenceType", "interval", *["repeatSession"] * 4]
    assert answer.value("repeat/repeatType") == repeat_type
    assert answer.names("repeat/repeatSession") == ["index", "startDate"]
    assert answer.all("schedule/startDate") == [in_days(3)]


def test_single_trainings_however_they_are_said(site: TestSite) -> None:
    client = site.client()
    for repeat in (
        None,
        {"repeatType": "SINGLE"},
        {"repeatType": "SINGLE", "occurenceType": "NO_REPEAT"},
        {"repeatType": "RECURRING_SINGLE", "occurenceType": "NO_REPEAT"},
        {"occurenceType": "NO_REPEAT"},
    ):
        answer = get_training(client, create_training(client, repeat=repeat))
        assert answer.names("repeat") == ["repeatType"]
        assert answer.value("repeat/repeatType") == "SINGLE"


def test_weeks_months_and_an_end_by_date(site: TestSite) -> None:
    client = site.client()
    schedule = {"startDate": "01/02/2040 09:30:00"}  # a Monday
    days = {"day": ["MONDAY", "WEDNESDAY"]}
    weekly = create_training(
        client,
        schedule=schedule,
        repeat=classes(None, occurenceType="WEEKLY", dayInWeek=days, expirationDate="01/12/2040 00:00:00"),
    )
    assert of_client(client, weekly) == numbered(
        [f"01/{day} 09:30:00" for day in ("02/2040", "04/2040", "09/2040", "11/2040")]
    )
    monthly = create_training(client, schedule=schedule, repeat=classes(3, occurenceType="MONTHLY", dayInMonth=31))
    assert of_client(client, monthly) == numbered([f"{day}/2040 09:30:00" for day in ("01/31", "03/31", "05/31")])
    last: dict[str, Any] = {"weekInMonth": 5, "dayInWeek": {"day": "FRIDAY"}}
    fridays = create_training(client, schedule=schedule, repeat=classes(2, occurenceType="MONTHLY", **last))
    assert of_client(client, fridays) == numbered(["01/27/2040 09:30:00", "02/24/2040 09:30:00"])


def test_without_an_end_it_is_one_session(site: TestSite) -> None:
    client = site.client()
    some: tuple[dict[str, Any], ...] = ({}, {"endAfter": 0}, {"occurenceType": None})
    for more in some:
        key = create_training(client, repeat=classes(None, **more))
        assert of_client(client, key) == {"1": in_days(3)}
        set_training(client, key, metaData={"agenda": "Same"}).ok()
        assert of_client(client, key) == {"1": in_days(3)}
        set_training(client, key, repeat={"endAfter": 3, "occurenceType": "DAILY"}).ok()
        assert of_client(client, key) == numbered(dates())


def test_irregular_dates(site: TestSite) -> None:
    client = site.client()
    some = [in_days(9, 8), in_days(3, 15), in_days(5, 10)]
    irregular = {"repeatType": "MULTIPLE_SESSION", "occurenceType": "IRREGULARLY"}
    key = ""
    for repeat in (irregular, {"repeatType": "MULTIPLE_SESSION"}):
        key = create_training(client, schedule={"startDate": some, "timeZoneID": BERLIN}, repeat=repeat)
        answer = get_training(client, key)
        assert answer.all("schedule/startDate") == [some[1], some[2], some[0]]
        assert sessions_of(answer) == numbered([some[1], some[2], some[0]])
    summary = client.call("training.LstsummaryTrainingSession", sessionKey=key).ok()
    assert summary.value("trainingSession/startDate") == some[1]
    set_training(client, key, schedule={"startDate": [some[1], in_days(20)]}).ok()
    assert of_client(client, key) == numbered([some[1], in_days(20)])
    set_training(client, key, schedule={"startDate": [in_days(30)]}).ok()
    assert of_client(client, key) == {"1": in_days(30)}
    set_training(client, key, repeat={"repeatType": "SINGLE"}).ok()
    assert get_training(client, key).names("repeat") == ["repeatType"]
    set_training(client, key, repeat=irregular).failed("999999")
    set_training(client, key, repeat=irregular, schedule={"startDate": some}).ok()
    assert len(of_client(client, key)) == 3


def test_a_training_that_is_open_at_any_time(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat={"repeatType": "RECURRING_SINGLE", "occurenceType": "CONSTANT"})
    answer = get_training(client, key)
    assert answer.value("repeat/occurenceType") == "CONSTANT"
    assert sessions_of(answer) == {}
    set_training(client, key, repeat=edit(1, action="DELETE")).failed("999999")


@pytest.mark.parametrize(
    ("schedule", "repeat", "words"),
    [
        ({}, {"occurenceType": "WEEKLY", "endAfter": 3}, "repeat/repeatType: a value is required"),
        ({}, {"repeatType": "MULTIPLE_SESSION", "endAfter": 3}, "repeat/occurenceType: a value is required"),
        ({"startDate": dates()}, {"repeatType": "SINGLE"}, "several start dates need IRREGULARLY"),
        ({"startDate": dates()}, None, "several start dates need IRREGULARLY"),
        ({"startDate": dates()}, classes(), "several start dates need IRREGULARLY"),
        ({"startDate": []}, classes(occurenceType="IRREGULARLY"), "schedule/startDate: a value is required"),
        (
            {"startDate": [in_days(3, 9), in_days(3, 14)]},
            classes(occurenceType="IRREGULARLY"),
            "two sessions on one day are not allowed",
        ),
        ({"startDate": ["01/01/2020 10:00:00"]}, classes(occurenceType="IRREGULARLY"), "schedule/startDate"),
        ({"startDate": [in_days(3), "never"]}, classes(occurenceType="IRREGULARLY"), "Date format"),
        ({}, classes(1000), "repeat/"),
        ({}, classes(-1), "repeat/"),
        ({}, classes(None, expirationDate="01/01/2050 00:00:00"), "repeat/endAfter: at most 999 sessions are allowed"),
        ({}, classes(None, expirationDate="01/01/2020 00:00:00"), "repeat/expirationDate"),
        ({}, classes(3, expirationDate="soon"), "Date format"),
        ({}, classes(3, interval=100), "repeat/interval"),
        ({}, classes(3, occurenceType="MONTHLY", dayInMonth=32), "repeat/dayInMonth"),
        ({}, classes(3, occurenceType="MONTHLY", dayInMonth=10**17), "repeat/dayInMonth"),
        ({}, classes(3, occurenceType="YEARLY"), "occurenceType"),
        ({}, classes(3, repeat_type="ALWAYS"), "repeatType"),
    ],
)
def test_patterns_that_cannot_be(
    shared_site: TestSite, schedule: dict[str, Any], repeat: dict[str, Any] | None, words: str
) -> None:
    client = shared_site.client()
    sent = training(schedule=schedule, repeat=repeat)
    answer = client.call("training.CreateTrainingSession", sent)
    answer.failed("009007" if "2020 10" in str(schedule) else "999999")
    assert words in (answer.reason or ""), answer.reason


# ---- single sessions -------------------------------------------------------------------------------------


def test_one_session_is_moved_and_another_deleted(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(4))
    days = dates(3, 4)
    moved = in_days(20, 15)
    set_training(client, key, repeat=edit(2, moved)).ok()
    assert of_client(client, key) == {**numbered(days), "2": moved}
    set_training(client, key, repeat=edit(3, action="DELETE")).ok()
    kept = {"1": days[0], "2": moved, "4": days[3]}
    answer = get_training(client, key)
    assert sessions_of(answer) == kept
    assert (answer.value("repeat/occurenceType"), answer.value("repeat/endAfter")) == ("DAILY", "4")
    # Back again, by the other word for it, and onto the day of the one that is gone.
    set_training(client, key, repeat=edit(2, days[2], "EDIT")).ok()
    assert of_client(client, key) == {**kept, "2": days[2]}
    set_training(client, key, repeat=edit(2, days[1], "EDIT")).ok()
    assert of_client(client, key) == {**kept, "2": days[1]}


def test_several_at_once_and_what_comes_next(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(3))
    days = dates()
    both = {"repeatSession": [{"action": "DELETE", "index": 1}, {"index": 2, "startDate": in_days(30)}]}
    set_training(client, key, repeat=both).ok()
    assert of_client(client, key) == {"2": in_days(30), "3": days[2]}
    summary = client.call("training.LstsummaryTrainingSession").ok()
    assert summary.value("trainingSession/startDate") == days[2]
    site.server.clock.ahead = 10 * 86_400
    summary = client.call("training.LstsummaryTrainingSession").ok()
    assert summary.value("trainingSession/startDate") == in_days(30)
    site.server.clock.ahead = 40 * 86_400
    client.call("training.LstsummaryTrainingSession").failed("000015")


def test_irregular_sessions_are_moved_and_deleted_as_well(site: TestSite) -> None:
    client = site.client()
    days = dates(3, 3, every=4)
    irregular = {"repeatType": "RECURRING_SINGLE", "occurenceType": "IRREGULARLY"}
    key = create_training(client, schedule={"startDate": days}, repeat=irregular)
    set_training(client, key, repeat=edit(1, in_days(5))).ok()
    set_training(client, key, repeat=edit(3, action="DELETE")).ok()
    answer = get_training(client, key)
    assert sessions_of(answer) == {"1": in_days(5), "2": days[1]}
    assert answer.all("schedule/startDate") == [in_days(5), days[1]]
    # Sending back what was read changes nothing, the numbers neither.
    again = {"startDate": answer.all("schedule/startDate")}
    set_training(client, key, schedule=again, repeat=irregular).ok()
    assert of_client(client, key) == {"1": in_days(5), "2": days[1]}


def test_a_program_that_sends_back_what_it_read(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(3))
    set_training(client, key, repeat=edit(2, in_days(20))).ok()
    set_training(client, key, repeat=edit(1, action="DELETE")).ok()
    answer = get_training(client, key)
    known = sessions_of(answer)
    back = classes(3, repeatSession=[{"index": number, "startDate": start} for number, start in known.items()])
    set_training(client, key, repeat=back, schedule={"startDate": in_days(3)}).ok()
    assert of_client(client, key) == known
    # With another pattern, or another start, the old dates do not count: only what is asked for by an action does.
    set_training(client, key, repeat={**back, "interval": 2}).ok()
    assert of_client(client, key) == numbered(dates(3, 3, every=2))
    set_training(client, key, repeat=edit(3, in_days(50))).ok()
    set_training(client, key, schedule={"startDate": in_days(4)}).ok()
    assert of_client(client, key) == numbered(dates(4, 3, every=2))
    deleting = {**classes(5), "repeatSession": {"action": "DELETE", "index": 4}}
    set_training(client, key, repeat=deleting).ok()
    assert of_client(client, key) == {k: v for k, v in numbered(dates(4, 5)).items() if k != "4"}


@pytest.mark.parametrize(
    ("repeat", "code", "words"),
    [
        (edit(4, in_days(9)), "999999", "repeat/repeatSession/index: there is no session 4"),
        (edit(0, in_days(9)), "999999", "there is no session 0"),
        (edit(-1, action="DELETE"), "999999", "there is no session -1"),
        (edit(2_000_000_000, action="DELETE"), "999999", "there is no session"),
        (edit(2), "999999", "repeat/repeatSession/startDate: a value is required"),
        (edit(2, "soon"), "999999", "Date format"),
        (edit(2, in_days(3, 18)), "999999", "two sessions on one day"),
        (edit(2, "01/01/2020 10:00:00"), "009007", "schedule/startDate"),
        (edit(2, "01/01/2060 10:00:00"), "999999", "12/31/2050"),
        ({"repeatSession": {"action": "DELETE"}}, "999999", "repeat/repeatSession/index: a value is required"),
        ({"repeatSession": {"action": "MOVE", "index": 1}}, "999999", "action"),
    ],
)
def test_changes_that_cannot_be(shared_site: TestSite, repeat: dict[str, Any], code: str, words: str) -> None:
    client = shared_site.client()
    key = create_training(client, repeat=classes(3))
    assert words in (set_training(client, key, repeat=repeat).failed(code).reason or "")
    assert of_client(client, key) == numbered(dates())
    client.call("training.DelTrainingSession", sessionKey=key).ok()


def test_a_deleted_session_is_gone_for_good(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(2))
    set_training(client, key, repeat=edit(1, action="DELETE")).ok()
    set_training(client, key, repeat=edit(1, action="DELETE")).failed("999999")
    set_training(client, key, repeat=edit(1, in_days(9))).failed("999999")
    set_training(client, key, repeat=edit(2, action="DELETE")).ok()
    assert of_client(client, key) == {}
    client.call("training.LstsummaryTrainingSession").failed("000015")


def test_a_single_training_has_no_sessions_to_change(site: TestSite) -> None:
    client = site.client()
    key = create_training(client)
    set_training(client, key, repeat=edit(1, in_days(9))).failed("999999")
    assert get_training(client, key).value("schedule/startDate") == in_days(3)


# ---- mails -----------------------------------------------------------------------------------------------


def test_a_moved_and_a_deleted_session_are_told_to_those_who_come(site: TestSite) -> None:
    client = site.client()
    key = create_training(
        client,
        repeat=classes(3),
        attendees=people(person("all@people.example")),
        attendeeOptions={"emailInvitations": True, "registration": True, "auto": True},
    )
    for number in (2, 3):
        sent = {**person(f"of{number}@people.example"), "sessionKey": key, "sessionNum": number}
        client.call("attendee.RegisterMeetingAttendee", attendees={**sent, "emailInvitations": True}).ok()
    engine = site.server.application.engine
    before = {each.outbox_id for each in site.server.run(outbox.waiting(engine, site.site_id))}
    set_training(client, key, repeat=edit(2, in_days(9))).ok()
    set_training(client, key, repeat=edit(3, action="DELETE")).ok()
    found = [each for each in site.server.run(outbox.waiting(engine, site.site_id)) if each.outbox_id not in before]
    host = f"host1@{site.name}.example"
    assert sorted((each.kind, each.recipient or "") for each in found) == [
        ("occurrence.cancelled", "all@people.example"),
        ("occurrence.cancelled", host),
        ("occurrence.cancelled", "of3@people.example"),
        ("session.rescheduled", "all@people.example"),
        ("session.rescheduled", host),
        ("session.rescheduled", "of2@people.example"),
    ]
    day = str(datetime.strptime(in_days(9), "%m/%d/%Y %H:%M:%S").day)  # noqa: DTZ007
    for message in found:
        text = mail_text(site, message)
        assert day in text or message.kind == "occurrence.cancelled"
        assert "Repeats" not in text


def test_irregular_dates_are_named_in_mails(site: TestSite) -> None:
    some = [f"{month:02d}/05/2040 10:00:00" for month in range(1, 13)] + ["01/06/2041 10:00:00"]
    irregular = {"repeatType": "MULTIPLE_SESSION", "occurenceType": "IRREGULARLY"}
    for count in (3, 13):
        create_training(site.client(), schedule={"startDate": some[:count]}, repeat=irregular)
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    texts = [mail_text(site, message) for message in found]
    assert [("2040" in text, "…" in text, "2041" in text) for text in sorted(texts, key=len)] == [
        (True, False, False),
        (True, True, False),
    ]


# ---- in the lists of all services ------------------------------------------------------------------------


def test_lists_tell_classes_from_courses(site: TestSite) -> None:
    client = site.client()
    single = create_training(client, "Single")
    course = create_training(client, "Course", repeat=classes(3, "MULTIPLE_SESSION"))
    some = create_training(client, "Classes", repeat=classes(3))
    set_training(client, some, repeat=edit(1, action="DELETE")).ok()
    answer = listed(client)
    rows = zip(answer.all("session/sessionKey"), answer.all("session/isTCSingleRecurrence"), strict=True)
    assert dict(rows) == {single: "false", course: "false", some: "true"}
    assert answer.all("session/subSessionNo") == ["2"]
    every = listed(client, recurrence=True, sessionKey=some)
    assert every.all("session/subSessionNo") == ["2", "3"]
    assert every.all("session/startTime") == dates()[1:]
    plain = client.call("ep.LstsummarySession").ok()
    assert plain.all("session/isTCSingleRecurrence") == []


def test_information_on_one_class(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(3))
    set_training(client, key, repeat=edit(3, in_days(1, 23))).ok()
    info = "ep.GetSessionInfo"
    assert client.call(info, sessionKey=key, subSessionNo=2).ok().value("schedule/startDate") == dates()[1]
    assert client.call(info, sessionKey=key, subSessionNo=3).ok().value("schedule/startDate") == in_days(1, 23)
    assert client.call(info, sessionKey=key).ok().value("schedule/startDate") == in_days(1, 23)
    client.call(info, sessionKey=key, subSessionNo=4).failed("060001")
