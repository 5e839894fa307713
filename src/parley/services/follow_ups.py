"""Mails after an event: thanks to those who came, and a word to those who did not.

A row of the outbox waits for each of the two until it is due; who is written to follows from who was there by then. An
event that goes on is waited for, and one that never took place is not followed up.
Sources: the contract's followUpMsgs; what it leaves open is chosen (docs/fidelity.md, "Follow-ups").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from parley.domain.identifiers import new_outbox_id
from parley.domain.reminders import FollowUp
from parley.domain.session import Attendee, HostedSession, Session
from parley.services import mails
from parley.services.reminders import LEADING, may_come
from parley.store import Changes, Engine, history_lists, outbox, sessions
from parley.store.history_lists import HistoryFilter
from parley.store.outbox import Message

#: The row that waits; it has no recipient and is no mail.
WAITING: Final = "event.next_follow_up"
#: The kinds of the mails.
THANKS: Final = "event.thanks"
ABSENTEE: Final = "event.absentee"
#: How long after the planned end they go out where the event names no time.
USUAL_PAUSE: Final = 3600
#: An event that goes on is looked at again after so many seconds.
_PATIENCE: Final = 15 * 60
_PAGE: Final = 500

_read: Final = msgspec.json.Decoder(FollowUp).decode


def put(changes: Changes, session: Session, wanted: Sequence[FollowUp], now: int) -> None:
    """Write the rows for the follow-ups of a session that are still to come."""
    outbox.put(changes, [_row(session, each, each.at, now) for each in wanted if each.at > now])


def put_anew(
    changes: Changes, session: Session, before: Sequence[FollowUp], wanted: Sequence[FollowUp], now: int
) -> None:
    """Write the rows anew for a session that is changed; `before`: what it asked for until now."""
    if before != wanted:
        outbox.forget(changes, session.site_id, session.session_key, WAITING)
        put(changes, session, wanted, now)


async def rows_due(engine: Engine, waited: Message, session: HostedSession, now: int) -> tuple[Message, ...]:
    """What takes the place of a row that has waited: a mail for each person, or the same row for later."""
    wanted = _read(waited.document)
    if session.status == "INPROGRESS":
        return (_row(session, wanted, now + _PATIENCE, now),)
    came = await _came(engine, session)
    if came is None:
        return ()
    people = await _attendees(engine, session)
    chosen = [each for each in people if _was_there(each, came) is (wanted.kind == THANKS)]
    return tuple(mails.follow_up(now, wanted.kind, session, each) for each in chosen)


def _row(session: Session, wanted: FollowUp, due_at: int, now: int) -> Message:
    return Message(
        site_id=session.site_id,
        outbox_id=new_outbox_id(),
        kind=WAITING,
        session_key=session.session_key,
        document=msgspec.json.encode(wanted).decode(),
        created_at=now,
        due_at=due_at,
    )


async def _attendees(engine: Engine, session: HostedSession) -> list[Attendee]:
    """The attendees that the event was for: invited or accepted, each address once."""
    people = await sessions.all_attendees(engine, session)
    attendees = [each for each in people if each.role not in LEADING and may_come(session, each)]
    return list({each.email_key: each for each in reversed(attendees)}.values())


async def _came(engine: Engine, session: HostedSession) -> set[int | str] | None:
    """Numbers on the list, and addresses, of those who were in a run of a session; None: there was none."""
    wanted = HistoryFilter(site_id=session.site_id, service=session.service, since=0, session_key=session.session_key)
    found: set[int | str] = set()
    first = 1
    while True:
        page = await history_lists.list_stays(engine, wanted, (), first, _PAGE)
        for told in page.rows:
            found.update(each for each in (told.stay.attendee_id, told.stay.email) if each)
        first += _PAGE
        if first > page.total:
            return found if page.total else None


def _was_there(person: Attendee, came: set[int | str]) -> bool:
    return person.attendee_id in came or person.email_key in came
