"""Settings of one-click meetings, one row for each account that has any."""

from __future__ import annotations

from typing import NamedTuple

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, select_where, update_where
from parley.store.tables import one_click_settings as table

_INSERT = Insert(table)
_FIND = select_where([table.c.document, table.c.version], table.c.site_id, table.c.user_id)
_UPDATE = update_where(table, ["document", "version"], table.c.site_id, table.c.user_id, table.c.version)


class Kept(NamedTuple):
    """The settings of an account as JSON text; `version` grows with every change."""

    document: str
    version: int


async def find(engine: Engine, site_id: int, user_id: int) -> Kept | None:
    """The settings of an account; None: it never had any."""
    row = await engine.one(_FIND, site_id, user_id)
    return None if row is None else Kept(*row)


def put(changes: Changes, site_id: int, user_id: int, before: Kept | None, document: str) -> None:
    """Keep settings in the place of those that were read before.

    Conflict when they were changed meanwhile, Duplicate when there are some by now.
    """
    if before is None:
        changes.insert(_INSERT, [(site_id, user_id, document, 1)])
    else:
        changes.add(_UPDATE, document, before.version + 1, site_id, user_id, before.version, expect=1)
