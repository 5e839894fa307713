"""What the tests of the console in a browser share: its addresses, signing in, screenshots for the docs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.browsers import Visitor
from tests.server import PASSWORD, TestSite

#: How a test has a window opened: see the fixture `visit`.
Visit = Callable[..., Visitor]
#: Where screenshots go, when somebody wants some: PARLEY_SCREENSHOTS=docs/images.
SCREENSHOTS = os.environ.get("PARLEY_SCREENSHOTS")


def address(site: TestSite, path: str = "") -> str:
    """The address of a page of the console."""
    return f"{site.server.url}/{site.name}/console/{path}"


def sign_in(visitor: Visitor, site: TestSite, name: str = "host1") -> Page:
    """Fill in the form to sign in with, and see the first page."""
    page = visitor.open(address(site))
    page.get_by_label("Name or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() in ("My meetings", "Profile")
    return page


def keep(page: Page, name: str, width: int) -> None:
    """Keep a screenshot for the docs, when somebody wants some."""
    if SCREENSHOTS:
        page.emulate_media(color_scheme="dark" if width < 600 and name == "agenda" else "light")
        kind = "-phone" if width < 600 else ""
        page.screenshot(path=Path(SCREENSHOTS) / f"console-{name}{kind}.png", full_page=True)


def keep_desk(page: Page, name: str, width: int, *, whole: bool = True) -> None:
    """Keep a screenshot of a desk only; `whole`: of what is below the window too."""
    if SCREENSHOTS and width > 600:
        page.emulate_media(color_scheme="light")
        page.screenshot(path=Path(SCREENSHOTS) / f"console-{name}.png", full_page=whole)
