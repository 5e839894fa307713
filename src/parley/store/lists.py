"""What the lists of accounts and sessions have in common."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Select, bindparam

T = TypeVar("T")


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


def end_of_prefix(prefix: str) -> str | None:
    """The least text behind all that begin with the prefix, by code point; None: there is none."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    after = ord(stem[-1]) + 1
    # Surrogates are no characters, databases do not take them.
    return stem[:-1] + chr(0xE000 if 0xD800 <= after <= 0xDFFF else after)
