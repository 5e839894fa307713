"""Programs and pictures of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_IN_A_PROGRAM = sa.text("program_id IS NOT NULL")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def upgrade() -> None:
    """From 0007; no event belongs to a program yet."""
    op.add_column("sessions", _big("program_id", null=True))
    op.create_index(
        "ix_sessions_program",
        "sessions",
        ["site_id", "program_id", "ended", "next_start", "session_key"],
        sqlite_where=_IN_A_PROGRAM,
        postgresql_where=_IN_A_PROGRAM,
    )
    op.create_table(
        "programs",
        _big("site_id"),
        _big("program_id"),
        _text("name"),
        _text("name_key"),
        _big("host_id"),
        _text("listing"),
        _text("expected_enrollment", null=True),
        _text("budget", null=True),
        _text("after_enrollment_url", null=True),
        _big("created_at"),
        sa.PrimaryKeyConstraint("site_id", "program_id", name="pk_programs"),
        sa.UniqueConstraint("site_id", "name_key", name="uq_programs_name"),
        sa.ForeignKeyConstraint(["site_id", "host_id"], ["users.site_id", "users.user_id"], name="fk_programs_host"),
    )
    op.create_table(
        "event_images",
        _big("site_id"),
        _big("session_key"),
        _text("image_key"),
        _text("media_type"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _big("modified_at"),
        sa.PrimaryKeyConstraint("site_id", "session_key", name="pk_event_images"),
        sa.UniqueConstraint("site_id", "image_key", name="uq_event_images_image_key"),
        sa.ForeignKeyConstraint(
            ["site_id", "session_key"],
            ["sessions.site_id", "sessions.session_key"],
            name="fk_event_images_session",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Back to 0007; programs and pictures are lost."""
    op.drop_table("event_images")
    op.drop_table("programs")
    op.drop_index("ix_sessions_program", "sessions")
    op.drop_column("sessions", "program_id")
