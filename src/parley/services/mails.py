"""What has to be told to people: rows for the outbox, written in the transaction of the change they tell of.

A row names the kind of message, the session and the recipient; the words are made when it is delivered.
Sources: facts/meeting-event.md 1 ("E-mails", SetMeeting).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec

from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.user import User
from parley.services.context import Context
from parley.store import Changes, outbox
from parley.store.outbox import Message


class Notice(msgspec.Struct, omit_defaults=True):
    """The document of an outbox row: what the session was like when the row was written."""

    name: str
    start_local: str
    time_zone_id: int
    duration: int
    sequence: int
    uuid: str
    attendee_id: int | None = None
    attendee_count: int = 0


def _message(context: Context, kind: str, session: Session, recipient: str, person: Attendee | None = None) -> Message:
    notice = Notice(
        name=session.name,
        start_local=session.start_local,
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        sequence=session.sequence,
        uuid=session.uuid,
        attendee_id=person.attendee_id if person else None,
        attendee_count=session.attendee_count,
    )
    return Message(
        site_id=session.site_id,
        outbox_id=secrets.randbelow(1 << 62),
        kind=kind,
        session_key=session.session_key,
        recipient=recipient,
        document=msgspec.json.encode(notice).decode(),
        created_at=context.now,
    )


def scheduled(context: Context, changes: Changes, session: Session, host: User, invited: Sequence[Attendee]) -> None:
    """A session was scheduled: tell its host, and invite those who are to be invited by mail."""
    messages = [_message(context, "session.scheduled", session, host.email)]
    messages += [_message(context, "session.invitation", session, each.email_key, each) for each in invited]
    outbox.put(changes, messages)


def rescheduled(context: Context, changes: Changes, before: HostedSession, after: Session, host: User) -> None:
    """A session was changed: tell its host when it takes place at another time or for another host."""
    same = (before.start_local, before.time_zone_id, before.duration, before.host_id) == (
        after.start_local,
        after.time_zone_id,
        after.duration,
        after.host_id,
    )
    if not same:
        outbox.put(changes, [_message(context, "session.rescheduled", after, host.email)])


def cancelled(context: Context, changes: Changes, session: HostedSession) -> None:
    """A session was deleted: tell its host."""
    outbox.put(changes, [_message(context, "session.cancelled", session, session.host_email)])
