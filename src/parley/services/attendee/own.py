"""People register for a session themselves, and say afterwards what they think of it; pages call this.

The rules are those of the API (`sessions.registering`); a page adds the form, which programs cannot send.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType
from parley.domain.feedback import MOST_OPINIONS, Opinion
from parley.domain.registration import Answers, Registration, Scope, Status, admits, is_closed, seats_of
from parley.domain.session import Attendee, HostedSession
from parley.protocol import faults
from parley.services.application import Application
from parley.services.context import Context
from parley.services.known_sites import KnownSite
from parley.services.sessions import registering
from parley.services.sessions.registering import (
    Entry,
    Manner,
    is_over,
    list_limit,
    present_class,
    registration_of,
    start_of_class,
    taken_seats,
    upcoming_starts,
)
from parley.store import Changes, Conflict, Duplicate, attendees, feedback, sessions
from parley.store.feedback import Feedback

#: How often a change of a list is tried again when somebody else changed the same rows in between.
_MAX_TRIES: Final = 12
#: Classes that a page offers at once.
_MOST_CLASSES: Final = 200
_REGISTER_ID: Final = re.compile(r"[0-9]{1,18}")


class Place(NamedTuple):
    """A session as people register for it.

    Attributes:
        closed: nobody can register any more.
        full: nobody finds a seat or a place on the waiting list any more.
        classes: where people register for one class of several, those that are still to come.
    """

    session: HostedSession
    registration: Registration
    closed: bool
    full: bool
    classes: Sequence[ClassPlace] = ()


class ClassPlace(NamedTuple):
    """One of the classes that people register for one by one: its number and wall-clock start."""

    number: int
    start: datetime
    full: bool


class Outcome(NamedTuple):
    """What became of a registration; `known` True: the address was on the list already.

    Then nothing of the person may be shown: anybody can type an address.
    """

    person: Attendee
    known: bool


def _context(application: Application, site: KnownSite, session: HostedSession | None = None) -> Context:
    return Context(application, site, None, session)


async def place_of(application: Application, site: KnownSite, session: HostedSession) -> Place:
    """How people register for a session, and whether they still can."""
    context = _context(application, site, session)
    registration = registration_of(context, session)
    closed = is_over(session, context.now) or is_closed(registration, context.now)
    limit = seats_of(registration)
    taken = await taken_seats(application.engine, session, registration)
    classes = []
    if registration.scope is Scope.EACH:
        coming = upcoming_starts(session, context.now, _MOST_CLASSES)
        classes = [
            ClassPlace(each.number, each.local, limit is not None and taken.get(each.number, 0) >= limit)
            for each in coming
        ]
        seatless = bool(classes) and all(each.full for each in classes)
    else:
        seatless = limit is not None and taken.get(0, 0) >= limit
    no_seat = seatless and not registration.waiting_list
    full = no_seat or session.attendee_count >= list_limit(context, session)
    return Place(session, registration, closed, full, classes)


def opens(registration: Registration, sent: str) -> bool:
    """Whether this is the registration password; takes as long for a wrong one as for the right one."""
    return hmac.compare_digest((registration.password or "").encode(), sent.encode())


async def register(
    application: Application,
    site: KnownSite,
    session_key: int,
    answers: Answers,
    ip_address: str | None,
    domain: str | None,
    session_num: int | None = None,
) -> Outcome:
    """Register somebody by the form that he filled in.

    Args:
        session_num: the number of the class that he wants, where people register for one of several.

    Raises:
        Fault: 060001 when the session is gone or takes no registrations, or what `registering.enter` raises.
        Conflict: others were always quicker.
    """
    texts = answers.standard
    person = PersonType(first_name=texts["first_name"], last_name=texts["last_name"], email=texts["email"])
    person.name = f"{person.first_name} {person.last_name}"
    for _ in range(_MAX_TRIES):
        session = await sessions.by_key(application.engine, site.site.site_id, session_key)
        if session is None or not session.registration:
            raise faults.MEETING_NOT_FOUND()
        changes, context = Changes(), _context(application, site, session)
        session, number = await registering.occurrence(context, session, session_num, registers=True)
        entry = Entry(
            sent=AttendeeType(person=person),
            asked=Status.REGISTER,
            session_num=number,
            answers=answers,
            mail=True,
            ip_address=ip_address,
            domain=domain,
        )
        [placed] = await registering.enter(context, changes, session, [entry], Manner.SELF)
        try:
            if changes:
                await application.engine.commit(changes)
        except (Conflict, Duplicate):
            continue
        return Outcome(placed.row, known=placed.before is not None)
    raise Conflict


async def give_feedback(
    application: Application, session: HostedSession, opinion: Opinion, attendee_id: int | None
) -> bool:
    """Keep what somebody thinks of a session; False when no more of it is kept.

    Args:
        attendee_id: who says so, as his link tells; whoever is not on the list is kept without a number.
    """
    engine, site_id = application.engine, session.site_id
    if await feedback.count(engine, site_id, session.session_key, session.conf_id) >= MOST_OPINIONS:
        return False
    person = await sessions.attendee(engine, site_id, attendee_id) if attendee_id is not None else None
    listed = person is not None and person.session_key == session.session_key
    changes = Changes()
    feedback.put(
        changes,
        Feedback(
            site_id=site_id,
            feedback_id=secrets.randbelow(1 << 62),
            session_key=session.session_key,
            conf_id=session.conf_id,
            attendee_id=person.attendee_id if listed and person is not None else 0,
            submitted_at=application.clock.now(),
            document=msgspec.json.encode(opinion).decode(),
        ),
    )
    await engine.commit(changes)
    return True


def other_class(session: HostedSession, person: Attendee, now: int) -> datetime | None:
    """When the class starts that somebody registered for, if it is not the one that runs or comes next.

    `now`: UTC epoch seconds; the start is wall-clock time of the session's zone.
    """
    number = person.session_num
    if not number or not session.recurring or number == present_class(session, now):
        return None
    return start_of_class(session, number)


class WrongRegisterId(Exception):
    """A registration ID that opens nothing."""


async def admitted(application: Application, session: HostedSession, register_id: str) -> Attendee:
    """Who may come in with this registration ID; guessing is slowed down.

    Raises:
        WrongRegisterId: nobody.
        Overloaded: too many guess.
    """
    key = f"{session.site_id}/register/{session.session_key}"
    await application.brake.wait(key)
    number = "".join(register_id.split())
    if _REGISTER_ID.fullmatch(number):
        person = await attendees.by_register_id(application.engine, session.site_id, session.session_key, int(number))
        if person is not None and admits(person.join_status, waiting=person.waiting):
            return person
    application.brake.failed(key)
    raise WrongRegisterId
