"""Sites and the session types they offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, select

from parley.domain.labs import maintenance_room
from parley.domain.site import SessionType, Site, SiteSettings
from parley.store import labs
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, reader, select_where, update_where
from parley.store.tables import session_types, sessions, sites

_COLUMNS = list(sites.c)
_BY_ID = select_where(_COLUMNS, sites.c.site_id)
_BY_NAME = select_where(_COLUMNS, sites.c.name)
_ALL = select_where(_COLUMNS, order=[sites.c.name])
_ACTIVE = Query(select(sites.c.site_id).where(sites.c.active.is_(True)).order_by(sites.c.site_id))
_INSERT = Insert(sites)
_UPDATE = update_where(
    sites,
    ["name", "partner_id", "level", "active", "suspended", "settings", "version"],
    sites.c.site_id,
    sites.c.version,
)
_BUMP = update_where(sites, ["version"], sites.c.site_id, sites.c.version)
_TYPES = select_where(list(session_types.c), session_types.c.site_id, order=[session_types.c.type_id])
_INSERT_TYPES = Insert(session_types)
_SESSION_OF_TYPE = Query(
    select(sessions.c.session_key)
    .where(
        sessions.c.site_id == bindparam("site_id", type_=BigInteger),
        sessions.c.session_type == bindparam("type_id", type_=Integer),
    )
    .limit(1),
    "site_id",
    "type_id",
)
_DELETE_TYPES = delete_where(session_types, session_types.c.site_id)

_settings = msgspec.json.Decoder(SiteSettings)
_settings_place = _COLUMNS.index(sites.c.settings)
_read_columns = reader(Site, _COLUMNS)
_read_type = reader(SessionType, session_types.c)


def _read(row: Sequence[Any]) -> Site:
    values = list(row)
    values[_settings_place] = _settings.decode(values[_settings_place])
    return _read_columns(values)


def _settings_text(settings: SiteSettings) -> str:
    return msgspec.json.encode(settings).decode()


async def _one(engine: Engine, query: Query, key: object) -> Site | None:
    row = await engine.one(query, key)
    return None if row is None else _read(row)


async def by_id(engine: Engine, site_id: int) -> Site | None:
    """The site with this number."""
    return await _one(engine, _BY_ID, site_id)


async def by_name(engine: Engine, name: str) -> Site | None:
    """The site with this name (lower case)."""
    return await _one(engine, _BY_NAME, name)


async def all_sites(engine: Engine) -> list[Site]:
    """All sites by name; for the administrator and for background work."""
    return [_read(row) for row in await engine.all(_ALL, scan=True)]


async def active_ids(engine: Engine) -> list[int]:
    """The numbers of all sites that are switched on; for background work."""
    return [row[0] for row in await engine.all(_ACTIVE, scan=True)]


async def types(engine: Engine, site_id: int) -> list[SessionType]:
    """The session types of a site by number, inactive ones too."""
    return [_read_type(row) for row in await engine.all(_TYPES, site_id)]


def create(changes: Changes, site: Site, offered: Sequence[SessionType] = ()) -> None:
    """Add a site with its session types and the lab that every site has; Duplicate when its number or name is taken."""
    row = list(msgspec.structs.astuple(site))
    row[_settings_place] = _settings_text(site.settings)
    changes.insert(_INSERT, [tuple(row)])
    changes.insert(_INSERT_TYPES, [msgspec.structs.astuple(each) for each in offered])
    labs.create(changes, maintenance_room(site.site_id))


def update(changes: Changes, before: Site, after: Site) -> Site:
    """Replace a site that is still as in `before` (Conflict otherwise); returns it as stored."""
    stored = msgspec.structs.replace(after, version=before.version + 1)
    changes.add(
        _UPDATE,
        stored.name,
        stored.partner_id,
        stored.level,
        stored.active,
        stored.suspended,
        _settings_text(stored.settings),
        stored.version,
        before.site_id,
        before.version,
        expect=1,
    )
    return stored


def replace_types(changes: Changes, site: Site, offered: Sequence[SessionType]) -> Site:
    """Replace all session types of a site that is still as given (Conflict otherwise); returns the site.

    Raises the site's version, so cached copies of site and types are dropped. Not together with `update`
    in one set.
    """
    stored = msgspec.structs.replace(site, version=site.version + 1)
    changes.add(_BUMP, stored.version, site.site_id, site.version, expect=1)
    put_types(changes, site.site_id, offered)
    return stored


def put_types(changes: Changes, site_id: int, offered: Sequence[SessionType]) -> None:
    """Replace all session types of a site, in a set that raises the version of the site's row (`update`)."""
    changes.sequential = True  # types that stay are deleted and inserted
    changes.add(_DELETE_TYPES, site_id)
    changes.insert(_INSERT_TYPES, [msgspec.structs.astuple(each) for each in offered])


async def has_sessions(engine: Engine, site_id: int, type_id: int) -> bool:
    """Whether any session of the site, past ones too, is of this type."""
    return bool(await engine.all(_SESSION_OF_TYPE, site_id, type_id, scan=True))
