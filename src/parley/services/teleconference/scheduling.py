"""CreateTeleconferenceSession and SetTeleconferenceSession.

Source: facts/meeting-event.md 1 (Teleconference-only sessions).
"""

from __future__ import annotations

from parley.contract.teleconference import (
    CreateTeleconferenceSession,
    CreateTeleconferenceSessionResponse,
    SetTeleconferenceSession,
    SetTeleconferenceSessionResponse,
)
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.teleconference.kind import AUDIO


@operation(
    "teleconference",
    request=CreateTeleconferenceSession,
    answer=CreateTeleconferenceSessionResponse,
    with_account=True,
)
async def create_teleconference_session(
    context: Context, request: CreateTeleconferenceSession
) -> CreateTeleconferenceSessionResponse:
    """Schedule an audio-only session; the answer is its key."""
    session = await changing.create(context, AUDIO, request)
    return CreateTeleconferenceSessionResponse(session_key=session.session_key)


@operation(
    "teleconference",
    request=SetTeleconferenceSession,
    answer=SetTeleconferenceSessionResponse,
    key_of=lambda request: request.session_key,
    with_account=True,
)
async def set_teleconference_session(
    context: Context, request: SetTeleconferenceSession
) -> SetTeleconferenceSessionResponse:
    """Change an audio-only session; what the request does not say stays as it is."""
    await changing.change(context, AUDIO, request)
    return SetTeleconferenceSessionResponse()
