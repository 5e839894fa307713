"""What only SQLite has: the writer and its groups, reader threads, files that cannot be used."""

from __future__ import annotations

import asyncio
import functools
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from parley.store import (
    Changes,
    Conflict,
    Duplicate,
    NotADatabase,
    NotWritable,
    StoreUnavailable,
    engine_for,
    meta,
    sites,
)
from parley.store.engines import base, sqlite, sqlite_path
from parley.store.engines.sqlite import SqliteEngine
from parley.store.query import Query
from tests.store.builders import a_site


@pytest.fixture
async def engine(sqlite_database: str) -> AsyncIterator[SqliteEngine]:
    """A started engine on SQLite only."""
    engine = SqliteEngine(Path(sqlite_database))
    await engine.start()
    yield engine
    await engine.stop()


@contextmanager
def locked(path: str) -> Iterator[sqlite3.Connection]:
    """Another program that is writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def adding(key: str) -> Changes:
    changes = Changes()
    meta.add(changes, key, "value")
    return changes


async def test_a_group_is_one_commit_and_a_failed_set_leaves_the_others_alone(
    engine: SqliteEngine, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    write_group = sqlite._write_group

    def noted(connection: sqlite3.Connection, group: list[sqlite._Write]) -> list[Exception | None]:
        groups.append(len(group))
        loop.call_soon_threadsafe(begun.set)
        return write_group(connection, group)

    monkeypatch.setattr(sqlite, "_write_group", noted)
    failing = [adding("0"), Changes(), Changes(), adding("new 2")]
    meta.add(failing[1], "new 1", "value")
    meta.replace(failing[1], "not there", "value")
    meta.add(failing[2], "twice", "value")
    meta.add(failing[2], "twice", "value")
    sites.create(failing[3], a_site())
    failing[3].add(Query(text("INSERT INTO users (site_id) VALUES (1)")))
    with locked(sqlite_database):
        first = asyncio.create_task(engine.commit(adding("first")))
        await begun.wait()
        tasks = [asyncio.create_task(engine.commit(adding(str(each)))) for each in range(20)]
        tasks[5:5] = [asyncio.create_task(engine.commit(changes)) for changes in failing]
        await asyncio.sleep(0.05)
        assert not first.done()
        assert not any(task.done() for task in tasks)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await first
    assert groups == [1, 24]
    errors = [result for result in results if result is not None]
    assert [type(error) for error in errors] == [Duplicate, Conflict, Duplicate, sqlite3.IntegrityError]
    for each in range(20):
        assert await meta.get(engine, str(each)) == "value"
    for key in ("new 1", "twice", "new 2"):
        assert await meta.get(engine, key) is None
    assert await sites.all_sites(engine) == []


async def test_what_is_written_in_one_round_of_the_loop_is_one_commit(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    write_group = sqlite._write_group

    def noted(connection: sqlite3.Connection, group: list[sqlite._Write]) -> list[Exception | None]:
        groups.append(len(group))
        return write_group(connection, group)

    monkeypatch.setattr(sqlite, "_write_group", noted)
    await asyncio.gather(*(engine.commit(adding(str(each))) for each in range(20)))
    assert groups == [20]
    for each in range(20):
        assert await meta.get(engine, str(each)) == "value"


async def test_a_failed_set_that_is_alone_leaves_no_transaction_open(engine: SqliteEngine) -> None:
    failing = adding("key")
    meta.replace(failing, "not there", "value")
    for _ in range(3):
        with pytest.raises(Conflict):
            await engine.commit(failing)
    await engine.commit(adding("key"))
    wrong = adding("other")
    wrong.add(Query(text("DELETE FROM no_table")))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await engine.commit(wrong)
    assert await meta.get(engine, "key") == "value"
    assert await meta.get(engine, "other") is None


async def test_who_left_before_the_turn_came_is_skipped(engine: SqliteEngine, sqlite_database: str) -> None:
    with locked(sqlite_database):
        first = asyncio.create_task(engine.commit(adding("first")))
        await asyncio.sleep(0.05)
        left = asyncio.create_task(engine.commit(adding("left")))
        stays = asyncio.create_task(engine.commit(adding("stays")))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.sleep(0)
    await first
    await stays
    assert await meta.get(engine, "left") is None
    assert await meta.get(engine, "stays") == "value"


async def test_locked_too_long_is_said_and_passes(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SqliteEngine(Path(sqlite_database))
    await engine.start()
    await engine.commit(adding("before"))
    await engine.stop()
    monkeypatch.setattr(sqlite, "connect", functools.partial(sqlite.connect, busy_ms=50))
    writer = sqlite._Writer(Path(sqlite_database), asyncio.get_running_loop())
    with locked(sqlite_database), pytest.raises(StoreUnavailable, match="locked"):
        await writer.write(adding("key").steps())
    await writer.write(adding("key").steps())
    await asyncio.to_thread(writer.stop)


async def test_a_full_disk_is_said_and_loses_nothing_else(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite.connect

    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 2}")
        return connection

    monkeypatch.setattr(sqlite, "connect", small)
    writer = sqlite._Writer(Path(sqlite_database), asyncio.get_running_loop())
    big = Changes()
    meta.add(big, "big", "x" * 1_000_000)
    with locked(sqlite_database):
        first = asyncio.create_task(writer.write(adding("first").steps()))
        await asyncio.sleep(0.05)
        group = [asyncio.create_task(writer.write(each.steps())) for each in (adding("a"), big, adding("b"))]
        await asyncio.sleep(0.05)
    await first
    for task in group:
        with pytest.raises(StoreUnavailable, match="full"):
            await task
    await writer.write(adding("a").steps())
    await asyncio.to_thread(writer.stop)
    with closing(sqlite3.connect(sqlite_database)) as connection:
        assert connection.execute("SELECT key FROM meta ORDER BY key").fetchall() == [("a",), ("first",)]


async def test_a_file_that_cannot_be_opened_any_more_is_said_and_tried_again(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "connect", broken)
        with pytest.raises(StoreUnavailable, match="unable to open"):
            await engine.commit(adding("key"))
        with pytest.raises(sqlite3.OperationalError, match="unable to open"):
            await sites.all_sites(engine)
    await engine.commit(adding("key"))
    assert await sites.all_sites(engine) == []
    assert await meta.get(engine, "key") == "value"


async def test_a_commit_that_fails_fails_for_all_of_its_group(
    engine: SqliteEngine, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(sqlite3.Connection):
        """Fails the second COMMIT as a full or broken disk would."""

        commits = 0

        def execute(self, sql: str, /, *args: Any) -> sqlite3.Cursor:
            if sql == "COMMIT":
                Failing.commits += 1
                if Failing.commits == 2:
                    raise sqlite3.OperationalError("disk I/O error")
            return super().execute(sql, *args)

    connect = sqlite3.connect
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", functools.partial(connect, factory=Failing))
        await engine.commit(adding("first"))
    with locked(sqlite_database):
        ahead = Changes()
        meta.replace(ahead, "not there", "value")
        group = [asyncio.create_task(engine.commit(ahead))]
        await asyncio.sleep(0.05)
        conflict = Changes()
        meta.replace(conflict, "not there", "value")
        group += [asyncio.create_task(engine.commit(each)) for each in (adding("a"), conflict, adding("b"))]
        await asyncio.sleep(0.05)
    results = await asyncio.gather(*group, return_exceptions=True)
    assert [type(each) for each in results] == [Conflict, StoreUnavailable, Conflict, StoreUnavailable]
    assert await meta.get(engine, "a") is None
    await engine.commit(adding("a"))
    assert await meta.get(engine, "a") == "value"


def test_threads_end_even_when_the_loop_is_gone(sqlite_database: str) -> None:
    loop = asyncio.new_event_loop()
    writer, readers = sqlite._Writer(Path(sqlite_database), loop), sqlite._Readers(Path(sqlite_database), loop)
    writing = loop.create_future()
    reading: asyncio.Future[list[tuple[Any, ...]]] = loop.create_future()
    loop.close()
    writer._queue.put([sqlite._Write(adding("key").steps(), writing)])
    readers._queue.put(("SELECT 1", (), reading))
    writer.stop()
    readers.stop()
    assert not writer._thread.is_alive()
    assert not any(thread.is_alive() for thread in readers._threads)
    with closing(sqlite3.connect(sqlite_database)) as connection:
        assert connection.execute("SELECT value FROM meta").fetchall() == [("value",)]


async def test_queues_are_bounded(engine: SqliteEngine, sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAITING_WRITES", 2)
    monkeypatch.setattr(sqlite, "WAITING_READS", 0)
    with locked(sqlite_database):
        tasks = [asyncio.create_task(engine.commit(adding(str(each)))) for each in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailable, match="too many writes"):
            await engine.commit(adding("third"))
    await asyncio.gather(*tasks)
    await engine.commit(adding("fourth"))
    with pytest.raises(StoreUnavailable, match="too many lists"):
        await sites.all_sites(engine)
    assert base.WAITING_READS > 0


async def test_patience_ends(engine: SqliteEngine, sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    with locked(sqlite_database), pytest.raises(StoreUnavailable, match="too long to write"):
        await engine.commit(adding("key"))
    endless = Query(text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"))
    monkeypatch.setattr(sqlite, "_SCAN_SECONDS", 0.3)
    with pytest.raises(StoreUnavailable, match="too long"):
        await engine.all(endless, scan=True)
    monkeypatch.setattr(sqlite, "PATIENCE", 20.0)
    with pytest.raises(StoreUnavailable, match="interrupted"):
        await engine.all(endless, scan=True)


async def test_a_command_that_looks_at_everything_may_take_its_time(
    engine: SqliteEngine, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried = engine_for(sqlite_database, hurried=False)
    await unhurried.start()
    monkeypatch.setattr(sqlite, "_STEPS", 1_000)
    monkeypatch.setattr(sqlite, "_SCAN_SECONDS", -1.0)
    try:
        long = Query(
            text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT count(*) FROM n")
        )
        with pytest.raises(StoreUnavailable, match="interrupted"):
            await engine.all(long, scan=True)
        with monkeypatch.context() as patched:
            patched.setattr(sqlite, "PATIENCE", 0.0)
            assert await unhurried.all(long, scan=True) == [(5000,)]
        endless = Query(text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"))
        asking = asyncio.create_task(unhurried.all(endless, scan=True))
        await asyncio.sleep(0.05)
        asking.cancel()  # as by Ctrl-C: nobody waits for what goes on
        with pytest.raises(asyncio.CancelledError):
            await asking
    finally:
        await unhurried.stop()


async def test_errors_of_the_program_stay_what_they_are(engine: SqliteEngine) -> None:
    for scan in (False, True):
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await engine.all(Query(text("SELECT 1 FROM no_table")), scan=scan)


async def test_the_connections_that_read_cannot_write(engine: SqliteEngine) -> None:
    for scan in (False, True):
        with pytest.raises(StoreUnavailable, match="readonly"):
            await engine.all(Query(text("DELETE FROM meta")), scan=scan)


async def test_every_commit_is_on_the_disk_and_keys_are_enforced(sqlite_database: str) -> None:
    with closing(sqlite.connect(Path(sqlite_database))) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# ---- files -----------------------------------------------------------------------------------------------


async def test_a_new_file_belongs_to_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    engine = engine_for(str(path))
    await engine.start()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await engine.stop()
    assert os.listdir(tmp_path) == ["new.db"]


async def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "missing" / "x.db", tmp_path / "file" / "x.db", Path("/proc/parley.db")):
        with pytest.raises(NotWritable, match=r"cannot write the database .*: \w+"):
            await engine_for(str(path)).start()


@pytest.mark.parametrize("content", [b"this is no database, but a text of some length" * 100, os.urandom(8_192)])
async def test_foreign_files_are_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.db"
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="not an SQLite database"):
        await engine_for(str(path)).start()
    assert path.read_bytes() == content


async def test_a_file_that_is_locked_for_good_is_said(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "connect", functools.partial(sqlite.connect, busy_ms=50))
    with locked(sqlite_database), pytest.raises(NotWritable, match=r"keeps the database .* locked"):
        await engine_for(sqlite_database).start()


def test_addresses() -> None:
    assert sqlite_path("data/parley.db") == Path("data/parley.db")
    assert sqlite_path("sqlite:///data/parley.db") == Path("data/parley.db")
    assert sqlite_path("sqlite:////data/parley.db") == Path("/data/parley.db")
    assert isinstance(engine_for("/data/parley.db"), SqliteEngine)
    for wrong in ("mysql://host/name", "sqlite://host/name", "sqlite:///", "oracle+x://a"):
        with pytest.raises(ValueError, match="not a database address"):
            engine_for(wrong)
