"""User accounts and signing in (namespace .../service/user). The sections of an account are in `user_settings`."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas, user_settings
from parley.contract import service as serv
from parley.protocol.declare import Record, binary, boolean, int32, integer, long, many, record, string

SCHEMA = schemas.USER

OrderByType = SCHEMA.enumeration(
    "orderByType",
    "UID",
    "WEBEXID",
    "FIRSTNAME",
    "LASTNAME",
    "EMAIL",
    "ACTIVE",
    "REGDATE",
    "REGEXPDATE",
    "PRIVILEGE",
    "PERSONALURL",
    "ADDRESS1",
    "ADDRESS2",
    "CITY",
    "STATE",
    "ZIPCODE",
    "COUNTRY",
    "PHONE1",
    "PHONE2",
    "MOBILE1",
    "MOBILE2",
    "FAX",
    "PAGER",
    "EMAIL2",
    "DIVISION",
    "DEPARTMENT",
    "PROJECT",
    "OTHER",
    "TIMEZONE",
    "OFFICENAME",
    "OFFICETITLE",
    "OFFICEURL",
    "CATEGORYID",
    "VISITCOUNT",
)
ImageForType = SCHEMA.enumeration("imageForType", "Photo", "Header")
WebACDRoleType = SCHEMA.enumeration("webACDRoleType", "AGENT", "MANAGER", "ALL")


class UserTypeMeetingTypes(Record, anonymous=True):
    """Numbers of the session types the user may hold."""

    meeting_type: list[int] = many(long("meetingType"))


class UserTypeDefaultCallInDefaultGlobalCallInNum(Record, anonymous=True):
    """A preferred call-in number."""

    country_alias: str | None = string("countryAlias")
    phone_number: str | None = string("phoneNumber")
    toll_free: bool | None = boolean("tollFree")


class UserTypeDefaultCallIn(Record, anonymous=True):
    """The user's preferred call-in numbers."""

    default_global_call_in_num: list[UserTypeDefaultCallInDefaultGlobalCallInNum] = many(
        record("defaultGlobalCallInNum", UserTypeDefaultCallInDefaultGlobalCallInNum), most=2
    )


class UserTypeTspAccount(Record, anonymous=True):
    """The user's accounts with the site's teleconference provider."""

    tsp_account: list[user_settings.TspAccountType] = many(record("tspAccount", user_settings.TspAccountType), most=3)


class UserTypePersonalTeleconf(Record, anonymous=True):
    """The user's own conference numbers."""

    account: list[user_settings.PersonalAccountType] = many(
        record("account", user_settings.PersonalAccountType), most=3
    )
    join_before_host: bool | None = boolean("joinBeforeHost")


class UserTypeVideoSystemsVideoCallback(Record, anonymous=True):
    """A video system that can be called back."""

    system_name: str | None = string("systemName", since="9.0.0")
    address: str | None = string("address", since="9.0.0")
    default_flag: bool | None = boolean("defaultFlag", since="9.0.0")


class UserTypeVideoSystems(Record, anonymous=True):
    """Video systems that can be called back."""

    video_callback: list[UserTypeVideoSystemsVideoCallback] = many(
        record("videoCallback", UserTypeVideoSystemsVideoCallback, since="9.0.0")
    )


class UserTypeThirdPartyTeleconf(Record, anonymous=True):
    """The user's accounts with other teleconference providers."""

    account: list[user_settings.ThirdPartyAccountType] = many(
        record("account", user_settings.ThirdPartyAccountType), most=3
    )


class UserTypeSupportCenterOrderTabs(Record, anonymous=True):
    """Order of the tabs in support sessions."""

    tab: list[str] = many(string("tab", user_settings.ScTabType), least=4, most=4)


class UserTypeSupportCenterServiceDesk(Record, anonymous=True):
    """Whether the user may use the service desk."""

    enable: bool | None = boolean("enable")


class UserTypeSupportCenter(Record, anonymous=True):
    """The user's settings in the support service."""

    order_tabs: UserTypeSupportCenterOrderTabs | None = record("orderTabs", UserTypeSupportCenterOrderTabs)
    service_desk: UserTypeSupportCenterServiceDesk | None = record("serviceDesk", UserTypeSupportCenterServiceDesk)


