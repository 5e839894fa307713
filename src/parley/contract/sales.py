"""Sales sessions, customer accounts and opportunities (namespace .../service/sales)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, integer, long, many, record, string

SCHEMA = schemas.SALES

ProductOrderByType = SCHEMA.enumeration("productOrderByType", "PRODID", "NAME", "DESCRIPTION")
ListingType = SCHEMA.enumeration("listingType", "PUBLIC", "PRIVATE", "UNLISTED")
TelephonySupportType = SCHEMA.enumeration("telephonySupportType", "NONE", "CALLIN", "CALLBACK", "OTHER")
RecurrenceType = SCHEMA.enumeration("recurrenceType", "WEEKLY", "DAILY", "NO_REPEAT", "MONTHLY", "YEARLY")
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
    "ACCOUNT",
    "OPPORTUNITY",
)


class ProductType(Record):
    """A product."""

    name: str | None = string("name", max_length=128)
    description: str | None = string("description", max_length=256)


class ProductInstanceType(ProductType):
    """A product with its number."""

    prod_id: int | None = integer("prodID", required=True)


class ProductOrderType(Record):
    """Sort order of a list of products."""

    order_by: list[str] = many(string("orderBy", ProductOrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class LstProducts(serv.BodyContentType):
    """Request of LstProducts: lists products."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: ProductOrderType | None = record("order", ProductOrderType)
    name: str | None = string("name", max_length=128)
    prod_id: list[int] = many(integer("prodID"))


