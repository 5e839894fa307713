"""Recordings of events, as they are listed by event and host."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, func, or_, select

from parley.domain.recording import HostedRecording, State
from parley.store.engines.base import Engine
from parley.store.lists import Order, Page, bounds, ordering, page_of
from parley.store.query import Query, where
from parley.store.recordings import HOSTED, WITH_OWNER, read
from parley.store.tables import recordings, sessions, users


class RecordedEventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which recordings a list shows; what is None does not limit.

    Scope: the site, the service of events, and with `host_id` the recordings that one host owns. Criteria, joined by
    AND, with `any_of` by OR: the program of the event, and ranges (inclusive, UTC epoch seconds) of start and end of
    the recording; the two ends of a range belong together in either case.
    """

    site_id: int
    service: str
    host_id: int | None = None
    program_id: int | None = None
    start_from: int | None = None
    start_to: int | None = None
    end_from: int | None = None
    end_to: int | None = None
    any_of: bool = False


class RecordedEvent(NamedTuple):
    """A recording of an event, and the session type of the event, None when the event is gone."""

    recording: HostedRecording
    session_type: int | None


_ORDERS: Final[dict[str, Any]] = {
    "STARTTIME": recordings.c.created_at,
    "CONFNAME": recordings.c.name_key,
    "HOSTWEBEXID": users.c.web_ex_id_key,
}
_SINGLES: Final = ("program_id", "start_from", "start_to", "end_from", "end_to")
_EVENTS: Final = WITH_OWNER.outerjoin(
    sessions, and_(sessions.c.site_id == recordings.c.site_id, sessions.c.session_key == recordings.c.session_key)
)
_FAR: Final = 1 << 40


class _Key(msgspec.Struct, frozen=True):
    """What the text of a list's statements depends on."""

    hosted: bool
    singles: tuple[str, ...]
    any_of: bool


async def list_recorded(
    engine: Engine,
    wanted: RecordedEventFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[RecordedEvent]:
    """One page of recordings, and how many the whole list has; `order` as for lists of sessions."""
    singles = tuple(name for name in _SINGLES if getattr(wanted, name) is not None)
    key = _Key(wanted.host_id is not None, singles, wanted.any_of)
    scope = (wanted.site_id, State.READY.value, wanted.service, *((wanted.host_id,) if key.hosted else ()))
    values = (*scope, *(getattr(wanted, name) for name in singles))
    skip = min(start_from - 1, _FAR)
    rows = await engine.all(
        _page_query(key, tuple(order) or (Order("STARTTIME"),)), *values, maximum + 1, skip, scan=True
    )
    total = skip + len(rows)
    if len(rows) > maximum or (skip and not rows):
        total = int((await engine.all(_count_query(key), *values, scan=True))[0][0])
    return Page([RecordedEvent(read(row[:-1]), row[-1]) for row in rows[:maximum]], total)


def _range(column: Any, name: str, key: _Key) -> list[Any]:
    found = bounds(column, name, key.singles)
    return [and_(*found)] if found else []


def _events(key: _Key, columns: Sequence[Any]) -> Any:
    hosted = [recordings.c.owner_id] if key.hosted else []
    scope = where(recordings.c.site_id, recordings.c.state, recordings.c.service, *hosted)
    criteria = [
        *([sessions.c.program_id == bindparam("program_id", type_=BigInteger)] if "program_id" in key.singles else []),
        *_range(recordings.c.created_at, "start", key),
        *_range(recordings.c.created_at + recordings.c.duration, "end", key),
    ]
    if criteria:
        scope.append(or_(*criteria) if key.any_of else and_(*criteria))
    return select(*columns).select_from(_EVENTS).where(*scope)


def _names(key: _Key) -> list[str]:
    return ["key_site_id", "key_state", "key_service", *(["key_owner_id"] if key.hosted else []), *key.singles]


@lru_cache(maxsize=256)
def _page_query(key: _Key, order: tuple[Order, ...]) -> Query:
    rows = _events(key, [*HOSTED, sessions.c.session_type])
    sorted_rows = rows.order_by(*ordering(order, _ORDERS, recordings.c.recording_id))
    return Query(page_of(sorted_rows), *_names(key), "maximum", "skip")


@lru_cache(maxsize=256)
def _count_query(key: _Key) -> Query:
    return Query(_events(key, [func.count()]), *_names(key))
