"""Which process holds which room: one row for each room, good until its time is over.

A row is a lease. Whoever holds it renews it; when its time is over, anybody may take it, and exactly one of many does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, delete, select, text, update

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Query, one_of, padded, select_where, where
from parley.store.tables import room_homes as table

_AT_ONCE: Final = 256


class Home(NamedTuple):
    """Where a room is: the address of the process that holds it, until when (UTC epoch seconds)."""

    address: str
    until: int


_OF_ROOM: Final = select_where([table.c.address, table.c.until], table.c.site_id, table.c.session_key)
_TAKE: Final = Query(
    text(
        "INSERT INTO room_homes (site_id, session_key, address, until)"
        " VALUES (:site_id, :session_key, :address, :until)"
        " ON CONFLICT (site_id, session_key) DO UPDATE SET address = excluded.address, until = excluded.until"
        " WHERE room_homes.until <= :now OR room_homes.address = excluded.address OR room_homes.address = :dead"
    ).bindparams(
        *(bindparam(name, type_=BigInteger) for name in ("site_id", "session_key", "until", "now")),
        *(bindparam(name, type_=Text) for name in ("address", "dead")),
    ),
    *("site_id", "session_key", "address", "until", "now", "dead"),
    table=table,
)
_MINE: Final = where(table.c.site_id, table.c.address)
_PURGE: Final = Query(
    delete(table).where(*where(table.c.site_id), table.c.until <= bindparam("before", type_=BigInteger)),
    *("key_site_id", "before"),
)


@lru_cache
def _renew_query(size: int) -> Query:
    condition, names = one_of(table.c.session_key, "key", size)
    statement = update(table).where(*_MINE, condition).values(until=bindparam("until_", type_=BigInteger))
    return Query(statement, "key_site_id", "key_address", *names, "until_")


@lru_cache
def _release_query(size: int) -> Query:
    condition, names = one_of(table.c.session_key, "key", size)
    return Query(delete(table).where(*_MINE, condition), "key_site_id", "key_address", *names)


@lru_cache
def _held_query(size: int) -> Query:
    condition, names = one_of(table.c.session_key, "key", size)
    return Query(select(table.c.session_key).where(*_MINE, condition), "key_site_id", "key_address", *names)


async def of_room(engine: Engine, site_id: int, session_key: int) -> Home | None:
    """Who holds a room, or held it last; None: nobody."""
    row = await engine.one(_OF_ROOM, site_id, session_key)
    return None if row is None else Home(row[0], row[1])


def take(changes: Changes, site_id: int, session_key: int, home: Home, now: int, dead: str = "") -> None:
    """Have a room that nobody holds, or whose lease is over by `now`.

    Conflict when somebody else holds it; `dead` is a holder of whom that does not count.
    """
    changes.add(_TAKE, site_id, session_key, home.address, home.until, now, dead, expect=1)


def renew(changes: Changes, site_id: int, session_keys: Sequence[int], home: Home) -> None:
    """Hold rooms for longer; those that somebody else has taken stay his."""
    for start in range(0, len(session_keys), _AT_ONCE):
        part = padded(session_keys[start : start + _AT_ONCE])
        changes.add(_renew_query(len(part)), site_id, home.address, *part, home.until)


async def held(engine: Engine, site_id: int, session_keys: Sequence[int], address: str) -> set[int]:
    """Which of these rooms a process holds."""
    found: set[int] = set()
    for start in range(0, len(session_keys), _AT_ONCE):
        part = padded(session_keys[start : start + _AT_ONCE])
        found |= {row[0] for row in await engine.all(_held_query(len(part)), site_id, address, *part)}
    return found


def release(changes: Changes, site_id: int, session_keys: Sequence[int], address: str) -> None:
    """Hold rooms no more; those that somebody else has taken stay his."""
    for start in range(0, len(session_keys), _AT_ONCE):
        part = padded(session_keys[start : start + _AT_ONCE])
        changes.add(_release_query(len(part)), site_id, address, *part)


def purge(changes: Changes, site_id: int, before: int) -> None:
    """Forget leases that were over by then (UTC epoch seconds)."""
    changes.add(_PURGE, site_id, before)
