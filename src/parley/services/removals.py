"""Sessions that are deleted after their end, because they ask for it (autoDeleteAfterMeetingEnd).

A row of the store waits for the planned end of each; what becomes of the session is looked up then. History and
recordings stay. Source: facts/training-history.md 1.1 (autoDeleteAfterMeetingEnd); when the end is, is chosen
(docs/fidelity.md, "Notices").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from parley.domain import identifiers
from parley.domain.session import HostedSession, Session
from parley.services.sessions.kinds import kind_of
from parley.services.sessions.stored import following_occurrence
from parley.store import Changes, Engine, errands, sessions
from parley.store.errands import Errand

if TYPE_CHECKING:
    from parley.services.application import Application
    from parley.services.known_sites import KnownSite

#: The kind of errands.
REMOVE: Final = "session.remove"
#: A session that goes on beyond its planned end is looked at again after so many seconds.
_PATIENCE: Final = 30
#: More than any series has.
_ALL_EXCEPTIONS: Final = 10_000
_ERRAND_IDS: Final = 1 << 62
_RUNS: Final = "INPROGRESS"


class Ending(msgspec.Struct, frozen=True, omit_defaults=True):
    """The document of a row; `ended`: a host ended the session for all, so its planned end is not waited for."""

    ended: bool = False


_read: Final = msgspec.json.Decoder(Ending).decode


def put(changes: Changes, session: Session, wanted: bool, now: int) -> None:
    """Write the row of a new session, if it wants to go."""
    if wanted:
        errands.put(changes, [_errand(session, Ending(), now, max(session.next_end, now))])


def put_anew(changes: Changes, session: Session, before: bool, wanted: bool, now: int) -> None:
    """Write the row anew for a session that is changed; `before`: whether it wanted to go until now."""
    if before or wanted:
        errands.forget(changes, session.site_id, session.session_key, REMOVE)
        put(changes, session, wanted, now)


async def ended_for_all(application: Application, site_id: int, session_key: int) -> None:
    """A host ended a session for all: a single one that wants to go does so now, a series after its last session."""
    session = await sessions.by_key(application.engine, site_id, session_key)
    known = await application.sites.reload(site_id)
    if session is None or known is None or session.recurring:
        return
    if _wants_to_go(session, known):
        changes, now = Changes(), application.clock.now()
        errands.forget(changes, site_id, session_key, REMOVE)
        errands.put(changes, [_errand(session, Ending(ended=True), now, now)])
        await application.engine.commit(changes)


async def finish(application: Application, errand: Errand) -> Changes:
    """What is to be written for a row that is due: the session goes, or the row waits for a later end."""
    changes, now = Changes(), application.clock.now()
    session = await sessions.by_key(application.engine, errand.site_id, errand.session_key)
    known = await application.sites.reload(errand.site_id)
    if session is None or known is None or not _wants_to_go(session, known):
        errands.done(changes, errand)
        return changes
    exceptions = []
    if session.series_key is None:
        exceptions = await sessions.exceptions(
            application.engine, session.site_id, session.session_key, _ALL_EXCEPTIONS
        )
    ends = _ends(session, exceptions, now, ended=_read(errand.document).ended)
    if ends is not None:
        errands.later(changes, errand, ends)
        return changes
    for each in (session, *exceptions):
        sessions.delete_session(changes, each.plain())
    await _touch_series(application.engine, changes, session)
    errands.done(changes, errand)
    return changes


def _wants_to_go(session: Session, known: KnownSite) -> bool:
    kind = kind_of(session, known.types)
    return kind.goes_after_end(kind.read(session.document))


def _ends(session: HostedSession, exceptions: list[HostedSession], now: int, *, ended: bool) -> int | None:
    """When to look again; None: it is over with all its exceptions."""
    if any(each.status == _RUNS for each in (session, *exceptions)):
        return now + _PATIENCE
    following = None if ended and not session.recurring else following_occurrence(session, now)
    ends = [each.next_end for each in exceptions if each.next_end > now]
    if following is not None:
        ends.append(following[1])
    return min(ends, default=None)


async def _touch_series(engine: Engine, changes: Changes, exception: Session) -> None:
    """Give the series of an exception that goes a new version, since it may be without exceptions from now on."""
    if exception.series_key is None:
        return
    series = await sessions.by_key(engine, exception.site_id, exception.series_key)
    if series is not None:
        sessions.update_session(changes, series.plain(), series.plain())


def _errand(session: Session, ending: Ending, now: int, due_at: int) -> Errand:
    return Errand(
        site_id=session.site_id,
        errand_id=identifiers.random_below(_ERRAND_IDS),
        kind=REMOVE,
        session_key=session.session_key,
        document=msgspec.json.encode(ending).decode(),
        created_at=now,
        due_at=due_at,
    )
