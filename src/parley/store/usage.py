"""How much a site was used: sums over its runs and its recordings, for reports.

Every sum is read along an index of the times it is bounded by, so it costs what lies between them: 1,000,000 runs of
400 days take about a second on SQLite, in the thread that reads lists, 100 days of them a sixth of that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Integer, and_, bindparam, func, select

from parley.domain.recording import USING, HostedRecording, State
from parley.store.engines.base import Engine
from parley.store.query import Query, one_of, where
from parley.store.recordings import HOSTED, WITH_OWNER, read
from parley.store.tables import recording_usage, recordings, runs, users


class Used(NamedTuple):
    """The runs that have ended, of one service or of several.

    `people` counts everybody once in each run, `minutes` are people's minutes, `peak` is the most people at one time in
    one of the runs.
    """

    sessions: int = 0
    people: int = 0
    minutes: int = 0
    peak: int = 0

    def with_more(self, more: Used) -> Used:
        """Both together."""
        return Used(
            self.sessions + more.sessions,
            self.people + more.people,
            self.minutes + more.minutes,
            max(self.peak, more.peak),
        )


_BEGIN, _END = bindparam("begin", type_=BigInteger), bindparam("end", type_=BigInteger)


@lru_cache(maxsize=16)
def _runs_queries(size: int) -> tuple[Query, Query]:
    service, names = one_of(runs.c.service, "service", size)
    between = and_(
        *where(runs.c.site_id),
        service,
        runs.c.started_at >= _BEGIN,
        runs.c.started_at < _END,
        runs.c.ended_at.is_not(None),
    )
    values = ("key_site_id", *names, "begin", "end")
    sums = (func.count(), func.sum(runs.c.participants), func.sum(runs.c.people_minutes), func.max(runs.c.peak))
    return (
        Query(select(runs.c.service, *sums).where(between).group_by(runs.c.service), *values),
        Query(select(func.count(runs.c.host_id.distinct())).where(between), *values),
    )


async def runs_between(
    engine: Engine, site_id: int, services: tuple[str, ...], begin: int, end: int
) -> dict[str, Used]:
    """The runs that began from one time to right before another (UTC epoch seconds), by service."""
    rows = await engine.all(_runs_queries(len(services))[0], site_id, *services, begin, end, scan=True)
    return {row[0]: Used(*(int(each or 0) for each in row[1:])) for row in rows}


async def hosts_between(engine: Engine, site_id: int, services: tuple[str, ...], begin: int, end: int) -> int:
    """How many accounts held those runs."""
    rows = await engine.all(_runs_queries(len(services))[1], site_id, *services, begin, end, scan=True)
    return int(rows[0][0])


# ---- recordings ------------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """Recordings, and the bytes that they use."""

    number: int = 0
    bytes: int = 0


class Owner(NamedTuple):
    """What the recordings of an account use, in bytes."""

    user_id: int
    web_ex_id: str
    first_name: str
    last_name: str
    used: int


_STATES: Final = tuple(sorted(state.value for state in USING))
_IN_USE, _STATE_NAMES = one_of(recordings.c.state, "state", len(_STATES))
_SUMS: Final = (func.count(), func.sum(recordings.c.size))
_OF_STATE: Final = Query(
    select(*_SUMS).where(*where(recordings.c.site_id, recordings.c.state)), "key_site_id", "key_state"
)
_MADE: Final = Query(
    select(*_SUMS).where(
        *where(recordings.c.site_id), _IN_USE, recordings.c.created_at >= _BEGIN, recordings.c.created_at < _END
    ),
    *("key_site_id", *_STATE_NAMES, "begin", "end"),
)
_LARGEST: Final = Query(
    select(*HOSTED)
    .select_from(WITH_OWNER)
    .where(*where(recordings.c.site_id, recordings.c.state))
    .order_by(recordings.c.size.desc(), recordings.c.recording_id)
    .limit(bindparam("maximum", type_=Integer)),
    *("key_site_id", "key_state", "maximum"),
)
#: The row of `recording_usage` with this owner counts all of them.
_WHOLE_SITE: Final = 0
_USING_ANY: Final = (*where(recording_usage.c.site_id), recording_usage.c.used > 0)
_OWNERS: Final = Query(
    select(users.c.user_id, users.c.web_ex_id, users.c.first_name, users.c.last_name, recording_usage.c.used)
    .select_from(
        recording_usage.join(
            users, and_(users.c.site_id == recording_usage.c.site_id, users.c.user_id == recording_usage.c.owner_id)
        )
    )
    .where(*_USING_ANY)
    .order_by(recording_usage.c.used.desc(), recording_usage.c.owner_id)
    .limit(bindparam("maximum", type_=Integer))
    .offset(bindparam("skip", type_=Integer)),
    *("key_site_id", "maximum", "skip"),
)
_COUNT_OWNERS: Final = Query(
    select(func.count()).select_from(recording_usage).where(*_USING_ANY, recording_usage.c.owner_id != _WHOLE_SITE),
    "key_site_id",
)


def _stored(row: tuple[int, int | None]) -> Stored:
    return Stored(int(row[0]), int(row[1] or 0))


async def recordings_in(engine: Engine, site_id: int, state: State) -> Stored:
    """The recordings of a site that are in a state."""
    rows = await engine.all(_OF_STATE, site_id, state.value, scan=True)
    return _stored((rows[0][0], rows[0][1]))


async def recordings_made(engine: Engine, site_id: int, begin: int, end: int) -> Stored:
    """Those of a site's recordings that are still there, made from one time to right before another."""
    rows = await engine.all(_MADE, site_id, *_STATES, begin, end, scan=True)
    return _stored((rows[0][0], rows[0][1]))


async def largest_recordings(engine: Engine, site_id: int, maximum: int) -> list[HostedRecording]:
    """The recordings that take up most, without those in the trash."""
    return [read(row) for row in await engine.all(_LARGEST, site_id, State.READY.value, maximum, scan=True)]


async def owners(engine: Engine, site_id: int, skip: int, maximum: int) -> list[Owner]:
    """The accounts whose recordings use storage, most first."""
    return [Owner(*row) for row in await engine.all(_OWNERS, site_id, maximum, skip, scan=True)]


async def count_owners(engine: Engine, site_id: int) -> int:
    """How many there are of them."""
    return int((await engine.all(_COUNT_OWNERS, site_id, scan=True))[0][0])
