"""What the tests of faults share: load around a fault, conditions that are waited for, and the look at what is left."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from parley.store import checks
from tests.faults.traffic import WRITES, Traffic, Trouble, verify
from tests.faults.wire import LostError, Wires
from tests.server import Server

#: A condition gets so long; on a machine that has other work too much is slow.
PATIENCE: Final = 90.0
_PROGRAMS: Final = 4


def drawn_seed() -> int:
    """A seed, from the variable PARLEY_SEED where it is set; printed, so that a failure can be had again."""
    seed = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(100_000)))
    sys.stdout.write(f"PARLEY_SEED={seed}\n")
    return seed


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.01)


class Load:
    """Programs that ask without a pause, around a fault."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._since = 0

    @property
    def answered(self) -> int:
        """Requests that were answered as they should."""
        return sum(self.traffic.done.values())

    @property
    def troubles(self) -> Counter[str]:
        """Failures since the fault began, by kind."""
        return Counter(each.kind for each in self.traffic.troubles[self._since :])

    async def more(self, number: int) -> None:
        """Wait until so many more requests were answered as they should."""
        before = self.answered
        await until(lambda: self.answered >= before + number, f"{number} more answers")

    def begins(self) -> None:
        """A fault begins: only what fails from now on is counted."""
        self._since = len(self.traffic.troubles)

    def wrong(self) -> list[Trouble]:
        """Answers that no fault explains."""
        return [each for each in self.traffic.troubles if each.kind == "wrong"]


@asynccontextmanager
async def load_on(port: int, seed: int, programs: int = _PROGRAMS) -> AsyncIterator[Load]:
    """Load on a server while the block runs; at its end everything that was acknowledged has to be there."""
    traffic = Traffic(Wires(port), seed, WRITES)
    load = Load(traffic)
    stopped = asyncio.Event()
    running = asyncio.create_task(traffic.closed(programs, stopped.is_set))
    try:
        await load.more(30)
        yield load
    finally:
        stopped.set()
        await running
    assert load.wrong() == []
    assert await verify(traffic) == []
    await traffic.wires.close()


async def status_of(wires: Wires, path: str) -> int:
    """The status with which an address answers; 0: it does not."""
    try:
        return (await wires.ask("GET", path, headers="Accept: text/html\r\n")).status
    except LostError:
        return 0


def nothing_by_halves(server: Server) -> None:
    """What the database holds agrees with itself."""
    engine = server.application.engine
    assert server.run(checks.all_problems(engine)) == []
    assert server.run(checks.damage(engine)) == []
