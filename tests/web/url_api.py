"""What the tests of the URL API share."""

from __future__ import annotations

import msgspec

from parley.domain.site import SiteSettings, UrlApi
from tests.server import TestSite

#: The page of the portal that gets the answers.
BACK = "https://portal.example/answers/page?user=7"
GMT = 20
PARTNER = "Partner-1"


def root(site: TestSite) -> str:
    """The address of the site's pages."""
    return f"{site.server.url}/{site.name}"


def portal_settings(site: TestSite, **url_api: object) -> None:
    """Let the portal get answers, and give its partner ID the rights of the site's administrator."""
    values: dict[str, object] = {"addresses": ("https://portal.example/answers/",), "partner_account": "admin"}
    settings = SiteSettings(url_api=msgspec.convert(values | url_api, UrlApi))
    site.set(settings=settings, partner_id=PARTNER)
