"""Runs of sessions for people who look back: of one host or of a whole site, whatever their kind, the newest first.

Runs that go on are among them. Pages are turned by the place of a row in the list, so that the last page of a million
runs costs what the first one does. The lists of the API are in `history_lists`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Integer, and_, bindparam, or_, select

from parley.domain.history import Run, Stay
from parley.store.engines.base import Engine
from parley.store.lists import bounds, end_of_prefix, name_bounds, unsearched
from parley.store.query import Query, reader, where
from parley.store.tables import runs, stays

_read_run = reader(Run, runs.c)
_read_stay = reader(Stay, stays.c)


class PastFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs are looked at; what is None does not limit. Times: UTC epoch seconds, inclusive.

    `services` are those that are listed, at least one. `name_prefix`: the casefolded beginning of the run's name.
    """

    site_id: int
    services: tuple[str, ...]
    host_id: int | None = None
    started_from: int | None = None
    started_to: int | None = None
    name_prefix: str | None = None


class Place(NamedTuple):
    """Where a run stands in the list."""

    started_at: int
    conf_id: int


_FIRST: Final = Place(2**62, 2**62)
_SINGLES: Final = ("host_id", "started_from", "started_to", "name_prefix")
_NAMES: Final = ("name_prefix", "name_end")
#: Runs of a name that are read and sorted rather than waited for.
_FEW: Final = 2000


def place_of(run: Run) -> Place:
    """Where it stands in the list."""
    return Place(run.started_at, run.conf_id)


async def past_runs(
    engine: Engine, wanted: PastFilter, maximum: int, place: Place | None = None, *, newer: bool = False
) -> list[Run]:
    """Runs from a place in the list on, the newest first.

    Args:
        place: what comes behind it is listed, with `newer` what comes right before it; None: from the first one on.
    """
    singles = tuple(name for name in _SINGLES if getattr(wanted, name) is not None)
    values = {name: getattr(wanted, name) for name in singles}
    name_end = end_of_prefix(wanted.name_prefix) if wanted.name_prefix is not None else None
    if name_end is not None:
        values["name_end"] = name_end
    named = tuple(name for name in _NAMES if name in values)
    found = []
    # The indexes have one service after another.
    for service in wanted.services:
        rare = bool(named) and await _is_rare(engine, wanted, service, {name: values[name] for name in named})
        query = _query(tuple(values), newer, rare)
        given = (wanted.site_id, service, *values.values(), *(place or _FIRST), maximum)
        found.append([_read_run(row) for row in await engine.all(query, *given, scan=True)])
    rows = list(islice(merge(*found, key=place_of, reverse=not newer), maximum))
    return rows[::-1] if newer else rows


async def _is_rare(engine: Engine, wanted: PastFilter, service: str, names: dict[str, str]) -> bool:
    """Whether few runs of a service have such a name, so that they are found by it and then sorted.

    Those with a name that many have are met soon along the order of the list. The databases do not know beforehand.
    """
    query = _few_query(tuple(names))
    return len(await engine.all(query, wanted.site_id, service, *names.values(), _FEW + 1, scan=True)) <= _FEW


@lru_cache(maxsize=4)
def _few_query(names: tuple[str, ...]) -> Query:
    conditions = [*where(runs.c.site_id, runs.c.service), *name_bounds(runs.c.name_key, names)]
    statement = select(runs.c.site_id).where(*conditions).limit(bindparam("maximum", type_=Integer))
    return Query(statement, "key_site_id", "key_service", *names, "maximum")


@lru_cache(maxsize=128)
def _query(singles: tuple[str, ...], newer: bool, rare: bool) -> Query:
    """The runs of one service.

    Args:
        rare: they are found by their name and then sorted; all else is read along its order.
    """
    started, host, name = runs.c.started_at, runs.c.host_id, runs.c.name_key
    if rare:
        started, host = unsearched(started), unsearched(host)
    else:
        name = unsearched(name)
    at, number = bindparam("at", type_=BigInteger), bindparam("number", type_=BigInteger)
    conditions = [*where(runs.c.site_id, runs.c.service), *bounds(started, "started", singles)]
    if "host_id" in singles:
        conditions.append(host == bindparam("host_id", type_=BigInteger))
    conditions += name_bounds(name, singles)
    if newer:
        conditions += [started >= at, or_(started > at, runs.c.conf_id > number)]
        order = [started.asc(), runs.c.conf_id.asc()]
    else:
        conditions += [started <= at, or_(started < at, runs.c.conf_id < number)]
        order = [started.desc(), runs.c.conf_id.desc()]
    statement = select(*runs.c).where(and_(*conditions)).order_by(*order).limit(bindparam("maximum", type_=Integer))
    return Query(statement, "key_site_id", "key_service", *singles, "at", "number", "maximum")


# ---- the people of a run ---------------------------------------------------------------------------------


class Span(NamedTuple):
    """One stay, as charts and counts need it; `left_at` None: still there."""

    joined_at: int
    left_at: int | None
    person_key: str
    part: str
    registered: bool


_SPAN_COLUMNS: Final = (stays.c.joined_at, stays.c.left_at, stays.c.person_key, stays.c.part, stays.c.registered)
_read_span = reader(Span, _SPAN_COLUMNS)
_OF_RUN: Final[Sequence[Any]] = where(stays.c.site_id, stays.c.conf_id)
_ORDER: Final = (stays.c.joined_at, stays.c.stay_id)
_SPANS: Final = Query(select(*_SPAN_COLUMNS).where(*_OF_RUN).order_by(*_ORDER), "key_site_id", "key_conf_id")
_PAGE: Final = Query(
    select(*stays.c)
    .where(*_OF_RUN)
    .order_by(*_ORDER)
    .limit(bindparam("maximum", type_=Integer))
    .offset(bindparam("skip", type_=Integer)),
    *("key_site_id", "key_conf_id", "maximum", "skip"),
)


async def spans(engine: Engine, site_id: int, conf_id: int) -> list[Span]:
    """All stays of a run in short, those first who came first."""
    return [_read_span(row) for row in await engine.all(_SPANS, site_id, conf_id, scan=True)]


async def some_stays(engine: Engine, site_id: int, conf_id: int, skip: int, maximum: int) -> list[Stay]:
    """Some of the stays of a run, those first who came first."""
    return [_read_stay(row) for row in await engine.all(_PAGE, site_id, conf_id, maximum, skip, scan=True)]
