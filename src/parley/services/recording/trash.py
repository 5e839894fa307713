"""RecoverRecordingFromRecycleBin and DelRecordingFromRecycleBin; the trash is listed in `listing`.

Source: facts/general-session.md 9 "DelRecording and the trash": everybody has his own trash, administrators too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from parley.contract.ep_recording import (
    DelRecordingFromRecycleBin,
    DelRecordingFromRecycleBinResponse,
    DelRecordingFromRecycleBinResponseFailedRecordings,
    RecoverRecordingFromRecycleBin,
    RecoverRecordingFromRecycleBinResponse,
    RecoverRecordingFromRecycleBinResponseSuccessfulRecoverRecordings,
)
from parley.domain.recording import HostedRecording, State
from parley.protocol import faults
from parley.services.context import Context
from parley.services.recording.changing import Actor, delete, recover
from parley.services.registry import operation
from parley.store import Changes, recordings
from parley.store.recording_lists import RecordingFilter, list_recordings

#: Recordings that one call names at most, and that one transaction deletes when the trash is emptied.
_MOST: Final = 20
_AT_ONCE: Final = 100


@operation(
    "ep",
    request=RecoverRecordingFromRecycleBin,
    answer=RecoverRecordingFromRecycleBinResponse,
    since="10.0",
)
async def recover_recording_from_recycle_bin(
    context: Context, request: RecoverRecordingFromRecycleBin
) -> RecoverRecordingFromRecycleBinResponse:
    """Take recordings out of the caller's trash; the answer names those that were in it."""
    found = await _in_trash(context, request.recording_id)
    if not found:
        raise faults.NOTHING_FOUND()
    changes = Changes(sequential=True)  # each counts in the owner's row of used storage
    for each in found:
        recover(changes, each, context.now)
    await context.engine.commit(changes)
    recovered = RecoverRecordingFromRecycleBinResponseSuccessfulRecoverRecordings(
        recording_id=[each.recording_id for each in found]
    )
    return RecoverRecordingFromRecycleBinResponse(successful_recover_recordings=recovered)


@operation("ep", request=DelRecordingFromRecycleBin, answer=DelRecordingFromRecycleBinResponse, since="10.0")
async def del_recording_from_recycle_bin(
    context: Context, request: DelRecordingFromRecycleBin
) -> DelRecordingFromRecycleBinResponse:
    """Delete recordings in the caller's trash for good: those that are named, or with deleteAll all of them."""
    if request.delete_all:
        return DelRecordingFromRecycleBinResponse(successful_recordings_count=await _empty(context))
    found = await _in_trash(context, request.recording_id)
    await _delete(context, found)
    there = {each.recording_id for each in found}
    reason = faults.NOTHING_FOUND().reason
    return DelRecordingFromRecycleBinResponse(
        successful_recordings_count=len(found),
        failed_recordings=[
            DelRecordingFromRecycleBinResponseFailedRecordings(recording_id=each, reason_for_failure=reason)
            for each in dict.fromkeys(request.recording_id)
            if each not in there
        ],
    )


async def _in_trash(context: Context, numbers: Sequence[int]) -> list[HostedRecording]:
    """Those of the recordings that are in the caller's trash, each once, in the order in which they were named.

    Raises:
        Fault: 999999 for none or more than 20 numbers.
    """
    if not numbers:
        raise faults.MISSING_ELEMENT(path="recordingID")
    if len(numbers) > _MOST:
        raise faults.INVALID_VALUE(path="recordingID", problem=f"at most {_MOST} are allowed")
    wanted = dict.fromkeys(numbers)
    found = await recordings.many(context.engine, context.site.site.site_id, wanted)
    rows = [found[each] for each in wanted if each in found]
    return [each for each in rows if each.state is State.TRASHED and each.owner_id == context.caller.user_id]


async def _empty(context: Context) -> int:
    """Delete everything in the caller's trash; how many recordings that were."""
    wanted = RecordingFilter(site_id=context.site.site.site_id, state=State.TRASHED, owner_id=context.caller.user_id)
    total = 0
    while found := (await list_recordings(context.engine, wanted, maximum=_AT_ONCE)).rows:
        await _delete(context, found)
        total += len(found)
    return total


async def _delete(context: Context, found: Sequence[HostedRecording]) -> None:
    site, actor, changes = context.site.site, Actor.of(context.caller), Changes(sequential=True)
    for each in found:
        await delete(context.engine, changes, site, each, actor, context.now)
    await context.engine.commit(changes)
