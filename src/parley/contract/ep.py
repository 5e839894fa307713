"""Sessions across services, one-click meetings and address books (namespace .../service/ep).

Recordings are in `ep_recording`.
"""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import meeting as meet
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, int32, integer, long, many, record, string

SCHEMA = schemas.EP

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
    "ASSISTREQUEST",
    "ASSISTCONFIRM",
)
StatusType = SCHEMA.enumeration("statusType", "NOT_INPROGRESS", "INPROGRESS")
ContactOperationType = SCHEMA.enumeration("contactOperationType", "ADD", "DELETE", "DELETE_ALL")
TestDeliveryType = SCHEMA.enumeration("testDeliveryType", "WEBSITE", "IN_SESSION")
TestStatusType = SCHEMA.enumeration("testStatusType", "NOT_STARTED", "STARTED", "ENDED")
ListingType = SCHEMA.enumeration("listingType", "PUBLIC", "PRIVATE", "UNLISTED")
TelephonySupportType = SCHEMA.enumeration("telephonySupportType", "NONE", "CALLIN", "CALLBACK", "OTHER")
TemplateTypeType = SCHEMA.enumeration("templateTypeType", "User", "Site", "Service")
SearchFieldType = SCHEMA.enumeration("searchFieldType", "CONFNAME", "HOSTNAME")
MatchMethodType = SCHEMA.enumeration("matchMethodType", "EXACT", "STARTWITH", "CONTAIN")
AttendeeRoleType = SCHEMA.enumeration("attendeeRoleType", "ATTENDEE", "PRESENTER", "ALTERNATEHOST")
SessionRegisterStatusType = SCHEMA.enumeration("sessionRegisterStatusType", "FULL", "CLOSED", "WAITLIST", "REGISTER")
FormatType = SCHEMA.enumeration("formatType", "TEXT", "HTML")


class GetAPIVersion(serv.BodyContentType):
    """Request of GetAPIVersion: asks which version of the API the site has."""

    return_train_release_version: bool | None = boolean("returnTrainReleaseVersion")


class GetAPIVersionResponse(serv.BodyContentType):
    """Answer to GetAPIVersion."""

    api_version: str | None = string("apiVersion", required=True)
    release: str | None = string("release")
    train_release_version: str | None = string("trainReleaseVersion")
    train_release_order: int | None = integer("trainReleaseOrder", since="10.0.0")
    api_ver: str | None = string("apiVer", since="39.7.0")


class LstOpenSession(serv.BodyContentType):
    """Request of LstOpenSession: lists sessions in progress that anybody may see."""

    service_type: list[str] = many(string("serviceType", com.ServiceTypeType))


class OpenSessionType(Record):
    """A session in progress that anybody may see."""

    session_key: int | None = long("sessionKey", required=True)
    session_name: str | None = string("sessionName", required=True)
    host_web_ex_id: str | None = string("hostWebExID", required=True)
    start_time: str | None = string("startTime", required=True)
    actual_start_time: str | None = string("actualStartTime", required=True)
    time_zone_id: int | None = long("timeZoneID", required=True)
    list_status: str | None = string("listStatus", com.ListingType, required=True)


class LstOpenSessionResponseServices(Record, anonymous=True):
    """The open sessions of one service."""

    service_type: str | None = string("serviceType", com.ServiceTypeType, required=True)
    sessions: list[OpenSessionType] = many(record("sessions", OpenSessionType))


class LstOpenSessionResponse(serv.BodyContentType):
    """Answer to LstOpenSession."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    services: list[LstOpenSessionResponseServices] = many(record("services", LstOpenSessionResponseServices))


class OrderType(Record):
    """Sort order of a list of sessions."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)
    case_sensitive: bool | None = boolean("caseSensitive", default="true")


class DateScopeType(Record):
    """Ranges of start and end dates to list."""

    start_date_start: str | None = string("startDateStart")
    start_date_end: str | None = string("startDateEnd")
    end_date_start: str | None = string("endDateStart")
    end_date_end: str | None = string("endDateEnd")
    time_zone_id: int | None = integer("timeZoneID", default="-1")
    return_specified_time_zone: bool | None = boolean("returnSpecifiedTimeZone")


class LstsummarySessionSessionTypes(Record, anonymous=True):
    """Session types to list."""

    session_type: list[int] = many(integer("sessionType"))


