"""What servers do by themselves for sessions at a time, written with the change that asks for it.

A row is due at a time, is taken by one process for a while, and is gone when it is done or given up. A process that
dies while it has a row loses it after that while, and another one takes it: everything is done at least once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Integer, Text, bindparam, delete, func, select, update

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, where
from parley.store.tables import errands as table


class Errand(msgspec.Struct, frozen=True):
    """Something to do for a session; `document` is JSON text whose shape belongs to `kind`. Times: UTC epoch seconds.

    Attributes:
        due_at: not to be done before.
        attempts: how often it was tried.
        taken_until: until then it belongs to the process that tries it.
        note: why it could not be done the last time.
    """

    site_id: int
    errand_id: int
    kind: str
    session_key: int
    document: str
    created_at: int
    due_at: int
    attempts: int = 0
    taken_until: int = 0
    note: str | None = None


_NOW = bindparam("now", type_=BigInteger)
_KEY = (table.c.site_id, table.c.errand_id)
_read = reader(Errand, table.c)
_INSERT = Insert(table)
_DUE = Query(
    select(*table.c)
    .where(*where(table.c.site_id), table.c.due_at <= _NOW, table.c.taken_until <= _NOW)
    .order_by(table.c.due_at, table.c.errand_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "now",
    "maximum",
)
_LONGEST_DUE = (
    select(table.c.due_at)
    .where(*where(table.c.site_id), table.c.due_at <= _NOW)
    .order_by(table.c.due_at, table.c.errand_id)
    .limit(bindparam("maximum", type_=Integer))
    .subquery()
)
_QUEUED = Query(
    select(func.count(), func.min(_LONGEST_DUE.c.due_at)).select_from(_LONGEST_DUE), "key_site_id", "now", "maximum"
)
_OF_SESSION = Query(
    select(*table.c).where(*where(table.c.site_id, table.c.session_key)).order_by(table.c.due_at, table.c.errand_id),
    "key_site_id",
    "key_session_key",
)
_TAKE = Query(
    update(table)
    .where(*where(*_KEY), table.c.taken_until <= _NOW, table.c.due_at <= _NOW)
    .values(taken_until=bindparam("until", type_=BigInteger), attempts=table.c.attempts + 1),
    *("key_site_id", "key_errand_id", "now", "until"),
)
_LATER = Query(
    update(table)
    .where(*where(*_KEY))
    .values(due_at=bindparam("due_at", type_=BigInteger), taken_until=0, note=bindparam("note", type_=Text)),
    *("key_site_id", "key_errand_id", "due_at", "note"),
)
_DONE = Query(delete(table).where(*where(*_KEY)), "key_site_id", "key_errand_id")
_FORGET = Query(
    delete(table).where(*where(table.c.site_id, table.c.session_key, table.c.kind)),
    *("key_site_id", "key_session_key", "key_kind"),
)


def put(changes: Changes, rows: Sequence[Errand]) -> None:
    """Add rows that are to be done after the commit."""
    changes.insert(_INSERT, [msgspec.structs.astuple(row) for row in rows])


async def due(engine: Engine, site_id: int, now: int, maximum: int = 50) -> list[Errand]:
    """What may be done now and nobody has taken, the one due longest first; one probe of an index without any."""
    return [_read(row) for row in await engine.all(_DUE, site_id, now, maximum)]


async def queued(engine: Engine, site_id: int, now: int, maximum: int = 10_000) -> tuple[int, int | None]:
    """How many errands are due and not done yet, counted up to a maximum, and since when the oldest is due."""
    ((count, oldest),) = await engine.all(_QUEUED, site_id, now, maximum, scan=True)
    return int(count), oldest


async def of_session(engine: Engine, site_id: int, session_key: int) -> list[Errand]:
    """What waits for a session, in the order of time."""
    return [_read(row) for row in await engine.all(_OF_SESSION, site_id, session_key)]


def take(changes: Changes, errand: Errand, now: int, until: int) -> None:
    """Have an errand for oneself; Conflict when somebody else has it, or it is gone."""
    changes.add(_TAKE, errand.site_id, errand.errand_id, now, until, expect=1)


def later(changes: Changes, errand: Errand, due_at: int, note: str | None = None) -> None:
    """Do an errand at another time; nothing when it is gone."""
    changes.add(_LATER, errand.site_id, errand.errand_id, due_at, note)


def done(changes: Changes, errand: Errand) -> None:
    """Forget an errand: it was done, given up, or its occasion is gone; nothing when it is gone already."""
    changes.add(_DONE, errand.site_id, errand.errand_id)


def forget(changes: Changes, site_id: int, session_key: int, kind: str) -> None:
    """Forget what waits of a kind for a session; none is fine."""
    changes.add(_FORGET, site_id, session_key, kind)
