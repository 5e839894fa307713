"""Sessions and the people on their lists: single reads and all writes. Lists are in `session_lists`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles

from parley.domain.session import Attendee, HostedSession, Session
from parley.store import occurrence_seats
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.errors import Conflict
from parley.store.query import (
    Insert,
    Query,
    counter,
    delete_where,
    one_of,
    padded,
    reader,
    select_where,
    update_where,
    where,
)
from parley.store.tables import attendees, session_days, sessions, users

# ---- reading one -----------------------------------------------------------------------------------------

hosts = users.alias("hosts")
HOST_COLUMNS: list[Any] = [hosts.c.web_ex_id, hosts.c.first_name, hosts.c.last_name, hosts.c.email]
HOSTED_COLUMNS: list[Any] = [*sessions.c, *HOST_COLUMNS]
HOSTED = sessions.join(hosts, and_(hosts.c.site_id == sessions.c.site_id, hosts.c.user_id == sessions.c.host_id))

read_hosted: Callable[[Sequence[Any]], HostedSession] = reader(HostedSession, HOSTED_COLUMNS)
_read_attendee = reader(Attendee, attendees.c)


_MOST_ALONG = 50
"""People on a list that is read along with its session; longer ones are read when they are needed."""


class _People(ColumnElement[str]):
    """The people of a session as JSON, an array for each, by attendee number.

    On PostgreSQL a second statement costs more than all it reads; SQLite is not asked, since it is in this process.
    """

    inherit_cache = True
    type = Text()


@compiles(_People, "sqlite")
def _people_of_sqlite(_element: _People, _compiler: Any, **_: Any) -> str:
    return "NULL"


@compiles(_People, "postgresql")
def _people_of_postgres(_element: _People, _compiler: Any, **_: Any) -> str:
    columns = ", ".join(f"people.{column.name}" for column in attendees.c)
    return (
        f"CASE WHEN sessions.attendee_count BETWEEN 1 AND {_MOST_ALONG:d} THEN"  # noqa: S608  names of ours
        f" (SELECT json_agg(json_build_array({columns}) ORDER BY people.attendee_id)::text FROM attendees AS people"
        " WHERE people.site_id = sessions.site_id AND people.session_key = sessions.session_key) END"
    )


WITH_PEOPLE: list[Any] = [*HOSTED_COLUMNS, _People().label("people")]
"""For reads of one session: what `read_hosted` takes, and where it is cheap the people on its list."""


def _by(column: str) -> Query:
    key = sessions.c[column]
    return Query(
        select(*HOSTED_COLUMNS).select_from(HOSTED).where(*where(sessions.c.site_id, key)),
        "key_site_id",
        f"key_{column}",
    )


_BY_KEY = _by("session_key")
_BY_UUID = _by("uuid")
_BY_HOST_LINK = _by("host_link")
_BY_ATTENDEE_LINK = _by("attendee_link")
_BY_CONF_ID = _by("conf_id")
_BY_SERIES = Query(
    select(*HOSTED_COLUMNS)
    .select_from(HOSTED)
    .where(*where(sessions.c.site_id, sessions.c.series_key))
    .order_by(sessions.c.series_day, sessions.c.session_key)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "key_series_key",
    "maximum",
)


async def _one(engine: Engine, query: Query, site_id: int, value: object) -> HostedSession | None:
    row = await engine.one(query, site_id, value)
    return None if row is None else read_hosted(row)


async def by_key(engine: Engine, site_id: int, session_key: int) -> HostedSession | None:
    """The session with this key."""
    return await _one(engine, _BY_KEY, site_id, session_key)


async def by_uuid(engine: Engine, site_id: int, uuid: str) -> HostedSession | None:
    """The session with this meetingUUID."""
    return await _one(engine, _BY_UUID, site_id, uuid)


async def by_conf_id(engine: Engine, site_id: int, conf_id: int) -> HostedSession | None:
    """The session whose present run has this confID."""
    return await _one(engine, _BY_CONF_ID, site_id, conf_id)


async def by_host_link(engine: Engine, site_id: int, link: str) -> HostedSession | None:
    """The session whose host was given this MTID."""
    return await _one(engine, _BY_HOST_LINK, site_id, link)


async def by_attendee_link(engine: Engine, site_id: int, link: str) -> HostedSession | None:
    """The session whose attendees were given this MTID."""
    return await _one(engine, _BY_ATTENDEE_LINK, site_id, link)


async def exceptions(engine: Engine, site_id: int, series_key: int, maximum: int = 500) -> list[HostedSession]:
    """The sessions that replace occurrences of a series, by the day they replace."""
    return [read_hosted(row) for row in await engine.all(_BY_SERIES, site_id, series_key, maximum)]


@lru_cache
def _starts_query(column: str, size: int) -> Query:
    condition, names = one_of(sessions.c[column], "key", size)
    # The version is not looked at; without it SQLite would rather walk through an index that has all the others.
    columns = (sessions.c[column], sessions.c.next_start, sessions.c.ended, sessions.c.version)
    return Query(select(*columns).where(*where(sessions.c.site_id), condition), "key_site_id", *names)


async def upcoming(engine: Engine, site_id: int, series_keys: Sequence[int]) -> dict[int, int]:
    """When each of these series is next held (UTC epoch seconds), its exceptions counted; without those that are over.

    The present occurrence of each must be up to date (`roll_due`).
    """
    found: dict[int, int] = {}
    for start in range(0, len(series_keys), 256):
        part = padded(series_keys[start : start + 256])
        for column in ("session_key", "series_key"):
            for key, begins, ended, _ in await engine.all(_starts_query(column, len(part)), site_id, *part):
                if not ended:
                    found[key] = min(begins, found.get(key, begins))
    return found


# ---- attendees -------------------------------------------------------------------------------------------

_ATTENDEE = select_where(list(attendees.c), attendees.c.site_id, attendees.c.attendee_id)
_ATTENDEES = Query(
    select(*attendees.c)
    .where(
        *where(attendees.c.site_id, attendees.c.session_key),
        attendees.c.attendee_id > bindparam("after", type_=BigInteger),
    )
    .order_by(attendees.c.attendee_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "key_session_key",
    "after",
    "maximum",
)


async def attendee(engine: Engine, site_id: int, attendee_id: int) -> Attendee | None:
    """The person with this attendee number, whatever the session."""
    row = await engine.one(_ATTENDEE, site_id, attendee_id)
    return None if row is None else _read_attendee(row)


async def attendees_of(
    engine: Engine, site_id: int, session_key: int, after: int = -1, maximum: int = 500
) -> list[Attendee]:
    """People on a session's list by attendee number, those with numbers beyond `after`."""
    rows = await engine.all(_ATTENDEES, site_id, session_key, after, maximum)
    return [_read_attendee(row) for row in rows]


