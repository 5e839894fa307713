"""First tables: sites, accounts, sessions with their lists, tickets, outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _meta() -> None:
    op.create_table(
        "meta",
        _text("key"),
        _text("value"),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _sites() -> None:
    op.create_table(
        "sites",
        _big("site_id"),
        _text("name"),
        _text("partner_id", null=True),
        _text("level"),
        _flag("active"),
        _flag("suspended"),
        _text("settings"),
        _int("version"),
        _big("created_at"),
        sa.PrimaryKeyConstraint("site_id", name="pk_sites"),
        sa.UniqueConstraint("name", name="uq_sites_name"),
    )


def _session_types() -> None:
    op.create_table(
        "session_types",
        _big("site_id"),
        _int("type_id"),
        _text("prefix"),
        _text("name"),
        _text("display_name"),
        _text("service"),
        _flag("active"),
        _text("document"),
        sa.PrimaryKeyConstraint("site_id", "type_id", name="pk_session_types"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_session_types_site", ondelete="CASCADE"),
    )


def _users() -> None:
    op.create_table(
        "users",
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
        sa.PrimaryKeyConstraint("site_id", "user_id", name="pk_users"),
        sa.UniqueConstraint("site_id", "email_key", name="uq_users_email_key"),
        sa.UniqueConstraint("site_id", "web_ex_id_key", name="uq_users_web_ex_id_key"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_users_site"),
    )


def _scheduling_permissions() -> None:
    op.create_table(
        "scheduling_permissions",
        _big("site_id"),
        _big("host_id"),
        _big("delegate_id"),
        sa.PrimaryKeyConstraint("site_id", "host_id", "delegate_id", name="pk_scheduling_permissions"),
        sa.ForeignKeyConstraint(
            ["site_id", "delegate_id"],
            ["users.site_id", "users.user_id"],
            name="fk_scheduling_permissions_delegate",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "host_id"],
            ["users.site_id", "users.user_id"],
            name="fk_scheduling_permissions_host",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_scheduling_permissions_delegate", "scheduling_permissions", ["site_id", "delegate_id"])


def _sessions() -> None:
    op.create_table(
        "sessions",
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
        _text("tracking_code_1", null=True),
        _text("tracking_code_2", null=True),
        _text("tracking_code_3", null=True),
        _text("tracking_code_4", null=True),
        _text("tracking_code_5", null=True),
        _text("tracking_code_6", null=True),
        _text("tracking_code_7", null=True),
        _text("tracking_code_8", null=True),
        _text("tracking_code_9", null=True),
        _text("tracking_code_10", null=True),
        _text("document"),
        _int("version"),
        _int("sequence"),
        _big("created_at"),
        _big("modified_at"),
        _int("open_time"),
        _flag("registration"),
        _flag("alternates"),
        sa.PrimaryKeyConstraint("site_id", "session_key", name="pk_sessions"),
        sa.UniqueConstraint("site_id", "attendee_link", name="uq_sessions_attendee_link"),
        sa.UniqueConstraint("site_id", "host_link", name="uq_sessions_host_link"),
        sa.UniqueConstraint("site_id", "uuid", name="uq_sessions_uuid"),
        sa.ForeignKeyConstraint(["site_id", "host_id"], ["users.site_id", "users.user_id"], name="fk_sessions_host"),
    )
    op.create_index("ix_sessions_end", "sessions", ["site_id", "ended", "next_end"])
    op.create_index("ix_sessions_host", "sessions", ["site_id", "host_id", "ended", "next_start", "session_key"])
    op.create_index("ix_sessions_modified", "sessions", ["site_id", "modified_at"])
    op.create_index("ix_sessions_name", "sessions", ["site_id", "ended", "name_key", "session_key"])
    op.create_index("ix_sessions_series", "sessions", ["site_id", "series_key"])
    op.create_index("ix_sessions_start", "sessions", ["site_id", "ended", "next_start", "session_key"])


def _attendees() -> None:
    op.create_table(
        "attendees",
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
        sa.PrimaryKeyConstraint("site_id", "session_key", "attendee_id", name="pk_attendees"),
        sa.UniqueConstraint("site_id", "attendee_id", name="uq_attendees_attendee_id"),
        sa.ForeignKeyConstraint(
            ["site_id", "session_key"],
            ["sessions.site_id", "sessions.session_key"],
            name="fk_attendees_session",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_attendees_email", "attendees", ["site_id", "email_key", "session_key"])
    op.create_index("ix_attendees_user", "attendees", ["site_id", "user_id", "session_key", "role"])


def _login_tickets() -> None:
    op.create_table(
        "login_tickets",
        _big("site_id"),
        _text("ticket_hash"),
        _big("user_id"),
        _big("expires_at"),
        _big("used_at", null=True),
        sa.PrimaryKeyConstraint("site_id", "ticket_hash", name="pk_login_tickets"),
        sa.ForeignKeyConstraint(
            ["site_id", "user_id"], ["users.site_id", "users.user_id"], name="fk_login_tickets_user", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_login_tickets_expires", "login_tickets", ["site_id", "expires_at"])
    op.create_index("ix_login_tickets_user", "login_tickets", ["site_id", "user_id", "expires_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        _big("site_id"),
        _big("outbox_id"),
        _text("kind"),
        _big("session_key", null=True),
        _text("recipient", null=True),
        _text("document"),
        _big("created_at"),
        _big("sent_at", null=True),
        sa.PrimaryKeyConstraint("site_id", "outbox_id", name="pk_outbox"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["site_id", "created_at", "outbox_id"],
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )


def _session_days() -> None:
    op.create_table(
        "session_days",
        _big("site_id"),
        _flag("ended"),
        _int("day"),
        _int("total"),
        sa.PrimaryKeyConstraint("site_id", "ended", "day", name="pk_session_days"),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    """From an empty database."""
    _meta()
    _sites()
    _session_types()
    _users()
    _scheduling_permissions()
    _sessions()
    _attendees()
    _login_tickets()
    _outbox()
    _session_days()


def downgrade() -> None:
    """Back to an empty database; everything in it is lost."""
    for name in (
        "session_days",
        "outbox",
        "login_tickets",
        "attendees",
        "sessions",
        "scheduling_permissions",
        "users",
        "session_types",
        "sites",
        "meta",
    ):
        op.drop_table(name)
