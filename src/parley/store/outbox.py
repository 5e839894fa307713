"""What has to be told to the outside (mails, calendar files), written with the change it tells of."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, delete, select, update

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, where
from parley.store.tables import outbox as table


class Message(msgspec.Struct, frozen=True):
    """Something to deliver; `document` is JSON text whose shape belongs to `kind`. Times: UTC epoch seconds."""

    site_id: int
    outbox_id: int
    kind: str
    session_key: int | None = None
    recipient: str | None = None
    document: str = "{}"
    created_at: int = 0
    sent_at: int | None = None


_NOW = bindparam("now", type_=BigInteger)
_read = reader(Message, table.c)
_INSERT = Insert(table)
_WAITING = Query(
    select(*table.c)
    .where(*where(table.c.site_id), table.c.sent_at.is_(None))
    .order_by(table.c.created_at, table.c.outbox_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "maximum",
)
_SENT = Query(
    update(table).where(*where(table.c.site_id, table.c.outbox_id), table.c.sent_at.is_(None)).values(sent_at=_NOW),
    "key_site_id",
    "key_outbox_id",
    "now",
)
_PURGE = Query(
    delete(table).where(*where(table.c.site_id), table.c.sent_at <= _NOW),
    "key_site_id",
    "now",
)


def put(changes: Changes, messages: Sequence[Message]) -> None:
    """Add messages to be delivered after the commit."""
    changes.insert(_INSERT, [msgspec.structs.astuple(message) for message in messages])


async def waiting(engine: Engine, site_id: int, maximum: int = 100) -> list[Message]:
    """Messages not yet sent, the oldest first."""
    return [_read(row) for row in await engine.all(_WAITING, site_id, maximum)]


def sent(changes: Changes, site_id: int, outbox_id: int, now: int) -> None:
    """Note a message as sent; Conflict when it is unknown or was sent already."""
    changes.add(_SENT, site_id, outbox_id, now, expect=1)


def purge(changes: Changes, site_id: int, before: int) -> None:
    """Forget messages that were sent at `before` or earlier."""
    changes.add(_PURGE, site_id, before)
