"""The only room with SQL: tables, statements per aggregate, engines, migrations.

Reads take an engine and return entities of `parley.domain`; writes add statements to a `Changes`, which an
engine commits as one transaction:

    changes = Changes()
    sessions.create_session(changes, session, attendees)
    outbox.put(changes, messages)
    await engine.commit(changes)
"""

from __future__ import annotations

from parley.store.changes import Changes
from parley.store.engines import Engine, engine_for
from parley.store.errors import (
    Conflict,
    Duplicate,
    MigrationFailed,
    NewerDatabase,
    NotADatabase,
    NotWritable,
    OlderDatabase,
    StartError,
    StoreError,
    StoreUnavailable,
    Unstorable,
)

__all__ = [
    "Changes",
    "Conflict",
    "Duplicate",
    "Engine",
    "MigrationFailed",
    "NewerDatabase",
    "NotADatabase",
    "NotWritable",
    "OlderDatabase",
    "StartError",
    "StoreError",
    "StoreUnavailable",
    "Unstorable",
    "engine_for",
]
