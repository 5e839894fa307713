"""Trainings and labs (namespace .../service/trainingsession). Tests are in `training_tests`."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas, training_tests
from parley.contract import service as serv
from parley.contract import session as sess
from parley.protocol.declare import Record, boolean, int32, integer, long, many, record, rows, string

SCHEMA = schemas.TRAINING

RepeatTypeType = SCHEMA.enumeration("repeatTypeType", "SINGLE", "RECURRING_SINGLE", "MULTIPLE_SESSION")
OccurentTypeType = SCHEMA.enumeration(
    "occurentTypeType", "WEEKLY", "DAILY", "NO_REPEAT", "CONSTANT", "MONTHLY", "IRREGULARLY"
)
TextboxTypeType = SCHEMA.enumeration("textboxTypeType", "SINGLE_LINE", "MULTI_LINE")
CheckboxStateType = SCHEMA.enumeration("checkboxStateType", "CLEARED", "SELECTED")
AttendeeAssignType = SCHEMA.enumeration("attendeeAssignType", "AUTO", "MANUAL")


class TrainingMetaDataType(sess.MetaDataType):
    """Name, kind and description of the training."""

    agenda: str | None = string("agenda", max_length=2500)
    description: str | None = string("description")
    greeting: str | None = string("greeting")
    location: str | None = string("location")
    invitation: str | None = string("invitation")
    session_type: int | None = integer("sessionType", default="-1")
    default_highest_mt: bool | None = boolean("defaultHighestMT", default="true")
    session_template: com.SessionTemplateType | None = record("sessionTemplate", com.SessionTemplateType)
    enable_greeting: bool | None = boolean("enableGreeting")


class TrainingEnableOptionsType(sess.EnableOptionsType):
    """What can be done in the training."""

    chat: bool | None = boolean("chat", default="false")
    poll: bool | None = boolean("poll", default="false")
    audio_video: bool | None = boolean("audioVideo")
    file_share: bool | None = boolean("fileShare")
    presentation: bool | None = boolean("presentation")
    application_share: bool | None = boolean("applicationShare")
    desktop_share: bool | None = boolean("desktopShare")
    web_tour: bool | None = boolean("webTour", default="false")
    training_session_record: bool | None = boolean("trainingSessionRecord")
    annotation: bool | None = boolean("annotation")
    import_document: bool | None = boolean("importDocument")
    save_document: bool | None = boolean("saveDocument")
    print_document: bool | None = boolean("printDocument")
    pointer: bool | None = boolean("pointer")
    switch_page: bool | None = boolean("switchPage")
    full_screen: bool | None = boolean("fullScreen")
    thumbnail: bool | None = boolean("thumbnail")
    zoom: bool | None = boolean("zoom")
    copy_page: bool | None = boolean("copyPage")
    rc_app_share: bool | None = boolean("rcAppShare")
    rc_desktop_share: bool | None = boolean("rcDesktopShare")
    rc_web_tour: bool | None = boolean("rcWebTour")
    attendee_record_training_session: bool | None = boolean("attendeeRecordTrainingSession")
    voip: bool | None = boolean("voip")
    fax_into_training_session: bool | None = boolean("faxIntoTrainingSession")
    auto_delete_after_meeting_end: bool | None = boolean("autoDeleteAfterMeetingEnd")
    display_quick_start_host: bool | None = boolean("displayQuickStartHost")
    display_quick_start_attendees: bool | None = boolean("displayQuickStartAttendees")
    support_q_and_a: bool | None = boolean("supportQandA")
    support_feedback: bool | None = boolean("supportFeedback")
    support_breakout_sessions: bool | None = boolean("supportBreakoutSessions")
    support_remote_computer: bool | None = boolean("supportRemoteComputer")
    support_share_web_content: bool | None = boolean("supportShareWebContent")
    support_ucf_rich_media: bool | None = boolean("supportUCFRichMedia")
    network_based_record: bool | None = boolean("networkBasedRecord")
    presenter_breakout_session: bool | None = boolean("presenterBreakoutSession")
    attendee_breakout_session: bool | None = boolean("attendeeBreakoutSession")
    support_panelists: bool | None = boolean("supportPanelists")
    mute_on_entry: bool | None = boolean("muteOnEntry")
    multi_video: bool | None = boolean("multiVideo")
    very_large_sess: bool | None = boolean("veryLargeSess")
    hq_video: bool | None = boolean("HQvideo", since="8.0.0")
    attendee_send_video: bool | None = boolean("attendeeSendVideo", since="8.0.0")


class RepeatSessionType(Record):
    """One session of a training with several."""

    action: str | None = string("action", training_tests.ActionType)
    index: int | None = int32("index", required=True)
    start_date: str | None = string("startDate")


class TrainRepeatTypeDayInWeek(Record, anonymous=True):
    """Days of the week on which the training takes place."""

    day: list[str] = many(string("day", com.DayOfWeekType))


class TrainRepeatType(Record):
    """How the training recurs."""

    repeat_type: str | None = string("repeatType", RepeatTypeType)
    expiration_date: str | None = string("expirationDate")
    day_in_week: TrainRepeatTypeDayInWeek | None = record("dayInWeek", TrainRepeatTypeDayInWeek)
    end_after: int | None = int32("endAfter")
    occurence_type: str | None = string("occurenceType", OccurentTypeType)
    interval: int | None = int32("interval")
    day_in_month: int | None = long("dayInMonth")
    week_in_month: int | None = long("weekInMonth")
    month_in_year: int | None = long("monthInYear")
    day_in_year: int | None = long("dayInYear")
    repeat_session: list[RepeatSessionType] = many(record("repeatSession", RepeatSessionType))


class AttendeeOptionsType(Record):
    """Registration, and what attendees are told and need."""

    request: bool | None = boolean("request")
    registration: bool | None = boolean("registration")
    auto: bool | None = boolean("auto")
    registration_pwd: str | None = string("registrationPWD")
    max_registrations: int | None = long("maxRegistrations")
    registration_close_date: str | None = string("registrationCloseDate")
    email_invitations: bool | None = boolean("emailInvitations", default="false")
    participant_limit: int | None = int32("participantLimit", low=0)


class HandsOnLabType(Record):
    """The lab reserved for the training."""

    reserve_hol: bool | None = boolean("reserveHOL")
    lab_name: str | None = string("labName")
    num_computers: int | None = int32("numComputers")


class TrainingSessionTypePreAssignBreakout(Record, anonymous=True):
    """Breakout sessions that are set up in advance."""

    enable: bool | None = boolean("enable")
    attendee_assign: str | None = string("attendeeAssign", AttendeeAssignType)
    num_sessions: int | None = int32("numSessions")
    attendees_per_sess: int | None = int32("attendeesPerSess")


class TrainingSessionType(sess.SessionType):
    """A training as it is scheduled."""

    meta_data: TrainingMetaDataType | None = record("metaData", TrainingMetaDataType)
    enable_options: TrainingEnableOptionsType | None = record("enableOptions", TrainingEnableOptionsType)
    telephony: sess.TelephonyType | None = record("telephony", sess.TelephonyType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    repeat: TrainRepeatType | None = record("repeat", TrainRepeatType)
    remind: sess.RemindType | None = record("remind", sess.RemindType)
    presenters: sess.ParticipantsType | None = record("presenters", sess.ParticipantsType)
    attendees: sess.ParticipantsType | None = record("attendees", sess.ParticipantsType)
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)
    hands_on_lab: HandsOnLabType | None = record("handsOnLab", HandsOnLabType)
    pso_fields: com.PsoFieldsType | None = record("psoFields", com.PsoFieldsType)
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)
    pre_assign_breakout: TrainingSessionTypePreAssignBreakout | None = record(
        "preAssignBreakout", TrainingSessionTypePreAssignBreakout
    )


class TrainingSessionInstanceType(TrainingSessionType):
    """A scheduled training with its key."""

    session_key: int | None = long("sessionKey", required=True)
    status: str | None = string("status", sess.StatusType)


class TrainingSessionSummaryInstanceType(serv.BodyContentType):
    """A training in a list."""

    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    meeting_type: int | None = long("meetingType")
    host_web_ex_id: str | None = string("hostWebExID")
    other_host_web_ex_id: str | None = string("otherHostWebExID")
    time_zone_id: int | None = long("timeZoneID")
    time_zone: str | None = string("timeZone")
    status: str | None = string("status")
    start_date: str | None = string("startDate")
    duration: int | None = integer("duration")
    list_status: str | None = string("listStatus", sess.ListingType)


class CreateTrainingSession(TrainingSessionType):
    """Request of CreateTrainingSession: schedules a training."""

    validate_format: bool | None = boolean("validateFormat")


class CreateTrainingSessionResponseAdditionalInfo(Record, anonymous=True):
    """A session that was made, and the token for its guests."""

    session_key: int | None = long("sessionkey")
    guest_token: str | None = string("guestToken")


class CreateTrainingSessionResponse(serv.BodyContentType):
    """Answer to CreateTrainingSession."""

    session_key: list[int] = many(long("sessionkey"))
    additional_info: list[CreateTrainingSessionResponseAdditionalInfo] = rows(
        record("additionalInfo", CreateTrainingSessionResponseAdditionalInfo)
    )


class OrderType(Record):
    """Sort order of a list of trainings."""

    order_by: list[str] = many(string("orderBy", sess.OrderByTrackingType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstsummaryTrainingSession(serv.BodyContentType):
    """Request of LstsummaryTrainingSession: lists trainings."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: sess.DateScopeType | None = record("dateScope", sess.DateScopeType)
    session_key: int | None = long("sessionKey")
    host_web_ex_id: str | None = string("hostWebExID")


