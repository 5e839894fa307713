"""How many wrong passwords in a row an account was tried with; accounts without any have no row."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, text

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Query, delete_where, select_where
from parley.store.tables import sign_in_failures as table


class Failures(NamedTuple):
    """The number of wrong passwords, and when the last one came (UTC epoch seconds)."""

    number: int
    failed_at: int


_COUNT = Query(
    text(
        "INSERT INTO sign_in_failures (site_id, user_id, failures, failed_at) VALUES (:site_id, :user_id, 1, :now)"
        " ON CONFLICT (site_id, user_id) DO UPDATE SET failed_at = excluded.failed_at, failures ="
        " CASE WHEN sign_in_failures.failed_at < :since THEN 1 ELSE sign_in_failures.failures + 1 END"
    ).bindparams(*(bindparam(name, type_=BigInteger) for name in ("site_id", "user_id", "now", "since"))),
    "site_id",
    "user_id",
    "now",
    "since",
    table=table,
)
_OF_USER = select_where([table.c.failures, table.c.failed_at], table.c.site_id, table.c.user_id)
_DELETE = delete_where(table, table.c.site_id, table.c.user_id)


async def of_user(engine: Engine, site_id: int, user_id: int) -> Failures | None:
    """What is counted of an account; None: nothing."""
    row = await engine.one(_OF_USER, site_id, user_id)
    return None if row is None else Failures(row[0], row[1])


def count(changes: Changes, site_id: int, user_id: int, now: int, since: int) -> None:
    """Count a wrong password; those before are forgotten when the last one came earlier than `since`."""
    changes.add(_COUNT, site_id, user_id, now, since)


def forget(changes: Changes, site_id: int, user_id: int) -> None:
    """Count from none again; there need be no row."""
    changes.add(_DELETE, site_id, user_id)
