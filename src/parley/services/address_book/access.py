"""Whose contacts and lists a caller may see.

The own ones and those of the site (GLOBAL). Of other hosts only names of distribution lists (LstDistList).
Source: facts/general-session.md 6.
"""

from __future__ import annotations

from typing import Final

from parley.protocol import faults
from parley.services.context import Context
from parley.services.values import given
from parley.store import address_books
from parley.store.address_books import SITE_OWNER, DistList

PERSONAL: Final = "PERSONAL"
GLOBAL: Final = "GLOBAL"


def check_own(context: Context, web_ex_id: str | None) -> None:
    """Refuse a hostWebExID that is not the caller's own; none is his own.

    Raises:
        Fault: 000001.
    """
    name = given(web_ex_id)
    if name is not None and name.strip().casefold() != context.caller.web_ex_id.casefold():
        raise faults.ACCESS_DENIED()


async def visible_list(context: Context, list_id: int | None, name: str | None) -> DistList | None:
    """The list with this number and name that is the caller's own or the site's; the own one first.

    None: there is none that the caller can see.
    """
    site_id, owners = context.site.site.site_id, (context.caller.user_id, SITE_OWNER)
    key = None if name is None else name.strip().casefold()
    if list_id is not None:
        found = await address_books.dist_list(context.engine, site_id, list_id)
        candidates = [found] if found is not None and found.owner_id in owners else []
    else:
        candidates = [each for owner in owners for each in await address_books.lists_of(context.engine, site_id, owner)]
    return next((each for each in candidates if key in (None, each.name_key)), None)
