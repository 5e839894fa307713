"""GetEnrollmentInfo and GetFeedbackInfo: what people filled in before a session and after it.

Source: facts/meeting-event.md 4 (GetEnrollmentInfo, GetFeedbackInfo).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.attendee import (
    EnrollAttendeeType,
    EnrollAttendeeTypeEnrollFields,
    EnrollAttendeeTypeEnrollFieldsCustomFields,
    EnrollDefaultFieldsType,
    EnrollSessionType,
    FeedbackAttendeeType,
    FeedbackAttendeeTypeFeedbackFields,
    FeedbackDefaultFieldsType,
    FeedbackSessionType,
    FieldType,
    GetEnrollmentInfo,
    GetEnrollmentInfoResponse,
    GetFeedbackInfo,
    GetFeedbackInfoResponse,
)
from parley.contract.service import MatchingRecordsType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.domain.feedback import Opinion
from parley.domain.registration import Answers, Status
from parley.domain.session import Attendee, HostedSession
from parley.protocol import faults
from parley.services.attendee.targets import Targets
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sessions.registering import read_answers
from parley.store import feedback
from parley.store.attendees import list_attendees
from parley.store.feedback import Feedback
from parley.store.lists import Order

#: More than any list of people or of forms holds; these calls have no pages.
_ALL: Final = 100_000
#: Whether enrolments of a kind of session have status, time and origin: only those of events do.
_WITH_ORIGIN: Final = "EventCenter"
_read_opinion: Final = msgspec.json.Decoder(Opinion).decode


@operation(
    "attendee",
    request=GetEnrollmentInfo,
    answer=GetEnrollmentInfoResponse,
    key_of=lambda request: request.meeting_uuid or request.session_key,
)
async def get_enrollment_info(context: Context, request: GetEnrollmentInfo) -> GetEnrollmentInfoResponse:
    """Give what the people who registered for a session filled in."""
    targets = Targets(context)
    session = await targets.readable(await targets.find(request.meeting_uuid, request.session_key, request.conf_id))
    if not await targets.has_run(session, request.conf_id):
        raise faults.MEETING_NOT_FOUND()
    found = await list_attendees(context.engine, session, [Order("submitted_at")], 1, _ALL, registered=True)
    if not found.rows:
        raise faults.NOTHING_FOUND()
    return GetEnrollmentInfoResponse(
        session=[
            EnrollSessionType(
                conf_id=session.conf_id if request.conf_id is None else request.conf_id,
                attendee=[_enrolled(session, each) for each in found.rows],
                matching_records=_all_of(len(found.rows)),
                session_key=session.session_key,
            )
        ]
    )


def _all_of(count: int) -> MatchingRecordsType:
    return MatchingRecordsType(total=count, returned=count, start_from=1)


def _enrolled(session: HostedSession, row: Attendee) -> EnrollAttendeeType:
    answers = read_answers(row.answers)
    enrolled = EnrollAttendeeType(
        attendee_id=row.attendee_id,
        enroll_fields=EnrollAttendeeTypeEnrollFields(
            default_fields=_default_fields(answers),
            custom_fields=EnrollAttendeeTypeEnrollFieldsCustomFields(
                field=[FieldType(label=each.label, value=", ".join(each.values)) for each in answers.custom]
            ),
        ),
    )
    if session.service == _WITH_ORIGIN:
        enrolled.domain, enrolled.ip_address = row.domain, row.ip_address
        enrolled.submit_time = format_date(timezones.to_local(row.submitted_at // 1000, session.time_zone_id))
        enrolled.status = _status(row)
    return enrolled


def _default_fields(answers: Answers) -> EnrollDefaultFieldsType:
    texts = answers.standard
    return EnrollDefaultFieldsType(
        first_name=texts.get("first_name"),
        last_name=texts.get("last_name"),
        email=texts.get("email"),
        company=texts.get("company"),
        phone_num=texts.get("phone"),
        title=texts.get("title"),
        num_employees=texts.get("num_employees"),
        receive_info="future_info" in texts,
        address1=texts.get("address1"),
        address2=texts.get("address2"),
        city=texts.get("city"),
        state=texts.get("state"),
        zipcode=texts.get("postal_code"),
        country=texts.get("country"),
        lead_source_id=answers.source,
        lead_score=f"{answers.score:g}",
    )


def _status(row: Attendee) -> str:
    if row.join_status == Status.REJECT:
        return "REJECTED"
    return "APPROVED" if row.join_status == Status.ACCEPT and not row.waiting else "PENDING"


@operation("attendee", request=GetFeedbackInfo, answer=GetFeedbackInfoResponse)
async def get_feedback_info(context: Context, request: GetFeedbackInfo) -> GetFeedbackInfoResponse:
    """Give what people said of a run of a session afterwards."""
    if request.conf_id is None:
        raise faults.MISSING_ELEMENT(path="confID")
    targets = Targets(context)
    session = await targets.readable(await targets.find(conf_id=request.conf_id))
    given = await feedback.of_run(context.engine, session.site_id, session.session_key, request.conf_id, _ALL)
    if not given:
        raise faults.NOTHING_FOUND()
    return GetFeedbackInfoResponse(
        session=[
            FeedbackSessionType(
                conf_id=request.conf_id,
                attendee=[_opinion(each) for each in given],
                matching_records=_all_of(len(given)),
            )
        ]
    )


def _opinion(given: Feedback) -> FeedbackAttendeeType:
    opinion = _read_opinion(given.document)
    return FeedbackAttendeeType(
        attendee_id=given.attendee_id,
        feedback_fields=FeedbackAttendeeTypeFeedbackFields(
            default_fields=FeedbackDefaultFieldsType(
                setup=_mark(opinion.setup),
                ease_of_use=_mark(opinion.ease_of_use),
                performance=_mark(opinion.performance),
                comment=opinion.comment or None,
            )
        ),
    )


def _mark(mark: int | None) -> str | None:
    return None if mark is None else str(mark)
