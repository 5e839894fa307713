"""What the jobs share: the servers of a run, started when the first job asks for them."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks import documents, seed, servers
from benchmarks.copies import STRETCHES
from benchmarks.rounds import Contender, Plan
from benchmarks.seed import SeededSite, Wanted
from benchmarks.servers import Running
from tests.databases import PostgresServer

#: The site that lists are taken from.
LISTED: Final = "listed"
#: The site whose meetings are read and listed in turn; more of them than the server keeps answers of.
READ: Final = "read"
#: The site with very many meetings.
LARGE: Final = "large"
LISTED_MEETINGS: Final = 1_000
READ_MEETINGS: Final = 10_000
GUESTS: Final = 120
#: Accounts of the site whose meetings are read; more of them than the server keeps answers of.
READ_USERS: Final = 5_000
#: Accounts of a small and of a large site.
FEW_USERS: Final = 1_000
MANY_USERS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Backend:
    """Parley on a database, and the sites in it."""

    server: Running
    sites: dict[str, SeededSite]


class Bench:
    """One run of the benchmarks; leaving it stops all servers and removes what they wrote.

    Args:
        kept: folder for databases that the next run may use.
        large: how many meetings the large site has.
        say: takes lines about how far the run is.
    """

    def __init__(self, kept: Path, plan: Plan, large: int, say: Callable[[str], None]) -> None:
        self.kept = kept
        self.plan = plan
        self.large = large
        self.say = say
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Bench:
        self.kept.mkdir(parents=True, exist_ok=True)
        made = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=self.kept))
        self.folder = Path(made)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # ---- servers ----

    @cached_property
    def _null_folder(self) -> Path:
        folder = self.folder / "null"
        folder.mkdir()
        return folder

    @cached_property
    def _null(self) -> Running:
        return self._stack.enter_context(servers.null(self._null_folder))

    def null(self, name: str, requests: list[bytes], answer: bytes) -> Contender:
        """The null service, which answers these requests with this document."""
        (self._null_folder / name).write_bytes(answer)
        return Contender(self._null, f"/{name}", requests, len(answer))

    @cached_property
    def _postgres(self) -> PostgresServer:
        self.say("starting PostgreSQL")
        server = PostgresServer(durable=True)
        self._stack.callback(server.stop)
        server.template()
        return server

    def postgres_database(self) -> str:
        """The address of a new database."""
        return self._postgres.copy()

    def parley(self, database: str, name: str) -> Running:
        """Parley on a database, until the end of the run."""
        return self._stack.enter_context(servers.parley(database, self.folder / name))

    # ---- databases ----

    @cached_property
    def _usual(self) -> list[Wanted]:
        meeting = documents.full_meeting()
        return [Wanted(LISTED, LISTED_MEETINGS, meeting), Wanted(READ, READ_MEETINGS, meeting, READ_USERS)]

    @cached_property
    def _crowded(self) -> list[Wanted]:
        meeting = documents.small_meeting()
        return [Wanted(LISTED, LISTED_MEETINGS, meeting), Wanted(LARGE, self.large, meeting)]

    @cached_property
    def _peopled(self) -> list[Wanted]:
        meeting = documents.small_meeting()
        return [Wanted(LISTED, STRETCHES, meeting, FEW_USERS), Wanted(LARGE, STRETCHES, meeting, MANY_USERS)]

    def _made(self, database: str, plan: list[Wanted], name: str, guests: int = 0) -> Backend:
        self.say(f"filling the {name} database")
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        sites = asyncio.run(seed.seed(database, plan, folder, guests))
        return Backend(self.parley(database, name), sites)

    @cached_property
    def sqlite(self) -> Backend:
        """Parley on an SQLite file with some ten thousand meetings."""
        (self.folder / "sqlite").mkdir()
        return self._made(f"sqlite:///{self.folder / 'sqlite' / 'parley.db'}", self._usual, "sqlite", GUESTS)

    @cached_property
    def postgres(self) -> Backend:
        """Parley on PostgreSQL with some ten thousand meetings."""
        return self._made(self.postgres_database(), self._usual, "postgres")

    @cached_property
    def many_users_sqlite(self) -> Backend:
        """Parley on an SQLite file with a site of very many accounts."""
        folder = self.folder / "users-sqlite"
        folder.mkdir()
        return self._made(f"sqlite:///{folder / 'parley.db'}", self._peopled, "users-sqlite")

    @cached_property
    def many_users_postgres(self) -> Backend:
        """Parley on PostgreSQL with a site of very many accounts."""
        return self._made(self.postgres_database(), self._peopled, "users-postgres")

    @cached_property
    def large_sqlite(self) -> Backend:
        """Parley on an SQLite file with a very large site; the file is kept for the next run."""
        self.say(f"SQLite with {self.large:,} meetings (made once, then kept)")
        database, sites = seed.kept_sqlite(self.kept, self._crowded)
        return Backend(self.parley(database, "large-sqlite"), sites)

    @cached_property
    def large_postgres(self) -> Backend:
        """Parley on PostgreSQL with a very large site."""
        self.say(f"PostgreSQL with {self.large:,} meetings")
        return self._made(self.postgres_database(), self._crowded, "large-postgres")


def contender(server: Running, requests: list[bytes]) -> Contender:
    """A server with these requests, of which the first one has to be answered with a success."""
    return Contender(server, documents.PATH, requests, len(server.ask(requests[0])))
