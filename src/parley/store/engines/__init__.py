"""The engines; `engine_for` chooses by the address of the database."""

from __future__ import annotations

from collections.abc import Sequence
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


def engine_for(
    database: str,
    *,
    pool_size: int = 8,
    upgrade: bool = True,
    hurried: bool = True,
    replicas: Sequence[str] = (),
    replica_patience: float = 0.1,
) -> Engine:
    """An engine for a path, sqlite:///path or postgresql://user@host/name (not yet started).

    `pool_size` is the number of connections to PostgreSQL. With `upgrade` false, `start` raises
    OlderDatabase instead of migrating. Without `hurried`, reads take as long as they take: for commands that look at
    whole databases. `replicas` are addresses of read replicas of a PostgreSQL server, for which lists wait so many
    seconds (`replicas.ReplicatedEngine`). ValueError for an address that is none.
    """
    dsn = postgres_dsn(database)
    if dsn is not None:
        from parley.store.engines.postgres import PostgresEngine

        engine = PostgresEngine(dsn, pool_size=pool_size, upgrade=upgrade, hurried=hurried)
        if not replicas:
            return engine
        from parley.store.engines.replicas import ReplicatedEngine

        dsns = [found for each in replicas if (found := postgres_dsn(each)) is not None]
        if len(dsns) != len(replicas):
            raise ValueError("an address of a read replica is none of PostgreSQL")
        return ReplicatedEngine(engine, dsns, pool_size=pool_size, patience=replica_patience)
    if replicas:
        raise ValueError("only PostgreSQL has read replicas")
    from parley.store.engines.sqlite import SqliteEngine

    return SqliteEngine(sqlite_path(database), upgrade=upgrade, hurried=hurried)
