"""Events and programs (namespace .../service/event)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, binary, boolean, integer, long, many, number, record, string

SCHEMA = schemas.EVENT

ListingType = SCHEMA.enumeration("listingType", "PUBLIC", "PRIVATE", "UNLISTED")
TelephonySupportType = SCHEMA.enumeration("telephonySupportType", "NONE", "CALLIN", "CALLBACK", "OTHER")
OrderByType = SCHEMA.enumeration("orderByType", "EVENTNAME", "STARTTIME", "HOSTWEBEXID")
FormatType = SCHEMA.enumeration("formatType", "TEXT", "HTML")
TextboxTypeType = SCHEMA.enumeration("textboxTypeType", "SINGLE_LINE", "MULTI_LINE")
CheckboxStateType = SCHEMA.enumeration("checkboxStateType", "CLEARED", "SELECTED")
ApprovalActionType = SCHEMA.enumeration("approvalActionType", "REJECT", "APPROVE")
ApprovalConditionType = SCHEMA.enumeration(
    "approvalConditionType", "CONTAINS", "DOESNOT_CONTAIN", "BEGINS_WITH", "ENDS_WITH"
)
ImageTypeType = SCHEMA.enumeration("imageTypeType", "JPG", "GIF")
ProgramOrderByType = SCHEMA.enumeration("programOrderByType", "PROGRAMNAME", "HOSTWEBEXID")
SurveyDisplayType = SCHEMA.enumeration("surveyDisplayType", "NO_DISPLAY", "POPUP_WINDOW", "MAIN_WINDOW")


class AccessControlType(Record):
    """Who can see and enter the event."""

    listing: str | None = string("listing", ListingType)
    session_password: str | None = string("sessionPassword", max_length=16)
    enforce_password: bool | None = boolean("enforcePassword", default="true")


class PostEventSurveyType(Record):
    """How the survey after the event is shown."""

    display: str | None = string("display", SurveyDisplayType)


class MetaDataType(Record):
    """Name, kind and description of the event."""

    session_name: str | None = string("sessionName")
    session_type: int | None = integer("sessionType", default="-1")
    description: str | None = string("description")
    default_highest_mt: bool | None = boolean("defaultHighestMT", default="true")
    session_template: com.SessionTemplateType | None = record("sessionTemplate", com.SessionTemplateType)
    program_id: int | None = integer("programID")
    post_event_survey: PostEventSurveyType | None = record("postEventSurvey", PostEventSurveyType)


class ScheduleType(Record):
    """When the event takes place and who holds it."""

    start_date: str | None = string("startDate")
    time_zone_id: int | None = integer("timeZoneID", default="-1")
    duration: int | None = integer("duration")
    open_time: int | None = integer("openTime")
    host_web_ex_id: str | None = string("hostWebExID")
    entry_exit_tone: str | None = string("entryExitTone", com.EntryExitToneType)
    ext_url: str | None = string("extURL", max_length=512)
    ext_notify_time: int | None = integer("extNotifyTime", low=0)
    join_notify_url: str | None = string("joinNotifyURL", max_length=512)
    join_teleconf_before_host: bool | None = boolean("joinTeleconfBeforeHost")


class TelephonyType(Record):
    """How people join by telephone."""

    telephony_support: str | None = string("telephonySupport", TelephonySupportType, default="NONE")
    num_phone_lines: int | None = integer("numPhoneLines", default="4")
    ext_telephony_url: str | None = string("extTelephonyURL")
    ext_telephony_description: str | None = string("extTelephonyDescription")
    enable_tsp: bool | None = boolean("enableTSP")
    tsp_account_index: int | None = integer("tspAccountIndex")
    personal_account_index: int | None = integer("personalAccountIndex")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")
    teleconf_location: str | None = string("teleconfLocation")
    call_in_num: serv.CallInNumType | None = record("callInNum", serv.CallInNumType)
    tsp_conference: serv.TspAccountType | None = record("tspConference", serv.TspAccountType)
    tsp_access_code_order: str | None = string("tspAccessCodeOrder", serv.TspAccessCodeOrderType)
    broadcast_audio_stream: bool | None = boolean("broadcastAudioStream")
    toll_free: bool | None = boolean("tollFree")
    mute_upon_entry: bool | None = boolean("muteUponEntry")


class RemindType(Record):
    """When the host is reminded."""

    minutes_ahead: int | None = integer("minutesAhead")


class PanelistsType(Record):
    """The panelists and what they are told."""

    panelist_password: str | None = string("panelistPassword")
    panelist: list[com.PersonType] = many(record("panelist", com.PersonType))
    panelists_info: str | None = string("panelistsInfo")


class AttendeesTypeAttendee(com.PersonType, anonymous=True):
    """A person invited to the event."""

    join_status: str | None = string("joinStatus", com.JoinStatusType)


class AttendeesType(Record):
    """The people invited."""

    attendee: list[AttendeesTypeAttendee] = many(record("attendee", AttendeesTypeAttendee))


class ExtOptionsType(Record):
    """What attendees see and where they are led."""

    enrollment_number: int | None = integer("enrollmentNumber")
    destination_url: str | None = string("destinationURL")
    allow_invite_friend: bool | None = boolean("allowInviteFriend")
    view_attendee_list: str | None = string("viewAttendeeList", com.AttendeeListViewType)
    participant_limit: int | None = integer("participantLimit", low=0)
    display_quick_start_host: bool | None = boolean("displayQuickStartHost")
    voip: bool | None = boolean("voip")
    email_invitations: bool | None = boolean("emailInvitations")
    registration: bool | None = boolean("registration")


class EmailTemplateType(Record):
    """Text of a mail."""

    subject: str | None = string("subject", max_length=512)
    from_: str | None = string("from", max_length=128)
    reply_to: str | None = string("replyTo", max_length=128)
    content: str | None = string("content")


class EmailTemplatesTypeInvitationMsgs(Record, anonymous=True):
    """Invitations."""

    participants_email: EmailTemplateType | None = record("participantsEmail", EmailTemplateType)
    panelists_email: EmailTemplateType | None = record("panelistsEmail", EmailTemplateType)


class EmailTemplatesTypeEnrollmentMsgsPendingEmail(EmailTemplateType, anonymous=True):
    """Mail for a registration that waits for approval."""

    send: bool | None = boolean("send", default="true")


class EmailTemplatesTypeEnrollmentMsgsAcceptedEmail(EmailTemplateType, anonymous=True):
    """Mail for a registration that was approved."""

    send: bool | None = boolean("send", default="true")


class EmailTemplatesTypeEnrollmentMsgsRejectedEmail(EmailTemplateType, anonymous=True):
    """Mail for a registration that was refused."""

    send: bool | None = boolean("send", default="true")


class EmailTemplatesTypeEnrollmentMsgsEventUpdatedEmail(EmailTemplateType, anonymous=True):
    """Mail for a change of the event."""


class EmailTemplatesTypeEnrollmentMsgs(Record, anonymous=True):
    """Mails about registrations."""

    pending_email: EmailTemplatesTypeEnrollmentMsgsPendingEmail | None = record(
        "pendingEmail", EmailTemplatesTypeEnrollmentMsgsPendingEmail
    )
    accepted_email: EmailTemplatesTypeEnrollmentMsgsAcceptedEmail | None = record(
        "acceptedEmail", EmailTemplatesTypeEnrollmentMsgsAcceptedEmail
    )
    rejected_email: EmailTemplatesTypeEnrollmentMsgsRejectedEmail | None = record(
        "rejectedEmail", EmailTemplatesTypeEnrollmentMsgsRejectedEmail
    )
    event_updated_email: EmailTemplatesTypeEnrollmentMsgsEventUpdatedEmail | None = record(
        "eventUpdatedEmail", EmailTemplatesTypeEnrollmentMsgsEventUpdatedEmail
    )


class EmailTemplatesTypeReminderMsgsFirstReminder(EmailTemplateType, anonymous=True):
    """First reminder, and when it goes out."""

    send: bool | None = boolean("send")
    send_date_time: str | None = string("sendDateTime")


class EmailTemplatesTypeReminderMsgsSecondReminder(EmailTemplateType, anonymous=True):
    """Second reminder, and when it goes out."""

    send: bool | None = boolean("send")
    send_date_time: str | None = string("sendDateTime")


class EmailTemplatesTypeReminderMsgs(Record, anonymous=True):
    """Reminders."""

    first_reminder: EmailTemplatesTypeReminderMsgsFirstReminder | None = record(
        "firstReminder", EmailTemplatesTypeReminderMsgsFirstReminder
    )
    second_reminder: EmailTemplatesTypeReminderMsgsSecondReminder | None = record(
        "secondReminder", EmailTemplatesTypeReminderMsgsSecondReminder
    )


class EmailTemplatesTypeFollowUpMsgsThanksForAttending(EmailTemplateType, anonymous=True):
    """Thanks to those who came."""

    send: bool | None = boolean("send")
    send_date_time: str | None = string("sendDateTime")


class EmailTemplatesTypeFollowUpMsgsAbsenteeFollowUp(EmailTemplateType, anonymous=True):
    """Mail to those who did not come."""

    send: bool | None = boolean("send", default="true")
    send_date_time: str | None = string("sendDateTime")


class EmailTemplatesTypeFollowUpMsgs(Record, anonymous=True):
    """Mails after the event."""

    thanks_for_attending: EmailTemplatesTypeFollowUpMsgsThanksForAttending | None = record(
        "thanksForAttending", EmailTemplatesTypeFollowUpMsgsThanksForAttending
    )
    absentee_follow_up: EmailTemplatesTypeFollowUpMsgsAbsenteeFollowUp | None = record(
        "absenteeFollowUp", EmailTemplatesTypeFollowUpMsgsAbsenteeFollowUp
    )


class EmailTemplatesType(Record):
    """The mails of an event and when they are sent."""

    format: str | None = string("format", FormatType, default="TEXT")
    invitation_msgs: EmailTemplatesTypeInvitationMsgs | None = record(
        "invitationMsgs", EmailTemplatesTypeInvitationMsgs
    )
    enrollment_msgs: EmailTemplatesTypeEnrollmentMsgs | None = record(
        "enrollmentMsgs", EmailTemplatesTypeEnrollmentMsgs
    )
    reminder_msgs: EmailTemplatesTypeReminderMsgs | None = record("reminderMsgs", EmailTemplatesTypeReminderMsgs)
    follow_up_msgs: EmailTemplatesTypeFollowUpMsgs | None = record("followUpMsgs", EmailTemplatesTypeFollowUpMsgs)
    i_calendar: bool | None = boolean("iCalendar")


class EventType(serv.BodyContentType):
    """An event as it is scheduled."""

    access_control: AccessControlType | None = record("accessControl", AccessControlType)
    meta_data: MetaDataType | None = record("metaData", MetaDataType)
    schedule: ScheduleType | None = record("schedule", ScheduleType)
    telephony: TelephonyType | None = record("telephony", TelephonyType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    remind: RemindType | None = record("remind", RemindType)
    panelists: PanelistsType | None = record("panelists", PanelistsType)
    attendees: AttendeesType | None = record("attendees", AttendeesType)
    ext_options: ExtOptionsType | None = record("extOptions", ExtOptionsType)
    email_templates: EmailTemplatesType | None = record("emailTemplates", EmailTemplatesType)
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)


class EventInstanceType(EventType):
    """A scheduled event with its key."""

    session_key: int | None = long("sessionKey", required=True)


class SourceType(Record):
    """Where an attendee learned of the event."""

    lead_source_id: str | None = string("leadSourceID", required=True)
    count: int | None = long("count", required=True)
    avg_lead_score: float | None = number("avgLeadScore", "xsd:float", required=True)


class AttendeeCountType(Record):
    """How many people were invited, registered and came."""

    est_enrollment: int | None = long("estEnrollment", required=True)
    est_attendance: int | None = long("estAttendance", required=True)
    source: list[SourceType] = many(record("source", SourceType))


class EventSummaryInstanceType(Record):
    """An event in a list."""

    session_key: int | None = long("sessionKey", required=True)
    session_name: str | None = string("sessionName", required=True)
    session_type: int | None = integer("sessionType", required=True)
    host_web_ex_id: str | None = string("hostWebExID", required=True)
    start_date: str | None = string("startDate")
    end_date: str | None = string("endDate")
    time_zone_id: int | None = integer("timeZoneID")
    duration: int | None = integer("duration", required=True)
    description: str | None = string("description")
    status: str | None = string("status")
    panelists: str | None = string("panelists")
    list_status: str | None = string("listStatus", ListingType)
    attendee_count: AttendeeCountType | None = record("attendeeCount", AttendeeCountType)


class RecordedEventType(Record):
    """A recorded event in a list."""

    event_name: str | None = string("eventName", required=True)
    event_type: str | None = string("eventType", required=True)
    recording_start_time: str | None = string("recordingStartTime")
    time_zone_id: int | None = integer("timeZoneID")
    play_time: int | None = long("playTime")
    panelists_info: str | None = string("panelistsInfo")
    description: str | None = string("description")
    record_file_path: str | None = string("recordFilePath")
    destination_url: str | None = string("destinationURL", required=True)
    size: int | None = integer("size", required=True)
    is_access_password: bool | None = boolean("isAccessPassword")
    is_enrollment_password: bool | None = boolean("isEnrollmentPassword")
    host_web_ex_id: str | None = string("hostWebExID")
    view_url: str | None = string("viewURL", required=True)


class ApprovalRuleType(Record):
    """A rule that approves or refuses registrations by an answer."""

    enroll_field_id: int | None = long("enrollFieldID", required=True, default="-13")
    condition: str | None = string("condition", ApprovalConditionType, required=True, default="CONTAINS")
    query_field: str | None = string("queryField", required=True, max_length=50)
    action: str | None = string("action", ApprovalActionType, required=True, default="REJECT")
    match_case: bool | None = boolean("matchCase")


class EnrollmentTypeApprovalRules(Record, anonymous=True):
    """Rules that decide on registrations."""

    rule: list[ApprovalRuleType] = many(record("rule", ApprovalRuleType))


class EnrollmentType(Record):
    """How registration works."""

    id_req: bool | None = boolean("idReq")
    password_req: bool | None = boolean("passwordReq")
    password: str | None = string("password", max_length=16)
    approval_req: bool | None = boolean("approvalReq", default="true")
    approval_rules: EnrollmentTypeApprovalRules | None = record("approvalRules", EnrollmentTypeApprovalRules)
    end_url_after_enroll: str | None = string("endURLAfterEnroll", max_length=128)


class EnrollmentFieldType(Record):
    """A field of the registration form: shown, and to be filled in or not."""

    incl: bool | None = boolean("incl", default="true")
    req: bool | None = boolean("req")


class StandardFieldsType(Record):
    """The standard fields of the registration form."""

    phone: EnrollmentFieldType | None = record("phone", EnrollmentFieldType)
    company: EnrollmentFieldType | None = record("company", EnrollmentFieldType)
    title: EnrollmentFieldType | None = record("title", EnrollmentFieldType)
    num_employees: EnrollmentFieldType | None = record("numEmployees", EnrollmentFieldType)
    future_info: EnrollmentFieldType | None = record("futureInfo", EnrollmentFieldType)
    address1: EnrollmentFieldType | None = record("address1", EnrollmentFieldType)
    address2: EnrollmentFieldType | None = record("address2", EnrollmentFieldType)
    city: EnrollmentFieldType | None = record("city", EnrollmentFieldType)
    state: EnrollmentFieldType | None = record("state", EnrollmentFieldType)
    postal_code: EnrollmentFieldType | None = record("postalCode", EnrollmentFieldType)
    country: EnrollmentFieldType | None = record("country", EnrollmentFieldType)


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
    score: float | None = number("score", default="0")
    state: str | None = string("state", CheckboxStateType, default="CLEARED")


class CheckboxGroupType(EnrollmentFieldType):
    """A question answered by ticking boxes."""

    label: str | None = string("label", required=True, max_length=256)
    check_box: list[CheckboxType] = many(record("checkBox", CheckboxType), least=1)
    index: int | None = integer("index")


class ChoiceType(Record):
    """One choice of a question."""

    label: str | None = string("label", required=True, max_length=256)
    score: float | None = number("score", default="0")


class ChoiceGroupType(EnrollmentFieldType):
    """A question answered by one choice."""

    label: str | None = string("label", required=True, max_length=256)
    default_choice: int | None = integer("defaultChoice")
    choice: list[ChoiceType] = many(record("choice", ChoiceType), least=2)
    index: int | None = integer("index")


class CustomFieldsType(Record):
    """The host's own questions."""

    text_box: list[TextboxType] = many(record("textBox", TextboxType))
    check_box_group: list[CheckboxGroupType] = many(record("checkBoxGroup", CheckboxGroupType))
    option_button_group: list[ChoiceGroupType] = many(record("optionButtonGroup", ChoiceGroupType))
    drop_down_group: list[ChoiceGroupType] = many(record("dropDownGroup", ChoiceGroupType))


