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
#: What Citus keeps of a table that is distributed, and of one that is on every machine.
_BY_HASH: Final = "partmethod = 'h'"
_EVERYWHERE: Final = "partmethod = 'n' AND repmodel = 't'"


def script() -> str:
    """The SQL that spreads the tables of a migrated database, on the coordinator; those that are spread are left alone.

    A new table that refers to one which is everywhere is known to Citus as one of the coordinator's own, so being known
    is not enough to be left alone.
    """
    from parley.store import tables

    found = sorted(tables.metadata.tables.values(), key=lambda table: (table.info["rank"], table.name))
    # A foreign key is only taken to a table that is spread already, so parents come first.
    spread = [str(table.name) for table in found if table.name not in REPLICATED]
    spread.sort(key=lambda name: name != _ANCHOR)
    lines = [
        "-- Spreads the tables of a Parley database over the machines of a Citus cluster, by site.",
        "-- Written by scripts/write_docs.py from src/parley/store; change it there.",
        "--",
        "-- Run it on the coordinator, as the owner of the tables, after each `parley db upgrade`:",
        "--     psql -v ON_ERROR_STOP=1 --single-transaction -f deploy/citus.sql parley",
        "-- It may be run at any time: tables that are spread already are left as they are.",
        "-- The extension is there already (CREATE EXTENSION citus), and the machines are added (citus_add_node).",
        "-- The table alembic_version stays on the coordinator, where migrations run.",
        "",
        "-- One transaction writes to tables that are everywhere and to those that refer to them.",
        "SET citus.multi_shard_modify_mode TO 'sequential';",
        "",
    ]
    for name, reason in REPLICATED.items():
        lines += [f"-- {name}: {reason}.", *_unless(name, f"create_reference_table('{name}')", _EVERYWHERE), ""]
    lines.append("-- Everything else lies with its site.")
    for name in spread:
        together = "none" if name == _ANCHOR else _ANCHOR
        spreading = f"create_distributed_table('{name}', '{COLUMN}', colocate_with => '{together}')"
        lines += _unless(name, spreading, _BY_HASH)
    return "\n".join(lines) + "\n"


def _unless(name: str, call: str, state: str) -> list[str]:
    """The lines that call a function unless a table is in a state already."""
    there = f"SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '{name}'::regclass AND {state}"  # noqa: S608  of ours
    return [f"SELECT {call}", f" WHERE NOT EXISTS ({there});"]
