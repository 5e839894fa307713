"""Recordings, what storage they use, who they are shared with, and who looked at them."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint

from parley.store.columns import big, flag, integer, only, table, words


def _of_site(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=f"fk_{name}_site", ondelete="CASCADE")


def _of_recording(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["site_id", "recording_id"],
        ["recordings.site_id", "recordings.recording_id"],
        name=f"fk_{name}_recording",
        ondelete="CASCADE",
    )


recordings = table(
    "recordings",
    90,
    *(big(name) for name in ("site_id", "recording_id", "owner_id", "creator_id")),
    *(words(name) for name in ("state", "kind", "service", "name", "name_key")),
    big("created_at"),
    integer("time_zone_id"),
    *(words(name) for name in ("stream_rcid", "file_rcid")),
    *(big(name, null=True) for name in ("session_key", "conf_id")),
    *(big(name) for name in ("duration", "size")),
    *(words(name) for name in ("format", "media_type")),
    *(words(name, null=True) for name in ("file_key", "password")),
    words("listing"),
    *(big(name, null=True) for name in ("trashed_at", "trashed_by")),
    big("modified_at"),
    words("document"),
    integer("version"),
    PrimaryKeyConstraint("site_id", "recording_id", name="pk_recordings"),
    UniqueConstraint("site_id", "stream_rcid", name="uq_recordings_stream"),
    UniqueConstraint("site_id", "file_rcid", name="uq_recordings_file"),
    _of_site("recordings"),
    Index("ix_recordings_created", "site_id", "state", "created_at", "recording_id"),
    Index("ix_recordings_owner", "site_id", "owner_id", "state", "created_at", "recording_id"),
    Index("ix_recordings_session", "site_id", "session_key", "state", "created_at", "recording_id"),
    Index("ix_recordings_name", "site_id", "name_key", "state", "created_at", "recording_id"),
    Index("ix_recordings_conf", "site_id", "conf_id", "recording_id"),
    Index("ix_recordings_trashed", "site_id", "state", "trashed_at", "recording_id"),
    Index("ix_recordings_size", "site_id", "state", "size", "recording_id"),
    Index(
        *("ix_recordings_listed", "site_id", "listing", "state", "created_at", "recording_id", "name_key"),
        **only("listing <> 'UNLISTED'", "listing <> 'UNLISTED'"),
    ),
    Index("ix_recordings_file_key", "site_id", "file_key", **only("file_key IS NOT NULL", "file_key IS NOT NULL")),
)
"""Recordings in all states; GONE ones are what the history still speaks of, and files that have to be removed."""

recording_shares = table(
    "recording_shares",
    91,
    *(big(name) for name in ("site_id", "recording_id", "user_id", "shared_at")),
    PrimaryKeyConstraint("site_id", "recording_id", "user_id", name="pk_recording_shares"),
    _of_recording("recording_shares"),
    Index("ix_recording_shares_user", "site_id", "user_id", "recording_id"),
    sqlite_with_rowid=False,
)
"""Accounts that a recording is shared with."""

recording_accesses = table(
    "recording_accesses",
    92,
    *(big(name) for name in ("site_id", "access_id", "recording_id", "accessed_at")),
    words("name"),
    words("email", null=True),
    *(flag(name) for name in ("viewed", "downloaded")),
    words("registration", null=True),
    big("registered_at", null=True),
    words("document"),
    PrimaryKeyConstraint("site_id", "access_id", name="pk_recording_accesses"),
    _of_recording("recording_accesses"),
    Index("ix_recording_accesses_recording", "site_id", "recording_id", "accessed_at", "access_id"),
    Index("ix_recording_accesses_time", "site_id", "accessed_at", "recording_id"),
    Index(
        *("ix_recording_accesses_registration", "site_id", "recording_id", "registration"),
        **only("registration IS NOT NULL", "registration IS NOT NULL"),
    ),
)
"""Who registered for, looked at or loaded a recording."""

recording_usage = table(
    "recording_usage",
    93,
    *(big(name) for name in ("site_id", "owner_id", "used")),
    PrimaryKeyConstraint("site_id", "owner_id", name="pk_recording_usage"),
    _of_site("recording_usage"),
    sqlite_with_rowid=False,
)
"""Bytes that the recordings of an account use, and with `owner_id` 0 those of the whole site."""
