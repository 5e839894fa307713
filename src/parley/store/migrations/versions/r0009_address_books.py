"""Contacts, distribution lists and one-click settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _of_site(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=f"fk_{name}_site", ondelete="CASCADE")


def upgrade() -> None:
    """From 0008."""
    op.create_table(
        "contacts",
        _big("site_id"),
        _big("contact_id"),
        _big("owner_id"),
        _text("name_key"),
        _text("document"),
        _big("created_at"),
        sa.PrimaryKeyConstraint("site_id", "contact_id", name="pk_contacts"),
        _of_site("contacts"),
    )
    op.create_index("ix_contacts_owner", "contacts", ["site_id", "owner_id", "name_key", "contact_id"])
    op.create_table(
        "dist_lists",
        _big("site_id"),
        _big("list_id"),
        _big("owner_id"),
        _text("name"),
        _text("name_key"),
        _text("description", null=True),
        _int("version"),
        sa.PrimaryKeyConstraint("site_id", "list_id", name="pk_dist_lists"),
        sa.UniqueConstraint("site_id", "owner_id", "name_key", name="uq_dist_lists_name"),
        _of_site("dist_lists"),
    )
    op.create_table(
        "dist_list_members",
        _big("site_id"),
        _big("list_id"),
        _big("contact_id"),
        sa.PrimaryKeyConstraint("site_id", "list_id", "contact_id", name="pk_dist_list_members"),
        sa.ForeignKeyConstraint(
            ["site_id", "list_id"],
            ["dist_lists.site_id", "dist_lists.list_id"],
            name="fk_dist_list_members_list",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "contact_id"],
            ["contacts.site_id", "contacts.contact_id"],
            name="fk_dist_list_members_contact",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dist_list_members_contact", "dist_list_members", ["site_id", "contact_id"])
    op.create_table(
        "one_click_settings",
        _big("site_id"),
        _big("user_id"),
        _text("document"),
        _int("version"),
        sa.PrimaryKeyConstraint("site_id", "user_id", name="pk_one_click_settings"),
        sa.ForeignKeyConstraint(
            ["site_id", "user_id"],
            ["users.site_id", "users.user_id"],
            name="fk_one_click_settings_user",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Back to 0008; address books and one-click settings are lost."""
    op.drop_table("one_click_settings")
    op.drop_table("dist_list_members")
    op.drop_table("dist_lists")
    op.drop_table("contacts")
