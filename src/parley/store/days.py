"""Long lists in the order of a time, of whose rows there is a counter for each UTC day.

The counters give how many rows lie in whole days, and in which days a page lies; only days that a range cuts are
counted row by row. So a total, and a page in the middle of a million, cost about what those of a thousand do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Final, NamedTuple

from parley.domain.session import SECONDS_PER_DAY

Span = tuple[int, int]
"""The first and the last second of a range, UTC epoch seconds; without any when the last comes before the first."""

Day = tuple[int, int]
"""A day, and how many rows of the list lie in it."""

_FIRST_DAY, _LAST_DAY = -(1 << 31), (1 << 31) - 1
EARLIEST: Final = _FIRST_DAY * SECONDS_PER_DAY
"""The first second that is counted."""
LATEST: Final = (_LAST_DAY + 1) * SECONDS_PER_DAY - 1
"""The last one."""


def span(low: int | None, high: int | None) -> Span:
    """A range, cut to what can be counted; None: it has no such end."""
    low = EARLIEST if low is None else low
    high = LATEST if high is None else high
    return min(max(low, EARLIEST), LATEST), min(max(high, EARLIEST), LATEST)


def second_of(day: int) -> int:
    """The first second of a day."""
    return day * SECONDS_PER_DAY


def day_of(second: int) -> int:
    """The day in which a second lies."""
    return second // SECONDS_PER_DAY


class Parts(NamedTuple):
    """A range that has a second at least, taken apart.

    Attributes:
        first, last: the whole days in it; none when the last comes before the first.
        cut: what it has of days that it cuts, each within a day: none, one, or one before and one behind the whole
            days.
    """

    first: int
    last: int
    cut: list[Span]


def parts(wanted: Span) -> Parts:
    """What a range has of days, which are whole or cut."""
    low, high = wanted
    first, last = day_of(low), day_of(high)
    cut = []
    if low != second_of(first) or (first == last and high + 1 != second_of(last + 1)):
        cut.append((low, min(high, second_of(first + 1) - 1)))
        first += 1
    if first <= last and high + 1 != second_of(last + 1):
        cut.append((second_of(last), high))
        last -= 1
    return Parts(first, last, cut)


def total(counted: Sequence[Day]) -> int:
    """How many rows there are in all of the days."""
    return sum(map(_count_of, counted))


def shorter(part: Span) -> tuple[int, Span]:
    """What is looked at to count a part of a day: the part itself (1), or the rest of the whole day (-1).

    The rest of a part in the middle of a day would be two, so it is none then.
    """
    first, last = second_of(day_of(part[0])), second_of(day_of(part[0]) + 1) - 1
    if part[1] == last:
        rest = first, part[0] - 1
    elif part[0] == first:
        rest = part[1] + 1, last
    else:
        return 1, part
    return (-1, rest) if rest[1] - rest[0] < part[1] - part[0] else (1, part)


class Stretch(NamedTuple):
    """Where a page is found: so many rows from the beginning of a range, seen in the direction of the list.

    `rows`: how many the range has.
    """

    low: int
    high: int
    skip: int
    rows: int


def stretch(counted: Sequence[Day], wanted: Span, skip: int, maximum: int, *, falling: bool) -> Stretch:
    """The part of a range in which a page lies.

    Args:
        counted: the days of the range in order of time, with their rows.
        skip: how many rows of the list come before the page; fewer than there are.
        falling: the list has the latest first.
    """
    days = counted[::-1] if falling else counted
    ends = list(accumulate(map(_count_of, days)))
    first = bisect_right(ends, skip)
    last = min(bisect_left(ends, skip + maximum), len(days) - 1)
    earliest, latest = sorted((days[first][0], days[last][0]))
    low, high = max(wanted[0], second_of(earliest)), min(wanted[1], second_of(latest + 1) - 1)
    before = ends[first] - days[first][1]
    return Stretch(low, high, skip - before, ends[last] - before)


_count_of = itemgetter(1)
