"""Parts of a site's settings: one record for each section of GetSite. The operations are in `site`."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, int32, integer, long, many, number, record, string

SCHEMA = schemas.SITE

RegionType = SCHEMA.enumeration(
    "regionType",
    "U.S.",
    "Australia",
    "Canada",
    "French Canada",
    "China",
    "Germany",
    "Hong Kong",
    "Italy",
    "Japan",
    "Korea",
    "New Zealand",
    "Spain",
    "Sweden",
    "Switzerland",
    "Taiwan",
    "U.K.",
)
CurrencyType = SCHEMA.enumeration(
    "currencyType",
    "US Dollars",
    "Australian Dollars",
    "Canadian Dollars",
    "British Pounds",
    "Euros",
    "French Francs",
    "Deutschmarks",
    "Hong Kong Dollars",
    "Italian Lira",
    "Japanese Yen",
    "New Zealand Dollars",
    "Swiss Francs",
    "Korean Won",
)
LimitsType = SCHEMA.enumeration("limitsType", "STRICT", "WARN_EXCEED", "NONE")
CodeDisplayType = SCHEMA.enumeration("codeDisplayType", "NOT_USED", "OPTIONAL", "REQUIRED", "ADMIN_SET")
WebPageTypeType = SCHEMA.enumeration("webPageTypeType", "J2EE", "PHP")
TelephonySupportType = SCHEMA.enumeration("telephonySupportType", "NONE", "CALLIN", "CALLBACK", "OTHER")
WindowTargetType = SCHEMA.enumeration("windowTargetType", "NEW", "MAIN", "PARENT", "TOP")
MyWebExPageType = SCHEMA.enumeration(
    "myWebExPageType",
    "My Meetings",
    "My Computers",
    "My Files:Folders",
    "My Files:Training Recordings",
    "My Files:Recorded Events",
    "My Reports",
    "My Profile",
    "My Contacts",
    "My Workspaces",
)
HeaderImageLocationType = SCHEMA.enumeration("headerImageLocationType", "Above", "Replace", "Below")
DirectoryServiceType = SCHEMA.enumeration("directoryServiceType", "WithoutIntegration", "Integration")


class MeetingPlaceType(Record):
    """Integration of a conference server of the customer."""

    mp_profile_url: str | None = string("mpProfileURL")
    mp_logout_url: str | None = string("mpLogoutURL")
    mp_internal_meeting_link: str | None = string("mpInternalMeetingLink")
    nbr_profile_number: str | None = string("nbrProfileNumber")
    nbr_profile_password: str | None = string("nbrProfilePassword")


class MetaDataTypeMeetingTypes(Record, anonymous=True):
    """A session type of the site."""

    meeting_type_id: int | None = long("meetingTypeID", required=True)
    meeting_type_name: str | None = string("meetingTypeName", required=True)
    hide_in_scheduler: bool | None = boolean("hideInScheduler", since="10.0.0")


class MetaDataType(Record):
    """Name, region and kind of the site."""

    is_enterprise: bool | None = boolean("isEnterprise", required=True)
    service_type: list[str] = many(string("serviceType"), least=1)
    meeting_types: list[MetaDataTypeMeetingTypes] = many(record("meetingTypes", MetaDataTypeMeetingTypes))
    site_name: str | None = string("siteName", required=True)
    brand_name: list[str] = many(string("brandName"))
    region: str | None = string("region", required=True)
    currency: str | None = string("currency", required=True)
    time_zone_id: int | None = long("timeZoneID", required=True)
    time_zone: str | None = string("timeZone", com.TimeZoneType)
    parter_id: str | None = string("parterID", required=True)
    web_domain: str | None = string("webDomain", required=True)
    meeting_domain: str | None = string("meetingDomain", required=True)
    telephony_domain: str | None = string("telephonyDomain", required=True)
    page_version: str | None = string("pageVersion", required=True)
    client_version: str | None = string("clientVersion", required=True)
    page_language: str | None = string("pageLanguage", required=True)
    activate_status: bool | None = boolean("activateStatus", required=True)
    web_page_type: str | None = string("webPageType", WebPageTypeType, default="PHP")
    i_calendar: bool | None = boolean("iCalendar")
    my_web_ex_default_page: str | None = string("myWebExDefaultPage", MyWebExPageType)
    component_version: str | None = string("componentVersion")
    account_num_limit: int | None = long("accountNumLimit")
    active_user_count: int | None = long("activeUserCount")
    auo_account_num_limit: int | None = long("auoAccountNumLimit")
    auo_active_user_count: int | None = long("auoActiveUserCount")
    display_meeting_actual_time: bool | None = boolean("displayMeetingActualTime")
    display_offset: bool | None = boolean("displayOffset")
    support_web_ex_11: bool | None = boolean("supportWebEx11", since="10.0.0")


class UcfType(Record):
    """Settings of rich media."""

    ucf_configuration: str | None = string("ucfConfiguration", required=True)


class ClientPlatformsType(Record):
    """Systems that clients may run on."""

    ms_windows: bool | None = boolean("msWindows")
    mac_os_9: bool | None = boolean("macOS9")
    mac_os_x: bool | None = boolean("macOSX")
    sun_solaris: bool | None = boolean("sunSolaris")
    linux: bool | None = boolean("linux", default="false")
    hp_unix: bool | None = boolean("hpUnix")
    java: bool | None = boolean("java")
    palm: bool | None = boolean("palm")


class ResourceRestrictionsType(Record):
    """What the site may use of licences and storage."""

    is_license_manager: bool | None = boolean("isLicenseManager", required=True)
    concurrent_license: int | None = long("concurrentLicense")
    file_folder_capacity: int | None = long("fileFolderCapacity")
    max_concurrent_events: int | None = long("maxConcurrentEvents")
    archive_storage_limit: int | None = long("archiveStorageLimit")


class SupportAPIType(Record):
    """Ways of integration the site allows."""

    auto_login: bool | None = boolean("autoLogin")
    asp_and_php_api: bool | None = boolean("aspAndPHPAPI")
    backward_api: bool | None = boolean("backwardAPI")
    xml_api: bool | None = boolean("xmlAPI")
    c_api: bool | None = boolean("cAPI", default="false")
    scorm: bool | None = boolean("scorm")


class MyWebExConfigType(Record):
    """What hosts find on their own pages, and what they may change."""

    my_contacts: bool | None = boolean("myContacts")
    my_profile: bool | None = boolean("myProfile")
    my_meetings: bool | None = boolean("myMeetings")
    training_recordings: bool | None = boolean("trainingRecordings")
    folders: bool | None = boolean("folders", default="false")
    event_document: bool | None = boolean("eventDocument")
    my_report: bool | None = boolean("myReport")
    my_computer: bool | None = boolean("myComputer", default="false")
    personal_meeting_page: bool | None = boolean("personalMeetingPage")
    my_files_storage: int | None = long("myFilesStorage")
    my_computer_numbers: int | None = long("myComputerNumbers")
    enable_my_web_ex_pro: bool | None = boolean("enableMyWebExPro")
    my_web_ex_pro_host_limit: str | None = string("myWebExProHostLimit", LimitsType)
    my_web_ex_pro_max_hosts: int | None = long("myWebExProMaxHosts")
    restrict_access_any_apps: bool | None = boolean("restrictAccessAnyApps")
    restrict_access_any_apps_num: int | None = long("restrictAccessAnyAppsNum")
    addl_access_any_computers_limit: str | None = string("addlAccessAnyComputersLimit", LimitsType)
    addl_access_any_computers: int | None = long("addlAccessAnyComputers")
    addl_storage_limit: str | None = string("addlStorageLimit", LimitsType)
    addl_storage: int | None = long("addlStorage")
    my_contacts_pro: bool | None = boolean("myContactsPro")
    my_profile_pro: bool | None = boolean("myProfilePro")
    my_meetings_pro: bool | None = boolean("myMeetingsPro")
    training_recordings_pro: bool | None = boolean("trainingRecordingsPro")
    folders_pro: bool | None = boolean("foldersPro", default="false")
    event_document_pro: bool | None = boolean("eventDocumentPro")
    my_report_pro: bool | None = boolean("myReportPro")
    my_computer_pro: bool | None = boolean("myComputerPro", default="false")
    personal_meeting_page_pro: bool | None = boolean("personalMeetingPagePro")
    my_files_storage_pro: int | None = long("myFilesStoragePro")
    my_computer_numbers_pro: int | None = long("myComputerNumbersPro")
    pmr_header_branding: bool | None = boolean("PMRheaderBranding")
    pmr_header_branding_location: str | None = string("PMRheaderBrandingLocation", HeaderImageLocationType)
    allow_change_first_name: bool | None = boolean("allowChangeFirstName", since="42.2.0")
    allow_change_last_name: bool | None = boolean("allowChangeLastName", since="42.2.0")
    allow_change_display_name: bool | None = boolean("allowChangeDisplayName", since="42.2.0")
    allow_upload_pr_avatar: bool | None = boolean("AllowUploadPRAvatar", since="42.2.0")


class TSRouting(Record, name="TSRouting"):
    """Where calls for technical support go."""

    ts_primary_name: str | None = string("TSPrimaryName")
    ts_primary_country_code: str | None = string("TSPrimaryCountryCode")
    ts_primary_number: str | None = string("TSPrimaryNumber")
    ts_delay: int | None = int32("TSDelay")
    ts_second_name: str | None = string("TSSecondName")
    ts_second_country_code: str | None = string("TSSecondCountryCode")
    ts_second_number: str | None = string("TSSecondNumber")


class MpAudioType(Record):
    """How telephony calls an audio connection."""

    label: str | None = string("label")
    phone_number: str | None = string("phoneNumber")


class TspServerType(Record):
    """An adaptor to a teleconference provider."""

    enable_adaptor: bool | None = boolean("enableAdaptor", required=True)
    server_ip: str | None = string("serverIP", required=True)
    mp_audio: list[MpAudioType] = many(record("mpAudio", MpAudioType))
    global_call_in_num_url: str | None = string("globalCallInNumURL")


class MeetingPlaceTelephonyType(Record):
    """Audio by a conference server of the customer."""

    persistent_tsp: bool | None = boolean("persistentTSP", required=True)
    mp_audio_conferencing: str | None = string("mpAudioConferencing", DirectoryServiceType, required=True)


class TelephonyConfigTypePersonalTeleconf(Record, anonymous=True):
    """Servers for personal conference numbers."""

    primary_large_server: serv.PersonalTeleServerType | None = record("primaryLargeServer", serv.PersonalTeleServerType)
    backup1_large_server: serv.PersonalTeleServerType | None = record("backup1LargeServer", serv.PersonalTeleServerType)
    backup2_large_server: serv.PersonalTeleServerType | None = record("backup2LargeServer", serv.PersonalTeleServerType)
    primary_small_server: serv.PersonalTeleServerType | None = record("primarySmallServer", serv.PersonalTeleServerType)
    backup1_small_server: serv.PersonalTeleServerType | None = record("backup1SmallServer", serv.PersonalTeleServerType)
    backup2_small_server: serv.PersonalTeleServerType | None = record("backup2SmallServer", serv.PersonalTeleServerType)
    join_before_host: bool | None = boolean("joinBeforeHost")


class TelephonyConfigTypeTspAdaptorSettings(Record, anonymous=True):
    """Adaptors to a teleconference provider."""

    primary_large: TspServerType | None = record("primaryLarge", TspServerType)
    backup1_large: TspServerType | None = record("backup1Large", TspServerType)
    backup2_large: TspServerType | None = record("backup2Large", TspServerType)


class TelephonyConfigType(Record):
    """Telephony of the site."""

    is_tsp_using_telephony_api: bool | None = boolean("isTSPUsingTelephonyAPI")
    service_name: str | None = string("serviceName")
    participant_access_code_label: str | None = string("participantAccessCodeLabel")
    subscriber_access_code_label: str | None = string("subscriberAccessCodeLabel")
    attendee_id_label: str | None = string("attendeeIDLabel")
    primary_adaptor_url: str | None = string("primaryAdaptorURL")
    secondary_adaptor_url: str | None = string("secondaryAdaptorURL")
    internet_phone: bool | None = boolean("internetPhone")
    support_call_in_type_teleconf: bool | None = boolean("supportCallInTypeTeleconf", since="10.0.0")
    call_in_teleconferencing: bool | None = boolean("callInTeleconferencing")
    toll_free_callin_teleconferencing: bool | None = boolean("tollFreeCallinTeleconferencing")
    intl_call_in_teleconferencing: bool | None = boolean("intlCallInTeleconferencing", since="10.0.0")
    call_back_teleconferencing: bool | None = boolean("callBackTeleconferencing", default="false")
    call_in_number: str | None = string("callInNumber")
    default_tele_server_subject: str | None = string("defaultTeleServerSubject")
    subscribe_name: str | None = string("subscribeName")
    subscribe_password: str | None = string("subscribePassword")
    default_phone_lines: str | None = string("defaultPhoneLines")
    default_speaking_lines: str | None = string("defaultSpeakingLines")
    major_country_code: str | None = string("majorCountryCode")
    major_area_code: str | None = string("majorAreaCode")
    public_name: str | None = string("publicName")
    hybrid_teleconference: bool | None = boolean("hybridTeleconference")
    instant_help: bool | None = boolean("instantHelp")
    customer_manage: bool | None = boolean("customerManage")
    ts_routing: TSRouting | None = record("TSRouting", TSRouting)
    tele_server_name: str | None = string("teleServerName")
    max_callers_number: int | None = long("maxCallersNumber")
    is_specified: bool | None = boolean("isSpecified")
    is_continue: bool | None = boolean("isContinue")
    intl_call_back_teleconferencing: bool | None = boolean("intlCallBackTeleconferencing")
    personal_teleconf: TelephonyConfigTypePersonalTeleconf | None = record(
        "personalTeleconf", TelephonyConfigTypePersonalTeleconf
    )
    multi_media_platform: bool | None = boolean("multiMediaPlatform")
    multi_media_host_name: str | None = string("multiMediaHostName")
    broadcast_audio_stream: bool | None = boolean("broadcastAudioStream")
    tsp_adaptor_settings: TelephonyConfigTypeTspAdaptorSettings | None = record(
        "tspAdaptorSettings", TelephonyConfigTypeTspAdaptorSettings, required=True
    )
    meeting_place: MeetingPlaceTelephonyType | None = record("meetingPlace", MeetingPlaceTelephonyType, required=True)
    support_other_type_teleconf: bool | None = boolean("supportOtherTypeTeleconf", since="10.0.0")
    other_tele_service_name: str | None = string("otherTeleServiceName")
    support_adapterless_tsp: bool | None = boolean("supportAdapterlessTSP")
    display_attendee_id: bool | None = boolean("displayAttendeeID")
    provision_tele_account: bool | None = boolean("provisionTeleAccount")
    choose_pcn: bool | None = boolean("choosePCN")
    audio_only: bool | None = boolean("audioOnly")
    config_toll_and_toll_free_num: bool | None = boolean("configTollAndTollFreeNum")
    config_primary_ts: bool | None = boolean("configPrimaryTS")
    tele_cli_auth_enabled: bool | None = boolean("teleCLIAuthEnabled", since="10.0.0")
    tele_cli_pin_enabled: bool | None = boolean("teleCLIPINEnabled", since="10.0.0")


class CommerceAndReportingType(Record):
    """Reports and charging."""

    tracking_code: bool | None = boolean("trackingCode")
    site_admin_report: bool | None = boolean("siteAdminReport")
    subscription_service: bool | None = boolean("subScriptionService")
    is_e_commerce: bool | None = boolean("isECommmerce")
    conference_price: float | None = number("conferencePrice", "xsd:float")
    call_in_price: float | None = number("callInPrice", "xsd:float")
    call_in_toll_free_price: float | None = number("callInTollFreePrice", "xsd:float")
    call_out_price: float | None = number("callOutPrice", "xsd:float")
    voip_price: float | None = number("voIPPrice", "xsd:float")
    credit_card_author_retries: int | None = long("creditCardAuthorRetries")
    customer_e_commerce: bool | None = boolean("customereCommerce")
    is_local_tax: bool | None = boolean("isLocalTax")
    local_tax_name: str | None = string("localTaxName")
    local_taxt_rate: float | None = number("localTaxtRate", "xsd:float")
    hol_report: int | None = long("holReport")


class ToolsType(Record):
    """Tools the site offers."""

    business_directory: bool | None = boolean("businessDirectory")
    office_calendar: bool | None = boolean("officeCalendar")
    meeting_calendar: bool | None = boolean("meetingCalendar")
    display_on_call_assist_link: bool | None = boolean("displayOnCallAssistLink")
    display_profile_link: bool | None = boolean("displayProfileLink", default="false")
    recording_and_playback: bool | None = boolean("recordingAndPlayback")
    recording_editor: bool | None = boolean("recordingEditor")
    publish_recordings: bool | None = boolean("publishRecordings")
    instant_meeting: bool | None = boolean("instantMeeting")
    emails: bool | None = boolean("emails")
    outlook_integration: bool | None = boolean("outlookIntegration")
    wireless_access: bool | None = boolean("wirelessAccess")
    allow_public_access: bool | None = boolean("allowPublicAccess")
    ssl: bool | None = boolean("ssl")
    e2e: bool | None = boolean("e2e")
    hands_on_lab: bool | None = boolean("handsOnLab")
    hol_max_labs: int | None = long("holMaxLabs")
    hol_max_computers: int | None = long("holMaxComputers")
    user_lock_down: bool | None = boolean("userLockDown")
    meeting_assist: bool | None = boolean("meetingAssist")
    sms: bool | None = boolean("sms")
    encryption: str | None = string("encryption", values=("NONE", "E2E", "PKI"))
    internal_meeting: bool | None = boolean("internalMeeting")
    enable_tp: bool | None = boolean("enableTP", since="10.0.0")
    enable_tp_plus: bool | None = boolean("enableTPplus", since="10.0.0")


class DisplayTypeType(Record):
    """On which pages something is shown."""

    prod_svc_announce: bool | None = boolean("prodSvcAnnounce")
    training_info: bool | None = boolean("trainingInfo")
    e_newsletters: bool | None = boolean("eNewsletters")
    promotions_offers: bool | None = boolean("promotionsOffers")
    press_releases: bool | None = boolean("pressReleases")


class DisplayMethodType(Record):
    """How something is shown."""

    email: bool | None = boolean("email")
    fax: bool | None = boolean("fax")
    phone: bool | None = boolean("phone")
    mail: bool | None = boolean("mail")


class CustCommunicationsType(Record):
    """Messages to customers."""

    display_type: DisplayTypeType | None = record("displayType", DisplayTypeType)
    display_method: DisplayMethodType | None = record("displayMethod", DisplayMethodType)


class CodeSchedulingType(Record):
    """Whether a tracking code is asked for when scheduling."""

    service: str | None = string("service", required=True)
    scheduling: str | None = string("scheduling", CodeDisplayType, required=True)


class CodeListType(Record):
    """A value of a tracking code."""

    index: int | None = integer("index", required=True)
    value: str | None = string("value", required=True)
    active: bool | None = boolean("active", required=True)


class TrackingCodeType(Record):
    """A tracking code of the site."""

    index: int | None = integer("index", required=True)
    name: str | None = string("name", required=True)
    input_mode: str | None = string("inputMode", required=True)
    host_profile: str | None = string("hostProfile", CodeDisplayType, required=True)
    scheduling_page: list[CodeSchedulingType] = many(record("schedulingPage", CodeSchedulingType))
    list_value: list[CodeListType] = many(record("listValue", CodeListType))


class SupportedServiceType(Record):
    """A service of the site and its versions."""

    enabled: bool | None = boolean("enabled", required=True)
    page_version: str | None = string("pageVersion", required=True)
    client_version: str | None = string("clientVersion", required=True)


class SupportedServicesTypeSupportCenter(SupportedServiceType, anonymous=True):
    """The support service."""

    web_acd: bool | None = boolean("webACD")


class SupportedServicesTypeEventCenter(SupportedServiceType, anonymous=True):
    """The event service."""

    marketing_add_on: bool | None = boolean("marketingAddOn", required=True)
    optimize_attendee_bandwidth_usage: bool | None = boolean("optimizeAttendeeBandwidthUsage")


class SupportedServicesType(Record):
    """The services of the site."""

    meeting_center: SupportedServiceType | None = record("meetingCenter", SupportedServiceType, required=True)
    training_center: SupportedServiceType | None = record("trainingCenter", SupportedServiceType, required=True)
    support_center: SupportedServicesTypeSupportCenter | None = record(
        "supportCenter", SupportedServicesTypeSupportCenter, required=True
    )
    event_center: SupportedServicesTypeEventCenter | None = record(
        "eventCenter", SupportedServicesTypeEventCenter, required=True
    )
    sales_center: SupportedServiceType | None = record("salesCenter", SupportedServiceType, required=True)


class SecurityOptionsTypeMeetings(Record, anonymous=True):
    """Demands on meeting passwords."""

    strict_passwords: bool | None = boolean("strictPasswords", required=True)


class SecurityOptionsType(Record):
    """What the site demands of passwords, sign-in and sessions."""

    password_expires: bool | None = boolean("passwordExpires", required=True)
    password_lifetime: int | None = integer("passwordLifetime", required=True)
    all_meetings_unlisted: bool | None = boolean("allMeetingsUnlisted", required=True)
    all_meetings_password: bool | None = boolean("allMeetingsPassword", required=True)
    join_before_host: bool | None = boolean("joinBeforeHost", required=True)
    audio_before_host: bool | None = boolean("audioBeforeHost", required=True)
    change_personal_url: bool | None = boolean("changePersonalURL", required=True)
    change_user_name: bool | None = boolean("changeUserName", required=True)
    meetings: SecurityOptionsTypeMeetings | None = record("meetings", SecurityOptionsTypeMeetings, required=True)
    strict_user_password: bool | None = boolean("strictUserPassword", required=True)
    account_notify: bool | None = boolean("accountNotify")
    require_login_before_site_access: bool | None = boolean("requireLoginBeforeSiteAccess")
    change_pwd_when_auto_login: bool | None = boolean("changePWDWhenAutoLogin", required=True)
    enforce_baseline: bool | None = boolean("enforceBaseline", required=True)
    password_change_interval_opt: bool | None = boolean("passwordChangeIntervalOpt", required=True)
    password_change_interval: int | None = integer("passwordChangeInterval", required=True)
    first_attendee_as_presenter: bool | None = boolean("firstAttendeeAsPresenter", since="10.0.0")
    is_enable_uuid_link: bool | None = boolean("isEnableUUIDLink", since="10.0.0")
    is_enable_uuid_link_for_sac: bool | None = boolean("isEnableUUIDLinkForSAC", since="10.0.0")
    enforce_recording_pwd_for_mc: bool | None = boolean("enforceRecordingPwdForMC", since="10.0.0")
    enforce_recording_pwd_for_ec: bool | None = boolean("enforceRecordingPwdForEC", since="10.0.0")
    enforce_recording_pwd_for_tc: bool | None = boolean("enforceRecordingPwdForTC", since="10.0.0")
    enforce_recording_pwd_for_misc: bool | None = boolean("enforceRecordingPwdForMisc", since="10.0.0")
    ec_meetings_unlisted: bool | None = boolean("ECMeetingsUnlisted", since="11.0.0")
    tc_meetings_unlisted: bool | None = boolean("TCMeetingsUnlisted", since="11.0.0")


class TeleconferenceType(Record):
    """Kinds of teleconference preset for new sessions."""

    telephony_support: str | None = string("telephonySupport", TelephonySupportType, required=True)
    toll_free: bool | None = boolean("tollFree")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")


class DefaultsType(Record):
    """What new sessions are preset with."""

    email_reminders: bool | None = boolean("emailReminders", required=True)
    entry_exit_tone: str | None = string("entryExitTone", com.EntryExitToneType, required=True)
    voip: bool | None = boolean("voip", required=True)
    teleconference: TeleconferenceType | None = record("teleconference", TeleconferenceType, required=True)
    join_teleconf_not_press1: bool | None = boolean("joinTeleconfNotPress1", required=True)
    update_tsp_account: bool | None = boolean("updateTSPAccount")


class ScheduleOptionsType(Record):
    """What is allowed when scheduling."""

    schedule_on_behalf: bool | None = boolean("scheduleOnBehalf")
    save_session_template: bool | None = boolean("saveSessionTemplate")


class NavigationBarType(Record):
    """An entry of the navigation bar."""

    order: int | None = integer("order", required=True)
    enabled: bool | None = boolean("enabled")
    service_name: str | None = string("serviceName", required=True)
    customized_name: str | None = string("customizedName")


class TopBarType(Record):
    """The bar at the top of the pages."""

    button: list[NavigationBarType] = many(record("button", NavigationBarType))
    display_disabled_service: bool | None = boolean("displayDisabledService")


class LinkType(Record):
    """A link on the pages of the site."""

    name: str | None = string("name")
    url: str | None = string("url")
    target: str | None = string("target", WindowTargetType)
    icon_url: str | None = string("iconURL")


class CustomLinkType(Record):
    """Links of the site's own."""

    custom_link: list[LinkType] = many(record("customLink", LinkType))


