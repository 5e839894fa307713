"""Lists of past runs and of stays in them: which, in what order, from where on, and how many there are in all.

The keys of a page are found first, on an index that has all that is looked at where the list is by start time; then
the rows are read. The total is only counted when the page itself does not tell it.

Of all runs of a service by start time, or of those of a range of it, the counters of `run_days` give the total and the
days that a page lies in, so a page in the middle of a million costs about as much as the first one of a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, false, func, or_, select

from parley.domain.history import Run, Stay
from parley.store import days, run_days
from parley.store.engines.base import Engine
from parley.store.lists import Order, Page, bounds, end_of_prefix, name_bounds, ordering, page_of, unsearched
from parley.store.query import Query, reader, where
from parley.store.tables import runs, stays


class HistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the history a list shows; what is None does not limit. Times: UTC epoch seconds, inclusive.

    Always joined by AND: the site, the service, `audio_only` (False: without audio-only sessions), `since` (runs that
    ended then or later) and `host_id`. Criteria, joined by AND, with `any_of` by OR: the run's start and end,
    `name_prefix` (casefolded beginning of the run's name) and the rest, which must be equal. The two ends of a range
    belong together in either case.
    """

    site_id: int
    service: str
    since: int
    audio_only: bool | None = None
    host_id: int | None = None

    any_of: bool = False
    started_from: int | None = None
    started_to: int | None = None
    ended_from: int | None = None
    ended_to: int | None = None
    name_prefix: str | None = None
    session_key: int | None = None
    conf_id: int | None = None
    pso_field: str | None = None
    account_key: str | None = None
    opportunity_key: str | None = None


class ToldStay(NamedTuple):
    """A stay, and what is told of its run beside it."""

    stay: Stay
    uuid: str
    conf_name: str
    account: str | None
    opportunity: str | None


async def list_runs(
    engine: Engine, wanted: HistoryFilter, order: Sequence[Order], start_from: int, maximum: int
) -> Page[Run]:
    """A page of runs that have ended, and how many the whole list has.

    `order` names fields of `RUN_ORDERS`, by default STARTTIME; ties are broken by confID. `start_from` counts from 1.
    """
    of_list = _page_by_day if _is_counted(wanted, order) else _page
    rows, total = await of_list(engine, "runs", wanted, order, start_from, maximum)
    return Page([_read_run(row) for row in rows], total)


async def list_stays(
    engine: Engine, wanted: HistoryFilter, order: Sequence[Order], start_from: int, maximum: int
) -> Page[ToldStay]:
    """A page of stays in runs that have ended; `order` names fields of `STAY_ORDERS`, otherwise as `list_runs`."""
    rows, total = await _page(engine, "stays", wanted, order, start_from, maximum)
    own = len(stays.c)
    return Page([ToldStay(_read_stay(row[:own]), *row[own:]) for row in rows], total)


# ---- how both tables say it ------------------------------------------------------------------------------

_read_run = reader(Run, runs.c)
_read_stay = reader(Stay, stays.c)
_OF_RUN: Final = stays.join(runs, and_(runs.c.site_id == stays.c.site_id, runs.c.conf_id == stays.c.conf_id))
_RUN_ORDERS: Final[dict[str, Any]] = {
    "STARTTIME": runs.c.started_at,
    "CONFID": runs.c.conf_id,
    "CONFNAME": runs.c.name_key,
    "HOSTNAME": func.lower(runs.c.host_name),
    "TOTALATTENDEE": runs.c.attended,
    "TOTALPARTICIPANTS": runs.c.participants,
    "TOTALINVITED": runs.c.invited,
    "TOTALREGISTERED": runs.c.registered,
    "ASSISTREQUEST": runs.c.assist_request,
    "ASSISTCONFIRM": runs.c.assist_confirm,
}
_STAY_ORDERS: Final[dict[str, Any]] = {
    "STARTTIME": stays.c.joined_at,
    "CONFID": stays.c.conf_id,
    "SESSIONKEY": stays.c.session_key,
    "NAME": func.lower(stays.c.name),
    "COMPANY": func.lower(stays.c.company),
    "COUNTRY": func.lower(stays.c.country),
    "STATE": func.lower(stays.c.state),
    "CITY": func.lower(stays.c.city),
}
RUN_ORDERS: Final = tuple(_RUN_ORDERS)
STAY_ORDERS: Final = tuple(_STAY_ORDERS)
_NULLABLE: Final = ("ASSISTREQUEST", "ASSISTCONFIRM", "COMPANY", "COUNTRY", "STATE", "CITY")
_BY_START: Final = (Order("STARTTIME"),)
_FAR: Final = 1 << 40
#: Seconds of a range that is searched on an index of its own.
_NARROW: Final = 10 * 86_400


