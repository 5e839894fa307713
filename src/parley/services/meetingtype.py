"""The meeting type service: the session types that a site offers (module `meetingtype` of the API).

Source: facts/user-site.md 8.
"""

from __future__ import annotations

from typing import Any

from parley.contract.meetingtype import (
    GetMeetingType,
    GetMeetingTypeResponse,
    LstMeetingType,
    LstMeetingTypeResponse,
    MeetingTypeInstanceType,
    MeetingTypeInstanceTypeServiceTypes,
)
from parley.domain.site import SessionType
from parley.protocol import faults
from parley.services.context import Context
from parley.services.lists import Page, page
from parley.services.registry import operation
from parley.services.session_types import stored_type


@operation("meetingtype", request=LstMeetingType, answer=LstMeetingTypeResponse)
async def lst_meeting_type(context: Context, request: LstMeetingType) -> LstMeetingTypeResponse:
    """List the session types of the site, by number; all of them unless the request asks for some or for a page."""
    asked = set(request.meeting_type_id)
    found = [each for type_id, each in sorted(context.site.types.items()) if not asked or type_id in asked]
    wanted = page(request.list_control)
    if request.list_control is None or request.list_control.maximum_num is None:
        wanted = Page(wanted.start_from, wanted.first, len(found))
    shown = found[wanted.first - 1 : wanted.first - 1 + wanted.size]
    return LstMeetingTypeResponse(
        matching_records=wanted.matching(len(found), len(shown)),
        meeting_type=[MeetingTypeInstanceType(**_fields(each)) for each in shown],
    )


@operation("meetingtype", request=GetMeetingType, answer=GetMeetingTypeResponse)
async def get_meeting_type(context: Context, request: GetMeetingType) -> GetMeetingTypeResponse:
    """Read one session type of the site."""
    if request.meeting_type_id is None:
        raise faults.MISSING_ELEMENT(path="meetingTypeID")
    found = context.site.types.get(request.meeting_type_id)
    if found is None:
        raise faults.NOTHING_FOUND()
    return GetMeetingTypeResponse(**_fields(found))


def _fields(session_type: SessionType) -> dict[str, Any]:
    """The fields of mtgtype:meetingTypeInstanceType, by name."""
    stored = stored_type(session_type)
    return {
        "product_code_prefix": session_type.prefix,
        "active": "ACTIVATED" if session_type.active else "DEACTIVATED",
        "name": session_type.name,
        "display_name": session_type.display_name,
        "limits": stored.limits,
        "options": stored.options,
        "phone_numbers": stored.phone_numbers,
        "meeting_type_id": session_type.type_id,
        "service_types": MeetingTypeInstanceTypeServiceTypes(service_type=[session_type.service]),
    }
