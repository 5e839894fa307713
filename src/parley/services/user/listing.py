"""LstsummaryUser and LstUser.

Sources: facts/user-site.md 4 (LstsummaryUser), facts/versions.md 39.11 (modified dates), facts/exceptions.json
(000015). Chosen where the facts are silent: names, webExID and address are compared whole, without letter case; dates
of registration are in the site's zone unless the request names one, those of changes in GMT, as LstsummarySession
has them; lists without an order are by webExID.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from parley.contract.user import (
    DataScopeType,
    LstsummaryUser,
    LstsummaryUserResponse,
    LstUser,
    LstUserResponse,
    OrderType,
    UserInstanceType,
    UserSummaryInstanceType,
    UserType,
    WebACDUserRoleType,
)
from parley.domain import timezones
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.services import lists
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.services.registry import operation
from parley.services.user.document import Relations, instance, local_date
from parley.services.values import given
from parley.store import users
from parley.store.lists import Order
from parley.store.lists import Page as Found
from parley.store.user_lists import USER_ORDERS, UserFilter, list_users

_MODIFIED_RANGE: Final = int(timedelta(days=90).total_seconds())
_DEFAULT_ORDER: Final = "WEBEXID"
#: Sort keys of what only the document holds, as fields of the contract. Division, department, project and other are
#: the names that the first four tracking codes have on sites that did not rename them (inferred).
_IN_DOCUMENT: Final[dict[str, tuple[str, ...]]] = {
    "ADDRESS1": ("address", "address1"),
    "ADDRESS2": ("address", "address2"),
    "CITY": ("address", "city"),
    "STATE": ("address", "state"),
    "ZIPCODE": ("address", "zip_code"),
    "COUNTRY": ("address", "country"),
    "PHONE1": ("phones", "phone"),
    "PHONE2": ("phones", "phone2"),
    "MOBILE1": ("phones", "mobile_phone"),
    "MOBILE2": ("phones", "mobile_phone2"),
    "FAX": ("phones", "fax"),
    "PAGER": ("phones", "pager"),
    "EMAIL2": ("email2",),
    "DIVISION": ("tracking", "tracking_code_1"),
    "DEPARTMENT": ("tracking", "tracking_code_2"),
    "PROJECT": ("tracking", "tracking_code_3"),
    "OTHER": ("tracking", "tracking_code_4"),
    "OFFICENAME": ("company",),
    "OFFICETITLE": ("title",),
    "OFFICEURL": ("office_url",),
    "CATEGORYID": ("category_id",),
}


def _names(path: Sequence[str]) -> str:
    """How the document names a field, joined by dots."""
    cls: type[Record] = UserType
    found = []
    for attribute in path:
        element = next(each for each in cls.__declaration__.elements if each.attribute == attribute)
        found.append(element.name)
        if element.kind == "record":
            cls = element.record
    return ".".join(found)


_FIELDS: Final = {name: name for name in USER_ORDERS} | {
    name: f"document:{_names(path)}" for name, path in _IN_DOCUMENT.items()
}


@operation("user", request=LstsummaryUser, answer=LstsummaryUserResponse)
async def lstsummary_user(context: Context, request: LstsummaryUser) -> LstsummaryUserResponse:
    """List accounts in brief."""
    page = lists.page(request.list_control)
    found = await _found(context, request, page, await _brief_criteria(context, request))
    with_roles = request.web_acd is not None and request.web_acd.return_prefs is not False
    return LstsummaryUserResponse(
        user=[_summary(context, user, with_roles=with_roles) for user in found.rows],
        matching_records=page.matching(found.total, len(found.rows)),
    )


@operation("user", request=LstUser, answer=LstUserResponse)
async def lst_user(context: Context, request: LstUser) -> LstUserResponse:
    """List accounts with all their data."""
    page = lists.page(request.list_control)
    found = await _found(context, request, page, {})
    numbers = [user.user_id for user in found.rows]
    delegates = await users.delegate_names(context.lists, context.site.site.site_id, numbers) if numbers else {}
    return LstUserResponse(
        user=[
            UserInstanceType(**instance(context, user, Relations(delegates=tuple(delegates.get(user.user_id, ())))))
            for user in found.rows
        ],
        matching_records=page.matching(found.total, len(found.rows)),
    )


async def _found(
    context: Context, request: LstsummaryUser | LstUser, page: lists.Page, more: dict[str, Any]
) -> Found[User]:
    registered = _registered(context, request.data_scope)
    wanted = UserFilter(
        site_id=context.site.site.site_id,
        first_key=_folded(request.first_name),
        last_key=_folded(request.last_name),
        web_ex_id_key=_folded(request.web_ex_id),
        email_key=_folded(request.email),
        status=request.active,
        registered_from=registered[0],
        registered_to=registered[1],
        any_of=request.list_control is not None and request.list_control.list_method == "OR",
        **more,
    )
    return await list_users(context.lists, wanted, _order(request.order), page.first, page.size)


def _folded(text: str | None) -> str | None:
    return text.strip().casefold() if text is not None and given(text) else None


def _order(sent: OrderType | None) -> list[Order]:
    """Up to three sort keys. Nobody counts visits, so an order by VISITCOUNT leaves the accounts as they are."""
    pairs = lists.ordering(sent.order_by, sent.order_ad, _DEFAULT_ORDER) if sent else []
    return [Order(_FIELDS[key], falling) for key, falling in pairs if key in _FIELDS] or [Order(_DEFAULT_ORDER)]


def _registered(context: Context, scope: DataScopeType | None) -> tuple[int | None, int | None]:
    if scope is None:
        return None, None
    zone = lists.zone_or(scope.time_zone_id, context.site.settings.default_time_zone_id, "dataScope/timeZoneID")
    return lists.scope_of_dates(scope.reg_date_start, scope.reg_date_end, zone)


async def _brief_criteria(context: Context, request: LstsummaryUser) -> dict[str, Any]:
    """What only LstsummaryUser can ask for: dates of changes, and the agents of a manager."""
    start, end = _modified(context, request)
    criteria: dict[str, Any] = {"modified_from": start, "modified_to": end}
    manager = _folded(request.web_acd.manager) if request.web_acd else None
    if manager is not None:
        account = await users.by_web_ex_id(context.engine, context.site.site.site_id, manager)
        if account is None:
            raise faults.UNKNOWN_MANAGER(manager=manager[:64])
        criteria["manager_id"] = account.user_id
    return criteria


def _modified(context: Context, request: LstsummaryUser) -> tuple[int | None, int | None]:
    """The range of dates of changes, at most 90 days; one without end reaches until now.

    Raises:
        Fault: 999999 for a wider range, or a date that cannot be read.
    """
    start, end = lists.scope_of_dates(request.modified_date_start, request.modified_date_end, timezones.GMT)
    if start is None and end is None:
        return None, None
    if start is None and end is not None:
        start = end - _MODIFIED_RANGE
    if (context.now if end is None else end) - (start or 0) > _MODIFIED_RANGE:
        raise faults.MODIFIED_RANGE()
    return start, end


def _summary(context: Context, user: User, *, with_roles: bool) -> UserSummaryInstanceType:
    prefs = profile_of(user).web_acd_prefs if with_roles else None
    return UserSummaryInstanceType(
        web_ex_id=user.web_ex_id,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        registration_date=local_date(user, user.registered_at),
        last_login_time=None if user.last_login_at is None else local_date(user, user.last_login_at),
        last_modified_time=local_date(user, user.modified_at),
        active=user.status,
        time_zone_id=user.time_zone_id,
        web_acd=WebACDUserRoleType(is_agent=bool(prefs.is_agent), is_mgr=bool(prefs.is_mgr)) if prefs else None,
        object_guid=_object_guid(user) if context.site.settings.control_hub else None,
    )


def _object_guid(user: User) -> str:
    """The number that Control Hub would know the account by: always the same one for an account."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"parley:{user.site_id}:{user.user_id}"))
