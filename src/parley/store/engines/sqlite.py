"""SQLite: reads on the event loop's own connection, scans in reader threads, writes in one writer thread.

The writer drains its queue and commits many sets of changes at once (group commit): each set in a savepoint
of its own, one COMMIT for all, and nobody is told before it returned.
"""

from __future__ import annotations

import asyncio
import errno
import math
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from parley.store import migrations
from parley.store.changes import Changes, Step
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

_GROUP = 256
"""So many sets of changes are enough for one COMMIT; there are fewer than twice as many in it."""
_READERS = 2
_BUSY_MS = 5_000
"""How long a write waits for a writer of another process."""
_SCAN_SECONDS = 20.0
_STEPS = 200_000
"""Steps of SQLite's machine between two looks at the time."""
_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_TAKEN = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


class SqliteEngine:
    """One database file. Several processes may use the same file."""

    kind = "sqlite"

    def __init__(self, path: Path, *, upgrade: bool = True, hurried: bool = True) -> None:
        self.path = path
        self._upgrade = upgrade
        self._hurried = hurried
        self._execute: Callable[[str, Args], sqlite3.Cursor] | None = None
        self._connection: sqlite3.Connection | None = None
        self._writer: _Writer | None = None
        self._readers: _Readers | None = None

    @property
    def primary(self) -> Engine:
        """Itself."""
        return self

    def for_lists(self) -> Engine:
        """Itself: a file has no replicas."""
        return self

    def load(self) -> Load:
        """Who waits for the writer and for the readers."""
        writer, readers = self._writer, self._readers
        return Load((writer.waiting if writer else 0) + (readers.waiting if readers else 0))

    async def start(self) -> None:
        """Open the file, made when missing, and migrate it if need be."""
        _check_writable(self.path)
        try:
            await migrations.prepare(str(self.path), upgrade=self._upgrade)
        except sqlite3.DatabaseError as error:
            raise _start_error(self.path, error) from error
        loop = asyncio.get_running_loop()
        connection = connect(self.path, busy_ms=1_000)
        _read_only(connection)
        self._connection = connection
        self._execute = connection.execute
        self._writer = _Writer(self.path, loop)
        self._readers = _Readers(self.path, loop, hurried=self._hurried)

    async def stop(self) -> None:
        """Let the writer finish its queue, then close everything."""
        writer, readers, connection = self._writer, self._readers, self._connection
        self._execute = self._writer = self._readers = self._connection = None
        if readers is not None:
            await asyncio.to_thread(readers.stop)
        if writer is not None:
            await asyncio.to_thread(writer.stop)
        if connection is not None:
            connection.close()

    async def one(self, query: Query, *args: Any) -> Row | None:
        """The first row, read on the event loop's own connection."""
        text, arrange = query.sqlite or query.for_sqlite()
        execute = self._execute
        if execute is None:
            raise StoreUnavailable("the database is closed")
        try:
            row: Row | None = execute(text, args if arrange is None else arrange(args)).fetchone()
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise _read_error(error) from error
        return row

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Row]:
        """All rows; scans in a reader thread."""
        text, arrange = query.sqlite or query.for_sqlite()
        values = args if arrange is None else arrange(args)
        execute = self._execute
        if execute is None or self._readers is None:
            raise StoreUnavailable("the database is closed")
        try:
            if scan:
                return await self._readers.all(text, values)
            return execute(text, values).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise _read_error(error) from error

    async def commit(self, changes: Changes) -> None:
        """Hand the changes to the writer and wait for the COMMIT they are in."""
        steps = changes.steps()
        if self._writer is None:
            raise StoreUnavailable("the database is closed")
        if steps:
            await self._writer.write(steps)


def connect(path: Path, *, busy_ms: int = _BUSY_MS) -> sqlite3.Connection:
    """A connection as this program uses it: transactions by hand, WAL, every commit on the disk."""
    connection = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None, cached_statements=512)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA cache_size=-16000")
        connection.execute("PRAGMA journal_size_limit=67108864")
        # Pages that many commits write are copied into the file once for some dozens of them (4,000 pages: 16 MB).
        connection.execute("PRAGMA wal_autocheckpoint=4000")
    except BaseException:
        connection.close()
        raise
    return connection


def _read_only(connection: sqlite3.Connection) -> None:
    """Make a connection one for reads: it looks at the pages where the system keeps them instead of copying each."""
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA mmap_size=268435456")


def make_file(path: Path) -> None:
    """Make the file of a database when it is missing, readable by its owner only.

    Raises:
        OSError: it is missing and cannot be made.
    """
    # Only a file that is not there yet: closing one that this process has open as a database would drop its locks.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _check_writable(path: Path) -> None:
    """Make the file when missing, and find out whether it can be written."""
    try:
        make_file(path)
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise NotWritable(f"cannot write the database {path}: {error.strerror}") from error
    try:
        connection = connect(path)
    except sqlite3.DatabaseError as error:
        raise _start_error(path, error) from error
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        raise _start_error(path, error) from error
    finally:
        connection.close()


