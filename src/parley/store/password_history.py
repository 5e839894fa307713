"""Passwords that accounts had before, as hashes."""

from __future__ import annotations

import msgspec

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, reader, select_where
from parley.store.tables import password_history as table


class OldPassword(msgspec.Struct, frozen=True):
    """The hash of a password, and the version of the account's credentials that it belonged to."""

    site_id: int
    user_id: int
    credential_version: int
    password_hash: str


_read = reader(OldPassword, table.c)
_INSERT = Insert(table)
_OF_USER = select_where(list(table.c), table.c.site_id, table.c.user_id, order=[table.c.credential_version.desc()])
_DELETE = delete_where(table, table.c.site_id, table.c.user_id, table.c.credential_version)


async def of_user(engine: Engine, site_id: int, user_id: int) -> list[OldPassword]:
    """What is kept of an account, the latest first; the present password is not among it."""
    return [_read(row) for row in await engine.all(_OF_USER, site_id, user_id)]


def keep(changes: Changes, old: OldPassword) -> None:
    """Keep the password that an account is about to lose; Duplicate when somebody else just did."""
    changes.insert(_INSERT, [msgspec.structs.astuple(old)])


def forget(changes: Changes, old: OldPassword) -> None:
    """Forget one password; it may be gone already."""
    changes.add(_DELETE, old.site_id, old.user_id, old.credential_version)
