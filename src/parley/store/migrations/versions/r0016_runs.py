"""Runs of sessions and stays of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _of_site(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=f"fk_{name}_site", ondelete="CASCADE")


_INDEXES = {
    "runs": {
        "ix_runs_ended": ["service", "ended_at", "audio_only", "started_at", "conf_id"],
        "ix_runs_started": ["service", "started_at", "conf_id", "ended_at", "audio_only"],
        "ix_runs_host": ["host_id", "service", "ended_at"],
        "ix_runs_name": ["service", "name_key"],
        "ix_runs_session": ["session_key"],
        "ix_runs_uuid": ["uuid"],
    },
    "stays": {
        "ix_stays_run": ["conf_id", "joined_at", "stay_id"],
        "ix_stays_ended": ["service", "run_ended_at", "audio_only", "joined_at", "stay_id"],
        "ix_stays_started": ["service", "run_started_at", "run_ended_at", "audio_only", "joined_at", "stay_id"],
        "ix_stays_joined": ["service", "joined_at", "stay_id", "run_ended_at", "audio_only"],
        "ix_stays_host": ["host_id", "service", "run_ended_at"],
        "ix_stays_session": ["session_key"],
    },
}
#: Index and the rows that it holds, by table.
_PARTIAL = {
    "runs": ("ix_runs_unfinished", "conf_id", "ended_at IS NULL"),
    "stays": ("ix_stays_open", "alive_at", "left_at IS NULL"),
}


def upgrade() -> None:
    """From 0015; no session that is there already has a run."""
    op.add_column("sessions", _big("run_started_at", null=True))
    op.create_table(
        "runs",
        *(_big(name) for name in ("site_id", "conf_id", "session_key")),
        *(_text(name) for name in ("uuid", "service")),
        _flag("audio_only"),
        _int("session_type"),
        *(_text(name) for name in ("type_code", "name", "name_key")),
        _big("host_id"),
        *(_text(name) for name in ("host_web_ex_id", "host_name", "host_email")),
        _int("time_zone_id"),
        _big("started_at"),
        *(_big(name, null=True) for name in ("closed_at", "ended_at")),
        *(_int(name) for name in ("present", "version")),
        *(_text(f"tracking_code_{number}", null=True) for number in range(1, 11)),
        *(_text(name, null=True) for name in ("assist_request", "assist_confirm", "pso_field")),
        *(_text(name, null=True) for name in ("account", "account_key", "opportunity", "opportunity_key")),
        *(_int(name) for name in ("invited", "registered", "attended", "participants")),
        *(_int(name) for name in ("participants_voip", "participants_call_in", "participants_call_out", "peak")),
        *(_big(name) for name in ("people_minutes", "voip_minutes", "call_in_minutes", "toll_free_minutes")),
        *(_big(name) for name in ("call_out_domestic", "call_out_international")),
        *(_big(name) for name in ("toll_international", "toll_free_international")),
        _text("source", null=True),
        sa.PrimaryKeyConstraint("site_id", "conf_id", name="pk_runs"),
        _of_site("runs"),
    )
    op.create_table(
        "stays",
        *(_big(name) for name in ("site_id", "stay_id", "conf_id", "session_key")),
        _text("service"),
        _flag("audio_only"),
        *(_big(name) for name in ("host_id", "run_started_at")),
        _big("run_ended_at", null=True),
        *(_text(name) for name in ("person_key", "name")),
        _text("email", null=True),
        *(_big(name, null=True) for name in ("user_id", "attendee_id", "register_id")),
        _text("part"),
        *(_text(name, null=True) for name in ("ip_address", "client_agent")),
        _big("joined_at"),
        _big("left_at", null=True),
        _big("alive_at"),
        _int("voip_seconds"),
        _big("voip_since", null=True),
        *(_flag(name) for name in ("listed", "registered")),
        _text("external"),
        *(_text(name, null=True) for name in ("company", "city", "state", "country")),
        _text("document"),
        sa.PrimaryKeyConstraint("site_id", "stay_id", name="pk_stays"),
        _of_site("stays"),
    )
    for table, indexes in _INDEXES.items():
        for name, columns in indexes.items():
            op.create_index(name, table, ["site_id", *columns])
    for table, (name, column, rows) in _PARTIAL.items():
        only = sa.text(rows)
        op.create_index(name, table, ["site_id", column], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Back to 0015; what happened at sessions is lost."""
    op.drop_table("stays")
    op.drop_table("runs")
    op.drop_column("sessions", "run_started_at")
