"""GetMeeting and the links of a meeting: GethosturlMeeting, GetjoinurlMeeting.

Sources: facts/meeting-event.md 1 (GetMeeting, GethosturlMeeting, GetjoinurlMeeting), facts/holes.md (3).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

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
from parley.protocol.codec import encoder
from parley.services.context import Context
from parley.services.login_tickets import link_ticket
from parley.services.meeting.document import instance, read_document
from parley.services.meeting.kind import MEETING
from parley.services.records import answerable
from parley.services.registry import Encoded, operation
from parley.services.scheduling import may_edit, named_session, owns
from parley.services.sessions import changing
from parley.services.values import given
from parley.store import Changes, sessions

#: hostType of every answer seen (facts/versions.md 3, GetMeeting).
_HOST_TYPE: Final = "1019001"


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
    level = context.site.level
    # All that the answer depends on and that a change of the session's row does not show by its version.
    key = ("GetMeeting", session.site_id, session.session_key, session.version, session.host_web_ex_id, level.text)
    kept = context.application.encoded.get(key)
    if kept is None:
        kept = encoder(GetMeetingResponse, level)(answerable(await _answer(context, session)))
        context.application.encoded.put(key, kept)
    return Encoded(kept)


async def _answer(context: Context, session: HostedSession) -> GetMeetingResponse:
    links, site = context.application.links, context.site.site.name
    return GetMeetingResponse(
        **await fields(context, session),
        host_key=session.host_key,
        event_id=session.event_id,
        guest_token=session.guest_token,
        host_type=_HOST_TYPE,
        sip_url=links.sip(site, session.session_key),
        is_private_meeting=False,
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
    links, site = context.application.links, context.site.site.name
    name = given(request.attendee_name)
    if name is None:
        join = links.information(site, session.session_key)
    else:
        join = links.join(
            site, session.session_key, name, given(request.attendee_email), password, given(request.reg_id)
        )
    return GetjoinurlMeetingResponse(
        join_meeting_url=join,
        invite_meeting_url=links.invitation(site, session.attendee_link),
        register_meeting_url=links.registration(site, session.attendee_link) if session.registration else None,
    )