class _Of(NamedTuple):
    """How one of the tables says what a filter speaks of.

    Attributes:
        tie: the rest of the primary key.
        started, ended: the run's times.
        source: what is read, with the rows beside it; `columns`: of it.
        orders: the columns of the sort keys.
    """

    table: Any
    tie: Any
    started: Any
    ended: Any
    source: Any
    columns: list[Any]
    orders: dict[str, Any]


_TABLES: Final = {
    "runs": _Of(runs, runs.c.conf_id, runs.c.started_at, runs.c.ended_at, runs, list(runs.c), _RUN_ORDERS),
    "stays": _Of(
        stays,
        stays.c.stay_id,
        stays.c.run_started_at,
        stays.c.run_ended_at,
        _OF_RUN,
        [*stays.c, runs.c.uuid, runs.c.name, runs.c.account, runs.c.opportunity],
        _STAY_ORDERS,
    ),
}
_RANGES: Final = ("started", "ended")
#: Fields that must be equal; of stays the last ones are looked up in the run.
_EQUALS: Final = ("session_key", "conf_id", "pso_field", "account_key", "opportunity_key")
_OWN: Final = ("session_key", "conf_id")
_TIMES: Final = tuple(f"{name}_{end}" for name in _RANGES for end in ("from", "to"))
_SINGLES: Final = (*_TIMES, "name_prefix", *_EQUALS)


class _Key(msgspec.Struct, frozen=True):
    """What the text of a list's statements depends on."""

    what: str
    hosted: bool
    video_only: bool
    singles: tuple[str, ...]
    any_of: bool
    narrow: bool


# ---- pages -----------------------------------------------------------------------------------------------


async def _page(
    engine: Engine, what: str, wanted: HistoryFilter, order: Sequence[Order], start_from: int, maximum: int
) -> tuple[list[Any], int]:
    key, values = _taken_apart(what, wanted)
    skip = min(start_from - 1, _FAR)
    # One row more than wanted tells whether the page is the last one, so most lists need no count.
    query = _page_query(key, tuple(order) or _BY_START)
    rows = await engine.all(query, *values, maximum + 1, skip, scan=True)
    total = skip + len(rows)
    if len(rows) > maximum or (skip and not rows):
        total = int((await engine.all(_count_query(key), *values, scan=True))[0][0])
    return rows[:maximum], total


def _is_counted(wanted: HistoryFilter, order: Sequence[Order]) -> bool:
    """Whether the runs of a list are those that `run_days` counts, and it begins with when they began."""
    others = (name for name in _SINGLES if name not in ("started_from", "started_to"))
    if wanted.host_id is not None or any(getattr(wanted, name) is not None for name in others):
        return False
    return not order or order[0].field == "STARTTIME"


async def _page_by_day(
    engine: Engine, what: str, wanted: HistoryFilter, order: Sequence[Order], start_from: int, maximum: int
) -> tuple[list[Any], int]:
    low, high = days.span(wanted.started_from, wanted.started_to)
    if low > high:
        return [], 0
    scope = run_days.Scope(wanted.site_id, wanted.service, wanted.since, wanted.audio_only is False)
    counted = await run_days.starts(engine, scope, (low, high))
    total, skip = days.total(counted), start_from - 1
    if skip >= total:
        return [], total
    order = tuple(order) or _BY_START
    low, high, skip, rows = days.stretch(counted, (low, high), skip, maximum, falling=order[0].descending)
    key, values = _taken_apart(what, msgspec.structs.replace(wanted, started_from=low, started_to=high, any_of=False))
    # A stretch is read along the index of its order, however short it is, and from the end that is nearer.
    key = msgspec.structs.replace(key, narrow=False)
    size = min(maximum, rows - skip)
    behind = rows - skip - size
    if skip <= behind:
        return await engine.all(_page_query(key, order), *values, size, skip, scan=True), total
    turned = tuple(each._replace(descending=not each.descending) for each in order)
    return (await engine.all(_page_query(key, turned), *values, size, behind, scan=True))[::-1], total


