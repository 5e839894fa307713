"""Accesses to recordings: who registered for them, looked at them or loaded their files."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import BigInteger, bindparam, delete, func, or_, select

from parley.domain.recording import Access
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.lists import Page, page_of
from parley.store.query import Insert, Query, reader, select_where, update_where, where
from parley.store.tables import recording_accesses as table

_read = reader(Access, table.c)
_OF_RECORDING: Final = (table.c.site_id, table.c.recording_id)
_INSERT: Final = Insert(table)
_MARK: Final = update_where(table, ["viewed", "downloaded"], table.c.site_id, table.c.access_id)
_REGISTERED: Final = select_where(
    list(table.c), *_OF_RECORDING, table.c.registration, order=[table.c.accessed_at, table.c.access_id]
)
_UNTIL: Final = bindparam("until", type_=BigInteger)
_FORGET: Final = Query(
    delete(table).where(
        *where(table.c.site_id),
        table.c.accessed_at < _UNTIL,
        or_(table.c.registration.is_(None), table.c.accessed_at > table.c.registered_at),
    ),
    *("key_site_id", "until"),
)


def note(changes: Changes, access: Access) -> None:
    """Keep an access; Duplicate when its number is taken, Conflict when the recording is not there any more."""
    changes.insert(_INSERT, [msgspec.structs.astuple(access)])


def mark(changes: Changes, access: Access) -> None:
    """Keep whether an access that is known already was used to look at the recording, or to load its file."""
    changes.add(_MARK, access.viewed, access.downloaded, access.site_id, access.access_id)


def forget(changes: Changes, site_id: int, until: int) -> None:
    """Forget accesses before that time (UTC epoch seconds), but not that people registered: they are known by it."""
    changes.add(_FORGET, site_id, until)


async def registered(engine: Engine, site_id: int, recording_id: int, registration: str) -> Access | None:
    """The access with which somebody registered for a recording, by the secret that was given out for it."""
    row = await engine.one(_REGISTERED, site_id, recording_id, registration)
    return None if row is None else _read(row)


_OF_LATE: Final = (*where(*_OF_RECORDING), table.c.accessed_at >= bindparam("since", type_=BigInteger))
_LIST: Final = Query(
    page_of(select(*table.c).where(*_OF_LATE).order_by(table.c.accessed_at, table.c.access_id)),
    *("key_site_id", "key_recording_id", "since", "maximum", "skip"),
)
_COUNT: Final = Query(
    select(func.count()).select_from(table).where(*_OF_LATE), "key_site_id", "key_recording_id", "since"
)
_FAR: Final = 1 << 40


async def list_accesses(
    engine: Engine, site_id: int, recording_id: int, since: int, start_from: int, maximum: int
) -> Page[Access]:
    """A page of the accesses to a recording since a time (UTC epoch seconds), the earliest first, and how many.

    `start_from` counts from 1.
    """
    skip = min(start_from - 1, _FAR)
    rows = await engine.all(_LIST, site_id, recording_id, since, maximum + 1, skip, scan=True)
    total = skip + len(rows)
    if len(rows) > maximum or (skip and not rows):
        total = int((await engine.all(_COUNT, site_id, recording_id, since, scan=True))[0][0])
    return Page([_read(row) for row in rows[:maximum]], total)
