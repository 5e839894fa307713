"""Sites full of meetings: one made by CreateMeeting, the others copied from it inside the database."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from lxml import etree

from benchmarks import copies, documents
from parley.config import Config
from parley.domain.history import Run
from parley.domain.recording import Kind, Recording, State
from parley.domain.user import User
from parley.services import catalogue as _catalogue  # noqa: F401  # enters all operations into the register
from parley.services.accounts import create_account
from parley.services.application import Application
from parley.services.dispatcher import answer_document
from parley.services.new_site import create_site
from parley.store import Changes, recordings, runs, tables, users
from parley.store.engines import postgres_dsn, sqlite_path
from parley.store.migrations import HEAD, upgrade_to_head

HOST: Final = "host"
ADMIN: Final = "admin"

#: A kept database is made anew when its first meeting starts in less than so many days.
_FRESH_DAYS: Final = 30
#: One with runs after so many days: what history tells of goes by.
_PAST_DAYS: Final = 5


class SeedError(Exception):
    """The product did not do what seeding needs of it."""


class Wanted(NamedTuple):
    """A site to be made.

    Attributes:
        meetings: how many meetings it has: a multiple of 25.
        meeting: what CreateMeeting says of one; for `trainings` what CreateTrainingSession says.
        users: how many accounts it has beside the host and the administrator.
        runs, recordings: how many meetings took place, and how many recordings there are.
        trainings: the sessions are trainings, not meetings.
    """

    name: str
    meetings: int
    meeting: dict[str, Any]
    users: int = 0
    runs: int = 0
    recordings: int = 0
    trainings: bool = False


@dataclass(frozen=True, slots=True)
class SeededSite:
    """A site with meetings of the account `host`; its administrator is `admin`.

    Attributes:
        keys: session keys of the meetings.
    """

    name: str
    site_id: int
    keys: range


async def ask(application: Application, document: bytes) -> bytes:
    """The answer to a request document, which has to be a success."""
    answer = await answer_document(application, document, None, {"headers": [], "client": ("127.0.0.1", 0)})
    if b"<serv:result>SUCCESS" not in answer:
        raise SeedError(answer.decode(errors="replace"))
    return answer


async def seed(database: str, plan: Sequence[Wanted], folder: Path, guests: int = 0) -> dict[str, SeededSite]:
    """Migrate an empty database and fill it.

    Args:
        plan: the sites.
        folder: of the server's data.
        guests: further accounts `guest0`, `guest1` ... of the first site, each with its own hash of the password.
    """
    await upgrade_to_head(database)
    patterns: dict[str, tuple[int, int]] = {}
    hosts: dict[str, int] = {}
    application = await Application.start(Config(data=str(folder), database=_postgres_only(database)))
    try:
        for wanted in plan:
            site_id = await make_site(application, wanted.name)
            host = await _host(application, site_id)
            hosts[wanted.name] = host.user_id
            create = documents.create_training if wanted.trainings else documents.create_meeting
            answer = etree.fromstring(await ask(application, create(wanted.name, HOST, wanted.meeting)))
            found_key = answer.findtext(".//{*}sessionkey" if wanted.trainings else ".//{*}meetingkey")
            patterns[wanted.name] = (site_id, int(found_key or 0))
            await application.engine.commit(_past(wanted, host, int(time.time())))
        if guests:
            await _make_guests(application, patterns[plan[0].name][0], guests)
    finally:
        await application.stop()
    found = {}
    for wanted in plan:
        site_id, key = patterns[wanted.name]
        await copies.copy_meetings(database, site_id, key, wanted.meetings)
        if wanted.users:
            await copies.copy_users(database, site_id, hosts[wanted.name], wanted.users)
        if wanted.runs:
            await copies.copy_runs(database, site_id, wanted.runs)
        if wanted.recordings:
            await copies.copy_recordings(database, site_id, wanted.recordings)
        found[wanted.name] = SeededSite(wanted.name, site_id, copies.keys_of(wanted.meetings))
    await copies.tidy(database)
    return found


def _past(wanted: Wanted, host: User, now: int) -> Changes:
    """A run and a recording of the host's, of which the others are copies."""
    changes = Changes()
    if wanted.runs:
        run = Run(
            site_id=host.site_id,
            conf_id=1,
            session_key=1,
            uuid="0" * 32,
            service="MeetingCenter",
            audio_only=False,
            session_type=3,
            type_code="PRO",
            name="Weekly round",
            name_key="weekly round",
            host_id=host.user_id,
            host_web_ex_id=host.web_ex_id,
            host_name="Host Bench",
            host_email=host.email,
            time_zone_id=host.time_zone_id,
            started_at=now - 7200,
            closed_at=now - 3600,
            ended_at=now - 3600,
            invited=3,
            attended=3,
            participants=3,
            peak=3,
            people_minutes=180,
        )
        runs.bring_run(changes, run)
    if wanted.recordings:
        recording = Recording(
            site_id=host.site_id,
            recording_id=199_999_999,
            owner_id=host.user_id,
            creator_id=host.user_id,
            state=State.READY,
            kind=Kind.UPLOADED,
            service="MeetingCenter",
            name="Weekly round",
            name_key="weekly round",
            created_at=now - 7200,
            time_zone_id=host.time_zone_id,
            stream_rcid="e" * 32,
            file_rcid="f" * 32,
            duration=3600,
            size=10_000_000,
        )
        recordings.add(changes, recording)
    return changes


