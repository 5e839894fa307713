"""What the tests of the console share: a person with a browser who fills in the forms of its pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx

from parley.services.site_changes import read_differences
from parley.store import audit
from tests.server import PASSWORD, TestSite

#: What browsers say of a form of the same site.
OWN = {"Sec-Fetch-Site": "same-origin"}


class _Forms(HTMLParser):
    """The forms of a page: where they go, and what they would send as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.searching: list[tuple[str, dict[str, str]]] = []
        self._list: str | None = None
        self._lines: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((values["action"], {}))
            if values.get("method", "get") == "get":
                self.searching.append(self.forms[-1])
            return
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and (values.get("type") != "checkbox" or "checked" in values):
            fields[values["name"]] = values.get("value", "")
        elif tag == "select":
            self._list = values["name"]
        elif tag == "option" and self._list is not None:
            if "selected" in values or self._list not in fields:
                fields[self._list] = values["value"]
        elif tag == "textarea" and "name" in values:
            self._lines = values["name"]
            fields[self._lines] = ""

    def handle_data(self, data: str) -> None:
        if self._lines is not None:
            self.forms[-1][1][self._lines] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._list = None
        elif tag == "textarea" and self._lines is not None:
            fields = self.forms[-1][1]
            fields[self._lines] = fields[self._lines].removeprefix("\n")
            self._lines = None


class Person:
    """Somebody with a browser."""

    def __init__(self, site: TestSite, web_ex_id: str | None = None, password: str = PASSWORD) -> None:
        self.site = site
        self.http = httpx.Client(timeout=30, follow_redirects=True, headers={"Accept": "text/html"})
        self.page = ""
        self.status = 0
        self.where = ""
        if web_ex_id is not None:
            self.sign_in(web_ex_id, password)

    def open(self, path: str = "") -> str:
        """Open a page of the console."""
        return self._keep(self.http.get(self.address(path)))

    def address(self, path: str = "") -> str:
        """The address of a page of the console."""
        return f"{self.site.server.url}/{self.site.name}/console/{path}"

    def sign_in(self, name: str, password: str = PASSWORD) -> str:
        """Fill in the form to sign in with."""
        self.open("sign-in")
        return self.send("sign-in", NAME=name, PASSWORD=password)

    def form(self, path: str) -> tuple[str, dict[str, str]]:
        """The form of the present page that goes to an address which ends so, and what is in it.

        Forms that change something come before those that only look for something.
        """
        parser = _Forms()
        parser.feed(self.page)
        forms = sorted(parser.forms, key=lambda each: each in parser.searching)
        return next(each for each in forms if each[0].partition("?")[0].endswith(f"/{path}"))

    def send(self, path: str, without: tuple[str, ...] = (), /, **values: str) -> str:
        """Send a form of the present page with these values; `without` are ticks that are taken out."""
        action, fields = self.form(path)
        sent = {name: value for name, value in (fields | values).items() if name not in without}
        return self._keep(self.http.post(f"{self.site.server.url}{action}", data=sent, headers=OWN))

    def post(self, path: str, headers: dict[str, str] | None = None, **values: Any) -> str:
        """Send values to an address as no form of ours would."""
        return self._keep(self.http.post(self.address(path), data=values, headers=OWN if headers is None else headers))

    def _keep(self, answer: httpx.Response) -> str:
        self.status, self.page = answer.status_code, answer.text
        self.where = answer.url.path.partition("/console/")[2]
        assert len(answer.content) < 100_000
        return html.unescape(self.page)

    @property
    def heading(self) -> str:
        """The heading of the present page."""
        found = re.search(r"<h1>(.*?)</h1>", self.page, re.DOTALL)
        return html.unescape(found[1]).strip() if found else ""

    @property
    def notice(self) -> str:
        """What the present page says once."""
        found = re.search(r'<p class="notice">(.*?)</p>', self.page)
        return html.unescape(found[1]) if found else ""

    def close(self) -> None:
        """Close the browser."""
        self.http.close()


#: How a test has somebody come: see the fixture `come`.
Come = Callable[..., Person]


def csrf_of(person: Person) -> str:
    """The secret of his forms; he goes to his profile for it."""
    person.open("profile")
    return person.form("profile")[1]["CSRF"]


def logged(site: TestSite) -> list[tuple[str, str, list[str]]]:
    """Who changed what from where, as the audit log has it, the last change first."""
    entries = site.server.run(audit.latest(site.server.application.engine, site.site_id))
    return [(each.author, each.origin, [one.name for one in read_differences(each)]) for each in entries]


def _in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).strftime("%m/%d/%Y %H:%M:%S")


def invited_series(site: TestSite, name: str) -> str:
    """A weekly series of host1 in an hour, with two people who are invited; its key."""
    people = [{"person": {"name": name, "email": email}} for name, email in _PEOPLE]
    values = {
        "metaData": {"confName": name},
        "accessControl": {"meetingPassword": "Secret77"},
        "schedule": {"startDate": _in_an_hour(), "duration": 45, "timeZoneID": 20},
        "repeat": {"repeatType": "WEEKLY", "afterMeetingNumber": 6},
        "participants": {"attendees": {"attendee": people}},
    }
    return site.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""


_PEOPLE = (("Ada Lovelace", "ada@example.com"), ("Charles Babbage", "charles@example.com"))


def asked_to_register(site: TestSite, name: str) -> str:
    """A meeting of host1 whose registrations he approves, with two that wait; its key."""
    values = {
        "metaData": {"confName": name},
        "schedule": {"startDate": _in_an_hour(), "duration": 45, "timeZoneID": 20},
        "attendeeOptions": {"registration": True, "auto": False},
    }
    key = site.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""
    people = [
        {"person": {"name": name, "email": email, "company": "Analytical"}, "sessionKey": key, "joinStatus": "REGISTER"}
        for name, email in _PEOPLE
    ]
    site.client().call("attendee.RegisterMeetingAttendee", attendees=people).ok()
    return key
