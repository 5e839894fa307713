"""Runs the benchmarks and prints one table: what was measured, what it is compared with, today's figures."""

from __future__ import annotations

import argparse
import platform
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from benchmarks import hot, jobs, media, peers, profiling, recordings, rooms, signin, startup
from benchmarks.bench import Bench
from benchmarks.load import CONNECTIONS, LoadError
from benchmarks.process import cores
from benchmarks.rounds import Plan
from benchmarks.servers import ServerError
from benchmarks.table import Row, markdown, replace_last_run

_KEPT: Final = Path(__file__).parent.parent / "build" / "benchmarks"
_LARGE: Final = 1_000_000
_QUICK_LARGE: Final = 100_000
_QUICK: Final = Plan(rounds=2, seconds=1)

#: In the order in which they run.
_JOBS: Final[dict[str, Callable[[Bench], list[Row]]]] = {
    "get": jobs.get_meeting,
    "list": jobs.list_sessions,
    "create": jobs.create_meeting,
    "users": jobs.users,
    "codec": hot.codec,
    "wiremock": peers.wiremock,
    "page": jobs.page,
    "start": startup.start,
    "signin": signin.sign_in,
    "rooms": rooms.rooms,
    "media": media.media,
    "recordings": recordings.recordings,
}
_PROFILE: Final = "profile"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if shutil.which("wrk") is None:
        return _fail("wrk is missing: it makes the load (Debian's package wrk)")
    # A run that is stopped leaves no server behind.
    signal.signal(signal.SIGTERM, _stop)
    plan = _QUICK if options.quick else Plan(options.rounds, options.seconds)
    names = options.names or [*_JOBS, _PROFILE]
    try:
        with Bench(_KEPT, plan, _QUICK_LARGE if options.quick else _LARGE, _say) as bench:
            rows = [row for name, job in _JOBS.items() if name in names for row in job(bench)]
            profile = profiling.profiles(bench) if _PROFILE in names else ""
    except (LoadError, ServerError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("stopped")
    text = f"{_conditions(plan)}\n\n{markdown(rows)}"
    if profile:
        text += f"\n{profile}"
    print(text)
    if options.write:
        replace_last_run(options.write, text)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    known = ", ".join([*_JOBS, _PROFILE])
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"what to measure, all of it by default: {known}")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--seconds", type=int, default=2, help="seconds of load for each contender in a round (2)")
    parser.add_argument("--quick", action="store_true", help="two rounds of a second, and a smaller large site")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the figures between the markers of this page")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in _JOBS and name != _PROFILE]
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; known are {known}")
    if not (1 <= options.rounds <= 100 and 1 <= options.seconds <= 60):
        parser.error("rounds can be 1 to 100, seconds 1 to 60")
    return options


def _conditions(plan: Plan) -> str:
    """Where and how the figures were taken."""
    place = "server on one core, load on another" if cores() else "server and load share the only core"
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"{day}: {plan.rounds} rounds of {plan.seconds} s, {CONNECTIONS} connections,"
        f" {place}; Python {platform.python_version()}, {platform.system()} {platform.machine()}."
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
