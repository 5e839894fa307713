"""A site (tenant), its settings and the session types it offers."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from parley.domain.identity import OpenIdIssuer, SamlProvider, is_trusted_url
from parley.domain.mail_address import is_email
from parley.domain.notices import is_host
from parley.domain.passwords import (
    ACCOUNT_CRITERIA,
    ACCOUNT_PASSWORD_LENGTH,
    MEETING_CRITERIA,
    MEETING_PASSWORD_LENGTH,
    RECORDING_CRITERIA,
    Criteria,
)
from parley.domain.timezones import known_zone_id

DEMO_SITE_ID: Final = 100001
"""The number of the demo site and of no other: its passwords are public, so it is served only when that is wanted."""


CRITERIA_LENGTHS: Final = {
    "meeting_password_criteria": MEETING_PASSWORD_LENGTH,
    "recording_password_criteria": ACCOUNT_PASSWORD_LENGTH,
    "account_password_criteria": ACCOUNT_PASSWORD_LENGTH,
}
"""The three sets of criteria of a site's settings, with the longest password that each is for."""


class TrackingCode(msgspec.Struct, omit_defaults=True):
    """One of the ten tracking codes of a site: its label, where it is asked for, and what may be said.

    Source: facts/user-site.md 4 (tracking codes) and 7 (GetSite trackingCodes).
    """

    index: Annotated[int, Meta(ge=1, le=10)]
    """1 to 10."""
    name: str
    required: bool = False
    """Every account must have a value: short for `host_profile` REQUIRED."""
    values: list[str] = []
    """The values to choose from; empty: any text."""
    host_profile: Literal["NOT_USED", "OPTIONAL", "REQUIRED", "ADMIN_SET"] = "OPTIONAL"
    """Of accounts: not asked for, free, demanded, or set by administrators only."""
    scheduling: dict[str, Literal["NOT_USED", "OPTIONAL", "REQUIRED", "ADMIN_SET"]] = {}
    """Of sessions, by service ("MeetingCenter"); a service that is not named has NOT_USED."""

    @property
    def profile_rule(self) -> str:
        """What holds for accounts, as site:codeDisplayType has it."""
        return "REQUIRED" if self.required else self.host_profile


class MeetingPlace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Addresses of a conference server of the customer, as SetSite sets them (facts/user-site.md 7).

    The password of the profile is not kept: nothing here ever signs in there.
    """

    mp_profile_url: str = ""
    mp_logout_url: str = ""
    mp_internal_meeting_link: str = ""
    nbr_profile_number: str = ""


class SupportQueue(msgspec.Struct, frozen=True, omit_defaults=True):
    """A queue of the support service (site:queueType)."""

    name: str
    type: Literal["AGENT", "MANAGER", "ALL"] = "ALL"
    modified_at: int | None = None
    """UTC epoch seconds."""


class MyWebExLimits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the activated accounts of a site may hold together of the own pages; None: no limit.

    Sources: GetSite myWebExConfig, facts/exceptions.json 030015 to 030017.
    """

    pro_hosts: Annotated[int, Meta(ge=0)] | None = None
    """Accounts with isMyWebExPro (myWebExProMaxHosts)."""
    extra_storage: Annotated[int, Meta(ge=0)] | None = None
    """Sum of additionalRecordingStorage (addlStorage)."""
    extra_computers: Annotated[int, Meta(ge=0)] | None = None
    """Sum of myComputer (addlAccessAnyComputers)."""


