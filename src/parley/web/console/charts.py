"""The numbers of charts: where bars, lines and marks of the axes stand.

All places are per cent of the box that the template draws them into (templates/console/charts.html), so that a chart
is as wide as its page while its letters stay as large as others; x counts from the left, y from the top. Nothing here
knows what is counted, and nothing writes SVG or styles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Final, NamedTuple

#: Marks on the axis of values, beside its zero.
_MARKS: Final = 4
#: Marks on the axis of time, beside its beginning; more do not fit on a telephone.
_TIMES: Final = 4
#: By what times of the day are marked, in seconds.
_ROUND_TIMES: Final = (
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600 * hours for hours in (1, 2, 3, 6, 12, 24)),
)
_DAY: Final = 86_400
#: Share of the width of a bar's place that the bar takes.
_FILLED: Final = 0.76


class Mark(NamedTuple):
    """A mark of an axis: where it stands, and what is said there."""

    at: float
    text: str


class Bar(NamedTuple):
    """A bar, and what is said of it."""

    x: float
    y: float
    width: float
    height: float
    text: str


class Chart(NamedTuple):
    """A chart as the template draws it.

    Attributes:
        label: what it shows, in a few words, for those who do not see it.
        summary: the most important of it in one sentence.
        up: marks of the values; along: those of the time.
        bars: of a chart with bars.
        line, area: of a chart with a line: paths in a box of 100 by 100.
    """

    label: str
    summary: str
    up: list[Mark]
    along: list[Mark]
    bars: list[Bar]
    line: str = ""
    area: str = ""


def ticks(most: float) -> list[int]:
    """Round whole numbers from zero to the first that is not below `most`, with equal steps between them.

    Steps are 1, 2 or 5 times a power of ten; there are two marks at least.
    """
    wanted = max(ceil(most), 1)
    step = 1
    while step * _MARKS < wanted:
        # 1, 2, 5, 10, 20, 50, ...
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [step * number for number in range(-(-wanted // step) + 1)]


def height(value: float, top: float) -> float:
    """How far from the top a value stands in a box that is `top` high; values beyond it are cut."""
    return round(100 - 100 * min(max(value, 0) / top, 1), 2)


def share(part: float, whole: float) -> float:
    """Which part of a whole something is, in per cent, 100 at most; of nothing it is nothing."""
    return round(100 * min(max(part, 0) / whole, 1), 2) if whole > 0 else 0.0


def marks_up(values: Sequence[int], shown: Callable[[int], str]) -> tuple[list[Mark], int]:
    """The marks for values, and how high the box is.

    Args:
        shown: a number as a text.
    """
    found = ticks(max(values, default=0))
    return [Mark(height(each, found[-1]), shown(each)) for each in found], found[-1]


def bars(values: Sequence[float], top: float, texts: Sequence[str]) -> list[Bar]:
    """A bar for each value, side by side over the whole width.

    Args:
        top: how high the box is.
        texts: what is said of each.
    """
    place = 100 / max(len(values), 1)
    found = []
    for number, (value, text) in enumerate(zip(values, texts, strict=True)):
        y = height(value, top)
        left = round((number + (1 - _FILLED) / 2) * place, 2)
        found.append(Bar(left, y, round(place * _FILLED, 2), round(100 - y, 2), text))
    return found


def marks_of_bars(texts: Sequence[str]) -> list[Mark]:
    """Marks below some of the bars, at equal distances, in the middle of each; `texts` are those of all bars."""
    step = max(1, -(-len(texts) // _TIMES))
    place = 100 / max(len(texts), 1)
    return [Mark(round((number + 0.5) * place, 2), texts[number]) for number in range(0, len(texts), step)]


def steps(values: Sequence[int], top: float) -> tuple[str, str]:
    """The path of a line that goes in steps, a value for each part of the width, and of the area below it.

    Returns:
        Two paths in a box of 100 by 100; both empty without values.
    """
    if not values:
        return "", ""
    place = 100 / len(values)
    parts = [f"M0 {height(values[0], top):g}"]
    for number, value in enumerate(values[1:], 1):
        if value != values[number - 1]:
            parts.append(f"H{number * place:.3f}V{height(value, top):g}")
    line = "".join([*parts, "H100"])
    return line, f"{line}V100H0Z"


def times(start: int, end: int, ahead: int) -> list[int]:
    """Round times in a span, few enough to be marked below a chart.

    Args:
        start, end: UTC epoch seconds; `end` is later.
        ahead: by how many seconds the clock of the reader is ahead of UTC.
    """
    wanted = (end - start) / _TIMES
    step = next((each for each in _ROUND_TIMES if each >= wanted), 0) or ceil(wanted / _DAY) * _DAY
    first = -(-(start + ahead) // step) * step - ahead
    return list(range(first, end + 1, step))


def along(moments: Sequence[int], start: int, end: int, shown: Callable[[int], str]) -> list[Mark]:
    """Marks for times in a span."""
    return [Mark(round(100 * (each - start) / (end - start), 2), shown(each)) for each in moments]
