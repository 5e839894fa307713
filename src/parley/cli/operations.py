"""`parley operations`: what this release answers."""

from __future__ import annotations

import importlib

from parley.cli.common import JsonOption, print_json, print_table


def operations(as_json: JsonOption = False) -> None:
    """List every operation that is served, by service, with the version of the XML API that brought it."""
    importlib.import_module("parley.services.catalogue")  # enters them
    from parley.services import registry
    from parley.services.roles import Role

    found = registry.operations()
    if as_json:
        print_json(
            [
                {
                    "service": each.module,
                    "operation": each.name,
                    "since": each.since,
                    "access": each.access.name.lower(),
                    "roles": {
                        role.name.lower(): outcome.code if (outcome := each.row.outcome(role)) else None
                        for role in Role
                    },
                    "summary": each.summary,
                }
                for each in found
            ]
        )
        return
    rows = [(each.module, each.name, each.since, each.access.name.lower(), each.summary) for each in found]
    print_table(("Service", "Operation", "Since", "For", "What it does"), rows)
