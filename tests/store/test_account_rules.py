"""Passwords of before, wrong passwords in a row, and counters of what is limited."""

from __future__ import annotations

import asyncio

import pytest

from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, password_history, quotas, sign_in_failures, users
from parley.store.password_history import OldPassword
from parley.store.sign_in_failures import Failures
from tests.store.builders import new_user


async def test_passwords_of_before_are_kept_the_latest_first(engine: Engine, host: User) -> None:
    kept = [OldPassword(host.site_id, host.user_id, version, f"hash-{version}") for version in (3, 1, 2)]
    for each in kept:
        changes = Changes()
        password_history.keep(changes, each)
        await engine.commit(changes)
    again = Changes()
    password_history.keep(again, kept[0])
    with pytest.raises(Duplicate):
        await engine.commit(again)
    found = await password_history.of_user(engine, host.site_id, host.user_id)
    assert [each.credential_version for each in found] == [3, 2, 1]
    changes = Changes()
    password_history.forget(changes, kept[0])
    await engine.commit(changes)
    await engine.commit(changes)  # gone already
    assert len(await password_history.of_user(engine, host.site_id, host.user_id)) == 2
    assert not await password_history.of_user(engine, host.site_id + 1, host.user_id)


async def test_wrong_passwords_are_counted_until_they_are_forgotten(engine: Engine, host: User) -> None:
    key = (host.site_id, host.user_id)

    async def count(now: int) -> Failures | None:
        changes = Changes()
        sign_in_failures.count(changes, *key, now, now - 100)
        await engine.commit(changes)
        return await sign_in_failures.of_user(engine, *key)

    assert await sign_in_failures.of_user(engine, *key) is None
    assert await count(1000) == (1, 1000)
    assert await count(1100) == (2, 1100)
    assert await count(1201) == (1, 1201)
    await asyncio.gather(*(count(1201) for _ in range(10)))
    assert await sign_in_failures.of_user(engine, *key) == (11, 1201)
    changes = Changes()
    sign_in_failures.forget(changes, *key)
    await engine.commit(changes)
    assert await sign_in_failures.of_user(engine, *key) is None


async def test_nothing_is_counted_of_an_account_that_does_not_exist(engine: Engine, host: User) -> None:
    changes = Changes()
    sign_in_failures.count(changes, host.site_id, host.user_id + 1, 1, 0)
    with pytest.raises(Conflict):
        await engine.commit(changes)


async def test_a_counter_never_goes_over_its_limit(engine: Engine, host: User) -> None:
    site_id = host.site_id
    changes = Changes()
    quotas.start(changes, site_id, "x", 3)
    await engine.commit(changes)
    with pytest.raises(Duplicate):
        await engine.commit(changes)

    async def move(by: int, limit: int | None = None) -> bool:
        changes = Changes()
        quotas.move(changes, site_id, "x", by, limit)
        try:
            await engine.commit(changes)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(move(1, 6) for _ in range(8)))) <= 3
    while await move(1, 6):
        pass
    assert await quotas.used(engine, site_id, "x") == 6
    assert await move(2)
    assert await move(-7)
    assert await quotas.used(engine, site_id, "x") == 1
    changes = Changes()
    quotas.forget(changes, site_id)
    await engine.commit(changes)
    assert await quotas.used(engine, site_id, "x") is None
    assert not await move(1)


async def test_every_account_is_met_once(engine: Engine, host: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "_PAGE_SIZE", 2)
    made = {host.user_id} | {(await new_user(engine, host.site_id)).user_id for _ in range(4)}
    met = [user.user_id async for user in users.every(engine, host.site_id)]
    assert (sorted(made), len(met)) == (met, 5)
    assert [user async for user in users.every(engine, host.site_id + 1)] == []
