"""Recordings, what storage they use, who they are shared with, and who looked at them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _of_site(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=f"fk_{name}_site", ondelete="CASCADE")


def _of_recording(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["site_id", "recording_id"],
        ["recordings.site_id", "recordings.recording_id"],
        name=f"fk_{name}_recording",
        ondelete="CASCADE",
    )


_INDEXES = {
    "recordings": {
        "ix_recordings_created": ["state", "created_at", "recording_id"],
        "ix_recordings_owner": ["owner_id", "state", "created_at", "recording_id"],
        "ix_recordings_session": ["session_key", "state", "created_at", "recording_id"],
        "ix_recordings_name": ["name_key", "state", "created_at", "recording_id"],
        "ix_recordings_conf": ["conf_id", "recording_id"],
        "ix_recordings_trashed": ["state", "trashed_at", "recording_id"],
    },
    "recording_shares": {"ix_recording_shares_user": ["user_id", "recording_id"]},
    "recording_accesses": {
        "ix_recording_accesses_recording": ["recording_id", "accessed_at", "access_id"],
        "ix_recording_accesses_time": ["accessed_at", "recording_id"],
    },
}
#: Index, columns and the rows that it holds, by table.
_PARTIAL = {
    "recordings": ("ix_recordings_file_key", ["file_key"], "file_key IS NOT NULL"),
    "recording_accesses": (
        "ix_recording_accesses_registration",
        ["recording_id", "registration"],
        "registration IS NOT NULL",
    ),
}


def upgrade() -> None:
    """From 0016; no site has recordings."""
    op.create_table(
        "recordings",
        *(_big(name) for name in ("site_id", "recording_id", "owner_id", "creator_id")),
        *(_text(name) for name in ("state", "kind", "service", "name", "name_key")),
        _big("created_at"),
        _int("time_zone_id"),
        *(_text(name) for name in ("stream_rcid", "file_rcid")),
        *(_big(name, null=True) for name in ("session_key", "conf_id")),
        *(_big(name) for name in ("duration", "size")),
        *(_text(name) for name in ("format", "media_type")),
        *(_text(name, null=True) for name in ("file_key", "password")),
        _text("listing"),
        *(_big(name, null=True) for name in ("trashed_at", "trashed_by")),
        _big("modified_at"),
        _text("document"),
        _int("version"),
        sa.PrimaryKeyConstraint("site_id", "recording_id", name="pk_recordings"),
        sa.UniqueConstraint("site_id", "stream_rcid", name="uq_recordings_stream"),
        sa.UniqueConstraint("site_id", "file_rcid", name="uq_recordings_file"),
        _of_site("recordings"),
    )
    op.create_table(
        "recording_shares",
        *(_big(name) for name in ("site_id", "recording_id", "user_id", "shared_at")),
        sa.PrimaryKeyConstraint("site_id", "recording_id", "user_id", name="pk_recording_shares"),
        _of_recording("recording_shares"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recording_accesses",
        *(_big(name) for name in ("site_id", "access_id", "recording_id", "accessed_at")),
        _text("name"),
        _text("email", null=True),
        *(_flag(name) for name in ("viewed", "downloaded")),
        _text("registration", null=True),
        _big("registered_at", null=True),
        _text("document"),
        sa.PrimaryKeyConstraint("site_id", "access_id", name="pk_recording_accesses"),
        _of_recording("recording_accesses"),
    )
    op.create_table(
        "recording_usage",
        *(_big(name) for name in ("site_id", "owner_id", "used")),
        sa.PrimaryKeyConstraint("site_id", "owner_id", name="pk_recording_usage"),
        _of_site("recording_usage"),
        sqlite_with_rowid=False,
    )
    for table, indexes in _INDEXES.items():
        for name, columns in indexes.items():
            op.create_index(name, table, ["site_id", *columns])
    for table, (name, columns, rows) in _PARTIAL.items():
        only = sa.text(rows)
        op.create_index(name, table, ["site_id", *columns], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Back to 0016; recordings are forgotten, their files stay where they are."""
    for table in ("recording_usage", "recording_accesses", "recording_shares", "recordings"):
        op.drop_table(table)
