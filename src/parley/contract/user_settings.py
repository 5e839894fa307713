"""Parts of a user account: one record for each section. The account and the operations are in `user`."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.protocol.declare import Record, boolean, int32, integer, long, many, record, string

SCHEMA = schemas.USER

ServiceType = SCHEMA.enumeration("serviceType", "FREE_OFFICE", "STANDARD_OFFICE", "PRO_OFFICE")
ActiveType = SCHEMA.enumeration("activeType", "ACTIVATED", "REQUEST_TO_ACTIVATE", "DEACTIVATED")
NbrDialOutType = SCHEMA.enumeration("nbrDialOutType", "TOLL_FREE", "TOLL")
ScTabType = SCHEMA.enumeration("scTabType", "Tools", "Desktop", "Application", "Session")
TemplateTypeType = SCHEMA.enumeration("templateTypeType", "User", "Site")
ScRequestType = SCHEMA.enumeration("scRequestType", "DESK_VIEW", "DESK_CTRL", "APP_VIEW", "APP_CTRL")
ScConsoleType = SCHEMA.enumeration("scConsoleType", "NEW_CONSL", "OLD_CONSL")
ScClientType = SCHEMA.enumeration("scClientType", "MULTI_SESS", "SINGLE_SESS")


class UserPhonesType(com.PhonesType):
    """Telephone numbers of a user."""

    phone2: str | None = string("phone2")
    mobile_phone2: str | None = string("mobilePhone2")
    pager: str | None = string("pager")
    pin: str | None = string("PIN", since="10.0.0")


class CommOptionsType(Record):
    """What a user wants to be told of."""

    prod_announce: bool | None = boolean("prodAnnounce", default="false")
    training_info: bool | None = boolean("trainingInfo", default="false")
    electronic_info: bool | None = boolean("electronicInfo", default="false")
    promos: bool | None = boolean("promos", default="false")
    press: bool | None = boolean("press", default="false")
    email: bool | None = boolean("email", default="false")
    fax: bool | None = boolean("fax", default="false")
    phone: bool | None = boolean("phone", default="false")
    mail: bool | None = boolean("mail", default="false")


class OptionsType(Record):
    """What others see of a user, and what the user's sessions support."""

    first_name_visible: bool | None = boolean("firstNameVisible", default="false")
    last_name_visible: bool | None = boolean("lastNameVisible", default="false")
    address_visible: bool | None = boolean("addressVisible", default="false")
    work_phone_visible: bool | None = boolean("workPhoneVisible", default="false")
    cell_phone_visible: bool | None = boolean("cellPhoneVisible", default="false")
    pager_visible: bool | None = boolean("pagerVisible", default="false")
    fax_visible: bool | None = boolean("faxVisible", default="false")
    office_url_visible: bool | None = boolean("officeUrlVisible", default="false")
    picture_visible: bool | None = boolean("pictureVisible", default="false")
    notify_on_new_message: bool | None = boolean("notifyOnNewMessage", default="false")
    notify_on_meeting: bool | None = boolean("notifyOnMeeting", default="false")
    follow_me_enable: bool | None = boolean("followMeEnable", default="false")
    email_visible: bool | None = boolean("emailVisible", default="false")
    list_in_category: bool | None = boolean("listInCategory", default="false")
    title_visible: bool | None = boolean("titleVisible", default="false")
    folder_read: bool | None = boolean("folderRead", default="false")
    folder_write: bool | None = boolean("folderWrite", default="false")
    message_visible: bool | None = boolean("messageVisible", default="false")
    icon_select1: bool | None = boolean("iconSelect1", default="false")
    icon_select2: bool | None = boolean("iconSelect2", default="false")
    accept_link_request: bool | None = boolean("acceptLinkRequest", default="false")
    hold_on_link_request: bool | None = boolean("holdOnLinkRequest", default="false")
    notify_on_link_request: bool | None = boolean("notifyOnLinkRequest", default="false")
    support_video: bool | None = boolean("supportVideo", default="false")
    support_app: bool | None = boolean("supportApp", default="false")
    support_file_share: bool | None = boolean("supportFileShare", default="false")
    support_desktop_share: bool | None = boolean("supportDesktopShare", default="false")
    support_meeting_record: bool | None = boolean("supportMeetingRecord", default="false")
    support_appshare_remote: bool | None = boolean("supportAppshareRemote", default="false")
    support_web_tour_remote: bool | None = boolean("supportWebTourRemote", default="false")
    support_desktop_share_remote: bool | None = boolean("supportDesktopShareRemote", default="false")
    subscription_office: bool | None = boolean("subscriptionOffice", default="false")
    work_phone_callback: bool | None = boolean("workPhoneCallback", since="10.0.0")
    cell_phone_callback: bool | None = boolean("cellPhoneCallback", since="10.0.0")
    fax_callback: bool | None = boolean("faxCallback", since="10.0.0")
    pager_callback: bool | None = boolean("pagerCallback", since="10.0.0")


