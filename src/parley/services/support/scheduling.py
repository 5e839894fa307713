"""CreateSupportSession.

Source: facts/meeting-event.md 6. Customers are invited, and their forms read, through the attendee service.
"""

from __future__ import annotations

from parley.contract.supportsession import CreateSupportSession, CreateSupportSessionResponse
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.support.kind import SUPPORT


@operation("supportsession", request=CreateSupportSession, answer=CreateSupportSessionResponse, with_account=True)
async def create_support_session(context: Context, request: CreateSupportSession) -> CreateSupportSessionResponse:
    """Begin a support session now, with the caller as host; the answer is its key."""
    session = await changing.create(context, SUPPORT, request)
    return CreateSupportSessionResponse(session_key=session.session_key)
