"""A week in the life of a site: every mail of it arrives once, at whom it is for and nobody else."""

from __future__ import annotations

import email
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import icalendar
import pytest

from parley.store import outbox
from tests.client import Client
from tests.mail.smtp import MailServer
from tests.server import Server, TestSite
from tests.services.events import create_event, person
from tests.services.meetings import attendee, create

HOUR = 3600
DAY = 24 * HOUR
#: Recipient, and what the mail is about, for each mail of the week.
Told = tuple[str, str]


class Week:
    """A site whose server delivers to a mail server, and whose clock jumps."""

    def __init__(self, server: Server, smtp: MailServer) -> None:
        self.server, self.smtp = server, smtp
        self.site: TestSite = server.new_site()
        self.begun = server.clock.now()
        self.expected: Counter[Told] = Counter()
        self.host1, self.host2 = (f"host{number}@{self.site.name}.example" for number in (1, 2))

    def client(self, name: str = "host1") -> Client:
        return self.site.client(name)

    def at(self, day: int, hour: int, minute: int = 0) -> str:
        """A date of the week (day 0 is today) as the API writes it, in GMT."""
        return self._date(day).strftime(f"%m/%d/%Y {hour:02d}:{minute:02d}:00")

    def _date(self, day: int) -> datetime:
        return datetime.fromtimestamp(self.begun, UTC) + timedelta(days=day)

    def expect(self, kind: str, *recipients: str, times: int = 1) -> None:
        for each in recipients:
            self.expected[kind, each] += times

    def go_to(self, day: int, hour: int, minute: int = 0) -> None:
        """Let time pass, stopping where the clock of a real server would find something due, until all is delivered."""
        target = int(self._date(day).replace(hour=hour, minute=minute, second=0).timestamp())
        while (now := self.server.clock.now()) < target:
            self.settle()
            due = self.server.run(outbox.next_due(self.server.application.engine, self.site.site_id, now))
            next_stop = target if due is None else max(now + 1, min(due, target))
            self.server.clock.ahead += next_stop - now
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is due any more."""
        engine, deadline = self.server.application.engine, time.monotonic() + 60
        while True:
            count, _ = self.server.run(outbox.queued(engine, self.site.site_id, self.server.clock.now()))
            if not count:
                return
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def rows(self) -> list[outbox.Message]:
        return self.server.run(outbox.newest(self.server.application.engine, self.site.site_id, maximum=1000))

    def mails(self) -> list[tuple[str, Mail]]:
        """What arrived: recipient and mail."""
        found = []
        for envelope in self.smtp.box.taken:
            assert isinstance(envelope.content, bytes)
            (recipient,) = envelope.rcpt_tos
            found.append((recipient, email.message_from_bytes(envelope.content)))
        return found


@pytest.fixture(params=["sqlite", "postgres"])
def week(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Week]:
    address: str = request.getfixturevalue(f"{request.param}_database")
    database = address if request.param == "postgres" else None
    with MailServer() as smtp:
        server = Server(database, tmp_path, mail_delivery=True, smtp=smtp.address).start()
        try:
            made = Week(server, smtp)
            # The week begins in the morning.
            server.clock.ahead = int(made._date(1).replace(hour=6, minute=0, second=0).timestamp()) - made.begun
            made.begun = server.clock.now()
            yield made
        finally:
            server.stop()


def test_all_mails_of_a_week_arrive_once(week: Week) -> None:
    accounts(week)
    meetings(week)
    series(week)
    event(week)
    week.go_to(7, 20)
    rows = week.rows()
    assert Counter((row.kind, row.recipient) for row in rows) == week.expected
    assert {row.state for row in rows} == {"sent"}
    arrived = week.mails()
    assert len({mail["Message-ID"] for _, mail in arrived}) == len(arrived) == len(rows)
    assert Counter(recipient for recipient, _ in arrived) == Counter(row.recipient for row in rows)
    for recipient, mail in arrived:
        assert recipient in mail["To"]
        assert mail["X-Parley-Site"] == week.site.name
    check_calendars(arrived)


def accounts(week: Week) -> None:
    admin = week.client("admin")
    values = {
        "webExId": "ada",
        "firstName": "Ada",
        "lastName": "Byron",
        "email": "ada@people.example",
        "password": "Kp7-mistral-Q",
        "privilege": {"host": True},
        "active": "ACTIVATED",
    }
    admin.call("user.CreateUser", {**values, "sendWelcome": True}).ok()
    week.expect("user.welcome", "ada@people.example")
    quiet = {"webExId": "bob", "email": "bob@people.example"}
    admin.call("user.CreateUser", {**values, **quiet}).ok()  # nobody asked for a welcome
    admin.call("user.SetUser", {"webExId": "ada", "security": {"resetPassword": True}}).ok()
    week.expect("user.password_reset", "ada@people.example")


def meetings(week: Week) -> None:
    """Single meetings: with and without invitations, moved, cancelled, with reminders."""
    client = week.client()
    people = [attendee(f"{name}@people.example") for name in ("ann", "ben")]
    reminded = {"enableReminder": True, "sendEmail": True, "hoursAhead": 2}
    key = create(
        client,
        "Kick-off",
        schedule={"startDate": week.at(2, 10)},
        participants={"attendees": {"attendee": people}},
        attendeeOptions={"emailInvitations": True},
        remind=reminded,
    )
    week.expect("session.scheduled", week.host1)
    week.expect("session.invitation", "ann@people.example", "ben@people.example")
    # Nobody is invited by mail: only the host hears of it, and one who is invited by his own element.
    own = [attendee("cat@people.example", emailInvitations=True), attendee("dan@people.example")]
    other = create(
        client,
        "Quiet",
        schedule={"startDate": week.at(3, 10)},
        participants={"attendees": {"attendee": own}},
        remind={"enableReminder": True, "sendEmail": False, "hoursAhead": 1},
    )
    week.expect("session.scheduled", week.host1)
    week.expect("session.invitation", "cat@people.example")
    gone = create(
        client,
        "Never mind",
        schedule={"startDate": week.at(2, 12)},
        participants={"attendees": {"attendee": people}},
        attendeeOptions={"emailInvitations": True},
        remind={**reminded, "emails": {"email": ["team@people.example", "team@people.example"]}},
    )
    week.expect("session.scheduled", week.host1)
    week.expect("session.invitation", "ann@people.example", "ben@people.example")
    week.go_to(1, 9)
    # Moved to another day: the old reminder is gone, the new one comes.
    client.call("meeting.SetMeeting", {"meetingkey": key, "schedule": {"startDate": week.at(3, 15)}}).ok()
    week.expect("session.rescheduled", week.host1, "ann@people.example", "ben@people.example")
    client.call("meeting.SetMeeting", {"meetingkey": key, "metaData": {"agenda": "Bring tea"}}).ok()
    client.call("meeting.DelMeeting", {"meetingKey": gone}).ok()
    week.expect("session.cancelled", week.host1, "ann@people.example", "ben@people.example")
    week.go_to(3, 16)
    week.expect("session.reminder", week.host1)
    client.call("ep.DelSession", {"sessionKey": other, "sendEmail": False}).ok()


def series(week: Week) -> None:
    """A series with an exception and a reminder to named addresses before each meeting."""
    client = week.client("host2")
    remind = {
        "enableReminder": True,
        "sendEmail": True,
        "minutesAhead": 30,
        "emails": {"email": ["team@people.example", "boss@people.example"]},
    }
    key = create(
        client,
        "Stand-up",
        schedule={"startDate": week.at(4, 9)},
        participants={"attendees": {"attendee": [attendee("eve@people.example", emailInvitations=True)]}},
        repeat={"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 4},
        remind=remind,
    )
    week.expect("session.scheduled", week.host2)
    week.expect("session.invitation", "eve@people.example")
    moved = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key}
    create(client, "Stand-up, later", schedule={"startDate": week.at(5, 17)}, repeat=moved, remind=remind)
    week.expect("session.scheduled", week.host2)
    week.expect("session.invitation", "eve@people.example")  # whoever comes to the series comes to this meeting of it
    week.go_to(4, 10)
    week.expect("session.reminder", "team@people.example", "boss@people.example", times=4)


def event(week: Week) -> None:
    """An event with registrations to decide on, and a reminder for who was accepted."""
    client = week.client()
    reminder = {"send": True, "sendDateTime": week.at(6, 7)}
    key = create_event(
        client,
        "Launch",
        schedule={"startDate": week.at(6, 10)},
        remind={"minutesAhead": 45},
        extOptions={"registration": True},
        emailTemplates={"reminderMsgs": {"firstReminder": reminder}},
        attendees={"attendee": [person("guest@people.example")]},
    )
    week.expect("session.scheduled", week.host1)
    for name, status in (("fay", "REGISTER"), ("gus", "REGISTER"), ("hal", "ACCEPT")):
        register(client, key, name, status)
    week.expect("registration.pending", "fay@people.example", "gus@people.example")
    week.expect("registration.received", week.host1, times=2)
    week.expect("registration.accepted", "hal@people.example")
    week.go_to(5, 8)
    register(client, key, "fay", "ACCEPT")
    register(client, key, "gus", "REJECT")
    register(client, key, "ida", "ACCEPT", mail=False)
    week.expect("registration.accepted", "fay@people.example")
    week.expect("registration.rejected", "gus@people.example")
    week.expect("session.reminder", week.host1)
    week.expect("session.reminder", *(f"{name}@people.example" for name in ("fay", "hal", "ida")))


def register(client: Client, key: str, name: str, status: str, *, mail: bool = True) -> None:
    someone: dict[str, Any] = {
        "person": {"firstName": name, "lastName": "Guest", "email": f"{name}@people.example"},
        "joinStatus": status,
        "emailInvitations": mail,
        "sessionKey": key,
    }
    client.call("attendee.RegisterMeetingAttendee", {"attendees": someone}).ok()


def check_calendars(arrived: list[tuple[str, Mail]]) -> None:
    """Invitation, move and cancellation of a meeting are one entry of the calendar, in this order."""
    seen: dict[str, list[tuple[int, str]]] = {}
    for recipient, mail in arrived:
        if recipient != "ann@people.example":
            continue
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                calendar = icalendar.Calendar.from_ical(payload)
                entry: Any = calendar.walk("VEVENT")[0]
                seen.setdefault(str(entry["UID"]), []).append((int(entry["SEQUENCE"]), str(calendar["METHOD"])))
                break
    assert sorted(list(dict.fromkeys(each))[-1][1] for each in seen.values()) == ["CANCEL", "REQUEST"]
    for each in seen.values():
        numbers = [number for number, _ in each]
        assert numbers == sorted(set(numbers))
