"""Types that all services share (namespace .../2002/06/common): persons, addresses, tracking codes, credentials."""

from __future__ import annotations

from parley.contract import schemas
from parley.protocol.declare import Record, boolean, integer, long, many, record, string

SCHEMA = schemas.COMMON

MeetingTypeType = SCHEMA.enumeration(
    "meetingTypeType",
    "INITIAL",
    "FRE",
    "STD",
    "PRO",
    "STANDARD_SUB",
    "PRO_SUB",
    "PPU",
    "ONCALL",
    "ONTOUR",
    "ONSTAGE",
    "ACCESS_ANYWHERE",
    "COB",
    "OCS",
    "ONS",
    "RAS",
    "SC3",
    "SOP",
    "SOS",
    "TRS",
    "CUSTOM",
    "SMT",
    "SAC",
)
TimeZoneType = SCHEMA.enumeration(
    "timeZoneType",
    "GMT-12:00, Dateline (Eniwetok)",
    "GMT-11:00, Samoa (Samoa)",
    "GMT-10:00, Hawaii (Honolulu)",
    "GMT-09:00, Alaska (Ancorage)",
    "GMT-08:00, Pacific (San Jose)",
    "GMT-07:00, Mountain (Arizona)",
    "GMT-07:00, Mountain (Denver)",
    "GMT-06:00, Central (Chicago)",
    "GMT-06:00, Mexico (Mexico City,Tegucigalpa)",
    "GMT-06:00, Central (Regina)",
    "GMT-05:00, S. America Pacific (Bogota)",
    "GMT-05:00, Eastern (New York)",
    "GMT-05:00, Eastern (Indiana)",
    "GMT-04:00, Atlantic (Halifax)",
    "GMT-04:00, S. America Western (Caracas)",
    "GMT-03:30, Newfoundland (Newfoundland)",
    "GMT-03:00, S. America Eastern (Brasilia)",
    "GMT-03:00, S. America Eastern (Buenos Aires)",
    "GMT-02:00, Mid-Atlantic (Mid-Atlantic)",
    "GMT-01:00, Azores (Azores)",
    "GMT+00:00, Greenwich (Casablanca)",
    "GMT+00:00, GMT (London)",
    "GMT+01:00, Europe (Amsterdam)",
    "GMT+01:00, Europe (Paris)",
    "GMT+01:00, Europe (Prague)",
    "GMT+01:00, Europe (Berlin)",
    "GMT+02:00, Greece (Athens)",
    "GMT+02:00, Eastern Europe (Bucharest)",
    "GMT+02:00, Egypt (Cairo)",
    "GMT+02:00, South Africa (Pretoria)",
    "GMT+02:00, Northern Europe (Helsinki)",
    "GMT+02:00, Israel (Tel Aviv)",
    "GMT+03:00, Saudi Arabia (Baghdad)",
    "GMT+03:00, Russian (Moscow)",
    "GMT+03:00, Nairobi (Nairobi)",
    "GMT+03:00, Iran (Tehran)",
    "GMT+04:00, Arabian (Abu Dhabi, Muscat)",
    "GMT+04:00, Baku (Baku)",
    "GMT+04:00, Afghanistan (Kabul)",
    "GMT+05:00, West Asia (Ekaterinburg)",
    "GMT+05:00, West Asia (Islamabad)",
    "GMT+05:30, India (Bombay)",
    "GMT+06:00, Columbo (Columbo)",
    "GMT+06:00, Central Asia (Almaty)",
    "GMT+07:00, Bangkok (Bangkok)",
    "GMT+08:00, China (Beijing)",
    "GMT+08:00, Australia Western (Perth)",
    "GMT+08:00, Singapore (Singapore)",
    "GMT+08:00, Taipei (Hong Kong)",
    "GMT+09:00, Tokyo (Tokyo)",
    "GMT+09:00, Korea (Seoul)",
    "GMT+09:30, Yakutsk (Yakutsk)",
    "GMT+09:30, Australia Central (Adelaide)",
    "GMT+09:30, Australia Central (Darwin)",
    "GMT+10:00, Australia Eastern (Brisbane)",
    "GMT+10:00, Australia Eastern (Sydney)",
    "GMT+10:00, West Pacific (Guam)",
    "GMT+10:00, Tasmania (Hobart)",
    "GMT+10:00, Vladivostok (Vladivostok)",
    "GMT+11:00, Central Pacific (Solomon Is)",
    "GMT+12:00, New Zealand (Wellington)",
    "GMT+12:00, Fiji (Fiji)",
    # What the list of time zones calls them since.
    "GMT+12:00, Dateline (Marshall Islands)",
    "GMT-09:00, Alaska (Anchorage)",
    "GMT-08:00, Pacific (San Francisco)",
    "GMT-06:00, Mexico Central (Mexico City)",
    "GMT-06:00, Central (Saskatchewan)",
    "GMT-04:00, S. America Western (La Paz)",
    "GMT-03:00, E. South America Standard (Brasilia)",
    "GMT00:00, Greenwich (Reykjavik)",
    "GMT00:00, Western European (London)",
    "GMT+03:00, Saudi Arabia (Riyadh)",
    "GMT+03:30, Iran (Tehran)",
    "GMT+04:30, Afghanistan (Kabul)",
    "GMT+05:00, West Asia (Yekaterinburg)",
    "GMT+05:30, India (Mumbai)",
    "GMT+05:30, Colombo (Colombo)",
    "GMT+08:00, Taipei (Taipei)",
    "GMT+09:00, Japan (Tokyo)",
    "GMT+09:00, Yakutsk (Yakutsk)",
    "GMT+01:00, Central European (Paris)",
    "GMT+01:00, Norway (Oslo)",
    "GMT+01:00, Sweden (Stockholm)",
    "GMT-08:00, Mexico Pacific (Tijuana)",
    "GMT-07:00, Mexico Mountain (Chihuahua)",
    "GMT+08:00, Malaysia (Kuala Lumpur)",
    "GMT-03:00, S. America Eastern (Recife)",
    "GMT+01:00, Morocco (Casablanca)",
    "GMT-06:00, Honduras (Tegucigalpa)",
    "GMT-03:00, Greenland (Nuuk)",
    "GMT+02:00, Jordan (Amman)",
    "GMT+03:00, Eastern Europe (Istanbul)",
    "GMT+05:45, Nepal (Kathmandu)",
    "GMT+01:00, Europe (Rome)",
    "GMT+01:00, West Africa (West Africa)",
    "GMT+01:00, Europe (Madrid)",
    "GMT-04:00, S. America Western (Santiago)",
    "GMT-05:00, Eastern (Panama)",
    "GMT+01:00, Europe (Brussels)",
    "GMT-04:00, Paraguay (Asuncion)",
    "GMT-03:00, Uruguay (Montevideo)",
    "GMT-01:00, Cape Verde (Cape Verde)",
    "GMT+02:00, West Africa (Windhoek)",
    "GMT+06:30, Myanmar (Yangon)",
    "GMT+13:00, Tonga (Tonga)",
    "GMT+07:00, Western Indonesia (Jakarta)",
    "GMT+04:00, Armenia (Yerevan)",
    "GMT+07:00, Novosibirsk (Novosibirsk)",
    "GMT+02:00, Romania (Bucharest)",
    "GMT-05:00, Eastern (Toronto)",
    "GMT-07:00, Mountain (US&Canada)",
)
DayOfWeekType = SCHEMA.enumeration(
    "dayOfWeekType", "SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"
)
EmailType = SCHEMA.simple("emailType")
AddressTypeType = SCHEMA.enumeration("addressTypeType", "PERSONAL", "GLOBAL")
PersonTypeType = SCHEMA.enumeration("personTypeType", "VISITOR", "MEMBER", "PANELIST", "SME", "SALESTEAM")
LanguageType = SCHEMA.enumeration(
    "languageType",
    "ENGLISH",
    "INTERNATIONAL ENGLISH",
    "SIMPLIFIED CHINESE",
    "TRADITIONAL CHINESE",
    "JAPANESE",
    "KOREAN",
    "FRENCH",
    "CANADIAN FRENCH",
    "GERMAN",
    "ITALIAN",
    "CASTILIAN SPANISH",
    "LATIN AMERICAN SPANISH",
    "SWEDISH",
    "DUTCH",
    "BRAZILIAN PORTUGUESE",
    "PORTUGUESE",
    "SPANISH",
)
OsType = SCHEMA.enumeration("osType", "WIN2K", "WINNT", "WIN9X", "LINUX", "HPUX", "AIX")
BrowserType = SCHEMA.enumeration("browserType", "IE5X", "NAX6X", "NAX4X", "IE4X")
EntryExitToneType = SCHEMA.enumeration("entryExitToneType", "NOTONE", "BEEP", "ANNOUNCENAME")
AttendeeListViewType = SCHEMA.enumeration("attendeeListViewType", "ALL", "HOST,PRESENTER,PANELISTS")
ListingType = SCHEMA.enumeration("listingType", "PUBLIC", "PRIVATE", "UNLISTED")
MeetingStatusType = SCHEMA.enumeration("meetingStatusType", "NOT_STARTED", "IN_PROGRESS", "ENDED")
LabStatusType = SCHEMA.enumeration("labStatusType", "AVAILABLE", "UNAVAILABLE")
ServiceTypeType = SCHEMA.enumeration(
    "serviceTypeType", "MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter", "SalesCenter"
)
JoinStatusType = SCHEMA.enumeration("joinStatusType", "REGISTER", "INVITE", "REJECT", "ACCEPT")
SharingViewType = SCHEMA.enumeration("sharingViewType", "FS_SCALE", "FS", "WIN_SCALE", "WIN")
SharingColorType = SCHEMA.enumeration("sharingColorType", "256", "16BIT")
RecordingType = SCHEMA.enumeration("recordingType", "NBR", "LOCAL")


