"""An engine on a database of the test's own, once per kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from parley.domain.user import User
from parley.store import Engine, engine_for
from tests.store.builders import new_site, new_user


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    """A started engine."""
    engine = engine_for(database)
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def host(engine: Engine) -> User:
    """An account on a site of its own."""
    site = await new_site(engine)
    return await new_user(engine, site.site_id)
