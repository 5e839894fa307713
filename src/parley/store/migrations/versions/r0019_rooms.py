"""Rooms: which process holds them, and what the API tells of them."""

from __future__ import annotations

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0018."""


def downgrade() -> None:
    """Back to 0018."""
