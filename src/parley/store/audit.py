"""The log of who changed what of a site."""

from __future__ import annotations

import msgspec
from sqlalchemy import Integer, bindparam, select

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
