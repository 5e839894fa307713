"""LstsummaryEvent.

Source: facts/meeting-event.md 0 "Paging of the list calls" and 5 "LstsummaryEvent".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from parley.contract.event import (
    AttendeeCountType,
    DateScopeType,
    EventSummaryInstanceType,
    LstsummaryEvent,
    LstsummaryEventResponse,
    OrderType,
    SourceType,
)
from parley.domain import timezones
from parley.domain.dates import format_date, stored_to_api
from parley.domain.registration import Answers
from parley.protocol.codec import answer_encoder
from parley.services import lists
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.event.document import SERVICE, brief_texts
from parley.services.registry import Encoded, operation
from parley.services.sessions import session_lists
from parley.services.sessions.session_lists import Listed, Wanted
from parley.store import event_lists
from parley.store.event_lists import Enrolment

#: What the list calls the orders that all sessions have.
_ORDERS: Final = {"EVENTNAME": "CONFNAME"}
_read_answers: Final = msgspec.json.Decoder(Answers).decode


class _More(NamedTuple):
    """What a row tells beyond the summary of the session."""

    description: str
    panelists: str
    attendee_count: AttendeeCountType | None


@operation("event", request=LstsummaryEvent, answer=LstsummaryEventResponse)
async def lstsummary_event(context: Context, request: LstsummaryEvent) -> Encoded:
    """List events in brief: the caller's own, for administrators those of all hosts."""
    check_classic_events(context)
    level, stats = context.site.level, bool(request.attendee_stats)
    encode = answer_encoder(LstsummaryEventResponse, level)

    async def more(session_keys: Sequence[int]) -> Mapping[int, _More]:
        return await _more(context, session_keys, stats=stats)

    rows, matching = await session_lists.found_rows(
        context,
        await _wanted(context, request),
        lambda rows: encode(LstsummaryEventResponse(event=[_summary(row) for row in rows])),
        lambda matching: encode(LstsummaryEventResponse(matching_records=matching)),
        "LstsummaryEvent",
        level.text,
        stats,
        more=more,
    )
    return Encoded(matching + rows)


def ordering(sent: OrderType | None) -> list[tuple[str, bool]]:
    """The order of a list of events, in the words of all lists of sessions."""
    order = lists.ordering(sent.order_by, sent.order_ad) if sent else lists.ordering([], [])
    return [(_ORDERS.get(name, name), descending) for name, descending in order]


def scope_of(context: Context, sent: DateScopeType | None) -> lists.Scope:
    """The bounds of a list of events; dates are in the caller's zone unless the request names one."""
    return lists.scope(sent, context.caller.time_zone_id)


async def _wanted(context: Context, request: LstsummaryEvent) -> Wanted:
    control = request.list_control
    return Wanted(
        persons=await session_lists.whose(context, request.host_web_ex_id),
        scope=scope_of(context, request.date_scope),
        order=ordering(request.order),
        page=lists.page(control),
        invited=False,
        alternates=False,
        criteria={
            "services": (SERVICE,),
            "keys": session_lists.keys_of(context, request.session_key, None),
            "program_id": request.program_id,
            "any_of": control is not None and control.list_method == "OR",
        },
    )


async def _more(context: Context, session_keys: Sequence[int], *, stats: bool) -> dict[int, _More]:
    site_id = context.site.site.site_id
    documents = await event_lists.documents(context.lists, site_id, session_keys)
    counts = await _counts(context, session_keys) if stats else {}
    return {key: _More(*brief_texts(document), counts.get(key)) for key, document in documents.items()}


async def _counts(context: Context, session_keys: Sequence[int]) -> dict[int, AttendeeCountType]:
    """How many people registered for each of these events and where they learned of it."""
    engine, site_id = context.lists, context.site.site.site_id
    enrolments = await event_lists.enrolments(engine, site_id, session_keys)
    sources: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for key, text in await event_lists.answers_with_source(engine, site_id, session_keys):
        answers = _read_answers(text)
        if answers.source:
            sources[key][answers.source].append(answers.score)
    nobody = Enrolment(0, 0)
    return {
        key: AttendeeCountType(
            est_enrollment=enrolments.get(key, nobody).registered,
            est_attendance=enrolments.get(key, nobody).accepted,
            source=[
                SourceType(lead_source_id=name, count=len(scores), avg_lead_score=sum(scores) / len(scores))
                for name, scores in sorted(sources[key].items())
            ]
            if key in sources
            else [],
        )
        for key in session_keys
    }


def _summary(row: Listed) -> EventSummaryInstanceType:
    session = row.session
    more: _More = row.more or _More("", "", None)
    return EventSummaryInstanceType(
        session_key=session.session_key,
        session_name=session.name,
        session_type=session.session_type,
        host_web_ex_id=session.host_web_ex_id,
        start_date=stored_to_api(session.start_local),
        end_date=format_date(timezones.to_local(session.next_end, session.time_zone_id)),
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        description=more.description,
        status=session.status,
        panelists=more.panelists,
        list_status=session.listing,
        attendee_count=more.attendee_count,
    )
