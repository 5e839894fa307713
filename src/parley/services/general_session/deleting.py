"""DelSession.

Source: facts/general-session.md 5.
"""

from __future__ import annotations

from parley.contract.ep import DelSession, DelSessionResponse
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.sessions.scheduling import named_session


@operation(
    "ep",
    request=DelSession,
    answer=DelSessionResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key,
)
async def del_session(context: Context, request: DelSession) -> DelSessionResponse:
    """Delete a session of any kind; of a series with all its exceptions, of an exception only this occurrence."""
    session = named_session(context)
    links = await changing.delete(context, session, send_email=request.send_email is not False)
    return DelSessionResponse(i_calendar_url=links)
