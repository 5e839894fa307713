"""Read replicas: what they may answer and what not, with a real one that is held up, ends, freezes and comes back."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, func, literal, select, text

from parley.checkup import database as checkup
from parley.checkup.findings import Finding, Report, Setup
from parley.config import Config, ConfigError
from parley.domain.user import User
from parley.store import Changes, NotADatabase, StoreUnavailable, engine_for, users
from parley.store.engines import replicas
from parley.store.engines.base import ReplicaLoad
from parley.store.engines.postgres import PostgresEngine
from parley.store.engines.replicas import NextRun, ReplicatedEngine, end_of_log
from parley.store.query import Query
from parley.store.user_lists import UserFilter, list_users
from tests.databases import PostgresServer
from tests.replicas import PostgresReplica
from tests.server import Server
from tests.services.meetings import create
from tests.store.builders import new_session, new_site, new_user

_WHERE = Query(select(func.pg_is_in_recovery()))
_WAIT = 60.0


@pytest.fixture(scope="module")
def address(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated database of this module, whose commits are in the log that replicas get when they are told."""
    url = postgres_server.copy()
    name = url.partition("?")[0].rpartition("/")[2]
    asyncio.run(postgres_server.run(f"ALTER DATABASE {name} SET synchronous_commit = on"))
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="module")
def replica(postgres_server: PostgresServer, address: str) -> Iterator[PostgresReplica]:
    """A replica of the server."""
    assert address
    server = PostgresReplica(postgres_server)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
async def engine(
    postgres_server: PostgresServer, address: str, replica: PostgresReplica, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ReplicatedEngine]:
    """An engine that reads from the replica, which it looks at often."""
    monkeypatch.setattr(replicas, "_PAUSE", 0.02)
    found = _engine(address, address.replace(str(postgres_server.data), str(replica.data)))
    await found.start()
    await until(lambda: _is(found.has_ready))
    yield found
    await found.stop()


def _engine(address: str, *others: str, patience: float = 0.05) -> ReplicatedEngine:
    engine = engine_for(address, pool_size=4, replicas=others, replica_patience=patience)
    assert isinstance(engine, ReplicatedEngine)
    return engine


async def _is(value: bool) -> bool:
    return value


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(_WAIT):
        while not await condition():  # noqa: ASYNC110  of another process
            await asyncio.sleep(0.01)


async def on_replica(engine: ReplicatedEngine) -> bool:
    """Whether a list is read from a replica now."""
    row = await engine.for_lists().one(_WHERE)
    return row == (True,)


async def names(engine: ReplicatedEngine, site_id: int) -> list[str]:
    """A list of accounts."""
    found = await list_users(engine.for_lists(), UserFilter(site_id=site_id))
    return [user.web_ex_id for user in found.rows]


# ---- who answers ---------------------------------------------------------------------------------------------------


async def test_lists_come_from_the_replica_and_all_else_from_the_primary(engine: ReplicatedEngine) -> None:
    site = await new_site(engine)
    host = await new_user(engine, site.site_id)
    await until(lambda: on_replica(engine))
    served = engine.replicas[0].served
    await until(lambda: _lists(engine, host, served))
    assert await engine.one(_WHERE) == (False,)
    assert await engine.all(_WHERE, scan=True) == [(False,)]
    assert await engine.primary.one(_WHERE) == (False,)
    found = await users.by_id(engine, site.site_id, host.user_id)
    assert found == host
    assert engine.for_lists().primary is engine.primary


async def _lists(engine: ReplicatedEngine, host: User, served: int) -> bool:
    assert await names(engine, host.site_id) == [host.web_ex_id]
    return engine.replicas[0].served > served


async def test_what_was_written_is_seen_at_once_by_every_process(address: str, engine: ReplicatedEngine) -> None:
    other = _engine(address, engine.replicas[0]._dsn)
    await other.start()
    try:
        site = await new_site(engine)
        made = []
        for _ in range(60):
            host = await new_user(engine, site.site_id)
            made.append(host.web_ex_id)
            here, there = await asyncio.gather(names(engine, site.site_id), names(other, site.site_id))
            assert sorted(here) == sorted(there) == sorted(made)
        await until(lambda: on_replica(other))
        assert other.replicas[0].served > 0
    finally:
        await other.stop()