class UserTypeWebACDPrefs(Record, anonymous=True):
    """The user's work with support queues."""

    is_agent: bool | None = boolean("isAgent")
    is_mgr: bool | None = boolean("isMgr")
    num_agent_sessions: int | None = int32("numAgentSessions")
    agent_monitor_all_rs_queues: bool | None = boolean("agentMonitorAllRSQueues")
    manager_monitor_all_rs_queues: bool | None = boolean("managerMonitorAllRSQueues")
    monitor_all_rs_agents: bool | None = boolean("monitorAllRSAgents")


class UserTypeRemoteSupportAutoRequest(Record, anonymous=True):
    """What is asked of the customer at the start."""

    enable: bool | None = boolean("enable", required=True)
    request: str | None = string("request", user_settings.ScRequestType)


class UserTypeRemoteSupportDefaultClient(Record, anonymous=True):
    """Which client program support sessions use."""

    type: str | None = string("type", user_settings.ScClientType, required=True)
    single_sess_client: str | None = string("singleSessClient", user_settings.ScConsoleType)


class UserTypeRemoteSupport(user_settings.SharingAndRecordingType, anonymous=True):
    """How the user's support sessions begin."""

    auto_request: UserTypeRemoteSupportAutoRequest | None = record("autoRequest", UserTypeRemoteSupportAutoRequest)
    default_client: UserTypeRemoteSupportDefaultClient | None = record(
        "defaultClient", UserTypeRemoteSupportDefaultClient
    )


class UserType(serv.BodyContentType):
    """A user account."""

    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    title: str | None = string("title")
    category_id: int | None = integer("categoryId")
    description: str | None = string("description")
    office_greeting: str | None = string("officeGreeting")
    company: str | None = string("company")
    web_ex_id: str | None = string("webExId", required=True)
    address: com.AddressType | None = record("address", com.AddressType)
    phones: user_settings.UserPhonesType | None = record("phones", user_settings.UserPhonesType)
    email: str | None = string("email")
    email2: str | None = string("email2")
    office_url: str | None = string("officeurl")
    password: str | None = string("password", max_length=60)
    password_hint: str | None = string("passwordHint")
    password_hint_answer: str | None = string("passwordHintAnswer")
    personal_url: str | None = string("personalUrl")
    expiration_date: str | None = string("expirationDate")
    comm_options: user_settings.CommOptionsType | None = record("commOptions", user_settings.CommOptionsType)
    meeting_types: UserTypeMeetingTypes | None = record("meetingTypes", UserTypeMeetingTypes)
    options: user_settings.OptionsType | None = record("options", user_settings.OptionsType)
    time_zone_id: int | None = long("timeZoneID", default="-1")
    time_zone: str | None = string("timeZone", com.TimeZoneType)
    time_zone_with_dst: str | None = string("timeZoneWithDST")
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    service: str | None = string("service", user_settings.ServiceType)
    privilege: user_settings.PrivilegeType | None = record("privilege", user_settings.PrivilegeType)
    language: str | None = string("language")
    locale: str | None = string("locale")
    scheduling_permission: str | None = string("schedulingPermission")
    active: str | None = string("active", user_settings.ActiveType)
    default_call_in: UserTypeDefaultCallIn | None = record("defaultCallIn", UserTypeDefaultCallIn, since="9.0.0")
    tsp_account: UserTypeTspAccount | None = record("tspAccount", UserTypeTspAccount)
    supported_services: user_settings.SupportedServicesType | None = record(
        "supportedServices", user_settings.SupportedServicesType
    )
    my_web_ex: user_settings.MywebexType | None = record("myWebEx", user_settings.MywebexType)
    personal_teleconf: UserTypePersonalTeleconf | None = record("personalTeleconf", UserTypePersonalTeleconf)
    video_systems: UserTypeVideoSystems | None = record("videoSystems", UserTypeVideoSystems, since="10.0.0")
    third_party_teleconf: UserTypeThirdPartyTeleconf | None = record("thirdPartyTeleconf", UserTypeThirdPartyTeleconf)
    personal_meeting_room: user_settings.PersonalMeetingRoomType | None = record(
        "personalMeetingRoom", user_settings.PersonalMeetingRoomType
    )
    session_options: user_settings.SessionOptionsType | None = record(
        "sessionOptions", user_settings.SessionOptionsType
    )
    support_center: UserTypeSupportCenter | None = record("supportCenter", UserTypeSupportCenter)
    mp_profile_number: str | None = string("mpProfileNumber", max_length=64)
    security: user_settings.SecurityType | None = record("security", user_settings.SecurityType)
    language_id: int | None = long("languageID")
    web_acd_prefs: UserTypeWebACDPrefs | None = record("webACDPrefs", UserTypeWebACDPrefs)
    remote_support: UserTypeRemoteSupport | None = record("remoteSupport", UserTypeRemoteSupport)
    remote_access: user_settings.SharingAndRecordingType | None = record(
        "remoteAccess", user_settings.SharingAndRecordingType
    )
    display_name: str | None = string("displayName", since="40.11.0")
    cmr_hybrid_voip: bool | None = boolean("cmrHybridVoip", since="40.11.0")


