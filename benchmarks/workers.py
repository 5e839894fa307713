"""Several worker processes on PostgreSQL, as lines of the table; `processes` measures them and tells more."""

from __future__ import annotations

from benchmarks import processes
from benchmarks.bench import Bench
from benchmarks.load import LoadError
from benchmarks.servers import ServerError
from benchmarks.table import Row, not_measured


def workers(bench: Bench) -> list[Row]:
    """Requests a second with one, two and four processes, divided by those with one."""
    bench.say("processes: server, PostgreSQL and load on all cores")
    try:
        # Longer than others: with so many at work on few cores a second says little.
        rows = processes.processes(bench.say, bench.plan.rounds, 2 * bench.plan.seconds)
    except (LoadError, ServerError) as error:
        return [not_measured("several processes, PostgreSQL", error)]
    return [_row(row) for row in rows]


def _row(told: tuple[str, ...]) -> Row:
    operation, number, rate, of_one, server, database, load, cores, p50, p99 = told
    name = f"{operation}, PostgreSQL, {number} process{'es' if number != '1' else ''} / 1"
    busy = f"CPU us of PostgreSQL {database}, load {load}; {cores} cores busy"
    return Row(name, today=of_one, rounds=busy, rate=rate, cpu=server, p50=p50, p99=p99)
