"""Delivery of the outbox: when, how often, by whom, with which end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    """From 0011. Messages that wait are due since they were written."""
    op.drop_index("ix_outbox_waiting", "outbox")
    for name, kind in (("due_at", sa.BigInteger), ("attempts", sa.Integer), ("taken_until", sa.BigInteger)):
        op.add_column("outbox", sa.Column(name, kind, nullable=False, server_default=sa.text("0")))
    op.add_column("outbox", sa.Column("failed_at", sa.BigInteger, nullable=True))
    op.add_column("outbox", sa.Column("note", TEXT, nullable=True))
    op.execute("UPDATE outbox SET due_at = created_at")
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["site_id", "due_at", "outbox_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_outbox_created", "outbox", ["site_id", "created_at", "outbox_id"])
    op.create_index("ix_outbox_session", "outbox", ["site_id", "session_key", "outbox_id"])


def downgrade() -> None:
    """Back to 0011; messages that were given up wait again."""
    for name in ("ix_outbox_due", "ix_outbox_created", "ix_outbox_session"):
        op.drop_index(name, "outbox")
    for name in ("due_at", "attempts", "taken_until", "failed_at", "note"):
        op.drop_column("outbox", name)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["site_id", "created_at", "outbox_id"],
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