class EnrollmentFormCreateType(Record):
    """The registration form of a new event."""

    standard_fields: StandardFieldsType | None = record("standardFields", StandardFieldsType)
    custom_fields: CustomFieldsType | None = record("customFields", CustomFieldsType)


class CreateEvent(EventType):
    """Request of CreateEvent: schedules an event."""

    enrollment: EnrollmentType | None = record("enrollment", EnrollmentType)
    enrollment_form: EnrollmentFormCreateType | None = record("enrollmentForm", EnrollmentFormCreateType)
    validate_format: bool | None = boolean("validateFormat")


class CreateEventResponse(serv.BodyContentType):
    """Answer to CreateEvent."""

    session_key: int | None = long("sessionKey")
    guest_token: str | None = string("guestToken")


class GetEvent(serv.BodyContentType):
    """Request of GetEvent: reads one event."""

    session_key: int | None = long("sessionKey", required=True)


class ApprovalRuleInstanceType(ApprovalRuleType):
    """A rule for registrations with its field."""

    enroll_field: str | None = string("enrollField", required=True)


class EnrollmentInstanceTypeApprovalRules(Record, anonymous=True):
    """Rules that decide on registrations."""

    rule: list[ApprovalRuleInstanceType] = many(record("rule", ApprovalRuleInstanceType))


