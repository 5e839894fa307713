"""The tables. Every key and every index begins with the site, so no statement reads across tenants by accident.

Columns stand in the order of the fields of the entity they make (`parley.domain`). Times are UTC epoch
seconds. Text is compared by code point on every database (PostgreSQL: collation "C").
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)

from parley.store.columns import TEXT as _TEXT
from parley.store.columns import added as _added
from parley.store.columns import big as _big
from parley.store.columns import binary as _bytes
from parley.store.columns import flag as _flag
from parley.store.columns import integer as _int
from parley.store.columns import key as _key
from parley.store.columns import metadata as metadata
from parley.store.columns import only as _only
from parley.store.columns import table as _table
from parley.store.columns import words as _text
from parley.store.errand_tables import errands as errands
from parley.store.inspected_tables import inspected_requests as inspected_requests
from parley.store.recording_tables import recording_accesses as recording_accesses
from parley.store.recording_tables import recording_shares as recording_shares
from parley.store.recording_tables import recording_usage as recording_usage
from parley.store.recording_tables import recordings as recordings
from parley.store.training_tables import lab_reservations as lab_reservations
from parley.store.training_tables import labs as labs
from parley.store.training_tables import test_attempts as test_attempts
from parley.store.training_tables import training_tests as training_tests

meta = _table(
    "meta",
    1,
    _text("key"),
    _text("value"),
    PrimaryKeyConstraint("key", name="pk_meta"),
)

sites = _table(
    "sites",
    2,
    _big("site_id"),
    _text("name"),
    _text("partner_id", null=True),
    _text("level"),
    _flag("active"),
    _flag("suspended"),
    _text("settings"),
    _int("version"),
    _big("created_at"),
    PrimaryKeyConstraint("site_id", name="pk_sites"),
    UniqueConstraint("name", name="uq_sites_name"),
)

session_types = _table(
    "session_types",
    3,
    _big("site_id"),
    _int("type_id"),
    _text("prefix"),
    _text("name"),
    _text("display_name"),
    _text("service"),
    _flag("active"),
    _text("document"),
    PrimaryKeyConstraint("site_id", "type_id", name="pk_session_types"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_session_types_site", ondelete="CASCADE"),
)

users = _table(
    "users",
    4,
    _big("site_id"),
    _big("user_id"),
    _text("web_ex_id"),
    _text("web_ex_id_key"),
    _text("email"),
    _text("email_key"),
    _text("first_name"),
    _text("last_name"),
    _text("password_hash"),
    _text("status"),
    _flag("locked"),
    _flag("host"),
    _flag("site_admin"),
    _flag("ro_site_admin"),
    _flag("attendee_only"),
    _int("time_zone_id"),
    _flag("must_change_password"),
    _big("password_changed_at"),
    _big("expires_at", null=True),
    _text("document"),
    _int("version"),
    _int("credential_version"),
    _big("registered_at"),
    _big("last_login_at", null=True),
    _big("modified_at"),
    _text("personal_url", null=True),
    _key("first_key"),
    _key("last_key"),
    Column("privilege_key", Integer, nullable=False, server_default=text("0")),
    Column("expiry_key", BigInteger, nullable=False, server_default=text("-1")),
    _key("room_key"),
    PrimaryKeyConstraint("site_id", "user_id", name="pk_users"),
    UniqueConstraint("site_id", "web_ex_id_key", name="uq_users_web_ex_id_key"),
    UniqueConstraint("site_id", "email_key", name="uq_users_email_key"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_users_site"),
    Index("uq_users_personal_url", "site_id", "personal_url", unique=True),
    Index("ix_users_status", "site_id", "status", "web_ex_id_key"),
    Index("ix_users_first", "site_id", "first_key", "web_ex_id_key"),
    Index("ix_users_last", "site_id", "last_key", "web_ex_id_key"),
    Index("ix_users_registered", "site_id", "registered_at", "web_ex_id_key"),
    Index("ix_users_modified", "site_id", "modified_at", "web_ex_id_key"),
    Index("ix_users_zone", "site_id", "time_zone_id", "web_ex_id_key"),
    Index("ix_users_privilege", "site_id", "privilege_key", "web_ex_id_key"),
    Index("ix_users_expiry", "site_id", "expiry_key", "web_ex_id_key"),
    Index("ix_users_room", "site_id", "room_key", "web_ex_id_key"),
)
"""`personal_url` is the casefolded address of the personal room; `first_key` and `last_key` are the casefolded names,
by which lists search and sort. The other keys are only for sorting: what an account may do as a number, and the time of
expiry and the room's address, where missing values come first."""

