"""What is told of a test of a session: the test itself, who took it, and what came of it.

Source: facts/training-history.md 1.8 and 1.10 (qti_result_report).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from parley.contract.qtires import (
    AsiDescriptionType,
    AssessmentResultType,
    ContextType,
    CorrectResponseType,
    DateType,
    FeedbackDisplayedType,
    GenericIdentifierType,
    GradeType,
    ItemResultType,
    OutcomesAssessmentResultType,
    OutcomesItemResultType,
    QtiResultReportType,
    ResponseFormType,
    ResponseType,
    ResponseValueType,
    ResultType,
    ScoreAssessmentResultOutcomesType,
    ScoreItemResultOutcomesType,
    SectionResultType,
    TypeLabelType,
)
from parley.contract.training_tests import (
    GetIMStestDetails,
    GetIMStestDetailsResponse,
    GetIMStestResult,
    GetIMStestResultResponse,
    GetTestInformation,
    GetTestInformationResponse,
    SubmittedTestType,
)
from parley.domain.session import HostedSession
from parley.domain.tests import Part, PartKind, Question, Responses
from parley.domain.tests_grading import Marked, bounds_of, wanted
from parley.domain.timezones import api_date
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.training_tests.access import found_test, library_test, session_of
from parley.services.training_tests.attempts import SessionTest, answers_of, last_of_each, settled
from parley.services.training_tests.questions import read_definition
from parley.services.training_tests.scheduled import due_date
from parley.services.training_tests.settings import state
from parley.services.values import given
from parley.store import training_tests
from parley.store.training_tests import Attempt

_LONGEST_NAME: Final = 256
_LONGEST_INTERPRETATION: Final = 2048
#: How the interpretation of a score begins that somebody has to give yet.
PENDING: Final = "Not scored yet"


@operation("training", request=GetIMStestDetails, answer=GetIMStestDetailsResponse)
async def get_ims_test_details(context: Context, request: GetIMStestDetails) -> GetIMStestDetailsResponse:
    """Read a test of a library or of a training in the interchange format, as it was uploaded."""
    test = await found_test(context, request.test_id)
    if test.session_key is None:
        test = await library_test(context, request.test_id)
    else:
        await session_of(context, test)
    return GetIMStestDetailsResponse(questestinterop=read_definition(test.document).document)


@operation("training", request=GetTestInformation, answer=GetTestInformationResponse)
async def get_test_information(context: Context, request: GetTestInformation) -> GetTestInformationResponse:
    """Read a test of a training: how it is taken, who took it, and the scores."""
    row = await found_test(context, request.test_id)
    session = await session_of(context, row)
    test = SessionTest(row)
    found = await training_tests.attempts_of_test(context.engine, row.site_id, row.test_id)
    attempts = await settled(context, session, test, found)
    submitted = last_of_each(attempts)
    pending = sum(each.pending for each in submitted)
    zone = session.time_zone_id
    return GetTestInformationResponse(
        test_id=row.test_id,
        title=row.title,
        delivery=row.delivery,
        status=state(row, context.now).value,
        due_date=due_date(row, zone),
        session_key=session.session_key,
        description=row.description or None,
        start_date=api_date(session.next_start if row.opens_at is None else row.opens_at, zone),
        time_limit=test.settings.minutes,
        author=row.author,
        num_questions=len(test.questions),
        num_submitted=len(submitted),
        num_started=len({each.attendee_id for each in attempts if each.submitted_at is None}),
        num_submitted_unscroed=pending,
        num_submitted_unscored=pending,
        submitted_test=[_submitted(test, each, zone) for each in submitted],
        max_score=test.bounds.highest,
    )


def _submitted(test: SessionTest, attempt: Attempt, zone_id: int) -> SubmittedTestType:
    return SubmittedTestType(
        name=attempt.name,
        email=attempt.email_key,
        submit_date=api_date(attempt.submitted_at or 0, zone_id),
        score=attempt.score or 0,
        grade=test.grade(attempt),
        register_id=attempt.register_id,
    )


@operation("training", request=GetIMStestResult, answer=GetIMStestResultResponse)
async def get_ims_test_result(context: Context, request: GetIMStestResult) -> GetIMStestResultResponse:
    """Read what somebody answered to a test of a training, and what came of it, in the interchange format."""
    row = await found_test(context, request.test_id)
    session = await session_of(context, row)
    email = given(request.participant_email)
    if email is None:
        raise faults.MISSING_ELEMENT(path="participantEmail")
    test = SessionTest(row)
    found = await training_tests.attempts_of_email(context.engine, row.site_id, row.test_id, email.strip().casefold())
    submitted = last_of_each(await settled(context, session, test, found))
    if not submitted:
        raise faults.NOTHING_FOUND()
    return GetIMStestResultResponse(qti_result_report=_report(session, test, submitted[-1]))


def _report(session: HostedSession, test: SessionTest, attempt: Attempt) -> QtiResultReportType:
    document = test.definition.document.assessment
    grade = test.grade(attempt)
    ended = attempt.submitted_at or attempt.started_at
    return QtiResultReportType(
        result=ResultType(
            context=ContextType(
                name=attempt.name[:_LONGEST_NAME],
                generic_identifier=GenericIdentifierType(
                    type_label=TypeLabelType(text="email"), identifier_string=attempt.email_key
                ),
            ),
            assessment_result=AssessmentResultType(
                asi_title=test.row.title,
                ident_ref=(document.ident if document else None) or 0,
                asi_description=AsiDescriptionType(text=test.row.description) if test.row.description else None,
                date=DateType(type_label=TypeLabelType(text="submitted"), datetime=_moment(ended)),
                duration=f"PT{ended - attempt.started_at}S",
                outcomes=OutcomesAssessmentResultType(
                    score=ScoreAssessmentResultOutcomesType(
                        score_value=attempt.score or 0,
                        score_min=test.bounds.lowest,
                        score_max=test.bounds.highest,
                    ),
                    grade=GradeType(grade_value=grade) if grade else None,
                ),
                num_sections="1",
                section_result=SectionResultType(item_result=_items(test, attempt)),
            ),
        )
    )


def _moment(at: int) -> str:
    """A time as the interchange format has it: ISO 8601, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _items(test: SessionTest, attempt: Attempt) -> list[ItemResultType]:
    answers, outcome = answers_of(attempt), test.outcome(attempt)
    return [
        _item(question, answers.get(place, {}), marked)
        for place, (question, marked) in enumerate(zip(test.questions, outcome.marks, strict=True))
    ]


