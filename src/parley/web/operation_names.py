"""What pages call the services, callers and roles of the API."""

from __future__ import annotations

from typing import Final

from parley.services.registry import Access, Operation, operations
from parley.services.roles import Role

#: Modules of the API as people call them.
SERVICES: Final = {
    "attendee": "Attendees",
    "ep": "General sessions and recordings",
    "event": "Events",
    "history": "History",
    "meeting": "Meetings",
    "meetingtype": "Meeting types",
    "sales": "Sales sessions",
    "site": "Site",
    "supportsession": "Support sessions",
    "teleconference": "Teleconferences",
    "training": "Trainings",
    "user": "Users",
}
CALLERS: Final = {
    Access.ANYONE: "anyone",
    Access.USER: "all accounts",
    Access.HOST: "hosts",
    Access.ADMIN: "administrators",
    Access.LAB_ADMIN: "administrators of site and labs",
}
#: Heads of the columns of the table of roles.
ROLES: Final = {
    Role.NOBODY: "Nobody",
    Role.ATTENDEE: "Attendee-only",
    Role.HOST_OWN: "Host, own",
    Role.HOST_OTHER: "Host, another's",
    Role.DELEGATE: "Delegate",
    Role.READ_ONLY: "Read-only admin",
    Role.ADMIN: "Admin",
    Role.FOREIGN: "Admin of another site",
}


def by_service() -> list[tuple[str, list[Operation]]]:
    """The operations that are served, under what people call their module."""
    found: dict[str, list[Operation]] = {}
    for operation in operations():
        found.setdefault(operation.module, []).append(operation)
    return sorted((SERVICES.get(module, module), entries) for module, entries in found.items())