async def test_a_replica_that_is_held_up_is_not_asked_until_it_has_caught_up(
    engine: ReplicatedEngine, replica: PostgresReplica, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=replicas.__name__)
    site = await new_site(engine)
    first = await new_user(engine, site.site_id)
    await until(lambda: on_replica(engine))
    await replica.hold()
    try:
        second = await new_user(engine, site.site_id)
        served = engine.replicas[0].served
        assert sorted(await names(engine, site.site_id)) == sorted([first.web_ex_id, second.web_ex_id])
        assert not engine.has_ready
        fallen_back = engine.load().fallen_back
        assert await engine.for_lists().one(_WHERE) == (False,)
        load = engine.load()
        assert load.fallen_back == fallen_back + 1
        assert load.replicas == (ReplicaLoad(ready=False, behind=load.replicas[0].behind, served=served),)
        assert (load.replicas[0].behind or 0) > 0
    finally:
        await replica.go_on()
    await until(lambda: on_replica(engine))
    await until(lambda: _is(engine.load().replicas[0][:2] == (True, 0)))
    assert sorted(await names(engine, site.site_id)) == sorted([first.web_ex_id, second.web_ex_id])
    said = _said(caplog)
    assert "read replica 1 is not read from: it is behind" in said
    assert said[-1] == "read replica 1 is read from"


async def test_a_reader_that_writes_sees_it(engine: ReplicatedEngine, replica: PostgresReplica) -> None:
    site = await new_site(engine)
    host = await new_user(engine, site.site_id)
    await until(lambda: on_replica(engine))
    reader = engine.for_lists()
    assert len((await list_users(reader, UserFilter(site_id=site.site_id))).rows) == 1
    await replica.hold()
    try:
        changes = Changes()
        users.signed_in(changes, site.site_id, host.user_id, 1_234_567)
        await reader.commit(changes)
        ((found,),) = [(await list_users(reader, UserFilter(site_id=site.site_id))).rows]
        assert found.last_login_at == 1_234_567
    finally:
        await replica.go_on()
    assert reader.for_lists() is reader
    assert (reader.kind, reader.load()) == (engine.kind, engine.load())


async def test_a_replica_that_ends_and_comes_back(engine: ReplicatedEngine, replica: PostgresReplica) -> None:
    host = await new_user(engine, (await new_site(engine)).site_id)
    await until(lambda: on_replica(engine))
    await asyncio.to_thread(replica.crash)
    try:
        for _ in range(5):
            assert await names(engine, host.site_id) == [host.web_ex_id]
        assert not engine.has_ready
        later = await new_user(engine, host.site_id)
    finally:
        await asyncio.to_thread(replica.come_back)
    await until(lambda: on_replica(engine))
    assert sorted(await names(engine, host.site_id)) == sorted([host.web_ex_id, later.web_ex_id])


