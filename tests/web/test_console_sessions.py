"""My meetings in the console: agenda, month, one session, its people, scheduling, changing, cancelling; all roles."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain import timezones
from parley.domain.site import SiteSettings, TrackingCode
from parley.store import outbox
from parley.web.console.agenda import weeks_of
from parley.web.console.invitees import people_named
from tests.server import TestSite
from tests.web.console import Come, Person, asked_to_register, invited_series
from tests.web.test_pages import NASTY, schedule


@pytest.fixture
def come(site: TestSite, come: Come) -> Come:
    """Called, host1 signs in; called with a name, somebody else does."""
    return lambda name="host1": come(site, name)


def tomorrow(days: int = 1) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def get(site: TestSite, key: str, path: str) -> str | None:
    return site.client().call("meeting.GetMeeting", meetingKey=key).ok().value(path)


def mails(site: TestSite) -> list[tuple[str, str | None]]:
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    return sorted((each.kind, each.recipient) for each in found)


def scheduled(person: Person, **values: str) -> str:
    """Fill in the form for a new meeting and send it; the key."""
    person.open("meetings/new")
    person.send("meetings/new", **{"NAME": "Team", "DATE": tomorrow(), "TIME": "14:30", "ZONE": "20", **values})
    assert person.status == 200, re.findall(r'class="(?:error|wrong)".*?</p>', person.page)
    return person.where.removeprefix("meetings/")


# ---- who sees what -----------------------------------------------------------------------------------------------


def test_every_role_has_its_places(site: TestSite, come: Come) -> None:
    site.set_user("host2", ro_site_admin=True, host=False)
    for name, hosts in (("host1", True), ("admin", True), ("host2", True), ("attendee1", False)):
        person = come(name)
        page = person.open("profile")
        assert person.status == 200
        assert ("Calendar" in page) is hosts
        for path in ("", "month", "meetings/new"):
            person.open(path)
            assert person.status == (200 if hosts or not path else 403), (name, path)
            assert hosts or person.heading in ("For hosts only", "Profile")


PLACES = ("", "/edit", "/occurrence", "/invite", "/cancel")


def test_anothers_meetings_are_not_there(site: TestSite, come: Come) -> None:
    key = invited_series(site, "Quiet talk")
    other = come("host2")
    site.set_user("host2", ro_site_admin=False)
    for place in PLACES:
        page = other.open(f"meetings/{key}{place}")
        assert other.status == 404, place
        assert "Quiet talk" not in page
    csrf = other.form("sign-out") if "sign-out" in other.page else None
    assert csrf is None  # the page of an error says nothing of the visitor
    other.open("profile")
    csrf_value = other.form("profile")[1]["CSRF"]
    for place in ("/edit", "/occurrence", "/invite", "/cancel", "/people/1"):
        other.post(f"meetings/{key}{place}", CSRF=csrf_value, DO="remove", NAME="Mine")
        assert other.status == 404, place
    assert get(site, key, "metaData/confName") == "Quiet talk"


def test_numbers_of_another_site_are_not_there(site: TestSite, come: Come) -> None:
    elsewhere = site.server.new_site()
    key = invited_series(elsewhere, "Quiet talk")
    admin = come("admin")
    for place in PLACES:
        admin.open(f"meetings/{key}{place}")
        assert admin.status == 404, place
    # A visit of one site is none of the other.
    admin.http.get(f"{site.server.url}/{elsewhere.name}/console/")
    address = f"{site.server.url}/{elsewhere.name}/console/meetings/{key}"
    cookie = next(each.value or "" for each in admin.http.cookies.jar if each.name == "ticket")
    answer = admin.http.get(address, headers={"Cookie": f"ticket={cookie}"})
    assert answer.url.path.endswith("/console/sign-in")


@pytest.mark.parametrize("path", ["meetings/0", "meetings/99999999999999999999999", "meetings/x", "nothing"])
def test_addresses_that_lead_nowhere(site: TestSite, come: Come, path: str) -> None:
    person = come()
    person.open(path)
    assert person.status == 404


@pytest.mark.parametrize("name", ["admin", "attendee1"])
def test_an_administrator_looks_at_the_meetings_of_hosts(site: TestSite, come: Come, name: str) -> None:
    site.set_user("attendee1", ro_site_admin=True, attendee_only=False)
    key = invited_series(site, "Quiet talk")
    admin = come(name)
    page = admin.open(f"meetings/{key}")
    assert (admin.status, admin.heading) == (200, "Quiet talk")
    assert "Ada Lovelace" in page
    # Nothing that opens the meeting, and nothing that the table of roles refuses to administrators.
    assert not any(
        each in page for each in ("Secret77", "MTID", f"room/{key}", "/edit", "/cancel", "/invite", "/people/")
    )
    csrf = admin.form("sign-out")[1]["CSRF"]
    admin.post(f"meetings/{key}/cancel", CSRF=csrf)
    assert (admin.status, admin.heading) == (403, "This was refused")
    assert get(site, key, "metaData/confName") == "Quiet talk"


# ---- lists -------------------------------------------------------------------------------------------------------


def test_the_agenda_shows_each_occurrence_at_the_readers_time(site: TestSite, come: Come) -> None:
    key, single = invited_series(site, "Weekly planning"), schedule(site, NASTY)
    person = come()
    page = person.open()
    assert page.count(f"meetings/{key}?day=") == 2
    assert page.count(f"meetings/{single}") == 1
    assert NASTY in page
    assert "<script>alert" not in person.page
    start = timezones.to_local(site.server.application.clock.now() + 3600, site.users["host1"].time_zone_id)
    clock = f"{start.hour % 12 or 12}:{start:%M}"
    assert page.count(f'<span class="at">{clock}') == 3
    assert "Series" in page
    later = person.open(f"?from={tomorrow(14)}")
    assert later.count(f"meetings/{key}?day=") == 2
    assert "Nothing is scheduled" in person.open("?from=2150-01-01")
    for odd in ("0001-01-01", "9999-12-31", "soon", "2031-02-30"):
        person.open(f"?from={odd}")
        assert person.status == 200, odd


def test_the_month_shows_its_meetings(site: TestSite, come: Come) -> None:
    key = scheduled(come(), DATE="2031-05-14")
    person = come()
    nothing = "Nothing is scheduled in this month."
    assert nothing in person.open("month?month=2031-09")
    page = person.open("month?month=2031-05")
    assert nothing not in page
    assert person.heading == "May 2031"
    assert page.count(f"meetings/{key}") == 1
    assert "2031-04" in page
    assert "2031-06" in page
    assert key not in person.open("month?month=2031-08")
    for odd in ("0001-01", "9999-12", "soon", "2031-13"):
        person.open(f"month?month={odd}")
        assert person.status == 200, odd


@given(st.dates(min_value=datetime(1971, 1, 1).date(), max_value=datetime(2198, 12, 1).date()), st.integers(0, 6))  # noqa: DTZ001
def test_weeks_of_a_month(day: object, first: int) -> None:
    month = day.replace(day=1)  # type: ignore[attr-defined]
    weeks = weeks_of(month, first)
    days = [each for week in weeks for each in week]
    assert all(len(week) == 7 and week[0].weekday() == first for week in weeks)
    assert [b - a for a, b in itertools.pairwise(days)] == [timedelta(days=1)] * (len(days) - 1)
    assert sum(each.month == month.month for each in days) in (28, 29, 30, 31)
    assert month in days
    assert all(any(each.month == month.month for each in week) for week in weeks)


# ---- scheduling and changing -------------------------------------------------------------------------------------


def test_a_meeting_is_scheduled_with_people(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(
        person,
        NAME=NASTY,
        DURATION="45",
        PASSWORD="Secret77",
        PEOPLE="Ada Lovelace <ada@example.com>\nbob@example.com, ADA@example.com",
        AGENDA="First this\nthen that",
        LISTING="UNLISTED",
        REMIND="1440",
        OPEN="1800",
    )
    assert (person.heading, person.notice) == (NASTY, "The meeting is scheduled.")
    assert get(site, key, "schedule/startDate") == datetime.fromisoformat(tomorrow()).strftime("%m/%d/%Y 14:30:00")
    expected = {
        "schedule/duration": "45",
        "schedule/timeZoneID": "20",
        "schedule/openTime": "1800",
        "accessControl/meetingPassword": "Secret77",
        "accessControl/listToPublic": "false",
        "metaData/agenda": "First this\nthen that",
        "remind/daysAhead": "1",
        "enableOptions/chat": "true",
    }
    assert {path: get(site, key, path) for path in expected} == expected
    assert [each for each in mails(site) if each[0] == "session.invitation"] == [
        ("session.invitation", "ada@example.com"),
        ("session.invitation", "bob@example.com"),
    ]
    assert "Ada Lovelace" in person.page


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"NAME": ""}, "name"),
        ({"DATE": "tomorrow"}, "date"),
        ({"DATE": "2001-01-01"}, "date"),
        ({"TIME": "25:00"}, "time"),
        ({"DURATION": "x"}, "duration"),
        ({"DURATION": "0"}, "duration"),
        ({"ZONE": "9999"}, "zone"),
        ({"PEOPLE": "nobody at all"}, "people"),
        ({"REPEAT": "DAILY", "END": "UNTIL"}, "until"),
        ({"REPEAT": "DAILY", "END": "COUNT"}, "count"),
        ({"REPEAT": "DAILY", "INTERVAL": "500"}, "interval"),
        ({"REPEAT": "NEVER"}, "repeat"),
        ({"LISTING": "EVERYBODY"}, "listing"),
        ({"AGENDA": "x" * 2501}, "agenda"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(site: TestSite, come: Come, sent: dict[str, str], field: str) -> None:
    person = come()
    person.open("meetings/new")
    person.send("meetings/new", **{"NAME": "Team", "DATE": tomorrow(), "TIME": "14:30", "PEOPLE": "", **sent})
    assert person.status == 400
    assert f'id="{field}-error"' in person.page
    assert person.page.count('class="error"') == 1
    kept = person.form("meetings/new")[1]
    assert kept["TIME"] == sent.get("TIME", "14:30")
    assert person.open().count("Nothing is scheduled") == 1


def test_passwords_follow_the_sites_rules(site: TestSite, come: Come) -> None:
    site.set(settings=SiteSettings(strict_meeting_passwords=True))
    person = come()
    person.open("meetings/new")
    person.send("meetings/new", NAME="Team", DATE=tomorrow(), PASSWORD="a")
    assert person.status == 400
    assert 'id="password-error"' in person.page


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"REPEAT": "DAILY", "INTERVAL": "2", "END": "COUNT", "COUNT": "3"}, {"repeatType": "DAILY", "interval": "2"}),
        ({"REPEAT": "WORKDAYS"}, {"repeatType": "DAILY", "dayInWeek/day": "MONDAY"}),
        ({"REPEAT": "WEEKLY", "DAY1": "1", "DAY3": "1"}, {"repeatType": "WEEKLY", "dayInWeek/day": "TUESDAY"}),
        ({"REPEAT": "MONTHLY", "END": "UNTIL", "UNTIL": "2032-01-31"}, {"repeatType": "MONTHLY", "dayInMonth": "14"}),
        ({"REPEAT": "MONTHLY_WEEK"}, {"repeatType": "MONTHLY", "weekInMonth": "2", "dayInWeek/day": "WEDNESDAY"}),
        ({"REPEAT": "YEARLY"}, {"repeatType": "YEARLY", "monthInYear": "5", "dayInMonth": "14"}),
    ],
)
def test_series(site: TestSite, come: Come, sent: dict[str, str], expected: dict[str, str]) -> None:
    person = come()
    key = scheduled(person, DATE="2031-05-14", **sent)
    assert {path: get(site, key, f"repeat/{path}") for path in expected} == expected
    # The form of a series says what was sent, so sending it again changes nothing.
    person.open(f"meetings/{key}/edit")
    shown = person.form("edit")[1]
    assert {name: shown.get(name, "") for name in sent} == sent
    person.send("edit")
    assert person.notice == "Nothing was different, so nothing was changed."
    person.open(f"meetings/{key}/edit")
    person.send("edit", REPEAT="NO_REPEAT")
    assert get(site, key, "repeat/repeatType") == "NO_REPEAT"


def test_a_change_says_what_was_changed_and_no_more(site: TestSite, come: Come) -> None:
    key = invited_series(site, "Weekly planning")
    person = come()
    person.open(f"meetings/{key}/edit")
    assert person.form("edit")[1]["PASSWORD"] == "Secret77"
    person.send("edit", ("O_CHAT",), NAME="Other name", AGENDA="One\ntwo", REGISTER="1", APPROVE="1")
    assert (person.heading, person.notice) == ("Other name", "The changes were saved.")
    expected = {
        "metaData/agenda": "One\ntwo",
        "enableOptions/chat": "false",
        "enableOptions/poll": "true",
        "attendeeOptions/registration": "true",
        "attendeeOptions/auto": "false",
        "accessControl/meetingPassword": "Secret77",
        "repeat/afterMeetingNumber": "6",
    }
    assert {path: get(site, key, path) for path in expected} == expected
    assert person.page.count('class="person"') == 2
    assert all(kind == "session.scheduled" for kind, _ in mails(site))  # the time is as it was: nobody is written to
    person.open(f"meetings/{key}/edit")
    person.send("edit", DATE=tomorrow(2), TIME="03:15")
    assert "03:15:00" in (get(site, key, "schedule/startDate") or "")


def test_one_occurrence_is_changed(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, DATE="2031-05-14", REPEAT="WEEKLY", END="COUNT", COUNT="4")
    person.open(f"meetings/{key}/occurrence?day=2031-05-21")
    assert "May 21, 2031" in person.heading
    shown = person.form("occurrence")[1]
    assert (shown["DATE"], shown["TIME"], shown["NAME"]) == ("2031-05-21", "14:30", "Team")
    assert "REPEAT" not in shown
    person.send("occurrence", TIME="16:00", NAME="Team, later")
    assert person.notice == "This occurrence now differs from its series."
    exception = person.where.removeprefix("meetings/")
    assert exception != key
    assert "differs from its series" in person.page
    page = person.open(f"meetings/{key}")
    assert f"meetings/{exception}" in page
    page = person.open("month?month=2031-05")
    assert page.count("Differs from its series") == 1
    assert page.count(f"meetings/{key}?day=") == 2
    person.open(f"meetings/{key}/occurrence?day=2031-05-22")
    person.send("occurrence")
    assert person.status == 400  # there is none on this day
    person.open(f"meetings/{exception}/cancel")
    assert "Only this occurrence" in person.page
    person.send("cancel")
    page = person.open("month?month=2031-05")
    assert page.count(f"meetings/{key}?day=") == 2
    assert exception not in page


def test_tracking_codes_that_the_site_asks_for(site: TestSite, come: Come) -> None:
    codes = [
        TrackingCode(1, "Project", scheduling={"MeetingCenter": "REQUIRED"}),
        TrackingCode(2, "Team", values=["Red", "Blue"], scheduling={"MeetingCenter": "OPTIONAL"}),
        TrackingCode(3, "Hidden", scheduling={"MeetingCenter": "ADMIN_SET"}),
    ]
    site.set(settings=SiteSettings(tracking_codes=codes))
    person = come()
    page = person.open("meetings/new")
    assert "Hidden" not in page
    person.send("meetings/new", NAME="Team", DATE=tomorrow())
    assert 'id="code1-error"' in person.page
    assert re.search(r'<details class="card" open>\s*<summary><h2>More options', person.page)
    key = scheduled(person, CODE1="Apollo", CODE2="Blue")
    assert get(site, key, "tracking/trackingCode1") == "Apollo"
    assert get(site, key, "tracking/trackingCode2") == "Blue"


# ---- one session -------------------------------------------------------------------------------------------------


def test_the_page_of_a_session(site: TestSite, come: Come) -> None:
    key = invited_series(site, "Weekly planning")
    person = come()
    page = person.open(f"meetings/{key}")
    assert "Every week" in page
    assert "Secret77" in page
    invitation = re.search(r'<textarea class="wide".*?>(.*?)</textarea>', page, re.DOTALL)
    assert invitation is not None
    link = re.search(r"Join: (\S+)", invitation[1])
    assert link is not None
    assert "Weekly planning" in person.http.get(link[1]).text
    file = re.search(r'href="(\S+DL=1)"', page)
    assert file is not None
    calendar = person.http.get(f"{site.server.url}{file[1]}")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Weekly planning" in calendar.text
    person.send(f"room/{key}")
    assert person.status == 200
    assert "Weekly planning" in person.page


def test_registrations_are_decided_on(site: TestSite, come: Come) -> None:
    key = asked_to_register(site, "Open house")
    person = come()
    page = person.open(f"meetings/{key}")
    assert "Registrations that wait for your approval: 2" in page
    assert "Analytical" in page
    buttons = re.findall(rf"/console/(meetings/{key}/people/[0-9]+)", page)
    assert len(buttons) == 2
    person.send(buttons[0], DO="approve")
    assert person.notice == "The registration was approved."
    person.send(buttons[1], DO="reject")
    assert person.notice == "The registration was rejected."
    assert ("Accepted" in person.page, "Rejected" in person.page, "wait for" in person.page) == (True, True, False)
    listed = site.client().call("attendee.LstMeetingAttendee", sessionKey=key).ok()
    assert sorted(re.findall(r"joinStatus>([A-Z]+)<", listed.text)) == ["ACCEPT", "REJECT"]
    kinds = [kind for kind, _ in mails(site)]
    assert kinds.count("registration.accepted") == kinds.count("registration.rejected") == 1
    person.send(buttons[1], DO="remove")
    assert person.notice == "The person was taken off the list."
    assert person.page.count('class="person"') == 1
    csrf = person.form("sign-out")[1]["CSRF"]
    for number in ("1", "9" * 30, buttons[1].rpartition("/")[2]):
        person.post(f"meetings/{key}/people/{number}", CSRF=csrf, DO="approve")
        assert person.status == 404
    person.post(buttons[0], CSRF=csrf, DO="promote")
    assert person.status == 404


def test_people_of_one_session_are_not_reached_through_another(site: TestSite, come: Come) -> None:
    key = asked_to_register(site, "Open house")
    person, other = come(), come("host2")
    page = person.open(f"meetings/{key}")
    number = re.findall(r"/people/([0-9]+)", page)[0]
    other.open("meetings/new")
    own = other.where and scheduled(other)
    csrf = other.form("sign-out")[1]["CSRF"]
    other.post(f"meetings/{own}/people/{number}", CSRF=csrf, DO="remove")
    assert other.status == 404
    assert person.open(f"meetings/{key}").count('class="person"') == 2


def test_people_are_invited_later(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person)
    person.open(f"meetings/{key}/invite")
    assert "Not an e-mail address: nobody" in person.send("invite", PEOPLE="ada@example.com\nnobody")
    assert person.status == 400
    many = "\n".join(f"p{number}@example.com" for number in range(51))
    assert "At most 50 people" in person.send("invite", PEOPLE=many)
    assert "at least one" in person.send("invite", PEOPLE=" ")
    assert "too long" in person.send("invite", PEOPLE=f"ada@example.com{' ' * 5000}x")
    person.send("invite", PEOPLE=f"host2@{site.name}.example", HOSTS="1")
    assert person.notice == "The invitations are on their way."
    assert "Alternate host" in person.page
    other = come("host2")
    other.open(f"meetings/{key}")
    assert (other.status, other.heading) == (200, "Team")


def test_a_long_list_comes_in_pages(site: TestSite, come: Come) -> None:
    key = schedule(site, "x" * 400)
    for begin in (0, 50, 100):
        people = [
            {"person": {"name": f"Somebody {number} {'y' * 40}", "email": f"p{number}@example.com"}, "sessionKey": key}
            for number in range(begin, begin + 50)
        ]
        site.client().call("attendee.CreateMeetingAttendee", attendees=people).ok()
    person = come()
    seen: list[str] = []
    for number in ("1", "2", "3"):
        page = person.open(f"meetings/{key}?page={number}")
        assert f"Page {number} of 3" in page
        seen += re.findall(r"<strong>(Somebody [0-9]+) ", page)
    assert len(seen) == len(set(seen)) == 150
    for odd in ("0", "99", "x", "9" * 40):
        assert re.search("Page [13] of 3", person.open(f"meetings/{key}?page={odd}"))


def test_a_full_agenda_stays_small(site: TestSite, come: Come) -> None:
    values = {
        "metaData": {"confName": "x" * 400},
        "schedule": {"startDate": "04/01/2031 09:00:00", "duration": 5, "timeZoneID": 20},
        "repeat": {"repeatType": "DAILY"},
    }
    for _ in range(13):
        site.client().call("meeting.CreateMeeting", values).ok()
    person = come()
    assert "There is more than fits here" in person.open("?from=2031-05-01")
    assert "There is more than fits here" in person.open("month?month=2031-05")


def test_cancelling_a_series_tells_how_a_single_date_is_cancelled(site: TestSite, come: Come) -> None:
    person = come()
    for repeat, told in (("WEEKLY", True), ("NO_REPEAT", False)):
        key = scheduled(person, REPEAT=repeat)
        assert ("To cancel a single date" in person.open(f"meetings/{key}/cancel")) is told


@pytest.mark.parametrize("tell", [True, False])
def test_cancelling(site: TestSite, come: Come, tell: bool) -> None:
    person = come()
    key = scheduled(person, PEOPLE="ada@example.com")
    person.open(f"meetings/{key}/cancel")
    person.send("cancel", () if tell else ("TELL",))
    assert (person.where, person.notice) == ("", "The session was cancelled.")
    assert (("session.cancelled", "ada@example.com") in mails(site)) is tell
    person.open(f"meetings/{key}")
    assert person.status == 404


def test_sessions_of_other_services_are_shown_and_cancelled(site: TestSite, come: Come) -> None:
    start = (datetime.now(UTC) + timedelta(hours=1)).strftime("%m/%d/%Y %H:%M:%S")
    event = {
        "metaData": {"sessionName": "Open day"},
        "schedule": {"startDate": start, "duration": 60, "timeZoneID": 20},
    }
    key = site.client().call("event.CreateEvent", event).ok().value("sessionKey")
    person = come()
    assert "Event" in person.open()
    page = person.open(f"meetings/{key}")
    assert person.heading == "Open day"
    assert f"meetings/{key}/edit" in page
    person.open(f"meetings/{key}/occurrence")
    assert person.status == 404  # events do not repeat
    person.open(f"meetings/{key}/cancel")
    person.send("cancel")
    assert person.notice == "The session was cancelled."


def test_a_suspended_site_says_so(site: TestSite, come: Come) -> None:
    person = come()
    site.set(suspended=True)
    assert "This site is suspended" in person.open()


@pytest.mark.parametrize(
    ("text", "people", "odd"),
    [
        ("", [], []),
        ("ada@example.com", [("ada@example.com", "ada@example.com")], []),
        ('"Lovelace, Ada" <ada@example.com>', [("Lovelace, Ada", "ada@example.com")], []),
        ("Ada <ada@example.com>; bob@example.com", [("Ada", "ada@example.com"), ("bob@example.com",) * 2], []),
        ("a@example.com\r\nA@EXAMPLE.com", [("a@example.com",) * 2], []),
        ("Ada <ada>", [], ["Ada <ada>"]),
    ],
)
def test_people_named(text: str, people: list[tuple[str, str]], odd: list[str]) -> None:
    assert people_named(text) == (people, odd)


@given(st.text())
def test_any_text_names_people_or_nobody(text: str) -> None:
    people, odd = people_named(text)
    assert all("@" in address for _, address in people)
    assert json.dumps(odd)
