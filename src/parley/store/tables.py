"""The tables. Every key and every index begins with the site, so no statement reads across tenants by accident.

Columns stand in the order of the fields of the entity they make (`parley.domain`). Times are UTC epoch
seconds. Text is compared by code point on every database (PostgreSQL: collation "C").
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null, autoincrement=False)


def _int(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=null, autoincrement=False)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, _TEXT, nullable=null)


def _key(name: str) -> Column[str]:
    """A column that revision 0002 added to rows that were there already."""
    return Column(name, _TEXT, nullable=False, server_default=text("''"))


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _table(name: str, rank: int, *parts: Any, **options: Any) -> Table:
    """`rank`: place in the order in which one transaction writes to tables (parents before children)."""
    return Table(name, metadata, *parts, info={"rank": rank}, **options)


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
)
"""`personal_url` is the casefolded address of the personal room; `first_key` and `last_key` are the casefolded names,
by which lists search and sort."""

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
    PrimaryKeyConstraint("site_id", "session_key", name="pk_sessions"),
    UniqueConstraint("site_id", "uuid", name="uq_sessions_uuid"),
    UniqueConstraint("site_id", "host_link", name="uq_sessions_host_link"),
    UniqueConstraint("site_id", "attendee_link", name="uq_sessions_attendee_link"),
    ForeignKeyConstraint(["site_id", "host_id"], ["users.site_id", "users.user_id"], name="fk_sessions_host"),
    Index("ix_sessions_start", "site_id", "ended", "next_start", "session_key"),
    Index("ix_sessions_end", "site_id", "ended", "next_end"),
    Index("ix_sessions_host", "site_id", "host_id", "ended", "next_start", "session_key"),
    Index("ix_sessions_name", "site_id", "ended", "name_key", "session_key"),
    Index("ix_sessions_series", "site_id", "series_key"),
    Index("ix_sessions_modified", "site_id", "modified_at"),
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
    PrimaryKeyConstraint("site_id", "session_key", "attendee_id", name="pk_attendees"),
    UniqueConstraint("site_id", "attendee_id", name="uq_attendees_attendee_id"),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_attendees_session",
        ondelete="CASCADE",
    ),
    Index("ix_attendees_user", "site_id", "user_id", "session_key", "role"),
    Index("ix_attendees_email", "site_id", "email_key", "session_key"),
)

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
    PrimaryKeyConstraint("site_id", "outbox_id", name="pk_outbox"),
    Index(
        "ix_outbox_waiting",
        "site_id",
        "created_at",
        "outbox_id",
        sqlite_where=text("sent_at IS NULL"),
        postgresql_where=text("sent_at IS NULL"),
    ),
)

session_days = _table(
    "session_days",
    10,
    _big("site_id"),
    _flag("ended"),
    _int("day"),
    _int("total"),
    PrimaryKeyConstraint("site_id", "ended", "day", name="pk_session_days"),
    sqlite_with_rowid=False,
)
"""How many sessions a site has per UTC day of `next_start`, written in the transaction that changes the
sessions: totals and page positions of lists by start time come from here instead of a scan."""

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
