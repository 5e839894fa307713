"""LstOpenSession.

Source: facts/general-session.md 3. What others than administrators see is chosen: what is on the site's calendar for
them, and their own sessions.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

import msgspec

from parley.contract.ep import (
    LstOpenSession,
    LstOpenSessionResponse,
    LstOpenSessionResponseServices,
    OpenSessionType,
)
from parley.domain import timezones
from parley.domain.listing import Catalogue, Listing, Relation, may_find
from parley.domain.session import SessionSummary
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import session_lists
from parley.store import session_lists as store
from parley.store.lists import Order
from parley.store.session_lists import SessionFilter

_ORDER: Final = (Order("STARTTIME"),)


@operation("ep", request=LstOpenSession, answer=LstOpenSessionResponse)
async def lst_open_session(context: Context, request: LstOpenSession) -> LstOpenSessionResponse:
    """List the sessions in progress by service: administrators see all, others those they would find anyway."""
    if context.is_anonymous:
        raise faults.NOTHING_FOUND()
    await session_lists.roll(context)
    found = await _in_progress(context, tuple(dict.fromkeys(request.service_type)))
    if not found:
        raise faults.NOTHING_FOUND()
    by_service = groupby(sorted(found, key=lambda each: each.service), key=lambda each: each.service)
    return LstOpenSessionResponse(
        matching_records=lists.page(None).matching(len(found), len(found)),
        services=[
            LstOpenSessionResponseServices(service_type=service, sessions=[_row(each) for each in some])
            for service, some in by_service
        ],
    )


async def _in_progress(context: Context, services: tuple[str, ...]) -> list[SessionSummary]:
    """What the caller finds, by start time."""
    caller = context.caller
    everything = SessionFilter(site_id=context.site.site.site_id, ended=None, status="INPROGRESS", services=services)
    if caller.site_admin or caller.ro_site_admin:
        return await _all_of(context, everything)
    listings = tuple(each.value for each in Listing if may_find(Catalogue.OPEN, each, Relation.MEMBER))
    user_id, with_fields = caller.user_id, msgspec.structs.replace
    on_calendar = await _all_of(context, with_fields(everything, listings=listings))
    own = await _all_of(context, with_fields(everything, host_id=user_id, creator_id=user_id, invited_id=user_id))
    found = {each.session_key: each for each in (*on_calendar, *own)}
    return sorted(found.values(), key=lambda each: (each.next_start, each.session_key))


async def _all_of(context: Context, wanted: SessionFilter) -> list[SessionSummary]:
    found: list[SessionSummary] = []
    while True:
        page = await store.list_summaries(context.lists, wanted, _ORDER, len(found) + 1, lists.LARGEST_PAGE)
        found += page.rows
        if len(page.rows) < lists.LARGEST_PAGE:
            return found


def _row(session: SessionSummary) -> OpenSessionType:
    zone = session.time_zone_id
    begun = session.next_start if session.run_started_at is None else session.run_started_at
    return OpenSessionType(
        session_key=session.session_key,
        session_name=session.name,
        host_web_ex_id=session.host_web_ex_id,
        start_time=timezones.api_date(session.next_start, zone),
        actual_start_time=timezones.api_date(begun, zone),
        time_zone_id=session.time_zone_id,
        list_status=session.listing,
    )
