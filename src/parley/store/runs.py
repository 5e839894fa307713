"""Runs of sessions and stays of people: single reads and all writes. Lists are in `history_lists`.

A set of changes touches the session's row, then the run's, then stays. Whoever begins or ends a stay also writes the
run's row, so that those who come while a run ends are either counted in it or refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Boolean, Integer, Text, and_, bindparam, case, delete, func, or_, select, update

from parley.domain.history import Part, Run, Stay, Totals
from parley.domain.session import Session
from parley.store import run_days
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, one_of, padded, reader, select_where, update_where, where
from parley.store.tables import runs, sessions, stays

_read_run = reader(Run, runs.c)
_read_stay = reader(Stay, stays.c)
_RUN_KEY: Final = (runs.c.site_id, runs.c.conf_id)
_STAY_KEY: Final = (stays.c.site_id, stays.c.stay_id)
_SESSION_KEY: Final = (sessions.c.site_id, sessions.c.session_key)
_FAR: Final = 1 << 62

# ---- reading ---------------------------------------------------------------------------------------------

_RUN: Final = select_where(list(runs.c), *_RUN_KEY)
_STAY: Final = select_where(list(stays.c), *_STAY_KEY)
_OF_RUN: Final = select_where(
    list(stays.c), stays.c.site_id, stays.c.conf_id, order=[stays.c.joined_at, stays.c.stay_id]
)
_LATEST: Final = select_where(
    [func.max(func.coalesce(stays.c.left_at, stays.c.joined_at))], stays.c.site_id, stays.c.conf_id
)
_UNFINISHED: Final = Query(
    select(*runs.c)
    .where(*where(runs.c.site_id), runs.c.ended_at.is_(None))
    .order_by(runs.c.conf_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "maximum",
)
_SILENT: Final = Query(
    select(*stays.c)
    .where(
        *where(stays.c.site_id),
        stays.c.left_at.is_(None),
        stays.c.alive_at < bindparam("since", type_=BigInteger),
    )
    .order_by(stays.c.alive_at)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "since",
    "maximum",
)
_KEY_OF_UUID: Final = Query(
    select(runs.c.session_key).where(*where(runs.c.site_id, runs.c.uuid)).limit(1), "key_site_id", "key_uuid"
)


async def run(engine: Engine, site_id: int, conf_id: int) -> Run | None:
    """The run with this confID."""
    row = await engine.one(_RUN, site_id, conf_id)
    return None if row is None else _read_run(row)


async def stay(engine: Engine, site_id: int, stay_id: int) -> Stay | None:
    """The stay with this number."""
    row = await engine.one(_STAY, site_id, stay_id)
    return None if row is None else _read_stay(row)


async def stays_of(engine: Engine, site_id: int, conf_id: int) -> list[Stay]:
    """All stays of a run, those first who came first."""
    return [_read_stay(row) for row in await engine.all(_OF_RUN, site_id, conf_id)]


async def latest(engine: Engine, site_id: int, conf_id: int) -> int | None:
    """When somebody last left or came in a run (UTC epoch seconds); None: nobody was there."""
    row = await engine.one(_LATEST, site_id, conf_id)
    return None if row is None else row[0]


async def unfinished(engine: Engine, site_id: int, maximum: int) -> list[Run]:
    """Runs that go on, or ended and were not counted yet."""
    return [_read_run(row) for row in await engine.all(_UNFINISHED, site_id, maximum)]


async def silent(engine: Engine, site_id: int, since: int, maximum: int) -> list[Stay]:
    """Open stays without a sign of life since that time (UTC epoch seconds)."""
    return [_read_stay(row) for row in await engine.all(_SILENT, site_id, since, maximum)]


async def key_of_uuid(engine: Engine, site_id: int, uuid: str) -> int | None:
    """The key of the session that had this meetingUUID, if it was ever held."""
    row = await engine.one(_KEY_OF_UUID, site_id, uuid)
    return None if row is None else int(row[0])


@lru_cache
def _still_query(size: int) -> Query:
    condition, names = one_of(stays.c.stay_id, "key", size)
    statement = select(stays.c.stay_id).where(*where(stays.c.site_id), condition, stays.c.left_at.is_(None))
    return Query(statement, "key_site_id", *names)


async def still_open(engine: Engine, site_id: int, stay_ids: Sequence[int]) -> set[int]:
    """Which of these stays have not ended."""
    found: set[int] = set()
    for start in range(0, len(stay_ids), 256):
        part = padded(stay_ids[start : start + 256])
        found |= {row[0] for row in await engine.all(_still_query(len(part)), site_id, *part)}
    return found


# ---- people come and go ----------------------------------------------------------------------------------

_INSERT_RUN: Final = Insert(runs)
_INSERT_STAY: Final = Insert(stays)
_BEGIN: Final = Query(
    update(sessions)
    .where(*where(*_SESSION_KEY, sessions.c.version))
    .values(
        conf_id=bindparam("conf_id", type_=BigInteger),
        status="INPROGRESS",
        host_joined=bindparam("by_host", type_=Boolean),
        participants_joined=bindparam("by_other", type_=Boolean),
        run_started_at=bindparam("started_at", type_=BigInteger),
        version=sessions.c.version + 1,
    ),
    *("key_site_id", "key_session_key", "key_version", "conf_id", "by_host", "by_other", "started_at"),
)
_IN_PROGRESS: Final = (*where(*_SESSION_KEY, sessions.c.conf_id), sessions.c.status == "INPROGRESS")
_HOST_CAME: Final = Query(
    update(sessions)
    .where(*_IN_PROGRESS, ~sessions.c.host_joined)
    .values(host_joined=True, version=sessions.c.version + 1),
    *("key_site_id", "key_session_key", "key_conf_id"),
)
_OTHER_CAME: Final = Query(
    update(sessions)
    .where(*_IN_PROGRESS, ~sessions.c.participants_joined)
    .values(participants_joined=True, version=sessions.c.version + 1),
    *("key_site_id", "key_session_key", "key_conf_id"),
)
_STEP: Final = Query(
    update(runs)
    .where(*where(*_RUN_KEY), runs.c.closed_at.is_(None))
    .values(present=runs.c.present + bindparam("by", type_=Integer), version=runs.c.version + 1),
    *("key_site_id", "key_conf_id", "by"),
)


def begin(changes: Changes, session: Session, new: Run, first: Stay) -> None:
    """Add a run with its first stay; the session, which must be as given (Conflict otherwise), is in progress.

    Duplicate when one of the numbers is taken.
    """
    by_host = first.part == Part.HOST
    key = (session.site_id, session.session_key, session.version)
    changes.add(_BEGIN, *key, new.conf_id, by_host, not by_host, new.started_at, expect=1)
    changes.insert(_INSERT_RUN, [msgspec.structs.astuple(msgspec.structs.replace(new, present=1))])
    changes.insert(_INSERT_STAY, [msgspec.structs.astuple(first)])


def enter(changes: Changes, new: Stay) -> None:
    """Add a stay to its run, which must not have ended (Conflict); Duplicate when the stay's number is taken.

    The session's version only grows when this changes what is told of it.
    """
    came = _HOST_CAME if new.part == Part.HOST else _OTHER_CAME
    changes.add(came, new.site_id, new.session_key, new.conf_id)
    changes.add(_STEP, new.site_id, new.conf_id, 1, expect=1)
    changes.insert(_INSERT_STAY, [msgspec.structs.astuple(new)])


def _heard(end: Any) -> Any:
    """The seconds of computer audio of a stay that ends then, or whose audio does."""
    on = and_(stays.c.voip_since.is_not(None), stays.c.voip_since < end)
    return stays.c.voip_seconds + case((on, end - stays.c.voip_since), else_=0)


_AT: Final = bindparam("at", type_=BigInteger)
_LEAVE: Final = Query(
    update(stays)
    .where(*where(*_STAY_KEY), stays.c.left_at.is_(None), stays.c.alive_at <= bindparam("silent", type_=BigInteger))
    .values(left_at=_AT, voip_seconds=_heard(_AT), voip_since=None),
    *("key_site_id", "key_stay_id", "silent", "at"),
)


def leave(changes: Changes, old: Stay, at: int, *, silent: bool = False) -> None:
    """End a stay at a time that is not before it began.

    Conflict when it has ended already; with `silent` also when there was another sign of life.
    """
    changes.add(_STEP, old.site_id, old.conf_id, -1, expect=1)
    changes.add(_LEAVE, old.site_id, old.stay_id, old.alive_at if silent else _FAR, at, expect=1)


_AUDIO_ON: Final = Query(
    update(stays)
    .where(*where(*_STAY_KEY), stays.c.left_at.is_(None), stays.c.voip_since.is_(None))
    .values(voip_since=_AT),
    *("key_site_id", "key_stay_id", "at"),
)
_AUDIO_OFF: Final = Query(
    update(stays)
    .where(*where(*_STAY_KEY), stays.c.left_at.is_(None), stays.c.voip_since.is_not(None))
    .values(voip_seconds=_heard(_AT), voip_since=None),
    *("key_site_id", "key_stay_id", "at"),
)


def audio(changes: Changes, site_id: int, stay_id: int, at: int, *, on: bool) -> None:
    """Begin or end the computer audio of an open stay; nothing when it is so already."""
    changes.add(_AUDIO_ON if on else _AUDIO_OFF, site_id, stay_id, at)


@lru_cache
def _alive_query(size: int) -> Query:
    condition, names = one_of(stays.c.stay_id, "key", size)
    statement = (
        update(stays)
        .where(*where(stays.c.site_id), condition, stays.c.left_at.is_(None), stays.c.alive_at < _AT)
        .values(alive_at=_AT)
    )
    return Query(statement, "key_site_id", *names, "at")


def alive(changes: Changes, site_id: int, stay_ids: Sequence[int], at: int) -> None:
    """Note a sign of life of open stays; an earlier one than is known changes nothing."""
    for start in range(0, len(stay_ids), 256):
        part = padded(stay_ids[start : start + 256])
        changes.add(_alive_query(len(part)), site_id, *part, at)


# ---- what a room tells of a run that goes on -----------------------------------------------------------

_TELL: Final = Query(
    update(runs)
    .where(*where(*_RUN_KEY), runs.c.closed_at.is_(None))
    .values(locked=bindparam("locked", type_=Boolean), presenter=bindparam("presenter", type_=Text)),
    *("key_site_id", "key_conf_id", "locked", "presenter"),
)


def tell(changes: Changes, site_id: int, conf_id: int, *, locked: bool, presenter: str | None) -> None:
    """Note whether others may come in, and who presents; nothing once the run has ended."""
    changes.add(_TELL, site_id, conf_id, locked, presenter)


# ---- the end of a run ------------------------------------------------------------------------------------

_CLOSE: Final = Query(
    update(runs)
    .where(
        *where(*_RUN_KEY),
        runs.c.closed_at.is_(None),
        or_(runs.c.version == bindparam("version", type_=Integer), bindparam("anyway", type_=Boolean)),
    )
    .values(closed_at=_AT, present=0, version=runs.c.version + 1),
    *("key_site_id", "key_conf_id", "version", "anyway", "at"),
)
_END: Final = case((stays.c.joined_at > _AT, stays.c.joined_at), else_=_AT)
_LEAVE_ALL: Final = Query(
    update(stays)
    .where(*where(stays.c.site_id, stays.c.conf_id), stays.c.left_at.is_(None))
    .values(left_at=_END, voip_seconds=_heard(_AT), voip_since=None),
    *("key_site_id", "key_conf_id", "at"),
)
_OVER: Final = Query(
    update(sessions)
    .where(*_IN_PROGRESS)
    .values(
        status="NOT_INPROGRESS",
        host_joined=False,
        participants_joined=False,
        run_started_at=None,
        version=sessions.c.version + 1,
    ),
    *("key_site_id", "key_session_key", "key_conf_id"),
)


def close(changes: Changes, old: Run, at: int, *, empty: bool) -> None:
    """End a run and all stays in it; the session is no longer in progress. `count` has to follow.

    Conflict when it has ended already; with `empty` also when somebody came or left since the run was read.
    """
    # In turn, so that whoever came just before is seen when the stays are ended.
    changes.sequential = True
    changes.add(_OVER, old.site_id, old.session_key, old.conf_id)
    changes.add(_CLOSE, old.site_id, old.conf_id, old.version, not empty, at, expect=1)
    changes.add(_LEAVE_ALL, old.site_id, old.conf_id, at)


_NUMBERS: Final = Totals.__struct_fields__
_COUNTED: Final = ("ended_at", "invited", "registered", *_NUMBERS)
_COUNT: Final = Query(
    update(runs)
    .where(*where(*_RUN_KEY), runs.c.ended_at.is_(None))
    .values({name: bindparam(f"set_{name}", type_=runs.c[name].type) for name in _COUNTED}),
    *("key_site_id", "key_conf_id", *(f"set_{name}" for name in _COUNTED)),
)
_RECOUNT: Final = update_where(runs, _NUMBERS, *_RUN_KEY)
_HISTORY: Final = update_where(stays, ["run_ended_at"], stays.c.site_id, stays.c.conf_id)


def count(changes: Changes, old: Run, totals: Totals) -> None:
    """Make a run that was closed history, with its numbers; `invited` and `registered` as in `old`.

    Conflict when it is history already, since each run is counted once.

    Raises:
        ValueError: it was not closed.
    """
    if old.closed_at is None:
        raise ValueError("the run goes on")
    numbers = (old.closed_at, old.invited, old.registered, *msgspec.structs.astuple(totals))
    changes.add(_COUNT, old.site_id, old.conf_id, *numbers, expect=1)
    changes.add(_HISTORY, old.closed_at, old.site_id, old.conf_id)
    run_days.tally(changes, run_days.of_run(old, old.closed_at), 1)


def recount(changes: Changes, old: Run, totals: Totals) -> None:
    """Put other numbers in the place of those of a run that is history."""
    changes.add(_RECOUNT, *msgspec.structs.astuple(totals), old.site_id, old.conf_id)


# ---- histories that are too old --------------------------------------------------------------------------


class Old(NamedTuple):
    """A run that is to be forgotten.

    Attributes:
        counted: how it was counted.
    """

    conf_id: int
    session_key: int
    counted: run_days.Ended


_AS_COUNTED: Final = [runs.c[name] for name in run_days.Ended._fields]
_read_counted = reader(run_days.Ended, _AS_COUNTED)
_OLD: Final = Query(
    select(runs.c.conf_id, runs.c.session_key, *_AS_COUNTED)
    .where(*where(runs.c.site_id, runs.c.service), runs.c.ended_at < bindparam("before", type_=BigInteger))
    .order_by(runs.c.ended_at)
    .limit(bindparam("maximum", type_=Integer)),
    *("key_site_id", "key_service", "before", "maximum"),
)
_PURGE_RUN: Final = Query(delete(runs).where(*where(*_RUN_KEY)), "key_site_id", "key_conf_id")
_PURGE_STAYS: Final = Query(delete(stays).where(*where(stays.c.site_id, stays.c.conf_id)), "key_site_id", "key_conf_id")
_RENUMBER: Final = Query(
    update(sessions)
    .where(*where(*_SESSION_KEY, sessions.c.conf_id), sessions.c.status != "INPROGRESS")
    .values(conf_id=bindparam("new", type_=BigInteger), version=sessions.c.version + 1),
    *("key_site_id", "key_session_key", "key_conf_id", "new"),
)


async def old(engine: Engine, site_id: int, service: str, before: int, maximum: int) -> list[Old]:
    """A service's runs that ended before a time (UTC epoch seconds), the oldest first."""
    rows = await engine.all(_OLD, site_id, service, before, maximum)
    return [Old(int(row[0]), int(row[1]), _read_counted(row[2:])) for row in rows]


def purge(changes: Changes, run: Old, new_conf_id: int) -> None:
    """Forget a run with all its stays; Conflict when it is forgotten already.

    Args:
        new_conf_id: the number of the next run, for a session that still names this one: no number comes twice.
    """
    site_id = run.counted.site_id
    changes.add(_RENUMBER, site_id, run.session_key, run.conf_id, new_conf_id)
    changes.add(_PURGE_RUN, site_id, run.conf_id, expect=1)
    changes.add(_PURGE_STAYS, site_id, run.conf_id)
    run_days.tally(changes, run.counted, -1)


# ---- histories brought along -----------------------------------------------------------------------------


def bring_run(changes: Changes, new: Run) -> None:
    """Add a run that ended elsewhere. Duplicate when its confID is taken."""
    changes.insert(_INSERT_RUN, [msgspec.structs.astuple(new)])
    if new.ended_at is not None:
        run_days.tally(changes, run_days.of_run(new, new.ended_at), 1)


def bring_stay(changes: Changes, new: Stay) -> None:
    """Add a stay in a run that ended elsewhere. Duplicate when it is there already."""
    changes.insert(_INSERT_STAY, [msgspec.structs.astuple(new)])
