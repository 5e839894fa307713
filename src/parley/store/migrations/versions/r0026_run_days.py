"""Counters of what took place, by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: Days before 1970 are negative, and whole numbers are divided towards zero.
_DAY = "({0} - CASE WHEN {0} < 0 THEN 86399 ELSE 0 END) / 86400"


def upgrade() -> None:
    """From 0025."""
    op.create_table(
        "run_days",
        sa.Column("site_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("service", TEXT, nullable=False),
        sa.Column("ended_day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("audio_only", sa.Boolean, nullable=False),
        sa.Column("total", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("site_id", "service", "ended_day", "day", "audio_only", name="pk_run_days"),
        sqlite_with_rowid=False,
    )
    grouped = f"site_id, service, {_DAY.format('ended_at')}, {_DAY.format('started_at')}, audio_only"
    op.execute(
        "INSERT INTO run_days (site_id, service, ended_day, day, audio_only, total)"  # noqa: S608  names of this file
        f" SELECT {grouped}, count(*) FROM runs WHERE ended_at IS NOT NULL GROUP BY {grouped}"
    )


def downgrade() -> None:
    """Back to 0025."""
    op.drop_table("run_days")
