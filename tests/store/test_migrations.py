"""Migrations: the revisions make exactly the tables the program works with, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from parley.store import MigrationFailed, NewerDatabase, engine_for, migrations, users
from parley.store.engines.sqlite import connect
from parley.store.migrations import run
from parley.store.migrations.failures import failure
from parley.store.migrations.run import configuration
from parley.store.query import Query, postgres_dialect, sqlite_dialect
from parley.store.tables import metadata, run_days, runs, session_days, sessions
from parley.store.user_lists import UserFilter, list_users
from tests.databases import PostgresServer
from tests.store.builders import a_session, a_site
from tests.store.test_history_lists import a_run


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return str(tmp_path / "empty.db")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.empty()


def test_the_head_is_the_last_revision_and_all_are_known() -> None:
    script = ScriptDirectory.from_config(configuration())
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert script.get_current_head() == migrations.HEAD
    assert tuple(reversed(revisions)) == migrations.KNOWN


async def _differences(address: str) -> list[object]:
    def compare(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    if "://" in address:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(address))
        async with engine.connect() as asynchronous:
            found = await asynchronous.run_sync(compare)
        await engine.dispose()
        return found
    plain = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address), poolclass=sa.NullPool)
    with plain.connect() as connection:
        return compare(connection)


async def test_the_revisions_make_the_tables(empty: str) -> None:
    assert await migrations.current(empty) is None
    await migrations.upgrade_to_head(empty)
    assert await migrations.current(empty) == migrations.HEAD
    assert await _differences(empty) == []
    await migrations.upgrade_to_head(empty)
    assert await migrations.current(empty) == migrations.HEAD


def _made_by_sqlite(path: str) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'").fetchall()
    # Constraints may stand in another order.
    return {(name, "".join(sorted("".join((sql or "").split()).replace(",", "")))) for name, sql in rows}


async def test_the_revisions_say_the_same_as_the_tables_to_the_letter(tmp_path: Path) -> None:
    migrated, created = str(tmp_path / "migrated.db"), str(tmp_path / "created.db")
    await migrations.upgrade_to_head(migrated)
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(created), poolclass=sa.NullPool)
    metadata.create_all(engine)
    assert _made_by_sqlite(migrated) == _made_by_sqlite(created)


async def _columns(address: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(address)
    rows = await connection.fetch(
        "SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
    )
    keys = await connection.fetch(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') ORDER BY 1, 2"
    )
    indexes = await connection.fetch("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
    await connection.close()
    return [tuple(row) for row in (*rows, *keys, *indexes) if not str(row[0]).startswith("alembic")]


async def test_the_same_holds_on_postgres(postgres_server: PostgresServer) -> None:
    migrated = await asyncio.to_thread(postgres_server.copy)
    created = await asyncio.to_thread(postgres_server.empty)
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(created))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    one, two = await _columns(migrated), await _columns(created)
    assert [row for row in one if "alembic" not in str(row)] == two
    assert all(row[4] == "C" for row in two if len(row) == 5 and row[2] == "text")


async def test_a_migration_can_be_undone(tmp_path: Path) -> None:
    path = tmp_path / "parley.db"
    await migrations.upgrade_to_head(str(path))
    engine = sa.create_engine("sqlite://", creator=lambda: connect(path), poolclass=sa.NullPool)
    with engine.connect() as connection:
        command.downgrade(configuration(connection), "base")
        connection.commit()
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("alembic_version",)]
    assert await migrations.current(str(path)) is None


async def test_a_newer_database_is_refused(empty: str) -> None:
    await migrations.upgrade_to_head(empty)
    change = "UPDATE alembic_version SET version_num = '9999'"
    if "://" in empty:
        connection = await asyncpg.connect(empty)
        await connection.execute(change)
        await connection.close()
    else:
        with closing(sqlite3.connect(empty)) as plain:
            plain.execute(change)
            plain.commit()
    with pytest.raises(NewerDatabase, match="9999"):
        await engine_for(empty).start()


async def _run(address: str, *statements: str) -> None:
    if "://" in address:
        connection = await asyncpg.connect(address)
        for each in statements:
            await connection.execute(each)
        await connection.close()
        return
    with closing(sqlite3.connect(address)) as plain:
        for each in statements:
            plain.execute(each)
        plain.commit()


async def test_a_migration_that_fails_changes_nothing_and_says_why(empty: str) -> None:
    before = migrations.KNOWN[-2]
    await migrations.upgrade_to(empty, before)
    harm, mend = _HARM["://" in empty]
    await _run(empty, *harm)
    with pytest.raises(MigrationFailed) as failed:
        await engine_for(empty).start()
    told = str(failed.value)
    assert told.startswith(f"the migration to revision {migrations.HEAD} failed at {migrations.HEAD} (UPDATE alembic_")
    assert "stopped by a test" in told
    assert f"The database is as it was, at revision {before}. " in told
    assert "Secret" not in "".join(traceback.format_exception(failed.value))
    assert "\n" not in told
    assert await migrations.current(empty) == before
    await _run(empty, mend)
    await migrations.upgrade_to_head(empty)
    assert await migrations.current(empty) == migrations.HEAD


#: For each kind of database, what lets the last step of a migration fail, and what lets it go well again.
_HARM = {
    False: (
        ["CREATE TRIGGER harm BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'stopped by a test'); END"],
        "DROP TRIGGER harm",
    ),
    True: (
        [
            "CREATE FUNCTION harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stopped by a test'"
            " USING DETAIL = 'Failing row contains (Secret)', ERRCODE = 'check_violation'; END $$",
            "CREATE TRIGGER harm BEFORE UPDATE ON alembic_version FOR EACH ROW EXECUTE FUNCTION harm()",
        ],
        "DROP TRIGGER harm ON alembic_version",
    ),
}


async def test_a_migration_waits_for_what_others_hold_for_a_bounded_time(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = migrations.KNOWN[-2]
    await migrations.upgrade_to(empty, before)
    monkeypatch.setattr(run, "_LOCK_MS", 50)
    async with _holding(empty):
        with pytest.raises(MigrationFailed, match=f"another program holds .* is as it was, at revision {before}"):
            await migrations.upgrade_to_head(empty)
    await migrations.upgrade_to_head(empty)


@asynccontextmanager
async def _holding(address: str) -> AsyncIterator[None]:
    """While somebody else holds what every migration changes."""
    if "://" in address:
        connection = await asyncpg.connect(address)
        async with connection.transaction():
            await connection.execute("LOCK TABLE alembic_version IN SHARE MODE")
            yield
        await connection.close()
        return
    with closing(sqlite3.connect(address, isolation_level=None)) as plain:
        plain.execute("BEGIN IMMEDIATE")
        yield


async def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.db"

    def small(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.execute("PRAGMA max_page_count = 40")
        return connection

    monkeypatch.setattr("parley.store.engines.sqlite.connect", small)
    with pytest.raises(
        MigrationFailed, match=r"the disk is full\. The database is as it was, without tables\. .*make room"
    ):
        await migrations.upgrade_to_head(str(path))


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), "the server ended a statement"),
        (asyncpg.InsufficientPrivilegeError("must be owner of table users"), "own the tables"),
        (asyncpg.AdminShutdownError("terminating connection"), "does not answer (terminating connection)"),
        (ConnectionResetError("reset"), "does not answer (reset)"),
        (asyncpg.InterfaceError("connection is closed"), "connection is closed"),
        (asyncpg.DataError("invalid input syntax: 'Secret'"), "a value cannot be taken (DataError) (22000)"),
        (KeyError("Secret"), ": KeyError. "),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_can_end_a_migration(error: Exception, wanted: str) -> None:
    told = failure(error, None, "0002", "It is so")
    assert told.startswith("the migration to revision 0002 failed when it was to be kept: ")
    assert wanted in told
    assert "It is so. What to do: " in told
    assert "Secret" not in told


async def test_many_processes_may_start_on_an_empty_database(empty: str) -> None:
    code = (
        "import asyncio, sys\n"
        "from parley.store import engine_for\n"
        "async def main():\n"
        "    engine = engine_for(sys.argv[1])\n"
        "    await engine.start()\n"
        "    await engine.stop()\n"
        "asyncio.run(main())\n"
    )
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, empty, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in started:
        _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert (process.returncode, errors) == (0, b"")
    assert await migrations.current(empty) == migrations.HEAD


def test_a_current_database_is_opened_without_alembic_and_the_orm(sqlite_database: str) -> None:
    code = (
        "import asyncio, sys\n"
        "from parley.store import engine_for, meta, outbox, sessions, session_lists, sites, tickets, users\n"
        "engine = engine_for(sys.argv[1])\n"
        "asyncio.run(engine.start())\n"
        "assert not {'alembic', 'sqlalchemy.orm', 'asyncpg', 'sqlalchemy.ext.asyncio'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, sqlite_database], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


async def _insert(address: str, table: sa.Table, rows: list[tuple[object, ...]]) -> None:
    """Rows of a table, without those they refer to."""
    if "://" not in address:
        with closing(sqlite3.connect(address)) as plain, plain:
            plain.executemany(str(sa.insert(table).compile(dialect=sqlite_dialect())), rows)
        return
    connection = await asyncpg.connect(address)
    await connection.execute("SET session_replication_role = replica")
    await connection.executemany(str(sa.insert(table).compile(dialect=postgres_dialect())), rows)
    await connection.close()


async def test_sessions_that_are_there_are_counted_by_kind(empty: str) -> None:
    await run.upgrade(empty, "0017")
    listings = ("PUBLIC", "PRIVATE", "PUBLIC", "UNLISTED", "PUBLIC")
    starts = (-1, 0, 86_399, 86_400, -86_400)
    some = [
        a_session(1, 11, next_start=start, listing=listing, ended=start < 0)
        for start, listing in zip(starts, listings, strict=True)
    ]
    await _insert(empty, sessions, [msgspec.structs.astuple(each) for each in some])
    engine = engine_for(empty)
    await engine.start()
    try:
        rows = await engine.all(Query(sa.select(*session_days.c)))
    finally:
        await engine.stop()
    assert sorted((bool(ended), day, listing, total) for _, ended, day, listing, _, _, total in rows) == [
        (False, 0, "PRIVATE", 1),
        (False, 0, "PUBLIC", 1),
        (False, 1, "UNLISTED", 1),
        (True, -1, "PUBLIC", 2),
    ]
    kinds = {(service, kind) for _, _, _, _, service, kind, _ in rows}
    assert kinds == {(some[0].service, some[0].session_type)}


async def test_runs_that_are_there_are_counted_by_day(empty: str) -> None:
    await run.upgrade(empty, "0025")
    times = ((-1, 0), (-1, -1), (0, 86_399), (0, 86_400), (0, None), (86_400, 86_400))
    some = [a_run(a_site(site_id=1), started_at=start, closed_at=end, ended_at=end) for start, end in times]
    await _insert(empty, runs, [msgspec.structs.astuple(each) for each in some])
    engine = engine_for(empty)
    await engine.start()
    try:
        rows = await engine.all(Query(sa.select(run_days.c.ended_day, run_days.c.day, run_days.c.total)))
    finally:
        await engine.stop()
    assert sorted(rows) == [(-1, -1, 1), (0, -1, 1), (0, 0, 1), (1, 0, 1), (1, 1, 1)]


async def _filled_at_first_revision(address: str) -> None:
    """A database of revision 0001 with accounts in it, two of which want one room."""
    await run.upgrade(address, "0001")
    document = '{"personalUrl":"%s"}'
    rows = [
        (1, 11, "ann", "Ann", "LEE", "ACTIVATED", True, 100, document % "Room"),
        (1, 12, "bob", "BOB", "Lee", "ACTIVATED", True, 99, document % "room "),
        (1, 13, "carl", "Carl", "Öhm", "DEACTIVATED", False, 98, "{}"),
        (2, 11, "ann", "Ann", "Lee", "ACTIVATED", True, 97, document % "room"),
    ]
    site = "INSERT INTO sites VALUES (%d, 's%d', NULL, '42.6.0', true, false, '{}', 1, 0)"
    user = (
        "INSERT INTO users VALUES (%d, %d, '%s', '%s', '%s', '%s', '%s', '%s', '', '%s', false, %s, false, false,"
        " false, 4, false, 0, NULL, '%s', 1, 1, %d, NULL, 0)"
    )
    statements = [site % (number, number) for number in (1, 2)]
    for site_id, user_id, name, first, last, status, host, registered, text in rows:
        mail = f"{name}@x.example"
        values = (site_id, user_id, name, name, mail, mail, first, last, status, str(host).lower(), text, registered)
        statements.append(user % values)
    if "://" in address:
        connection = await asyncpg.connect(address)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()
    else:
        with closing(sqlite3.connect(address)) as plain:
            for statement in statements:
                plain.execute(statement)
            plain.commit()


async def test_accounts_of_the_first_revision_get_the_new_columns(empty: str) -> None:
    await _filled_at_first_revision(empty)
    engine = engine_for(empty)
    await engine.start()
    try:
        rooms = {
            (site_id, user_id): user.personal_url
            for site_id, user_id in ((1, 11), (1, 12), (1, 13), (2, 11))
            if (user := await users.by_id(engine, site_id, user_id)) is not None
        }
        assert rooms == {(1, 11): None, (1, 12): "room", (1, 13): None, (2, 11): "room"}
        found = await list_users(engine, UserFilter(site_id=1, last_key="öhm"))
        assert [user.user_id for user in found.rows] == [13]
        assert (await list_users(engine, UserFilter(site_id=1), maximum=1)).total == 3
        assert (await list_users(engine, UserFilter(site_id=1, status="DEACTIVATED"), maximum=1)).total == 1
        assert await users.active_hosts(engine, 1) == 2
    finally:
        await engine.stop()
