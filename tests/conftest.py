"""What all tests share."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests import interpreters, janus
from tests.browsers import LEFT_OUT, browser_path, in_ci
from tests.databases import database, postgres_database, postgres_server, sqlite_database, sqlite_template
from tests.recordings import media
from tests.server import postgres_backed_server, server, shared_site, site, sqlite_server
from tests.sharing import ByFile
from tests.statements import WATCH

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

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")

WATCH.begin()

# Where a run was started so that it outlives its terminal, the servers of the tests would pass over hangups too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _statements_within_a_site() -> Iterator[None]:
    """Every statement that the program makes for a test stays within one site."""
    yield
    assert WATCH.faults() == []


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run coroutine tests on the event loop that the server uses."""
    return "asyncio", {"use_uvloop": True}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a media server where there is none; in CI it fails then."""
    if media.left_out():
        without = [item for item in items if item.get_closest_marker("ffmpeg") is not None]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]
    if janus.left_out():
        without = [item for item in items if item.get_closest_marker("janus") is not None]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who gets which tests, when several processes share them."""
    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays to the end, which took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if browser_path() is None and not in_ci():
        terminalreporter.write_line(LEFT_OUT)
    if media.left_out():
        terminalreporter.write_line("tests marked ffmpeg were left out: install the package ffmpeg to run them")
    if janus.left_out():
        terminalreporter.write_line(f"tests marked janus were left out: {janus.what_is_missing()}")
    if (line := interpreters.left_out()) is not None:
        terminalreporter.write_line(line)