_read_people = msgspec.json.Decoder(list[Attendee]).decode


async def all_attendees(engine: Engine, session: Session) -> list[Attendee]:
    """Everybody on a session's list by attendee number.

    Without a read when the session counts nobody, or its people were read along with it.
    """
    if isinstance(session, HostedSession) and session.people is not None:
        return _read_people(session.people)
    found: list[Attendee] = []
    while len(found) < session.attendee_count:
        last = found[-1].attendee_id if found else -1
        page = await attendees_of(engine, session.site_id, session.session_key, last)
        if not page:
            break
        found += page
    return found


@lru_cache
def _persons_query(size: int) -> Query:
    condition, names = one_of(attendees.c.email_key, "value", size)
    statement = select(*attendees.c).where(*where(attendees.c.site_id, attendees.c.session_key), condition)
    return Query(statement.order_by(attendees.c.attendee_id), "key_site_id", "key_session_key", *names)


async def attendees_by_email(
    engine: Engine, site_id: int, session_key: int, email_keys: Sequence[str]
) -> list[Attendee]:
    """The people on a session's list with one of these casefolded addresses, by attendee number."""
    found: list[Attendee] = []
    distinct = list(dict.fromkeys(email_keys))
    for start in range(0, len(distinct), 256):
        part = padded(distinct[start : start + 256])
        rows = await engine.all(_persons_query(len(part)), site_id, session_key, *part)
        found += [_read_attendee(row) for row in rows]
    return found


