"""What the inspector saw of the requests of sites, and what somebody keeps of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, delete, select

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.inspected_tables import inspected_requests as table
from parley.store.query import Insert, Query, delete_where, reader, select_where, update_where, where


class Inspected(msgspec.Struct, frozen=True):
    """One request of a site.

    Attributes:
        request_id: grows with time.
        seen_at: UTC epoch seconds; `micros`: microseconds that the answer took.
        code, reason: of a failure.
        size: characters of request and answer together.
        kept: it stays until somebody forgets it.
        documents: request and answer, packed; empty where only the others were asked for.
    """

    site_id: int
    request_id: int
    seen_at: int
    operation: str
    caller: str | None
    result: str
    code: str | None
    reason: str | None
    micros: int
    size: int
    kept: bool = False
    documents: bytes = b""


_KEY = (table.c.site_id, table.c.request_id)
_HEADS = [column for column in table.c if column is not table.c.documents]
_read = reader(Inspected, table.c)
_read_head = reader(Inspected, _HEADS)
_INSERT = Insert(table)
_LATEST = Query(
    select(*_HEADS)
    .where(*where(table.c.site_id))
    .order_by(table.c.request_id.desc())
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "maximum",
)
_ONE = select_where(list(table.c), *_KEY)
_KEEP = update_where(table, ["kept"], *_KEY)
_DELETE = delete_where(table, *_KEY)
_CLEAR = Query(delete(table).where(*where(table.c.site_id), table.c.kept.is_(False)), "key_site_id")
_PURGE = Query(
    delete(table).where(
        *where(table.c.site_id),
        table.c.kept.is_(False),
        table.c.request_id <= bindparam("last", type_=BigInteger),
    ),
    "key_site_id",
    "last",
)
_FORGET_OLD = Query(
    delete(table).where(
        *where(table.c.site_id),
        table.c.kept.is_(False),
        table.c.seen_at < bindparam("before", type_=BigInteger),
    ),
    "key_site_id",
    "before",
)


def put(changes: Changes, rows: Sequence[Inspected]) -> None:
    """Add requests; Duplicate when a number is taken, Conflict when the site is gone."""
    changes.insert(_INSERT, [msgspec.structs.astuple(row) for row in rows])


async def latest(engine: Engine, site_id: int, maximum: int) -> list[Inspected]:
    """The last requests of a site without their documents, the last first."""
    return [_read_head(row) for row in await engine.all(_LATEST, site_id, maximum, scan=True)]


async def one(engine: Engine, site_id: int, request_id: int) -> Inspected | None:
    """A request with its documents; None: there is none of that number."""
    row = await engine.one(_ONE, site_id, request_id)
    return None if row is None else _read(row)


def keep(changes: Changes, site_id: int, request_id: int) -> None:
    """Have a request stay; Conflict when it is gone."""
    changes.add(_KEEP, True, site_id, request_id, expect=1)


def remove(changes: Changes, site_id: int, request_id: int) -> None:
    """Forget a request, kept or not."""
    changes.add(_DELETE, site_id, request_id)


def clear(changes: Changes, site_id: int) -> None:
    """Forget all that nobody keeps."""
    changes.add(_CLEAR, site_id)


def purge(changes: Changes, site_id: int, last: int) -> None:
    """Forget what nobody keeps, up to this number."""
    changes.add(_PURGE, site_id, last)


def forget_old(changes: Changes, site_id: int, before: int) -> None:
    """Forget what nobody keeps from before a time (UTC epoch seconds)."""
    changes.add(_FORGET_OLD, site_id, before)
