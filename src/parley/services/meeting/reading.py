"""GetMeeting and the links of a meeting: GethosturlMeeting, GetjoinurlMeeting.

Sources: facts/meeting-event.md 1 (GetMeeting, GethosturlMeeting, GetjoinurlMeeting), facts/holes.md (3).
"""

from __future__ import annotations

import secrets
from typing import Any

from parley.contract.meeting import (
    GethosturlMeeting,
    GethosturlMeetingResponse,
    GetjoinurlMeeting,
    GetjoinurlMeetingResponse,
    GetMeeting,
    GetMeetingResponse,
)
from parley.domain.session import HostedSession
from parley.protocol import faults
from parley.protocol.credentials import Overloaded
from parley.services.attendee.own import WrongRegisterId, admitted
from parley.services.context import Context
from parley.services.kept import kept_answer
from parley.services.login_tickets import link_ticket
from parley.services.meeting.document import instance, read_document
from parley.services.meeting.kind import MEETING
from parley.services.registry import Encoded, operation
from parley.services.session_traits import traits_of
from parley.services.sessions import changing
from parley.services.sessions.kinds import HOST_TYPE
from parley.services.sessions.scheduling import may_edit, named_session, owns
from parley.services.values import given
from parley.store import Changes, sessions


@operation(
    "meeting",
    request=GetMeeting,
    answer=GetMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.meeting_key,
)
async def get_meeting(context: Context, request: GetMeeting) -> Encoded:
    """Give everything about a meeting that the caller holds or scheduled."""
    session = changing.named_session(context, MEETING)
    if not owns(context, session):
        raise faults.ACCESS_DENIED()
    depends_on = (session.session_key, session.version, session.host_web_ex_id, context.site.site.version)
    return await kept_answer(context, GetMeetingResponse, depends_on, lambda: _answer(context, session))


async def _answer(context: Context, session: HostedSession) -> GetMeetingResponse:
    links, site = context.application.links, context.site.site.name
    return GetMeetingResponse(
        **await fields(context, session),
        host_key=session.host_key,
        event_id=session.event_id,
        guest_token=session.guest_token,
        host_type=HOST_TYPE,
        sip_url=links.sip(site, session.session_key),
        is_private_meeting=traits_of(context.site.types, session.session_type).private,
        meeting_uuid=session.uuid,
        meeting_link=links.invitation(site, session.attendee_link),
    )


async def fields(context: Context, session: HostedSession) -> dict[str, Any]:
    """What GetMeeting and LstMeeting both answer of a meeting, by field of meet:meetingInstanceType."""
    people = await sessions.all_attendees(context.engine, session)
    replaced = False
    if session.recurring and read_document(session.document).skipped:
        replaced = bool(await sessions.exceptions(context.engine, session.site_id, session.session_key, 1))
    return instance(session, people, replaced)


@operation(
    "meeting",
    request=GethosturlMeeting,
    answer=GethosturlMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key or request.meeting_key,
)
async def gethosturl_meeting(context: Context, request: GethosturlMeeting) -> GethosturlMeetingResponse:
    """Give the link with which the host starts the meeting; it holds a ticket that signs in once."""
    session = named_session(context)
    if not (await may_edit(context, session) or await _is_alternate_host(context, session)):
        raise faults.ACCESS_DENIED()
    changes = Changes()
    ticket = link_ticket(context, changes, context.caller.user_id)
    await context.engine.commit(changes)
    url = context.application.links.start(context.site.site.name, session.session_key, ticket)
    return GethosturlMeetingResponse(host_meeting_url=url)


async def _is_alternate_host(context: Context, session: HostedSession) -> bool:
    found = await sessions.alternate_hosts(context.engine, session.site_id, [session.session_key])
    return any(each.user_id == context.caller.user_id for each in found.get(session.session_key, []))


@operation(
    "meeting",
    request=GetjoinurlMeeting,
    answer=GetjoinurlMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key or request.meeting_key,
)
async def getjoinurl_meeting(context: Context, request: GetjoinurlMeeting) -> GetjoinurlMeetingResponse:
    """Give the links with which people join, are invited, and register."""
    session = named_session(context)
    password = given(request.meeting_pw)
    if (
        password is not None
        and session.password is not None
        and not secrets.compare_digest(password.encode(), session.password.encode())
    ):
        raise faults.WRONG_SESSION_PASSWORD()
    register_id = given(request.reg_id)
    await _check_register_id(context, session, register_id)
    links, site = context.application.links, context.site.site.name
    name = given(request.attendee_name)
    if name is None and register_id is not None and session.registration:
        join = links.registered(site, session.session_key, register_id)
    elif name is None:
        join = links.information(site, session.session_key)
    else:
        join = links.join(site, session.session_key, name, given(request.attendee_email), password, register_id)
    return GetjoinurlMeetingResponse(
        join_meeting_url=join,
        invite_meeting_url=links.invitation(site, session.attendee_link),
        register_meeting_url=links.registration(site, session.attendee_link) if session.registration else None,
    )


async def _check_register_id(context: Context, session: HostedSession, register_id: str | None) -> None:
    """Refuse a RegID that opens nothing, so that nobody is sent a link which does not work."""
    if register_id is None:
        return
    try:
        await admitted(context.application, session, register_id)
    except WrongRegisterId:
        raise faults.INVALID_REGISTER_ID() from None
    except Overloaded:
        raise faults.BUSY() from None
