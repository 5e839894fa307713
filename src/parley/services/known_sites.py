"""The sites that a process has met: their settings and session types, kept until the site's row changes.

Every request reads the site's version beside the caller, so a copy that is older than the row is noticed and read
anew before anything is answered from it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from parley.domain.site import DEMO_SITE_ID, SessionType, Site, SiteSettings
from parley.protocol.versions import Level
from parley.store import Engine, sites


@dataclass(slots=True)
class KnownSite:
    """A site with its level and session types, as of the version of its row.

    Attributes:
        rolled_at: when this process last let sessions go on whose time was over, UTC epoch seconds.
    """

    site: Site
    level: Level
    types: dict[int, SessionType]
    rolled_at: int = 0

    @property
    def settings(self) -> SiteSettings:
        """What the administrator set."""
        return self.site.settings


class KnownSites:
    """A bounded store of `KnownSite`, filled from the database as sites are asked for.

    Args:
        demo: whether the demo site is served. Its passwords are public, so a server that was not started for it does
            not know it, even when its database has it.
        limit: sites that are kept.
    """

    def __init__(self, engine: Engine, *, demo: bool, limit: int = 10_000) -> None:
        self._engine = engine
        self._demo = demo
        self._limit = limit
        self._by_id: OrderedDict[int, KnownSite] = OrderedDict()
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    async def by_name(self, name: str) -> KnownSite | None:
        """The site with this name (lower case); the copy may be older than the row."""
        known = self._by_id.get(self._ids.get(name, -1))
        if known is not None:
            return known
        return await self._keep(await sites.by_name(self._engine, name))

    async def by_id(self, site_id: int) -> KnownSite | None:
        """The site with this number; the copy may be older than the row."""
        return self._by_id.get(site_id) or await self.reload(site_id)

    def at_hand(self, site_id: int) -> KnownSite | None:
        """The copy of a site that this process has, if it has one."""
        return self._by_id.get(site_id)

    def named_at_hand(self, name: str) -> KnownSite | None:
        """The same by the site's name (lower case)."""
        return self._by_id.get(self._ids.get(name, -1))

    async def reload(self, site_id: int) -> KnownSite | None:
        """Read the site anew; None when it is gone."""
        old = self._by_id.pop(site_id, None)
        if old is not None:
            self._ids.pop(old.site.name, None)
        return await self._keep(await sites.by_id(self._engine, site_id))

    async def _keep(self, site: Site | None) -> KnownSite | None:
        if site is None or (site.site_id == DEMO_SITE_ID and not self._demo):
            return None
        types = {each.type_id: each for each in await sites.types(self._engine, site.site_id)}
        known = KnownSite(site, Level.parse(site.level), types)
        self._by_id[site.site_id] = known
        self._ids[site.name] = site.site_id
        while len(self._by_id) > self._limit:
            _, gone = self._by_id.popitem(last=False)
            self._ids.pop(gone.site.name, None)
        return known
