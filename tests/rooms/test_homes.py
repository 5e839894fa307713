"""Leases of rooms: one holder at a time, replaced when it is over or no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from parley.config import Config
from parley.rooms import homes as leases
from parley.rooms.homes import LEASE_SECONDS, Homes
from parley.rooms.live import Key
from parley.services.application import Application
from parley.services.demo import SITE_ID, ensure_demo_site
from parley.store import Changes, room_homes
from tests.server import MovableClock

pytestmark = pytest.mark.anyio
ROOM: Key = (SITE_ID, 123)
OTHER: Key = (SITE_ID, 456)


class Process:
    """What leases see of a process."""

    def __init__(self, application: Application, address: str) -> None:
        self.application = application
        self.used: set[Key] = set()
        self.lost: list[Key] = []
        self.homes = Homes(application, address, self._lose, self.used.__contains__)

    def _lose(self, keys: Iterable[Key]) -> None:
        self.lost += keys


@asynccontextmanager
async def processes(database: str, folder: Path, count: int = 2) -> AsyncIterator[list[Process]]:
    """So many processes with one clock."""
    address = database if database.startswith("postgresql") else f"sqlite:///{database}"
    clock = MovableClock()
    async with AsyncExitStack() as stack:
        found = []
        for number in range(count):
            application = await Application.start(Config(data=str(folder), database=address, pool_size=2), clock)
            stack.push_async_callback(application.stop)
            found.append(Process(application, f"unix:/nowhere/{number}"))
        await ensure_demo_site(found[0].application)
        yield found


def wait(process: Process, seconds: int) -> None:
    clock = process.application.clock
    assert isinstance(clock, MovableClock)
    clock.ahead += seconds


async def test_the_first_one_holds_a_room_and_the_others_learn_where_it_is(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path) as (one, two):
        assert await one.homes.find(ROOM) is None
        assert await two.homes.find(ROOM) == one.homes.address
        assert await two.homes.find(OTHER) is None
        assert await one.homes.find(OTHER) == two.homes.address
        assert (one.homes.holds(ROOM), two.homes.holds(ROOM)) == (True, False)


async def test_of_many_at_once_one_wins(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path, 5) as every:
        for number in range(5):
            room = (SITE_ID, 1_000 + number)
            found = await asyncio.gather(*(each.homes.find(room) for each in every for _ in range(4)))
            winners = [each for each in every if each.homes.holds(room)]
            assert len(winners) == 1
            assert set(found) == {None, winners[0].homes.address}
            assert found.count(None) == 4


async def test_a_lease_is_renewed_as_long_as_somebody_is_there(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path) as (one, two):
        await one.homes.find(ROOM)
        one.used.add(ROOM)
        for _ in range(3):
            wait(one, LEASE_SECONDS - 1)
            await one.homes.renew()
            assert await two.homes.find(ROOM) == one.homes.address
        assert one.lost == []


async def test_a_holder_that_does_not_renew_is_replaced_and_learns_it(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path) as (one, two):
        await one.homes.find(ROOM)
        one.used.add(ROOM)
        wait(one, LEASE_SECONDS)
        assert not one.homes.holds(ROOM)
        assert await two.homes.find(ROOM) is None
        await one.homes.renew()
        assert one.lost == [ROOM]
        assert await one.homes.find(ROOM) == two.homes.address


async def test_a_late_holder_learns_it_when_somebody_comes(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path) as (one, two):
        await one.homes.find(ROOM)
        wait(one, LEASE_SECONDS)
        await two.homes.find(ROOM)
        assert await one.homes.find(ROOM) == two.homes.address
        assert one.lost == [ROOM]


async def test_a_late_holder_that_nobody_replaced_goes_on(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path) as (one, two):
        await one.homes.find(ROOM)
        one.used.add(ROOM)
        wait(one, 10 * LEASE_SECONDS)
        await one.homes.renew()
        assert await one.homes.find(ROOM) is None
        assert one.lost == []
        assert await two.homes.find(ROOM) == one.homes.address


async def test_a_dead_holder_is_replaced_at_once_and_nobody_else_is(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path, 3) as (one, two, three):
        await one.homes.find(ROOM)
        assert await two.homes.find(ROOM, dead="unix:/another") == one.homes.address
        assert await two.homes.find(ROOM, dead=one.homes.address) is None
        assert await three.homes.find(ROOM, dead=one.homes.address) == two.homes.address


async def test_rooms_are_let_go_of_when_empty_and_at_the_end(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with processes(database, tmp_path) as (one, two):
        for room in (ROOM, OTHER):
            await one.homes.find(room)
        one.used.add(ROOM)
        await one.homes.renew()
        assert await two.homes.find(OTHER) == one.homes.address  # somebody may be on his way to it
        monkeypatch.setattr(leases, "_IDLE_SECONDS", 0)
        await one.homes.renew()
        assert await two.homes.find(OTHER) is None
        assert await two.homes.find(ROOM) == one.homes.address
        await one.homes.stop()
        assert await two.homes.find(ROOM) is None
        assert one.lost == []


async def test_leases_that_are_long_over_are_forgotten(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with processes(database, tmp_path) as (one, two):
        await one.homes.find(ROOM)
        wait(one, 700)
        await two.homes.find(OTHER)
        monkeypatch.setattr(two.homes, "_forgotten", -1_000_000.0)
        await two.homes.renew()
        assert await room_homes.of_room(two.application.engine, *ROOM) is None
        assert await room_homes.of_room(two.application.engine, *OTHER) is not None


async def test_many_rooms_are_renewed_together(database: str, tmp_path: Path) -> None:
    async with processes(database, tmp_path) as (one, two):
        engine, now = one.application.engine, one.application.clock.now()
        keys = list(range(1, 601))
        changes = Changes(sequential=True)
        for key in keys:
            home = room_homes.Home(one.homes.address if key % 2 else two.homes.address, now)
            room_homes.take(changes, SITE_ID, key, home, now)
        await engine.commit(changes)
        changes = Changes()
        room_homes.renew(changes, SITE_ID, keys, room_homes.Home(one.homes.address, now + 9))
        await engine.commit(changes)
        odd = {key for key in keys if key % 2}
        assert await room_homes.held(engine, SITE_ID, keys, one.homes.address) == odd
        assert [(await room_homes.of_room(engine, SITE_ID, key) or (0, 0))[1] for key in (1, 2)] == [now + 9, now]
        changes = Changes()
        room_homes.release(changes, SITE_ID, keys, two.homes.address)
        await engine.commit(changes)
        assert await room_homes.held(engine, SITE_ID, keys, two.homes.address) == set()
        assert await room_homes.held(engine, SITE_ID, keys, one.homes.address) == odd
