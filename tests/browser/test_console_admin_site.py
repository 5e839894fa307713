"""The administrators' pages in a browser: setting up a site on a telephone and a desk, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console import Visit, address, keep_desk, sign_in
from tests.browser.test_pages import LONG, WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite


@WIDTHS
def test_the_pages_of_an_administrator(site: TestSite, visit: Visit, width: int) -> None:
    site.schedule("Weekly planning")
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin"))
    check(page)
    keep_desk(page, "admin", width, whole=False)
    visitor.open(address(site, "admin/tracking/1"))
    page.get_by_label("Label").fill(LONG)
    page.get_by_label("Values to choose from").fill("4711\n4712")
    page.get_by_label("In accounts").select_option(label="Must be filled in")
    page.get_by_label("When a meeting is scheduled").select_option(label="May be filled in")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("The changes were saved.")).to_be_visible()
    check(page)
    for path in ("admin/tracking/1", "admin/tracking/1/remove", "admin/types/3", "admin/types/104/remove"):
        check(visitor.open(address(site, path)))
    check(visitor.open(address(site, "admin/types")))
    check(visitor.open(address(site, "admin/level")))
    page.get_by_role("button", name="Choose level 42.2.0").click()
    expect(page.locator("h1")).to_have_text("Change the level from 42.6.0 to 42.2.0?")
    check(page)
    page.get_by_role("button", name="Change the level").click()
    expect(page.get_by_text("The site speaks another level of the API now.")).to_be_visible()


@WIDTHS
def test_options_and_passwords(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/options"))
    check(page)
    keep_desk(page, "admin-options", width, whole=False)
    page.get_by_label("Length in minutes").fill("45")
    page.get_by_label("Find an option").fill("full session")
    expect(page.locator(".option:visible")).to_have_count(1)
    page.get_by_label("Whoever registers for a full session").check()
    page.keyboard.press("Tab")
    page.get_by_label("Find an option").fill("no such thing at all")
    expect(page.get_by_text("No option fits these words.")).to_be_visible()
    check(page)
    page.get_by_label("Find an option").fill("minutes")
    expect(page.get_by_label("Length in minutes")).to_have_value("45")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The changes were saved.")).to_be_visible()
    settings = site.row().settings
    assert (settings.default_duration, settings.waiting_list) == (45, True)
    page.locator("form[method=post]").last.evaluate("form => form.noValidate = true")
    page.get_by_label("Length in minutes").fill("0")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    visitor.problems.clear()  # the answer says with its status that something is wrong
    check(page)
    visitor.open(address(site, "admin/passwords"))
    page.get_by_label("Password", exact=True).fill("aaa")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It has the same character three times in a row.")).to_be_visible()
    check(page)


def test_counting_by_itself(site: TestSite, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.web.console.admin_types._COUNTED_AT_ONCE", 1)
    visitor = visit()
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/types"))
    expect(page.locator("#held-3")).to_have_text("3")


@WIDTHS
def test_suspending_without_scripts(site: TestSite, browser: Browser, width: int) -> None:
    visitor = Visitor(browser, width, java_script_enabled=False)
    page = sign_in(visitor, site, "admin")
    visitor.open(address(site, "admin"))
    page.get_by_role("link", name="Suspend the site").click()
    page.get_by_role("button", name="Suspend it").click()
    expect(page.get_by_text("This site is suspended: only free meetings")).to_be_visible()
    page.get_by_role("link", name="Session types").first.click()
    page.get_by_role("button", name="Switch Training Session off").click()
    expect(page.get_by_text("The session type is switched off.")).to_be_visible()
    page.get_by_role("link", name="Add a type").click()
    page.get_by_label("Name", exact=True).fill("Ninety minutes")
    page.get_by_label("Minutes of a session at most").fill("90")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("link", name="Ninety minutes")).to_be_visible()
    page.get_by_role("link", name="Options").first.click()
    page.get_by_label("Find an option").fill("waiting_list")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".option")).to_have_count(1)
    page.get_by_label("Whoever registers for a full session").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The changes were saved.")).to_be_visible()
    visitor.open(address(site, "admin/suspend"))
    page.get_by_role("button", name="Let it go on").click()
    expect(page.get_by_text("The site goes on.")).to_be_visible()
    assert visitor.problems == []
    visitor.close()


def test_the_narrowest_window_of_a_read_only_administrator(site: TestSite, visit: Visit) -> None:
    site.set_user("admin", site_admin=False, ro_site_admin=True)
    visitor = visit(360)
    sign_in(visitor, site, "admin")
    for path in ("admin", "admin/options", "admin/passwords", "admin/types", "admin/types/3", "admin/level"):
        page = visitor.open(address(site, path))
        check(page)
