"""Fixtures for pytest: a real Parley server in the test run, and a fresh site for each test.

pytest loads this module in every project whose environment has Parley in it, so it imports nothing but pytest; the
rest comes with the first test that asks for a fixture.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from parley.testing.clock import MovableClock
    from parley.testing.server import Server
    from parley.testing.site import Site


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the marker."""
    config.addinivalue_line(
        "markers", "parley(level='42.6.0', **settings): level of the site that parley_site gives, and its settings"
    )


@pytest.fixture(scope="session")
def parley_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Parley server on a free port, on a database of its own, for all tests of a run (of each worker of xdist)."""
    collects = gc.isenabled()
    gc.disable()  # nothing that is imported here is ever let go again; looking for it costs a tenth of the start
    from parley.testing.server import Server

    if collects:
        gc.enable()
    server = Server(None, tmp_path_factory.mktemp("parley"), recordings_tidy=False).start()
    server.watch()
    yield server
    server.stop()


@pytest.fixture
def parley_site(request: pytest.FixtureRequest, parley_server: Server) -> Iterator[Site]:
    """A fresh site with the accounts admin, host1, host2 and attendee1; nothing of other tests is on it.

    `@pytest.mark.parley(level="42.2")` chooses its level, and settings by name. After the test nothing fails any more
    and the clock is right again.
    """
    marker = request.node.get_closest_marker("parley")
    wanted: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    site = parley_server.new_site(**wanted)
    yield site
    site.forget_all()
    parley_server.clock.reset()


@pytest.fixture
def parley_clock(parley_server: Server) -> Iterator[MovableClock]:
    """The server's clock, which is right again after the test."""
    yield parley_server.clock
    parley_server.clock.reset()