class LstsummarySessionServiceTypes(Record, anonymous=True):
    """Services to list."""

    service_type: list[str] = many(string("serviceType", com.ServiceTypeType))


class LstsummarySession(serv.BodyContentType):
    """Request of LstsummarySession: lists sessions of all services."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    session_types: LstsummarySessionSessionTypes | None = record("sessionTypes", LstsummarySessionSessionTypes)
    service_types: LstsummarySessionServiceTypes | None = record("serviceTypes", LstsummarySessionServiceTypes)
    session_key: int | None = long("sessionKey")
    host_web_ex_id: str | None = string("hostWebExID")
    host_email: str | None = string("hostEmail")
    status: str | None = string("status", StatusType)
    recurrence: bool | None = boolean("recurrence")
    invited: bool | None = boolean("invited")
    conf_id: int | None = long("confID")
    conf_name: str | None = string("confName")
    incl_audio_only: bool | None = boolean("inclAudioOnly")
    return_pso_fields: bool | None = boolean("returnPSOFields")
    return_assist_fields: bool | None = boolean("returnAssistFields", default="false")
    return_tc_single_recurrence: bool | None = boolean("returnTCSingleRecurrence")
    modified_date_start: str | None = string("modifiedDateStart", since="10.0.0")
    modified_date_end: str | None = string("modifiedDateEnd", since="10.0.0")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class SessionSummaryInstanceType(serv.BodyContentType):
    """A session of any service in a list."""

    session_key: int | None = long("sessionKey", required=True)
    conf_name: str | None = string("confName", required=True)
    session_type: int | None = integer("sessionType", required=True)
    service_type: str | None = string("serviceType", com.ServiceTypeType, required=True)
    host_web_ex_id: str | None = string("hostWebExID", required=True)
    host_first_name: str | None = string("hostFirstName")
    host_last_name: str | None = string("hostLastName")
    other_host_web_ex_id: str | None = string("otherHostWebExID")
    time_zone_id: int | None = integer("timeZoneID", required=True)
    time_zone: str | None = string("timeZone")
    status: str | None = string("status")
    start_time: str | None = string("startTime", required=True)
    actual_start_time: str | None = string("actualStartTime")
    open_time: int | None = int32("openTime")
    duration: int | None = integer("duration", required=True)
    list_status: str | None = string("listStatus", com.ListingType, required=True)
    host_email: str | None = string("hostEmail")
    password_req: bool | None = boolean("passwordReq")
    host_joined: bool | None = boolean("hostJoined")
    participants_joined: bool | None = boolean("participantsJoined")
    conf_id: int | None = long("confID", required=True)
    registration: bool | None = boolean("registration")
    is_recurring: bool | None = boolean("isRecurring", required=True)
    alt_host: bool | None = boolean("altHost")
    pso_fields: com.PsoFieldsType | None = record("psoFields", com.PsoFieldsType)
    assist_service: serv.MeetingAssistType | None = record("assistService", serv.MeetingAssistType)
    host_type: str | None = string("hostType")
    audio_status: str | None = string("audioStatus")
    is_audio_only: bool | None = boolean("isAudioOnly")
    tele_presence: bool | None = boolean("telePresence")
    is_tc_single_recurrence: bool | None = boolean("isTCSingleRecurrence")
    sub_session_no: int | None = long("subSessionNo")
    is_exception: bool | None = boolean("isException", since="7.4.0")
    is_next_upcoming_instance: bool | None = boolean("isNextUpcomingInstance", since="7.4.0")
    series_meeting_key: int | None = long("seriesMeetingKey", since="7.4.0")
    is_private_meeting: bool | None = boolean("isPrivateMeeting", since="40.12.0")
    enable_event: bool | None = boolean("enableEvent", since="41.12.0")
    enable_webniar: bool | None = boolean("enableWebniar", since="41.12.0")


class LstsummarySessionResponse(serv.BodyContentType):
    """Answer to LstsummarySession."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    session: list[SessionSummaryInstanceType] = many(record("session", SessionSummaryInstanceType))


class LstCalendarSession(serv.BodyContentType):
    """Request of LstCalendarSession: lists what is on the site's calendar."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    service_types: LstsummarySessionServiceTypes | None = record("serviceTypes", LstsummarySessionServiceTypes)
    conf_name: str | None = string("confName")
    recurrence: bool | None = boolean("recurrence", since="7.4.0")


class LstCalendarSessionResponse(serv.BodyContentType):
    """Answer to LstCalendarSession."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    session: list[SessionSummaryInstanceType] = many(record("session", SessionSummaryInstanceType))


