"""Audio-only sessions, called teleconferenceonly in the schemas (namespace .../service/meeting/auo)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, integer, long, many, record, string

SCHEMA = schemas.TELECONFERENCE

ListingType = SCHEMA.enumeration("listingType", "PUBLIC", "PRIVATE")
RecurrenceType = SCHEMA.enumeration("recurrenceType", "WEEKLY", "DAILY", "NO_REPEAT", "MONTHLY")
EntryExitToneType = SCHEMA.enumeration("entryExitToneType", "BEEP", "ANNOUNCENAME", "NOTONE")


class AccessControlType(Record):
    """Who can see the conference."""

    listing: str | None = string("listing", ListingType)
    session_password: str | None = string("sessionPassword")


class MetaDataType(Record):
    """Name and description of the conference."""

    conf_name: str | None = string("confName", max_length=512)
    session_type: int | None = integer("sessionType", default="-1")


class ScheduleType(Record):
    """When the conference takes place and who holds it."""

    start_date: str | None = string("startDate")
    time_zone_id: int | None = integer("timeZoneID", default="-1")
    time_zone: str | None = string("timeZone", com.TimeZoneType)
    duration: int | None = integer("duration")
    entry_exit_tone: str | None = string("entryExitTone", EntryExitToneType)
    host_web_ex_id: str | None = string("hostWebExID")


class TeleconfType(Record):
    """How the telephone conference is set up."""

    request_conference_number: bool | None = boolean("requestConferenceNumber")
    account_index: int | None = integer("accountIndex")
    ext_telephony_description: str | None = string("extTelephonyDescription")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")
    teleconf_location: str | None = string("teleconfLocation")


class RepeatTypeDayInWeek(Record, anonymous=True):
    """Days of the week on which the conference takes place."""

    day: list[str] = many(string("day", com.DayOfWeekType), most=7)


class RepeatType(Record):
    """How the conference recurs."""

    repeat_type: str | None = string("repeatType", RecurrenceType)
    expiration_date: str | None = string("expirationDate")
    day_in_week: RepeatTypeDayInWeek | None = record("dayInWeek", RepeatTypeDayInWeek)
    day_in_month: int | None = integer("dayInMonth", low=1, high=31)
    interval: int | None = integer("interval")
    week_in_month: int | None = integer("weekInMonth", low=1, high=6)


class RemindType(Record):
    """Reminder before the conference."""

    enable_reminder: bool | None = boolean("enableReminder")
    days_ahead: int | None = integer("daysAhead")
    hours_ahead: int | None = integer("hoursAhead")
    minutes_ahead: int | None = integer("minutesAhead")


class AttendeeType(Record):
    """A person invited to the conference."""

    name: str | None = string("name")
    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    email: str | None = string("email", com.EmailType, required=True)
    phones: com.PhonesType | None = record("phones", com.PhonesType)


class AttendeeOptionsType(Record):
    """Registration, and what attendees are told."""

    require_ucf_diagnosis: bool | None = boolean("requireUcfDiagnosis")
    exclude_password: bool | None = boolean("excludePassword")
    require_account: bool | None = boolean("requireAccount")
    email_invitations: bool | None = boolean("emailInvitations", default="false")


class AudioOnlyTypeFullAccessAttendees(Record, anonymous=True):
    """Attendees who may speak."""

    attendee: list[AttendeeType] = many(record("attendee", AttendeeType))


class AudioOnlyTypeLimitedAccessAttendees(Record, anonymous=True):
    """Attendees who may listen only."""

    attendee: list[AttendeeType] = many(record("attendee", AttendeeType))


class AudioOnlyType(serv.BodyContentType):
    """An audio-only session as it is scheduled."""

    access_control: AccessControlType | None = record("accessControl", AccessControlType)
    meta_data: MetaDataType | None = record("metaData", MetaDataType)
    schedule: ScheduleType | None = record("schedule", ScheduleType)
    teleconference: TeleconfType | None = record("teleconference", TeleconfType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    repeat: RepeatType | None = record("repeat", RepeatType)
    remind: RemindType | None = record("remind", RemindType)
    full_access_attendees: AudioOnlyTypeFullAccessAttendees | None = record(
        "fullAccessAttendees", AudioOnlyTypeFullAccessAttendees
    )
    limited_access_attendees: AudioOnlyTypeLimitedAccessAttendees | None = record(
        "limitedAccessAttendees", AudioOnlyTypeLimitedAccessAttendees
    )
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)
    validate_format: bool | None = boolean("validateFormat")


class TeleconfInstanceType(Record):
    """The telephone conference as it was set up, with its numbers and codes."""

    personal_conference_number: bool | None = boolean("personalConferenceNumber", required=True)
    account_index: int | None = integer("accountIndex")
    toll_free_call_in_number: str | None = string("tollFreeCallInNumber", required=True)
    toll_call_in_number: str | None = string("tollCallInNumber", required=True)
    intl_local_call_in_number: str | None = string("intlLocalCallInNumber", required=True)
    subscriber_access_code: str | None = string("subscriberAccessCode", required=True)
    participant_full_access_code: str | None = string("participantFullAccessCode", required=True)
    participant_limited_access_code: str | None = string("participantLimitedAccessCode", required=True)
    schedule_conf_id: int | None = integer("scheduleConfID", required=True)
    ext_telephony_description: str | None = string("extTelephonyDescription")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")
    teleconf_location: str | None = string("teleconfLocation")
    global_num: list[serv.GlobalCallInNumType] = many(record("globalNum", serv.GlobalCallInNumType))


class TelephonyType(Record):
    """The telephony of the conference."""

    ext_telephony_description: str | None = string("extTelephonyDescription")


class AudioOnlyInstanceTypeFullAccessAttendees(Record, anonymous=True):
    """Attendees who may speak."""

    attendee: list[AttendeeType] = many(record("attendee", AttendeeType))


class AudioOnlyInstanceTypeLimitedAccessAttendees(Record, anonymous=True):
    """Attendees who may listen only."""

    attendee: list[AttendeeType] = many(record("attendee", AttendeeType))


class AudioOnlyInstanceType(serv.BodyContentType):
    """A scheduled audio-only session."""

    access_control: AccessControlType | None = record("accessControl", AccessControlType)
    meta_data: MetaDataType | None = record("metaData", MetaDataType)
    schedule: ScheduleType | None = record("schedule", ScheduleType)
    teleconference: TeleconfInstanceType | None = record("teleconference", TeleconfInstanceType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    repeat: RepeatType | None = record("repeat", RepeatType)
    remind: RemindType | None = record("remind", RemindType)
    full_access_attendees: AudioOnlyInstanceTypeFullAccessAttendees | None = record(
        "fullAccessAttendees", AudioOnlyInstanceTypeFullAccessAttendees
    )
    limited_access_attendees: AudioOnlyInstanceTypeLimitedAccessAttendees | None = record(
        "limitedAccessAttendees", AudioOnlyInstanceTypeLimitedAccessAttendees
    )
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)
    telephony: TelephonyType | None = record("telephony", TelephonyType)
    host_type: str | None = string("hostType")


class CreateTeleconferenceSession(AudioOnlyType):
    """Request of CreateTeleconferenceSession: schedules an audio-only session."""


class CreateTeleconferenceSessionResponse(serv.BodyContentType):
    """Answer to CreateTeleconferenceSession."""

    session_key: int | None = long("sessionKey")


class SetTeleconferenceSession(AudioOnlyType):
    """Request of SetTeleconferenceSession: changes an audio-only session."""

    session_key: int | None = long("sessionKey", required=True)


class SetTeleconferenceSessionResponse(serv.BodyContentType):
    """Answer to SetTeleconferenceSession."""


class GetTeleconferenceSession(serv.BodyContentType):
    """Request of GetTeleconferenceSession: reads one audio-only session."""

    session_key: int | None = long("sessionKey", required=True)


class GetTeleconferenceSessionResponse(AudioOnlyInstanceType):
    """Answer to GetTeleconferenceSession."""
