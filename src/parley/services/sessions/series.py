"""Occurrences of a series that take place otherwise, or not at all.

An exception is a session of its own with the key of its series; the occurrence that it replaces is the one on the same
date in the series' zone (inferred in facts/holes.md (3) "Exceptions of a series").
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

import msgspec

from parley.domain import recurrence, timezones
from parley.domain.dates import from_stored, to_stored
from parley.domain.recurrence import Rule
from parley.domain.session import Attendee, HostedSession, Session
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.protocol.faults import Fault
from parley.services import mails, reminders
from parley.services.context import Context
from parley.services.sessions.kinds import Draft, Kind, kind_of
from parley.services.sessions.people import distinct_ids
from parley.services.sessions.planning import new_session
from parley.services.sessions.scheduling import may_edit
from parley.services.sessions.stored import StoredSession, stored_session, write_document
from parley.store import Changes, sessions, users

#: More than any series has: a rule makes at most so many meetings, or endless ones of which few are changed.
ALL_EXCEPTIONS: Final = 10_000


async def series_of(context: Context, kind: Kind[Any], draft: Draft) -> HostedSession:
    """The series that an exception belongs to.

    Raises:
        Fault: no series is named, it does not exist, or the caller may not change it.
    """
    if draft.series_key is None:
        raise faults.MISSING_ELEMENT(path="repeat/seriesMeetingKey")
    series = await sessions.by_key(context.engine, context.site.site.site_id, draft.series_key)
    if series is None or series.service != kind.service:
        raise faults.MEETING_NOT_FOUND()
    if not series.recurring:
        raise faults.INVALID_REPEAT(element="seriesMeetingKey", problem="this meeting is no series")
    if not await may_edit(context, series):
        raise faults.ACCESS_DENIED()
    return series


def replace_occurrence(
    context: Context, changes: Changes, kind: Kind[Any], series: HostedSession, session: Session
) -> Session:
    """Take the occurrence on the exception's day out of the series and tie the exception to it.

    Returns the exception as it is to be stored.
    """
    if session.recurring:
        raise exception_recurs()
    day = timezones.to_local(session.next_start, series.time_zone_id).date()
    skip_day(context, changes, kind, series, day)
    return msgspec.structs.replace(session, series_key=series.session_key, series_day=day.isoformat())


def skip_day(
    context: Context,
    changes: Changes,
    kind: Kind[Any],
    series: HostedSession,
    day: date,
    *,
    cancelled: bool = False,
) -> Session:
    """Take the occurrence on a day (a date in the series' zone) out of a series; returns the series as stored.

    A series whose last occurrence is taken out is over, but for its exceptions.

    Args:
        cancelled: nothing takes the place of the occurrence, so the calendars of the invited have to change.

    Raises:
        Fault: the series has no occurrence on this day.
    """
    stored = kind.read(series.document)
    start = from_stored(series.start_local)
    if day in stored.skipped or recurrence.occurrence_number(stored.rule, start, day) is None:
        raise _no_occurrence()
    stored = msgspec.structs.replace(stored, skipped=(*stored.skipped, day))
    upcoming = recurrence.next_occurrence(
        stored.rule, start, series.time_zone_id, series.duration, context.now, skip=stored.skipped
    )
    after = msgspec.structs.replace(
        series.plain(),
        document=write_document(stored),
        modified_at=context.now,
        sequence=series.sequence + cancelled,
    )
    return sessions.update_session(changes, series.plain(), _going_on(after, upcoming))


def _going_on(series: Session, upcoming: tuple[int, int] | None) -> Session:
    """A series with another present occurrence; None: it is over."""
    if upcoming is None:
        return msgspec.structs.replace(series, ended=True)
    return msgspec.structs.replace(series, ended=False, next_start=upcoming[0], next_end=upcoming[1])


# ---- cancelling and splitting --------------------------------------------------------------------------------


async def cancel_occurrence(context: Context, series: HostedSession, day: date, *, send_email: bool = True) -> Session:
    """Cancel the occurrence on a day (a date in the series' zone); returns the series as stored.

    An occurrence that was replaced is a session of its own, and deleted like any other.

    Raises:
        Fault: 000001, 060002 while it is in progress, or the series has no occurrence on this day.
    """
    if not await may_edit(context, series):
        raise faults.ACCESS_DENIED()
    if _runs_on(series, day, day):
        raise faults.MEETING_IN_PROGRESS()
    changes = Changes()
    after = skip_day(context, changes, kind_of(series, context.site.types), series, day, cancelled=True)
    if send_email:
        rule, first = stored_session(series).rule, from_stored(series.start_local)
        start = recurrence.occurrence_start(rule, first, day)
        coming = await _coming(context, series, day)
        mails.occurrence_cancelled(context, changes, series, after, to_stored(start), coming)
    await context.engine.commit(changes)
    return after


async def split_series(context: Context, series: HostedSession, day: date) -> Session:
    """Make the occurrence on a day (a date in the series' zone) and all that follow a series of their own.

    The old series ends before the day. The new one goes on by the same rule, with the same people and registrations;
    exceptions and people of single occurrences go along with these. Returns the new series as stored.

    Raises:
        Fault: 000001, 060002 while such an occurrence is in progress, or no occurrence before the day or on it.
    """
    if not await may_edit(context, series):
        raise faults.ACCESS_DENIED()
    kind = kind_of(series, context.site.types)
    stored = kind.read(series.document)
    number = _number_to_split_at(series, stored, day)
    if _runs_on(series, day, None):
        raise faults.MEETING_IN_PROGRESS()
    host = await users.by_id(context.engine, series.site_id, series.host_id)
    if host is None:
        raise faults.UNKNOWN_HOST()
    first = from_stored(series.start_local)
    ends, goes_on = recurrence.split(stored.rule, first, number)
    old = _restarted(context, series.plain(), stored, ends, first, (None, day))
    numbered = new_session(context, kind, host)
    drawn = {name: getattr(numbered, name) for name in _DRAWN}
    start = recurrence.regular_start(stored.rule, first, number)
    new = msgspec.structs.replace(series.plain(), sequence=0, creator_id=context.caller.user_id, **drawn)
    new = _restarted(context, new, stored, goes_on, start, (day, None))
    changes = Changes()
    people = await sessions.all_attendees(context.engine, series)
    staying = [each for each in people if each.session_num < number]
    old = msgspec.structs.replace(old, sequence=series.sequence + 1)
    ends_now = sessions.update_session(changes, series.plain(), old, replace=staying)
    moved = _moved(people, new, number)
    new = sessions.create_session(changes, new, moved)
    await _move_exceptions(context, changes, series, new, day)
    reminders.put_next(changes, new, kind.reminders(new, stored), context.now, context.now)
    mails.rescheduled(context, changes, series, ends_now, host, staying)
    mails.rescheduled(context, changes, series, new, host, moved)
    await context.engine.commit(changes)
    return new


#: What a session never has in common with another one.
_DRAWN: Final = (
    *("session_key", "conf_id", "uuid", "event_id", "host_key", "guest_token", "host_link", "attendee_link"),
    *("status", "host_joined", "participants_joined", "run_started_at"),
    "created_at",
)


def _runs_on(series: HostedSession, first: date, last: date | None) -> bool:
    """Whether an occurrence from one day to another is in progress."""
    if series.status != "INPROGRESS":
        return False
    day = timezones.to_local(series.next_start, series.time_zone_id).date()
    return first <= day and (last is None or day <= last)


def _number_to_split_at(series: HostedSession, stored: StoredSession, day: date) -> int:
    if not series.recurring or stored.rule.kind is recurrence.Kind.CONSTANT:
        raise _no_occurrence()
    number = recurrence.occurrence_number(stored.rule, from_stored(series.start_local), day)
    if number is None:
        raise _no_occurrence()
    if number == 1:
        raise faults.INVALID_REPEAT(element="seriesMeetingKey", problem="the series begins on this day")
    return number


def _restarted(
    context: Context,
    series: Session,
    stored: StoredSession,
    rule: Rule,
    start: datetime,
    days: tuple[date | None, date | None],
) -> Session:
    """A part of a series: its rule, its start, and of the days left out those from the first to before the second."""
    first, beyond = days
    skipped = tuple(
        day for day in stored.skipped if (first is None or day >= first) and (beyond is None or day < beyond)
    )
    # What was sent of the repetition no longer holds; answers make it of the rule.
    stale = {
        name: msgspec.structs.replace(record, repeat=None)
        for name in stored.__struct_fields__
        if isinstance(record := getattr(stored, name), Record) and getattr(record, "repeat", None) is not None
    }
    part = msgspec.structs.replace(stored, rule=rule, skipped=skipped, **stale)
    upcoming = recurrence.next_occurrence(rule, start, series.time_zone_id, series.duration, context.now, skip=skipped)
    last = msgspec.structs.replace(
        series,
        start_local=to_stored(start),
        document=write_document(part),
        modified_at=context.now,
        status="NOT_INPROGRESS" if first is not None else series.status,
    )
    return _going_on(last, upcoming)


def _moved(people: Sequence[Attendee], new: Session, number: int) -> list[Attendee]:
    """The list of the new series: whoever comes to all occurrences, and to one of those that it has."""
    moved = [each for each in people if each.session_num == 0 or each.session_num >= number]
    fresh = sorted(distinct_ids(len(moved)))
    return [
        msgspec.structs.replace(
            each,
            session_key=new.session_key,
            # Whoever leaves the old list takes the number along; nobody has the same number on two lists.
            attendee_id=each.attendee_id if each.session_num else other,
            session_num=max(0, each.session_num - (number - 1)),
        )
        for each, other in zip(moved, fresh, strict=True)
    ]


async def _move_exceptions(context: Context, changes: Changes, series: HostedSession, new: Session, day: date) -> None:
    for each in await sessions.exceptions(context.engine, series.site_id, series.session_key, ALL_EXCEPTIONS):
        if each.series_day is not None and each.series_day >= day.isoformat():
            after = msgspec.structs.replace(each.plain(), series_key=new.session_key, modified_at=context.now)
            sessions.update_session(changes, each.plain(), after)


def _no_occurrence() -> Fault:
    return faults.INVALID_REPEAT(element="seriesMeetingKey", problem="the series has no meeting on this day")


async def people_of_occurrence(context: Context, series: HostedSession, exception: Session) -> list[Attendee]:
    """The list of an exception for which nobody was named: who comes to all occurrences, and to the replaced one.

    Everybody has a number of his own there; what became of his registration stays.
    """
    if exception.series_day is None:
        raise ValueError("an exception has a day")
    coming = await _coming(context, series, date.fromisoformat(exception.series_day))
    people = {each.email_key: each for each in sorted(coming, key=attrgetter("session_num"))}
    fresh = distinct_ids(len(people))
    return [
        msgspec.structs.replace(each, session_key=exception.session_key, attendee_id=number, session_num=0)
        for each, number in zip(people.values(), sorted(fresh), strict=True)
    ]


async def _coming(context: Context, series: HostedSession, day: date) -> list[Attendee]:
    """Who is on the list of a series for its occurrence on a day."""
    number = recurrence.occurrence_number(stored_session(series).rule, from_stored(series.start_local), day)
    people = await sessions.all_attendees(context.engine, series)
    return [each for each in people if each.session_num in (0, number)]


# ---- exceptions ----------------------------------------------------------------------------------------------


async def touch_series(context: Context, changes: Changes, exception: Session) -> HostedSession | None:
    """Give the series of an exception that goes a new version, since it may be without exceptions from now on.

    Returns the series as it was; None for what is no exception.
    """
    if exception.series_key is None:
        return None
    series = await sessions.by_key(context.engine, exception.site_id, exception.series_key)
    if series is not None:
        after = msgspec.structs.replace(series.plain(), modified_at=context.now)
        sessions.update_session(changes, series.plain(), after)
    return series


def exception_recurs() -> Fault:
    """An exception was given a rule of its own."""
    return faults.INVALID_REPEAT(element="repeatType", problem="an exception of a series is a single meeting")