_OF_PERSON = Query(
    select(*attendees.c)
    .where(
        *where(attendees.c.site_id, attendees.c.session_key),
        or_(
            attendees.c.user_id == bindparam("user_id", type_=BigInteger),
            attendees.c.email_key == bindparam("email_key", type_=attendees.c.email_key.type),
        ),
    )
    .order_by(attendees.c.attendee_id),
    "key_site_id",
    "key_session_key",
    "user_id",
    "email_key",
)


async def attendees_of_person(
    engine: Engine, site_id: int, session_key: int, user_id: int, email_key: str
) -> list[Attendee]:
    """The rows of a session's list that an account is on, by its number or its casefolded address."""
    return [_read_attendee(row) for row in await engine.all(_OF_PERSON, site_id, session_key, user_id, email_key)]


class AlternateHost(NamedTuple):
    """An account that is an alternate host of a session."""

    session_key: int
    user_id: int
    web_ex_id: str
    email: str


@lru_cache
def _alternates_query(size: int) -> Query:
    condition, names = one_of(attendees.c.session_key, "key", size)
    statement = (
        select(attendees.c.session_key, users.c.user_id, users.c.web_ex_id, users.c.email)
        .join_from(
            attendees, users, and_(users.c.site_id == attendees.c.site_id, users.c.user_id == attendees.c.user_id)
        )
        .where(*where(attendees.c.site_id), condition, attendees.c.role == "HOST")
        .order_by(attendees.c.session_key, attendees.c.attendee_id)
    )
    return Query(statement, "key_site_id", *names)


async def alternate_hosts(engine: Engine, site_id: int, session_keys: Sequence[int]) -> dict[int, list[AlternateHost]]:
    """The alternate hosts (attendees with the role HOST and an account) of each of these sessions that has any."""
    found: dict[int, list[AlternateHost]] = {}
    for start in range(0, len(session_keys), 256):
        part = padded(session_keys[start : start + 256])
        for row in await engine.all(_alternates_query(len(part)), site_id, *part):
            found.setdefault(row[0], []).append(AlternateHost(*row))
    return found


# ---- writing ---------------------------------------------------------------------------------------------

_FIXED = ("site_id", "session_key", "created_at")
_VERSIONED = (sessions.c.site_id, sessions.c.session_key, sessions.c.version)

#: Columns that a change writes in any case; of these an index has the time of change only.
_ALWAYS = ("document", "password", "attendee_count", "alternates", "seats_taken", "version", "sequence", "modified_at")
_WHEN = ("start_local", "time_zone_id", "duration", "next_start", "next_end", "recurring", "ended", "open_time")
_NAME = ("name", "name_key")
_REST = tuple(each for each in Session.__struct_fields__ if each not in (*_FIXED, *_ALWAYS, *_WHEN, *_NAME))
#: The others, each group with its values: only where one of these is new, since SQLite makes the entries of all indexes
#: anew that have one of the columns written. Groups, so that there are few different statements.
_GROUPS = [(names, attrgetter(*names)) for names in (_WHEN, _NAME, _REST)]

_INSERT = Insert(sessions)
_DELETE = delete_where(sessions, *_VERSIONED)
_INSERT_ATTENDEES = Insert(attendees)
_DELETE_ATTENDEES = delete_where(attendees, attendees.c.site_id, attendees.c.session_key)
_UPDATE_ATTENDEE = update_where(
    attendees,
    ["email_key", "user_id", "name", "role", "join_status", "register_id", "document"],
    attendees.c.site_id,
    attendees.c.session_key,
    attendees.c.attendee_id,
)
_COUNT_DAY = counter(session_days)


