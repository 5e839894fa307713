"""ReserveLab, and the computers that a training reserves with itself (handsOnLab).

Sources: facts/training-history.md 1.9 and 1.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from parley.contract.training import HandsOnLabType, ReserveLab, ReserveLabResponse
from parley.domain import recurrence
from parley.domain.identifiers import new_record_id
from parley.domain.labs import Lab, LabWish, Reservation, Window, free_computers, warned_at
from parley.domain.session import Session
from parley.domain.user import User
from parley.protocol import faults
from parley.services import lab_mails
from parley.services.context import Context
from parley.services.lab_mails import LabNotice
from parley.services.labs.access import check_offered, named_lab
from parley.services.labs.reading import held_by, wanted_computers, window_of
from parley.services.lists import zone_or
from parley.services.registry import operation
from parley.services.reminders import plan_of
from parley.services.safe_texts import plain_line
from parley.services.suspension import check_labs
from parley.services.values import given
from parley.store import Changes, labs

#: Occurrences of one series for which a lab is reserved; longer and endless series cannot have one.
MOST_OCCURRENCES: Final = 200
_LONGEST_TOPIC: Final = 512


@operation("training", request=ReserveLab, answer=ReserveLabResponse)
async def reserve_lab(context: Context, request: ReserveLab) -> ReserveLabResponse:
    """Reserve computers of a lab for a time, without a training; of requests for the last computers the first wins."""
    check_offered(context)
    check_labs(context)
    wanted, topic = wanted_computers(request.num_computers), _topic(request.topic)
    lab = await named_lab(context, request.lab_name)
    caller = context.caller
    zone_id = zone_or(request.time_zone_id, caller.time_zone_id, "timeZoneID")
    window = window_of(request.start_date, request.end_date, zone_id, "startDate", "endDate")
    if window.end <= context.now:
        raise faults.INVALID_VALUE(path="endDate", problem="this time is over")
    reservation = Reservation(
        site_id=lab.site_id,
        reservation_id=new_record_id(),
        lab_id=lab.lab_id,
        host_id=caller.user_id,
        session_key=None,
        topic=topic,
        starts_at=window.start,
        ends_at=window.end,
        computers=wanted,
        time_limit=_time_limit(request.time_limit, window),
    )
    changes = Changes()
    await _reserve(context, changes, lab, [reservation])
    person = _Person(caller.email, f"{caller.first_name} {caller.last_name}".strip())
    if request.send_mail:
        notice = _notice(lab, reservation, zone_id, person)
        lab_mails.lab_reserved(changes, lab.site_id, person.email, notice, context.now)
    _warn(context, changes, lab, [reservation], zone_id, person)
    await context.engine.commit(changes)
    return ReserveLabResponse(hol_session_id=reservation.reservation_id)


def _topic(sent: str | None) -> str:
    topic = given(sent)
    if topic is None:
        raise faults.MISSING_ELEMENT(path="topic")
    if len(topic) > _LONGEST_TOPIC:
        raise faults.INVALID_VALUE(path="topic", problem=f"at most {_LONGEST_TOPIC} characters are allowed")
    return plain_line(topic.strip())


def _time_limit(sent: int | None, window: Window) -> int | None:
    if sent is None:
        return None
    longest = -(-(window.end - window.start) // 60)
    if not 1 <= sent <= longest:
        raise faults.INVALID_VALUE(path="timeLimit", problem=f"minutes from 1 to {longest} are needed")
    return sent


# ---- for trainings ---------------------------------------------------------------------------------------


def wish_of(sent: HandsOnLabType | None) -> LabWish | None:
    """What a handsOnLab element asks for; None when no lab is to be reserved.

    Raises:
        Fault: 999999 when it asks for a lab and does not say which, or how many computers.
    """
    if sent is None or not sent.reserve_hol:
        return None
    name = given(sent.lab_name)
    if name is None:
        raise faults.MISSING_ELEMENT(path="handsOnLab/labName")
    return LabWish(name, wanted_computers(sent.num_computers))


async def reserve_for_session(
    context: Context, changes: Changes, session: Session, host: User, wish: LabWish | None
) -> None:
    """Let a training have the computers that it wants whenever it takes place, and give back what it had before.

    To be called for a new session and whenever times, lab or host of one may have changed. What is left to do when a
    session is deleted the database does: reservations go with it.

    Args:
        changes: what makes the session so; they become sequential. Conflict when somebody was quicker.
        session: as it is to be.

    Raises:
        Fault: 999999 for an unknown lab, too few free computers, a series that is too long, or a site without labs.
    """
    before = await labs.of_session(context.engine, session.site_id, session.session_key)
    open_before = [each for each in before if each.ends_at > context.now]
    if wish is None:
        labs.drop_of_session(changes, open_before)
        return
    over = {each.starts_at for each in before if each.ends_at <= context.now}
    times = [each for each in _times_of(session) if each.end > context.now and each.start not in over]
    if not times:  # what is over needs no lab
        labs.drop_of_session(changes, open_before)
        return
    check_offered(context)
    lab = await named_lab(context, wish.lab_name, "handsOnLab/labName")
    wanted = [_of_session(session, lab, wish, window) for window in times]
    if [_essence(each) for each in open_before] == [_essence(each) for each in wanted]:
        return
    labs.drop_of_session(changes, open_before)
    await _reserve(context, changes, lab, wanted, instead_of=open_before)
    person = _Person(host.email, f"{host.first_name} {host.last_name}".strip())
    _warn(context, changes, lab, wanted, session.time_zone_id, person)


def _of_session(session: Session, lab: Lab, wish: LabWish, window: Window) -> Reservation:
    return Reservation(
        site_id=session.site_id,
        reservation_id=new_record_id(),
        lab_id=lab.lab_id,
        host_id=session.host_id,
        session_key=session.session_key,
        topic=session.name,
        starts_at=window.start,
        ends_at=window.end,
        computers=wish.computers,
    )


def _essence(reservation: Reservation) -> tuple[object, ...]:
    """What has to be the same so that a reservation can stay."""
    return (
        *(reservation.lab_id, reservation.host_id, reservation.topic),
        *(reservation.starts_at, reservation.ends_at, reservation.computers),
    )


def _times_of(session: Session) -> list[Window]:
    """When a session takes place, the first occurrence first.

    Raises:
        Fault: 999999 for more occurrences than are reserved for.
    """
    seconds = session.duration * 60
    if not session.recurring:
        return [Window(session.next_start, session.next_start + seconds)]
    plan = plan_of(session)
    found = recurrence.occurrences(plan.rule, plan.start, plan.time_zone_id, skip=plan.skipped)
    windows = [Window(each.start, each.start + seconds) for each in islice(found, MOST_OCCURRENCES + 1)]
    if len(windows) > MOST_OCCURRENCES:
        raise faults.INVALID_VALUE(
            path="handsOnLab", problem=f"a lab can be reserved for at most {MOST_OCCURRENCES} occurrences"
        )
    return windows


# ---- both ------------------------------------------------------------------------------------------------


class _Person(NamedTuple):
    email: str
    name: str


async def _reserve(
    context: Context,
    changes: Changes,
    lab: Lab,
    wanted: Sequence[Reservation],
    instead_of: Sequence[Reservation] = (),
) -> None:
    """Add reservations, if their computers are free as far as is known now; the store looks again when it writes.

    Raises:
        Fault: 999999 when the lab has not as many free.
    """
    if not wanted:
        return
    whole = Window(min(each.starts_at for each in wanted), max(each.ends_at for each in wanted))
    gone = {each.reservation_id for each in instead_of}
    held = [
        held_by(each) for each, _ in await labs.within(context.engine, lab, whole) if each.reservation_id not in gone
    ]
    for each in wanted:
        window = Window(each.starts_at, each.ends_at)
        free = free_computers(lab.computers, held, window)
        if each.computers > free:
            raise faults.LAB_FULL(lab=lab.name, free=free)
        held.append(held_by(each))
    labs.lock(changes, lab)
    labs.reserve(changes, lab, wanted)


def _warn(
    context: Context, changes: Changes, lab: Lab, reservations: Sequence[Reservation], zone_id: int, person: _Person
) -> None:
    """Plan the warnings that the computers have to be given back soon."""
    for each in reservations:
        due = warned_at(Window(each.starts_at, each.ends_at))
        lab_mails.lab_ending(changes, lab.site_id, person.email, _notice(lab, each, zone_id, person), context.now, due)


def _notice(lab: Lab, reservation: Reservation, zone_id: int, person: _Person) -> LabNotice:
    return LabNotice(
        name=reservation.topic,
        lab=lab.name,
        computers=reservation.computers,
        starts_at=reservation.starts_at,
        minutes=-(-(reservation.ends_at - reservation.starts_at) // 60),
        time_zone_id=zone_id,
        person=person.name or None,
        reservation_id=reservation.reservation_id,
    )
