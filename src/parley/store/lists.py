"""What the lists of accounts and sessions have in common."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Select, Table, Text, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

from parley.store.columns import TEXT

T = TypeVar("T")
DOCUMENT: Final = "document:"
"""What the fields of an order begin with that are values of a document; the names on the way to it follow."""
_NAMES: Final = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*")


class Order(NamedTuple):
    """A field to sort by; `case_sensitive` counts only for fields that have a folded form."""

    field: str
    descending: bool = False
    case_sensitive: bool = False


class Page(NamedTuple, Generic[T]):
    """Rows of a list from a position on, and the number of rows of the whole list."""

    rows: list[T]
    total: int


def ordering(order: Iterable[Order], fields: Mapping[str, Any], tie: Any, nullable: Container[str] = ()) -> list[Any]:
    """ORDER BY expressions of distinct fields, the tie break in the direction of the first field.

    Fields that are `nullable` come first when missing, last in descending order, on every database.
    """
    keys: list[Any] = []
    seen: set[str] = set()
    falling = False
    for each in order:
        column = fields[each.field]
        if not keys:
            falling = each.descending
        if each.field in seen:
            continue
        seen.add(each.field)
        key = column.desc() if each.descending else column.asc()
        if each.field in nullable:
            key = key.nulls_last() if each.descending else key.nulls_first()
        keys.append(key)
    keys.append(tie.desc() if falling else tie.asc())
    return keys


def page_of(statement: Select[Any]) -> Select[Any]:
    """The statement cut to the rows after the first `skip`, at most `maximum` (both bind parameters)."""
    return statement.limit(bindparam("maximum", type_=BigInteger)).offset(bindparam("skip", type_=BigInteger))


def bounds(column: Any, name: str, given: Container[str]) -> list[Any]:
    """The conditions of a range of numbers: `<name>_from` and `<name>_to`, as far as they are given."""
    found = []
    if f"{name}_from" in given:
        found.append(column >= bindparam(f"{name}_from", type_=BigInteger))
    if f"{name}_to" in given:
        found.append(column <= bindparam(f"{name}_to", type_=BigInteger))
    return found


def name_bounds(column: Any, given: Container[str]) -> list[Any]:
    """The conditions of a folded name that begins so: `name_prefix`, and `name_end` when that is given too."""
    ends = [column >= bindparam("name_prefix", type_=TEXT)]
    if "name_end" in given:
        ends.append(column < bindparam("name_end", type_=TEXT))
    return ends if "name_prefix" in given else []


def unsearched(column: Any) -> Any:
    """A column by which the databases are not to search or sort along an index; what it says stays the same."""
    join, nothing = ("||", "''") if isinstance(column.type, Text) else ("+", "0")
    return column.op(join)(literal_column(nothing))


def end_of_prefix(prefix: str) -> str | None:
    """The least text behind all that begin with the prefix, by code point; None: there is none."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    after = ord(stem[-1]) + 1
    # Surrogates are no characters, databases do not take them.
    return stem[:-1] + chr(0xE000 if 0xD800 <= after <= 0xDFFF else after)


class InDocument(ColumnElement[str]):
    """A value of the documents of a table by the names on the way to it; NULL where it is not there.

    Args:
        table: one with a column `document` of JSON.
        names: letters and digits, with points between them.

    Raises:
        KeyError: the names are none.
    """

    inherit_cache = True
    _traverse_internals: Any = [  # noqa: RUF012
        ("table_name", InternalTraversal.dp_string),
        ("names", InternalTraversal.dp_string),
    ]
    type = Text()

    def __init__(self, table: Table, names: str) -> None:
        if not _NAMES.fullmatch(names):
            raise KeyError(names)
        self.table_name = table.name
        self.names = names


@compiles(InDocument, "sqlite")
def _in_document_of_sqlite(element: InDocument, _compiler: Any, **_: Any) -> str:
    return f"json_extract({element.table_name}.document, '$.{element.names}')"


@compiles(InDocument, "postgresql")
def _in_document_of_postgres(element: InDocument, _compiler: Any, **_: Any) -> str:
    path = element.names.replace(".", ",")
    return f"({element.table_name}.document::json #>> '{{{path}}}') COLLATE \"C\""
