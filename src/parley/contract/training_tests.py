"""Tests of trainings: the part of the training namespace that concerns them; the rest is in `training`."""

from __future__ import annotations

from parley.contract import qtiasi, schemas
from parley.contract import qtires as qti
from parley.contract import service as serv
from parley.contract import session as sess
from parley.protocol.declare import Record, boolean, int32, integer, long, many, record, string

SCHEMA = schemas.TRAINING

TestDeliveryType = SCHEMA.enumeration("testDeliveryType", "WEBSITE", "IN_SESSION")
TestStatusType = SCHEMA.enumeration("testStatusType", "NOT_STARTED", "STARTED", "ENDED")
ShareType = SCHEMA.enumeration("shareType", "PRIVATE", "SHARE")
ActionType = SCHEMA.enumeration("actionType", "EDIT", "DELETE")


class ScheduledTestType(Record):
    """A test as it is added to a session."""

    test_id: int | None = integer("testID", required=True)
    title: str | None = string("title", required=True)
    delivery: str | None = string("delivery", TestDeliveryType, required=True, default="IN_SESSION")
    status: str | None = string("status", TestStatusType, required=True, default="NOT_STARTED")
    due_date: str | None = string("dueDate")


class ScheduledTestInstanceType(serv.BodyContentType):
    """A test of a session."""

    test_id: int | None = integer("testID", required=True)
    title: str | None = string("title", required=True)
    delivery: str | None = string("delivery", TestDeliveryType, required=True, default="IN_SESSION")
    status: str | None = string("status", TestStatusType, required=True, default="NOT_STARTED")
    due_date: str | None = string("dueDate")
    session_key: int | None = long("sessionKey", required=True)


class LstScheduledTests(serv.BodyContentType):
    """Request of LstScheduledTests: lists the tests of a session."""

    date_scope: sess.DateScopeType | None = record("dateScope", sess.DateScopeType)
    session_key: int | None = long("sessionKey")
    status: str | None = string("status", TestStatusType)
    author: str | None = string("author")


class LstScheduledTestsResponse(serv.BodyContentType):
    """Answer to LstScheduledTests."""

    test: list[ScheduledTestInstanceType] = many(record("test", ScheduledTestInstanceType))


class GetTestInformation(serv.BodyContentType):
    """Request of GetTestInformation: reads one test of a session."""

    test_id: int | None = integer("testID", required=True)


class SubmittedTestType(Record):
    """A test that an attendee handed in."""

    name: str | None = string("name", required=True)
    email: str | None = string("email", required=True)
    submit_date: str | None = string("submitDate", required=True)
    score: int | None = integer("score", required=True)
    grade: str | None = string("grade", required=True)
    register_id: int | None = integer("registerID", required=True)


class GetTestInformationResponse(ScheduledTestInstanceType):
    """Answer to GetTestInformation."""

    description: str | None = string("description")
    start_date: str | None = string("startDate", required=True)
    time_limit: int | None = integer("timeLimit")
    author: str | None = string("author", required=True)
    num_questions: int | None = integer("numQuestions", required=True)
    num_submitted: int | None = integer("numSubmitted", required=True)
    num_started: int | None = integer("numStarted", required=True)
    num_submitted_unscroed: int | None = integer("numSubmittedUnscroed", required=True)
    num_submitted_unscored: int | None = integer("numSubmittedUnscored")
    submitted_test: list[SubmittedTestType] = many(record("submittedTest", SubmittedTestType))
    max_score: int | None = integer("maxScore")


class GetIMStestResult(serv.BodyContentType):
    """Request of GetIMStestResult: reads an attendee's result in the interchange format."""

    test_id: int | None = integer("testID", required=True)
    participant_email: str | None = string("participantEmail", required=True)


class GetIMStestResultResponse(serv.BodyContentType):
    """Answer to GetIMStestResult."""

    qti_result_report: qti.QtiResultReportType | None = record(
        "qti_result_report", qti.QtiResultReportType, required=True
    )


class GetIMStestDetails(serv.BodyContentType):
    """Request of GetIMStestDetails: reads a test in the interchange format."""

    test_id: int | None = integer("testID", required=True)


class GetIMStestDetailsResponse(serv.BodyContentType):
    """Answer to GetIMStestDetails."""

    questestinterop: qtiasi.QuestestinteropType | None = record(
        "questestinterop", qtiasi.QuestestinteropType, required=True
    )


class LstLibTests(serv.BodyContentType):
    """Request of LstLibTests: lists the tests of the host's library."""


class LibTestInstanceType(Record):
    """A test in the host's library."""

    test_id: int | None = long("testID", required=True)
    type: str | None = string("type", ShareType, required=True)
    title: str | None = string("title", required=True)
    description: str | None = string("description", required=True)
    author: str | None = string("author", required=True)


class LstLibTestsResponse(serv.BodyContentType):
    """Answer to LstLibTests."""

    lib_test: list[LibTestInstanceType] = many(record("libTest", LibTestInstanceType))


class DelLibTests(serv.BodyContentType):
    """Request of DelLibTests: deletes tests of the library."""

    test_id: list[int] = many(long("testID"), least=1)


class DelLibTestsResponse(serv.BodyContentType):
    """Answer to DelLibTests."""


