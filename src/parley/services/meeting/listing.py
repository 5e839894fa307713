"""LstsummaryMeeting and LstMeeting.

Sources: facts/meeting-event.md 0 "Paging of the list calls" and 1 "LstsummaryMeeting", facts/clients.md 21.
"""

from __future__ import annotations

from parley.contract.meeting import (
    LstMeeting,
    LstMeetingResponse,
    LstsummaryMeeting,
    LstsummaryMeetingResponse,
    MeetingInstanceType,
    MeetingSummaryInstanceType,
)
from parley.domain import timezones
from parley.protocol.codec import answer_encoder
from parley.services import lists
from parley.services.context import Context
from parley.services.meeting.document import SERVICE
from parley.services.meeting.reading import fields
from parley.services.registry import Encoded, operation
from parley.services.session_traits import audio_only_types
from parley.services.sessions import session_lists
from parley.services.sessions.scheduling import owns
from parley.services.sessions.session_lists import Listed, Wanted


@operation(
    "meeting",
    request=LstsummaryMeeting,
    answer=LstsummaryMeetingResponse,
    key_of=lambda request: request.meeting_uuid or None,
)
async def lstsummary_meeting(context: Context, request: LstsummaryMeeting) -> Encoded:
    """List meetings in brief: the caller's own and those he is invited to, for administrators those of all hosts."""
    level = context.site.level
    encode = answer_encoder(LstsummaryMeetingResponse, level)
    rows, matching = await session_lists.found_rows(
        context,
        await _wanted(context, request, request.host_web_ex_id),
        lambda rows: encode(LstsummaryMeetingResponse(meeting=[_summary(row) for row in rows])),
        lambda matching: encode(LstsummaryMeetingResponse(matching_records=matching)),
        "LstsummaryMeeting",
        level.text,
    )
    return Encoded(rows + matching)


@operation(
    "meeting",
    request=LstMeeting,
    answer=LstMeetingResponse,
    key_of=lambda request: request.meeting_uuid or None,
)
async def lst_meeting(context: Context, request: LstMeeting) -> LstMeetingResponse:
    """List meetings with all they hold (the older form of LstsummaryMeeting)."""
    wanted = await _wanted(context, request, None)
    listed, total = await session_lists.found(context, wanted)
    matching = wanted.page.matching(total, len(listed))
    meetings = [MeetingInstanceType(**await fields(context, session)) for session in listed]
    for session, meeting in zip(listed, meetings, strict=True):
        if not owns(context, session):  # GetMeeting would refuse it, so nothing private is told here either
            meeting.participants = None
            if meeting.access_control is not None:
                meeting.access_control.meeting_password = None
    return LstMeetingResponse(meeting=meetings, matching_records=matching)


async def _wanted(context: Context, request: LstsummaryMeeting | LstMeeting, host: str | None) -> Wanted:
    sent = request.order
    order = lists.ordering(sent.order_by, sent.order_ad) if sent else lists.ordering([], [])
    return Wanted(
        persons=await session_lists.whose(context, host),
        scope=lists.scope(request.date_scope, context.caller.time_zone_id),
        order=order,
        page=lists.page(request.list_control),
        invited=True,
        criteria={
            "services": (SERVICE,),
            "without_types": audio_only_types(context.site.types),  # another service's, with another contract
            "keys": session_lists.keys_of(context, request.meeting_key, request.meeting_uuid),
            "any_of": request.list_control is not None and request.list_control.list_method == "OR",
        },
    )


def _summary(row: Listed) -> MeetingSummaryInstanceType:
    session = row.session
    zone = session.time_zone_id
    return MeetingSummaryInstanceType(
        meeting_key=session.session_key,
        meeting_uuid=session.uuid,
        conf_name=session.name,
        meeting_type=session.session_type,
        host_web_ex_id=session.host_web_ex_id,
        other_host_web_ex_id=row.other_host or session.host_web_ex_id,
        time_zone_id=zone,
        time_zone=timezones.zone(zone).text,
        status=session.status,
        start_date=session_lists.start_shown(session),
        duration=session.duration,
        list_status=session.listing,
        host_joined=session.host_joined,
        participants_joined=session.participants_joined,
        tele_presence=False,
    )
