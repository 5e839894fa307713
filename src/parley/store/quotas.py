"""How much of what a site limits its accounts hold: counters by name, made when they are first needed."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, update

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, select_where, where
from parley.store.tables import quotas as table

_INSERT = Insert(table)
_USED = select_where([table.c.used], table.c.site_id, table.c.name)
_BY = bindparam("by", type_=BigInteger)
_MOVE = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.name), table.c.used <= bindparam("most", type_=BigInteger))
    .values(used=table.c.used + _BY),
    "key_site_id",
    "key_name",
    "most",
    "by",
)
_DELETE = delete_where(table, table.c.site_id)
_ANY: int = 2**62


async def used(engine: Engine, site_id: int, name: str) -> int | None:
    """The counter's value; None: nobody counted yet."""
    row = await engine.one(_USED, site_id, name)
    return None if row is None else int(row[0])


def start(changes: Changes, site_id: int, name: str, value: int) -> None:
    """Make a counter; Duplicate when somebody else just did."""
    changes.insert(_INSERT, [(site_id, name, value)])


def move(changes: Changes, site_id: int, name: str, by: int, limit: int | None = None) -> None:
    """Add to a counter; Conflict when it is not there any more, or would go over `limit`."""
    changes.add(_MOVE, site_id, name, _ANY if limit is None else limit - by, by, expect=1)


def forget(changes: Changes, site_id: int) -> None:
    """Let everything be counted anew when it is next needed; to be done when limits change."""
    changes.add(_DELETE, site_id)
