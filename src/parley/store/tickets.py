"""One-time login tickets; only a hash of a ticket is kept."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, bindparam, delete, select, update

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, select_where, where
from parley.store.tables import login_tickets as table


class Ticket(msgspec.Struct, frozen=True):
    """A login ticket: valid until `expires_at` (UTC epoch seconds) and as long as `used_at` is None."""

    site_id: int
    ticket_hash: str
    user_id: int
    expires_at: int
    used_at: int | None = None


_NOW = bindparam("now", type_=BigInteger)
_read = reader(Ticket, table.c)
_INSERT = Insert(table)
_BY_HASH = select_where(list(table.c), table.c.site_id, table.c.ticket_hash)
_UNUSED = Query(
    select(*table.c)
    .where(*where(table.c.site_id, table.c.user_id), table.c.expires_at > _NOW, table.c.used_at.is_(None))
    .order_by(table.c.expires_at.desc(), table.c.ticket_hash)
    .limit(1),
    "key_site_id",
    "key_user_id",
    "now",
)
_USE = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.ticket_hash), table.c.used_at.is_(None), table.c.expires_at > _NOW)
    .values(used_at=_NOW),
    "key_site_id",
    "key_ticket_hash",
    "now",
)
_PURGE = Query(
    delete(table).where(*where(table.c.site_id), table.c.expires_at <= _NOW),
    "key_site_id",
    "now",
)


def create(changes: Changes, ticket: Ticket) -> None:
    """Keep a new ticket."""
    changes.insert(_INSERT, [msgspec.structs.astuple(ticket)])


async def find(engine: Engine, site_id: int, ticket_hash: str) -> Ticket | None:
    """The ticket with this hash, used or expired ones too."""
    row = await engine.one(_BY_HASH, site_id, ticket_hash)
    return None if row is None else _read(row)


async def unused(engine: Engine, site_id: int, user_id: int, now: int) -> Ticket | None:
    """The user's ticket that is neither used nor expired, the one valid longest."""
    row = await engine.one(_UNUSED, site_id, user_id, now)
    return None if row is None else _read(row)


def use(changes: Changes, site_id: int, ticket_hash: str, now: int) -> None:
    """Use a ticket up; Conflict when it is unknown, expired or was used: exactly one of many users wins."""
    changes.add(_USE, site_id, ticket_hash, now, expect=1)


def purge(changes: Changes, site_id: int, now: int) -> None:
    """Forget tickets that expired."""
    changes.add(_PURGE, site_id, now)