class EnrollmentInstanceType(Record):
    """How registration works for a scheduled event."""

    id_req: bool | None = boolean("idReq")
    password_req: bool | None = boolean("passwordReq")
    password: str | None = string("password")
    approval_req: bool | None = boolean("approvalReq", default="true")
    approval_rules: EnrollmentInstanceTypeApprovalRules | None = record(
        "approvalRules", EnrollmentInstanceTypeApprovalRules
    )
    end_url_after_enroll: str | None = string("endURLAfterEnroll", max_length=128)


class EnrollmentFieldInstanceType(EnrollmentFieldType):
    """A field of the registration form with its number."""

    field_id: int | None = long("fieldID")


class StandardFieldsInstanceType(Record):
    """The standard fields of the form of a scheduled event."""

    first_name: EnrollmentFieldInstanceType | None = record("firstName", EnrollmentFieldInstanceType, required=True)
    last_name: EnrollmentFieldInstanceType | None = record("lastName", EnrollmentFieldInstanceType, required=True)
    email_address: EnrollmentFieldInstanceType | None = record(
        "emailAddress", EnrollmentFieldInstanceType, required=True
    )
    phone: EnrollmentFieldInstanceType | None = record("phone", EnrollmentFieldInstanceType)
    company: EnrollmentFieldInstanceType | None = record("company", EnrollmentFieldInstanceType)
    title: EnrollmentFieldInstanceType | None = record("title", EnrollmentFieldInstanceType)
    num_employees: EnrollmentFieldInstanceType | None = record("numEmployees", EnrollmentFieldInstanceType)
    future_info: EnrollmentFieldInstanceType | None = record("futureInfo", EnrollmentFieldInstanceType)
    address1: EnrollmentFieldInstanceType | None = record("address1", EnrollmentFieldInstanceType)
    address2: EnrollmentFieldInstanceType | None = record("address2", EnrollmentFieldInstanceType)
    city: EnrollmentFieldInstanceType | None = record("city", EnrollmentFieldInstanceType)
    state: EnrollmentFieldInstanceType | None = record("state", EnrollmentFieldInstanceType)
    postal_code: EnrollmentFieldInstanceType | None = record("postalCode", EnrollmentFieldInstanceType)
    country: EnrollmentFieldInstanceType | None = record("country", EnrollmentFieldInstanceType)


