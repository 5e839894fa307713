"""The faults that a soak makes, in the order in which it makes them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from tests.faults.parts import frozen

if TYPE_CHECKING:
    from benchmarks.soak import Stand

#: The part of the run in which faults are made; the rest is quiet, so that memory can be seen.
SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: `make` begins it, and returns when it is over."""

    name: str
    title: str
    make: Callable[[Stand], Awaitable[None]]


@dataclass(slots=True)
class Window:
    """When a fault was: times of the monotonic clock; `ended` 0 while it lasts."""

    name: str
    title: str
    began: float
    ended: float = 0.0


async def _kill_worker(stand: Stand) -> None:
    before = {each.pid for each in stand.workers()}
    stand.workers()[0].kill()
    await _workers_back(stand, before)


async def _end_workers(stand: Stand) -> None:
    """One after the other is told to end and replaced, as when a new release is put in place."""
    for old in stand.workers():
        before = {each.pid for each in stand.workers()}
        with contextlib.suppress(psutil.NoSuchProcess):
            old.send_signal(signal.SIGTERM)
        await _workers_back(stand, before)


async def _workers_back(stand: Stand, before: set[int]) -> None:
    """Wait for a worker that was not there before; it answers soon after it was started."""
    for _ in range(600):
        now = {each.pid for each in stand.workers()}
        if now - before and len(now) >= len(before):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(3)


async def _restart_database(stand: Stand) -> None:
    assert stand.postgres is not None
    await asyncio.to_thread(stand.postgres.stop_at_once)
    await asyncio.sleep(2)
    await asyncio.to_thread(stand.postgres.start_again)


async def _crash_database(stand: Stand) -> None:
    assert stand.postgres is not None
    await asyncio.to_thread(stand.postgres.crash)
    await asyncio.sleep(2)
    await asyncio.to_thread(stand.postgres.start_again)


async def _freeze_database(stand: Stand) -> None:
    assert stand.postgres is not None
    stand.postgres.freeze()
    await asyncio.sleep(5)
    stand.postgres.thaw()


async def _cut_database(stand: Stand) -> None:
    assert stand.postgres is not None
    for _ in range(5):
        await stand.postgres.cut_connections()
        await asyncio.sleep(0.5)


async def _cut_clients(stand: Stand) -> None:
    for _ in range(10):
        stand.traffic.wires.cut(0.5)
        await asyncio.sleep(0.3)


async def _stop_mail_server(stand: Stand) -> None:
    stand.mails.kill()
    await asyncio.sleep(60 * stand.scale)
    stand.mails.start()


async def _freeze_mail_server(stand: Stand) -> None:
    with frozen(stand.mails.pid):
        await asyncio.sleep(20 * stand.scale)


async def _stop_store(stand: Stand) -> None:
    assert stand.store is not None
    await asyncio.to_thread(stand.store.stop)
    await asyncio.sleep(20 * stand.scale)
    await asyncio.to_thread(stand.store.start)


async def _freeze_store(stand: Stand) -> None:
    assert stand.store is not None
    with frozen(stand.store.pid):
        await asyncio.sleep(20 * stand.scale)


async def _back_up(stand: Stand) -> None:
    """No fault, but work beside the load: a backup is made and looked through."""
    file = stand.folder / "soak-backup.tar"
    file.unlink(missing_ok=True)
    where = ["--data", str(stand.folder), *(["--database", stand.database] if stand.database else [])]
    program = str(Path(sys.executable).with_name("parley"))
    for command in ([program, "backup", str(file), *where], [program, "restore", "--check", str(file)]):
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, cwd=stand.folder)
        assert done.returncode == 0, done.stderr
    os.unlink(file)


_ALL: Final = (
    Fault("worker", "a worker is killed", _kill_worker),
    Fault("rolling", "workers are told to end, one after the other", _end_workers),
    Fault("database", "PostgreSQL is stopped at once and started again", _restart_database),
    Fault("mail", "the mail server is killed and started again", _stop_mail_server),
    Fault("clients", "connections of clients are cut in the middle", _cut_clients),
    Fault("store", "the S3 store is stopped and started again", _stop_store),
    Fault("connections", "connections to PostgreSQL are ended by its administrator", _cut_database),
    Fault("frozen", "PostgreSQL is frozen", _freeze_database),
    Fault("backup", "a backup is made and checked", _back_up),
    Fault("crash", "PostgreSQL is killed and started again", _crash_database),
    Fault("mail-frozen", "the mail server is frozen", _freeze_mail_server),
    Fault("store-frozen", "the S3 store is frozen", _freeze_store),
)
NAMES: Final = tuple(each.name for each in _ALL)
_OF_POSTGRES: Final = frozenset({"database", "connections", "frozen", "crash"})
_OF_STORE: Final = frozenset({"store", "store-frozen"})


def chosen(names: str, *, sqlite: bool, short: bool) -> list[Fault]:
    """The faults with these names, in their order; all that can be when there are none."""
    left_out = (_OF_POSTGRES if sqlite else frozenset()) | (_OF_STORE if short else frozenset())
    wanted = [name for name in names.split(",") if name] or [name for name in NAMES if name not in left_out]
    by_name = {each.name: each for each in _ALL}
    return [by_name[name] for name in wanted]
