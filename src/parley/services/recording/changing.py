"""What becomes of a recording: to the trash, out of it, gone for good, or to another owner; and who is told.

Operations, pages and the command line do it through these functions, so the owner is told in every case
(facts/versions.md 42.3.0).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from parley.domain import recording as rules
from parley.domain.recording import TRASH_DAYS, HostedRecording, Recording
from parley.domain.site import Site
from parley.domain.user import Caller, User
from parley.protocol.versions import Level
from parley.recordings.keeping import limit_of
from parley.services.recording_mails import Happened, RecordingNotice, tell_owner
from parley.store import Changes, Engine, recordings, users
from parley.store.recordings import Room

_MAILS_SINCE: Final = Level.parse("42.3.0")


class Actor(NamedTuple):
    """Whoever does something with a recording; `user_id` 0: no account of the site, such as whoever runs the server."""

    user_id: int
    name: str

    @classmethod
    def of(cls, person: Caller | User) -> Actor:
        """An account."""
        return cls(person.user_id, f"{person.first_name} {person.last_name}".strip() or person.web_ex_id)


class NoRoom(Exception):
    """The recordings of the new owner would use more storage than there is for them."""


async def throw_away(
    engine: Engine, changes: Changes, site: Site, recording: HostedRecording, actor: Actor, now: int
) -> Recording:
    """Move a recording to the trash; its owner is told unless he does it himself. Conflict when it was changed."""
    stored = recordings.update(changes, recording.plain(), rules.trashed(recording.plain(), actor.user_id, now))
    notice = _notice(recording, actor, trash_days=TRASH_DAYS)
    await _tell(engine, changes, site, recording, Happened.TRASHED, actor, notice, now)
    return stored


async def delete(
    engine: Engine, changes: Changes, site: Site, recording: HostedRecording, actor: Actor, now: int
) -> Recording:
    """Delete a recording for good; its owner is told unless he does it himself. Conflict when it was changed.

    From then on nobody can reach anything of it; its file is removed afterwards (`store.recordings.to_remove`).
    """
    stored = recordings.update(changes, recording.plain(), rules.deleted(recording.plain(), actor.user_id, now))
    await _tell(engine, changes, site, recording, Happened.DELETED, actor, _notice(recording, actor), now)
    return stored


def recover(changes: Changes, recording: HostedRecording, now: int) -> Recording:
    """Take a recording out of the trash. Conflict when it was changed."""
    return recordings.update(changes, recording.plain(), rules.recovered(recording.plain(), now))


async def reassign(
    engine: Engine, changes: Changes, site: Site, recording: HostedRecording, owner: User, actor: Actor, now: int
) -> Recording:
    """Give a recording to another account of the site; who had it is told unless he does it himself.

    Raises:
        NoRoom: the new owner has no room for it.
        Conflict: when changes are committed: it was changed, or the room was taken up meanwhile.
    """
    before = recording.plain()
    if owner.user_id == recording.owner_id:
        return before
    limit = limit_of(owner)
    used = await recordings.used(engine, site.site_id, owner.user_id)
    if limit is not None and before.used and used + before.used > limit:
        raise NoRoom
    after = msgspec.structs.replace(before, owner_id=owner.user_id, modified_at=now)
    stored = recordings.update(changes, before, after, Room(owner=limit))
    recordings.unshare(changes, before, owner.user_id)
    notice = _notice(recording, actor, new_owner=Actor.of(owner).name)
    await _tell(engine, changes, site, recording, Happened.REASSIGNED, actor, notice, now)
    return stored


def _notice(
    recording: HostedRecording, actor: Actor, *, trash_days: int = 0, new_owner: str | None = None
) -> RecordingNotice:
    return RecordingNotice(
        name=recording.name,
        owner_id=recording.owner_id,
        recorded_at=recording.created_at,
        seconds=recording.duration,
        actor=actor.name,
        size=recording.size,
        trash_days=trash_days,
        new_owner=new_owner,
    )


async def _tell(
    engine: Engine,
    changes: Changes,
    site: Site,
    recording: HostedRecording,
    happened: Happened,
    actor: Actor,
    notice: RecordingNotice,
    now: int,
) -> None:
    """Write to the owner that the recording has until now; sites below 42.3 send nothing."""
    if actor.user_id == recording.owner_id or Level.parse(site.level) < _MAILS_SINCE:
        return
    owner = await users.by_id(engine, site.site_id, recording.owner_id)
    if owner is not None:
        tell_owner(changes, happened, owner, actor.user_id, notice, now)
