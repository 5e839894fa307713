"""The console as people meet it: on a telephone and on a desk, in light and dark, without scripts, by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.console import Visit, address, keep, sign_in
from tests.browser.test_pages import LONG, WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite
from tests.web.console import asked_to_register, invited_series


@WIDTHS
def test_signing_in_and_out(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    page = visitor.open(address(site, "sign-in"))
    check(page)
    keep(page, "sign-in", width)
    page.get_by_label("Name or e-mail address").fill("host1")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    visitor.problems.clear()  # the answer says with its status that it was refused
    assert page.get_by_label("Name or e-mail address").input_value() == "host1"
    check(page)
    page = sign_in(visitor, site)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    check(page)
    page.get_by_role("link", name="Forgot your password?").click()
    check(page)
    page.get_by_label("Name or e-mail address").fill("nobody")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()
    check(page)
    check(visitor.open(address(site, "new-password?token=none"), 403))


@WIDTHS
def test_the_pages_of_a_host(site: TestSite, visit: Visit, width: int) -> None:
    key = invited_series(site, "Weekly planning")
    waiting = asked_to_register(site, "Open house")
    visitor = visit(width)
    page = sign_in(visitor, site)
    check(page)
    keep(page, "agenda", width)
    check(visitor.open(address(site, "?from=2031-01-01")))
    check(visitor.open(address(site, "month")))
    keep(page, "month", width)
    check(visitor.open(address(site, f"meetings/{key}")))
    keep(page, "meeting", width)
    check(visitor.open(address(site, f"meetings/{waiting}")))
    keep(page, "registrations", width)
    for place in ("edit", "occurrence", "invite", "cancel"):
        check(visitor.open(address(site, f"meetings/{key}/{place}")))
    check(visitor.open(address(site, "profile")))
    keep(page, "profile", width)
    check(visitor.open(address(site, "password")))
    check(visitor.open(f"{site.server.url}/{site.name}/"))


@WIDTHS
def test_scheduling_without_scripts(site: TestSite, browser: Browser, width: int) -> None:
    visitor = Visitor(browser, width, java_script_enabled=False)
    page = sign_in(visitor, site)
    page.get_by_role("link", name="Schedule a meeting").click()
    page.get_by_label("Name", exact=True).fill(LONG)
    page.get_by_label("Length in minutes").fill("45")
    page.get_by_label("Invite").fill("Ada Lovelace <ada@example.com>\nbob@example.com")
    page.locator("summary", has_text="Repetition").click()
    page.get_by_label("Repeats").select_option(label="Every week")
    page.locator("summary", has_text="More options").click()
    page.get_by_label("Agenda").fill("First this\nthen that")
    page.get_by_role("button", name="Schedule", exact=True).click()
    page.get_by_text("The meeting is scheduled.").wait_for()
    assert page.locator("h1").inner_text() == LONG
    assert "Every week" in page.locator("dl").first.inner_text()
    assert page.locator(".people-list li").count() == 2
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Short name")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The changes were saved.").wait_for()
    page.get_by_role("button", name="Remove Ada Lovelace").click()
    page.get_by_text("taken off the list").wait_for()
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel it").click()
    page.get_by_text("The session was cancelled.").wait_for()
    assert visitor.problems == []
    visitor.close()


@WIDTHS
def test_the_form_for_a_meeting(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site)
    page = visitor.open(address(site, "meetings/new"))
    check(page)
    keep(page, "schedule", width)
    for summary in page.locator("summary").all():
        summary.click()
    check(page)
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_label("Length in minutes").fill("0")
    page.get_by_role("button", name="Schedule", exact=True).click()
    page.get_by_role("alert").wait_for()
    visitor.problems.clear()  # the answer says with its status that something is missing
    assert page.locator("[aria-invalid=true]").count() >= 1
    check(page)


def test_by_keyboard_alone(site: TestSite, visit: Visit) -> None:
    visitor = visit()
    page = sign_in(visitor, site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Schedule a meeting"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Schedule a meeting").wait_for()


def test_an_invitation_is_copied(site: TestSite, visit: Visit) -> None:
    key = invited_series(site, "Weekly planning")
    visitor = visit()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(visitor, site)
    page = visitor.open(address(site, f"meetings/{key}"))
    page.get_by_role("button", name="Copy the invitation").click()
    page.get_by_text("Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Weekly planning")
    assert "j.php?MTID=m" in copied


@pytest.mark.parametrize("width", [360, 3840])
def test_the_narrowest_and_the_widest_window(site: TestSite, visit: Visit, width: int) -> None:
    key = invited_series(site, LONG)
    visitor = visit(width)
    check(sign_in(visitor, site))
    for path in ("month", "meetings/new", f"meetings/{key}", "profile"):
        check(visitor.open(address(site, path)))