def _start_error(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    code = _primary(error)
    if code == sqlite3.SQLITE_NOTADB:
        return NotADatabase(f"{path} is not an SQLite database")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return NotWritable(f"another program keeps the database {path} locked")
    return NotWritable(f"cannot write the database {path}: {error}")


# ---- errors ----------------------------------------------------------------------------------------------


def _primary(error: BaseException) -> int:
    """SQLite's error number without the details in its upper bits."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _read_error(error: Exception) -> Exception:
    if _primary(error) in _UNAVAILABLE:
        return StoreUnavailable(f"SQLite: {error}")
    if isinstance(error, (OverflowError, UnicodeEncodeError, sqlite3.DataError)):
        return Unstorable(str(error))
    return error


def _write_error(error: Exception) -> Exception:
    """What a failed statement means; errors of the program itself stay as they are."""
    if isinstance(error, sqlite3.IntegrityError):
        code = error.sqlite_errorcode
        if code in _TAKEN:
            # "UNIQUE constraint failed: users.site_id, users.email_key"
            names = [name.strip().split(".") for name in str(error).partition(": ")[2].split(",")]
            return Duplicate(names[0][0], tuple(name[-1] for name in names))
        if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            return Conflict("a row referred to is missing, or a row to be deleted is referred to")
    return _read_error(error)


# ---- writing ---------------------------------------------------------------------------------------------


class _GroupFailed(Exception):
    """The whole transaction is lost; the cause is the error."""


class _Write:
    """A set of changes in the queue and the future of the one who waits for it."""

    __slots__ = ("future", "steps")

    def __init__(self, steps: list[Step], future: asyncio.Future[None]) -> None:
        self.steps = steps
        self.future = future


class _Writer:
    """The writer thread and its queue."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._path = path
        self._loop = loop
        self._queue: queue.SimpleQueue[list[_Write] | None] = queue.SimpleQueue()
        self._gathered: list[_Write] = []
        self.waiting = 0
        self._thread = threading.Thread(target=self._run, name="parley-writer", daemon=True)
        self._thread.start()

    async def write(self, steps: list[Step]) -> None:
        """Wait until the steps are committed."""
        if self.waiting >= WAITING_WRITES:
            raise StoreUnavailable("too many writes are waiting")
        future = self._loop.create_future()
        self.waiting += 1
        # What one round of the loop has to write is handed over at its end, so that it gets into one COMMIT and the
        # two threads wait for each other once.
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Write(steps, future))
        try:
            async with asyncio.timeout(PATIENCE):
                await future
        except TimeoutError as error:
            raise StoreUnavailable("the database took too long to write") from error

    def stop(self) -> None:
        """Write what is queued and end the thread (at most as long as a caller waits)."""
        self._hand_over()
        self._queue.put(None)
        self._thread.join(PATIENCE)

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        for start in range(0, len(gathered), _GROUP):
            self._queue.put(gathered[start : start + _GROUP])

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        running = True
        while running:
            group: list[_Write] = []
            running = self._take(group)
            outcomes: list[Exception | None]
            try:
                if connection is None:
                    connection = connect(self._path)
                outcomes = _write_group(connection, group)
            except Exception as error:  # whatever happens, those who wait are told
                _close(connection)
                connection = None
                outcomes = [StoreUnavailable(f"SQLite: {error}") for _ in group]
            if group:
                self._tell(group, outcomes)
        _close(connection)

    def _take(self, group: list[_Write]) -> bool:
        """Wait for writes, take along what is queued behind them; False when there will be no more."""
        writes = self._queue.get()
        while writes is not None:
            group += writes
            if len(group) >= _GROUP:
                return True
            try:
                writes = self._queue.get_nowait()
            except queue.Empty:
                return True
        return False

    def _tell(self, group: list[_Write], outcomes: list[Exception | None]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._done, group, outcomes)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    def _done(self, group: list[_Write], outcomes: list[Exception | None]) -> None:
        self.waiting -= len(group)
        for write, error in zip(group, outcomes, strict=True):
            if write.future.done():
                continue
            if error is None:
                write.future.set_result(None)
            else:
                write.future.set_exception(error)


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def _write_group(connection: sqlite3.Connection, group: list[_Write]) -> list[Exception | None]:
    """Write a group in one transaction; the outcome of each set: None or why it was left out.

    Nearly always all sets go well, and for a savepoint SQLite copies each page before it changes it. So the sets are
    written without; only where one of several fails, all are written again, each in a savepoint.
    """
    outcomes: list[Exception | None] = [None] * len(group)
    try:
        if not _write_whole(connection, group, outcomes) and len(group) > 1:
            connection.execute("BEGIN IMMEDIATE")
            for place, write in enumerate(group):
                if not write.future.cancelled():
                    outcomes[place] = _write_apart(connection, write.steps)
            connection.execute("COMMIT")
    except (_GroupFailed, sqlite3.Error) as error:
        cause = error.__cause__ or error
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [own or StoreUnavailable(f"SQLite: {cause}") for own in outcomes]
    return outcomes


