"""An event marketing tool: programs, events with forms of their own, approval by rules, registrations, invitations.

It writes and reads XML as text, and fills in the registration page as a browser does: it opens the link, takes the
names of the fields from the page, and posts them.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit

from tests.clients.dialects import Elements
from tests.clients.meeting_program import GMT, Program, blocks, date, text, texts

#: The form of its events: standard fields, and a question of each of the four kinds.
FORM: Elements = [
    ("standardFields", [("company", [("incl", "TRUE"), ("req", "TRUE")]), ("futureInfo", [("incl", "TRUE")])]),
    (
        "customFields",
        [
            ("textBox", [("req", "TRUE"), ("label", "Why do you come?"), ("type", "MULTI_LINE"), ("index", "1")]),
            (
                "checkBoxGroup",
                [
                    ("req", "FALSE"),
                    ("label", "Interests"),
                    ("checkBox", [("label", "Price"), ("score", "2")]),
                    ("checkBox", [("label", "Service"), ("score", "0.5"), ("state", "SELECTED")]),
                    ("index", "2"),
                ],
            ),
            (
                "optionButtonGroup",
                [
                    ("req", "TRUE"),
                    ("label", "Budget"),
                    ("choice", [("label", "small"), ("score", "1")]),
                    ("choice", [("label", "large"), ("score", "10")]),
                    ("index", "3"),
                ],
            ),
            (
                "dropDownGroup",
                [
                    ("req", "FALSE"),
                    ("label", "Country"),
                    ("choice", [("label", "here")]),
                    ("choice", [("label", "abroad")]),
                    ("index", "4"),
                ],
            ),
        ],
    ),
]
#: The number of the e-mail address, and those of the own questions in the order in which they are sent.
EMAIL, WHY, INTERESTS, BUDGET, COUNTRY = "-13", "1", "2", "3", "4"


@dataclass(frozen=True)
class Rule:
    """A rule on registrations: the field, what it looks for there, and whether it approves or refuses."""

    field: str
    condition: str
    query: str
    action: str

    def elements(self) -> Elements:
        """The rule as the API has it."""
        return [
            ("enrollFieldID", self.field),
            ("condition", self.condition),
            ("queryField", self.query),
            ("action", self.action),
        ]


@dataclass(frozen=True)
class Lead:
    """Somebody who registered, as the tool keeps him."""

    email: str
    status: str
    score: float
    source: str
    answers: dict[str, str]


@dataclass(frozen=True)
class Figures:
    """What a list says of an event."""

    key: str
    name: str
    panelists: str
    registered: int
    accepted: int
    sources: dict[str, int]


class Marketing:
    """What the tool asks of the API with the account of its host.

    Args:
        program: the connection, signed in.
    """

    def __init__(self, program: Program) -> None:
        self._call = program.call

    def programs(self) -> dict[str, str]:
        """Names and numbers of the programs."""
        answer = self._call("event.LstsummaryProgram", [("order", [("orderBy", "PROGRAMNAME"), ("orderAD", "ASC")])])
        return dict(zip(texts(answer, "event:programName"), texts(answer, "event:programID"), strict=True))

    def create_event(self, name: str, start: datetime, program_id: str, rules: Sequence[Rule]) -> str:
        """Schedule an event of a program with the form and these rules; its key."""
        answer = self._call(
            "event.CreateEvent",
            [
                ("accessControl", [("listing", "PUBLIC"), ("sessionPassword", "Sell-more-1")]),
                ("metaData", [("sessionName", name), ("description", "<b>All new</b>"), ("programID", program_id)]),
                ("schedule", [("startDate", date(start)), ("timeZoneID", GMT), ("duration", "90")]),
                ("panelists", [("panelistsInfo", "Two who know")]),
                ("attendees", [("attendee", [("name", "Old Friend"), ("email", "friend@leads.example")])]),
                ("extOptions", [("registration", "TRUE"), ("emailInvitations", "FALSE")]),
                (
                    "enrollment",
                    [
                        ("approvalReq", "TRUE"),
                        ("approvalRules", [("rule", rule.elements()) for rule in rules]),
                        ("endURLAfterEnroll", "https://shop.example/thanks"),
                    ],
                ),
                ("enrollmentForm", FORM),
            ],
        )
        return text(answer, "event:sessionKey")

    def add_panelists(self, key: str, people: Sequence[tuple[str, str]]) -> None:
        """Set who speaks: names and addresses."""
        panelists: Elements = [("panelist", [("name", name), ("email", email)]) for name, email in people]
        self._call("event.SetEvent", [("sessionKey", key), ("panelists", panelists)])

    def read(self, key: str) -> str:
        """The answer of GetEvent."""
        return self._call("event.GetEvent", [("sessionKey", key)])

    def register(self, key: str, people: Sequence[Mapping[str, str]]) -> list[str]:
        """Register people who asked by telephone; their attendee numbers."""
        content: Elements = [
            ("attendees", [("person", list(each.items())), ("joinStatus", "REGISTER"), ("sessionKey", key)])
            for each in people
        ]
        return texts(self._call("attendee.RegisterMeetingAttendee", content), "att:attendeeID")

    def decide(self, key: str, email: str, status: str) -> None:
        """ACCEPT or REJECT somebody on whom no rule decided, and tell him."""
        answer: Elements = [("joinStatus", status), ("emailInvitations", "TRUE"), ("sessionKey", key)]
        person: Elements = [("person", [("email", email)]), *answer]
        self._call("attendee.RegisterMeetingAttendee", [("attendees", person)])

    def invite(self, key: str) -> list[str]:
        """Send the invitations; who got one."""
        answer = self._call(
            "event.SendInvitationEmail", [("sessionKey", key), ("attendees", "TRUE"), ("panelists", "TRUE")]
        )
        return sorted(texts(answer, "event:deliveredEmail"))

    def registration_page(self, key: str) -> str:
        """The link to the registration page."""
        return text(self._call("ep.GetSessionInfo", [("sessionKey", key)]), "ep:registrationURL")

    def leads(self, key: str) -> list[Lead]:
        """Who registered, and what they filled in."""
        answer = self._call("attendee.GetEnrollmentInfo", [("sessionKey", key)])
        return [_lead(row) for row in blocks(answer, "att:attendee")]

    def figures(self, program_id: str) -> list[Figures]:
        """The events of a program with their figures."""
        answer = self._call(
            "event.LstsummaryEvent",
            [
                ("listControl", [("startFrom", "1"), ("maximumNum", "75"), ("listMethod", "AND")]),
                ("order", [("orderBy", "STARTTIME"), ("orderAD", "ASC")]),
                ("programID", program_id),
                ("attendeeStats", "TRUE"),
            ],
        )
        return [_figures(row) for row in blocks(answer, "event:event")]


def _lead(row: str) -> Lead:
    labels, values = texts(row, "att:label"), texts(row, "att:value")
    return Lead(
        email=text(row, "att:email"),
        status=text(row, "att:status"),
        score=float(text(row, "att:leadScore")),
        source=text(row, "att:leadSourceID"),
        answers=dict(zip(labels, values, strict=True)),
    )


def _figures(row: str) -> Figures:
    counts = map(int, texts(row, "event:count"))
    return Figures(
        key=text(row, "event:sessionKey"),
        name=text(row, "event:sessionName"),
        panelists=text(row, "event:panelists"),
        registered=int(text(row, "event:estEnrollment")),
        accepted=int(text(row, "event:estAttendance")),
        sources=dict(zip(texts(row, "event:leadSourceID"), counts, strict=True)),
    )


# --- the registration page -------------------------------------------------------------------------------------------


@dataclass
class Form:
    """The form of a page, as a browser has it before anybody types.

    Attributes:
        names: of the fields, by what stands beside them; choices of a drop-down list by their own text.
        values: what is sent for a tick, a button or a choice, by the same.
        filled: what would be sent at once.
    """

    action: str = ""
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    filled: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Finds the form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.form = Form()
        self._labels: dict[str, str] = {}  # by the id of the field
        self._said = ""
        self._field: tuple[str, str] | None = None
        self._for = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        given = dict(attrs)
        if tag == "form":
            self.form.action = values.get("action", "")
        elif tag == "label":
            self._said, self._for, self._field = "", values.get("for", ""), None
        elif tag == "select":
            self._select = values["name"]
            self.form.names[self._labels.get(values.get("id", ""), "")] = self._select
        elif tag == "option":
            self._said, self._field = "", (self._select, values.get("value", ""))
            if "selected" in given:
                self.form.filled[self._select] = values.get("value", "")
        elif tag in ("input", "textarea") and "name" in values:
            self._input(values, given)

    def _input(self, values: dict[str, str], given: Mapping[str, str | None]) -> None:
        kind, name = values.get("type", "text"), values["name"]
        if kind in ("checkbox", "radio"):
            self._field = (name, values.get("value", "on"))
            if "checked" in given:
                self.form.filled[name] = values.get("value", "on")
            return
        self.form.filled[name] = values.get("value", "")
        if kind != "hidden":
            self.form.names[self._labels.get(values.get("id", ""), "")] = name

    def handle_data(self, data: str) -> None:
        self._said += data

    def handle_endtag(self, tag: str) -> None:
        said = " ".join(self._said.replace("(optional)", "").split())
        if tag == "label" and self._for:
            self._labels[self._for] = said
        if tag in ("label", "option") and self._field:
            self.form.names[said], self.form.values[said] = self._field
            self._field = None


class Browser:
    """Opens the registration page and sends it, as somebody who came by a link of a campaign.

    Args:
        link: of the page.
        source: what the campaign's links say (SourceID).
    """

    def __init__(self, link: str, source: str = "") -> None:
        self._link = f"{link}&SourceID={source}" if source else link
        reader = _Reader()
        _, page = _open(urllib.request.Request(self._link))
        reader.feed(page)
        self.form = reader.form

    def send(self, texts_: Mapping[str, str], taken: Sequence[str] = ()) -> tuple[int, str]:
        """Fill in fields by their labels, take choices by theirs, and send; status and page."""
        form = dict(self.form.filled)
        form |= {self.form.names[label]: value for label, value in texts_.items()}
        form |= {self.form.names[label]: self.form.values[label] for label in taken}
        parts = urlsplit(self._link)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": self._link}
        to = urljoin(self._link, self.form.action)
        return _open(urllib.request.Request(to, urlencode(form).encode(), headers))


def _open(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode("utf-8")
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode("utf-8")