class LstProductsResponse(serv.BodyContentType):
    """Answer to LstProducts."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    product: list[ProductInstanceType] = many(record("product", ProductInstanceType))


class AddProducts(serv.BodyContentType):
    """Request of AddProducts: adds products."""

    product: list[ProductType] = many(record("product", ProductType), least=1)


class AddProductsResponse(serv.BodyContentType):
    """Answer to AddProducts."""

    prod_id: list[int] = many(integer("prodID"), least=1)


class SetProducts(serv.BodyContentType):
    """Request of SetProducts: changes products."""

    product: list[ProductInstanceType] = many(record("product", ProductInstanceType), least=1)


class SetProductsResponse(serv.BodyContentType):
    """Answer to SetProducts."""

    prod_id: list[int] = many(integer("prodID"), least=1)


class AccessControlType(Record):
    """Who can see and enter the session."""

    listing: str | None = string("listing", ListingType)
    meeting_password: str | None = string("meetingPassword", max_length=16)
    enforce_password: bool | None = boolean("enforcePassword", default="true")


class MetaDataType(Record):
    """Name, kind and description of the session."""

    conf_name: str | None = string("confName", max_length=512)
    agenda: str | None = string("agenda", max_length=2500)
    account: str | None = string("account", max_length=128)
    opportunity: str | None = string("opportunity", max_length=128)
    session_type: int | None = integer("sessionType", default="-1")
    default_highest_mt: bool | None = boolean("defaultHighestMT", default="true")
    int_account_id: int | None = integer("intAccountID")
    int_oppty_id: int | None = integer("intOpptyID")
    ext_system_id: int | None = integer("extSystemID")
    session_template: com.SessionTemplateType | None = record("sessionTemplate", com.SessionTemplateType)


class ScheduleType(Record):
    """When the session takes place and who holds it."""

    start_date: str | None = string("startDate")
    time_zone_id: int | None = integer("timeZoneID", default="-1")
    time_zone: str | None = string("timeZone", com.TimeZoneType)
    duration: int | None = integer("duration")
    open_time_enabled: bool | None = boolean("openTimeEnabled")
    open_time: int | None = integer("openTime")
    template_file_path: str | None = string("templateFilePath")
    show_file_path: str | None = string("showFilePath")
    show_file_start_mode: bool | None = boolean("showFileStartMode")
    show_file_cont_play_flag: bool | None = boolean("showFileContPlayFlag")
    show_file_interval: int | None = long("showFileInterVal")
    send_schedule_email: bool | None = boolean("sendScheduleEmail", default="false")
    ext_url: str | None = string("extURL", max_length=512)
    ext_notify_time: int | None = integer("extNotifyTime", low=0)
    join_notify_url: str | None = string("joinNotifyURL", max_length=512)
    join_teleconf_before_host: bool | None = boolean("joinTeleconfBeforeHost")
    host_web_ex_id: str | None = string("hostWebExID")


class EnableOptionsType(Record):
    """Options of the session."""

    auto_delete_after_meeting_end: bool | None = boolean("autoDeleteAfterMeetingEnd")
    send_email_by_client: bool | None = boolean("sendEmailByClient")
    display_quick_start_host: bool | None = boolean("displayQuickStartHost")


class TelephonyType(Record):
    """How people join by telephone."""

    telephony_support: str | None = string("telephonySupport", TelephonySupportType, default="NONE")
    num_phone_lines: int | None = integer("numPhoneLines", default="4")
    ext_telephony_url: str | None = string("extTelephonyURL")
    ext_telephony_description: str | None = string("extTelephonyDescription")
    enable_tsp: bool | None = boolean("enableTSP")
    tsp_account_index: int | None = integer("tspAccountIndex")
    personal_account_index: int | None = integer("personalAccountIndex")
    intl_local_call_in: bool | None = boolean("intlLocalCallIn")
    teleconf_location: str | None = string("teleconfLocation")
    call_in_num: serv.CallInNumType | None = record("callInNum", serv.CallInNumType)
    tsp_conference: serv.TspAccountType | None = record("tspConference", serv.TspAccountType)
    tsp_access_code_order: str | None = string("tspAccessCodeOrder", serv.TspAccessCodeOrderType)
    toll_free: bool | None = boolean("tollFree")


class RepeatTypeDayInWeek(Record, anonymous=True):
    """Days of the week on which the session takes place."""

    day: list[str] = many(string("day", com.DayOfWeekType), most=7)


class RepeatType(Record):
    """How the session recurs."""

    repeat_type: str | None = string("repeatType", RecurrenceType)
    end_after: int | None = integer("endAfter")
    expiration_date: str | None = string("expirationDate")
    interval: int | None = integer("interval")
    day_in_week: RepeatTypeDayInWeek | None = record("dayInWeek", RepeatTypeDayInWeek)
    day_in_month: int | None = integer("dayInMonth", low=1, high=31)
    week_in_month: int | None = integer("weekInMonth", low=1, high=6)
    month_in_year: int | None = integer("monthInYear", low=1, high=12)


class RemindType(Record):
    """Reminder before the session."""

    enable_reminder: bool | None = boolean("enableReminder")
    days_ahead: int | None = integer("daysAhead")
    hours_ahead: int | None = integer("hoursAhead")
    minutes_ahead: int | None = integer("minutesAhead")


class ProspectType(Record):
    """A prospect who is invited."""

    name: str | None = string("name")
    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    email: str | None = string("email", com.EmailType, required=True, max_length=64)
    phones: com.PhonesType | None = record("phones", com.PhonesType)


class AlternateHostType(Record):
    """Who else may hold the session."""

    web_ex_id: list[str] = many(string("webExID"))


class AttendeeOptionsType(Record):
    """What prospects are told and need."""

    require_ucf_diagnosis: bool | None = boolean("requireUcfDiagnosis")
    exclude_password: bool | None = boolean("excludePassword")
    email_invitations: bool | None = boolean("emailInvitations", default="false")
    participant_limit: int | None = integer("participantLimit", low=0)


class SalesSessionTypeProspects(Record, anonymous=True):
    """The prospects who are invited."""

    prospect: list[ProspectType] = many(record("prospect", ProspectType))


class SalesSessionTypeSalesTeam(Record, anonymous=True):
    """The sales team."""

    web_ex_id: list[str] = many(string("webExID", max_length=128))
    email: list[str] = many(string("email"))
    alt_hosts: AlternateHostType | None = record("altHosts", AlternateHostType)


class SalesSessionType(serv.BodyContentType):
    """A sales session as it is scheduled."""

    access_control: AccessControlType | None = record("accessControl", AccessControlType)
    meta_data: MetaDataType | None = record("metaData", MetaDataType)
    schedule: ScheduleType | None = record("schedule", ScheduleType)
    enable_options: EnableOptionsType | None = record("enableOptions", EnableOptionsType)
    telephony: TelephonyType | None = record("telephony", TelephonyType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)
    repeat: RepeatType | None = record("repeat", RepeatType)
    remind: RemindType | None = record("remind", RemindType)
    prospects: SalesSessionTypeProspects | None = record("prospects", SalesSessionTypeProspects)
    sales_team: SalesSessionTypeSalesTeam | None = record("salesTeam", SalesSessionTypeSalesTeam)
    attendee_options: AttendeeOptionsType | None = record("attendeeOptions", AttendeeOptionsType)


class SalesSessionSummaryInstanceType(serv.BodyContentType):
    """A sales session in a list."""

    meeting_key: int | None = long("meetingKey", required=True)
    conf_name: str | None = string("confName", required=True)
    meeting_type: int | None = integer("meetingType", required=True)
    host_web_ex_id: str | None = string("hostWebExID")
    time_zone_id: int | None = integer("timeZoneID")
    time_zone: str | None = string("timeZone")
    status: str | None = string("status")
    start_date: str | None = string("startDate", required=True)
    duration: int | None = integer("duration", required=True)
    list_status: str | None = string("listStatus", ListingType)
    account: str | None = string("account", max_length=128)
    opportunity: str | None = string("opportunity", max_length=128)


class SalesSessionInstanceType(SalesSessionType):
    """A scheduled sales session with its key."""

    meeting_key: int | None = long("meetingKey", required=True)


class CreateSalesSession(SalesSessionType):
    """Request of CreateSalesSession: schedules a sales session."""

    validate_format: bool | None = boolean("validateFormat")


class ICalendarURL(serv.ICalendarURLType):
    """Addresses of the calendar files for host, sales team and prospects."""

    sme: str | None = string("sme", required=True)


class CreateSalesSessionResponse(serv.BodyContentType):
    """Answer to CreateSalesSession."""

    meeting_key: int | None = long("meetingKey")
    i_calendar_url: ICalendarURL | None = record("iCalendarURL", ICalendarURL)
    guest_token: str | None = string("guestToken")


class GetSalesSession(serv.BodyContentType):
    """Request of GetSalesSession: reads one sales session."""

    meeting_key: int | None = long("meetingKey", required=True)


class GetSalesSessionResponse(SalesSessionInstanceType):
    """Answer to GetSalesSession."""

    status: str | None = string("status")
    host_key: str | None = string("hostKey")
    event_id: int | None = long("eventID")
    guest_token: str | None = string("guestToken")
    host_type: str | None = string("hostType")


class OrderType(Record):
    """Sort order of a list of sales sessions."""

    order_by: list[str] = many(string("orderBy", OrderByType), most=3)
    order_ad: list[str] = many(string("orderAD", serv.LstOrderADType), most=3)


class DateScopeType(Record):
    """Ranges of start and end dates to list."""

    start_date_start: str | None = string("startDateStart")
    start_date_end: str | None = string("startDateEnd")
    end_date_start: str | None = string("endDateStart")
    end_date_end: str | None = string("endDateEnd")
    time_zone_id: int | None = integer("timeZoneID", default="-1")


class LstsummarySalesSession(serv.BodyContentType):
    """Request of LstsummarySalesSession: lists sales sessions."""

    list_control: serv.LstControlType | None = record("listControl", serv.LstControlType)
    order: OrderType | None = record("order", OrderType)
    date_scope: DateScopeType | None = record("dateScope", DateScopeType)
    meeting_key: int | None = long("meetingKey")
    host_web_ex_id: str | None = string("hostWebExID")
    account: str | None = string("account", max_length=128)
    opportunity: str | None = string("opportunity", max_length=128)


class LstsummarySalesSessionResponse(serv.BodyContentType):
    """Answer to LstsummarySalesSession."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    sales_session: list[SalesSessionSummaryInstanceType] = many(record("salesSession", SalesSessionSummaryInstanceType))


