"""What goes on beside the rooms goes on, whatever goes wrong in one of its turns."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from parley.rooms import homes, keeping
from parley.rooms.homes import Homes
from parley.rooms.keeping import ALIVE_SECONDS, Keeper

_TURNS = 2 * ALIVE_SECONDS


async def _ended(chore: Any) -> None:
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(chore, 30)


async def test_the_other_rooms_are_looked_after_when_one_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    written = 0
    rooms = {name: SimpleNamespace(name=name, lock=asyncio.Lock()) for name in ("broken", "whole")}
    keeper = Keeper(cast(Any, None), cast(Any, SimpleNamespace(rooms=rooms)), cast(Any, None))

    async def look(live: Any, _turns: int) -> None:
        looked.append(live.name)
        if looked.count("whole") == _TURNS:
            raise asyncio.CancelledError
        if live.name == "broken":
            raise ValueError("of one room")

    async def write() -> None:
        nonlocal written
        written += 1
        raise ValueError("of the signs of life")

    monkeypatch.setattr(keeping, "asyncio", SimpleNamespace(sleep=lambda _: asyncio.sleep(0)))
    monkeypatch.setattr(keeper, "_look_after", look)
    monkeypatch.setattr(keeper, "_write_alive", write)
    await _ended(keeper.keep())
    assert looked == ["broken", "whole"] * _TURNS
    assert written == _TURNS // ALIVE_SECONDS


async def test_leases_are_renewed_after_a_renewal_that_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    held = Homes(cast(Any, None), "here", lambda _: None, lambda _: True)

    async def renew() -> None:
        nonlocal tried
        tried += 1
        raise asyncio.CancelledError if tried == 3 else ValueError("of a renewal")

    monkeypatch.setattr(homes, "RENEW_SECONDS", 0)
    monkeypatch.setattr(held, "renew", renew)
    await _ended(held.keep())
    assert tried == 3