class PartnerLinkType(Record):
    """Links to partners."""

    partner_link: list[LinkType] = many(record("partnerLink", LinkType))


class UrlType(Record):
    """An address and where it opens."""

    url: str | None = string("url")
    target: str | None = string("target", WindowTargetType)


class MyWebExBarType(Record):
    """Navigation of the hosts' own pages."""

    custom_links: CustomLinkType | None = record("customLinks", CustomLinkType)
    partner_links: PartnerLinkType | None = record("partnerLinks", PartnerLinkType)
    partner_integration: bool | None = boolean("partnerIntegration")
    support: UrlType | None = record("support", UrlType)
    training: UrlType | None = record("training", UrlType)


class MenuType(Record):
    """The support menu."""

    user_guides: UrlType | None = record("userGuides", UrlType)
    downloads: UrlType | None = record("downloads", UrlType)
    training: UrlType | None = record("training", UrlType)
    contact_us: UrlType | None = record("contactUs", UrlType)
    support_my_resources: bool | None = boolean("supportMyResources")


class AllServiceBarTypeCustomLinks(CustomLinkType, anonymous=True):
    """Links of the site's own under a label."""

    group_label: str | None = string("groupLabel")


class AllServiceBarType(Record):
    """Navigation that all services share."""

    custom_links: AllServiceBarTypeCustomLinks | None = record("customLinks", AllServiceBarTypeCustomLinks)
    support: LinkType | None = record("support", LinkType)
    training: LinkType | None = record("training", LinkType)
    support_menu: MenuType | None = record("supportMenu", MenuType)


