"""Indexes for lists of series, of what is scheduled for others, and of what is in progress; private meetings."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_sessions_recurring_name": (["site_id", "ended", "name_key", "session_key"], "recurring = 1", "recurring"),
    "ix_sessions_recurring_host": (["site_id", "host_id", "ended", "session_key"], "recurring = 1", "recurring"),
    "ix_sessions_creator": (
        ["site_id", "creator_id", "ended", "next_start", "session_key"],
        "creator_id != host_id",
        "creator_id <> host_id",
    ),
    "ix_sessions_open": (
        ["site_id", "ended", "status", "next_start", "session_key"],
        "status = 'INPROGRESS'",
        "status = 'INPROGRESS'",
    ),
}


def upgrade() -> None:
    """From 0010."""
    for name, (columns, sqlite, postgres) in _INDEXES.items():
        op.create_index(name, "sessions", columns, sqlite_where=text(sqlite), postgresql_where=text(postgres))
    # It stood with all types of meetings and meant nothing; from now on it makes their meetings private.
    private = '"SupportPrivateMeeting"\\:'
    op.execute(f"UPDATE session_types SET document = replace(document, '{private}true', '{private}false')")  # noqa: S608


def downgrade() -> None:
    """Back to 0010."""
    for name in reversed(_INDEXES):
        op.drop_index(name, table_name="sessions")
