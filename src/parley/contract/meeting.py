"""Meetings (namespace .../service/meeting)."""

from __future__ import annotations

from parley.contract import attendee as att
from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, integer, long, many, record, string

SCHEMA = schemas.MEETING

TelephonySupportType = SCHEMA.enumeration("telephonySupportType", "NONE", "CALLIN", "CALLBACK", "OTHER")
RepeatTypeType = SCHEMA.enumeration("repeatTypeType", "WEEKLY", "DAILY", "NO_REPEAT", "CONSTANT", "MONTHLY", "YEARLY")
OrderByType = SCHEMA.enumeration(
    "orderByType",
    "HOSTWEBEXID",
    "CONFNAME",
    "STARTTIME",
    "TRACKINGCODE1",
    "TRACKINGCODE2",
    "TRACKINGCODE3",
    "TRACKINGCODE4",
    "TRACKINGCODE5",
    "TRACKINGCODE6",
    "TRACKINGCODE7",
    "TRACKINGCODE8",
    "TRACKINGCODE9",
    "TRACKINGCODE10",
)


class AccessControlType(Record):
    """Who can see the meeting, and the password for entering it."""

    list_to_public: bool | None = boolean("listToPublic")
    is_public: bool | None = boolean("isPublic")
    meeting_password: str | None = string("meetingPassword", max_length=16)
    enforce_password: bool | None = boolean("enforcePassword", default="true")


class MetaDataType(Record):
    """Name, kind and description of the meeting."""

    conf_name: str | None = string("confName")
    meeting_type: int | None = long("meetingType", default="-1")
    agenda: str | None = string("agenda", max_length=2500)
    greeting: str | None = string("greeting")
    location: str | None = string("location")
    invitation: str | None = string("invitation")
    set_non_mt_options: bool | None = boolean("setNonMTOptions")
    session_template: com.SessionTemplateType | None = record("sessionTemplate", com.SessionTemplateType)
    is_internal: bool | None = boolean("isInternal")


class ParticipantsTypeAttendees(Record, anonymous=True):
    """The people invited."""

    attendee: list[att.AttendeeType] = many(record("attendee", att.AttendeeType))


class ParticipantsType(Record):
    """Number of people expected, and who is invited."""

    max_user_number: int | None = long("maxUserNumber")
    attendees: ParticipantsTypeAttendees | None = record("attendees", ParticipantsTypeAttendees)


class EnableOptionsType(Record):
    """What can be done in the meeting."""

    chat: bool | None = boolean("chat", default="false")
    poll: bool | None = boolean("poll", default="false")
    audio_video: bool | None = boolean("audioVideo")
    attendee_list: bool | None = boolean("attendeeList")
    file_share: bool | None = boolean("fileShare")
    presentation: bool | None = boolean("presentation")
    application_share: bool | None = boolean("applicationShare")
    desktop_share: bool | None = boolean("desktopShare")
    web_tour: bool | None = boolean("webTour", default="false")
    meeting_record: bool | None = boolean("meetingRecord")
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
    java_client: bool | None = boolean("javaClient")
    native_client: bool | None = boolean("nativeClient")
    attendee_record_meeting: bool | None = boolean("attendeeRecordMeeting")
    voip: bool | None = boolean("voip")
    fax_into_meeting: bool | None = boolean("faxIntoMeeting")
    enable_reg: bool | None = boolean("enableReg")
    support_q_and_a: bool | None = boolean("supportQandA")
    support_feedback: bool | None = boolean("supportFeedback")
    support_breakout_sessions: bool | None = boolean("supportBreakoutSessions")
    support_panelists: bool | None = boolean("supportPanelists")
    support_remote_computer: bool | None = boolean("supportRemoteComputer")
    support_share_web_content: bool | None = boolean("supportShareWebContent")
    support_ucf_web_pages: bool | None = boolean("supportUCFWebPages")
    support_ucf_rich_media: bool | None = boolean("supportUCFRichMedia")
    auto_delete_after_meeting_end: bool | None = boolean("autoDeleteAfterMeetingEnd")
    view_any_doc: bool | None = boolean("viewAnyDoc")
    view_any_page: bool | None = boolean("viewAnyPage")
    allow_contact_private: bool | None = boolean("allowContactPrivate")
    chat_host: bool | None = boolean("chatHost")
    chat_presenter: bool | None = boolean("chatPresenter")
    chat_all_attendees: bool | None = boolean("chatAllAttendees")
    multi_video: bool | None = boolean("multiVideo")
    notes: bool | None = boolean("notes")
    closed_captions: bool | None = boolean("closedCaptions")
    single_note: bool | None = boolean("singleNote")
    send_feedback: bool | None = boolean("sendFeedback")
    display_quick_start_host: bool | None = boolean("displayQuickStartHost")
    display_quick_start_attendees: bool | None = boolean("displayQuickStartAttendees")
    support_e2e: bool | None = boolean("supportE2E")
    support_pki: bool | None = boolean("supportPKI")
    hq_video: bool | None = boolean("HQvideo", since="10.0.0")
    hd_video: bool | None = boolean("HDvideo", since="10.0.0")
    view_video_thumbs: bool | None = boolean("viewVideoThumbs", since="10.0.0")
    auto_record: bool | None = boolean("autoRecord", since="11.0.0")


