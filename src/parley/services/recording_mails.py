"""What the owner of a recording is told when somebody else did something with it: rows for the outbox.

Source: facts/general-session.md 6 and facts/versions.md 42.3.0: the owner gets a mail when another person moves the
recording to the trash, deletes it permanently or gives it to another owner; never for what he does himself.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from parley.domain.identifiers import new_outbox_id
from parley.domain.user import User
from parley.store import Changes, outbox
from parley.store.outbox import Message


class Happened(StrEnum):
    """What was done with a recording, as kinds of messages."""

    TRASHED = "recording.trashed"
    DELETED = "recording.deleted"
    REASSIGNED = "recording.reassigned"


class RecordingNotice(msgspec.Struct, omit_defaults=True):
    """The document of an outbox row about a recording.

    Attributes:
        owner_id: account of the owner, or of the one before.
        recorded_at: UTC epoch seconds.
        seconds: how long it plays.
        size: bytes; 0: not known.
        actor: name of whoever did it.
        trash_days: days that it stays in the trash; 0: it is not said.
        new_owner: name of the owner from now on.
    """

    name: str
    owner_id: int
    recorded_at: int
    seconds: int
    actor: str
    size: int = 0
    trash_days: int = 0
    new_owner: str | None = None


def tell_owner(
    changes: Changes, happened: Happened, owner: User, actor_id: int, notice: RecordingNotice, now: int
) -> None:
    """Tell the owner of a recording what was done with it, unless the owner did it.

    Args:
        actor_id: account of whoever did it.
    """
    if actor_id == owner.user_id:
        return
    message = Message(
        site_id=owner.site_id,
        outbox_id=new_outbox_id(),
        kind=happened.value,
        recipient=owner.email,
        document=msgspec.json.encode(notice).decode(),
        created_at=now,
    )
    outbox.put(changes, [message])