@lru_cache
def _update(names: tuple[str, ...]) -> tuple[Query, Callable[[Session], tuple[Any, ...]]]:
    """The statement that writes these columns of a session, and how their values are read."""
    return update_where(sessions, names, *_VERSIONED), attrgetter(*names)


def _write(changes: Changes, before: Session, after: Session) -> None:
    """Write what is new of a session that is still as in `before` (Conflict otherwise)."""
    new = (names for names, values in _GROUPS if values(before) != values(after))
    update, values_of = _update(sum(new, _ALWAYS))
    changes.add(update, *values_of(after), before.site_id, before.session_key, before.version, expect=1)


def _tally(changes: Changes, session: Session, by: int) -> None:
    kind = (session.listing, session.service, session.session_type)
    changes.tally(_COUNT_DAY, session.site_id, session.ended, session.day, *kind, by=by)


def _insert_attendees(changes: Changes, people: Sequence[Attendee]) -> None:
    changes.insert(_INSERT_ATTENDEES, [msgspec.structs.astuple(person) for person in people])


def _has_alternates(people: Sequence[Attendee]) -> bool:
    return any(person.role == "HOST" for person in people)


def _seats(people: Sequence[Attendee]) -> int:
    return sum(person.holds_seat for person in people)


def create_session(changes: Changes, session: Session, people: Sequence[Attendee] = ()) -> Session:
    """Add a session and the people on its list; returns the session as stored (attendee_count, version 1).

    Duplicate when a key, uuid or link is taken (make new ones and repeat); Conflict when the host is unknown.
    """
    stored = msgspec.structs.replace(
        session,
        attendee_count=len(people),
        version=1,
        alternates=_has_alternates(people),
        seats_taken=_seats(people),
    )
    changes.insert(_INSERT, [msgspec.structs.astuple(stored)])
    _insert_attendees(changes, people)
    occurrence_seats.put(changes, stored, people)
    _tally(changes, stored, 1)
    return stored


def update_session(
    changes: Changes,
    before: Session,
    after: Session,
    *,
    add: Sequence[Attendee] = (),
    change: Sequence[Attendee] = (),
    remove: Sequence[int] = (),
    replace: Sequence[Attendee] | None = None,
) -> Session:
    """Replace a session that is still as in `before` (Conflict otherwise), and change its list in the same set.

    `add` and `change` are people, `remove` attendee numbers (Conflict when one is not on the list);
    `replace` puts these people in the place of all there were. Whoever is changed or removed must hold no seat
    (`attendees.change_list` is for those who do). Key, site and created_at are not written.
    A session may be updated once in a set. Returns the session as stored.
    """
    gone = set(remove)
    count = before.attendee_count + len(add) - len(gone)
    if replace is not None:
        changes.sequential = True  # people who stay are deleted and inserted
        count = len(replace)
    # Whoever is removed or changed may have been the last alternate host; then lists look for one and find none.
    alternates = (
        _has_alternates(replace) if replace is not None else before.alternates or _has_alternates([*add, *change])
    )
    seats = _seats(replace) if replace is not None else before.seats_taken + _seats(add)
    stored = msgspec.structs.replace(
        after, attendee_count=count, version=before.version + 1, alternates=alternates, seats_taken=seats
    )
    _write(changes, before, stored)
    _tally(changes, before, -1)
    _tally(changes, stored, 1)
    if replace is not None:
        changes.add(_DELETE_ATTENDEES, before.site_id, before.session_key)
        _insert_attendees(changes, replace)
        occurrence_seats.put(changes, stored, replace, instead=True)
        return stored
    _remove(changes, before, sorted(gone))
    for person in change:
        changes.add(
            _UPDATE_ATTENDEE,
            person.email_key,
            person.user_id,
            person.name,
            person.role,
            person.join_status,
            person.register_id,
            person.document,
            before.site_id,
            before.session_key,
            person.attendee_id,
            expect=1,
        )
    _insert_attendees(changes, add)
    occurrence_seats.count(changes, before, add, ())
    return stored


