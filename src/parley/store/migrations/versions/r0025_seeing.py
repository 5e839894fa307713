"""Who changed accounts, and which request a mail was queued by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0024."""
    op.add_column("outbox", sa.Column("request_id", TEXT, nullable=True))
    op.create_table(
        "account_log",
        sa.Column("site_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("web_ex_id", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "entry_id", name="pk_account_log"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_account_log_site", ondelete="CASCADE"),
    )
    op.create_index("ix_account_log_time", "account_log", ["site_id", "changed_at", "entry_id"])


def downgrade() -> None:
    """Back to 0024."""
    op.drop_table("account_log")
    op.drop_column("outbox", "request_id")
