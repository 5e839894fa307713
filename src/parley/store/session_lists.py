"""Lists of sessions: which, in what order, from where on, and how many there are in all.

Three ways to a page (facts performance, section 3, 'Paging'):
- a whole site by start time: the counters of `session_days` give the total and the day a position lies in,
  so a page in the middle of a million costs about as much as the first one;
- otherwise the page is cut on an index (OFFSET on keys only) and joined to the rows afterwards;
- the total is only counted when the page itself does not tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Select,
    Subquery,
    Table,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    union,
)

from parley.domain.session import SECONDS_PER_DAY, HostedSession
from parley.store.engines.base import Engine, Row
from parley.store.lists import Order, Page, ordering, page_of
from parley.store.query import Query, one_of, padded, where
from parley.store.sessions import HOSTED, HOSTED_COLUMNS, hosts, read_hosted
from parley.store.tables import attendees, session_days, sessions

__all__ = ["LARGEST_CHOICE", "SESSION_ORDERS", "Mark", "Order", "Page", "SessionFilter", "list_marks", "list_sessions"]

LARGEST_CHOICE = 512
"""Most values of one criterion that is a choice (session keys, types ...)."""


class SessionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions a list shows; what is None or empty does not limit.

    Scope, always joined by AND: the site; `ended` (None: both); and with any of the next three the sessions
    of a person: of whom `host_id` is the host, where `alternate_id` is an alternate host, to whose list
    `invited_id` or `invited_email_key` belongs in any role (a session is shown once). Without them: all of
    the site.

    Criteria, joined by AND, with `any_of` by OR (but `services`, which are part of the scope): ranges are inclusive,
    UTC epoch seconds; `start_` and `end_` of the present occurrence; `name_prefix` casefolded; `conf_id` and `keys`
    numbers. The two ends of a range belong together in either case.
    """

    site_id: int
    ended: bool | None = False
    host_id: int | None = None
    alternate_id: int | None = None
    invited_id: int | None = None
    invited_email_key: str | None = None

    any_of: bool = False
    start_from: int | None = None
    start_to: int | None = None
    end_from: int | None = None
    end_to: int | None = None
    modified_from: int | None = None
    modified_to: int | None = None
    name_prefix: str | None = None
    conf_id: int | None = None
    status: str | None = None
    keys: tuple[int, ...] = ()
    session_types: tuple[int, ...] = ()
    without_types: tuple[int, ...] = ()
    """Session types left out, whatever `any_of` says."""
    services: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()


_ORDERS: dict[str, Any] = {
    "STARTTIME": sessions.c.next_start,
    "CONFNAME": sessions.c.name_key,
    "HOSTWEBEXID": hosts.c.web_ex_id_key,
    **{f"TRACKINGCODE{number}": sessions.c[f"tracking_code_{number}"] for number in range(1, 11)},
}
_EXACT: dict[str, Any] = {"CONFNAME": sessions.c.name, "HOSTWEBEXID": hosts.c.web_ex_id}
SESSION_ORDERS = tuple(_ORDERS)
_NULLABLE = tuple(name for name in SESSION_ORDERS if name.startswith("TRACKINGCODE"))
_BY_START = (Order("STARTTIME"),)

_RANGES = {"start": sessions.c.next_start, "end": sessions.c.next_end, "modified": sessions.c.modified_at}
_CHOICES = {
    "keys": sessions.c.session_key,
    "session_types": sessions.c.session_type,
    "services": sessions.c.service,
    "listings": sessions.c.listing,
}
_PERSONS = ("host_id", "alternate_id", "invited_id", "invited_email_key")
_FAR = 1 << 40
_INLINE_ROWS = 501
_INLINE_SKIP = 1_000


class Mark(NamedTuple):
    """What tells whether something made of a listed session is still right: its version and that of its host."""

    session_key: int
    version: int
    alternates: bool
    host_id: int
    host_version: int


async def list_sessions(
    engine: Engine,
    wanted: SessionFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
    *,
    documents: bool = True,
) -> Page[HostedSession]:
    """One page of sessions with their hosts' names, and how many sessions the whole list has.

    `order` names up to three fields of SESSION_ORDERS (KeyError for others), by default STARTTIME; ties are
    broken by session_key, in the direction of the first field; sessions without a tracking code come first.
    `start_from` counts from 1. `documents` false, for summaries: the document, the tracking codes, both links,
    the host key and the guest token are not read and have their empty values. ValueError when a choice has
    more than LARGEST_CHOICE values.
    """
    rows, total = await _rows_of(engine, wanted, order, start_from, maximum, "whole" if documents else "brief")
    if not documents:
        rows = [_completed(row + _UNREAD_VALUES) for row in rows]
    return Page([read_hosted(row) for row in rows], total)


