"""The table of what the inspector saw. See `tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint

from parley.store.columns import big, binary, flag, integer, table, words

inspected_requests = table(
    "inspected_requests",
    53,
    big("site_id"),
    big("request_id"),
    big("seen_at"),
    words("operation"),
    words("caller", null=True),
    words("result"),
    words("code", null=True),
    words("reason", null=True),
    integer("micros"),
    integer("size"),
    flag("kept"),
    binary("documents"),
    PrimaryKeyConstraint("site_id", "request_id", name="pk_inspected_requests"),
    ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_inspected_requests_site", ondelete="CASCADE"),
)
"""The last requests of sites that have the inspector on, without passwords, and those that somebody keeps. Numbers
grow with time, so the key gives the order too; a site has some hundreds of rows at most."""
