"""A program for the retired API goes its whole way, in tidy documents and in those that clients really send."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.clients.dialects import LATIN, TIDY, Dialect, all_dialects
from tests.clients.meeting_program import Program, Refused, Story, date, whole_story
from tests.clients.programs import checker
from tests.server import PASSWORD, TestSite
from tests.services.meetings import create

SECRET = "Sesam-12"
DIALECTS = all_dialects()


@pytest.fixture(scope="module")
def busy_site(shared_site: TestSite) -> TestSite:
    """A site whose host has meetings before and after those of the program."""
    now = datetime.now(UTC)
    for minutes in (-4, 90, 60 * 30):
        start = date(now + timedelta(minutes=minutes))
        create(shared_site.client(), f"Other {minutes}", schedule={"startDate": start, "duration": 1000})
    create(shared_site.client("host2"), "Another host's", schedule={"startDate": date(now + timedelta(minutes=2))})
    return shared_site


def program(site: TestSite, dialect: Dialect = TIDY, **named: str) -> Program:
    """The program for a site; every answer that it gets must be valid."""
    return Program(site.server.url, named or {"siteName": site.name}, "host1", dialect, checker(site))


def check(story: Story, site: TestSite, name: str) -> None:
    """Whether everything went as the program's users expect."""
    assert re.fullmatch(r"\d{11}", story.key)
    assert story.meeting_type == "3"  # the usual paid type, not the free one
    assert story.listed[0] == story.key
    assert len(story.listed) == 3
    assert (story.read["confName"], story.read["meetingkey"]) == (name, story.key)
    assert (story.read["meetingPassword"], story.read["agenda"]) == (SECRET, "Points & questions")
    assert (story.read["chat"], story.read["poll"], story.read["webTour"]) == ("false", "true", "true")
    assert (story.read["duration"], story.read["invited"]) == ("20", "ann@people.example")
    assert story.read["sipURL"].startswith(f"{story.key}@")
    assert story.read["meetingLink"].startswith(f"{site.server.url}/{site.name}/j.php?MTID=m")
    assert story.changed["confName"] == f"{name} (moved)"
    assert story.changed["duration"] == "45"
    moved = datetime.strptime(story.changed["startDate"], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    first = datetime.strptime(story.read["startDate"], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    assert moved - first == timedelta(minutes=2)
    assert story.changed["chat"] == "true"
    same = ("meetingkey", "meetingLink", "meetingPassword", "agenda", "poll", "webTour", "invited", "sipURL")
    assert [story.changed[each] for each in same] == [story.read[each] for each in same]
    assert story.links["host"] != story.links["attendee"] == story.links["invite"] == story.links["page"]
    assert f"/m.php?AT=JM&MK={story.key}&AN=Ann%20%26%20Bob" in story.links["join"]
    assert "/p.php?AT=LI&TK=" in story.links["start"]
    assert sorted(story.pages) == ["attendee", "host", "invite", "join", "page", "start"]
    for kind, page in story.pages.items():
        assert f"<h1>{name} (moved)</h1>" in page, kind
    assert "You are a host of this meeting." in story.pages["start"]
    assert story.after_deletion == "060001"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_whole_story_with_a_ticket(busy_site: TestSite, dialect: str) -> None:
    name = "Réunion <Zürich> & Co" + ("" if dialect in LATIN else " – 会議")
    with program(busy_site, DIALECTS[dialect]) as client:
        client.sign_in(PASSWORD)
        check(whole_story(client, name, SECRET), busy_site, name)


@pytest.mark.parametrize("dialect", ["tidy", "serv is not declared", "form with credentials", "query of a GET"])
def test_the_whole_story_with_a_password_in_every_request(busy_site: TestSite, dialect: str) -> None:
    with program(busy_site, DIALECTS[dialect]) as client:
        client.use_password(PASSWORD)
        check(whole_story(client, "By password", SECRET), busy_site, "By password")


def test_every_way_to_name_the_site(busy_site: TestSite) -> None:
    number, name = str(busy_site.site_id), busy_site.name
    for named in (
        {"siteName": name},
        {"siteID": number},
        {"siteID": number, "partnerID": "abc"},
        {"siteName": name.upper(), "siteID": ""},
        {"siteID": "", "siteName": name, "partnerID": "", "email": ""},
        {"siteName": "", "siteID": number},
        {"siteName": name, "siteID": number, "email": f"host1@{name}.example"},
    ):
        with program(busy_site, TIDY, **named) as client:
            client.sign_in(PASSWORD)
            check(whole_story(client, "Named", SECRET), busy_site, "Named")


def test_refusals_reach_the_program(busy_site: TestSite) -> None:
    with program(busy_site) as client:
        with pytest.raises(Refused, match="030002 Incorrect user or password"):
            client.sign_in("wrong")
        client.sign_in(PASSWORD)
        with pytest.raises(Refused, match="060001 Corresponding Meeting not found"):
            client.read("12345678901")
        with pytest.raises(Refused, match="000015 Sorry, no record found"):
            client.upcoming(datetime.now(UTC) + timedelta(days=4000))
        with pytest.raises(Refused, match="060019 The host WebExID does not exist"):
            client.call(
                "meeting.CreateMeeting",
                [("metaData", [("confName", "x")]), ("schedule", [("hostWebExID", "nobody")])],
            )
