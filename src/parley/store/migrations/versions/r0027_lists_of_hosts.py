"""The indexes of somebody's sessions tell their service and type, so that lists of one kind need not read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ORDER = ("ended", "next_start", "session_key")
_KIND = ("service", "session_type")


def _index(host: Sequence[str], creator: Sequence[str]) -> None:
    """Make the indexes anew, with these columns behind those that they are ordered by."""
    _make("ix_sessions_host", ["site_id", "host_id", *_ORDER, *host])
    _make(
        "ix_sessions_creator",
        ["site_id", "creator_id", *_ORDER, *creator],
        sqlite_where=sa.text("creator_id != host_id"),
        postgresql_where=sa.text("creator_id <> host_id"),
    )
    # Of two indexes that seem equally good SQLite takes the one that was made last: for series that of the series.
    _make(
        "ix_sessions_recurring_host",
        ["site_id", "host_id", "ended", "session_key"],
        sqlite_where=sa.text("recurring = 1"),
        postgresql_where=sa.text("recurring"),
    )


def _make(name: str, columns: list[str], **only: Any) -> None:
    op.drop_index(name, table_name="sessions")
    op.create_index(name, "sessions", columns, **only)


def upgrade() -> None:
    """From 0026."""
    _index(_KIND, (*_KIND, "host_id"))


def downgrade() -> None:
    """Back to 0026."""
    _index((), ())
