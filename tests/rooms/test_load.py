"""Ten rooms whose people come, write, negotiate and go: every line is read by everybody there, history is the script.

The large version is a benchmark (`scripts/bench rooms`), with the same people and the same checks.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.crowd import Crowd, CrowdError, Script, Told, Visit
from benchmarks.rooms import history_of, host_ticket, make
from parley.config import Config
from parley.services.application import Application
from tests.processes import ServerProcess

_SCRIPT = Script(
    people=5, seconds=6.0, ramp=2.0, stay=(1.0, 2.5), away=(0.1, 0.4), pause=(1.0, 1.5), candidates=2, seed=11
)


def test_no_line_is_lost_and_history_is_what_happened(database: str, tmp_path: Path) -> None:
    address = database if database.startswith("postgresql") else None
    config = Config(data=str(tmp_path), database=address)
    site_id, keys, signer = asyncio.run(make(config, 10))
    process = ServerProcess(tmp_path, address, trust_proxy=True)
    try:
        crowd = Crowd(process.url, "rooms", keys, _SCRIPT, lambda key: signer.sign(host_ticket(site_id, int(key))))
        outcome = asyncio.run(crowd.run())
    finally:
        process.stop()
    assert process.errors() == []
    outcome.check()
    assert all(len(each.said) >= 5 for each in outcome.rooms.values())
    assert outcome.signals > 100

    async def stays() -> int:
        application = await Application.start(config)
        try:
            return sum([await history_of(application.engine, site_id, each) for each in outcome.rooms.values()])
        finally:
            await application.stop()

    assert asyncio.run(stays()) == sum(len(each.visits) for each in outcome.rooms.values()) > 50


@pytest.mark.parametrize(
    "read", [[[1, 2], [2]], [[1, 3], [1]], [[2, 1, 3], [1]], [[1, 2, 3], [1, 3]], [[1, 2, 3, 3], []]]
)
def test_what_was_lost_doubled_or_disordered_is_noticed(read: list[list[int]]) -> None:
    visits = [Visit("P0", 1.0, 1.0), Visit("P1", 2.0, 2.0)]
    told = Told("1", said=["a", "b", "c"], visits=visits, read=read, texts={1: "a", 2: "b", 3: "c"})
    with pytest.raises(CrowdError):
        told.check()
    Told("1", said=["a", "b"], visits=visits, read=[[1, 2], [2]], texts={1: "a", 2: "b"}).check()
