"""How a database would carry out a statement, and tables with enough rows for that to matter."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import asyncpg
from sqlalchemy import Table, insert

from parley.store.engines import postgres_dsn, sqlite_path
from parley.store.query import Query, sqlite_dialect


async def filled(database: str, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Put rows, in the order of the table's columns, into a table, and let the database count them."""
    dsn = postgres_dsn(database)
    if dsn is None:
        with closing(sqlite3.connect(sqlite_path(database))) as connection, connection:
            connection.executemany(str(insert(table).compile(dialect=sqlite_dialect())), rows)
        return
    server = await asyncpg.connect(dsn)
    await server.copy_records_to_table(table.name, records=rows, columns=[column.name for column in table.columns])
    await server.execute("ANALYZE")
    await server.close()


async def plan_of(database: str, query: Query, values: tuple[object, ...]) -> str:
    """The plan of a statement as the database tells it."""
    dsn = postgres_dsn(database)
    if dsn is None:
        text, arranged = query.for_sqlite()
        with closing(sqlite3.connect(sqlite_path(database))) as connection:
            args = arranged(values) if arranged else values
            return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", args))
    text, arranged = query.for_postgres()
    asked = await asyncpg.connect(dsn)
    try:
        rows = await asked.fetch(f"EXPLAIN {text}", *(arranged(values) if arranged else values))
    finally:
        await asked.close()
    return "\n".join(row[0] for row in rows)