class ScheduleType(Record):
    """When the meeting takes place and who holds it."""

    start_date: str | None = string("startDate")
    time_zone_id: int | None = long("timeZoneID", default="-1")
    time_zone: str | None = string("timeZone", com.TimeZoneType)
    duration: int | None = long("duration")
    open_time: int | None = long("openTime")
    host_web_ex_id: str | None = string("hostWebExID")
    template_file_path: str | None = string("templateFilePath")
    show_file_path: str | None = string("showFilePath")
    show_file_start_mode: bool | None = boolean("showFileStartMode")
    show_file_cont_play_flag: bool | None = boolean("showFileContPlayFlag")
    show_file_interval: int | None = long("showFileInterVal")
    entry_exit_tone: int | None = long("entryExitTone")
    ext_url: str | None = string("extURL", max_length=512)
    ext_notify_time: int | None = integer("extNotifyTime", low=0)
    join_notify_url: str | None = string("joinNotifyURL", max_length=512)
    join_teleconf_before_host: bool | None = boolean("joinTeleconfBeforeHost")
    first_attendee_as_presenter: bool | None = boolean("firstAttendeeAsPresenter", since="10.0.0")


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
    toll_free: bool | None = boolean("tollFree")
    is_mp_audio: bool | None = boolean("isMPAudio")


class RepeatTypeDayInWeek(Record, anonymous=True):
    """Days of the week on which the meeting takes place."""

    day: list[str] = many(string("day", com.DayOfWeekType))


class RepeatType(Record):
    """How the meeting recurs."""

    repeat_type: str | None = string("repeatType", RepeatTypeType)
    interval: int | None = integer("interval")
    after_meeting_number: int | None = integer("afterMeetingNumber")
    day_in_week: RepeatTypeDayInWeek | None = record("dayInWeek", RepeatTypeDayInWeek)
    expiration_date: str | None = string("expirationDate")
    day_in_month: int | None = long("dayInMonth")
    week_in_month: int | None = long("weekInMonth")
    month_in_year: int | None = long("monthInYear")
    day_in_year: int | None = long("dayInYear")
    is_exception: bool | None = boolean("isException", since="7.4.0")
    series_meeting_key: int | None = long("seriesMeetingKey", since="7.4.0")
    has_exception: bool | None = boolean("hasException", since="7.4.0")


class RemindTypeEmails(Record, anonymous=True):
    """Addresses the reminder goes to."""

    email: list[str] = many(string("email", com.EmailType))


class RemindType(Record):
    """Reminder before the meeting."""

    enable_reminder: bool | None = boolean("enableReminder")
    emails: RemindTypeEmails | None = record("emails", RemindTypeEmails)
    send_email: bool | None = boolean("sendEmail", default="false")
    mobile: str | None = string("mobile")
    send_mobile: bool | None = boolean("sendMobile", default="false")
    days_ahead: int | None = integer("daysAhead")
    hours_ahead: int | None = integer("hoursAhead")
    minutes_ahead: int | None = integer("minutesAhead")


