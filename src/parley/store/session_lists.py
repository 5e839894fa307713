"""Lists of sessions: which, in what order, from where on, and how many there are in all.

Ways to a page (facts performance, section 3, 'Paging'):
- a whole site by start time, or what of it is listed so, is of a service or of a type: the counters of `session_days`
  give the total and the day a position lies in, so a page in the middle of a million costs about as much as the
  first one;
- what is on a calendar has an index by listing, each listing being a way of its own to the page;
- a page near a known position of an index by start time is read along that index; so is one of a name that most
  sessions of a site have, since the next one is met soon;
- otherwise the page is cut on an index (OFFSET on keys only) and joined to the rows afterwards;
- the total is only counted when the page itself does not tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
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
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union,
    union_all,
)

from parley.domain.listing import Listing
from parley.domain.registration import Status
from parley.domain.session import HostedSession, SessionSummary
from parley.store import days
from parley.store.days import Day
from parley.store.engines.base import Engine, Row
from parley.store.lists import (
    Order,
    Page,
    bounds,
    end_of_prefix,
    name_bounds,
    ordering,
    page_of,
    unsearched,
)
from parley.store.query import Query, one_of, padded, reader, where
from parley.store.sessions import HOSTED, HOSTED_COLUMNS, hosts, read_hosted
from parley.store.tables import attendees, session_days, sessions

__all__ = [
    "LARGEST_CHOICE",
    "SESSION_ORDERS",
    "Mark",
    "Order",
    "Page",
    "SeriesRow",
    "SessionFilter",
    "count_starts",
    "list_marks",
    "list_places",
    "list_series",
    "list_sessions",
    "list_summaries",
    "summaries_of",
]

LARGEST_CHOICE = 512
"""Most values of one criterion that is a choice (session keys, types ...)."""


class SessionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions a list shows; what is None or empty does not limit.

    Scope, always joined by AND: the site; `ended` (None: both); `recurring` (None: both); and with any of the next
    ones the sessions of a person: of whom `host_id` is the host, which `creator_id` scheduled for somebody else, where
    `alternate_id` is an alternate host, to whose list `invited_id` or `invited_email_key` belongs: invited, accepted
    with a seat, or as an alternate host, and not those who were refused or still wait (a session is shown once).
    Without them: all of the site.

    Criteria, joined by AND, with `any_of` by OR (but `services`, which are part of the scope): ranges are inclusive,
    UTC epoch seconds; `start_` and `end_` of the present occurrence; `name_prefix` casefolded; `conf_id`, `program_id`
    and `keys` numbers. The two ends of a range belong together in either case.
    """

    site_id: int
    ended: bool | None = False
    recurring: bool | None = None
    host_id: int | None = None
    creator_id: int | None = None
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
    program_id: int | None = None
    status: str | None = None
    account_key: str | None = None
    opportunity_key: str | None = None
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
    "ACCOUNT": sessions.c.account_key,
    "OPPORTUNITY": sessions.c.opportunity_key,
}
_EXACT: dict[str, Any] = {"CONFNAME": sessions.c.name, "HOSTWEBEXID": hosts.c.web_ex_id}
SESSION_ORDERS = tuple(_ORDERS)
_NULLABLE = tuple(name for name in SESSION_ORDERS if name.startswith(("TRACKINGCODE", "ACCOUNT", "OPPORTUNITY")))
_BY_START = (Order("STARTTIME"),)

_RANGES = {"start": sessions.c.next_start, "end": sessions.c.next_end, "modified": sessions.c.modified_at}
_CHOICES = {
    "keys": sessions.c.session_key,
    "session_types": sessions.c.session_type,
    "services": sessions.c.service,
    "listings": sessions.c.listing,
}
_COUNTED = ("session_types", "services", "listings")
"""Choices by which `session_days` counts."""
_PERSONS = ("host_id", "creator_id", "alternate_id", "invited_id", "invited_email_key")
_IN_PROGRESS = "INPROGRESS"
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
) -> Page[HostedSession]:
    """One page of sessions, whole, with their hosts' names, and how many sessions the whole list has.

    `order` names up to three fields of SESSION_ORDERS (KeyError for others), by default STARTTIME; ties are
    broken by session_key, in the direction of the first field; sessions without a tracking code come first.
    `start_from` counts from 1. ValueError when a choice has more than LARGEST_CHOICE values.
    """
    rows, total = await _rows_of(engine, wanted, order, start_from, maximum, "whole")
    return Page([read_hosted(row) for row in rows], total)