class DelSession(serv.BodyContentType):
    """Request of DelSession: deletes a session of any service."""

    session_key: int | None = long("sessionKey", required=True)
    send_email: bool | None = boolean("sendEmail")
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class DelSessionResponse(serv.BodyContentType):
    """Answer to DelSession."""

    i_calendar_url: serv.ICalendarURLType | None = record("iCalendarURL", serv.ICalendarURLType)


class GetOneClickSettings(serv.BodyContentType):
    """Request of GetOneClickSettings: reads the settings of one-click meetings."""

    host_web_ex_id: str | None = string("hostWebExID")


class OneClickMetaData(Record):
    """Service and session type of one-click meetings."""

    service_type: str | None = string("serviceType", com.ServiceTypeType, required=True)
    session_type: int | None = integer("sessionType", required=True)


class OneClickMetaDataType(OneClickMetaData):
    """Name, password and listing of one-click meetings."""

    conf_name: str | None = string("confName", required=True)
    session_password: str | None = string("sessionPassword")
    listing: str | None = string("listing", ListingType)
    cuvc_meeting_id: str | None = string("CUVCMeetingID")
    is_internal: bool | None = boolean("isInternal")


class SessionTemplateType(Record):
    """The session template of one-click meetings."""

    name: str | None = string("name")
    type: str | None = string("type", TemplateTypeType)
    value: str | None = string("value")


class OcMetaDataType(OneClickMetaDataType):
    """Settings of one-click meetings that concern the session."""

    session_template: SessionTemplateType | None = record("sessionTemplate", SessionTemplateType)


class OneClickTrackingCodeType(Record):
    """A tracking code of one-click meetings with its name and way of input."""

    index: int | None = int32("index", required=True)
    name: str | None = string("name", required=True)
    input_mode: str | None = string("inputMode", required=True)
    value: str | None = string("value")


class OneClickAccountType(serv.TspAccountType):
    """Numbers and codes of the teleconference account of one-click meetings."""

    participant_limited_access_code: str | None = string("participantLimitedAccessCode")
    intl_local_call_in_number: str | None = string("intlLocalCallInNumber")
    toll_free_call_in_data: str | None = string("tollFreeCallInData")
    toll_call_in_data: str | None = string("tollCallInData")
    global_num: list[serv.GlobalCallInNumType] = many(record("globalNum", serv.GlobalCallInNumType))


class OneClickAccountLabelType(serv.TspAccountLabelType):
    """Labels of the teleconference account of one-click meetings."""

    participant_limited_access_code_label: str | None = string("participantLimitedAccessCodeLabel", max_length=512)


class OneClickTelephonyType(Record):
    """How people join one-click meetings by telephone."""

    telephony_support: str | None = string("telephonySupport", meet.TelephonySupportType, required=True)
    ext_telephony_description: str | None = string("extTelephonyDescription")
    tsp_account_index: int | None = int32("tspAccountIndex")
    personal_account_index: int | None = int32("personalAccountIndex")
    account: OneClickAccountType | None = record("account", OneClickAccountType)
    account_label: OneClickAccountLabelType | None = record("accountLabel", OneClickAccountLabelType)
    teleconf_service_name: str | None = string("teleconfServiceName")
    teleconf_location: str | None = string("teleconfLocation")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")
    tollfree: bool | None = boolean("tollfree")
    entry_exit_tone: str | None = string("entryExitTone", com.EntryExitToneType)
    is_mp_audio: bool | None = boolean("isMPAudio")


class OneClickEnableOptionsType(Record):
    """Options of one-click meetings."""

    voip: bool | None = boolean("voip")


class AttendeeOptionsType(Record):
    """Whether attendees of one-click meetings wait for approval."""

    join_approval: bool | None = boolean("joinApproval")


class GetOneClickSettingsResponseTrackingCodes(Record, anonymous=True):
    """The tracking codes of one-click meetings."""

    tracking_code: list[OneClickTrackingCodeType] = many(record("trackingCode", OneClickTrackingCodeType), most=10)


