"""The pages for developers in a browser: the inspector, whose list follows by itself, and the explorer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console import Visit, address, keep_desk, sign_in
from tests.browser.test_pages import WIDTHS, check
from tests.browsers import Visitor
from tests.server import Server, TestSite


@pytest.fixture
def inspected(sqlite_template: Path, tmp_path: Path) -> Iterator[TestSite]:
    """A site on a server with the setting on."""
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, inspector=True).start()
    yield TestSite.made(server, "42.6.0", {})
    server.stop()


@WIDTHS
def test_requests_come_by_themselves_and_open(inspected: TestSite, visit: Visit, width: int) -> None:
    site = inspected
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "inspector"))
    check(page)
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_text("The inspector is on.").wait_for()
    site.client().call("user.GetUser", webExId="host1").ok()
    link = page.get_by_role("link", name="GetUser")
    expect(link).to_be_visible(timeout=15_000)
    check(page)
    link.focus()
    site.client().call("site.GetSite").ok()
    page.wait_for_timeout(3_000)  # the list would have followed by now
    expect(page.get_by_role("link", name="GetSite")).to_have_count(0)
    expect(link).to_be_focused()
    page.locator("h1").click()  # and goes on as soon as the reader is elsewhere
    page.evaluate("document.activeElement.blur()")
    expect(page.get_by_role("link", name="GetSite")).to_be_visible(timeout=15_000)
    link.click()
    expect(page.locator("h1")).to_have_text("GetUser")
    check(page)
    keep_desk(page, "inspector", width)
    page.get_by_role("button", name="Ask again as myself").click()
    expect(page.get_by_role("heading", name="Asked again")).to_be_visible()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name="Forget")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Open in explorer").click()
    expect(page.locator("[name='V.webExId']")).to_have_value("host1")
    check(page)


@WIDTHS
def test_an_operation_is_found_filled_in_and_sent(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site, "host1")
    page = visitor.open(address(site, "explorer"))
    check(page)
    page.get_by_label("Find an operation").press_sequentially("create meeting")
    expect(page.get_by_role("link", name="GetUser")).to_have_count(0)
    page.get_by_role("link", name="CreateMeeting", exact=True).click()
    check(page)
    page.get_by_role("button", name="Sample values").click()
    name = page.locator("[name='V.metaData.confName']")
    expect(name).to_have_value("Ada")
    name.fill("Planning")
    name.press("Tab")  # the document follows
    expect(page.locator("#document")).to_contain_text("<meet:confName>Planning</meet:confName>")
    page.locator("#g-participants > summary").click()
    page.locator("#g-participants-attendees > summary").click()
    page.get_by_role("button", name="Add attendee").click()
    page.get_by_role("button", name="Show the fields of participants.attendees.attendee.0.person").click()
    person = page.locator("[name='V.participants.attendees.attendee.0.person.email']")
    person.fill("ada@example.com")
    expect(name).to_have_value("Planning")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick that you want to change something")
    visitor.problems.clear()  # the answer says with its status that it was refused
    page.get_by_label("I want to change something").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#outcome")).to_contain_text("SUCCESS")
    expect(name).to_have_value("Planning")
    check(page)
    page.evaluate("scrollTo(0, 0)")
    keep_desk(page, "explorer", width, whole=False)
    page.get_by_role("button", name="Edit as XML").click()
    expect(page.get_by_label("The document")).to_contain_text("ada@example.com")
    check(page)


def test_the_explorer_without_scripts(site: TestSite, browser: Browser) -> None:
    visitor = Visitor(browser, 390, java_script_enabled=False)
    sign_in(visitor, site, "host1")
    page = visitor.open(f"{site.server.url}/reference/42.6.0/user/GetUser.html")
    page.get_by_role("link", name="Try it in the explorer").click()
    page.get_by_label("Name of the site").fill(site.name)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Sample values").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#outcome")).to_contain_text("SUCCESS")
    page.get_by_role("button", name="Edit as XML").click()
    box = page.get_by_label("The document")
    box.fill(box.input_value().replace("host1</use:webExId>", "nobody</use:webExId>"))
    page.get_by_role("button", name="Send").click()
    link = page.get_by_role("link", name="000001")
    expect(link).to_be_visible()
    link.click()
    assert page.url.endswith("faults.html#f000001")
    assert page.locator("#f000001").count() == 1
    assert visitor.problems == []
    visitor.close()
