"""GetTrainingSession.

Source: facts/training-history.md 1.3 (own sessions only, for administrators too).
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley.contract.training import GetTrainingSession, GetTrainingSessionResponse
from parley.contract.training_tests import ScheduledTestType
from parley.domain.session import HostedSession
from parley.protocol import faults
from parley.services.context import Context
from parley.services.kept import kept_answer
from parley.services.registry import Encoded, operation
from parley.services.sessions import changing
from parley.services.sessions.kinds import HOST_TYPE
from parley.services.sessions.scheduling import owns
from parley.services.training.document import instance
from parley.services.training.kind import TRAINING
from parley.services.training_tests.scheduled import tests_of
from parley.store import sessions


@operation(
    "training",
    request=GetTrainingSession,
    answer=GetTrainingSessionResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key,
)
async def get_training_session(context: Context, request: GetTrainingSession) -> Encoded:
    """Give everything about a training that the caller holds or scheduled, the tests of it too."""
    session = changing.named_session(context, TRAINING)
    if not owns(context, session):
        raise faults.ACCESS_DENIED()
    tests = await tests_of(context, session)
    depends_on = (
        session.session_key,
        session.version,
        session.host_web_ex_id,
        *(msgspec.structs.astuple(each) for each in tests),  # tests open and close by themselves
    )
    return await kept_answer(context, GetTrainingSessionResponse, depends_on, lambda: _answer(context, session, tests))


async def _answer(
    context: Context, session: HostedSession, tests: list[ScheduledTestType]
) -> GetTrainingSessionResponse:
    return GetTrainingSessionResponse(
        **await fields(context, session),
        test=tests,
        host_key=session.host_key,
        event_id=session.event_id,
        guest_token=session.guest_token,
        host_type=HOST_TYPE,
    )


async def fields(context: Context, session: HostedSession) -> dict[str, Any]:
    """What GetTrainingSession and LstTrainingSession both answer of a training, by field."""
    return instance(session, await sessions.all_attendees(context.engine, session))
