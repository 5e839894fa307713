"""GetJoinSessionInfo: what a program needs that joins a session by itself.

Only the elements are known; who gets an answer is chosen: whoever would come in by a join link.
Source: facts/general-session.md 0 and 12.
"""

from __future__ import annotations

from parley.contract.ep import GetJoinSessionInfo, GetJoinSessionInfoResponse, GetSessionInfoResponseTelephony
from parley.contract.meeting import TelephonyType
from parley.domain.registration import admits
from parley.domain.session import Attendee, HostedSession
from parley.domain.visibility import Standing
from parley.protocol import faults
from parley.services.context import Context
from parley.services.general_session.info import part_with_password
from parley.services.registry import operation
from parley.services.sessions.kinds import kind_of
from parley.services.sessions.scheduling import named_session
from parley.services.sessions.standing import Part
from parley.services.values import given
from parley.store import sessions


@operation(
    "ep",
    request=GetJoinSessionInfo,
    answer=GetJoinSessionInfoResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key,
)
async def get_join_session_info(context: Context, request: GetJoinSessionInfo) -> GetJoinSessionInfoResponse:
    """Give what a program needs to join a session: for its people, and for whoever knows the password."""
    session = named_session(context)
    part = await part_with_password(context, session, given(request.session_password))
    row = part.row or await _listed(context, session, given(request.attendee_email))
    kind = kind_of(session, context.site.types)
    view = kind.view(session)
    _check_entry(context, session, part, row, join_requires_account=view.join_requires_account)
    host_name = context.application.links.host_name(context.site.site.name)
    return GetJoinSessionInfoResponse(
        site_id=session.site_id,
        conf_id=session.conf_id,
        conf_name=session.name,
        attendee_id=row.attendee_id if row is not None else 0,
        mzm_address=host_name,
        mcc_address=host_name,
        enable_options=view.options,
        telephony=_telephony(view.telephony),
    )


async def _listed(context: Context, session: HostedSession, email: str | None) -> Attendee | None:
    """The person on the session's list who has the address that is to join."""
    if email is None or not session.attendee_count:
        return None
    key = email.strip().casefold()
    found = await sessions.attendees_by_email(context.engine, session.site_id, session.session_key, [key])
    return next(iter(found), None)


def _check_entry(
    context: Context, session: HostedSession, part: Part, row: Attendee | None, *, join_requires_account: bool
) -> None:
    """See to it that the caller may come in.

    Raises:
        Fault: 000001, or 060026 without the password of a session that has one.
    """
    if part.standing is Standing.HOST:
        return
    if session.password and part.standing < Standing.TRUSTED:
        raise faults.WRONG_SESSION_PASSWORD()
    if join_requires_account and context.is_anonymous:
        raise faults.ACCESS_DENIED()
    registration = kind_of(session, context.site.types).registration(session)
    if registration.required and (row is None or not admits(row.join_status, waiting=row.waiting)):
        raise faults.ACCESS_DENIED()


def _telephony(told: GetSessionInfoResponseTelephony | None) -> TelephonyType | None:
    if told is None:
        return None
    common = [name for name in TelephonyType.__struct_fields__ if name in told.__struct_fields__]
    return TelephonyType(**{name: getattr(told, name) for name in common if name != "call_in_num"})
