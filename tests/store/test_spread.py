"""The tables and statements on a database that is spread over machines by site (Citus), told by its rules.

No such database is here; what it demands is known: keys, unique indexes and foreign keys hold the column by which
tables are spread, and a statement that binds it goes to one machine. tests/conftest.py watches the statements of all
tests.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import BigInteger, Table, UniqueConstraint, bindparam, select

import parley
from parley import store
from parley.store import spread, tables
from parley.store.query import Query, select_where, where
from tests.statements import WATCH, Watch, faults_of

_ROOT = Path(__file__).resolve().parents[2]
_SOURCE = Path(parley.__file__).parent

_NAMED = re.compile(r"(?:FROM|JOIN|INTO|UPDATE) (\w+)")
_DRIVER = re.compile(r"^\s*(?:import|from) (?:asyncpg|sqlite3)\b", re.MULTILINE)
#: Modules that talk to a database without `Query`, and what they send.
RAW = {
    "store/checkup.py": "what a database says of itself, and names of sites, which are everywhere",
    "store/copies.py": "backups: whole tables, in the order of their keys; on a spread database a query for each part",
    "store/engines/postgres.py": "the engine: sends what `Query` made, and looks at the server",
    "store/engines/replicas.py": "an engine: sends what `Query` made, and looks how far a replica is",
    "store/engines/sqlite.py": "the engine: sends what `Query` made, and settings of the connection",
    "store/migrations/__init__.py": "looks at the revision",
    "store/migrations/run.py": "changes tables",
}


def _spread_tables() -> list[Table]:
    return [table for table in tables.metadata.tables.values() if table.name not in spread.REPLICATED]


# ---- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", _spread_tables(), ids=str)
def test_keys_and_unique_indexes_hold_the_site(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == spread.COLUMN
    assert isinstance(table.c[spread.COLUMN].type, BigInteger)
    assert not table.c[spread.COLUMN].nullable
    unique = [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [list(index.columns) for index in table.indexes if index.unique]
    for columns in unique:
        assert columns[0].name == spread.COLUMN


@pytest.mark.parametrize("table", _spread_tables(), ids=str)
def test_rows_that_are_referred_to_lie_on_the_same_machine(table: Table) -> None:
    for constraint in table.foreign_key_constraints:
        assert constraint.column_keys[0] == spread.COLUMN
        assert constraint.elements[0].column.name == spread.COLUMN
        if constraint.referred_table.name not in spread.REPLICATED:
            assert constraint.referred_table.info["rank"] <= table.info["rank"]


def test_tables_that_are_everywhere_refer_to_none_that_is_not() -> None:
    for name in spread.REPLICATED:
        assert tables.metadata.tables[name].foreign_key_constraints == set()


def test_migrations_make_no_triggers_and_no_functions() -> None:
    for path in (_SOURCE / "store" / "migrations" / "versions").glob("*.py"):
        assert not re.search(r"CREATE\s+(OR\s+REPLACE\s+)?(TRIGGER|FUNCTION|RULE|VIEW)", path.read_text("utf-8"), re.I)


def test_the_script_spreads_every_table_once_and_parents_first() -> None:
    text = (_ROOT / "deploy" / "citus.sql").read_text("utf-8")
    assert text == spread.script()
    everywhere = re.findall(r"create_reference_table\('(\w+)'\)", text)
    distributed = re.findall(r"create_distributed_table\('(\w+)', 'site_id', colocate_with => '(\w+)'\)", text)
    order = [*everywhere, *(name for name, _ in distributed)]
    assert sorted(order) == sorted(tables.metadata.tables)
    assert {together for _, together in distributed[1:]} == {distributed[0][0]}
    for name in order:
        parents = {each.referred_table.name for each in tables.metadata.tables[name].foreign_key_constraints} - {name}
        assert parents <= set(order[: order.index(name)])


#: Stands in for Citus: keeps what is spread as that does, and refuses what that refuses.
_STAND_IN = """
CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char", repmodel "char");
CREATE TABLE calls (number serial, name text);
CREATE FUNCTION spread_one(name regclass, method "char", model "char") RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = name AND contype = 'f' AND confrelid <> name AND confrelid
               NOT IN (SELECT logicalrelid FROM pg_dist_partition WHERE (partmethod, repmodel) <> ('n', 's')))
    THEN RAISE EXCEPTION '% refers to a table that is not spread', name; END IF;
    INSERT INTO calls (name) VALUES (name::text);
    DELETE FROM pg_dist_partition WHERE logicalrelid = name AND (partmethod, repmodel) = ('n', 's');
    INSERT INTO pg_dist_partition VALUES (name, method, model);
