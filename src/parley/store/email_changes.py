"""E-mail addresses that users gave themselves and have not confirmed yet; an account has one at most."""

from __future__ import annotations

import msgspec

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, reader, select_where
from parley.store.tables import email_changes as table


class EmailChange(msgspec.Struct, frozen=True):
    """An address that waits for its link to be followed; the store keeps only the hash of what is in the link."""

    site_id: int
    user_id: int
    email: str
    token_hash: str
    expires_at: int


_read = reader(EmailChange, table.c)
_INSERT = Insert(table)
_BY_TOKEN = select_where(list(table.c), table.c.site_id, table.c.token_hash)
_OF_USER = select_where(list(table.c), table.c.site_id, table.c.user_id)
_DELETE = delete_where(table, table.c.site_id, table.c.user_id)


def put(changes: Changes, change: EmailChange) -> None:
    """Keep an address that waits; it takes the place of the account's former one."""
    changes.sequential = True  # the former row is deleted and another inserted
    forget(changes, change.site_id, change.user_id)
    changes.insert(_INSERT, [msgspec.structs.astuple(change)])


def forget(changes: Changes, site_id: int, user_id: int) -> None:
    """Let no link change the account's address any more; there need be none."""
    changes.add(_DELETE, site_id, user_id)


async def by_token(engine: Engine, site_id: int, token_hash: str) -> EmailChange | None:
    """The address that a link confirms, whether or not the link is too old."""
    row = await engine.one(_BY_TOKEN, site_id, token_hash)
    return None if row is None else _read(row)


async def of_user(engine: Engine, site_id: int, user_id: int) -> EmailChange | None:
    """The address that waits for an account."""
    row = await engine.one(_OF_USER, site_id, user_id)
    return None if row is None else _read(row)