def _write_whole(connection: sqlite3.Connection, group: list[_Write], outcomes: list[Exception | None]) -> bool:
    """Write all sets of a group; nothing when one of them fails, whose error is then among the outcomes."""
    connection.execute("BEGIN IMMEDIATE")
    for place, write in enumerate(group):
        if not write.future.cancelled():
            outcomes[place] = _run_steps(connection, write.steps)
            if outcomes[place] is not None:
                connection.execute("ROLLBACK")
                return False
    connection.execute("COMMIT")
    return True


def _write_apart(connection: sqlite3.Connection, steps: list[Step]) -> Exception | None:
    """Write one set in a savepoint; the error when it was undone."""
    connection.execute("SAVEPOINT one")
    error = _run_steps(connection, steps)
    if error is not None:
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")
    return error


def _run_steps(connection: sqlite3.Connection, steps: list[Step]) -> Exception | None:
    execute = connection.execute
    try:
        for query, args, rows, expect in steps:
            text, arrange = query.sqlite or query.for_sqlite()
            if rows is not None:
                connection.executemany(text, rows)
                continue
            touched = execute(text, args if arrange is None else arrange(args)).rowcount
            if expect is not None and touched != expect:
                return Conflict(f"{touched} rows instead of {expect}")
    except Exception as error:  # a fault in one set must not take the others along
        if _primary(error) in _UNAVAILABLE:
            raise _GroupFailed from error
        return _write_error(error)
    return None


# ---- scanning --------------------------------------------------------------------------------------------

_Scan = tuple[str, Args, "asyncio.Future[list[Row]]"]


class _Readers:
    """Threads with a connection each, for reads that would hold up the event loop."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop, *, hurried: bool = True) -> None:
        self._path = path
        self._loop = loop
        self._hurried = hurried
        self._queue: queue.SimpleQueue[_Scan | None] = queue.SimpleQueue()
        self.waiting = 0
        self._threads = [
            threading.Thread(target=self._run, name=f"parley-reader-{number}", daemon=True)
            for number in range(_READERS)
        ]
        for thread in self._threads:
            thread.start()

    async def all(self, text: str, args: Args) -> list[Row]:
        """All rows of a statement."""
        if self.waiting >= WAITING_READS:
            raise StoreUnavailable("too many lists are waiting")
        future: asyncio.Future[list[Row]] = self._loop.create_future()
        self.waiting += 1
        self._queue.put((text, args, future))
        try:
            async with asyncio.timeout(PATIENCE if self._hurried else None):
                return await future
        except TimeoutError as error:
            raise StoreUnavailable("the list took too long") from error

    def stop(self) -> None:
        """End the threads after what they are reading."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _run(self) -> None:
        connection: _Scanner | None = None
        while (scan := self._queue.get()) is not None:
            text, args, future = scan
            outcome: list[Row] | Exception = []
            try:
                if connection is None:
                    connection = _Scanner(self._path)
                if not future.cancelled():
                    outcome = connection.all(text, args, future, hurried=self._hurried)
            except Exception as error:  # whatever happens, the one who waits is told
                outcome = error
            self._tell(future, outcome)
        if connection is not None:
            connection.close()

    def _tell(self, future: asyncio.Future[list[Row]], outcome: list[Row] | Exception) -> None:
        try:
            self._loop.call_soon_threadsafe(self._done, future, outcome)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    def _done(self, future: asyncio.Future[list[Row]], outcome: list[Row] | Exception) -> None:
        self.waiting -= 1
        if future.done():
            return
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


class _Scanner:
    """A connection that gives up on a statement that takes too long or that nobody waits for any more (the error says:
    interrupted)."""

    __slots__ = ("_connection", "_deadline", "_waiting")

    def __init__(self, path: Path) -> None:
        self._deadline = 0.0
        self._waiting: asyncio.Future[list[Row]] | None = None
        self._connection = connect(path)
        _read_only(self._connection)
        self._connection.set_progress_handler(self._late, _STEPS)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline or (self._waiting is not None and self._waiting.cancelled())

    def all(self, text: str, args: Args, waiting: asyncio.Future[list[Row]], *, hurried: bool) -> list[Row]:
        """All rows of a statement.

        Args:
            waiting: of the one who wants them.
            hurried: they have to be there in time.
        """
        self._waiting = waiting
        self._deadline = time.monotonic() + _SCAN_SECONDS if hurried else math.inf
        return self._connection.execute(text, args).fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
