"""The list of people of a session: changed by many at once, found by what they hold, listed in any order.

A change of the list locks the session's row and checks there whether there is room, so that as many get in as there
are seats, however many come at the same time. Single people are read in `sessions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    bindparam,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)

from parley.domain.session import Attendee, Session
from parley.store import occurrence_seats
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.lists import DOCUMENT, InDocument, Order, Page, ordering, page_of
from parley.store.occurrence_seats import NO_LIMIT
from parley.store.query import Insert, Query, one_of, padded, reader, select_where, update_where, where
from parley.store.tables import attendees, sessions

_read = reader(Attendee, attendees.c)
_KEY: Final = (attendees.c.site_id, attendees.c.session_key)

# ---- changing the list -----------------------------------------------------------------------------------

_FIXED: Final = ("site_id", "session_key", "attendee_id", "created_at")
_CHANGING: Final = [name for name in Attendee.__struct_fields__ if name not in _FIXED]
_INSERT: Final = Insert(attendees)
#: A person is changed only as long as the status is still that from which the seats were reckoned.
_UPDATE: Final = update_where(
    attendees,
    _CHANGING,
    *_KEY,
    attendees.c.attendee_id,
    attendees.c.join_status,
    attendees.c.waiting,
    attendees.c.role,
)


@lru_cache
def _count_query(open_only: bool) -> Query:
    conditions = [
        *where(sessions.c.site_id, sessions.c.session_key),
        sessions.c.attendee_count <= bindparam("most", type_=Integer),
        sessions.c.seats_taken <= bindparam("most_seats", type_=Integer),
    ]
    if open_only:
        conditions.append(not_(sessions.c.ended))
    statement = (
        update(sessions)
        .where(*conditions)
        .values(
            attendee_count=sessions.c.attendee_count + bindparam("more", type_=Integer),
            seats_taken=sessions.c.seats_taken + bindparam("more_seats", type_=Integer),
            alternates=or_(sessions.c.alternates, bindparam("has_alternates", type_=Boolean)),
            version=sessions.c.version + 1,
            modified_at=bindparam("now", type_=BigInteger),
        )
    )
    names = ("key_site_id", "key_session_key", "most", "most_seats", "more", "more_seats", "has_alternates", "now")
    return Query(statement, *names)


@lru_cache
def _remove_query(size: int) -> Query:
    condition, names = one_of(attendees.c.attendee_id, "value", size)
    kept = (attendees.c.join_status, attendees.c.waiting, attendees.c.role)
    statement = delete(attendees).where(*where(*_KEY, *kept), condition)
    return Query(statement, "key_site_id", "key_session_key", "key_join_status", "key_waiting", "key_role", *names)


def change_list(
    changes: Changes,
    session: Session,
    now: int,
    *,
    add: Sequence[Attendee] = (),
    change: Sequence[tuple[Attendee, Attendee]] = (),
    remove: Sequence[Attendee] = (),
    most: int | None = None,
    seats: int | None = None,
    of_each: bool = False,
    open_only: bool = True,
) -> None:
    """Change the list of a session, whatever else changed the session meanwhile. Raises version and modified_at.

    Args:
        now: UTC epoch seconds.
        add, remove: people to put on the list and to take from it.
        change: people as they were read and as they are to be.
        most: the list must not hold more people than that afterwards, if it grows.
        seats: as many seats there are, if more are taken afterwards than before.
        of_each: every occurrence has so many seats of its own.
        open_only: not when the session has ended.

    Conflict on commit when a limit would be passed, the session is gone or ended, or one of the people is no longer
    as given: so that many may register at once without getting into each other's way.
    Duplicate on commit when somebody with the same address is on the list by now, or a number is taken.
    """
    more = len(add) - len(remove)
    taken = sum(each.holds_seat for each in add) - sum(each.holds_seat for each in remove)
    taken += sum(after.holds_seat - before.holds_seat for before, after in change)
    changes.add(
        _count_query(open_only),
        session.site_id,
        session.session_key,
        NO_LIMIT if most is None or more <= 0 else most - more,
        NO_LIMIT if seats is None or of_each or taken <= 0 else seats - taken,
        more,
        taken,
        any(each.role == "HOST" for each in (*add, *(after for _, after in change))),
        now,
        expect=1,
    )
    come, go = [*add, *(after for _, after in change)], [*remove, *(before for before, _ in change)]
    occurrence_seats.count(changes, session, come, go, seats if of_each else None)
    for before, after in change:
        values = [getattr(after, name) for name in _CHANGING]
        key = (before.site_id, before.session_key, before.attendee_id)
        changes.add(_UPDATE, *values, *key, before.join_status, before.waiting, before.role, expect=1)
    _remove(changes, remove)
    changes.insert(_INSERT, [msgspec.structs.astuple(each) for each in add])


def _state(person: Attendee) -> tuple[str, bool, str]:
    return person.join_status, person.waiting, person.role


def _remove(changes: Changes, people: Sequence[Attendee]) -> None:
    for state, group in groupby(sorted(people, key=_state), key=_state):
        same = list(group)
        for start in range(0, len(same), 256):
            part = same[start : start + 256]
            numbers = padded([each.attendee_id for each in part])
            query = _remove_query(len(numbers))
            changes.add(query, part[0].site_id, part[0].session_key, *state, *numbers, expect=len(part))


# ---- reading ---------------------------------------------------------------------------------------------

_BY_REGISTER_ID: Final = select_where(list(attendees.c), *_KEY, attendees.c.register_id)
_WAITING: Final = Query(
    select(*attendees.c)
    .where(*where(*_KEY), attendees.c.waiting)
    .order_by(attendees.c.submitted_at, attendees.c.attendee_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "key_session_key",
    "maximum",
)


_WAITING_FOR_ONE: Final = Query(
    select(*attendees.c)
    .where(*where(*_KEY, attendees.c.session_num), attendees.c.waiting)
    .order_by(attendees.c.submitted_at, attendees.c.attendee_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "key_session_key",
    "key_session_num",
    "maximum",
)


async def by_register_id(engine: Engine, site_id: int, session_key: int, register_id: int) -> Attendee | None:
    """The person who was given this registration ID for a session."""
    row = await engine.one(_BY_REGISTER_ID, site_id, session_key, register_id)
    return None if row is None else _read(row)


async def waiting(
    engine: Engine, site_id: int, session_key: int, maximum: int, session_num: int | None = None
) -> list[Attendee]:
    """People on the waiting list of a session, those first who came first.

    Args:
        session_num: only those who are listed for this occurrence (0: for all).
    """
    if session_num is None:
        return [_read(row) for row in await engine.all(_WAITING, site_id, session_key, maximum)]
    found = await engine.all(_WAITING_FOR_ONE, site_id, session_key, session_num, maximum)
    return [_read(row) for row in found]


async def count_with_status(engine: Engine, session: Session, join_status: str) -> int:
    """How many people on a session's list have this status."""
    row = await engine.one(_total_query(True, False), session.site_id, session.session_key, join_status)
    return 0 if row is None else int(row[0])


