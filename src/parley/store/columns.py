"""What tables are made of; text is compared by code point on every database (PostgreSQL: collation "C")."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData()

TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def big(name: str, *, null: bool = False) -> Column[int]:
    """A number of 64 bits."""
    return Column(name, BigInteger, nullable=null, autoincrement=False)


def integer(name: str, *, null: bool = False) -> Column[int]:
    """A number of 32 bits."""
    return Column(name, Integer, nullable=null, autoincrement=False)


def binary(name: str) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary, nullable=False)


def words(name: str, *, null: bool = False) -> Column[str]:
    """A text."""
    return Column(name, TEXT, nullable=null)


def key(name: str) -> Column[str]:
    """A column that revision 0002 added to rows that were there already."""
    return Column(name, TEXT, nullable=False, server_default=text("''"))


def flag(name: str) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)


def added(name: str, kind: Any, default: str) -> Column[Any]:
    """A column that a later revision added to rows that were there already."""
    return Column(name, kind, nullable=False, autoincrement=False, server_default=text(default))


def only(sqlite: str, postgres: str) -> dict[str, Any]:
    """For an index of some of the rows: the condition as each database has to be told it."""
    return {"sqlite_where": text(sqlite), "postgresql_where": text(postgres)}


def table(name: str, rank: int, *parts: Any, **options: Any) -> Table:
    """`rank`: place in the order in which one transaction writes to tables (parents before children)."""
    return Table(name, metadata, *parts, info={"rank": rank}, **options)