class AddressType(Record):
    """A postal address."""

    address_type: str | None = string("addressType", AddressTypeType, default="PERSONAL")
    address1: str | None = string("address1")
    address2: str | None = string("address2")
    city: str | None = string("city")
    state: str | None = string("state")
    zip_code: str | None = string("zipCode")
    country: str | None = string("country")


class PhonesType(Record):
    """Telephone numbers of a person; parts of a number are separated by commas, the country code first."""

    phone: str | None = string("phone")
    mobile_phone: str | None = string("mobilePhone")
    fax: str | None = string("fax")


class PersonType(Record):
    """A person who is invited, registered or kept as a contact."""

    name: str | None = string("name")
    first_name: str | None = string("firstName")
    last_name: str | None = string("lastName")
    title: str | None = string("title")
    company: str | None = string("company")
    web_ex_id: str | None = string("webExId")
    address: AddressType | None = record("address", AddressType)
    phones: PhonesType | None = record("phones", PhonesType)
    email: str | None = string("email", required=True)
    notes: str | None = string("notes")
    url: str | None = string("url")
    type: str | None = string("type", PersonTypeType, default="VISITOR")
    send_reminder: bool | None = boolean("sendReminder")


class TrackingType(Record):
    """Values of the site's up to ten tracking codes."""

    tracking_code_1: str | None = string("trackingCode1", max_length=128)
    tracking_code_2: str | None = string("trackingCode2", max_length=128)
    tracking_code_3: str | None = string("trackingCode3", max_length=128)
    tracking_code_4: str | None = string("trackingCode4", max_length=128)
    tracking_code_5: str | None = string("trackingCode5", max_length=128)
    tracking_code_6: str | None = string("trackingCode6", max_length=128)
    tracking_code_7: str | None = string("trackingCode7", max_length=128)
    tracking_code_8: str | None = string("trackingCode8", max_length=128)
    tracking_code_9: str | None = string("trackingCode9", max_length=128)
    tracking_code_10: str | None = string("trackingCode10", max_length=128)


