"""What servers do by themselves for sessions, and what rooms tell of runs that go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def upgrade() -> None:
    """From 0019. Sessions that are there already ask for nothing before they are changed."""
    op.add_column("runs", sa.Column("locked", sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.add_column("runs", sa.Column("presenter", TEXT, nullable=True))
    op.create_table(
        "errands",
        _big("site_id"),
        _big("errand_id"),
        sa.Column("kind", TEXT, nullable=False),
        _big("session_key"),
        sa.Column("document", TEXT, nullable=False),
        _big("created_at"),
        _big("due_at"),
        sa.Column("attempts", sa.Integer, nullable=False, autoincrement=False),
        _big("taken_until"),
        sa.Column("note", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("site_id", "errand_id", name="pk_errands"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_errands_site", ondelete="CASCADE"),
    )
    op.create_index("ix_errands_due", "errands", ["site_id", "due_at", "errand_id"])
    op.create_index("ix_errands_session", "errands", ["site_id", "session_key", "kind"])


def downgrade() -> None:
    """Back to 0019; notices that wait are lost."""
    op.drop_table("errands")
    op.drop_column("runs", "presenter")
    op.drop_column("runs", "locked")
