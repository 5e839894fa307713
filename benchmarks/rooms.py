"""Rooms under load: many small meetings on one core, whose people come, write, negotiate and go for two minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import documents, seed, servers
from benchmarks.bench import Bench
from benchmarks.crowd import Crowd, CrowdError, Outcome, Script, Told, Visit
from benchmarks.load import LoadError
from benchmarks.process import cpu_seconds, on_load_core, resident_mib
from benchmarks.table import Row, milliseconds, number
from parley.config import Config
from parley.rooms.tokens import ENTRY_SECONDS, Signer, Ticket, new_nonce
from parley.services.application import Application
from parley.services.presence import new_stay_id
from parley.services.shared_secrets import shared_secret
from parley.store import Engine, runs, sessions

_SITE: Final = "rooms"
_ROOMS: Final = 200
_QUICK_ROOMS: Final = 40
_QUICK_SECONDS: Final = 20.0


def rooms(bench: Bench) -> list[Row]:
    """People in rooms, on SQLite and on PostgreSQL.

    Raises:
        LoadError: a line was lost, or presence and history are not what happened.
    """
    count = _ROOMS if bench.plan.seconds > 1 else _QUICK_ROOMS
    script = Script() if bench.plan.seconds > 1 else Script(seconds=_QUICK_SECONDS, ramp=_QUICK_SECONDS / 4)
    found = []
    for name, database in (("SQLite", None), ("PostgreSQL", bench.postgres_database())):
        folder = bench.folder / f"rooms-{name}"
        folder.mkdir()
        found += _measured(bench, name, folder, database or f"sqlite:///{folder / 'parley.db'}", count, script)
    return found


def _measured(bench: Bench, name: str, folder: Path, database: str, count: int, script: Script) -> list[Row]:
    config = Config(data=str(folder), database=database)
    site_id, keys, signer = asyncio.run(make(config, count))

    def host_token(key: str) -> str:
        return signer.sign(host_ticket(site_id, int(key)))

    (folder / "parley.toml").write_text("trust_proxy = true\n")
    with servers.parley(database, folder) as running, on_load_core():
        before = cpu_seconds(running.pid)
        crowd = Crowd(f"http://127.0.0.1:{running.port}", _SITE, keys, script, host_token)
        try:
            outcome = asyncio.run(crowd.run())
            outcome.check()
        except (CrowdError, ExceptionGroup) as error:
            raise LoadError(str(getattr(error, "exceptions", [error])[0])) from None
        busy, memory = cpu_seconds(running.pid) - before, resident_mib(running.pid)
    stays = sum(len(each.visits) for each in outcome.rooms.values())
    said = sum(len(each.said) for each in outcome.rooms.values())
    share = f"{busy / script.seconds:.0%} of a core, {memory:.0f} MiB"
    bench.say(
        f"rooms on {name}: {count} of {script.people}, {script.seconds:.0f} s, {share}: {said} lines,"
        f" read {len(outcome.delays)} times, {stays} stays, {outcome.signals} signals"
    )
    asyncio.run(_check_history(config, site_id, outcome))
    half, most = (1e6 * _quantile(outcome.delays, part) for part in (0.5, 0.99))
    come, late = (1e6 * _quantile(outcome.joins, part) for part in (0.5, 0.99))
    place = f"{count} rooms of {script.people}, {name}"
    rate = number(len(outcome.delays) / script.seconds)
    return [
        Row(
            *(f"line of the chat, {place}", "", "p99 100 ms", "", milliseconds(most)),
            rate=rate,
            p50=milliseconds(half),
            p99=milliseconds(most),
        ),
        Row(
            *(f"joining, {place}", "", "", "", milliseconds(come)),
            rate=number(stays / script.seconds),
            cpu=number(1e6 * busy / stays),
            p50=milliseconds(come),
            p99=milliseconds(late),
        ),
    ]


async def make(config: Config, count: int) -> tuple[int, list[str], Signer]:
    """A site with so many meetings; its number, their keys, and what signs tickets for them."""
    application = await Application.start(config)
    try:
        site_id = await seed.make_site(application, _SITE)
        meeting = documents.small_meeting()
        del meeting["accessControl"]  # anybody may come
        document = documents.create_meeting(_SITE, seed.HOST, meeting)
        answers = [await seed.ask(application, document) for _ in range(count)]
        keys = [answer.partition(b"meetingkey>")[2].partition(b"<")[0].decode() for answer in answers]
        return site_id, keys, Signer(await shared_secret(application.engine, "room-tokens"))
    finally:
        await application.stop()


def host_ticket(site_id: int, session_key: int) -> Ticket:
    """What lets the host of a room in."""
    return Ticket(
        kind="entry",
        site_id=site_id,
        session_key=session_key,
        until=int(time.time()) + ENTRY_SECONDS,
        nonce=new_nonce(),
        stay_id=new_stay_id(),
        name="P0",
        may_host=True,
    )


async def _check_history(config: Config, site_id: int, outcome: Outcome) -> None:
    """Compare what is kept with what happened.

    Raises:
        LoadError: they differ.
    """
    application = await Application.start(config)
    try:
        for each in outcome.rooms.values():
            await history_of(application.engine, site_id, each)
    finally:
        await application.stop()


async def history_of(engine: Engine, site_id: int, told: Told) -> int:
    """The stays in a room, which have to be the visits, of one run that is over.

    Raises:
        LoadError: they are not.
    """
    session = await sessions.by_key(engine, site_id, int(told.key))
    run = await runs.run(engine, site_id, session.conf_id) if session is not None else None
    if session is None or run is None or run.ended_at is None or run.present or session.status != "NOT_INPROGRESS":
        raise LoadError(f"the run of room {told.key} is not over: {run}")
    stays = await runs.stays_of(engine, site_id, run.conf_id)
    kept = sorted((each.name, each.joined_at, each.left_at or 0) for each in stays)
    happened = sorted(told.visits, key=lambda each: (each.name, each.asked))
    if len(kept) != len(happened) or not all(_same(*pair) for pair in zip(kept, happened, strict=True)):
        raise LoadError(f"the stays in room {told.key} are {kept}, the visits were {happened}")
    return len(stays)


def _same(kept: tuple[str, int, int], visit: Visit) -> bool:
    """Whether a stay is a visit: began between asking and welcome, ended between leaving and the socket's end."""
    name, joined, left = kept
    came, went = visit.asked - 1 <= joined <= visit.came, visit.went - 1 <= left <= visit.gone
    return name == visit.name and came and went


def _quantile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
