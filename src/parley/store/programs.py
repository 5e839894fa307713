"""Programs of events. They are few on a site, so lists of them are read and counted as they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, func, or_, select

from parley.domain.program import HostedProgram, Program
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.lists import Order, Page, ordering, page_of
from parley.store.query import Insert, Query, delete_where, reader, select_where, update_where, where
from parley.store.tables import programs as table
from parley.store.tables import sessions, users

_HOSTED = table.join(users, and_(users.c.site_id == table.c.site_id, users.c.user_id == table.c.host_id))
_COLUMNS: list[Any] = [*table.c, users.c.web_ex_id]
_ORDERS: dict[str, Any] = {"PROGRAMNAME": table.c.name_key, "HOSTWEBEXID": users.c.web_ex_id_key}

_read = reader(HostedProgram, _COLUMNS)
_FIND = Query(
    select(*_COLUMNS).select_from(_HOSTED).where(*where(table.c.site_id, table.c.program_id)),
    "key_site_id",
    "key_program_id",
)
_LAST = select_where([func.max(table.c.program_id)], table.c.site_id)
_LAST_NAMED = Query(
    select(func.max(sessions.c.program_id)).where(*where(sessions.c.site_id), sessions.c.program_id.is_not(None)),
    "key_site_id",
)
_EVENTS = select_where([func.count()], sessions.c.site_id, sessions.c.program_id, sessions.c.ended)
_INSERT = Insert(table)
_CHANGING = [name for name in Program.__struct_fields__ if name not in ("site_id", "program_id", "created_at")]
_UPDATE = update_where(table, _CHANGING, table.c.site_id, table.c.program_id)
_DELETE = delete_where(table, table.c.site_id, table.c.program_id)


class ProgramFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which programs a list shows.

    Attributes:
        viewer_id: an account that sees its own programs and those that are not UNLISTED; None sees all.
        program_id: only this one.
        listings: only those that are listed so; at most three.
    """

    site_id: int
    viewer_id: int | None = None
    program_id: int | None = None
    listings: tuple[str, ...] = ()


async def by_id(engine: Engine, site_id: int, program_id: int) -> HostedProgram | None:
    """The program with this number."""
    row = await engine.one(_FIND, site_id, program_id)
    return None if row is None else _read(row)


async def list_programs(
    engine: Engine, wanted: ProgramFilter, order: Sequence[Order] = (), start_from: int = 1, maximum: int = 100
) -> Page[HostedProgram]:
    """One page of programs, and how many the whole list has.

    `order` names PROGRAMNAME, the default, or HOSTWEBEXID (KeyError for others); ties are broken by number.
    `start_from` counts from 1.
    """
    given = tuple(name for name in ("viewer_id", "program_id") if getattr(wanted, name) is not None)
    values = (wanted.site_id, *(getattr(wanted, name) for name in given), *wanted.listings)
    given += tuple(f"listing_{number}" for number in range(len(wanted.listings)))
    listing = _list_query(given, tuple(order) or (Order("PROGRAMNAME"),))
    rows = await engine.all(listing, *values, maximum, min(start_from - 1, 1 << 40), scan=True)
    total = int((await engine.all(_count_query(given), *values, scan=True))[0][0])
    return Page([_read(row) for row in rows], total)


def _conditions(given: tuple[str, ...]) -> list[Any]:
    found = where(table.c.site_id)
    if "viewer_id" in given:
        own = table.c.host_id == bindparam("viewer_id", type_=BigInteger)
        found.append(or_(own, table.c.listing != "UNLISTED"))
    if "program_id" in given:
        found.append(table.c.program_id == bindparam("program_id", type_=BigInteger))
    listings = [bindparam(name, type_=table.c.listing.type) for name in given if name.startswith("listing_")]
    if listings:
        found.append(table.c.listing.in_(listings))
    return found


@lru_cache(maxsize=64)
def _list_query(given: tuple[str, ...], order: tuple[Order, ...]) -> Query:
    keys = ordering(order, _ORDERS, table.c.program_id)
    statement = select(*_COLUMNS).select_from(_HOSTED).where(*_conditions(given)).order_by(*keys)
    return Query(page_of(statement), "key_site_id", *given, "maximum", "skip")


@lru_cache(maxsize=8)
def _count_query(given: tuple[str, ...]) -> Query:
    return Query(select(func.count()).select_from(table).where(*_conditions(given)), "key_site_id", *given)


async def last_number(engine: Engine, site_id: int) -> int:
    """The highest number that a program of the site has, or had while events that are there belonged to it; or 0."""
    rows = [row for query in (_LAST, _LAST_NAMED) for row in await engine.all(query, site_id)]
    return max(int(row[0] or 0) for row in rows)


async def count_events(engine: Engine, site_id: int, program_id: int) -> int:
    """How many events belong to a program and are not over."""
    return int((await engine.all(_EVENTS, site_id, program_id, False, scan=True))[0][0])


def create(changes: Changes, program: Program) -> None:
    """Add a program; Duplicate when its number or name is taken."""
    changes.insert(_INSERT, [msgspec.structs.astuple(program)])


def update(changes: Changes, program: Program) -> None:
    """Replace a program; Conflict when it is gone, Duplicate when its new name is taken."""
    values = [getattr(program, name) for name in _CHANGING]
    changes.add(_UPDATE, *values, program.site_id, program.program_id, expect=1)


def delete(changes: Changes, site_id: int, program_id: int) -> None:
    """Delete a program; Conflict when it is gone."""
    changes.add(_DELETE, site_id, program_id, expect=1)
