"""What a soak has seen, and the report on it: tables and a picture of requests and memory over time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from benchmarks.memory import slope
from benchmarks.soak_faults import Window
from tests.faults.shelf import Shelf
from tests.faults.traffic import Traffic, Trouble

_MIB: Final = 1024 * 1024
#: A process warms up for so long: what it keeps of answers and connections fills.
_WARM_SECONDS: Final = 120.0
#: Memory counts as flat when it grows at last by less than so many MiB an hour, or by less than so many in all: what a
#: process once needed for many requests at a time it keeps, which is a step and no slope.
_MIB_PER_HOUR: Final = 20.0
_MIB_IN_ALL: Final = 6.0
#: A server is back to normal when it has answered so much of the rate again for some seconds.
_NORMAL: Final = 0.8
_NORMAL_SECONDS: Final = 3


def say(text: str) -> None:
    """A line about how far the run is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Sample(NamedTuple):
    """Memory of the processes, in bytes by number, at a moment of the monotonic clock."""

    at: float
    memory: dict[int, int]


class Memory(NamedTuple):
    """What became of the memory of one process: MiB at the first and last sample after it was warm, and growth.

    Attributes:
        per_hour, at_last: MiB an hour, in all of this time and in the last third of it.
    """

    pid: int
    minutes: float
    first: float
    last: float
    per_hour: float
    at_last: float

    @property
    def is_flat(self) -> bool:
        """Whether it does not grow."""
        return self.at_last < _MIB_PER_HOUR or self.last - self.first < _MIB_IN_ALL


