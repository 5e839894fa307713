"""Sessions as calendar entries, for mails and for the calendar links of the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from parley.domain.dates import from_stored
from parley.domain.reminders import Whom, Wish
from parley.domain.rrules import first_start
from parley.domain.session import HostedSession, Session
from parley.domain.site import Site
from parley.mail.calendars import Entry, Moved, Party
from parley.services.sessions.stored import StoredSession, stored_session
from parley.store import Engine, sessions

_MINUTE: Final = 60


class Related(msgspec.Struct, frozen=True):
    """The sessions that make up a series with one.

    Attributes:
        series: the series that the session was taken out of; None: it was not, or the series is gone.
        exceptions: of a series, the sessions that take the place of its occurrences.
    """

    series: HostedSession | None = None
    exceptions: Sequence[HostedSession] = ()


async def related_of(engine: Engine, session: Session) -> Related:
    """Read what a session's calendar entry needs beyond its row."""
    if session.series_key is not None:
        return Related(series=await sessions.by_key(engine, session.site_id, session.series_key))
    if not session.recurring:
        return Related()
    return Related(exceptions=await sessions.exceptions(engine, session.site_id, session.session_key))


def uid_of(site: Site, session: Session, related: Related) -> str:
    """The UID of a session: the same for its life; that of the series for what was taken out of one."""
    return uid_by(site, (related.series or session).event_id)


def uid_by(site: Site, event_id: int) -> str:
    """The UID of the session with an eventID, which is all that the cancel links of the API tell of it."""
    return f"{event_id}@{site.name}"


def entry_of(
    site: Site,
    session: HostedSession,
    related: Related,
    *,
    url: str,
    description: str = "",
    attendees: Sequence[Party] = (),
    alarm: int | None = None,
    cancelled: bool = False,
) -> Entry:
    """A session as a calendar shows it.

    Args:
        url: where the reader joins.
        alarm: minutes before the start, see `alarm_of`.
        cancelled: it no longer takes place, which is one more change of it.
    """
    stored = stored_session(session)
    series = related.series
    return Entry(
        uid=uid_of(site, session, related),
        sequence=session.sequence + cancelled + (series.sequence if series is not None else 0),
        name=session.name,
        description=description,
        url=url,
        start=from_stored(session.start_local),
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        stamp=session.modified_at or session.created_at,
        organizer=Party(session.host_email, f"{session.host_first_name} {session.host_last_name}".strip()),
        attendees=attendees,
        rule=stored.rule,
        skipped=_skipped(stored, related),
        moved=[_moved(each, session) for each in related.exceptions if each.series_day],
        replaces=_replaced(session, series),
        replaces_zone_id=series.time_zone_id if series is not None else None,
        alarm=alarm,
    )


def alarm_of(wishes: Sequence[Wish]) -> int | None:
    """Minutes before the start at which calendars remind: as the session reminds its people; None: it does not."""
    usual = sorted((wish for wish in wishes if wish.ahead is not None), key=lambda wish: wish.whom is not Whom.HOST)
    return (usual[0].ahead or 0) // _MINUTE if usual else None


def _replaced(session: Session, series: Session | None) -> datetime | None:
    """The wall-clock start, in the zone of the series, of the occurrence that the session takes the place of."""
    if series is None or session.series_day is None:
        return None
    start = first_start(stored_session(series).rule, from_stored(series.start_local), series.time_zone_id)
    return datetime.combine(date.fromisoformat(session.series_day), start.time())


def _skipped(stored: StoredSession, related: Related) -> Sequence[date]:
    """The dates that are left out; those of exceptions are among them, for sessions of their own stand there."""
    replaced = {date.fromisoformat(each.series_day) for each in related.exceptions if each.series_day}
    return sorted({*stored.skipped, *replaced})


def _moved(session: HostedSession, series: HostedSession) -> Moved:
    return Moved(
        day=date.fromisoformat(session.series_day or ""),
        name=session.name,
        start=from_stored(session.start_local),
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        sequence=series.sequence + session.sequence,
    )
