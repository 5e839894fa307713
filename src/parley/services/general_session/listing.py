"""LstsummarySession.

Source: facts/general-session.md 2.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from parley.contract.ep import LstsummarySession, LstsummarySessionResponse
from parley.domain import timezones
from parley.protocol import faults
from parley.protocol.codec import answer_encoder
from parley.services import lists
from parley.services.context import Context
from parley.services.general_session.rows import RowView, details_of, summary
from parley.services.lists import Scope
from parley.services.registry import Encoded, operation
from parley.services.session_traits import audio_only_types
from parley.services.sessions import occurrence_lists, session_lists
from parley.services.sessions.session_lists import Wanted

#: Session types left out as soon as services are named, unless they are named themselves: audio only, remote access.
_APART_TYPES: Final = (16, 10, 14)
#: Widest range of modification dates in seconds; a wider one is cut, not refused.
_MODIFIED_RANGE: Final = int(timedelta(days=14).total_seconds())


@operation(
    "ep",
    request=LstsummarySession,
    answer=LstsummarySessionResponse,
    key_of=lambda request: request.meeting_uuid or None,
)
async def lstsummary_session(context: Context, request: LstsummarySession) -> Encoded | LstsummarySessionResponse:
    """List sessions of all kinds in brief; without an account nothing is found."""
    if context.is_anonymous:
        raise faults.NOTHING_FOUND()
    wanted, view = await _wanted(context, request), _view(context, request)
    if request.recurrence or view.with_details:
        return await _uncommon(context, request, wanted, view)
    level = context.site.level
    encode: Callable[[LstsummarySessionResponse], str] = answer_encoder(LstsummarySessionResponse, level)
    row_of = partial(summary, view=view, types=context.site.types)
    rows, matching = await session_lists.found_rows(
        context,
        wanted,
        lambda rows: encode(LstsummarySessionResponse(session=[row_of(row) for row in rows])),
        lambda matching: encode(LstsummarySessionResponse(matching_records=matching)),
        "LstsummarySession",
        level.text,
        view,
    )
    return Encoded(matching + rows)


async def _uncommon(
    context: Context, request: LstsummarySession, wanted: Wanted, view: RowView
) -> LstsummarySessionResponse:
    """Lists whose rows are made for each request: of occurrences, and with what no column of a session has."""
    if request.recurrence:
        shown, total = await occurrence_lists.shown_occurrences(context, wanted)
    else:
        shown, total = await occurrence_lists.shown_sessions(context, wanted)
    matching = wanted.page.matching(total, len(shown))
    details = await details_of(context, shown) if view.with_details else {}
    types = context.site.types
    return LstsummarySessionResponse(
        matching_records=matching,
        session=[
            summary(
                each.listed,
                view,
                types,
                each if request.recurrence else None,
                details.get(each.listed.session.session_key),
            )
            for each in shown
        ],
    )


async def _wanted(context: Context, request: LstsummarySession) -> Wanted:
    sent = request.order
    order = lists.ordering(sent.order_by, sent.order_ad) if sent else lists.ordering([], [])
    scope = lists.scope(request.date_scope, timezones.GMT)
    modified = _modified(request)
    if modified != (None, None) and not request.recurrence:
        scope = Scope()  # documented: the date scope does not count beside modification dates
    services = tuple(request.service_types.service_type) if request.service_types else ()
    types = tuple(request.session_types.session_type) if request.session_types else ()
    return Wanted(
        persons=await session_lists.whose(context, request.host_web_ex_id, request.host_email),
        scope=scope,
        # Nobody assists sessions here, so an order by assistance leaves them as they are.
        order=[each for each in order if not each[0].startswith("ASSIST")] or lists.ordering([], []),
        page=lists.page(request.list_control),
        invited=bool(request.invited),
        case_sensitive=sent is not None and sent.case_sensitive is not False,
        criteria={
            "services": services,
            "session_types": types,
            "without_types": _left_out(context, request, bool(services), types),
            "keys": session_lists.keys_of(context, request.session_key, request.meeting_uuid),
            "status": request.status,
            "conf_id": request.conf_id,
            "name_prefix": session_lists.folded(request.conf_name),
            "modified_from": modified[0],
            "modified_to": modified[1],
            "any_of": request.list_control is not None and request.list_control.list_method == "OR",
        },
    )


def _left_out(
    context: Context, request: LstsummarySession, with_services: bool, named: tuple[int, ...]
) -> tuple[int, ...]:
    """The session types that the list leaves out; one that is named never is."""
    audio_only = audio_only_types(context.site.types)
    without = (*_APART_TYPES, *audio_only) if with_services else ()
    if request.incl_audio_only is not None:
        without = tuple(each for each in without if each not in audio_only)
        without += () if request.incl_audio_only else audio_only
    return tuple(sorted({each for each in without if each not in named}))


def _modified(request: LstsummarySession) -> tuple[int | None, int | None]:
    """The range of modification dates, at most two weeks wide (GMT)."""
    bounds = lists.scope_of_dates(request.modified_date_start, request.modified_date_end, timezones.GMT)
    start, end = bounds
    if start is not None and end is not None and end - start > _MODIFIED_RANGE:
        end = start + _MODIFIED_RANGE
    return start, end


def _view(context: Context, request: LstsummarySession) -> RowView:
    scope = request.date_scope
    zone = lists.zone_or(scope.time_zone_id if scope else None, timezones.GMT, "dateScope/timeZoneID")
    return RowView(
        zone_id=zone,
        show_zone=bool(scope and scope.return_specified_time_zone),
        pso=bool(request.return_pso_fields),
        assist=bool(request.return_assist_fields),
        single_recurrence=bool(request.return_tc_single_recurrence),
        site_version=context.site.site.version,
    )
