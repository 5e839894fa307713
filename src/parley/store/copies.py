"""Every row of a database as it was at one moment, read while servers go on writing, and put into an empty one.

What is read from one kind of database can be put into the other. A table's rows come in the order of its key, so a
digest over them is the same on both sides.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Text

from parley.store import migrations
from parley.store.columns import metadata
from parley.store.driver_errors import told
from parley.store.engines import postgres_dsn, sqlite_path
from parley.store.engines.base import Row
from parley.store.errors import NotADatabase, StoreError

if TYPE_CHECKING:
    import asyncpg

_KINDS: Final = {Integer: "int", BigInteger: "int", Boolean: "bool", Text: "text", LargeBinary: "bytes"}
_PYTHON: Final = {"int": int, "bool": bool, "text": str, "bytes": bytes}
#: What tables and columns that come from a file may be called.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
#: Rows read at once.
_ROWS: Final = 500
#: What an empty database has rows in: its secrets are made at the first start.
_OWN: Final = "meta"


class CopyError(StoreError):
    """A copy that cannot be made or taken in; the message is for the person at the terminal."""


class Shape(msgspec.Struct, frozen=True):
    """A table of a copy.

    Attributes:
        name: its name.
        columns: names and kinds ("int", "bool", "text", "bytes") in their order.
        key: the columns of its primary key.
    """

    name: str
    columns: list[tuple[str, str]]
    key: list[str]

    @property
    def names(self) -> str:
        """The columns as SQL names them."""
        return ", ".join(f'"{name}"' for name, _kind in self.columns)


def shapes() -> list[Shape]:
    """All tables of this release, parents before children."""
    import parley.store.tables  # noqa: F401 - all tables are known from here on

    found = sorted(metadata.tables.values(), key=lambda table: (table.info["rank"], table.name))
    return [
        Shape(
            str(table.name),
            [(str(column.name), _KINDS[type(column.type)]) for column in table.columns],
            [str(column.name) for column in table.primary_key],
        )
        for table in found
    ]


class Digest:
    """What tells two copies of a table apart: how many rows, and a hash of what is in them."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    def take(self, rows: Iterable[Row]) -> None:
        """Count rows in the order of the key."""
        for row in rows:
            self.rows += 1
            self._hash.update(msgspec.msgpack.encode(row))

    @property
    def text(self) -> str:
        """The hash in hexadecimal."""
        return self._hash.hexdigest()


class Copy(Protocol):
    """A database, seen at one moment or being filled."""

    def rows(self, shape: Shape) -> AsyncIterator[list[Row]]:
        """The rows of a table in the order of its key, some hundreds at a time."""

    async def fill(self, shape: Shape, rows: AsyncIterator[list[Row]]) -> None:
        """Put rows into an empty table.

        Raises:
            CopyError: they do not fit.
        """


@asynccontextmanager
async def snapshot(database: str) -> AsyncIterator[Copy]:
    """A database as it is now, whatever is written to it meanwhile.

    Args:
        database: its address; it has the revision of this release.

    Raises:
        CopyError: it cannot be read.
    """
    try:
        revision = await migrations.current(database)
    except Exception as error:
        raise CopyError(f"cannot read the database: {told(error)}") from error
    if revision is None:
        raise CopyError("there is no database to copy")
    if revision != migrations.HEAD:
        raise CopyError(f"the database has revision {revision}, this release needs {migrations.HEAD}")
    dsn = postgres_dsn(database)
    if dsn is None:
        with closing(_sqlite(database)) as connection:
            connection.execute("BEGIN")
            yield _SqliteCopy(connection)
        return
    connected = await _postgres(dsn)
    try:
        async with connected.transaction(isolation="repeatable_read", readonly=True):
            yield _PostgresCopy(connected)
    finally:
        await connected.close()