class PrivilegeType(Record):
    """What a user may do."""

    um_site_admin: bool | None = boolean("umSiteAdmin", since="40.6.0")
    host: bool | None = boolean("host")
    tele_conf_call_out: bool | None = boolean("teleConfCallOut")
    tele_conf_call_out_international: bool | None = boolean("teleConfCallOutInternational")
    tele_conf_call_in: bool | None = boolean("teleConfCallIn")
    tele_conf_toll_free_call_in: bool | None = boolean("teleConfTollFreeCallIn")
    site_admin: bool | None = boolean("siteAdmin")
    voice_over_ip: bool | None = boolean("voiceOverIp")
    ro_site_admin: bool | None = boolean("roSiteAdmin")
    lab_admin: bool | None = boolean("labAdmin")
    other_telephony: bool | None = boolean("otherTelephony", default="true")
    tele_conf_call_in_international: bool | None = boolean("teleConfCallInInternational")
    attendee_only: bool | None = boolean("attendeeOnly")
    recording_editor: bool | None = boolean("recordingEditor")
    meeting_assist: bool | None = boolean("meetingAssist")
    allow_ext_attendees: bool | None = boolean("allowExtAttendees", since="10.0.0")
    hq_video: bool | None = boolean("HQvideo", since="10.0.0")
    hd_video: bool | None = boolean("HDvideo", since="10.0.0")
    is_enable_cet: bool | None = boolean("isEnableCET", since="10.0.0")
    is_enable_pmr: bool | None = boolean("isEnablePMR", since="10.0.0")
    tele_cli_auth_enabled: bool | None = boolean("teleCLIAuthEnabled", since="10.0.0")
    tele_cli_pin_enabled: bool | None = boolean("teleCLIPINEnabled", since="10.0.0")
    cmr_hybrid_voip: bool | None = boolean("cmrHybridVoip", since="40.11.0")


class TspAccountType(Record):
    """A user's account with the site's teleconference provider."""

    toll_free_call_in_number: str | None = string("tollFreeCallInNumber")
    account_index: int | None = int32("accountIndex")
    toll_call_in_number: str | None = string("tollCallInNumber")
    subscriber_access_code: str | None = string("subscriberAccessCode")
    participant_access_code: str | None = string("participantAccessCode")
    create_on_bridge: bool | None = boolean("createOnBridge")
    default_flag: bool | None = boolean("defaultFlag")
    custom1: str | None = string("custom1")
    custom2: str | None = string("custom2")
    custom3: str | None = string("custom3")
    toll_free_call_in_data: str | None = string("tollFreeCallInData")
    toll_call_in_data: str | None = string("tollCallInData")
    nbr_dial_out: str | None = string("nbrDialOut", NbrDialOutType)
    delete: bool | None = boolean("delete")


class SupportedServicesType(Record):
    """Services a user may use."""

    meeting_center: bool | None = boolean("meetingCenter")
    training_center: bool | None = boolean("trainingCenter")
    support_center: bool | None = boolean("supportCenter")
    event_center: bool | None = boolean("eventCenter")
    sales_center: bool | None = boolean("salesCenter")


