"""Tests of training sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _int(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def upgrade() -> None:
    """From 0013."""
    op.create_table(
        "training_tests",
        _big("site_id"),
        _big("test_id"),
        _big("owner_id"),
        _big("session_key", null=True),
        _flag("shared"),
        _text("title"),
        _text("description"),
        _text("author"),
        _text("delivery"),
        _big("opens_at", null=True),
        _big("closes_at", null=True),
        _text("settings"),
        _int("version"),
        _big("created_at"),
        _text("document"),
        sa.PrimaryKeyConstraint("site_id", "test_id", name="pk_training_tests"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_training_tests_site", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["site_id", "session_key"],
            ["sessions.site_id", "sessions.session_key"],
            name="fk_training_tests_session",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_training_tests_session", "training_tests", ["site_id", "session_key", "created_at"])
    op.create_index("ix_training_tests_owner", "training_tests", ["site_id", "owner_id"])
    op.create_index(
        "ix_training_tests_shared",
        "training_tests",
        ["site_id", "created_at"],
        sqlite_where=sa.text("shared = 1 AND session_key IS NULL"),
        postgresql_where=sa.text("shared AND session_key IS NULL"),
    )
    op.create_table(
        "test_attempts",
        _big("site_id"),
        _big("attempt_id"),
        _big("test_id"),
        _big("attendee_id"),
        _int("number"),
        _text("email_key"),
        _text("name"),
        _big("register_id"),
        _big("started_at"),
        _big("submitted_at", null=True),
        _text("answers"),
        _text("marks"),
        _int("score", null=True),
        _flag("pending"),
        _int("version"),
        sa.PrimaryKeyConstraint("site_id", "attempt_id", name="pk_test_attempts"),
        sa.UniqueConstraint("site_id", "test_id", "attendee_id", "number", name="uq_test_attempts_number"),
        sa.ForeignKeyConstraint(
            ["site_id", "test_id"],
            ["training_tests.site_id", "training_tests.test_id"],
            name="fk_test_attempts_test",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_test_attempts_test", "test_attempts", ["site_id", "test_id", "started_at"])
    op.create_index("ix_test_attempts_email", "test_attempts", ["site_id", "test_id", "email_key"])


def downgrade() -> None:
    """Back to 0013; tests and what people answered are lost."""
    op.drop_table("test_attempts")
    op.drop_table("training_tests")
