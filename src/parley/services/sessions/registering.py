"""People come onto the list of a session of any kind, are decided on, and go: one set of rules for API and pages.

A session with registration has as many seats as it says. Whoever is accepted takes one; where none is left he waits,
if the session has a waiting list, and gets the next one that becomes free.

Sources: facts/meeting-event.md 4 (CreateMeetingAttendee, RegisterMeetingAttendee, DelMeetingAttendee) and 5
("Enrolment"), facts/versions.md 9.0.0 SP3.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import AddressType, PersonType, PhonesType
from parley.domain import recurrence, timezones
from parley.domain.dates import from_stored
from parley.domain.identifiers import new_register_id
from parley.domain.recurrence import Occurrence
from parley.domain.registration import (
    Answers,
    Registration,
    Scope,
    Status,
    is_closed,
    next_status,
    pool_of,
    seats_of,
)
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.site import SessionType, SiteSettings
from parley.protocol import faults
from parley.services import mails
from parley.services.context import Context
from parley.services.mails import Occasion
from parley.services.records import merged
from parley.services.sessions.kinds import kind_of
from parley.services.sessions.newcomers import is_in, let_in
from parley.services.sessions.people import accounts_of, distinct_ids, marked_as_mailed, new_row, read_sent, was_mailed
from parley.services.sessions.scheduling import limits_of
from parley.services.sessions.series import ALL_EXCEPTIONS
from parley.services.sessions.stored import following_occurrence, stored_session
from parley.store import Changes, Conflict, Engine, attendees, occurrence_seats, sessions

_write: Final = msgspec.json.encode
#: The answers of a row's `answers` column.
read_answers: Final = msgspec.json.Decoder(Answers).decode
_FILL_TRIES: Final = 5
#: People who get a seat in one go; the next ones in the next go.
_MOST_PROMOTED: Final = 200


class Manner(Enum):
    """Who puts people on a list: the host invites or registers them, or they register on the page themselves."""

    INVITING = "inviting"
    REGISTERING = "registering"
    SELF = "self"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is to be on a list.

    Attributes:
        sent: person, role and language as in the contract.
        asked: what is to become of him.
        session_num: the number of the occurrence that he comes for, 0 for all.
        answers: the form that was filled in; None: what the person element says counts as the form.
        mail: tell him by mail.
        ip_address, domain: whence a form was sent.
    """

    sent: AttendeeType
    asked: Status
    session_num: int = 0
    answers: Answers | None = None
    mail: bool = False
    ip_address: str | None = None
    domain: str | None = None


class Placed(NamedTuple):
    """An entry's row as it is stored, and the row of before, if the person was on the list."""

    row: Attendee
    before: Attendee | None


class _Step(NamedTuple):
    """What becomes of one person."""

    before: Attendee | None
    after: Attendee
    entry: Entry

    @property
    def decided(self) -> bool:
        """Whether the person's status is news to him."""
        before = self.before
        return before is None or (before.join_status, before.waiting) != (self.after.join_status, self.after.waiting)


_Key = tuple[str, int]
_Pair = tuple[Attendee, Attendee]
#: Seats by what `pool_of` tells.
Pools: TypeAlias = Mapping[int | None, int]


def registration_of(context: Context, session: Session) -> Registration:
    """How people register for a session: as its kind says, with the site's waiting list and limit."""
    return registration_on(context.site.settings, context.site.types, session)


def registration_on(settings: SiteSettings, types: Mapping[int, SessionType], session: Session) -> Registration:
    """How people register for a session of a site with these settings and session types."""
    kind = kind_of(session, types)
    registration = kind.registration(session)
    if settings.waiting_list and not registration.waiting_list:
        registration = msgspec.structs.replace(registration, waiting_list=True)
    most = kind.limits(settings).registrants
    if most is not None and registration.required:
        registration = msgspec.structs.replace(registration, capacity=min(registration.capacity or most, most))
    return registration


async def taken_seats(engine: Engine, session: Session, registration: Registration) -> Pools:
    """How many seats of a session are taken by now; of each occurrence, where these have seats of their own."""
    if registration.scope is not Scope.EACH:
        return {0: session.seats_taken}
    return {number: count for number, count in (await occurrence_seats.taken(engine, session)).items()}  # noqa: C416


