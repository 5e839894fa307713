"""The site of the tests that kill servers, which know it only by its database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from parley.config import Config
from parley.services.accounts import create_account
from parley.services.application import Application
from parley.services.new_site import create_site
from tests.client import Client

SITE: Final = "killed"
HOST_EMAIL: Final = "host@killed.example"
PASSWORD: Final = "Written-Twice-1"


async def make_site(data: Path, database: str | None) -> None:
    """Make the site that the tests of killed servers write to, with a host."""
    application = await Application.start(Config(data=str(data), database=database))
    try:
        site = await create_site(application, SITE)
        await create_account(
            application,
            site.site_id,
            web_ex_id="host",
            email=HOST_EMAIL,
            password=PASSWORD,
            first_name="Hanna",
            last_name="Host",
        )
    finally:
        await application.stop()


def host() -> Client:
    """Writes requests of the host; it is connected with nothing."""
    return Client("", SITE, web_ex_id="host", password=PASSWORD)
