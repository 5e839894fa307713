"""A really started server for tests, on SQLite and on PostgreSQL, and sites of a test's own on it."""

from __future__ import annotations

import asyncio
import functools
import secrets
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import uvicorn

from parley.config import Config
from parley.domain.site import Site, SiteSettings
from parley.domain.user import User
from parley.services.accounts import NewAccount, new_account
from parley.services.application import Application
from parley.services.new_site import new_site
from parley.services.session_types import standard_types
from parley.store import Changes, sites, users
from parley.web.app import create_app
from parley.web.http_protocol import BoundedProtocol
from parley.web.websockets import OPTIONS as WEBSOCKET_OPTIONS
from parley.web.websockets import websocket_protocol
from tests.client import Client
from tests.databases import PostgresServer

T = TypeVar("T")
PASSWORD = "Parley-demo-1"


class MovableClock:
    """The machine's clock, moved by as many seconds as a test wants."""

    def __init__(self) -> None:
        self.ahead = 0

    def now(self) -> int:
        """Seconds since 1970 UTC."""
        return int(time.time()) + self.ahead

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000 + self.ahead * 1000


class Server:
    """A server in a thread of its own, reached over a socket like any other."""

    def __init__(self, database: str | None, data: Path, **settings: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # Tests look at what waits in the outbox, and say when people came and went; those that want more say so.
        settings = {"mail_delivery": False, "presence_check_seconds": 0, **settings}
        self.config = Config(data=str(data), database=database, port=port, **settings)
        self.clock = MovableClock()
        self.url = f"http://127.0.0.1:{port}"
        self.app = create_app(self.config, clock=self.clock)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                port=port,
                log_level="warning",
                lifespan="on",
                server_header=False,
                http=BoundedProtocol,
                # Longer than a client keeps an idle connection: closing it just as the next request comes fails that.
                timeout_keep_alive=120,
                ws=websocket_protocol,  # type: ignore[arg-type]  # makes a protocol, as the class would
                **WEBSOCKET_OPTIONS,
            )
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Server:
        """Start and wait until it answers."""
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop and wait until it is down."""
        self._server.should_exit = True
        self._thread.join(20)

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve()

        asyncio.run(serve())

    @property
    def application(self) -> Application:
        """The parts of the running server."""
        return self.app.application

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's own event loop, as its engine demands."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def new_site(self, level: str = "42.6.0", **settings: Any) -> TestSite:
        """A site of the test's own with the accounts of the demo site; `settings` are fields of SiteSettings."""
        site = TestSite(self, f"site-{secrets.token_hex(6)}", level)
        self.run(site.create(settings))
        return site

    @functools.cached_property
    def password_hash(self) -> str:
        """The hash of PASSWORD; all accounts of tests share it, so that it is computed once."""
        return self.application.passwords.hash(PASSWORD)


@dataclass
class TestSite:
    """A site for one test, with admin, host1, host2 (whom host1 lets schedule) and attendee1."""

    __test__ = False

    server: Server = field(repr=False)
    name: str
    level: str
    users: dict[str, User] = field(default_factory=dict, repr=False)
    site_id: int = 0

    async def create(self, settings: dict[str, Any]) -> None:
        """Make site and accounts."""
        application = self.server.application
        self.site_id = 2**40 + secrets.randbelow(2**40)
        now = application.clock.now()
        site = new_site(self.name, self.site_id, now, level=self.level, settings=SiteSettings(**settings))
        types = standard_types(self.site_id)
        by_number = {each.type_id: each for each in types}
        changes = Changes()
        sites.create(changes, site, types)
        for web_ex_id in ("admin", "host1", "host2", "attendee1"):
            account = NewAccount(
                web_ex_id=web_ex_id,
                email=f"{web_ex_id}@{self.name}.example",
                first_name=web_ex_id.capitalize(),
                last_name="Tester",
                site_admin=web_ex_id == "admin",
                attendee_only=web_ex_id == "attendee1",
            )
            user = new_account(site, by_number, account, self.server.password_hash, now)
            users.create(changes, user)
            self.users[web_ex_id] = user
        users.permit(changes, self.site_id, self.users["host1"].user_id, [self.users["host2"].user_id])
        await application.engine.commit(changes)

    async def _set(self, **columns: Any) -> None:
        application = self.server.application
        site: Site | None = await sites.by_id(application.engine, self.site_id)
        assert site is not None
        changes = Changes()
        sites.update(changes, site, msgspec.structs.replace(site, **columns))
        await application.engine.commit(changes)

    def set(self, **columns: Any) -> None:
        """Change columns of the site's row: level, active, suspended, settings."""
        self.server.run(self._set(**columns))
        self.level = columns.get("level", self.level)

    def set_user(self, web_ex_id: str, /, **columns: Any) -> None:
        """Change columns of an account."""

        async def change() -> None:
            engine = self.server.application.engine
            before = await users.by_web_ex_id(engine, self.site_id, web_ex_id)
            assert before is not None
            changes = Changes()
            users.update_user(changes, before, msgspec.structs.replace(before, **columns))
            await engine.commit(changes)

        self.server.run(change())

    def client(self, web_ex_id: str | None = "host1", password: str | None = PASSWORD, **options: Any) -> Client:
        """A client that signs in to this site as the account."""
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
