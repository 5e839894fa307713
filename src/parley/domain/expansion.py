"""Lists in which a series stands with every single occurrence: order, pages and totals without expanding what is not
shown.

Single sessions come from the store, sorted and cut; the occurrences of a series are found by arithmetic. What is
merged is as much of either as can lie before the end of the page, so a series costs the same however long it is.

Chosen: without an end by the request an endless series is listed up to a year ahead (`YEAR_AHEAD`).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import total_ordering
from itertools import islice
from typing import Any, Final, NamedTuple

from parley.domain.recurrence import Dates

YEAR_AHEAD: Final = 366 * 86_400
"""Seconds after now, or after the start of the range asked for, in which an endless series is listed."""

START: Final = "STARTTIME"

Span = tuple[int | None, int | None]
"""Starts from .. to, both included, in UTC epoch seconds; None is without bound."""


class Place(NamedTuple):
    """A single session, or one occurrence of a series, on a page.

    Attributes:
        start: UTC epoch seconds; None for a single session, whose row says it.
        number: of the occurrence, from 1; None for a single session.
    """

    session_key: int
    start: int | None = None
    number: int | None = None


class Single(NamedTuple):
    """A single session as the store sorted it: its key, and the values it is sorted by in the order of the fields."""

    session_key: int
    values: tuple[Any, ...]


class Series(NamedTuple):
    """A series: its key, the values it is sorted by (of STARTTIME any), its occurrences, and which spans are listed.

    Spans ascend and do not overlap.
    """

    session_key: int
    values: tuple[Any, ...]
    dates: Dates
    spans: tuple[Span, ...]

    def total(self) -> int:
        """How many occurrences are listed."""
        return sum(self.dates.count(low, high) for low, high in self.spans)

    def count_before(self, instant: int) -> int:
        """How many of them start before an instant."""
        return sum(self.dates.count(low, high) for low, high in _cut(self.spans, None, instant - 1))

    def walk(self, low: int | None, high: int | None, *, falling: bool) -> Iterator[tuple[int, int]]:
        """Number and start of those that are listed and start from `low` to `high`, in either direction."""
        spans = _cut(self.spans, low, high)
        for first, last in reversed(spans) if falling else spans:
            yield from self.dates.walk(first, last, falling=falling)


def _cut(spans: Sequence[Span], low: int | None, high: int | None) -> list[Span]:
    """Spans cut to a range."""
    found: list[Span] = []
    for first, last in spans:
        first = first if low is None else low if first is None else max(first, low)
        last = last if high is None else high if last is None else min(last, high)
        if first is None or last is None or first <= last:
            found.append((first, last))
    return found


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same starts as spans that ascend and do not overlap."""
    found: list[Span] = []
    for low, high in sorted(spans, key=lambda span: (span[0] is not None, span[0] or 0)):
        if low is not None and high is not None and low > high:
            continue
        if found:
            before_low, before_high = found[-1]
            if before_high is None or low is None or low <= before_high + 1:
                ends = None if before_high is None or high is None else max(before_high, high)
                found[-1] = (before_low, ends)
                continue
        found.append((low, high))
    return tuple(found)


@total_ordering
class _Falling:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and self.value == other.value

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]


_Key = tuple[Any, ...]
_Item = tuple[_Key, Place]


class Expansion:
    """A list of single sessions and of all occurrences of series.

    Args:
        order: the distinct fields it is sorted by and whether each descends; ties are broken by session key, in the
            direction of the first field, then by start.
        series: what is expanded.
    """

    #: From so many rows before the page on it pays to look for the place by time instead of walking there.
    _FAR: Final = 2_000
    #: Reckoning what one series has before an instant costs as much as walking so many rows.
    _COST: Final = 150

    def __init__(self, order: Sequence[tuple[str, bool]], series: Sequence[Series]) -> None:
        self._falling = tuple(falling for _, falling in order)
        fields = [field for field, _ in order]
        self._start_at = fields.index(START) if START in fields else None
        self._start_falls = self._start_at is not None and self._falling[self._start_at]
        self._by_start = self._start_at == 0
        self.series: Final = series
        self.occurrences: Final = sum(each.total() for each in series)
        """How many occurrences are listed in all."""

    def needed(self, skip: int, size: int) -> tuple[int, int]:
        """Which single sessions may lie before the end of a page: after the first so many, so many at most.

        Those passed over come before the page for certain, since only the occurrences can stand between them.
        """
        base = max(0, skip - self.occurrences)
        return base, skip - base + size

    def page(self, skip: int, size: int, base: int, singles: Sequence[Single]) -> list[Place]:
        """The rows after the first `skip`, at most `size`.

        Args:
            base, singles: what `needed` asked for.
        """
        start = None
        if self._by_start and skip - base > max(self._FAR, self._COST * len(self.series)):
            start, passed, used = self._near(skip, base, singles)
            base, singles = passed, singles[used:]
        low, high = (None, start) if self._start_falls else (start, None)
        walks = [self._walk(each, low, high) for each in self.series]
        merged = heapq.merge(*walks, self._of_singles(singles))
        return [place for _, place in islice(merged, skip - base, skip - base + size)]

    def _near(self, skip: int, base: int, singles: Sequence[Single]) -> tuple[int, int, int]:
        """A start not after the page, how many rows come before it, and how many of the singles are among them."""
        starts = [each.values[0] for each in singles]
        if self._start_falls:
            starts = [-start for start in starts]
        low, high = -(1 << 36), 1 << 36
        found = (low, base, 0)
        while low < high:
            middle = (low + high + 1) // 2
            used = bisect_left(starts, middle)
            passed = base + used + self._before(middle)
            if passed <= skip:
                low, found = middle, (middle, passed, used)
            else:
                high = middle - 1
        return (-found[0] if self._start_falls else found[0], *found[1:])

    def _before(self, instant: int) -> int:
        """How many occurrences come before those that start at an instant (negated where starts descend)."""
        if self._start_falls:
            return self.occurrences - sum(each.count_before(1 - instant) for each in self.series)
        return sum(each.count_before(instant) for each in self.series)

    def _walk(self, series: Series, low: int | None, high: int | None) -> Iterator[_Item]:
        key = self._key(series.session_key, series.values)
        place = self._start_at
        for number, start in series.walk(low, high, falling=self._start_falls):
            if place is not None:
                key = (*key[:place], -start if self._start_falls else start, *key[place + 1 :])
            yield (*key[:-1], start), Place(series.session_key, start, number)

    def _of_singles(self, singles: Sequence[Single]) -> Iterator[_Item]:
        for each in singles:
            yield self._key(each.session_key, each.values), Place(each.session_key)

    def _key(self, session_key: int, values: tuple[Any, ...]) -> _Key:
        """What an item is compared by: the fields, the session key, and the start of the occurrence."""
        parts = [
            _part(value, falling, place == self._start_at)
            for place, (value, falling) in enumerate(zip(values, self._falling, strict=True))
        ]
        return (*parts, -session_key if self._falling[0] else session_key, 0)


def _part(value: Any, falling: bool, is_start: bool) -> Any:
    if is_start:
        return -value if falling else value
    part = (value is not None, value if value is not None else "")  # what is missing comes first, as in the store
    return _Falling(part) if falling else part
