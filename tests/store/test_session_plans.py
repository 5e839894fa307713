"""How the databases find what lists of sessions show: by an index made for it, however much else there is."""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

import asyncpg
import pytest
from sqlalchemy import insert

from parley.domain.user import User
from parley.store import Engine, engine_for, session_lists, sessions
from parley.store.engines import postgres_dsn, sqlite_path
from parley.store.lists import Order
from parley.store.query import postgres_dialect, sqlite_dialect
from parley.store.session_lists import SessionFilter, _count_query, _page_query, _series_query, _Shape
from parley.store.tables import sessions as table
from tests.store.builders import NOON, a_session
from tests.store.plans import plan_of

#: So many sessions, of which every hundredth is a series; enough that reading all of them costs more than an index.
MANY = 6_000
BY_START = (Order("STARTTIME"),)


def _name(number: int) -> str:
    """One of a hundred has another name."""
    return f"{'Other' if number % 100 == 7 else 'Name'} {number}"


async def _fill(database: str, host: User) -> None:
    """Sessions of one site: of many names, few of them series, few in progress, few scheduled for somebody else."""
    rows = []
    for number in range(MANY):
        start = NOON + number * 60
        session = a_session(
            host.site_id,
            host.user_id,
            name=_name(number),
            next_start=start,
            next_end=start + 3600,
            recurring=number % 100 == 0,
            status="INPROGRESS" if number % 1000 == 0 else "NOT_INPROGRESS",
            creator_id=7 if number % 1000 == 1 else host.user_id,
        )
        rows.append({name: getattr(session, name) for name in table.c.keys()})  # noqa: SIM118
    counted = Counter(
        (row["next_start"] // 86_400, row["listing"], row["service"], row["session_type"]) for row in rows
    )
    days = [(host.site_id, False, *key, total) for key, total in counted.items()]
    dsn = postgres_dsn(database)
    if dsn is None:
        with closing(sqlite3.connect(sqlite_path(database))) as connection, connection:
            text = str(insert(table).compile(dialect=sqlite_dialect()))
            connection.executemany(text, [tuple(row.values()) for row in rows])
            connection.executemany("INSERT INTO session_days VALUES (?, ?, ?, ?, ?, ?, ?)", days)
        return
    server = await asyncpg.connect(dsn)
    text = str(insert(table).compile(dialect=postgres_dialect()))
    await server.executemany(text, [tuple(row.values()) for row in rows])
    await server.executemany("INSERT INTO session_days VALUES ($1, $2, $3, $4, $5, $6, $7)", days)
    await server.execute("ANALYZE")
    await server.close()


def _walks(plan: str) -> bool:
    """Whether a plan reads through the whole table, or a site's part of an index without a range in it."""
    return "Seq Scan on sessions" in plan or "SCAN sessions" in plan


@pytest.fixture
async def full(database: str, engine: Engine, host: User) -> User:
    """The host of all these sessions; the engine has found the database migrated."""
    assert engine is not None
    await _fill(database, host)
    return host


async def test_series_are_found_without_looking_at_single_sessions(database: str, full: User) -> None:
    scopes = {
        "name": SessionFilter(site_id=full.site_id, recurring=True, name_prefix="name 50"),
        "site": SessionFilter(site_id=full.site_id, recurring=True),
        "host": SessionFilter(site_id=full.site_id, recurring=True, host_id=full.user_id),
        "host and name": SessionFilter(
            site_id=full.site_id, recurring=True, host_id=full.user_id, name_prefix="name 50"
        ),
    }
    for scope, wanted in scopes.items():
        shape = _Shape(wanted, BY_START)
        plan = await plan_of(database, _series_query(shape.key), (*shape.values, 100))
        assert "ix_sessions_recurring" in plan, f"{scope}: {plan}"
        assert not _walks(plan)


async def test_what_is_scheduled_for_others_costs_one_probe(database: str, full: User) -> None:
    wanted = SessionFilter(site_id=full.site_id, creator_id=full.user_id)
    shape = _Shape(wanted, BY_START)
    plan = await plan_of(database, _page_query(shape.key, "brief"), (*shape.values, 11, 0))
    assert "ix_sessions_creator" in plan
    assert not _walks(plan)


async def test_pages_of_a_name_are_the_same_whichever_way_they_are_found(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, database: str, full: User
) -> None:
    assert database
    # All, most, some and few of them; the few others are fewer than `few`, or more.
    for few, prefix in itertools.product((50, 100), ("", "name", "name 1", "name 5999", "other", "no name")):
        monkeypatch.setattr(session_lists, "_FEW", few)
        wanted = SessionFilter(site_id=full.site_id, name_prefix=prefix)
        expected = [number for number in range(MANY) if _name(number).casefold().startswith(prefix)]
        for falling, start_from in ((False, 1), (True, 60), (False, 7_000)):
            page = await session_lists.list_places(engine, wanted, (Order("STARTTIME", falling),), start_from, 4)
            part = expected[::-1] if falling else expected
            starts = [NOON + number * 60 for number in part[start_from - 1 :][:4]]
            assert [values[0] for _, values in page.rows] == starts, prefix
            assert page.total == len(expected)


async def test_what_is_in_progress_has_an_index(database: str, full: User) -> None:
    scopes: list[dict[str, Any]] = [{}, {"host_id": full.user_id}, {"listings": ("PUBLIC",)}]
    for ended, more in itertools.product((False, None), scopes):
        shape = _Shape(SessionFilter(site_id=full.site_id, ended=ended, status="INPROGRESS", **more), BY_START)
        plan = await plan_of(database, _page_query(shape.key, "brief"), (*shape.values, 11, 0))
        assert "ix_sessions_open" in plan, plan
        assert not _walks(plan)


async def test_what_is_on_a_calendar_has_an_index(database: str, full: User) -> None:
    scopes: list[dict[str, Any]] = [{}, {"start_from": NOON + 600}, {"services": ("MeetingCenter",)}]
    for ended, listings, more in itertools.product((False, None), (("PUBLIC",), ("PRIVATE", "PUBLIC")), scopes):
        shape = _Shape(SessionFilter(site_id=full.site_id, ended=ended, listings=listings, **more), BY_START)
        plan = await plan_of(database, _page_query(shape.key, "brief"), (*shape.values, 11, 0))
        assert "ix_sessions_calendar" in plan, plan
        assert not _walks(plan)


async def test_whose_sessions_there_are_is_read_from_indexes_alone(sqlite_database: str) -> None:
    engine = engine_for(sqlite_database)
    await engine.start()
    await engine.stop()
    wanted = SessionFilter(
        site_id=1, host_id=2, creator_id=2, invited_id=2, services=("MeetingCenter",), without_types=(9,)
    )
    shape = _Shape(wanted, BY_START)
    for query, more in ((_page_query(shape.key, "brief"), (11, 0)), (_count_query(shape.key), ())):
        plan = await plan_of(sqlite_database, query, (*shape.values, *more))
        assert "attendees USING COVERING INDEX ix_attendees_user" in plan
        assert "sessions USING COVERING INDEX ix_sessions_host" in plan
        assert "sessions USING COVERING INDEX ix_sessions_creator" in plan


async def test_when_series_are_held_is_read_by_key(database: str, full: User) -> None:
    for column, index in (
        ("session_key", ("pk_sessions", "sqlite_autoindex_sessions_1")),
        ("series_key", ("_series",)),
    ):
        plan = await plan_of(database, sessions._starts_query(column, 4), (full.site_id, 1, 2, 3, 4))
        assert any(name in plan for name in index), plan
        assert not _walks(plan)


async def test_totals_of_single_sessions_are_those_of_all_without_the_series(
    engine: Engine, database: str, full: User
) -> None:
    assert database
    scopes: list[dict[str, Any]] = [
        *({}, {"host_id": full.user_id}, {"name_prefix": "name 1"}, {"status": "INPROGRESS"})
    ]
    for more in scopes:
        pages = {
            recurring: await session_lists.list_places(
                engine, SessionFilter(site_id=full.site_id, recurring=recurring, **more), BY_START, 1, 2
            )
            for recurring in (None, True, False)
        }
        assert pages[False].total + pages[True].total == pages[None].total
        assert all(len(page.rows) == min(2, page.total) for page in pages.values())