@dataclass
class Outcome:
    """What a run has seen.

    Attributes:
        capacity, rate: requests a second that were measured, and that came.
        wrong: what was found not to be as it has to be; nothing else makes a run bad.
        unexplained: requests that failed when nothing was harmed.
        logged: what the server logged as errors when nothing was harmed.
    """

    capacity: float
    rate: float
    margin: float
    begun: float = 0.0
    ended: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    unexplained: list[Trouble] = field(default_factory=list)
    per_second: Counter[int] = field(default_factory=Counter)
    answered: int = 0
    slowest: float = 0.0
    facts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    logged: list[dict[str, Any]] = field(default_factory=list)
    logged_in_all: int = 0

    def take(self, traffic: Traffic, shelf: Shelf | None, windows: list[Window]) -> None:
        """Take in what the programs have seen."""
        self.windows = windows
        self.troubles = [each for each in traffic.troubles if each.ended >= self.begun]
        self.troubles += shelf.troubles if shelf is not None else []
        self.per_second = traffic.per_second
        self.answered = sum(count for second, count in traffic.per_second.items() if second >= int(self.begun))
        self.slowest = traffic.slowest
        self.unexplained = [each for each in self.troubles if each.kind == "wrong" or not self.explained(each)]
        counts = Counter((each.call, each.kind, each.note[:300]) for each in self.unexplained)
        self.wrong += [f"{count} x {' '.join(key)}" for key, count in counts.most_common(20)]
        self.wrong += [f"memory of process {each.pid} grows" for each in self.memory() if not each.is_flat]

    def explained(self, trouble: Trouble) -> bool:
        """Whether a fault was made while the request was under way, or shortly before."""
        return any(window_of(trouble, window, self.margin) for window in self.windows)

    def take_log(self, errors: Sequence[dict[str, Any]], ahead: float) -> None:
        """Take in what the server logged as errors; what it says of a fault while that is made is no surprise.

        Args:
            ahead: seconds from the monotonic clock to that of the log.
        """
        self.logged_in_all = len(errors)
        for entry in errors:
            told = entry.get("timestamp", "")
            at = datetime.fromisoformat(told).timestamp() - ahead if told else 0.0
            if not any(window.began <= at <= window.ended + self.margin for window in self.windows):
                self.logged.append(entry)

    def window(self, trouble: Trouble) -> Window | None:
        """The last fault that was made before a request failed."""
        return next((each for each in reversed(self.windows) if each.began <= trouble.ended), None)

    def memory(self) -> list[Memory]:
        """Memory of each process that lived for some minutes after it was warm."""
        lives: dict[int, list[tuple[float, int]]] = {}
        for sample in self.samples:
            for pid, size in sample.memory.items():
                lives.setdefault(pid, []).append((sample.at, size))
        found = []
        for pid, life in lives.items():
            warm = [(at, size) for at, size in life if at >= life[0][0] + _WARM_SECONDS]
            if len(warm) > 1 and warm[-1][0] - warm[0][0] >= 60:
                growth, at_last = (slope(part) * 3600 / _MIB for part in (warm, warm[-(len(warm) // 3 + 1) :]))
                minutes = (warm[-1][0] - warm[0][0]) / 60
                tenth = max(1, len(warm) // 10)
                first, last = (sum(size for _, size in part) / len(part) for part in (warm[:tenth], warm[-tenth:]))
                found.append(Memory(pid, minutes, first / _MIB, last / _MIB, growth, at_last))
        return found

    @property
    def is_good(self) -> bool:
        """Whether everything was as it has to be."""
        return not self.wrong and not self.logged


def window_of(trouble: Trouble, window: Window, margin: float) -> bool:
    """Whether a request was under way during a fault, or in the time that it takes to recover."""
    return trouble.ended >= window.began and trouble.began <= window.ended + margin


# ---- the report ------------------------------------------------------------------------------------------------------


def markdown(outcome: Outcome, title: str) -> str:
    """The report."""
    seconds = outcome.ended - outcome.begun
    failed = len(outcome.troubles)
    lines = [
        f"{title}.",
        "",
        f"- capacity {outcome.capacity:,.0f} requests/s",
        f"- load {outcome.rate:,.0f} requests/s for {seconds / 60:.1f} min",
        f"- {outcome.answered:,} requests were answered as they should, {failed:,} were not",
        f"- each failure fell into a fault, or was within {outcome.margin:.0f} s of its end"
        if not outcome.unexplained
        else f"- **{len(outcome.unexplained):,} failures are not explained by a fault**",
        f"- the slowest answer took {outcome.slowest:.1f} s",
        *(f"- {fact}" for fact in outcome.facts),
        f"- the server logged {outcome.logged_in_all} errors, {len(outcome.logged)} of them when nothing was harmed",
        *(f"- **wrong:** the log says {str(each)[:300]}" for each in outcome.logged[:10]),
        *(f"- **wrong:** {each}" for each in outcome.wrong),
        "",
        "| at | harm | lasted | busy (000035, 503) | lost | turned away | normal again after |",
        "|---|---|---|---|---|---|---|",
        *(_row(outcome, window) for window in outcome.windows),
        "",
        "| process | minutes seen, warm | MiB at first | MiB at last | MiB an hour | in the last third |",
        "|---|---|---|---|---|---|",
        *(
            f"| worker {place} | {each.minutes:.1f} | {each.first:.1f} | {each.last:.1f} | {each.per_hour:+.1f}"
            f" | {each.at_last:+.1f} |"
            for place, each in enumerate(outcome.memory(), 1)
        ),
    ]
    return "\n".join(lines)


def _row(outcome: Outcome, window: Window) -> str:
    at = window.began - outcome.begun
    hit = [each for each in outcome.troubles if outcome.window(each) is window]
    kinds = Counter(each.kind for each in hit)
    back = _normal_after(outcome, window)
    again = "not seen" if back is None else f"{back} s"
    lasted = window.ended - window.began
    return (
        f"| {int(at) // 60}:{int(at) % 60:02d} | {window.title} | {lasted:.1f} s | {kinds['busy']} | {kinds['lost']}"
        f" | {kinds['away']} | {again} |"
    )


def _normal_after(outcome: Outcome, window: Window) -> int | None:
    """Seconds after the end of a fault until the server answers as before; 0: at once."""
    end = int(window.ended)
    failing = {int(each.ended) for each in outcome.troubles}
    for second in range(end, int(outcome.ended) - _NORMAL_SECONDS):
        span = range(second, second + _NORMAL_SECONDS)
        answered = sum(outcome.per_second[each] for each in span) / _NORMAL_SECONDS
        if answered >= _NORMAL * outcome.rate and not failing & set(span):
            return second - end
    return None


_WIDTH: Final = 900
_HEIGHT: Final = 150
_LEFT: Final = 60
_COLOURS: Final = ("#2563eb", "#c2410c", "#15803d", "#7c3aed", "#b91c1c", "#0e7490", "#a16207", "#be185d")


def svg(outcome: Outcome) -> str:
    """Requests answered each second, and memory of each process, over the time; faults are grey."""
    span = max(outcome.ended - outcome.begun, 1.0)
    highest = max([outcome.rate * 1.5, *(outcome.per_second[s] for s in _seconds(outcome))])
    largest = max([1, *(size for sample in outcome.samples for size in sample.memory.values())])
    whole = 2 * _HEIGHT + 90
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + _LEFT + 10} {whole}" font-family="sans-serif"'
        ' font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for window in outcome.windows:
        left = _x(window.began - outcome.begun, span)
        width = max(1.0, _x(window.ended - outcome.begun, span) - left)
        parts += [
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_HEIGHT}" fill="#d4d4d8">'
            f"<title>{window.title}</title></rect>"
            for top in (20, _HEIGHT + 60)
        ]
    answered = [(s - outcome.begun, outcome.per_second[s] / highest) for s in _seconds(outcome)]
    parts.append(_line(answered, span, 20, _COLOURS[0]))
    failed = Counter(int(each.ended) for each in outcome.troubles)
    parts.append(_line([(s - outcome.begun, failed[s] / highest) for s in _seconds(outcome)], span, 20, _COLOURS[4]))
    lives: dict[int, list[tuple[float, float]]] = {}
    for sample in outcome.samples:
        for pid, size in sample.memory.items():
            lives.setdefault(pid, []).append((sample.at - outcome.begun, size / largest))
    for place, life in enumerate(lives.values()):
        parts.append(_line(life, span, _HEIGHT + 60, _COLOURS[place % len(_COLOURS)]))
    for top, text, most in (
        (20, "requests a second: answered (blue), failed (red)", f"{highest:,.0f}"),
        (_HEIGHT + 60, "memory of each worker", f"{largest / _MIB:,.0f} MiB"),
    ):
        parts.append(f'<text x="{_LEFT}" y="{top - 6}">{text}</text>')
        parts.append(f'<text x="{_LEFT - 6}" y="{top + 12}" text-anchor="end">{most}</text>')
        parts.append(f'<text x="{_LEFT - 6}" y="{top + _HEIGHT}" text-anchor="end">0</text>')
        parts.append(f'<path d="M{_LEFT} {top}v{_HEIGHT}h{_WIDTH}" fill="none" stroke="#71717a"/>')
    parts.append(f'<text x="{_LEFT}" y="{whole - 12}">0</text>')
    parts.append(f'<text x="{_LEFT + _WIDTH}" y="{whole - 12}" text-anchor="end">{span / 60:.1f} min</text></svg>')
    return "\n".join(parts) + "\n"


def _seconds(outcome: Outcome) -> range:
    return range(int(outcome.begun) + 1, int(outcome.ended))


def _x(seconds: float, span: float) -> float:
    return _LEFT + _WIDTH * min(max(seconds / span, 0.0), 1.0)


def _line(points: Sequence[tuple[float, float]], span: float, top: int, colour: str) -> str:
    """A line through points of seconds and parts of the height; of very many only the highest of each stretch."""
    step = max(1, len(points) // _WIDTH)
    thinned = [max(points[at : at + step], key=lambda point: point[1]) for at in range(0, len(points), step)]
    text = " ".join(f"{_x(at, span):.1f},{top + _HEIGHT * (1 - part):.1f}" for at, part in thinned)
    return f'<polyline points="{text}" fill="none" stroke="{colour}"/>'
