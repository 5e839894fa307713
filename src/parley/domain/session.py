"""Sessions of every service (meetings, events, trainings, support) and the people invited to them."""

from __future__ import annotations

import msgspec

SECONDS_PER_DAY = 86_400


class Session(msgspec.Struct):
    """A scheduled session: a single one, a series, or an occurrence that was taken out of its series.

    Times are UTC epoch seconds except `start_local`, the start of the session (of a series: of its first
    occurrence) as wall-clock time of `time_zone_id`, 'YYYY-MM-DD HH:MM:SS'. `next_start` and `next_end`
    are those of the occurrence that is running or comes next; of an ended session those of the last one.

    `service` is MeetingCenter, EventCenter, TrainingCenter, SupportCenter, SalesCenter ...; `listing`
    PUBLIC, PRIVATE or UNLISTED; `status` NOT_INPROGRESS or INPROGRESS; `duration` minutes. `name_key` is
    the casefolded name. `session_key` has 11 digits, `host_key` 6; `uuid` and `guest_token` 32 hex digits;
    `host_link` and `attendee_link` are 'm' and 32 hex digits, the MTID of the links handed out.

    `series_key` is the session_key of the series an occurrence was taken out of and `series_day` the local
    day ('YYYY-MM-DD') of the occurrence it replaces. `sequence` counts changes that invited people must
    learn of (the SEQUENCE of calendar files). `document` is JSON text of the remaining fields of the
    contract; whoever writes it decides its shape. `attendee_count` and `version` are kept by the store.
    """

    site_id: int
    session_key: int
    service: str
    session_type: int
    conf_id: int
    uuid: str
    host_id: int
    creator_id: int
    name: str
    name_key: str
    start_local: str
    time_zone_id: int
    duration: int
    next_start: int
    next_end: int
    recurring: bool
    ended: bool
    listing: str
    password: str | None
    attendee_count: int
    status: str
    host_joined: bool
    participants_joined: bool
    event_id: int
    host_key: str
    guest_token: str
    host_link: str
    attendee_link: str
    series_key: int | None = None
    series_day: str | None = None
    tracking_code_1: str | None = None
    tracking_code_2: str | None = None
    tracking_code_3: str | None = None
    tracking_code_4: str | None = None
    tracking_code_5: str | None = None
    tracking_code_6: str | None = None
    tracking_code_7: str | None = None
    tracking_code_8: str | None = None
    tracking_code_9: str | None = None
    tracking_code_10: str | None = None
    document: str = "{}"
    version: int = 1
    sequence: int = 0
    created_at: int = 0
    modified_at: int = 0
    open_time: int = 0
    """Seconds before the start from which on people may enter."""
    registration: bool = False
    """People have to register."""
    alternates: bool = False
    """Somebody on the list is an alternate host; kept by the store."""
    seats_taken: int = 0
    """People on the list who hold a seat (`Attendee.holds_seat`); kept by the store."""
    program_id: int | None = None
    """The program that an event belongs to."""
    account_key: str | None = None
    """Casefolded name of the customer account, of sales sessions; likewise the next."""
    opportunity_key: str | None = None
    run_started_at: int | None = None
    """When the run began that goes on at present (UTC epoch seconds); None: none does."""

    @property
    def day(self) -> int:
        """The UTC day (days since 1970-01-01) of `next_start`, by which lists are counted."""
        return self.next_start // SECONDS_PER_DAY

    @property
    def tracking_codes(self) -> tuple[str | None, ...]:
        """The ten tracking codes in order."""
        return (
            self.tracking_code_1,
            self.tracking_code_2,
            self.tracking_code_3,
            self.tracking_code_4,
            self.tracking_code_5,
            self.tracking_code_6,
            self.tracking_code_7,
            self.tracking_code_8,
            self.tracking_code_9,
            self.tracking_code_10,
        )


class HostedSession(Session, kw_only=False):
    """A session together with the names of its host, as reads and lists need it.

    `people` is its list of people as the store read it along with the session, in the store's own form; None: it was
    not read.
    """

    host_web_ex_id: str = ""
    host_first_name: str = ""
    host_last_name: str = ""
    host_email: str = ""
    people: str | None = None

    def plain(self) -> Session:
        """The session alone, as the store's write functions take it."""
        return Session(*(getattr(self, name) for name in Session.__struct_fields__))


class SessionSummary(msgspec.Struct):
    """What lists in brief show of a session of any kind and of its host; the fields are those of `HostedSession`.

    `has_password` stands for the password; `version` and `host_version` tell whether something made of it is still
    right.
    """

    session_key: int
    service: str
    session_type: int
    conf_id: int
    uuid: str
    host_id: int
    name: str
    start_local: str
    time_zone_id: int
    duration: int
    next_start: int
    next_end: int
    recurring: bool
    ended: bool
    listing: str
    has_password: bool
    attendee_count: int
    status: str
    host_joined: bool
    participants_joined: bool
    run_started_at: int | None
    open_time: int
    registration: bool
    alternates: bool
    series_key: int | None
    version: int
    host_version: int
    host_web_ex_id: str
    host_first_name: str
    host_last_name: str
    host_email: str


class Attendee(msgspec.Struct, array_like=True):
    """A person on the list of a session.

    `user_id` is set when the person has an account on the site. `role` is ATTENDEE, PRESENTER, HOST (an
    alternate host) or LIMITED; `join_status` INVITE, REGISTER, ACCEPT or REJECT. `document` is JSON text of
    the contract's attendee. `created_at` is UTC epoch seconds.

    `session_num` is the number (from 1) of the one occurrence that the person is listed for, 0 for the whole
    session. `waiting`: would be accepted, but found no seat. `submitted_at` is when the person registered (UTC epoch
    milliseconds, since seats go to those who came first; 0: did not), `ip_address` and `domain` whence, `answers`
    what was filled in (JSON text of `domain.registration.Answers`).
    """

    site_id: int
    session_key: int
    attendee_id: int
    email_key: str
    user_id: int | None
    name: str
    role: str = "ATTENDEE"
    join_status: str = "INVITE"
    register_id: int | None = None
    document: str = "{}"
    created_at: int = 0
    session_num: int = 0
    waiting: bool = False
    submitted_at: int = 0
    ip_address: str | None = None
    domain: str | None = None
    answers: str = "{}"

    @property
    def holds_seat(self) -> bool:
        """Whether the person takes one of the seats that a session has for those who register."""
        return self.join_status == "ACCEPT" and not self.waiting and self.role not in ("HOST", "PRESENTER")
