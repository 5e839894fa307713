"""Labs and their reservations."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _int(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False)


def upgrade() -> None:
    """From 0014; every site gets the lab that all have."""
    op.create_table(
        "labs",
        _big("site_id"),
        _big("lab_id"),
        _text("name"),
        _text("name_key"),
        _text("description"),
        _int("computers"),
        _text("access"),
        _text("setup_key"),
        _int("version"),
        sa.PrimaryKeyConstraint("site_id", "lab_id", name="pk_labs"),
        sa.UniqueConstraint("site_id", "name_key", name="uq_labs_name"),
        sa.UniqueConstraint("site_id", "setup_key", name="uq_labs_setup"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_labs_site", ondelete="CASCADE"),
    )
    op.create_table(
        "lab_reservations",
        _big("site_id"),
        _big("reservation_id"),
        _big("lab_id"),
        _big("host_id"),
        _big("session_key", null=True),
        _text("topic"),
        _big("starts_at"),
        _big("ends_at"),
        _int("computers"),
        _int("time_limit", null=True),
        sa.PrimaryKeyConstraint("site_id", "reservation_id", name="pk_lab_reservations"),
        sa.ForeignKeyConstraint(
            ["site_id", "lab_id"],
            ["labs.site_id", "labs.lab_id"],
            name="fk_lab_reservations_lab",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "session_key"],
            ["sessions.site_id", "sessions.session_key"],
            name="fk_lab_reservations_session",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_lab_reservations_time", "lab_reservations", ["site_id", "lab_id", "ends_at"])
    op.create_index("ix_lab_reservations_session", "lab_reservations", ["site_id", "session_key"])
    _make_maintenance_rooms()


def _make_maintenance_rooms() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT site_id FROM sites ORDER BY site_id")).scalars().all()
    for site_id in found:
        connection.execute(
            sa.text(
                "INSERT INTO labs"
                " (site_id, lab_id, name, name_key, description, computers, access, setup_key, version)"
                " VALUES (:site_id, 1, 'Maintenance Room', 'maintenance room', '', 0, '', :setup_key, 1)"
            ),
            {"site_id": site_id, "setup_key": secrets.token_hex(16)},
        )


def downgrade() -> None:
    """Back to 0014; labs and reservations are lost."""
    op.drop_table("lab_reservations")
    op.drop_table("labs")