class SecurityType(Record):
    """Who calls: account and site, with a password, a ticket or a token."""

    web_ex_id: str | None = string("webExID")
    password: str | None = string("password")
    site_id: int | None = long("siteID")
    site_name: str | None = string("siteName")
    partner_id: str | None = string("partnerID")
    email: str | None = string("email")
    session_ticket: str | None = string("sessionTicket")
    client_id: str | None = string("clientID")
    client_secret: str | None = string("clientSecret")
    web_ex_access_token: str | None = string("webExAccessToken", since="9.0.0")
    access_token: str | None = string("accessToken", since="11.0.0")
    return_additional_info: bool | None = boolean("returnAdditionalInfo")


class CheckBoxItemTagType(Record):
    """One box of a group of check boxes."""

    item_name: str | None = string("itemName", required=True)
    is_selected: bool | None = boolean("isSelected", required=True)


class CheckBoxTagType(Record):
    """A group of check boxes on a form."""

    field_id: int | None = long("fieldID")
    label: str | None = string("lable")
    is_required: bool | None = boolean("isRequired", required=True)
    is_display: bool | None = boolean("isDisplay", required=True)
    items: list[CheckBoxItemTagType] = many(record("items", CheckBoxItemTagType), least=1)


class DropdownListTagType(Record):
    """A drop-down list on a form."""

    field_id: int | None = long("fieldID")
    label: str | None = string("lable")
    default_value: int | None = integer("defaultValue")
    value: int | None = integer("value")
    is_required: bool | None = boolean("isRequired", required=True)
    is_display: bool | None = boolean("isDisplay", required=True)
    items: list[str] = many(string("items"), least=1)


class OptionButtonTagType(Record):
    """A group of option buttons on a form."""

    field_id: int | None = long("fieldID")
    label: str | None = string("lable")
    default_value: int | None = integer("defaultValue")
    value: int | None = integer("value")
    is_required: bool | None = boolean("isRequired", required=True)
    is_display: bool | None = boolean("isDisplay", required=True)
    items: list[str] = many(string("items"), least=1)


class TextBoxTagType(Record):
    """A text box on a form."""

    field_id: int | None = long("fieldID")
    label: str | None = string("lable")
    is_multi_lines: bool | None = boolean("isMultiLines", required=True)
    width: int | None = integer("width")
    height: int | None = integer("height")
    value: str | None = string("value")
    is_required: bool | None = boolean("isRequired", required=True)
    is_display: bool | None = boolean("isDisplay", required=True)


class SessionTemplateType(Record):
    """The session template to start from, and whether it becomes the default."""

    use: str | None = string("use")
    default: bool | None = boolean("default")


class PsoFieldsType(Record):
    """Fields for the vendor's assistance services."""

    pso_field1: str | None = string("psoField1", max_length=128)


class PhoneLabelNumType(Record):
    """A telephone number with its label."""

    label: str | None = string("label")
    phone_number: str | None = string("phoneNumber")
