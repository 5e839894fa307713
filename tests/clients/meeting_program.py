"""A program that schedules meetings, written as integrations are: it builds and reads XML as text, and knows no more.

It signs in, takes the first meeting type that it may hold, schedules a meeting, finds it among the upcoming ones, reads
and changes it, gets its links, opens them, and deletes it. How its documents look is up to a `Dialect`
(tests/clients/dialects.py), so that the same program speaks as tidily or untidily as the clients in the field.
"""

from __future__ import annotations

import html
import http.client
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from types import TracebackType
from urllib.parse import urlsplit

from tests.clients.dialects import Dialect, Elements, Request

GMT = "20"


class Refused(Exception):
    """The server answered FAILURE."""

    def __init__(self, code: str, reason: str, value: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason
        self.value = value


@dataclass
class Story:
    """What the program read on its way."""

    key: str = ""
    links: dict[str, str] = field(default_factory=dict)
    meeting_type: str = ""
    listed: list[str] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    after_deletion: str = ""


def texts(answer: str, name: str) -> list[str]:
    """The texts of all elements of this name; the prefix belongs to the name, as most clients have it."""
    return [html.unescape(found) for found in re.findall(rf"<{name}>([^<]*)</{name}>", answer)]


def text(answer: str, name: str) -> str:
    """The text of the first element of this name; empty when there is none."""
    return next(iter(texts(answer, name)), "")


def blocks(answer: str, name: str) -> list[str]:
    """What stands in each element of this name."""
    return re.findall(rf"<{name}>(.*?)</{name}>", answer, re.DOTALL)


def date(moment: datetime) -> str:
    """A moment as the API writes it, in GMT."""
    return moment.strftime("%m/%d/%Y %H:%M:%S")


class Program:
    """A client of one site.

    Args:
        address: of the server, such as http://127.0.0.1:8080.
        site: elements that name the site, as the dialect needs them: siteName, siteID, partnerID.
        user: webExID; empty for a program that does not sign in.
        watch: is shown every answer.
    """

    def __init__(
        self, address: str, site: dict[str, str], user: str, dialect: Dialect, watch: Callable[[bytes], None]
    ) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        self._site = site
        self._user = user
        self._proof: tuple[str, str] = ("password", "")
        self._dialect = dialect
        self._watch = watch

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def call(self, operation: str, content: Elements) -> str:
        """Send one operation, such as `meeting.CreateMeeting`, and give the answer's text.

        Raises:
            Refused: the answer is a FAILURE.
        """
        request = Request(operation, self._user, self._proof, self._site, content)
        method, path, headers, body = self._dialect.request(request)
        self._connection.putrequest(method, path)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(body)
        response = self._connection.getresponse()
        answered = response.read()
        if response.status != 200:
            raise ConnectionError(f"{response.status} {answered[:200]!r}")
        self._watch(answered)
        answer = answered.decode("utf-8")
        if "<serv:result>SUCCESS</serv:result>" not in answer:
            raise Refused(*(text(answer, f"serv:{name}") for name in ("exceptionID", "reason", "value")))
        return answer

    def sign_in(self, password: str) -> None:
        """Take a session ticket for the password; all later calls carry the ticket."""
        self._proof = ("password", password)
        self._proof = ("sessionTicket", text(self.call("user.AuthenticateUser", []), "use:sessionTicket"))

    def use_password(self, password: str) -> None:
        """Send the password with every call."""
        self._proof = ("password", password)

    def first_meeting_type(self) -> str:
        """The first meeting type that the user may hold."""
        answer = self.call("user.GetUser", [("webExId", self._user)])
        found = re.search(r"<use:meetingTypes><use:meetingType>(\d+)</use:meetingType>", answer)
        return found.group(1) if found else ""

    def schedule(self, name: str, start: datetime, meeting_type: str, password: str) -> tuple[str, dict[str, str]]:
        """Schedule a meeting; its key and calendar links."""
        answer = self.call(
            "meeting.CreateMeeting",
            [
                ("accessControl", [("meetingPassword", password), ("enforcePassword", "FALSE")]),
                ("metaData", [("confName", name), ("meetingType", meeting_type), ("agenda", "Points & questions")]),
                ("schedule", [("startDate", date(start)), ("timeZoneID", GMT), ("duration", "20")]),
                ("enableOptions", [("chat", "FALSE"), ("poll", "TRUE"), ("webTour", "True")]),
                ("telephony", [("telephonySupport", "NONE")]),
                (
                    "participants",
                    [("attendees", [("attendee", [("person", [("name", "Ann"), ("email", "ann@people.example")])])])],
                ),
            ],
        )
        links = re.search(r"<serv:host>([^<]*)</serv:host><serv:attendee>([^<]*)</serv:attendee>", answer)
        found = dict(zip(("host", "attendee"), map(html.unescape, links.groups()), strict=True)) if links else {}
        return text(answer, "meet:meetingkey"), found

    def upcoming(self, since: datetime) -> list[str]:
        """The keys of the meetings from now on, the next one first."""
        answer = self.call(
            "meeting.LstsummaryMeeting",
            [
                ("listControl", [("startFrom", "1"), ("maximumNum", "5"), ("listMethod", "AND")]),
                ("order", [("orderBy", "STARTTIME"), ("orderAD", "ASC")]),
                ("dateScope", [("startDateStart", date(since)), ("timeZoneID", GMT)]),
            ],
        )
        return texts(answer, "meet:meetingKey")

    def read(self, key: str) -> dict[str, str]:
        """What the program shows of a meeting."""
        answer = self.call("meeting.GetMeeting", [("meetingKey", key)])
        names = ["confName", "meetingkey", "startDate", "duration", "meetingLink", "meetingPassword", "agenda"]
        options = ["chat", "poll", "webTour"]
        return {name: text(answer, f"meet:{name}") for name in names + options} | {
            "invited": text(answer, "com:email"),
            "sipURL": text(answer, "meet:sipURL"),
        }

    def change(self, key: str, name: str, start: datetime) -> None:
        """Give a meeting another name, time and options."""
        self.call(
            "meeting.SetMeeting",
            [
                ("meetingkey", key),
                ("metaData", [("confName", name)]),
                ("schedule", [("startDate", date(start)), ("timeZoneID", GMT), ("duration", "45.0")]),
                ("enableOptions", [("chat", "TRUE")]),
            ],
        )

    def host_link(self, key: str) -> str:
        """The link with which the host starts."""
        return text(self.call("meeting.GethosturlMeeting", [("sessionKey", key)]), "meet:hostMeetingURL")

    def join_links(self, key: str, name: str, password: str) -> dict[str, str]:
        """The links for one person who joins, and for inviting others."""
        content: Elements = [("sessionKey", key), ("attendeeName", name), ("meetingPW", password)]
        answer = self.call("meeting.GetjoinurlMeeting", content)
        return {each: text(answer, f"meet:{each}MeetingURL") for each in ("join", "invite")}

    def delete(self, key: str) -> None:
        """Delete a meeting."""
        self.call("meeting.DelMeeting", [("meetingKey", key)])


def open_page(link: str) -> str:
    """The page behind a link, as a browser would show it: redirects and cookies are followed."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    browser.addheaders = [("Accept", "text/html,*/*;q=0.8")]
    with browser.open(link, timeout=30) as response:
        return html.unescape(response.read().decode("utf-8"))


def whole_story(program: Program, name: str, password: str) -> Story:
    """Everything from the first meeting type to the deletion of a meeting five minutes from now."""
    story = Story()
    now = datetime.now(UTC).replace(microsecond=0)
    story.meeting_type = program.first_meeting_type()
    story.key, story.links = program.schedule(name, now + timedelta(minutes=5), story.meeting_type, password)
    story.listed = program.upcoming(now)
    story.read = program.read(story.key)
    program.change(story.key, f"{name} (moved)", now + timedelta(minutes=7))
    story.changed = program.read(story.key)
    story.links |= program.join_links(story.key, "Ann & Bob", password)
    story.links |= {"start": program.host_link(story.key), "page": story.changed["meetingLink"]}
    story.pages = {kind: open_page(link) for kind, link in story.links.items()}
    program.delete(story.key)
    try:
        program.read(story.key)
    except Refused as refused:
        story.after_deletion = refused.code
    return story