@lru_cache
def _numbers_query(size: int) -> Query:
    condition, names = one_of(attendees.c.attendee_id, "value", size)
    return Query(select(*attendees.c).where(*where(attendees.c.site_id), condition), "key_site_id", *names)


async def by_numbers(engine: Engine, site_id: int, numbers: Sequence[int]) -> list[Attendee]:
    """The people with these attendee numbers, whatever their sessions, in no order."""
    found: list[Attendee] = []
    distinct = list(dict.fromkeys(numbers))
    for start in range(0, len(distinct), 256):
        part = padded(distinct[start : start + 256])
        found += [_read(row) for row in await engine.all(_numbers_query(len(part)), site_id, *part)]
    return found


# ---- lists -----------------------------------------------------------------------------------------------


_COLUMNS: Final[dict[str, Any]] = {
    "attendee_id": attendees.c.attendee_id,
    "name": func.lower(attendees.c.name),
    "join_status": attendees.c.join_status,
    "email": attendees.c.email_key,
    "submitted_at": attendees.c.submitted_at,
}


def _order_column(field: str) -> Any:
    return (
        func.lower(InDocument(attendees, field.removeprefix(DOCUMENT)))
        if field.startswith(DOCUMENT)
        else _COLUMNS[field]
    )


def _conditions(by_status: bool, registered: bool) -> list[Any]:
    conditions = where(*_KEY, attendees.c.join_status) if by_status else where(*_KEY)
    return [*conditions, attendees.c.submitted_at > 0] if registered else conditions


@lru_cache(maxsize=256)
def _page_query(by_status: bool, registered: bool, order: tuple[Order, ...]) -> Query:
    fields = {each.field: _order_column(each.field) for each in order}
    nullable = [field for field in fields if field.startswith(DOCUMENT)]
    statement = (
        select(*attendees.c)
        .where(*_conditions(by_status, registered))
        .order_by(*ordering(order, fields, attendees.c.attendee_id, nullable))
    )
    names = ["key_site_id", "key_session_key", *(["key_join_status"] if by_status else [])]
    return Query(page_of(statement), *names, "maximum", "skip")


@lru_cache
def _total_query(by_status: bool, registered: bool) -> Query:
    statement = select(func.count()).select_from(attendees).where(*_conditions(by_status, registered))
    return Query(statement, "key_site_id", "key_session_key", *(["key_join_status"] if by_status else []))


async def list_attendees(
    engine: Engine,
    session: Session,
    order: Sequence[Order],
    first: int,
    size: int,
    *,
    join_status: str | None = None,
    registered: bool = False,
) -> Page[Attendee]:
    """People on a session's list, from the place `first` (from 1) on, and how many there are.

    Args:
        order: fields are attendee_id, name, join_status, email, submitted_at, or document: and the names on the way
            to a text of the person's document, joined by dots. Texts are compared without letter case.
        join_status: only people with this status.
        registered: only people who registered.
    """
    key = (session.site_id, session.session_key, *(() if join_status is None else (join_status,)))
    by_status = join_status is not None
    count = await engine.one(_total_query(by_status, registered), *key)
    total = 0 if count is None else int(count[0])
    if first > total:
        return Page([], total)
    rows = await engine.all(_page_query(by_status, registered, tuple(order)), *key, size, first - 1, scan=total > size)
    return Page([_read(row) for row in rows], total)
