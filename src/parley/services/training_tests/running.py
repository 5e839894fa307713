"""What the host's page of tests does: start and end a test in the session, score what was written.

Source: facts/training-history.md 1.8 (in-session tests are started by the instructor, essays scored by hand).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from parley.domain.session import HostedSession
from parley.domain.tests import Delivery, State
from parley.services.application import Application
from parley.services.context import Context
from parley.services.known_sites import KnownSite
from parley.services.training_tests import notices
from parley.services.training_tests.attempts import SessionTest, marks_of, settled, tell_score
from parley.services.training_tests.settings import delivery_of, state
from parley.store import Changes, Conflict, sessions, training_tests
from parley.store.training_tests import Attempt, StoredTest

_MAX_TRIES: Final = 12


class Running(NamedTuple):
    """A test of a session with all attempts at it, none of them overdue."""

    test: SessionTest
    attempts: list[Attempt]


async def all_tests(application: Application, session: HostedSession) -> list[StoredTest]:
    """The tests of a session, the oldest first, without documents."""
    return await training_tests.of_session(application.engine, session.site_id, session.session_key)


async def find(application: Application, site: KnownSite, session: HostedSession, test_id: int) -> Running | None:
    """A test of the session; None when it has no such test.

    Raises:
        Conflict: others were always quicker.
    """
    context = Context(application, site, None, session)
    for _ in range(_MAX_TRIES):
        row = await training_tests.by_id(application.engine, session.site_id, test_id)
        if row is None or row.session_key != session.session_key:
            return None
        test = SessionTest(row)
        found = await training_tests.attempts_of_test(application.engine, row.site_id, row.test_id)
        try:
            return Running(test, await settled(context, session, test, found))
        except Conflict:
            continue
    raise Conflict


async def start(application: Application, site: KnownSite, session: HostedSession, test: StoredTest) -> None:
    """Start a test in the session, also once more after its end; the people on the list get their links.

    Raises:
        Conflict: the test changed meanwhile.
    """
    context = Context(application, site, None, session)
    if delivery_of(test) is not Delivery.IN_SESSION or state(test, context.now) is State.STARTED:
        return
    changes = Changes()
    stored = training_tests.update(changes, test, replace(test, opens_at=context.now, closes_at=None))
    people = await sessions.all_attendees(context.engine, session)
    await notices.tell_started(context, changes, session, stored, people)
    await context.engine.commit(changes)


async def end(application: Application, site: KnownSite, session: HostedSession, test: StoredTest) -> None:
    """End a test in the session: what people have answered by now counts as handed in.

    Raises:
        Conflict: the test changed meanwhile.
    """
    context = Context(application, site, None, session)
    if delivery_of(test) is not Delivery.IN_SESSION or state(test, context.now) is not State.STARTED:
        return
    changes = Changes()
    training_tests.update(changes, test, replace(test, closes_at=context.now))
    await context.engine.commit(changes)


async def give_marks(
    application: Application,
    site: KnownSite,
    session: HostedSession,
    test: SessionTest,
    attempt: Attempt,
    marks: Mapping[int, int],
) -> Attempt:
    """Score questions of an attempt by hand, by their number (from 0); returns the attempt as stored.

    Marks outside of a question's bounds are brought within them.

    Raises:
        Conflict: somebody else scored it meanwhile.
    """
    context = Context(application, site, None, session)
    given = {**marks_of(attempt), **{place: mark for place, mark in marks.items() if place < len(test.questions)}}
    after = replace(attempt, marks=msgspec.json.encode(given).decode())
    outcome = test.outcome(after)
    after = replace(after, score=outcome.score, pending=outcome.pending)
    changes = Changes()
    stored = training_tests.change(changes, attempt, after)
    if attempt.pending and not stored.pending:
        await tell_score(context, changes, session, test, stored)
    await context.engine.commit(changes)
    return stored
