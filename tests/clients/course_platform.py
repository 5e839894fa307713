"""A learning platform that runs a course: it schedules the training, has people register, gives them a test, and reads
what they answered and how they did.

It says the least of every request, as such platforms do, and reads what it needs by the local names of elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.client import Answer, Client
from tests.services.quizzes import (
    ANSWER,
    CAPITAL,
    ESSAY,
    NO_LIMITS,
    PRIMES,
    blank,
    choices,
    equal,
    item,
    on_site,
    quiz,
    rule,
)

#: Questions of every kind, ten in all. Right answers are worth 15 points, and up to 5 for the essay.
QUESTIONS: Final = (
    CAPITAL,
    PRIMES,
    ANSWER,
    ESSAY,
    item(
        "q5",
        "Put the strokes of an engine into order.",
        choices({"a": "Exhaust", "b": "Intake", "c": "Power"}, "Ordered"),
        rule(equal("b") + equal("c") + equal("a"), 2),
    ),
    item("q6", "Diesel engines have spark plugs.", choices({"T": "True", "F": "False"}), rule(equal("F"), 1)),
    item("q7", "What is the capital of Norway?", blank("String", maxchars=40), rule(equal("Oslo"), 2)),
    item(
        "q8",
        "Name the first and the last letter of the alphabet.",
        blank("String", "first") + blank("String", "last"),
        rule(equal("A", "first"), 1, "Add") + rule(equal("Z", "last"), 1, "Add"),
        ' minvalue="0" maxvalue="2"',
    ),
    item("q9", "How much is a half as a decimal?", blank("Decimal"), rule(equal("0.5"), 1)),
    item("q10", "Thank you for taking part. There is nothing to answer here."),
)


@dataclass(frozen=True)
class Person:
    """Somebody who takes a course."""

    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True)
class Result:
    """How somebody did in a test."""

    name: str
    score: str
    answers: list[str]
    unscored: int


class CoursePlatform:
    """The platform, with the account of a host."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def schedule(self, name: str, starts: list[str], zone: int, minutes: int, lab: str, computers: int) -> str:
        """A course of several sessions with computers of a lab; its key."""
        answer = self._call(
            "training.CreateTrainingSession",
            accessControl={"listing": "PUBLIC", "sessionPassword": "Secret12"},
            schedule={"startDate": starts, "timeZoneID": zone, "duration": minutes},
            metaData={"confName": name, "agenda": "Engines from the inside"},
            telephony={"telephonySupport": "NONE"},
            repeat={"repeatType": "MULTIPLE_SESSION", "occurenceType": "IRREGULARLY"},
            attendeeOptions={"registration": True, "auto": True, "maxRegistrations": 30},
            handsOnLab={"reserveHOL": True, "labName": lab, "numComputers": computers},
        )
        key = answer.value("sessionkey")
        assert key is not None
        return key

    def course(self, key: str) -> Answer:
        """The course as it is."""
        return self._call("training.GetTrainingSession", sessionKey=key)

    def registration_page(self, key: str) -> str:
        """Where people register for a course."""
        return self._call("meeting.GetjoinurlMeeting", sessionKey=key).value("registerMeetingURL") or ""

    def enrolled(self, key: str) -> dict[str, dict[str, str]]:
        """Who is registered, and what they filled in, by address."""
        found = {}
        for row in self._call("attendee.GetEnrollmentInfo", sessionKey=key).content.iterfind("{*}session/{*}attendee"):
            fields = {_name(each): each.text or "" for each in row.iterfind(".//{*}defaultFields/{*}*")}
            own = {each.findtext("{*}label") or "": each.findtext("{*}value") or "" for each in row.iter("{*}field")}
            found[fields["email"]] = fields | own
        return found

    def give_test(self, key: str, opens: str, due: str) -> str:
        """Put a test of ten questions to everybody who is registered; its number."""
        test_id = self._call("training.UploadIMStest", quiz(*QUESTIONS, grades=True)).value("testID")
        added = self._call("training.AddScheduledTest", sessionKey=key, testID=test_id).value("testID")
        delivery: dict[str, Any] = {
            **NO_LIMITS,
            **on_site(opens, due, invite=True, sendToRegister=True, notifySubmits=True),
        }
        self._call("training.SetScheduledTest", sessionKey=key, testID=added, **delivery)
        return added or ""

    def results(self, test_id: str) -> dict[str, Result]:
        """How everybody did who handed in a test, by address."""
        told = self._call("training.GetTestInformation", testID=test_id)
        found = {}
        for row in told.content.findall("{*}submittedTest"):
            email = row.findtext("{*}email") or ""
            whole = self._call("training.GetIMStestResult", testID=test_id, participantEmail=email)
            found[email] = Result(
                row.findtext("{*}name") or "",
                row.findtext("{*}score") or "",
                whole.all("response_value"),
                int(told.value("numSubmittedUnscored") or 0),
            )
        return found

    def lab_schedule(self, lab: str, start: str, end: str, zone: int) -> list[tuple[str, str, str]]:
        """When a lab is reserved for what, and how many computers."""
        answer = self._call(
            "training.GetLabSchedule", labName=lab, timeZoneID=zone, sessionStartTime=start, sessionEndTime=end
        )
        rows = ("confName", "sessionStartTime", "numComputers")
        return list(zip(*(answer.all(f"scheduledLabs/{name}") for name in rows), strict=True))

    def cancel(self, key: str) -> None:
        """Take a course off the calendar."""
        self._call("training.DelTrainingSession", sessionKey=key)

    def _call(self, operation: str, body: str | None = None, **values: Any) -> Answer:
        return self._client.call(operation, values if body is None else body).ok()


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
