"""Runs Alembic on a database; the only module besides the revisions that imports it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from parley.store.engines import postgres_dsn, sqlite_path

_LOCK = 0x7061726C6579
"""Number of the advisory lock a migration holds on PostgreSQL."""
_LOCK_MS = 30_000
"""How long it waits for a table that others use, on PostgreSQL, and for the file: whoever comes after it waits too."""
_SETTINGS = {
    "application_name": "parley migration",
    # Those of the role or database are for statements of servers; another process may migrate for as long as it takes.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}


def configuration(connection: sa.Connection | None = None, done: list[str] | None = None) -> Config:
    """Alembic's configuration without a file; env.py uses the connection, and adds what it did to `done`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["done"] = [] if done is None else done
    return config


async def upgrade(database: str, revision: str, done: list[str] | None = None) -> None:
    """Migrate to a revision in one transaction.

    Args:
        done: revisions are added as they are done.
    """
    dsn = postgres_dsn(database)
    if dsn is None:
        await asyncio.to_thread(_upgrade_sqlite, sqlite_path(database), revision, done)
    else:
        await _upgrade_postgres(dsn, revision, done)


def _upgrade_sqlite(path: Path, revision: str, done: list[str] | None) -> None:
    from parley.store.engines.sqlite import connect, make_file

    make_file(path)
    engine = sa.create_engine("sqlite://", creator=lambda: connect(path, busy_ms=_LOCK_MS), poolclass=NullPool)
    with engine.connect() as connection:
        # Not given to SQLAlchemy to begin: its transaction would only start to lock at the first write.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(configuration(connection, done), revision)
        connection.commit()


async def _upgrade_postgres(dsn: str, revision: str, done: list[str] | None) -> None:
    import asyncpg

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn, timeout=10, server_settings=_SETTINGS),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_MS:d}")
            await connection.run_sync(lambda plain: command.upgrade(configuration(plain, done), revision))
    finally:
        await engine.dispose()
