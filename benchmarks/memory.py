"""The memory of a server under a load of all kinds of requests: at first, at last, and how it grows meanwhile.

Much of what a server takes in its first minutes is what it keeps to answer sooner (encoded answers, statements,
sign-ins), and that is bounded; so the slope is that of the second half. Pages of the database file that SQLite has
mapped into memory are left out: the system takes them back whenever it likes.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Sequence
from typing import Final

from benchmarks import documents, seed, servers
from benchmarks.bench import POSTGRES, READ, SQLITE, Bench
from benchmarks.copies import name_of_user
from benchmarks.process import own_mib
from benchmarks.rounds import Contender
from benchmarks.seed import ADMIN, HOST, SeededSite, Wanted
from benchmarks.servers import Running
from benchmarks.table import Row, milliseconds, number

_MEETINGS: Final = 2_500
_PAUSE: Final = 0.5
#: Reads for each write.
_READS: Final = 8


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """By least squares: by how much the second value grows in a unit of the first one; 0 without two samples."""
    if len(samples) < 2:
        return 0.0
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    square = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / square if square else 0.0


def memory(bench: Bench) -> list[Row]:
    """A server of its own on each database."""
    rows = []
    for kind in (SQLITE, POSTGRES):
        database, folder = bench.empty(kind, "memory")
        meetings = min(_MEETINGS, bench.sizes.read)
        wanted = Wanted(READ, meetings, documents.full_meeting(), meetings, meetings, meetings)
        sites = asyncio.run(seed.seed(database, [wanted], folder))
        with servers.parley(database, folder, mails=True) as running:
            rows.append(_watched(bench, kind, running, mixed(sites[READ], meetings)))
    return rows


def mixed(site: SeededSite, users: int) -> list[bytes]:
    """Requests of all kinds, most of them reads."""
    name, keys = site.name, site.keys
    reads = [
        *documents.get_meetings(name, HOST, keys),
        *(documents.get_user(name, ADMIN, name_of_user(each)) for each in range(1, users + 1)),
        *(documents.of_session(name, HOST, "ep.GetSessionInfo", "sessionKey", key) for key in keys),
        *(documents.list_sessions(name, ADMIN, first, 20) for first in range(1, len(keys), 20)),
        *(documents.list_meetings(name, HOST, first, 20) for first in range(1, len(keys), 20)),
        *(documents.list_history(name, ADMIN, first, 20) for first in range(1, users // 2, 20)),
        *(documents.list_recordings(name, HOST, first, 20) for first in range(1, users // 3, 20)),
        documents.authenticate(name, HOST),
    ]
    random.Random(7).shuffle(reads)  # the same mixture each time
    create = documents.create_meeting(name, HOST, documents.full_meeting())
    found: list[bytes] = []
    for place, read in enumerate(reads):
        found.append(read)
        if place % _READS == 0:
            write = place // _READS
            found.append(create if write % 2 else documents.set_meeting(name, HOST, keys[write % len(keys)]))
    return found


def _watched(bench: Bench, kind: str, running: Running, requests: list[bytes]) -> Row:
    seconds = max(int(bench.sizes.minutes * 60), 1)
    bench.say(f"memory over {seconds} s of mixed load, {kind}")
    busy = Contender(running, documents.PATH, requests, None, checked=True)
    busy.run(1)
    samples: list[tuple[float, float]] = []
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(running.pid, samples, over), daemon=True)
    watcher.start()
    try:
        load = busy.run(seconds)
    finally:
        over.set()
        watcher.join()
    first, last = samples[0][1], samples[-1][1]
    later = slope([each for each in samples if each[0] >= samples[-1][0] / 2])
    bench.say(f"  {number(first)} MiB at first, {number(last)} at last; {load.requests:,} requests")
    return Row(
        f"memory in {_duration(seconds)} of mixed load, first to last, {kind}",
        today=f"{number(first)} to {number(last)} MiB",
        rounds=f"{later * 3600:+.1f} MiB an hour at last",
        rate=number(load.rate),
        cpu=number(load.cpu),
        p50=milliseconds(load.p50),
        p99=milliseconds(load.p99),
    )


def _watch(pid: int, samples: list[tuple[float, float]], over: threading.Event) -> None:
    """Add seconds from now on and MiB until it is over, at least twice."""
    begun = time.monotonic()
    while True:
        samples.append((time.monotonic() - begun, own_mib(pid)))
        if over.wait(_PAUSE):
            break
    samples.append((time.monotonic() - begun, own_mib(pid)))


def _duration(seconds: int) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds} s"
