"""Seats of sessions, registrations of people, and feedback."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _with_default(name: str, kind: Any, default: str) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, autoincrement=False, server_default=sa.text(default))


def upgrade() -> None:
    """From 0006. Whoever was accepted before holds a seat."""
    op.add_column("sessions", _with_default("seats_taken", sa.Integer(), "0"))
    op.add_column("attendees", _with_default("session_num", sa.Integer(), "0"))
    op.add_column("attendees", _with_default("waiting", sa.Boolean(), "false"))
    op.add_column("attendees", _with_default("submitted_at", sa.BigInteger(), "0"))
    op.add_column("attendees", sa.Column("ip_address", TEXT, nullable=True))
    op.add_column("attendees", sa.Column("domain", TEXT, nullable=True))
    op.add_column("attendees", _with_default("answers", TEXT, "'{}'"))
    op.execute(
        "UPDATE sessions SET seats_taken = (SELECT count(*) FROM attendees"
        " WHERE attendees.site_id = sessions.site_id AND attendees.session_key = sessions.session_key"
        " AND attendees.join_status = 'ACCEPT' AND attendees.role NOT IN ('HOST', 'PRESENTER'))"
        " WHERE attendee_count > 0"
    )
    op.drop_index("ix_attendees_email", "attendees")
    op.create_index(
        "uq_attendees_email", "attendees", ["site_id", "email_key", "session_key", "session_num"], unique=True
    )
    op.create_index("uq_attendees_register", "attendees", ["site_id", "session_key", "register_id"], unique=True)
    op.create_index("ix_sessions_conf", "sessions", ["site_id", "conf_id"])
    op.create_table(
        "feedback",
        _big("site_id"),
        _big("feedback_id"),
        _big("session_key"),
        _big("conf_id"),
        _big("attendee_id"),
        _big("submitted_at"),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "feedback_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["site_id", "session_key"],
            ["sessions.site_id", "sessions.session_key"],
            name="fk_feedback_session",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_feedback_session", "feedback", ["site_id", "session_key", "conf_id", "submitted_at"])


def downgrade() -> None:
    """Back to 0006; people listed for one occurrence are listed no more, answers and feedback are lost."""
    op.drop_table("feedback")
    op.drop_index("ix_sessions_conf", "sessions")
    op.drop_index("uq_attendees_register", "attendees")
    op.drop_index("uq_attendees_email", "attendees")
    op.execute("DELETE FROM attendees WHERE session_num <> 0")
    op.execute(
        "UPDATE sessions SET attendee_count = (SELECT count(*) FROM attendees"
        " WHERE attendees.site_id = sessions.site_id AND attendees.session_key = sessions.session_key)"
        " WHERE attendee_count > 0"
    )
    op.create_index("ix_attendees_email", "attendees", ["site_id", "email_key", "session_key"])
    for name in ("answers", "domain", "ip_address", "submitted_at", "waiting", "session_num"):
        op.drop_column("attendees", name)
    op.drop_column("sessions", "seats_taken")
