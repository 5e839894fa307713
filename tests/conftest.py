"""What all tests share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browsers import LEFT_OUT, browser_path, in_ci
from tests.databases import database, postgres_database, postgres_server, sqlite_database, sqlite_template
from tests.server import postgres_backed_server, server, shared_site, site, sqlite_server

__all__ = [
    "anyio_backend",
    "database",
    "postgres_backed_server",
    "postgres_database",
    "postgres_server",
    "server",
    "shared_site",
    "site",
    "sqlite_database",
    "sqlite_server",
    "sqlite_template",
]


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run coroutine tests on the event loop that the server uses."""
    return "asyncio", {"use_uvloop": True}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if browser_path() is None and not in_ci():
        terminalreporter.write_line(LEFT_OUT)
