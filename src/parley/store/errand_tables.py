"""The table of what servers do by themselves at a time. See `tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint

from parley.store.columns import big, integer, table, words

errands = table(
    "errands",
    52,
    big("site_id"),
    big("errand_id"),
    words("kind"),
    big("session_key"),
    words("document"),
    big("created_at"),
    big("due_at"),
    integer("attempts"),
    big("taken_until"),
    words("note", null=True),
    PrimaryKeyConstraint("site_id", "errand_id", name="pk_errands"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_errands_site", ondelete="CASCADE"),
    Index("ix_errands_due", "site_id", "due_at", "errand_id"),
    Index("ix_errands_session", "site_id", "session_key", "kind"),
)
"""What has to be done for a session at a time: an address is told something, a session goes after its end. A row is
gone when it is done or given up. No key refers to the session, since what happened in it may be told after it."""