class MywebexType(Record):
    """What a user finds on the own pages."""

    is_my_web_ex_pro: bool | None = boolean("isMyWebExPro")
    my_contact: bool | None = boolean("myContact")
    my_profile: bool | None = boolean("myProfile")
    my_meetings: bool | None = boolean("myMeetings")
    my_folders: bool | None = boolean("myFolders")
    training_recordings: bool | None = boolean("trainingRecordings")
    recorded_events: bool | None = boolean("recordedEvents")
    total_storage_size: int | None = long("totalStorageSize")
    my_reports: bool | None = boolean("myReports")
    my_computer: int | None = long("myComputer")
    personal_meeting_room: bool | None = boolean("personalMeetingRoom")
    my_partner_links: bool | None = boolean("myPartnerLinks")
    my_workspaces: bool | None = boolean("myWorkspaces")
    additional_recording_storage: int | None = integer("additionalRecordingStorage", since="10.0.0")


class PersonalAccountType(Record):
    """A user's own conference number."""

    subscriber_access_code: str | None = string("subscriberAccessCode")
    participant_full_access_code: str | None = string("participantFullAccessCode")
    participant_limited_access_code: str | None = string("participantLimitedAccessCode")
    account_index: int | None = integer("accountIndex", required=True)
    default_flag: bool | None = boolean("defaultFlag")
    auto_generate: bool | None = boolean("autoGenerate")
    join_before_host: bool | None = boolean("joinBeforeHost")
    delete: bool | None = boolean("delete")


class ThirdPartyAccountType(Record):
    """A user's account with another teleconference provider."""

    name: str | None = string("name", max_length=32)
    conf_bridge_num: str | None = string("confBridgeNum", max_length=32)
    pause: int | None = integer("pause")
    access_code: str | None = string("accessCode", max_length=32)
    account_index: int | None = integer("accountIndex", required=True)
    default_flag: bool | None = boolean("defaultFlag")
    toll_free_num: str | None = string("tollFreeNum", max_length=32)
    moderator_code: str | None = string("moderatorCode", max_length=32)
    phone_name1: str | None = string("phoneName1", max_length=32)
    phone_name2: str | None = string("phoneName2", max_length=32)


class PersonalMeetingRoomTypePRNotifications(Record, anonymous=True):
    """How the owner learns of people waiting."""

    mode: str | None = string("mode", since="9.0.0")


class PersonalMeetingRoomTypeAlternateHostHostsHost(Record, anonymous=True):
    """A person who may hold meetings in the room."""

    email: str | None = string("email", com.EmailType)


class PersonalMeetingRoomTypeAlternateHostHosts(Record, anonymous=True):
    """The people who may hold meetings in the room."""

    host: list[PersonalMeetingRoomTypeAlternateHostHostsHost] = many(
        record("host", PersonalMeetingRoomTypeAlternateHostHostsHost)
    )


class PersonalMeetingRoomTypeAlternateHost(Record, anonymous=True):
    """Who else may hold meetings in the room."""

    allow_anyone_host_my_pmr: bool | None = boolean("allowAnyoneHostMyPMR", since="9.0.0")
    hosts: PersonalMeetingRoomTypeAlternateHostHosts | None = record(
        "hosts", PersonalMeetingRoomTypeAlternateHostHosts, since="9.0.0"
    )


class PersonalMeetingRoomType(Record):
    """A user's personal room."""

    welcome_message: str | None = string("welcomeMessage")
    photo_url: str | None = string("photoURL")
    header_image_branding: bool | None = boolean("headerImageBranding")
    header_image_url: str | None = string("headerImageURL")
    title: str | None = string("title", since="9.0.0")
    personal_meeting_room_url: str | None = string("personalMeetingRoomURL", since="9.0.0")
    sip_url: str | None = string("sipURL", since="9.0.0")
    access_code: str | None = string("accessCode", since="9.0.0")
    host_pin: str | None = string("hostPIN", since="9.0.0")
    apply_pmr_for_instant_meeting: bool | None = boolean("applyPMRForInstantMeeting", since="9.0.0")
    pmr_auto_lock: bool | None = boolean("PMRAutoLock", since="9.0.0")
    pmr_auto_lock_wait_time: int | None = integer("PMRAutoLockWaitTime", since="9.0.0")
    pr_notifications: PersonalMeetingRoomTypePRNotifications | None = record(
        "PRNotifications", PersonalMeetingRoomTypePRNotifications, since="9.0.0"
    )
    pmr_alternate_host: bool | None = boolean("PMRAlternateHost", since="9.0.0")
    alternate_host: PersonalMeetingRoomTypeAlternateHost | None = record(
        "alternateHost", PersonalMeetingRoomTypeAlternateHost, since="9.0.0"
    )


