"""A site (tenant), its settings and the session types it offers."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from parley.domain.passwords import ACCOUNT_CRITERIA, MEETING_CRITERIA, RECORDING_CRITERIA, Criteria
from parley.domain.timezones import known_zone_id

DEMO_SITE_ID: Final = 100001
"""The number of the demo site and of no other: its passwords are public, so it is served only when that is wanted."""


class TrackingCode(msgspec.Struct, omit_defaults=True):
    """One of the ten tracking codes of a site: its label and where it is asked for."""

    index: int
    """1 to 10."""
    name: str
    required: bool = False
    values: list[str] = []
    """The values a host may choose from; empty: any text."""


class SiteSettings(msgspec.Struct, omit_defaults=True):
    """What an administrator sets for a site; kept as one JSON document beside the site's row.

    Fields that a stored document does not know have their default, fields this release does not know are
    left unread, so documents of older and newer releases can be loaded.
    """

    default_time_zone_id: int = 4
    language: str = "ENGLISH"
    locale: str = "U.S."
    region: str = "US"
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
    email_reminders: bool = True

    join_before_host: bool = False
    audio_before_host: bool = False
    first_attendee_as_presenter: bool = False
    attendee_list: bool = True
    """Attendees see who else is there."""
    max_attendees: Annotated[int, Meta(ge=1)] = 1000
    """Largest number of people in a session, and of invited people on its list."""
    schedule_on_behalf: bool = True
    """A host may schedule for others who permitted it."""

    strict_requests: bool = False
    """Elements that are not known are refused instead of ignored."""

    all_meetings_unlisted: bool = False
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
    """Days after which the password of an account has to be changed; None: never."""
    password_change_interval: int | None = None
    """Hours between two changes of an account's password; None: no such rule."""

    host_limit: int | None = None
    """Largest number of activated host accounts; None: no limit."""
    tracking_codes: list[TrackingCode] = []

    def __post_init__(self) -> None:
        """Refuse what no bound of a field can say (msgspec makes a ValidationError of it)."""
        if known_zone_id(self.default_time_zone_id) is None:
            raise ValueError(f"there is no time zone {self.default_time_zone_id}")


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