@lru_cache
def _remove_query(size: int) -> Query:
    condition, names = one_of(attendees.c.attendee_id, "value", size)
    statement = delete(attendees).where(*where(attendees.c.site_id, attendees.c.session_key), condition)
    return Query(statement, "key_site_id", "key_session_key", *names)


def _remove(changes: Changes, session: Session, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), 256):
        part = numbers[start : start + 256]
        values = padded(part)
        changes.add(_remove_query(len(values)), session.site_id, session.session_key, *values, expect=len(part))


def delete_session(changes: Changes, session: Session) -> None:
    """Delete a session that is still as given (Conflict otherwise) and the list of its people."""
    changes.add(_DELETE, session.site_id, session.session_key, session.version, expect=1)
    _tally(changes, session, -1)


# ---- time goes on ----------------------------------------------------------------------------------------

_DUE = Query(
    select(*sessions.c)
    .where(
        *where(sessions.c.site_id),
        sessions.c.ended == bindparam("ended", type_=Boolean),
        sessions.c.next_end <= bindparam("now", type_=BigInteger),
    )
    .order_by(sessions.c.next_end)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "ended",
    "now",
    "maximum",
)
_ROLL = update_where(sessions, ["next_start", "next_end", "ended", "version"], *_VERSIONED)
_PRUNE = Query(
    delete(session_days).where(
        *where(session_days.c.site_id, session_days.c.ended),
        session_days.c.day < bindparam("day", type_=Integer),
        session_days.c.total == 0,
    ),
    "key_site_id",
    "key_ended",
    "day",
)
_read_session = reader(Session, sessions.c)

Following: TypeAlias = Callable[[Session, int], tuple[int, int] | None]
"""Called with a series and a time: start and end of the first occurrence that ends after it, or None."""

_AT_ONCE = 16


async def roll_due(engine: Engine, site_id: int, now: int, following: Following, maximum: int = 1_000) -> int:
    """Let sessions whose present occurrence is over go on: series to their next occurrence, others to the end.

    Sessions somebody else rolled or changed meanwhile are left to the next call. One probe of an index when
    nothing is due. Returns how many sessions were changed; modified_at stays, for nobody modified them.
    """
    due = [_read_session(row) for row in await engine.all(_DUE, site_id, False, now, maximum)]
    rolled = 0
    for start in range(0, len(due), _AT_ONCE):
        part = due[start : start + _AT_ONCE]
        results = await asyncio.gather(*(_roll(engine, session, now, following) for session in part))
        rolled += sum(results)
    if rolled:
        changes = Changes()
        changes.add(_PRUNE, site_id, False, now // 86_400)
        await engine.commit(changes)
    return rolled


async def _roll(engine: Engine, session: Session, now: int, following: Following) -> bool:
    changes = Changes()
    after = _rolled(session, now, following)
    changes.add(
        _ROLL,
        after.next_start,
        after.next_end,
        after.ended,
        after.version,
        session.site_id,
        session.session_key,
        session.version,
        expect=1,
    )
    _tally(changes, session, -1)
    _tally(changes, after, 1)
    try:
        await engine.commit(changes)
    except Conflict:
        return False
    return True


def _rolled(session: Session, now: int, following: Following) -> Session:
    version = session.version + 1
    occurrence = following(session, now) if session.recurring else None
    if occurrence is None or occurrence[1] <= now:
        return msgspec.structs.replace(session, ended=True, version=version)
    return msgspec.structs.replace(session, next_start=occurrence[0], next_end=occurrence[1], version=version)
