"""What the jobs share: the servers of a run, started when the first job asks for them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks import documents, seed, servers
from benchmarks.copies import STRETCHES
from benchmarks.rounds import Contender, Course, Plan
from benchmarks.seed import SeededSite, Wanted
from benchmarks.servers import Running
from parley.store.engines import sqlite_path
from tests.databases import PostgresServer

SQLITE: Final = "SQLite"
POSTGRES: Final = "PostgreSQL"
#: Connections at which the main operations are measured.
SCALE: Final = (1, 16, 64)
#: The site that lists are taken from.
LISTED: Final = "listed"
#: The site whose meetings, accounts, runs and recordings are read in turn.
READ: Final = "read"
#: Sites of which meetings are changed and deleted, registered for, and a site of trainings.
SPARE: Final = "spare"
FORMS: Final = "forms"
TRAININGS: Final = "trainings"
#: The site with very many rows.
LARGE: Final = "large"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is in the databases. Sessions are multiples of 25.

    Attributes:
        listed: sessions, accounts and runs of a small site.
        read: sessions of the site that is read; with `read_users` more than the server keeps answers of.
        forms: meetings that people register for, and trainings.
        spare_each_second: meetings that may be deleted in a second of load.
        guests: accounts with a hash of their own.
        large, large_users: sessions, and runs, of a very large site; its accounts.
        starts: how often a server is started.
        minutes: how long the memory of a server is looked at, on each database.
    """

    listed: int = 1_000
    read: int = 10_000
    read_users: int = 5_000
    forms: int = 2_500
    spare_each_second: int = 2_500
    guests: int = 120
    large: int = 1_000_000
    large_users: int = 200_000
    starts: int = 5
    minutes: float = 1.5


@dataclass(frozen=True, slots=True)
class Backend:
    """Parley on a database, and the sites in it.

    Attributes:
        users: copied accounts, runs and recordings of the site `READ`.
        courses: how far numbered requests have come, by the name of what is numbered.
    """

    server: Running
    sites: dict[str, SeededSite]
    users: int
    courses: dict[str, Course] = field(default_factory=dict)


class Bench:
    """One run of the benchmarks; leaving it stops all servers and removes what they wrote.

    Args:
        kept: folder for databases that the next run may use.
        say: takes lines about how far the run is.
    """

    def __init__(self, kept: Path, plan: Plan, sizes: Sizes, say: Callable[[str], None]) -> None:
        self.kept = kept
        self.plan = plan
        self.sizes = sizes
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

    def empty(self, kind: str, name: str) -> tuple[str, Path]:
        """The address of a new database of a kind, and a new folder for the data of its server."""
        folder = self.folder / f"{name}-{kind}"
        folder.mkdir()
        return self.postgres_database() if kind == POSTGRES else f"sqlite:///{folder / 'parley.db'}", folder

    def parley(self, database: str, name: str) -> Running:
        """Parley on a database, until the end of the run."""
        return self._stack.enter_context(servers.parley(database, self.folder / name))

    # ---- databases ----

    @cached_property
    def _usual(self) -> list[Wanted]:
        full, sizes = documents.full_meeting(), self.sizes
        rounds = (self.plan.rounds + 1) * self.plan.seconds * len(SCALE)
        spare = rounds * sizes.spare_each_second
        return [
            Wanted(LISTED, sizes.listed, full),
            Wanted(READ, sizes.read, full, sizes.read_users, sizes.read_users, sizes.read_users),
            Wanted(SPARE, spare - spare % STRETCHES, full),
            Wanted(FORMS, sizes.forms, documents.open_meeting()),
            Wanted(TRAININGS, sizes.forms, documents.small_training(), trainings=True),
        ]

    @cached_property
    def _crowded(self) -> list[Wanted]:
        meeting, sizes = documents.small_meeting(), self.sizes
        return [
            Wanted(LISTED, sizes.listed, meeting, sizes.listed, sizes.listed),
            Wanted(LARGE, sizes.large, meeting, sizes.large_users, sizes.large),
        ]

    def _made(self, database: str, plan: list[Wanted], name: str, guests: int = 0) -> Backend:
        self.say(f"filling the {name} database")
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        begun = time.monotonic()
        sites = asyncio.run(seed.seed(database, plan, folder, guests))
        self.say(f"  filled in {time.monotonic() - begun:.0f} s")
        return Backend(self.parley(database, name), sites, self.sizes.read_users)

    @cached_property
    def sqlite(self) -> Backend:
        """Parley on an SQLite file with some ten thousand meetings."""
        (self.folder / "sqlite").mkdir()
        address = f"sqlite:///{self.folder / 'sqlite' / 'parley.db'}"
        return self._made(address, self._usual, "sqlite", self.sizes.guests)

    @cached_property
    def postgres(self) -> Backend:
        """Parley on PostgreSQL with some ten thousand meetings."""
        return self._made(self.postgres_database(), self._usual, "postgres")

    @cached_property
    def large_sqlite(self) -> Backend:
        """Parley on an SQLite file with a very large site: a copy of one that is kept for the next run."""
        self.say(f"SQLite with {self.sizes.large:,} sessions (made once, then kept)")
        kept, sites = seed.kept_sqlite(self.kept, self._crowded)
        path = self.folder / "large.db"
        shutil.copyfile(sqlite_path(kept), path)
        return Backend(self.parley(f"sqlite:///{path}", "large-sqlite"), sites, self.sizes.read_users)

    @cached_property
    def large_postgres(self) -> Backend:
        """Parley on PostgreSQL with a very large site, filled once in a run."""
        return self._made(self.postgres_database(), self._crowded, "large-postgres")

    @property
    def usual(self) -> dict[str, Backend]:
        """Parley with a usual amount of data, by kind of database."""
        return {SQLITE: self.sqlite, POSTGRES: self.postgres}

    @property
    def large(self) -> dict[str, Backend]:
        """Parley with a very large site beside a small one, by kind of database."""
        return {SQLITE: self.large_sqlite, POSTGRES: self.large_postgres}


def contender(server: Running, requests: list[bytes]) -> Contender:
    """A server with these requests, of which the first one has to be answered with a success."""
    return Contender(server, documents.PATH, requests, len(server.ask(requests[0])))
