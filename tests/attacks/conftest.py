"""What the attacks of this folder share: a server process to attack on the wire, with small limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.targets import Attacked
from tests.processes import ServerProcess
from tests.server import Server, TestSite


@pytest.fixture(scope="module")
def attacked_process(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """A server as people start it, on the database of the SQLite server, which logs all that it can."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "parley.db").symlink_to(Path(sqlite_server.config.data) / "parley.db")
    process = ServerProcess(folder, max_body_seconds=2, max_request_bytes=400_000, log_level="debug")
    yield Attacked(process, sqlite_server.new_site())
    process.stop()


@pytest.fixture
def attacked(attacked_process: Attacked) -> Iterator[Attacked]:
    """The server; after the test it still answers and logged no error."""
    yield attacked_process
    attacked_process.check()


@pytest.fixture
def own_site(sqlite_server: Server) -> TestSite:
    """A site of the test's own; what these tests show does not depend on the database."""
    return sqlite_server.new_site()
