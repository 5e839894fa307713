"""Lists of recordings: which, in what order, from where on, and how many there are in all; and what was done with them.

The keys of a page are found first, on an index that begins with what the list is narrowed to; then the rows are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, case, func, literal_column, or_, select, union_all

from parley.domain.recording import HostedRecording, State
from parley.store.engines.base import Engine
from parley.store.lists import Order, Page, bounds, end_of_prefix, ordering, page_of, unsearched
from parley.store.query import Query, one_of, padded, where
from parley.store.recordings import HOSTED, WITH_OWNER, read
from parley.store.tables import recording_accesses, recording_shares, recordings

_FAR: Final = 1 << 40
_AT_ONCE: Final = 256


class RecordingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which recordings a list shows; what is None or empty does not limit. Times: UTC epoch seconds, inclusive.

    `state` None: in whatever state, those that were deleted too. `owner_id`: of one owner; with `with_shared` also
    those shared with that account. `name_key` is the whole name, casefolded. `accessed`: only those that somebody
    registered for, looked at or loaded, with bounds between them.
    """

    site_id: int
    state: State | None = State.READY
    owner_id: int | None = None
    with_shared: bool = False
    created_from: int | None = None
    created_to: int | None = None
    session_key: int | None = None
    name_key: str | None = None
    services: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    accessed: bool = False
    accessed_from: int | None = None
    accessed_to: int | None = None


class Counts(NamedTuple):
    """How often somebody registered for a recording, loaded it and looked at it."""

    registered: int = 0
    downloaded: int = 0
    viewed: int = 0


_ORDERS: Final[dict[str, Any]] = {
    "CREATED": recordings.c.created_at,
    "NAME": recordings.c.name_key,
    "ID": recordings.c.recording_id,
}
ORDERS: Final = tuple(_ORDERS)
_BY_CREATION: Final = (Order("CREATED"),)
_SINGLES: Final = ("created_from", "created_to", "session_key", "name_key", "accessed_from", "accessed_to")


class _Key(msgspec.Struct, frozen=True):
    """What the text of a list's statements depends on."""

    in_state: bool
    owned: bool
    shared: bool
    accessed: bool
    singles: tuple[str, ...]
    services: int
    formats: int


async def list_recordings(
    engine: Engine, wanted: RecordingFilter, order: Sequence[Order] = (), start_from: int = 1, maximum: int = 100
) -> Page[HostedRecording]:
    """A page of recordings, and how many the whole list has.

    `order` names fields of `ORDERS`, by default CREATED; ties are broken by number. `start_from` counts from 1.
    """
    key, values = _taken_apart(wanted)
    skip = min(start_from - 1, _FAR)
    # One row more than wanted tells whether the page is the last one, so most lists need no count.
    rows = await engine.all(_page_query(key, tuple(order) or _BY_CREATION), *values, maximum + 1, skip, scan=True)
    total = skip + len(rows)
    if len(rows) > maximum or (skip and not rows):
        total = int((await engine.all(_count_query(key), *values, scan=True))[0][0])
    return Page([read(row) for row in rows[:maximum]], total)


def _taken_apart(wanted: RecordingFilter) -> tuple[_Key, tuple[Any, ...]]:
    singles = tuple(name for name in _SINGLES if getattr(wanted, name) is not None)
    services, formats = (padded(each) if each else () for each in (wanted.services, wanted.formats))
    owned, shared = wanted.owner_id is not None, wanted.owner_id is not None and wanted.with_shared
    key = _Key(wanted.state is not None, owned, shared, wanted.accessed, singles, len(services), len(formats))
    values = (
        wanted.site_id,
        *((wanted.state.value,) if wanted.state is not None else ()),
        *((wanted.owner_id,) if owned else ()),
        *(getattr(wanted, name) for name in singles),
        *services,
        *formats,
    )
    return key, values


def _names(key: _Key) -> list[str]:
    return [
        "key_site_id",
        *(["key_state"] if key.in_state else []),
        *(["key_owner_id"] if key.owned else []),
        *key.singles,
        *(f"service_{number}" for number in range(key.services)),
        *(f"format_{number}" for number in range(key.formats)),
    ]


def _of_owner(key: _Key) -> list[Any]:
    if not key.owned:
        return []
    own = where(recordings.c.owner_id)[0]
    if not key.shared:
        return [own]
    shared = select(recording_shares.c.recording_id).where(
        recording_shares.c.site_id == bindparam("key_site_id", type_=BigInteger),
        recording_shares.c.user_id == bindparam("key_owner_id", type_=BigInteger),
    )
    return [or_(own, recordings.c.recording_id.in_(shared))]


def _conditions(key: _Key) -> list[Any]:
    found = [*where(recordings.c.site_id, *([recordings.c.state] if key.in_state else [])), *_of_owner(key)]
    narrow = [name for name in ("session_key", "name_key") if name in key.singles]
    # A session or a name has few recordings: they are looked for by it, not along the times.
    found += bounds(unsearched(recordings.c.created_at) if narrow else recordings.c.created_at, "created", key.singles)
    found += [recordings.c[name] == bindparam(name, type_=recordings.c[name].type) for name in narrow]
    if key.services:
        found.append(one_of(recordings.c.service, "service", key.services)[0])
    if key.formats:
        found.append(one_of(recordings.c.format, "format", key.formats)[0])
    if key.accessed:
        accesses = select(recording_accesses.c.recording_id).where(
            recording_accesses.c.site_id == bindparam("key_site_id", type_=BigInteger),
            *bounds(recording_accesses.c.accessed_at, "accessed", key.singles),
        )
        found.append(recordings.c.recording_id.in_(accesses))
    return found


