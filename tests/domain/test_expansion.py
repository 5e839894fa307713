"""Lists with every occurrence: pages and totals are those of a list that is written out."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain import expansion
from parley.domain.expansion import Expansion, Place, Series, Single, Span, joined
from parley.domain.recurrence import Dates, Kind, Rule, occurrences
from parley.domain.timezones import to_utc

GMT, BERLIN = 20, 25
BASE = datetime.fromisoformat("2035-03-01 10:00")
START = to_utc(BASE, GMT)
DAY = 86_400

FIELDS = ("CONFNAME", "STARTTIME", "TRACKINGCODE1")
NAMES = st.sampled_from(["a", "b", "c"])
CODES = st.sampled_from([None, "x", "y"])
ORDERS = st.lists(st.tuples(st.sampled_from(FIELDS), st.booleans()), min_size=1, max_size=3, unique_by=lambda o: o[0])
BOUNDS = st.one_of(st.none(), st.integers(START - 2 * DAY, START + 30 * DAY))
RULES = st.builds(
    Rule,
    kind=st.sampled_from([Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY]),
    interval=st.integers(1, 3),
    after_meeting_number=st.integers(1, 12),
)


class Item:
    """A row of the list that is written out."""

    def __init__(self, key: int, name: str, code: str | None, start: int, number: int | None) -> None:
        self.key, self.start, self.number = key, start, number
        self.values = {"CONFNAME": name, "STARTTIME": start, "TRACKINGCODE1": code}

    def place(self) -> Place:
        return Place(self.key) if self.number is None else Place(self.key, self.start, self.number)


def compared(order: list[tuple[str, bool]]) -> Any:
    """The key function of an order, made by comparing two rows field by field."""

    def compare(one: Item, other: Item) -> int:
        for field, falling in order:
            left, right = one.values[field], other.values[field]
            if left != right:
                less = left is None or (right is not None and left < right)  # type: ignore[operator]
                return (1 if less else -1) if falling else (-1 if less else 1)
        if one.key != other.key:
            return (1 if one.key < other.key else -1) * (1 if order[0][1] else -1)
        return one.start - other.start

    return cmp_to_key(compare)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[tuple[str, bool]], list[Item], list[Series]]:
    order = draw(ORDERS)
    keys = iter(draw(st.permutations(range(1, 40))))
    series = []
    items = [
        Item(next(keys), draw(NAMES), draw(CODES), START + draw(st.integers(0, 20)) * DAY, None)
        for _ in range(draw(st.integers(0, 12)))
    ]
    for _ in range(draw(st.integers(0, 4))):
        key, name, code, rule = next(keys), draw(NAMES), draw(CODES), draw(RULES)
        begin = BASE + timedelta(days=draw(st.integers(0, 10)))
        skip = draw(st.sets(st.integers(0, 20).map(lambda days: (BASE + timedelta(days=days)).date()), max_size=3))
        spans = joined(draw(st.lists(st.tuples(BOUNDS, BOUNDS), max_size=3)))
        values = {"CONFNAME": name, "STARTTIME": 0, "TRACKINGCODE1": code}
        dates = Dates(rule, begin, BERLIN, skip)
        series.append(Series(key, tuple(values[field] for field, _ in order), dates, spans))
        items += [
            Item(key, name, code, found.start, found.number)
            for found in occurrences(rule, begin, BERLIN, skip=skip)
            if any((low is None or low <= found.start) and (high is None or found.start <= high) for low, high in spans)
        ]
    return order, items, series


@pytest.mark.parametrize("near", [False, True])
@given(world=worlds(), skip=st.integers(0, 70), size=st.integers(1, 15))
def test_pages_are_those_of_the_written_list(near: bool, world: Any, skip: int, size: int) -> None:
    order, items, series = world
    whole = sorted(items, key=compared(order))
    singles = [each for each in whole if each.number is None]
    made = Expansion(order, series)
    assert made.occurrences == len(items) - len(singles)
    if near:  # looked for by time as early as that is possible
        made._FAR = made._COST = 0  # type: ignore[misc]
    base, most = made.needed(skip, size)
    needed = [Single(each.key, tuple(each.values[field] for field, _ in order)) for each in singles[base : base + most]]
    assert made.page(skip, size, base, needed) == [each.place() for each in whole[skip : skip + size]]


def test_a_page_far_into_long_series_is_not_walked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    walk = Dates.walk

    def counted(*values: Any, **named: Any) -> Any:
        nonlocal steps
        for each in walk(*values, **named):
            steps += 1
            yield each

    monkeypatch.setattr(Dates, "walk", counted)
    rule = Rule(kind=Kind.DAILY, after_meeting_number=999)
    some = [Series(key, (0,), Dates(rule, BASE, GMT), ((None, None),)) for key in range(1, 21)]
    page = Expansion([("STARTTIME", False)], some).page(10_000, 10, 0, [])
    assert [place.number for place in page] == [501] * 10
    assert [place.session_key for place in page] == list(range(1, 11))
    assert steps < 100


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], ()),
        ([(5, 4)], ()),
        ([(3, 9), (1, 2)], ((1, 9),)),
        ([(1, 2), (4, 5)], ((1, 2), (4, 5))),
        ([(4, 5), (None, 1)], ((None, 1), (4, 5))),
        ([(4, None), (5, 9)], ((4, None),)),
        ([(None, None), (5, 9)], ((None, None),)),
        ([(1, 5), (2, 3)], ((1, 5),)),
    ],
)
def test_spans_are_joined(spans: list[Span], expected: tuple[Span, ...]) -> None:
    assert joined(spans) == expected


def test_an_endless_series_is_listed_for_a_year() -> None:
    assert timedelta(seconds=expansion.YEAR_AHEAD) == timedelta(days=366)
