"""Lists in which every occurrence of a series has a row of its own, and every exception too.

Source: facts/general-session.md 2 (recurrence). The order and the pages are reckoned in `domain.expansion`.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, NamedTuple

import msgspec

from parley.domain.dates import from_stored
from parley.domain.expansion import YEAR_AHEAD, Expansion, Place, Series, Single, Span, joined
from parley.domain.recurrence import Dates, Kind, is_endless
from parley.protocol import faults
from parley.services.context import Context
from parley.services.sessions.session_lists import Listed, Wanted, as_listed, filter_of, orders_of, other_hosts, roll
from parley.services.sessions.stored import StoredSession, read_stored
from parley.store import session_lists, sessions
from parley.store.session_lists import Order, SeriesRow, SessionFilter

#: Most series that one list expands, and most rows that are reckoned to find a page: the guide itself calls lists of
#: a whole site slow. Narrower ones have no such bounds.
LARGEST_EXPANSION: Final = 5_000
LARGEST_REACH: Final = 100_000
#: More than these are expanded in a thread of their own, so that other requests go on meanwhile.
_QUICK_SERIES: Final = 50
_QUICK_ROWS: Final = 1_000

_TIMES: Final = ("start_from", "start_to", "end_from", "end_to")
_NO_TIMES: Final[dict[str, Any]] = dict.fromkeys(_TIMES)
#: Criteria that a session matches as a whole, whatever the occurrence.
_OTHERS: Final = (
    *("modified_from", "modified_to", "name_prefix", "conf_id", "status", "keys", "session_types", "listings"),
)


class Shown(NamedTuple):
    """A row of such a list.

    Attributes:
        start, number: of the occurrence: UTC epoch seconds, and its number in the series; None of a single session.
        upcoming: it is a single session, or of its series (exceptions counted) what runs or comes next.
    """

    listed: Listed
    start: int | None
    number: int | None
    upcoming: bool

    @property
    def is_present(self) -> bool:
        """Whether what the session's row says of the present holds for this occurrence."""
        return self.start is None or self.start == self.listed.session.next_start


async def shown_occurrences(context: Context, wanted: Wanted) -> tuple[list[Shown], int]:
    """One page of a list with every occurrence, and the length of the whole list.

    Raises:
        Fault: the list is too wide to be expanded.
    """
    await roll(context)
    whole = filter_of(context, wanted)
    order = _distinct(orders_of(wanted))
    rows = await session_lists.list_series(context.lists, _without_times(whole), order, LARGEST_EXPANSION + 1)
    if len(rows) > LARGEST_EXPANSION:
        raise faults.INVALID_VALUE(
            path="recurrence", problem=f"more than {LARGEST_EXPANSION} series match; name a host, a name or a key"
        )
    matching = await _matching(context, whole, order, rows)
    pairs = [(each.field, each.descending) for each in order]

    def expanded() -> Expansion:
        return Expansion(pairs, [_series(context, whole, row, matches=row.session_key in matching) for row in rows])

    expansion = await asyncio.to_thread(expanded) if len(rows) > _QUICK_SERIES else expanded()
    places, total = await _places(context, whole, order, expansion, wanted)
    return await _shown(context, places), total


def _distinct(orders: list[Order]) -> list[Order]:
    found: dict[str, Order] = {}
    for each in orders:
        found.setdefault(each.field, each)
    return list(found.values())


def _caller_id(context: Context) -> int | None:
    return None if context.is_anonymous else context.caller.user_id


async def shown_sessions(context: Context, wanted: Wanted) -> tuple[list[Shown], int]:
    """One page of a list in which a series has one row, in the same form."""
    await roll(context)
    page = wanted.page
    found, total = await session_lists.list_summaries(
        context.lists, filter_of(context, wanted), orders_of(wanted), page.first, page.size
    )
    others = await other_hosts(context, [each.session_key for each in found if each.alternates])
    caller_id = _caller_id(context)
    return [Shown(as_listed(each, others, caller_id), None, None, upcoming=False) for each in found], total


async def _places(
    context: Context, whole: SessionFilter, order: list[Order], expansion: Expansion, wanted: Wanted
) -> tuple[list[Place], int]:
    skip, size = wanted.page.first - 1, wanted.page.size
    base, most = expansion.needed(skip, size)
    if most > LARGEST_REACH and expansion.occurrences > size:
        raise faults.INVALID_VALUE(
            path="listControl/startFrom", problem=f"only the first {LARGEST_REACH} occurrences can be paged through"
        )
    singles = await session_lists.list_places(
        context.lists, msgspec.structs.replace(whole, recurring=False), order, base + 1, most
    )
    total = singles.total + expansion.occurrences
    if skip >= total:
        return [], total
    found = [Single(*each) for each in singles.rows]
    if most > _QUICK_ROWS or len(expansion.series) > _QUICK_SERIES:
        return await asyncio.to_thread(expansion.page, skip, size, base, found), total
    return expansion.page(skip, size, base, found), total