class TextboxInstanceType(TextboxType):
    """A question answered in a text box, with its number."""

    field_id: int | None = long("fieldID")


class CheckboxGroupInstanceType(CheckboxGroupType):
    """A question answered by ticking boxes, with its number."""

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


class EnrollmentFormGetType(Record):
    """The registration form as it is read."""

    standard_fields: StandardFieldsInstanceType | None = record("standardFields", StandardFieldsInstanceType)
    custom_fields: CustomFieldsInstanceType | None = record("customFields", CustomFieldsInstanceType)


class GetEventResponse(EventInstanceType):
    """Answer to GetEvent."""

    status: str | None = string("status")
    enrollment: EnrollmentInstanceType | None = record("enrollment", EnrollmentInstanceType)
    enrollment_form: EnrollmentFormGetType | None = record("enrollmentForm", EnrollmentFormGetType)
    host_key: str | None = string("hostKey")
    event_id: int | None = long("eventID")
    guest_token: str | None = string("guestToken")
    host_type: str | None = string("hostType")


class EnrollmentFormSetType(Record):
    """The registration form as it is changed."""

    standard_fields: StandardFieldsType | None = record("standardFields", StandardFieldsType)
    custom_fields: CustomFieldsInstanceType | None = record("customFields", CustomFieldsInstanceType)


