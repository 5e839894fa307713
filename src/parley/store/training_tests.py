"""Tests of libraries and of training sessions, and the attempts of people at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Column, Integer, and_, bindparam, delete, literal, or_, select

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, reader, select_where, update_where, where
from parley.store.tables import outbox, sessions, test_attempts, training_tests


class StoredTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test of a library (`session_key` None) or of a session; times: UTC epoch seconds.

    Attributes:
        owner_id: who uploaded or copied it, or added it to the session.
        shared: it is in the site's library.
        delivery: WEBSITE or IN_SESSION.
        opens_at, closes_at: when it can be taken; None while nobody knows.
        settings: JSON text of how it is taken.
        document: JSON text of the test itself; empty in lists.
    """

    site_id: int
    test_id: int
    owner_id: int
    session_key: int | None
    shared: bool
    title: str
    description: str
    author: str
    delivery: str = "IN_SESSION"
    opens_at: int | None = None
    closes_at: int | None = None
    settings: str = "{}"
    version: int = 1
    created_at: int = 0
    document: str = ""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes a test, for the `number`th time (from 1); times: UTC epoch seconds.

    Attributes:
        register_id: 0 for somebody who did not register.
        submitted_at: None while it goes on.
        answers: JSON text of the answers by question; marks: of what was given by hand.
        score: None while it goes on.
        pending: handed in, and some question waits for a mark.
    """

    site_id: int
    attempt_id: int
    test_id: int
    attendee_id: int
    number: int
    email_key: str
    name: str
    register_id: int = 0
    started_at: int = 0
    submitted_at: int | None = None
    answers: str = "{}"
    marks: str = "{}"
    score: int | None = None
    pending: bool = False
    version: int = 1


def _test(*values: Any) -> StoredTest:
    return StoredTest(**dict(zip(StoredTest.__struct_fields__, values, strict=True)))


def _attempt(*values: Any) -> Attempt:
    return Attempt(**dict(zip(Attempt.__struct_fields__, values, strict=True)))


_t, _a = training_tests.c, test_attempts.c
_read_test = reader(_test, _t)
_read_attempt = reader(_attempt, _a)
#: The columns of lists: all but the document, which may be large.
_BRIEF: Final = [*list(_t)[:-1], literal("").label("document")]
_OLDEST: Final = (_t.created_at, _t.test_id)

# ---- tests -----------------------------------------------------------------------------------------------

_INSERT: Final = Insert(training_tests)
_FIXED: Final = ("site_id", "test_id", "session_key", "created_at", "document")
_CHANGING: Final = [name for name in StoredTest.__struct_fields__ if name not in _FIXED]
_UPDATE: Final = update_where(training_tests, _CHANGING, _t.site_id, _t.test_id, _t.version)
_REWRITE: Final = update_where(training_tests, [*_CHANGING, "document"], _t.site_id, _t.test_id, _t.version)
_DELETE: Final = delete_where(training_tests, _t.site_id, _t.test_id, _t.version)
_ONE: Final = select_where(list(_t), _t.site_id, _t.test_id)
_LIBRARY: Final = Query(
    select(*_BRIEF)
    .where(
        *where(_t.site_id),
        _t.session_key.is_(None),
        or_(_t.shared, _t.owner_id == bindparam("owner_id", type_=BigInteger)),
    )
    .order_by(*_OLDEST),
    "key_site_id",
    "owner_id",
)
_OF_SESSION: Final = select_where(_BRIEF, _t.site_id, _t.session_key, order=_OLDEST)
_PERSON: Final = bindparam("person", type_=BigInteger)
_OF_HOST: Final = Query(
    select(*_BRIEF)
    .select_from(
        training_tests.join(sessions, and_(sessions.c.site_id == _t.site_id, sessions.c.session_key == _t.session_key))
    )
    .where(*where(_t.site_id), or_(sessions.c.host_id == _PERSON, sessions.c.creator_id == _PERSON))
    .order_by(*_OLDEST)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "person",
    "maximum",
)


def add(changes: Changes, tests: Sequence[StoredTest]) -> None:
    """Add tests; Duplicate when a number is taken (draw another and repeat), Conflict when a session is gone."""
    changes.insert(_INSERT, [msgspec.structs.astuple(each) for each in tests])


def update(changes: Changes, before: StoredTest, after: StoredTest) -> StoredTest:
    """Change a test that is still as in `before` (Conflict otherwise); returns it as stored.

    The document is written only when it is another one, so both may come out of a list, without it.
    """
    stored = msgspec.structs.replace(after, version=before.version + 1)
    values = [getattr(stored, name) for name in _CHANGING]
    key = (before.site_id, before.test_id, before.version)
    if after.document == before.document:
        changes.add(_UPDATE, *values, *key, expect=1)
    else:
        changes.add(_REWRITE, *values, after.document, *key, expect=1)
    return stored


def remove(changes: Changes, test: StoredTest) -> None:
    """Delete a test with its attempts; Conflict when it changed meanwhile."""
    changes.add(_DELETE, test.site_id, test.test_id, test.version, expect=1)


async def by_id(engine: Engine, site_id: int, test_id: int) -> StoredTest | None:
    """The test with this number."""
    row = await engine.one(_ONE, site_id, test_id)
    return None if row is None else _read_test(row)


async def library(engine: Engine, site_id: int, owner_id: int) -> list[StoredTest]:
    """The tests of the site's library and of an owner's own, without documents, the oldest first."""
    return [_read_test(row) for row in await engine.all(_LIBRARY, site_id, owner_id, scan=True)]


async def of_session(engine: Engine, site_id: int, session_key: int) -> list[StoredTest]:
    """The tests of a session, without documents, the oldest first."""
    return [_read_test(row) for row in await engine.all(_OF_SESSION, site_id, session_key)]


async def of_host(engine: Engine, site_id: int, user_id: int, maximum: int) -> list[StoredTest]:
    """The tests of all sessions that an account holds or scheduled, without documents, the oldest first."""
    return [_read_test(row) for row in await engine.all(_OF_HOST, site_id, user_id, maximum, scan=True)]


# ---- attempts --------------------------------------------------------------------------------------------

_INSERT_ATTEMPT: Final = Insert(test_attempts)
_UPDATE_ATTEMPT: Final = update_where(
    test_attempts,
    ["submitted_at", "answers", "marks", "score", "pending", "version"],
    _a.site_id,
    _a.attempt_id,
    _a.version,
)
_EARLIEST: Final = (_a.started_at, _a.attempt_id)
_OF_PERSON: Final = select_where(list(_a), _a.site_id, _a.test_id, _a.attendee_id, order=[_a.number])
_OF_EMAIL: Final = select_where(list(_a), _a.site_id, _a.test_id, _a.email_key, order=_EARLIEST)
_OF_TEST: Final = select_where(list(_a), _a.site_id, _a.test_id, order=_EARLIEST)
_BY_NUMBER: Final = select_where(list(_a), _a.site_id, _a.attempt_id)


def begin(changes: Changes, attempt: Attempt) -> None:
    """Add an attempt; Duplicate when the person has one of this number, Conflict when the test is gone."""
    changes.insert(_INSERT_ATTEMPT, [msgspec.structs.astuple(attempt)])


def change(changes: Changes, before: Attempt, after: Attempt) -> Attempt:
    """Change an attempt that is still as in `before` (Conflict otherwise); returns it as stored."""
    version = before.version + 1
    values = (after.submitted_at, after.answers, after.marks, after.score, after.pending, version)
    changes.add(_UPDATE_ATTEMPT, *values, before.site_id, before.attempt_id, before.version, expect=1)
    return msgspec.structs.replace(after, version=version)


async def attempt(engine: Engine, site_id: int, attempt_id: int) -> Attempt | None:
    """The attempt with this number."""
    row = await engine.one(_BY_NUMBER, site_id, attempt_id)
    return None if row is None else _read_attempt(row)


async def attempts_of_person(engine: Engine, site_id: int, test_id: int, attendee_id: int) -> list[Attempt]:
    """The attempts of somebody on the session's list, in their order."""
    return [_read_attempt(row) for row in await engine.all(_OF_PERSON, site_id, test_id, attendee_id)]