class GetOneClickSettingsResponse(serv.BodyContentType):
    """Answer to GetOneClickSettings."""

    meta_data: OcMetaDataType | None = record("metaData", OcMetaDataType)
    tracking_codes: GetOneClickSettingsResponseTrackingCodes | None = record(
        "trackingCodes", GetOneClickSettingsResponseTrackingCodes
    )
    telephony: OneClickTelephonyType | None = record("telephony", OneClickTelephonyType)
    enable_options: OneClickEnableOptionsType | None = record("enableOptions", OneClickEnableOptionsType)
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)


class ContactType(Record):
    """An entry of an address book."""

    name: str | None = string("name")
    title: str | None = string("title")
    company: str | None = string("company")
    web_ex_id: str | None = string("webExId")
    address: com.AddressType | None = record("address", com.AddressType)
    phones: com.PhonesType | None = record("phones", com.PhonesType)
    email: str | None = string("email", required=True)
    notes: str | None = string("notes")
    url: str | None = string("url")
    type: str | None = string("type", com.PersonTypeType)
    join_status: str | None = string("joinStatus", com.JoinStatusType)
    language: str | None = string("language")
    locale: str | None = string("locale")
    time_zone_id: int | None = long("timeZoneID")


class CreateContacts(serv.BodyContentType):
    """Request of CreateContacts: adds contacts to an address book."""

    contact: list[ContactType] = many(record("contact", ContactType), least=1)
    validate_format: bool | None = boolean("validateFormat")


class CreateContactsResponse(serv.BodyContentType):
    """Answer to CreateContacts."""

    contact_id: list[int] = many(integer("contactID"))


class LstContact(serv.BodyContentType):
    """Request of LstContact: lists the contacts of an address book."""

    dist_list_id: int | None = integer("distListID")
    dist_list_name: str | None = string("distListName")
    address_type: str | None = string("addressType", com.AddressTypeType)
    host_web_ex_id: str | None = string("hostWebExID")


class LstContactResponse(serv.BodyContentType):
    """Answer to LstContact."""

    contact: list[ContactType] = many(record("contact", ContactType))


class DistListWithContactType(Record):
    """A distribution list with its contacts."""

    name: str | None = string("name", required=True)
    desc: str | None = string("desc")
    contact_id: list[int] = many(integer("contactID"))


class CreateDistList(serv.BodyContentType):
    """Request of CreateDistList: makes a distribution list."""

    dist_list: DistListWithContactType | None = record("distList", DistListWithContactType, required=True)


class CreateDistListResponse(serv.BodyContentType):
    """Answer to CreateDistList."""

    dist_list_id: int | None = integer("distListID")


class DistListWithContactInstanceType(Record):
    """A distribution list with its number and contacts."""

    dist_list_id: int | None = integer("distListID", required=True)
    name: str | None = string("name")
    desc: str | None = string("desc")
    contact_id: list[int] = many(integer("contactID"))


class SetDistListDistList(DistListWithContactInstanceType, anonymous=True):
    """The list with its new values, and what to do with the contacts named."""

    contact_operation: str | None = string("contactOperation", ContactOperationType)


class SetDistList(serv.BodyContentType):
    """Request of SetDistList: changes a distribution list."""

    dist_list: SetDistListDistList | None = record("distList", SetDistListDistList, required=True)


class SetDistListResponse(serv.BodyContentType):
    """Answer to SetDistList."""


class LstDistList(serv.BodyContentType):
    """Request of LstDistList: lists distribution lists."""

    dist_list_id: int | None = integer("distListID")
    name: str | None = string("name")
    address_type: str | None = string("addressType", com.AddressTypeType)
    host_web_ex_id: str | None = string("hostWebExID")


class DistListInstanceType(Record):
    """A distribution list in a list."""

    dist_list_id: int | None = integer("distListID", required=True)
    name: str | None = string("name", required=True)
    desc: str | None = string("desc")
    address_type: str | None = string("addressType", com.AddressTypeType)


class LstDistListResponse(serv.BodyContentType):
    """Answer to LstDistList."""

    dist_list: list[DistListInstanceType] = many(record("distList", DistListInstanceType))


