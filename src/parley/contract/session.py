"""What sessions of all services have in common; trainings are built on it (namespace .../service/session)."""

from __future__ import annotations

from parley.contract import attendee as att
from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, integer, long, many, record, string

SCHEMA = schemas.SESSION

TelephonySupportType = SCHEMA.enumeration("telephonySupportType", "NONE", "CALLIN", "CALLBACK", "OTHER")
OrderByTrackingType = SCHEMA.enumeration(
    "orderByTrackingType",
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
StatusType = SCHEMA.enumeration("statusType", "NOT_INPROGRESS", "INPROGRESS")
ListingType = SCHEMA.enumeration("listingType", "PUBLIC", "PRIVATE", "UNLISTED")
JoinStatusType = SCHEMA.enumeration(
    "joinStatusType",
    "REGISTER",
    "INVITE",
    "REJECT",
    "ACCEPT",
    "REJECTREGISTER",
    "ACCEPTREGISTER",
    "REJECTINVITE",
    "ACCEPTINVITE",
)
ReminderDatetimeType = SCHEMA.enumeration(
    "reminderDatetimeType", "15MIN", "30MIN", "1HR", "2HR", "24HR", "2DAY", "7DAY", "14DAY"
)


class AccessControlType(Record):
    """Who can see and enter the session."""

    listing: str | None = string("listing", ListingType)
    session_password: str | None = string("sessionPassword", max_length=16)
    enforce_password: bool | None = boolean("enforcePassword", default="true")


class ScheduleType(Record):
    """When the session takes place and who holds it."""

    start_date: list[str] = many(string("startDate"))
    time_zone: str | None = string("timeZone", com.TimeZoneType)
    duration: int | None = long("duration")
    time_zone_id: int | None = long("timeZoneID", default="-1")
    host_web_ex_id: str | None = string("hostWebExID")
    open_time: int | None = integer("openTime")
    ext_url: str | None = string("extURL", max_length=512)
    ext_notify_time: int | None = integer("extNotifyTime", low=0)
    join_notify_url: str | None = string("joinNotifyURL", max_length=512)
    join_teleconf_before_host: bool | None = boolean("joinTeleconfBeforeHost")
    entry_exit_tone: str | None = string("entryExitTone", com.EntryExitToneType)
    destination_url: str | None = string("destinationURL", max_length=128)


class SessionType(serv.BodyContentType):
    """What sessions of all services have in common."""

    access_control: AccessControlType | None = record("accessControl", AccessControlType)
    schedule: ScheduleType | None = record("schedule", ScheduleType)


class MetaDataType(Record):
    """Name of the session."""

    conf_name: str | None = string("confName")


class ParticipantType(serv.BodyContentType):
    """A person in the session, with the role there."""

    person: com.PersonType | None = record("person", com.PersonType, required=True)
    contact_id: int | None = long("contactID")
    join_status: str | None = string("joinStatus", JoinStatusType)
    role: str | None = string("role", att.RoleType)


class ParticipantsTypeParticipants(Record, anonymous=True):
    """The people of the session."""

    participant: list[ParticipantType] = many(record("participant", ParticipantType, nillable=True))


class ParticipantsType(Record):
    """Number of people expected, and who they are."""

    max_user_number: int | None = integer("maxUserNumber")
    participants: ParticipantsTypeParticipants | None = record(
        "participants", ParticipantsTypeParticipants, nillable=True
    )


class EnableOptionsType(Record):
    """Options that sessions of all services share."""

    attendee_list: bool | None = boolean("attendeeList", default="false")
    java_client: bool | None = boolean("javaClient", default="false")
    native_client: bool | None = boolean("nativeClient", default="true")


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
    is_mp_audio: bool | None = boolean("isMPAudio", since="8.0.0")


class RemindTypeEmails(Record, anonymous=True):
    """Addresses a reminder goes to."""

    email: list[str] = many(string("email", com.EmailType))


class RemindTypeAttendees(Record, anonymous=True):
    """When attendees are reminded."""

    reminder_datetime: list[str] = many(string("reminderDatetime", ReminderDatetimeType))


class RemindTypePresenters(Record, anonymous=True):
    """When presenters are reminded."""

    reminder_datetime: list[str] = many(string("reminderDatetime", ReminderDatetimeType))


class RemindType(Record):
    """Reminders before the session."""

    enable_reminder: bool | None = boolean("enableReminder")
    emails: RemindTypeEmails | None = record("emails", RemindTypeEmails)
    send_email: bool | None = boolean("sendEmail", default="false")
    mobile: str | None = string("mobile")
    send_mobile: bool | None = boolean("sendMobile", default="false")
    days_ahead: int | None = integer("daysAhead")
    hours_ahead: int | None = integer("hoursAhead")
    minutes_ahead: int | None = integer("minutesAhead")
    attendees: RemindTypeAttendees | None = record("attendees", RemindTypeAttendees, since="8.0.0")
    presenters: RemindTypePresenters | None = record("presenters", RemindTypePresenters, since="8.0.0")


class DateScopeType(Record):
    """Ranges of start and end dates to list."""

    start_date_start: str | None = string("startDateStart")
    start_date_end: str | None = string("startDateEnd")
    end_date_start: str | None = string("endDateStart")
    end_date_end: str | None = string("endDateEnd")
    time_zone_id: int | None = long("timeZoneID", default="-1")
