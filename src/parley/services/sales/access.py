"""Who may use the sales service, and whose accounts and opportunities somebody may change.

Accounts, opportunities and products belong to the site: everybody who uses the service sees them all.
"""

from __future__ import annotations

from parley.domain.user import User
from parley.protocol import faults
from parley.services.accounts import has_service
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.services.sales.kind import SALES, SERVICE
from parley.services.values import given
from parley.store import users


async def check_user(context: Context) -> None:
    """Refuse whoever does not use the sales service; administrators of a site that has it do.

    Raises:
        Fault: 030025.
    """
    offered = any(each.active and SALES.offers(each) for each in context.site.types.values())
    caller = context.caller
    if offered and (caller.site_admin or caller.ro_site_admin):
        return
    user = await users.by_id(context.engine, caller.site_id, caller.user_id) if offered else None
    if user is None or not user.host or not has_service(profile_of(user), SERVICE):
        raise faults.UNKNOWN_MEETING_TYPE(meeting_type=SERVICE)


async def owner(context: Context, web_ex_id: str | None) -> int:
    """The account that webExID of a request names, by number; the caller without one.

    Raises:
        Fault: 000001 when somebody who is no administrator names another than himself, 030001 for an unknown one.
    """
    named = await named_user(context, web_ex_id)
    if named is None or named.user_id == context.caller.user_id:
        return context.caller.user_id
    if not context.caller.site_admin:
        raise faults.ACCESS_DENIED()
    return named.user_id


async def named_user(context: Context, web_ex_id: str | None) -> User | None:
    """The account of a webExID, None without one.

    Raises:
        Fault: 030001 for an unknown one.
    """
    name = given(web_ex_id)
    if name is None:
        return None
    found = await users.by_web_ex_id(context.engine, context.site.site.site_id, name.strip().casefold())
    if found is None:
        raise faults.UNKNOWN_USER()
    return found


def check_owner(context: Context, owner_id: int) -> None:
    """Refuse whoever is neither owner nor administrator.

    Raises:
        Fault: 000001.
    """
    if owner_id != context.caller.user_id and not context.caller.site_admin:
        raise faults.ACCESS_DENIED()
