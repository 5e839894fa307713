"""How many runs that have ended a site has, by the days on which they ended and began.

Histories list, by when they began, the runs that ended at some time or later. The counters have both days: those of a
later day of the end all belong to the list, of that day itself the index of ends tells which, and of what ended
earlier no row is looked at, however much of it a site keeps.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, false, func, literal_column, select, union_all

from parley.domain.history import Run
from parley.store import days
from parley.store.changes import Changes
from parley.store.days import Day, Span
from parley.store.engines.base import Engine
from parley.store.lists import unsearched
from parley.store.query import Query, counter, where
from parley.store.tables import run_days, runs

# ---- writing ---------------------------------------------------------------------------------------------

_COUNT: Final = counter(run_days)
_PRUNE: Final = Query(
    delete(run_days).where(
        *where(run_days.c.site_id, run_days.c.service),
        run_days.c.ended_day <= bindparam("last", type_=Integer),
        run_days.c.total == 0,
    ),
    *("key_site_id", "key_service", "last"),
)


class Ended(NamedTuple):
    """What is counted of a run that has ended; times in UTC epoch seconds."""

    site_id: int
    service: str
    audio_only: bool
    started_at: int
    ended_at: int


def of_run(run: Run, ended_at: int) -> Ended:
    """What is counted of a run that ended then."""
    return Ended(run.site_id, run.service, run.audio_only, run.started_at, ended_at)


def tally(changes: Changes, run: Ended, by: int) -> None:
    """Count a run that is history from now on (1), or is none any more (-1), in the set that makes it so."""
    ended, started = days.day_of(run.ended_at), days.day_of(run.started_at)
    changes.tally(_COUNT, run.site_id, run.service, ended, started, run.audio_only, by=by)


def prune(changes: Changes, site_id: int, service: str, before: int) -> None:
    """Forget the counters of days before a time (UTC epoch seconds) of which no run is left."""
    _, last = days.span(None, before - 1)
    changes.add(_PRUNE, site_id, service, days.day_of(last))


# ---- reading ---------------------------------------------------------------------------------------------


class Scope(NamedTuple):
    """Which runs are counted: of a service, ended at `since` (UTC epoch seconds) or later.

    `video_only`: without those of audio-only sessions.
    """

    site_id: int
    service: str
    since: int
    video_only: bool


#: A range without a second in it.
_NOTHING: Final[Span] = (1, 0)
_DAY_OF_START: Final = literal_column(
    "(runs.started_at - CASE WHEN runs.started_at < 0 THEN 86399 ELSE 0 END) / 86400", BigInteger
)


def _between(column: Any, low: str, high: str) -> Any:
    kind = column.type
    return column.between(bindparam(low, type_=kind), bindparam(high, type_=kind))


def _runs(video_only: bool, day: Any, place: int, *conditions: Any) -> Any:
    """SELECT of a day and how many runs there are, which is negative when the parameter `sign` is -1."""
    found = [*where(runs.c.site_id, runs.c.service), *conditions]
    if video_only:
        found.append(runs.c.audio_only == false())
    total = func.count() * bindparam(f"sign_{place}", type_=BigInteger)
    return select(day.label("day"), total.label("total")).where(*found)


@lru_cache(maxsize=2)
def _days_query(video_only: bool) -> Query:
    """All of a list by day, in one statement: whole days from the counters, what cuts a day from the indexes."""
    whole = [
        *where(run_days.c.site_id, run_days.c.service),
        run_days.c.ended_day >= bindparam("first_end", type_=Integer),
        _between(run_days.c.day, "first", "last"),
    ]
    if video_only:
        whole.append(run_days.c.audio_only == false())
    summed = select(run_days.c.day, func.sum(run_days.c.total).label("total")).where(*whole).group_by(run_days.c.day)
    cut_by_end = and_(
        _between(runs.c.ended_at, "low_0", "high_0"),
        _between(unsearched(runs.c.started_at), "first_second", "last_second"),
    )
    still = unsearched(runs.c.ended_at) >= bindparam("since", type_=BigInteger)
    parts = [_runs(video_only, _DAY_OF_START, 0, cut_by_end).group_by(_DAY_OF_START)]
    for place in (1, 2):
        day = bindparam(f"day_{place}", type_=Integer)
        parts.append(_runs(video_only, day, place, _between(runs.c.started_at, f"low_{place}", f"high_{place}"), still))
    return Query(union_all(summed, *parts), *_NAMES)


_NAMES: Final = (
    *("key_site_id", "key_service", "since", "first_end", "first", "last", "first_second", "last_second"),
    *("sign_0", "low_0", "high_0", *(f"{name}_{place}" for place in (1, 2) for name in ("day", "sign", "low", "high"))),
)


async def starts(engine: Engine, scope: Scope, wanted: Span) -> list[Day]:
    """How many runs began on each day of a range that has a second at least, in order of time.

    The time it takes depends on how many there are of three days at most, whose parts are counted.
    """
    first, last, cut = days.parts(wanted)
    since, _ = days.span(scope.since, None)
    first_end = days.day_of(since)
    sign, ends = days.shorter((since, days.second_of(first_end + 1) - 1))
    looks = [sign, *ends]
    for part in cut:
        sign, seconds = days.shorter(part)
        day = days.day_of(part[0])
        looks += (day, sign, *seconds)
        if sign < 0:
            first, last = (day, max(day, last)) if day < first else (first, day)
    looks += (0, 1, *_NOTHING) * (2 - len(cut))
    whole = (days.second_of(first), days.second_of(last + 1) - 1) if first <= last else _NOTHING
    given = (scope.site_id, scope.service, since, first_end + (looks[0] > 0), first, last, *whole)
    found: Counter[int] = Counter()
    for day, count in await engine.all(_days_query(scope.video_only), *given, *looks, scan=True):
        found[int(day)] += int(count)
    return sorted(found.items())