scheduling_permissions = _table(
    "scheduling_permissions",
    5,
    _big("site_id"),
    _big("host_id"),
    _big("delegate_id"),
    PrimaryKeyConstraint("site_id", "host_id", "delegate_id", name="pk_scheduling_permissions"),
    ForeignKeyConstraint(
        ["site_id", "host_id"],
        ["users.site_id", "users.user_id"],
        name="fk_scheduling_permissions_host",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(
        ["site_id", "delegate_id"],
        ["users.site_id", "users.user_id"],
        name="fk_scheduling_permissions_delegate",
        ondelete="CASCADE",
    ),
    Index("ix_scheduling_permissions_delegate", "site_id", "delegate_id"),
    sqlite_with_rowid=False,
)

sessions = _table(
    "sessions",
    6,
    _big("site_id"),
    _big("session_key"),
    _text("service"),
    _int("session_type"),
    _big("conf_id"),
    _text("uuid"),
    _big("host_id"),
    _big("creator_id"),
    _text("name"),
    _text("name_key"),
    _text("start_local"),
    _int("time_zone_id"),
    _int("duration"),
    _big("next_start"),
    _big("next_end"),
    _flag("recurring"),
    _flag("ended"),
    _text("listing"),
    _text("password", null=True),
    _int("attendee_count"),
    _text("status"),
    _flag("host_joined"),
    _flag("participants_joined"),
    _big("event_id"),
    _text("host_key"),
    _text("guest_token"),
    _text("host_link"),
    _text("attendee_link"),
    _big("series_key", null=True),
    _text("series_day", null=True),
    *(_text(f"tracking_code_{number}", null=True) for number in range(1, 11)),
    _text("document"),
    _int("version"),
    _int("sequence"),
    _big("created_at"),
    _big("modified_at"),
    _int("open_time"),
    _flag("registration"),
    _flag("alternates"),
    _added("seats_taken", Integer, "0"),
    _big("program_id", null=True),
    _text("account_key", null=True),
    _text("opportunity_key", null=True),
    _big("run_started_at", null=True),
    PrimaryKeyConstraint("site_id", "session_key", name="pk_sessions"),
    UniqueConstraint("site_id", "uuid", name="uq_sessions_uuid"),
    UniqueConstraint("site_id", "host_link", name="uq_sessions_host_link"),
    UniqueConstraint("site_id", "attendee_link", name="uq_sessions_attendee_link"),
    ForeignKeyConstraint(["site_id", "host_id"], ["users.site_id", "users.user_id"], name="fk_sessions_host"),
    Index("ix_sessions_start", "site_id", "ended", "next_start", "session_key"),
    Index("ix_sessions_end", "site_id", "ended", "next_end"),
    Index(
        # Service and type, so that a list of somebody's sessions of one kind is found and counted without reading them.
        *("ix_sessions_host", "site_id", "host_id", "ended", "next_start", "session_key", "service", "session_type"),
    ),
    Index("ix_sessions_name", "site_id", "ended", "name_key", "session_key"),
    Index("ix_sessions_series", "site_id", "series_key"),
    Index("ix_sessions_modified", "site_id", "modified_at"),
    Index(
        *("ix_sessions_recurring_name", "site_id", "ended", "name_key", "session_key"),
        **_only("recurring = 1", "recurring"),
    ),
    Index(
        *("ix_sessions_recurring_host", "site_id", "host_id", "ended", "session_key"),
        **_only("recurring = 1", "recurring"),
    ),
    Index(
        *("ix_sessions_creator", "site_id", "creator_id", "ended", "next_start", "session_key"),
        *("service", "session_type", "host_id"),
        **_only("creator_id != host_id", "creator_id <> host_id"),
    ),
    Index(
        *("ix_sessions_open", "site_id", "ended", "status", "next_start", "session_key"),
        **_only("status = 'INPROGRESS'", "status = 'INPROGRESS'"),
    ),
    Index(
        "ix_sessions_program",
        "site_id",
        "program_id",
        "ended",
        "next_start",
        "session_key",
        sqlite_where=text("program_id IS NOT NULL"),
        postgresql_where=text("program_id IS NOT NULL"),
    ),
    Index("ix_sessions_conf", "site_id", "conf_id"),
    Index(
        *("ix_sessions_calendar", "site_id", "listing", "ended", "next_start", "session_key"),
        **_only("listing <> 'UNLISTED'", "listing <> 'UNLISTED'"),
    ),
)

attendees = _table(
    "attendees",
    7,
    _big("site_id"),
    _big("session_key"),
    _big("attendee_id"),
    _text("email_key"),
    _big("user_id", null=True),
    _text("name"),
    _text("role"),
    _text("join_status"),
    _big("register_id", null=True),
    _text("document"),
    _big("created_at"),
    _added("session_num", Integer, "0"),
    _added("waiting", Boolean, "false"),
    _added("submitted_at", BigInteger, "0"),
    _text("ip_address", null=True),
    _text("domain", null=True),
    _added("answers", _TEXT, "'{}'"),
    PrimaryKeyConstraint("site_id", "session_key", "attendee_id", name="pk_attendees"),
    UniqueConstraint("site_id", "attendee_id", name="uq_attendees_attendee_id"),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_attendees_session",
        ondelete="CASCADE",
    ),
    Index("ix_attendees_user", "site_id", "user_id", "session_key", "role", "join_status", "waiting"),
    Index("uq_attendees_email", "site_id", "email_key", "session_key", "session_num", unique=True),
    Index("uq_attendees_register", "site_id", "session_key", "register_id", unique=True),
)

