"""Making sites, as the command line and the demo site do it.

Source: facts/user-site.md 2 (siteName is the first label of the site's host name) and 8 (session types).
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from parley.domain.site import DEMO_SITE_ID, Site, SiteSettings
from parley.protocol.versions import FIRST, LATEST, LEVELS, Level
from parley.services.application import Application
from parley.services.session_types import DEFAULT_TYPE, standard_types
from parley.services.site_changes import Author, at_the_terminal, put_created
from parley.store import Changes, Conflict, Duplicate, sites

_TRIES: Final = 10
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
#: First parts of addresses that are no site's pages (compared in lower case).
RESERVED_NAMES: Final = frozenset(
    {
        *("wbxservice", "schemas", "operations", "meet", "nbr", "console", "api", "docs", "static", "reference"),
        *("health", "ready", "metrics"),
    }
)


class SiteError(Exception):
    """A site that cannot be made; the message is one line for the person at the terminal."""


def new_site(
    name: str,
    site_id: int,
    now: int,
    *,
    partner_id: str | None = None,
    level: str | None = None,
    settings: SiteSettings | None = None,
) -> Site:
    """A site, not yet in the store.

    Args:
        name: siteName; taken in lower case.
        now: UTC epoch seconds.
        level: version level such as "42.6.0"; None for the latest.
        settings: None for the usual ones.

    Raises:
        SiteError: name or level cannot be used.
    """
    folded = name.strip().lower()
    if not _NAME.fullmatch(folded):
        raise SiteError(
            f"{name[:80]!r} is no site name: it becomes part of a host name, so it has 1 to 63 letters, digits and "
            "hyphens, with no hyphen at its ends"
        )
    if folded in RESERVED_NAMES:
        raise SiteError(f"the site name {folded} is reserved: addresses that begin with it are used otherwise")
    if not 0 < site_id < 2**53:
        raise SiteError(f"{site_id} is no site number: it has to be positive and below 2^53")
    settings = settings or SiteSettings()
    if settings.default_session_type is None:
        settings.default_session_type = DEFAULT_TYPE
    return Site(
        site_id=site_id,
        name=folded,
        partner_id=partner_id,
        level=level_text(level),
        settings=settings,
        created_at=now,
    )


def level_text(text: str | None) -> str:
    """A level that a site can have, as it is kept: "42.2.0" for "42.2", the latest for None.

    Raises:
        SiteError: there is no such level.
    """
    if text is None:
        return LATEST.text
    try:
        level = Level.parse(text)
    except ValueError as error:
        raise SiteError(str(error)) from None
    if level not in LEVELS:
        raise SiteError(f"there is no level {level}: a site can have one from {FIRST} to {LATEST}")
    return level.text


async def create_site(
    application: Application,
    name: str,
    *,
    site_id: int | None = None,
    partner_id: str | None = None,
    level: str | None = None,
    settings: SiteSettings | None = None,
    author: Author | None = None,
) -> Site:
    """Make a site with its session types and keep it.

    Args:
        site_id: None to draw a free number of seven digits.
        name, partner_id, level, settings: as for `new_site`.
        author: who makes it, for the audit log; None for whoever runs this process.

    Raises:
        SiteError: name, number or level cannot be used, or name or number are taken.
    """
    if site_id == DEMO_SITE_ID:
        raise SiteError(f"the number {DEMO_SITE_ID} is that of the demo site, choose another")
    for _ in range(_TRIES):
        number = site_id if site_id is not None else 10**6 + secrets.randbelow(9 * 10**6)
        site = new_site(name, number, application.clock.now(), partner_id=partner_id, level=level, settings=settings)
        changes = Changes()
        sites.create(changes, site, standard_types(number))
        put_created(changes, site, author or at_the_terminal())
        try:
            await application.engine.commit(changes)
        except Duplicate as taken:
            if "name" in taken.columns:
                raise SiteError(f"there is a site {site.name} already") from None
            if site_id is not None:
                raise SiteError(f"there is a site with the number {site_id} already") from None
        else:
            return site
    raise Conflict
