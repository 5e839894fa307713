"""Values of the whole installation (secrets, the installation's id); the only table without a site."""

from __future__ import annotations

from sqlalchemy import column, select, table

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, select_where, update_where
from parley.store.tables import meta

_GET = select_where([meta.c.value], meta.c.key)
_INSERT = Insert(meta)
_UPDATE = update_where(meta, ["value"], meta.c.key)
_SWAP = update_where(meta, ["value"], meta.c.key, meta.c.value)
_DELETE = delete_where(meta, meta.c.key)
_REVISION = Query(select(column("version_num")).select_from(table("alembic_version")))


async def revision(engine: Engine) -> str | None:
    """The revision that the database has now, as `parley.store.migrations` names it."""
    row = await engine.one(_REVISION)
    return None if row is None else row[0]


async def get(engine: Engine, key: str) -> str | None:
    """The value kept under `key`."""
    row = await engine.one(_GET, key)
    return None if row is None else row[0]


def add(changes: Changes, key: str, value: str) -> None:
    """Keep a value under a new key; Duplicate when there is one already (another process was first)."""
    changes.insert(_INSERT, [(key, value)])


def replace(changes: Changes, key: str, value: str) -> None:
    """Replace the value under a key; Conflict when there is none."""
    changes.add(_UPDATE, value, key, expect=1)


def swap(changes: Changes, key: str, before: str, after: str) -> None:
    """Replace the value under a key; Conflict when it is not `before` any more (another process was first)."""
    changes.add(_SWAP, after, key, before, expect=1)


def remove(changes: Changes, key: str) -> None:
    """Forget a key, if it is there."""
    changes.add(_DELETE, key)
