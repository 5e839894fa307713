"""Invitations, registrations and feedback (namespace .../service/attendee)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, int32, long, many, record, string

SCHEMA = schemas.ATTENDEE

OrderByType = SCHEMA.enumeration(
    "orderByType",
    "CONFID",
    "ATTENDEEID",
    "ATTENDEETYPE",
    "ATTENDEENAME",
    "ATTENDEEWEBEXID",
    "JOINSTATUS",
    "EMAIL",
    "PHONE",
    "MOBILE",
    "FAX",
    "COMPANY",
    "TITLE",
    "URL",
    "ADDRESS1",
    "ADDRESS2",
    "CITY",
    "STATE",
    "ZIPCODE",
    "COUNTRY",
    "NOTES",
    "ADDRESSTYPE",
)
JoinStatusType = SCHEMA.enumeration("joinStatusType", "REGISTER", "INVITE", "REJECT", "ACCEPT")
RoleType = SCHEMA.enumeration("roleType", "ATTENDEE", "PRESENTER", "HOST", "LIMITED")
AttendeeEnrollStatusType = SCHEMA.enumeration("attendeeEnrollStatusType", "PENDING", "APPROVED", "REJECTED")


class AttendeeType(serv.BodyContentType):
    """A person invited to a session."""

    person: com.PersonType | None = record("person", com.PersonType, required=True)
    contact_id: int | None = long("contactID")
    join_status: str | None = string("joinStatus", JoinStatusType)
    meeting_key: int | None = long("meetingKey")
    session_key: int | None = long("sessionKey")
    language: str | None = string("language")
    role: str | None = string("role", RoleType)
    email_invitations: bool | None = boolean("emailInvitations", default="false")
    locale: str | None = string("locale")
    time_zone_id: int | None = long("timeZoneID")
    language_id: int | None = long("languageID")
    session_num: int | None = int32("sessionNum", since="8.0.0")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class RegisterAttendeeType(serv.BodyContentType):
    """A person registering for a session."""

    person: com.PersonType | None = record("person", com.PersonType, required=True)
    join_status: str | None = string("joinStatus", JoinStatusType)
    session_key: int | None = long("sessionKey")
    role: str | None = string("role", RoleType)
    conf_id: int | None = long("confID")
    email_invitations: bool | None = boolean("emailInvitations", default="false")
    language: str | None = string("language")
    locale: str | None = string("locale")
    time_zone_id: int | None = long("timeZoneID")
    session_num: int | None = int32("sessionNum", since="8.0.0")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class AttendeeStatusType(Record):
    """How far an invitation or a registration has come."""

    invited: bool | None = boolean("invited", required=True)
    registered: bool | None = boolean("registered", required=True)
    rejected: bool | None = boolean("rejected", required=True)
    accepted: bool | None = boolean("accepted", required=True)


class AttendeeInstanceType(AttendeeType):
    """A person on the attendee list of a session."""

    attendee_id: int | None = long("attendeeId", required=True)
    conf_id: int | None = long("confID")
    status: AttendeeStatusType | None = record("status", AttendeeStatusType)
    register_id: int | None = long("registerID")


class CreateMeetingAttendee(AttendeeType):
    """Request of CreateMeetingAttendee: invites one person, and any number of further ones."""

    attendees: list[AttendeeType] = many(record("attendees", AttendeeType))
    validate_format: bool | None = boolean("validateFormat")


class CreateMeetingAttendeeResponseRegister(Record, anonymous=True):
    """Numbers given to one attendee."""

    attendee_id: int | None = long("attendeeID", required=True)
    register_id: int | None = long("registerID", required=True)


class CreateMeetingAttendeeResponse(serv.BodyContentType):
    """Answer to CreateMeetingAttendee."""

    attendee_id: list[int] = many(long("attendeeId"))
    register: list[CreateMeetingAttendeeResponseRegister] = many(
        record("register", CreateMeetingAttendeeResponseRegister)
    )


class RegisterMeetingAttendee(serv.BodyContentType):
    """Request of RegisterMeetingAttendee: registers people for a session that takes registrations."""

    attendees: list[RegisterAttendeeType] = many(record("attendees", RegisterAttendeeType), least=1)
    validate_format: bool | None = boolean("validateFormat")


class RegisterMeetingAttendeeResponseRegister(Record, anonymous=True):
    """Numbers given to one registrant."""

    attendee_id: int | None = long("attendeeID", required=True)
    register_id: int | None = long("registerID", required=True)


class RegisterMeetingAttendeeResponse(serv.BodyContentType):
    """Answer to RegisterMeetingAttendee."""

    register: list[RegisterMeetingAttendeeResponseRegister] = many(
        record("register", RegisterMeetingAttendeeResponseRegister)
    )


class OrderType(Record):
    """Sort order of a list of attendees."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstMeetingAttendee(serv.BodyContentType):
    """Request of LstMeetingAttendee: lists the people invited to or registered for a session."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    meeting_key: int | None = long("meetingKey")
    session_key: int | None = long("sessionKey")
    join_status: str | None = string("joinStatus", JoinStatusType)
    conf_id: int | None = long("confID")
    incl_history: bool | None = boolean("inclHistory")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class LstMeetingAttendeeResponse(serv.BodyContentType):
    """Answer to LstMeetingAttendee."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    attendee: list[AttendeeInstanceType] = many(record("attendee", AttendeeInstanceType))


