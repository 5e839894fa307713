"""What people said of a session afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Integer, bindparam, func, select

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, where
from parley.store.tables import feedback as table


class Feedback(msgspec.Struct, frozen=True):
    """One form that was sent; `document` is JSON text. `attendee_id` 0: somebody who is not on the session's list.

    `submitted_at`: UTC epoch seconds.
    """

    site_id: int
    feedback_id: int
    session_key: int
    conf_id: int
    attendee_id: int
    submitted_at: int
    document: str


_read = reader(Feedback, table.c)
_INSERT: Final = Insert(table)
_RUN: Final[Sequence[Any]] = where(table.c.site_id, table.c.session_key, table.c.conf_id)
_NAMES: Final = ("key_site_id", "key_session_key", "key_conf_id")
_OF_RUN: Final = Query(
    select(*table.c)
    .where(*_RUN)
    .order_by(table.c.submitted_at, table.c.feedback_id)
    .limit(bindparam("maximum", type_=Integer)),
    *_NAMES,
    "maximum",
)
_COUNT: Final = Query(select(func.count()).select_from(table).where(*_RUN), *_NAMES)


def put(changes: Changes, entry: Feedback) -> None:
    """Keep a form. Duplicate when its number is taken (draw another and repeat)."""
    changes.insert(_INSERT, [msgspec.structs.astuple(entry)])


async def of_run(engine: Engine, site_id: int, session_key: int, conf_id: int, maximum: int) -> list[Feedback]:
    """The forms of one run of a session, the oldest first."""
    return [_read(row) for row in await engine.all(_OF_RUN, site_id, session_key, conf_id, maximum)]


async def count(engine: Engine, site_id: int, session_key: int, conf_id: int) -> int:
    """How many forms there are of one run of a session."""
    row = await engine.one(_COUNT, site_id, session_key, conf_id)
    return 0 if row is None else int(row[0])