class SetEvent(EventInstanceType):
    """Request of SetEvent: changes an event."""

    enrollment: EnrollmentType | None = record("enrollment", EnrollmentType)
    enrollment_form: EnrollmentFormSetType | None = record("enrollmentForm", EnrollmentFormSetType)
    validate_format: bool | None = boolean("validateFormat")


class SetEventResponse(serv.BodyContentType):
    """Answer to SetEvent."""


class DelEvent(serv.BodyContentType):
    """Request of DelEvent: deletes an event."""

    session_key: int | None = long("sessionKey", required=True)


class DelEventResponse(serv.BodyContentType):
    """Answer to DelEvent."""


class OrderType(Record):
    """Sort order of a list of events."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class DateScopeType(Record):
    """Ranges of start and end dates to list."""

    start_date_start: str | None = string("startDateStart")
    start_date_end: str | None = string("startDateEnd")
    end_date_start: str | None = string("endDateStart")
    end_date_end: str | None = string("endDateEnd")
    time_zone_id: int | None = long("timeZoneID", default="-1")


class LstsummaryEvent(serv.BodyContentType):
    """Request of LstsummaryEvent: lists events."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    session_key: int | None = long("sessionKey")
    host_web_ex_id: str | None = string("hostWebExID")
    program_id: int | None = long("programID")
    attendee_stats: bool | None = boolean("attendeeStats")


