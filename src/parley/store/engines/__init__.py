"""The engines; `engine_for` chooses by the address of the database."""

from __future__ import annotations

from pathlib import Path

from parley.store.engines.base import Engine, Row

__all__ = ["Engine", "Row", "engine_for", "postgres_dsn", "sqlite_path"]


def postgres_dsn(database: str) -> str | None:
    """The address for the PostgreSQL driver; None when `database` is not of that kind."""
    scheme, colon, rest = database.partition("://")
    if colon and scheme.partition("+")[0] in ("postgresql", "postgres"):
        return f"postgresql://{rest}"
    return None


def sqlite_path(database: str) -> Path:
    """The file of an SQLite database given as a path or as sqlite:///path (four slashes: absolute)."""
    scheme, colon, rest = database.partition("://")
    if not colon:
        return Path(database)
    if scheme.partition("+")[0] != "sqlite" or not rest.startswith("/") or len(rest) < 2:
        raise ValueError(f"not a database address: {scheme}://...")
    return Path(rest[1:])


def engine_for(database: str, *, pool_size: int = 8, upgrade: bool = True) -> Engine:
    """An engine for a path, sqlite:///path or postgresql://user@host/name (not yet started).

    `pool_size` is the number of connections to PostgreSQL. With `upgrade` false, `start` raises
    OlderDatabase instead of migrating. ValueError for an address that is neither.
    """
    dsn = postgres_dsn(database)
    if dsn is not None:
        from parley.store.engines.postgres import PostgresEngine

        return PostgresEngine(dsn, pool_size=pool_size, upgrade=upgrade)
    from parley.store.engines.sqlite import SqliteEngine

    return SqliteEngine(sqlite_path(database), upgrade=upgrade)
