"""Scheduling sessions of all kinds in the console as people do it: on a telephone and on a desk, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.console import Visit, address, keep, sign_in
from tests.browser.test_pages import WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite

KINDS = ("meeting", "webinar", "event", "training", "audio", "support")


@WIDTHS
def test_the_forms_of_all_kinds(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site)
    page = visitor.open(address(site, "sessions/new"))
    check(page)
    keep(page, "kinds", width)
    for kind in KINDS:
        page = visitor.open(address(site, f"sessions/new?kind={kind}"))
        check(page)
        for summary in page.locator("summary").all():
            if not summary.evaluate("each => each.parentElement.open"):
                summary.click()
        check(page)


@WIDTHS
def test_an_event_without_scripts(site: TestSite, browser: Browser, width: int) -> None:
    visitor = Visitor(browser, width, java_script_enabled=False)
    page = sign_in(visitor, site)
    page.get_by_role("link", name="Schedule something else").click()
    page.get_by_role("link", name="Event").click()
    page.get_by_label("Name", exact=True).fill("Open day")
    page.locator("summary", has_text="More options").click()
    page.get_by_label("Panelists", exact=True).fill("Ada Lovelace <ada@example.com>")
    page.get_by_label("People have to register", exact=True).check()
    page.locator("summary", has_text="All options").click()
    group = page.locator("details.group", has_text="Own question 1")
    group.locator("summary").click()
    group.get_by_label("Question", exact=True).fill("What brings you here?")
    keep(page, "event-form", width)
    page.get_by_role("button", name="Schedule", exact=True).click()
    page.get_by_text("It is scheduled.").wait_for()
    assert page.locator("h1").inner_text() == "Open day"
    assert "you approve each of them" in page.locator("dl").first.inner_text()
    page.get_by_role("link", name="Change", exact=True).click()
    page.locator("summary", has_text="All options").click()
    group = page.locator("details.group", has_text="Own question 1")
    group.locator("summary").click()
    assert group.get_by_label("Question", exact=True).input_value() == "What brings you here?"
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Nothing was different").wait_for()
    page.get_by_role("link", name="Picture").click()
    assert page.locator("h1").inner_text() == "Picture of Open day"
    assert visitor.problems == []
    visitor.close()


@WIDTHS
def test_a_course_of_a_delegate(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    page = sign_in(visitor, site, "host2")
    check(page)
    page.get_by_role("link", name="Host1 Tester").click()
    page.get_by_role("link", name="Schedule something else").click()
    page.get_by_role("link", name="Training session").click()
    assert page.get_by_label("Schedule for", exact=True).input_value() == "host1"
    page.get_by_label("Name", exact=True).fill("Safety at work")
    page.locator("summary", has_text="Repetition").click()
    page.get_by_label("Repeats", exact=True).select_option(label="Every day")
    page.get_by_label("Ends", exact=True).select_option(label="After some times")
    page.get_by_label("Number of times", exact=True).fill("3")
    page.get_by_label("Several dates are", exact=True).select_option(value="MULTIPLE_SESSION")
    check(page)
    page.get_by_role("button", name="Schedule", exact=True).click()
    page.get_by_text("It is scheduled.").wait_for()
    assert page.locator("ol.changes li").count() == 3
    check(page)
    keep(page, "training", width)
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("They are presenters").check()
    check(page)
    page = visitor.open(address(site, "?host=host1"))
    check(page)
    assert page.get_by_role("link", name="Safety at work").count() == 3


@pytest.mark.parametrize("width", [360, 3840])
def test_the_narrowest_and_the_widest_window(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site)
    for path in ("sessions/new", "sessions/new?kind=event", "sessions/new?kind=training"):
        check(visitor.open(address(site, path)))
