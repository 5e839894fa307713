"""GetUser, and whose account a request may be about.

Most of GetUser's answer stays the same until the account changes, so it is kept encoded.

Source: facts/user-site.md 4.
"""

from __future__ import annotations

from parley.contract.user import GetUser, GetUserResponse, GetUserResponseScheduleFor
from parley.domain import timezones
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.kept import kept_answer
from parley.services.registry import Encoded, operation
from parley.services.user.document import Relations, instance, password_age, sales_center
from parley.services.user.products import named_products, product_names
from parley.services.values import given
from parley.store import users


@operation("user", request=GetUser, answer=GetUserResponse, subject_of=lambda request: _key_in(request.web_ex_id))
async def get_user(context: Context, request: GetUser) -> Encoded:
    """Read an account: administrators any of the site, other users their own."""
    key = named_key(context, request.web_ex_id, "webExId", read_only=True)
    site = context.site.site
    account = context.subject or await users.account(context.engine, site.site_id, key)
    if account is None:
        raise faults.UNKNOWN_USER()
    user, relations = account.user, Relations(account.delegates, account.hosts)
    age = password_age(user, context.site.settings, context.now)
    sales = sales_center(user)
    names = await product_names(context, sales)

    async def answer() -> GetUserResponse:
        return GetUserResponse(
            **instance(context, user, relations),
            password_expires=age[0],
            password_days_left=age[1],
            sales_center=named_products(sales, names),
            schedule_for=GetUserResponseScheduleFor(web_ex_id=list(relations.hosts)) if relations.hosts else None,
        )

    zone = timezones.with_dst_name(user.time_zone_id, context.now)
    depends_on = (user.user_id, user.version, site.version, age, zone, relations.delegates, relations.hosts, names)
    return await kept_answer(context, GetUserResponse, depends_on, answer)


def named_key(context: Context, web_ex_id: str | None, path: str, *, read_only: bool = False) -> str:
    """The casefolded webExID of the account that a request is about.

    Whoever is no administrator learns nothing of other accounts, not even whether they exist.

    Args:
        path: the element that names the account.
        read_only: the request changes nothing and lets nobody in, so read-only administrators may make it too.

    Raises:
        Fault: no account is named; 000001 for somebody else's account.
    """
    key, caller = _key_in(web_ex_id), context.caller
    if key is None:
        raise faults.MISSING_ELEMENT(path=path)
    if key != caller.web_ex_id.casefold() and not (caller.site_admin or (read_only and caller.ro_site_admin)):
        raise faults.ACCESS_DENIED()
    return key


def _key_in(web_ex_id: str | None) -> str | None:
    name = given(web_ex_id)
    return None if name is None else name.strip().casefold()


async def named_user(context: Context, web_ex_id: str | None, path: str, *, read_only: bool = False) -> User:
    """The account that a request is about; arguments and faults as in `named_key`.

    Raises:
        Fault: 030001 for an unknown account.
    """
    key = named_key(context, web_ex_id, path, read_only=read_only)
    user = await users.by_web_ex_id(context.engine, context.site.site.site_id, key)
    if user is None:
        raise faults.UNKNOWN_USER()
    return user
