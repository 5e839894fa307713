"""Counters by kind of session, an index of what is on a calendar, and who of a list is let in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KINDS = ("listing", "service", "session_type")
_OF_USER = ("site_id", "user_id", "session_key", "role")


def _count_anew(kinds: Sequence[str]) -> None:
    """Make the counters again, of these kinds of sessions."""
    columns: dict[str, Any] = {
        "site_id": sa.BigInteger(),
        "ended": sa.Boolean(),
        "day": sa.Integer(),
        "listing": TEXT,
        "service": TEXT,
        "session_type": sa.Integer(),
    }
    keys = ("site_id", "ended", "day", *kinds)
    op.drop_table("session_days")
    op.create_table(
        "session_days",
        *(sa.Column(name, columns[name], nullable=False, autoincrement=False) for name in keys),
        sa.Column("total", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint(*keys, name="pk_session_days"),
        sqlite_with_rowid=False,
    )
    # Days before 1970 are negative, and whole numbers are divided towards zero.
    day = "(next_start - CASE WHEN next_start < 0 THEN 86399 ELSE 0 END) / 86400"
    grouped = ", ".join(("site_id", "ended", day, *kinds))
    op.execute(
        f"INSERT INTO session_days ({', '.join(keys)}, total)"  # noqa: S608  names of this file
        f" SELECT {grouped}, count(*) FROM sessions GROUP BY {grouped}"
    )


def _index_users(columns: Sequence[str]) -> None:
    op.drop_index("ix_attendees_user", table_name="attendees")
    op.create_index("ix_attendees_user", "attendees", list(columns))


def upgrade() -> None:
    """From 0017."""
    _count_anew(_KINDS)
    _index_users((*_OF_USER, "join_status", "waiting"))
    shown = sa.text("listing <> 'UNLISTED'")
    columns = ["site_id", "listing", "ended", "next_start", "session_key"]
    op.create_index("ix_sessions_calendar", "sessions", columns, sqlite_where=shown, postgresql_where=shown)


def downgrade() -> None:
    """Back to 0017."""
    op.drop_index("ix_sessions_calendar", table_name="sessions")
    _index_users(_OF_USER)
    _count_anew(())
