"""The page of a program, opened as a browser opens it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.server import TestSite
from tests.services.events import create_event, program
from tests.services.meetings import in_days

NASTY = 'Fair <i>of</i> {{7*7}} & "more"'


def address(site: TestSite, number: int) -> str:
    answer = site.client("admin").call("event.LstsummaryProgram", programID=number).ok()
    return answer.value("programURL") or ""


@pytest.fixture
def browser(site: TestSite) -> Iterator[httpx.Client]:
    """The browser of host1, signed in."""
    key = create_event(site.client(), "To sign in")
    url = site.client().call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    with httpx.Client(timeout=30, follow_redirects=True, headers={"Accept": "text/html,*/*;q=0.8"}) as client:
        assert client.get(url).status_code == 200
        yield client


def test_the_page_of_a_program_names_its_coming_events(site: TestSite, browser: httpx.Client) -> None:
    number = program(site, NASTY)
    host = site.client()
    for day, (name, listing) in enumerate(
        [("Open <b>talk</b>", "PUBLIC"), ("For members", "PRIVATE"), ("Hidden", "UNLISTED")], 2
    ):
        schedule = {"startDate": in_days(day)}
        create_event(host, name, accessControl={"listing": listing}, metaData={"programID": number}, schedule=schedule)
    create_event(host, "Of no program")
    url = address(site, number)
    assert url == f"{site.server.url}/{site.name}/onstage/g.php?p={number}&t=m"
    response = httpx.get(url)
    assert response.status_code == 200
    text = response.text
    assert "Fair &lt;i&gt;of&lt;/i&gt; {{7*7}} &amp;" in text
    assert "Open &lt;b&gt;talk&lt;/b&gt;" in text
    for name in ("For members", "Hidden", "Of no program"):
        assert name not in text
    text = browser.get(url).text
    assert "For members" in text
    assert "Hidden" not in text
    site.server.clock.ahead = 30 * 86_400
    assert "No events are planned" in httpx.get(url).text


def test_who_sees_the_page_of_a_program(site: TestSite, browser: httpx.Client) -> None:
    private, hidden = program(site, "Private", status="PRIVATE"), program(site, "Hidden", status="UNLISTED")
    assert httpx.get(address(site, private)).status_code == 404
    assert httpx.get(address(site, hidden)).status_code == 200
    assert "Private" in browser.get(address(site, private)).text


@pytest.mark.parametrize("number", ["", "0", "99", "-1", "x", "9" * 30, "1'--"])
def test_programs_that_are_not_there(site: TestSite, number: str) -> None:
    response = httpx.get(f"{site.server.url}/{site.name}/onstage/g.php", params={"p": number})
    assert response.status_code == 404
