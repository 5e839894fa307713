"""The pages in the language with the longest words, on a small telephone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browsers import Visitor, scrolls_sideways
from tests.server import PASSWORD, TestSite
from tests.web.console import Person, asked_to_register, invited_series
from tests.web.test_languages import walked

Visit = Callable[..., Visitor]
#: Where screenshots go, when somebody wants some.
_FOLDER = os.environ.get("PARLEY_SCREENSHOTS")


@pytest.mark.parametrize("who", ["host1", "admin"])
def test_german_words_fit_a_small_telephone(site: TestSite, visit: Visit, who: str) -> None:
    invited_series(site, "Montagsrunde")
    asked_to_register(site, "Vorstellung")
    site.client(who).call("user.SetUser", webExId=who, language="GERMAN").ok()
    person = Person(site, who)
    addresses = list(walked(person))
    person.close()
    visitor = visit(360)
    page = visitor.open(f"{site.server.url}/{site.name}/console/sign-in")
    page.get_by_label("Name or e-mail address").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Abmelden").wait_for()
    for number, address in enumerate(addresses):
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "de-DE"
        if _FOLDER:
            page.screenshot(path=Path(_FOLDER) / f"de-{who}-{number}.png", full_page=True)
        assert not scrolls_sideways(page), address