@lru_cache(maxsize=256)
def _page_query(key: _Key, order: tuple[Order, ...]) -> Query:
    columns = {each.field: _ORDERS[each.field] for each in order}
    labels = {name: column.label(f"by_{place}") for place, (name, column) in enumerate(columns.items())}
    number = recordings.c.recording_id
    keys = select(recordings.c.site_id, number.label("number"), *labels.values()).where(*_conditions(key))
    page = page_of(keys.order_by(*ordering(order, columns, number))).subquery("page")
    again = {name: page.c[label.name] for name, label in labels.items()}
    joined = WITH_OWNER.join(page, and_(recordings.c.site_id == page.c.site_id, number == page.c.number))
    statement = select(*HOSTED).select_from(joined).order_by(*ordering(order, again, page.c.number))
    return Query(statement, *_names(key), "maximum", "skip")


@lru_cache(maxsize=256)
def _count_query(key: _Key) -> Query:
    return Query(select(func.count()).select_from(recordings).where(*_conditions(key)), *_names(key))


# ---- for everybody -----------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """Recordings on the page of a site, the newest first, and whether there are older ones."""

    rows: list[HostedRecording]
    more: bool


async def list_listed(
    engine: Engine,
    site_id: int,
    listings: Sequence[str],
    *,
    maximum: int,
    name_prefix: str | None = None,
    before: tuple[int, int] | None = None,
) -> Listed:
    """The recordings that are listed so and can be played; what it costs does not depend on how far back they are.

    Args:
        listings: PUBLIC, PRIVATE, or both.
        name_prefix: casefolded beginning of the names.
        before: time and number of a recording; only those that come behind it, the newest first.
    """
    end = None if name_prefix is None else end_of_prefix(name_prefix)
    values: list[Any] = [site_id, *listings]
    if name_prefix is not None:
        values += [name_prefix] if end is None else [name_prefix, end]
    if before is not None:
        values += before
    query = _listed_query(len(listings), name_prefix is not None, end is not None, before is not None)
    rows = await engine.all(query, *values, maximum + 1, scan=name_prefix is not None)
    return Listed([read(row) for row in rows[:maximum]], len(rows) > maximum)


@lru_cache(maxsize=16)
def _listed_query(listings: int, named: bool, ended: bool, behind: bool) -> Query:
    table, number, most = recordings, recordings.c.recording_id, bindparam("maximum", type_=BigInteger)
    found: list[Any] = [
        *where(table.c.site_id),
        # No parameters, because the index is for these rows only.
        table.c.listing != literal_column("'UNLISTED'"),
        table.c.state == literal_column(f"'{State.READY}'"),
    ]
    if named:
        found.append(table.c.name_key >= bindparam("name_prefix", type_=table.c.name_key.type))
    if ended:
        found.append(table.c.name_key < bindparam("name_end", type_=table.c.name_key.type))
    if behind:
        created, last = (bindparam(name, type_=BigInteger) for name in ("before", "before_number"))
        found += [table.c.created_at <= created, or_(table.c.created_at < created, number < last)]
    # Of each listing only as much as could be on the page, which the index gives without sorting.
    parts = [
        select(table.c.site_id, number.label("number"), table.c.created_at.label("created"))
        .where(*found, table.c.listing == bindparam(f"listing_{place}", type_=table.c.listing.type))
        .order_by(table.c.created_at.desc(), number.desc())
        .limit(most)
        .subquery()
        for place in range(listings)
    ]
    page = union_all(*(select(*part.c) for part in parts)).subquery("page")
    joined = WITH_OWNER.join(page, and_(table.c.site_id == page.c.site_id, number == page.c.number))
    statement = select(*HOSTED).select_from(joined).order_by(page.c.created.desc(), page.c.number.desc()).limit(most)
    names = [f"listing_{place}" for place in range(listings)]
    names += [*(["name_prefix"] if named else []), *(["name_end"] if ended else [])]
    return Query(statement, "key_site_id", *names, *(["before", "before_number"] if behind else []), "maximum")


# ---- how often ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _counts_query(size: int) -> Query:
    table = recording_accesses
    condition, names = one_of(table.c.recording_id, "key", size)
    statement = (
        select(
            table.c.recording_id,
            func.count(table.c.registration.distinct()),
            func.sum(case((table.c.downloaded, 1), else_=0)),
            func.sum(case((table.c.viewed, 1), else_=0)),
        )
        .where(
            *where(table.c.site_id),
            condition,
            table.c.accessed_at >= bindparam("accessed_from", type_=BigInteger),
            table.c.accessed_at <= bindparam("accessed_to", type_=BigInteger),
        )
        .group_by(table.c.recording_id)
    )
    return Query(statement, "key_site_id", "accessed_from", "accessed_to", *names)


async def counts(
    engine: Engine, site_id: int, recording_ids: Sequence[int], since: int | None, until: int | None
) -> dict[int, Counts]:
    """How often these recordings were used between two times (UTC epoch seconds, None: any), by number."""
    found: dict[int, Counts] = {}
    bounds = (-_FAR if since is None else since, _FAR if until is None else until)
    for start in range(0, len(recording_ids), _AT_ONCE):
        part = padded(recording_ids[start : start + _AT_ONCE])
        for row in await engine.all(_counts_query(len(part)), site_id, *bounds, *part, scan=True):
            found[row[0]] = Counts(*map(int, row[1:]))
    return found
