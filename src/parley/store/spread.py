"""How the tables lie on a database that is spread over machines: Citus, an extension of PostgreSQL.

A row lies where its site does: every table is distributed by `site_id`, and tables of one site lie together, so that a
statement, its joins and its foreign keys stay on one machine. What cannot be told by site is on every machine.
"""

from __future__ import annotations

from typing import Final

COLUMN: Final = "site_id"
"""By which tables are distributed; the first column of their keys."""

REPLICATED: Final = {
    "meta": "belongs to the installation, a few rows that hardly change, read at the start",
    "sites": "found by name, which is unique in the whole installation; every table refers to it; changes seldom",
}
"""Tables that are whole on every machine (reference tables), and why."""

_ANCHOR: Final = "users"


def script() -> str:
    """The SQL that spreads the tables of a migrated database; it is run once, on the coordinator."""
    from parley.store import tables

    found = sorted(tables.metadata.tables.values(), key=lambda table: (table.info["rank"], table.name))
    # A foreign key is only taken to a table that is spread already, so parents come first.
    spread = [str(table.name) for table in found if table.name not in REPLICATED]
    spread.sort(key=lambda name: name != _ANCHOR)
    lines = [
        "-- Spreads the tables of a Parley database over the machines of a Citus cluster, by site.",
        "-- Written by scripts/write_docs.py from src/parley/store; change it there.",
        "--",
        "-- Run it once, on the coordinator, as the owner of the tables, on a database that `parley db upgrade` made:",
        "--     psql -v ON_ERROR_STOP=1 --single-transaction -f deploy/citus.sql parley",
        "-- The extension is there already (CREATE EXTENSION citus), and the machines are added (citus_add_node).",
        "-- The table alembic_version stays on the coordinator, where migrations run.",
        "",
        "-- One transaction writes to tables that are everywhere and to those that refer to them.",
        "SET citus.multi_shard_modify_mode TO 'sequential';",
        "",
    ]
    for name, reason in REPLICATED.items():
        lines += [f"-- {name}: {reason}.", f"SELECT create_reference_table('{name}');", ""]
    lines.append("-- Everything else lies with its site.")
    for name in spread:
        together = "none" if name == _ANCHOR else _ANCHOR
        lines.append(f"SELECT create_distributed_table('{name}', '{COLUMN}', colocate_with => '{together}');")
    return "\n".join(lines) + "\n"