class AttendeeEmailType(Record):
    """An attendee named by address and session."""

    email: str | None = string("email", com.EmailType, required=True)
    session_key: int | None = long("sessionKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class DelMeetingAttendee(serv.BodyContentType):
    """Request of DelMeetingAttendee: removes attendees, named by number or by address and session."""

    attendee_id: list[int] = many(long("attendeeID"))
    attendee_email: list[AttendeeEmailType] = many(record("attendeeEmail", AttendeeEmailType))
    send_email: bool | None = boolean("sendEmail")


class DelMeetingAttendeeResponse(serv.BodyContentType):
    """Answer to DelMeetingAttendee."""


class GetEnrollmentInfo(serv.BodyContentType):
    """Request of GetEnrollmentInfo: reads what registrants of a session filled in."""

    conf_id: int | None = long("confID")
    session_key: int | None = long("sessionKey")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class EnrollDefaultFieldsType(Record):
    """What a registrant filled into the standard fields."""

    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    email: str | None = string("email")
    company: str | None = string("company")
    phone_num: str | None = string("phoneNum")
    title: str | None = string("title")
    num_employees: str | None = string("numEmployees")
    receive_info: bool | None = boolean("receiveInfo")
    address1: str | None = string("address1")
    address2: str | None = string("address2")
    city: str | None = string("city")
    state: str | None = string("state")
    zipcode: str | None = string("zipcode")
    country: str | None = string("country")
    lead_source_id: str | None = string("leadSourceID")
    lead_score: str | None = string("leadScore")


class FieldType(Record):
    """What was filled into a field of the host's own."""

    label: str | None = string("label", required=True)
    value: str | None = string("value")


class EnrollAttendeeTypeEnrollFieldsCustomFields(Record, anonymous=True):
    """Answers to the host's own questions."""

    field: list[FieldType] = many(record("field", FieldType))


class EnrollAttendeeTypeEnrollFields(Record, anonymous=True):
    """What a registrant filled in."""

    default_fields: EnrollDefaultFieldsType | None = record("defaultFields", EnrollDefaultFieldsType)
    custom_fields: EnrollAttendeeTypeEnrollFieldsCustomFields | None = record(
        "customFields", EnrollAttendeeTypeEnrollFieldsCustomFields
    )


class EnrollAttendeeType(Record):
    """One registrant with the registration form."""

    attendee_id: int | None = long("attendeeID", required=True)
    enroll_fields: EnrollAttendeeTypeEnrollFields | None = record("enrollFields", EnrollAttendeeTypeEnrollFields)
    domain: str | None = string("domain")
    ip_address: str | None = string("ipAddress")
    submit_time: str | None = string("submitTime")
    status: str | None = string("status", AttendeeEnrollStatusType)


class EnrollSessionType(Record):
    """Registrants of one run of a session."""

    conf_id: int | None = long("confID", required=True)
    attendee: list[EnrollAttendeeType] = many(record("attendee", EnrollAttendeeType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    session_key: int | None = long("sessionKey", required=True)


class GetEnrollmentInfoResponse(serv.BodyContentType):
    """Answer to GetEnrollmentInfo."""

    session: list[EnrollSessionType] = many(record("session", EnrollSessionType))


class GetFeedbackInfo(serv.BodyContentType):
    """Request of GetFeedbackInfo: reads what attendees said about a session."""

    conf_id: int | None = long("confID", required=True)


class FeedbackDefaultFieldsType(Record):
    """Marks and remarks given after a session."""

    setup: str | None = string("setup")
    ease_of_use: str | None = string("easeOfUse")
    performance: str | None = string("performance")
    comment: str | None = string("comment")


class FeedbackAttendeeTypeFeedbackFieldsCustomFields(Record, anonymous=True):
    """Answers to the host's own questions."""

    field: list[FieldType] = many(record("field", FieldType))


class FeedbackAttendeeTypeFeedbackFields(Record, anonymous=True):
    """What an attendee said about the session."""

    default_fields: FeedbackDefaultFieldsType | None = record("defaultFields", FeedbackDefaultFieldsType)
    custom_fields: FeedbackAttendeeTypeFeedbackFieldsCustomFields | None = record(
        "customFields", FeedbackAttendeeTypeFeedbackFieldsCustomFields
    )


class FeedbackAttendeeType(Record):
    """Feedback of one attendee."""

    attendee_id: int | None = long("attendeeID", required=True)
    feedback_fields: FeedbackAttendeeTypeFeedbackFields | None = record(
        "feedbackFields", FeedbackAttendeeTypeFeedbackFields
    )


class FeedbackSessionType(Record):
    """Feedback on one run of a session."""

    conf_id: int | None = long("confID", required=True)
    attendee: list[FeedbackAttendeeType] = many(record("attendee", FeedbackAttendeeType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class GetFeedbackInfoResponse(serv.BodyContentType):
    """Answer to GetFeedbackInfo."""

    session: list[FeedbackSessionType] = many(record("session", FeedbackSessionType))
