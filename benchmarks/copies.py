"""Copies of a meeting, an account, a run or a recording, made by the database itself: a million in a minute or two.

A copy of a meeting differs from its pattern in everything that has to be unique and in its start. Starts are spread
over a year, and meetings were booked up to two weeks ahead of each other, so that neighbours in a list lie near each
other on the disk, but not side by side. A copy of an account differs in its number, names, address and times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import Table

from parley.store import tables
from parley.store.engines import postgres_dsn, sqlite_path
from parley.store.engines.sqlite import connect
from parley.store.recording_tables import recordings

DAY: Final = 86_400
#: The first copy starts so many days from now: nothing is over while figures are taken, also from a kept database.
FIRST_DAY: Final = 100
_YEAR_MINUTES: Final = 365 * 24 * 60
#: Copies of two weeks lie in one stretch of the table; a year has about so many.
STRETCHES: Final = 25
#: A prime, with which the numbers of a stretch are shuffled.
_SHUFFLE: Final = 7919
_FIRST_KEY: Final = 10_000_000_000
_FIRST_CONF: Final = 100_000_000_000_000_000
_FIRST_ATTENDEE: Final = 1_500_000_000
_FIRST_USER: Final = 1_600_000_000
_FIRST_RECORDING: Final = 200_000_000
#: What has happened lies in so many days before now: what history operations tell of.
_PAST_DAYS: Final = 60
#: Different first names of copied accounts; last names are as many as there are accounts.
_FIRST_NAMES: Final = 500


def keys_of(count: int) -> range:
    """The session keys of so many copies."""
    return range(_FIRST_KEY + 1, _FIRST_KEY + count + 1)


def _expressions(dialect: str, count: int, first_start: int) -> dict[str, str]:
    """SQL of the columns in which copy `n` (from 1) differs from its pattern `t`."""
    stretch = count // STRETCHES
    place = f"((n.n - 1) / {stretch} * {stretch} + ((n.n - 1) % {stretch}) * {_SHUFFLE} % {stretch})"
    start = f"({first_start} + {place} * {_YEAR_MINUTES} / {count} * 60)"
    if dialect == "sqlite":
        digits, local = "printf('%032x', n.n)", f"strftime('%Y-%m-%d %H:%M:%S', {start}, 'unixepoch')"
    else:
        digits = "lpad(to_hex(n.n), 32, '0')"
        local = f"to_char(to_timestamp({start}) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"
    return {
        "session_key": f"{_FIRST_KEY} + n.n",
        "conf_id": f"{_FIRST_CONF} + n.n",
        "uuid": digits,
        "guest_token": digits,
        "host_link": f"'ma' || substr({digits}, 2)",
        "attendee_link": f"'mb' || substr({digits}, 2)",
        "start_local": local,
        "next_start": start,
        "next_end": f"{start} + t.duration * 60",
    }


def _numbered(dialect: str, count: int) -> tuple[str, str]:
    """SQL of the numbers from 1 on as `n`: what stands before a SELECT, and what it selects from."""
    if dialect == "sqlite":
        return f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})", "n"  # noqa: S608
    return "", f"generate_series(1::bigint, {count}) AS n(n)"


def copy_statements(dialect: str, site_id: int, key: int, count: int, first_start: int) -> list[str]:
    """The SQL that copies a meeting and its attendees `count` times, and counts the site's meetings anew."""
    if count < STRETCHES or count % STRETCHES:
        raise ValueError(f"{count} is no multiple of {STRETCHES}")
    series, source = _numbered(dialect, count)
    changed = _expressions(dialect, count, first_start)
    before = (
        "(SELECT count(*) FROM attendees o WHERE o.site_id = t.site_id AND o.session_key = t.session_key"
        " AND o.attendee_id < t.attendee_id)"
    )
    person = {
        "session_key": changed["session_key"],
        "attendee_id": f"{_FIRST_ATTENDEE} + {before} * {count} + n.n",
    }
    pattern = f"t.site_id = {site_id} AND t.session_key = {key}"

    def copied(table: str, columns: Sequence[str], values: dict[str, str]) -> str:
        picked = ", ".join(values.get(name, f"t.{name}") for name in columns)
        target = f"{table} ({', '.join(columns)})"
        return f"INSERT INTO {target} {series} SELECT {picked} FROM {table} t CROSS JOIN {source} WHERE {pattern}"  # noqa: S608

    return [
        copied("sessions", tables.sessions.c.keys(), changed),
        copied("attendees", tables.attendees.c.keys(), person),
        f"DELETE FROM session_days WHERE site_id = {site_id}",  # noqa: S608
        "INSERT INTO session_days (site_id, ended, day, listing, service, session_type, total)"  # noqa: S608
        f" SELECT site_id, ended, next_start / {DAY}, listing, service, session_type, count(*)"
        f" FROM sessions WHERE site_id = {site_id}"
        f" GROUP BY site_id, ended, next_start / {DAY}, listing, service, session_type",
    ]


def name_of_user(number: int) -> str:
    """The webExID of a copied account, from 1."""
    return f"copy{number:07d}"


