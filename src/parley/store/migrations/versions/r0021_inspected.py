"""What the inspector saw, for all processes that serve one database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0020."""
    op.create_table(
        "inspected_requests",
        *(
            sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)
            for name in ("site_id", "request_id", "seen_at")
        ),
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("caller", TEXT),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("code", TEXT),
        sa.Column("reason", TEXT),
        sa.Column("micros", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.Column("documents", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "request_id", name="pk_inspected_requests"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_inspected_requests_site", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Back to 0020."""
    op.drop_table("inspected_requests")
