"""Tests of sessions: added out of a library, set, taken off, listed.

A test of a session is a copy: what becomes of the library's does not concern it.
Source: facts/training-history.md 1.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from parley.contract.training_tests import (
    AddScheduledTest,
    AddScheduledTestResponse,
    DelScheduledTest,
    DelScheduledTestResponse,
    EmailAttendeeType,
    LstScheduledTests,
    LstScheduledTestsResponse,
    ScheduledTestInstanceType,
    ScheduledTestType,
    SetScheduledTest,
    SetScheduledTestDeliveryMethod,
    SetScheduledTestResponse,
)
from parley.domain.session import Session, SessionSummary
from parley.domain.tests import Delivery
from parley.domain.timezones import api_date, to_utc
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.lists import Scope
from parley.services.registry import operation
from parley.services.sessions.newcomers import when_let_in
from parley.services.training_tests import notices
from parley.services.training_tests.access import (
    TRAINING,
    check_not_suspended,
    editable_training,
    found_test,
    library_test,
    test_of_session,
)
from parley.services.training_tests.library import named_tests, new_numbers
from parley.services.training_tests.questions import read_definition
from parley.services.training_tests.settings import (
    Notices,
    Settings,
    delivery_of,
    settings_of,
    state,
    write_settings,
)
from parley.services.values import given, start_of
from parley.store import Changes, session_lists, training_tests
from parley.store.training_tests import StoredTest

when_let_in(TRAINING, notices.tell_newcomers)

#: Tests of one session.
MOST_TESTS: Final = 100
#: Tests that a list without a session tells.
MOST_LISTED: Final = 2000


@operation(
    "training",
    request=AddScheduledTest,
    answer=AddScheduledTestResponse,
    key_of=lambda request: request.session_key,
)
async def add_scheduled_test(context: Context, request: AddScheduledTest) -> AddScheduledTestResponse:
    """Add tests of a library to a training; the answer has the numbers of the copies."""
    session = await editable_training(context)
    check_not_suspended(context, session)
    copies = []
    named = named_tests(request.test_id)
    for test_id, number in zip(named, new_numbers(len(named)), strict=True):
        kept = await library_test(context, test_id)
        copies.append(
            replace(
                kept,
                test_id=number,
                owner_id=context.caller.user_id,
                session_key=session.session_key,
                shared=False,
                settings=write_settings(Settings(minutes=read_definition(kept.document).minutes)),
                version=1,
                created_at=context.now,
            )
        )
    held = await training_tests.of_session(context.engine, session.site_id, session.session_key)
    if len(held) + len(copies) > MOST_TESTS:
        raise faults.TEST_LIMIT(limit=MOST_TESTS)
    changes = Changes()
    training_tests.add(changes, copies)
    await context.engine.commit(changes)
    return AddScheduledTestResponse(test_id=[copy.test_id for copy in copies])


@operation(
    "training",
    request=SetScheduledTest,
    answer=SetScheduledTestResponse,
    key_of=lambda request: request.session_key,
)
async def set_scheduled_test(context: Context, request: SetScheduledTest) -> SetScheduledTestResponse:
    """Say where, when, how long and how often a test of a training is taken; what is not said stays."""
    session = await editable_training(context)
    check_not_suspended(context, session)
    before = test_of_session(await found_test(context, request.test_id), session)
    after = _delivered(request.delivery_method, before, session)
    kept = settings_of(before)
    settings = replace(
        kept,
        minutes=_minutes(request, kept),
        attempts=_attempts(request, kept),
        report=kept.report if request.send_report is None else request.send_report,
        notices=_notices(request.delivery_method, kept.notices),
    )
    changes = Changes()
    stored = training_tests.update(changes, before, replace(after, settings=write_settings(settings)))
    await notices.plan(context, changes, session, stored)
    await context.engine.commit(changes)
    return SetScheduledTestResponse()


def _delivered(sent: SetScheduledTestDeliveryMethod | None, test: StoredTest, session: Session) -> StoredTest:
    """The test with the place and the time of its delivery.

    Raises:
        Fault: 999999 for both places, a missing or wrong date.
    """
    if sent is None:
        return test
    place = sent.website
    start = place.start_date if place is not None else sent.start_date
    due = place.due_date if place is not None else sent.due_date
    on_site = place is not None or given(start) is not None or given(due) is not None
    if on_site and given(sent.session) is not None:
        raise faults.INVALID_VALUE(path="deliveryMethod", problem="session or website is allowed, not both")
    if not on_site:
        if given(sent.session) is None:
            return test
        if delivery_of(test) is Delivery.IN_SESSION:  # it may be going on
            return test
        return replace(test, delivery=Delivery.IN_SESSION.value, opens_at=None, closes_at=None)
    opens = to_utc(_date(start, "deliveryMethod/website/startDate"), session.time_zone_id)
    closes = to_utc(_date(due, "deliveryMethod/website/dueDate"), session.time_zone_id)
    if closes <= opens:
        raise faults.INVALID_VALUE(path="deliveryMethod/website/dueDate", problem="must be after startDate")
    return replace(test, delivery=Delivery.WEBSITE.value, opens_at=opens, closes_at=closes)


def _date(text: str | None, path: str) -> datetime:
    found = start_of(text)
    if found is None:
        raise faults.MISSING_ELEMENT(path=path)
    return found


def _minutes(request: SetScheduledTest, kept: Settings) -> int | None:
    sent = request.time_limit
    if sent is None or (given(sent.no_limit) is None and sent.within_minutes is None):
        return kept.minutes
    if given(sent.no_limit) is not None and sent.within_minutes is not None:
        raise faults.INVALID_VALUE(path="timeLimit", problem="noLimit or withinMinutes is allowed, not both")
    return sent.within_minutes


def _attempts(request: SetScheduledTest, kept: Settings) -> int | None:
    sent = request.attempt_limit
    if sent is None or (given(sent.no_limit) is None and sent.attempt_times is None):
        return kept.attempts
    if given(sent.no_limit) is not None and sent.attempt_times is not None:
        raise faults.INVALID_VALUE(path="attemptLimit", problem="noLimit or attemptTimes is allowed, not both")
    return sent.attempt_times


def _notices(sent: SetScheduledTestDeliveryMethod | None, kept: Notices) -> Notices:
    mail: EmailAttendeeType | None = sent.website.email_attendee if sent and sent.website else None
    if mail is None:
        return kept
    parts = (mail.before_days, mail.before_hours, mail.before_minutes)
    before = ((mail.before_days or 0) * 24 + (mail.before_hours or 0)) * 60 + (mail.before_minutes or 0)
    return Notices(
        invite=kept.invite if mail.invite is None else mail.invite,
        after_start=kept.after_start if mail.reminder_after_start is None else mail.reminder_after_start,
        before=kept.before if all(part is None for part in parts) else (before * 60 or None),
        registrants=kept.registrants if mail.send_to_register is None else mail.send_to_register,
        submits=kept.submits if mail.notify_submits is None else mail.notify_submits,
    )


@operation(
    "training",
    request=DelScheduledTest,
    answer=DelScheduledTestResponse,
    key_of=lambda request: request.session_key,
)
async def del_scheduled_test(context: Context, request: DelScheduledTest) -> DelScheduledTestResponse:
    """Take tests off a training, with what was answered: all that are named, or none when one is not there."""
    session = await editable_training(context)
    changes = Changes()
    for test_id in dict.fromkeys(named_tests(request.test_id)):
        test = test_of_session(await found_test(context, test_id), session)
        notices.withdraw(changes, test)
        training_tests.remove(changes, test)
    await context.engine.commit(changes)
    return DelScheduledTestResponse()


@operation(
    "training",
    request=LstScheduledTests,
    answer=LstScheduledTestsResponse,
    key_of=lambda request: request.session_key,
)
async def lst_scheduled_tests(context: Context, request: LstScheduledTests) -> LstScheduledTestsResponse:
    """List the tests of a training, or of all trainings that the caller holds or scheduled."""
    found = await _tests(context, request)
    of_sessions = await _sessions_of(context, found)
    scope = lists.scope(request.date_scope, context.caller.time_zone_id)
    author = (given(request.author) or "").strip().casefold()
    shown = [
        _listed(context, test, of_sessions[test.session_key or 0].time_zone_id)
        for test in found
        if test.session_key in of_sessions
        and request.status in (None, "", state(test, context.now).value)
        and author in ("", test.author.casefold())
        and _inside(test, of_sessions[test.session_key or 0], scope)
    ]
    if not shown:
        raise faults.NOTHING_FOUND()
    return LstScheduledTestsResponse(test=shown)


async def _tests(context: Context, request: LstScheduledTests) -> list[StoredTest]:
    site_id = context.site.site.site_id
    if request.session_key is None:
        return await training_tests.of_host(context.engine, site_id, context.caller.user_id, MOST_LISTED)
    session = await editable_training(context)
    return await training_tests.of_session(context.engine, site_id, session.session_key)


async def _sessions_of(context: Context, tests: Iterable[StoredTest]) -> dict[int, SessionSummary]:
    keys = sorted({test.session_key for test in tests if test.session_key is not None})
    found = await session_lists.summaries_of(context.engine, context.site.site.site_id, keys) if keys else []
    return {each.session_key: each for each in found}


def _inside(test: StoredTest, session: SessionSummary, scope: Scope) -> bool:
    """Whether a test lies within the dates asked for: one on the site by its own, others by those of the session."""
    on_site = delivery_of(test) is Delivery.WEBSITE
    start = (test.opens_at if on_site else None) or session.next_start
    end = (test.closes_at if on_site else None) or session.next_end
    return _between(start, scope.start_from, scope.start_to) and _between(end, scope.end_from, scope.end_to)


def _between(moment: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= moment) and (high is None or moment <= high)


def due_date(test: StoredTest, zone_id: int) -> str | None:
    """When a test on the site has to be handed in, in a zone; None for others."""
    if delivery_of(test) is not Delivery.WEBSITE or test.closes_at is None:
        return None
    return api_date(test.closes_at, zone_id)


def _listed(context: Context, test: StoredTest, zone_id: int) -> ScheduledTestInstanceType:
    return ScheduledTestInstanceType(
        test_id=test.test_id,
        title=test.title,
        delivery=test.delivery,
        status=state(test, context.now).value,
        due_date=due_date(test, zone_id),
        session_key=test.session_key,
    )


async def tests_of(context: Context, session: Session) -> list[ScheduledTestType]:
    """The tests of a session, as the session's own answers tell them."""
    found = await training_tests.of_session(context.engine, session.site_id, session.session_key)
    return [
        ScheduledTestType(
            test_id=test.test_id,
            title=test.title,
            delivery=test.delivery,
            status=state(test, context.now).value,
            due_date=due_date(test, session.time_zone_id),
        )
        for test in found
    ]
