"""LstCalendarSession: the calendar of the site.

Only the name of this operation is known, and that it was changed together with LstsummarySession; so it has the
elements of that one which a calendar needs, and its rows without the host's address (chosen). Who sees what:
PUBLIC for anybody, PRIVATE for the accounts of the site too, everything for its administrators.
Sources: facts/general-session.md 0, facts/training-history.md 1.1 (listing).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.ep import LstCalendarSession, LstCalendarSessionResponse, SessionSummaryInstanceType
from parley.domain import timezones
from parley.domain.listing import Catalogue, Listing, Relation, may_find
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.general_session.rows import RowView, summary
from parley.services.registry import operation
from parley.services.sessions import occurrence_lists
from parley.services.sessions.occurrence_lists import Shown
from parley.services.sessions.session_lists import Wanted, Whose, filter_of, folded, roll
from parley.store import session_lists

#: Most sessions of a calendar that a list looks through which is not just one by start time.
LARGEST_SEARCH: Final = 20_000


@operation("ep", request=LstCalendarSession, answer=LstCalendarSessionResponse, since="7.4.0")
async def lst_calendar_session(context: Context, request: LstCalendarSession) -> LstCalendarSessionResponse:
    """List what is on the site's calendar: public sessions, for accounts of the site private ones too."""
    wanted = _wanted(context, request)
    await _check_reach(context, wanted, whole=bool(request.recurrence))
    if request.recurrence:
        shown, total = await occurrence_lists.shown_occurrences(context, wanted)
    else:
        shown, total = await occurrence_lists.shown_sessions(context, wanted)
    matching = wanted.page.matching(total, len(shown))
    zone = lists.zone_or(
        request.date_scope.time_zone_id if request.date_scope else None, timezones.GMT, "dateScope/timeZoneID"
    )
    view = RowView(
        zone_id=zone,
        show_zone=bool(request.date_scope and request.date_scope.return_specified_time_zone),
        pso=False,
        assist=False,
        single_recurrence=False,
        site_version=context.site.site.version,
    )
    rows = [_row(context, each, view, whole=bool(request.recurrence)) for each in shown]
    return LstCalendarSessionResponse(matching_records=matching, session=rows)


def _row(context: Context, shown: Shown, view: RowView, *, whole: bool) -> SessionSummaryInstanceType:
    row = summary(shown.listed, view, context.site.types, shown if whole else None)
    return msgspec.structs.replace(row, host_email=None)


def _wanted(context: Context, request: LstCalendarSession) -> Wanted:
    sent = request.order
    order = lists.ordering(sent.order_by, sent.order_ad) if sent else lists.ordering([], [])
    relation = _relation(context)
    listings = tuple(each.value for each in Listing if may_find(Catalogue.CALENDAR, each, relation))
    return Wanted(
        persons=Whose(None),
        scope=lists.scope(request.date_scope, timezones.GMT),
        order=[each for each in order if not each[0].startswith("ASSIST")] or lists.ordering([], []),
        page=lists.page(request.list_control),
        invited=False,
        case_sensitive=sent is not None and sent.case_sensitive is not False,
        criteria={
            "services": tuple(request.service_types.service_type) if request.service_types else (),
            "listings": () if len(listings) == len(Listing) else listings,
            "name_prefix": folded(request.conf_name),
        },
    )


async def _check_reach(context: Context, wanted: Wanted, *, whole: bool) -> None:
    """See to it that answering does not cost more than it may, for anybody may ask.

    By start time a page of any calendar is found at once, its total too; anything else looks at all that start in the
    range of dates.

    Raises:
        Fault: 999999, they are too many.
    """
    criteria = wanted.criteria
    by_start = [name for name, _ in wanted.order] == ["STARTTIME"]
    ends = wanted.scope.end_from is not None or wanted.scope.end_to is not None
    if by_start and not (whole or ends or criteria["services"] or criteria["name_prefix"] is not None):
        return
    await roll(context)
    every = msgspec.structs.replace(filter_of(context, wanted), services=())
    if await session_lists.count_starts(context.lists, every) > LARGEST_SEARCH:
        raise faults.INVALID_VALUE(
            path="dateScope", problem=f"more than {LARGEST_SEARCH} sessions start in this time; name less of it"
        )


def _relation(context: Context) -> Relation:
    if context.is_anonymous:
        return Relation.ANONYMOUS
    caller = context.caller
    return Relation.ADMIN if caller.site_admin or caller.ro_site_admin else Relation.MEMBER
