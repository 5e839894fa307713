"""CreateEvent, SetEvent and DelEvent.

Source: facts/meeting-event.md 5.
"""

from __future__ import annotations

from parley.contract.event import (
    CreateEvent,
    CreateEventResponse,
    DelEvent,
    DelEventResponse,
    SetEvent,
    SetEventResponse,
)
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.event.kind import EVENT
from parley.services.event.programs import check_program
from parley.services.registry import operation
from parley.services.sessions import changing


@operation("event", request=CreateEvent, answer=CreateEventResponse, with_account=True)
async def create_event(context: Context, request: CreateEvent) -> CreateEventResponse:
    """Schedule an event with its registration form, panelists, attendees and mails."""
    check_classic_events(context)
    await check_program(context, request.meta_data)
    session = await changing.create(context, EVENT, request)
    return CreateEventResponse(session_key=session.session_key, guest_token=session.guest_token)


@operation(
    "event",
    request=SetEvent,
    answer=SetEventResponse,
    key_of=lambda request: request.session_key,
    with_account=True,
)
async def set_event(context: Context, request: SetEvent) -> SetEventResponse:
    """Change an event; what the request does not say stays as it is."""
    check_classic_events(context)
    await check_program(context, request.meta_data)
    await changing.change(context, EVENT, request)
    return SetEventResponse()


@operation("event", request=DelEvent, answer=DelEventResponse, key_of=lambda request: request.session_key)
async def del_event(context: Context, request: DelEvent) -> DelEventResponse:
    """Delete an event that is not in progress."""
    await changing.delete(context, changing.named_session(context, EVENT))
    return DelEventResponse()
