"""What the tests in a browser share: one browser for all of them, a window of his own for every visitor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import Visitor, browser_path, in_ci, running_browser
from tests.server import Server, TestSite

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser leave these tests out."""
    if browser_path() is None and not in_ci():
        mine = [item for item in items if item.path.is_relative_to(_HERE)]
        config.hook.pytest_deselected(items=mine)
        items[:] = [item for item in items if item not in mine]


@pytest.fixture(scope="package")
def browser(sqlite_server: Server) -> Iterator[Browser]:
    """The browser.

    Not for the whole run: while it is open no other test of the process can run an event loop. For the same reason
    the server is there first.
    """
    with running_browser() as opened:
        yield opened


@pytest.fixture
def site(sqlite_server: Server, browser: Browser) -> Iterator[TestSite]:
    """A site of the test's own."""
    yield sqlite_server.new_site()
    sqlite_server.clock.ahead = 0


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Called with the width of a window, opens one; what goes wrong in any of them fails the test."""
    visitors: list[Visitor] = []

    def come(width: int = 1280, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, width, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []


@pytest.fixture
def come(visit: Callable[..., Visitor]) -> Callable[..., Page]:
    """Called with a link and a name: somebody opens the link and joins from the page before the room."""
    from tests.browser.test_room import _WATCH, joins

    def join(link: str, name: str, width: int = 1280, script: str = "") -> Page:
        return joins(visit(width), link, name, _WATCH + script)

    return join
