"""What the inspector saw: kept by site, bounded, and the same on every database."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, inspected
from parley.store.inspected import Inspected


def one_of(site_id: int, number: int, *, kept: bool = False) -> Inspected:
    documents = bytes(range(256)) * 3
    return Inspected(
        site_id, number, 100 + number, "GetUser\ud7ff", "ada", "FAILURE", "000001", "no", 1500, 20, kept, documents
    )


async def done(engine: Engine, *work: Callable[[Changes], None]) -> None:
    changes = Changes()
    for each in work:
        each(changes)
    await engine.commit(changes)


async def numbers(engine: Engine, site_id: int, maximum: int = 100) -> list[int]:
    return [each.request_id for each in await inspected.latest(engine, site_id, maximum)]


async def test_rows_come_back_the_last_first(engine: Engine, host: User) -> None:
    rows = [one_of(host.site_id, number) for number in (3, 1, 2)]
    await done(engine, lambda changes: inspected.put(changes, rows))
    assert await numbers(engine, host.site_id) == [3, 2, 1]
    assert await numbers(engine, host.site_id, 2) == [3, 2]
    heads = await inspected.latest(engine, host.site_id, 1)
    assert heads == [msgspec.structs.replace(rows[0], documents=b"")]
    assert await inspected.one(engine, host.site_id, 3) == rows[0]
    assert await inspected.one(engine, host.site_id, 4) is None
    assert await inspected.one(engine, host.site_id + 1, 3) is None
    with pytest.raises(Duplicate):
        await done(engine, lambda changes: inspected.put(changes, rows[:1]))


async def test_kept_rows_stay(engine: Engine, host: User) -> None:
    site_id = host.site_id
    await done(engine, lambda changes: inspected.put(changes, [one_of(site_id, number) for number in range(1, 7)]))
    await done(engine, lambda changes: inspected.keep(changes, site_id, 2))
    await done(engine, lambda changes: inspected.purge(changes, site_id, 3))
    assert await numbers(engine, site_id) == [6, 5, 4, 2]
    await done(engine, lambda changes: inspected.forget_old(changes, site_id, 105))
    assert await numbers(engine, site_id) == [6, 5, 2]
    await done(engine, lambda changes: inspected.clear(changes, site_id + 1))
    await done(engine, lambda changes: inspected.clear(changes, site_id))
    assert await numbers(engine, site_id) == [2]
    await done(engine, lambda changes: inspected.remove(changes, site_id, 2))
    assert await numbers(engine, site_id) == []
    with pytest.raises(Conflict):
        await done(engine, lambda changes: inspected.keep(changes, site_id, 2))


async def test_a_site_that_is_gone_keeps_nothing(engine: Engine, host: User) -> None:
    with pytest.raises(Conflict):
        await done(engine, lambda changes: inspected.put(changes, [one_of(host.site_id + 77, 1)]))
