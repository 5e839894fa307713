"""Seats of the single classes of training sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0012. Whoever was accepted for one occurrence of a session before holds a seat of it."""
    op.create_table(
        "occurrence_seats",
        sa.Column("site_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("session_key", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("session_num", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("taken", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("site_id", "session_key", "session_num", name="pk_occurrence_seats"),
        sa.ForeignKeyConstraint(
            ["site_id", "session_key"],
            ["sessions.site_id", "sessions.session_key"],
            name="fk_occurrence_seats_session",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO occurrence_seats (site_id, session_key, session_num, taken)"
        " SELECT site_id, session_key, session_num, count(*) FROM attendees"
        " WHERE session_num <> 0 AND join_status = 'ACCEPT' AND NOT waiting AND role NOT IN ('HOST', 'PRESENTER')"
        " GROUP BY site_id, session_key, session_num"
    )


def downgrade() -> None:
    """Back to 0012; the seats can be counted anew from the lists."""
    op.drop_table("occurrence_seats")