def user_statements(dialect: str, site_id: int, user_id: int, count: int, now: int) -> list[str]:
    """The SQL that copies an account `count` times, registered in the last five years, and counts anew."""
    place = f"(n.n * {_SHUFFLE} % {count})"
    name = "printf('copy%07d', n.n)" if dialect == "sqlite" else "'copy' || lpad(n.n::text, 7, '0')"
    digits = f"printf('%07d', {place})" if dialect == "sqlite" else f"lpad({place}::text, 7, '0')"
    past = f"{now} - {place} * {5 * 365 * DAY // count}"
    changed = {
        "user_id": f"{_FIRST_USER} + {place}",
        **dict.fromkeys(("web_ex_id", "web_ex_id_key"), name),
        **dict.fromkeys(("email", "email_key"), f"{name} || '@copies.example'"),
        "first_name": f"'First' || (n.n % {_FIRST_NAMES})",
        "first_key": f"'first' || (n.n % {_FIRST_NAMES})",
        "last_name": f"'Last' || {digits}",
        "last_key": f"'last' || {digits}",
        "personal_url": "NULL",
        "room_key": "''",
        **dict.fromkeys(("registered_at", "modified_at"), past),
    }
    columns = tables.users.c.keys()
    picked = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    series, source = _numbered(dialect, count)
    return [
        f"INSERT INTO users ({', '.join(columns)}) {series} SELECT {picked} FROM users t CROSS JOIN {source}"  # noqa: S608
        f" WHERE t.site_id = {site_id} AND t.user_id = {user_id}",
        f"DELETE FROM user_totals WHERE site_id = {site_id}",  # noqa: S608
        "INSERT INTO user_totals (site_id, status, host, total)"  # noqa: S608
        f" SELECT site_id, status, host, count(*) FROM users WHERE site_id = {site_id} GROUP BY site_id, status, host",
    ]


def _past(dialect: str, table: Table, changed: dict[str, str], site_id: int, count: int) -> list[str]:
    """The SQL that copies the only row that a site has in a table."""
    series, source = _numbered(dialect, count)
    columns = table.c.keys()
    picked = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    return [
        f"INSERT INTO {table.name} ({', '.join(columns)}) {series} SELECT {picked} FROM {table.name} t"  # noqa: S608
        f" CROSS JOIN {source} WHERE t.site_id = {site_id}"
    ]


def _hex(dialect: str, value: str) -> str:
    return f"printf('%032x', {value})" if dialect == "sqlite" else f"lpad(to_hex({value}), 32, '0')"


def run_statements(dialect: str, site_id: int, count: int, now: int) -> list[str]:
    """The SQL that copies a site's only run `count` times, into the last 60 days, and counts the site's runs anew."""
    begun = f"({now} - 7200 - n.n * {_PAST_DAYS - 1} * {DAY} / {count})"
    changed = {
        "conf_id": f"{_FIRST_CONF} + n.n",
        "session_key": f"{_FIRST_KEY} + n.n",
        "uuid": _hex(dialect, "n.n"),
        "started_at": begun,
        **dict.fromkeys(("closed_at", "ended_at"), f"{begun} + 3600"),
    }
    kinds = f"site_id, service, ended_at / {DAY}, started_at / {DAY}, audio_only"
    return [
        *_past(dialect, tables.runs, changed, site_id, count),
        f"DELETE FROM run_days WHERE site_id = {site_id}",  # noqa: S608
        "INSERT INTO run_days (site_id, service, ended_day, day, audio_only, total)"  # noqa: S608
        f" SELECT {kinds}, count(*) FROM runs WHERE site_id = {site_id} GROUP BY {kinds}",
    ]


def recording_statements(dialect: str, site_id: int, count: int, now: int) -> list[str]:
    """The SQL that copies a site's only recording `count` times, into the last 60 days."""
    made = f"({now} - 7200 - n.n * {_PAST_DAYS - 1} * {DAY} / {count})"
    changed = {
        "recording_id": f"{_FIRST_RECORDING} + n.n",
        **dict.fromkeys(("stream_rcid", "file_rcid"), _hex(dialect, "n.n")),
        **dict.fromkeys(("created_at", "modified_at"), made),
    }
    return _past(dialect, recordings, changed, site_id, count)


async def copy_meetings(database: str, site_id: int, key: int, count: int) -> None:
    """Copy a meeting `count` times with SQL; nobody else may use the database meanwhile."""
    first_start = (int(time.time()) // DAY + FIRST_DAY) * DAY
    await _run(database, lambda dialect: copy_statements(dialect, site_id, key, count, first_start))


async def copy_users(database: str, site_id: int, user_id: int, count: int) -> None:
    """Copy an account `count` times with SQL; nobody else may use the database meanwhile."""
    now = int(time.time())
    await _run(database, lambda dialect: user_statements(dialect, site_id, user_id, count, now))


async def copy_runs(database: str, site_id: int, count: int) -> None:
    """Copy a site's only run `count` times with SQL; nobody else may use the database meanwhile."""
    now = int(time.time())
    await _run(database, lambda dialect: run_statements(dialect, site_id, count, now))


async def copy_recordings(database: str, site_id: int, count: int) -> None:
    """Copy a site's only recording `count` times with SQL; nobody else may use the database meanwhile."""
    now = int(time.time())
    await _run(database, lambda dialect: recording_statements(dialect, site_id, count, now))


async def tidy(database: str) -> None:
    """What the database would do by itself some time after it was filled."""
    dsn = postgres_dsn(database)
    if dsn is None:
        with closing(connect(sqlite_path(database))) as opened:
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute("VACUUM (ANALYZE)", timeout=900)
        await connection.execute("CHECKPOINT", timeout=900)
    finally:
        await connection.close()


async def _run(database: str, statements: Callable[[str], Sequence[str]]) -> None:
    dsn = postgres_dsn(database)
    if dsn is None:
        _run_sqlite(sqlite_path(database), statements("sqlite"))
    else:
        await _run_postgres(dsn, statements("postgresql"))


def _run_sqlite(path: Path, statements: Sequence[str]) -> None:
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-500000")
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")


async def _run_postgres(dsn: str, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        async with connection.transaction():
            # What is copied refers to what the pattern refers to: a million look-ups more would find nothing.
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("SET LOCAL synchronous_commit = off")
            for statement in statements:
                await connection.execute(statement, timeout=900)
    finally:
        await connection.close()
