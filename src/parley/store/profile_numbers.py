"""Which account has which profile number on the conference server of its site; a number belongs to one account."""

from __future__ import annotations

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, select_where
from parley.store.tables import profile_numbers as table

_INSERT = Insert(table)
_BY_NUMBER = select_where([table.c.user_id], table.c.site_id, table.c.number_key)
_DELETE = delete_where(table, table.c.site_id, table.c.number_key, table.c.user_id)


async def holder(engine: Engine, site_id: int, number_key: str) -> int | None:
    """The account with this casefolded number."""
    row = await engine.one(_BY_NUMBER, site_id, number_key)
    return None if row is None else int(row[0])


def take(changes: Changes, site_id: int, number_key: str, user_id: int) -> None:
    """Give an account a number; Duplicate when another one has it."""
    changes.insert(_INSERT, [(site_id, number_key, user_id)])


def release(changes: Changes, site_id: int, number_key: str, user_id: int) -> None:
    """Let others have an account's number; the account need not have it."""
    changes.add(_DELETE, site_id, number_key, user_id)
