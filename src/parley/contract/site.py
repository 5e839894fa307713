"""Settings of a site, and time zones (namespace .../service/site). The settings' sections are in `site_config`."""

from __future__ import annotations

from parley.contract import ep_recording, event, schemas, site_config
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, int32, integer, many, record, string

SCHEMA = schemas.SITE


class SiteTypeRecordingPasswordCriteria(Record, anonymous=True):
    """What a recording password must be like."""

    mixed_case: bool | None = boolean("mixedCase")
    min_length: int | None = integer("minLength")
    min_alpha: int | None = integer("minAlpha")
    min_numeric: int | None = integer("minNumeric")
    min_special: int | None = integer("minSpecial")
    disallow_web_text_sessions: bool | None = boolean("disallowWebTextSessions")
    disallow_list: bool | None = boolean("disallowList")
    disallow_value: list[str] = many(string("disallowValue"))


class SetSite(serv.BodyContentType):
    """Request of SetSite: changes settings of the site.

    The criteria are not in the collected facts (deviations.txt): Parley takes them in the form in which GetSite
    answers them.
    """

    meeting_place: site_config.MeetingPlaceType | None = record("meetingPlace", site_config.MeetingPlaceType)
    password_criteria: site_config.PasswordCriteriaType | None = record(
        "passwordCriteria", site_config.PasswordCriteriaType
    )
    recording_password_criteria: SiteTypeRecordingPasswordCriteria | None = record(
        "recordingPasswordCriteria", SiteTypeRecordingPasswordCriteria
    )
    account_password_criteria: site_config.AccountPasswordCriteriaType | None = record(
        "accountPasswordCriteria", site_config.AccountPasswordCriteriaType
    )


class SetSiteResponse(serv.BodyContentType):
    """Answer to SetSite."""


class GetSiteReturnSettings(Record, anonymous=True):
    """Settings that are returned only when asked for."""

    event_center: bool | None = boolean("eventCenter")


class GetSite(serv.BodyContentType):
    """Request of GetSite: reads the settings of the site."""

    return_settings: GetSiteReturnSettings | None = record("returnSettings", GetSiteReturnSettings)


class EventCenterTypeStandardFields(Record, anonymous=True):
    """Fields that every registration form has."""

    first_name: event.EnrollmentFieldType | None = record("firstName", event.EnrollmentFieldType, required=True)
    last_name: event.EnrollmentFieldType | None = record("lastName", event.EnrollmentFieldType, required=True)
    email_address: event.EnrollmentFieldType | None = record("emailAddress", event.EnrollmentFieldType, required=True)


class EventCenterType(Record):
    """Settings of the event service."""

    standard_fields: EventCenterTypeStandardFields | None = record("standardFields", EventCenterTypeStandardFields)
    custom_fields: event.CustomFieldsType | None = record("customFields", event.CustomFieldsType)


class SiteTypeTrackingCodes(Record, anonymous=True):
    """The tracking codes of the site."""

    tracking_code: list[site_config.TrackingCodeType] = many(
        record("trackingCode", site_config.TrackingCodeType), most=10
    )


class SiteTypeVideo(Record, anonymous=True):
    """Video of the site."""

    hq_video: bool | None = boolean("HQvideo")
    max_bandwidth: str | None = string("maxBandwidth")
    hd_video: bool | None = boolean("HDvideo")


class SiteTypeSiteCommonOptions(Record, anonymous=True):
    """Options of the site."""

    support_custom_dial_restriction: bool | None = boolean("SupportCustomDialRestriction")
    support_tele_presence: bool | None = boolean("SupportTelePresence")
    support_tele_presence_plus: bool | None = boolean("SupportTelePresencePlus")
    enable_cloud_telepresence: bool | None = boolean("EnableCloudTelepresence")
    enable_personal_meeting_room: bool | None = boolean("enablePersonalMeetingRoom")


class SiteTypeSamlSSO(Record, anonymous=True):
    """Single sign-on of the site."""

    enable_sso: bool | None = boolean("enableSSO")
    auto_account_creation: bool | None = boolean("autoAccountCreation")


