"""Session types of a site (namespace .../service/meetingtype)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, integer, long, many, record, string

SCHEMA = schemas.MEETINGTYPE

ActiveType = SCHEMA.enumeration("activeType", "ACTIVATED", "DEACTIVATED")
OrderByType = SCHEMA.enumeration(
    "orderByType", "MEETINGTYPEID", "PRODUCTCODEPREFIX", "MEETINGTYPENAME", "MEETINGTYPEDISPLAYNAME"
)


class LimitsType(Record):
    """How large and how long sessions of the type may be."""

    max_app_share_duration: int | None = long("maxAppShareDuration", default="999999")
    max_app_share_user: int | None = long("maxAppShareUser", default="999999")
    max_desktop_share_duration: int | None = long("maxDesktopShareDuration", default="999999")
    max_desktop_share_user: int | None = long("maxDesktopShareUser", default="999999")
    max_file_transfer_user: int | None = long("maxFileTransferUser", default="999999")
    max_meeting_duration: int | None = long("maxMeetingDuration", default="999999")
    max_meeting_user: int | None = long("maxMeetingUser", default="999999")
    max_record_user: int | None = long("maxRecordUser", default="999999")
    max_video_duration: int | None = long("maxVideoDuration", default="999999")
    max_video_user: int | None = long("maxVideoUser", default="999999")
    max_web_tour_duration: int | None = long("maxWebTourDuration", default="999999")
    max_web_tour_user: int | None = long("maxWebTourUser", default="999999")


class OptionsType(Record):
    """What sessions of the type can do."""

    support_app_share: bool | None = boolean("supportAppShare", default="true")
    support_app_share_remote: bool | None = boolean("supportAppShareRemote", default="true")
    support_attendee_registration: bool | None = boolean("supportAttendeeRegistration", default="true")
    support_remote_web_tour: bool | None = boolean("supportRemoteWebTour")
    support_web_tour: bool | None = boolean("supportWebTour")
    support_file_share: bool | None = boolean("supportFileShare")
    support_chat: bool | None = boolean("supportChat", default="true")
    support_cobrowse_site: bool | None = boolean("supportCobrowseSite", default="true")
    support_corporate_offices_site: bool | None = boolean("supportCorporateOfficesSite", default="true")
    support_desktop_share: bool | None = boolean("supportDesktopShare", default="true")
    support_desktop_share_remote: bool | None = boolean("supportDesktopShareRemote", default="true")
    support_file_transfer: bool | None = boolean("supportFileTransfer", default="true")
    support_international_call_out: bool | None = boolean("supportInternationalCallOut", default="true")
    support_java_client: bool | None = boolean("supportJavaClient", default="true")
    support_mac_client: bool | None = boolean("supportMacClient", default="true")
    support_meeting_center_site: bool | None = boolean("supportMeetingCenterSite", default="true")
    support_meeting_record: bool | None = boolean("supportMeetingRecord", default="true")
    support_multiple_meeting: bool | None = boolean("supportMultipleMeeting", default="false")
    support_on_call_site: bool | None = boolean("supportOnCallSite", default="true")
    support_on_stage_site: bool | None = boolean("supportOnStageSite", default="true")
    support_partner_offices_site: bool | None = boolean("supportPartnerOfficesSite", default="true")
    support_poll: bool | None = boolean("supportPoll", default="true")
    support_presentation: bool | None = boolean("supportPresentation", default="true")
    support_solaris_client: bool | None = boolean("supportSolarisClient", default="true")
    support_ssl: bool | None = boolean("supportSSL", default="true")
    support_e2e: bool | None = boolean("supportE2E")
    support_pki: bool | None = boolean("supportPKI")
    support_teleconf_call_in: bool | None = boolean("supportTeleconfCallIn", default="true")
    support_teleconf_call_out: bool | None = boolean("supportTeleconfCallOut", default="true")
    support_toll_free_call_in: bool | None = boolean("supportTollFreeCallIn", default="true")
    support_video: bool | None = boolean("supportVideo", default="true")
    support_voip: bool | None = boolean("supportVoIP", default="true")
    support_web_ex_com_site: bool | None = boolean("supportWebExComSite", default="true")
    support_windows_client: bool | None = boolean("supportWindowsClient", default="true")
    support_quick_start_attendees: bool | None = boolean("supportQuickStartAttendees")
    support_quick_start_host: bool | None = boolean("supportQuickStartHost")
    hide_in_scheduler: bool | None = boolean("hideInScheduler", since="7.0.0")
    support_private_meeting: bool | None = boolean("SupportPrivateMeeting", since="40.12.0")


class PhoneNumbersType(Record):
    """Call-in numbers of the session type."""

    primary_toll_call_in_number: str | None = string("primaryTollCallInNumber")
    primary_toll_free_call_in_number: str | None = string("primaryTollFreeCallInNumber")


class MeetingTypeTypeExt(serv.BodyContentType):
    """A session type of the site."""

    product_code_prefix: str | None = string("productCodePrefix", required=True)
    active: str | None = string("active", ActiveType, required=True)
    name: str | None = string("name", required=True)
    display_name: str | None = string("displayName")
    limits: LimitsType | None = record("limits", LimitsType)
    options: OptionsType | None = record("options", OptionsType, required=True)
    phone_numbers: PhoneNumbersType | None = record("phoneNumbers", PhoneNumbersType, required=True)


class MeetingTypeInstanceTypeServiceTypes(Record, anonymous=True):
    """The services that have the session type."""

    service_type: list[str] = many(string("serviceType", com.ServiceTypeType))


class MeetingTypeInstanceType(MeetingTypeTypeExt):
    """A session type with its number."""

    meeting_type_id: int | None = integer("meetingTypeID", required=True)
    service_types: MeetingTypeInstanceTypeServiceTypes | None = record(
        "serviceTypes", MeetingTypeInstanceTypeServiceTypes, required=True
    )


class LstMeetingType(serv.BodyContentType):
    """Request of LstMeetingType: lists the session types of the site."""

    meeting_type_id: list[int] = many(integer("meetingTypeID"))
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)


class LstMeetingTypeResponse(serv.BodyContentType):
    """Answer to LstMeetingType."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    meeting_type: list[MeetingTypeInstanceType] = many(record("meetingType", MeetingTypeInstanceType))


class GetMeetingType(serv.BodyContentType):
    """Request of GetMeetingType: reads one session type."""

    meeting_type_id: int | None = integer("meetingTypeID", required=True)


class GetMeetingTypeResponse(MeetingTypeInstanceType):
    """Answer to GetMeetingType."""


class OrderType(Record):
    """Sort order of a list of session types."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)
