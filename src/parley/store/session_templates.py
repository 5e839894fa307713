"""Templates of sessions, of users and of the site (owner 0)."""

from __future__ import annotations

import msgspec

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, reader, select_where
from parley.store.tables import session_templates as table

SITE_OWNER = 0
"""The owner of templates that belong to the site."""


class SessionTemplate(msgspec.Struct, frozen=True):
    """A template; `name_key` is the casefolded name, unique per owner and service."""

    site_id: int
    owner_id: int
    service: str
    name_key: str
    name: str
    document: str = "{}"


_read = reader(SessionTemplate, table.c)
_INSERT = Insert(table)
_OF_OWNER = select_where(list(table.c), table.c.site_id, table.c.owner_id, order=[table.c.service, table.c.name_key])
_DELETE = delete_where(table, table.c.site_id, table.c.owner_id, table.c.service, table.c.name_key)


def create(changes: Changes, template: SessionTemplate) -> None:
    """Add a template; Duplicate when the owner has one of this name for the service."""
    changes.insert(_INSERT, [msgspec.structs.astuple(template)])


async def of_owner(engine: Engine, site_id: int, owner_id: int) -> list[SessionTemplate]:
    """The templates of an owner, by service and name."""
    return [_read(row) for row in await engine.all(_OF_OWNER, site_id, owner_id)]


def delete(changes: Changes, template: SessionTemplate) -> None:
    """Delete a template; Conflict when it is gone."""
    key = (template.site_id, template.owner_id, template.service, template.name_key)
    changes.add(_DELETE, *key, expect=1)