@asynccontextmanager
async def filling(database: str, revision: str) -> AsyncIterator[Copy]:
    """An empty database at a revision, to be filled in one transaction: when the block fails, it is as it was before.

    Raises:
        CopyError: something is in it already, or the revision is not known here.
        StartError: it cannot be opened.
    """
    if revision not in migrations.KNOWN:
        raise CopyError(f"the copy has revision {revision}, this release knows up to {migrations.HEAD}")
    await _prepare(database, revision)
    dsn = postgres_dsn(database)
    if dsn is None:
        with closing(_sqlite(database)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")  # looked at as a whole at the end
            connection.execute("BEGIN IMMEDIATE")
            _check_empty(connection.execute("SELECT count(*) FROM sites").fetchone()[0])
            connection.execute(f"DELETE FROM {_OWN}")  # noqa: S608 - a name of ours
            try:
                yield _SqliteCopy(connection)
                broken = connection.execute("PRAGMA foreign_key_check").fetchone()
                if broken is not None:
                    raise CopyError(f"rows of the table {broken[0]} refer to rows that are missing")
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        return
    connected = await _postgres(dsn)
    try:
        async with connected.transaction():
            await connected.execute("LOCK TABLE sites IN EXCLUSIVE MODE")
            _check_empty(await connected.fetchval("SELECT count(*) FROM sites"))
            await connected.execute(f"DELETE FROM {_OWN}")  # noqa: S608 - a name of ours
            yield _PostgresCopy(connected)
    finally:
        await connected.close()


def _check_empty(sites: int) -> None:
    if sites:
        raise CopyError("the database is not empty: a copy is put into a new one only")


async def _prepare(database: str, revision: str) -> None:
    """Make the tables as a revision has them; those of another revision are left alone.

    Raises:
        CopyError: there are some.
    """
    found = await migrations.current(database)
    if found is None:
        await migrations.upgrade_to(database, revision)
    elif found != revision:
        raise CopyError(f"the database has revision {found}, the copy {revision}: name a database that is not made yet")


# ---- SQLite ----------------------------------------------------------------------------------------------------------


def _sqlite(database: str) -> sqlite3.Connection:
    path = sqlite_path(database)
    if not path.exists():
        raise CopyError(f"there is no database {path}")
    try:
        return sqlite3.connect(path, timeout=30, isolation_level=None)
    except sqlite3.Error as error:
        raise NotADatabase(f"cannot open {path}: {error}") from error


class _SqliteCopy:
    """Its calls hold up the event loop, which is that of a command that has nothing else to do."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def rows(self, shape: Shape) -> AsyncIterator[list[Row]]:
        flags = [place for place, (_name, kind) in enumerate(shape.columns) if kind == "bool"]
        try:
            cursor = self._connection.execute(_select(shape))
            while found := cursor.fetchmany(_ROWS):
                yield [_with_flags(row, flags) for row in found]
        except sqlite3.Error as error:
            raise CopyError(f"the table {shape.name} cannot be read: {error}") from error

    async def fill(self, shape: Shape, rows: AsyncIterator[list[Row]]) -> None:
        places = ", ".join("?" * len(shape.columns))
        statement = f'INSERT INTO "{shape.name}" ({shape.names}) VALUES ({places})'  # noqa: S608 - names of `checked`
        try:
            async for some in rows:
                self._connection.executemany(statement, some)
        except (sqlite3.Error, OverflowError) as error:
            raise CopyError(f"the table {shape.name} cannot be filled: {error}") from error


def _with_flags(row: Row, flags: list[int]) -> Row:
    """The row of an SQLite database with true and false for 1 and 0."""
    if not flags:
        return row
    values = list(row)
    for place in flags:
        if values[place] is not None:
            values[place] = bool(values[place])
    return tuple(values)


# ---- PostgreSQL ------------------------------------------------------------------------------------------------------


async def _postgres(dsn: str) -> asyncpg.Connection[asyncpg.Record]:
    import asyncpg

    try:
        return await asyncpg.connect(dsn, timeout=10, server_settings={"application_name": "parley copy"})
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NotADatabase(f"cannot open the PostgreSQL database: {told(error)}") from error


class _PostgresCopy:
    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def rows(self, shape: Shape) -> AsyncIterator[list[Row]]:
        import asyncpg

        try:
            cursor = await self._connection.cursor(_select(shape))
            while found := await cursor.fetch(_ROWS):
                yield [tuple(row) for row in found]
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise CopyError(f"the table {shape.name} cannot be read: {told(error)}") from error

    async def fill(self, shape: Shape, rows: AsyncIterator[list[Row]]) -> None:
        import asyncpg

        async def each() -> AsyncIterator[Row]:
            async for some in rows:
                for row in some:
                    yield row

        names = [name for name, _kind in shape.columns]
        try:
            await self._connection.copy_records_to_table(shape.name, records=each(), columns=names)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, OverflowError, TypeError) as error:
            raise CopyError(f"the table {shape.name} cannot be filled: {told(error)}") from error


def _select(shape: Shape) -> str:
    order = ", ".join(f'"{name}"' for name in shape.key)
    return f'SELECT {shape.names} FROM "{shape.name}" ORDER BY {order}'  # noqa: S608 - names of `checked`, or ours


# ---- what came from outside ------------------------------------------------------------------------------------------


def checked(shape: Shape) -> Shape:
    """A shape that came from a file, if its names can be put into a statement.

    Raises:
        CopyError: they cannot.
    """
    names = [shape.name, *(name for name, _kind in shape.columns), *shape.key]
    known = {name for name, _kind in shape.columns}
    kinds = all(kind in _PYTHON for _name, kind in shape.columns)
    if not kinds or not shape.key or not known.issuperset(shape.key) or not all(map(_NAME.fullmatch, names)):
        raise CopyError("the copy names tables that there cannot be")
    return shape


def fitting(shape: Shape, rows: object) -> list[Row]:
    """Rows that came from a file, if they are of their table's kinds.

    Raises:
        CopyError: they are not.
    """
    kinds = [_PYTHON[kind] for _name, kind in shape.columns]
    wrong = CopyError(f"rows of the table {shape.name} do not fit it")
    if not isinstance(rows, list):
        raise wrong
    found: list[Any] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != len(kinds):
            raise wrong
        if any(value is not None and type(value) is not kind for value, kind in zip(row, kinds, strict=True)):
            raise wrong
        found.append(tuple(row))
    return found
