"""Statements compiled once per database and called with positional values.

SQLAlchemy Core writes the SQL; the drivers run it themselves, because SQLAlchemy's own execution costs four
to five times the driver (facts performance, section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.schema import Column

T = TypeVar("T")
Args = tuple[Any, ...]
Compiled = tuple[str, Callable[[Args], Args] | None]
"""Text for the driver, and how the values are put into its order (None: they are in order)."""


@lru_cache(maxsize=1)
def sqlite_dialect() -> Dialect:
    """The dialect for the standard library's driver: values as question marks."""
    from sqlalchemy.dialects.sqlite.pysqlite import dialect

    return dialect(paramstyle="qmark")


@lru_cache(maxsize=1)
def postgres_dialect() -> Dialect:
    """The dialect for asyncpg: values as $1, $2 with their types."""
    from sqlalchemy.dialects.postgresql.asyncpg import dialect

    return dialect()  # type: ignore[no-untyped-call]


def _compile(statement: ClauseElement, names: tuple[str, ...], dialect: Dialect) -> Compiled:
    compiled = statement.compile(dialect=dialect)
    order: list[str] = getattr(compiled, "positiontup", None) or []
    constants = [name for name in order if name not in names]
    known = {name: position for position, name in enumerate((*names, *constants))}
    sql = " ".join(str(compiled).split())
    if order == list(names):
        return sql, None
    rest = tuple(compiled.params[name] for name in constants)
    places = [known[name] for name in order]
    if not places:
        return sql, lambda args: ()
    if len(places) == 1:
        place = places[0]
        return sql, lambda args: ((args + rest)[place],)
    pick = itemgetter(*places)
    if not rest:
        return sql, pick
    return sql, lambda args: pick(args + rest)


class Query:
    """A Core statement whose bind parameters are given by position, in the order of `names`.

    `sqlite` and `postgres` hold the compiled forms after the first use; engines look at them directly.
    `rank` is the place of the table written to in the order in which a `Changes` touches tables.
    """

    __slots__ = ("names", "postgres", "rank", "sqlite", "statement")

    def __init__(self, statement: ClauseElement, *names: str, table: Table | None = None) -> None:
        self.statement = statement
        self.names = names
        written = table if table is not None else getattr(statement, "table", None)
        self.rank: int = written.info.get("rank", 0) if written is not None else 0
        self.sqlite: Compiled | None = None
        self.postgres: Compiled | None = None

    def for_sqlite(self) -> Compiled:
        """Compile for SQLite and keep the result."""
        self.sqlite = _compile(self.statement, self.names, sqlite_dialect())
        return self.sqlite

    def for_postgres(self) -> Compiled:
        """Compile for PostgreSQL and keep the result."""
        self.postgres = _compile(self.statement, self.names, postgres_dialect())
        return self.postgres

    def __repr__(self) -> str:
        return f"<Query {self.statement}>"


class Insert(Query):
    """Inserts rows given as tuples in the order of the table's columns, any number of them in one statement.

    `single` inserts one row, whose values it takes one by one: on PostgreSQL cheaper than an array for each.
    """

    __slots__ = ("single",)

    def __init__(self, table: Table) -> None:
        super().__init__(insert(table), *(column.name for column in table.columns))
        self.single = Query(self.statement, *self.names)

    def for_postgres(self) -> Compiled:
        """One array per column, so that the text does not depend on the number of rows."""
        table: Table = self.statement.table  # type: ignore[attr-defined]
        arrays = (func.unnest(bindparam(column.name, type_=ARRAY(column.type))) for column in table.columns)
        statement = insert(table).from_select(list(self.names), select(*arrays))
        self.postgres = _compile(statement, self.names, postgres_dialect())
        return self.postgres


def where(*columns: Column[Any]) -> list[Any]:
    """Conditions column = value; the values' names are 'key_' + the column's name."""
    return [column == bindparam(f"key_{column.name}", type_=column.type) for column in columns]


def _key_names(columns: Iterable[Column[Any]]) -> list[str]:
    return [f"key_{column.name}" for column in columns]


def select_where(columns: Sequence[Any], *keys: Column[Any], order: Sequence[Any] = ()) -> Query:
    """SELECT columns WHERE keys ORDER BY order; called with the values of the keys."""
    return Query(select(*columns).where(*where(*keys)).order_by(*order), *_key_names(keys))


def delete_where(table: Table, *keys: Column[Any]) -> Query:
    """DELETE WHERE keys; called with the values of the keys."""
    return Query(delete(table).where(*where(*keys)), *_key_names(keys))


def update_where(table: Table, columns: Sequence[str], *keys: Column[Any]) -> Query:
    """UPDATE SET columns WHERE keys; called with the new values, then the values of the keys."""
    values = {name: bindparam(f"set_{name}", type_=table.c[name].type) for name in columns}
    names = [f"set_{name}" for name in columns]
    return Query(update(table).where(*where(*keys)).values(values), *names, *_key_names(keys))


def counter(table: Table) -> Query:
    """Add to a counter, which is made if there is none; called with the values of its key and what is added.

    The table has the columns of its key and, as its last one, the counter.
    """
    *keys, counted = table.columns
    names = [column.name for column in keys]
    listed, added = ", ".join(names), counted.name
    statement = text(
        f"INSERT INTO {table.name} ({listed}, {added}) VALUES ({', '.join(f':{name}' for name in names)}, :by)"  # noqa: S608
        f" ON CONFLICT ({listed}) DO UPDATE SET {added} = {table.name}.{added} + excluded.{added}"
    ).bindparams(*(bindparam(column.name, type_=column.type) for column in keys), bindparam("by", type_=counted.type))
    return Query(statement, *names, "by", table=table)


def flag_places(columns: Iterable[Column[Any]], offset: int = 0) -> tuple[int, ...]:
    """Where a row has booleans: SQLite gives them as 0 and 1."""
    return tuple(place for place, column in enumerate(columns, offset) if column.type.__visit_name__ == "boolean")


def reader(cls: Callable[..., T], columns: Iterable[Column[Any]]) -> Callable[[Sequence[Any]], T]:
    """A function that makes a `cls` from a row of `columns`, whatever database it came from."""
    flags = flag_places(columns)

    def read(row: Sequence[Any]) -> T:
        values = list(row)
        for place in flags:
            values[place] = values[place] == 1
        return cls(*values)

    return read


def padded(values: Sequence[Any]) -> tuple[Any, ...]:
    """The values, the last one repeated up to the next power of two.

    Lists of values become parameters one by one; few different lengths mean few different statements.
    """
    size = 1 << (len(values) - 1).bit_length()
    return (*values, *(values[-1],) * (size - len(values)))


def one_of(column: Column[Any], name: str, size: int) -> tuple[Any, list[str]]:
    """The condition column IN (name_0, name_1, ...) of `size` values, and their names."""
    names = [f"{name}_{number}" for number in range(size)]
    return column.in_([bindparam(each, type_=column.type) for each in names]), names
