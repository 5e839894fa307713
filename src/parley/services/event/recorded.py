"""LstrecordedEvent.

Source: facts/meeting-event.md 5 (recorded events grouped by webExID). Recordings are answered out of
`store.recorded_events`.
"""

from __future__ import annotations

from collections.abc import Iterable

from parley.contract.event import LstrecordedEvent, LstrecordedEventResponse, RecordedEventsType, RecordedEventType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.services import lists, session_lists
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.event.listing import ordering, scope_of
from parley.services.registry import operation
from parley.store import recorded_events
from parley.store.lists import Order
from parley.store.recorded_events import RecordedEvent, RecordedEventFilter


@operation("event", request=LstrecordedEvent, answer=LstrecordedEventResponse)
async def lstrecorded_event(context: Context, request: LstrecordedEvent) -> LstrecordedEventResponse:
    """List recorded events by host: the caller's own, for administrators those of all hosts."""
    check_classic_events(context)
    page, scope = lists.page(request.list_control), scope_of(context, request.date_scope)
    found = await recorded_events.list_recorded(
        context.engine,
        RecordedEventFilter(
            site_id=context.site.site.site_id,
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
    return LstrecordedEventResponse(
        matching_records=page.matching(found.total, len(found.rows)), event=by_host(found.rows)
    )


def by_host(rows: Iterable[RecordedEvent]) -> list[RecordedEventsType]:
    """Recorded events grouped by their hosts; hosts and events stay in the order of the list."""
    groups: dict[str, list[RecordedEventType]] = {}
    for row in rows:
        groups.setdefault(row.host_web_ex_id, []).append(_recorded(row))
    return [RecordedEventsType(web_ex_id=host, recorded_event=events) for host, events in groups.items()]


def _recorded(row: RecordedEvent) -> RecordedEventType:
    """One recording; when it began is told in the zone of its event."""
    return RecordedEventType(
        event_name=row.event_name,
        event_type=row.event_type,
        recording_start_time=format_date(timezones.to_local(row.started_at, row.time_zone_id)),
        time_zone_id=row.time_zone_id,
        play_time=row.play_time,
        panelists_info=row.panelists_info,
        description=row.description,
        record_file_path=row.record_file_path,
        destination_url=row.destination_url,
        size=row.size,
        is_access_password=row.access_password,
        is_enrollment_password=row.enrollment_password,
        host_web_ex_id=row.host_web_ex_id,
        view_url=row.view_url,
    )