def is_over(session: Session, now: int) -> bool:
    """Whether a session has taken place for the last time; `now` in UTC epoch seconds."""
    over = session.ended or (not session.recurring and session.next_end <= now)
    return over and session.status != "INPROGRESS"


def list_limit(context: Context, session: Session) -> int:
    """How many people the list of a session holds."""
    session_type = context.site.types.get(session.session_type)
    longest = context.site.settings.max_attendees
    return min(longest, limits_of(session_type).max_meeting_user) if session_type else longest


def invitee_limit(context: Context, session: Session) -> int:
    """How many people may be invited to a session."""
    limit, most = list_limit(context, session), kind_of(session, context.site.types).limits(context.site.settings)
    return limit if most.invitees is None else min(limit, most.invitees)


# ---- occurrences -----------------------------------------------------------------------------------------


async def occurrence(
    context: Context, session: HostedSession, number: int | None, *, registers: bool = False
) -> tuple[HostedSession, int]:
    """The session and the number on its list for one occurrence of it (sessionNum).

    An occurrence that was replaced is a session of its own; one of a single session is the session, and so is one of
    a course. Whoever registers for a series of classes without saying for which one does so for the next.

    Args:
        registers: not for an invitation.

    Raises:
        Fault: there is no such occurrence, or it was cancelled; or it is a class that is over.
    """
    asks = session.recurring and (number or registers)  # else nothing depends on what people register for
    scope = registration_of(context, session).scope if asks else Scope.ANY
    chooses = registers and scope is Scope.EACH
    if not number and chooses:
        number = _next_number(session, context.now)
    if chooses and (not number or occurrence_is_over(session, number, context.now)):
        raise faults.REGISTRATION_CLOSED()
    if not number or (number == 1 and not session.recurring):
        return session, 0
    stored = stored_session(session)
    day = (
        recurrence.occurrence_day(stored.rule, from_stored(session.start_local), number) if session.recurring else None
    )
    if day is None:
        raise faults.NO_SUCH_OCCURRENCE(number=number)
    if day not in stored.skipped:
        return session, 0 if scope is Scope.SERIES else number
    replaced = await _exception_on(context, session, day)
    if replaced is None:
        raise faults.NO_SUCH_OCCURRENCE(number=number)
    return replaced, 0


def present_number(session: Session) -> int | None:
    """The number of the occurrence of a series that runs or comes next; None when it is not to be told."""
    if not session.recurring:
        return None
    day = timezones.to_local(session.next_start, session.time_zone_id).date()
    return recurrence.occurrence_number(stored_session(session).rule, from_stored(session.start_local), day)


def present_class(session: Session, now: int) -> int | None:
    """The number of the first occurrence that is not over at `now` (UTC epoch seconds); None: all are.

    One that goes on beyond its planned end still is the present one.
    """
    return _next_number(session, now if session.run_started_at is None else session.run_started_at)


def start_of_class(session: Session, number: int) -> datetime | None:
    """The wall-clock start of the occurrence with a number; None: there is none."""
    stored, start = stored_session(session), from_stored(session.start_local)
    day = recurrence.occurrence_day(stored.rule, start, number)
    return None if day is None else recurrence.occurrence_start(stored.rule, start, day)


def _next_number(session: Session, now: int) -> int | None:
    """The number of the first occurrence that is not over at `now` (UTC epoch seconds); None: all are."""
    found = following_occurrence(session, now)
    return None if found is None else present_number(msgspec.structs.replace(session, next_start=found[0]))


def occurrence_is_over(session: Session, number: int, now: int) -> bool:
    """Whether the occurrence of a series with a number has taken place at `now` (UTC epoch seconds)."""
    stored, start = stored_session(session), from_stored(session.start_local)
    day = recurrence.occurrence_day(stored.rule, start, number)
    if day is None:
        return False
    local = recurrence.occurrence_start(stored.rule, start, day)
    return timezones.to_utc(local, session.time_zone_id) + session.duration * 60 <= now


def upcoming_starts(session: Session, now: int, most: int) -> list[Occurrence]:
    """The occurrences of a series that have not begun at `now` (UTC epoch seconds), at most so many."""
    stored = stored_session(session)
    start, zone_id = from_stored(session.start_local), session.time_zone_id
    found = recurrence.occurrences(stored.rule, start, zone_id, after=now, limit=most, skip=stored.skipped)
    return list(found)


