"""What the commands that read tables share: the file, the report of refused lines, the sums."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypedDict

import typer

from parley.cli.common import fail, print_table, run

if TYPE_CHECKING:
    from parley.services.import_tables import Outcome, Refused

#: Refused lines that are shown on a terminal.
_SHOWN: Final = 50
#: Exit code of a program that the person at the terminal broke off.
_BROKEN_OFF: Final = 130

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE.csv", help="The table; its first line names the columns. - for standard input.")
]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE.csv", help="Write the refused lines, with reasons, to this file."),
]
EncodingOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Encoding of the table, such as cp1252.", show_default="UTF-8, or UTF-16"),
]
IgnoreOption = Annotated[bool, typer.Option("--ignore-unknown", help="Pass over columns that are not known.")]


class Reading(TypedDict):
    """How a table is to be read."""

    encoding: str | None
    ignore_unknown: bool


class Telling(NamedTuple):
    """How the outcome is told.

    Attributes:
        things: what was to be made, in the plural.
        head, names: head of the column that tells lines apart, and the values of which the first is shown.
        again: how to go on after the work was broken off.
        secret: values that the report of refused lines does not repeat.
    """

    things: str
    head: str
    names: Sequence[str]
    again: str
    secret: Collection[str] = ()


def carry_out(
    work: Callable[[bytes, Outcome], Coroutine[Any, Any, None]],
    file: Path,
    telling: Telling,
    *,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Read a table, do the work and tell what became of it.

    Ends the program with code 1 when lines were refused, with 2 when a file cannot be used, with 130 when the person at
    the terminal broke it off.

    Args:
        work: takes the content of the file, and gathers what becomes of its lines.
        report: where the refused lines are written; the work begins only when that can be done.
    """
    from parley.services.import_tables import Outcome

    content = _read_file(file)
    if report is not None:
        _check_report(report, file)
    outcome, broken_off = Outcome(), False
    try:
        run(work(content, outcome))
    except KeyboardInterrupt:
        broken_off = True
    if report is not None:
        _write_report(report, outcome.refused, telling.secret)
    print_outcome(outcome, telling, dry_run=dry_run, report=report)
    if broken_off:
        fail(f"broken off; run it again{telling.again} for the rest", code=_BROKEN_OFF)
    if outcome.refused:
        raise typer.Exit(1)


def _read_file(file: Path) -> bytes:
    """The content of a file, or of standard input for "-"; ends the program when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")


def print_outcome(outcome: Outcome, telling: Telling, *, dry_run: bool, report: Path | None) -> None:
    """The refused lines with their reasons, on a terminal the first ones only, and the sums."""
    shown = outcome.refused[:_SHOWN] if sys.stdout.isatty() else outcome.refused
    if shown:
        rows = []
        for each in shown:
            name = next((each.row.values[name] for name in telling.names if each.row.values.get(name)), "")
            rows.append((str(each.row.line), name, each.reason))
        print_table(("Line", telling.head, "Why it was refused"), rows)
    if len(shown) < len(outcome.refused):
        where = f"{report} has them all" if report else "--report writes them all to a file"
        typer.echo(f"... and {len(outcome.refused) - len(shown)} more; {where}")
    verb = "can be made" if dry_run else "made"
    there = f"{outcome.there} there already, " if outcome.there else ""
    typer.echo(f"{outcome.made} of {outcome.total} {telling.things} {verb}, {there}{len(outcome.refused)} refused")


def _check_report(report: Path, table: Path) -> None:
    """End the program when the report could not be written after the work, or would be written over the table."""
    try:
        if report.exists() and table.exists() and report.samefile(table):
            fail("the report would be written over the table")
        report.open("a").close()
    except OSError as error:
        fail(f"cannot write {report}: {error.strerror}")


def _write_report(file: Path, refused: Sequence[Refused], secret: Collection[str]) -> None:
    """Write the refused lines as a table that can be mended and imported again; secret values are not repeated."""
    import csv

    columns = list(dict.fromkeys(name for each in refused for name in each.row.values if name not in secret))
    try:
        with file.open("w", encoding="utf-8", newline="") as output:
            writer = csv.writer(output)
            writer.writerow(["line", *columns, "reason"])
            for each in refused:
                values = [each.row.values.get(name, "") for name in columns]
                writer.writerow([each.row.line, *values, each.reason])
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}")
