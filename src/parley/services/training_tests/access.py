"""Which tests a request names, and whether the caller may do with them what he wants.

A library is of one host, or the site's. The tests of a session are the business of whoever may change the session.
Source: facts/training-history.md 1.7 and 1.8.
"""

from __future__ import annotations

from parley.domain.session import HostedSession, Session
from parley.protocol import faults
from parley.services.context import Context
from parley.services.sessions.scheduling import may_edit
from parley.services.suspension import check_scheduling
from parley.store import sessions, training_tests
from parley.store.training_tests import StoredTest

#: The service whose sessions have tests.
TRAINING = "TrainingCenter"


async def found_test(context: Context, test_id: int | None) -> StoredTest:
    """The test with this number, of a library or a session.

    Raises:
        Fault: 999999 without a number, or when there is no such test.
    """
    if test_id is None:
        raise faults.MISSING_ELEMENT(path="testID")
    test = await training_tests.by_id(context.engine, context.site.site.site_id, test_id)
    if test is None:
        raise faults.UNKNOWN_TEST(test_id=test_id)
    return test


async def library_test(context: Context, test_id: int | None) -> StoredTest:
    """A test of a library that the caller sees: his own, or the site's.

    Raises:
        Fault: 999999 for a test that is in no library, 000001 for another host's own.
    """
    test = await found_test(context, test_id)
    if test.session_key is not None:
        raise faults.UNKNOWN_TEST(test_id=test_id)
    if not test.shared and test.owner_id != context.caller.user_id:
        raise faults.ACCESS_DENIED()
    return test


async def own_library_test(context: Context, test_id: int | None) -> StoredTest:
    """A test of a library that the caller may change: his own, and for administrators those of the site.

    Raises:
        Fault: as `library_test`, and 000001 for what somebody else shared.
    """
    test = await library_test(context, test_id)
    if test.owner_id != context.caller.user_id and not context.caller.site_admin:
        raise faults.ACCESS_DENIED()
    return test


def named_training(context: Context) -> HostedSession:
    """The training that the request names.

    Raises:
        Fault: 060001 when there is none, or it is no training.
    """
    if context.session is None or context.session.service != TRAINING:
        raise faults.MEETING_NOT_FOUND()
    return context.session


async def editable_training(context: Context) -> HostedSession:
    """The training that the request names, when the caller may change it.

    Raises:
        Fault: 060001, 000001.
    """
    session = named_training(context)
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    return session


def check_not_suspended(context: Context, session: Session) -> None:
    """Refuse to change the tests of a session that could not be changed either.

    Raises:
        Fault: 010107.
    """
    session_type = context.site.types.get(session.session_type)
    if session_type is not None:
        check_scheduling(context, session_type)


async def session_of(context: Context, test: StoredTest) -> HostedSession:
    """The session of a test, when the caller may change it.

    Raises:
        Fault: 999999 for a test that is of no session, 000001.
    """
    session = None
    if test.session_key is not None:
        session = await sessions.by_key(context.engine, test.site_id, test.session_key)
    if session is None:
        raise faults.UNKNOWN_TEST(test_id=test.test_id)
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    return session


def test_of_session(test: StoredTest, session: Session) -> StoredTest:
    """The test, which must be one of the session's.

    Raises:
        Fault: 999999 when it is not.
    """
    if test.session_key != session.session_key:
        raise faults.UNKNOWN_TEST(test_id=test.test_id)
    return test
