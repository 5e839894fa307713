"""The table of results, and its place in a page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

BEGIN: Final = "<!-- last run: begin -->"
END: Final = "<!-- last run: end -->"
#: As much of a reason fits the table.
_LONGEST_REASON: Final = 80
_HEADS: Final = ("job", "prototype", "goal", "out for", "today", "rounds", "by CPU", "req/s", "CPU us", "p50", "p99")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; what was not measured, or has no goal, is empty.

    Attributes:
        prototype, goal, out_for: figures to compare `today` with.
        today: the median of all rounds.
        rounds: the smallest and the largest round.
        by_cpu: the same from CPU time instead of requests per second.
        rate: requests answered per second.
        cpu: CPU time of the server for one request, in microseconds.
        p50, p99: time to the answer for half, and for 99 of 100 requests.
    """

    job: str
    prototype: str = ""
    goal: str = ""
    out_for: str = ""
    today: str = ""
    rounds: str = ""
    by_cpu: str = ""
    rate: str = ""
    cpu: str = ""
    p50: str = ""
    p99: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells in the order of the columns."""
        return (
            *(self.job, self.prototype, self.goal, self.out_for, self.today),
            *(self.rounds, self.by_cpu, self.rate, self.cpu, self.p50, self.p99),
        )


def not_measured(job: str, error: Exception) -> Row:
    """The line of what could not be measured, with the end of the reason, which says most."""
    reason = " ".join(str(error).split()).replace("|", "/")
    return Row(job, today="not measured", rounds=reason[-_LONGEST_REASON:])


def number(value: float) -> str:
    """A figure with as many digits as it is good for: three, and no fraction from 100 on."""
    if value >= 100:
        return f"{value:,.0f}"
    digits = 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{digits}f}"


def milliseconds(microseconds: float) -> str:
    """A time in milliseconds, with its unit."""
    return f"{number(microseconds / 1000)} ms"


def middle(values: Sequence[float], unit: str = "") -> tuple[str, str]:
    """The median of the rounds, and how far apart they lie: the cells `today` and `rounds`."""
    low, high = min(values), max(values)
    spread = f"{number(low)}..{number(high)}" if len(values) > 1 else ""
    return number(median(values)) + unit, spread


def markdown(rows: Sequence[Row]) -> str:
    """The table, its columns as wide as their widest cell; without those in which nothing stands."""
    filled = [place for place in range(len(_HEADS)) if any(row.cells[place] for row in rows)]
    lines = [[line[place] for place in filled] for line in (_HEADS, *(row.cells for row in rows))]
    widths = [max(len(line[place]) for line in lines) for place in range(len(filled))]

    def written(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join(padded)} |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([written(lines[0]), rule, *(written(cells) for cells in lines[1:])]) + "\n"


def replace_last_run(page: Path, text: str) -> None:
    """Put `text` between the two markers of a page.

    Raises:
        ValueError: the page does not have both markers, in their order.
    """
    before = page.read_text(encoding="utf-8")
    head, found_begin, rest = before.partition(BEGIN)
    _, found_end, tail = rest.partition(END)
    if not found_begin or not found_end:
        raise ValueError(f"{page} lacks the markers {BEGIN} and {END}")
    page.write_text(f"{head}{BEGIN}\n{text.strip()}\n{END}{tail}", encoding="utf-8")