class GetJoinSessionInfo(serv.BodyContentType):
    """Request of GetJoinSessionInfo: asks for what a client program needs for joining."""

    session_key: int | None = long("sessionKey", required=True)
    session_password: str | None = string("sessionPassword", required=True)
    attendee_name: str | None = string("attendeeName", required=True)
    attendee_email: str | None = string("attendeeEmail", com.EmailType, required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")


class EnableOptionsType(Record):
    """What can be done in the session."""

    chat: bool | None = boolean("chat")
    poll: bool | None = boolean("poll")
    attendee_list: bool | None = boolean("attendeeList")
    file_share: bool | None = boolean("fileShare")
    presentation: bool | None = boolean("presentation")
    application_share: bool | None = boolean("applicationShare")
    desktop_share: bool | None = boolean("desktopShare")
    web_tour: bool | None = boolean("webTour")
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
    fax_into_meeting: bool | None = boolean("faxIntoMeeting")
    multi_video: bool | None = boolean("multiVideo")
    voip: bool | None = boolean("voip")


class GetJoinSessionInfoResponse(serv.BodyContentType):
    """Answer to GetJoinSessionInfo."""

    site_id: int | None = long("siteID", required=True)
    conf_id: int | None = long("confID", required=True)
    conf_name: str | None = string("confName", required=True)
    attendee_id: int | None = long("attendeeID", required=True)
    mzm_address: str | None = string("mzmAddress", required=True)
    mcc_address: str | None = string("mccAddress", required=True)
    enable_options: EnableOptionsType | None = record("enableOptions", EnableOptionsType)
    telephony: meet.TelephonyType | None = record("telephony", meet.TelephonyType)


class GetSessionInfo(serv.BodyContentType):
    """Request of GetSessionInfo: reads what is known of a session to somebody who may join it."""

    session_key: int | None = long("sessionKey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")
    session_password: str | None = string("sessionPassword")
    sub_session_no: int | None = long("subSessionNo")


class GetSessionInfoResponseAccessControl(Record, anonymous=True):
    """What a person needs for joining, and how far a registration has come."""

    session_password: str | None = string("sessionPassword", max_length=16)
    list_status: str | None = string("listStatus", ListingType, required=True)
    registration: bool | None = boolean("registration")
    registration_url: str | None = string("registrationURL")
    password_req: bool | None = boolean("passwordReq")
    registration_url_for_mobile: str | None = string("registrationURLForMobile")
    registration_id: int | None = long("registrationID")
    join_status: str | None = string("joinStatus", com.JoinStatusType)
    registration_status: str | None = string("registrationStatus", SessionRegisterStatusType)
    is_register_id_required: bool | None = boolean("isRegisterIDRequired")
    audio_password: str | None = string("audioPassword", max_length=16)
    is_enforce_audio_password: bool | None = boolean("isEnforceAudioPassword")
    is_enforce_audio_login: bool | None = boolean("isEnforceAudioLogin")


class GetSessionInfoResponseMetaData(Record, anonymous=True):
    """Name, kind and description of the session."""

    conf_name: str | None = string("confName")
    session_type: int | None = integer("sessionType", default="-1")
    service_type: str | None = string("serviceType", com.ServiceTypeType, required=True)
    agenda: str | None = string("agenda", max_length=2500)
    description: str | None = string("description")
    account: str | None = string("account", max_length=128)
    opportunity: str | None = string("opportunity", max_length=128)
    is_recurring: bool | None = boolean("isRecurring")


class GetSessionInfoResponseTelephonyCallInNum(serv.CallInNumType, anonymous=True):
    """Call-in numbers with a backup."""

    backup_toll_num: str | None = string("backupTollNum")


class GetSessionInfoResponseTelephonyLabels(Record, anonymous=True):
    """What the site calls its numbers and codes."""

    toll_free_call_in_label: str | None = string("tollFreeCallInLabel", required=True)
    toll_call_in_label: str | None = string("tollCallInLabel", required=True)
    participant_access_label: str | None = string("participantAccessLabel")
    participant_limited_access_label: str | None = string("participantLimitedAccessLabel")
    subscriber_access_label: str | None = string("subscriberAccessLabel")
    global_call_in_numbers_label: str | None = string("globalCallInNumbersLabel")


class GetSessionInfoResponseTelephony(Record, anonymous=True):
    """How to join by telephone."""

    telephony_support: str | None = string("telephonySupport", meet.TelephonySupportType, required=True)
    ext_telephony_description: str | None = string("extTelephonyDescription")
    global_call_in_numbers_url: str | None = string("globalCallInNumbersURL")
    toll_free_restrictions_url: str | None = string("tollFreeRestrictionsURL")
    call_in_num: GetSessionInfoResponseTelephonyCallInNum | None = record(
        "callInNum", GetSessionInfoResponseTelephonyCallInNum
    )
    participant_access_code: str | None = string("participantAccessCode")
    participant_limited_access_code: str | None = string("participantLimitedAccessCode")
    subscriber_access_code: str | None = string("subscriberAccessCode")
    labels: GetSessionInfoResponseTelephonyLabels | None = record("labels", GetSessionInfoResponseTelephonyLabels)
    mp_audio: list[com.PhoneLabelNumType] = many(record("mpAudio", com.PhoneLabelNumType))
    mp_profile_number: str | None = string("mpProfileNumber")
    is_mp_audio: bool | None = boolean("isMPAudio")
    tsp_conference: serv.TspAccountType | None = record("tspConference", serv.TspAccountType, since="10.0.0")


class GetSessionInfoResponseMaterialDocument(Record, anonymous=True):
    """A document of the session."""

    name: str | None = string("name", required=True)
    url: str | None = string("URL", required=True)
    size: int | None = integer("size", required=True)


class GetSessionInfoResponseMaterial(Record, anonymous=True):
    """Picture and documents of the session."""

    image_url: str | None = string("imageURL")
    document: list[GetSessionInfoResponseMaterialDocument] = many(
        record("document", GetSessionInfoResponseMaterialDocument)
    )


class GetSessionInfoResponseTest(Record, anonymous=True):
    """A test that belongs to the session."""

    title: str | None = string("title", required=True)
    title_url: str | None = string("titleURL", required=True)
    delivery: str | None = string("delivery", TestDeliveryType, required=True, default="IN_SESSION")
    status: str | None = string("status", TestStatusType, required=True, default="NOT_STARTED")
    action: str | None = string("action")
    action_url: str | None = string("actionURL")


class GetSessionInfoResponseHost(Record, anonymous=True):
    """Who holds the session."""

    first_name: str | None = string("firstName", required=True)
    last_name: str | None = string("lastName", required=True)
    email: str | None = string("email", com.EmailType, required=True, max_length=64)
    web_ex_id: str | None = string("webExId", required=True)
    alternate_host: list[str] = many(string("alternateHost"))


class GetSessionInfoResponseSchedule(Record, anonymous=True):
    """When the session takes place."""

    start_date: str | None = string("startDate", required=True)
    duration: int | None = integer("duration", required=True)
    time_zone: str | None = string("timeZone", required=True)


class GetSessionInfoResponseAttendeeOptions(Record, anonymous=True):
    """What attendees need for joining."""

    join_requires_account: bool | None = boolean("joinRequiresAccount")


class GetSessionInfoResponse(serv.BodyContentType):
    """Answer to GetSessionInfo."""

    status: str | None = string("status")
    is_locked: bool | None = boolean("isLocked")
    presenter: list[str] = many(string("presenter"))
    panelists_info: str | None = string("panelistsInfo")
    program_name: str | None = string("programName")
    session_key: int | None = long("sessionkey", required=True)
    meeting_uuid: str | None = string("meetingUUID", since="40.7.0")
    conf_id: int | None = long("confID")
    verify_flash_media_url: str | None = string("verifyFlashMediaURL")
    verify_win_media_url: str | None = string("verifyWinMediaURL")
    access_control: GetSessionInfoResponseAccessControl | None = record(
        "accessControl", GetSessionInfoResponseAccessControl
    )
    meta_data: GetSessionInfoResponseMetaData | None = record("metaData", GetSessionInfoResponseMetaData)
    telephony: GetSessionInfoResponseTelephony | None = record("telephony", GetSessionInfoResponseTelephony)
    material: GetSessionInfoResponseMaterial | None = record("material", GetSessionInfoResponseMaterial)
    has_in_session_test: bool | None = boolean("hasInSessionTest")
    has_website_test: bool | None = boolean("hasWebsiteTest")
    test: list[GetSessionInfoResponseTest] = many(record("test", GetSessionInfoResponseTest))
    host: GetSessionInfoResponseHost | None = record("host", GetSessionInfoResponseHost)
    schedule: GetSessionInfoResponseSchedule | None = record("schedule", GetSessionInfoResponseSchedule)
    attendee_options: GetSessionInfoResponseAttendeeOptions | None = record(
        "attendeeOptions", GetSessionInfoResponseAttendeeOptions
    )
    audio_status: str | None = string("audioStatus")
    is_audio_only: bool | None = boolean("isAudioOnly")
    tele_presence: bool | None = boolean("telePresence")
    is_alternate_host: bool | None = boolean("isAlternateHost")
    is_creator: bool | None = boolean("isCreator")
    host_key: str | None = string("hostKey")
    support_e2e: bool | None = boolean("supportE2E")
    attendee_role: str | None = string("attendeeRole", AttendeeRoleType)
    is_allow_jbh: bool | None = boolean("isAllowJBH")
    is_private_meeting: bool | None = boolean("isPrivateMeeting", since="40.12.0")
    is_cet_meeting: bool | None = boolean("isCETMeeting")
    is_personal_meeting_room: bool | None = boolean("isPersonalMeetingRoom")
    is_next_upcoming_instance: bool | None = boolean("isNextUpcomingInstance", since="7.4.0")
    standalone_dialing_ip_address: str | None = string("StandaloneDialingIPAddress", since="10.0.0")
    meeting_link: str | None = string("meetingLink")
    sip_url: str | None = string("sipURL")
    display_meeting_url: str | None = string("displayMeetingUrl")
    enable_event: bool | None = boolean("enableEvent")
    enable_webniar: bool | None = boolean("enableWebniar")


class OcTrackingCodeType(Record):
    """A value for a tracking code of one-click meetings."""

    index: int | None = int32("index", required=True)
    value: str | None = string("value")


class OcTelephonyType(Record):
    """How people shall join one-click meetings by telephone."""

    telephony_support: str | None = string("telephonySupport", TelephonySupportType, required=True)
    ext_telephony_description: str | None = string("extTelephonyDescription")
    tsp_account_index: int | None = int32("tspAccountIndex")
    personal_account_index: int | None = int32("personalAccountIndex")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")
    tollfree: bool | None = boolean("tollfree")
    entry_exit_tone: str | None = string("entryExitTone", com.EntryExitToneType)
    is_mp_audio: bool | None = boolean("isMPAudio")


class SetupOneClickSettingsTracking(Record, anonymous=True):
    """Values for tracking codes."""

    tracking_code: list[OcTrackingCodeType] = many(record("trackingCode", OcTrackingCodeType), most=10)


class SetupOneClickSettings(serv.BodyContentType):
    """Request of SetupOneClickSettings: sets up one-click meetings."""

    meta_data: OcMetaDataType | None = record("metaData", OcMetaDataType, required=True)
    tracking: SetupOneClickSettingsTracking | None = record("tracking", SetupOneClickSettingsTracking)
    telephony: OcTelephonyType | None = record("telephony", OcTelephonyType)
    enable_options: OneClickEnableOptionsType | None = record("enableOptions", OneClickEnableOptionsType)
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)


