"""Tables that people load from the console, as files of comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from starlette.responses import Response, StreamingResponse

from parley.web.render import PRIVATE, SAFETY

#: What makes a spreadsheet take a cell for a formula, in both widths, and what it passes over before it looks.
_FORMULAS: Final = tuple("=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}") + tuple(
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
_PASSED_OVER: Final = ("\t", "\r", "\n")
#: Spreadsheets do not guess the encoding of a file that begins so.
_BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"

Cell = str | int | None


def cell(value: Cell) -> str:
    """What stands in a cell: texts that a spreadsheet would take for a formula get an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    risky = value.startswith(_PASSED_OVER) or value.lstrip().startswith(_FORMULAS)
    return f"'{value}" if risky else value


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as text."""
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerows([cell(each) for each in row] for row in rows)
    return output.getvalue()


def table(name: str, columns: Sequence[str], parts: AsyncIterator[Sequence[Sequence[Cell]]]) -> Response:
    """A file to load.

    Args:
        name: of the file, in letters, digits and hyphens.
        columns: what stands above its columns.
        parts: its rows, some at a time.
    """

    async def content() -> AsyncIterator[str]:
        yield _BYTE_ORDER_MARK + lines([columns])
        async for rows in parts:
            yield lines(rows)

    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(content(), 200, {**SAFETY, **PRIVATE, **disposition}, "text/csv; charset=utf-8")