async def _exception_on(context: Context, session: HostedSession, day: date) -> HostedSession | None:
    found = await sessions.exceptions(context.engine, session.site_id, session.session_key, ALL_EXCEPTIONS)
    return next((each for each in found if each.series_day == day.isoformat()), None)


# ---- coming ----------------------------------------------------------------------------------------------


async def enter(
    context: Context, changes: Changes, session: HostedSession, entries: Sequence[Entry], manner: Manner
) -> list[Placed]:
    """Put people on a session's list, or decide on those who are there; gives their rows in the order of the entries.

    Somebody who is named twice is kept once, as named last. Whoever is on the list keeps his numbers.

    Raises:
        Fault: the session is over, registration is closed, the session is full and has no waiting list, or an entry
            cannot be right (no address, an alternate host who is no host).
    """
    registration = registration_of(context, session)
    asking = any(entry.asked is Status.REGISTER for entry in entries)
    if is_over(session, context.now) or (asking and is_closed(registration, context.now)):
        raise faults.REGISTRATION_CLOSED()
    keys, steps = await _steps(context, session, registration, entries, manner)
    steps = _seated(registration, steps, await taken_seats(context.engine, session, registration))
    added = [each.after for each in steps.values() if each.before is None]
    changed = [(each.before, each.after) for each in steps.values() if each.before and each.before != each.after]
    most = await _checked_length(context, session, added, manner)
    named = {each.after.attendee_id for each in steps.values()}
    promoted = await _promoted(context, session, registration, _freed(registration, changed), named)
    if added or changed:
        attendees.change_list(
            changes,
            session,
            context.now,
            add=added,
            change=[*changed, *promoted],
            most=most,
            seats=seats_of(registration),
            of_each=registration.scope is Scope.EACH,
        )
    _tell(context, changes, session, registration, list(steps.values()), manner)
    _tell_promoted(context, changes, session, registration, promoted)
    new = [each.after for each in steps.values() if is_in(each.after) and not is_in(each.before)]
    await let_in(context, changes, session, [*new, *(after for _, after in promoted)])
    return [Placed(steps[key].after, steps[key].before) for key in keys]


async def _steps(
    context: Context, session: HostedSession, registration: Registration, entries: Sequence[Entry], manner: Manner
) -> tuple[list[_Key], dict[_Key, _Step]]:
    """What becomes of everybody by address and occurrence, seats left aside; and the keys of the entries."""
    accounts = await accounts_of(context, [each.sent for each in entries])
    numbers = sorted(distinct_ids(len(entries)))
    rows = [
        new_row(context, session.session_key, number, entry.sent, accounts, "attendees")
        for number, entry in zip(numbers, entries, strict=True)
    ]
    listed = await sessions.attendees_by_email(
        context.engine, session.site_id, session.session_key, [row.email_key for row in rows]
    )
    present = {(each.email_key, each.session_num): each for each in listed}
    keys: list[_Key] = []
    steps: dict[_Key, _Step] = {}
    for entry, row in zip(entries, rows, strict=True):
        key = (row.email_key, entry.session_num)
        keys.append(key)
        earlier = steps.get(key)
        known = present.get(key)
        base = known if earlier is None else earlier.after
        after = _after(context, session, registration, base, row, entry, manner)
        steps[key] = _Step(known, after, entry)
    return keys, steps


def _after(
    context: Context,
    session: HostedSession,
    registration: Registration,
    base: Attendee | None,
    row: Attendee,
    entry: Entry,
    manner: Manner,
) -> Attendee:
    """Somebody's row after an entry; `base` is the row so far, `row` the one that the entry alone would make."""
    if base is not None and manner is Manner.SELF and (base.join_status != Status.INVITE or base.submitted_at):
        return base  # what the host decided stays, and nobody learns or changes another's answers
    answers = entry.answers or (read_answers(base.answers) if base and base.submitted_at else answers_of(entry.sent))
    current = base.join_status if base else None
    status = next_status(registration, current, entry.asked, answers, anew=manner is not Manner.SELF)
    after = msgspec.structs.replace(
        row if base is None else _merged(base, row, entry, manner),
        session_num=entry.session_num,
        join_status=status.value,
        waiting=base.waiting and status is Status.ACCEPT if base else False,
    )
    if after.register_id is None and (registration.required or manner is not Manner.INVITING):
        after.register_id = new_register_id(session.attendee_count)
    if status is not Status.INVITE and not after.submitted_at:
        after.submitted_at = context.application.clock.now_ms()
        after.answers = _write(answers).decode()
    if manner is Manner.SELF:
        after.submitted_at, after.answers = context.application.clock.now_ms(), _write(answers).decode()
        after.ip_address, after.domain = entry.ip_address, entry.domain
    return marked_as_mailed(after) if entry.mail else after


