"""SAML assertions that were used."""

from __future__ import annotations

import asyncio

import pytest

from parley.domain.user import User
from parley.store import Changes, Duplicate, Engine, assertions
from tests.store.builders import new_site


async def _use(engine: Engine, site_id: int, expires_at: int = 100) -> None:
    changes = Changes()
    assertions.use(changes, site_id, "hash", expires_at)
    await engine.commit(changes)


async def test_an_assertion_is_used_once_however_many_try(engine: Engine, host: User) -> None:
    async def tried() -> bool:
        try:
            await _use(engine, host.site_id)
        except Duplicate:
            return False
        return True

    assert sum(await asyncio.gather(*(tried() for _ in range(8)))) == 1


async def test_each_site_counts_for_itself(engine: Engine, host: User) -> None:
    other = await new_site(engine)
    await _use(engine, host.site_id)
    await _use(engine, other.site_id)
    with pytest.raises(Duplicate):
        await _use(engine, other.site_id)


async def test_expired_ones_are_forgotten_and_only_those_of_the_site(engine: Engine, host: User) -> None:
    other = await new_site(engine)
    await _use(engine, host.site_id)
    await _use(engine, other.site_id)
    changes = Changes()
    assertions.purge(changes, host.site_id, 99)
    await engine.commit(changes)
    with pytest.raises(Duplicate):
        await _use(engine, host.site_id)
    changes = Changes()
    assertions.purge(changes, host.site_id, 100)
    await engine.commit(changes)
    await _use(engine, host.site_id, 200)
    with pytest.raises(Duplicate):
        await _use(engine, other.site_id)
