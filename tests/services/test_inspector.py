"""What the inspector does where the store does not take what it saw, or where too much comes at once."""

from __future__ import annotations

from typing import Any

import pytest

from parley.clock import SystemClock
from parley.domain.site import Site, SiteSettings
from parley.protocol.versions import LATEST
from parley.services.inspector import Inspector
from parley.services.known_sites import KnownSite, KnownSites
from parley.store import Changes, StoreUnavailable
from parley.store.query import Query

DOCUMENT = b"<message><body><bodyContent type='user.GetUser'/></body></message>"
ANSWER = b"<message><header><response><result>SUCCESS</result></response></header></message>"


class _Store:
    """A store that takes nothing until it is said to."""

    kind = "sqlite"

    def __init__(self) -> None:
        self.works = False
        self.rows = 0

    async def commit(self, changes: Changes) -> None:
        if not self.works:
            raise StoreUnavailable("no")
        self.rows += sum(len(step.rows or [step.args]) for step in changes.steps())

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Any]:
        return []


class _Sites(KnownSites):
    def __init__(self, *, on: bool) -> None:
        settings = SiteSettings(inspector=on)
        self._known = KnownSite(Site(1, "one", settings=settings), LATEST, {})

    def at_hand(self, site_id: int) -> KnownSite | None:
        return self._known if site_id == 1 else None


def inspector_of(store: _Store, *, on: bool = True) -> Inspector:
    return Inspector(SystemClock(), store, _Sites(on=on))  # type: ignore[arg-type]  # as much of a store as it uses


async def ask(inspector: Inspector, site_id: int = 1) -> None:
    await inspector.enter("GetUser", site_id, None)  # type: ignore[arg-type]  # it does not look at them
    inspector.answered(DOCUMENT, None, {}, ANSWER, 0.001)


async def test_what_the_store_does_not_take_is_lost_and_told() -> None:
    store = _Store()
    inspector = inspector_of(store)
    await ask(inspector)
    with pytest.raises(StoreUnavailable):
        await inspector.stop()
    store.works = True
    await ask(inspector)
    await inspector.stop()
    assert store.rows == 1


async def test_only_so_many_wait() -> None:
    store = _Store()
    store.works = True
    inspector = inspector_of(store)
    for _ in range(1_200):
        await ask(inspector)
    await inspector.stop()
    assert store.rows == 1_000


@pytest.mark.parametrize(("on", "site_id"), [(False, 1), (True, 2)])
async def test_sites_that_have_it_off_leave_nothing(on: bool, site_id: int) -> None:
    store = _Store()
    inspector = inspector_of(store, on=on)
    await ask(inspector, site_id)
    await inspector.stop()  # nothing to put down, so the store is not asked
    assert store.rows == 0
