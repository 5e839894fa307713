"""GetTeleconferenceSession.

Source: facts/meeting-event.md 1 (Teleconference-only sessions).
"""

from __future__ import annotations

from parley.contract.teleconference import GetTeleconferenceSession, GetTeleconferenceSessionResponse
from parley.protocol import faults
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.sessions.kinds import HOST_TYPE
from parley.services.sessions.scheduling import owns
from parley.services.teleconference.document import instance
from parley.services.teleconference.kind import AUDIO
from parley.store import sessions, users


@operation(
    "teleconference",
    request=GetTeleconferenceSession,
    answer=GetTeleconferenceSessionResponse,
    key_of=lambda request: request.session_key,
)
async def get_teleconference_session(
    context: Context, request: GetTeleconferenceSession
) -> GetTeleconferenceSessionResponse:
    """Give everything about an audio-only session that the caller holds or scheduled, its numbers and codes too."""
    session = changing.named_session(context, AUDIO)
    if not owns(context, session):
        raise faults.ACCESS_DENIED()
    listed = await sessions.all_attendees(context.engine, session)
    host = await users.by_id(context.engine, session.site_id, session.host_id)
    personal = profile_of(host).personal_teleconf if host else None
    fields = instance(session, listed, context.site.settings.telephony, personal.account if personal else [])
    return GetTeleconferenceSessionResponse(**fields, host_type=HOST_TYPE)
