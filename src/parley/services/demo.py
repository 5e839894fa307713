"""The demo site: four accounts to try everything with, made when a server is started with `--demo` for the first time.

Its password is public, so it is served on loopback addresses only; whoever starts the server sees to that.
"""

from __future__ import annotations

from typing import Final

from parley.domain.site import DEMO_SITE_ID
from parley.services.accounts import NewAccount, new_account
from parley.services.application import Application
from parley.services.new_site import SiteError, new_site
from parley.services.session_types import standard_types
from parley.services.site_changes import at_the_terminal, put_created
from parley.store import Changes, Duplicate, sites, users

SITE_NAME: Final = "demo"
SITE_ID: Final = DEMO_SITE_ID
PARTNER_ID: Final = "demo"
PASSWORD: Final = "Parley-demo-1"  # noqa: S105 - public on purpose

ACCOUNTS: Final = (
    NewAccount(web_ex_id="admin", email="admin@demo.example", first_name="Alex", last_name="Admin", site_admin=True),
    NewAccount(web_ex_id="host1", email="host1@demo.example", first_name="Hanna", last_name="Host"),
    NewAccount(web_ex_id="host2", email="host2@demo.example", first_name="Hugo", last_name="Host"),
    NewAccount(
        web_ex_id="attendee1",
        email="attendee1@demo.example",
        first_name="Ada",
        last_name="Attendee",
        attendee_only=True,
    ),
)
"""`host1` lets `host2` schedule for them."""


async def ensure_demo_site(application: Application) -> bool:
    """Make the demo site unless it is there; True when this call made it.

    Site, session types and accounts are written in one transaction, so of two servers that start at once one makes
    all of it and the other one finds it.

    Raises:
        SiteError: another site has the demo site's number.
    """
    engine, now = application.engine, application.clock.now()
    if await sites.by_name(engine, SITE_NAME) is not None:
        return False
    site = new_site(SITE_NAME, SITE_ID, now, partner_id=PARTNER_ID)
    types = standard_types(SITE_ID)
    by_number = {each.type_id: each for each in types}
    password_hash = await application.passwords.hash_in_background(PASSWORD)
    accounts = [new_account(site, by_number, each, password_hash, now) for each in ACCOUNTS]
    numbers = {user.web_ex_id: user.user_id for user in accounts}
    changes = Changes()
    sites.create(changes, site, types)
    put_created(changes, site, at_the_terminal())
    for user in accounts:
        users.create(changes, user)
    users.permit(changes, SITE_ID, numbers["host1"], [numbers["host2"]])
    try:
        await engine.commit(changes)
    except Duplicate:
        if await sites.by_name(engine, SITE_NAME) is None:
            raise SiteError(f"the demo site cannot be made: another site has its number {SITE_ID}") from None
        return False
    return True
