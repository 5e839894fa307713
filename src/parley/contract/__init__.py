"""What the documents of the API look like: record types, one module a schema namespace (`training`, `site`, `user` and
`ep` have a second module beside them for part of their types). No behaviour lives here.

The modules are imported when they are needed; `SCHEMAS` names all schemas without importing them.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Final

from parley.contract.schemas import ALL as SCHEMAS
from parley.protocol.declare import Record, Schema

__all__ = ["SCHEMAS", "declared_operations", "find_record", "load", "modules", "schema_of"]

#: Contract modules of each schema, dependencies first; a schema's own module comes last.
_FILES: Final[dict[str, tuple[str, ...]]] = {
    "ep": ("ep_recording", "ep"),
    "site": ("site_config", "site"),
    "user": ("user_settings", "user"),
    "training": ("training_tests", "training"),
}
#: Other names that requests use for a schema's module, beside its prefix (facts/protocol.md "Envelope").
_ALIASES: Final[dict[str, str]] = {
    "trainingsession": "training",
    "teleconferenceonly": "teleconference",
    "meeting.auo": "teleconference",
}
_BY_NAME: Final[dict[str, Schema]] = {
    **{schema.prefix: schema for schema in SCHEMAS},
    **{schema.module: schema for schema in SCHEMAS},
}
_BY_NAME.update({alias: _BY_NAME[module] for alias, module in _ALIASES.items()})
_records: dict[str, dict[str, type[Record]]] = {}


def schema_of(module: str) -> Schema | None:
    """The schema of an API module, given by module name, prefix or alias in any letter case; None when unknown."""
    return _BY_NAME.get(module.casefold())


def load(schema: Schema) -> list[ModuleType]:
    """Import the contract modules of a schema and give them, the schema's own module last."""
    return [import_module(f"{__name__}.{name}") for name in _FILES.get(schema.module, (schema.module,))]


def modules() -> list[ModuleType]:
    """Import all contract modules and give them, dependencies first."""
    return [module for schema in SCHEMAS for module in load(schema)]


def find_record(module: str, name: str) -> type[Record] | None:
    """Find a record type by API module and type or operation name.

    module: as in `schema_of`; name: XML type name or operation name in any letter case, so that ("meeting",
    "CreateMeeting") and ("meet", "createMeeting") give the same class. None when there is no such type.
    """
    schema = schema_of(module)
    if schema is None:
        return None
    found = _records.get(schema.module)
    if found is None:
        load(schema)
        found = {cls.xml_name.casefold(): cls for cls in schema.records()}
        _records[schema.module] = found
    return found.get(name.casefold())


def declared_operations() -> list[tuple[str, str]]:
    """Every operation that has a request and an answer type, served or not: schema module and operation name."""
    found = []
    for schema in SCHEMAS:
        load(schema)
        names = {cls.__name__ for cls in schema.records()}
        found += [(schema.module, name) for name in names if f"{name}Response" in names]
    return sorted(found)
