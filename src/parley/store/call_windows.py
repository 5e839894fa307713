"""How many calls of his minute a caller has used, in whichever processes."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, delete

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, select_where, update_where, where
from parley.store.tables import call_windows as table


class Window(NamedTuple):
    """When a minute began (UTC epoch seconds), and how many of its calls processes have taken."""

    began: int
    taken: int


_KEYS = (table.c.site_id, table.c.caller, table.c.call_group)
_FIND = select_where([table.c.began, table.c.taken], *_KEYS)
_INSERT = Insert(table)
_UPDATE = update_where(table, ["began", "taken"], *_KEYS, table.c.began, table.c.taken)
_PURGE = Query(
    delete(table).where(*where(table.c.site_id), table.c.began < bindparam("before", type_=BigInteger)),
    "key_site_id",
    "before",
)


async def find(engine: Engine, site_id: int, caller: str, group: str) -> Window | None:
    """The last minute of a caller; None: there was none."""
    row = await engine.one(_FIND, site_id, caller, group)
    return None if row is None else Window(row[0], row[1])


def begin(changes: Changes, site_id: int, caller: str, group: str, window: Window) -> None:
    """Note a caller's first minute; Duplicate when another process was first."""
    changes.insert(_INSERT, [(site_id, caller, group, *window)])


def replace(changes: Changes, site_id: int, caller: str, group: str, before: Window, after: Window) -> None:
    """Note what is taken now; Conflict when it is not `before` any more."""
    changes.add(_UPDATE, *after, site_id, caller, group, *before, expect=1)


def purge(changes: Changes, site_id: int, before: int) -> None:
    """Forget minutes that began before a time."""
    changes.add(_PURGE, site_id, before)
