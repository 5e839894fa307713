"""Runs the benchmarks and prints one table: what was measured, what it is compared with, today's figures."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

from benchmarks import (
    growth,
    hot,
    jobs,
    media,
    memory,
    operations,
    peers,
    profiling,
    recordings,
    rooms,
    signin,
    startup,
    workers,
)
from benchmarks.bench import SCALE, Bench, Sizes
from benchmarks.load import CONNECTIONS, LoadError
from benchmarks.process import cores
from benchmarks.rounds import Plan
from benchmarks.servers import ServerError
from benchmarks.table import Row, markdown, not_measured, replace_last_run

KEPT: Final = Path(__file__).parent.parent / "build" / "benchmarks"
_QUICK: Final = Plan(rounds=1, seconds=1)
_QUICK_SIZES: Final = Sizes(large=100_000, large_users=20_000, starts=2, minutes=0.2)

#: What `all` is, in the order in which they run.
MAIN: Final[dict[str, Callable[[Bench], list[Row]]]] = {
    "operations": operations.operations,
    "peers": peers.peers,
    "growth": growth.growth,
    "processes": workers.workers,
    "memory": memory.memory,
    "start": startup.start,
}
#: Further jobs, each run when it is named.
MORE: Final[dict[str, Callable[[Bench], list[Row]]]] = {
    "get": jobs.get_meeting,
    "list": jobs.list_sessions,
    "create": jobs.create_meeting,
    "users": jobs.users,
    "codec": hot.codec,
    "signin": signin.sign_in,
    "rooms": rooms.rooms,
    "media": media.media,
    "recordings": recordings.recordings,
}
_JOBS: Final = MAIN | MORE
_ALL: Final = "all"
_MOST_HOURS: Final = 24
_PROFILE: Final = "profile"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if shutil.which("wrk") is None:
        return _fail("wrk is missing: it makes the load (Debian's package wrk)")
    # A run that is stopped leaves no server behind.
    signal.signal(signal.SIGTERM, _stop)
    plan = _QUICK if options.quick else Plan(options.rounds, options.seconds)
    sizes = _QUICK_SIZES if options.quick else Sizes()
    if options.hours is not None:
        sizes = replace(sizes, minutes=options.hours * 60)
    names = {name for each in options.names or [_ALL] for name in (MAIN if each == _ALL else [each])}
    begun, busy = time.monotonic(), os.getloadavg()[0]
    rows: list[Row] = []
    try:
        with Bench(KEPT, plan, sizes, _say) as bench:
            for name, job in _JOBS.items():
                if name in names:
                    _say(f"== {name}, {(time.monotonic() - begun) / 60:.1f} min after the start")
                    rows += _done(bench, name, job)
            profile = profiling.profiles(bench) if _PROFILE in names else ""
    except (LoadError, ServerError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        if rows:  # what is done is told, but not kept
            print(markdown(rows))
        return _fail("stopped")
    text = f"{_conditions(plan, busy)}\n\n{markdown(rows)}"
    if profile:
        text += f"\n{profile}"
    print(text)
    if options.write:
        replace_last_run(options.write, text)
    return 0


def _done(bench: Bench, name: str, job: Callable[[Bench], list[Row]]) -> list[Row]:
    """What a job measured; the others go on when it cannot."""
    try:
        return job(bench)
    except (LoadError, ServerError) as error:
        _say(f"{name}: {error}")
        return [not_measured(name, error)]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    known = ", ".join([_ALL, *_JOBS, _PROFILE])
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help=f"what to measure, by default all, which is {', '.join(MAIN)}; known are {known}"
    )
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    parser.add_argument("--seconds", type=int, default=1, help="seconds of load for each contender in a round (1)")
    parser.add_argument("--hours", type=float, help="how long memory is looked at on each database (90 s)")
    parser.add_argument("--quick", action="store_true", help="one round of a second, and a smaller large site")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the figures between the markers of this page")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in {_ALL, *_JOBS, _PROFILE}]
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; known are {known}")
    if not (1 <= options.rounds <= 100 and 1 <= options.seconds <= 60):
        parser.error("rounds can be 1 to 100, seconds 1 to 60")
    if options.hours is not None and not 0 < options.hours <= _MOST_HOURS:
        parser.error(f"hours can be up to {_MOST_HOURS}")
    return options


def _conditions(plan: Plan, busy: float) -> str:
    """Where and how the figures were taken; `busy` is the load average before."""
    place = "server on one core, load on another" if cores() else "server and load share the only core"
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"{day}: {plan.rounds} rounds of {plan.seconds} s, {CONNECTIONS} connections (figures in threes:"
        f" {', '.join(map(str, SCALE))}), {place},"
        f" which had a load of {busy:.1f} before;"
        f" Python {platform.python_version()}, {platform.system()} {platform.machine()}."
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _fail(line: str) -> int:
    _say(f"benchmarks: {line}")
    return 1


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
