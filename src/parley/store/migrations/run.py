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


def configuration(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration without a file; env.py uses the connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def upgrade(database: str, revision: str) -> None:
    """Migrate to a revision in one transaction."""
    dsn = postgres_dsn(database)
    if dsn is None:
        await asyncio.to_thread(_upgrade_sqlite, sqlite_path(database), revision)
    else:
        await _upgrade_postgres(dsn, revision)


def _upgrade_sqlite(path: Path, revision: str) -> None:
    from parley.store.engines.sqlite import connect, make_file

    make_file(path)
    engine = sa.create_engine("sqlite://", creator=lambda: connect(path, busy_ms=30_000), poolclass=NullPool)
    with engine.connect() as connection:
        # Not given to SQLAlchemy to begin: its transaction would only start to lock at the first write.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(configuration(connection), revision)
        connection.commit()


async def _upgrade_postgres(dsn: str, revision: str) -> None:
    import asyncpg

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn, timeout=10), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await connection.run_sync(lambda plain: command.upgrade(configuration(plain), revision))
    finally:
        await engine.dispose()