class PasswordCriteriaType(Record):
    """What a session password must be like."""

    mixed_case: bool | None = boolean("mixedCase", required=True)
    min_length: int | None = integer("minLength", required=True)
    min_alpha: int | None = integer("minAlpha", required=True)
    min_numeric: int | None = integer("minNumeric", required=True)
    min_special: int | None = integer("minSpecial", required=True)
    disallow_web_text_sessions: bool | None = boolean("disallowWebTextSessions", required=True)
    disallow_web_text_accounts: bool | None = boolean("disallowWebTextAccounts", required=True)
    disallow_list: bool | None = boolean("disallowList", required=True)
    disallow_value: list[str] = many(string("disallowValue"))


class AccountPasswordCriteriaType(Record):
    """What an account password must be like."""

    mixed_case: bool | None = boolean("mixedCase", required=True)
    min_length: int | None = integer("minLength", required=True)
    min_numeric: int | None = integer("minNumeric", required=True)
    min_alpha: int | None = integer("minAlpha", required=True)
    min_special: int | None = integer("minSpecial", required=True)
    disallow_3x_repeated_char: bool | None = boolean("disallow3XRepeatedChar", required=True)
    disallow_web_text_accounts: bool | None = boolean("disallowWebTextAccounts", required=True)
    disallow_list: bool | None = boolean("disallowList", required=True)
    disallow_value: list[str] = many(string("disallowValue"))


