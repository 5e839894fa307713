"""What things take on the disk: filled over the API on both databases, then asked of the databases.

    .venv/bin/python -m benchmarks.sizes [ROUNDS]

Prints a table in Markdown. Every figure has the indexes in it. What is measured is what a real server wrote for real
requests: accounts, meetings with three people each, runs of them with four people, mails, and recordings' rows (their
files come on top).
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import asyncpg

from parley.testing.server import Server
from parley.testing.site import Site
from tests.databases import PostgresServer

_ROUNDS: Final = 400
_SITES: Final = 50
#: What people count, and the tables that grow with it.
_THINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "a site, with its four first accounts": (),
    "an account": ("users", "user_totals", "user_revisions", "sign_in_failures", "login_tickets"),
    "a meeting with 3 people": ("sessions", "attendees", "session_days", "errands"),
    "a run of a meeting with 4 people": ("runs", "stays", "run_days"),
    "a mail that waits or was sent": ("outbox",),
}
_PEOPLE: Final = {"Ann": "ann@x.example", "Bob": "bob@x.example", "Eve": "eve@x.example"}


def _fill(server: Server, rounds: int) -> dict[str, dict[str, float]]:
    """Make sites, then accounts, meetings and runs; bytes of all tables before and after, by step."""
    site = Site.made(server, "42.6.0", {})
    sizes = {"begin": _sizes(server)}
    for _ in range(_SITES):
        Site.made(server, "42.6.0", {})
    sizes["sites"] = _sizes(server)
    for number in range(rounds):
        site.add_user(f"person{number}", first_name="Wilhelmina", last_name=f"Featherstone {number}")
    sizes["accounts"] = _sizes(server)
    attendees = [{"person": {"name": name, "email": mail}} for name, mail in _PEOPLE.items()]
    keys = [
        site.schedule(f"Weekly review {number}", participants={"attendees": {"attendee": attendees}})
        for number in range(rounds)
    ]
    sizes["meetings"] = _sizes(server)
    for key in keys:
        site.hold(key, _PEOPLE)
    sizes["runs"] = _sizes(server)
    sizes["rows"] = {name: float(number) for name, number in _counts(server).items()}
    return sizes


def _each(sizes: dict[str, dict[str, float]], rounds: int) -> list[float]:
    """Bytes for each of the things."""

    def grown(begin: str, end: str, names: Sequence[str] = ()) -> float:
        of = names or list(sizes[end])
        return sum(sizes[end].get(name, 0) - sizes[begin].get(name, 0) for name in of)

    things = list(_THINGS.values())
    mails = max(1.0, sizes["rows"]["outbox"])
    return [
        grown("begin", "sites") / _SITES,
        grown("sites", "accounts", things[1]) / rounds,
        grown("accounts", "meetings", things[2]) / rounds,
        grown("meetings", "runs", things[3]) / rounds,
        grown("begin", "runs", things[4]) / mails,
    ]


def _sizes(server: Server) -> dict[str, float]:
    """Bytes of every table with its indexes."""
    database = server.config.database
    if database is not None:
        return asyncio.run(_postgres_sizes(database))
    with closing(sqlite3.connect(Path(server.config.data) / "parley.db")) as connection:
        tables = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type IN ('table', 'index')"))
        found: dict[str, float] = {}
        # What is on the pages, as pages that are not full yet are no rows' to bear.
        for name, number in connection.execute("SELECT name, sum(payload + 12 * ncell) FROM dbstat GROUP BY name"):
            table = tables.get(name, name)
            found[table] = found.get(table, 0) + number
        return found


async def _postgres_sizes(database: str) -> dict[str, float]:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("VACUUM")
        rows = await connection.fetch(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    return {row[0]: float(row[1]) for row in rows}


def _counts(server: Server) -> dict[str, int]:
    database = server.config.database
    if database is not None:

        async def count() -> int:
            connection = await asyncpg.connect(database)
            try:
                return int(await connection.fetchval("SELECT count(*) FROM outbox"))
            finally:
                await connection.close()

        return {"outbox": asyncio.run(count())}
    with closing(sqlite3.connect(Path(server.config.data) / "parley.db")) as connection:
        return {"outbox": connection.execute("SELECT count(*) FROM outbox").fetchone()[0]}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    rounds = int(arguments[0]) if arguments else _ROUNDS
    columns = []
    postgres = PostgresServer()
    try:
        for database in (None, postgres.empty()):
            with tempfile.TemporaryDirectory() as folder:
                server = Server(database, Path(folder)).start()
                try:
                    columns.append(_each(_fill(server, rounds), rounds))
                finally:
                    server.stop()
    finally:
        postgres.stop()
    lines = ["| bytes on the disk for | SQLite | PostgreSQL |", "|---|---|---|"]
    for name, *values in zip(_THINGS, *columns, strict=True):
        lines.append(f"| {name} | {' | '.join(f'{value:,.0f}' for value in values)} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
