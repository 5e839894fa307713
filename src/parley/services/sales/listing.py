"""LstsummarySalesSession."""

from __future__ import annotations

from parley.contract.sales import (
    LstsummarySalesSession,
    LstsummarySalesSessionResponse,
    MetaDataType,
    SalesSessionSummaryInstanceType,
)
from parley.domain import timezones
from parley.domain.session import HostedSession
from parley.services import lists
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sales.document import read_document
from parley.services.sales.kind import SERVICE
from parley.services.sessions import session_lists
from parley.services.sessions.session_lists import Wanted


@operation("sales", request=LstsummarySalesSession, answer=LstsummarySalesSessionResponse)
async def lstsummary_sales_session(context: Context, request: LstsummarySalesSession) -> LstsummarySalesSessionResponse:
    """List sales sessions in brief: the caller's and those he is invited to, for administrators those of all hosts."""
    sent = request.order
    wanted = Wanted(
        persons=await session_lists.whose(context, request.host_web_ex_id),
        scope=lists.scope(request.date_scope, context.caller.time_zone_id),
        order=lists.ordering(sent.order_by, sent.order_ad) if sent else lists.ordering([], []),
        page=lists.page(request.list_control),
        invited=True,
        criteria={
            "services": (SERVICE,),
            "keys": session_lists.keys_of(context, request.meeting_key, None),
            "account_key": session_lists.folded(request.account),
            "opportunity_key": session_lists.folded(request.opportunity),
            "any_of": request.list_control is not None and request.list_control.list_method == "OR",
        },
    )
    found, total = await session_lists.found(context, wanted)
    return LstsummarySalesSessionResponse(
        matching_records=wanted.page.matching(total, len(found)),
        sales_session=[_summary(session) for session in found],
    )


def _summary(session: HostedSession) -> SalesSessionSummaryInstanceType:
    zone = session.time_zone_id
    meta = read_document(session.document).sales.meta_data or MetaDataType()
    return SalesSessionSummaryInstanceType(
        meeting_key=session.session_key,
        conf_name=session.name,
        meeting_type=session.session_type,
        host_web_ex_id=session.host_web_ex_id,
        time_zone_id=zone,
        time_zone=timezones.zone(zone).text,
        status=session.status,
        start_date=session_lists.start_shown(session),
        duration=session.duration,
        list_status=session.listing,
        account=meta.account,
        opportunity=meta.opportunity,
    )
