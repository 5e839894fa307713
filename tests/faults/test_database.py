"""PostgreSQL ends, hangs and is cut off, at any moment, under load: clear faults meanwhile, and nothing lost after."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from parley.store.engines import postgres
from tests.faults.harness import PATIENCE, drawn_seed, load_on, nothing_by_halves, status_of, until
from tests.faults.link import Link
from tests.faults.parts import FaultyPostgres
from tests.killed import SITE, make_site
from tests.server import Server

#: What a caller waits for the database; 30 seconds where nobody tests.
_SHORT = 0.5


@dataclass
class Database:
    """A database, and the way to it."""

    postgres: FaultyPostgres
    link: Link
    address: str

    async def settle(self, server: Server) -> None:
        """Wait until everything was done that was on its way when connections were given up."""
        await until(lambda: not self.link.held, "the way is free")
        pool = server.application.engine.primary._pool  # type: ignore[attr-defined]
        count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'parley'"
        for _ in range(round(PATIENCE / 0.05)):
            if await self.postgres.value(count) <= pool.get_size():
                return
            await asyncio.sleep(0.05)
        raise AssertionError("connections that were given up are still there")


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultyPostgres]:
    server = FaultyPostgres(durable=True)
    try:
        server.template()
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(faulty: FaultyPostgres) -> Iterator[Database]:
    link = Link(faulty.data)
    address = faulty.copy()
    yield Database(faulty, link, link.url(address))
    link.close()
    faulty.drop(address)


Act = Callable[[Database], None]

#: By name: how it begins, and how it ends.
HARMS: dict[str, tuple[Act, Act]] = {
    "stopped": (lambda at: at.postgres.stop_at_once(), lambda at: at.postgres.start_again()),
    "killed": (lambda at: at.postgres.crash(), lambda at: at.postgres.start_again()),
    "frozen": (lambda at: at.postgres.freeze(), lambda at: at.postgres.thaw()),
    "refusing": (lambda at: at.link.refuse(), lambda at: at.link.mend()),
    "swallowed": (lambda at: at.link.swallow(), lambda at: at.link.mend()),
}


@pytest.mark.parametrize("harm", sorted(HARMS))
def test_harm_to_the_database(harm: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, end = HARMS[harm]

    async def while_it_lasts(server: Server) -> None:
        async with load_on(server.config.port, drawn_seed()) as load:
            wires = load.traffic.wires
            assert await status_of(wires, f"/{SITE}/") == await status_of(wires, "/ready") == 200
            # Not before: a machine with other work may be slower than that. What was begun earlier waits longer.
            monkeypatch.setattr(postgres, "PATIENCE", _SHORT)
            await load.more(20)
            load.begins()
            await asyncio.to_thread(begin, database)
            await until(lambda: load.troubles["busy"] >= 8, "faults")
            assert await status_of(wires, "/ready") == 503
            assert await status_of(wires, f"/{SITE}/") == 503
            await load_is_told(lambda: load.troubles["busy"])
            await asyncio.to_thread(end, database)
            assert load.troubles.keys() == {"busy"}
            await load.more(40)
            monkeypatch.setattr(postgres, "PATIENCE", 30.0)
            await database.settle(server)
        assert server.application.engine.kind == "postgresql"

    _stand(database, tmp_path, while_it_lasts)


async def load_is_told(count: Callable[[], int]) -> None:
    """Wait until more requests got their fault."""
    before = count()
    await until(lambda: count() >= before + 8, "more faults")


def test_connections_that_are_ended_again_and_again(database: Database, tmp_path: Path) -> None:
    async def again_and_again(server: Server) -> None:
        seed = drawn_seed()
        chance = random.Random(seed)
        async with load_on(server.config.port, seed) as load:
            load.begins()
            for _ in range(8):
                await (
                    database.postgres.cut_connections()
                    if chance.random() < 0.5
                    else asyncio.to_thread(database.link.cut)
                )
                await load.more(chance.randrange(1, 30))
            assert load.troubles.keys() <= {"busy"}
            await database.settle(server)

    _stand(database, tmp_path, again_and_again)


def _stand(database: Database, folder: Path, work: Callable[[Server], Awaitable[None]]) -> None:
    """Run a server on the database, and work on it; what is left has to agree with itself."""
    asyncio.run(make_site(folder, database.address))
    server = Server(database.address, folder).start()
    try:
        asyncio.run(_awaited(work(server)))
        nothing_by_halves(server)
    finally:
        server.stop()


async def _awaited(work: Awaitable[None]) -> None:
    await work