class InstallationOptionType(Record):
    """How the desktop tools get installed."""

    auto_update: bool | None = boolean("autoUpdate")


class IntegrationType(Record):
    """Programs that the desktop tools work with."""

    outlook: bool | None = boolean("outlook")
    outlook_for_mac: bool | None = boolean("outlookForMac")
    lotus_notes: bool | None = boolean("lotusNotes")
    one_click: bool | None = boolean("oneClick")
    show_sys_tray_icon: bool | None = boolean("showSysTrayIcon")
    office: bool | None = boolean("office")
    excel: bool | None = boolean("excel")
    power_point: bool | None = boolean("powerPoint")
    word: bool | None = boolean("word")
    ie: bool | None = boolean("IE")
    firefox: bool | None = boolean("firefox")
    explorer_right_click: bool | None = boolean("explorerRightClick")
    instant_messenger: bool | None = boolean("instantMessenger")
    aol_messenger: bool | None = boolean("aolMessenger")
    google_talk: bool | None = boolean("googleTalk")
    lotus_sametime: bool | None = boolean("lotusSametime")
    skype: bool | None = boolean("skype")
    windows_messenger: bool | None = boolean("windowsMessenger")
    yahoo_messenger: bool | None = boolean("yahooMessenger")
    cisco_ip_phone: bool | None = boolean("ciscoIPPhone")
    cisco_cuae_url: str | None = string("ciscoCUAEURL")
    pc_now: bool | None = boolean("pcNow")
    i_google: bool | None = boolean("iGoogle")
    i_phone_dusting: bool | None = boolean("iPhoneDusting")
    cuma_url: str | None = string("CUMAURL")


