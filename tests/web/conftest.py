"""People with browsers, as the tests of the pages need them; each is gone when his test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import TestSite
from tests.web.console import Come, Person


@pytest.fixture
def come() -> Iterator[Come]:
    """Called with a site, somebody comes with a browser; called with a webExID too, he signs in."""
    people: list[Person] = []

    def arrive(site: TestSite, web_ex_id: str | None = None) -> Person:
        people.append(Person(site, web_ex_id))
        return people[-1]

    yield arrive
    for each in people:
        each.close()


def _signed_in(site: TestSite, web_ex_id: str) -> Iterator[Person]:
    found = Person(site, web_ex_id)
    yield found
    found.close()


@pytest.fixture
def person(site: TestSite) -> Iterator[Person]:
    """host1, signed in."""
    yield from _signed_in(site, "host1")


@pytest.fixture
def other(site: TestSite) -> Iterator[Person]:
    """host2, signed in, who administers nothing."""
    site.set_user("host2", ro_site_admin=False)
    yield from _signed_in(site, "host2")


@pytest.fixture
def admin(site: TestSite) -> Iterator[Person]:
    """The administrator, signed in."""
    yield from _signed_in(site, "admin")
