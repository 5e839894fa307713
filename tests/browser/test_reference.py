"""The reference in a browser: on a telephone and a desk, with its search and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from parley.protocol.versions import LATEST
from tests.browser.test_pages import WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite

Visit = Callable[..., Visitor]


@WIDTHS
@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "meeting/CreateMeeting.html",
        "types/meet.enableOptionsType.html",
        "types.html",
        "elements/m.html",
        "faults.html",
    ],
)
def test_pages_keep_nobody_out(site: TestSite, visit: Visit, width: int, path: str) -> None:
    check(visit(width).open(f"{site.server.url}/reference/{LATEST}/{path}"))


def test_the_search_finds_operations_types_and_elements(site: TestSite, visit: Visit) -> None:
    page = visit(1280).open(f"{site.server.url}/reference/")
    page.keyboard.press("/")
    page.keyboard.type("confname")
    found = page.locator("#found")
    expect(found.get_by_role("link", name="meet:metaDataType")).to_be_visible()
    check(page)
    page.get_by_role("searchbox").fill("CreateMeeting")
    expect(found.get_by_role("link").first).to_have_text("meeting.CreateMeeting")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/meeting/CreateMeeting.html")
    page.get_by_role("searchbox").fill("nothing of that name")
    expect(page.get_by_role("status")).to_have_text("0 found")


def test_without_scripts_the_lists_lead_there(site: TestSite, browser: Browser) -> None:
    visitor = Visitor(browser, 375, java_script_enabled=False)
    page = visitor.open(f"{site.server.url}/reference/")
    assert not page.get_by_role("searchbox").is_visible()
    page.get_by_role("link", name="meeting.GetMeeting").first.click()
    assert page.url.endswith("/meeting/GetMeeting.html")
    page.get_by_role("link", name="42.1.0").click()
    assert "/42.1.0/meeting/GetMeeting.html" in page.url
    assert page.locator("h1").inner_text() == "meeting.GetMeeting"
    visitor.close()
    assert visitor.problems == []