def _taken_apart(what: str, wanted: HistoryFilter) -> tuple[_Key, tuple[Any, ...]]:
    """What the statement of a list depends on, and the values for it."""
    narrow = _is_narrow(wanted)
    if narrow and wanted.ended_from is not None:
        # The range begins with the later of the two, and an index is searched by it.
        wanted = msgspec.structs.replace(wanted, ended_from=max(wanted.ended_from, wanted.since))
    singles = tuple(name for name in _SINGLES if getattr(wanted, name) is not None)
    values = {name: getattr(wanted, name) for name in singles}
    name_end = end_of_prefix(wanted.name_prefix) if wanted.name_prefix is not None else None
    if name_end is not None:
        singles = (*singles, "name_end")
        values["name_end"] = name_end
    key = _Key(what, wanted.host_id is not None, wanted.audio_only is False, singles, wanted.any_of, narrow)
    first = (wanted.site_id, wanted.service, *(() if wanted.host_id is None else (wanted.host_id,)), wanted.since)
    return key, (*first, *values.values())


def _is_narrow(wanted: HistoryFilter) -> bool:
    """Whether the list is that small a part of the history that it is found by its criteria and then sorted.

    Others are read along the index of their order. The databases do not know beforehand how much a range holds.
    """
    if wanted.any_of:
        return False
    if any(getattr(wanted, name) is not None for name in ("name_prefix", *_EQUALS)):
        return True
    ranges = ((wanted.started_from, wanted.started_to), (wanted.ended_from, wanted.ended_to))
    return any(low is not None and high is not None and high - low <= _NARROW for low, high in ranges)


def _names(key: _Key) -> list[str]:
    return ["key_site_id", "key_service", *(["key_host_id"] if key.hosted else []), "since", *key.singles]


def _criteria(key: _Key, of: _Of) -> list[Any]:
    found: list[Any] = []
    for name, column in zip(_RANGES, (of.started, of.ended), strict=True):
        ends = bounds(column, name, key.singles)
        if ends:
            found.append(and_(*ends))
    if "name_prefix" in key.singles:
        found.append(and_(*name_bounds(runs.c.name_key, key.singles)))
    for name in _EQUALS:
        if name in key.singles:
            column = (of.table if name in _OWN else runs).c[name]
            found.append(column == bindparam(name, type_=column.type))
    return found


def _keys(key: _Key, columns: Sequence[Any]) -> Any:
    """SELECT of a list's keys, not in any order."""
    of = _TABLES[key.what]
    table = of.table
    conditions = where(table.c.site_id, table.c.service, *([table.c.host_id] if key.hosted else []))
    if not (key.narrow and "ended_from" in key.singles):  # then the range begins with it
        ended = of.ended if key.hosted else unsearched(of.ended)
        conditions.append(ended >= bindparam("since", type_=BigInteger))
    if key.video_only:
        conditions.append(table.c.audio_only == false())
    criteria = _criteria(key, of)
    if criteria:
        conditions.append(or_(*criteria) if key.any_of else and_(*criteria))
    if not any(name not in (*_OWN, *_TIMES) for name in key.singles):
        return select(*columns).select_from(table).where(*conditions)
    if of.source is not table:
        # Said of the run too, so that it may be looked for first.
        conditions += where(runs.c.site_id, runs.c.service)
    return select(*columns).select_from(of.source).where(*conditions)


@lru_cache(maxsize=512)
def _page_query(key: _Key, order: tuple[Order, ...]) -> Query:
    of = _TABLES[key.what]
    columns = {each.field: of.orders[each.field] for each in order}
    if key.narrow and "STARTTIME" in columns:
        columns["STARTTIME"] = unsearched(columns["STARTTIME"])
    labels = {name: column.label(f"by_{place}") for place, (name, column) in enumerate(columns.items())}
    keys = _keys(key, [of.table.c.site_id, of.tie, *labels.values()])
    page = page_of(keys.order_by(*ordering(order, columns, of.tie, _NULLABLE))).subquery("page")
    again = {name: page.c[label.name] for name, label in labels.items()}
    joined = of.source.join(page, and_(of.table.c.site_id == page.c.site_id, of.tie == page.c[of.tie.name]))
    statement = (
        select(*of.columns).select_from(joined).order_by(*ordering(order, again, page.c[of.tie.name], _NULLABLE))
    )
    return Query(statement, *_names(key), "maximum", "skip")


@lru_cache(maxsize=512)
def _count_query(key: _Key) -> Query:
    return Query(_keys(key, [func.count()]), *_names(key))
