"""Mails and their templates as administrators meet them: on a telephone and on a desk, with scripts and without."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.console import SCREENSHOTS, Visit, address, keep_desk, sign_in
from tests.browser.test_pages import WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite
from tests.web.test_console_admin_mail import invited, of_kind, put


def filled(site: TestSite) -> None:
    """An outbox with mails in all states."""
    now = site.clock.now()
    invited(site, "Weekly planning with everybody who has to do with the new building")
    put(site, recipient="lost@example.com", failed_at=now - 60, created_at=now - 4000, attempts=9, note="550 5.1.1 no")
    put(site, recipient="later@example.com", due_at=now + 600, attempts=2, note="mail: Connection refused")
    put(site, recipient="sent@example.com", created_at=now - 9000, sent_at=now - 8990, attempts=1, note="250 ok")


def keep(page: Page, name: str, width: int) -> None:
    """Keep a screenshot of a desk with all mails in it."""
    if not SCREENSHOTS:
        return
    for frame in page.locator("iframe.letter").all():  # what was never in the window is not painted
        frame.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    keep_desk(page, name, width)


@WIDTHS
def test_the_outbox(site: TestSite, visit: Visit, width: int) -> None:
    filled(site)
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/mail"))
    check(page)
    keep(page, "mail", width)
    page.get_by_label("State", exact=True).select_option("failed")
    expect(page.locator(".mails li")).to_have_count(1)
    assert page.url.endswith("state=failed&kind=&to=")
    put(site, recipient="new@example.com", failed_at=site.clock.now())
    expect(page.locator(".mails li")).to_have_count(2, timeout=15_000)  # by itself, and filtered still
    page.get_by_label("Receiver").press_sequentially("LOST", delay=20)
    expect(page.locator(".mails li")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "to"
    page.get_by_role("link", name="Welcome").click()
    page.get_by_role("button", name="Send again").click()
    page.get_by_text("The mail is sent again as soon as a delivery runs.").wait_for()
    page.get_by_role("button", name="Call it off").click()
    page.get_by_text("The mail was called off.").wait_for()
    page = visitor.open(address(site, f"admin/mail/{of_kind(site, 'session.scheduled')[0].outbox_id}"))
    frame = page.frame_locator("iframe.letter")
    expect(frame.get_by_role("heading", name="Weekly planning")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    check(page)
    frame.get_by_role("link").first.click()
    page.wait_for_timeout(300)
    assert visitor.context.pages == [page]  # links of the mail lead nowhere
    visitor.problems = [each for each in visitor.problems if "sandbox" not in each]


@WIDTHS
def test_templates_without_scripts(site: TestSite, browser: Browser, width: int) -> None:
    visitor = Visitor(browser, width, java_script_enabled=False)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/templates"))
    page.get_by_role("link", name="Session cancelled").click()
    page.get_by_label("Language of the reader").select_option(label="Deutsch")
    page.get_by_role("button", name="Show").click()
    expect(page.frame_locator("iframe.letter").locator("html")).to_have_attribute("lang", "de-DE")
    page.get_by_role("link", name="session_cancelled.mail").click()
    text = page.get_by_label("Text of the file")
    text.fill('{% extends "_session.mail" %}\n{% block words %}{{ no_such }}{% endblock %}')
    page.get_by_role("button", name="Check").click()
    page.get_by_text("There is no value no_such in this mail.").wait_for()
    visitor.problems.clear()  # the answer says with its status that something is wrong
    text.fill('{% extends "_session.mail" %}\n{% block words %}Off it is!{% endblock %}')
    page.get_by_role("button", name="Show below as HTML").click()
    expect(page.frame_locator("iframe.letter").get_by_text("Off it is!").last).to_be_visible()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The text is kept.").wait_for()
    page.get_by_role("link", name="What differs").click()
    assert page.locator("ins").count() >= 1
    page.go_back()
    page.get_by_role("button", name="Back to the built-in text").click()
    page.get_by_text("The built-in text counts again.").wait_for()
    page = visitor.open(address(site, "admin/mail"))
    page.get_by_role("button", name="Send a test mail to yourself").click()
    page.get_by_text("was kept as a file").wait_for()
    assert visitor.problems == []
    visitor.close()


@WIDTHS
def test_the_pages_of_templates(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    check(visitor.open(address(site, "admin/templates")))
    check(visitor.open(address(site, "admin/templates/mails/session_invitation?language=ja")))
    page = visitor.open(address(site, "admin/templates/files/_session.mail"))
    keep(page, "template", width)
    page = visitor.open(address(site, "admin/templates/files/layout.html"))
    check(page)
    page.get_by_label("Text of the file").fill("{{ name|safe }}\n{% set x = 1 %}")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("alert").wait_for()
    visitor.problems.clear()  # the answer says with its status that something is wrong
    check(page)
    page.get_by_label("Text of the file").fill("{% block body %}{% endblock %}<p>bye</p>")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The text is kept.").wait_for()
    check(page)
    check(visitor.open(address(site, "admin/templates/files/layout.html/difference")))
