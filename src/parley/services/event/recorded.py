"""LstrecordedEvent.

Source: facts/meeting-event.md 5 (recorded events grouped by webExID). Recordings are answered out of
`store.recorded_events`.
"""

from __future__ import annotations

from collections.abc import Iterable

from parley.contract.event import LstrecordedEvent, LstrecordedEventResponse, RecordedEventsType, RecordedEventType
from parley.domain import timezones
from parley.services import lists
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.event.document import SERVICE
from parley.services.event.listing import ordering, scope_of
from parley.services.registry import operation
from parley.services.sessions import session_lists
from parley.store import recorded_events
from parley.store.lists import Order
from parley.store.recorded_events import RecordedEvent, RecordedEventFilter


@operation("event", request=LstrecordedEvent, answer=LstrecordedEventResponse)
async def lstrecorded_event(context: Context, request: LstrecordedEvent) -> LstrecordedEventResponse:
    """List recorded events by host: the caller's own, for administrators those of all hosts."""
    check_classic_events(context)
    page, scope = lists.page(request.list_control), scope_of(context, request.date_scope)
    found = await recorded_events.list_recorded(
        context.lists,
        RecordedEventFilter(
            site_id=context.site.site.site_id,
            service=SERVICE,
            host_id=(await session_lists.whose(context, request.host_web_ex_id)).user_id,
            program_id=request.program_id,
            start_from=scope.start_from,
            start_to=scope.start_to,
            end_from=scope.end_from,
            end_to=scope.end_to,
            any_of=request.list_control is not None and request.list_control.list_method == "OR",
        ),
        [Order(name, descending) for name, descending in ordering(request.order)],
        page.first,
        page.size,
    )
    told = [_recorded(context, row) for row in found.rows]
    return LstrecordedEventResponse(matching_records=page.matching(found.total, len(told)), event=by_host(told))


def by_host(rows: Iterable[RecordedEventType]) -> list[RecordedEventsType]:
    """Recorded events grouped by their hosts; hosts and events stay in the order of the list."""
    groups: dict[str, list[RecordedEventType]] = {}
    for row in rows:
        groups.setdefault(row.host_web_ex_id or "", []).append(row)
    return [RecordedEventsType(web_ex_id=host, recorded_event=events) for host, events in groups.items()]


def _recorded(context: Context, row: RecordedEvent) -> RecordedEventType:
    """One recording; when it began is told in the zone of its event."""
    recording, details = row.recording, row.recording.details
    site, links = context.site.site.name, context.application.links
    kept = context.site.types.get(row.session_type) if row.session_type is not None else None
    return RecordedEventType(
        event_name=recording.name,
        event_type=kept.prefix if kept is not None else "",
        recording_start_time=timezones.api_date(recording.created_at, recording.time_zone_id),
        time_zone_id=recording.time_zone_id,
        play_time=recording.duration,
        panelists_info=details.panelists or "",
        description=details.description or "",
        record_file_path=links.recording_file(site, recording.file_rcid),
        destination_url=details.end_url or "",
        size=recording.size,
        is_access_password=recording.password is not None,
        is_enrollment_password=False,
        host_web_ex_id=recording.host_web_ex_id,
        view_url=links.recording(site, recording.stream_rcid),
    )
