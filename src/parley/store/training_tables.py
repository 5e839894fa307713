"""The tables of trainings: their tests, and the labs of a site. See `tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint

from parley.store.columns import big, flag, integer, only, table, words

training_tests = table(
    "training_tests",
    80,
    big("site_id"),
    big("test_id"),
    big("owner_id"),
    big("session_key", null=True),
    flag("shared"),
    words("title"),
    words("description"),
    words("author"),
    words("delivery"),
    big("opens_at", null=True),
    big("closes_at", null=True),
    words("settings"),
    integer("version"),
    big("created_at"),
    words("document"),
    PrimaryKeyConstraint("site_id", "test_id", name="pk_training_tests"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_training_tests_site", ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_training_tests_session",
        ondelete="CASCADE",
    ),
    Index("ix_training_tests_session", "site_id", "session_key", "created_at"),
    Index("ix_training_tests_owner", "site_id", "owner_id"),
    Index(
        *("ix_training_tests_shared", "site_id", "created_at"),
        **only("shared = 1 AND session_key IS NULL", "shared AND session_key IS NULL"),
    ),
)
"""Tests: of libraries (`session_key` NULL; `shared`: the site's, else the owner's), and those of a training session.
When one is open: `opens_at` to `closes_at`, NULL while nobody knows."""

test_attempts = table(
    "test_attempts",
    81,
    big("site_id"),
    big("attempt_id"),
    big("test_id"),
    big("attendee_id"),
    integer("number"),
    words("email_key"),
    words("name"),
    big("register_id"),
    big("started_at"),
    big("submitted_at", null=True),
    words("answers"),
    words("marks"),
    integer("score", null=True),
    flag("pending"),
    integer("version"),
    PrimaryKeyConstraint("site_id", "attempt_id", name="pk_test_attempts"),
    UniqueConstraint("site_id", "test_id", "attendee_id", "number", name="uq_test_attempts_number"),
    ForeignKeyConstraint(
        ["site_id", "test_id"],
        ["training_tests.site_id", "training_tests.test_id"],
        name="fk_test_attempts_test",
        ondelete="CASCADE",
    ),
    Index("ix_test_attempts_test", "site_id", "test_id", "started_at"),
    Index("ix_test_attempts_email", "site_id", "test_id", "email_key"),
)
"""What people answered; `pending`: handed in, and somebody has to score a question by hand."""

labs = table(
    "labs",
    82,
    big("site_id"),
    big("lab_id"),
    words("name"),
    words("name_key"),
    words("description"),
    integer("computers"),
    words("access"),
    words("setup_key"),
    integer("version"),
    PrimaryKeyConstraint("site_id", "lab_id", name="pk_labs"),
    UniqueConstraint("site_id", "name_key", name="uq_labs_name"),
    UniqueConstraint("site_id", "setup_key", name="uq_labs_setup"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_labs_site", ondelete="CASCADE"),
)
"""Labs with their computers; whoever reserves some writes to the lab's row first, so they do so one after the other."""

lab_reservations = table(
    "lab_reservations",
    83,
    big("site_id"),
    big("reservation_id"),
    big("lab_id"),
    big("host_id"),
    big("session_key", null=True),
    words("topic"),
    big("starts_at"),
    big("ends_at"),
    integer("computers"),
    integer("time_limit", null=True),
    PrimaryKeyConstraint("site_id", "reservation_id", name="pk_lab_reservations"),
    ForeignKeyConstraint(
        ["site_id", "lab_id"], ["labs.site_id", "labs.lab_id"], name="fk_lab_reservations_lab", ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["site_id", "session_key"],
        ["sessions.site_id", "sessions.session_key"],
        name="fk_lab_reservations_session",
        ondelete="CASCADE",
    ),
    Index("ix_lab_reservations_time", "site_id", "lab_id", "ends_at"),
    Index("ix_lab_reservations_session", "site_id", "session_key"),
)
"""Who has computers of a lab when; `session_key` NULL: for no training session."""