async def make_site(application: Application, name: str) -> int:
    """A site with host and administrator; its number."""
    site = await create_site(application, name)
    for web_ex_id in (ADMIN, HOST):
        await create_account(
            application,
            site.site_id,
            web_ex_id=web_ex_id,
            email=f"{web_ex_id}@{name}.example",
            password=documents.PASSWORD,
            first_name=web_ex_id.capitalize(),
            last_name="Bench",
            site_admin=web_ex_id == ADMIN,
        )
    return site.site_id


async def _host(application: Application, site_id: int) -> User:
    found = await users.by_web_ex_id(application.engine, site_id, HOST)
    if found is None:
        raise SeedError(f"the account {HOST} is gone")
    return found


async def _make_guests(application: Application, site_id: int, count: int) -> None:
    pattern = await _host(application, site_id)
    changes = Changes()
    for number in range(count):
        name = f"guest{number}"
        changed = {
            "user_id": pattern.user_id + number + 1,
            "web_ex_id": name,
            "web_ex_id_key": name,
            "email": f"{name}@guests.example",
            "email_key": f"{name}@guests.example",
            "personal_url": None,
            "password_hash": await application.passwords.hash_in_background(documents.PASSWORD),
        }
        users.create(changes, msgspec.structs.replace(pattern, **changed))
    await application.engine.commit(changes)


def _postgres_only(database: str) -> str:
    """An address for `Config`, which wants one for SQLite too when the file is not in the data folder."""
    return database if postgres_dsn(database) else f"sqlite:///{sqlite_path(database).absolute()}"


# ---- kept from run to run --------------------------------------------------------------------------------------------


def kept_sqlite(folder: Path, plan: Sequence[Wanted]) -> tuple[str, dict[str, SeededSite]]:
    """The address of an SQLite database filled by `plan`, from an earlier run where that still fits.

    Args:
        folder: where databases are kept; what is there for this plan and no longer fits is removed.
    """
    shape = [(HEAD, *(each for each in wanted if not isinstance(each, dict))) for wanted in plan]
    code = [inspect.getsource(each) for each in (sys.modules[__name__], copies, documents, tables)]
    stamp = hashlib.sha256(repr((shape, code)).encode()).hexdigest()[:16]
    prefix = "kept-" + "-".join(f"{wanted.name}{wanted.meetings}" for wanted in plan)
    now = int(time.time())
    for path in sorted(folder.glob(f"{prefix}-*")):
        if path.name.startswith(f"{prefix}-{stamp}-") and int(path.name.rpartition("-")[2]) > now:
            return f"sqlite:///{path / 'parley.db'}", _read_sites(path / "parley.db", plan)
        shutil.rmtree(path)
    making = folder / f"making-{prefix}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    found = asyncio.run(seed(f"sqlite:///{making / 'parley.db'}", plan, making))
    days = _PAST_DAYS if any(wanted.runs for wanted in plan) else copies.FIRST_DAY - _FRESH_DAYS
    path = folder / f"{prefix}-{stamp}-{now + days * copies.DAY}"
    making.rename(path)
    return f"sqlite:///{path / 'parley.db'}", found


def _read_sites(path: Path, plan: Sequence[Wanted]) -> dict[str, SeededSite]:
    with closing(sqlite3.connect(path)) as connection:
        numbers: dict[str, int] = dict(connection.execute("SELECT name, site_id FROM sites").fetchall())
    return {
        wanted.name: SeededSite(wanted.name, numbers[wanted.name], copies.keys_of(wanted.meetings)) for wanted in plan
    }
