"""Lets a server stand for a while under half of the load that it can bear, and harms what it stands on meanwhile.

A PostgreSQL, a mail server, an S3 store and `parley serve` with several workers are started as processes. First the
capacity is measured: programs that wait for their answers, as many requests as come; the time that the server then
needs to send the mails of these requests counts, since it could not bear a rate whose mails it does not get sent. Then
requests come at half of that rate, whether others were answered or not, and one fault after the other is made. At the
end everything that was acknowledged is read back, every mail is accounted for, and the database is checked.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks import soak_faults, soak_report
from benchmarks.soak_faults import Fault, Window
from benchmarks.soak_report import Outcome, Sample
from benchmarks.table import replace_last_run
from parley.clock import SystemClock
from parley.config import Config
from parley.mail.post import PostOffice
from parley.services.application import Application
from parley.store import Engine, checks, engine_for, outbox, sites
from tests.faults.parts import FaultyPostgres, MailSink
from tests.faults.shelf import Shelf
from tests.faults.traffic import Traffic, verify
from tests.faults.wire import Wires
from tests.killed import SITE, make_site
from tests.processes import ServerProcess
from tests.recordings.stores import S3Server
from tests.server import MovableClock

#: Programs that wait for their answers while the capacity is measured.
_PROGRAMS: Final = 16
#: So many requests are under way at most; a program that comes then turns away, which counts as a failure.
_MOST_UNDER_WAY: Final = 1_000
#: What goes wrong so long after a fault ended may still be due to it.
MARGIN: Final = 10.0
_SAMPLE_SECONDS: Final = 1.0
_UPLOAD_SECONDS: Final = 5.0
_MAIL_SECONDS: Final = 600.0
_LOOK_SECONDS: Final = 0.5
#: Faults of runs shorter than this are shorter too.
_WHOLE_MINUTES: Final = 10.0


@dataclass
class Stand:
    """What runs: the server and what it stands on.

    Attributes:
        scale: long faults are so much shorter, in short runs.
    """

    folder: Path
    server: ServerProcess
    database: str | None
    postgres: FaultyPostgres | None
    mails: MailSink
    store: S3Server | None
    traffic: Traffic
    scale: float = 1.0
    shelf: Shelf | None = None
    windows: list[Window] = field(default_factory=list)

    @property
    def process(self) -> psutil.Process:
        """The server's first process."""
        return psutil.Process(self.server.pid)

    def workers(self) -> list[psutil.Process]:
        """The processes that answer, oldest first."""
        found = [each for each in self.process.children() if "resource_tracker" not in " ".join(_command(each))]
        return sorted(found, key=lambda each: each.create_time()) or [self.process]


def _command(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


# ---- the run ---------------------------------------------------------------------------------------------------------


async def _measure(stand: Stand, seconds: float) -> float:
    """Requests a second that the server can bear with the mails they make, beside everything else on this machine."""
    traffic = stand.traffic
    warm = time.monotonic() + seconds / 3
    await traffic.closed(_PROGRAMS, lambda: time.monotonic() > warm)
    await _mails_gone(stand)
    before, begun = sum(traffic.done.values()), time.monotonic()
    await traffic.closed(_PROGRAMS, lambda: time.monotonic() > begun + seconds)
    count, busy = sum(traffic.done.values()) - before, time.monotonic() - begun
    await _mails_gone(stand)
    whole = time.monotonic() - begun
    soak_report.say(f"{count:,} requests in {busy:.1f} s; their mails were sent {whole - busy:.1f} s later")
    return count / whole


async def _mails_gone(stand: Stand) -> bool:
    """Wait until the server has sent every mail that is due; False when it does not within ten minutes."""
    deadline = time.monotonic() + _MAIL_SECONDS
    async with _outbox(stand) as (engine, site_id):
        while await _waiting(engine, site_id):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
    return True


@contextlib.asynccontextmanager
async def _outbox(stand: Stand) -> AsyncIterator[tuple[Engine, int]]:
    """The database, and the site whose mails are in it."""
    engine = engine_for(stand.database or str(stand.folder / "parley.db"), upgrade=False)
    await engine.start()
    try:
        (site_id,) = [each.site_id for each in await sites.all_sites(engine) if each.name == SITE]
        yield engine, site_id
    finally:
        await engine.stop()


async def _waiting(engine: Engine, site_id: int) -> int:
    """How many mails are not sent yet."""
    counted = await outbox.counted(engine, site_id, SystemClock().now())
    return counted.waiting + counted.sending


async def _watch(stand: Stand, samples: list[Sample], stopped: asyncio.Event) -> None:
    """Write down every second how much memory each process has."""
    while not stopped.is_set():
        now = time.monotonic()
        sample = Sample(now, {})
        for each in stand.workers():
            with contextlib.suppress(psutil.Error):
                sample.memory[each.pid] = each.memory_info().rss
        samples.append(sample)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), max(0.0, now + _SAMPLE_SECONDS - time.monotonic()))


