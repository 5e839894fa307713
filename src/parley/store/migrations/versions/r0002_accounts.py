"""Accounts: addresses of personal rooms, names to search by, totals, pictures, queues, templates."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_AT_ONCE = 1000
_INDEXES = (
    ("uq_users_personal_url", ["site_id", "personal_url"]),
    ("ix_users_status", ["site_id", "status", "web_ex_id_key"]),
    ("ix_users_first", ["site_id", "first_key", "web_ex_id_key"]),
    ("ix_users_last", ["site_id", "last_key", "web_ex_id_key"]),
    ("ix_users_registered", ["site_id", "registered_at", "web_ex_id_key"]),
    ("ix_users_modified", ["site_id", "modified_at", "web_ex_id_key"]),
)


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False)


def _of_user(name: str, column: str = "user_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["site_id", column],
        ["users.site_id", "users.user_id"],
        name=f"fk_{name}",
        ondelete="CASCADE",
    )


def _users() -> None:
    op.add_column("users", sa.Column("personal_url", TEXT, nullable=True))
    op.add_column("users", sa.Column("first_key", TEXT, nullable=False, server_default=sa.text("''")))
    op.add_column("users", sa.Column("last_key", TEXT, nullable=False, server_default=sa.text("''")))
    _fill()
    for name, columns in _INDEXES:
        op.create_index(name, "users", columns, unique=name.startswith("uq"))


def _fill() -> None:
    """Give the accounts that are there the new columns; of two rooms with one address the older account keeps it."""
    connection = op.get_bind()
    read = sa.text(
        "SELECT site_id, user_id, first_name, last_name, document FROM users ORDER BY site_id, registered_at"
    )
    write = sa.text(
        "UPDATE users SET personal_url = :room, first_key = :first, last_key = :last"
        " WHERE site_id = :site_id AND user_id = :user_id"
    )
    taken: set[tuple[int, str]] = set()
    rows: list[dict[str, object]] = []
    for site_id, user_id, first_name, last_name, document in connection.execute(read).fetchall():
        room = (json.loads(document).get("personalUrl") or "").strip().casefold() or None
        if room is not None and (site_id, room) in taken:
            room = None
        if room is not None:
            taken.add((site_id, room))
        names = {"first": first_name.casefold(), "last": last_name.casefold()}
        rows.append({"site_id": site_id, "user_id": user_id, "room": room, **names})
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(write, rows[start : start + _AT_ONCE])


def _user_totals() -> None:
    op.create_table(
        "user_totals",
        _big("site_id"),
        _text("status"),
        sa.Column("host", sa.Boolean, nullable=False),
        sa.Column("total", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("site_id", "status", "host", name="pk_user_totals"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO user_totals (site_id, status, host, total)"
        " SELECT site_id, status, host, count(*) FROM users GROUP BY site_id, status, host"
    )


def _user_revisions() -> None:
    op.create_table(
        "user_revisions",
        _big("site_id"),
        _big("revision"),
        sa.PrimaryKeyConstraint("site_id", name="pk_user_revisions"),
    )


def _email_changes() -> None:
    op.create_table(
        "email_changes",
        _big("site_id"),
        _big("user_id"),
        _text("email"),
        _text("token_hash"),
        _big("expires_at"),
        sa.PrimaryKeyConstraint("site_id", "user_id", name="pk_email_changes"),
        sa.UniqueConstraint("site_id", "token_hash", name="uq_email_changes_token"),
        _of_user("email_changes_user"),
    )


def _user_images() -> None:
    op.create_table(
        "user_images",
        _big("site_id"),
        _big("user_id"),
        _text("kind"),
        _text("media_type"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _big("modified_at"),
        sa.PrimaryKeyConstraint("site_id", "user_id", "kind", name="pk_user_images"),
        _of_user("user_images_user"),
    )


def _queue_members() -> None:
    op.create_table(
        "queue_members",
        _big("site_id"),
        _big("user_id"),
        _text("queue_key"),
        _text("role"),
        sa.PrimaryKeyConstraint("site_id", "user_id", "queue_key", "role", name="pk_queue_members"),
        _of_user("queue_members_user"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_queue_members_queue", "queue_members", ["site_id", "queue_key", "role"])


def _support_agents() -> None:
    op.create_table(
        "support_agents",
        _big("site_id"),
        _big("manager_id"),
        _big("agent_id"),
        sa.PrimaryKeyConstraint("site_id", "manager_id", "agent_id", name="pk_support_agents"),
        _of_user("support_agents_agent", "agent_id"),
        _of_user("support_agents_manager", "manager_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_support_agents_agent", "support_agents", ["site_id", "agent_id"])


def _session_templates() -> None:
    op.create_table(
        "session_templates",
        _big("site_id"),
        _big("owner_id"),
        _text("service"),
        _text("name_key"),
        _text("name"),
        _text("document"),
        sa.PrimaryKeyConstraint("site_id", "owner_id", "service", "name_key", name="pk_session_templates"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_session_templates_site", ondelete="CASCADE"),
    )


def upgrade() -> None:
    """From 0001."""
    _users()
    _user_totals()
    _user_revisions()
    _email_changes()
    _user_images()
    _queue_members()
    _support_agents()
    _session_templates()


def downgrade() -> None:
    """Back to 0001; the new tables are lost."""
    for name in (
        "session_templates",
        "support_agents",
        "queue_members",
        "user_images",
        "email_changes",
        "user_revisions",
        "user_totals",
    ):
        op.drop_table(name)
    for name, _ in _INDEXES:
        op.drop_index(name, "users")
    for column in ("last_key", "first_key", "personal_url"):
        op.drop_column("users", column)