class CopyLibTests(serv.BodyContentType):
    """Request of CopyLibTests: copies tests of the library."""

    test_id: list[int] = many(long("testID"), least=1)
    copy_to_type: str | None = string("copyToType", ShareType, required=True)


class CopyLibTestsResponse(serv.BodyContentType):
    """Answer to CopyLibTests."""

    test_id: list[int] = many(long("testID"))


class AddScheduledTest(serv.BodyContentType):
    """Request of AddScheduledTest: adds tests to a session."""

    session_key: int | None = long("sessionKey", required=True)
    test_id: list[int] = many(long("testID"), least=1)


class AddScheduledTestResponse(serv.BodyContentType):
    """Answer to AddScheduledTest."""

    test_id: list[int] = many(long("testID"))


class EmailAttendeeType(Record):
    """Which mails attendees get about a test."""

    invite: bool | None = boolean("invite")
    reminder_after_start: bool | None = boolean("reminderAfterStart")
    before_days: int | None = int32("beforeDays", low=0, high=99)
    before_hours: int | None = int32("beforeHours", low=0, high=23)
    before_minutes: int | None = int32("beforeMinutes", low=0, high=59)
    send_to_register: bool | None = boolean("sendToRegister")
    notify_submits: bool | None = boolean("notifySubmits")


class WebSiteType(Record):
    """When and how a test is taken on the site."""

    start_date: str | None = string("startDate", required=True)
    due_date: str | None = string("dueDate", required=True)
    email_attendee: EmailAttendeeType | None = record("emailAttendee", EmailAttendeeType)


class SetScheduledTestDeliveryMethod(Record, anonymous=True):
    """Where the test is taken: in the session or on the site."""

    session: str | None = string("session", required=True, pattern="true|TRUE", choice=True)
    website: WebSiteType | None = record("website", WebSiteType, required=True, choice=True)
    # As the reference's own sample has them; they say what those of `website` say.
    start_date: str | None = string("startDate")
    due_date: str | None = string("dueDate")


class SetScheduledTestTimeLimit(Record, anonymous=True):
    """How long the test may take."""

    no_limit: str | None = string("noLimit", required=True, pattern="true|TRUE", choice=True)
    within_minutes: int | None = int32("withinMinutes", required=True, low=1, choice=True)


class SetScheduledTestAttemptLimit(Record, anonymous=True):
    """How often the test may be taken."""

    no_limit: str | None = string("noLimit", required=True, pattern="true|TRUE", choice=True)
    attempt_times: int | None = int32("attemptTimes", required=True, low=1, choice=True)


class SetScheduledTest(serv.BodyContentType):
    """Request of SetScheduledTest: changes a test of a session."""

    session_key: int | None = long("sessionKey", required=True)
    test_id: int | None = long("testID", required=True)
    delivery_method: SetScheduledTestDeliveryMethod | None = record(
        "deliveryMethod", SetScheduledTestDeliveryMethod, required=True
    )
    time_limit: SetScheduledTestTimeLimit | None = record("timeLimit", SetScheduledTestTimeLimit, required=True)
    send_report: bool | None = boolean("sendReport")
    attempt_limit: SetScheduledTestAttemptLimit | None = record(
        "attemptLimit", SetScheduledTestAttemptLimit, required=True
    )


class SetScheduledTestResponse(serv.BodyContentType):
    """Answer to SetScheduledTest."""


class DelScheduledTest(serv.BodyContentType):
    """Request of DelScheduledTest: takes tests out of a session."""

    test_id: list[int] = many(long("testID"), least=1)
    session_key: int | None = long("sessionKey", required=True)


class DelScheduledTestResponse(serv.BodyContentType):
    """Answer to DelScheduledTest."""


class UploadIMStestDisplay(Record, anonymous=True):
    """How the questions are shown: all on one page or one on each."""

    all_one_page: str | None = string("allOnePage", required=True, pattern="true|TRUE", choice=True)
    one_per_page: str | None = string("onePerPage", required=True, pattern="true|TRUE", choice=True)


class UploadIMStest(serv.BodyContentType):
    """Request of UploadIMStest: puts a test in the interchange format into the library."""

    display: UploadIMStestDisplay | None = record("display", UploadIMStestDisplay, required=True)
    assign_grades: bool | None = boolean("assignGrades")
    questestinterop: qtiasi.QuestestinteropType | None = record(
        "questestinterop", qtiasi.QuestestinteropType, required=True
    )


class UploadIMStestResponse(serv.BodyContentType):
    """Answer to UploadIMStest."""

    test_id: int | None = long("testID")


class SetIMStestDisplay(Record, anonymous=True):
    """How the questions are shown: all on one page or one on each."""

    all_one_page: str | None = string("allOnePage", required=True, pattern="true|TRUE", choice=True)
    one_per_page: str | None = string("onePerPage", required=True, pattern="true|TRUE", choice=True)


class SetIMStest(serv.BodyContentType):
    """Request of SetIMStest: changes a test of the library."""

    test_id: int | None = long("testID", required=True, since="8.0.0")
    display: SetIMStestDisplay | None = record("display", SetIMStestDisplay, since="8.0.0")
    assign_grades: bool | None = boolean("assignGrades", since="8.0.0")
    questestinterop: qtiasi.QuestestinteropType | None = record(
        "questestinterop", qtiasi.QuestestinteropType, since="8.0.0"
    )


class SetIMStestResponse(serv.BodyContentType):
    """Answer to SetIMStest."""
