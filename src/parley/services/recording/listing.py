"""LstRecording and LstRecordingInRecycleBin.

Source: facts/general-session.md 9, facts/versions.md (10.0 SP12, 11.0 SP3, 11.0 SP7).
"""

from __future__ import annotations

from typing import Final

from parley.contract.ep_recording import (
    CreateTimeScopeType,
    LstRecording,
    LstRecordingInRecycleBin,
    LstRecordingInRecycleBinResponse,
    LstRecordingOrder,
    LstRecordingResponse,
)
from parley.domain import timezones
from parley.domain.recording import State, key_of_name
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.recording.rows import told
from parley.services.registry import operation
from parley.services.sessions import session_lists
from parley.services.values import given
from parley.store import recordings
from parley.store.lists import Order
from parley.store.recording_lists import RecordingFilter, list_recordings

_DAY: Final = 86_400
#: How wide a range of creation times may be, and how far back a list goes that is narrowed to nothing.
_LONGEST_RANGE: Final = 28 * _DAY
#: Twenty-eight days of a zone are an hour longer when its clocks are put back.
_SLACK: Final = 3600
#: What clients call the fields that lists are sorted by; the notes speak of the creation date only.
_ORDERS: Final = {
    **dict.fromkeys(("NAME", "RECORDNAME", "RECORDINGNAME", "TOPIC"), "NAME"),
    **dict.fromkeys(("ID", "RECORDID", "RECORDINGID"), "ID"),
}


@operation("ep", request=LstRecording, answer=LstRecordingResponse)
async def lst_recording(context: Context, request: LstRecording) -> LstRecordingResponse:
    """List recordings: the caller's own, for administrators those of all hosts."""
    page = lists.page(request.list_control)
    whose = await session_lists.whose(context, request.host_web_ex_id)
    name, key = given(request.record_name), request.session_key
    since, until = _created(context, request.create_time_scope, narrow=name is not None or key is not None)
    with_shared = bool(request.return_share_to_me_recording)
    found = await list_recordings(
        context.lists,
        RecordingFilter(
            site_id=context.site.site.site_id,
            owner_id=whose.user_id,
            with_shared=with_shared and whose.user_id == context.caller.user_id,
            created_from=since,
            created_to=until,
            session_key=key,
            name_key=None if name is None else key_of_name(name),
            services=tuple(request.service_types.service_type) if request.service_types else (),
            formats=tuple(request.format_types.format_type) if request.format_types else (),
        ),
        [_order(each) for each in request.order],
        page.first,
        page.size,
    )
    shared: set[int] = set()
    if with_shared:
        numbers = [each.recording_id for each in found.rows]
        shared = await recordings.shared_to(context.lists, context.site.site.site_id, context.caller.user_id, numbers)
    return LstRecordingResponse(
        matching_records=page.matching(found.total, len(found.rows)),
        recording=[
            told(
                context,
                each,
                session_details=bool(request.return_session_details),
                shared=each.recording_id in shared if with_shared else None,
            )
            for each in found.rows
        ],
    )


@operation("ep", request=LstRecordingInRecycleBin, answer=LstRecordingInRecycleBinResponse, since="10.0")
async def lst_recording_in_recycle_bin(
    context: Context, request: LstRecordingInRecycleBin
) -> LstRecordingInRecycleBinResponse:
    """List what is in the caller's own trash; administrators see no other's either."""
    page, name = lists.page(request.list_control), given(request.record_name)
    since, until = _scope(request.create_time_scope)
    found = await list_recordings(
        context.lists,
        RecordingFilter(
            site_id=context.site.site.site_id,
            state=State.TRASHED,
            owner_id=context.caller.user_id,
            created_from=since,
            created_to=until,
            session_key=request.session_key,
            name_key=None if name is None else key_of_name(name),
        ),
        start_from=page.first,
        maximum=page.size,
    )
    return LstRecordingInRecycleBinResponse(
        matching_records=page.matching(found.total, len(found.rows)),
        recording=[told(context, each, session_details=True, in_trash=True) for each in found.rows],
    )


def _order(sent: LstRecordingOrder) -> Order:
    name = (sent.order_by or "").strip().upper()
    return Order(_ORDERS.get(name, "CREATED"), sent.order_ad == "DESC")


def _scope(sent: CreateTimeScopeType | None) -> tuple[int | None, int | None]:
    """The two ends of a createTimeScope; dates are in GMT when it names no zone."""
    if sent is None:
        return None, None
    zone = lists.zone_or(sent.time_zone_id, timezones.GMT, "createTimeScope/timeZoneID")
    return lists.scope_of_dates(sent.create_time_start, sent.create_time_end, zone)


def _created(context: Context, sent: CreateTimeScopeType | None, *, narrow: bool) -> tuple[int | None, int | None]:
    """The creation times that are listed.

    Of half a scope the other end is as far away as it may be. Without a scope the last four weeks are listed, unless a
    session or name makes the list short anyway (`narrow`).

    Raises:
        Fault: 000018 for a range that is too wide.
    """
    since, until = _scope(sent)
    if since is None and until is None:
        return (None, None) if narrow else (context.now - _LONGEST_RANGE, None)
    if since is None or until is None:
        return (since, (since or 0) + _LONGEST_RANGE) if until is None else (until - _LONGEST_RANGE, until)
    if until - since > _LONGEST_RANGE + _SLACK:
        raise faults.RECORDINGS_RANGE()
    return since, until
