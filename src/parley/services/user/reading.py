"""GetUser, and whose account a request may be about.

Source: facts/user-site.md 4.
"""

from __future__ import annotations

from parley.contract.user import GetUser, GetUserResponse, GetUserResponseScheduleFor
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.user.document import instance, password_age, relations_of
from parley.services.values import given
from parley.store import users


@operation("user", request=GetUser, answer=GetUserResponse)
async def get_user(context: Context, request: GetUser) -> GetUserResponse:
    """Read an account: administrators any of the site, other users their own."""
    user = await named_user(context, request.web_ex_id, "webExId", read_only=True)
    relations = await relations_of(context, user)
    expires, days_left = password_age(user, context.site.settings, context.now)
    return GetUserResponse(
        **instance(context, user, relations),
        password_expires=expires,
        password_days_left=days_left,
        schedule_for=GetUserResponseScheduleFor(web_ex_id=list(relations.hosts)) if relations.hosts else None,
    )


async def named_user(context: Context, web_ex_id: str | None, path: str, *, read_only: bool = False) -> User:
    """The account that a request is about.

    Whoever is no administrator learns nothing of other accounts, not even whether they exist.

    Args:
        path: the element that names the account.
        read_only: the request changes nothing and lets nobody in, so read-only administrators may make it too.

    Raises:
        Fault: no account is named; 000001 for somebody else's account; 030001 for an unknown one.
    """
    name = given(web_ex_id)
    if name is None:
        raise faults.MISSING_ELEMENT(path=path)
    key, caller = name.strip().casefold(), context.caller
    if key != caller.web_ex_id.casefold() and not (caller.site_admin or (read_only and caller.ro_site_admin)):
        raise faults.ACCESS_DENIED()
    user = await users.by_web_ex_id(context.engine, context.site.site.site_id, key)
    if user is None:
        raise faults.UNKNOWN_USER()
    return user
