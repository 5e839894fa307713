"""Damages good inputs, hands them to a target, and keeps what the target did not stand.

The same number gives the same inputs, so a finding can be had again. No input may take long or much memory: the limits
are far above what any takes, and hold for each input.
"""

from __future__ import annotations

import hashlib
import random
import re
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from tests.attacks.fuzz_targets import LIMIT, TARGETS, Target, seeds_of

#: Seconds of processor time that one input may take; the slowest take a tenth of a second.
INPUT_SECONDS: Final = 10
#: Memory of a process that does nothing but this; a server has its own limits.
MOST_BYTES: Final = 3 * 1024**3
_PARTS: Final = re.compile(rb"<[^<>]{0,400}>|[^<]+|<", re.DOTALL)
_MOST_FINDINGS: Final = 20
_MOST_KEPT: Final = 2_000
#: Longer ones are not taken as seeds: everything that comes of them takes its time.
_LONGEST_KEPT: Final = 8_192


class TooSlow(BaseException):
    """An input takes longer than any may; no target can mistake it for an error of its own."""


@dataclass
class Hunt:
    """What came of fuzzing one target.

    Attributes:
        inputs: how many were tried; `taken`: how many were good after all their damage.
        slowest: processor seconds of the slowest one.
        findings: the inputs that were not stood, with what happened.
    """

    target: str
    inputs: int = 0
    taken: int = 0
    slowest: float = 0.0
    findings: list[tuple[bytes, str]] = field(default_factory=list)


class Mutator:
    """Endless damaged inputs.

    Args:
        target: gives the seeds and tokens.
        number: begins the row of random numbers.
    """

    def __init__(self, target: Target, number: int) -> None:
        self._random = random.Random(f"{target.name} {number}")
        self._seeds = seeds_of(target.name)
        self._split = [_PARTS.findall(seed) for seed in self._seeds]
        self._parts = [part for parts in self._split for part in parts]
        self._kept: list[bytes] = []
        self._tokens = target.tokens
        self._changes: tuple[Callable[[bytes], bytes], ...] = (
            *(self._put, self._put, self._cut, self._repeat, self._flip, self._flip, self._splice, self._mix),
            *(self._recode, self._swap, self._many, self._truncate),
        )

    def keep(self, data: bytes) -> None:
        """Use an input as a seed, one that was taken although it is damaged."""
        if len(data) > _LONGEST_KEPT:
            return
        if len(self._kept) < _MOST_KEPT:
            self._kept.append(data)
        else:
            self._kept[self._random.randrange(_MOST_KEPT)] = data

    def next(self) -> bytes:
        """One input."""
        chance = self._random.random()
        if chance < 0.5 and self._split:
            data = self._rearranged()
        elif chance < 0.75 and self._kept:
            data = self._random.choice(self._kept)
        else:
            data = self._random.choice(self._seeds)
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 3, 8))):
            data = self._random.choice(self._changes)(data)
        return data[:LIMIT]

    def _rearranged(self) -> bytes:
        """A seed with its tags and texts moved, dropped, doubled or taken from other seeds."""
        draw = self._random
        parts = list(draw.choice(self._split))
        for _ in range(draw.choice((1, 1, 2, 4))):
            place = draw.randrange(len(parts) + 1)
            kind = draw.randrange(6)
            if kind == 0 and parts:
                del parts[place : place + draw.choice((1, 1, 2, 5))]
            elif kind == 1:
                parts[place:place] = parts[place : place + draw.choice((1, 3))] * draw.choice((1, 2, 60))
            elif kind == 2:
                parts.insert(place, draw.choice(self._parts))
            elif kind == 3:
                parts[place : place + 1] = [draw.choice(self._tokens)]
            elif kind == 4:
                parts[place : place + 1] = [draw.choice(self._parts)]
            else:
                parts[place : place + 3] = reversed(parts[place : place + 3])
        return b"".join(parts)

    def _place(self, data: bytes) -> int:
        return self._random.randrange(len(data) + 1)

    def _put(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + self._random.choice(self._tokens) + data[place + self._random.choice((0, 0, 1, 8)) :]

    def _cut(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + data[place + self._random.choice((1, 2, 10, 100)) :]

    def _repeat(self, data: bytes) -> bytes:
        place = self._place(data)
        part = data[place : place + self._random.choice((1, 10, 200))]
        return data[:place] + part * self._random.choice((2, 3, 200)) + data[place:]

    def _flip(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + bytes([self._random.randrange(256)]) + data[place + 1 :]

    def _splice(self, data: bytes) -> bytes:
        other = self._random.choice(self._seeds)
        return data[: self._place(data)] + other[self._place(other) :]

    def _mix(self, data: bytes) -> bytes:
        return b"".join(self._random.choice(self._tokens) for _ in range(self._random.randrange(1, 12))) + data[:200]

    def _recode(self, data: bytes) -> bytes:
        name = self._random.choice(("utf-16", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "cp1252"))
        return data.decode("utf-8", "replace").encode(name, "replace")

    def _swap(self, data: bytes) -> bytes:
        return data.swapcase()

    def _many(self, data: bytes) -> bytes:
        before, after = (self._random.choice(self._tokens)[:20] or b"a" for _ in range(2))
        return data.replace(before, after)

    def _truncate(self, data: bytes) -> bytes:
        return data[: self._place(data)]


def hunt(
    name: str, inputs: int, number: int, seconds: float = float("inf"), tick: Callable[[], None] | None = None
) -> Hunt:
    """Fuzz a target.

    Args:
        inputs: how many are tried at most; `seconds`: for how long at most.
        number: begins the row of random numbers.
        tick: called now and then.
    """
    target = TARGETS[name]
    mutator, found = Mutator(target, number), Hunt(name)
    places: set[str] = set()
    end = time.monotonic() + seconds
    with watched():
        while found.inputs < inputs and len(found.findings) < _MOST_FINDINGS:
            data = mutator.next()
            found.inputs += 1
            begun = time.process_time()
            try:
                taken = stand(target, data)
            except Failed as failure:
                if failure.place not in places:
                    places.add(failure.place)
                    found.findings.append((data, failure.told))
                continue
            found.slowest = max(found.slowest, time.process_time() - begun)
            if taken:
                found.taken += 1
                mutator.keep(data)
            if not found.inputs & 1023:
                if tick is not None:
                    tick()
                if time.monotonic() > end:
                    break
    return found


class Failed(Exception):
    """A target did not stand an input: where, and the whole story."""

    def __init__(self, place: str, told: str) -> None:
        super().__init__(told)
        self.place = place
        self.told = told


def stand(target: Target, data: bytes) -> bool:
    """Hand an input to a target; whether it was taken.

    Raises:
        Failed: something else than a document or a refusal came of it, or it took too long.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, INPUT_SECONDS)
    try:
        return target.run(data)
    except (Exception, TooSlow) as error:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}"
        raise Failed(place, traceback.format_exc(limit=-12)) from error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@contextmanager
def watched() -> Iterator[None]:
    """Have the clock of the process raise `TooSlow`."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        yield
    finally:
        signal.signal(signal.SIGVTALRM, before)


def bound_memory() -> None:
    """Let this process have no more memory than any input may need; more is a MemoryError, so a finding."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def keep_findings(found: Hunt, folder: Path) -> list[Path]:
    """Write the inputs that were not stood, and what happened, into a folder."""
    written = []
    for data, told in found.findings:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{found.target}-{hashlib.sha256(data).hexdigest()[:12]}.bin"
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(told)
        written.append(path)
    return written
