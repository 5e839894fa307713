"""DelRecording.

Source: facts/general-session.md 9 "DelRecording and the trash", facts/versions.md (10.0 SP12, 42.3.0).
"""

from __future__ import annotations

from parley.contract.ep_recording import DelRecording, DelRecordingResponse
from parley.domain.recording import State
from parley.services.context import Context
from parley.services.recording.changing import Actor, delete, throw_away
from parley.services.recording.finding import changeable
from parley.services.registry import operation
from parley.store import Changes


@operation("ep", request=DelRecording, answer=DelRecordingResponse)
async def del_recording(context: Context, request: DelRecording) -> DelRecordingResponse:
    """Move a recording to its owner's trash, or with deletePermanently delete it for good, out of the trash too."""
    site, actor, changes = context.site.site, Actor.of(context.caller), Changes()
    if request.delete_permanently:
        found = await changeable(context, request.recording_id, State.READY, State.TRASHED)
        await delete(context.engine, changes, site, found, actor, context.now)
    else:
        found = await changeable(context, request.recording_id)
        await throw_away(context.engine, changes, site, found, actor, context.now)
    await context.engine.commit(changes)
    return DelRecordingResponse(recording_id=found.recording_id)
