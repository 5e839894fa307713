"""GetSessionInfo: what a session tells anybody, and what only those who take part.

The whole answer is made first; then `domain.visibility` says what of it is told. Source: facts/general-session.md 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from parley.contract.ep import (
    GetSessionInfo,
    GetSessionInfoResponse,
    GetSessionInfoResponseAccessControl,
    GetSessionInfoResponseAttendeeOptions,
    GetSessionInfoResponseHost,
    GetSessionInfoResponseMaterial,
    GetSessionInfoResponseMetaData,
    GetSessionInfoResponseSchedule,
)
from parley.domain import timezones
from parley.domain.dates import format_date, from_stored
from parley.domain.history import Run
from parley.domain.recurrence import Dates
from parley.domain.registration import Registration, Scope, is_closed, pool_of, seats_of
from parley.domain.session import HostedSession
from parley.domain.visibility import Column, Standing, is_told
from parley.protocol import faults
from parley.protocol.credentials import Overloaded
from parley.protocol.declare import Record
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.registry import operation
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import View, kind_of
from parley.services.sessions.registering import (
    is_over,
    occurrence_is_over,
    present_number,
    registration_of,
    taken_seats,
)
from parley.services.sessions.scheduling import named_session
from parley.services.sessions.standing import Part, part_of, password_is
from parley.services.sessions.stored import stored_session
from parley.services.values import given
from parley.store import programs, runs, sessions

_COLUMNS: Final = {
    "MeetingCenter": Column.MC,
    "TrainingCenter": Column.TC,
    "EventCenter": Column.EC,
    "SalesCenter": Column.SAC,
    "SupportCenter": Column.SAC,
}
R = TypeVar("R", bound=Record)
_EVENTS: Final = "EventCenter"
_RUNS: Final = "INPROGRESS"
_ROLES: Final = {"PRESENTER": "PRESENTER", "HOST": "ALTERNATEHOST"}


@operation(
    "ep",
    request=GetSessionInfo,
    answer=GetSessionInfoResponse,
    since="4.0.7",
    key_of=lambda request: request.meeting_uuid or request.session_key,
)
async def get_session_info(context: Context, request: GetSessionInfo) -> GetSessionInfoResponse:
    """Tell what a session lets anybody know; more to its people and to those who know its password."""
    session = named_session(context)
    if session.service == _EVENTS:
        check_classic_events(context)
    part = await part_with_password(context, session, given(request.session_password), request.sub_session_no)
    whole = await _answer(context, session, part, request.sub_session_no)
    column = column_of(context, session)
    return _told(whole, lambda path: is_told(path, column, part.standing))


def column_of(context: Context, session: HostedSession) -> Column:
    """The session's column in the table of what is told."""
    if traits_of(context.site.types, session.session_type).audio_only:
        return Column.AO
    return _COLUMNS[session.service]


async def part_with_password(
    context: Context, session: HostedSession, password: str | None, occurrence: int | None = None
) -> Part:
    """What the caller is to a session; its password makes a part of whoever has none.

    Args:
        occurrence: the number of the occurrence that it is about.

    Raises:
        Fault: 060026 for a wrong password of somebody without part in the session.
    """
    caller = None if context.is_anonymous else context.caller
    part = await part_of(context.engine, caller, session, occurrence)
    if password is None or not session.password or part.standing >= Standing.TRUSTED:
        return part
    try:
        right = await password_is(context.application.brake, session, password)
    except Overloaded:
        raise faults.BUSY() from None
    if not right:
        raise faults.WRONG_SESSION_PASSWORD()
    return Part(Standing.TRUSTED, part.row)


def _told(record: R, is_shown: Callable[[str], bool], above: str = "") -> R:
    """A record without the fields that are not told."""
    changes: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value is None or value == []:
            continue
        path = f"{above}{name}"
        if not is_shown(path):
            changes[name] = [] if isinstance(value, list) else None
        elif isinstance(value, Record):
            changes[name] = _told(value, is_shown, f"{path}.")
    return msgspec.structs.replace(record, **changes)


# ---- the whole answer ----------------------------------------------------------------------------------------