class AttendeeOptionsType(Record):
    """Registration, and what attendees are told and need."""

    request: bool | None = boolean("request")
    registration: bool | None = boolean("registration")
    auto: bool | None = boolean("auto")
    email_invitations: bool | None = boolean("emailInvitations", default="false")
    participant_limit: int | None = integer("participantLimit", low=0)
    exclude_password: bool | None = boolean("excludePassword", default="false")
    join_requires_account: bool | None = boolean("joinRequiresAccount", default="false")
    auto_lock: bool | None = boolean("autoLock")
    auto_lock_wait_time: int | None = integer("autoLockWaitTime")
    external_attendee_security: str | None = string("externalAttendeeSecurity")


class MeetingType(serv.BodyContentType):
    """A meeting as it is scheduled."""

    access_control: AccessControlType | None = record("accessControl", AccessControlType)
    meta_data: MetaDataType | None = record("metaData", MetaDataType)
    participants: ParticipantsType | None = record("participants", ParticipantsType)
    enable_options: EnableOptionsType | None = record("enableOptions", EnableOptionsType)
    schedule: ScheduleType | None = record("schedule", ScheduleType)
    telephony: TelephonyType | None = record("telephony", TelephonyType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    repeat: RepeatType | None = record("repeat", RepeatType)
    remind: RemindType | None = record("remind", RemindType)
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)


class MeetingSummaryInstanceType(serv.BodyContentType):
    """A meeting in a list."""

    meeting_key: int | None = long("meetingKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")
    conf_name: str | None = string("confName", required=True)
    meeting_type: int | None = long("meetingType", required=True)
    host_web_ex_id: str | None = string("hostWebExID")
    other_host_web_ex_id: str | None = string("otherHostWebExID")
    time_zone_id: int | None = long("timeZoneID")
    time_zone: str | None = string("timeZone")
    status: str | None = string("status")
    start_date: str | None = string("startDate", required=True)
    duration: int | None = integer("duration", required=True)
    list_status: str | None = string("listStatus", com.ListingType)
    host_joined: bool | None = boolean("hostJoined")
    participants_joined: bool | None = boolean("participantsJoined")
    tele_presence: bool | None = boolean("telePresence")


class MeetingInstanceType(MeetingType):
    """A scheduled meeting with its key and state."""

    meeting_key: int | None = long("meetingkey", required=True)
    status: str | None = string("status")
    host_joined: bool | None = boolean("hostJoined")
    participants_joined: bool | None = boolean("participantsJoined")
    tele_presence: bool | None = boolean("telePresence", since="10.0.0")


class CreateMeeting(MeetingType):
    """Request of CreateMeeting: schedules a meeting."""

    validate_format: bool | None = boolean("validateFormat")


class CreateMeetingResponse(serv.BodyContentType):
    """Answer to CreateMeeting."""

    meeting_key: int | None = long("meetingkey")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")
    meeting_password: str | None = string("meetingPassword")
    i_calendar_url: serv.ICalendarURLType | None = record("iCalendarURL", serv.ICalendarURLType)
    guest_token: str | None = string("guestToken")