occurrence_seats = _table(
    "occurrence_seats",
    8,
    _big("site_id"),
    _big("session_key"),
    _int("session_num"),
    _int("taken"),
    PrimaryKeyConstraint("site_id", "session_key", "session_num", name="pk_occurrence_seats"),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_occurrence_seats_session",
        ondelete="CASCADE",
    ),
    sqlite_with_rowid=False,
)
"""How many seats are taken of single occurrences that people are listed for."""

login_tickets = _table(
    "login_tickets",
    8,
    _big("site_id"),
    _text("ticket_hash"),
    _big("user_id"),
    _big("expires_at"),
    _big("used_at", null=True),
    PrimaryKeyConstraint("site_id", "ticket_hash", name="pk_login_tickets"),
    ForeignKeyConstraint(
        ["site_id", "user_id"],
        ["users.site_id", "users.user_id"],
        name="fk_login_tickets_user",
        ondelete="CASCADE",
    ),
    Index("ix_login_tickets_user", "site_id", "user_id", "expires_at"),
    Index("ix_login_tickets_expires", "site_id", "expires_at"),
)

outbox = _table(
    "outbox",
    9,
    _big("site_id"),
    _big("outbox_id"),
    _text("kind"),
    _big("session_key", null=True),
    _text("recipient", null=True),
    _text("document"),
    _big("created_at"),
    _big("sent_at", null=True),
    _added("due_at", BigInteger, "0"),
    _added("attempts", Integer, "0"),
    _added("taken_until", BigInteger, "0"),
    _big("failed_at", null=True),
    _text("note", null=True),
    _text("request_id", null=True),
    PrimaryKeyConstraint("site_id", "outbox_id", name="pk_outbox"),
    Index(
        "ix_outbox_due",
        "site_id",
        "due_at",
        "outbox_id",
        sqlite_where=text("sent_at IS NULL AND failed_at IS NULL"),
        postgresql_where=text("sent_at IS NULL AND failed_at IS NULL"),
    ),
    Index("ix_outbox_created", "site_id", "created_at", "outbox_id"),
    Index("ix_outbox_session", "site_id", "session_key", "outbox_id"),
)
"""What is to be told to people. A row waits until it is sent or given up (`failed_at`); `taken_until` is how long the
process that delivers it has it for itself; `note` is the last answer of the mail server; `request_id` is of the HTTP
request that asked for it."""

session_days = _table(
    "session_days",
    10,
    _big("site_id"),
    _flag("ended"),
    _int("day"),
    _text("listing"),
    _text("service"),
    _int("session_type"),
    _int("total"),
    PrimaryKeyConstraint("site_id", "ended", "day", "listing", "service", "session_type", name="pk_session_days"),
    sqlite_with_rowid=False,
)
"""How many sessions a site has per UTC day of `next_start` and kind of session, written in the transaction that
changes the sessions: totals and page positions of lists by start time come from here instead of a scan."""

