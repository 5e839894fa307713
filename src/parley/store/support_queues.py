"""Who works at which queue of the support service."""

from __future__ import annotations

from sqlalchemy import func, select

from parley.store.engines.base import Engine
from parley.store.query import Query, select_where, where
from parley.store.tables import queue_members as table

_SIZES = Query(
    select(table.c.queue_key, func.count(table.c.user_id.distinct()))
    .where(*where(table.c.site_id))
    .group_by(table.c.queue_key),
    "key_site_id",
)
_OF_USER = select_where([table.c.queue_key, table.c.role], table.c.site_id, table.c.user_id)


async def sizes(engine: Engine, site_id: int) -> dict[str, int]:
    """How many people work at each queue, by the casefolded name of the queue; queues of nobody are left out."""
    return {row[0]: int(row[1]) for row in await engine.all(_SIZES, site_id, scan=True)}


async def of_user(engine: Engine, site_id: int, user_id: int) -> dict[str, set[str]]:
    """The roles (AGENT, MANAGER, ALL) that somebody has at queues, by the casefolded name of the queue."""
    found: dict[str, set[str]] = {}
    for key, role in await engine.all(_OF_USER, site_id, user_id):
        found.setdefault(key, set()).add(role)
    return found
