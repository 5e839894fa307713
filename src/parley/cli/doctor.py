"""`parley doctor`: looks at everything that a server needs, and says how to mend what it finds."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from parley.cli.common import ConfigOption, DatabaseOption, DataOption, JsonOption, print_json
from parley.config import Config, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from parley.checkup.findings import Area, Finding, Outcome, Setup

#: Mark and style of rich for each outcome.
_MARKS: Final[dict[Outcome, tuple[str, str]]] = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "failed": ("✗", "bold red"),
}
_NAME_WIDTH: Final = 18


def doctor(
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show only what is not in order.")] = False,
    seconds: Annotated[float, typer.Option(help="Longest time for each check.", min=1, max=300)] = 10.0,
) -> None:
    """Check settings, database, mails, storage, the front, names and the machine; say how to mend what is wrong.

    Nothing is changed and no mail is sent; a server may run meanwhile. Exit code 0: nothing failed; 1: something did.
    """
    from parley.checkup.findings import Finding, Setup

    screen = None if as_json else _Terminal(quiet) if sys.stdout.isatty() else _Lines(quiet)
    try:
        loaded = Config.load({"data": data, "database": database}, file=config)
    except ConfigError as error:
        told = " ".join(str(error).split())
        found = [Finding("settings", "settings", "failed", told, "mend it: docs/configuration.md has all settings")]
        if screen is not None:
            screen.show(found)
    else:
        found = _examined(Setup(loaded, dict(os.environ), config, seconds), screen)
    failed = sum(each.outcome == "failed" for each in found)
    warned = sum(each.outcome == "warning" for each in found)
    if screen is not None:
        screen.end(len(found), warned, failed)
    else:
        import msgspec

        print_json({"ok": not failed, "findings": msgspec.to_builtins(_wanted(found, quiet))})
    if failed:
        raise typer.Exit(1)


def _areas() -> Sequence[Area]:
    from parley.checkup import database, front, machine, mails, names, settings, storage

    return [each.AREA for each in (settings, machine, database, mails, storage, names, front)]


def _examined(setup: Setup, screen: _Lines | None) -> list[Finding]:
    """Run all checks; the findings of each area are shown as soon as they are there."""
    import asyncio
    import logging

    import structlog

    from parley.checkup.findings import examine

    # What is found is shown here, so nothing else is to say it too.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    async def work() -> list[Finding]:
        found: list[Finding] = []
        with screen.waiting() if screen is not None else contextlib.nullcontext():
            async for some in examine(setup, _areas()):
                found += some
                if screen is not None:
                    screen.show(some)
        return found

    return asyncio.run(work())


def _wanted(findings: Sequence[Finding], quiet: bool) -> Sequence[Finding]:
    """What is shown: with `quiet` only what is not in order."""
    return [each for each in findings if not quiet or each.outcome != "ok"]


class _Lines:
    """One line for each finding, for whatever reads them."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While checks run."""
        yield

    def show(self, findings: Sequence[Finding]) -> None:
        """The findings of an area."""
        for each in _wanted(findings, self._quiet):
            mend = f" -> {each.mend}" if each.mend else ""
            typer.echo(f"{each.outcome:<8} {each.area:<11} {each.name}: {each.told}{mend}")

    def end(self, count: int, warned: int, failed: int) -> None:
        """How it went."""
        typer.echo(_sum(count, warned, failed))


class _Terminal(_Lines):
    """The findings of each area under its name, with marks and colours."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet)
        from rich.console import Console

        self._console: Console = Console(highlight=False)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While checks run, something moves."""
        with self._console.status("[dim]looking …[/dim]", spinner="dots"):
            yield

    def show(self, findings: Sequence[Finding]) -> None:
        """The findings of an area."""
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        wanted = _wanted(findings, self._quiet)
        if not wanted:
            return
        worst = max((each.outcome for each in wanted), key=list(_MARKS).index)
        style = _MARKS[worst][1] if worst != "ok" else "bold"
        self._console.print(Text(wanted[0].area.capitalize(), style=f"{style} bold"))
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(width=_NAME_WIDTH, overflow="fold")
        table.add_column(overflow="fold")
        for each in wanted:
            mark, colour = _MARKS[each.outcome]
            told = Text(each.told, style="" if each.outcome != "ok" else "dim")
            if each.mend:
                told.append(f"\n→ {each.mend}", style="cyan")
            table.add_row(Text(mark, style=colour), Text(each.name), told)
        self._console.print(Padding(table, (0, 0, 1, 2)))

    def end(self, count: int, warned: int, failed: int) -> None:
        """How it went."""
        from rich.text import Text

        worst: Outcome = "failed" if failed else "warning" if warned else "ok"
        mark, colour = _MARKS[worst]
        self._console.print(Text(f"{mark} {_sum(count, warned, failed)}", style=f"{colour} bold"))


def _sum(count: int, warned: int, failed: int) -> str:
    if not warned and not failed:
        return f"{count} checks, all well"
    told = [f"{warned} {'warning' if warned == 1 else 'warnings'}"] if warned else []
    told += [f"{failed} failed"] if failed else []
    return f"{count} checks: {', '.join(told)}"
