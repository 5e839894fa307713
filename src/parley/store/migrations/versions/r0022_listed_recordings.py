"""An index of the recordings that are on the page of a site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0021."""
    shown = sa.text("listing <> 'UNLISTED'")
    columns = ["site_id", "listing", "state", "created_at", "recording_id", "name_key"]
    op.create_index("ix_recordings_listed", "recordings", columns, sqlite_where=shown, postgresql_where=shown)


def downgrade() -> None:
    """Back to 0021."""
    op.drop_index("ix_recordings_listed", table_name="recordings")
