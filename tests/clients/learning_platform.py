"""A learning platform that keeps its courses as series of meetings, written as such plug-ins are: XML as text.

A course is a series with registration. Students are enrolled fifty at a time, one lesson is moved, the platform shows
each student what he may see, reads the list of participants page by page, takes people off it by their addresses, and
cancels the course when nobody wants it any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.clients.dialects import Elements
from tests.clients.meeting_program import GMT, Program, Refused, blocks, date, text, texts

#: People that one call may enrol.
BLOCK = 50
NOTHING = "000015"
UNKNOWN = "060001"


@dataclass(frozen=True)
class Student:
    """Somebody who takes part in a course."""

    name: str
    email: str


@dataclass(frozen=True)
class Lesson:
    """One meeting of a course as a list shows it."""

    key: str
    name: str
    start: str
    moved: bool


@dataclass(frozen=True)
class Enrolled:
    """A row of the list of participants."""

    attendee_id: str
    register_id: str
    email: str
    status: str


class Platform:
    """What the platform does with the account of a teacher, or of a student who looks.

    Args:
        program: the connection, signed in.
    """

    def __init__(self, program: Program) -> None:
        self._call = program.call

    # --- the teacher's ---------------------------------------------------------------------------------------------

    def create_course(self, name: str, first: datetime, lessons: int) -> str:
        """Schedule a lesson on every day, for which students register; the key."""
        answer = self._call(
            "meeting.CreateMeeting",
            [
                ("accessControl", [("meetingPassword", "Learn-12"), ("isPublic", "FALSE"), ("listToPublic", "TRUE")]),
                ("metaData", [("confName", name), ("agenda", "<Chapters> 1 & 2")]),
                ("schedule", [("startDate", date(first)), ("timeZoneID", GMT), ("duration", "45")]),
                ("repeat", [("repeatType", "DAILY"), ("interval", "1"), ("afterMeetingNumber", str(lessons))]),
                ("attendeeOptions", [("registration", "TRUE"), ("auto", "TRUE"), ("emailInvitations", "FALSE")]),
                ("telephony", [("telephonySupport", "NONE")]),
            ],
        )
        return text(answer, "meet:meetingkey")

    def enrol_at_once(self, key: str, students: Sequence[Student]) -> list[tuple[str, str]]:
        """Enrol students with one call; attendee number and registration number of each."""
        content: Elements = [
            (
                "attendees",
                [
                    ("person", [("name", each.name), ("email", each.email), ("type", "VISITOR")]),
                    ("joinStatus", "ACCEPT"),
                    ("role", "ATTENDEE"),
                    ("emailInvitations", "TRUE"),
                    ("sessionKey", key),
                ],
            )
            for each in students
        ]
        answer = self._call("attendee.RegisterMeetingAttendee", content)
        return list(zip(texts(answer, "att:attendeeID"), texts(answer, "att:registerID"), strict=True))

    def enrol(self, key: str, students: Sequence[Student]) -> list[tuple[str, str]]:
        """Enrol any number of students, as many at a time as one call takes."""
        found: list[tuple[str, str]] = []
        for first in range(0, len(students), BLOCK):
            found += self.enrol_at_once(key, students[first : first + BLOCK])
        return found

    def move_lesson(self, key: str, name: str, start: datetime) -> str:
        """Hold the lesson of this day at this time; the key of the meeting that takes its place."""
        answer = self._call(
            "meeting.CreateMeeting",
            [
                ("accessControl", [("meetingPassword", "Learn-12")]),
                ("metaData", [("confName", name)]),
                ("schedule", [("startDate", date(start)), ("timeZoneID", GMT), ("duration", "45")]),
                ("repeat", [("repeatType", "NO_REPEAT"), ("isException", "TRUE"), ("seriesMeetingKey", key)]),
            ],
        )
        return text(answer, "meet:meetingkey")

    def participants(self, key: str, page: int) -> Iterator[list[Enrolled]]:
        """The list of participants by address, page by page."""
        start, total = 1, 1
        while start <= total:
            answer = self._call(
                "attendee.LstMeetingAttendee",
                [
                    ("sessionKey", key),
                    ("listControl", [("startFrom", str(start)), ("maximumNum", str(page)), ("listMethod", "AND")]),
                    ("order", [("orderBy", "EMAIL"), ("orderAD", "ASC")]),
                ],
            )
            total = int(text(answer, "serv:total"))
            rows = [_enrolled(each) for each in blocks(answer, "att:attendee")]
            yield rows
            start += int(text(answer, "serv:returned"))

    def remove(self, key: str, addresses: Sequence[str]) -> None:
        """Take people off the list by address."""
        content: Elements = [("attendeeEmail", [("email", address), ("sessionKey", key)]) for address in addresses]
        self._call("attendee.DelMeetingAttendee", [*content, ("sendEmail", "TRUE")])

    def cancel(self, key: str) -> str:
        """Cancel a course; whether it "was there" or was "gone" already, both of which are fine."""
        try:
            self._call("ep.DelSession", [("sessionKey", key), ("sendEmail", "TRUE")])
        except Refused as refused:
            if refused.code != UNKNOWN:
                raise
            return "gone"
        return "was there"

    # --- what a student sees ---------------------------------------------------------------------------------------

    def my_courses(self) -> list[str]:
        """The keys of what the account holds or is invited to, one row for each series."""
        return texts(self._listed("ep.LstsummarySession", [("invited", "TRUE")]), "ep:sessionKey")

    def my_meetings(self) -> list[str]:
        """The same by the older operation."""
        return texts(self._listed("meeting.LstsummaryMeeting", []), "meet:meetingKey")

    def my_lessons(self) -> list[Lesson]:
        """Every lesson that is still to come, moved ones in their place."""
        answer = self._listed("ep.LstsummarySession", [("invited", "TRUE"), ("recurrence", "TRUE")])
        return [
            Lesson(
                key=text(row, "ep:sessionKey"),
                name=text(row, "ep:confName"),
                start=text(row, "ep:startTime"),
                moved=text(row, "ep:isException") == "true",
            )
            for row in blocks(answer, "ep:session")
        ]

    def look_at(self, key: str) -> dict[str, str]:
        """What a session says of itself to this account."""
        answer = self._call("ep.GetSessionInfo", [("sessionKey", key)])
        names = ["status", "confName", "agenda", "registration", "registrationID", "joinStatus", "sessionPassword"]
        return {name: text(answer, f"ep:{name}") for name in [*names, "startDate", "attendeeRole", "hostKey"]}

    def _listed(self, operation: str, more: Elements) -> str:
        """The answer of a list; an empty text when nothing is found."""
        control: Elements = [("listControl", [("startFrom", "1"), ("maximumNum", "500"), ("listMethod", "AND")])]
        order: Elements = [("order", [("orderBy", "STARTTIME"), ("orderAD", "ASC")])]
        try:
            return self._call(operation, [*control, *order, *more])
        except Refused as refused:
            if refused.code != NOTHING:
                raise
            return ""


def _enrolled(row: str) -> Enrolled:
    return Enrolled(
        attendee_id=text(row, "att:attendeeId"),
        register_id=text(row, "att:registerID"),
        email=text(row, "com:email"),
        status=text(row, "att:joinStatus"),
    )
