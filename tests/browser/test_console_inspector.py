"""The inspector in a browser: on a telephone and a desk, and the list that follows by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import WIDTHS, check
from tests.browsers import Visitor
from tests.server import PASSWORD, Server, TestSite

Visit = Callable[..., Visitor]


@pytest.fixture
def inspected(sqlite_template: Path, tmp_path: Path) -> Iterator[TestSite]:
    """A site on a server with the setting on."""
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, inspector=True).start()
    yield TestSite.made(server, "42.6.0", {})
    server.stop()


def sign_in(visitor: Visitor, site: TestSite) -> Page:
    page = visitor.open(f"{site.server.url}/{site.name}/console/sign-in")
    page.locator("[name=NAME]").fill("admin")
    page.locator("[name=PASSWORD]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    return page


@WIDTHS
def test_requests_come_by_themselves_and_open(inspected: TestSite, visit: Visit, width: int) -> None:
    site = inspected
    visitor = visit(width)
    sign_in(visitor, site)
    page = visitor.open(f"{site.server.url}/{site.name}/console/inspector")
    site.client().call("user.GetUser", webExId="host1").ok()
    link = page.get_by_role("link", name="GetUser")
    expect(link).to_be_visible(timeout=15_000)
    check(page)
    link.click()
    expect(page.locator("h1")).to_have_text("GetUser")
    check(page)
    page.get_by_role("button", name="Ask again as myself").click()
    expect(page.get_by_role("heading", name="Asked again")).to_be_visible()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name="Forget")).to_be_visible()
    check(page)