async def _shown(context: Context, places: list[Place]) -> list[Shown]:
    site_id = context.site.site.site_id
    keys = list(dict.fromkeys(place.session_key for place in places))
    found = {each.session_key: each for each in await session_lists.summaries_of(context.lists, site_id, keys)}
    others = await other_hosts(context, [each.session_key for each in found.values() if each.alternates])
    series = {each.series_key or each.session_key for each in found.values() if each.series_key or each.recurring}
    upcoming = await sessions.upcoming(context.lists, site_id, sorted(series))
    shown = []
    for place in places:
        session = found.get(place.session_key)
        if session is None:  # deleted since the list was read
            continue
        starts = session.next_start if place.start is None else place.start
        single = session.series_key is None and not session.recurring
        comes_next = single or upcoming.get(session.series_key or session.session_key) == starts
        listed = as_listed(session, others, _caller_id(context))
        shown.append(Shown(listed, place.start, place.number, comes_next))
    return shown


# ---- which occurrences ---------------------------------------------------------------------------------------


def _without_times(whole: SessionFilter) -> SessionFilter:
    """The filter for series: times count for each occurrence, and joined by OR the other criteria are not needed."""
    changes: dict[str, Any] = {**_NO_TIMES, "recurring": True}
    if whole.any_of and _has_times(whole):
        changes |= {name: getattr(SessionFilter(site_id=0), name) for name in _OTHERS}
    elif whole.status is not None and not whole.any_of:
        changes["status"] = "INPROGRESS" if whole.status == "INPROGRESS" else None
    return msgspec.structs.replace(whole, **changes)


def _has_times(whole: SessionFilter) -> bool:
    return any(getattr(whole, name) is not None for name in _TIMES)


async def _matching(context: Context, whole: SessionFilter, order: list[Order], rows: list[SeriesRow]) -> set[int]:
    """The series that match by something else than times, where criteria are joined by OR; all where they are not."""
    if not (whole.any_of and _has_times(whole)):
        return {row.session_key for row in rows}
    if not any(getattr(whole, name) for name in _OTHERS):
        return set()
    wanted = msgspec.structs.replace(whole, **_NO_TIMES, recurring=True)
    found = await session_lists.list_series(context.lists, wanted, order, LARGEST_EXPANSION)
    return {row.session_key for row in found}


def _series(context: Context, whole: SessionFilter, row: SeriesRow, *, matches: bool) -> Series:
    stored = read_stored(row.document)
    dates = Dates(stored.rule, from_stored(row.start_local), row.time_zone_id, stored.skipped)
    return Series(row.session_key, row.values, dates, _spans(context, whole, row, stored, matches=matches))


def _spans(
    context: Context, whole: SessionFilter, row: SeriesRow, stored: StoredSession, *, matches: bool
) -> tuple[Span, ...]:
    """When the occurrences start that are listed."""
    constant = stored.rule.kind is Kind.CONSTANT
    length = row.next_end - row.next_start if constant else row.duration * 60
    starts: Span = (whole.start_from, whole.start_to)
    ends = tuple(None if bound is None else bound - length for bound in (whole.end_from, whole.end_to))
    ranges: list[Span] = [span for span in (starts, (ends[0], ends[1])) if span != (None, None)]
    if not whole.any_of:
        spans = [_meet(*ranges)] if len(ranges) > 1 else ranges or [(None, None)]
    else:
        spans = [(None, None)] if matches else ranges
    low = context.now - length + 1 if whole.ended is False else None
    high = None
    if is_endless(stored.rule) and not constant:
        high = max(context.now, whole.start_from or 0, row.next_start) + YEAR_AHEAD
    found = [_meet(span, (low, high if span[1] is None else None)) for span in spans]
    return joined([part for span in found for part in _of_status(whole, row, span)])


def _of_status(whole: SessionFilter, row: SeriesRow, span: Span) -> list[Span]:
    """The part of a span in which the occurrences have the status asked for: only the present one is in progress."""
    if whole.status is None or whole.any_of:
        return [span]
    if whole.status == "INPROGRESS":
        return [_meet(span, (row.next_start, row.next_start))]
    if row.status != "INPROGRESS":
        return [span]
    return [_meet(span, (None, row.next_start - 1)), _meet(span, (row.next_start + 1, None))]


def _meet(one: Span, other: Span) -> Span:
    """What two spans have in common; a span whose end comes before its start where that is nothing."""
    lows = [low for low in (one[0], other[0]) if low is not None]
    highs = [high for high in (one[1], other[1]) if high is not None]
    return max(lows, default=None), min(highs, default=None)
