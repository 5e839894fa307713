"""The document of a recorded meeting: what it was called, who led it, and who came and went when.

It is told from the history, so it is there once the run has ended and as long as the history goes back. Who deletes it
only lets the services not tell it any more; the history stays.
Source: facts/general-session.md 10 "getMeetingXml" (names of the elements and their order; milliseconds).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.domain.history import Run, Stay
from parley.domain.recording import HostedRecording
from parley.protocol import faults as catalogue
from parley.services.context import Context
from parley.services.recording.finding import sees_all
from parley.store import Changes, Conflict, recordings, runs
from parley.web.nbr import faults, files
from parley.web.nbr.soap import Document, text

#: Services as tickets name them.
SERVICES: Final = {
    "MC": "MeetingCenter",
    "TC": "TrainingCenter",
    "EC": "EventCenter",
    "SC": "SupportCenter",
    "SAC": "SalesCenter",
}
_TRIES: Final = 8


async def conferences(context: Context, service: str) -> Document:
    """The numbers of recorded meetings; programs take every text in it for one."""
    found = {
        row.conf_id: None
        async for row in files.every(context, service)
        if row.conf_id is not None and not row.details.meeting_untold
    }
    inner = "".join(f"<ConfId>{each}</ConfId>" for each in sorted(found))
    return Document(f"<ConfIdList>{inner}</ConfIdList>")


async def document(context: Context, conf_id: str, service: str = "") -> Document:
    """The document of a meeting that has a recording; hosts see the own ones, administrators all.

    Args:
        service: the meeting has to be one of this; empty: of any.

    Raises:
        NbrFault: there is none.
    """
    rows = await _told(context, conf_id)
    run = await runs.run(context.engine, context.site.site.site_id, rows[0].conf_id or 0)
    if run is None or run.ended_at is None or service not in ("", run.service):
        raise faults.no_meeting()
    if run.host_id != context.caller.user_id and not sees_all(context):
        raise faults.no_meeting()
    stays = await runs.stays_of(context.engine, run.site_id, run.conf_id)
    return _document(run, run.ended_at, sorted(stays, key=lambda stay: (stay.joined_at, stay.stay_id)))


async def delete(context: Context, conf_id: str) -> None:
    """Let the document of a meeting not be told any more.

    Raises:
        NbrFault: there is none.
        Fault: the caller may not; others were always quicker.
    """
    for _ in range(_TRIES):
        rows = await _told(context, conf_id)
        if not context.caller.site_admin and any(row.owner_id != context.caller.user_id for row in rows):
            raise catalogue.ACCESS_DENIED()
        changes = Changes()
        for row in rows:
            before, details = row.plain(), row.details
            after = before.with_details(msgspec.structs.replace(details, meeting_untold=True))
            recordings.update(changes, before, after)
        try:
            await context.engine.commit(changes)
        except Conflict:
            continue
        return
    raise catalogue.BUSY()


async def _told(context: Context, conf_id: str) -> list[HostedRecording]:
    rows = [row for row in await files.of_meeting(context, conf_id) if not row.details.meeting_untold]
    if not rows:
        raise faults.no_meeting()
    return rows


def _document(run: Run, ended_at: int, stays: list[Stay]) -> Document:
    people = "".join(f"<Participant>{_participant(stay, ended_at)}</Participant>" for stay in stays)
    head = _elements(
        ("ConfID", str(run.conf_id)),
        ("MeetingName", run.name),
        ("ModeratorName", run.host_name),
        ("ModeratorEmail", run.host_email),
        ("StartTimeUTC", _milliseconds(run.started_at)),
        ("EndTimeUTC", _milliseconds(ended_at)),
    )
    return Document(f"<Meeting>{head}<Participants>{people}</Participants></Meeting>")


def _participant(stay: Stay, ended_at: int) -> str:
    return _elements(
        ("LoginName", stay.name),
        ("JoinDateTimeUTC", _milliseconds(stay.joined_at)),
        ("LeaveDateTimeUTC", _milliseconds(ended_at if stay.left_at is None else stay.left_at)),
        ("CorporateEmailID", stay.email or ""),
    )


def _elements(*values: tuple[str, str]) -> str:
    return "".join(f"<{name}>{text(value)}</{name}>" for name, value in values)


def _milliseconds(seconds: int) -> str:
    return str(seconds * 1000)
