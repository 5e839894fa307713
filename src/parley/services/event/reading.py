"""GetEvent.

Source: facts/meeting-event.md 5 (own sessions only, for administrators too).
"""

from __future__ import annotations

from parley.contract.event import GetEvent, GetEventResponse
from parley.domain.session import HostedSession
from parley.protocol import faults
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.event.document import answer_fields
from parley.services.event.kind import EVENT
from parley.services.kept import kept_answer
from parley.services.registry import Encoded, operation
from parley.services.sessions import changing
from parley.services.sessions.kinds import HOST_TYPE
from parley.services.sessions.scheduling import owns
from parley.store import sessions


@operation("event", request=GetEvent, answer=GetEventResponse, key_of=lambda request: request.session_key)
async def get_event(context: Context, request: GetEvent) -> Encoded:
    """Give everything about an event that the caller holds or scheduled."""
    check_classic_events(context)
    session = changing.named_session(context, EVENT)
    if not owns(context, session):
        raise faults.ACCESS_DENIED()
    depends_on = (session.session_key, session.version, session.host_web_ex_id)
    return await kept_answer(context, GetEventResponse, depends_on, lambda: _answer(context, session))


async def _answer(context: Context, session: HostedSession) -> GetEventResponse:
    people = await sessions.all_attendees(context.engine, session)
    return GetEventResponse(**answer_fields(session, people), host_type=HOST_TYPE)
