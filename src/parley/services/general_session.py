"""The general session service (module `ep`): the version of the API, and lists over sessions of every kind.

Sources: facts/general-session.md 1 and 2, facts/versions.md 0.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

from parley.contract.common import PsoFieldsType
from parley.contract.ep import (
    GetAPIVersion,
    GetAPIVersionResponse,
    LstsummarySession,
    LstsummarySessionResponse,
    SessionSummaryInstanceType,
)
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.protocol import faults
from parley.protocol.codec import encoder
from parley.services import lists, session_lists
from parley.services.context import Context
from parley.services.lists import Scope
from parley.services.registry import Encoded, operation
from parley.services.session_lists import Listed, Wanted
from parley.services.values import given

#: From the monthly releases on the version stays at 11.0.0, and the monthly number has an element of its own.
API_VERSION: Final = "WebEx XML API V11.0.0"
#: The release and train numbers of 42.x were never seen: they count on from the last ones known.
_RELEASE: Final = "SP26"
_TRAIN: Final = "T32L"
_TRAIN_ORDER: Final = 400

#: Session types left out as soon as services are named, unless they are named themselves: audio only, remote access.
_APART_TYPES: Final = (16, 10, 14)
#: Widest range of modification dates in seconds; a wider one is cut, not refused.
_MODIFIED_RANGE: Final = int(timedelta(days=14).total_seconds())
_HOST_TYPE: Final = "1019001"


@operation("ep", request=GetAPIVersion, answer=GetAPIVersionResponse, since="3.5")
async def get_api_version(context: Context, request: GetAPIVersion) -> GetAPIVersionResponse:
    """Tell the version of the API that the site runs at."""
    trains = bool(request.return_train_release_version)
    return GetAPIVersionResponse(
        api_version=API_VERSION,
        release=_RELEASE,
        train_release_version=_TRAIN if trains else None,
        train_release_order=_TRAIN_ORDER if trains else None,
        api_ver=context.site.level.text,
    )


@operation(
    "ep",
    request=LstsummarySession,
    answer=LstsummarySessionResponse,
    key_of=lambda request: request.meeting_uuid or None,
)
async def lstsummary_session(context: Context, request: LstsummarySession) -> Encoded:
    """List sessions of all kinds in brief; without an account nothing is found."""
    if context.is_anonymous:
        raise faults.NOTHING_FOUND()
    level = context.site.level
    encode = encoder(LstsummarySessionResponse, level)
    wanted, view = await _wanted(context, request), _view(context, request)
    rows, matching = await session_lists.found_rows(
        context,
        wanted,
        lambda rows: encode(LstsummarySessionResponse(session=[_summary(row, view) for row in rows])),
        lambda matching: encode(LstsummarySessionResponse(matching_records=matching)),
        "LstsummarySession",
        level.text,
        view,
    )
    return Encoded(matching + rows)


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
        # Nobody assists meetings here, so an order by assistance leaves them as they are.
        order=[each for each in order if not each[0].startswith("ASSIST")] or lists.ordering([], []),
        page=lists.page(request.list_control),
        invited=bool(request.invited),
        case_sensitive=sent is not None and sent.case_sensitive is not False,
        criteria={
            "services": services,
            "session_types": types,
            "without_types": tuple(each for each in _APART_TYPES if services and each not in types),
            "keys": session_lists.keys_of(context, request.session_key, request.meeting_uuid),
            "status": request.status,
            "conf_id": request.conf_id,
            "name_prefix": _folded(request.conf_name),
            "modified_from": modified[0],
            "modified_to": modified[1],
            "any_of": request.list_control is not None and request.list_control.list_method == "OR",
        },
    )


def _folded(text: str | None) -> str | None:
    return text.strip().casefold() if given(text) and text else None


def _modified(request: LstsummarySession) -> tuple[int | None, int | None]:
    """The range of modification dates, at most two weeks wide (GMT)."""
    bounds = lists.scope_of_dates(request.modified_date_start, request.modified_date_end, timezones.GMT)
    start, end = bounds
    if start is not None and end is not None and end - start > _MODIFIED_RANGE:
        end = start + _MODIFIED_RANGE
    return start, end


class _View(NamedTuple):
    """What the rows of one list have in common: the zone of its times and what is shown."""

    zone_id: int
    show_zone: bool
    pso: bool


def _view(context: Context, request: LstsummarySession) -> _View:
    scope = request.date_scope
    zone = lists.zone_or(scope.time_zone_id if scope else None, timezones.GMT, "dateScope/timeZoneID")
    return _View(
        zone_id=zone,
        show_zone=bool(scope and scope.return_specified_time_zone),
        pso=bool(request.return_pso_fields),
    )


def _summary(row: Listed, view: _View) -> SessionSummaryInstanceType:
    session, other = row.session, row.other_host
    zone = view.zone_id if view.show_zone else session.time_zone_id
    return SessionSummaryInstanceType(
        session_key=session.session_key,
        conf_name=session.name,
        session_type=session.session_type,
        service_type=session.service,
        host_web_ex_id=session.host_web_ex_id,
        host_first_name=session.host_first_name,
        host_last_name=session.host_last_name,
        other_host_web_ex_id=other or session.host_web_ex_id,
        time_zone_id=zone,
        time_zone=timezones.zone(zone).text,
        status=session.status,
        start_time=format_date(timezones.to_local(session.next_start, view.zone_id)),
        open_time=session.open_time,
        duration=session.duration,
        list_status=session.listing,
        host_email=session.host_email,
        password_req=session.password is not None,
        host_joined=session.host_joined,
        participants_joined=session.participants_joined,
        conf_id=session.conf_id,
        registration=session.registration,
        is_recurring=session.recurring,
        alt_host=row.by_another,
        pso_fields=PsoFieldsType() if view.pso else None,
        host_type=_HOST_TYPE,
        is_audio_only=False,
        tele_presence=False,
        is_private_meeting=False,
    )
