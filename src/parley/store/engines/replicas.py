"""Read replicas of PostgreSQL: lists and histories are read there, and are as new as if the primary had been asked.

A replica replays what the primary writes, a moment later. Before the first read of a list the primary is asked how far
its log has come, which costs it next to nothing; the list is then read from a replica that has replayed the log up to
there. So whatever was committed before the list was asked for is in it, by whatever process, of whatever caller. A
replica that has not come so far in a bounded time is not asked until it has caught up, and one that cannot be reached
not until it can be: then the primary answers, and nobody gets an error.

How far a replica has come is asked on the connection that then reads the list, so it does not matter when another
server answers under its name from one connection to the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import asyncpg
from sqlalchemy import text

from parley.store.changes import Changes
from parley.store.driver_errors import told
from parley.store.engines.base import PATIENCE, WAITING_READS, Engine, Load, ReplicaLoad, Row
from parley.store.engines.postgres import PostgresEngine, open_pool
from parley.store.errors import NotADatabase, StoreUnavailable
from parley.store.query import Query

if TYPE_CHECKING:
    _Plain = asyncpg.Connection[asyncpg.Record]
else:
    _Plain = asyncpg.Connection

T = TypeVar("T")
_log: Final = logging.getLogger(__name__)
#: Seconds between two looks at a replica, until it gives a connection or says where it is, and for one read of it.
_PAUSE: Final = 1.0
_SOON: Final = 3.0
_PATIENCE: Final = 10.0
#: What the statement or its values are to blame for: the primary is to say it.
_NOT_ITS_FAULT: Final = (asyncpg.DataError, asyncpg.SerializationError, ValueError, OverflowError)

_POSITION: Final = Query(
    text(
        "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, current_setting('wal_block_size')::bigint,"
        " pg_size_bytes(current_setting('wal_segment_size'))"
    )
)
_REPLAYED: Final = (
    "SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)::bigint END"
)
_IDENTITY_TEXT: Final = "SELECT system_identifier FROM pg_control_system()"
_IDENTITY: Final = Query(text(_IDENTITY_TEXT))
_BEHIND: Final = "it is behind"
#: Bytes at the beginning of a segment of the log, and of a page of it.
_SEGMENT_HEADER: Final = 40
_PAGE_HEADER: Final = 24


def end_of_log(position: int, page: int, segment: int) -> int:
    """Where the last record of a log ends that goes on at `position`.

    At the beginning of a page the log goes on behind the page's header, which no replica has replayed before there is
    a record on the page.

    Args:
        page, segment: their sizes in bytes.
    """
    if position % segment == _SEGMENT_HEADER:
        return position - _SEGMENT_HEADER
    return position - _PAGE_HEADER if position % page == _PAGE_HEADER else position


class NextRun(Generic[T]):
    """Does something for all who ask before it begins, one run after the other."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """The outcome of a run that has not begun yet."""
        if self._next is None:
            self._next = asyncio.create_task(self._run(self._running))
            self._next.add_done_callback(_retrieved)
        return await asyncio.shield(self._next)

    async def _run(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        return await self._work()


def _retrieved(task: asyncio.Task[Any]) -> None:
    """Whoever waited for it may be gone; then nobody is to be told of an error."""
    if not task.cancelled():
        task.exception()


class _Connection(_Plain):
    """A connection to a replica that remembers how far that has come: it never goes back."""

    replayed = -1

    async def reaches(self, position: int, patience: float) -> bool:
        """Whether the log is replayed up to a position, now or in so many seconds.

        Raises:
            NotADatabase: the server is no replica, or is one no more.
        """
        deadline = asyncio.get_running_loop().time() + patience
        pause = 0.001
        while self.replayed < position:
            replayed: int | None = await self.fetchval(_REPLAYED)
            if replayed is None:
                raise NotADatabase("it is no replica")
            self.replayed = replayed
            left = deadline - asyncio.get_running_loop().time()
            if replayed < position:
                if left <= 0:
                    return False
                await asyncio.sleep(min(pause, left))
                pause = min(2 * pause, 0.02)
        return True


class Replica:
    """One replica.

    Attributes:
        name: for people, without secrets.
        ready: it was there and had caught up when it was last looked at or read from.
        behind: bytes of the log that it had not replayed when it was last asked; None: not known.
        served: statements of lists that it answered.
    """

    def __init__(self, name: str, dsn: str, size: int, patience: float) -> None:
        self.name = name
        self.ready = False
        self.behind: int | None = None
        self.served = 0
        self._dsn = dsn
        self._size = size
        self._patience = patience
        self._waiting = 0
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._told: str | None = None

    async def start(self, identity: int, position: Callable[[], Awaitable[int]]) -> None:
        """Begin to look at it; it need not be there.

        Args:
            identity: the number of the cluster that it has to be of.
            position: tells how far the log of the primary has come.
        """

        async def check(connection: Any) -> None:
            if await connection.fetchval(_IDENTITY_TEXT) != identity:
                raise NotADatabase("it belongs to another primary")

        self._pool = await open_pool(
            self._dsn, self._size, least=0, patience=_SOON, init=check, connection_class=_Connection
        )
        self._watcher = asyncio.create_task(self._watch(position))

    async def stop(self) -> None:
        """Close the connections."""
        watcher, self._watcher = self._watcher, None
        pool, self._pool = self._pool, None
        self.ready = False
        if watcher is not None:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
        if pool is not None:
            pool.terminate()

    async def read(self, position: int, query: Query, args: tuple[Any, ...]) -> list[Row] | None:
        """The rows of a query on a state that has everything up to a position of the log; None: it has not."""
        pool = self._pool
        if pool is None or self._waiting >= WAITING_READS:
            return None
        words, arrange = query.postgres or query.for_postgres()
        values = args if arrange is None else arrange(args)
        self._waiting += 1
        try:
            # The time for the connection is also that for giving it back.
            async with pool.acquire(timeout=_SOON) as connection:
                if await self._reaches(connection, position):
                    async with asyncio.timeout(_PATIENCE):
                        rows = await connection.fetch(words, *values)
                    self.served += 1
                    return [tuple(row) for row in rows]
            await self._leave(_BEHIND)
        except _NOT_ITS_FAULT:
            pass
        except Exception as error:  # whatever it is, the primary answers
            if not (isinstance(error, TimeoutError) and _is_busy(pool)):
                await self._leave(_said(error))
        finally:
            self._waiting -= 1
        return None

    async def _reaches(self, connection: Any, position: int) -> bool:
        """Whether it has come so far, or does so soon; `connection` stands in for one of ours."""
        async with asyncio.timeout(self._patience + _SOON):
            reached: bool = await connection.reaches(position, self._patience)
        self.behind = max(0, position - connection.replayed)
        return reached

    async def _watch(self, position: Callable[[], Awaitable[int]]) -> None:
        """Look again and again whether it can be read from."""
        while True:
            try:
                wanted = await position()
            except Exception:  # noqa: S110  nothing is read while the primary is away
                pass
            else:
                await self._look(wanted)
            await asyncio.sleep(_PAUSE)

    async def _look(self, position: int) -> None:
        pool = self._pool
        if pool is None or (self.ready and _is_busy(pool)):
            return
        try:
            async with pool.acquire(timeout=_SOON) as connection:
                caught_up = await self._reaches(connection, position)
        except Exception as error:
            await self._leave(_said(error))
            return
        if not caught_up:
            await self._leave(_BEHIND)
            return
        self.ready = True
        if self._told is not None:
            _log.info("%s is read from", self.name)
            self._told = None

    async def _leave(self, why: str) -> None:
        """Read from it no more until it was looked at."""
        self.ready = False
        if why != _BEHIND:
            self.behind = None
            if self._pool is not None:
                await self._pool.expire_connections()
        if self._told != why:
            _log.warning("%s is not read from: %s", self.name, why)
            self._told = why


def _said(error: Exception) -> str:
    """What went wrong; what Python says of an address that is none has parts of it, of the password too."""
    return "its address cannot be read" if type(error) is ValueError else told(error)


def _is_busy(pool: asyncpg.Pool[asyncpg.Record]) -> bool:
    """Whether all connections are in use, so that none for another reader is a sign of nothing else."""
    return pool.get_size() >= pool.get_max_size() and pool.get_idle_size() == 0


class ReplicatedEngine:
    """A primary and its replicas; all but lists goes to the primary.

    Args:
        primary: the engine of the primary.
        dsns: the replicas' addresses.
        pool_size: connections to each of them.
        patience: seconds that a list waits for a replica to catch up; one further behind is not asked.
    """

    kind = "postgresql"

    def __init__(self, primary: PostgresEngine, dsns: Sequence[str], *, pool_size: int, patience: float) -> None:
        self._primary = primary
        self.replicas = [
            Replica(f"read replica {number}", dsn, pool_size, patience) for number, dsn in enumerate(dsns, 1)
        ]
        self._turn = 0
        self.fallen_back = 0
        self.position = NextRun(self._position)

    @property
    def primary(self) -> Engine:
        """The engine of the primary."""
        return self._primary

    def for_lists(self) -> Engine:
        """What one list is read with."""
        return _ListReader(self)

    def load(self) -> Load:
        """How much the primary has to do, and how the replicas are."""
        found = tuple(ReplicaLoad(each.ready, each.behind, each.served) for each in self.replicas)
        return self._primary.load()._replace(replicas=found, fallen_back=self.fallen_back)

    async def start(self) -> None:
        """Open the primary, and begin to look at the replicas, which need not be there.

        Raises:
            NotADatabase: the primary is the coordinator of a spread database, whose machines have a log each.
        """
        await self._primary.start()
        if self._primary.spread:
            await self._primary.stop()
            raise NotADatabase("a database that is spread over machines has no read replicas here")
        row = await self._primary.one(_IDENTITY)
        for replica in self.replicas:
            await replica.start(row[0] if row else 0, self.position)

    async def stop(self) -> None:
        """Close them all."""
        for replica in self.replicas:
            await replica.stop()
        await self._primary.stop()

    async def one(self, query: Query, *args: Any) -> Row | None:
        """The first row, of the primary."""
        return await self._primary.one(query, *args)

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Row]:
        """All rows, of the primary."""
        return await self._primary.all(query, *args, scan=scan)

    async def commit(self, changes: Changes) -> None:
        """Write to the primary."""
        await self._primary.commit(changes)

    async def _position(self) -> int:
        row = await self._primary.one(_POSITION)
        return end_of_log(*row) if row else 0

    @property
    def has_ready(self) -> bool:
        """Whether there is a replica to read from."""
        return any(each.ready for each in self.replicas)

    async def read(self, position: int, query: Query, args: tuple[Any, ...]) -> list[Row] | None:
        """The rows of a query, of a replica that has come so far, each in its turn; None: there is none."""
        self._turn += 1
        count = len(self.replicas)
        for shift in range(count):
            replica = self.replicas[(self._turn + shift) % count]
            if replica.ready:
                rows = await replica.read(position, query, args)
                if rows is not None:
                    return rows
        return None


class _ListReader:
    """Reads one list: from replicas while they have everything that was there when it began, else from the primary."""

    kind = "postgresql"

    def __init__(self, engine: ReplicatedEngine) -> None:
        self._engine = engine
        self._position: int | None = None
        self._turned_away = False

    @property
    def primary(self) -> Engine:
        """The engine of the primary."""
        return self._engine.primary

    def for_lists(self) -> Engine:
        """This one."""
        return self

    def load(self) -> Load:
        """That of the engine."""
        return self._engine.load()

    async def start(self) -> None:
        """Nothing: the engine is started."""

    async def stop(self) -> None:
        """Nothing: the engine is stopped by itself."""

    async def one(self, query: Query, *args: Any) -> Row | None:
        """The first row."""
        rows = await self._from_replica(query, args)
        if rows is None:
            self._engine.fallen_back += 1
            return await self._engine.one(query, *args)
        return rows[0] if rows else None

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Row]:
        """All rows."""
        rows = await self._from_replica(query, args)
        if rows is None:
            self._engine.fallen_back += 1
            return await self._engine.all(query, *args, scan=scan)
        return rows

    async def commit(self, changes: Changes) -> None:
        """Write to the primary; what is read after it has it."""
        await self._engine.commit(changes)
        self._position = None

    async def _from_replica(self, query: Query, args: tuple[Any, ...]) -> list[Row] | None:
        if self._turned_away or not self._engine.has_ready:
            return None
        if self._position is None:
            try:
                async with asyncio.timeout(PATIENCE):  # two runs, when one is under way
                    self._position = await self._engine.position()
            except TimeoutError as error:
                raise StoreUnavailable("the primary does not say how far its log has come") from error
        rows = await self._engine.read(self._position, query, args)
        self._turned_away = rows is None
        return rows