class WebACDUserRoleType(Record):
    """A user's role in support queues."""

    is_agent: bool | None = boolean("isAgent")
    is_mgr: bool | None = boolean("isMgr")


class UserSummaryInstanceType(serv.BodyContentType):
    """A user in a list."""

    web_ex_id: str | None = string("webExId", required=True)
    first_name: str | None = string("firstName", required=True)
    last_name: str | None = string("lastName", required=True)
    email: str | None = string("email", required=True)
    registration_date: str | None = string("registrationDate")
    last_login_time: str | None = string("lastLoginTime", since="39.11.0")
    last_modified_time: str | None = string("lastModifiedTime", since="39.11.0")
    active: str | None = string("active", user_settings.ActiveType, required=True)
    time_zone_id: int | None = long("timeZoneID", default="-1")
    web_acd: WebACDUserRoleType | None = record("webACD", WebACDUserRoleType)
    object_guid: str | None = string("objectGUID")


class UserInstanceTypeEventCenter(Record, anonymous=True):
    """The user's settings in the event service."""

    optimize_attendee_bandwidth_usage: bool | None = boolean("optimizeAttendeeBandwidthUsage")


class UserInstanceType(UserType):
    """A user account with what the site keeps about it."""

    registration_date: str | None = string("registrationDate")
    visit_count: int | None = integer("visitCount")
    user_id: int | None = long("userId", default="-1")
    event_center: UserInstanceTypeEventCenter | None = record("eventCenter", UserInstanceTypeEventCenter)


class CreateUser(UserType):
    """Request of CreateUser: makes a user account."""

    sales_center: user_settings.SalesCenterType | None = record("salesCenter", user_settings.SalesCenterType)
    sync_web_office: bool | None = boolean("syncWebOffice")
    send_welcome: bool | None = boolean("sendWelcome")
    is_html_email: bool | None = boolean("isHTMLEmail", since="40.4.3")
    validate_format: bool | None = boolean("validateFormat")


class CreateUserResponse(serv.BodyContentType):
    """Answer to CreateUser."""

    user_id: int | None = long("userId")


