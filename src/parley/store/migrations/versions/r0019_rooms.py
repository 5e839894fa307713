"""Which server process holds which room."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0018."""
    op.create_table(
        "room_homes",
        *(sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False) for name in ("site_id", "session_key")),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("site_id", "session_key", name="pk_room_homes"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_room_homes_site", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Back to 0018."""
    op.drop_table("room_homes")
