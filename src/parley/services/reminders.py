"""Reminders of sessions: what a session asks for, the row that waits for the next one, and who is written to then.

One row of the outbox waits for each session: it is due with the session's next reminder and names its moment. What is
sent then follows from the session as it is then; so people who come to the list later are reminded, and nobody is of
what was changed or cancelled meanwhile.
Sources: the contract's remind elements; facts/meeting-event.md 1 (remind). Who is reminded is chosen
(docs/fidelity.md, "Mails").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from parley.domain import reminders
from parley.domain.dates import from_stored
from parley.domain.identifiers import new_outbox_id
from parley.domain.reminders import Due, Plan, Whom, Wish
from parley.domain.session import Attendee, HostedSession, Session
from parley.services import mails
from parley.services.sessions.people import person_of
from parley.services.sessions.stored import stored_session
from parley.services.values import is_email
from parley.store import Changes, outbox
from parley.store.outbox import Message

#: The row that waits; it has no recipient and is no mail.
WAITING: Final = "session.next_reminder"


class Moment(msgspec.Struct):
    """The document of the row that waits: when the reminder is due, UTC epoch seconds."""

    at: int


_read: Final = msgspec.json.Decoder(Moment).decode


class Remind(Protocol):
    """What the remind elements of all services have in common."""

    @property
    def enable_reminder(self) -> bool | None:
        """Whether anybody is reminded at all."""

    @property
    def days_ahead(self) -> int | None:
        """How long before the start; the three are added up."""

    @property
    def hours_ahead(self) -> int | None:
        """Likewise."""

    @property
    def minutes_ahead(self) -> int | None:
        """Likewise."""


def wishes_of(
    remind: Remind | None, *, send_email: bool = True, addresses: Sequence[str | None] = ()
) -> tuple[Wish, ...]:
    """What a remind element asks for; nothing unless it is enabled and a mail is wanted.

    Args:
        send_email: whether the element asks for mails (its sendEmail, where it has one).
        addresses: whom it names; without any, the host is reminded.
    """
    if remind is None or not remind.enable_reminder or not send_email:
        return ()
    ahead = reminders.seconds_ahead(remind.days_ahead, remind.hours_ahead, remind.minutes_ahead)
    named = tuple(dict.fromkeys(each.strip() for each in addresses if each and is_email(each.strip())))
    first = Wish(Whom.ADDRESSES, ahead, addresses=named) if named else Wish(Whom.HOST, ahead)
    return (first, Wish(Whom.MARKED, ahead))


def plan_of(session: Session) -> Plan:
    """When a session takes place."""
    stored = stored_session(session)
    return Plan(from_stored(session.start_local), session.time_zone_id, stored.rule, stored.skipped)


def put_next(changes: Changes, session: Session, wishes: Sequence[Wish], after: int, now: int) -> None:
    """Write the row for the first reminder of a new session that is due later than `after`, if there is one."""
    outbox.put(changes, next_rows(session, wishes, after, now))


def put_anew(changes: Changes, session: Session, before: Sequence[Wish], wishes: Sequence[Wish], now: int) -> None:
    """Write the row anew for a session that is changed; `before`: what it asked for until now."""
    if before or wishes:
        outbox.forget(changes, session.site_id, session.session_key, WAITING)
        put_next(changes, session, wishes, now, now)


def next_rows(session: Session, wishes: Sequence[Wish], after: int, now: int) -> tuple[Message, ...]:
    """The row for the first reminder that is due later than `after`; none when there is none."""
    moment = reminders.next_moment(wishes, plan_of(session), after) if wishes else None
    if moment is None:
        return ()
    return (
        Message(
            site_id=session.site_id,
            outbox_id=new_outbox_id(),
            kind=WAITING,
            session_key=session.session_key,
            document=msgspec.json.encode(Moment(moment)).decode(),
            created_at=now,
            due_at=moment,
        ),
    )


def rows_due(
    waited: Message, session: HostedSession, wishes: Sequence[Wish], people: Sequence[Attendee], now: int
) -> tuple[Message, ...]:
    """What takes the place of a row that has waited: reminders for people, and the row that waits for the next.

    A reminder of what began already is not sent.

    Args:
        people: the session's list.
    """
    moment = _read(waited.document).at
    found: dict[str, Message] = {}
    for due in reminders.due_at(wishes, plan_of(session), moment):
        if due.starts_at > now:
            for recipient, person in _recipients(due, session, people):
                row = mails.reminder(now, session, recipient, due.starts_at, person)
                found.setdefault(recipient.casefold(), row)
    return (*found.values(), *next_rows(session, wishes, max(moment, now), now))


def still_right(notice: mails.Notice, session: HostedSession | None, now: int) -> bool:
    """Whether a reminder still says what is so; `now` in UTC epoch seconds."""
    if session is None or notice.starts_at is None or notice.starts_at <= now:
        return False
    return reminders.starts_then(plan_of(session), notice.starts_at)


def _recipients(due: Due, session: HostedSession, people: Sequence[Attendee]) -> list[tuple[str, Attendee | None]]:
    whom = due.wish.whom
    if whom is Whom.HOST:
        return [(session.host_email, None)]
    if whom is Whom.ADDRESSES:
        listed = {each.email_key: each for each in people}
        return [(address, listed.get(address.casefold())) for address in due.wish.addresses]
    number = reminders.number_of(plan_of(session), due.starts_at)
    chosen = [each for each in people if each.session_num in (0, number) and may_come(session, each)]
    if whom is Whom.MARKED:
        chosen = [each for each in chosen if person_of(each).send_reminder]
    else:
        presenters = whom is Whom.PRESENTERS
        chosen = [each for each in chosen if (each.role in LEADING) is presenters]
    return [(each.email_key, each) for each in chosen]


LEADING: Final = frozenset({"HOST", "PRESENTER"})


def may_come(session: Session, person: Attendee) -> bool:
    """Invited or accepted; where people have to register, attendees are only who did."""
    if person.join_status == "ACCEPT":
        return not person.waiting
    return person.join_status == "INVITE" and (not session.registration or person.role in LEADING)
