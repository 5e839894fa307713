"""Login tickets and the values of the installation."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, meta, tickets
from parley.store.tickets import Ticket
from tests.store.builders import new_user

replace = msgspec.structs.replace


async def _keep(engine: Engine, *some: Ticket) -> None:
    changes = Changes()
    for each in some:
        tickets.create(changes, each)
    await engine.commit(changes)


async def test_a_ticket_is_used_once_however_many_try(engine: Engine, host: User) -> None:
    ticket = Ticket(host.site_id, "hash", host.user_id, expires_at=100)
    await _keep(engine, ticket)

    async def use() -> bool:
        changes = Changes()
        tickets.use(changes, host.site_id, "hash", 50)
        try:
            await engine.commit(changes)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(use() for _ in range(8)))) == 1
    assert await tickets.find(engine, host.site_id, "hash") == replace(ticket, used_at=50)
    assert await tickets.find(engine, host.site_id + 1, "hash") is None


async def test_tickets_end(engine: Engine, host: User) -> None:
    await _keep(engine, Ticket(host.site_id, "hash", host.user_id, expires_at=100))
    changes = Changes()
    tickets.use(changes, host.site_id, "hash", 100)
    with pytest.raises(Conflict):
        await engine.commit(changes)
    changes = Changes()
    tickets.use(changes, host.site_id, "hash", 99)
    await engine.commit(changes)


async def test_the_unused_ticket_is_the_one_valid_longest(engine: Engine, host: User) -> None:
    other = await new_user(engine, host.site_id)
    kept = [Ticket(host.site_id, f"h{each}", host.user_id, expires_at=100 + each) for each in range(3)]
    await _keep(engine, *kept, Ticket(host.site_id, "used", host.user_id, 500, used_at=1))
    await _keep(engine, Ticket(host.site_id, "other", other.user_id, 900))
    assert await tickets.unused(engine, host.site_id, host.user_id, 0) == kept[2]
    assert await tickets.unused(engine, host.site_id, host.user_id, 102) is None
    changes = Changes()
    tickets.purge(changes, host.site_id + 1, 1_000)
    tickets.purge(changes, host.site_id, 101)
    await engine.commit(changes)
    found = [await tickets.find(engine, host.site_id, each.ticket_hash) for each in kept]
    assert found == [None, None, kept[2]]


async def test_values_of_the_installation(engine: Engine) -> None:
    assert await meta.get(engine, "secret") is None
    for value, error in (("one", None), ("two", Duplicate)):
        changes = Changes()
        meta.add(changes, "secret", value)
        if error is None:
            await engine.commit(changes)
        else:
            with pytest.raises(error):
                await engine.commit(changes)
    changes = Changes()
    meta.replace(changes, "secret", "three")
    await engine.commit(changes)
    assert await meta.get(engine, "secret") == "three"
    changes = Changes()
    meta.remove(changes, "secret")
    meta.remove(changes, "never there")
    await engine.commit(changes)
    assert await meta.get(engine, "secret") is None
