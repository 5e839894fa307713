"""The accounts of a site in the console as administrators meet them: on a telephone and on a desk, without scripts."""

from __future__ import annotations

import threading
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.console import Visit, address, keep, sign_in
from tests.browser.test_pages import LONG, WIDTHS, check
from tests.browsers import Visitor
from tests.server import TestSite
from tests.web.test_console_user_import import gate as gate

_TABLE = """email,first_name,last_name,web_ex_id,password,role
ada@example.com,Ada,Lovelace,ada,Engine-1843-Note,host
charles@example.com,Charles,Babbage,charles,x,host
host1@example.com,Some,Body,host1,Engine-1843-Note,attendee
"""


def filled(site: TestSite) -> None:
    """Accounts of all kinds, one with long names."""
    for number, (first, last) in enumerate((("Grace", "Hopper"), ("Annie", "Easley"), ("Mary", "Jackson"))):
        site.add_user(f"person{number}", first_name=first, last_name=last, email=f"{first.lower()}@example.com")
    site.add_user("long", first_name=LONG[:60], last_name="Longest", role="attendee")
    site.set_user("person1", locked=True)
    site.set_user("person2", status="DEACTIVATED")


def shown(page: Page) -> list[str]:
    return [each.inner_text() for each in page.locator("tbody th > a").all()]


@WIDTHS
def test_the_pages_of_users(site: TestSite, visit: Visit, width: int, tmp_path: Path, gate: threading.Event) -> None:
    filled(site)
    visitor = visit(width)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/users"))
    check(page)
    keep(page, "users", width)
    page.get_by_label("Find people").press_sequentially("annie")  # in place, while somebody types
    page.get_by_text("One account").wait_for()
    assert shown(page) == ["Annie Easley"]
    assert page.get_by_label("Find people").input_value() == "annie"
    assert "FIND=annie" in page.url
    check(page)
    page.get_by_label("Find people").fill("nobody at all")
    page.get_by_text("No account fits.").wait_for()
    check(page)
    page.get_by_label("Find people").fill("")
    page.get_by_label("State").select_option("DEACTIVATED")
    page.get_by_text("One account").wait_for()
    page.get_by_label("State").select_option("")
    page.get_by_text("8 accounts").wait_for()
    for name in ("Grace Hopper", "Mary Jackson"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_label("With those ticked").select_option("DEACTIVATE")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Deactivate").wait_for()
    check(page)
    page.get_by_role("button", name="Change 2 accounts").click()
    page.get_by_text("One account was so already.").wait_for()
    check(page)
    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("link", name="Annie Easley").click()
    page.get_by_role("heading", name="Annie Easley").wait_for()
    check(page)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_text("The account is no longer locked.").wait_for()
    for part in page.locator("details.card > summary").all():
        part.click()
    check(page)
    page.get_by_label("First name").fill("Annie J.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The changes were saved.").wait_for()
    for name in ("Mail a new password", "Delete"):
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("link", name="Back").wait_for()
        check(page)
        page.get_by_role("link", name="Back").click()
    page.get_by_role("heading", name="Annie J. Easley").wait_for()
    _import(site, visitor, width, tmp_path, gate)


def _import(site: TestSite, visitor: Visitor, width: int, folder: Path, gate: threading.Event) -> None:
    page = visitor.open(address(site, "admin/users/import"))
    check(page)
    file = folder / "people.csv"
    file.write_text(_TABLE, encoding="utf-8")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("heading", name="Looking at the table").wait_for()
    check(page)
    gate.set()
    page.get_by_role("heading", name="What would become of the table").wait_for()  # by itself
    check(page)
    keep(page, "import", width)
    page.get_by_role("link", name="Refused", exact=True).click()
    page.get_by_role("link", name="All lines").wait_for()
    check(page)
    page.get_by_role("button", name="Make one account").click()
    page.get_by_role("heading", name="The table is taken over").wait_for()
    check(page)


@WIDTHS
def test_users_without_scripts(site: TestSite, browser: Browser, width: int, tmp_path: Path) -> None:
    filled(site)
    visitor = Visitor(browser, width, java_script_enabled=False)
    sign_in(visitor, site, "admin")
    page = visitor.open(address(site, "admin/users"))
    page.get_by_label("Find people").fill("hopper")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("One account").wait_for()
    assert shown(page) == ["Grace Hopper"]
    page.get_by_role("link", name="Tick all on this page").click()
    page.get_by_label("With those ticked").select_option("LOCK")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Change one account").click()
    page.get_by_text("One account was changed.").wait_for()
    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="New user").click()
    page.get_by_label("First name").fill("Katherine")
    page.get_by_label("Last name").fill("Johnson")
    page.get_by_label("E-mail", exact=True).fill("katherine@example.com")
    page.get_by_label("Role").select_option(label="Administrator")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_text("The account was made.").wait_for()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete the account").click()
    page.get_by_text("The account was deleted").wait_for()
    file = tmp_path / "people.csv"
    file.write_text(_TABLE, encoding="utf-8")
    page.get_by_role("link", name="Import a table").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("button", name="Make one account").click()
    page.get_by_role("heading", name="The table is taken over").wait_for()
    assert visitor.problems == []
    visitor.close()