class SiteType(serv.BodyContentType):
    """Everything that GetSite tells about a site."""

    meta_data: site_config.MetaDataType | None = record("metaData", site_config.MetaDataType)
    ucf: site_config.UcfType | None = record("ucf", site_config.UcfType, required=True)
    client_platforms: site_config.ClientPlatformsType | None = record(
        "clientPlatforms", site_config.ClientPlatformsType
    )
    resource_restrictions: site_config.ResourceRestrictionsType | None = record(
        "resourceRestrictions", site_config.ResourceRestrictionsType, required=True
    )
    support_api: site_config.SupportAPIType | None = record("supportAPI", site_config.SupportAPIType, required=True)
    my_web_ex_config: site_config.MyWebExConfigType | None = record("myWebExConfig", site_config.MyWebExConfigType)
    telephony_config: site_config.TelephonyConfigType | None = record(
        "telephonyConfig", site_config.TelephonyConfigType
    )
    commerce_and_reporting: site_config.CommerceAndReportingType | None = record(
        "commerceAndReporting", site_config.CommerceAndReportingType
    )
    tools: site_config.ToolsType | None = record("tools", site_config.ToolsType)
    cust_communications: site_config.CustCommunicationsType | None = record(
        "custCommunications", site_config.CustCommunicationsType
    )
    tracking_codes: SiteTypeTrackingCodes | None = record("trackingCodes", SiteTypeTrackingCodes)
    supported_services: site_config.SupportedServicesType | None = record(
        "supportedServices", site_config.SupportedServicesType
    )
    security_options: site_config.SecurityOptionsType | None = record(
        "securityOptions", site_config.SecurityOptionsType
    )
    defaults: site_config.DefaultsType | None = record("defaults", site_config.DefaultsType)
    schedule_meeting_options: site_config.ScheduleOptionsType | None = record(
        "scheduleMeetingOptions", site_config.ScheduleOptionsType
    )
    nav_bar_top: site_config.TopBarType | None = record("navBarTop", site_config.TopBarType)
    nav_my_web_ex: site_config.MyWebExBarType | None = record("navMyWebEx", site_config.MyWebExBarType)
    nav_all_services: site_config.AllServiceBarType | None = record("navAllServices", site_config.AllServiceBarType)
    password_criteria: site_config.PasswordCriteriaType | None = record(
        "passwordCriteria", site_config.PasswordCriteriaType, required=True
    )
    recording_password_criteria: SiteTypeRecordingPasswordCriteria | None = record(
        "recordingPasswordCriteria", SiteTypeRecordingPasswordCriteria, since="10.0.0"
    )
    account_password_criteria: site_config.AccountPasswordCriteriaType | None = record(
        "accountPasswordCriteria", site_config.AccountPasswordCriteriaType, required=True
    )
    productivity_tools: site_config.ProductivityToolType | None = record(
        "productivityTools", site_config.ProductivityToolType
    )
    meeting_place: site_config.MeetingPlaceType | None = record(
        "meetingPlace", site_config.MeetingPlaceType, required=True
    )
    event_center: EventCenterType | None = record("eventCenter", EventCenterType)
    sales_center: site_config.SalesCenterType | None = record("salesCenter", site_config.SalesCenterType)
    connect_integration: site_config.ConnectIntegrationType | None = record(
        "connectIntegration", site_config.ConnectIntegrationType
    )
    video: SiteTypeVideo | None = record("video", SiteTypeVideo, since="8.0.0")
    site_common_options: SiteTypeSiteCommonOptions | None = record(
        "siteCommonOptions", SiteTypeSiteCommonOptions, since="8.0.0"
    )
    saml_sso: SiteTypeSamlSSO | None = record("samlSSO", SiteTypeSamlSSO, since="9.0.0")


class GetSiteResponse(serv.BodyContentType):
    """Answer to GetSite."""

    site_instance: SiteType | None = record("siteInstance", SiteType, required=True)


class TimeZoneType(Record):
    """A time zone at the moment asked for."""

    time_zone_id: int | None = integer("timeZoneID", required=True)
    gmt_offset: int | None = integer("gmtOffset", required=True)
    description: str | None = string("description", required=True)
    short_name: str | None = string("shortName")
    hide_time_zone_name: bool | None = boolean("hideTimeZoneName")
    fall_in_dst: bool | None = boolean("fallInDST")
    standard_label: str | None = string("standardLabel")
    daylight_label: str | None = string("daylightLabel")


class LstTimeZone(serv.BodyContentType):
    """Request of LstTimeZone: lists time zones and their offsets."""

    time_zone_id: list[int] = many(integer("timeZoneID"))
    date: str | None = string("date")


class LstTimeZoneResponse(serv.BodyContentType):
    """Answer to LstTimeZone."""

    time_zone: list[TimeZoneType] = many(record("timeZone", TimeZoneType), least=1)


class GetWebACDQueues(serv.BodyContentType, name="GetWebACDQueues"):
    """Request of GetWebACDQueues: reads queues of the support service."""

    web_ex_id: str | None = string("webExId")
    type: str | None = string("type", serv.WebACDRoleType)
    list_control: ep_recording.ListControlType | None = record("listControl", ep_recording.ListControlType)


class QueueType(Record):
    """A queue of the support service."""

    name: str | None = string("name", required=True)
    num_users: int | None = int32("numUsers")
    mod_date: str | None = string("modDate")
    type: str | None = string("type", serv.WebACDRoleType)


class GetWebACDQueuesResponse(serv.BodyContentType, name="GetWebACDQueuesResponse"):
    """Answer to GetWebACDQueues."""

    queue: list[QueueType] = many(record("queue", QueueType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
