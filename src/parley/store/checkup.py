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
        most, used: connections that the server allows to accounts without privileges, and that it has now; 0 for a
            file.
        read_only: nothing can be written.
        replica: it is a read replica.
        behind: seconds that a replica is behind; None: not told.
        sites: names of some sites, for probes of their pages.
    """

    kind: str
    version: tuple[int, ...]
    revision: str | None
    encoding: str = "UTF8"
    ahead: float = 0.0
    most: int = 0
    used: int = 0
    read_only: bool = False
    replica: bool = False
    behind: float | None = None
    sites: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        """What its revision says: None where it is this release's, else `older`, `newer` or `empty`."""
        if self.revision == migrations.HEAD:
            return None
        if self.revision is None:
            return "empty"
        return "older" if self.revision in migrations.KNOWN else "newer"


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
            " (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,"
            " current_setting('transaction_read_only') = 'on' AS read_only,"
            " pg_is_in_recovery() AS replica,"
            " extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 AS behind,"
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
        used=row["used"],
        read_only=row["read_only"],
        replica=row["replica"],
        behind=row["behind"],
        sites=tuple(str(each["name"]) for each in names),
    )
