"""The log of who changed what of a site."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, select

from parley.domain.site import AuditEntry
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, where
from parley.store.tables import audit_log as table

_read = reader(AuditEntry, table.c)
_INSERT = Insert(table)
_LATEST = Query(
    select(*table.c)
    .where(*where(table.c.site_id))
    .order_by(table.c.version.desc())
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "maximum",
)


def put(changes: Changes, entry: AuditEntry) -> None:
    """Add the entry for a version of a site, in the set that makes the version."""
    changes.insert(_INSERT, [msgspec.structs.astuple(entry)])


async def latest(engine: Engine, site_id: int, maximum: int = 100) -> list[AuditEntry]:
    """The last entries of a site, the newest first."""
    return [_read(row) for row in await engine.all(_LATEST, site_id, maximum)]


# ---- for people who look into it -------------------------------------------------------------------------


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are looked at; what is None does not limit. Times: UTC epoch seconds, inclusive.

    `author` is looked for whatever the case of its letters from A to Z. `version_from` and `version_to`: of the site.
    """

    site_id: int
    author: str | None = None
    changed_from: int | None = None
    changed_to: int | None = None
    version_from: int | None = None
    version_to: int | None = None


_BOUNDS: Final = {
    "author": func.lower(table.c.author) == func.lower(bindparam("author", type_=Text)),
    "changed_from": table.c.changed_at >= bindparam("changed_from", type_=BigInteger),
    "changed_to": table.c.changed_at <= bindparam("changed_to", type_=BigInteger),
    "version_from": table.c.version >= bindparam("version_from", type_=Integer),
    "version_to": table.c.version <= bindparam("version_to", type_=Integer),
}


@lru_cache(maxsize=64)
def _found_query(given: tuple[str, ...], newest_first: bool) -> Query:
    order = table.c.version.desc() if newest_first else table.c.version.asc()
    statement = (
        select(*table.c)
        .where(*where(table.c.site_id), *(_BOUNDS[name] for name in given))
        .order_by(order)
        .limit(bindparam("maximum", type_=Integer))
    )
    return Query(statement, "key_site_id", *given, "maximum")


async def find(engine: Engine, wanted: AuditFilter, maximum: int) -> list[AuditEntry]:
    """Entries of a site, the newest first: with `version_from` those right after it, else the last ones."""
    given = tuple(name for name in _BOUNDS if getattr(wanted, name) is not None)
    values = (getattr(wanted, name) for name in given)
    falling = wanted.version_from is None
    rows = await engine.all(_found_query(given, falling), wanted.site_id, *values, maximum, scan=True)
    found = [_read(row) for row in rows]
    return found if falling else found[::-1]