user_totals = _table(
    "user_totals",
    11,
    _big("site_id"),
    _text("status"),
    _flag("host"),
    _int("total"),
    PrimaryKeyConstraint("site_id", "status", "host", name="pk_user_totals"),
    sqlite_with_rowid=False,
)
"""How many accounts a site has, written in the transaction that changes them: totals of lists and the number of hosts
come from here instead of a scan."""

user_revisions = _table(
    "user_revisions",
    18,
    _big("site_id"),
    _big("revision"),
    PrimaryKeyConstraint("site_id", name="pk_user_revisions"),
)
"""Grows with every change that may move an account in a list; written in the transaction of the change."""


def _of_user(name: str, column: str = "user_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["site_id", column],
        ["users.site_id", "users.user_id"],
        name=f"fk_{name}",
        ondelete="CASCADE",
    )


email_changes = _table(
    "email_changes",
    12,
    _big("site_id"),
    _big("user_id"),
    _text("email"),
    _text("token_hash"),
    _big("expires_at"),
    PrimaryKeyConstraint("site_id", "user_id", name="pk_email_changes"),
    UniqueConstraint("site_id", "token_hash", name="uq_email_changes_token"),
    _of_user("email_changes_user"),
)

user_images = _table(
    "user_images",
    13,
    _big("site_id"),
    _big("user_id"),
    _text("kind"),
    _text("media_type"),
    _bytes("content"),
    _big("modified_at"),
    PrimaryKeyConstraint("site_id", "user_id", "kind", name="pk_user_images"),
    _of_user("user_images_user"),
)

queue_members = _table(
    "queue_members",
    14,
    _big("site_id"),
    _big("user_id"),
    _text("queue_key"),
    _text("role"),
    PrimaryKeyConstraint("site_id", "user_id", "queue_key", "role", name="pk_queue_members"),
    _of_user("queue_members_user"),
    Index("ix_queue_members_queue", "site_id", "queue_key", "role"),
    sqlite_with_rowid=False,
)

support_agents = _table(
    "support_agents",
    15,
    _big("site_id"),
    _big("manager_id"),
    _big("agent_id"),
    PrimaryKeyConstraint("site_id", "manager_id", "agent_id", name="pk_support_agents"),
    _of_user("support_agents_manager", "manager_id"),
    _of_user("support_agents_agent", "agent_id"),
    Index("ix_support_agents_agent", "site_id", "agent_id"),
    sqlite_with_rowid=False,
)