async def attempts_of_email(engine: Engine, site_id: int, test_id: int, email_key: str) -> list[Attempt]:
    """The attempts of whoever has this casefolded address, in the order of their beginning."""
    return [_read_attempt(row) for row in await engine.all(_OF_EMAIL, site_id, test_id, email_key)]


async def attempts_of_test(engine: Engine, site_id: int, test_id: int) -> list[Attempt]:
    """All attempts at a test, in the order of their beginning."""
    return [_read_attempt(row) for row in await engine.all(_OF_TEST, site_id, test_id, scan=True)]


# ---- notices ---------------------------------------------------------------------------------------------


def _dropping(*columns: Column[Any]) -> Query:
    """Takes back messages that were not sent yet, of a kind, about the test that the mark is of.

    Args:
        columns: what they are chosen by besides.
    """
    chosen = (outbox.c.site_id, outbox.c.session_key, outbox.c.kind, *columns)
    return Query(
        delete(outbox).where(
            *where(*chosen),
            outbox.c.sent_at.is_(None),
            outbox.c.document.contains(bindparam("mark", type_=outbox.c.document.type), autoescape=False),
        ),
        *(f"key_{column.name}" for column in chosen),
        "mark",
    )


_DROP_NOTICES: Final = _dropping()
_DROP_FOR: Final = _dropping(outbox.c.recipient)


def _mark(test: StoredTest) -> str:
    """What the documents of a test's messages have in them."""
    return f'"test_id":{test.test_id},'


def drop_notices(changes: Changes, test: StoredTest, kind: str, recipient: str | None = None) -> None:
    """Take back the messages of a kind about a session's test that were not sent yet; to everybody, or to one."""
    if recipient is None:
        changes.add(_DROP_NOTICES, test.site_id, test.session_key, kind, _mark(test))
    else:
        changes.add(_DROP_FOR, test.site_id, test.session_key, kind, recipient, _mark(test))
