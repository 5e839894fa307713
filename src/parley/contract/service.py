"""The message around every request and answer, and what lists have in common (namespace .../service)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.protocol.declare import Record, boolean, integer, many, record, string

SCHEMA = schemas.SERVICE

ResultTypeType = SCHEMA.enumeration("resultTypeType", "SUCCESS", "FAILURE")
LstOrderADType = SCHEMA.enumeration("lstOrderADType", "ASC", "DESC")
LstMethodType = SCHEMA.enumeration("lstMethodType", "AND", "OR")
GsbStatusType = SCHEMA.enumeration("gsbStatusType", "PRIMARY", "BACKUP")
TspAccessCodeOrderType = SCHEMA.enumeration("tspAccessCodeOrderType", "SUBSCRIBER_1ST", "PARTICIPANT_1ST")
AssistRequestType = SCHEMA.enumeration(
    "assistRequestType", "None", "Dry Run", "Consult", "Live Event Support", "Audio Streaming", "Video"
)
AssistConfirmedType = SCHEMA.enumeration("assistConfirmedType", "Pending", "Confirmed", "Cancelled")
WebACDRoleType = SCHEMA.enumeration("webACDRoleType", "AGENT", "MANAGER", "ALL")
WebACDActionType = SCHEMA.enumeration("webACDActionType", "ASSIGN", "UNASSIGN")
OrderByType = SCHEMA.enumeration("orderByType", "STARTTIME", "FIRSTNAME", "LASTNAME", "CONFNAME", "DURATION")


class SecurityContextType(com.SecurityType):
    """The securityContext of a request header."""


class SubErrorType(Record):
    """One of several errors of an answer."""

    exception_id: str | None = string("exceptionID", required=True)
    reason: str | None = string("reason", required=True)
    value: str | None = string("value")


class ResponseTypeSubErrors(Record, anonymous=True):
    """All errors that a request with validateFormat has."""

    sub_error: list[SubErrorType] = many(record("subError", SubErrorType), least=1)


class ResponseType(Record):
    """The response in the header of an answer: result, reason and exception."""

    result: str | None = string("result", ResultTypeType, required=True)
    reason: str | None = string("reason")
    gsb_status: str | None = string("gsbStatus", GsbStatusType)
    exception_id: str | None = string("exceptionID")
    sub_errors: ResponseTypeSubErrors | None = record("subErrors", ResponseTypeSubErrors)
    value: str | None = string("value")


class BodyContentType(Record):
    """Base of every request and answer; itself the empty content of a failure."""


class MessageTypeHeader(Record, anonymous=True):
    """Header of a message: securityContext in a request, response in an answer."""

    security_context: SecurityContextType | None = record("securityContext", SecurityContextType)
    response: list[ResponseType] = many(record("response", ResponseType))


class MessageTypeBody(Record, anonymous=True):
    """Body of a message."""

    body_content: list[BodyContentType] = many(record("bodyContent", BodyContentType), least=1)


class MessageType(Record):
    """A whole document, request or answer."""

    header: MessageTypeHeader | None = record("header", MessageTypeHeader, required=True)
    body: MessageTypeBody | None = record("body", MessageTypeBody, required=True)


class LstControlType(Record):
    """Which page of a list is wanted, and how filters combine."""

    start_from: int | None = integer("startFrom")
    maximum_num: int | None = integer("maximumNum")
    list_method: str | None = string("listMethod", LstMethodType)


class MatchingRecordsType(Record):
    """Which part of a list an answer holds."""

    total: int | None = integer("total", required=True)
    returned: int | None = integer("returned", required=True)
    start_from: int | None = integer("startFrom", required=True)


class GlobalCallInNumType(Record):
    """A call-in number of one country."""

    country_alias: str | None = string("countryAlias", required=True)
    phone_number: str | None = string("phoneNumber", required=True)
    toll_free: bool | None = boolean("tollFree", required=True)
    default: bool | None = boolean("default", since="10.0.0")
    default_sequence: int | None = integer("defaultSequence", since="11.0.0")


class CallInNumType(Record):
    """Numbers for calling in."""

    toll_num: str | None = string("tollNum", required=True)
    toll_free_num: str | None = string("tollFreeNum")
    intl_local_num: str | None = string("intlLocalNum")
    global_num: list[GlobalCallInNumType] = many(record("globalNum", GlobalCallInNumType))


class PersonalTeleServerType(CallInNumType):
    """A telephony server with its numbers and labels."""

    enable_server: bool | None = boolean("enableServer")
    toll_label: str | None = string("tollLabel")
    toll_free_label: str | None = string("tollFreeLabel")


class TspAccountType(Record):
    """Numbers and access codes of an account with a teleconference provider."""

    toll_free_call_in_number: str | None = string("tollFreeCallInNumber", required=True, max_length=512)
    toll_call_in_number: str | None = string("tollCallInNumber", required=True, max_length=512)
    subscriber_access_code: str | None = string("subscriberAccessCode", max_length=512)
    participant_access_code: str | None = string("participantAccessCode", max_length=512)


class TspAccountLabelType(Record):
    """What a teleconference provider calls its numbers and codes."""

    toll_free_call_in_number_label: str | None = string("tollFreeCallInNumberLabel", required=True, max_length=512)
    toll_call_in_number_label: str | None = string("tollCallInNumberLabel", required=True, max_length=512)
    subscriber_access_code_label: str | None = string("subscriberAccessCodeLabel", max_length=512)
    participant_access_code_label: str | None = string("participantAccessCodeLabel", max_length=512)


class ICalendarURLType(Record):
    """Addresses of the calendar files for host and attendees."""

    host: str | None = string("host", required=True)
    attendee: str | None = string("attendee", required=True)


class MeetingAssistType(Record):
    """Assistance by the vendor's staff that was asked for and confirmed."""

    assist_request: str | None = string("assistRequest", AssistRequestType)
    assist_confirm: str | None = string("assistConfirm", AssistConfirmedType)


class ListControlType(Record):
    """Which page of a list is wanted."""

    start_from: int | None = integer("startFrom")
    maximum_num: int | None = integer("maximumNum")


class DateScopeType(Record):
    """Range of start dates to list."""

    start_date_start: str | None = string("startDateStart")
    start_date_end: str | None = string("startDateEnd")
    time_zone_id: int | None = integer("timeZoneID", default="-1")
    return_specified_time_zone: bool | None = boolean("returnSpecifiedTimeZone", default="false")


class OrderType(Record):
    """Sort order of a list."""

    order_by: str | None = string("orderBy", OrderByType)
    order_ad: str | None = string("orderAD", LstOrderADType)


SCHEMA.element("message", MessageType)