class DelSalesSession(serv.BodyContentType):
    """Request of DelSalesSession: deletes a sales session."""

    meeting_key: int | None = long("meetingKey", required=True)


class DelSalesSessionResponse(serv.BodyContentType):
    """Answer to DelSalesSession."""

    i_calendar_url: ICalendarURL | None = record("iCalendarURL", ICalendarURL)


class SetSalesSession(SalesSessionInstanceType):
    """Request of SetSalesSession: changes a sales session."""

    validate_format: bool | None = boolean("validateFormat")


class SetSalesSessionResponse(serv.BodyContentType):
    """Answer to SetSalesSession."""

    i_calendar_url: ICalendarURL | None = record("iCalendarURL", ICalendarURL)


class AccountType(Record):
    """A customer account."""

    name: str | None = string("name", max_length=128)
    ext_account_id: str | None = string("extAccountID", max_length=512)
    ext_system_id: int | None = integer("extSystemID")
    parent_int_id: int | None = integer("parentIntID")


class OpptySummaryType(Record):
    """An opportunity of a customer account."""

    name: str | None = string("name", required=True, max_length=128)
    int_oppty_id: int | None = integer("intOpptyID", required=True)
    ext_oppty_id: str | None = string("extOpptyID", max_length=512)


class AccountInstanceType(AccountType):
    """A customer account with its number and opportunities."""

    int_account_id: int | None = integer("intAccountID")
    opportunity: list[OpptySummaryType] = many(record("opportunity", OpptySummaryType))


