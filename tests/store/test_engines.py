"""What holds on every database: all or nothing, expectations, errors, order, closing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, bindparam, delete, literal, select

from parley.domain.user import User
from parley.store import (
    Changes,
    Conflict,
    Duplicate,
    Engine,
    OlderDatabase,
    StoreUnavailable,
    Unstorable,
    engine_for,
    meta,
    sessions,
    sites,
    users,
)
from parley.store.engines.base import Engine as EngineProtocol
from parley.store.outbox import Message, forget, put, waiting
from parley.store.query import Query
from parley.store.tables import users as table
from tests.databases import PostgresServer
from tests.store.builders import a_session, a_site, a_user, an_attendee, new_session, new_site, new_user


async def test_nothing_of_a_set_stays_when_one_statement_misses_its_expectation(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    changes = Changes()
    users.create(changes, a_user(host.site_id, web_ex_id="new"))
    sessions.delete_session(changes, session)
    meta.replace(changes, "not there", "value")
    with pytest.raises(Conflict):
        await engine.commit(changes)
    assert await users.by_web_ex_id(engine, host.site_id, "new") is None
    assert await sessions.by_key(engine, host.site_id, session.session_key) is not None


async def test_nothing_of_a_sequential_set_stays_either(engine: Engine, host: User) -> None:
    changes = Changes(sequential=True)
    users.create(changes, a_user(host.site_id, web_ex_id="new"))
    meta.replace(changes, "not there", "value")
    with pytest.raises(Conflict):
        await engine.commit(changes)
    assert await users.by_web_ex_id(engine, host.site_id, "new") is None


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({"web_ex_id": "taken"}, ("site_id", "web_ex_id_key")),
        ({"email": "taken@example.com"}, ("site_id", "email_key")),
        ({"user_id": 77}, ("site_id", "user_id")),
    ],
)
async def test_a_duplicate_names_table_and_columns(
    engine: Engine, host: User, fields: dict[str, Any], columns: tuple[str, ...]
) -> None:
    await new_user(engine, host.site_id, user_id=77, web_ex_id="taken", email="Taken@example.com")
    changes = Changes()
    meta.add(changes, "key", "value")
    users.create(changes, a_user(host.site_id, **fields))
    with pytest.raises(Duplicate) as caught:
        await engine.commit(changes)
    assert (caught.value.table, caught.value.columns) == ("users", columns)
    assert await meta.get(engine, "key") is None


async def test_duplicate_keys_of_sessions_are_named(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    for field in ("session_key", "uuid", "host_link", "attendee_link"):
        changes = Changes()
        again = a_session(host.site_id, host.user_id, **{field: getattr(session, field)})
        sessions.create_session(changes, again)
        with pytest.raises(Duplicate) as caught:
            await engine.commit(changes)
        assert caught.value.columns == ("site_id", field)


async def test_a_reference_to_nothing_is_a_conflict(engine: Engine, host: User) -> None:
    changes = Changes()
    sessions.create_session(changes, a_session(host.site_id, 999_999))
    with pytest.raises(Conflict):
        await engine.commit(changes)


async def test_an_account_with_sessions_cannot_be_taken_away_unnoticed(engine: Engine, host: User) -> None:
    await new_session(engine, host)
    gone = Query(delete(table).where(table.c.user_id == bindparam("user_id")), "user_id")
    changes = Changes()
    changes.add(gone, host.user_id)
    with pytest.raises(Conflict):
        await engine.commit(changes)


@pytest.mark.parametrize("value", ["a\ud800b", "x" * 10 + "\udfff"])
async def test_texts_no_database_takes_are_refused(engine: Engine, host: User, value: str) -> None:
    with pytest.raises(Unstorable):
        await users.by_web_ex_id(engine, host.site_id, value)
    changes = Changes()
    meta.add(changes, "key", value)
    with pytest.raises(Unstorable):
        await engine.commit(changes)


@pytest.mark.parametrize("value", [1 << 63, -(1 << 70)])
async def test_numbers_beyond_64_bits_are_refused(engine: Engine, host: User, value: int) -> None:
    with pytest.raises(Unstorable):
        await sessions.by_key(engine, host.site_id, value)
    changes = Changes()
    sessions.create_session(changes, a_session(host.site_id, host.user_id, conf_id=value))
    with pytest.raises(Unstorable):
        await engine.commit(changes)


async def test_hostile_texts_come_back_as_they_were(engine: Engine) -> None:
    for key, value in enumerate(["'; DROP TABLE meta; --", '"$1 :a ?', "\U0010ffff%_\\", "", "\r\n\t"]):
        changes = Changes()
        meta.add(changes, f"k{key}", value)
        await engine.commit(changes)
        assert await meta.get(engine, f"k{key}") == value


async def test_an_empty_set_is_no_work(engine: Engine) -> None:
    changes = Changes()
    users.permit(changes, 1, 2, [])
    assert changes
    assert not Changes()
    await engine.commit(Changes())


async def test_rows_added_one_after_the_other_are_one_statement_unless_another_one_stands_between(
    engine: Engine, host: User
) -> None:
    session = a_session(host.site_id, host.user_id)
    changes = Changes()
    sessions.create_session(changes, session)
    for each in range(3):
        put(changes, [Message(host.site_id, 10 + each, "kind", session.session_key)])
    assert [step.rows and len(step.rows) for step in changes.steps()] == [None, 3, None]
    forget(changes, host.site_id, session.session_key, "other")
    put(changes, [Message(host.site_id, 20, "other", session.session_key)])
    assert [step.rows and len(step.rows) for step in changes.steps()] == [None, 3, None, None, None]
    await engine.commit(changes)
    assert sorted(each.outbox_id for each in await waiting(engine, host.site_id)) == [10, 11, 12, 20]


async def test_many_statements_in_one_set(engine: Engine, host: User) -> None:
    changes = Changes()
    for each in range(40):
        meta.add(changes, f"key{each:02}", str(each))
        sites.create(changes, a_site(name=f"many{each}"))
    await engine.commit(changes)
    assert await meta.get(engine, "key39") == "39"
    assert len(await sites.all_sites(engine)) == 41


async def test_writes_of_one_row_by_many_all_count(engine: Engine, host: User) -> None:
    """Eight writers repeat what Conflict told them to repeat: no write is lost."""

    async def add() -> None:
        while True:
            now = await sessions.by_key(engine, host.site_id, session.session_key)
            assert now is not None
            changes = Changes()
            sessions.update_session(changes, now, now, add=[an_attendee(session)])
            try:
                await engine.commit(changes)
            except Conflict:
                continue
            return

    session = await new_session(engine, host)
    await asyncio.gather(*(add() for _ in range(8)))
    stored = await sessions.by_key(engine, host.site_id, session.session_key)
    assert stored is not None
    assert (stored.version, stored.attendee_count) == (9, 8)


async def test_two_engines_on_one_database_see_each_other(database: str, engine: Engine, host: User) -> None:
    other: EngineProtocol = engine_for(database)
    await other.start()
    try:
        session = await new_session(other, host)
        assert await sessions.by_key(engine, host.site_id, session.session_key) is not None
        changes = Changes()
        sessions.delete_session(changes, session)
        await engine.commit(changes)
        assert await sessions.by_key(other, host.site_id, session.session_key) is None
    finally:
        await other.stop()


async def test_a_closed_engine_says_so_and_can_be_started_again(database: str) -> None:
    engine = engine_for(database)
    changes = Changes()
    meta.add(changes, "key", "value")
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await meta.get(engine, "key")
        with pytest.raises(StoreUnavailable):
            await sites.all_sites(engine)
        with pytest.raises(StoreUnavailable):
            await engine.commit(changes)
        await engine.start()
        assert await meta.get(engine, "key") is None
        await engine.stop()
    await engine.stop()


async def test_a_write_underway_is_finished_by_stop(database: str) -> None:
    engine = engine_for(database)
    await engine.start()
    changes = Changes()
    meta.add(changes, "key", "value")
    task = asyncio.create_task(engine.commit(changes))
    await asyncio.sleep(0)
    await engine.stop()
    await task
    await engine.start()
    assert await meta.get(engine, "key") == "value"
    await engine.stop()


async def test_a_caller_who_goes_away_harms_nobody(engine: Engine, host: User) -> None:
    changes = Changes()
    meta.add(changes, "gone", "value")
    task = asyncio.create_task(engine.commit(changes))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await new_session(engine, host)
    assert await meta.get(engine, "gone") in (None, "value")


async def test_constants_and_repeated_values_reach_the_statement(engine: Engine) -> None:
    number = bindparam("number", type_=BigInteger)
    both = Query(select(number + number, literal("text"), number + 1), "number")
    assert await engine.one(both, 20) == (40, "text", 21)
    assert await engine.all(both, 1, scan=True) == [(2, "text", 2)]
    swapped = Query(select(bindparam("b", type_=BigInteger), bindparam("a", type_=BigInteger)), "a", "b")
    assert await engine.one(swapped, 1, 2) == (2, 1)
    nothing = Query(select(literal(3)))
    assert await engine.one(nothing) == (3,)
    assert "SELECT" in repr(nothing)


async def test_databases_that_need_migration_can_be_refused(postgres_server: PostgresServer, tmp_path: Path) -> None:
    for address in (f"{tmp_path}/new.db", await asyncio.to_thread(postgres_server.empty)):
        engine = engine_for(address, upgrade=False)
        with pytest.raises(OlderDatabase, match="migrate it first"):
            await engine.start()


async def test_the_kind_is_told(engine: Engine, database: str) -> None:
    assert engine.kind == ("postgresql" if "://" in database else "sqlite")


async def test_tenants_with_equal_keys_do_not_see_each_other(engine: Engine) -> None:
    one, two = await new_site(engine), await new_site(engine)
    same = {"user_id": 5, "web_ex_id": "same", "email": "same@example.com"}
    for site in (one, two):
        user = await new_user(engine, site.site_id, first_name=site.name, **same)
        await new_session(engine, user, ("a@example.com",), session_key=10_000_000_001, name=site.name)
    changes = Changes()
    theirs = await sessions.by_key(engine, two.site_id, 10_000_000_001)
    assert theirs is not None
    sessions.delete_session(changes, theirs)
    await engine.commit(changes)
    found = await users.caller_and_session(
        engine, site_id=one.site_id, web_ex_id_key="same", session_key=10_000_000_001
    )
    assert found is not None
    assert found.caller is not None
    assert found.session is not None
    assert (found.caller.first_name, found.session.name) == (one.name, one.name)
    assert await sessions.by_key(engine, two.site_id, 10_000_000_001) is None
    assert len(await sessions.attendees_of(engine, one.site_id, 10_000_000_001)) == 1
    assert await sessions.attendees_of(engine, two.site_id, 10_000_000_001) == []
