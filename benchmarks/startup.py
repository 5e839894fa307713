"""From the start of `parley serve` to its first answer, and the memory it holds when nobody asks for anything."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

from benchmarks import documents, seed, servers
from benchmarks.bench import LISTED, POSTGRES, SQLITE, Bench
from benchmarks.process import resident_mib
from benchmarks.servers import Running
from benchmarks.table import Row, middle

_SETTLE_SECONDS: Final = 1.0
#: How often somebody knocks.
_PAUSE: Final = 0.003


def start(bench: Bench) -> list[Row]:
    """Start a server with a database that is there already, several times."""
    rows = []
    for kind in (SQLITE, POSTGRES):
        database, folder = bench.empty(kind, "start")
        asyncio.run(seed.seed(database, [seed.Wanted(LISTED, 25, documents.full_meeting())], folder))
        rows += _started(bench, kind, database, folder)
    return rows


def _started(bench: Bench, kind: str, database: str, folder: Path) -> list[Row]:
    question = documents.api_version(LISTED)

    def answers(running: Running) -> bool:
        return b"SUCCESS" in running.post(question)

    seconds, memory = [], []
    for _ in range(bench.sizes.starts):
        begun = time.perf_counter()
        with servers.parley(database, folder, answers, _PAUSE) as running:
            seconds.append(time.perf_counter() - begun)
            time.sleep(_SETTLE_SECONDS)
            memory.append(resident_mib(running.pid))
    bench.say(f"{len(seconds)} starts on {kind}, {[round(each, 2) for each in seconds]} s")
    return [
        Row(f"start to first answer, {kind}", "", "0.8 s", "", *middle(seconds, " s")),
        Row(f"resident memory, idle, {kind}", "", "80 MiB", "", *middle(memory, " MiB")),
    ]