def _item(question: Question, responses: Responses, marked: Marked) -> ItemResultType:
    bounds = bounds_of(question)
    shown = next((text for place in marked.feedback if (text := question.feedback[place])), None)
    return ItemResultType(
        response=[_response(question, place, part, responses) for place, part in enumerate(question.parts)]
        or [_no_response()],
        outcomes=OutcomesItemResultType(
            score=ScoreItemResultOutcomesType(
                score_value=marked.score,
                score_interpretation=PENDING if marked.pending else question.interpretation[:_LONGEST_INTERPRETATION],
                score_min=bounds.lowest,
                score_max=bounds.highest,
            )
        ),
        feedback_displayed=FeedbackDisplayedType(text=shown, ident=question.ident) if shown else None,
    )


#: cardinality of a response, by how it is answered.
_CARDINALITY: Final = {PartKind.SEVERAL: "multiple", PartKind.ORDER: "ordered"}


def _response(question: Question, place: int, part: Part, responses: Responses) -> ResponseType:
    is_text = part.kind is PartKind.TEXT
    values = [each for each in responses.get(place, []) if each.strip()]
    correct = wanted(question, place)
    return ResponseType(
        ident_ref=part.ident,
        response_form=ResponseFormType(
            correct_response=[CorrectResponseType(text=each) for each in correct] or [CorrectResponseType()],
            cardinality=_CARDINALITY.get(part.kind, "single"),
            response_type="str" if is_text else "lid",
            render_type="fib" if is_text else "choice",
        ),
        response_value=[ResponseValueType(text=each, response_status="Valid") for each in values]
        or [ResponseValueType(response_status="Null")],
    )


def _no_response() -> ResponseType:
    """For a question that only shows something: the format wants a response all the same."""
    return ResponseType(
        response_form=ResponseFormType(correct_response=[CorrectResponseType()]),
        response_value=[ResponseValueType(response_status="NA")],
    )
