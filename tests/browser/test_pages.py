"""The pages as people meet them: on a telephone and on a desk, in light and dark, by eye and by ear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import pytest
from playwright.sync_api import Page

from tests.browsers import Visitor, barriers, scrolls_sideways
from tests.server import TestSite
from tests.services.test_labs import equipped, make_lab
from tests.web.test_pages import address, invitation, schedule, start_link, unlisted
from tests.web.test_registration import event_with_form

Visit = Callable[..., Visitor]
WIDTHS = pytest.mark.parametrize("width", [375, 1280])
_SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung and what comes after it"


def check(page: Page) -> None:
    """A page fits its window, and keeps nobody out, whatever colours the device wants."""
    for scheme in _SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert not scrolls_sideways(page), page.url
        assert barriers(page) == [], f"{scheme} {page.url}"


@WIDTHS
def test_the_page_of_a_meeting(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    page = visitor.open(invitation(site, schedule(site, LONG)))
    assert page.locator("h1").inner_text() == LONG
    check(page)


@WIDTHS
def test_the_page_that_asks_for_a_password(site: TestSite, visit: Visit, width: int) -> None:
    key = schedule(site, LONG, **unlisted("Secret77"))
    visitor = visit(width)
    link = address(site, f"m.php?AT=JM&MK={key}&AN=Ada")
    page = visitor.open(link)
    check(page)
    page.get_by_label("Password").fill("Secret77")
    page.get_by_role("button").click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == LONG
    check(page)


@WIDTHS
def test_the_registration_form(site: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    page = visitor.open(event_with_form(site))
    check(page)
    page.locator("form").evaluate("form => form.noValidate = true")
    page.locator("form button").last.click()  # nothing is filled in
    page.wait_for_load_state()
    visitor.problems.clear()  # the answer says with its status that something is missing
    assert page.locator("[aria-invalid=true]").count() > 2
    check(page)


@WIDTHS
def test_a_link_that_signs_in(site: TestSite, visit: Visit, width: int) -> None:
    link = start_link(site, schedule(site, LONG))
    visitor = visit(width)
    page = visitor.open(link)
    assert page.locator("h1").inner_text() == LONG
    check(page)
    check(visitor.open(address(site, "")))
    again = visit(width)
    page = again.open(link, 403)
    assert "no longer good" in page.locator("h1").inner_text()
    check(page)
    check(visitor.open(address(site, "p.php?AT=LO")))


@WIDTHS
def test_the_page_of_a_lab(site: TestSite, visit: Visit, width: int) -> None:
    number = make_lab(site, LONG, description=LONG * 3)
    equipped(site, number, 6, f"{LONG}\nhttps://desk.example/{'x' * 200}")
    link = site.client("admin").call("training.GetSetupComputerURL", labID=number).ok().value("SetupComputerURL")
    check(visit(width).open(link or ""))


@WIDTHS
@pytest.mark.parametrize("path", ["/", "/operations", "/schemas/", "/schemas/42.6.0/"])
def test_the_pages_of_the_server(site: TestSite, visit: Visit, width: int, path: str) -> None:
    check(visit(width).open(site.server.url + path))


def test_nothing_but_this_machine_is_reached(site: TestSite, visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(invitation(site, schedule(site)))
    found = page.evaluate("fetch('http://example.com/').then(() => 'reached', () => 'not reached')")
    assert found == "not reached"
    assert visitor.problems
    visitor.problems.clear()


def test_what_is_wrong_with_a_page_is_found(site: TestSite, visit: Visit) -> None:
    visitor = visit(375)
    page = visitor.open(site.server.url + "/")
    page.evaluate("document.body.innerHTML = '<main><input></main>'")
    page.evaluate("document.querySelector('input').style.minWidth = '500px'")
    assert scrolls_sideways(page)
    assert any(each.startswith("label: ") for each in barriers(page))
    page.evaluate("console.error('noticed')")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: '/nothing-here.png'}))")
    page.wait_for_timeout(200)
    assert any("noticed" in each for each in visitor.problems)
    assert any("nothing-here.png" in each for each in visitor.problems)
    visitor.problems.clear()