class OpptyType(Record):
    """A sales opportunity."""

    name: str | None = string("name", max_length=128)
    int_account_id: int | None = integer("intAccountID")
    ext_oppty_id: str | None = string("extOpptyID", max_length=512)
    ext_system_id: int | None = integer("extSystemID")


class OpptyInstanceType(OpptyType):
    """A sales opportunity with its number."""

    int_oppty_id: int | None = integer("intOpptyID", required=True)


class CreateAccount(serv.BodyContentType):
    """Request of CreateAccount: makes a customer account."""

    web_ex_id: str | None = string("webExID")
    account: AccountType | None = record("account", AccountType, required=True)


class CreateAccountResponse(serv.BodyContentType):
    """Answer to CreateAccount."""

    int_account_id: int | None = integer("intAccountID", required=True)


class SetAccountAccount(AccountType, anonymous=True):
    """The customer account and its new values."""

    int_account_id: int | None = integer("intAccountID", required=True)


class SetAccount(serv.BodyContentType):
    """Request of SetAccount: changes a customer account."""

    web_ex_id: str | None = string("webExID")
    account: SetAccountAccount | None = record("account", SetAccountAccount, required=True)


class SetAccountResponse(serv.BodyContentType):
    """Answer to SetAccount."""

    int_account_id: int | None = integer("intAccountID", required=True)


class LstAccounts(serv.BodyContentType):
    """Request of LstAccounts: lists customer accounts."""

    web_ex_id: str | None = string("webExID")
    int_account_id: int | None = integer("intAccountID")
    ext_account_id: str | None = string("extAccountID")
    ext_system_id: int | None = integer("extSystemID")
    return_oppty: bool | None = boolean("returnOppty", default="false")


class LstAccountsResponse(serv.BodyContentType):
    """Answer to LstAccounts."""

    account: list[AccountInstanceType] = many(record("account", AccountInstanceType))


class CreateOpportunity(serv.BodyContentType):
    """Request of CreateOpportunity: makes an opportunity."""

    web_ex_id: str | None = string("webExID")
    opportunity: OpptyType | None = record("opportunity", OpptyType, required=True)


class CreateOpportunityResponse(serv.BodyContentType):
    """Answer to CreateOpportunity."""

    int_oppty_id: int | None = integer("intOpptyID", required=True)


class SetOpportunity(serv.BodyContentType):
    """Request of SetOpportunity: changes an opportunity."""

    web_ex_id: str | None = string("webExID")
    opportunity: OpptyInstanceType | None = record("opportunity", OpptyInstanceType, required=True)


class SetOpportunityResponse(serv.BodyContentType):
    """Answer to SetOpportunity."""

    int_oppty_id: int | None = integer("intOpptyID", required=True)


class LstOpportunities(serv.BodyContentType):
    """Request of LstOpportunities: lists opportunities."""

    web_ex_id: str | None = string("webExID")
    int_account_id: int | None = integer("intAccountID")
    ext_account_id: str | None = string("extAccountID")
    int_oppty_id: int | None = integer("intOpptyID")
    ext_oppty_id: str | None = string("extOpptyID")
    ext_system_id: int | None = integer("extSystemID")


class LstOpportunitiesResponseOpportunity(OpptyInstanceType, anonymous=True):
    """An opportunity and its account."""

    ext_account_id: str | None = string("extAccountID", max_length=512)


class LstOpportunitiesResponse(serv.BodyContentType):
    """Answer to LstOpportunities."""

    opportunity: list[LstOpportunitiesResponseOpportunity] = many(
        record("opportunity", LstOpportunitiesResponseOpportunity)
    )