def _merged(base: Attendee, row: Attendee, entry: Entry, manner: Manner) -> Attendee:
    """The row of somebody who is on the list, with what an entry says of him."""
    if manner is Manner.SELF:
        return msgspec.structs.replace(base)  # the host's own words of people whom he invited stay
    kept, sent = read_sent(base.document), read_sent(row.document)
    named = row.name != (sent.person.email if sent.person else None)
    if kept.email_invitations:
        sent.email_invitations = True  # who was written to once is told of changes, whatever later calls say
    return msgspec.structs.replace(
        base,
        user_id=row.user_id,
        name=row.name if named else base.name,
        role=entry.sent.role or base.role,
        document=_write(merged(kept, sent)).decode(),
    )


def _seated(registration: Registration, steps: dict[_Key, _Step], seats: Pools) -> dict[_Key, _Step]:
    """The steps with seats given out in their order.

    Args:
        seats: how many are taken so far.

    Raises:
        Fault: somebody finds no seat and there is no waiting list.
    """
    limit = seats_of(registration)
    taken = defaultdict(int, seats)
    seated: dict[_Key, _Step] = {}
    for key, step in steps.items():
        had = step.before is not None and step.before.holds_seat
        after = msgspec.structs.replace(step.after, waiting=False)
        pool = pool_of(registration, after.session_num)
        if after.holds_seat and not had and limit is not None and pool is not None and taken[pool] >= limit:
            if not (registration.waiting_list or step.after.waiting):
                raise faults.SESSION_FULL(limit=limit)
            after.waiting = True
        taken[pool] += after.holds_seat - had
        seated[key] = step._replace(after=after)
    return seated


async def _checked_length(context: Context, session: Session, added: Sequence[Attendee], manner: Manner) -> int:
    """How long the list may be after these people were added: longer it would be more than is allowed by now.

    Raises:
        Fault: it would be more already.
    """
    limit, invitees = list_limit(context, session), invitee_limit(context, session)
    length = session.attendee_count + len(added)
    if added and length > limit:
        raise faults.ATTENDEE_LIMIT(limit=limit) if manner is Manner.INVITING else faults.SESSION_FULL(limit=limit)
    invited = sum(each.join_status == Status.INVITE for each in added)
    if not invited or invitees >= limit:
        return limit
    if length <= invitees:
        return invitees
    if await attendees.count_with_status(context.engine, session, Status.INVITE) + invited > invitees:
        raise faults.ATTENDEE_LIMIT(limit=invitees)
    return length  # a list that grew meanwhile is counted anew


def answers_of(sent: AttendeeType) -> Answers:
    """What a person element says, as a form: rules decide by it, and GetEnrollmentInfo shows it."""
    person = sent.person or PersonType()
    address, phones = person.address or AddressType(), person.phones or PhonesType()
    first, _, last = (person.name or "").strip().partition(" ")
    texts = {
        "first_name": person.first_name or first,
        "last_name": person.last_name or last,
        "email": person.email,
        "phone": phones.phone,
        "company": person.company,
        "title": person.title,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.zip_code,
        "country": address.country,
        "fax": phones.fax,
    }
    return Answers(standard={name: text.strip() for name, text in texts.items() if text and text.strip()})


# ---- going, and who comes instead ------------------------------------------------------------------------


async def leave(
    context: Context, changes: Changes, session: HostedSession, people: Sequence[Attendee], *, mail: bool
) -> None:
    """Take people off a session's list; their seats go to those who wait.

    Args:
        mail: tell the people who go.
    """
    registration = registration_of(context, session)
    over = is_over(session, context.now)
    freed = Counter(pool_of(registration, each.session_num) for each in people if each.holds_seat)
    gone = {each.attendee_id for each in people}
    promoted = [] if over else await _promoted(context, session, registration, freed, gone)
    attendees.change_list(
        changes,
        session,
        context.now,
        remove=people,
        change=promoted,
        seats=seats_of(registration),
        of_each=registration.scope is Scope.EACH,
        open_only=not over,
    )
    if mail:
        mails.listed(context, changes, session, [(Occasion.REMOVED, each) for each in people])
    _tell_promoted(context, changes, session, registration, promoted)
    await let_in(context, changes, session, [after for _, after in promoted])


