"""SAML assertions that signed somebody in, so that none does so twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0003."""
    op.create_table(
        "used_assertions",
        sa.Column("site_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("assertion_hash", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("site_id", "assertion_hash", name="pk_used_assertions"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_used_assertions_site", ondelete="CASCADE"),
    )
    op.create_index("ix_used_assertions_expires", "used_assertions", ["site_id", "expires_at"])


def downgrade() -> None:
    """Back to 0003; assertions that are still valid could be used once more."""
    op.drop_table("used_assertions")
