"""Tables that administrators bring along: reading them, and what became of their lines.

The first row names the columns, without letter case, blanks and underscores. Every row is looked at for itself: one
that is refused does not stop the others.
"""

from __future__ import annotations

import asyncio
import codecs
import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple

import msgspec

from parley.protocol.faults import Fault
from parley.store import Conflict

_DELIMITERS: Final = ",;\t"
#: How spreadsheets mark the encoding of what they write.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Columns of a report of refused lines, which may be imported again.
_IGNORED: Final = ("line", "reason")


class TableError(Exception):
    """A table that cannot be read; the message is one line for the person at the terminal."""


class Row(NamedTuple):
    """One line of the table: its number in the file, and its values by column; empty ones are left out.

    `problem`: why the line cannot be used at all.
    """

    line: int
    values: dict[str, str]
    problem: str | None = None


class Refused(NamedTuple):
    """A row that nothing was made of, and why."""

    row: Row
    reason: str


class Outcome(msgspec.Struct):
    """What became of a table: how many rows it has, of how many something was made (or could be), how many were there
    already and passed over, and the rows that were refused. It grows while the work goes on."""

    total: int = 0
    made: int = 0
    there: int = 0
    refused: list[Refused] = []


class Columns(NamedTuple):
    """The columns of a kind of table.

    Attributes:
        names: how a column is called here, by what `folded` makes of how it may be called.
        told: what is listed when a column is not known.
        required: columns that must be there.
        ignore_unknown: pass over columns that are not known.
        most: so many rows and one more are read; None: all. A small file can have millions of them.
    """

    names: Mapping[str, str]
    told: Sequence[str]
    required: Sequence[str]
    ignore_unknown: bool = False
    most: int | None = None


def read_rows(content: bytes, known: Columns, *, encoding: str | None = None) -> list[Row]:
    """Read a table with commas, semicolons or tabs between its values.

    Args:
        encoding: its name as Python knows it; None for UTF-8, or UTF-16 with the mark that spreadsheets put in front.

    Raises:
        TableError: it cannot be read, a column is not known or stands twice, or one is missing.
    """
    text = _decoded(content, encoding)
    lines_before = len(text) - len(text.lstrip("\r\n"))
    head = text.lstrip("\r\n").partition("\n")[0].strip().strip('"')
    delimiter = max(_DELIMITERS, key=head.count)
    if head.casefold().startswith("sep=") and len(head) == len("sep=;"):
        delimiter = head[-1]
        lines_before += 1
    else:
        lines_before = 0
    return _rows(text, delimiter, lines_before, known)


def _decoded(content: bytes, encoding: str | None) -> str:
    name = encoding or next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(name)
    except LookupError:
        raise TableError(f"the encoding {name[:40]!r} is not known") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        advice = "" if encoding else ": save the table as UTF-8, or say its encoding, such as --encoding cp1252"
        raise TableError(f"line {line} is not in {name.removesuffix('-sig').upper()}{advice}") from None
    except UnicodeError as error:
        raise TableError(f"the file is not in {name[:40]}: {error}") from None


def _rows(text: str, delimiter: str, skipped: int, known: Columns) -> list[Row]:
    """The rows of a table.

    Args:
        skipped: lines at the top that are none of the table.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    columns: list[str | None] | None = None
    last = 0
    try:
        for cells in reader:
            line, last = last + 1, reader.line_num
            if line <= skipped or not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells, known)
            else:
                rows.append(_row(line, cells, columns))
                if known.most is not None and len(rows) > known.most:
                    break
    except csv.Error as error:
        raise TableError(f"line {last + 1} cannot be read: {error}") from None
    if columns is None:
        raise TableError("the file is empty: its first line has to name the columns")
    return rows


def _row(line: int, cells: Sequence[str], columns: Sequence[str | None]) -> Row:
    pairs = zip(columns, cells, strict=False)
    values = {name: cell.strip() for name, cell in pairs if name and name not in _IGNORED and cell.strip()}
    problem = None
    if any(cell.strip() for cell in cells[len(columns) :]):
        problem = f"the line has {len(cells)} values for {len(columns)} columns"
    return Row(line, values, problem)


def _columns(cells: Sequence[str], columns: Columns) -> list[str | None]:
    """The columns by their names here; None for one that is passed over."""
    known = {**columns.names, **{name: name for name in _IGNORED}}
    found: list[str | None] = []
    for cell in cells:
        name = known.get(folded(cell))
        if name is None and not columns.ignore_unknown and folded(cell):
            names = ", ".join(columns.told)
            raise TableError(f"the column {cell.strip()[:60]!r} is not known; known are: {names}")
        if name is not None and name in found:
            raise TableError(f"the column {name} stands twice")
        found.append(name)
    missing = [name for name in columns.required if name not in found]
    if missing:
        raise TableError(f"the table has no column {', '.join(missing)}")
    return found


def folded(name: str) -> str:
    """A column's name as it is compared."""
    return "".join(character for character in name.casefold() if character not in " _-\t\xa0\ufeff")


class TableImporter(ABC):
    """Takes over the rows of a table; what that means for one row is `take`."""

    #: Rows that are worked on at once.
    at_once: ClassVar[int]

    @abstractmethod
    async def take(self, row: Row) -> bool:
        """Make something of a row; False when it is there already and passed over.

        Raises:
            Fault: the row is refused.
            Conflict: somebody else changed the same thing at the same time.
        """

    async def run(
        self, rows: Sequence[Row], done: Callable[[], None] = lambda: None, outcome: Outcome | None = None
    ) -> Outcome:
        """Take over every row.

        Args:
            done: called after every row.
            outcome: where the outcome is gathered, so that it is known of work that was broken off too.
        """
        outcome = Outcome() if outcome is None else outcome
        outcome.total = len(rows)
        for start in range(0, len(rows), self.at_once):
            part = rows[start : start + self.at_once]
            await asyncio.gather(*(self._one(row, outcome) for row in part))
            outcome.refused.sort(key=lambda each: each.row.line)
            for _ in part:
                done()
        return outcome

    async def _one(self, row: Row, outcome: Outcome) -> None:
        """Take over a row, or note why it is refused."""
        if row.problem is not None:
            outcome.refused.append(Refused(row, row.problem))
            return
        try:
            made = await self.take(row)
        except Fault as fault:
            outcome.refused.append(Refused(row, f"{fault.reason} ({fault.code})"))
        except Conflict:
            outcome.refused.append(Refused(row, "somebody else changed the same thing at the same time: try again"))
        else:
            outcome.made += made
            outcome.there += not made
