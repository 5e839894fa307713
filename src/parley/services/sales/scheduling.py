"""CreateSalesSession, SetSalesSession and DelSalesSession.

Source: facts/training-history.md 3.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from parley.contract.sales import (
    CreateSalesSession,
    CreateSalesSessionResponse,
    DelSalesSession,
    DelSalesSessionResponse,
    ICalendarURL,
    MetaDataType,
    SalesSessionType,
    SetSalesSession,
    SetSalesSessionResponse,
)
from parley.contract.service import ICalendarURLType
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sales.kind import SALES
from parley.services.sessions import changing
from parley.services.values import given
from parley.store import sales, users

R = TypeVar("R", bound=SalesSessionType)


@operation("sales", request=CreateSalesSession, answer=CreateSalesSessionResponse, with_account=True)
async def create_sales_session(context: Context, request: CreateSalesSession) -> CreateSalesSessionResponse:
    """Schedule a sales session."""
    session = await changing.create(context, SALES, await _resolved(context, request))
    return CreateSalesSessionResponse(
        meeting_key=session.session_key,
        i_calendar_url=_links(changing.calendar_links(context, session)),
        guest_token=session.guest_token,
    )


@operation(
    "sales",
    request=SetSalesSession,
    answer=SetSalesSessionResponse,
    key_of=lambda request: request.meeting_key,
    with_account=True,
)
async def set_sales_session(context: Context, request: SetSalesSession) -> SetSalesSessionResponse:
    """Change a sales session; what the request does not say stays as it is."""
    session = await changing.change(context, SALES, await _resolved(context, request))
    return SetSalesSessionResponse(i_calendar_url=_links(changing.calendar_links(context, session)))


@operation(
    "sales",
    request=DelSalesSession,
    answer=DelSalesSessionResponse,
    key_of=lambda request: request.meeting_key,
)
async def del_sales_session(context: Context, request: DelSalesSession) -> DelSalesSessionResponse:
    """Delete a sales session; of a series with all its meetings."""
    session = changing.named_session(context, SALES)
    return DelSalesSessionResponse(i_calendar_url=_links(await changing.delete(context, session)))


def _links(links: ICalendarURLType) -> ICalendarURL:
    """The calendar links; the sales team enters like the prospects."""
    return ICalendarURL(host=links.host, attendee=links.attendee, sme=links.attendee)


async def _resolved(context: Context, request: R) -> R:
    """The request with the names of the customer and the opportunity whose numbers it gives.

    Raises:
        Fault: 999999 for a number that there is none of or an opportunity of another customer, 030001 for somebody in
            the team and 040007 for an alternate host without account.
    """
    await _check_team(context, request)
    meta = request.meta_data
    if meta is None or (meta.int_account_id is None and meta.int_oppty_id is None):
        return request
    return msgspec.structs.replace(request, meta_data=await _with_names(context, meta))


async def _with_names(context: Context, meta: MetaDataType) -> MetaDataType:
    site_id = context.site.site.site_id
    if meta.int_oppty_id is not None:
        opportunity = await sales.opportunity(context.engine, site_id, meta.int_oppty_id)
        if opportunity is None or meta.int_account_id not in (None, opportunity.account_id):
            raise faults.INVALID_VALUE(
                path="metaData/intOpptyID", problem=f"there is no opportunity {meta.int_oppty_id} of this account"
            )
        meta = msgspec.structs.replace(meta, opportunity=opportunity.name, int_account_id=opportunity.account_id)
    if meta.int_account_id is not None:
        account = await sales.account(context.engine, site_id, meta.int_account_id)
        if account is None:
            raise faults.INVALID_VALUE(
                path="metaData/intAccountID", problem=f"there is no account {meta.int_account_id}"
            )
        meta = msgspec.structs.replace(meta, account=account.name)
    return meta


async def _check_team(context: Context, request: SalesSessionType) -> None:
    """Refuse a team of which somebody has no account; who may be host in place of the host is checked with the list."""
    team = request.sales_team
    alternates = [
        name for each in (team.alt_hosts.web_ex_id if team and team.alt_hosts else []) if (name := given(each))
    ]
    members = [name for each in (team.web_ex_id if team else []) if (name := given(each))]
    names = {name.strip().casefold() for name in (*members, *alternates)}
    if not names:
        return
    found = await users.many(context.engine, context.site.site.site_id, "web_ex_id_key", sorted(names))
    known = {each.web_ex_id_key for each in found}
    for name in alternates:
        if name.strip().casefold() not in known:
            raise faults.INVALID_ALTERNATE_HOST(person=name[:64])
    if names - known:
        raise faults.UNKNOWN_USER()
