"""Figures of this process in plain dictionaries; what Prometheus gets is made of them when it asks.

Counting costs well under a microsecond, where a labelled counter of prometheus-client costs several. All names stand in
`parley.web.metric_families`; a value of a label is one of a few, never anything that somebody sent.
"""

from __future__ import annotations

import contextlib
import math
import time
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

import msgspec

#: Upper bounds of the classes of durations, in seconds.
BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: In so many parts a second is told when figures are added up: a power of two, a microsecond each.
_PARTS: Final = 1 << 20


def in_parts(value: float) -> float:
    """A value that only grows, down to the next part of a second (or whatever it counts), which grows with it.

    Sums of these are exact, in whatever order they are added up, so no sum is smaller than one before.
    """
    return math.floor(value * _PARTS) / _PARTS


class Series(msgspec.Struct):
    """How often something was done, and how long that took: the last class is for whatever took longer."""

    seconds: float = 0.0
    classes: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    @property
    def count(self) -> int:
        """How often."""
        return sum(self.classes)

    def note(self, seconds: float) -> None:
        """Count one more."""
        self.seconds += seconds
        self.classes[bisect_left(BOUNDS, seconds)] += 1

    def add(self, other: Series) -> None:
        """Add what another process counted."""
        self.seconds += in_parts(other.seconds)
        self.classes = [mine + theirs for mine, theirs in zip(self.classes, other.classes, strict=True)]


class Figures(msgspec.Struct):
    """Figures by the name of their family and the values of its labels, joined by `|`.

    Attributes:
        values: counts, and values that are what they are now.
        times: how long things took.
    """

    values: dict[str, dict[str, float]] = {}
    times: dict[str, dict[str, Series]] = {}

    def count(self, family: str, labels: str = "", by: float = 1) -> None:
        """Count something."""
        counts = self.values.setdefault(family, {})
        counts[labels] = counts.get(labels, 0) + by

    def put(self, family: str, labels: str, value: float) -> None:
        """Say what a value is now."""
        self.values.setdefault(family, {})[labels] = value

    def series(self, family: str, labels: str = "") -> Series:
        """The durations of something, to note more of them."""
        found = self.times.setdefault(family, {})
        if labels not in found:
            found[labels] = Series()
        return found[labels]

    def copy(self) -> Figures:
        """The figures as they are now; in any thread: dictionaries are copied before they are gone through."""
        times = {
            family: {
                labels: msgspec.structs.replace(each, classes=list(each.classes))
                for labels, each in dict(found).items()
            }
            for family, found in dict(self.times).items()
        }
        return Figures({family: dict(found) for family, found in dict(self.values).items()}, times)


here: Final = Figures()
"""The figures of this process."""


def expect_chore(name: str, seconds: float) -> None:
    """Say that this process does something every so many seconds from now on."""
    here.put("parley_chore_interval_seconds", name, seconds)
    here.put("parley_chore_last_success_timestamp_seconds", name, time.time())
    here.count("parley_chore_runs", f"{name}|done", 0)
    here.count("parley_chore_runs", f"{name}|failed", 0)


@contextlib.contextmanager
def chore(name: str) -> Iterator[None]:
    """Count a run of something that the server does by itself; an error counts as one and goes on."""
    try:
        yield
    except Exception:
        here.count("parley_chore_runs", f"{name}|failed")
        raise
    here.count("parley_chore_runs", f"{name}|done")
    here.put("parley_chore_last_success_timestamp_seconds", name, time.time())
