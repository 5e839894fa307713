"""What the commands that read tables share: the file, the report of refused lines, the sums."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypedDict

import typer

from parley.cli.common import fail, print_table

if TYPE_CHECKING:
    from parley.services.import_tables import Outcome, Refused

#: Refused lines that are shown on a terminal.
_SHOWN: Final = 50
#: Exit code of a program that the person at the terminal broke off.
BROKEN_OFF: Final = 130

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


def read_file(file: Path) -> bytes:
    """The content of a file, or of standard input for "-"; ends the program when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")


def print_outcome(
    outcome: Outcome, things: str, shown_as: tuple[str, Sequence[str]], *, dry_run: bool, report: Path | None
) -> None:
    """The refused lines with their reasons, on a terminal the first ones only, and the sums.

    Args:
        things: what was to be made, in the plural.
        shown_as: head of the column that tells lines apart, and the values of which the first is shown.
    """
    shown = outcome.refused[:_SHOWN] if sys.stdout.isatty() else outcome.refused
    head, names = shown_as
    if shown:
        rows = []
        for each in shown:
            name = next((each.row.values[name] for name in names if each.row.values.get(name)), "")
            rows.append((str(each.row.line), name, each.reason))
        print_table(("Line", head, "Why it was refused"), rows)
    if len(shown) < len(outcome.refused):
        where = f"{report} has them all" if report else "--report writes them all to a file"
        typer.echo(f"... and {len(outcome.refused) - len(shown)} more; {where}")
    verb = "can be made" if dry_run else "made"
    there = f"{outcome.there} there already, " if outcome.there else ""
    typer.echo(f"{outcome.made} of {outcome.total} {things} {verb}, {there}{len(outcome.refused)} refused")


def check_report(report: Path, table: Path) -> None:
    """End the program when the report could not be written after the work, or would be written over the table."""
    try:
        if report.exists() and table.exists() and report.samefile(table):
            fail("the report would be written over the table")
        report.open("a").close()
    except OSError as error:
        fail(f"cannot write {report}: {error.strerror}")


def write_report(file: Path, refused: Sequence[Refused], *, secret: Collection[str] = ()) -> None:
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
