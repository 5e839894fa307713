"""Bringing a database to this release's revision.

The server looks at the revision itself; Alembic is only imported when there is something to do, because
importing it costs more than starting does.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from parley.store.engines import postgres_dsn, sqlite_path
from parley.store.errors import MigrationFailed, NewerDatabase, OlderDatabase

HEAD = "0027"
"""The revision this release works with."""
KNOWN = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
)
"""All revisions from the first to HEAD."""


async def current(database: str) -> str | None:
    """The revision of the database at this address, None when it was never migrated."""
    dsn = postgres_dsn(database)
    if dsn is None:
        return await asyncio.to_thread(_sqlite_revision, database)
    return await _postgres_revision(dsn)


async def prepare(database: str, *, upgrade: bool) -> None:
    """See to it that the database has the revision HEAD.

    NewerDatabase when its revision is not known here; OlderDatabase when it is older and `upgrade` is false.
    """
    revision = await current(database)
    if revision == HEAD:
        return
    if revision is not None and revision not in KNOWN:
        raise NewerDatabase(
            f"the database has revision {revision}, this release knows up to {HEAD}: use a newer release"
        )
    if not upgrade:
        found = "the database is empty" if revision is None else f"the database has revision {revision}"
        raise OlderDatabase(f"{found}, this release needs {HEAD}: migrate it first")
    await upgrade_to_head(database)


async def upgrade_to_head(database: str) -> None:
    """Migrate the database at this address; all or nothing, and only one process at a time does it.

    Raises:
        MigrationFailed: it could not be done.
    """
    await upgrade_to(database, HEAD)


async def upgrade_to(database: str, revision: str) -> None:
    """Migrate the database at this address to a revision, as `upgrade_to_head` does to the last one."""
    from parley.store.migrations import run

    before, done = await current(database), list[str]()
    try:
        await run.upgrade(database, revision, done)
    except Exception as error:
        from parley.store.migrations.failures import failure

        standing = await _standing(database, before, revision)
        if standing is None:
            return
        # Not as its cause: what SQLAlchemy says of an error has the row, values and all.
        raise MigrationFailed(failure(error, _failing(done[-1] if done else before), revision, standing)) from None


def _failing(done: str | None) -> str | None:
    """The revision after the last one that was done; None: there is none."""
    place = 0 if done is None else KNOWN.index(done) + 1
    return KNOWN[place] if place < len(KNOWN) else None


async def _standing(database: str, before: str | None, wanted: str) -> str | None:
    """Where a database is after a migration that did not end well; None: it has the revision that was wanted."""
    try:
        now = await current(database)
    except Exception:  # the same that ended the migration, as a rule
        return "Where the database is cannot be asked now; a migration is one transaction: it is as it was, or migrated"
    if now == wanted:
        return None
    if now == before:
        return f"The database is as it was, {'without tables' if now is None else f'at revision {now}'}"
    return f"The database has revision {now} now, and had {before}"


def _sqlite_revision(database: str) -> str | None:
    path = sqlite_path(database)
    if not path.exists():
        return None
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        if found is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


async def _postgres_revision(dsn: str) -> str | None:
    import asyncpg

    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    finally:
        await connection.close()
    return revision
