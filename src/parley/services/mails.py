"""What has to be told to people: rows for the outbox, written in the transaction of the change they tell of.

A row names the kind of message, the session and the recipient; the words are made when it is delivered.
Sources: facts/meeting-event.md 1 ("E-mails", SetMeeting).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from parley.domain import recurrence
from parley.domain.dates import from_stored, to_stored
from parley.domain.identifiers import new_outbox_id
from parley.domain.recurrence import NO_REPEAT, Rule
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.timezones import to_utc
from parley.domain.user import User
from parley.services.context import Context
from parley.services.sessions.people import read_sent, was_mailed
from parley.services.sessions.stored import StoredSession, stored_session, write_document
from parley.store import Changes, outbox
from parley.store.outbox import Message


class Times(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a session took place before it was changed: wall-clock start in a zone, duration in minutes.

    Attributes:
        rule: how it recurred; single occurrences that took place otherwise are left aside.
    """

    start_local: str
    time_zone_id: int
    duration: int
    rule: Rule = NO_REPEAT


class Habits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What language and time zone somebody's place on the list asked for, kept for when that place is gone."""

    language_id: int | None = None
    language: str | None = None
    time_zone_id: int | None = None


class Deleted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What else was known of a session whose row is gone: enough for its calendar file.

    Attributes:
        document: the common part of the session's document (`stored.StoredSession`) as JSON text.
        series: of an exception that went with its series, what is known of the series.
    """

    service: str
    session_type: int
    host_id: int
    host_first_name: str
    host_last_name: str
    host_email: str
    document: str
    series_key: int | None = None
    series_day: str | None = None
    event_id: int = 0
    series: Notice | None = None


class AboutTest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The test of a training that a mail is about; times: UTC epoch seconds.

    Attributes:
        link: the recipient's own link to the test, for the host the page of the session's tests.
        score, highest, grade: of a result that is told.
    """

    test_id: int
    title: str
    link: str
    opens_at: int | None = None
    closes_at: int | None = None
    minutes: int | None = None
    score: int | None = None
    highest: int | None = None
    grade: str = ""


class Notice(msgspec.Struct, omit_defaults=True):
    """The document of an outbox row: what the session was like when the row was written.

    Rows of former releases lack the later fields, so all of these have defaults.
    """

    name: str
    start_local: str
    time_zone_id: int
    duration: int
    sequence: int
    uuid: str
    attendee_id: int | None = None
    attendee_count: int = 0
    register_id: int | None = None
    person: str | None = None
    """Name of whom the mail is about."""
    role: str | None = None
    """The person's role on the list: panelists and presenters are written to otherwise than attendees."""
    starts_at: int | None = None
    """Of a reminder, or of one occurrence that was moved: when the occurrence starts, UTC epoch seconds."""
    before: Times | None = None
    """When it took place before a change."""
    deleted: Deleted | None = None
    """Set when the row of the session is gone."""
    test: AboutTest | None = None
    habits: Habits | None = None
    """Of whom the mail is about, where the place on the list is gone when it is made."""


def _message(
    now: int,
    kind: str,
    session: Session,
    recipient: str,
    person: Attendee | None = None,
    starts_at: int | None = None,
    *,
    before: Times | None = None,
    deleted: Deleted | None = None,
    test: AboutTest | None = None,
) -> Message:
    notice = _notice(
        session,
        attendee_id=person.attendee_id if person else None,
        register_id=person.register_id if person else None,
        person=person.name if person else None,
        role=person.role if person else None,
        starts_at=starts_at,
        before=before,
        deleted=deleted,
        test=test,
        habits=_habits(person) if person and (deleted or kind == Occasion.REMOVED) else None,
    )
    return Message(
        site_id=session.site_id,
        outbox_id=new_outbox_id(),
        kind=kind,
        session_key=session.session_key,
        recipient=recipient,
        document=msgspec.json.encode(notice).decode(),
        created_at=now,
    )


def _notice(session: Session, **more: Any) -> Notice:
    """What a session is like now."""
    return Notice(
        name=session.name,
        start_local=session.start_local,
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        sequence=session.sequence,
        uuid=session.uuid,
        attendee_count=session.attendee_count,
        **more,
    )


def _habits(person: Attendee) -> Habits:
    sent = read_sent(person.document)
    return Habits(sent.language_id, sent.language, sent.time_zone_id)


def scheduled(context: Context, changes: Changes, session: Session, host: User, invited: Sequence[Attendee]) -> None:
    """A session was scheduled: tell its host, and invite those who are to be invited by mail."""
    messages = [_message(context.now, "session.scheduled", session, host.email)]
    messages += [_message(context.now, "session.invitation", session, each.email_key, each) for each in invited]
    outbox.put(changes, messages)


def moved(before: Session, after: Session) -> bool:
    """Whether a session takes place at another time than before, or recurs otherwise."""
    return _times(before) != _times(after)


def _times(session: Session) -> Times:
    start, rule = session.start_local, NO_REPEAT
    if session.recurring:
        rule = recurrence.unchanged(recurrence.normalised(stored_session(session).rule, from_stored(start)))
    return Times(start, session.time_zone_id, session.duration, rule)


