"""What an administrator should know of a database before a server uses it; reads only, and migrates nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import NamedTuple

from parley.store import migrations
from parley.store.engines import postgres_dsn, sqlite_path

#: The oldest release of PostgreSQL that its makers keep.
OLDEST_POSTGRES = 14


class Facts(NamedTuple):
    """What a database says of itself.

    Attributes:
        kind: `SQLite` or `PostgreSQL`.
        version: of the server or library.
        revision: of the tables; None: there are none yet.
        encoding: of texts.
        ahead: seconds by which its clock is ahead of this machine's; 0 for a file.
        most: connections that the server allows to accounts without privileges; 0 for a file.
        others: connections that it has now with other programs than Parley's servers; 0 for a file.
        read_only: nothing can be written.
        replica: it is a read replica.
        sites: names of some sites, for probes of their pages.
    """

    kind: str
    version: tuple[int, ...]
    revision: str | None
    encoding: str = "UTF8"
    ahead: float = 0.0
    most: int = 0
    others: int = 0
    read_only: bool = False
    replica: bool = False
    sites: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        """What its revision says: None where it is this release's, else `older`, `newer` or `empty`."""
        if self.revision == migrations.HEAD:
            return None
        if self.revision is None:
            return "empty"
        return "older" if self.revision in migrations.KNOWN else "newer"


class Standing(NamedTuple):
    """How a server of PostgreSQL stands to others.

    Attributes:
        system: the number that it has in common with all that replicate it.
        database: the name of the database.
        recovering: it is a replica.
        position: of its log, in bytes: as far as it is written, of a replica as far as it is replayed.
        seconds: since the last change that a replica replayed; None: not known.
        may_read, may_write: whether the account may read all tables, and write to some, were the server not a replica.
        revision: of the tables; None: there are none, or they may not be read.
    """

    system: int
    database: str
    recovering: bool
    position: int
    seconds: float | None
    may_read: bool
    may_write: bool
    revision: str | None = None


_STANDING = """
SELECT (SELECT system_identifier FROM pg_control_system()) AS system, current_database() AS database,
 pg_is_in_recovery() AS recovering,
 (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_lsn() END
  - '0/0'::pg_lsn)::bigint AS position,
 extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 AS seconds,
 coalesce(bool_and(has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')), true) AS may_read,
 coalesce(bool_or(has_table_privilege(format('%I.%I', schemaname, tablename), 'INSERT, UPDATE, DELETE')), false)
  AS may_write
FROM pg_tables WHERE schemaname = current_schema()
"""


async def standing(database: str, seconds: float = 8.0) -> Standing:
    """How a server of PostgreSQL stands to others.

    Args:
        database: its address.
        seconds: it has so long for each answer.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError: it does not answer.
    """
    import asyncpg

    dsn = postgres_dsn(database)
    if dsn is None:
        raise ValueError("not an address of PostgreSQL")
    connection = await asyncpg.connect(dsn, timeout=seconds, command_timeout=seconds)
    try:
        row = await connection.fetchrow(_STANDING)
        assert row is not None  # noqa: S101  # an aggregate has one row
        revision = None
        if row["may_read"] and await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
            revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    finally:
        await connection.close(timeout=seconds)
    return Standing(**dict(row), revision=revision)


async def facts(database: str, seconds: float = 8.0) -> Facts:
    """Ask a database.

    Args:
        database: its address.
        seconds: it has so long for each answer.

    Raises:
        OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError: it does not answer.
    """
    dsn = postgres_dsn(database)
    return _of_file(database, seconds) if dsn is None else await _of_server(dsn, seconds)


def _of_file(database: str, seconds: float) -> Facts:
    path = sqlite_path(database)
    version = sqlite3.sqlite_version_info
    if not path.exists():
        return Facts("SQLite", version, None)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=seconds)) as connection:
        encoding = str(connection.execute("PRAGMA encoding").fetchone()[0])
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
            return Facts("SQLite", version, None, encoding)
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        names = connection.execute("SELECT name FROM sites WHERE site_id > 0 ORDER BY site_id LIMIT 5").fetchall()
    return Facts(
        "SQLite", version, None if row is None else str(row[0]), encoding, sites=tuple(str(each[0]) for each in names)
    )


async def _of_server(dsn: str, seconds: float) -> Facts:
    import asyncpg

    connection = await asyncpg.connect(dsn, timeout=seconds, command_timeout=seconds)
    try:
        begun = time.time()
        now = float(await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8"))
        ended = time.time()
        row = await connection.fetchrow(
            "SELECT current_setting('server_version_num')::int AS version,"
            " current_setting('server_encoding') AS encoding,"
            " current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int AS most,"
            # Of others an account without privileges sees the program's name, and not what kind of process it is.
            " (SELECT sum(numbackends)::int FROM pg_stat_database) - 1 - (SELECT count(*)::int FROM pg_stat_activity"
            "  WHERE application_name = 'parley') AS others,"
            " current_setting('transaction_read_only') = 'on' AS read_only,"
            " pg_is_in_recovery() AS replica,"
            " to_regclass('alembic_version') IS NOT NULL AS made"
        )
        assert row is not None  # noqa: S101  # a SELECT without FROM has one row
        revision, names = None, []
        if row["made"]:
            revision = await connection.fetchval("SELECT version_num FROM alembic_version")
            names = await connection.fetch("SELECT name FROM sites WHERE site_id > 0 ORDER BY site_id LIMIT 5")
    finally:
        await connection.close(timeout=seconds)
    return Facts(
        kind="PostgreSQL",
        version=(row["version"] // 10_000, row["version"] % 10_000),
        revision=revision,
        encoding=row["encoding"],
        ahead=now - (begun + ended) / 2,
        most=row["most"],
        others=max(0, row["others"]),
        read_only=row["read_only"],
        replica=row["replica"],
        sites=tuple(str(each["name"]) for each in names),
    )
