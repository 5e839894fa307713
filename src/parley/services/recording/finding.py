"""Which recordings a caller may see and change: the own ones, administrators those of all hosts.

Of what somebody may not see he learns nothing: it is answered as what does not exist (facts/general-session.md 9).
"""

from __future__ import annotations

from parley.domain.recording import HostedRecording, State
from parley.protocol import faults
from parley.services.context import Context
from parley.store import recordings


def sees_all(context: Context) -> bool:
    """Whether the caller is an administrator, read-only ones too."""
    return context.caller.site_admin or context.caller.ro_site_admin


def sees_passwords(context: Context, recording: HostedRecording) -> bool:
    """Whether the caller is told the password of a recording: the owner is, and whoever could set another one."""
    return context.caller.site_admin or recording.owner_id == context.caller.user_id


async def visible(context: Context, recording_id: int | None, *states: State) -> HostedRecording:
    """The recording with this number, in one of the states (by default READY), that the caller may see.

    Raises:
        Fault: 999999 without a number, 000015 when there is none.
    """
    if recording_id is None:
        raise faults.MISSING_ELEMENT(path="recordingID")
    found = await recordings.by_id(context.engine, context.site.site.site_id, recording_id)
    if found is None or found.state not in (states or (State.READY,)):
        raise faults.NOTHING_FOUND()
    if found.owner_id != context.caller.user_id and not sees_all(context):
        raise faults.NOTHING_FOUND()
    return found


async def changeable(context: Context, recording_id: int | None, *states: State) -> HostedRecording:
    """The same, that the caller may change.

    Raises:
        Fault: as `visible`, and 000001 for a read-only administrator.
    """
    found = await visible(context, recording_id, *states)
    if found.owner_id != context.caller.user_id and not context.caller.site_admin:
        raise faults.ACCESS_DENIED()
    return found
