"""Mails about tests: rows of the outbox, each with the recipient's own link.

Source: facts/training-history.md 1.8 (emailAttendee).
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.domain.registration import Status
from parley.domain.session import Attendee, HostedSession
from parley.domain.tests import Delivery, State, grade_of
from parley.services import mails
from parley.services.context import Context
from parley.services.mails import AboutTest, TestOccasion
from parley.services.sessions.newcomers import is_in
from parley.services.training_tests.settings import delivery_of, settings_of, state
from parley.services.training_tests.tokens import tokens_of
from parley.store import Changes, outbox, sessions, training_tests
from parley.store.training_tests import Attempt, StoredTest

_PLANNED = (TestOccasion.INVITATION, TestOccasion.STARTED, TestOccasion.REMINDER)


async def link_of(context: Context, test: StoredTest, person: Attendee) -> str:
    """Somebody's own link to a test."""
    tokens = await tokens_of(context.application, test.site_id)
    token = tokens.write(test.test_id, person.attendee_id)
    return context.application.links.test(context.site.site.name, token)


async def plan(context: Context, changes: Changes, session: HostedSession, test: StoredTest) -> None:
    """Put the mails about a test as it is now in the place of those that were planned before."""
    withdraw(changes, test)
    if delivery_of(test) is Delivery.WEBSITE:
        await tell_people(context, changes, session, test, await sessions.all_attendees(context.engine, session))


def withdraw(changes: Changes, test: StoredTest) -> None:
    """Take back the mails about a test that did not go out yet."""
    for occasion in _PLANNED:
        training_tests.drop_notices(changes, test, occasion.value)


async def tell_people(
    context: Context, changes: Changes, session: HostedSession, test: StoredTest, people: Sequence[Attendee]
) -> None:
    """Plan the mails about a test on the site to these people of a session's list, as the test's settings say."""
    wanted = settings_of(test).notices
    moments = _moments(test, context.now)
    if not moments or (test.closes_at is not None and test.closes_at <= context.now):
        return
    told = [each for each in people if each.join_status == Status.INVITE or wanted.registrants]
    await _tell(context, changes, session, test, told, moments)


async def tell_newcomers(
    context: Context, changes: Changes, session: HostedSession, people: Sequence[Attendee]
) -> None:
    """People came onto a training's list after its tests were set: they get the same mails as the others."""
    for test in await training_tests.of_session(context.engine, session.site_id, session.session_key):
        if delivery_of(test) is Delivery.WEBSITE:
            await tell_people(context, changes, session, test, people)
        elif state(test, context.now) is State.STARTED:
            await tell_started(context, changes, session, test, people)


async def tell_started(
    context: Context, changes: Changes, session: HostedSession, test: StoredTest, people: Sequence[Attendee]
) -> None:
    """The host started a test in the session: everybody gets the link at once."""
    await _tell(context, changes, session, test, people, [(TestOccasion.STARTED, context.now)])


def _moments(test: StoredTest, now: int) -> list[tuple[TestOccasion, int]]:
    """What people are told of a test on the site, and when (UTC epoch seconds)."""
    wanted = settings_of(test).notices
    moments = [(TestOccasion.INVITATION, now)] if wanted.invite else []
    if wanted.after_start and test.opens_at is not None and test.opens_at > now:
        moments.append((TestOccasion.STARTED, test.opens_at))
    if wanted.before is not None and test.closes_at is not None and test.closes_at - wanted.before > now:
        moments.append((TestOccasion.REMINDER, test.closes_at - wanted.before))
    return moments


async def _tell(
    context: Context,
    changes: Changes,
    session: HostedSession,
    test: StoredTest,
    people: Sequence[Attendee],
    moments: Sequence[tuple[TestOccasion, int]],
) -> None:
    tokens = await tokens_of(context.application, test.site_id)
    links, site = context.application.links, context.site.site.name
    # Somebody who comes for several occurrences is on the list several times, and gets one mail.
    once = {each.email_key: each for each in reversed(people) if is_in(each) and each.role != "HOST"}
    messages = []
    for person in once.values():
        link = links.test(site, tokens.write(test.test_id, person.attendee_id))
        about = _about(test, link)
        messages += [
            mails.test_told(context.now, occasion, session, person.email_key, person, about, due)
            for occasion, due in moments
        ]
    outbox.put(changes, messages)


def _about(
    test: StoredTest, link: str, score: int | None = None, highest: int | None = None, grade: str = ""
) -> AboutTest:
    return AboutTest(
        test_id=test.test_id,
        title=test.title,
        link=link,
        opens_at=test.opens_at,
        closes_at=test.closes_at,
        minutes=settings_of(test).minutes,
        score=score,
        highest=highest,
        grade=grade,
    )


async def submitted(
    context: Context, changes: Changes, session: HostedSession, test: StoredTest, person: Attendee
) -> None:
    """Somebody handed in a test: he needs no reminder any more; tell the host, if he wants to know."""
    training_tests.drop_notices(changes, test, TestOccasion.REMINDER.value, person.email_key)
    if settings_of(test).notices.submits:
        link = context.application.links.tests(context.site.site.name, session.session_key)
        told = mails.test_told(
            context.now, TestOccasion.SUBMITTED, session, session.host_email, person, _about(test, link), context.now
        )
        outbox.put(changes, [told])


async def scored(
    context: Context,
    changes: Changes,
    session: HostedSession,
    test: StoredTest,
    person: Attendee,
    attempt: Attempt,
    highest: int,
    *,
    graded: bool,
) -> None:
    """A test is scored to the end: tell who took it, if people are to know their score."""
    if not settings_of(test).report or attempt.score is None:
        return
    grade = grade_of(attempt.score, highest) if graded else ""
    about = _about(test, await link_of(context, test, person), attempt.score, highest, grade)
    told = mails.test_told(context.now, TestOccasion.REPORT, session, person.email_key, person, about, context.now)
    outbox.put(changes, [told])