class OrderType(Record):
    """Sort order of a list of users."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class DataScopeType(Record):
    """Range of registration dates to list."""

    reg_date_start: str | None = string("regDateStart")
    time_zone_id: int | None = long("timeZoneID", default="-1")
    reg_date_end: str | None = string("regDateEnd")


class LstsummaryUserWebACD(Record, anonymous=True):
    """Agents of a manager of support queues."""

    manager: str | None = string("manager")
    return_prefs: bool | None = boolean("returnPrefs", default="true")


class LstsummaryUser(serv.BodyContentType):
    """Request of LstsummaryUser: lists users."""

    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    email: str | None = string("email", com.EmailType)
    active: str | None = string("active", user_settings.ActiveType)
    web_ex_id: str | None = string("webExId")
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    data_scope: DataScopeType | None = record("dataScope", DataScopeType)
    web_acd: LstsummaryUserWebACD | None = record("webACD", LstsummaryUserWebACD)
    modified_date_start: str | None = string("modifiedDateStart", since="39.11.0")
    modified_date_end: str | None = string("modifiedDateEnd", since="39.11.0")


class LstsummaryUserResponse(serv.BodyContentType):
    """Answer to LstsummaryUser."""

    user: list[UserSummaryInstanceType] = many(record("user", UserSummaryInstanceType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class LstUser(serv.BodyContentType):
    """Request of LstUser: lists users with all their data."""

    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    email: str | None = string("email", com.EmailType)
    active: str | None = string("active", user_settings.ActiveType)
    web_ex_id: str | None = string("webExId")
    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    data_scope: DataScopeType | None = record("dataScope", DataScopeType)


class LstUserResponse(serv.BodyContentType):
    """Answer to LstUser."""

    user: list[UserInstanceType] = many(record("user", UserInstanceType))
    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)


class SetUser(UserInstanceType):
    """Request of SetUser: changes a user account."""

    sales_center: user_settings.SalesCenterType | None = record("salesCenter", user_settings.SalesCenterType)
    new_web_ex_id: str | None = string("newWebExId")
    sync_web_office: bool | None = boolean("syncWebOffice")
    validate_format: bool | None = boolean("validateFormat")


class SetUserResponse(serv.BodyContentType):
    """Answer to SetUser."""


class GetUser(serv.BodyContentType):
    """Request of GetUser: reads a user account."""

    web_ex_id: str | None = string("webExId", required=True)


class GetUserResponseSchedulingTemplates(Record, anonymous=True):
    """Session templates the user may use."""

    session_template: list[user_settings.SessionTemplateSummaryType] = many(
        record("sessionTemplate", user_settings.SessionTemplateSummaryType)
    )


class GetUserResponseServiceSessionTypes(Record, anonymous=True):
    """A session type by label and value."""

    label: str | None = string("label", required=True)
    value: str | None = string("value", required=True)


class GetUserResponseScheduleFor(Record, anonymous=True):
    """Users for whom this user may schedule."""

    web_ex_id: list[str] = many(string("webExID"))


class GetUserResponse(UserInstanceType):
    """Answer to GetUser."""

    sales_center: user_settings.SalesCenterInstanceType | None = record(
        "salesCenter", user_settings.SalesCenterInstanceType
    )
    pe_expired: bool | None = boolean("peExpired")
    pe_active: bool | None = boolean("peActive")
    password_expires: bool | None = boolean("passwordExpires")
    password_days_left: int | None = integer("passwordDaysLeft")
    scheduling_templates: GetUserResponseSchedulingTemplates | None = record(
        "schedulingTemplates", GetUserResponseSchedulingTemplates
    )
    service_session_types: list[GetUserResponseServiceSessionTypes] = many(
        record("serviceSessionTypes", GetUserResponseServiceSessionTypes)
    )
    schedule_for: GetUserResponseScheduleFor | None = record("scheduleFor", GetUserResponseScheduleFor)


class DelUser(serv.BodyContentType):
    """Request of DelUser: deletes user accounts."""

    web_ex_id: list[str] = many(string("webExId"), least=1, most=50)
    sync_web_office: bool | None = boolean("syncWebOffice")


class DelUserStatusType(Record):
    """Whether a user could be deleted."""

    web_ex_id: str | None = string("webExId", required=True)
    status: str | None = string("status", serv.ResultTypeType, required=True)


class DelUserResponse(serv.BodyContentType):
    """Answer to DelUser."""

    user: list[DelUserStatusType] = many(record("user", DelUserStatusType), most=50)


class GetloginurlUser(serv.BodyContentType):
    """Request of GetloginurlUser: asks for an address that signs the user in."""

    web_ex_id: str | None = string("webExID", required=True)
    back_url: str | None = string("backURL")


class GetloginurlUserResponse(serv.BodyContentType):
    """Answer to GetloginurlUser."""

    user_login_url: str | None = string("userLoginURL")


class GetlogouturlUser(serv.BodyContentType):
    """Request of GetlogouturlUser: asks for an address that signs the user out."""

    web_ex_id: str | None = string("webExID", required=True)
    back_url: str | None = string("backURL")


class GetlogouturlUserResponse(serv.BodyContentType):
    """Answer to GetlogouturlUser."""

    user_logout_url: str | None = string("userLogoutURL")


class ActivateUser(serv.BodyContentType):
    """Request of ActivateUser: makes a deactivated account usable again."""

    user_id: int | None = long("userID", choice=True)
    web_ex_id: str | None = string("webexID", choice=True)


class ActivateUserResponse(serv.BodyContentType):
    """Answer to ActivateUser."""


class InactivateUser(serv.BodyContentType):
    """Request of InactivateUser: deactivates an account."""

    user_id: int | None = long("userID", choice=True)
    web_ex_id: str | None = string("webexID", choice=True)


class InactivateUserResponse(serv.BodyContentType):
    """Answer to InactivateUser."""


class GetLoginTicket(serv.BodyContentType):
    """Request of GetLoginTicket: asks for a ticket that signs the caller in once."""


class GetLoginTicketResponse(serv.BodyContentType):
    """Answer to GetLoginTicket."""

    ticket: str | None = string("ticket", required=True)
    api_version: str | None = string("apiVersion", required=True)


class UploadPMRImage(serv.BodyContentType):
    """Request of UploadPMRImage: uploads a picture for the personal room."""

    image_for: str | None = string("imageFor", ImageForType)
    image_data: bytes | None = binary("imageData")


class UploadPMRImageResponse(serv.BodyContentType):
    """Answer to UploadPMRImage."""


class DelSessionTemplates(serv.BodyContentType):
    """Request of DelSessionTemplates: deletes session templates."""

    session_template: list[user_settings.SessionTemplateType] = many(
        record("sessionTemplate", user_settings.SessionTemplateType), least=1
    )
    template_type: str | None = string("templateType", user_settings.TemplateTypeType, default="User")


class DelSessionTemplatesResponse(serv.BodyContentType):
    """Answer to DelSessionTemplates."""


class AuthenticateUser(serv.BodyContentType):
    """Request of AuthenticateUser: signs in, by password or by a token of another service."""

    saml_response: str | None = string("samlResponse")
    access_token: str | None = string("accessToken", since="11.0.0")


class AuthenticateUserResponse(serv.BodyContentType):
    """Answer to AuthenticateUser."""

    session_ticket: str | None = string("sessionTicket", required=True)
    create_time: int | None = long("createTime", required=True)
    time_to_live: int | None = long("timeToLive", required=True)


class AssignWebACDQueuesQueue(Record, anonymous=True):
    """A queue that is assigned or taken away."""

    name: str | None = string("name", required=True)
    type: str | None = string("type", WebACDRoleType, default="AGENT")
    action: str | None = string("action", serv.WebACDActionType, required=True)


class AssignWebACDQueues(serv.BodyContentType, name="AssignWebACDQueues"):
    """Request of AssignWebACDQueues: assigns support queues to a user."""

    web_ex_id: str | None = string("webExId", required=True)
    queue: list[AssignWebACDQueuesQueue] = many(record("queue", AssignWebACDQueuesQueue), least=1)


class AssignWebACDQueuesResponse(serv.BodyContentType, name="AssignWebACDQueuesResponse"):
    """Answer to AssignWebACDQueues."""


class AssignWebACDAgentsWebACDUser(Record, anonymous=True):
    """An agent who is assigned or taken away."""

    web_ex_id: str | None = string("webExId", required=True)
    action: str | None = string("action", serv.WebACDActionType, required=True)


class AssignWebACDAgents(serv.BodyContentType, name="AssignWebACDAgents"):
    """Request of AssignWebACDAgents: assigns agents to a manager of support queues."""

    manager: str | None = string("manager", required=True)
    web_acd_user: list[AssignWebACDAgentsWebACDUser] = many(record("webACDUser", AssignWebACDAgentsWebACDUser), least=1)


class AssignWebACDAgentsResponse(serv.BodyContentType, name="AssignWebACDAgentsResponse"):
    """Answer to AssignWebACDAgents."""


class GetUserCard(serv.BodyContentType):
    """Request of GetUserCard: reads what anybody may know of a user."""

    web_ex_id: str | None = string("webExId", since="10.0.0")
    email: str | None = string("email", since="10.0.0")
    personal_url: str | None = string("personalUrl", since="10.0.0")


class GetUserCardResponseAvatar(Record, anonymous=True):
    """The user's picture."""

    url: str | None = string("url")
    last_modified_time: int | None = integer("lastModifiedTime")
    is_uploaded: bool | None = boolean("isUploaded")


class GetUserCardResponsePersonalMeetingRoom(Record, anonymous=True):
    """The user's personal room."""

    title: str | None = string("title")
    personal_meeting_room_url: str | None = string("personalMeetingRoomURL")
    access_code: str | None = string("accessCode")


class GetUserCardResponse(serv.BodyContentType):
    """Answer to GetUserCard."""

    avatar: GetUserCardResponseAvatar | None = record("avatar", GetUserCardResponseAvatar, since="10.0.0")
    personal_meeting_room: GetUserCardResponsePersonalMeetingRoom | None = record(
        "personalMeetingRoom", GetUserCardResponsePersonalMeetingRoom, since="10.0.0"
    )
