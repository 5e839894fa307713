"""Indexes for people who look back: the runs of a host by when they began, and the largest recordings."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0022."""
    op.create_index("ix_runs_host_started", "runs", ["site_id", "host_id", "service", "started_at", "conf_id"])
    op.create_index("ix_recordings_size", "recordings", ["site_id", "state", "size", "recording_id"])


def downgrade() -> None:
    """Back to 0022."""
    op.drop_index("ix_recordings_size", "recordings")
    op.drop_index("ix_runs_host_started", "runs")
