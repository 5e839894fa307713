"""The pages of a site for everybody: home, joining by number, calendar, recordings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from parley.domain.recording import Details
from parley.domain.site import SiteSettings
from parley.protocol.credentials import GuessBrake
from parley.services.general_session import calendar as limits
from parley.services.sessions import occurrence_lists
from parley.web.public import calendar
from tests.server import TestSite
from tests.services.events import create_event, program
from tests.services.meetings import create
from tests.services.test_general_session_lists import exception
from tests.services.trainings import create_training
from tests.web.console import Come, Person
from tests.web.recordings import recorded
from tests.web.test_pages import schedule, unlisted

NASTY = "<script>alert(1)</script>\"'&{{7*7}}"
#: As XML has the three listings of a meeting.
LISTED: dict[str, dict[str, Any]] = {
    "PUBLIC": {"listToPublic": True, "isPublic": True},
    "PRIVATE": {"listToPublic": True, "isPublic": False},
    "UNLISTED": {"listToPublic": False, "isPublic": False},
}


@pytest.fixture
def come(site: TestSite, come: Come) -> Come:
    """Called with a name, somebody comes and signs in; without one, somebody who does not."""
    return partial(come, site)


def one_of_each(site: TestSite) -> None:
    """A meeting of each listing, in an hour."""
    for listing, flags in LISTED.items():
        schedule(site, f"{listing} talk", accessControl=flags)


def names(person: Person) -> list[str]:
    """What the present page lists."""
    return re.findall(r'class="what"><(?:a [^>]*|strong)>([^<]*)<', person.page)


def month(hours: float = 1) -> str:
    """The month, in GMT, in which a time lies that is so many hours ahead."""
    return f"../calendar/month?tz=20&month={datetime.now(UTC) + timedelta(hours=hours):%Y-%m}"


def ask(person: Person, path: str, **values: str) -> str:
    """Fill in a form of the present page that only looks for something."""
    action, fields = person.form(path)
    query = urlencode({**fields, **values})
    return person.open(f"../{action.split('/', 2)[2]}?{query}")


def series(site: TestSite, name: str, count: int = 6) -> str:
    """A daily series of host1 that begins in an hour; its key."""
    return schedule(site, name, repeat={"repeatType": "DAILY", "afterMeetingNumber": count})


# ---- home and joining --------------------------------------------------------------------------------------------


def test_home_for_strangers_and_for_those_who_are_signed_in(site: TestSite, come: Come) -> None:
    one_of_each(site)
    stranger, host, guest = come(), come("host2"), come("attendee1")
    page = stranger.open("../")
    assert (stranger.status, stranger.heading) == (200, site.name)
    assert names(stranger) == ["PUBLIC talk"]
    assert "/meet/" in page
    assert "All times are in this time zone: GMT" in page
    assert page.count("Sign in") == 1
    host.open("../")
    assert "You are signed in as Host2 Tester (host2)." in host.page
    assert "My meetings" in host.page
    assert sorted(names(host)) == ["PRIVATE talk", "PUBLIC talk"]
    guest.open("../")
    assert "My profile" in guest.page
    site.set(settings=SiteSettings(personal_rooms=False))
    assert "/meet/" not in stranger.open("../")


def test_the_home_page_says_what_became_of_a_command(site: TestSite, come: Come) -> None:
    assert "Please sign in" not in come().open(f"../?ST=FAIL&RS={NASTY}")
    assert NASTY not in come().open("../?ST=FAIL&RS=AccessDenied")


@pytest.mark.parametrize("grouped", [False, True])
def test_a_number_leads_to_the_page_that_asks_for_the_rest(site: TestSite, come: Come, grouped: bool) -> None:
    key = schedule(site, NASTY, **unlisted("Secret77"))
    typed = f" {key[:3]} {key[3:6]}-{key[6:]} " if grouped else key
    person = come()
    person.open("../")
    page = ask(person, "join", MK=typed)
    assert (person.status, person.heading) == (200, "This meeting has a password")
    assert NASTY not in page
    assert str(person.http.get(person.address(f"../join?MK={key}")).url).endswith(f"/m.php?AT=JM&MK={key}")


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 400, "Enter the number"),
        ("12a", 400, "Enter the number"),
        ("9" * 19, 400, "Enter the number"),
        ("١٢٣", 400, "Enter the number"),
        ("123456", 404, "There is no meeting with this number"),
    ],
)
def test_numbers_of_nothing(site: TestSite, come: Come, typed: str, status: int, said: str) -> None:
    person = come()
    person.open("../")
    assert said in ask(person, "join", MK=typed)
    assert person.status == status
    assert f'value="{typed[:40]}"' in person.page


def test_a_number_of_another_site_is_none_of_this_one(site: TestSite, come: Come) -> None:
    key = schedule(site.server.new_site())
    person = come()
    person.open(f"../join?MK={key}")
    assert person.status == 404


def test_nobody_tries_out_many_numbers(site: TestSite, come: Come) -> None:
    person, key = come(), schedule(site)
    for number in range(100, 190):
        person.open(f"../join?MK={number}")
        if person.status == 429:
            break
    assert "Too many numbers" in person.page
    person.open(f"../join?MK={key}")
    assert person.status == 429  # not even one that there is, or it would be told apart
    other = Person(site.server.new_site())
    other.open("../join?MK=123")
    assert other.status == 404
    other.close()


def test_trying_out_numbers_by_links_is_slowed_down(
    site: TestSite, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(GuessBrake, "failed", lambda self, who, address=None: noted.append(who))
    person, key = come(), schedule(site)
    for path in ("m.php?AT=JM&MK=123", "e.php?AT=SI&MK=123", f"m.php?AT=JM&MK={key}", "m.php?AT=HM&MK=x"):
        person.open(f"../{path}")
    assert noted == [f"{site.site_id}/127.0.0.1"] * 3


# ---- calendar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../calendar", "month"])
def test_who_finds_what(site: TestSite, come: Come, path: str) -> None:
    one_of_each(site)
    here = {
        None: ["PUBLIC"],
        "attendee1": ["PRIVATE", "PUBLIC"],
        "host2": ["PRIVATE", "PUBLIC"],
        "admin": ["PRIVATE", "PUBLIC", "UNLISTED"],
    }
    for name, listings in here.items():
        page = come(name).open(month() if path == "month" else path)
        found = sorted(set(re.findall(r"(PUBLIC|PRIVATE|UNLISTED) talk", page)))
        assert found == listings, name


def test_passwords_and_addresses_of_hosts_are_never_shown(site: TestSite, come: Come) -> None:
    schedule(site, "Open", accessControl={**LISTED["PUBLIC"], "meetingPassword": "Secret77"})
    for path in ("../", "../calendar", month()):
        page = come().open(path)
        assert "Open" in page
        assert "Secret77" not in page
        assert site.users["host1"].email not in page


def test_all_kinds_are_there_and_can_be_told_apart(site: TestSite, come: Come) -> None:
    client = site.client()
    create(client, "A meeting", accessControl=LISTED["PUBLIC"])
    create_event(client, "An event", accessControl={"listing": "PUBLIC"})
    create_training(client, "A training", accessControl={"listing": "PUBLIC"})
    create_training(client, "A secret training", accessControl={"listing": "UNLISTED"})
    person = come()
    person.open("../calendar")
    assert sorted(names(person)) == ["A meeting", "A training", "An event"]
    for kind, name in (("EventCenter", "An event"), ("TrainingCenter", "A training"), ("MeetingCenter", "A meeting")):
        person.open(f"../calendar?kind={kind}")
        assert names(person) == [name]
        assert name in person.open(f"{month(72)}&kind={kind}")
    person.open("../calendar?kind=x'")
    assert len(names(person)) == 3


def test_links_lead_to_the_page_of_the_session(site: TestSite, come: Come) -> None:
    registration = {"attendeeOptions": {"registration": True}}
    key = create_training(site.client(), NASTY, accessControl={"listing": "PUBLIC"}, **registration)
    person = come()
    assert "<script>alert" not in person.http.get(person.address("../calendar")).text
    person.open("../calendar")
    link = re.search(r'class="what"><a href="([^"]+)"', person.page)
    assert link is not None
    page = person.http.get(site.server.url + link[1].replace("&amp;", "&"))
    assert page.status_code == 200
    assert key[-4:] in page.text
    register = re.search(r'href="([^"]*RGID=[^"]+)"', page.text)
    assert register is not None
    assert "First name" in person.http.get(register[1]).text


def test_series_have_all_their_occurrences_and_exceptions(site: TestSite, come: Come) -> None:
    key = series(site, "Daily")
    tomorrow = (datetime.now(UTC) + timedelta(hours=25)).strftime("%m/%d/%Y %H:%M:%S")
    exception(site.client(), key, tomorrow, "Daily, but longer")
    person = come()
    person.open("../calendar?tz=20")
    assert names(person).count("Daily") == 5
    assert names(person).count("Daily, but longer") == 1
    assert "Differs from its series" in person.page
    assert "Daily, but longer" in person.open(month(25))


def test_times_are_in_the_zone_that_was_chosen(site: TestSite, come: Come) -> None:
    start = (datetime.now(UTC) + timedelta(days=2)).strftime("%m/%d/%Y 23:30:00")
    times = {"startDate": start, "duration": 45, "timeZoneID": 20}
    create(site.client(), "Late", accessControl=LISTED["PUBLIC"], schedule=times)
    person = come()
    assert "11:30\u202fPM" in person.open("../calendar?tz=20")
    assert "8:30\u202fAM" in person.open("../calendar?tz=49")
    assert "tz=49" in person.page  # links keep to it
    assert "3:30\u202fPM" in person.open("../calendar?tz=99999") or "4:30\u202fPM" in person.page
    assert "3:30\u202fPM" in person.open(f"../calendar?tz={NASTY}") or "4:30\u202fPM" in person.page


def test_searching_by_name(site: TestSite, come: Come) -> None:
    for days, name in ((40, "Review of spring"), (80, "REVIEW of summer"), (90, "Preview"), (60, "Review it all")):
        start = (datetime.now(UTC) + timedelta(days=days)).strftime("%m/%d/%Y 10:00:00")
        flags = LISTED["UNLISTED" if name.endswith("all") else "PUBLIC"]
        create(site.client(), name, accessControl=flags, schedule={"startDate": start})
    person = come()
    person.open("../calendar")
    assert names(person) == []
    assert "Nothing is planned" in person.page
    ask(person, "calendar", name="review")
    assert names(person) == ["Review of spring", "REVIEW of summer"]
    for odd in ("%", "_", "\\", "' OR 1=1", NASTY, "x" * 10_000, "\u0000", "\U0010ffff"):
        person.http.get(person.address("../calendar"), params={"name": odd}).raise_for_status()
        person.http.get(person.address("../calendar/month"), params={"name": odd}).raise_for_status()


def test_days_and_pages(site: TestSite, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "_ROWS", 4)
    series(site, "Daily", 7)
    person = come()
    person.open("../calendar")
    assert len(names(person)) == 4
    assert "Page 1 of 2" in person.page
    older = re.search(r'href="[^"]*(\?[^"]*page=2)"', person.page)
    assert older is not None
    person.open(f"../calendar{older[1].replace('&amp;', '&')}")
    assert len(names(person)) == 3
    for odd in ("from=", "from=x", "from=9999-99-99", "from=0001-01-01", "page=0", "page=-1", "page=99999", "page=٣"):
        person.open(f"../calendar?{odd}")
        assert person.status == 200
    for odd in ("month=", "month=2026-13", "month=9999-01", f"month={NASTY}"):
        person.open(f"../calendar/month?{odd}")
        assert person.status == 200
    past = (datetime.now(UTC) - timedelta(days=60)).date().isoformat()
    person.open(f"../calendar?from={past}")
    assert names(person) == []


def test_a_month_names_some_of_a_day_and_leads_to_the_rest(site: TestSite, come: Come) -> None:
    for number in range(5):
        schedule(site, f"Talk {number}")
    page = come().open(month())
    assert len(re.findall(r"Talk \d", page)) == 3
    assert "and 2 more" in page


def test_calendars_that_are_too_full(site: TestSite, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    series(site, "Daily", 5)
    other = series(site, "Other", 5)
    person = come()
    monkeypatch.setattr(calendar, "_MONTH_ROWS", 1)
    page = person.open(month())
    assert "More is planned than fits" in page
    assert len(re.findall(r"/calendar\?[^\"]*from=", page)) >= 28
    monkeypatch.setattr(limits, "LARGEST_SEARCH", 1)
    person.open("../calendar")
    assert sorted(names(person)) == ["Daily", "Other"]  # one of each: nothing can be looked through
    assert "each of them is shown once" in person.page
    person.open("../calendar?name=o")
    assert (person.status, names(person)) == (200, [])
    assert "Too much is planned" in person.page
    monkeypatch.setattr(limits, "LARGEST_SEARCH", 20_000)
    monkeypatch.setattr(occurrence_lists, "LARGEST_EXPANSION", 1)
    person.open("../calendar")
    assert sorted(names(person)) == ["Daily", "Other"]
    person.open("../calendar?name=o")
    assert len(names(person)) == 5  # one series can be expanded
    assert other in person.page


def test_nobody_asks_without_end(site: TestSite, come: Come) -> None:
    person = come()
    for _ in range(80):
        person.open("../calendar/month")
        if person.status == 429:
            break
    assert (person.status, person.heading) == (429, "One moment, please")


def test_programs_of_events(site: TestSite, come: Come) -> None:
    for listing in LISTED:
        program(site, f"{listing} season", status=listing)
    stranger, member = come(), come("host2")
    assert re.findall(r"(\w+) season", stranger.open("../calendar")) == ["PUBLIC"]
    assert sorted(re.findall(r"(\w+) season", member.open("../calendar"))) == ["PRIVATE", "PUBLIC"]
    link = re.search(r'href="([^"]*onstage/g\.php[^"]*)"', stranger.page)
    assert link is not None
    assert "PUBLIC season" in stranger.http.get(site.server.url + link[1]).text
    site.set(settings=SiteSettings(classic_events=False))
    assert "season" not in stranger.open("../calendar")


def test_people_whose_password_is_due_see_what_strangers_see(site: TestSite, come: Come) -> None:
    one_of_each(site)
    member = come("host2")
    site.set_user("host2", must_change_password=True)
    member.open("../calendar")
    assert member.status == 200
    assert "PUBLIC talk" in names(member)


# ---- recordings --------------------------------------------------------------------------------------------------


def test_which_recordings_are_listed(site: TestSite, come: Come) -> None:
    for listing in LISTED:
        recorded(site, f"{listing} film", listing=listing)
    recorded(site.server.new_site(), "Film of others", listing="PUBLIC")
    stranger, member, admin = come(), come("host2"), come("admin")
    stranger.open("../recordings")
    assert names(stranger) == ["PUBLIC film"]
    member.open("../recordings")
    assert sorted(names(member)) == ["PRIVATE film", "PUBLIC film"]
    admin.open("../recordings")
    assert sorted(names(admin)) == ["PRIVATE film", "PUBLIC film"]
    link = re.search(r'href="([^"]*ldr\.php[^"]*)"', stranger.page)
    assert link is not None
    assert "<video" in stranger.http.get(site.server.url + link[1]).text


def test_recordings_with_a_password_ask_for_it(site: TestSite, come: Come) -> None:
    recorded(site, NASTY, listing="PUBLIC", password="Secret77")
    kept = recorded(site, "Kept", listing="PUBLIC", details=Details(attendee_view=False, registration=True))
    person = come()
    page = person.open("../recordings")
    assert "Secret77" not in page
    assert "with password" in page
    assert "asks for your name" in page
    assert kept.stream_rcid not in page
    link = re.search(r'href="([^"]*ldr\.php[^"]*)"', person.page)
    assert link is not None
    asked = person.http.get(site.server.url + link[1])
    assert "<video" not in asked.text
    assert 'type="password"' in asked.text


def test_what_is_in_the_trash_is_not_listed(site: TestSite, come: Come) -> None:
    row = recorded(site, "Gone", listing="PUBLIC")
    person = come()
    assert "Gone" in person.open("../recordings")
    site.client().call("ep.DelRecording", recordingID=row.recording_id).ok()
    assert "Gone" not in person.open("../recordings")
    assert "No recordings are open" in person.page


def test_recordings_by_name_and_page(site: TestSite, come: Come) -> None:
    for number in range(27):
        recorded(site, f"Part {number:02}", listing="PUBLIC", created_at=1_700_000_000 + number // 2)
    recorded(site, "Another", listing="PUBLIC")
    person, seen = come(), []
    person.open("../recordings?name=PART")
    while True:
        seen += names(person)
        older = re.search(r'href="[^"]*/recordings(\?[^"]*before=[^"]+)">Older', person.page)
        if older is None:
            break
        person.open(f"../recordings{older[1].replace('&amp;', '&')}")
    assert sorted(seen) == [f"Part {number:02}" for number in range(27)]
    assert seen == sorted(seen, key=lambda name: -(int(name[5:]) // 2))
    assert "Newest" in person.page
    for odd in ("%", "' OR 1=1", NASTY, "x" * 10_000):
        found = person.http.get(person.address("../recordings"), params={"name": odd, "before": odd})
        assert found.status_code == 200
        assert "No recording that you may see" in found.text


# ---- all of them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../", "../calendar", "../calendar/month", "../recordings", "../join?MK=1"])
def test_headers_sizes_and_sites(site: TestSite, come: Come, path: str) -> None:
    person = come()
    answer = person.http.get(person.address(path))
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) < 100_000
    assert person.http.post(person.address(path)).status_code == 405
    site.set(active=False)
    assert person.http.get(person.address(path)).status_code == 404


def test_pages_are_in_the_language_of_the_reader(site: TestSite, come: Come) -> None:
    page = come().http.get(f"{site.server.url}/{site.name}/", headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert '<html lang="de-DE">' in page.text
    page = come("host1").http.get(f"{site.server.url}/{site.name}/", headers={"Accept-Language": "de"})
    assert '<html lang="en-US">' in page.text
