"""CreateTrainingSession, SetTrainingSession and DelTrainingSession.

Source: facts/training-history.md 1.1, 1.2 and 1.4.
"""

from __future__ import annotations

from parley.contract.training import (
    CreateTrainingSession,
    CreateTrainingSessionResponse,
    CreateTrainingSessionResponseAdditionalInfo,
    DelTrainingSession,
    DelTrainingSessionResponse,
    SetTrainingSession,
    SetTrainingSessionResponse,
    TrainRepeatType,
)
from parley.domain.session import Session
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.sessions.scheduling import may_edit
from parley.services.training.document import read_document
from parley.services.training.kind import TRAINING


@operation("training", request=CreateTrainingSession, answer=CreateTrainingSessionResponse, with_account=True)
async def create_training_session(context: Context, request: CreateTrainingSession) -> CreateTrainingSessionResponse:
    """Schedule a training of one date, of several classes, or a course; with validateFormat only check it."""
    only_check = bool(request.validate_format)
    session = await changing.create(context, TRAINING, request, save=not only_check)
    if only_check:
        return CreateTrainingSessionResponse()
    info = CreateTrainingSessionResponseAdditionalInfo(session_key=session.session_key, guest_token=session.guest_token)
    return CreateTrainingSessionResponse(session_key=[session.session_key], additional_info=[info])


@operation(
    "training",
    request=SetTrainingSession,
    answer=SetTrainingSessionResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key,
    with_account=True,
)
async def set_training_session(context: Context, request: SetTrainingSession) -> SetTrainingSessionResponse:
    """Change a training, or one of its sessions; what the request does not say stays as it is."""
    session = changing.named_session(context, TRAINING)
    if session.status == "INPROGRESS" and _recurs_otherwise(request.repeat, session):
        raise faults.STARTED_TRAINING() if await may_edit(context, session) else faults.ACCESS_DENIED()
    await changing.change(context, TRAINING, request, save=not request.validate_format)
    return SetTrainingSessionResponse()


def _recurs_otherwise(sent: TrainRepeatType | None, session: Session) -> bool:
    """Whether a request changes how a training recurs, not only when."""
    if sent is None:
        return False
    stored = read_document(session.document)
    pattern = stored.training.repeat or TrainRepeatType()
    return (sent.repeat_type or stored.repeat_type) != stored.repeat_type or (
        sent.occurence_type is not None and sent.occurence_type != pattern.occurence_type
    )


@operation(
    "training",
    request=DelTrainingSession,
    answer=DelTrainingSessionResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key,
)
async def del_training_session(context: Context, request: DelTrainingSession) -> DelTrainingSessionResponse:
    """Delete a training that is not in progress, with its tests and lab reservations."""
    await changing.delete(context, changing.named_session(context, TRAINING))
    return DelTrainingSessionResponse()
