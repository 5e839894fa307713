"""Personal rooms, the links of hosts and of those who schedule for them, and old links when the host has changed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.web import personal_rooms
from tests.server import Server, TestSite
from tests.web.rooms import Guest
from tests.web.rooms import site as site  # the fixture
from tests.web.test_pages import address, schedule, start_link


class Visitor(Guest):
    """Somebody who comes to a personal room by its page."""

    def __init__(self, site: TestSite) -> None:
        super().__init__(site, "")

    def knock(self, name: str) -> None:
        """Press the button of the room's page."""
        answer = self.http.post(address(self.site, f"meet/{name}"), headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200, answer.text
        self.key = str(answer.url).rpartition("/")[2]

    def sign_in(self, site: TestSite, web_ex_id: str = "host1") -> None:
        """Follow a link that signs in."""
        back = site.client(web_ex_id).call("user.GetloginurlUser", webExID=web_ex_id).ok().value("userLoginURL") or ""
        self.http.get(back)


@pytest.fixture
def visitors(site: TestSite) -> Iterator[list[Visitor]]:
    """Three people with a browser each."""
    found = [Visitor(site) for _ in range(3)]
    yield found
    for each in found:
        each.close()


def room_of(site: TestSite, **more: Any) -> dict[str, str]:
    """Address, access code and PIN of host1's room."""
    if more:
        site.client().call("user.SetUser", webExId="host1", personalMeetingRoom=more).ok()
    answer = site.client().call("user.GetUser", webExId="host1").ok()
    names = ("accessCode", "hostPIN", "title", "personalMeetingRoomURL")
    return {name: answer.value(f"personalMeetingRoom/{name}") or "" for name in names}


def test_guests_wait_for_the_owner_and_the_api_tells_the_room(site: TestSite, visitors: list[Visitor]) -> None:
    owner, guest, late = visitors
    room = room_of(site)
    page = guest.http.get(address(site, "meet/Host1"))
    assert "Host1 Tester's Personal Room" in html.unescape(page.text)
    assert "is not here yet" in page.text
    guest.knock("host1")
    assert guest.key == room["accessCode"]
    assert guest.enter()["reason"] == "host"
    owner.sign_in(site)
    assert "This is your room" in owner.http.get(address(site, "meet/host1")).text
    owner.knock("host1")
    assert owner.enter("Grace")["rights"]["host"]
    assert guest.until("welcome")["name"] == room["title"]
    told = site.client().call("ep.GetSessionInfo", sessionKey=room["accessCode"]).ok()
    assert (told.value("isPersonalMeetingRoom"), told.value("status")) == ("true", "INPROGRESS")
    opened = site.client().call("ep.LstOpenSession", serviceType="MeetingCenter").ok()
    assert room["accessCode"] in opened.text
    # When the owner is away, newcomers wait; who is in stays.
    owner.say("leave")
    owner.closed()
    late.knock("host1")
    assert late.enter()["reason"] == "host"
    guest.sync()
    guest.say("claim", key="0000000")
    assert guest.until("refused")["code"] == "host-key"
    guest.say("claim", key=room["hostPIN"])
    assert guest.until("allowed")["rights"]["host"]
    assert late.until("welcome")["type"] == "welcome"


def test_a_room_can_be_used_again_and_again(site: TestSite, visitors: list[Visitor]) -> None:
    for owner in visitors[:2]:
        owner.sign_in(site)
        owner.knock("host1")
        owner.enter("Grace")
        owner.say("end")
        owner.closed()
        site.server.clock.ahead += 3 * 86_400
    assert visitors[0].key == visitors[1].key
    room_of(site, title="The <i>corner</i> office")
    visitors[2].knock("host1")
    site.client().call("meeting.LstsummaryMeeting").failed("000015")
    told = site.client().call("ep.GetSessionInfo", sessionKey=visitors[2].key).ok()
    assert told.value("metaData/confName") == "The <i>corner</i> office"


def test_whom_the_owner_names_may_start(site: TestSite, visitors: list[Visitor]) -> None:
    second = site.client("host2").call("user.GetUser", webExId="host2").ok().value("email") or ""
    other = visitors[0]
    other.sign_in(site, "host2")
    other.knock("host1")
    assert other.enter("Else")["reason"] == "host"
    room_of(
        site,
        PMRAlternateHost=True,
        alternateHost={"allowAnyoneHostMyPMR": False, "hosts": {"host": [{"email": second}]}},
    )
    named = visitors[1]
    named.sign_in(site, "host2")
    named.knock("host1")
    assert named.enter("Named")["rights"]["host"]


def test_rooms_that_are_not_there(site: TestSite, visitors: list[Visitor]) -> None:
    for path in ("meet/nobody", "meet/" + "x" * 300, "meet/%00", "meet/../host1"):
        assert visitors[0].http.get(address(site, path)).status_code == 404
    assert visitors[0].http.post(address(site, "meet/nobody")).status_code == 404
    site.client("admin").call("user.SetUser", webExId="host1", privilege={"isEnablePMR": False}).ok()
    assert visitors[0].http.get(address(site, "meet/host1")).status_code == 404


def test_the_short_address_leads_to_the_room_or_asks_which(tmp_path: Path) -> None:
    server = Server(None, tmp_path).start()  # of its own: a short address looks at so many sites only
    try:
        site, other = server.new_site(), server.new_site()
        site.client().call("user.SetUser", webExId="host1", personalUrl="only-here").ok()
        with httpx.Client(follow_redirects=True) as browser:
            answer = browser.get(room_of(site)["personalMeetingRoomURL"])
            assert str(answer.url) == address(site, "meet/only-here")
            answer = browser.get(f"{server.url}/meet/host2")
            assert f"/{site.name}/meet/host2" in answer.text
            assert f"/{other.name}/meet/host2" in answer.text
            assert browser.get(f"{server.url}/meet/nobody-at-all").status_code == 404
    finally:
        server.stop()


def test_with_host_names_the_short_address_asks_no_other_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_rooms, "_MOST_SITES", 1)
    server = Server(None, tmp_path, public_url="http://{site}.example").start()
    try:
        for site in sorted((server.new_site() for _ in range(3)), key=lambda each: each.name):
            with httpx.Client(headers={"Host": f"{site.name}.example"}) as browser:
                answer = browser.get(f"{server.url}/meet/host2")
            leads_to = f"http://{site.name}.example/{site.name}/meet/host2"
            assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    finally:
        server.stop()


