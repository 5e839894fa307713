"""Registration for trainings: passwords, seats, closing dates, approval; for courses, and for each class by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from parley.domain.site import SiteSettings
from parley.services import presence
from parley.store import outbox
from tests.client import Answer, Client
from tests.server import TestSite
from tests.services.meetings import in_days
from tests.services.stages import Stage, host
from tests.services.trainings import (
    classes,
    create_training,
    dates,
    get_training,
    hours_from_now,
    people,
    person,
    set_training,
)

OPEN = {"registration": True, "auto": True}
ADDRESS = {"FIRST_NAME": "Ann", "LAST_NAME": "Pupil", "EMAIL": "ann@people.example"}


def register(client: Client, key: str, email: str, number: int | None = None, **more: Any) -> Answer:
    sent = {**person(email), "sessionKey": key, "sessionNum": number, **more}
    return client.call("attendee.RegisterMeetingAttendee", attendees=sent)


def listed(client: Client, key: str) -> dict[tuple[str, str], str]:
    """Status of everybody on the list by address and occurrence; WAITING for those without a seat."""
    answer = client.call("attendee.LstMeetingAttendee", sessionKey=key, listControl={"startFrom": 1, "maximumNum": 500})
    if answer.code == "000015":
        return {}
    found = {}
    for each in answer.ok().content.iter("{*}attendee"):
        texts = {str(element.tag).rpartition("}")[2]: element.text or "" for element in each.iter()}
        found[texts["email"], texts.get("sessionNum", "0")] = texts["joinStatus"]
    return found


def page(site: TestSite, key: str) -> str:
    client = site.client()
    link = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("registerMeetingURL")
    assert link is not None
    return link


def status_of(site: TestSite, key: str, number: int | None = None) -> str | None:
    return site.client().call("ep.GetSessionInfo", sessionKey=key, subSessionNo=number).ok().value("registrationStatus")


# ---- one registration ------------------------------------------------------------------------------------


def test_approval_password_seats_and_closing_date(site: TestSite) -> None:
    client = site.client()
    options = {"registration": True, "registrationPWD": "open sesame", "maxRegistrations": 1}
    key = create_training(client, attendeeOptions={**options, "registrationCloseDate": hours_from_now(30)})
    read = get_training(client, key)
    assert {name: read.value(f"attendeeOptions/{name}") for name in options} == {
        "registration": "true",
        "registrationPWD": "open sesame",
        "maxRegistrations": "1",
    }
    register(client, key, "ann@people.example").ok()
    assert listed(client, key) == {("ann@people.example", "0"): "REGISTER"}
    accept: dict[str, Any] = {"joinStatus": "ACCEPT"}
    register(client, key, "ann@people.example", **accept).ok()
    register(client, key, "bob@people.example", **accept).failed("999999")
    assert status_of(site, key) == "FULL"
    set_training(client, key, attendeeOptions={"maxRegistrations": 2}).ok()
    register(client, key, "bob@people.example", **accept).ok()
    site.server.clock.ahead = 31 * 3600
    closed = register(client, key, "eve@people.example").failed("999999")
    assert closed.reason == "Registration for this session is closed"
    assert status_of(site, key) == "CLOSED"


def test_request_is_an_older_word_for_registration(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, attendeeOptions={"request": True, "auto": True})
    answer = register(client, key, "ann@people.example").ok()
    assert answer.value("register/registerID")
    assert listed(client, key) == {("ann@people.example", "0"): "ACCEPT"}
    assert client.call("ep.LstsummarySession").ok().value("session/registration") == "true"


def test_people_in_the_session_are_limited_too(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, attendeeOptions={**OPEN, "maxRegistrations": 5, "participantLimit": 1})
    register(client, key, "ann@people.example").ok()
    register(client, key, "bob@people.example").failed("999999")


def test_the_page_asks_for_the_registration_password(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, attendeeOptions={**OPEN, "registrationPWD": "open sesame"})
    link = page(site, key)
    with httpx.Client() as browser:
        assert "Registration password" in browser.get(link).text
        assert browser.post(link, data={**ADDRESS, "PASSWORD": "guess"}).status_code == 422
        assert browser.post(link, data={**ADDRESS, "PASSWORD": "open sesame"}).status_code == 200
    assert listed(client, key) == {("ann@people.example", "0"): "ACCEPT"}
    given = client.call("attendee.GetEnrollmentInfo", sessionKey=key).ok()
    assert (given.value("firstName"), given.value("lastName")) == ("Ann", "Pupil")


# ---- courses ---------------------------------------------------------------------------------------------


def test_a_course_has_one_registration_for_all_sessions(site: TestSite) -> None:
    client = site.client()
    options = {**OPEN, "maxRegistrations": 2}
    key = create_training(client, repeat=classes(3, "MULTIPLE_SESSION"), attendeeOptions=options)
    register(client, key, "ann@people.example", 2).ok()
    register(client, key, "ann@people.example", 3).ok()
    register(client, key, "bob@people.example").ok()
    assert listed(client, key) == {("ann@people.example", "0"): "ACCEPT", ("bob@people.example", "0"): "ACCEPT"}
    register(client, key, "eve@people.example", 3).failed("999999")
    register(client, key, "eve@people.example", 4).failed("999999")


# ---- classes ---------------------------------------------------------------------------------------------


def test_every_class_has_its_own_registration(site: TestSite) -> None:
    client = site.client()
    options = {**OPEN, "maxRegistrations": 1}
    key = create_training(client, repeat=classes(3), attendeeOptions=options)
    first, second = (register(client, key, "ann@people.example", number).ok() for number in (1, 2))
    assert first.value("register/registerID") != second.value("register/registerID")
    register(client, key, "bob@people.example", 1).failed("999999")
    register(client, key, "bob@people.example", 3).ok()
    assert listed(client, key) == {
        ("ann@people.example", "1"): "ACCEPT",
        ("ann@people.example", "2"): "ACCEPT",
        ("bob@people.example", "3"): "ACCEPT",
    }
    assert [status_of(site, key, number) for number in (1, 2, 3)] == ["FULL"] * 3
    # Somebody who goes makes room in that class alone.
    client.call("attendee.DelMeetingAttendee", attendeeID=second.value("register/attendeeID")).ok()
    assert [status_of(site, key, number) for number in (1, 2, 3)] == ["FULL", "REGISTER", "FULL"]
    register(client, key, "eve@people.example", 1).failed("999999")
    register(client, key, "eve@people.example", 2).ok()
    for number in (4, 0, -1):
        assert register(client, key, "x@people.example", number).code == "999999"


def test_without_a_number_it_is_the_class_that_comes_next(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(3), attendeeOptions=OPEN)
    set_training(client, key, repeat={"repeatSession": {"action": "DELETE", "index": 1}}).ok()
    register(client, key, "ann@people.example").ok()
    register(client, key, "ann@people.example", 1).failed("999999")
    client.call("attendee.CreateMeetingAttendee", sessionKey=key, **person("guest@people.example")).ok()
    assert listed(client, key) == {("ann@people.example", "2"): "ACCEPT", ("guest@people.example", "0"): "INVITE"}
    # Who registered for a class is not among those who are invited to all, so that sending these back changes nothing.
    read = get_training(client, key)
    emails = read.all("attendees/participants/participant/person/email")
    assert emails == ["guest@people.example"]
    set_training(client, key, attendees=people(*(person(email) for email in emails))).ok()
    assert len(listed(client, key)) == 2


def test_the_waiting_list_of_each_class(site: TestSite) -> None:
    site.set(settings=SiteSettings(waiting_list=True))
    client = site.client()
    key = create_training(client, repeat=classes(2), attendeeOptions={**OPEN, "maxRegistrations": 1})
    register(client, key, "a1@people.example", 1).ok()
    second = register(client, key, "a2@people.example", 2).ok()
    for number in (1, 2):
        register(client, key, f"late{number}@people.example", number, emailInvitations=True).ok()
    assert [status_of(site, key, number) for number in (1, 2)] == ["WAITLIST", "WAITLIST"]
    engine = site.server.application.engine

    def seated() -> list[str | None]:
        rows = site.server.run(outbox.waiting(engine, site.site_id))
        return [each.recipient for each in rows if each.kind == "registration.accepted"]

    client.call("attendee.DelMeetingAttendee", attendeeID=second.value("register/attendeeID")).ok()
    assert seated() == ["late2@people.example"]
    set_training(client, key, attendeeOptions={"maxRegistrations": 2}).ok()
    assert sorted(filter(None, seated())) == ["late1@people.example", "late2@people.example"]
    assert [status_of(site, key, number) for number in (1, 2)] == ["WAITLIST", "REGISTER"]


def test_the_last_seat_of_a_class_is_given_once(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(3), attendeeOptions={**OPEN, "maxRegistrations": 5})

    def come(place: int) -> bool:
        return register(site.client(), key, f"p{place}@people.example", place % 3 + 1).code is None

    with ThreadPoolExecutor(24) as pool:
        came = list(pool.map(come, range(24)))
    assert sum(came) == 15
    numbers = [number for _, number in listed(client, key)]
    assert sorted(numbers) == ["1"] * 5 + ["2"] * 5 + ["3"] * 5


def test_classes_become_a_course_and_classes_again(site: TestSite) -> None:
    client = site.client()
    options = {**OPEN, "maxRegistrations": 2}
    key = create_training(client, repeat=classes(2), attendeeOptions=options)
    register(client, key, "a@people.example", 1).ok()
    set_training(client, key, repeat=classes(2, "MULTIPLE_SESSION")).ok()
    register(client, key, "b@people.example").ok()
    register(client, key, "c@people.example").failed("999999")
    set_training(client, key, repeat=classes(2)).ok()
    register(client, key, "c@people.example", 1).ok()
    register(client, key, "d@people.example", 1).failed("999999")
    register(client, key, "d@people.example", 2).ok()


@pytest.mark.parametrize("waiting", [False, True])
def test_the_page_offers_the_classes(site: TestSite, waiting: bool) -> None:
    site.set(settings=SiteSettings(waiting_list=waiting))
    client = site.client()
    key = create_training(client, repeat=classes(3), attendeeOptions={**OPEN, "maxRegistrations": 1})
    register(client, key, "first@people.example", 1).ok()
    set_training(client, key, repeat={"repeatSession": {"action": "DELETE", "index": 3}}).ok()
    link = page(site, key)
    with httpx.Client() as browser:
        text = browser.get(link).text
        assert 'name="CLASS"' in text
        assert ('value="1"' in text) is waiting
        assert 'value="2"' in text
        assert 'value="3"' not in text
        for wrong in ("", "3", "99", "two", "1" * 400, *(() if waiting else ("1",))):
            assert browser.post(link, data={**ADDRESS, "CLASS": wrong}).status_code == 422
        assert browser.post(link, data={**ADDRESS, "CLASS": "2"}).status_code == 200
        text = browser.get(link).text
        assert "All seats are taken" in text
        assert ("Nobody else can register" in text) is not waiting
        assert ("waiting list" in text) is waiting
        second = browser.post(link, data={**ADDRESS, "EMAIL": "bob@people.example", "CLASS": "2"})
        assert ("waiting list" in second.text) is waiting
    assert listed(client, key)["ann@people.example", "2"] == "ACCEPT"
    assert (("bob@people.example", "2") in listed(client, key)) is waiting


def test_classes_that_are_over_take_no_registrations(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(2), attendeeOptions=OPEN)
    site.server.clock.ahead = 30 * 86_400
    for number in (None, 2):
        late = register(client, key, "late@people.example", number).failed("999999")
        assert late.reason == "Registration for this session is closed"
    assert status_of(site, key, 2) == "CLOSED"


def test_a_class_that_is_over_is_closed_while_others_are_not(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(2, interval=30), attendeeOptions=OPEN)
    site.server.clock.ahead = 10 * 86_400
    register(client, key, "late@people.example", 1).failed("999999")
    assert [status_of(site, key, number) for number in (1, 2)] == ["CLOSED", "REGISTER"]
    register(client, key, "ann@people.example").ok()
    assert listed(client, key) == {("ann@people.example", "2"): "ACCEPT"}


def test_a_class_is_told_in_what_the_person_sees(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(2), attendeeOptions=OPEN)
    account = f"attendee1@{site.name}.example"
    ids = {number: register(client, key, account, number).ok().value("register/registerID") for number in (1, 2)}
    own = site.client("attendee1")
    for number in (1, 2):
        info = own.call("ep.GetSessionInfo", sessionKey=key, subSessionNo=number).ok()
        assert info.value("registrationID") == ids[number]
        assert info.value("schedule/startDate") == dates()[number - 1]
    assert in_days(3) == dates()[0]


def test_a_registration_for_one_class_opens_this_class(site: TestSite) -> None:
    client = site.client()
    key = create_training(client, repeat=classes(3), attendeeOptions=OPEN)
    numbers = [
        register(client, key, f"p{each}@people.example", each).ok().value("register/registerID") for each in (1, 2)
    ]
    links = [f"{site.server.url}/{site.name}/m.php?AT=JM&MK={key}&RID={each}" for each in numbers]

    def opened() -> list[int]:
        return [httpx.get(link, headers={"Accept": "text/html"}).status_code for link in links]

    assert opened() == [200, 403]
    told = httpx.get(links[1], headers={"Accept": "text/html"}).text
    assert "You registered for another class" in told
    # The first class goes on beyond its end: it is still the present one.
    stage = Stage(site)
    end = stage.session(int(key)).next_end
    here = stage.run(stage.joined(int(key), host(), end - 600))
    site.server.clock.ahead = end + 600 - stage.application.clock.now()
    assert opened() == [200, 403]
    stage.run(presence.leave(stage.application, site.site_id, here.stay_id))
    assert opened() == [403, 200]
