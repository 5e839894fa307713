"""What sessions ask for in the way of reminders, and who is written to when one is due."""

from __future__ import annotations

import msgspec
import pytest

from parley.contract import meeting as meet
from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType
from parley.domain.dates import from_stored
from parley.domain.recurrence import Kind, Rule
from parley.domain.reminders import Whom, Wish
from parley.domain.session import Attendee, HostedSession
from parley.domain.timezones import to_utc
from parley.services import mails, reminders
from parley.services.reminders import rows_due, still_right, wishes_of
from parley.services.sessions.stored import StoredSession, write_document
from tests.store.builders import a_session

START = to_utc(from_stored("2027-03-01 10:00:00"), 20)
HOUR = 3600
AHEAD = 15 * 60


def remind(**values: object) -> meet.RemindType:
    return meet.RemindType(enable_reminder=True, **values)  # type: ignore[arg-type]  # the fields of the record


def test_nobody_is_reminded_unless_asked() -> None:
    assert wishes_of(None) == ()
    assert wishes_of(meet.RemindType(minutes_ahead=5)) == ()
    assert wishes_of(remind(), send_email=False) == ()


def test_the_host_is_reminded_where_no_address_is_named() -> None:
    for addresses in ((), ("nobody", " ", None)):
        assert wishes_of(remind(), addresses=addresses) == (Wish(Whom.HOST, AHEAD), Wish(Whom.MARKED, AHEAD))
    named = wishes_of(remind(hours_ahead=1), addresses=("a@x.example", " a@x.example ", "b@x.example"))
    assert named[0] == Wish(Whom.ADDRESSES, HOUR, addresses=("a@x.example", "b@x.example"))


def session(**columns: object) -> HostedSession:
    """A session at START, weekly for three weeks if it recurs."""
    rule = Rule(kind=Kind.WEEKLY, interval=1, days=(0,), after_meeting_number=3)
    stored = StoredSession(rule=rule) if columns.get("recurring") else StoredSession()
    plain = msgspec.structs.replace(
        a_session(1, 2),
        start_local="2027-03-01 10:00:00",
        time_zone_id=20,
        document=write_document(stored),
        **columns,
    )
    values = {name: getattr(plain, name) for name in plain.__struct_fields__}
    return HostedSession(**values, host_email="host@x.example")


def somebody(number: int, **columns: object) -> Attendee:
    person = AttendeeType(person=PersonType(email=f"p{number}@x.example", send_reminder=number == 9))
    document = msgspec.json.encode(person).decode()
    return Attendee(1, 5, number, f"p{number}@x.example", None, f"P{number}", document=document, **columns)  # type: ignore[arg-type]


PEOPLE = [
    somebody(1),
    somebody(2, join_status="ACCEPT"),
    somebody(3, join_status="ACCEPT", waiting=True),
    somebody(4, join_status="REJECT"),
    somebody(5, join_status="REGISTER"),
    somebody(6, role="PRESENTER"),
    somebody(7, role="HOST"),
    somebody(9),
]


def reminded(of: HostedSession, *wishes: Wish, at: int = START - HOUR, now: int | None = None) -> list[str]:
    """Whom the row that waits for `at` becomes mails to."""
    (waits,) = reminders.next_rows(of, wishes, at - 1, at - 1)
    assert waits.due_at == at
    rows = rows_due(waits, of, wishes, PEOPLE, now or at)
    found = [each for each in rows if each.kind != reminders.WAITING]
    for each in found:
        assert msgspec.json.decode(each.document, type=mails.Notice).starts_at == START
    return sorted(each.recipient or "" for each in found)


@pytest.mark.parametrize(
    ("whom", "registration", "who"),
    [
        (Whom.HOST, False, ["host"]),
        (Whom.ATTENDEES, False, ["p1", "p2", "p9"]),
        (Whom.ATTENDEES, True, ["p2"]),
        (Whom.PRESENTERS, True, ["p6", "p7"]),
        (Whom.MARKED, False, ["p9"]),
    ],
)
def test_who_is_written_to(whom: Whom, registration: bool, who: list[str]) -> None:
    of = session(registration=registration)
    assert reminded(of, Wish(whom, HOUR)) == [f"{each}@x.example" for each in who]


def test_nobody_is_written_to_twice_for_one_occurrence() -> None:
    wishes = (Wish(Whom.ADDRESSES, HOUR, addresses=("P9@x.example", "team@x.example")), Wish(Whom.MARKED, HOUR))
    assert reminded(session(), *wishes) == ["P9@x.example", "team@x.example"]


def test_what_began_is_not_announced() -> None:
    assert reminded(session(), Wish(Whom.HOST, HOUR), now=START) == []


def test_each_meeting_of_a_series_has_its_reminder() -> None:
    wish, week = Wish(Whom.HOST, HOUR), 7 * 24 * HOUR
    of = session(recurring=True)
    rows = reminders.next_rows(of, [wish], START - 2 * HOUR, START - 2 * HOUR)
    moments = []
    while rows:
        (waits,) = (each for each in rows if each.kind == reminders.WAITING)
        moments.append(waits.due_at)
        rows = rows_due(waits, of, [wish], [], waits.due_at)
        if len(moments) == 3:
            assert [each.kind for each in rows] == ["session.reminder"]
            break
    assert moments == [START - HOUR + number * week for number in range(3)]


def test_a_server_that_was_down_skips_to_what_is_still_to_come() -> None:
    wish, week = Wish(Whom.HOST, HOUR), 7 * 24 * HOUR
    of = session(recurring=True)
    (waits,) = reminders.next_rows(of, [wish], 0, 0)
    (following,) = rows_due(waits, of, [wish], [], START + week)
    assert (following.kind, following.due_at) == (reminders.WAITING, START + 2 * week - HOUR)


def test_a_reminder_is_right_while_the_occurrence_stands() -> None:
    notice = mails.Notice("X", "2027-03-01 10:00:00", 20, 30, 0, "0" * 32, starts_at=START)
    assert still_right(notice, session(), START - 1)
    assert not still_right(notice, session(), START)
    assert not still_right(notice, None, 0)
    assert not still_right(msgspec.structs.replace(notice, starts_at=START + 60), session(), 0)
    assert not still_right(msgspec.structs.replace(notice, starts_at=None), session(), 0)


def test_who_comes_to_one_meeting_of_a_series_is_reminded_of_that_one() -> None:
    wish, of = Wish(Whom.ATTENDEES, HOUR), session(recurring=True)
    people = [somebody(1), somebody(2, session_num=1), somebody(3, session_num=2)]
    (waits,) = reminders.next_rows(of, [wish], START - 2 * HOUR, START - 2 * HOUR)
    *first, waits = rows_due(waits, of, [wish], people, waits.due_at)
    assert [each.recipient for each in first] == ["p1@x.example", "p2@x.example"]
    *second, _ = rows_due(waits, of, [wish], people, waits.due_at)
    assert [each.recipient for each in second] == ["p1@x.example", "p3@x.example"]
