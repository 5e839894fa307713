"""Sites that have the sales service, which new sites do not."""

from __future__ import annotations

from typing import Any, Final

from parley.services.session_type_changes import TypeValues, add_type
from parley.services.site_changes import Author
from tests.server import Server, TestSite

#: The number of the session type.
SALES_TYPE: Final = 105


def with_sales(site: TestSite) -> TestSite:
    """Let a site and all of its accounts have the sales service, as an administrator does it at the terminal."""
    application = site.server.application
    values = TypeValues(name="Sales Session", service="SalesCenter", prefix="SAC")
    adding = add_type(
        application.engine,
        site.site_id,
        SALES_TYPE,
        values,
        Author("test", "CLI"),
        application.clock.now(),
        everyone=True,
    )
    site.server.run(adding)
    return site


def new_sales_site(server: Server, **settings: Any) -> TestSite:
    """A new site with the sales service; `settings` are fields of SiteSettings."""
    return with_sales(server.new_site(**settings))