async def list_summaries(
    engine: Engine,
    wanted: SessionFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[SessionSummary]:
    """As `list_sessions`, but only what lists in brief show: half of the columns, a tenth of the text."""
    rows, total = await _rows_of(engine, wanted, order, start_from, maximum, "brief")
    return Page([_read_summary(row) for row in rows], total)


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


@lru_cache
def _summaries_query(size: int) -> Query:
    condition, names = one_of(sessions.c.session_key, "key", size)
    statement = select(*_BRIEF).select_from(HOSTED).where(*where(sessions.c.site_id), condition)
    return Query(statement, "key_site_id", *names)


async def summaries_of(engine: Engine, site_id: int, session_keys: Sequence[int]) -> list[SessionSummary]:
    """The summaries of the sessions with these keys, in no order; keys without a session are left out."""
    found: list[SessionSummary] = []
    for start in range(0, len(session_keys), 256):
        part = padded(session_keys[start : start + 256])
        found += [_read_summary(row) for row in await engine.all(_summaries_query(len(part)), site_id, *part)]
    return found


async def list_places(
    engine: Engine,
    wanted: SessionFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[tuple[int, tuple[Any, ...]]]:
    """As `list_sessions`, but only the session keys, each with the values that the list is sorted by."""
    rows, total = await _rows_of(engine, wanted, order, start_from, maximum, "places")
    return Page([(row[0], tuple(row[1:])) for row in rows], total)


class SeriesRow(NamedTuple):
    """What is needed of a series to find its occurrences, and to sort them; `values` as in `list_places`."""

    session_key: int
    start_local: str
    time_zone_id: int
    duration: int
    next_start: int
    next_end: int
    status: str
    document: str
    values: tuple[Any, ...]


async def list_series(engine: Engine, wanted: SessionFilter, order: Sequence[Order], maximum: int) -> list[SeriesRow]:
    """The series of a list, in no order; at most `maximum`. `wanted` must have `recurring` true."""
    shape = _Shape(wanted, tuple(order) or _BY_START)
    rows = await engine.all(_series_query(shape.key), *shape.values, maximum, scan=True)
    columns = len(SeriesRow._fields) - 1
    return [SeriesRow._make((*row[:columns], tuple(row[columns:]))) for row in rows]


@lru_cache(maxsize=512)
def _series_query(key: _Key) -> Query:
    chosen = [sessions.c[name] for name in SeriesRow._fields[:-1]]
    ordered = [column.label(f"by_{place}") for place, column in enumerate(_order_columns(key).values())]
    sources = _sources(key, [*chosen, *ordered], hosted=True)
    most = bindparam("maximum", type_=BigInteger)
    if len(sources) == 1:
        return Query(sources[0].limit(most), *_names(key), "maximum")
    parts = [select(*source.limit(most).subquery().c) for source in sources]
    members = union(*parts).subquery("members")
    return Query(select(*members.c).limit(most), *_names(key), "maximum")


async def _rows_of(
    engine: Engine, wanted: SessionFilter, order: Sequence[Order], start_from: int, maximum: int, columns: str
) -> tuple[list[Row], int]:
    shape = _Shape(wanted, tuple(order) or _BY_START)
    skip = min(start_from - 1, _FAR)
    if shape.on_counters and shape.by_start:
        return await _by_day(engine, wanted, shape, skip, maximum, columns)
    if shape.by_name and shape.by_start:
        return await _by_name(engine, wanted, shape, skip, maximum, columns)
    values = shape.values
    inline = shape.on_host_index and shape.by_start
    scan = not (inline and skip <= _INLINE_SKIP and maximum <= _INLINE_ROWS)
    # One row more than wanted tells whether the page is the last one, so most lists need no count.
    query = _page_query(shape.key, columns, along=inline and shape.key.ended and not scan)
    rows = await engine.all(query, *values, maximum + 1, skip, scan=scan)
    total = skip + len(rows)
    if len(rows) > maximum or (skip and not rows):
        total = await _total(engine, wanted, shape)
    return rows[:maximum], total


async def _total(engine: Engine, wanted: SessionFilter, shape: _Shape) -> int:
    if wanted.recurring is False:
        # No index tells single sessions from series, but series have one of their own.
        either, series = (msgspec.structs.replace(wanted, recurring=some) for some in (None, True))
        order = shape.key.order
        return await _total(engine, either, _Shape(either, order)) - await _total(engine, series, _Shape(series, order))
    if shape.on_counters:
        return (await _counted(engine, wanted, shape, listed=False))[0]
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
    recurring: bool | None = None
    in_progress: bool = False
    calendar: bool = False
    """Only what is PUBLIC or PRIVATE, read by the index of that."""
    common: bool = False
    """Most sessions have the name, so it is no way to those of a page."""


class _Shape:
    """A filter and an order taken apart into the statement they need and its values."""

    __slots__ = ("by_name", "by_start", "chosen", "key", "on_counters", "on_host_index", "values")

    def __init__(self, wanted: SessionFilter, order: tuple[Order, ...]) -> None:
        persons = tuple(name for name in _PERSONS if getattr(wanted, name) is not None)
        name_end = None if wanted.name_prefix is None else end_of_prefix(wanted.name_prefix)
        in_progress = wanted.status == _IN_PROGRESS
        singles = tuple(name for name in _SINGLES if getattr(wanted, name) is not None)
        if in_progress:
            singles = tuple(name for name in singles if name != "status")
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
            recurring=wanted.recurring,
            in_progress=in_progress,
            calendar=not persons and _is_calendar(wanted, singles, in_progress=in_progress),
        )
        values: list[Any] = [wanted.site_id]
        if wanted.ended is not None:
            values.append(wanted.ended)
        values += [getattr(wanted, name) for name in persons]
        values += [name_end if name == "name_end" else getattr(wanted, name) for name in singles]
        self.chosen = (*(value for _, some in chosen for value in some), *without)
        """The values of choices, in the order of their names."""
        self.values = (*values, *self.chosen)
        plain = wanted.recurring is None and not in_progress
        bare = plain and all(name in ("start_from", "start_to") for name in singles)
        self.by_start = len(order) == 1 and order[0].field == "STARTTIME"
        countable = ("services",) if wanted.any_of else _COUNTED
        self.on_counters = bare and not persons and all(name in countable for name, _ in chosen)
        self.on_host_index = bare and not chosen and not without and persons == ("host_id",)
        plain = plain and not chosen and not without and not persons and wanted.ended is not None
        self.by_name = plain and bool(singles) and all(name in ("name_prefix", "name_end") for name in singles)


def _is_calendar(wanted: SessionFilter, singles: tuple[str, ...], *, in_progress: bool) -> bool:
    """Whether the index of what is on a calendar is the way to a list of the whole site."""
    listings = set(wanted.listings)
    if not listings or len(listings) < len(wanted.listings) or Listing.UNLISTED.value in listings:
        return False
    if wanted.any_of or wanted.recurring or in_progress or wanted.keys:
        return False
    return all(name.startswith(("start_", "end_", "name_")) for name in singles)


_EQUALS = ("conf_id", "program_id", "status", "account_key", "opportunity_key")
_SINGLES = (*(f"{name}_{end}" for name in _RANGES for end in ("from", "to")), "name_prefix", *_EQUALS)


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
        if ends := bounds(column, name, key.singles):
            found.append(and_(*ends))
    if "name_prefix" in key.singles:
        column = unsearched(sessions.c.name_key) if key.common else sessions.c.name_key
        found.append(and_(*name_bounds(column, key.singles)))
    found += [
        sessions.c[name] == bindparam(name, type_=sessions.c[name].type) for name in _EQUALS if name in key.singles
    ]
    if key.in_progress:  # no parameter, because an index is for these rows only
        found.append(sessions.c.status == literal_column(f"'{_IN_PROGRESS}'"))
    apart = ("services", "listings") if key.calendar else ("services",)
    found += [one_of(_CHOICES[name], name, size)[0] for name, size in key.choices if name not in apart]
    return found


def _conditions(key: _Key) -> list[Any]:
    conditions = where(sessions.c.site_id)
    if key.calendar:
        pass  # each way to such a list has the state in it
    elif key.ended:
        conditions.append(sessions.c.ended == bindparam("ended", type_=Boolean))
    else:
        conditions.append(sessions.c.ended.in_([false(), true()]))  # says nothing, but indexes begin with it
    if key.recurring is not None:
        # No parameter, because the indexes of series are for these rows only.
        conditions.append(sessions.c.recurring == (true() if key.recurring else false()))
    conditions += [one_of(_CHOICES[name], name, size)[0] for name, size in key.choices if name == "services"]
    criteria = _criteria(key)
    if criteria:
        conditions.append(or_(*criteria) if key.any_of else and_(*criteria))
    if key.without:
        conditions.append(~one_of(sessions.c.session_type, "without_types", key.without)[0])
    return conditions


def _sources(key: _Key, columns: Sequence[Any], *, hosted: bool = False) -> list[Select[Any]]:
    """One SELECT per way by which a session belongs to the list, each with an index of its own.

    When the first way is to be its host, the others leave out the host's sessions. `hosted`: the host's columns are
    among `columns`.
    """
    base = HOSTED if hosted or any(each.field == "HOSTWEBEXID" for each in key.order) else sessions
    conditions = _conditions(key)
    if key.calendar:
        return [select(*columns).select_from(base).where(*conditions, *way) for way in _calendar_ways(key)]
    found: list[Select[Any]] = []
    for name in key.persons:
        if name == "host_id":
            # Of what is in progress there is little, so not even a host's own index is as good as that one's.
            column = unsearched(sessions.c.host_id) if key.in_progress else sessions.c.host_id
            host = column == bindparam(name, type_=BigInteger)
            found.append(select(*columns).select_from(base).where(*conditions, host))
            conditions = [*conditions, sessions.c.host_id != bindparam(name, type_=BigInteger)]
            continue
        if name == "creator_id":
            # The second condition names the rows that the index holds.
            creator = sessions.c.creator_id == bindparam(name, type_=BigInteger)
            others = sessions.c.creator_id != sessions.c.host_id
            found.append(select(*columns).select_from(base).where(*conditions, creator, others))
            continue
        # A join, because SQLite would scan the site for "session_key IN (SELECT ...)".
        listed = _listed(name)
        joined = listed.join(base, sessions.c.session_key == listed.c.session_key)
        found.append(select(*columns).select_from(joined).where(*conditions))
    return found or [select(*columns).select_from(base).where(*conditions)]


_ON_CALENDAR = sessions.c.listing != literal_column(f"'{Listing.UNLISTED}'")
"""No parameter, because an index is for these rows only."""


def _calendar_ways(key: _Key) -> list[tuple[Any, ...]]:
    """For each listing and state what its rows have in common: an index has them in order of time."""
    size = dict(key.choices)["listings"]
    listings = [bindparam(f"listings_{number}", type_=sessions.c.listing.type) for number in range(size)]
    states: list[Any] = [bindparam("ended", type_=Boolean)] if key.ended else [false(), true()]
    return [
        (sessions.c.listing == listing, sessions.c.ended == state, _ON_CALENDAR)
        for listing in listings
        for state in states
    ]


_LET_IN = or_(
    attendees.c.role == literal_column("'HOST'"),
    and_(
        attendees.c.join_status.in_([literal_column(f"'{status}'") for status in (Status.INVITE, Status.ACCEPT)]),
        attendees.c.waiting == false(),
    ),
)
"""Who has a part in a session of whose list he is; GetSessionInfo knows the others no better than strangers."""


def _listed(name: str) -> Subquery:
    """The keys of the sessions in which a person has a part by the list."""
    column = attendees.c.email_key if name == "invited_email_key" else attendees.c.user_id
    statement = select(attendees.c.session_key).where(
        *where(attendees.c.site_id), column == bindparam(name, type_=column.type)
    )
    if name == "alternate_id":
        statement = statement.where(attendees.c.role == "HOST")
    else:
        statement = statement.where(_LET_IN)
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
        page = page_of(sources[0].order_by(*keys)).subquery("page")
    else:
        members, skip = _members(sources, keys, apart=key.persons[:1] == ("host_id",))
        again = {name: members.c[label.name] for name, label in labels.items()}
        statement = select(*members.c).order_by(*ordering(key.order, again, members.c.session_key, _NULLABLE))
        page = statement.limit(_MAXIMUM).offset(skip).subquery("page")
    return page, {name: page.c[label.name] for name, label in labels.items()}


_MAXIMUM: Any = bindparam("maximum", type_=BigInteger)
_SKIP: Any = bindparam("skip", type_=BigInteger)


def _members(sources: list[Select[Any]], keys: list[Any], *, apart: bool) -> tuple[Subquery, Any]:
    """What several ways give, as far as it could be on the page, and how much of that comes before the page.

    Of each way only so much is read as could be there, which an index may give without sorting.

    Args:
        apart: nothing of the first way is in the others, and it may be the long one. As there are only so many others,
            no more than that of it can have its place behind one of them: the rest before the page is left out unseen.
    """
    parts = [source.order_by(*keys).limit(_MAXIMUM + _SKIP).subquery() for source in sources[int(apart) :]]
    several = union(*(select(*part.c) for part in parts))
    if not apart:
        return several.subquery("members"), _SKIP
    others = several.cte("others")
    number = select(func.count()).select_from(others).scalar_subquery()
    left_out = case((number < _SKIP, _SKIP - number), else_=literal_column("0"))
    first = sources[0].order_by(*keys).limit(_MAXIMUM + number).offset(left_out).subquery()
    return union_all(select(*first.c), select(*others.c)).subquery("members"), _SKIP - left_out


_OF_HOST: dict[str, Any] = {
    "host_version": hosts.c.version,
    "host_web_ex_id": hosts.c.web_ex_id,
    "host_first_name": hosts.c.first_name,
    "host_last_name": hosts.c.last_name,
    "host_email": hosts.c.email,
}
_COMPUTED: dict[str, Any] = {"has_password": sessions.c.password.is_not(None), **_OF_HOST}
_BRIEF: list[Any] = [
    _COMPUTED[name] if name in _COMPUTED else sessions.c[name] for name in SessionSummary.__struct_fields__
]
_read_summary = reader(SessionSummary, _BRIEF)
_COLUMN_SETS: dict[str, list[Any]] = {
    "whole": HOSTED_COLUMNS,
    "brief": _BRIEF,
    "marks": [
        sessions.c.session_key,
        sessions.c.version,
        sessions.c.alternates,
        sessions.c.host_id,
        hosts.c.version,
    ],
}


@lru_cache(maxsize=512)
def _page_query(key: _Key, what: str, *, along: bool = False) -> Query:
    """A page of a list with these columns; "places" are the key and the columns it is sorted by.

    `along`: an index has the list in its order, and little of it comes before the page, so the rows are read along
    it. Else the keys of the page are found first, and nothing is read or sorted that is not on the page.
    """
    names = (*_names(key), "maximum", "skip")
    if what == "places":
        page, columns = _keys_of_page(key)
        keys = ordering(key.order, columns, page.c.session_key, _NULLABLE)
        return Query(select(page.c.session_key, *columns.values()).order_by(*keys), *names)
    if along:
        [source] = _sources(key, _COLUMN_SETS[what], hosted=True)
        keys = ordering(key.order, _order_columns(key), sessions.c.session_key, _NULLABLE)
        return Query(page_of(source.order_by(*keys)), *names)
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
    return Query(statement, *names)


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


# ---- a whole site by name --------------------------------------------------------------------------------

_FEW = 2_000
"""Sessions that are counted, or read and sorted, without a thought."""


async def _by_name(
    engine: Engine, wanted: SessionFilter, shape: _Shape, skip: int, maximum: int, columns: str
) -> tuple[list[Row], int]:
    """A page of the sessions of a name.

    Those of a rare name are found by it and sorted; a name that most have is looked for along the order, which meets
    fewer sessions without it than would have to be sorted. When few are without it, the counters tell the total.
    """
    names, values = shape.key.singles, shape.values
    common = False
    total = await _count_named(engine, names, values, inside=True)
    if total > _FEW:
        whole = await count_starts(engine, wanted)
        others = await _count_named(engine, names, values, inside=False)
        total = whole - others if others <= _FEW else await _total(engine, wanted, shape)
        common = total > whole - total
    if skip >= total:
        return [], total
    query = _page_query(msgspec.structs.replace(shape.key, common=common), columns, along=common and skip <= _FEW)
    return await engine.all(query, *values, maximum, skip, scan=True), total


async def _count_named(engine: Engine, names: tuple[str, ...], values: Sequence[Any], *, inside: bool) -> int:
    """How many sessions have the name, or have another one; what is larger than `_FEW` is not exact."""
    [[number]] = await engine.all(_named_query(names, inside=inside), *values, _FEW + 1, scan=True)
    return int(number)


@lru_cache(maxsize=4)
def _named_query(names: tuple[str, ...], *, inside: bool) -> Query:
    ends = name_bounds(sessions.c.name_key, names)
    counts: list[Any] = []
    for part in [and_(*ends)] if inside else map(not_, ends):
        scope = [*where(sessions.c.site_id), sessions.c.ended == bindparam("ended", type_=Boolean)]
        some = select(sessions.c.session_key).where(*scope, part).limit(_MAXIMUM).subquery()
        counts.append(select(func.count()).select_from(some).scalar_subquery())
    return Query(select(sum(counts[1:], counts[0])), "key_site_id", "ended", *names, "maximum")


# ---- a whole site by start time --------------------------------------------------------------------------

_STATES = ("state_0", "state_1")


class _Counting(msgspec.Struct, frozen=True):
    """What the text of a statement that counts depends on; the values are site, states, range, choices."""

    one_state: bool
    choices: tuple[tuple[str, int], ...]
    without: int
    calendar: bool

    def conditions(self, table: Table, column: Any) -> list[Any]:
        """Rows of the site that are in the states asked for and chosen, with `column` in the range."""
        found = where(table.c.site_id)
        if self.one_state:
            found.append(table.c.ended == bindparam("ended", type_=Boolean))
        else:
            found.append(table.c.ended.in_([bindparam(state, type_=Boolean) for state in _STATES]))
        found.append(column.between(bindparam("low", type_=column.type), bindparam("high", type_=column.type)))
        found += [one_of(table.c[_CHOICES[name].name], name, size)[0] for name, size in self.choices]
        if self.without:
            found.append(~one_of(table.c.session_type, "without_types", self.without)[0])
        if self.calendar and table is sessions:
            found.append(_ON_CALENDAR)
        return found

    def names(self) -> tuple[str, ...]:
        """The names of the values."""
        chosen = (*self.choices, *([("without_types", self.without)] if self.without else []))
        states = ("ended",) if self.one_state else _STATES
        return ("key_site_id", *states, "low", "high", *(f"{name}_{n}" for name, size in chosen for n in range(size)))


@lru_cache(maxsize=256)
def _days_query(counting: _Counting) -> Query:
    statement = select(session_days.c.day, func.sum(session_days.c.total))
    chosen = counting.conditions(session_days, session_days.c.day)
    statement = statement.where(*chosen, session_days.c.total > 0).group_by(session_days.c.day)
    return Query(statement.order_by(session_days.c.day), *counting.names())


@lru_cache(maxsize=256)
def _sum_query(counting: _Counting) -> Query:
    chosen = counting.conditions(session_days, session_days.c.day)
    return Query(select(func.coalesce(func.sum(session_days.c.total), 0)).where(*chosen), *counting.names())


@lru_cache(maxsize=256)
def _edge_query(counting: _Counting) -> Query:
    chosen = counting.conditions(sessions, sessions.c.next_start)
    return Query(select(func.count()).where(*chosen), *counting.names())


async def count_starts(engine: Engine, wanted: SessionFilter) -> int:
    """How many sessions there are with the same state, start, services, types and listing, whatever else is wanted.

    The time it takes does not depend on how many there are.
    """
    names = ("site_id", "ended", "start_from", "start_to", "without_types", *_COUNTED)
    alone = SessionFilter(**{name: getattr(wanted, name) for name in names})
    return (await _counted(engine, alone, _Shape(alone, _BY_START), listed=False))[0]


async def _by_day(
    engine: Engine, wanted: SessionFilter, shape: _Shape, skip: int, maximum: int, columns: str
) -> tuple[list[Row], int]:
    # An index gives sessions of one state in order, that of the calendar both. Otherwise, or when few of the sessions
    # may be meant, the page is read from the days it is in.
    narrowed = shape.key.without or [name for name, _ in shape.key.choices if name != "listings"]
    in_order = not narrowed if shape.key.calendar else not shape.chosen and wanted.ended is not None
    by_days = skip > 0 or not in_order
    total, counted = await _counted(engine, wanted, shape, listed=by_days)
    if skip >= total:
        return [], total
    low, high = days.span(wanted.start_from, wanted.start_to)
    if by_days:
        falling = shape.key.order[0].descending
        low, high, skip, _ = days.stretch(counted, (low, high), skip, maximum, falling=falling)
    scan = skip > _INLINE_SKIP or maximum > _INLINE_ROWS
    key = msgspec.structs.replace(shape.key, singles=("start_from", "start_to"), any_of=False)
    states = () if wanted.ended is None else (wanted.ended,)
    ways = dict(key.choices)["listings"] if key.calendar else 1
    query = _page_query(key, columns, along=key.ended and ways == 1 and not scan)
    return await engine.all(query, wanted.site_id, *states, low, high, *shape.chosen, maximum, skip, scan=scan), total


async def _counted(engine: Engine, wanted: SessionFilter, shape: _Shape, *, listed: bool) -> tuple[int, list[Day]]:
    """How many sessions start in the range asked for; with `listed` also by day, in order of time.

    Whole days come from the counters; only days cut by the range are counted on the index.
    """
    low, high = days.span(wanted.start_from, wanted.start_to)
    if low > high:
        return 0, []
    key = shape.key
    counting = _Counting(one_state=key.ended, choices=key.choices, without=key.without, calendar=key.calendar)
    scope = (wanted.site_id, *((False, True) if wanted.ended is None else (wanted.ended,)))
    first, last, cut = days.parts((low, high))
    found: list[Day] = []
    for start, end in cut:
        rows = await engine.all(_edge_query(counting), *scope, start, end, *shape.chosen, scan=True)
        found.append((days.day_of(start), int(rows[0][0])))
    if first > last:
        return days.total(found), found
    if not listed:
        row = await engine.one(_sum_query(counting), *scope, first, last, *shape.chosen)
        return days.total(found) + (int(row[0]) if row is not None else 0), found
    whole = await engine.all(_days_query(counting), *scope, first, last, *shape.chosen)
    found = sorted([*found, *((int(day), int(count)) for day, count in whole)])
    return days.total(found), found
