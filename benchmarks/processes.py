"""Requests a second with one, two and four worker processes on PostgreSQL, and what bounds them.

Nothing is kept on a core here: server, PostgreSQL and load share the cores of the machine as they would anywhere, and
the CPU time of each for one request is told. `python -m benchmarks.processes` prints the table.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks import documents, seed, servers
from benchmarks.bench import READ
from benchmarks.load import _SCRIPT, LoadError, read_output
from benchmarks.process import cpu_seconds
from benchmarks.seed import HOST, SeededSite, Wanted
from benchmarks.servers import Running
from tests.databases import PostgresServer

PROCESSES: Final = (1, 2, 4)
CONNECTIONS: Final = 32
_MEETINGS: Final = 1_000
_HEADS: Final = (
    *("operation", "processes", "req/s", "of one", "server us", "PostgreSQL us", "load us", "cores busy", "p50", "p99"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        server, database, load: CPU time for one request, microseconds.
        cores: cores that were busy with the three of them.
        p50, p99: milliseconds.
    """

    rate: float
    server: float
    database: float
    load: float
    cores: float
    p50: float
    p99: float


def processes(say: Callable[[str], None], rounds: int = 3, seconds: int = 5) -> list[tuple[str, ...]]:
    """The rows of the table: the medians of the rounds, in which the numbers of processes take turns."""
    database_server = PostgresServer(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="parley-processes-") as name:
            folder = Path(name)
            database_server.template()
            database = database_server.copy()
            wanted = [Wanted(READ, _MEETINGS, documents.full_meeting())]
            site = asyncio.run(seed.seed(database, wanted, folder))[READ]
            return _rows(say, database, _postgres_pid(database_server), site, folder, rounds, seconds)
    finally:
        database_server.stop()


def _postgres_pid(server: PostgresServer) -> int:
    """The first process of a PostgreSQL server, whose first line of this file is its number."""
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def _rows(
    say: Callable[[str], None],
    database: str,
    postgres: int,
    site: SeededSite,
    folder: Path,
    rounds: int,
    seconds: int,
) -> list[tuple[str, ...]]:
    asked = {
        "GetMeeting": documents.get_meetings(READ, HOST, site.keys[:_MEETINGS]),
        "CreateMeeting": [documents.create_meeting(READ, HOST, documents.full_meeting(each)) for each in range(2, 92)],
        "CreateMeeting, all on one day": [documents.create_meeting(READ, HOST, documents.full_meeting())],
    }
    found: dict[tuple[str, int], list[Measured]] = {}
    for turn in range(rounds):
        for number in PROCESSES:
            with _served(database, folder / f"{number}-{turn}", number, asked["GetMeeting"][0]) as running:
                for name, requests in asked.items():
                    _measure(running, postgres, requests, 1)  # every process has been asked once
                    measured = _measure(running, postgres, requests, seconds)
                    found.setdefault((name, number), []).append(measured)
                    say(f"round {turn + 1}: {name}, {number} processes: {measured.rate:.0f} a second")
    ones = {name: statistics.median(each.rate for each in found[name, 1]) for name in asked}
    return [_row(name, number, found[name, number], ones[name]) for name in asked for number in PROCESSES]


def _row(name: str, number: int, found: Sequence[Measured], one: float) -> tuple[str, ...]:
    def middle(value: Callable[[Measured], float]) -> float:
        return statistics.median(value(each) for each in found)

    rate = middle(lambda each: each.rate)
    return (
        *(name, str(number), f"{rate:.0f}", f"{rate / one:.2f} x"),
        *(f"{middle(value):.0f}" for value in (lambda m: m.server, lambda m: m.database, lambda m: m.load)),
        f"{middle(lambda each: each.cores):.2f}",
        *(f"{middle(value):.1f} ms" for value in (lambda m: m.p50, lambda m: m.p99)),
    )


@contextlib.contextmanager
def _served(database: str, folder: Path, number: int, question: bytes) -> Iterator[Running]:
    """`parley serve` with so many workers, on all cores; mails wait, since each process sends as fast as it may."""
    folder.mkdir()
    (folder / "parley.toml").write_text("mail_delivery = false\n")
    port = servers.free_port()
    command = [*servers.serve_command(database, folder, port), "--workers", str(number)]
    everywhere = ",".join(map(str, sorted(os.sched_getaffinity(0))))

    def ready(running: Running) -> bool:
        if b"SUCCESS" not in running.post(question):
            return False
        workers = [each for each in psutil.Process(running.pid).children() if "spawn_main" in str(each.cmdline())]
        return number == 1 or len(workers) == number

    unpinned = ["taskset", "-c", everywhere, *command]
    with servers.process(unpinned, folder / "serve.log", port, ready) as running:
        time.sleep(1.0 if number > 1 else 0.0)  # the last worker accepts a moment after the first one
        yield running


def _measure(running: Running, postgres: int, requests: Sequence[bytes], seconds: int) -> Measured:
    """Raises: LoadError: requests failed."""
    with tempfile.TemporaryDirectory(prefix="parley-load-") as folder:
        script, lines = Path(folder, "load.lua"), Path(folder, "documents")
        script.write_text(_SCRIPT)
        lines.write_bytes(b"\n".join(requests) + b"\n")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
        command += ["-s", str(script), running.url(), "--", str(lines), "0", "trust"]
        before, load_before = (cpu_seconds(running.pid), cpu_seconds(postgres)), _children()
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
        after, load_spent = (cpu_seconds(running.pid), cpu_seconds(postgres)), _children() - load_before
    load = read_output(done.stdout + done.stderr)
    if b"<serv:result>SUCCESS" not in running.post(requests[0]):
        raise LoadError("the answers are no successes")
    spent = [b - a for a, b in zip(before, after, strict=True)]
    server, database, loading = (1e6 * part / load.requests for part in (*spent, load_spent))
    cores = (sum(spent) + load_spent) / load.seconds
    return Measured(load.rate, server, database, loading, cores, load.p50 / 1000, load.p99 / 1000)


def _children() -> float:
    """CPU time of the programs that this one has run and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.processes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        sys.stderr.write("wrk is missing: it makes the load (Debian's package wrk)\n")
        return 1
    rows = processes(lambda line: print(line, file=sys.stderr, flush=True), options.rounds, options.seconds)
    for row in (_HEADS, tuple("---" for _ in _HEADS), *rows):
        print("| " + " | ".join(row) + " |")
    print(f"\n{os.cpu_count()} cores, {CONNECTIONS} connections, load average at the end {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