session_templates = _table(
    "session_templates",
    16,
    _big("site_id"),
    _big("owner_id"),
    _text("service"),
    _text("name_key"),
    _text("name"),
    _text("document"),
    PrimaryKeyConstraint("site_id", "owner_id", "service", "name_key", name="pk_session_templates"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_session_templates_site", ondelete="CASCADE"),
)
"""Templates of users, and with `owner_id` 0 those of the site."""

audit_log = _table(
    "audit_log",
    17,
    _big("site_id"),
    _int("version"),
    _big("changed_at"),
    _text("author"),
    _text("origin"),
    _text("document"),
    PrimaryKeyConstraint("site_id", "version", name="pk_audit_log"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_audit_log_site", ondelete="CASCADE"),
)
"""Who changed what of a site, one row for each version of the site's row, written in the transaction of the change."""

used_assertions = _table(
    "used_assertions",
    19,
    _big("site_id"),
    _text("assertion_hash"),
    _big("expires_at"),
    PrimaryKeyConstraint("site_id", "assertion_hash", name="pk_used_assertions"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_used_assertions_site", ondelete="CASCADE"),
    Index("ix_used_assertions_expires", "site_id", "expires_at"),
)
"""SAML assertions that signed somebody in, until they expire: none does so twice."""

password_history = _table(
    "password_history",
    20,
    _big("site_id"),
    _big("user_id"),
    _int("credential_version"),
    _text("password_hash"),
    PrimaryKeyConstraint("site_id", "user_id", "credential_version", name="pk_password_history"),
    _of_user("password_history_user"),
)
"""Passwords that accounts had before, by the version of the credentials that each belonged to."""

sign_in_failures = _table(
    "sign_in_failures",
    21,
    _big("site_id"),
    _big("user_id"),
    _int("failures"),
    _big("failed_at"),
    PrimaryKeyConstraint("site_id", "user_id", name="pk_sign_in_failures"),
    _of_user("sign_in_failures_user"),
)
"""Wrong passwords in a row; only accounts with some have a row."""

quotas = _table(
    "quotas",
    22,
    _big("site_id"),
    _text("name"),
    _big("used"),
    PrimaryKeyConstraint("site_id", "name", name="pk_quotas"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_quotas_site", ondelete="CASCADE"),
)
"""How much of what the site limits its accounts hold; a missing row means that nobody counted yet."""

profile_numbers = _table(
    "profile_numbers",
    23,
    _big("site_id"),
    _text("number_key"),
    _big("user_id"),
    PrimaryKeyConstraint("site_id", "number_key", name="pk_profile_numbers"),
    _of_user("profile_numbers_user"),
)
"""Profile numbers of accounts on the conference server, casefolded; each belongs to one account."""

feedback = _table(
    "feedback",
    23,
    _big("site_id"),
    _big("feedback_id"),
    _big("session_key"),
    _big("conf_id"),
    _big("attendee_id"),
    _big("submitted_at"),
    _text("document"),
    PrimaryKeyConstraint("site_id", "feedback_id", name="pk_feedback"),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_feedback_session",
        ondelete="CASCADE",
    ),
    Index("ix_feedback_session", "site_id", "session_key", "conf_id", "submitted_at"),
)
"""What people said of a run of a session afterwards; `attendee_id` is 0 for somebody who is not on its list."""

programs = _table(
    "programs",
    40,
    _big("site_id"),
    _big("program_id"),
    _text("name"),
    _text("name_key"),
    _big("host_id"),
    _text("listing"),
    _text("expected_enrollment", null=True),
    _text("budget", null=True),
    _text("after_enrollment_url", null=True),
    _big("created_at"),
    PrimaryKeyConstraint("site_id", "program_id", name="pk_programs"),
    UniqueConstraint("site_id", "name_key", name="uq_programs_name"),
    ForeignKeyConstraint(["site_id", "host_id"], ["users.site_id", "users.user_id"], name="fk_programs_host"),
)
"""Groups of events. `name_key` is the casefolded name."""

event_images = _table(
    "event_images",
    41,
    _big("site_id"),
    _big("session_key"),
    _text("image_key"),
    _text("media_type"),
    _bytes("content"),
    _big("modified_at"),
    PrimaryKeyConstraint("site_id", "session_key", name="pk_event_images"),
    UniqueConstraint("site_id", "image_key", name="uq_event_images_image_key"),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_event_images_session",
        ondelete="CASCADE",
    ),
)
"""Pictures of events; `image_key` is the secret part of the picture's address."""

contacts = _table(
    "contacts",
    60,
    _big("site_id"),
    _big("contact_id"),
    _big("owner_id"),
    _text("name_key"),
    _text("document"),
    _big("created_at"),
    PrimaryKeyConstraint("site_id", "contact_id", name="pk_contacts"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_contacts_site", ondelete="CASCADE"),
    Index("ix_contacts_owner", "site_id", "owner_id", "name_key", "contact_id"),
)
"""Entries of address books: those of users, and with `owner_id` 0 those of the whole site."""

dist_lists = _table(
    "dist_lists",
    61,
    _big("site_id"),
    _big("list_id"),
    _big("owner_id"),
    _text("name"),
    _text("name_key"),
    _text("description", null=True),
    _int("version"),
    PrimaryKeyConstraint("site_id", "list_id", name="pk_dist_lists"),
    UniqueConstraint("site_id", "owner_id", "name_key", name="uq_dist_lists_name"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_dist_lists_site", ondelete="CASCADE"),
)
"""Distribution lists; owners as in `contacts`."""

dist_list_members = _table(
    "dist_list_members",
    62,
    _big("site_id"),
    _big("list_id"),
    _big("contact_id"),
    PrimaryKeyConstraint("site_id", "list_id", "contact_id", name="pk_dist_list_members"),
    ForeignKeyConstraint(
        ["site_id", "list_id"],
        ["dist_lists.site_id", "dist_lists.list_id"],
        name="fk_dist_list_members_list",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(
        ["site_id", "contact_id"],
        ["contacts.site_id", "contacts.contact_id"],
        name="fk_dist_list_members_contact",
        ondelete="CASCADE",
    ),
    Index("ix_dist_list_members_contact", "site_id", "contact_id"),
    sqlite_with_rowid=False,
)

one_click_settings = _table(
    "one_click_settings",
    63,
    _big("site_id"),
    _big("user_id"),
    _text("document"),
    _int("version"),
    PrimaryKeyConstraint("site_id", "user_id", name="pk_one_click_settings"),
    _of_user("one_click_settings_user"),
)

sales_accounts = _table(
    "sales_accounts",
    64,
    _big("site_id"),
    _big("account_id"),
    _big("owner_id"),
    _text("name"),
    _text("name_key"),
    _text("external_id", null=True),
    _big("external_system", null=True),
    _big("parent_id", null=True),
    _int("version"),
    PrimaryKeyConstraint("site_id", "account_id", name="pk_sales_accounts"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_sales_accounts_site", ondelete="CASCADE"),
    Index("ix_sales_accounts_name", "site_id", "name_key", "account_id"),
    Index("ix_sales_accounts_external", "site_id", "external_id"),
)
"""Customer accounts of the sales service."""

opportunities = _table(
    "opportunities",
    65,
    _big("site_id"),
    _big("opportunity_id"),
    _big("owner_id"),
    _big("account_id", null=True),
    _text("name"),
    _text("name_key"),
    _text("external_id", null=True),
    _big("external_system", null=True),
    _int("version"),
    PrimaryKeyConstraint("site_id", "opportunity_id", name="pk_opportunities"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_opportunities_site", ondelete="CASCADE"),
    Index("ix_opportunities_name", "site_id", "name_key", "opportunity_id"),
    Index("ix_opportunities_account", "site_id", "account_id"),
    Index("ix_opportunities_external", "site_id", "external_id"),
)
"""Sales opportunities, most of them of a customer account."""

products = _table(
    "products",
    66,
    _big("site_id"),
    _big("product_id"),
    _text("name"),
    _text("name_key"),
    _text("description"),
    _int("version"),
    PrimaryKeyConstraint("site_id", "product_id", name="pk_products"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_products_site", ondelete="CASCADE"),
    Index("ix_products_name", "site_id", "name_key", "product_id"),
)
"""What the site sells."""

runs = _table(
    "runs",
    50,
    _big("site_id"),
    _big("conf_id"),
    _big("session_key"),
    _text("uuid"),
    _text("service"),
    _flag("audio_only"),
    _int("session_type"),
    _text("type_code"),
    _text("name"),
    _text("name_key"),
    _big("host_id"),
    _text("host_web_ex_id"),
    _text("host_name"),
    _text("host_email"),
    _int("time_zone_id"),
    _big("started_at"),
    _big("closed_at", null=True),
    _big("ended_at", null=True),
    _int("present"),
    _int("version"),
    *(_text(f"tracking_code_{number}", null=True) for number in range(1, 11)),
    _text("assist_request", null=True),
    _text("assist_confirm", null=True),
    _text("pso_field", null=True),
    _text("account", null=True),
    _text("account_key", null=True),
    _text("opportunity", null=True),
    _text("opportunity_key", null=True),
    _int("invited"),
    _int("registered"),
    _int("attended"),
    _int("participants"),
    _int("participants_voip"),
    _int("participants_call_in"),
    _int("participants_call_out"),
    _int("peak"),
    *(_big(name) for name in ("people_minutes", "voip_minutes", "call_in_minutes", "toll_free_minutes")),
    *(_big(name) for name in ("call_out_domestic", "call_out_international")),
    *(_big(name) for name in ("toll_international", "toll_free_international")),
    _text("source", null=True),
    _added("locked", Boolean, "false"),
    _text("presenter", null=True),
    PrimaryKeyConstraint("site_id", "conf_id", name="pk_runs"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_runs_site", ondelete="CASCADE"),
    Index("ix_runs_ended", "site_id", "service", "ended_at", "audio_only", "started_at", "conf_id"),
    Index("ix_runs_started", "site_id", "service", "started_at", "conf_id", "ended_at", "audio_only"),
    Index("ix_runs_host", "site_id", "host_id", "service", "ended_at"),
    Index("ix_runs_host_started", "site_id", "host_id", "service", "started_at", "conf_id"),
    Index("ix_runs_name", "site_id", "service", "name_key"),
    Index("ix_runs_session", "site_id", "session_key"),
    Index("ix_runs_uuid", "site_id", "uuid"),
    Index(
        *("ix_runs_unfinished", "site_id", "conf_id"),
        **_only("ended_at IS NULL", "ended_at IS NULL"),
    ),
)
"""Runs of sessions; no key refers to the session, since what happened outlives it. Lists show those that have an
`ended_at`."""

stays = _table(
    "stays",
    51,
    _big("site_id"),
    _big("stay_id"),
    _big("conf_id"),
    _big("session_key"),
    _text("service"),
    _flag("audio_only"),
    _big("host_id"),
    _big("run_started_at"),
    _big("run_ended_at", null=True),
    _text("person_key"),
    _text("name"),
    _text("email", null=True),
    _big("user_id", null=True),
    _big("attendee_id", null=True),
    _big("register_id", null=True),
    _text("part"),
    _text("ip_address", null=True),
    _text("client_agent", null=True),
    _big("joined_at"),
    _big("left_at", null=True),
    _big("alive_at"),
    _int("voip_seconds"),
    _big("voip_since", null=True),
    _flag("listed"),
    _flag("registered"),
    _text("external"),
    _text("company", null=True),
    _text("city", null=True),
    _text("state", null=True),
    _text("country", null=True),
    _text("document"),
    PrimaryKeyConstraint("site_id", "stay_id", name="pk_stays"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_stays_site", ondelete="CASCADE"),
    Index("ix_stays_run", "site_id", "conf_id", "joined_at", "stay_id"),
    Index("ix_stays_ended", "site_id", "service", "run_ended_at", "audio_only", "joined_at", "stay_id"),
    Index(
        *("ix_stays_started", "site_id", "service", "run_started_at", "run_ended_at"),
        *("audio_only", "joined_at", "stay_id"),
    ),
    Index("ix_stays_joined", "site_id", "service", "joined_at", "stay_id", "run_ended_at", "audio_only"),
    Index("ix_stays_host", "site_id", "host_id", "service", "run_ended_at"),
    Index("ix_stays_session", "site_id", "session_key"),
    Index(
        *("ix_stays_open", "site_id", "alive_at"),
        **_only("left_at IS NULL", "left_at IS NULL"),
    ),
)
"""Stays of people in runs. What lists are narrowed to and sorted by is repeated from the run, so that a page comes
from one index; `run_ended_at` is set when the run is history."""

run_days = _table(
    "run_days",
    56,
    _big("site_id"),
    _text("service"),
    _int("ended_day"),
    _int("day"),
    _flag("audio_only"),
    _int("total"),
    PrimaryKeyConstraint("site_id", "service", "ended_day", "day", "audio_only", name="pk_run_days"),
    sqlite_with_rowid=False,
)
"""How many runs that have ended a site has per UTC day of their end and of their beginning (`day`), written in the
transaction that ends or forgets them: totals and page positions of histories come from here instead of a scan."""

room_homes = _table(
    "room_homes",
    52,
    _big("site_id"),
    _big("session_key"),
    _text("address"),
    _big("until"),
    PrimaryKeyConstraint("site_id", "session_key", name="pk_room_homes"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_room_homes_site", ondelete="CASCADE"),
)
"""Which server process holds which room, until when; no key refers to the session, which a run outlives."""

call_windows = _table(
    "call_windows",
    54,
    _big("site_id"),
    _text("caller"),
    _text("call_group"),
    _big("began"),
    _int("taken"),
    PrimaryKeyConstraint("site_id", "caller", "call_group", name="pk_call_windows"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_call_windows_site", ondelete="CASCADE"),
)
"""How many calls processes have taken of a caller's minute. A caller is an account's number or an address, which has no
account, so no key refers to accounts; rows of minutes that are over are of no use, and go once an hour."""

account_log = _table(
    "account_log",
    55,
    _big("site_id"),
    _big("entry_id"),
    _big("changed_at"),
    _text("author"),
    _text("channel"),
    _big("user_id"),
    _text("web_ex_id"),
    _text("what"),
    _text("fields"),
    PrimaryKeyConstraint("site_id", "entry_id", name="pk_account_log"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_account_log_site", ondelete="CASCADE"),
    Index("ix_account_log_time", "site_id", "changed_at", "entry_id"),
)
"""Who changed which account, when and what of it; `fields` are names, separated by spaces, never values. No key refers
to the account: what was done to it is told after it is gone."""