# ---- links of hosts ---------------------------------------------------------------------------------------------


def start(guest: Guest, link: str) -> dict[str, Any]:
    """Start by a link; the first that one is told in the room."""
    page = guest.http.get(link)
    assert "You are a host of this meeting" in page.text
    guest.open(link if "MTID" in link else str(page.url))
    return guest.enter("Whoever")


def host_link(site: TestSite, key: str) -> str:
    """The host's own link of a meeting, as the calendar file has it."""
    answer = site.client("host2").call("meeting.SetMeeting", meetingkey=key).ok()
    return answer.value("iCalendarURL/host") or ""


def scheduled_for_host1(site: TestSite) -> str:
    """A meeting of host1 that host2 has scheduled; its key."""
    values = {
        "metaData": {"confName": "For another"},
        "schedule": {"startDate": "01/01/2031 10:00:00", "hostWebExID": "host1"},
    }
    return site.client("host2").call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""


def test_who_scheduled_for_somebody_else_starts(site: TestSite) -> None:
    key = scheduled_for_host1(site)
    link = site.client("host2").call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    guest = Guest(site, key)
    assert start(guest, link)["rights"]["host"]
    guest.close()


def test_an_alternate_host_starts(site: TestSite) -> None:
    email = site.client("host2").call("user.GetUser", webExId="host2").ok().value("email") or ""
    people = {"attendees": {"attendee": [{"person": {"name": "Host Two", "email": email}, "role": "HOST"}]}}
    key = schedule(site, participants=people)
    link = site.client("host2").call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    guest = Guest(site, key)
    assert start(guest, link)["rights"]["host"]
    guest.close()


def test_old_links_of_a_meeting_whose_host_has_changed(site: TestSite) -> None:
    key = scheduled_for_host1(site)
    old_start, link = start_link(site, key), host_link(site, key)
    with httpx.Client(follow_redirects=True, headers={"Accept": "text/html"}) as stranger:
        page = stranger.get(link)
        assert "This is the link of the host" in page.text
    change = {"meetingkey": key, "schedule": {"hostWebExID": "host2"}}
    site.client("host2").call("meeting.SetMeeting", change).ok()
    old = Guest(site, key)
    page = old.http.get(old_start)
    assert page.status_code == 403
    assert "you are not a host" in page.text
    page = old.http.get(link)
    assert page.status_code == 200
    assert "You are a host" not in page.text
    assert re.search('<button class="button">Join</button>', page.text)
    old.open(link)
    assert old.enter("Old")["reason"] == "host"
    new = Guest(site, key)
    fresh = site.client("host2").call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    assert start(new, fresh)["rights"]["host"]
    assert "You are a host" in new.http.get(link).text
    assert not old.until("welcome")["rights"]["host"]
    for each in (old, new):
        each.close()
