"""Sites of the tests of single services."""

from __future__ import annotations

import pytest

from tests.server import Server, TestSite
from tests.services.sales_sites import new_sales_site, with_sales


@pytest.fixture
def shop(server: Server) -> TestSite:
    """A site with the sales service."""
    return new_sales_site(server)


@pytest.fixture(scope="module")
def shared_shop(shared_site: TestSite) -> TestSite:
    """The site that the tests of a module share, with the sales service."""
    return with_sales(shared_site)
