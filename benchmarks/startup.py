"""From the start of `parley serve` to its first answer, and the memory it holds when nobody asks for anything."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from benchmarks import documents, seed, servers
from benchmarks.bench import LISTED, Bench
from benchmarks.process import resident_mib
from benchmarks.servers import Running
from benchmarks.table import Row, middle

_STARTS: Final = 5
_SETTLE_SECONDS: Final = 1.0
#: How often somebody knocks.
_PAUSE: Final = 0.003


def start(bench: Bench) -> list[Row]:
    """Start a server with a database that is there already, several times."""
    folder = bench.folder / "start"
    folder.mkdir()
    database = f"sqlite:///{folder / 'parley.db'}"
    asyncio.run(seed.seed(database, [seed.Wanted(LISTED, 25, documents.full_meeting())], folder))
    question = documents.api_version(LISTED)

    def answers(running: Running) -> bool:
        return b"SUCCESS" in running.post(question)

    seconds, memory = [], []
    for _ in range(_STARTS):
        begun = time.perf_counter()
        with servers.parley(database, folder, answers, _PAUSE) as running:
            seconds.append(time.perf_counter() - begun)
            time.sleep(_SETTLE_SECONDS)
            memory.append(resident_mib(running.pid))
    bench.say(f"{_STARTS} starts, {[round(each, 2) for each in seconds]} s")
    return [
        Row("start to first answer", "0.24-0.34 s", "0.8 s", "0.5 s", *middle(seconds, " s")),
        Row("resident memory, idle", "38 MiB", "80 MiB", "60 MiB", *middle(memory, " MiB")),
    ]
