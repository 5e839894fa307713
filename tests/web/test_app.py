"""The application as a whole, without a server around it: what it begins, it ends."""

from __future__ import annotations

import asyncio
import errno
import json
import math
from pathlib import Path

import msgspec
import pytest

from parley.config import Config
from parley.web import app as running
from parley.web.app import ParleyApp


async def test_what_went_wrong_before_keeps_nothing_open_at_the_end(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ParleyApp(Config(data=str(tmp_path), database=f"sqlite:///{sqlite_database}", mail_delivery=False))
    await app.start()
    engine, chores = app.application.engine, list(app._chores)

    async def broken() -> None:
        raise ValueError("of a chore")

    def full() -> None:
        raise OSError(errno.ENOSPC, "no room")

    app._chores.insert(0, asyncio.create_task(broken()))
    monkeypatch.setattr(app.counts, "share", full)
    stopped: list[str] = []
    stop = engine.stop

    async def noted() -> None:
        stopped.append("engine")
        await stop()

    monkeypatch.setattr(engine, "stop", noted)
    await asyncio.sleep(0)
    await app.stop()
    assert all(each.done() for each in chores)
    assert stopped == ["engine"]
    with pytest.raises(RuntimeError):
        _ = app.application


def test_a_worker_has_the_settings_of_the_start_and_reads_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "configure_logging", lambda _: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    (tmp_path / "parley.toml").write_text("broken = [")
    sent = Config(data=str(tmp_path), smtp="", workers=2, trust_proxy=True, max_body_seconds=math.inf)
    monkeypatch.setenv(running.SETTINGS_VARIABLE, json.dumps(msgspec.to_builtins(sent)))
    monkeypatch.setenv("PARLEY_METRICS_TOKEN", "of another server")
    assert running.from_environment().config == sent