class LstsummaryEventResponse(serv.BodyContentType):
    """Answer to LstsummaryEvent."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    event: list[EventSummaryInstanceType] = many(record("event", EventSummaryInstanceType))


class LstrecordedEvent(serv.BodyContentType):
    """Request of LstrecordedEvent: lists recorded events."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    host_web_ex_id: str | None = string("hostWebExID")
    program_id: int | None = long("programID")


class RecordedEventsType(Record):
    """Which recorded events are wanted."""

    web_ex_id: str | None = string("webExID")
    recorded_event: list[RecordedEventType] = many(record("recordedEvent", RecordedEventType))


class LstrecordedEventResponse(serv.BodyContentType):
    """Answer to LstrecordedEvent."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    event: list[RecordedEventsType] = many(record("event", RecordedEventsType))


class UploadEventImage(serv.BodyContentType):
    """Request of UploadEventImage: uploads a picture for an event."""

    session_key: int | None = long("sessionKey", required=True)
    image_type: str | None = string("imageType", ImageTypeType, required=True)
    image_data: bytes | None = binary("imageData", required=True)


class UploadEventImageResponse(serv.BodyContentType):
    """Answer to UploadEventImage."""


class SendInvitationEmail(serv.BodyContentType):
    """Request of SendInvitationEmail: sends the invitations of an event."""

    session_key: int | None = long("sessionKey", required=True)
    attendees: bool | None = boolean("attendees", default="true")
    panelists: bool | None = boolean("panelists")


class SendInvitationEmailResponse(serv.BodyContentType):
    """Answer to SendInvitationEmail."""

    delivered_email: list[str] = many(string("deliveredEmail"))


class ProgramOrderType(Record):
    """Sort order of a list of programs."""

    order_by: list[str] = many(string("orderBy", ProgramOrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstsummaryProgram(serv.BodyContentType):
    """Request of LstsummaryProgram: lists programs."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: ProgramOrderType | None = record("order", ProgramOrderType)
    program_id: int | None = long("programID")


class ProgramSummaryType(Record):
    """A program, that is a group of events, in a list."""

    program_id: int | None = long("programID", required=True)
    program_name: str | None = string("programName", required=True)
    host_web_ex_id: str | None = string("hostWebExID", required=True)
    expected_enrollment: str | None = string("expectedEnrollment")
    budget: str | None = string("budget")
    status: str | None = string("status", ListingType)
    program_url: str | None = string("programURL")
    after_enrollment_url: str | None = string("afterEnrollmentURL")


class LstsummaryProgramResponse(serv.BodyContentType):
    """Answer to LstsummaryProgram."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    program: list[ProgramSummaryType] = many(record("program", ProgramSummaryType))
