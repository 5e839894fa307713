"""CreateMeeting, SetMeeting and DelMeeting.

Sources: facts/meeting-event.md 1 and 2, facts/holes.md (3) "Exceptions of a series".
"""

from __future__ import annotations

from parley.contract.meeting import (
    CreateMeeting,
    CreateMeetingResponse,
    DelMeeting,
    DelMeetingResponse,
    SetMeeting,
    SetMeetingResponse,
)
from parley.services.context import Context
from parley.services.meeting.kind import MEETING
from parley.services.registry import operation
from parley.services.sessions import changing


@operation("meeting", request=CreateMeeting, answer=CreateMeetingResponse, with_account=True)
async def create_meeting(context: Context, request: CreateMeeting) -> CreateMeetingResponse:
    """Schedule a meeting, or with repeat/isException an occurrence of a series that differs from the others."""
    session = await changing.create(context, MEETING, request)
    return CreateMeetingResponse(
        meeting_key=session.session_key,
        meeting_uuid=session.uuid,
        meeting_password=session.password,
        i_calendar_url=changing.calendar_links(context, session),
        guest_token=session.guest_token,
    )


@operation(
    "meeting",
    request=SetMeeting,
    answer=SetMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.meeting_key,
    with_account=True,
)
async def set_meeting(context: Context, request: SetMeeting) -> SetMeetingResponse:
    """Change a meeting; what the request does not say stays as it is."""
    session = await changing.change(context, MEETING, request)
    return SetMeetingResponse(i_calendar_url=changing.calendar_links(context, session))


@operation(
    "meeting",
    request=DelMeeting,
    answer=DelMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.meeting_key,
)
async def del_meeting(context: Context, request: DelMeeting) -> DelMeetingResponse:
    """Delete a meeting; of a series with all its exceptions, of an exception only this occurrence."""
    session = changing.named_session(context, MEETING)
    return DelMeetingResponse(i_calendar_url=await changing.delete(context, session))
