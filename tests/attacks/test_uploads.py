"""Long uploads: they may take as long as they need, and may not stand still."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from parley.web import forms
from parley.web.forms import pieces_of


def upload(pieces: Iterable[tuple[float, bytes | None]]) -> Request:
    """A request whose pieces come each after so many seconds; None: the connection breaks off."""
    waiting = iter(pieces)

    async def receive() -> dict[str, Any]:
        seconds, piece = next(waiting, (0.0, b""))
        if seconds:
            await asyncio.sleep(seconds)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    return Request({"type": "http", "method": "POST", "headers": [], "path": "/"}, receive)


async def read(request: Request) -> bytes:
    return b"".join([piece async for piece in pieces_of(request)])


async def test_a_body_comes_as_it_was_sent() -> None:
    assert await read(upload([(0, b"a"), (0, b"bc"), (0, b"")])) == b"abc"
    with pytest.raises(ClientDisconnect):
        await read(upload([(0, b"a"), (0, None)]))


async def test_a_long_body_may_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """More time than it may drip, and enough bytes for it."""
    monkeypatch.setattr(forms, "DRIP_SECONDS", 0.0)
    monkeypatch.setattr(forms, "SLOWEST", 1)
    assert len(await read(upload([(0, b"x" * 600)] + [(0.02, b"x" * 600)] * 10 + [(0, b"")]))) == 6_600


async def test_a_long_body_may_not_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece comes in time, and all together are too few."""
    monkeypatch.setattr(forms, "DRIP_SECONDS", 0.2)
    with pytest.raises(TimeoutError):
        await read(upload([(0.05, b"x")] * 10_000))


async def test_a_long_body_may_not_fall_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "SILENT_SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        await read(upload([(0, b"x" * 1_000_000), (3_600, b"x")]))