class OneClickType(Record):
    """One-click meetings in the desktop tools."""

    allow_join_unlist_meeting: bool | None = boolean("allowJoinUnlistMeeting")
    require_approve_join: bool | None = boolean("requireApproveJoin")


class TemplateType(Record):
    """Templates in the desktop tools."""

    use_template: bool | None = boolean("useTemplate")


class LockDownPTType(Record):
    """What users of the desktop tools may not change."""

    lock_down: bool | None = boolean("lockDown")
    version: str | None = string("version")


class ImSettingsType(Record):
    """Instant messaging in the desktop tools."""

    attendee_invite_other: bool | None = boolean("attendeeInviteOther")


class ProductivityToolType(Record):
    """The desktop tools."""

    enable: bool | None = boolean("enable")
    install_opts: InstallationOptionType | None = record("installOpts", InstallationOptionType)
    integrations: IntegrationType | None = record("integrations", IntegrationType)
    one_click: OneClickType | None = record("oneClick", OneClickType)
    templates: TemplateType | None = record("templates", TemplateType)
    lock_down_pt: LockDownPTType | None = record("lockDownPT", LockDownPTType)
    im_settings: ImSettingsType | None = record("imSettings", ImSettingsType)


class SalesCenterType(Record, name="SalesCenterType"):
    """Settings of the sales service."""

    allow_join_without_login: bool | None = boolean("allowJoinWithoutLogin")


class ConnectIntegrationType(Record):
    """Connection to the messaging service."""

    connect_server_url: str | None = string("connectServerURL")
    connect_organization: str | None = string("connectOrganization")
    connect_namespace_id: str | None = string("connectNameSpaceID")
    integrated_web_ex_11: bool | None = boolean("integratedWebEx11", since="7.0.0")


class MsOfficeType(Record):
    """Integration with office programs."""


class InstantMessengerType(Record):
    """Integration with messengers."""


class OneClicksType(Record):
    """Integration of one-click meetings."""
