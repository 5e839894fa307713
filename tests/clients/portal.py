"""A portal that shows what is going on at a site to anybody: it signs in nowhere. XML as text.

Its calendar is filled from LstCalendarSession, occurrence by occurrence; the page of one session from GetSessionInfo,
with a password once the visitor has typed it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.clients.dialects import Elements
from tests.clients.meeting_program import GMT, Program, Refused, blocks, date, text

NOTHING = "000015"


@dataclass(frozen=True)
class Entry:
    """A line of the calendar."""

    key: str
    name: str
    start: str
    service: str
    host: str


@dataclass(frozen=True)
class Page:
    """What the portal shows of one session; parts that it is not told are empty.

    Attributes:
        told: names of all elements in the answer.
    """

    name: str
    start: str
    agenda: str
    host: str
    host_key: str
    password: str
    needs_password: bool
    told: frozenset[str]


class Portal:
    """What the portal asks a site; the program's connection must not be signed in."""

    def __init__(self, program: Program) -> None:
        self._call = program.call

    def calendar(self, since: datetime, until: datetime, page: int = 50, prefix: str = "") -> list[Entry]:
        """Everything between two days (GMT), by time."""
        return [entry for part in self._pages(since, until, page, prefix) for entry in part]

    def _pages(self, since: datetime, until: datetime, page: int, prefix: str) -> Iterator[list[Entry]]:
        start, total = 1, 1
        while start <= total:
            content: Elements = [
                ("recurrence", "TRUE"),
                ("listControl", [("startFrom", str(start)), ("maximumNum", str(page))]),
                ("order", [("orderBy", "STARTTIME"), ("orderAD", "ASC")]),
                (
                    "dateScope",
                    [("startDateStart", date(since)), ("startDateEnd", date(until)), ("timeZoneID", GMT)],
                ),
                ("confName", prefix),
            ]
            try:
                answer = self._call("ep.LstCalendarSession", content)
            except Refused as refused:
                if refused.code == NOTHING:
                    return
                raise
            total = int(text(answer, "serv:total"))
            yield [_entry(row) for row in blocks(answer, "ep:session")]
            start += int(text(answer, "serv:returned"))

    def show(self, key: str, password: str = "") -> Page:
        """The page of a session.

        Raises:
            Refused: there is no such session, or the password is wrong.
        """
        content: Elements = [("sessionPassword", password), ("sessionKey", key)]
        answer = self._call("ep.GetSessionInfo", content if password else content[1:])
        inside = answer.partition("<serv:body>")[2]
        names = {name for name in _elements(inside) if f"<{name}>" in inside}
        return Page(
            name=text(answer, "ep:confName"),
            start=text(answer, "ep:startDate"),
            agenda=text(answer, "ep:agenda"),
            host=text(answer, "ep:webExId") or text(answer, "ep:webExID"),
            host_key=text(answer, "ep:hostKey"),
            password=text(answer, "ep:sessionPassword"),
            needs_password=text(answer, "ep:passwordReq") == "true",
            told=frozenset(name.partition(":")[2] for name in names),
        )

    def everything(self) -> str:
        """The old way to a calendar: LstsummarySession without an account; its code when it is refused."""
        try:
            return self._call("ep.LstsummarySession", [("listControl", [("startFrom", "1"), ("maximumNum", "10")])])
        except Refused as refused:
            return refused.code


def _elements(text_: str) -> set[str]:
    return {part.partition(">")[0] for part in text_.split("<") if part and part[0] not in "/?"}


def _entry(row: str) -> Entry:
    return Entry(
        key=text(row, "ep:sessionKey"),
        name=text(row, "ep:confName"),
        start=text(row, "ep:startTime"),
        service=text(row, "ep:serviceType"),
        host=text(row, "ep:hostWebExID"),
    )
