"""m.php: meetings are scheduled, changed, deleted and listed.

Sessions of other services than the meeting service cannot be scheduled here: after ST with another one, SM, IM and EM
answer NoMeetingTypeSupport.
Source: facts/url-api.md "m.php".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast
from urllib.parse import urlencode

from starlette.responses import Response

from parley.contract.ep import (
    DelSession,
    LstsummarySession,
    LstsummarySessionResponse,
    LstsummarySessionServiceTypes,
)
from parley.contract.meeting import (
    CreateMeeting,
    CreateMeetingResponse,
    LstMeeting,
    LstMeetingResponse,
    MeetingInstanceType,
    ScheduleType,
    SetMeeting,
)
from parley.contract.service import LstControlType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.web.render import private_page
from parley.web.url_api.desk import DONE, Command, Desk, Done
from parley.web.url_api.meeting_values import meeting_of
from parley.web.url_api.reasons import Reason, Refused
from parley.web.url_api.replies import allowed_back, leads_on, open_meetings
from parley.web.url_api.services import MEETINGS, chosen

#: Meetings that LM shows.
_MOST_LISTED: Final = 100
_MOST_OPEN: Final = 500


async def schedule(desk: Desk) -> Done:
    """SM: schedule a meeting; the answer has its key."""
    return Done(after=(("MK", str(await _scheduled(desk))),))


async def start_now(desk: Desk) -> Response:
    """IM: schedule a meeting that begins now, and lead the host to it."""
    key = await _scheduled(desk, now=True)
    values = [("AT", "HM"), ("MK", str(key))]
    if allowed_back(desk) is not None:
        values.append(("BU", desk.call.values.get("BU")))
    return leads_on(f"{desk.root}/m.php?{urlencode(values)}")


async def _scheduled(desk: Desk, *, now: bool = False) -> int:
    _check_service(desk)
    request = CreateMeeting(**meeting_of(desk.parameters, new=True))
    if now:
        place = request.schedule or ScheduleType()
        zone = desk.user.time_zone_id if place.time_zone_id is None else place.time_zone_id
        if timezones.known_zone_id(zone) is None:
            raise Refused(Reason.INVALID_DATA)
        # The next minute: a start lies in the future, and the host may enter before it.
        begins = timezones.to_local(desk.application.clock.now(), zone).replace(second=0) + timedelta(minutes=1)
        place.start_date, place.time_zone_id = format_date(begins), zone
        request.schedule = place
    answer = cast("CreateMeetingResponse", await desk.perform(request))
    return answer.meeting_key or 0


def _check_service(desk: Desk) -> None:
    if chosen(desk) != MEETINGS:
        raise Refused(Reason.NO_MEETING_TYPE)


async def edit(desk: Desk) -> Done:
    """EM: change a meeting; what is not said stays."""
    _check_service(desk)
    key = desk.parameters.key()
    await desk.perform(SetMeeting(meeting_key=key, **meeting_of(desk.parameters, new=False)))
    return Done(after=(("MK", str(key)),))


async def delete(desk: Desk) -> Done:
    """DM: delete a session of any kind; SM=0 tells nobody by mail."""
    request = DelSession(session_key=desk.parameters.key(), send_email=desk.parameters.switch("SM"))
    await desk.perform(request)
    return DONE


async def show(desk: Desk) -> Done | Response:
    """LM: the host's meetings, as a page; with an address for the answer their keys."""
    meetings = await _own_meetings(desk)
    if allowed_back(desk) is not None:
        return Done(after=(("MK", ",".join(str(each.meeting_key) for each in meetings)),))
    return private_page("my_meetings.html", meetings=[_line(each) for each in meetings])


async def _own_meetings(desk: Desk) -> list[MeetingInstanceType]:
    request = LstMeeting(list_control=LstControlType(start_from=1, maximum_num=_MOST_LISTED))
    try:
        return cast("LstMeetingResponse", await desk.perform(request)).meeting
    except Fault as fault:
        if fault.code == faults.NOTHING_FOUND.code:
            return []
        raise


def _line(meeting: MeetingInstanceType) -> dict[str, str]:
    """A meeting as the page shows it."""
    schedule_, meta = meeting.schedule or ScheduleType(), meeting.meta_data
    return {
        "key": str(meeting.meeting_key),
        "name": (meta.conf_name if meta else None) or "",
        "start": schedule_.start_date or "",
        "zone": schedule_.time_zone or "",
    }


async def list_open(desk: Desk) -> Response:
    """OM: keys of the caller's sessions that are in progress, those of the service chosen with ST; always XML."""
    try:
        request = LstsummarySession(
            list_control=LstControlType(start_from=1, maximum_num=_MOST_OPEN),
            service_types=LstsummarySessionServiceTypes(service_type=[chosen(desk)]),
            host_web_ex_id=desk.user.web_ex_id,
            status="INPROGRESS",
        )
        answer = cast("LstsummarySessionResponse", await desk.perform(request))
    except Fault as fault:
        if fault.code == faults.NOTHING_FOUND.code:
            return open_meetings([])
        raise
    return open_meetings([each.session_key or 0 for each in answer.session])


COMMANDS: Final = {
    "SM": Command(schedule, signed_in=True, changes=True),
    "IM": Command(start_now, signed_in=True, changes=True),
    "EM": Command(edit, signed_in=True, changes=True),
    "DM": Command(delete, signed_in=True, changes=True),
    "LM": Command(show, signed_in=True),
    "OM": Command(list_open, signed_in=True),
}
