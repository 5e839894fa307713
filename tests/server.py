"""A really started server for tests, on SQLite and on PostgreSQL, and sites of a test's own on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from parley import testing
from parley.testing.clock import MovableClock
from parley.testing.site import PASSWORD
from tests.client import Client
from tests.databases import PostgresServer

__all__ = [
    "PASSWORD",
    "MovableClock",
    "Server",
    "TestSite",
    "postgres_backed_server",
    "server",
    "shared_site",
    "site",
    "sqlite_server",
]


class Server(testing.Server):
    """The server that `parley.testing` has for all suites."""

    def new_site(self, level: str = "42.6.0", **settings: Any) -> TestSite:
        """A site of the test's own with the accounts of the demo site; `settings` are fields of SiteSettings."""
        return TestSite.made(self, level, settings)


@dataclass
class TestSite(testing.Site):
    """A site for one test, with admin, host1, host2 (whom host1 lets schedule) and attendee1."""

    __test__ = False

    server: Server = field(repr=False)

    def client(self, web_ex_id: str | None = "host1", password: str | None = PASSWORD, **options: Any) -> Client:
        """A client that signs in to this site as the account; it checks every answer."""
        return Client(
            self.server.url, self.name, web_ex_id=web_ex_id, password=password, level=lambda: self.level, **options
        )


def _started(database: str | None, folder: Path) -> Iterator[Server]:
    server = Server(database, folder, demo=True).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on SQLite, for all tests of a run."""
    folder = tmp_path_factory.mktemp("sqlite-server")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    yield from _started(None, folder)


@pytest.fixture(scope="session")
def postgres_backed_server(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server on PostgreSQL, for all tests of a run."""
    yield from _started(postgres_server.copy(), tmp_path_factory.mktemp("postgres-server"))


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A started server; the test runs once on each kind of database. Its clock is put right after the test."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    started: Server = request.getfixturevalue(name)
    yield started
    started.clock.ahead = 0


@pytest.fixture
def site(server: Server) -> TestSite:
    """A site of the test's own, at level 42.6.0."""
    return server.new_site()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_site(request: pytest.FixtureRequest) -> TestSite:
    """A site that the tests of a module share; they must not move the clock. Once on each kind of database."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    started: Server = request.getfixturevalue(name)
    return started.new_site()
