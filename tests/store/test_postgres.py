"""What only PostgreSQL has: lost connections, deadlocks, one statement per set, servers that cannot be used."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
from sqlalchemy import Float, bindparam, func, select, text

from parley.domain.session import Session
from parley.domain.user import User
from parley.store import (
    Changes,
    Conflict,
    Duplicate,
    NotADatabase,
    NotWritable,
    StoreUnavailable,
    Unstorable,
    engine_for,
    meta,
    sessions,
    tables,
    users,
)
from parley.store.engines import postgres, postgres_dsn
from parley.store.engines.postgres import PostgresEngine
from parley.store.query import Query
from tests.databases import PostgresServer
from tests.store.builders import an_attendee, new_session, new_user

_SLEEP = Query(select(func.pg_sleep(bindparam("seconds", type_=Float))), "seconds")


@pytest.fixture
async def engine(postgres_database: str) -> AsyncIterator[PostgresEngine]:
    """A started engine on PostgreSQL only."""
    engine = PostgresEngine(postgres_database, pool_size=4)
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def raw(postgres_database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of another program."""
    connection = await asyncpg.connect(postgres_database)
    yield connection
    await connection.close()


async def test_a_lost_connection_is_said_and_replaced(
    engine: PostgresEngine, raw: asyncpg.Connection[asyncpg.Record]
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'"
    for _ in range(2):
        task = asyncio.create_task(engine.one(_SLEEP, 20.0))
        await asyncio.sleep(0.1)
        await raw.execute(end)
        with pytest.raises(StoreUnavailable, match="PostgreSQL"):
            await task
    await asyncio.sleep(0.05)
    assert await meta.get(engine, "key") is None


async def test_a_deadlock_is_a_conflict(
    engine: PostgresEngine, raw: asyncpg.Connection[asyncpg.Record], host: User
) -> None:
    other = await new_user(engine, host.site_id)
    changes = Changes(sequential=True)
    users.signed_in(changes, host.site_id, host.user_id, 1)
    users.signed_in(changes, host.site_id, other.user_id, 1)
    lock = "UPDATE users SET last_login_at = 2 WHERE user_id = $1"
    async with raw.transaction():
        await raw.execute(lock, other.user_id)
        task = asyncio.create_task(engine.commit(changes))
        await asyncio.sleep(0.3)
        await raw.execute(lock, host.user_id)
    with pytest.raises(Conflict, match="deadlock"):
        await task


async def test_a_row_locked_too_long_is_said(
    postgres_database: str, raw: asyncpg.Connection[asyncpg.Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.SETTINGS, "lock_timeout", "100")
    monkeypatch.setitem(postgres.SETTINGS, "statement_timeout", "300")
    engine = PostgresEngine(postgres_database)
    await engine.start()
    changes = Changes()
    meta.add(changes, "key", "value")
    await engine.commit(changes)
    changes = Changes()
    meta.replace(changes, "key", "other")
    async with raw.transaction():
        await raw.execute("UPDATE meta SET value = 'mine'")
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            await engine.commit(changes)
    await engine.commit(changes)
    with pytest.raises(StoreUnavailable, match="statement timeout"):
        await engine.all(_SLEEP, 20.0, scan=True)
    await engine.stop()


async def test_waiting_is_bounded_in_number_and_time(engine: PostgresEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", 0.2)
    monkeypatch.setattr(postgres, "WAITING_READS", 6)
    tasks = [asyncio.create_task(engine.one(_SLEEP, 20.0)) for _ in range(6)]
    await asyncio.sleep(0.05)
    with pytest.raises(StoreUnavailable, match="too many"):
        await engine.one(_SLEEP, 0.0)
    for task in tasks:
        with pytest.raises(StoreUnavailable):
            await task
    monkeypatch.setattr(postgres, "PATIENCE", 20.0)
    assert await meta.get(engine, "key") is None


async def test_a_caller_who_gives_up_while_the_connection_breaks_off_has_given_up(engine: PostgresEngine) -> None:
    pool = engine._pool
    assert pool is not None

    async def work(connection: Any) -> None:
        connection.terminate()
        raise asyncio.CancelledError

    for _ in range(5):
        with pytest.raises(asyncio.CancelledError):
            await postgres._lent(pool, work)
    assert await asyncio.gather(*(meta.get(engine, "key") for _ in range(20))) == [None] * 20


async def test_a_set_is_one_statement_whose_text_is_made_once_for_one_row_and_once_for_many(
    engine: PostgresEngine, host: User
) -> None:
    for count in range(1, 5):
        await new_session(engine, host, tuple(f"{person}@x.org" for person in range(count)))
    made = [each for each in engine._fused.values() if "INSERT INTO sessions" in each]
    assert len(made) == 2
    for each in made:
        assert each.startswith("WITH s0 AS (INSERT INTO sessions")
        assert "INSERT INTO attendees" in each
        assert "session_days.total + excluded.total" in each
    assert ["unnest" in each for each in made] == [False, True]


async def test_on_a_spread_database_each_statement_of_a_set_goes_to_its_machine_by_itself(
    engine: PostgresEngine, host: User
) -> None:
    assert not engine.spread
    engine.spread = True
    fused = dict(engine._fused)
    session = await new_session(engine, host, ("guest@x.org",))
    assert engine._fused == fused
    assert await sessions.by_key(engine, host.site_id, session.session_key) is not None
    changes = Changes()
    users.signed_in(changes, host.site_id, host.user_id, 77)
    users.create(changes, host)
    with pytest.raises(Duplicate):
        await engine.commit(changes)
    found = await users.by_id(engine, host.site_id, host.user_id)
    assert found is not None
    assert found.last_login_at != 77


async def test_the_number_of_texts_is_bounded(engine: PostgresEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_TEXTS", 3)
    for size in range(1, 8):
        changes = Changes()
        for each in range(size):
            meta.add(changes, f"{size} {each}", "value")
        await engine.commit(changes)
        assert len(engine._fused) <= 3


async def test_no_error_tells_values_of_rows(engine: PostgresEngine) -> None:
    nothing = "INSERT INTO meta (key, value) VALUES ('Zq9-row', NULL)"
    twice = "INSERT INTO meta (key, value) VALUES ('Zq9-row', 'x'), ('Zq9-row', 'x')"
    nobody = "INSERT INTO quotas (site_id, name, used) VALUES (987654321, 'x', 1)"
    number = "SELECT 'Zq9-row'::text::bigint"
    for statement in (nothing, twice, nobody, number):
        changes = Changes()
        changes.add(Query(text(statement), table=tables.meta))
        with pytest.raises(Exception, match=r".") as failed:
            await (engine.all(Query(text(statement))) if statement is number else engine.commit(changes))
        told = "".join(traceback.format_exception(failed.value))
        assert not re.search("Zq9-row|987654321", told), told


async def test_a_command_that_looks_at_everything_may_take_its_time(postgres_database: str) -> None:
    for hurried, wanted in ((True, "20s"), (False, "0")):
        engine = PostgresEngine(postgres_database, pool_size=1, hurried=hurried)
        await engine.start()
        try:
            assert await engine.one(Query(text("SELECT current_setting('statement_timeout')"))) == (wanted,)
        finally:
            await engine.stop()


async def test_a_nul_cannot_be_kept(engine: PostgresEngine, host: User) -> None:
    with pytest.raises(Unstorable):
        await users.by_web_ex_id(engine, host.site_id, "a\0b")
    changes = Changes()
    meta.add(changes, "key", "a\0b")
    with pytest.raises(Unstorable):
        await engine.commit(changes)


async def test_errors_of_the_program_stay_what_they_are(engine: PostgresEngine) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await engine.all(Query(text("SELECT 1 FROM no_table")))


async def test_crossing_moves_of_sessions_do_not_lock_each_other_out(engine: PostgresEngine, host: User) -> None:
    """Sessions that change days in opposite directions write the same two counters."""
    one, two = await new_session(engine, host), await new_session(engine, host, next_start=1_700_222_400)

    async def swap(session: Session, start: int) -> None:
        for _ in range(15):
            now = await sessions.by_key(engine, session.site_id, session.session_key)
            assert now is not None
            changes = Changes()
            moved = msgspec.structs.replace(now, next_start=start if now.next_start != start else session.next_start)
            sessions.update_session(changes, now, moved, add=[an_attendee(session)])
            await engine.commit(changes)

    await asyncio.gather(swap(one, two.next_start), swap(two, one.next_start))
    assert len(await sessions.attendees_of(engine, host.site_id, one.session_key)) == 15


# ---- servers ---------------------------------------------------------------------------------------------


async def test_servers_that_are_not_there_are_refused(postgres_server: PostgresServer) -> None:
    for address in (postgres_server.url("missing"), "postgresql://x@/x?host=/nowhere", "postgresql://127.0.0.1:1/x"):
        with pytest.raises(NotADatabase, match="cannot open the PostgreSQL database"):
            await engine_for(address).start()


@pytest.mark.parametrize("address", ["postgresql://x:half/secret@db/x", "postgresql://x:half?secret@db/x"])
async def test_a_password_that_breaks_the_address_is_not_told(address: str) -> None:
    with pytest.raises(NotADatabase, match="cannot be read") as refused:
        await engine_for(address).start()
    assert "half" not in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_a_database_that_is_read_only_is_refused(postgres_server: PostgresServer, postgres_database: str) -> None:
    name = postgres_database.partition("?")[0].rpartition("/")[2]
    await postgres_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(NotWritable, match="read-only"):
        await engine_for(postgres_database).start()


def test_addresses() -> None:
    assert postgres_dsn("postgresql://user@host/name?x=1") == "postgresql://user@host/name?x=1"
    assert postgres_dsn("postgres+asyncpg://host/name") == "postgresql://host/name"
    assert postgres_dsn("/data/postgresql.db") is None
    assert postgres_dsn("sqlite:///x") is None
    assert isinstance(engine_for("postgresql://host/name"), PostgresEngine)