END $$;
CREATE FUNCTION create_reference_table(name regclass) RETURNS void
LANGUAGE sql AS $$ SELECT spread_one(name, 'n', 't') $$;
CREATE FUNCTION create_distributed_table(name regclass, key text, colocate_with text) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN
    IF colocate_with <> 'none' AND colocate_with::regclass NOT IN (SELECT logicalrelid FROM pg_dist_partition)
    THEN RAISE EXCEPTION '% is not spread', colocate_with; END IF;
    PERFORM spread_one(name, 'h', 's');
END $$;
"""


async def test_the_script_may_run_again_and_spreads_what_is_new(postgres_database: str) -> None:
    connection = await asyncpg.connect(postgres_database)
    try:
        await connection.execute(_STAND_IN)

        async def spread_now() -> list[str]:
            await connection.execute("DELETE FROM calls")
            async with connection.transaction():
                await connection.execute(spread.script())
            return [row["name"] for row in await connection.fetch("SELECT name FROM calls ORDER BY number")]

        assert sorted(await spread_now()) == sorted(tables.metadata.tables)
        assert await spread_now() == []
        # New tables are not known yet; one that refers to what is everywhere is known as the coordinator's own.
        await connection.execute("DELETE FROM pg_dist_partition WHERE logicalrelid = 'attendees'::regclass")
        await connection.execute(
            "UPDATE pg_dist_partition SET partmethod = 'n', repmodel = 's' WHERE logicalrelid = 'runs'::regclass"
        )
        assert sorted(await spread_now()) == ["attendees", "runs"]
        assert await spread_now() == []
    finally:
        await connection.close()


# ---- statements ----------------------------------------------------------------------------------------------------


def _modules() -> Iterator[str]:
    for module in pkgutil.iter_modules(store.__path__, "parley.store."):
        if not module.ispkg:
            yield module.name


def _queries(held: Mapping[str, object], place: str) -> Iterator[tuple[str, Query]]:
    """The queries among the values of a module, and in tuples and dictionaries of them."""
    for key, value in held.items():
        name = f"{place}.{key}"
        if isinstance(value, Query):
            yield name, value
        elif isinstance(value, dict) and not key.startswith("__"):
            yield from _queries({str(each): inner for each, inner in value.items()}, name)
        elif isinstance(value, tuple | list):
            yield from _queries({str(number): inner for number, inner in enumerate(value)}, name)


def test_every_statement_that_is_there_from_the_start_stays_within_a_site() -> None:
    """Those that are put together as they are needed are seen by the watch over all tests."""
    found: dict[str, list[str]] = {}
    touched: set[str] = set()
    for name in _modules():
        for key, value in _queries(vars(importlib.import_module(name)), name):
            for (text, _), dialect in ((value.for_sqlite(), "sqlite"), (value.for_postgres(), "postgres")):
                touched |= set(_NAMED.findall(text))
                found[f"{key} {dialect}"] = faults_of(text, dialect)
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 400
    assert len(touched & set(tables.metadata.tables)) > 40


def test_only_the_modules_that_are_known_talk_to_a_database_by_themselves() -> None:
    paths = [path for path in _SOURCE.rglob("*.py") if _DRIVER.search(path.read_text("utf-8"))]
    assert {path.relative_to(_SOURCE).as_posix() for path in paths} == set(RAW)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT name FROM users WHERE users.site_id = $1 AND user_id = $2",
        "SELECT name FROM users WHERE site_id = $1::BIGINT",
        "SELECT 1 FROM users AS u JOIN sessions ON sessions.site_id = u.site_id WHERE u.site_id = $1",
        "SELECT 1 FROM sites LEFT JOIN users ON users.site_id = sites.site_id WHERE sites.site_id = $1",
        "SELECT (SELECT count(*) FROM attendees a WHERE a.site_id = s.site_id) FROM sessions s WHERE s.site_id = $1",
        "SELECT 1 FROM runs JOIN (SELECT site_id FROM runs WHERE site_id = $1) AS page ON page.site_id = runs.site_id",
        "WITH s0 AS (UPDATE users SET name = $1 WHERE site_id = $2 RETURNING 1) SELECT (SELECT count(*) FROM s0)",
        "INSERT INTO quotas (site_id, used) VALUES ($1, $2) ON CONFLICT (site_id, name) DO UPDATE SET used = 1",
        "SELECT name FROM sites ORDER BY name",
        "DELETE FROM meta WHERE key = $1",
    ],
)
def test_statements_that_go_to_one_machine(text: str) -> None:
    assert faults_of(text, "postgres") == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT name FROM users WHERE user_id = $1",
        "SELECT name FROM users WHERE site_id = $1 OR user_id = $2",
        "SELECT name FROM users WHERE site_id > $1",
        "SELECT name FROM users WHERE NOT site_id = $1",
        "SELECT 1 FROM users JOIN sessions ON sessions.host_id = users.user_id WHERE users.site_id = $1",
        "SELECT 1 FROM users, sessions WHERE users.site_id = $1",
        "SELECT 1 FROM users JOIN sites ON sites.site_id = users.site_id WHERE sites.name = $1",
        "SELECT (SELECT count(*) FROM attendees a WHERE a.session_key = s.session_key) FROM sessions s"
        " WHERE s.site_id = $1",
        "SELECT 1 FROM users WHERE site_id = $1 AND EXISTS (SELECT 1 FROM sessions WHERE host_id = users.user_id)",
        "SELECT 1 FROM runs JOIN (SELECT conf_id FROM runs WHERE site_id = $1) AS page ON page.conf_id = runs.conf_id",
        "SELECT 1 FROM users WHERE site_id = $1 UNION SELECT 1 FROM users",
        "WITH s0 AS (UPDATE users SET name = $1 WHERE user_id = $2 RETURNING 1) SELECT (SELECT count(*) FROM s0)",
        "UPDATE users SET site_id = $1 WHERE site_id = $2",
        "UPDATE users SET name = $1",
        "DELETE FROM stays WHERE conf_id = $1",
        "INSERT INTO quotas (name, used) VALUES ($1, $2)",
        "INSERT INTO quotas (site_id, used) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET used = 1",
        "INSERT INTO quotas (site_id) SELECT site_id FROM users",
    ],
)
def test_statements_that_do_not(text: str) -> None:
    assert faults_of(text, "postgres") != []
    assert faults_of(re.sub(r"\$\d", "?", text), "sqlite") != []


def test_the_watch_sees_what_the_program_makes_and_not_what_tests_make() -> None:
    watch = Watch(others="nobody.")
    end = watch.begin()
    try:
        loose = select_where([tables.stays.c.name], tables.stays.c.stay_id)
        loose.for_postgres()
        loose.for_sqlite()
        Query(select(tables.meta.c.value).where(*where(tables.meta.c.key)), "key_key").for_postgres()
        right = select(tables.users.c.user_id).where(tables.users.c.site_id == bindparam("site", type_=BigInteger))
        Query(right, "site").for_postgres()
    finally:
        end()
    assert [fault.partition(":")[0] for fault in watch.faults()] == ["SELECT on stays does not bind site_id"] * 2
    assert watch.faults() == []
    assert len(watch.seen()) == 4
    # This module is one of the tests, so the watch over all of them has not taken what only it says.
    assert not any(text.startswith("SELECT stays.name FROM") for text, _ in WATCH.seen())
    Query(select(tables.users.c.user_id)).for_postgres()
    assert len(watch.seen()) == 4