async def _harm(stand: Stand, faults: Sequence[Fault], begun: float, seconds: float) -> None:
    """One fault after the other, spread over the run; what is left at the end is quiet."""
    for place, fault in enumerate(faults):
        at = begun + seconds * (place + 0.5) / len(faults) * soak_faults.SHARE
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        window = Window(fault.name, fault.title, time.monotonic())
        stand.windows.append(window)
        await fault.make(stand)
        window.ended = time.monotonic()
        soak_report.say(f"{window.began - begun:7.1f} s  {fault.title}: {window.ended - window.began:.1f} s")


async def _loaded(stand: Stand, rate: float, seconds: float, faults: Sequence[Fault], outcome: Outcome) -> None:
    stopped = asyncio.Event()
    outcome.begun = begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(_watch(stand, outcome.samples, stopped))
        if stand.shelf is not None:
            group.create_task(stand.shelf.live(_UPLOAD_SECONDS, stopped))
        harming = group.create_task(_harm(stand, faults, begun, seconds))
        await stand.traffic.opened(rate, lambda: time.monotonic() > begun + seconds and harming.done(), _MOST_UNDER_WAY)
        stopped.set()
    outcome.ended = time.monotonic()


# ---- afterwards ------------------------------------------------------------------------------------------------------


async def _mails_sent(stand: Stand, *, by_itself: bool) -> None:
    """Wait until the server has sent every mail; or stop it, and send the rest as if the time had gone by."""
    if by_itself and await _mails_gone(stand):
        return
    clock = MovableClock()
    config = Config(data=str(stand.folder), database=stand.database, smtp=stand.mails.address)
    application = await Application.start(config, clock)
    try:
        stand.server.stop()
        for _ in range(20):
            clock.ahead += 200
            await PostOffice(application).deliver_all()
    finally:
        await application.stop()


async def _check_mails(stand: Stand) -> tuple[list[str], str]:
    """Compare the outbox with what the mail server took; what is wrong, and a line of figures."""
    wrong = []
    async with _outbox(stand) as (engine, site_id):
        rows = await outbox.newest(engine, site_id, maximum=10_000_000)
    rows = [row for row in rows if row.recipient is not None]
    taken = Counter(mail["id"].partition("@")[0].lstrip("<") for mail in stand.mails.mails())
    to = {mail["id"].partition("@")[0].lstrip("<"): mail["to"] for mail in stand.mails.mails()}
    unsent = [row for row in rows if row.sent_at is None]
    if unsent:
        wrong.append(f"{len(unsent)} mails were not sent, such as {unsent[0].kind} ({unsent[0].note})")
    sent = {f"{row.site_id}.{row.outbox_id}": row for row in rows if row.sent_at is not None}
    lost = sent.keys() - taken.keys()
    if lost:
        wrong.append(f"{len(lost)} mails are noted as sent and were never taken")
    strangers = [number for number in taken.keys() - sent.keys() if number in to]
    if strangers:
        wrong.append(f"{len(strangers)} mails were taken that the outbox does not know as sent")
    if any(to[number] != row.recipient for number, row in sent.items() if number in to):
        wrong.append("mails went to somebody else")
    wrong += _check_invitations(stand, rows)
    again = sum(count - 1 for count in taken.values())
    return wrong, f"{len(sent):,} mails, each taken once but for {again:,} that came again under their Message-ID"


def _check_invitations(stand: Stand, rows: list[outbox.Message]) -> list[str]:
    """Everybody who was invited by an acknowledged request has one invitation, and the host one mail a meeting."""
    told = Counter((row.kind, row.session_key, row.recipient) for row in rows)
    hosts = Counter((row.kind, row.session_key) for row in rows)
    missing = 0
    for each in stand.traffic.ledger.alive:
        key = int(each.key)
        missing += hosts["session.scheduled", key] != 1
        missing += sum(told["session.invitation", key, person] != 1 for person in each.invited)
    return [f"{missing} mails about acknowledged meetings are not in the outbox exactly once"] if missing else []


async def _look_back(stand: Stand, outcome: Outcome) -> None:
    """Read back what was acknowledged, account for mails, check the database."""
    soak_report.say("reading everything back")
    wires = stand.traffic.wires
    outcome.wrong += await verify(stand.traffic)
    ledger = stand.traffic.ledger
    outcome.facts.append(
        f"{len(ledger.meetings):,} meetings were acknowledged, {len(ledger.deleted):,} of them deleted; all were read"
        " back as the last acknowledged request left them"
    )
    if stand.shelf is not None:
        outcome.wrong += await stand.shelf.verify()
        kept = len(stand.shelf.kept)
        outcome.facts.append(f"{kept} recordings were uploaded, all of them played at the end, byte for byte")
    await wires.close()
    engine_url = stand.database or str(stand.folder / "parley.db")
    outcome.wrong += await _database_problems(engine_url)
    outcome.facts.append("`parley db check` finds nothing")