def rescheduled(
    context: Context,
    changes: Changes,
    before: HostedSession,
    after: Session,
    host: User,
    people: Sequence[Attendee] = (),
) -> None:
    """A session was changed: tell its host when it takes place at another time.

    A new host is told as of a session that was scheduled, the one before that somebody else holds it.

    Args:
        people: the session's list; of another time those are told who were written to before.
    """
    kind, old = "session.rescheduled", _times(before) if moved(before, after) else None
    messages = []
    if before.host_id != after.host_id:
        listed = next((each for each in told(people) if each.email_key == before.host_email.casefold()), None)
        messages.append(_message(context.now, "session.scheduled", after, host.email))
        messages.append(_message(context.now, "session.handed_over", after, before.host_email, listed))
    elif old is not None:
        messages.append(_message(context.now, kind, after, host.email, before=old))
    if old is not None:
        messages += [_message(context.now, kind, after, each.email_key, each, before=old) for each in told(people)]
    outbox.put(changes, messages)


def told(people: Sequence[Attendee]) -> list[Attendee]:
    """Those on a session's list who learn of changes: whoever was written to about the session, and not refused."""
    return [each for each in people if each.join_status != "REJECT" and was_mailed(each)]


def cancelled(
    context: Context,
    changes: Changes,
    session: HostedSession,
    people: Sequence[Attendee] = (),
    *,
    series: HostedSession | None = None,
) -> None:
    """A session was deleted: tell its host, and those on its list who were written to before.

    Args:
        series: of an exception, the series that it goes with; of this the host is told.
    """
    known = deleted(session, series)
    to_host = [_message(context.now, "session.cancelled", session, session.host_email, deleted=known)]
    messages = to_host if series is None else []
    messages += [
        _message(context.now, "session.cancelled", session, each.email_key, each, deleted=known)
        for each in told(people)
    ]
    outbox.put(changes, messages)


def deleted(session: HostedSession, series: HostedSession | None = None) -> Deleted:
    """What mails about a session need of it when its row is gone, and that of its series."""
    stored = stored_session(session)
    return Deleted(
        service=session.service,
        session_type=session.session_type,
        host_id=session.host_id,
        host_first_name=session.host_first_name,
        host_last_name=session.host_last_name,
        host_email=session.host_email,
        document=write_document(StoredSession(rule=stored.rule, skipped=stored.skipped)),
        series_key=session.series_key,
        series_day=session.series_day,
        event_id=session.event_id,
        series=None if series is None else _notice(series, deleted=deleted(series)),
    )


def occurrence_cancelled(
    context: Context,
    changes: Changes,
    before: HostedSession,
    after: Session,
    start_local: str,
    people: Sequence[Attendee] = (),
) -> None:
    """An occurrence of a series was cancelled: tell which one, by its start, to the host and whoever was written to."""
    occurrence = msgspec.structs.replace(after, start_local=start_local)
    messages = [_message(context.now, "occurrence.cancelled", occurrence, before.host_email)]
    messages += [
        _message(context.now, "occurrence.cancelled", occurrence, each.email_key, each) for each in told(people)
    ]
    outbox.put(changes, messages)


def occurrence_moved(
    context: Context,
    changes: Changes,
    before: HostedSession,
    after: Session,
    old: datetime,
    new: datetime,
    people: Sequence[Attendee] = (),
) -> None:
    """An occurrence of a series takes place at another time: tell the host and whoever was written to.

    Args:
        old, new: its wall-clock starts, in the zones that the session had and has.
    """
    then, kind = Times(to_stored(old), before.time_zone_id, before.duration), "session.rescheduled"
    starts_at = to_utc(new, after.time_zone_id)
    messages = [_message(context.now, kind, after, before.host_email, starts_at=starts_at, before=then)]
    messages += [
        _message(context.now, kind, after, each.email_key, each, starts_at, before=then) for each in told(people)
    ]
    outbox.put(changes, messages)


class Occasion(StrEnum):
    """What people on a session's list are told, as kinds of messages."""

    INVITATION = "session.invitation"
    PENDING = "registration.pending"
    WAITING = "registration.waiting"
    ACCEPTED = "registration.accepted"
    REJECTED = "registration.rejected"
    REMOVED = "registration.removed"


def listed(context: Context, changes: Changes, session: Session, news: Sequence[tuple[Occasion, Attendee]]) -> None:
    """People were put on a session's list, decided on, or taken off it: tell them."""
    outbox.put(changes, [_message(context.now, kind.value, session, each.email_key, each) for kind, each in news])


def registration_received(
    context: Context, changes: Changes, session: HostedSession, registered: Sequence[Attendee]
) -> None:
    """People asked to be let in by themselves: tell the host."""
    kind = "registration.received"
    outbox.put(changes, [_message(context.now, kind, session, session.host_email, each) for each in registered])


def reminder(now: int, session: Session, recipient: str, starts_at: int, person: Attendee | None = None) -> Message:
    """The row that reminds somebody of the occurrence of a session that starts at `starts_at`.

    Args:
        person: the recipient's place on the list; None: the host, or an address that the session names.
    """
    return _message(now, "session.reminder", session, recipient, person, starts_at)


def follow_up(now: int, kind: str, session: Session, person: Attendee) -> Message:
    """The mail to somebody who came to an event, or did not."""
    return _message(now, kind, session, person.email_key, person)


class TestOccasion(StrEnum):
    """What people are told of tests, as kinds of messages."""

    __test__ = False

    INVITATION = "test.invitation"
    STARTED = "test.started"
    REMINDER = "test.reminder"
    SUBMITTED = "test.submitted"
    REPORT = "test.report"


def test_told(
    now: int, occasion: TestOccasion, session: Session, recipient: str, person: Attendee, test: AboutTest, due_at: int
) -> Message:
    """The message that tells somebody of a test, to be sent at `due_at` (UTC epoch seconds) or later.

    Args:
        person: of whom it tells: the recipient himself, or for the host who handed in the test.
    """
    message = _message(now, occasion.value, session, recipient, person, test=test)
    return msgspec.structs.replace(message, due_at=max(due_at, now))
