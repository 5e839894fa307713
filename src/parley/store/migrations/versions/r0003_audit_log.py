"""The log of who changed what of a site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0002."""
    op.create_table(
        "audit_log",
        sa.Column("site_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "version", name="pk_audit_log"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_audit_log_site", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Back to 0002; the log is lost."""
    op.drop_table("audit_log")
