"""What took place: runs of sessions, stays of people, accesses to recordings (namespace .../service/history)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, int32, integer, long, many, misspelled, number, record, string

SCHEMA = schemas.HISTORY

OrderRecAccHisByType = SCHEMA.enumeration("orderRecAccHisByType", "RECORDID", "UPLOADTIME", "RECORDNAME")
OrderTCHisByType = SCHEMA.enumeration(
    "orderTCHisByType",
    "CONFNAME",
    "STARTTIME",
    "TOTALINVITED",
    "TOTALREGISTERED",
    "TOTALATTENDEE",
    "ASSISTREQUEST",
    "ASSISTCONFIRM",
)
OrderTCAttenHisByType = SCHEMA.enumeration(
    "orderTCAttenHisByType", "NAME", "STARTTIME", "COMPANY", "COUNTRY", "STATE", "CITY", "CONFID"
)
OrderMCHisByType = SCHEMA.enumeration(
    "orderMCHisByType", "CONFNAME", "STARTTIME", "TOTALATTENDEE", "HOSTNAME", "ASSISTREQUEST", "ASSISTCONFIRM"
)
OrderMCAttenHisByType = SCHEMA.enumeration(
    "orderMCAttenHisByType", "CONFID", "STARTTIME", "COMPANY", "COUNTRY", "STATE", "CITY"
)
ParticipantTypeType = SCHEMA.enumeration("participantTypeType", "HOST", "ATTENDEE", "OTHER")
OrderEcHisByType = SCHEMA.enumeration(
    "orderEcHisByType", "CONFID", "STARTTIME", "CONFNAME", "ASSISTREQUEST", "ASSISTCONFIRM"
)
OrderEcAttenHisByType = SCHEMA.enumeration("orderEcAttenHisByType", "STARTTIME", "ATTENDEENAME", "SESSIONKEY", "CONFID")
OrderScHisByType = SCHEMA.enumeration("orderScHisByType", "CONFID", "SESSIONSTARTTIME", "CONFNAME")
OrderScAttenHisByType = SCHEMA.enumeration("orderScAttenHisByType", "ATTENDEENAME", "STARTTIME", "SESSIONKEY", "CONFID")
AttendeeTypeType = SCHEMA.enumeration("attendeeTypeType", "PROSPECT", "SALESTEAM")
ExternalParticipantType = SCHEMA.enumeration("externalParticipantType", "N/A", "INTERNAL", "EXTERNAL")


class RecordAccessHistoryInstanceType(Record):
    """How often a recording was looked at."""

    record_id: int | None = long("recordID")
    record_name: str | None = string("recordName")
    creation_time: str | None = string("creationTime")
    registered: int | None = long("registered")
    downloaded: int | None = long("downloaded")
    viewed: int | None = long("viewed")
    time_zone_id: int | None = int32("timeZoneID", default="-1")


class CreationTimeScopeType(Record):
    """Range of creation times of recordings."""

    creation_time_start: str | None = string("creationTimeStart", required=True)
    creation_time_end: str | None = string("creationTimeEnd", required=True)


class ViewTimeScopeType(Record):
    """Range of times at which recordings were looked at."""

    view_time_start: str | None = string("viewTimeStart", required=True)
    view_time_end: str | None = string("viewTimeEnd", required=True)


class OrderRecAccHisType(Record):
    """Sort order of accesses to recordings."""

    order_by: list[str] = many(string("orderBy", OrderRecAccHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstrecordaccessHistory(serv.BodyContentType):
    """Request of LstrecordaccessHistory: lists how often recordings were looked at."""

    creation_time_scope: CreationTimeScopeType | None = record("creationTimeScope", CreationTimeScopeType)
    view_time_scope: ViewTimeScopeType | None = record("viewTimeScope", ViewTimeScopeType)
    order: OrderRecAccHisType | None = record("order", OrderRecAccHisType)
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    time_zone_id: int | None = int32("timeZoneID", default="-1")
    record_name: str | None = string("recordName")
    host_web_ex_id: str | None = string("hostWebExID")


class LstrecordaccessHistoryResponse(serv.BodyContentType):
    """Answer to LstrecordaccessHistory."""

    record_access_history: list[RecordAccessHistoryInstanceType] = many(
        record("recordAccessHistory", RecordAccessHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class LstrecordaccessDetailHistory(serv.BodyContentType):
    """Request of LstrecordaccessDetailHistory: lists who looked at a recording."""

    record_id: int | None = misspelled(long("recordID"), "recondID")
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    time_zone_id: int | None = int32("timeZoneID", default="-1")
    return_reg_fields: bool | None = boolean("returnRegFields")


class CustomFieldsType(Record):
    """An answer to a question of the host's own."""

    label: str | None = string("label")
    value: str | None = string("value")


