"""Interleaved rounds: contenders take turns in every round, so that noise of the machine hits all of them alike."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from benchmarks.load import CONNECTIONS, Load, SlowError, run_load
from benchmarks.servers import Running
from benchmarks.table import Row, middle, milliseconds, number

#: So much longer is measured what answers nothing in the usual time.
_PATIENCE: Final = 5
#: Requests without an answer at the end have numbers too, one for each connection, and wrk makes one to look at it.
_ASIDE: Final = 2


@dataclass(slots=True)
class Course:
    """How far requests have come: the `last` number that documents used up, and whether a run has to be long."""

    last: int = 0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Contender:
    """A server and the requests that it gets.

    Attributes:
        size: bytes of an answer that was found good; None: they are of several sizes.
        course: how far its requests have come; those with numbers of one kind have it in common.
        checked: whether each answer is looked at.
    """

    server: Running
    path: str
    documents: Sequence[bytes]
    size: int | None
    course: Course = field(default_factory=Course)
    checked: bool = False

    def run(self, seconds: int, connections: int = CONNECTIONS) -> Load:
        """Measure once; longer where nothing is answered in this time.

        Raises:
            LoadError: as `run_load`.
        """
        if not self.course.slow:
            try:
                return self._run(seconds, connections)
            except SlowError:
                self.course.slow = True
                self.course.last += connections + _ASIDE
        return self._run(seconds * _PATIENCE, connections)

    def _run(self, seconds: int, connections: int) -> Load:
        load = run_load(
            self.server.url(self.path),
            self.documents,
            seconds,
            pid=self.server.pid,
            answer_size=self.size,
            connections=connections,
            number=self.course.last,
            checked=self.checked,
        )
        self.course.last += load.requests + connections + _ASIDE
        return load


@dataclass(frozen=True, slots=True)
class Plan:
    """How often and how long is measured."""

    rounds: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Goals:
    """The figures that a row is compared with."""

    prototype: str = ""
    goal: str = ""
    out_for: str = ""


@dataclass(slots=True)
class Series:
    """The rounds of all contenders, in order."""

    loads: dict[str, list[Load]] = field(default_factory=dict)

    def ratios(self, name: str, base: str) -> list[float]:
        """Requests per second of one contender to those of another, round by round."""
        return [mine.rate / theirs.rate for mine, theirs in zip(self.loads[name], self.loads[base], strict=True)]

    def by_cpu(self, name: str, base: str) -> list[float]:
        """As `ratios`, of the requests that a second of CPU time is good for: unlike rates steady on a busy machine."""
        pairs = zip(self.loads[name], self.loads[base], strict=True)
        return [theirs.cpu / mine.cpu for mine, theirs in pairs if mine.cpu]

    def row(
        self, job: str, name: str, goals: Goals, base: str | None = None, *, dearness: bool = False, unit: str = ""
    ) -> Row:
        """A row with the figures of a contender.

        Args:
            base: the contender that it is divided by.
            dearness: not how many times as many requests are answered, but how many times as dear one is.
            unit: behind the ratio; by default that of the goal.
        """
        today = rounds = by_cpu = ""
        if base is not None:
            pair = (base, name) if dearness else (name, base)
            unit = unit or (" x" if goals.goal.endswith("x") else "")
            today, rounds = middle(self.ratios(*pair), unit)
            cpu = self.by_cpu(*pair)
            by_cpu = middle(cpu, unit)[0] if cpu else ""
        loads = self.loads[name]
        return Row(
            job,
            goals.prototype,
            goals.goal,
            goals.out_for,
            today,
            rounds,
            by_cpu,
            number(median(load.rate for load in loads)),
            number(median(load.cpu for load in loads)),
            milliseconds(median(load.p50 for load in loads)),
            milliseconds(median(load.p99 for load in loads)),
        )


@contextlib.contextmanager
def _alone(name: str, contenders: Mapping[str, Contender]) -> Iterator[Contender]:
    """Halt the servers of all others: what one does after its turn (Java compiles) is not to cost the next one."""
    mine = contenders[name].server.pid
    halted = {contender.server.pid for contender in contenders.values()} - {mine}
    try:
        for pid in halted:
            os.kill(pid, signal.SIGSTOP)
        yield contenders[name]
    finally:
        for pid in halted:
            os.kill(pid, signal.SIGCONT)


def interleaved(
    contenders: Mapping[str, Contender],
    plan: Plan,
    say: Callable[[str], None],
    connections: int = CONNECTIONS,
    *,
    warm: bool = False,
) -> Series:
    """Measure all contenders in turn, in every round.

    Before the first round each has a second of load, so that caches and compiled functions are there; not when they
    are `warm` from earlier rounds.
    """
    series = Series({name: [] for name in contenders})
    for turn in range(1 if warm else 0, plan.rounds + 1):
        for name in contenders:
            with _alone(name, contenders) as contender:
                load = contender.run(plan.seconds if turn else 1, connections)
            if turn:
                series.loads[name].append(load)
        if turn:
            rates = ", ".join(f"{name} {number(loads[-1].rate)}/s" for name, loads in series.loads.items())
            say(f"  round {turn}: {rates}")
    return series