class GlobalNumber(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number of another country that people can call in to (serv:globalCallInNumType)."""

    country: str
    number: str
    toll_free: bool = False


class Telephony(msgspec.Struct, frozen=True, omit_defaults=True):
    """The numbers that people call in to; empty where the site has none.

    Parley answers no telephone: the numbers are those of the conference bridge that the organisation has, and are told
    in audio-only sessions and in GetSite.
    """

    toll_number: str = ""
    toll_free_number: str = ""
    intl_local_number: str = ""
    global_numbers: Annotated[list[GlobalNumber], Meta(max_length=500)] = []


class RateLimits(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often one caller may call the operations of a group within a minute (facts/protocol.md, "Limits").

    The groups and what happens over the limit are known, the numbers are not: these are chosen so that programs
    that import or poll do not meet them.
    """

    mode: Literal["off", "measured", "enforced"] = "off"
    """Not counted; counted and shown in the figures only; or refused with 000045 over the limit."""
    user: Annotated[int, Meta(ge=1)] = 600
    """Operations on accounts."""
    meeting_write: Annotated[int, Meta(ge=1)] = 300
    """Operations that schedule, change or delete sessions."""
    meeting_list: Annotated[int, Meta(ge=1)] = 300
    """Operations that list sessions."""


class LabSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hands-on labs of a site (GetSite tools: handsOnLab, holMaxLabs, holMaxComputers)."""

    offered: bool = True
    max_labs: Annotated[int, Meta(ge=1, le=1000)] = 100
    max_computers: Annotated[int, Meta(ge=0, le=1_000_000)] = 1000
    """Computers of all labs together."""
    computers: Annotated[int, Meta(ge=0, le=100_000)] = 10
    """Computers of a lab that a program makes, until the lab is given another number."""


class UrlApi(msgspec.Struct, frozen=True, omit_defaults=True):
    """The commands behind p.php, m.php and o.php (facts/url-api.md)."""

    offered: bool = True
    """False: every command is answered with DoNotSupportAPI. The links that the XML API hands out work all the same."""
    auto_login: bool = True
    """Portals may sign people up, in and out (GetSite supportAPI/autoLogin)."""
    addresses: Annotated[tuple[Annotated[str, Meta(max_length=500)], ...], Meta(max_length=100)] = ()
    """Where answers may be sent (BU), besides the site's own pages: these addresses and what is below them."""
    partner_account: Annotated[str, Meta(max_length=64)] = ""
    """webExID of the administrator whose rights the partner ID gives; empty: it gives none."""

    def __post_init__(self) -> None:
        """Refuse addresses that say more or less than where a portal is."""
        for address in self.addresses:
            parts = urlsplit(address)
            if parts.query or not is_trusted_url(address):
                raise ValueError(
                    "url_api.addresses must be https addresses (http is for localhost only) without ? and #"
                )


class NoticeSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which addresses of sessions (extURL, joinNotifyURL) are told of what happens."""

    hosts: Annotated[tuple[Annotated[str, Meta(max_length=260)], ...], Meta(max_length=100)] = ()
    """The hosts that may be told, with the port where it is not the usual one; empty: nobody is told."""
    private_addresses: bool = False
    """They may be on this machine or in a private net; otherwise such addresses are told nothing."""

    def __post_init__(self) -> None:
        """Refuse what is no host."""
        for host in self.hosts:
            if not is_host(host):
                raise ValueError("notices.hosts must be names of hosts in lower case, such as portal.example.org:8443")


class SiteSettings(msgspec.Struct, omit_defaults=True):
    """What an administrator sets for a site; kept as one JSON document beside the site's row.

    Fields that a stored document does not know have their default, fields this release does not know are
    left unread, so documents of older and newer releases can be loaded.
    """

    default_time_zone_id: int = 4
    language: str = "ENGLISH"
    locale: str = "U.S."
    region: str = "U.S."
    currency: str = "US Dollars"
    brand_names: list[str] = []
    default_duration: Annotated[int, Meta(ge=1, le=999_999)] = 60
    """Minutes."""
    default_open_time: Annotated[int, Meta(ge=0, le=86_400)] = 900
    """Seconds before the start from which on people may enter."""
    default_session_type: int | None = None
    """The session type of a meeting that names none; None: the first active type of the service."""
    entry_exit_tone: str = "NOTONE"
    telephony_support: str = "NONE"
    telephony: Telephony = Telephony()
    """Numbers for calling in."""
    email_reminders: bool = True
    """Reminders are sent for sessions that ask for them."""
    mail_sender: Annotated[str, Meta(max_length=254)] = ""
    """Address that the site's mails come from; empty: that of the server."""
    mail_sender_name: Annotated[str, Meta(max_length=64)] = ""
    """Name shown beside it; empty: the name of the site."""

    join_before_host: bool = False
    audio_before_host: bool = False
    first_attendee_as_presenter: bool = False
    attendee_list: bool = True
    """Attendees see who else is there."""
    max_attendees: Annotated[int, Meta(ge=1)] = 1000
    """Largest number of people in a session, and of invited people on its list."""
    max_training_invitees: Annotated[int, Meta(ge=1)] = 1000
    """Most people invited to a training (maxInviteesNumberForTC)."""
    max_training_registrants: Annotated[int, Meta(ge=1)] = 1000
    """Most people who register for a training, or for one class of it (maxRegistrantsNumberForTC)."""
    waiting_list: bool = False
    """Whoever registers for a session without a seat left waits for one, instead of being refused."""
    schedule_on_behalf: bool = True
    """A host may schedule for others who permitted it."""

    classic_events: bool = True
    """The site has the event service (the toggle EnableClassicEvent)."""
    strict_requests: bool = False
    """Elements that are not known are refused instead of ignored."""
    inspector: bool = False
    """Administrators see the last requests of the site, where the server offers that."""

    all_meetings_unlisted: bool = False
    events_unlisted: bool = False
    """Every event is UNLISTED, whatever it asks for (securityOptions/ECMeetingsUnlisted)."""
    trainings_unlisted: bool = False
    """Likewise every training (securityOptions/TCMeetingsUnlisted)."""
    all_meetings_password: bool = False
    """A session without a password is refused."""
    generate_passwords: bool = False
    """With `all_meetings_password`: a missing password is made up and handed back instead of refused."""
    strict_meeting_passwords: bool = False
    strict_user_passwords: bool = True
    strict_recording_passwords: bool = False
    meeting_password_criteria: Criteria = MEETING_CRITERIA
    account_password_criteria: Criteria = ACCOUNT_CRITERIA
    recording_password_criteria: Criteria = RECORDING_CRITERIA
    password_lifetime: int | None = None
    """Days after which the password of an account has to be changed; None or 0: never."""
    password_change_interval: int | None = None
    """Hours between two changes of the own password; None or 0: no such rule."""
    password_history: Annotated[int, Meta(ge=0, le=24)] = 3
    """A new password is none of the last so many, the present one counted; 0: no such rule."""
    lock_after_failures: Annotated[int, Meta(ge=3)] | None = 10
    """Wrong passwords in a row after which an account is locked; None: it never is."""
    lock_minutes: Annotated[int, Meta(ge=1)] | None = 30
    """Minutes after which such a lock ends; None: when an administrator unlocks the account."""

    host_limit: int | None = None
    """Largest number of activated host accounts; None: no limit."""
    archive_storage_limit: Annotated[int, Meta(ge=0, le=2**40)] | None = None
    """Megabytes that the recordings of the site may use together (archiveStorageLimit); None: no limit."""
    my_web_ex: MyWebExLimits = MyWebExLimits()
    personal_rooms: bool = True
    """The site offers personal rooms (privilege/isEnablePMR)."""
    hybrid_audio: bool = False
    """The site offers audio of a hybrid conference (privilege/cmrHybridVoip)."""
    tracking_codes: Annotated[list[TrackingCode], Meta(max_length=10)] = []
    meeting_place: MeetingPlace = MeetingPlace()
    support_queues: Annotated[list[SupportQueue], Meta(max_length=1000)] = []
    """Queues of the support service that AssignWebACDQueues hands out."""
    rate_limits: RateLimits = RateLimits()
    labs: LabSettings = LabSettings()

    url_api: UrlApi = UrlApi()
    """What portals may do by links and forms."""
    notices: NoticeSettings = NoticeSettings()
    """Who may be told of what happens in sessions."""

    openid: OpenIdIssuer = OpenIdIssuer()
    """Whose access tokens prove who calls."""
    saml: SamlProvider = SamlProvider()
    """Whose SAML assertions prove who signs in."""

    history_days: Annotated[int, Meta(ge=90, le=36_500)] | None = 90
    """Days after which what happened at sessions is forgotten, people and all; the API lists 90. None: never."""

    control_hub: bool = False
    """The site is managed by Control Hub (facts/user-site.md 5); false: a classic site."""
    customize_profile_fields: bool = True
    """The toggle EnableCustomizeProfileFields: GetSite tells the `allow_change` settings (42.2), SetUser obeys them."""
    allow_change_first_name: bool = True
    """A user may change his own first name; likewise the next three."""
    allow_change_last_name: bool = True
    allow_change_display_name: bool = True
    allow_upload_pr_avatar: bool = True
    change_personal_url: bool = True
    """A user may change the address of his personal room (securityOptions/changePersonalURL)."""
    change_user_name: bool = False
    """A user may change his own webExID (securityOptions/changeUserName)."""
    display_names: bool = False
    """The toggle EnableDisplayName: accounts have a displayName (facts/versions.md 40.11)."""
    confirm_email_changes: bool = False
    """An address that a user gives himself counts once a mailed link confirmed it (facts/versions.md 40.4)."""

    @property
    def password_days(self) -> int | None:
        """Days that the password of an account is good for, None for ever; Control Hub sees to passwords itself."""
        lifetime = self.password_lifetime
        return None if self.control_hub or lifetime is None or lifetime <= 0 else lifetime

    @property
    def password_rest(self) -> int | None:
        """Hours that must lie between two changes of the own password, None for no such rule."""
        hours = self.password_change_interval
        return None if hours is None or hours <= 0 else hours

    def __post_init__(self) -> None:
        """Refuse what no bound of a field can say (msgspec makes a ValidationError of it)."""
        if known_zone_id(self.default_time_zone_id) is None:
            raise ValueError(f"there is no time zone {self.default_time_zone_id}")
        if len({code.index for code in self.tracking_codes}) < len(self.tracking_codes):
            raise ValueError("two tracking codes have the same index")
        if len({queue.name.casefold() for queue in self.support_queues}) < len(self.support_queues):
            raise ValueError("two support queues have the same name")
        if self.mail_sender and not is_email(self.mail_sender):
            raise ValueError("mail_sender is no e-mail address")
        if not all(character.isprintable() for character in self.mail_sender + self.mail_sender_name):
            raise ValueError("mail_sender_name holds control characters")


class Site(msgspec.Struct):
    """A tenant. `name` is lower case and unique; `level` the API level it speaks ("42.6.0").

    `version` grows with every change of the row or of its session types; a cached site is current while
    the version read beside a caller is the cached one. Times are UTC epoch seconds.
    """

    site_id: int
    name: str
    partner_id: str | None = None
    level: str = "42.6.0"
    active: bool = True
    suspended: bool = False
    settings: SiteSettings = msgspec.field(default_factory=SiteSettings)
    version: int = 1
    created_at: int = 0


class AuditEntry(msgspec.Struct, frozen=True):
    """One change of a site: which version of the site it made, when (UTC epoch seconds), by whom, and what changed.

    `author` is a webExID or the login name of whoever ran a command, `origin` API, CLI or CONSOLE. `document` is JSON
    text: a list of objects with `name`, `before` and `after`.
    """

    site_id: int
    version: int
    changed_at: int
    author: str
    origin: str
    document: str


class SessionType(msgspec.Struct):
    """A kind of session offered by a site (facts user-site, section 8).

    `prefix` is the product code (PRO, SC3, AUO), `service` the service it belongs to (MeetingCenter,
    EventCenter, TrainingCenter, SupportCenter, SalesCenter). `document` is JSON text of the remaining
    fields of the contract; whoever writes it decides its shape.
    """

    site_id: int
    type_id: int
    prefix: str
    name: str
    display_name: str
    service: str
    active: bool = True
    document: str = "{}"