class RegFieldsType(Record):
    """What somebody filled in before seeing a recording."""

    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    title: str | None = string("title")
    company: str | None = string("company")
    address1: str | None = string("address1")
    address2: str | None = string("address2")
    city: str | None = string("city")
    state: str | None = string("state")
    postal_code: str | None = string("postalCode")
    country: str | None = string("country")
    phone: str | None = string("phone")
    fax: str | None = string("fax")
    custom_fields: list[CustomFieldsType] = many(record("customFields", CustomFieldsType))


class RecordAccessDetailHistoryType(Record):
    """One access to a recording."""

    view_id: int | None = long("viewID")
    participant_name: str | None = string("participantName")
    participant_email: str | None = string("participantEmail")
    access_time: str | None = string("accessTime")
    registered: bool | None = boolean("registered")
    register_date: str | None = string("registerDate")
    downloaded: bool | None = boolean("downloaded")
    viewed: bool | None = boolean("viewed")
    time_zone_id: int | None = int32("timeZoneID", default="-1")
    reg_fields: RegFieldsType | None = record("regFields", RegFieldsType)


class LstrecordaccessDetailHistoryResponse(serv.BodyContentType):
    """Answer to LstrecordaccessDetailHistory."""

    record_detail: list[RecordAccessDetailHistoryType] = many(record("recordDetail", RecordAccessDetailHistoryType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class StartTimeRangeType(Record):
    """Range of start times."""

    start_time_start: str | None = string("startTimeStart", required=True)
    start_time_end: str | None = string("startTimeEnd", required=True)


class TrainSessionHistoryInstanceType(serv.BodyContentType):
    """One run of a training."""

    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    session_start_time: str | None = string("sessionStartTime")
    session_end_time: str | None = string("sessionEndTime")
    duration: int | None = long("duration")
    total_attendee: int | None = long("totalAttendee")
    total_registered: int | None = long("totalRegistered")
    total_invited: int | None = long("totalInvited")
    timezone: int | None = long("timezone")
    tracking_code: com.TrackingType | None = record("trackingCode", com.TrackingType)
    user_id: int | None = int32("userID")
    host_web_ex_id: str | None = string("hostWebExID")
    host_email: str | None = string("hostEmail")
    total_people_minutes: int | None = int32("totalPeopleMinutes")
    total_call_in_minutes: int | None = int32("totalCallInMinutes")
    total_call_in_tolllfree_minutes: int | None = int32("totalCallInTolllfreeMinutes")
    total_call_out_domestic: int | None = int32("totalCallOutDomestic")
    total_call_out_international: int | None = int32("totalCallOutInternational")
    total_voip_minutes: int | None = int32("totalVoipMinutes")
    total_participants: int | None = int32("totalParticipants")
    total_participants_voip: int | None = integer("totalParticipantsVoip")
    total_participants_call_in: int | None = integer("totalParticipantsCallIn")
    total_participants_call_out: int | None = integer("totalParticipantsCallOut")
    conf_id: int | None = long("confID")
    peak_attendee: int | None = long("peakAttendee")
    pso_fields: com.PsoFieldsType | None = record("psoFields", com.PsoFieldsType)
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)


class StartTimeScopeType(Record):
    """Range of start times."""

    session_start_time_start: str | None = string("sessionStartTimeStart", required=True)
    session_start_time_end: str | None = string("sessionStartTimeEnd", required=True)


class OrderTCHisType(Record):
    """Sort order of runs of trainings."""

    order_by: list[str] = many(string("orderBy", OrderTCHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class EndTimeScopeType(Record):
    """Range of end times."""

    session_end_time_start: str | None = string("sessionEndTimeStart", required=True)
    session_end_time_end: str | None = string("sessionEndTimeEnd", required=True)


class LsttrainingsessionHistory(serv.BodyContentType):
    """Request of LsttrainingsessionHistory: lists past trainings."""

    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType)
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderTCHisType | None = record("order", OrderTCHisType)
    host_web_ex_id: str | None = string("hostWebExID")
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    conf_id: int | None = long("confID")
    time_zone_id: int | None = int32("timeZoneID")
    return_pso_fields: bool | None = boolean("returnPSOFields")
    pso_fields: com.PsoFieldsType | None = record("psoFields", com.PsoFieldsType)


class LsttrainingsessionHistoryResponse(serv.BodyContentType):
    """Answer to LsttrainingsessionHistory."""

    training_session_history: list[TrainSessionHistoryInstanceType] = many(
        record("trainingSessionHistory", TrainSessionHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class TrainingAttendeeHistoryInstanceType(serv.BodyContentType):
    """One stay of a person in a training."""

    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    attendee_name: str | None = string("attendeeName")
    attendee_email: str | None = string("attendeeEmail")
    start_time: str | None = string("startTime")
    end_time: str | None = string("endTime")
    duration: int | None = int32("duration")
    registered: str | None = string("registered")
    invited: str | None = string("invited")
    company: str | None = string("company")
    title: str | None = string("title")
    phone: str | None = string("phone")
    address1: str | None = string("address1")
    address2: str | None = string("address2")
    city: str | None = string("city")
    state: str | None = string("state")
    country: str | None = string("country")
    zip: str | None = string("zip")
    ip_address: str | None = string("ipAddress")
    participant_type: str | None = string("participantType", ParticipantTypeType)
    voip_duration: int | None = int32("voipDuration")
    client_agent: str | None = string("clientAgent")
    conf_id: int | None = long("confID")


class OrderTCAttenHisType(Record):
    """Sort order of stays in trainings."""

    order_by: list[str] = many(string("orderBy", OrderTCAttenHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LsttrainingattendeeHistory(serv.BodyContentType):
    """Request of LsttrainingattendeeHistory: lists who was in past trainings."""

    session_key: int | None = long("sessionKey")
    order: OrderTCAttenHisType | None = record("order", OrderTCAttenHisType)
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType)
    conf_name: str | None = string("confName")
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    conf_id: int | None = long("confID")
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    time_zone_id: int | None = int32("timeZoneID")


class LsttrainingattendeeHistoryResponse(serv.BodyContentType):
    """Answer to LsttrainingattendeeHistory."""

    training_attendee_history: list[TrainingAttendeeHistoryInstanceType] = many(
        record("trainingAttendeeHistory", TrainingAttendeeHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class MeetingUsageHistoryInstanceType(serv.BodyContentType):
    """One run of a meeting."""

    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    meeting_start_time: str | None = string("meetingStartTime")
    meeting_end_time: str | None = string("meetingEndTime")
    duration: int | None = long("duration")
    timezone: str | None = string("timezone")
    tracking_code: com.TrackingType | None = record("trackingCode", com.TrackingType)
    meeting_type: str | None = string("meetingType")
    host_web_ex_id: str | None = string("hostWebExID")
    host_name: str | None = string("hostName")
    host_email: str | None = string("hostEmail")
    total_call_in_minutes: int | None = long("totalCallInMinutes")
    total_people_minutes: int | None = long("totalPeopleMinutes")
    total_call_in_tollfree_minutes: int | None = long("totalCallInTollfreeMinutes")
    total_call_out_domestic: int | None = long("totalCallOutDomestic")
    total_call_out_international: int | None = long("totalCallOutInternational")
    total_voip_minutes: int | None = long("totalVoipMinutes")
    user_id: int | None = integer("userID")
    total_participants: int | None = integer("totalParticipants")
    total_participants_voip: int | None = int32("totalParticipantsVoip")
    total_participants_call_in: int | None = integer("totalParticipantsCallIn")
    total_participants_call_out: int | None = integer("totalParticipantsCallOut")
    conf_id: int | None = long("confID")
    peak_attendee: int | None = long("peakAttendee")
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)
    toll_call_in_international: int | None = long("tollCallInInternational", since="11.0.0")
    tollfree_call_in_international: int | None = long("tollfreeCallInInternational", since="11.0.0")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class OrderMCHisType(Record):
    """Sort order of runs of meetings."""

    order_by: list[str] = many(string("orderBy", OrderMCHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstmeetingusageHistory(serv.BodyContentType):
    """Request of LstmeetingusageHistory: lists past meetings."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderMCHisType | None = record("order", OrderMCHisType)
    conf_name: str | None = string("confName")
    meeting_key: int | None = long("meetingKey")
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType)
    host_web_ex_id: str | None = string("hostWebExID")
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    conf_id: int | None = long("confID")
    incl_audio_only: bool | None = boolean("inclAudioOnly")
    time_zone_id: int | None = int32("timeZoneID")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class LstmeetingusageHistoryResponse(serv.BodyContentType):
    """Answer to LstmeetingusageHistory."""

    meeting_usage_history: list[MeetingUsageHistoryInstanceType] = many(
        record("meetingUsageHistory", MeetingUsageHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class StartTimeValueType(Record):
    """Range of start times."""

    session_start_time_start: str | None = string("sessionStartTimeStart", required=True)
    session_start_time_end: str | None = string("sessionStartTimeEnd", required=True)


class MeetingAttendeeHistoryInstanceType(serv.BodyContentType):
    """One stay of a person in a meeting."""

    meeting_key: int | None = long("meetingKey")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")
    conf_name: str | None = string("confName")
    ip_address: str | None = string("ipAddress")
    client_agent: str | None = string("clientAgent")
    company: str | None = string("company")
    title: str | None = string("title")
    phone_number: str | None = string("phoneNumber")
    address1: str | None = string("address1")
    address2: str | None = string("address2")
    city: str | None = string("city")
    state: str | None = string("state")
    country: str | None = string("country")
    zip_code: str | None = string("zipCode")
    name: str | None = string("name")
    email: str | None = string("email")
    join_time: str | None = string("joinTime")
    leave_time: str | None = string("leaveTime")
    duration: str | None = string("duration")
    participant_type: str | None = string("participantType", ParticipantTypeType)
    voip_duration: int | None = integer("voipDuration")
    conf_id: int | None = long("confID")
    external_participant: str | None = string("externalParticipant", ExternalParticipantType, since="8.0.0")


class OrderMCAttenHisType(Record):
    """Sort order of stays in meetings."""

    order_by: list[str] = many(string("orderBy", OrderMCAttenHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstmeetingattendeeHistory(serv.BodyContentType):
    """Request of LstmeetingattendeeHistory: lists who was in past meetings."""

    meeting_key: int | None = long("meetingKey")
    order: OrderMCAttenHisType | None = record("order", OrderMCAttenHisType)
    start_time_scope: StartTimeValueType | None = record("startTimeScope", StartTimeValueType)
    conf_name: str | None = string("confName")
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    conf_id: int | None = long("confID")
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    incl_audio_only: bool | None = boolean("inclAudioOnly")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class LstmeetingattendeeHistoryResponse(serv.BodyContentType):
    """Answer to LstmeetingattendeeHistory."""

    meeting_attendee_history: list[MeetingAttendeeHistoryInstanceType] = many(
        record("meetingAttendeeHistory", MeetingAttendeeHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class SourceType(Record):
    """Where an attendee learned of the event."""

    lead_source_id: str | None = string("leadSourceID", required=True)
    count: int | None = long("count", required=True)
    avg_lead_score: float | None = number("avgLeadScore", "xsd:float", required=True)


class EventSessionHistoryInstanceType(serv.BodyContentType):
    """One run of an event."""

    conf_id: int | None = long("confID")
    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    session_start_time: str | None = string("sessionStartTime")
    session_end_time: str | None = string("sessionEndTime")
    duration: int | None = int32("duration")
    timezone: int | None = long("timezone")
    tracking_code: com.TrackingType | None = record("trackingCode", com.TrackingType)
    meeting_type: str | None = string("meetingType")
    user_id: int | None = int32("userID")
    host_web_ex_id: str | None = string("hostWebExID")
    host_name: str | None = string("hostName")
    host_email: str | None = string("hostEmail")
    total_people_minutes: int | None = int32("totalPeopleMinutes")
    total_call_in_minutes: int | None = int32("totalCallInMinutes")
    total_call_in_tollfree_minutes: int | None = int32("totalCallInTollfreeMinutes")
    total_call_out_domestic: int | None = int32("totalCallOutDomestic")
    total_call_out_international: int | None = int32("totalCallOutInternational")
    total_voip_minutes: int | None = int32("totalVoipMinutes")
    total_participants: int | None = int32("totalParticipants")
    total_participants_voip: int | None = int32("totalParticipantsVoip")
    total_participants_call_in: int | None = integer("totalParticipantsCallIn")
    total_participants_call_out: int | None = integer("totalParticipantsCallOut")
    source: SourceType | None = record("source", SourceType)
    peak_attendee: int | None = long("peakAttendee")
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)
    toll_call_in_international: int | None = int32("tollCallInInternational", since="11.0.0")
    tollfree_call_in_international: int | None = int32("tollfreeCallInInternational", since="11.0.0")


class OrderEcHisType(Record):
    """Sort order of runs of events."""

    order_by: list[str] = many(string("orderBy", OrderEcHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LsteventsessionHistory(serv.BodyContentType):
    """Request of LsteventsessionHistory: lists past events."""

    host_web_ex_id: str | None = string("hostWebExID")
    conf_name: str | None = string("confName")
    start_time_scope: StartTimeValueType | None = record("startTimeScope", StartTimeValueType)
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderEcHisType | None = record("order", OrderEcHisType)
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    session_key: int | None = long("sessionKey")
    conf_id: int | None = long("confID")
    time_zone_id: int | None = int32("timeZoneID")


class LsteventsessionHistoryResponse(serv.BodyContentType):
    """Answer to LsteventsessionHistory."""

    event_session_history: list[EventSessionHistoryInstanceType] = many(
        record("eventSessionHistory", EventSessionHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class RegQandAType(Record):
    """A question of the registration form and its answer."""

    reg_q: str | None = string("regQ", required=True)
    reg_a: str | None = string("regA", required=True)


class EventAttendeeHistoryInstanceType(serv.BodyContentType):
    """One stay of a person in an event."""

    session_key: int | None = long("sessionKey")
    attendee_name: str | None = string("attendeeName")
    attendee_email: str | None = string("attendeeEmail")
    start_time: str | None = string("startTime")
    end_time: str | None = string("endTime")
    duration: int | None = int32("duration")
    registered: str | None = string("registered")
    invited: str | None = string("invited")
    company: str | None = string("company")
    title: str | None = string("title")
    phone: str | None = string("phone")
    address1: str | None = string("address1")
    address2: str | None = string("address2")
    city: str | None = string("city")
    state: str | None = string("state")
    country: str | None = string("country")
    zip: str | None = string("zip")
    ip_address: str | None = string("ipAddress")
    participant_type: str | None = string("participantType", ParticipantTypeType)
    voip_duration: int | None = int32("voipDuration")
    client_agent: str | None = string("clientAgent")
    conf_id: int | None = long("confID")
    lead_source_id: str | None = string("leadSourceID")
    lead_score: float | None = number("leadScore", "xsd:float")
    reg_q_and_a: list[RegQandAType] = many(record("regQandA", RegQandAType))


class OrderEcAttenHisType(Record):
    """Sort order of stays in events."""

    order_by: list[str] = many(string("orderBy", OrderEcAttenHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LsteventattendeeHistory(serv.BodyContentType):
    """Request of LsteventattendeeHistory: lists who was in past events."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderEcAttenHisType | None = record("order", OrderEcAttenHisType)
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType)
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    conf_id: int | None = long("confID")
    attendee_stats: bool | None = boolean("attendeeStats")


class LsteventattendeeHistoryResponse(serv.BodyContentType):
    """Answer to LsteventattendeeHistory."""

    event_attendee_history: list[EventAttendeeHistoryInstanceType] = many(
        record("eventAttendeeHistory", EventAttendeeHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class SupportSessionHistoryInstanceType(serv.BodyContentType):
    """One run of a support session."""

    session_key: int | None = long("sessionKey")
    conf_name: str | None = string("confName")
    session_start_time: str | None = string("sessionStartTime")
    session_end_time: str | None = string("sessionEndTime")
    duration: int | None = int32("duration")
    timezone: int | None = long("timezone")
    meeting_type: str | None = string("meetingType")
    host_web_ex_id: str | None = string("hostWebExID")
    host_name: str | None = string("hostName")
    host_email: str | None = string("hostEmail")
    total_people_minutes: int | None = int32("totalPeopleMinutes")
    conf_id: int | None = long("confID")
    peak_attendee: int | None = long("peakAttendee")
    tracking_code: com.TrackingType | None = record("trackingCode", com.TrackingType)


class OrderScHisType(Record):
    """Sort order of runs of support sessions."""

    order_by: list[str] = many(string("orderBy", OrderScHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstsupportsessionHistory(serv.BodyContentType):
    """Request of LstsupportsessionHistory: lists past support sessions."""

    session_key: int | None = long("sessionKey")
    host_web_ex_id: str | None = string("hostWebExID")
    start_time_scope: StartTimeValueType | None = record("startTimeScope", StartTimeValueType)
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderScHisType | None = record("order", OrderScHisType)
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    conf_id: int | None = long("confID")
    time_zone_id: int | None = int32("timeZoneID")


class LstsupportsessionHistoryResponse(serv.BodyContentType):
    """Answer to LstsupportsessionHistory."""

    support_session_history: list[SupportSessionHistoryInstanceType] = many(
        record("supportSessionHistory", SupportSessionHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class SupportAttendeeHistoryInstanceType(serv.BodyContentType):
    """One stay of a person in a support session."""

    session_key: int | None = long("sessionKey")
    attendee_name: str | None = string("attendeeName")
    attendee_email: str | None = string("attendeeEmail")
    start_time: str | None = string("startTime")
    end_time: str | None = string("endTime")
    duration: int | None = int32("duration")
    company: str | None = string("company")
    phone: str | None = string("phone")
    ip_address: str | None = string("ipAddress")
    participant_type: str | None = string("participantType", ParticipantTypeType)
    client_agent: str | None = string("clientAgent")
    conf_id: int | None = long("confID")


class OrderScAttenHisType(Record):
    """Sort order of stays in support sessions."""

    order_by: list[str] = many(string("orderBy", OrderScAttenHisByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstsupportattendeeHistory(serv.BodyContentType):
    """Request of LstsupportattendeeHistory: lists who was in past support sessions."""

    session_key: int | None = long("sessionKey")
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderScAttenHisType | None = record("order", OrderScAttenHisType)
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType)
    end_time_scope: EndTimeScopeType | None = record("endTimeScope", EndTimeScopeType)
    conf_id: int | None = long("confID")


class LstsupportattendeeHistoryResponse(serv.BodyContentType):
    """Answer to LstsupportattendeeHistory."""

    support_attendee_history: list[SupportAttendeeHistoryInstanceType] = many(
        record("supportAttendeeHistory", SupportAttendeeHistoryInstanceType)
    )
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class SalesSessionHistoryInstanceType(MeetingUsageHistoryInstanceType):
    """One run of a sales session."""

    account: str | None = string("account")
    opportunity: str | None = string("opportunity")


class LstsalesSessionHistory(LstmeetingusageHistory):
    """Request of LstsalesSessionHistory: lists past sales sessions."""

    account: str | None = string("account")
    opportunity: str | None = string("opportunity")


class LstsalesSessionHistoryResponse(serv.BodyContentType):
    """Answer to LstsalesSessionHistory."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    sales_session_history: list[SalesSessionHistoryInstanceType] = many(
        record("salesSessionHistory", SalesSessionHistoryInstanceType)
    )


class SalesAttendeeHistoryInstanceType(MeetingAttendeeHistoryInstanceType):
    """One stay of a person in a sales session."""

    account: str | None = string("account")
    opportunity: str | None = string("opportunity")
    attendee_type: str | None = string("attendeeType", AttendeeTypeType)


class LstsalesAttendeeHistory(LstmeetingattendeeHistory):
    """Request of LstsalesAttendeeHistory: lists who was in past sales sessions."""

    time_zone_id: int | None = integer("timeZoneID", default="-1")


class LstsalesAttendeeHistoryResponse(serv.BodyContentType):
    """Answer to LstsalesAttendeeHistory."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    sales_attendee_history: list[SalesAttendeeHistoryInstanceType] = many(
        record("salesAttendeeHistory", SalesAttendeeHistoryInstanceType)
    )


class LstEventSessionPreliminaryHistory(serv.BodyContentType):
    """Request of LstEventSessionPreliminaryHistory: lists events that ended a short while ago."""

    conf_id: int | None = long("confID", since="10.0.0")
    conf_name: str | None = string("confName", since="10.0.0")
    session_key: int | None = long("sessionKey", since="10.0.0")
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType, since="10.0.0")
    host_web_ex_id: str | None = string("hostWebExID", since="10.0.0")


class LstEventAttendeePreliminaryHistory(serv.BodyContentType):
    """Request of LstEventAttendeePreliminaryHistory: lists who was in events that ended a short while ago."""

    conf_id: int | None = long("confID", since="10.0.0")
    conf_name: str | None = string("confName", since="10.0.0")
    session_key: int | None = long("sessionKey", since="10.0.0")
    start_time_scope: StartTimeScopeType | None = record("startTimeScope", StartTimeScopeType, since="10.0.0")
    host_web_ex_id: str | None = string("hostWebExID", since="10.0.0")


class LstEventSessionPreliminaryHistoryResponse(serv.BodyContentType):
    """Answer to LstEventSessionPreliminaryHistory."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    event_session_history: list[EventSessionHistoryInstanceType] = many(
        record("eventSessionHistory", EventSessionHistoryInstanceType)
    )


class LstEventAttendeePreliminaryHistoryResponse(serv.BodyContentType):
    """Answer to LstEventAttendeePreliminaryHistory."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    event_attendee_history: list[EventAttendeeHistoryInstanceType] = many(
        record("eventAttendeeHistory", EventAttendeeHistoryInstanceType)
    )