class LstsummaryTrainingSessionResponse(serv.BodyContentType):
    """Answer to LstsummaryTrainingSession."""

    training_session: list[TrainingSessionSummaryInstanceType] = many(
        record("trainingSession", TrainingSessionSummaryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class LstTrainingSession(serv.BodyContentType):
    """Request of LstTrainingSession: lists trainings with all their data."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    time_zone_id: int | None = long("timeZoneID")
    date_scope: sess.DateScopeType | None = record("dateScope", sess.DateScopeType)
    session_key: int | None = long("sessionKey")


class LstTrainingSessionResponse(serv.BodyContentType):
    """Answer to LstTrainingSession."""

    training_session: list[TrainingSessionInstanceType] = many(record("trainingSession", TrainingSessionInstanceType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class DelTrainingSession(serv.BodyContentType):
    """Request of DelTrainingSession: deletes a training."""

    session_key: int | None = long("sessionKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class DelTrainingSessionResponse(serv.BodyContentType):
    """Answer to DelTrainingSession."""


class GetTrainingSession(serv.BodyContentType):
    """Request of GetTrainingSession: reads one training."""

    session_key: int | None = long("sessionKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class GetTrainingSessionResponse(TrainingSessionInstanceType):
    """Answer to GetTrainingSession."""

    test: list[training_tests.ScheduledTestType] = many(record("test", training_tests.ScheduledTestType))
    host_key: str | None = string("hostKey")
    event_id: int | None = long("eventID")
    guest_token: str | None = string("guestToken")
    host_type: str | None = string("hostType")


class SetTrainingSession(TrainingSessionInstanceType):
    """Request of SetTrainingSession: changes a training."""

    validate_format: bool | None = boolean("validateFormat")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class SetTrainingSessionResponse(serv.BodyContentType):
    """Answer to SetTrainingSession."""


class GetLabInfo(serv.BodyContentType):
    """Request of GetLabInfo: reads the labs of the site."""

    lab_id: int | None = long("labID", since="8.0.0")
    lab_name: str | None = string("labName")


class LabInfoType(Record):
    """A lab and its computers."""

    lab_id: int | None = long("labID", required=True, since="8.0.0")
    lab_name: str | None = string("labName", required=True)
    description: str | None = string("description")
    total_computers: int | None = integer("totalComputers")
    computers_in_session: int | None = integer("computersInSession")


class GetLabInfoResponse(serv.BodyContentType):
    """Answer to GetLabInfo."""

    lab_info: list[LabInfoType] = many(record("labInfo", LabInfoType))


class CheckLabAvailability(serv.BodyContentType):
    """Request of CheckLabAvailability: asks whether a lab is free."""

    lab_name: str | None = string("labName", required=True)
    time_zone_id: int | None = int32("timeZoneID", required=True, default="-1")
    session_start_time: str | None = string("sessionStartTime", required=True)
    session_end_time: str | None = string("sessionEndTime", required=True)
    num_computers: int | None = int32("numComputers", required=True)


class AvailabilityLabType(Record):
    """Whether a lab is free at a time."""

    lab_name: str | None = string("labName", required=True)
    time_zone_id: int | None = integer("timeZoneID", required=True)
    session_start_time: str | None = string("sessionStartTime", required=True)
    session_end_time: str | None = string("sessionEndTime", required=True)
    num_computers: int | None = integer("numComputers", required=True)
    status: str | None = string("status", com.LabStatusType, required=True)


class CheckLabAvailabilityResponse(serv.BodyContentType):
    """Answer to CheckLabAvailability."""

    availability_labs: list[AvailabilityLabType] = many(record("availabilityLabs", AvailabilityLabType))


class GetLabSchedule(serv.BodyContentType):
    """Request of GetLabSchedule: lists reservations of a lab."""

    lab_name: str | None = string("labName", required=True)
    time_zone_id: int | None = int32("timeZoneID", required=True, default="-1")
    session_start_time: str | None = string("sessionStartTime", required=True)
    session_end_time: str | None = string("sessionEndTime", required=True)


class ScheduleLabType(Record):
    """A reservation of a lab."""

    lab_name: str | None = string("labName", required=True)
    conf_name: str | None = string("confName", required=True)
    time_zone_id: int | None = integer("timeZoneID", required=True)
    session_start_time: str | None = string("sessionStartTime", required=True)
    session_end_time: str | None = string("sessionEndTime", required=True)
    host_web_ex_id: str | None = string("hostWebExID", required=True)
    num_computers: int | None = integer("numComputers", required=True)


class GetLabScheduleResponse(serv.BodyContentType):
    """Answer to GetLabSchedule."""

    scheduled_labs: list[ScheduleLabType] = many(record("scheduledLabs", ScheduleLabType))


class EnrollmentFieldType(Record):
    """A field of the registration form: shown, and to be filled in or not."""

    incl: bool | None = boolean("incl", default="true")
    req: bool | None = boolean("req")


class StandardFieldsType(Record):
    """The standard fields of the registration form."""

    phone: EnrollmentFieldType | None = record("phone", EnrollmentFieldType)
    title: EnrollmentFieldType | None = record("title", EnrollmentFieldType)
    company: EnrollmentFieldType | None = record("company", EnrollmentFieldType)
    address1: EnrollmentFieldType | None = record("address1", EnrollmentFieldType)
    address2: EnrollmentFieldType | None = record("address2", EnrollmentFieldType)
    city: EnrollmentFieldType | None = record("city", EnrollmentFieldType)
    state: EnrollmentFieldType | None = record("state", EnrollmentFieldType)
    postal_code: EnrollmentFieldType | None = record("postalCode", EnrollmentFieldType)
    country: EnrollmentFieldType | None = record("country", EnrollmentFieldType)
    fax: EnrollmentFieldType | None = record("fax", EnrollmentFieldType)


class TextboxType(EnrollmentFieldType):
    """A question answered in a text box."""

    label: str | None = string("label", required=True, max_length=256)
    type: str | None = string("type", TextboxTypeType, default="SINGLE_LINE")
    width: int | None = integer("width")
    height: int | None = integer("height")
    index: int | None = integer("index")


class CheckboxType(Record):
    """One box of a question."""

    label: str | None = string("label", required=True, max_length=256)
    state: str | None = string("state", CheckboxStateType, default="CLEARED")


class CheckboxGroupType(EnrollmentFieldType):
    """A question answered by ticking boxes."""

    label: str | None = string("label", required=True, max_length=256)
    index: int | None = integer("index")
    checkbox: list[CheckboxType] = many(record("checkbox", CheckboxType), least=1)


class ChoiceType(Record):
    """One choice of a question."""

    label: str | None = string("label", required=True, max_length=256)


class ChoiceGroupType(EnrollmentFieldType):
    """A question answered by one choice."""

    label: str | None = string("label", required=True, max_length=256)
    default_choice: int | None = integer("defaultChoice")
    index: int | None = integer("index")
    choice: list[ChoiceType] = many(record("choice", ChoiceType), least=2)


class CustomFieldsType(Record):
    """The host's own questions."""

    text_box: TextboxType | None = record("textBox", TextboxType)
    check_box_group: CheckboxGroupType | None = record("checkBoxGroup", CheckboxGroupType)
    option_button_group: ChoiceGroupType | None = record("optionButtonGroup", ChoiceGroupType)
    drop_down_group: ChoiceGroupType | None = record("dropDownGroup", ChoiceGroupType)


class RegistrationFormType(Record):
    """The registration form of a training."""

    standard_fields: StandardFieldsType | None = record("standardFields", StandardFieldsType)
    custom_fields: CustomFieldsType | None = record("customFields", CustomFieldsType)


class TextboxInstanceType(TextboxType):
    """A question answered in a text box, with its number."""

    field_id: int | None = long("fieldID")


class CheckboxGroupInstanceType(CheckboxType):
    """A group of boxes with its number."""

    field_id: int | None = long("fieldID")


class ChoiceGroupInstanceType(ChoiceGroupType):
    """A question answered by one choice, with its number."""

    field_id: int | None = long("fieldID")


class CustomFieldsInstanceType(Record):
    """The host's own questions with their numbers."""

    text_box: list[TextboxInstanceType] = many(record("textBox", TextboxInstanceType))
    check_box_group: list[CheckboxGroupInstanceType] = many(record("checkBoxGroup", CheckboxGroupInstanceType))
    option_button_group: list[ChoiceGroupInstanceType] = many(record("optionButtonGroup", ChoiceGroupInstanceType))
    drop_down_group: list[ChoiceGroupInstanceType] = many(record("dropDownGroup", ChoiceGroupInstanceType))


class RegistrationFormInstanceType(Record):
    """The registration form of a scheduled training."""

    standard_fields: StandardFieldsType | None = record("standardFields", StandardFieldsType)
    custom_fields: CustomFieldsInstanceType | None = record("customFields", CustomFieldsInstanceType)


class LabType(Record):
    """Name and description of a lab."""

    lab_name: str | None = string("labName", since="8.0.0")
    description: str | None = string("description", since="8.0.0")


class CreateLab(serv.BodyContentType):
    """Request of CreateLab: makes a lab."""

    lab: LabType | None = record("lab", LabType, required=True, since="8.0.0")


class CreateLabResponse(serv.BodyContentType):
    """Answer to CreateLab."""

    lab_id: int | None = long("labID", required=True, since="8.0.0")


class SetLab(serv.BodyContentType):
    """Request of SetLab: changes a lab."""

    lab_id: int | None = long("labID", required=True, since="8.0.0")
    lab: LabType | None = record("lab", LabType, since="8.0.0")


class DelLab(serv.BodyContentType):
    """Request of DelLab: deletes a lab."""

    lab_id: int | None = long("labID", required=True, since="8.0.0")


class GetSetupComputerURL(serv.BodyContentType):
    """Request of GetSetupComputerURL: asks for the address at which computers of a lab are set up."""

    lab_id: int | None = long("labID", required=True, since="8.0.0")


class GetSetupComputerURLResponse(serv.BodyContentType):
    """Answer to GetSetupComputerURL."""

    setup_computer_url: str | None = string("SetupComputerURL", required=True, since="8.0.0")


class ReserveLab(serv.BodyContentType):
    """Request of ReserveLab: reserves computers of a lab."""

    lab_name: str | None = string("labName", required=True, since="8.0.0")
    num_computers: int | None = int32("numComputers", required=True, since="8.0.0")
    topic: str | None = string("topic", required=True, since="8.0.0")
    start_date: str | None = string("startDate", required=True, since="8.0.0")
    end_date: str | None = string("endDate", required=True, since="8.0.0")
    time_zone_id: int | None = int32("timeZoneID", since="8.0.0")
    time_limit: int | None = int32("timeLimit", since="8.0.0")
    send_mail: bool | None = boolean("sendMail", since="8.0.0")


class ReserveLabResponse(serv.BodyContentType):
    """Answer to ReserveLab."""

    hol_session_id: int | None = long("holSessionID", since="8.0.0")


class SetLabResponse(serv.BodyContentType):
    """Answer to SetLab."""


class DelLabResponse(serv.BodyContentType):
    """Answer to DelLab."""