async def list_marks(
    engine: Engine,
    wanted: SessionFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[Mark]:
    """As `list_sessions`, but only the marks: for callers that keep what they make of sessions."""
    rows, total = await _rows_of(engine, wanted, order, start_from, maximum, "marks")
    return Page([Mark(*row) for row in rows], total)


async def _rows_of(
    engine: Engine, wanted: SessionFilter, order: Sequence[Order], start_from: int, maximum: int, columns: str
) -> tuple[list[Row], int]:
    shape = _Shape(wanted, tuple(order) or _BY_START)
    skip = min(start_from - 1, _FAR)
    if shape.on_counters and shape.by_start:
        return await _by_day(engine, wanted, shape.key.order, skip, maximum, columns)
    values = shape.values
    inline = shape.on_host_index and shape.by_start
    scan = not (inline and skip <= _INLINE_SKIP and maximum <= _INLINE_ROWS)
    # One row more than wanted tells whether the page is the last one, so most lists need no count.
    rows = await engine.all(_page_query(shape.key, columns), *values, maximum + 1, skip, scan=scan)
    total = skip + len(rows)
    if len(rows) > maximum or (skip and not rows):
        total = await _total(engine, wanted, shape)
    return rows[:maximum], total


async def _total(engine: Engine, wanted: SessionFilter, shape: _Shape) -> int:
    if shape.on_counters:
        return (await _counted(engine, wanted, *_range(wanted), listed=False))[0]
    unordered = msgspec.structs.replace(shape.key, order=())
    return int((await engine.all(_count_query(unordered), *shape.values, scan=True))[0][0])


# ---- any list --------------------------------------------------------------------------------------------


class _Key(msgspec.Struct, frozen=True):
    """What the text of a list's statements depends on."""

    ended: bool
    persons: tuple[str, ...]
    singles: tuple[str, ...]
    choices: tuple[tuple[str, int], ...]
    without: int
    any_of: bool
    order: tuple[Order, ...]


class _Shape:
    """A filter and an order taken apart into the statement they need and its values."""

    __slots__ = ("by_start", "key", "on_counters", "on_host_index", "values")

    def __init__(self, wanted: SessionFilter, order: tuple[Order, ...]) -> None:
        persons = tuple(name for name in _PERSONS if getattr(wanted, name) is not None)
        name_end = None if wanted.name_prefix is None else _end_of_prefix(wanted.name_prefix)
        singles = tuple(name for name in _SINGLES if getattr(wanted, name) is not None)
        if name_end is not None:
            singles = (*singles, "name_end")
        chosen = [(name, _choice(name, getattr(wanted, name))) for name in _CHOICES if getattr(wanted, name)]
        without = _choice("without_types", wanted.without_types) if wanted.without_types else ()
        self.key = _Key(
            ended=wanted.ended is not None,
            persons=persons,
            singles=singles,
            choices=tuple((name, len(values)) for name, values in chosen),
            without=len(without),
            any_of=wanted.any_of,
            order=order,
        )
        values: list[Any] = [wanted.site_id]
        if wanted.ended is not None:
            values.append(wanted.ended)
        values += [getattr(wanted, name) for name in persons]
        values += [name_end if name == "name_end" else getattr(wanted, name) for name in singles]
        for _, some in chosen:
            values += some
        self.values = (*values, *without)
        plain = not chosen and not without and all(name in ("start_from", "start_to") for name in singles)
        self.by_start = len(order) == 1 and order[0].field == "STARTTIME"
        self.on_counters = plain and not persons
        self.on_host_index = plain and persons == ("host_id",)


_SINGLES = (*(f"{name}_{end}" for name in _RANGES for end in ("from", "to")), "name_prefix", "conf_id", "status")


def _end_of_prefix(prefix: str) -> str | None:
    """The least text behind all that begin with the prefix, by code point; None: there is none."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    after = ord(stem[-1]) + 1
    # Surrogates are no characters, databases do not take them.
    return stem[:-1] + chr(0xE000 if 0xD800 <= after <= 0xDFFF else after)


def _choice(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) > LARGEST_CHOICE:
        raise ValueError(f"{name} has {len(values)} values, more than {LARGEST_CHOICE}")
    return padded(values)


def _names(key: _Key) -> list[str]:
    names = ["key_site_id", *(["ended"] if key.ended else []), *key.persons, *key.singles]
    for choice, size in (*key.choices, *([("without_types", key.without)] if key.without else [])):
        names += [f"{choice}_{number}" for number in range(size)]
    return names


def _criteria(key: _Key) -> list[Any]:
    """The conditions of a list apart from its scope."""
    found: list[Any] = []
    for name, column in _RANGES.items():
        ends: list[Any] = []
        if f"{name}_from" in key.singles:
            ends.append(column >= bindparam(f"{name}_from", type_=BigInteger))
        if f"{name}_to" in key.singles:
            ends.append(column <= bindparam(f"{name}_to", type_=BigInteger))
        if ends:
            found.append(and_(*ends))
    if "name_prefix" in key.singles:
        column = sessions.c.name_key
        ends = [column >= bindparam("name_prefix", type_=column.type)]
        if "name_end" in key.singles:
            ends.append(column < bindparam("name_end", type_=column.type))
        found.append(and_(*ends))
    found += [
        sessions.c[name] == bindparam(name, type_=sessions.c[name].type)
        for name in ("conf_id", "status")
        if name in key.singles
    ]
    found += [one_of(_CHOICES[name], name, size)[0] for name, size in key.choices if name != "services"]
    return found


def _conditions(key: _Key) -> list[Any]:
    conditions = where(sessions.c.site_id)
    if key.ended:
        conditions.append(sessions.c.ended == bindparam("ended", type_=Boolean))
    else:
        conditions.append(sessions.c.ended.in_([false(), true()]))  # says nothing, but indexes begin with it
    conditions += [one_of(_CHOICES[name], name, size)[0] for name, size in key.choices if name == "services"]
    criteria = _criteria(key)
    if criteria:
        conditions.append(or_(*criteria) if key.any_of else and_(*criteria))
    if key.without:
        conditions.append(~one_of(sessions.c.session_type, "without_types", key.without)[0])
    return conditions


def _sources(key: _Key, columns: Sequence[Any]) -> list[Select[Any]]:
    """One SELECT per way by which a session belongs to the list, each with an index of its own.

    When the first way is to be its host, the others leave out the host's sessions.
    """
    base = HOSTED if any(each.field == "HOSTWEBEXID" for each in key.order) else sessions
    conditions = _conditions(key)
    found: list[Select[Any]] = []
    for name in key.persons:
        if name == "host_id":
            host = sessions.c.host_id == bindparam(name, type_=BigInteger)
            found.append(select(*columns).select_from(base).where(*conditions, host))
            conditions = [*conditions, sessions.c.host_id != bindparam(name, type_=BigInteger)]
            continue
        # A join, because SQLite would scan the site for "session_key IN (SELECT ...)".
        listed = _listed(name)
        joined = listed.join(base, sessions.c.session_key == listed.c.session_key)
        found.append(select(*columns).select_from(joined).where(*conditions))
    return found or [select(*columns).select_from(base).where(*conditions)]


def _listed(name: str) -> Subquery:
    """The keys of the sessions to whose list a person belongs."""
    column = attendees.c.email_key if name == "invited_email_key" else attendees.c.user_id
    statement = select(attendees.c.session_key).where(
        *where(attendees.c.site_id), column == bindparam(name, type_=column.type)
    )
    if name == "alternate_id":
        statement = statement.where(attendees.c.role == "HOST")
    return statement.distinct().subquery("listed")


def _order_columns(key: _Key) -> dict[str, Any]:
    """The columns a list is sorted by, by field."""
    columns: dict[str, Any] = {}
    for each in key.order:
        column = _ORDERS[each.field]
        columns.setdefault(each.field, _EXACT.get(each.field, column) if each.case_sensitive else column)
    return columns


def _keys_of_page(key: _Key) -> tuple[Any, dict[str, Any]]:
    """A subquery of the keys of a page with the columns it is sorted by, and these columns of it by field."""
    columns = _order_columns(key)
    labels = {name: column.label(f"by_{place}") for place, (name, column) in enumerate(columns.items())}
    sources = _sources(key, [sessions.c.site_id, sessions.c.session_key, *labels.values()])
    keys = ordering(key.order, columns, sessions.c.session_key, _NULLABLE)
    if len(sources) == 1:
        statement = sources[0].order_by(*keys)
    else:
        # Of each way only as much as could be on the page, which an index may give without sorting.
        most = bindparam("maximum", type_=BigInteger) + bindparam("skip", type_=BigInteger)
        parts = [source.order_by(*keys).limit(most).subquery() for source in sources]
        members = union(*(select(*part.c) for part in parts)).subquery("members")
        again = {name: members.c[label.name] for name, label in labels.items()}
        statement = select(*members.c).order_by(*ordering(key.order, again, members.c.session_key, _NULLABLE))
    page = page_of(statement).subquery("page")
    return page, {name: page.c[label.name] for name, label in labels.items()}


_UNREAD: dict[str, Any] = {
    "document": "{}",
    "guest_token": "",
    "host_key": "",
    "host_link": "",
    "attendee_link": "",
    **{f"tracking_code_{number}": None for number in range(1, 11)},
}
"""What a summary does without, and what stands in its place: a quarter of the columns, most of the text."""
_UNREAD_VALUES = tuple(_UNREAD.values())
_BRIEF_COLUMNS = [column for column in HOSTED_COLUMNS if column.name not in _UNREAD]
_PLACES = {id(column): place for place, column in enumerate([*_BRIEF_COLUMNS, *(sessions.c[name] for name in _UNREAD)])}
_completed: Callable[[Row], Row] = itemgetter(*(_PLACES[id(column)] for column in HOSTED_COLUMNS))
"""Called with a row of the brief columns and the values of the unread ones: the row of all columns."""

_COLUMN_SETS: dict[str, list[Any]] = {
    "whole": HOSTED_COLUMNS,
    "brief": _BRIEF_COLUMNS,
    "marks": [
        sessions.c.session_key,
        sessions.c.version,
        sessions.c.alternates,
        sessions.c.host_id,
        hosts.c.version,
    ],
}


@lru_cache(maxsize=512)
def _page_query(key: _Key, what: str) -> Query:
    page, columns = _keys_of_page(key)
    statement = (
        select(*_COLUMN_SETS[what])
        .select_from(
            page.join(
                HOSTED,
                and_(sessions.c.site_id == page.c.site_id, sessions.c.session_key == page.c.session_key),
            )
        )
        .order_by(*ordering(key.order, columns, page.c.session_key, _NULLABLE))
    )
    return Query(statement, *_names(key), "maximum", "skip")


@lru_cache(maxsize=512)
def _count_query(key: _Key) -> Query:
    sources = _sources(key, [sessions.c.session_key])
    counts: list[Any] = []
    if not key.persons or key.persons[0] == "host_id":
        counts.append(sources.pop(0).with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery())
    if sources:
        members = union(*sources).subquery("members") if len(sources) > 1 else sources[0].subquery("members")
        counts.append(select(func.count()).select_from(members).scalar_subquery())
    statement = select(sum(counts[1:], counts[0]))
    return Query(statement, *_names(key))


# ---- a whole site by start time --------------------------------------------------------------------------

_STATES = ("state_0", "state_1")


def _of_states(table: Table, column: Any, low: str, high: str) -> list[Any]:
    """Rows of a site that are in one of two states of `ended`, with `column` from `low` to `high`."""
    return [
        *where(table.c.site_id),
        table.c.ended.in_([bindparam(state, type_=Boolean) for state in _STATES]),
        column.between(bindparam(low, type_=column.type), bindparam(high, type_=column.type)),
    ]


_DAY_NAMES = ("key_site_id", *_STATES, "first", "last")
_IN_DAYS = _of_states(session_days, session_days.c.day, "first", "last")
_DAYS = Query(
    select(session_days.c.day, func.sum(session_days.c.total))
    .where(*_IN_DAYS, session_days.c.total > 0)
    .group_by(session_days.c.day)
    .order_by(session_days.c.day),
    *_DAY_NAMES,
)
_SUM = Query(select(func.coalesce(func.sum(session_days.c.total), 0)).where(*_IN_DAYS), *_DAY_NAMES)
_EDGE = Query(
    select(func.count()).where(*_of_states(sessions, sessions.c.next_start, "low", "high")),
    "key_site_id",
    *_STATES,
    "low",
    "high",
)
_FIRST_DAY, _LAST_DAY = -(1 << 31), (1 << 31) - 1
_EARLIEST, _LATEST = _FIRST_DAY * SECONDS_PER_DAY, (_LAST_DAY + 1) * SECONDS_PER_DAY - 1

_Bucket = tuple[int, int, int]
"""Sessions that start from .. to (both inclusive), and how many they are."""


async def _by_day(
    engine: Engine,
    wanted: SessionFilter,
    order: tuple[Order, ...],
    skip: int,
    maximum: int,
    columns: str,
) -> tuple[list[Row], int]:
    low, high = _range(wanted)
    # An index gives sessions of one state in order; with both states the page is read from the days it is in.
    by_days = skip > 0 or wanted.ended is None
    total, buckets = await _counted(engine, wanted, low, high, listed=by_days)
    if skip >= total:
        return [], total
    if by_days:
        falling = order[0].descending
        nearest, farthest, skip = _reach(buckets[::-1] if falling else buckets, skip, maximum)
        low, high = (farthest[0], nearest[1]) if falling else (nearest[0], farthest[1])
    scan = skip > _INLINE_SKIP or maximum > _INLINE_ROWS
    key = _start_key(wanted.ended is not None, order)
    states = () if wanted.ended is None else (wanted.ended,)
    query = _page_query(key, columns)
    return await engine.all(query, wanted.site_id, *states, low, high, maximum, skip, scan=scan), total


def _range(wanted: SessionFilter) -> tuple[int, int]:
    """The range of starts asked for, cut to what days can be counted for."""
    low = _EARLIEST if wanted.start_from is None else wanted.start_from
    high = _LATEST if wanted.start_to is None else wanted.start_to
    return min(max(low, _EARLIEST), _LATEST), min(max(high, _EARLIEST), _LATEST)


@lru_cache(maxsize=8)
def _start_key(ended: bool, order: tuple[Order, ...]) -> _Key:
    singles = ("start_from", "start_to")
    return _Key(ended=ended, persons=(), singles=singles, choices=(), without=0, any_of=False, order=order)


async def _counted(
    engine: Engine, wanted: SessionFilter, low: int, high: int, *, listed: bool
) -> tuple[int, list[_Bucket]]:
    """How many sessions start from `low` to `high`; with `listed` also by day, in order of time.

    Whole days come from the counters; only days cut by `low` or `high` are counted on the index.
    """
    if low > high:
        return 0, []
    states = (False, True) if wanted.ended is None else (wanted.ended, wanted.ended)
    scope = (wanted.site_id, *states)
    first, last = low // SECONDS_PER_DAY, high // SECONDS_PER_DAY
    edges: list[_Bucket] = []
    cut_low, cut_high = low % SECONDS_PER_DAY != 0, (high + 1) % SECONDS_PER_DAY != 0
    if first == last and (cut_low or cut_high):
        edges = [(low, high, 0)]
        first += 1
    else:
        if cut_low:
            first += 1
            edges.append((low, first * SECONDS_PER_DAY - 1, 0))
        if cut_high:
            edges.append((last * SECONDS_PER_DAY, high, 0))
            last -= 1
    edges = [(start, end, (await engine.all(_EDGE, *scope, start, end, scan=True))[0][0]) for start, end, _ in edges]
    total = sum(count for _, _, count in edges)
    if first > last:
        return total, edges
    if not listed:
        row = await engine.one(_SUM, *scope, first, last)
        return total + (int(row[0]) if row is not None else 0), edges
    days = [
        (day * SECONDS_PER_DAY, (day + 1) * SECONDS_PER_DAY - 1, int(count))
        for day, count in await engine.all(_DAYS, *scope, first, last)
    ]
    return total + sum(count for _, _, count in days), sorted(edges + days)


def _reach(buckets: list[_Bucket], skip: int, maximum: int) -> tuple[_Bucket, _Bucket, int]:
    """The buckets in which a page begins and ends, and how much of the first one comes before it."""
    place = 0
    while skip >= buckets[place][2]:
        skip -= buckets[place][2]
        place += 1
    nearest, wanted = buckets[place], skip + maximum - buckets[place][2]
    while wanted > 0 and place < len(buckets) - 1:
        place += 1
        wanted -= buckets[place][2]
    return nearest, buckets[place], skip