async def _database_problems(address: str) -> list[str]:
    engine = engine_for(address, upgrade=False)
    await engine.start()
    try:
        return [
            *(f"damage: {line}" for line in await checks.damage(engine)),
            *(f"site {each.site_id}: {each.number} {each.what}" for each in await checks.all_problems(engine)),
        ]
    finally:
        await engine.stop()


# ---- starting it -----------------------------------------------------------------------------------------------------


def soak(options: argparse.Namespace, folder: Path) -> Outcome:
    """One run; what came of it."""
    with contextlib.ExitStack() as stack:
        database, postgres = None, None
        if not options.sqlite:
            postgres = FaultyPostgres(durable=True)
            stack.callback(postgres.stop)
            postgres.template()
            database = postgres.copy()
        asyncio.run(make_site(folder, database))
        mails = MailSink(folder)
        mails.start()
        stack.callback(mails.kill)
        settings: dict[str, Any] = {"smtp": mails.address, "mail_delivery": True, "workers": options.workers}
        store = None
        if not options.short:
            store = S3Server(folder / "store").start()
            stack.callback(store.stop)
            os.environ.update(store.environment)
            settings["recordings"] = store.address()
        server = ServerProcess(folder, database, **settings)
        stack.callback(_stopped, server)
        traffic = Traffic(Wires(server.port), options.seed)
        stand = Stand(folder, server, database, postgres, mails, store, traffic)
        stand.scale = min(1.0, options.minutes / _WHOLE_MINUTES)
        if store is not None:
            stand.shelf = Shelf(server.url, options.seed)
        return asyncio.run(_soak(stand, options))


def _stopped(server: ServerProcess) -> None:
    if server.is_running:
        server.stop()


async def _soak(stand: Stand, options: argparse.Namespace) -> Outcome:
    seconds = options.minutes * 60
    capacity = await _measure(stand, options.measure)
    rate = capacity * options.share
    outcome = Outcome(capacity=capacity, rate=rate, margin=MARGIN)
    soak_report.say(
        f"capacity {capacity:.0f} requests/s; {options.minutes:g} minutes at {rate:.0f}/s, seed {options.seed}"
    )
    faults = soak_faults.chosen(options.faults, sqlite=stand.postgres is None, short=options.short)
    await _loaded(stand, rate, seconds, faults, outcome)
    async with _outbox(stand) as (engine, site_id):
        outcome.facts.append(f"{await _waiting(engine, site_id):,} mails were still to be sent when the load ended")
    outcome.take(stand.traffic, stand.shelf, stand.windows)
    await _look_back(stand, outcome)
    soak_report.say("waiting for the last mails")
    await _mails_sent(stand, by_itself=not options.short)
    wrong, line = await _check_mails(stand)
    outcome.wrong += wrong
    outcome.facts.append(line)
    outcome.take_log(stand.server.errors(), time.time() - time.monotonic())
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it as the options say; 0 when all went well."""
    options = _options(arguments)
    if options.short:
        options.measure = min(options.measure, 3.0)
    with tempfile.TemporaryDirectory(prefix="parley-soak-") as folder:
        outcome = soak(options, Path(folder))
        log = Path(folder, "server.log").read_text()
    if options.log is not None:
        options.log.write_text(log)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    kind = "SQLite" if options.sqlite else "PostgreSQL"
    text = soak_report.markdown(outcome, f"{kind}, {options.workers} workers, seed {options.seed}; {machine}")
    sys.stdout.write(text + "\n")
    if options.write is not None:
        picture = options.write.parent / "images" / "soak.svg"
        picture.write_text(soak_report.svg(outcome), encoding="utf-8")
        replace_last_run(options.write, f"{text}\n\n![Requests and memory over the time of the run](images/soak.svg)")
    return 0 if outcome.is_good else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long the load lasts")
    parser.add_argument("--share", type=float, default=0.5, help="of the capacity that the load is")
    parser.add_argument("--measure", type=float, default=15, help="seconds for which the capacity is measured")
    parser.add_argument("--workers", type=int, default=2, help="processes of the server")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="of everything that is drawn")
    parser.add_argument("--sqlite", action="store_true", help="on an SQLite file instead of PostgreSQL")
    parser.add_argument("--faults", default="", help="names, separated by commas; " + ", ".join(soak_faults.NAMES))
    parser.add_argument("--short", action="store_true", help="without recordings, mails delivered as if time went by")
    parser.add_argument("--write", type=Path, help="page that gets the report between its markers")
    parser.add_argument("--log", type=Path, help="file that the server's log is copied to")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
