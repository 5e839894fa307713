"""The pages of a site for everybody, as visitors meet them: on a telephone and on a desk, without scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from parley.domain.recording import Details
from parley.domain.site import SiteSettings
from parley.services.identity.sealing import seal
from tests.browser.test_pages import LONG, check
from tests.browsers import Visitor
from tests.server import TestSite
from tests.services.events import create_event, program
from tests.services.identity_providers import SignInIssuer
from tests.services.trainings import create_training
from tests.web.recordings import recorded
from tests.web.test_pages import address, schedule, unlisted
from tests.web.test_registration import event_with_form, link_of

Visit = Callable[..., Visitor]
WIDTHS = pytest.mark.parametrize("width", [360, 1280])
#: Where screenshots go, when somebody wants some: PARLEY_SCREENSHOTS=docs/images.
_FOLDER = os.environ.get("PARLEY_SCREENSHOTS")
_KEPT = {"calendar": "light", "home": "dark"}


def keep(page: Page, name: str, width: int) -> None:
    """Keep a screenshot for the docs, when somebody wants some: home on a telephone, the calendar on a desk."""
    if _FOLDER and (width < 600) is (name == "home"):
        page.emulate_media(color_scheme="dark" if _KEPT[name] == "dark" else "light")
        page.screenshot(path=Path(_FOLDER) / f"console-public-{name}.png", full_page=True)


def look(page: Page, name: str, width: int) -> None:
    """Screenshots of everything, for whoever wants to look at it: PARLEY_LOOK=FOLDER."""
    folder = os.environ.get("PARLEY_LOOK")
    for scheme in ("light", "dark") if folder else ():
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        page.screenshot(path=Path(folder or "") / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.fixture
def issuer() -> Iterator[SignInIssuer]:
    made = SignInIssuer()
    yield made
    made.stop()


@pytest.fixture
def busy(site: TestSite) -> TestSite:
    """A site with something of every kind on its calendar."""
    client = site.client()
    schedule(site, "Open office hours", repeat={"repeatType": "DAILY", "afterMeetingNumber": 9})
    schedule(site, LONG)
    create_event(client, "Product launch", accessControl={"listing": "PUBLIC"})
    for number in range(5):
        name = f"Safety at work, part {number + 1}"
        create_training(client, name, accessControl={"listing": "PUBLIC"}, attendeeOptions={"registration": True})
    program(site, "Spring season", status="PUBLIC")
    recorded(site, "Product launch of last year", listing="PUBLIC", duration=1800)
    recorded(site, LONG, listing="PUBLIC", password="Secret77", created_at=1_750_000_000)
    recorded(site, "Kept", listing="PUBLIC", details=Details(attendee_view=False))
    return site


@WIDTHS
def test_visitors_find_their_way_without_scripts(busy: TestSite, browser: Browser, width: int) -> None:
    key = schedule(busy, "Board", **unlisted("Secret77"))
    visitor = Visitor(browser, width, java_script_enabled=False)
    page = visitor.open(address(busy, ""))
    page.get_by_label("Meeting number").fill("12 34")
    page.get_by_role("button", name="Join").click()
    page.get_by_role("alert").wait_for()
    visitor.problems.clear()  # the answer says with its status that there is none
    page.get_by_label("Meeting number").fill(f"{key[:3]} {key[3:]}")
    page.get_by_role("button", name="Join").click()
    page.get_by_label("Meeting password").fill("Secret77")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Board").wait_for()
    page = visitor.open(address(busy, ""))
    page.get_by_role("link", name="Public calendar").click()
    page.get_by_label("Name begins with").fill("safety")
    page.get_by_label("Time zone").select_option("20")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Safety at work, part 3").click()
    page.get_by_role("link", name="Register").click()
    page.get_by_label("First name").wait_for()
    page = visitor.open(address(busy, "calendar"))
    page.get_by_role("link", name="As month").click()
    page.get_by_role("link", name="Month after").click()
    page.get_by_role("link", name="As list").click()
    page.get_by_role("link", name="Public recordings").click()
    page.get_by_role("link", name="Play Product launch of last year").click()
    page.locator("video").wait_for()
    assert visitor.problems == []
    visitor.close()


@WIDTHS
def test_everybody_can_read_them(busy: TestSite, visit: Visit, width: int) -> None:
    visitor = visit(width)
    page = visitor.open(address(busy, ""))
    check(page)
    look(page, "home", width)
    keep(page, "home", width)
    page = visitor.open(address(busy, "join?MK=1"), 404)
    check(page)
    look(page, "join-wrong", width)
    visitor.problems.clear()  # the answer says with its status that there is none
    page = visitor.open(address(busy, "calendar"))
    check(page)
    look(page, "calendar", width)
    keep(page, "calendar", width)
    for name in ("calendar?name=zzz", "calendar/month", "recordings", "recordings?name=zzz"):
        page = visitor.open(address(busy, name))
        check(page)
        look(page, name.replace("/", "-").partition("?")[0] + ("-none" if "?" in name else ""), width)


@WIDTHS
def test_registration_pages_of_all_kinds(site: TestSite, visit: Visit, width: int) -> None:
    client = site.client()
    asked = {"attendeeOptions": {"registration": True}}
    pages = {
        "meeting": link_of(client, schedule(site, LONG, **asked)),
        "training": link_of(client, create_training(client, LONG, **asked)),
        "event": event_with_form(site),
    }
    visitor = visit(width)
    for kind, link in pages.items():
        page = visitor.open(link)
        check(page)
        look(page, f"register-{kind}", width)
        page.locator("form").evaluate("form => form.noValidate = true")
        page.locator("form button").last.click()
        page.wait_for_load_state()
        visitor.problems.clear()  # the answer says with its status that something is missing
        check(page)
        look(page, f"register-{kind}-wrong", width)
    page = visitor.open(pages["training"])
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Lovelace")
    page.get_by_label("E-mail address").fill("ada@people.example")
    page.locator("form button").last.click()
    page.wait_for_load_state()
    check(page)
    look(page, "registered", width)


@WIDTHS
def test_signing_in_by_the_organisation(site: TestSite, visit: Visit, issuer: SignInIssuer, width: int) -> None:
    sealed = site.server.run(seal(site.server.application.engine, site.site_id, issuer.secret))
    more = {"user_claim": "sub", "client_id": issuer.client_id, "client_secret": sealed}
    site.set(settings=SiteSettings(openid=issuer.settings(**more)))
    visitor = visit(width)
    page = visitor.open(address(site, "console/"))
    check(page)
    look(page, "sign-in", width)
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("heading", name="My meetings").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out of your organisation too").wait_for()
    check(page)
    look(page, "signed-out", width)
    issuer.claims = {"sub": "stranger"}
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("alert").wait_for()
    visitor.problems.clear()  # the answer says with its status that it was refused
    check(page)