async def test_a_replica_that_says_nothing_is_left_in_time(
    engine: ReplicatedEngine, replica: PostgresReplica, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await new_user(engine, (await new_site(engine)).site_id)
    await until(lambda: on_replica(engine))
    monkeypatch.setattr(replicas, "_SOON", 0.2)
    replica.freeze(on=True)
    try:
        await new_session(engine, host)
        assert await names(engine, host.site_id) == [host.web_ex_id]
        await until(lambda: _is(not engine.has_ready))
        assert await names(engine, host.site_id) == [host.web_ex_id]
    finally:
        replica.freeze(on=False)
    monkeypatch.setattr(replicas, "_SOON", 3.0)
    await until(lambda: on_replica(engine))


async def test_an_error_of_the_statement_is_the_primarys_to_tell(engine: ReplicatedEngine) -> None:
    await until(lambda: on_replica(engine))
    with pytest.raises(asyncpg.UndefinedTableError):
        await engine.for_lists().all(Query(text("SELECT 1 FROM no_table")))
    await until(lambda: on_replica(engine))


async def test_without_the_primary_there_are_no_lists(engine: ReplicatedEngine) -> None:
    await until(lambda: on_replica(engine))
    await engine.primary.stop()
    with pytest.raises(StoreUnavailable):
        await engine.for_lists().one(_WHERE)


# ---- which servers -------------------------------------------------------------------------------------------------


async def test_servers_that_are_no_replica_of_this_one_are_not_read_from(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = _engine(address, address, "postgresql://nobody@127.0.0.1:1/x")
    await engine.start()
    try:
        await until(lambda: _is(len({said[:14] for said in _said(caplog)}) == 2))
        assert not engine.has_ready
        assert await engine.for_lists().one(_WHERE) == (False,)
    finally:
        await engine.stop()
    said = sorted(_said(caplog))
    assert said[0] == "read replica 1 is not read from: it is no replica"
    assert said[1].startswith("read replica 2 is not read from: ")
    assert "nobody" not in said[1]


async def test_an_address_that_is_none_is_not_logged(address: str, caplog: pytest.LogCaptureFixture) -> None:
    engine = _engine(address, "postgresql://user:hidden/secret@127.0.0.1:1/parley")
    await engine.start()
    try:
        await until(lambda: _is(bool(_said(caplog))))
    finally:
        await engine.stop()
    assert _said(caplog) == ["read replica 1 is not read from: its address cannot be read"]


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged of replicas."""
    return [record.getMessage() for record in caplog.records if record.name == replicas.__name__]


async def test_a_replica_of_another_server_is_not_read_from(
    address: str, engine: ReplicatedEngine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicas, "_IDENTITY", Query(select(literal(12, BigInteger))))
    dsns = [address, *(each._dsn for each in engine.replicas)]
    other = _engine(*dsns)
    await other.start()
    try:
        await until(lambda: _is(bool(_said(caplog))))
        assert not other.has_ready
    finally:
        await other.stop()
    assert _said(caplog) == ["read replica 1 is not read from: it belongs to another primary"]


async def test_replicas_of_a_spread_database_are_refused(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(self: PostgresEngine) -> None:
        self.spread = True

    monkeypatch.setattr(PostgresEngine, "start", start)
    with pytest.raises(NotADatabase, match="spread over machines"):
        await _engine(postgres_database, postgres_database).start()


def test_addresses_of_replicas() -> None:
    with pytest.raises(ValueError, match="only PostgreSQL"):
        engine_for("/data/parley.db", replicas=("postgresql://host/name",))
    with pytest.raises(ValueError, match="none of PostgreSQL"):
        engine_for("postgresql://host/name", replicas=("sqlite:///x",))
    assert isinstance(engine_for("postgresql://host/name"), PostgresEngine)
    given = "postgresql://u:sesame@a,b/name, postgres://u:hidden@c/name,"
    config = Config(database="postgresql://host/name", database_replicas=given)
    assert config.replica_urls == ("postgresql://u:sesame@a,b/name", "postgres://u:hidden@c/name")
    assert not any(word in repr(config) for word in ("sesame", "hidden"))
    assert Config().replica_urls == Config(database_replicas=" ").replica_urls == ()
    with pytest.raises(ConfigError, match="for a PostgreSQL database"):
        _ = Config(database_replicas=given).replica_urls
    with pytest.raises(ConfigError, match="do not begin with postgresql"):
        _ = Config(database="postgresql://host/name", database_replicas="host/name").replica_urls


# ---- the parts -----------------------------------------------------------------------------------------------------

_PAGE, _SEGMENT = 8_192, 16 * 1024 * 1024


@given(st.integers(min_value=0, max_value=1 << 40))
def test_a_log_ends_where_its_last_record_does(position: int) -> None:
    found = end_of_log(position, _PAGE, _SEGMENT)
    assert found in (position, position - 24, position - 40)
    assert found == position or found % _PAGE == 0


def test_the_headers_of_pages_are_no_part_of_the_log() -> None:
    assert end_of_log(3 * _PAGE + 24, _PAGE, _SEGMENT) == 3 * _PAGE
    assert end_of_log(5 * _SEGMENT + 40, _PAGE, _SEGMENT) == 5 * _SEGMENT
    assert end_of_log(3 * _PAGE + 40, _PAGE, _SEGMENT) == 3 * _PAGE + 40
    assert end_of_log(3 * _PAGE, _PAGE, _SEGMENT) == 3 * _PAGE


async def test_whoever_asks_gets_the_outcome_of_a_run_that_began_later() -> None:
    clock, begun = 0, 0

    async def work() -> int:
        nonlocal begun
        begun += 1
        now = clock
        await asyncio.sleep(0.001)
        return now

    run = NextRun(work)

    async def ask() -> None:
        nonlocal clock
        clock += 1
        asked = clock
        assert await run() >= asked

    async def some() -> None:
        for _ in range(10):
            await ask()

    await asyncio.gather(*(some() for _ in range(20)))
    assert begun < 60


async def test_a_run_that_fails_fails_those_who_waited_for_it_only() -> None:
    outcomes: Iterator[ValueError | int] = iter([ValueError("first"), 2])

    async def work() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, ValueError):
            raise outcome
        return outcome

    run = NextRun(work)
    found = await asyncio.gather(run(), run(), return_exceptions=True)
    assert [str(each) for each in found] == ["first", "first"]
    assert await run() == 2


async def test_a_list_waits_no_longer_for_the_position_than_for_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = asyncio.Event()
    engine = _engine("postgresql://nobody@/none?host=/nowhere", "postgresql://nobody@/none?host=/nowhere")
    engine.replicas[0].ready = True

    async def position() -> int:
        await frozen.wait()
        return 0

    engine.position = NextRun(position)
    monkeypatch.setattr(replicas, "PATIENCE", 0.01)
    lists = engine.for_lists()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="does not say"):
            await lists.all(_WHERE)
    frozen.set()


# ---- servers -------------------------------------------------------------------------------------------------------


def test_two_servers_list_what_either_of_them_wrote_and_read_it_from_the_replica(
    postgres_server: PostgresServer, address: str, replica: PostgresReplica, tmp_path: Path
) -> None:
    other = address.replace(str(postgres_server.data), str(replica.data))
    one, two = (
        Server(address, tmp_path / name, database_replicas=other, replica_wait_seconds=0.5).start()
        for name in ("one", "two")
    )
    try:
        site = one.new_site()
        clients = [site.client("admin"), dataclasses.replace(site, server=two).client("admin")]
        made: list[str] = []

        def rounds(count: int) -> None:
            for number in range(count):
                made.append(create(clients[number % 2], f"Meeting {number}"))
                for client in clients:
                    listed = client.call("meeting.LstsummaryMeeting", listControl={"maximumNum": 500}).ok()
                    assert sorted(listed.all("meeting/meetingKey")) == sorted(made)
                    assert len(client.call("user.LstsummaryUser").ok().all("user/webExId")) == 4
                    client.call("history.LstmeetingusageHistory").failed("000015")

        engines = [server.application.engine.inner for server in (one, two)]  # type: ignore[attr-defined]
        deadline = time.monotonic() + _WAIT
        while min(engine.replicas[0].served for engine in engines) < 10:
            assert time.monotonic() < deadline
            rounds(1)
        asyncio.run(replica.hold())
        try:
            rounds(2)
        finally:
            asyncio.run(replica.go_on())
        rounds(2)
        told = httpx.get(f"{one.url}/metrics", timeout=60).text
        found = dict(re.findall(r'^parley_(\w+\{(?:replica|source)="\w+"\}) ([0-9.]+)', told, re.MULTILINE))
        assert float(found['list_reads_total{source="1"}']) >= 10
        assert float(found['list_reads_total{source="primary"}']) >= 2
        assert {name.partition("{")[0] for name in found} >= {"list_reads_total", "replica_in_use"}
        assert str(replica.data) not in told
    finally:
        one.stop()
        two.stop()


# ---- the doctor ----------------------------------------------------------------------------------------------------


async def test_the_doctor_looks_at_each_replica(
    postgres_server: PostgresServer, address: str, replica: PostgresReplica, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = address.replace(str(postgres_server.data), str(replica.data))
    name = address.partition("?")[0].rpartition("/")[2]
    await postgres_server.run("DROP ROLE IF EXISTS doctor_blind")
    await postgres_server.run("CREATE ROLE doctor_blind LOGIN")
    blind = right.replace("postgres@", "doctor_blind@")
    other = right.replace(f"/{name}?", "/postgres?")
    urls = [right, address, other, blind, "postgresql://user:secret@127.0.0.1:1/x"]

    async def looked() -> list[Finding]:
        report = Report("database")
        await checkup.replicas(
            Setup(Config(database=address, database_replicas=",".join(urls)), {}, seconds=30), report
        )
        return report.findings

    await until(lambda: replica.value("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'doctor_blind')"))
    found = await looked()
    assert [each.name for each in found] == [f"replica {number}" for number in range(1, 6)]
    assert [each.outcome for each in found] == ["ok", *["failed"] * 4]
    for each, words in zip(
        found, ("keeps up", "no replica", "the database", "may not read", "127.0.0.1:1"), strict=True
    ):
        assert words in each.told
    assert "secret" not in str(found)
    await replica.hold()
    try:
        monkeypatch.setattr(checkup, "MUCH", 0)
        await postgres_server.run("SELECT pg_logical_emit_message(false, 'x', 'y')")
        await postgres_server.run("SELECT pg_switch_wal()")
        (behind, *_) = await looked()
    finally:
        await replica.go_on()
    assert behind.outcome == "warning"
    assert "behind" in behind.told
    await postgres_server.run("DROP ROLE doctor_blind")