class SessionOptionsType(Record):
    """What a user's new sessions are preset with."""

    default_session_type: int | None = integer("defaultSessionType")
    default_service_type: str | None = string("defaultServiceType", com.ServiceTypeType)
    auto_delete_after_meeting_end: bool | None = boolean("autoDeleteAfterMeetingEnd")
    display_quick_start_host: bool | None = boolean("displayQuickStartHost")
    display_quick_start_attendees: bool | None = boolean("displayQuickStartAttendees")


class SecurityType(Record):
    """Demands on the user's next sign-in."""

    force_change_password: bool | None = boolean("forceChangePassword")
    reset_password: bool | None = boolean("resetPassword")
    lock_account: bool | None = boolean("lockAccount")


class SharingAndRecordingTypeRecording(Record, anonymous=True):
    """Whether and where support sessions are recorded."""

    enforce: bool | None = boolean("enforce", required=True)
    type: str | None = string("type", com.RecordingType)
    location: str | None = string("location")


class SharingAndRecordingType(Record):
    """How sharing and recording work in support sessions."""

    sharing_view: str | None = string("sharingView", com.SharingViewType)
    sharing_color: str | None = string("sharingColor", com.SharingColorType)
    recording: SharingAndRecordingTypeRecording | None = record("recording", SharingAndRecordingTypeRecording)


class SalesRoleType(Record):
    """A user's roles in the sales service."""

    rep: bool | None = boolean("rep", default="true")
    mgr: bool | None = boolean("mgr", default="false")
    asst: bool | None = boolean("asst", default="false")
    sme: bool | None = boolean("sme", default="false")


class SalesProductsType(Record):
    """Products a user knows about."""

    prod_id: list[int] = many(integer("prodID"), least=1)


class SalesSmeType(Record):
    """A user as an expert for products."""

    description: str | None = string("description", max_length=512)
    products: SalesProductsType | None = record("products", SalesProductsType)


class SalesCenterType(Record):
    """A user's settings in the sales service."""

    roles: SalesRoleType | None = record("roles", SalesRoleType)
    manager: str | None = string("manager", max_length=128)
    sme_info: SalesSmeType | None = record("smeInfo", SalesSmeType)


class SalesProductsInstanceTypeProduct(Record, anonymous=True):
    """A product a user knows about."""

    prod_id: int | None = integer("prodID", required=True)
    name: str | None = string("name", required=True)


class SalesProductsInstanceType(Record):
    """Products a user knows about, with their names."""

    product: list[SalesProductsInstanceTypeProduct] = many(record("product", SalesProductsInstanceTypeProduct), least=1)


class SalesSmeInstanceType(Record):
    """A user as an expert for products, with their names."""

    description: str | None = string("description", max_length=512)
    products: SalesProductsInstanceType | None = record("products", SalesProductsInstanceType)


class SalesCenterInstanceType(Record):
    """A user's settings in the sales service, with names of products."""

    roles: SalesRoleType | None = record("roles", SalesRoleType)
    manager: str | None = string("manager", max_length=128)
    sme_info: SalesSmeInstanceType | None = record("smeInfo", SalesSmeInstanceType)


class SessionTemplateSummaryType(Record):
    """A session template in a list."""

    name: str | None = string("name", required=True)
    value: str | None = string("value", required=True)
    service_type: str | None = string("serviceType", com.ServiceTypeType, required=True)


class SessionTemplateType(Record):
    """A session template by name and kind."""

    name: str | None = string("name", required=True)
    service_type: str | None = string("serviceType", com.ServiceTypeType, required=True)