class OrderType(Record):
    """Sort order of a list of meetings."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class DateScopeType(Record):
    """Ranges of start and end dates to list."""

    start_date_start: str | None = string("startDateStart")
    start_date_end: str | None = string("startDateEnd")
    time_zone_id: int | None = long("timeZoneID", default="-1")
    end_date_start: str | None = string("endDateStart")
    end_date_end: str | None = string("endDateEnd")


class LstMeeting(serv.BodyContentType):
    """Request of LstMeeting: lists meetings with all their data."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    meeting_key: int | None = long("meetingKey")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class LstMeetingResponse(serv.BodyContentType):
    """Answer to LstMeeting."""

    meeting: list[MeetingInstanceType] = many(record("meeting", MeetingInstanceType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class LstsummaryMeeting(serv.BodyContentType):
    """Request of LstsummaryMeeting: lists meetings."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    meeting_key: int | None = long("meetingKey")
    host_web_ex_id: str | None = string("hostWebExID")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class LstsummaryMeetingResponse(serv.BodyContentType):
    """Answer to LstsummaryMeeting."""

    meeting: list[MeetingSummaryInstanceType] = many(record("meeting", MeetingSummaryInstanceType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class DelMeeting(serv.BodyContentType):
    """Request of DelMeeting: deletes a meeting."""

    meeting_key: int | None = long("meetingKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class DelMeetingResponse(serv.BodyContentType):
    """Answer to DelMeeting."""

    i_calendar_url: serv.ICalendarURLType | None = record("iCalendarURL", serv.ICalendarURLType)


class GetMeeting(serv.BodyContentType):
    """Request of GetMeeting: reads one meeting."""

    meeting_key: int | None = long("meetingKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class GetMeetingResponse(MeetingInstanceType):
    """Answer to GetMeeting."""

    host_key: str | None = string("hostKey")
    event_id: int | None = long("eventID")
    guest_token: str | None = string("guestToken")
    host_type: str | None = string("hostType")
    sip_url: str | None = string("sipURL")
    is_private_meeting: bool | None = boolean("isPrivateMeeting", since="40.12.0")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")
    meeting_link: str | None = string("meetingLink", since="41.1.0")


class SetMeeting(MeetingInstanceType):
    """Request of SetMeeting: changes a meeting."""

    validate_format: bool | None = boolean("validateFormat")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class SetMeetingResponse(serv.BodyContentType):
    """Answer to SetMeeting."""

    i_calendar_url: serv.ICalendarURLType | None = record("iCalendarURL", serv.ICalendarURLType)


class GethosturlMeeting(serv.BodyContentType):
    """Request of GethosturlMeeting: asks for the address at which the host starts the meeting."""

    meeting_key: int | None = long("meetingKey")
    session_key: int | None = long("sessionKey")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class GethosturlMeetingResponse(serv.BodyContentType):
    """Answer to GethosturlMeeting."""

    host_meeting_url: str | None = string("hostMeetingURL")


class GetjoinurlMeeting(serv.BodyContentType):
    """Request of GetjoinurlMeeting: asks for the addresses at which an attendee joins or registers."""

    meeting_key: int | None = long("meetingKey")
    session_key: int | None = long("sessionKey")
    attendee_name: str | None = string("attendeeName")
    attendee_email: str | None = string("attendeeEmail", com.EmailType)
    meeting_pw: str | None = string("meetingPW")
    reg_id: str | None = string("RegID")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class GetjoinurlMeetingResponse(serv.BodyContentType):
    """Answer to GetjoinurlMeeting."""

    join_meeting_url: str | None = string("joinMeetingURL")
    invite_meeting_url: str | None = string("inviteMeetingURL")
    register_meeting_url: str | None = string("registerMeetingURL")


class RegistrationFieldType(Record):
    """Whether a field of the registration form has to be filled in."""

    req: bool | None = boolean("req")


class StandardFieldsType(Record):
    """The standard fields of a registration form."""

    phone: RegistrationFieldType | None = record("phone", RegistrationFieldType)
    title: RegistrationFieldType | None = record("title", RegistrationFieldType)
    company: RegistrationFieldType | None = record("company", RegistrationFieldType)
    address1: RegistrationFieldType | None = record("address1", RegistrationFieldType)
    address2: RegistrationFieldType | None = record("address2", RegistrationFieldType)
    city: RegistrationFieldType | None = record("city", RegistrationFieldType)
    state: RegistrationFieldType | None = record("state", RegistrationFieldType)
    postal_code: RegistrationFieldType | None = record("postalCode", RegistrationFieldType)
    country: RegistrationFieldType | None = record("country", RegistrationFieldType)
    fax: RegistrationFieldType | None = record("fax", RegistrationFieldType)
