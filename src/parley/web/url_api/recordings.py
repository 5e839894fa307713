"""m.php: entries for recordings that lie elsewhere (CR).

Such an entry is a recording without a file: it is listed, described and protected like others, and its pages lead to
the address that it was made with. Nothing is ever fetched from there.
Source: facts/url-api.md "m.php" (CR).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from parley.contract.ep_recording import (
    RecordingBasicType,
    RecordingFileAccessType,
    SetRecordingInfo,
    SetRecordingInfoRecording,
)
from parley.domain import timezones
from parley.domain.recording import LONGEST_NAME, Details, State
from parley.domain.user import User
from parley.protocol.faults import Fault
from parley.recordings import keeping
from parley.recordings.keeping import NewRecording
from parley.services.safe_texts import plain_line, web_address
from parley.services.values import is_visible
from parley.store import Changes, recordings
from parley.web.url_api.desk import DONE, Command, Desk, Done
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Reason, Refused

_FORMATS: Final = ("MP4", "ARF", "WRF", "WMV")
_MINUTE: Final = 60
_HOUR: Final = 3600
_LONGEST: Final = 7 * 24 * _HOUR


async def create_recording(desk: Desk) -> Done:
    """CR: make an entry for a recording that lies elsewhere.

    What is sent is looked at first, as it is known that a wrong value counts before a missing sign-in.
    """
    values = desk.parameters
    name, address = values.required("RT"), web_address(values.required("UL"), "UL")
    if len(name) > LONGEST_NAME or not is_visible(plain_line(name)):
        raise Refused(Reason.INVALID_DATA)
    user = desk.user
    if not desk.is_meant() or not user.host or user.attendee_only:
        raise Refused(Reason.ACCESS_DENIED)
    new = NewRecording(
        site_id=desk.site.site_id,
        owner_id=user.user_id,
        creator_id=user.user_id,
        name=plain_line(name).strip(),
        created_at=_made(values, user, desk.application.clock.now()),
        time_zone_id=user.time_zone_id,
        duration=_duration(values),
        # Only the owner sees it until everything that is to protect it is set.
        details=Details(address=address, attendee_view=False, attendee_download=False),
    )
    request = _described(values)
    row = await keeping.begin(desk.application, new)
    ready = msgspec.structs.replace(row, state=State.READY, format=_format(values, address))
    changes = Changes()
    stored = recordings.update(changes, row, ready)
    await desk.application.engine.commit(changes)
    request.recording = SetRecordingInfoRecording(
        recording_id=row.recording_id, description=values.text("DS"), password=values.secret("PW")
    )
    try:
        await desk.perform(request)
    except Fault:
        changes = Changes()
        recordings.forget(changes, stored)
        await desk.application.engine.commit(changes)
        raise
    return DONE


def _described(values: Parameters) -> SetRecordingInfo:
    return SetRecordingInfo(
        basic=RecordingBasicType(presenter=values.text("PT"), email=values.text("EM"), agenda=values.text("AG")),
        file_access=RecordingFileAccessType(
            registration=values.switch("AR"),
            attendee_view=True,
            attendee_download=True,
            end_play_url=values.text("DstURL"),
        ),
    )


def _made(values: Parameters, user: User, now: int) -> int:
    """When it was recorded, by month, day and year in the zone of the account; by default now."""
    sent = [values.number(name) for name in ("YR", "MH", "DY")]
    year, month, day = sent
    if year is month is day is None:
        return now
    if year is None or month is None or day is None:
        raise Refused(Reason.INVALID_DATA)
    try:
        return timezones.to_utc(datetime(year, month, day), user.time_zone_id)  # noqa: DTZ001  a local time
    except (ValueError, OverflowError):
        raise Refused(Reason.INVALID_DATA) from None


def _duration(values: Parameters) -> int:
    seconds = (values.number("HR") or 0) * _HOUR + (values.number("MI") or 0) * _MINUTE
    if not 0 <= seconds <= _LONGEST:
        raise Refused(Reason.INVALID_DATA)
    return seconds


def _format(values: Parameters, address: str) -> str:
    """The format that is named, or that the address ends with."""
    ending = address.partition("?")[0].rpartition(".")[2]
    return next((each for each in ((values.text("TP") or "").upper(), ending.upper()) if each in _FORMATS), "MP4")


COMMANDS: Final = {"CR": Command(create_recording)}
