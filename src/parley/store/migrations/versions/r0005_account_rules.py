"""Passwords of before, wrong passwords in a row, what limited things accounts hold, and their profile numbers."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _of_user(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["site_id", "user_id"], ["users.site_id", "users.user_id"], name=f"fk_{name}_user", ondelete="CASCADE"
    )


def upgrade() -> None:
    """From 0004."""
    op.create_table(
        "password_history",
        _big("site_id"),
        _big("user_id"),
        _int("credential_version"),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "user_id", "credential_version", name="pk_password_history"),
        _of_user("password_history"),
    )
    op.create_table(
        "sign_in_failures",
        _big("site_id"),
        _big("user_id"),
        _int("failures"),
        _big("failed_at"),
        sa.PrimaryKeyConstraint("site_id", "user_id", name="pk_sign_in_failures"),
        _of_user("sign_in_failures"),
    )
    op.create_table(
        "quotas",
        _big("site_id"),
        sa.Column("name", TEXT, nullable=False),
        _big("used"),
        sa.PrimaryKeyConstraint("site_id", "name", name="pk_quotas"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_quotas_site", ondelete="CASCADE"),
    )
    numbers = op.create_table(
        "profile_numbers",
        _big("site_id"),
        sa.Column("number_key", TEXT, nullable=False),
        _big("user_id"),
        sa.PrimaryKeyConstraint("site_id", "number_key", name="pk_profile_numbers"),
        _of_user("profile_numbers"),
    )
    rows = _numbers()
    if rows:
        op.bulk_insert(numbers, rows)


def _numbers() -> list[dict[str, int | str]]:
    """The profile numbers that accounts have; of several with the same one the oldest account keeps it."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT site_id, user_id, document FROM users WHERE document LIKE :has ORDER BY registered_at, user_id"
        ),
        {"has": '%"mpProfileNumber":%'},
    )
    holders: dict[tuple[int, str], int] = {}
    for site_id, user_id, document in found:
        key = str(json.loads(document).get("mpProfileNumber") or "").strip().casefold()
        if key:
            holders.setdefault((site_id, key), user_id)
    return [{"site_id": site, "number_key": key, "user_id": user} for (site, key), user in holders.items()]


def downgrade() -> None:
    """Back to 0004; passwords of before may be used again, and locks do not end by themselves."""
    op.drop_table("profile_numbers")
    op.drop_table("quotas")
    op.drop_table("sign_in_failures")
    op.drop_table("password_history")