async def fill_seats(context: Context, session_key: int) -> None:
    """Give seats that a change of the session made free to those who wait for one.

    When others are always quicker this is left to the next change of the list.
    """
    for _ in range(_FILL_TRIES):
        session = await sessions.by_key(context.engine, context.site.site.site_id, session_key)
        if session is None or is_over(session, context.now):
            return
        registration = registration_of(context, session)
        limit = seats_of(registration)
        promoted = await _promoted(context, session, registration, await _free(context, session, registration))
        if not promoted:
            return
        changes = Changes()
        of_each = registration.scope is Scope.EACH
        attendees.change_list(changes, session, context.now, change=promoted, seats=limit, of_each=of_each)
        _tell_promoted(context, changes, session, registration, promoted)
        await let_in(context, changes, session, [after for _, after in promoted])
        try:
            await context.engine.commit(changes)
        except Conflict:
            continue
        return


async def _free(context: Context, session: Session, registration: Registration) -> Pools:
    """How many seats are free for those who wait."""
    limit, taken = seats_of(registration), await taken_seats(context.engine, session, registration)
    found = await attendees.waiting(context.engine, session.site_id, session.session_key, session.attendee_count)
    pools = {pool_of(registration, each.session_num) for each in found}
    return {pool: len(found) if limit is None or pool is None else limit - taken.get(pool, 0) for pool in pools}


def _freed(registration: Registration, changed: Sequence[_Pair]) -> Pools:
    """How many seats are free after changes that were not before."""
    freed: Counter[int | None] = Counter()
    for before, after in changed:
        freed[pool_of(registration, before.session_num)] += before.holds_seat
        freed[pool_of(registration, after.session_num)] -= after.holds_seat
    return freed


async def _promoted(
    context: Context, session: Session, registration: Registration, free: Pools, besides: Collection[int] = ()
) -> list[_Pair]:
    """Those who wait for the seats that become free, as they are and as they are to be; but for those who go."""
    promoted: list[_Pair] = []
    for pool, count in free.items() if registration.required else ():
        if count <= 0:
            continue
        found = await attendees.waiting(
            context.engine,
            session.site_id,
            session.session_key,
            min(count, _MOST_PROMOTED) + len(besides),
            (pool or 0) if registration.scope is Scope.EACH else None,
        )
        staying = [each for each in found if each.attendee_id not in besides][:count]
        promoted += [(each, msgspec.structs.replace(each, waiting=False)) for each in staying]
    return promoted


# ---- telling ---------------------------------------------------------------------------------------------


def _tell(
    context: Context,
    changes: Changes,
    session: HostedSession,
    registration: Registration,
    steps: Sequence[_Step],
    manner: Manner,
) -> None:
    news: list[tuple[Occasion, Attendee]] = []
    for step in steps:
        occasion = _occasion(registration, step, manner)
        if step.entry.mail and occasion is not None:
            news.append((occasion, step.after))
    mails.listed(context, changes, session, news)
    asked = [each.after for each in steps if each.decided and each.entry.asked is Status.REGISTER]
    mails.registration_received(context, changes, session, asked)


def _occasion(registration: Registration, step: _Step, manner: Manner) -> Occasion | None:
    """What a person is told; None: nothing."""
    status = step.after.join_status
    if manner is Manner.INVITING and status == Status.INVITE:
        return Occasion.INVITATION
    if manner is Manner.SELF and not step.decided:
        return None
    if status == Status.ACCEPT and step.after.waiting:
        return Occasion.WAITING
    told = {
        Status.INVITE.value: Occasion.INVITATION,
        Status.REGISTER.value: Occasion.PENDING if registration.mail_pending else None,
        Status.ACCEPT.value: Occasion.ACCEPTED if registration.mail_accepted else None,
        Status.REJECT.value: Occasion.REJECTED if registration.mail_rejected else None,
    }
    return told[status]


def _tell_promoted(
    context: Context, changes: Changes, session: HostedSession, registration: Registration, promoted: Sequence[_Pair]
) -> None:
    if registration.mail_accepted:
        told = [(Occasion.ACCEPTED, after) for _, after in promoted if was_mailed(after)]
        mails.listed(context, changes, session, told)
