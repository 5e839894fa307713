"""How many calls of their minute callers have used, for all processes that serve one database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0023."""
    op.create_table(
        "call_windows",
        sa.Column("site_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("caller", TEXT, nullable=False),
        sa.Column("call_group", TEXT, nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("taken", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("site_id", "caller", "call_group", name="pk_call_windows"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_call_windows_site", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Back to 0023."""
    op.drop_table("call_windows")
