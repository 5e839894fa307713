"""Occurrences of a series that take place otherwise, or not at all.

An exception is a session of its own with the key of its series; the occurrence that it replaces is the one on the same
date in the series' zone (inferred in facts/holes.md (3) "Exceptions of a series").
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from parley.domain import recurrence, timezones
from parley.domain.dates import from_stored
from parley.domain.session import HostedSession, Session
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.context import Context
from parley.services.scheduling import may_edit
from parley.services.sessions.kinds import Draft, Kind
from parley.services.stored import write_document
from parley.store import Changes, sessions

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


def skip_day(context: Context, changes: Changes, kind: Kind[Any], series: HostedSession, day: date) -> Session:
    """Take the occurrence on a day (a date in the series' zone) out of a series; returns the series as stored.

    A series whose last occurrence is taken out is over, but for its exceptions.

    Raises:
        Fault: the series has no occurrence on this day.
    """
    stored = kind.read(series.document)
    start = from_stored(series.start_local)
    if day in stored.skipped or recurrence.occurrence_number(stored.rule, start, day) is None:
        raise faults.INVALID_REPEAT(element="seriesMeetingKey", problem="the series has no meeting on this day")
    stored = msgspec.structs.replace(stored, skipped=(*stored.skipped, day))
    upcoming = recurrence.next_occurrence(
        stored.rule, start, series.time_zone_id, series.duration, context.now, skip=stored.skipped
    )
    after = msgspec.structs.replace(series.plain(), document=write_document(stored), modified_at=context.now)
    if upcoming is None:
        after = msgspec.structs.replace(after, ended=True)
    else:
        after = msgspec.structs.replace(after, next_start=upcoming[0], next_end=upcoming[1])
    return sessions.update_session(changes, series.plain(), after)


async def touch_series(context: Context, changes: Changes, exception: Session) -> None:
    """Give the series of an exception that goes a new version, since it may be without exceptions from now on."""
    if exception.series_key is None:
        return
    series = await sessions.by_key(context.engine, exception.site_id, exception.series_key)
    if series is not None:
        after = msgspec.structs.replace(series.plain(), modified_at=context.now)
        sessions.update_session(changes, series.plain(), after)


def exception_recurs() -> Fault:
    """An exception was given a rule of its own."""
    return faults.INVALID_REPEAT(element="repeatType", problem="an exception of a series is a single meeting")
