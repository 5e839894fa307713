"""Every address that an answer of the API gives is opened as a browser opens it, and leads where it says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import pytest
from lxml import etree

from tests.client import Answer
from tests.server import Server, TestSite
from tests.services.events import create_event, encoded, picture, program
from tests.services.meetings import create, meeting
from tests.services.sales_sites import with_sales
from tests.services.test_labs import make_lab
from tests.services.test_user_cards import PNG, upload
from tests.services.trainings import create_training
from tests.web.test_pages import address

SECRET = {"accessControl": {"meetingPassword": "Secret12"}}
REGISTERS = {"attendeeOptions": {"registration": True, "auto": True}, **SECRET}


class Seen(NamedTuple):
    """What a browser shows after it followed all that it was told to follow."""

    status: int
    head: str
    text: str
    at: str


@dataclass
class Walk:
    """Collects the addresses of answers, and opens each. `wanted`: what the page of an element has to show."""

    site: TestSite
    found: list[tuple[str, str]] = field(default_factory=list)

    def call(self, operation: str, values: dict[str, Any] | None = None, caller: str = "host1", **more: Any) -> Answer:
        answer = self.site.client(caller).call(operation, values, **more).ok()
        name = operation.partition(".")[2]
        for element in answer.content.iter():
            text = (element.text or "").strip()
            if text.startswith(self.site.server.url):
                self.found.append((f"{name}/{etree.QName(element).localname}", text))
        return answer

    def take(self) -> dict[str, str]:
        """What was found since the last time, by operation and element."""
        found, self.found = dict(self.found), []
        return found


def visit(link: str, browser: httpx.Client | None = None) -> Seen:
    """Open a link; without `browser` as somebody who was never here."""
    client = browser or httpx.Client(timeout=30, headers={"Accept": "text/html,*/*;q=0.8"})
    try:
        page = client.get(link, follow_redirects=True)
        script = re.search(r'window\.location\.replace\("([^"]+)"\)', page.text)
        if script is not None:
            page = client.get(script[1].encode().decode("unicode_escape"), follow_redirects=True)
    finally:
        if browser is None:
            client.close()
    if page.headers["content-type"].startswith("image/"):
        return Seen(page.status_code, "picture", "", str(page.url))
    head = re.search("<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert "Traceback" not in page.text
    return Seen(page.status_code, html.unescape(head[1]).strip() if head else "", page.text, str(page.url))


def shows(link: str, head: str, *texts: str, status: int = 200) -> Seen:
    """The page behind a link has this heading and these texts."""
    seen = visit(link)
    assert (seen.status, seen.head) == (status, head), (link, seen.text)
    for text in texts:
        assert text in seen.text, (link, text)
    return seen


@pytest.fixture
def site(server: Server) -> Iterator[TestSite]:
    yield with_sales(server.new_site(generate_passwords=False))
    server.clock.ahead = 0


@pytest.fixture
def walk(site: TestSite) -> Walk:
    return Walk(site)


def test_the_links_of_a_meeting(walk: Walk) -> None:
    created = walk.call("meeting.CreateMeeting", _meeting("Größe & <b>Maß</b>"))
    key = created.value("meetingkey")
    for operation, values in (
        ("meeting.GetMeeting", {"meetingKey": key}),
        ("meeting.SetMeeting", {"meetingkey": key, "metaData": {"agenda": "Figures"}}),
        ("ep.GetSessionInfo", {"sessionKey": key}),
        ("meeting.GethosturlMeeting", {"meetingKey": key}),
        ("meeting.GetjoinurlMeeting", {"sessionKey": key}),
    ):
        walk.call(operation, values)
    links, name = walk.take(), "Größe & <b>Maß</b>"
    assert sorted(links) == [
        *("CreateMeeting/attendee", "CreateMeeting/host", "GetMeeting/meetingLink", "GetSessionInfo/displayMeetingUrl"),
        *("GetSessionInfo/meetingLink", "GethosturlMeeting/hostMeetingURL", "GetjoinurlMeeting/inviteMeetingURL"),
        *("GetjoinurlMeeting/joinMeetingURL", "SetMeeting/attendee", "SetMeeting/host"),
    ]
    host = shows(links.pop("GethosturlMeeting/hostMeetingURL"), name, "Start")
    assert f"AT=HM&MK={key}" in host.at
    for link in links.values():
        shows(link, name, "Join")
    # Whoever knows the link for hosts is none by that.
    assert "Start</button>" not in visit(links["CreateMeeting/host"]).text


def test_join_links_with_all_that_can_be_given(walk: Walk) -> None:
    quiet = {"accessControl": {"meetingPassword": "Secret12", "listToPublic": False, "isPublic": False}}
    key = create(walk.site.client(), "Quiet talk", **quiet)

    def joins(**values: str) -> str:
        walk.call("meeting.GetjoinurlMeeting", {"sessionKey": key, **values}, caller="attendee1")
        return walk.take()["GetjoinurlMeeting/joinMeetingURL"]

    by_number = joins()
    assert "Quiet talk" not in shows(by_number, "This meeting has a password").text
    form = {"AT": "SI", "MK": key, "PW": "Secret12"}
    posted = httpx.post(address(walk.site, "e.php"), data=form, headers={"Accept": "text/html"})
    assert (posted.status_code, "Quiet talk" in posted.text) == (200, True)
    named = joins(attendeeName="Ann & Söhne", attendeeEmail="ann+x@example.com")
    asked = shows(named, "This meeting has a password")
    assert 'name="AN" value="Ann &amp; Söhne"' in asked.text
    opened = shows(joins(attendeeName="Ann & Söhne", meetingPW="Secret12"), "Quiet talk", "Join")
    assert 'action="' in opened.text
    walk.site.client().call("meeting.GetjoinurlMeeting", sessionKey=key, meetingPW="wrong").failed("060026")
    shows(f"{named}&PW=wrong", "This meeting has a password", status=403)


def test_the_links_of_registration(walk: Walk) -> None:
    client, key = walk.site.client(), create(walk.site.client(), "For members", **REGISTERS)
    walk.call("meeting.GetjoinurlMeeting", {"sessionKey": key})
    walk.call("ep.GetSessionInfo", {"sessionKey": key})
    links = walk.take()
    shows(links["GetjoinurlMeeting/registerMeetingURL"], "For members", 'type="email"')
    shows(links["GetSessionInfo/registrationURL"], "For members", 'type="email"')
    shows(links["GetjoinurlMeeting/joinMeetingURL"], "For members", "Register")
    person = {"person": {"name": "Ann Lee", "email": "ann@example.com"}, "joinStatus": "ACCEPT", "sessionKey": key}
    number = client.call("attendee.RegisterMeetingAttendee", {"attendees": person}).ok().value("register/registerID")
    values = {"sessionKey": key, "attendeeName": "Ann Lee", "RegID": number}
    walk.call("meeting.GetjoinurlMeeting", values)
    link = walk.take()["GetjoinurlMeeting/joinMeetingURL"]
    shows(link, "For members", "Join")
    walk.call("meeting.GetjoinurlMeeting", {"sessionKey": key, "RegID": number})
    shows(walk.take()["GetjoinurlMeeting/joinMeetingURL"], "For members", "Join")
    other = create(client, "For others", **REGISTERS)
    shows(link.replace(key, other), "For others", "egistration", status=403)
    wrong = str(int(number or 0) + 1)
    shows(link.replace(f"RID={number}", f"RID={wrong}"), "For members", "egistration", status=403)
    client.call("meeting.GetjoinurlMeeting", {**values, "RegID": wrong}).failed("999999")


@pytest.mark.parametrize("service", ["event", "training", "support", "sales", "audio"])
def test_links_of_other_services_lead_to_their_sessions(walk: Walk, service: str) -> None:
    site, client = walk.site, walk.site.client()
    names = {"support": "Support session of Host1 Tester"}
    makers: dict[str, Callable[[], str | None]] = {
        "event": lambda: create_event(client, "event"),
        "training": lambda: create_training(client, "training"),
        "support": lambda: client.call("supportsession.CreateSupportSession", {}).ok().value("sessionKey"),
        "sales": lambda: walk.call("sales.CreateSalesSession", _meeting("sales", accessControl=None)).value(
            "meetingKey"
        ),
        "audio": lambda: (
            client.call(
                "meeting.auo.CreateTeleconferenceSession",
                {**_meeting("audio"), "accessControl": {"sessionPassword": "Secret12"}},
            )
            .ok()
            .value("sessionKey")
        ),
    }
    key = makers[service]()
    name = client.call("ep.GetSessionInfo", sessionKey=key).ok().value("metaData/confName") or names[service]
    for operation in ("meeting.GethosturlMeeting", "meeting.GetjoinurlMeeting", "ep.GetSessionInfo"):
        walk.call(operation, {"sessionKey": key})
    links = walk.take()
    assert f"AT=HM&MK={key}" in shows(links.pop("GethosturlMeeting/hostMeetingURL"), name).at
    calendar = {link: visit(link) for path, link in links.items() if path.startswith("CreateSalesSession")}
    assert len(calendar) == (2 if service == "sales" else 0)
    invited = shows(links["GetjoinurlMeeting/inviteMeetingURL"], name)
    assert site.name in invited.at
    for link in links.values():
        seen = visit(link)
        assert (seen.status, seen.head) == (200, name), (link, seen)


def test_start_links_are_good_once_and_for_their_host_only(walk: Walk) -> None:
    site, client = walk.site, walk.site.client()
    key = create(client, "Monday round")

    def start() -> str:
        walk.call("meeting.GethosturlMeeting", {"sessionKey": key})
        return walk.take()["GethosturlMeeting/hostMeetingURL"]

    link = start()
    with httpx.Client(timeout=30, headers={"Accept": "text/html"}) as browser:
        assert visit(link, browser).head == "Monday round"
        again = visit(start(), browser)  # the one who is signed in already
        assert (again.status, again.head) == (200, "Monday round")
    used = visit(link)
    assert (used.status, used.head) == (403, "This link is no longer good")
    late = start()
    site.server.clock.ahead += 3600
    assert visit(late).status == 403
    site.server.clock.ahead = 0
    other = create(site.client("host2"), "Theirs")
    client.call("meeting.GethosturlMeeting", sessionKey=other).failed("000001")
    foreign = start().replace(f"MK%3D{key}", f"MK%3D{other}")
    stranger = visit(foreign)
    assert (stranger.status, stranger.head) == (403, "Not your meeting")


def test_the_links_of_sign_in_and_sign_out(walk: Walk) -> None:
    back = address(walk.site, "")
    walk.call("user.GetloginurlUser", {"webExID": "host1", "backURL": back})
    walk.call("user.GetlogouturlUser", {"webExID": "host1", "backURL": back})
    links = walk.take()
    assert sorted(links) == ["GetloginurlUser/userLoginURL", "GetlogouturlUser/userLogoutURL"]
    key = create(walk.site.client(), "Quiet talk", accessControl={"listToPublic": False, "isPublic": False})
    own = address(walk.site, f"m.php?AT=HM&MK={key}")
    with httpx.Client(timeout=30, headers={"Accept": "text/html"}) as browser:
        came = visit(links["GetloginurlUser/userLoginURL"], browser)
        assert (came.status, came.head) == (200, walk.site.name), came.text
        assert visit(own, browser).head == "Quiet talk"
        went = visit(links["GetlogouturlUser/userLogoutURL"], browser)
        assert went.status == 200
        assert visit(own, browser).status == 403
    # The page that it was for is told what came of it.
    assert "ST=FAIL&RS=BadWebExIDorPassword" in visit(links["GetloginurlUser/userLoginURL"]).at


def test_the_links_of_deleted_sessions(walk: Walk) -> None:
    client = walk.site.client()
    for operation, name in (("meeting.DelMeeting", "meetingKey"), ("ep.DelSession", "sessionKey")):
        key = create(client, "Monday round")
        walk.call("meeting.GetjoinurlMeeting", {"sessionKey": key})
        walk.call("meeting.GethosturlMeeting", {"sessionKey": key})
        before = walk.take()
        walk.call(operation, {name: key})
        links = walk.take()
        assert len(links) == 2
        for link in links.values():
            shows(link, "Monday round", "cancelled")
        for path, link in before.items():
            seen = visit(link)
            assert (seen.status, seen.head) == (404, "Not found"), (path, seen)


def test_the_links_of_people_rooms_pictures_programs_and_labs(walk: Walk) -> None:
    site, client = walk.site, walk.site.client()
    upload(client, PNG).ok()
    upload(client, PNG, "HEADER")
    key = create_event(client, "Launch", metaData={"programID": program(site, "Spring")})
    client.call("event.UploadEventImage", {"sessionKey": key, "imageData": encoded(picture())})
    lab = make_lab(site)
    walk.call("user.GetUser", {"webExId": "host1"})
    walk.call("user.GetUserCard", {"webExId": "host1"})
    walk.call("event.LstsummaryProgram")
    walk.call("training.GetSetupComputerURL", {"labID": lab}, caller="admin")
    walk.call("ep.GetSessionInfo", {"sessionKey": key})
    links = walk.take()
    assert {path.partition("/")[0] for path in links} == {
        *("GetUser", "GetUserCard", "LstsummaryProgram", "GetSetupComputerURL", "GetSessionInfo"),
    }
    wanted = {
        "photoURL": "picture",
        "headerImageURL": "picture",
        "url": "picture",
        "imageURL": "picture",
        "personalMeetingRoomURL": "Host1 Tester's Personal Room",
        "programURL": "Spring",
        "SetupComputerURL": "Router lab",
        "meetingLink": "Launch",
        "displayMeetingUrl": "Launch",
    }
    for path, link in links.items():
        name = path.partition("/")[2]
        if name == "personalMeetingRoomURL":
            link = _of_site(site, link)
        shows(link, wanted[name])


@pytest.mark.parametrize(
    "path",
    [
        *("j.php?MTID=m00000000000000000000000000000000", "j.php?RGID=r00000000000000000000000000000000", "j.php"),
        *("e.php?AT=SI&MK=12345678901", "m.php?AT=HM&MK=12345678901", "m.php?AT=JM&MK=x", "e.php?AT=SI"),
        *("j.php?FGID=f00000000000000000000000000000000", "onstage/g.php?p=99999&t=m", "onstage/g.php?p=x"),
        *("lab/0000", "test/x.y", "picture/1/photo", "picture/x/photo", "event-image/none", "tests/123", "meet/nobody"),
        *("confirm-email?token=x", "x.php", "j.php?MTID=m%00", "e.php?AT=SI&MK=99999999999999999999999999"),
    ],
)
def test_links_to_nothing_give_a_clear_page(shared_site: TestSite, path: str) -> None:
    seen = visit(address(shared_site, path))
    assert seen.status in (200, 403, 404), seen
    assert seen.head, seen
    assert seen.status != 200 or path.startswith("confirm-email"), seen
    nowhere = visit(f"{shared_site.server.url}/no-such-site/{path}")
    assert (nowhere.status, nowhere.head) == (404, "Not found")


def test_links_of_one_site_lead_nowhere_on_another(walk: Walk) -> None:
    other = walk.site.server.new_site()
    walk.call("meeting.CreateMeeting", _meeting("Theirs"))
    key = create(walk.site.client(), "Theirs too", **REGISTERS)
    walk.call("meeting.GetjoinurlMeeting", {"sessionKey": key})
    walk.call("meeting.GethosturlMeeting", {"sessionKey": key})
    for link in walk.take().values():
        seen = visit(link.replace(walk.site.name, other.name))
        assert seen.status in (403, 404)
        assert "Theirs" not in seen.text


def _of_site(site: TestSite, link: str) -> str:
    """The room behind a short address; where several sites have a room of this name, people choose theirs."""
    seen = visit(link)
    if seen.head != "Which room?":
        return link
    assert f'/meet/{link.rpartition("/")[2]}"' in seen.text
    # The choice names the rooms of so many sites only, and the tests' server has more.
    return f"{site.server.url}/{site.name}/meet/{link.rpartition('/')[2]}"


def _meeting(name: str, **groups: Any) -> dict[str, Any]:
    return {key: value for key, value in {**meeting(name), **groups}.items() if value is not None}
