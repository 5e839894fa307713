"""LstsummaryTrainingSession and LstTrainingSession.

Source: facts/training-history.md 1.5 and 1.6.
"""

from __future__ import annotations

import msgspec

from parley.contract.session import DateScopeType
from parley.contract.training import (
    LstsummaryTrainingSession,
    LstsummaryTrainingSessionResponse,
    LstTrainingSession,
    LstTrainingSessionResponse,
    TrainingSessionInstanceType,
    TrainingSessionSummaryInstanceType,
)
from parley.domain import timezones
from parley.domain.session import HostedSession
from parley.protocol.codec import answer_encoder
from parley.services import lists
from parley.services.context import Context
from parley.services.registry import Encoded, operation
from parley.services.sessions import session_lists
from parley.services.sessions.scheduling import owns
from parley.services.sessions.session_lists import Listed, Wanted
from parley.services.training.document import SERVICE, instance
from parley.services.training.reading import fields


@operation("training", request=LstsummaryTrainingSession, answer=LstsummaryTrainingSessionResponse)
async def lstsummary_training_session(context: Context, request: LstsummaryTrainingSession) -> Encoded:
    """List trainings in brief: the caller's own, for administrators those of all hosts."""
    level = context.site.level
    encode = answer_encoder(LstsummaryTrainingSessionResponse, level)
    rows, matching = await session_lists.found_rows(
        context,
        await _wanted(context, request, request.host_web_ex_id, context.caller.time_zone_id),
        lambda rows: encode(LstsummaryTrainingSessionResponse(training_session=[_summary(row) for row in rows])),
        lambda matching: encode(LstsummaryTrainingSessionResponse(matching_records=matching)),
        "LstsummaryTrainingSession",
        level.text,
    )
    return Encoded(rows + matching)


@operation("training", request=LstTrainingSession, answer=LstTrainingSessionResponse)
async def lst_training_session(context: Context, request: LstTrainingSession) -> LstTrainingSessionResponse:
    """List trainings with all they hold (the older form of LstsummaryTrainingSession)."""
    zone = lists.zone_or(request.time_zone_id, context.caller.time_zone_id, "timeZoneID")
    wanted = await _wanted(context, request, None, zone)
    listed, total = await session_lists.found(context, wanted)
    matching = wanted.page.matching(total, len(listed))
    trainings = [await _whole(context, session) for session in listed]
    return LstTrainingSessionResponse(training_session=trainings, matching_records=matching)


async def _whole(context: Context, session: HostedSession) -> TrainingSessionInstanceType:
    """A training with all it holds; what GetTrainingSession would refuse is without what is private."""
    if owns(context, session):
        return TrainingSessionInstanceType(**await fields(context, session))
    told = TrainingSessionInstanceType(**instance(session, ()))
    access, options = told.access_control, told.attendee_options
    told.access_control = access and msgspec.structs.replace(access, session_password=None)
    told.attendee_options = options and msgspec.structs.replace(options, registration_pwd=None)
    told.presenters = told.attendees = None
    return told


async def _wanted(
    context: Context, request: LstsummaryTrainingSession | LstTrainingSession, host: str | None, zone: int
) -> Wanted:
    """The list that is asked for; `zone` is that of its dates unless the scope names one."""
    sent, control = request.order, request.list_control
    return Wanted(
        persons=await session_lists.whose(context, host),
        scope=lists.scope(request.date_scope or DateScopeType(), zone),
        order=lists.ordering(sent.order_by, sent.order_ad) if sent else lists.ordering([], []),
        page=lists.page(control),
        invited=False,
        alternates=False,
        criteria={
            "services": (SERVICE,),
            "keys": session_lists.keys_of(context, request.session_key, None),
            "any_of": control is not None and control.list_method == "OR",
        },
    )


def _summary(row: Listed) -> TrainingSessionSummaryInstanceType:
    session, zone = row.session, row.session.time_zone_id
    return TrainingSessionSummaryInstanceType(
        session_key=session.session_key,
        conf_name=session.name,
        meeting_type=session.session_type,
        host_web_ex_id=session.host_web_ex_id,
        other_host_web_ex_id=row.other_host or session.host_web_ex_id,
        time_zone_id=zone,
        time_zone=timezones.zone(zone).text,
        status=session.status,
        start_date=session_lists.start_shown(session),
        duration=session.duration,
        list_status=session.listing,
    )
