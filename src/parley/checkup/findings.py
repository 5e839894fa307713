"""Findings, and the running of checks: each for a bounded time, and none ends with an error."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from parley.config import Config
from parley.store.driver_errors import told

Outcome = Literal["ok", "warning", "failed"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("ok", "warning", "failed")


class Finding(msgspec.Struct, frozen=True):
    """What a check found.

    Attributes:
        area: the part that was looked at, such as `database`.
        name: what of it.
        told: what was found, one line.
        mend: what to do about it; None where nothing is to be done.
    """

    area: str
    name: str
    outcome: Outcome
    told: str
    mend: str | None = None


class Setup(msgspec.Struct, frozen=True):
    """What is looked at.

    Attributes:
        environment: variables of the server's processes.
        file: the settings file that was named; None: the one in the data folder.
        seconds: each check ends after so long.
    """

    config: Config
    environment: Mapping[str, str]
    file: str | None = None
    seconds: float = 10.0


class Report:
    """Takes down what the checks of one area find."""

    def __init__(self, area: str) -> None:
        self.area = area
        self.findings: list[Finding] = []

    def ok(self, name: str, told: str) -> None:
        """It is as it should be."""
        self._add(name, "ok", told, None)

    def warn(self, name: str, told: str, mend: str) -> None:
        """The server runs, and something would be better otherwise."""
        self._add(name, "warning", told, mend)

    def fail(self, name: str, told: str, mend: str) -> None:
        """Something does not work."""
        self._add(name, "failed", told, mend)

    def _add(self, name: str, outcome: Outcome, told: str, mend: str | None) -> None:
        self.findings.append(Finding(self.area, name, outcome, one_line(told), mend))


def one_line(text: object, longest: int = 300) -> str:
    """What an error or a server said, as one line without control characters."""
    plain = "".join(c if c.isprintable() else " " for c in str(text))
    short = " ".join(plain.split())
    return short if len(short) <= longest else f"{short[: longest - 1]}…"


def reason(error: BaseException) -> str:
    """What went wrong, one line; of an error without words its class."""
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return one_line(told(error))


Check = Callable[[Setup, Report], object]
"""Looks, and writes into the report; may be a coroutine function. What it raises becomes a finding."""


class Area(msgspec.Struct, frozen=True):
    """Checks that belong together; each runs after the one before it."""

    name: str
    checks: Sequence[Check]


async def examine(setup: Setup, areas: Sequence[Area]) -> AsyncIterator[Sequence[Finding]]:
    """Run the checks of all areas, areas at the same time; gives the findings of each in the order of the areas."""
    running = [asyncio.create_task(_examined(setup, area)) for area in areas]
    try:
        for each in running:
            yield await each
    finally:
        for each in running:
            each.cancel()


async def _examined(setup: Setup, area: Area) -> Sequence[Finding]:
    report = Report(area.name)
    for check in area.checks:
        name = check.__name__.strip("_").replace("_", " ")
        try:
            async with asyncio.timeout(setup.seconds):
                found = await _in_thread(check, setup, report)
                if asyncio.iscoroutine(found):
                    await found
        except TimeoutError:
            report.fail(name, f"no answer within {setup.seconds:g} seconds", "see whether it hangs, and look again")
        except Exception as error:  # whatever it is, the other checks are wanted all the same
            report.fail(name, f"cannot be checked: {type(error).__name__}: {reason(error)}", "see what the error says")
    return report.findings


async def _in_thread(check: Check, setup: Setup, report: Report) -> object:
    """Call a check in a thread that ends with the program: a disk that hangs holds up nobody, the end neither."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()

    def tell(value: object, error: Exception | None) -> None:
        if not future.done():
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

    def work() -> None:
        value: object = None
        error: Exception | None = None
        try:
            value = check(setup, report)
        except Exception as raised:  # told to whoever waits
            error = raised
        with contextlib.suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(tell, value, error)

    threading.Thread(target=work, daemon=True, name="parley-checkup").start()
    return await future
