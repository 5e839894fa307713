"""GetSalesSession."""

from __future__ import annotations

from parley.contract.sales import GetSalesSession, GetSalesSessionResponse
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sales.document import instance
from parley.services.sales.kind import SALES
from parley.services.sessions import changing
from parley.services.sessions.kinds import HOST_TYPE
from parley.services.sessions.scheduling import owns
from parley.store import sessions


@operation(
    "sales",
    request=GetSalesSession,
    answer=GetSalesSessionResponse,
    key_of=lambda request: request.meeting_key,
)
async def get_sales_session(context: Context, request: GetSalesSession) -> GetSalesSessionResponse:
    """Give everything about a sales session that the caller holds or scheduled."""
    session = changing.named_session(context, SALES)
    if not owns(context, session):
        raise faults.ACCESS_DENIED()
    return GetSalesSessionResponse(
        **instance(session, await sessions.all_attendees(context.engine, session)),
        status=session.status,
        host_key=session.host_key,
        event_id=session.event_id,
        guest_token=session.guest_token,
        host_type=HOST_TYPE,
    )
