"""Accounts, opportunities and products of sales sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _of_site(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=f"fk_{name}_site", ondelete="CASCADE")


def upgrade() -> None:
    """From 0009; sessions that are there already have no customer."""
    op.add_column("sessions", _text("account_key", null=True))
    op.add_column("sessions", _text("opportunity_key", null=True))
    op.create_table(
        "sales_accounts",
        _big("site_id"),
        _big("account_id"),
        _big("owner_id"),
        _text("name"),
        _text("name_key"),
        _text("external_id", null=True),
        _big("external_system", null=True),
        _big("parent_id", null=True),
        _version(),
        sa.PrimaryKeyConstraint("site_id", "account_id", name="pk_sales_accounts"),
        _of_site("sales_accounts"),
    )
    op.create_index("ix_sales_accounts_name", "sales_accounts", ["site_id", "name_key", "account_id"])
    op.create_index("ix_sales_accounts_external", "sales_accounts", ["site_id", "external_id"])
    op.create_table(
        "opportunities",
        _big("site_id"),
        _big("opportunity_id"),
        _big("owner_id"),
        _big("account_id", null=True),
        _text("name"),
        _text("name_key"),
        _text("external_id", null=True),
        _big("external_system", null=True),
        _version(),
        sa.PrimaryKeyConstraint("site_id", "opportunity_id", name="pk_opportunities"),
        _of_site("opportunities"),
    )
    op.create_index("ix_opportunities_name", "opportunities", ["site_id", "name_key", "opportunity_id"])
    op.create_index("ix_opportunities_account", "opportunities", ["site_id", "account_id"])
    op.create_index("ix_opportunities_external", "opportunities", ["site_id", "external_id"])
    op.create_table(
        "products",
        _big("site_id"),
        _big("product_id"),
        _text("name"),
        _text("name_key"),
        _text("description"),
        _version(),
        sa.PrimaryKeyConstraint("site_id", "product_id", name="pk_products"),
        _of_site("products"),
    )
    op.create_index("ix_products_name", "products", ["site_id", "name_key", "product_id"])


def downgrade() -> None:
    """Back to 0009; customers, opportunities and products are lost."""
    op.drop_table("products")
    op.drop_table("opportunities")
    op.drop_table("sales_accounts")
    op.drop_column("sessions", "opportunity_key")
    op.drop_column("sessions", "account_key")
