"""A clock that stands still, goes back or jumps, under load: nothing is lost, nothing is told twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from parley.services import presence
from parley.services.errands import Errands
from parley.store import outbox, sites
from tests.faults.harness import Load, drawn_seed, load_on, nothing_by_halves
from tests.killed import SITE, make_site
from tests.server import Server

_HOUR = 3600
#: What happens to the clock, one after the other, in seconds; None: it stands still, 0: it is right again.
_JUMPS = (None, -30, 0, -_HOUR, 2 * _HOUR, -400 * 24 * _HOUR, 0, 2 * 24 * _HOUR, 0)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_clock_that_jumps(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address: str = request.getfixturevalue(f"{kind}_database")
    database = address if kind == "postgres" else None
    asyncio.run(make_site(tmp_path, database))
    server = Server(database, tmp_path).start()
    try:
        asyncio.run(_jump(server))
        nothing_by_halves(server)
        _nothing_told_twice(server)
    finally:
        server.stop()


async def _jump(server: Server) -> None:
    site_id = await asyncio.to_thread(_site_id, server)
    async with load_on(server.config.port, drawn_seed()) as load:
        for jump in _JUMPS:
            if jump is None:
                server.clock.stop()
            else:
                server.clock.reset()
                server.clock.ahead = jump
            await load.more(15)
            await asyncio.to_thread(server.run, _chores(server, site_id))
            _all_well(load)
        _all_well(load)


async def _chores(server: Server, site_id: int) -> None:
    """What the server does by itself, but for the mails: programs make more of them than a test has time for."""
    await presence.sweep(server.application, site_id)
    await Errands(server.application).do_due(site_id)


def _site_id(server: Server) -> int:
    """The number of the site."""
    (found,) = [each.site_id for each in server.run(sites.all_sites(server.application.engine)) if each.name == SITE]
    return found


def _all_well(load: Load) -> None:
    assert load.traffic.troubles == []


def _nothing_told_twice(server: Server) -> None:
    """There is one row of the outbox for each thing that people are told of a meeting."""
    engine = server.application.engine
    site_id = _site_id(server)
    rows = server.run(outbox.newest(engine, site_id, maximum=100_000))
    told = Counter((row.kind, row.session_key, row.recipient) for row in rows if row.kind == "session.scheduled")
    assert told
    assert set(told.values()) == {1}
