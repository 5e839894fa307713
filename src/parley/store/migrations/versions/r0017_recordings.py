"""Recordings."""

from __future__ import annotations

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0016."""


def downgrade() -> None:
    """Back to 0016."""
