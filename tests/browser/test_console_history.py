"""The history of sessions, usage, storage and the audit log in a browser: telephone and desk, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from parley.domain.history import Part
from parley.domain.site import TrackingCode
from tests.browser.console import Visit, address, keep, sign_in
from tests.browser.test_pages import LONG, WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite
from tests.services.stages import DAY, Guest, Stage, host
from tests.web.recordings import recorded
from tests.web.test_console_reports import change


def _held(site: TestSite) -> Stage:
    """Some sessions of the last weeks, with people who come and go."""
    stage = Stage(site)
    key = stage.meeting("Weekly review")
    for week in range(1, 5):
        stage.hold(key, host(0, 1800), Guest("Ada Lovelace", 60, 900), start=stage.start - 7 * week * DAY)
    event = stage.event("Launch of the engine")
    guests = [
        Guest(f"Guest {number}", 40 + 25 * number, 3000 - 60 * number, email=f"guest{number}@example.com")
        for number in range(12)
    ]
    stage.hold(event, host(0, 3600, email="host1@example.com"), *guests, start=stage.start - 3 * DAY)
    stage.hold(stage.meeting(LONG), host(0, 600), Guest(LONG, 0, 300, email="long@example.com"))
    stage.hold(stage.meeting("Of host2", host="host2"), Guest("Host2", 0, 1200, Part.HOST), start=stage.start - DAY)
    return stage


@WIDTHS
def test_looking_back_at_a_session(site: TestSite, visit: Visit, width: int) -> None:
    stage = _held(site)
    visitor = visit(width)
    sign_in(visitor, site)
    page = visitor.open(address(site, "history"))
    check(page)
    keep(page, "history", width)
    page.get_by_role("link", name="Launch of the engine").click()
    expect(page.locator("h1")).to_have_text("Launch of the engine")
    chart = page.locator("svg.chart")
    expect(chart).to_be_visible()
    box, line = chart.bounding_box(), page.locator("path.line").bounding_box()
    assert box is not None
    assert line is not None
    # The line fills its box, whatever the width of the page.
    assert line["width"] > 0.95 * box["width"]
    assert line["height"] > 0.5 * box["height"]
    check(page)
    keep(page, "history-session", width)
    page.get_by_text("The same as a table").click()
    check(page)
    page.get_by_role("link", name="Guest 3", exact=True).click()
    expect(page.locator("h1")).to_have_text("Guest 3")
    check(page)
    check(visitor.open(address(site, f"history/{stage.hold(stage.meeting(LONG), host(0, 60))}")))


@WIDTHS
def test_finding_without_scripts(site: TestSite, browser: Browser, width: int) -> None:
    _held(site)
    visitor = Visitor(browser, width, java_script_enabled=False, accept_downloads=True)
    page = sign_in(visitor, site)
    page.get_by_role("link", name="History").click()
    page.locator("summary", has_text="Find").click()
    page.get_by_label("Name begins with").fill("launch")
    page.get_by_role("button", name="Show").click()
    page.wait_for_load_state()
    assert page.locator(".agenda li").count() == 1
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download as a table").click()
    assert loading.value.suggested_filename == "sessions.csv"
    assert visitor.problems == []
    visitor.close()


@WIDTHS
def test_what_administrators_see_of_the_site(site: TestSite, visit: Visit, width: int) -> None:
    stage = _held(site)
    for number in range(3):
        recorded(site, f"Film {number}", created_at=stage.start - 40 * number * DAY)
    recorded(site, LONG, host="host2", created_at=stage.start)
    change(site, "root", history_days=365, strict_meeting_passwords=True)
    change(site, "anna", tracking_codes=[TrackingCode(1, LONG)])
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/usage"))
    assert page.locator("svg.chart").count() == 5
    check(page)
    keep(page, "usage", width)
    page.locator("summary", has_text="All numbers").click()
    check(page)
    page.get_by_label("Sums of").select_option(label="Weeks")
    page.get_by_role("button", name="Show").click()
    page.wait_for_load_state()
    assert page.locator("svg.chart").first.locator("rect.bar").count() in (5, 6)
    check(page)
    check(visitor.open(address(site, "admin/storage")))
    keep(page, "storage", width)
    check(visitor.open(address(site, "admin/audit")))
    keep(page, "audit", width)
    check(visitor.open(address(site, "history?all=1")))


@pytest.mark.parametrize("width", [360, 3840])
def test_the_narrowest_and_the_widest_window(site: TestSite, visit: Visit, width: int) -> None:
    stage = _held(site)
    conf_id = stage.hold(stage.meeting(LONG), host(0, 60), Guest(LONG, 0, 30, email=f"{'a' * 60}@example.com"))
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    for path in ("history?all=1&name=x", f"history/{conf_id}", "admin/usage", "admin/storage", "admin/audit"):
        check(visitor.open(address(site, path)))
