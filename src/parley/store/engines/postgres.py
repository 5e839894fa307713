"""PostgreSQL: asyncpg's own pool and prepared statements; a set of changes is one statement where it can be."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from parley.store import migrations, tables
from parley.store.changes import Changes, Step
from parley.store.driver_errors import told, without_values
from parley.store.engines.base import PATIENCE, WAITING_READS, WAITING_WRITES, Engine, Load, Row
from parley.store.errors import (
    Conflict,
    Duplicate,
    NotADatabase,
    NotWritable,
    StoreError,
    StoreUnavailable,
    Unstorable,
)
from parley.store.query import Args, Query

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_FUSED = 12
"""More statements than this run one by one: statements of every length would fill the servers' caches."""
_TEXTS = 512
SETTINGS = {
    "application_name": "parley",
    "statement_timeout": "20000",
    "lock_timeout": "10000",
    "idle_in_transaction_session_timeout": "30000",
    "jit": "off",
}
_UNHURRIED = SETTINGS | {"statement_timeout": "0"}
"""For commands that look at everything: a statement takes as long as it takes."""
_SPREAD = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')"
_PARAMETER = re.compile(r"\$(\d+)")

T = TypeVar("T")
Key = tuple[tuple[str, int | None], ...]


class PostgresEngine:
    """One database on a server; any number of processes may use it."""

    kind = "postgresql"

    def __init__(self, dsn: str, *, pool_size: int = 8, upgrade: bool = True, hurried: bool = True) -> None:
        self.dsn = dsn
        self._size = pool_size
        self._upgrade = upgrade
        self._hurried = hurried
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._waiting = 0
        self._fused: dict[Key, str] = {}
        self.spread = False
        """The tables lie on many machines (`parley.store.spread`), as was found at the start."""

    @property
    def primary(self) -> Engine:
        """Itself."""
        return self

    def for_lists(self) -> Engine:
        """Itself; `replicas.ReplicatedEngine` reads lists elsewhere."""
        return self

    def load(self) -> Load:
        """The connections of the pool, and who waits for one of them."""
        pool = self._pool
        if pool is None:
            return Load()
        connections = pool.get_size()
        in_use = connections - pool.get_idle_size()
        return Load(max(0, self._waiting - in_use), in_use, connections, pool.get_max_size())

    async def start(self) -> None:
        """Connect and migrate the database if need be; the database itself has to exist."""
        settings = SETTINGS if self._hurried else _UNHURRIED
        try:
            async with asyncio.timeout(PATIENCE):
                await _check_writable(self.dsn)
            await migrations.prepare(self.dsn, upgrade=self._upgrade)
            self._pool = await open_pool(self.dsn, self._size, least=1, patience=10, server_settings=settings)
            self.spread = bool(await self._pool.fetchval(_SPREAD))
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # What Python says of an address that is none has parts of it, of the password too.
            words = "its address cannot be read" if type(error) is ValueError else told(error)
            raise NotADatabase(f"cannot open the PostgreSQL database: {words}") from error

    async def stop(self) -> None:
        """Let statements that run end, then close the connections."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(PATIENCE):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def one(self, query: Query, *args: Any) -> Row | None:
        """The first row."""
        text, arrange = query.postgres or query.for_postgres()
        values = args if arrange is None else arrange(args)
        async with self._patient(WAITING_READS) as pool:
            row = await _lent(pool, lambda connection: connection.fetchrow(text, *values))
        return None if row is None else tuple(row)

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Row]:
        """All rows; a scan is read like any other list, the server does the work."""
        text, arrange = query.postgres or query.for_postgres()
        values = args if arrange is None else arrange(args)
        async with self._patient(WAITING_READS) as pool:
            rows = await _lent(pool, lambda connection: connection.fetch(text, *values))
        return [tuple(row) for row in rows]

    async def commit(self, changes: Changes) -> None:
        """One statement, or a transaction when the statements depend on each other or are many."""
        steps = changes.steps()
        if not steps:
            return
        async with self._patient(WAITING_WRITES) as pool:
            # Of a WITH, a spread database would plan each member by itself and carry its rows from machine to machine;
            # statement by statement goes to the machine of the site at once.
            if changes.sequential or len(steps) > _FUSED or self.spread:
                await _lent(pool, lambda connection: _one_by_one(connection, steps))
            else:
                text, values = self._fuse(steps)
                await _lent(pool, lambda connection: connection.fetchrow(text, *values))

    @asynccontextmanager
    async def _patient(self, most: int) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
        """The pool, for a bounded time and a bounded number of callers; errors become those of the store."""
        pool = self._pool
        if pool is None:
            raise StoreUnavailable("the database is closed")
        if self._waiting >= most:
            raise StoreUnavailable("too many statements are waiting")
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE if self._hurried else None):
                yield pool
        except StoreError:
            raise
        except (
            TimeoutError,
            OSError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ) as error:
            raise _translated(error) from error
        except (OverflowError, UnicodeEncodeError) as error:
            raise Unstorable(str(error)) from error
        finally:
            self._waiting -= 1

    def _fuse(self, steps: list[Step]) -> tuple[str, list[Any]]:
        """One statement that does all steps, and its values."""
        parts: list[tuple[str, int | None]] = []
        values: list[Any] = []
        for step in steps:
            text, args = _ready(step)
            parts.append((text, step.expect))
            values += args
        key = tuple(parts)
        text_of_all = self._fused.get(key)
        if text_of_all is None:
            if len(self._fused) >= _TEXTS:
                self._fused.clear()
            text_of_all = self._fused[key] = _fused(key)
        return text_of_all, values


async def open_pool(
    dsn: str, size: int, *, least: int, patience: float, **options: Any
) -> asyncpg.Pool[asyncpg.Record]:
    """Connections to a server, with the statements and settings that all engines have.

    Args:
        size, least: how many there are at most, and always.
        patience: seconds for making one.
        options: more of asyncpg's.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=least,
        max_size=size,
        max_queries=1_000_000,
        reset=_no_reset,
        statement_cache_size=512,
        max_cached_statement_lifetime=0,
        timeout=patience,
        **{"server_settings": SETTINGS, **options},
    )


