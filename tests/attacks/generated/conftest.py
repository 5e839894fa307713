"""The servers that are attacked: alone, watched, and without the brakes that slow guesses down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from argon2 import PasswordHasher

from parley.protocol.credentials import GuessBrake
from parley.web import meeting_links
from tests.attacks.generated.loot import Scene, people_after
from tests.attacks.generated.watching import Watcher
from tests.attacks.generated.wire import Wire
from tests.databases import PostgresServer
from tests.server import Server

#: Nothing happens by itself: recordings here have no files, which would be noticed some minutes later.
_SETTINGS: Final[dict[str, Any]] = {"inspector": True, "recordings_tidy": False}


class _Unbraked(GuessBrake):
    """Guesses at numbers are slowed down, which is shown elsewhere."""

    def failed(self, account: str, address: str | None = None) -> None:
        pass


@pytest.fixture(scope="session")
def watcher() -> Watcher:
    """Sees every statement that the attacked servers give to their databases."""
    return Watcher()


@pytest.fixture(scope="session")
def attacked_sqlite(
    watcher: Watcher, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wire]:
    """A server on SQLite."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    yield from _attacked(Server(None, folder, **_SETTINGS), watcher)


@pytest.fixture(scope="session")
def attacked_postgres(
    watcher: Watcher, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wire]:
    """A server on PostgreSQL."""
    server = Server(postgres_server.copy(), tmp_path_factory.mktemp("attacked"), **_SETTINGS)
    yield from _attacked(server, watcher)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def wire(request: pytest.FixtureRequest) -> Wire:
    """An attacked server, once per kind of database."""
    found: Wire = request.getfixturevalue(f"attacked_{request.param}")
    return found


@pytest.fixture(scope="session")
def scenes() -> dict[str, Scene]:
    """The full sites there are, by kind of database."""
    return {}


@pytest.fixture(scope="session")
def foreign(wire: Wire, scenes: dict[str, Scene]) -> Scene:
    """People of a site, who are after what belongs to another; its things stay as they are."""
    return _scene(wire, scenes)


@pytest.fixture(scope="session")
def foreign_on_sqlite(attacked_sqlite: Wire, scenes: dict[str, Scene]) -> Scene:
    """The same on SQLite alone, for what no database has a part in."""
    return _scene(attacked_sqlite, scenes)


def _scene(wire: Wire, scenes: dict[str, Scene]) -> Scene:
    kind = wire.server.application.engine.kind
    if kind not in scenes:
        scenes[kind] = people_after(wire)
    return scenes[kind]


def _attacked(server: Server, watcher: Watcher) -> Iterator[Wire]:
    with watcher.watching() as patch:
        server.start()
        patch.setattr(meeting_links, "GuessBrake", _Unbraked)
        made = Wire(server)
        assert made.requests([("GET", "/", {}, b"")])[0].status == 200  # the pages are made now
    # Accounts are made by the hundred here; how long a guess takes is shown elsewhere.
    server.application.passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield made
    server.stop()