async def _answer(
    context: Context, session: HostedSession, part: Part, occurrence: int | None
) -> GetSessionInfoResponse:
    kind = kind_of(session, context.site.types)
    view, registration = kind.view(session), registration_of(context, session)
    links, site = context.application.links, context.site.site.name
    traits = traits_of(context.site.types, session.session_type)
    alternates = await _alternate_hosts(context, session)
    column = column_of(context, session)
    page = links.invitation(site, session.attendee_link)
    run = await runs.run(context.engine, session.site_id, session.conf_id) if session.status == _RUNS else None
    return GetSessionInfoResponse(
        status=session.status,
        is_locked=run is not None and run.locked,
        presenter=await _presenters(context, session, run) if column is Column.TC else [],
        panelists_info=view.panelists_info,
        program_name=await _program_name(context, session),
        session_key=session.session_key,
        meeting_uuid=session.uuid,
        conf_id=session.conf_id,
        access_control=await _access(context, session, part, view, registration, occurrence),
        meta_data=GetSessionInfoResponseMetaData(
            conf_name=session.name,
            session_type=session.session_type,
            service_type=session.service,
            agenda=view.agenda,
            description=view.description,
            account=view.account,
            opportunity=view.opportunity,
            is_recurring=session.recurring,
        ),
        telephony=view.telephony,
        material=GetSessionInfoResponseMaterial(image_url=links.event_image(site, view.image)) if view.image else None,
        host=GetSessionInfoResponseHost(
            first_name=session.host_first_name,
            last_name=session.host_last_name,
            email=session.host_email,
            web_ex_id=session.host_web_ex_id,
            alternate_host=alternates,
        ),
        schedule=GetSessionInfoResponseSchedule(
            start_date=format_date(timezones.to_local(_start(session, occurrence), session.time_zone_id)),
            duration=session.duration,
            time_zone=timezones.zone(session.time_zone_id).text,
        ),
        attendee_options=GetSessionInfoResponseAttendeeOptions(join_requires_account=view.join_requires_account),
        is_audio_only=traits.audio_only,
        tele_presence=False,
        is_alternate_host=part.row is not None and part.row.role == "HOST",
        is_creator=not context.is_anonymous and context.caller.user_id == session.creator_id,
        host_key=session.host_key,
        support_e2e=view.end_to_end,
        attendee_role=_ROLES.get(part.row.role, "ATTENDEE") if part.row is not None else None,
        is_allow_jbh=view.open_before_host,
        is_private_meeting=traits.private,
        is_cet_meeting=False,
        is_personal_meeting_room=view.personal,
        is_next_upcoming_instance=await _comes_next(context, session),
        meeting_link=page,
        sip_url=links.sip(site, session.session_key),
        display_meeting_url=page,
        enable_event=traits.webinar,
        enable_webniar=traits.view_only,
    )


async def _access(
    context: Context,
    session: HostedSession,
    part: Part,
    view: View,
    registration: Registration,
    occurrence: int | None,
) -> GetSessionInfoResponseAccessControl:
    row = part.row
    # Whoever left the password out of the invitations does not want the invited to read it here.
    kept_back = view.exclude_password and row is not None and part.standing < Standing.HOST
    page = context.application.links.registration(context.site.site.name, session.attendee_link)
    return GetSessionInfoResponseAccessControl(
        session_password=None if kept_back else session.password,
        list_status=session.listing,
        registration=session.registration,
        registration_url=page if session.registration else None,
        password_req=session.password is not None,
        registration_id=row.register_id if row is not None else None,
        join_status=row.join_status if row is not None else None,
        registration_status=await _registration_status(context, session, registration, occurrence),
        is_register_id_required=registration.id_required,
    )


async def _registration_status(
    context: Context, session: HostedSession, registration: Registration, occurrence: int | None
) -> str | None:
    """What becomes of somebody who registers now; where people register for classes, for the one that is named."""
    if not registration.required:
        return None
    past = registration.scope is Scope.EACH and occurrence and occurrence_is_over(session, occurrence, context.now)
    if past or is_closed(registration, context.now) or is_over(session, context.now):
        return "CLOSED"
    seats = seats_of(registration)
    taken = await taken_seats(context.engine, session, registration)
    pool = pool_of(registration, occurrence or present_number(session) or 0)
    if seats is not None and taken.get(pool, 0) >= seats:
        return "WAITLIST" if registration.waiting_list else "FULL"
    return "REGISTER"


def _start(session: HostedSession, number: int | None) -> int:
    """When the session, or the occurrence of a series with this number (subSessionNo), starts.

    Raises:
        Fault: 060001 when the series has no such occurrence.
    """
    if not number or not session.recurring:
        return session.next_start
    stored = stored_session(session)
    dates = Dates(stored.rule, from_stored(session.start_local), session.time_zone_id, stored.skipped)
    start = dates.start_of(number)
    if start is None:
        raise faults.MEETING_NOT_FOUND()
    return start


async def _alternate_hosts(context: Context, session: HostedSession) -> list[str]:
    if not session.alternates:
        return []
    found = await sessions.alternate_hosts(context.engine, session.site_id, [session.session_key])
    return [each.web_ex_id for each in found.get(session.session_key, [])]


async def _presenters(context: Context, session: HostedSession, run: Run | None) -> list[str]:
    """Who presents while it is held, else those who are to."""
    if run is not None and run.presenter:
        return [run.presenter]
    people = await sessions.all_attendees(context.engine, session)
    return [each.name for each in people if each.role == "PRESENTER"]


async def _program_name(context: Context, session: HostedSession) -> str | None:
    if session.program_id is None:
        return None
    program = await programs.by_id(context.engine, session.site_id, session.program_id)
    return program.name if program is not None else None


async def _comes_next(context: Context, session: HostedSession) -> bool:
    """Whether the session is a single one, or of its series (exceptions counted) what runs or comes next."""
    if session.series_key is None:
        return True
    upcoming = await sessions.upcoming(context.engine, session.site_id, [session.series_key])
    return not session.ended and upcoming.get(session.series_key) == session.next_start