async def _no_reset(connection: object) -> None:
    """Sent nothing when a connection goes back to the pool: nothing of the session's state is ever changed."""


async def _first_connection(dsn: str) -> asyncpg.Connection[asyncpg.Record]:
    """A connection; a server that is starting up, as after a crash, is waited for (the caller bounds that)."""
    while True:
        try:
            return await asyncpg.connect(dsn, timeout=10)
        except asyncpg.CannotConnectNowError:
            await asyncio.sleep(0.2)


async def _check_writable(dsn: str) -> None:
    connection = await _first_connection(dsn)
    try:
        if await connection.fetchval("SHOW transaction_read_only") == "on":
            raise NotWritable("the PostgreSQL server is read-only")
    finally:
        await connection.close()


def _ready(step: Step) -> tuple[str, Args]:
    """Text and values of a step; rows become one array per column."""
    text, arrange = step.query.postgres or step.query.for_postgres()
    args: Args = step.args if step.rows is None else tuple(list(column) for column in zip(*step.rows, strict=True))
    return text, args if arrange is None else arrange(args)


def _fused(parts: Key) -> str:
    """One data-modifying WITH: a member per statement, and a final SELECT that counts what each touched.

    The members run in the order in which the SELECT asks for them, which is the order of the tables. A count
    that is not the expected one is a division by zero, which undoes everything.
    """
    members: list[str] = []
    counts: list[str] = []
    used = 0
    for place, (text, expect) in enumerate(parts):
        shift, most = used, 0

        def moved(match: re.Match[str], shift: int = shift) -> str:
            return f"${int(match[1]) + shift}"

        for match in _PARAMETER.finditer(text):
            most = max(most, int(match[1]))
        used += most
        members.append(f"s{place} AS ({_PARAMETER.sub(moved, text)} RETURNING 1)")
        count = f"(SELECT count(*) FROM s{place})"  # noqa: S608  a number of ours
        counts.append(count if expect is None else f"1 / ({count} = {expect:d})::int")
    return f"WITH {', '.join(members)} SELECT {', '.join(counts)}"


async def _lent(
    pool: asyncpg.Pool[asyncpg.Record], work: Callable[[PoolConnectionProxy[asyncpg.Record]], Awaitable[T]]
) -> T:
    """Do something with a connection of the pool.

    One that is given up in the middle is thrown away: the pool would first wait for it to settle, which it never does
    when the server is frozen or the network swallows what is sent.
    """
    connection = await pool.acquire()
    try:
        return await work(connection)
    except (asyncio.CancelledError, asyncpg.InternalClientError):
        with suppress(asyncpg.InterfaceError):  # it broke off at the same moment, and is out of the pool already
            connection.terminate()
        raise
    finally:
        await pool.release(connection)


async def _one_by_one(connection: PoolConnectionProxy[asyncpg.Record], steps: list[Step]) -> None:
    """All steps in a transaction; one that is cancelled is undone with its connection."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await _steps(connection, steps)
    except Exception:
        await transaction.rollback()
        raise
    await transaction.commit()


async def _steps(connection: PoolConnectionProxy[asyncpg.Record], steps: list[Step]) -> None:
    for step in steps:
        text, args = _ready(step)
        if step.expect is None:
            await connection.fetch(text, *args)
            continue
        touched = len(await connection.fetch(f"{text} RETURNING 1", *args))
        if touched != step.expect:
            raise Conflict(f"{touched} rows instead of {step.expect}")


# ---- errors ----------------------------------------------------------------------------------------------

_RETRY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.InvalidCachedStatementError,
)
_UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver found its connection in a state that it did not expect
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def _unique_columns() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Table and columns of each primary key, unique constraint and unique index, by its name."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for table in tables.metadata.tables.values():
        unique: list[Any] = [each for each in table.constraints if hasattr(each, "columns")]
        unique += [index for index in table.indexes if index.unique]
        found |= {str(each.name): (table.name, tuple(each.columns.keys())) for each in unique}
    return found


_UNIQUE = _unique_columns()


def _translated(error: Exception) -> Exception:
    """The store's error for a driver's; errors of the program itself stay as they are. None tells values of rows."""
    without_values(error)
    if isinstance(error, asyncpg.UniqueViolationError):
        name = str(error.constraint_name)
        table, columns = _UNIQUE.get(name, (name, ()))
        return Duplicate(table, columns)
    if isinstance(error, asyncpg.DivisionByZeroError):
        return Conflict("another number of rows than expected")
    if isinstance(error, _RETRY):
        return Conflict(f"PostgreSQL: {error}")
    if isinstance(error, asyncpg.DataError | asyncpg.ProgramLimitExceededError):
        return Unstorable(f"PostgreSQL: {error}")
    if isinstance(error, _UNAVAILABLE):
        return StoreUnavailable(f"PostgreSQL: {str(error) or type(error).__name__}")
    return error
