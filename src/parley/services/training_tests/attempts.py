"""Attempts at a test: their answers, how they end, and what comes of them.

An attempt ends when it is handed in, or when its time is over: then it counts as handed in at that moment, with what
was saved. Nobody has to look at a clock for that: whoever asks next closes what is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import msgspec
from msgspec.structs import replace

from parley.domain.session import Attendee, HostedSession
from parley.domain.tests import Question, Responses, grade_of, is_over
from parley.domain.tests_grading import Bounds, Outcome, bounds_of_test, graded
from parley.services.context import Context
from parley.services.training_tests import notices
from parley.services.training_tests.questions import Definition, questions_of, read_definition
from parley.services.training_tests.settings import Settings, end_of, settings_of
from parley.store import Changes, training_tests
from parley.store.training_tests import Attempt, StoredTest

#: Attempts that one transaction closes.
_AT_ONCE: Final = 50

_read_answers: Final = msgspec.json.Decoder(dict[int, Responses]).decode
_read_marks: Final = msgspec.json.Decoder(dict[int, int]).decode


def answers_of(attempt: Attempt) -> dict[int, Responses]:
    """What was answered, by the number of the question (from 0)."""
    return _read_answers(attempt.answers)


def marks_of(attempt: Attempt) -> dict[int, int]:
    """What was given by hand, by the number of the question (from 0)."""
    return _read_marks(attempt.marks)


class SessionTest:
    """A test of a session, read as a whole: what it asks, how it is taken, what it is worth."""

    def __init__(self, test: StoredTest) -> None:
        self.row = test

    @cached_property
    def definition(self) -> Definition:
        """What the test is."""
        return read_definition(self.row.document)

    @cached_property
    def settings(self) -> Settings:
        """How it is taken."""
        return settings_of(self.row)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What it asks."""
        return questions_of(self.definition)

    @cached_property
    def bounds(self) -> Bounds:
        """Its lowest and highest score."""
        return bounds_of_test(self.questions)

    def outcome(self, attempt: Attempt) -> Outcome:
        """What comes of an attempt as it is now."""
        return graded(self.questions, answers_of(attempt), marks_of(attempt))

    def grade(self, attempt: Attempt) -> str:
        """The grade of an attempt; empty while it is not scored, and of tests without grades."""
        if attempt.score is None or attempt.pending or not self.definition.assign_grades:
            return ""
        return grade_of(attempt.score, self.bounds.highest)


def person_of(attempt: Attempt, session: HostedSession) -> Attendee:
    """Who made an attempt, for mails: also somebody who is no longer on the session's list."""
    return Attendee(
        site_id=attempt.site_id,
        session_key=session.session_key,
        attendee_id=attempt.attendee_id,
        email_key=attempt.email_key,
        user_id=None,
        name=attempt.name,
        register_id=attempt.register_id or None,
    )


async def close(
    context: Context, changes: Changes, session: HostedSession, test: SessionTest, before: Attempt, after: Attempt
) -> Attempt:
    """Hand in an attempt as it is in `after`, whose `submitted_at` says when; returns it as stored."""
    outcome = test.outcome(after)
    after = replace(after, score=outcome.score, pending=outcome.pending)
    stored = training_tests.change(changes, before, after)
    person = person_of(stored, session)
    await notices.submitted(context, changes, session, test.row, person)
    if not stored.pending:
        await tell_score(context, changes, session, test, stored)
    return stored


async def tell_score(
    context: Context, changes: Changes, session: HostedSession, test: SessionTest, attempt: Attempt
) -> None:
    """An attempt is scored to the end: who made it may know."""
    person, grades = person_of(attempt, session), test.definition.assign_grades
    await notices.scored(context, changes, session, test.row, person, attempt, test.bounds.highest, graded=grades)


async def settled(
    context: Context, session: HostedSession, test: SessionTest, attempts: Sequence[Attempt]
) -> list[Attempt]:
    """The attempts, with those closed whose time is over.

    Raises:
        Conflict: somebody else changed one of them meanwhile.
    """
    found = list(attempts)
    changes, waiting = Changes(), 0
    for place, attempt in enumerate(found):
        end = end_of(test.row, attempt)
        if attempt.submitted_at is not None or end is None or not is_over(end, context.now):
            continue
        found[place] = await close(context, changes, session, test, attempt, replace(attempt, submitted_at=end))
        waiting += 1
        if waiting == _AT_ONCE:
            await context.engine.commit(changes)
            changes, waiting = Changes(), 0
    if waiting:
        await context.engine.commit(changes)
    return found


def last_of_each(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Of each person the last attempt that was handed in, in the order of handing in."""
    last: dict[int, Attempt] = {}
    for attempt in sorted(attempts, key=lambda each: (each.attendee_id, each.number)):
        if attempt.submitted_at is not None:
            last[attempt.attendee_id] = attempt
    return sorted(last.values(), key=lambda each: (each.submitted_at or 0, each.attempt_id))
