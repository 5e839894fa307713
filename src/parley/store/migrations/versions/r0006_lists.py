"""Lists of accounts in every order of their columns without sorting a whole site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_INDEXES = {
    "ix_users_zone": "time_zone_id",
    "ix_users_privilege": "privilege_key",
    "ix_users_expiry": "expiry_key",
    "ix_users_room": "room_key",
}


def upgrade() -> None:
    """From 0005."""
    op.add_column("users", sa.Column("privilege_key", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("users", sa.Column("expiry_key", sa.BigInteger, nullable=False, server_default=sa.text("-1")))
    op.add_column("users", sa.Column("room_key", TEXT, nullable=False, server_default=sa.text("''")))
    op.execute(
        "UPDATE users SET"
        " privilege_key = CASE WHEN site_admin THEN 3 WHEN ro_site_admin THEN 2 WHEN host THEN 1 ELSE 0 END,"
        " expiry_key = coalesce(expires_at, -1),"
        " room_key = coalesce(personal_url, '')"
    )
    for name, column in _INDEXES.items():
        op.create_index(name, "users", ["site_id", column, "web_ex_id_key"])


def downgrade() -> None:
    """Back to 0005."""
    for name in _INDEXES:
        op.drop_index(name, "users")
    for column in ("room_key", "expiry_key", "privilege_key"):
        op.drop_column("users", column)