class SetupOneClickSettingsResponse(serv.BodyContentType):
    """Answer to SetupOneClickSettings."""


class AttendeeOptionType(Record):
    """Whether attendees wait for approval."""

    approval_before_join: bool | None = boolean("approvalBeforeJoin")


class DetectSessionByCallbackDataScopeGMT(Record, anonymous=True):
    """The time to look at, in GMT, at most five minutes."""

    occurred_date_start: str | None = string("occurredDateStart")
    occurred_date_end: str | None = string("occurredDateEnd")


class DetectSessionByCallback(serv.BodyContentType):
    """Request of DetectSessionByCallback: finds the sessions that called a telephone number back."""

    callback_number: str | None = string("callbackNumber", required=True, since="10.0.0")
    data_scope_gmt: DetectSessionByCallbackDataScopeGMT | None = record(
        "dataScopeGMT", DetectSessionByCallbackDataScopeGMT, required=True, since="10.0.0"
    )


class SetOneClickSettings(serv.BodyContentType):
    """Request of SetOneClickSettings: sets service and session type of one-click meetings."""

    host_web_ex_id: str | None = string("hostWebExID")
    one_click_meta_data: OneClickMetaData | None = record("oneClickMetaData", OneClickMetaData, required=True)


class SetOneClickSettingsResponse(serv.BodyContentType):
    """Answer to SetOneClickSettings."""


class DetectSessionByCallbackResponse(serv.BodyContentType):
    """Answer to DetectSessionByCallback."""

    session: list[SessionSummaryInstanceType] = many(record("session", SessionSummaryInstanceType))
