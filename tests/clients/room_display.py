"""The display at the door of a meeting room: asks every few seconds what its host has today and what is going on.

It keeps one connection and one ticket, and shows three words: what runs now, what comes next, and whether the room is
free. XML as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.clients.dialects import Elements
from tests.clients.meeting_program import GMT, Program, Refused, blocks, date, text

NOTHING = "000015"
OLD_TICKET = "030047"


@dataclass(frozen=True)
class Line:
    """A session of today on the display."""

    key: str
    name: str
    start: str
    status: str


@dataclass(frozen=True)
class Screen:
    """What the display shows.

    Attributes:
        today: the sessions of the day that are not over, by time.
        running: names of the host's sessions in progress, by the list of these.
    """

    today: tuple[Line, ...]
    running: tuple[str, ...]

    @property
    def headline(self) -> str:
        """The line in large letters."""
        if self.running:
            return f"now: {', '.join(self.running)}"
        return f"next: {self.today[0].name}" if self.today else "free"


class Display:
    """The display of one host's room.

    Args:
        program: the connection, signed in.
        host: webExID of the host.
        password: of the program's account; a display runs for longer than a ticket lives.
    """

    def __init__(self, program: Program, host: str, password: str) -> None:
        self._program = program
        self._host = host
        self._password = password
        self.renewed = 0

    def poll(self, now: datetime, until: datetime) -> Screen:
        """Ask once for what is not over now and begins before the end of the day (GMT)."""
        return Screen(tuple(self._today(now, until)), tuple(self.running()))

    def _today(self, now: datetime, until: datetime) -> list[Line]:
        scope: Elements = [("endDateStart", date(now)), ("startDateEnd", date(until)), ("timeZoneID", GMT)]
        answer = self._listed(
            "ep.LstsummarySession",
            [
                ("listControl", [("startFrom", "1"), ("maximumNum", "20"), ("listMethod", "AND")]),
                ("order", [("orderBy", "STARTTIME"), ("orderAD", "ASC")]),
                ("dateScope", scope),
                ("hostWebExID", self._host),
                ("recurrence", "TRUE"),
            ],
        )
        names = ("sessionKey", "confName", "startTime", "status")
        return [Line(*(text(row, f"ep:{name}") for name in names)) for row in blocks(answer, "ep:session")]

    def running(self) -> list[str]:
        """The host's sessions among those in progress that the account may know of."""
        rows = blocks(self._listed("ep.LstOpenSession", []), "ep:sessions")
        return [text(row, "ep:sessionName") for row in rows if text(row, "ep:hostWebExID") == self._host]

    def _listed(self, operation: str, content: Elements) -> str:
        """The answer of a list; an empty text when nothing is found."""
        try:
            return self._program.call(operation, content)
        except Refused as refused:
            if refused.code == OLD_TICKET:
                self._program.sign_in(self._password)
                self.renewed += 1
                return self._listed(operation, content)
            if refused.code != NOTHING:
                raise
            return ""
