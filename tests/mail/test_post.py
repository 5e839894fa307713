"""The delivery of a server: starts with the first mail, ends in order, leaves alone what is not its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from parley.config import Config
from parley.domain.site import DEMO_SITE_ID, SiteSettings
from parley.mail.post import PostOffice, delivery_line
from parley.mail.senders import sender_of
from parley.services import mails, reminders
from parley.services.application import Application
from parley.services.new_site import create_site, new_site
from parley.store import Changes, outbox, sites
from parley.store.outbox import Message
from tests.mail.smtp import MailServer
from tests.mail.test_delivery import compose
from tests.server import MovableClock, Server
from tests.services.meetings import create


def config_of(database: str, folder: Path, **settings: Any) -> Config:
    """Settings for a database of the test's own; SQLite's is the one in the folder."""
    return Config(data=str(folder), database=database if "://" in database else None, **settings)


@pytest.fixture
async def application(database: str, tmp_path: Path) -> AsyncIterator[Application]:
    started = await Application.start(config_of(database, tmp_path), MovableClock())
    yield started
    await started.stop()


async def put(application: Application, site_id: int, *numbers: int, kind: str = "mail", ahead: int = 0) -> None:
    now = application.clock.now()
    changes = Changes()
    outbox.put(
        changes,
        [
            Message(site_id, each, kind, recipient="ann@example.com", created_at=now - 1, due_at=now + ahead)
            for each in numbers
        ],
    )
    await application.engine.commit(changes)


async def state(application: Application, site_id: int, number: int) -> str:
    found = await outbox.one(application.engine, site_id, number)
    return found.state if found else "gone"


async def test_mails_of_all_active_sites_are_kept_as_files(application: Application, tmp_path: Path) -> None:
    first, second = await create_site(application, "first"), await create_site(application, "second")
    off = await create_site(application, "off")
    changes = Changes()
    sites.update(changes, off, msgspec.structs.replace(off, active=False))
    demo = new_site("demo", DEMO_SITE_ID, application.clock.now())
    sites.create(changes, demo, [])
    await application.engine.commit(changes)
    for site_id in (first.site_id, second.site_id, off.site_id, DEMO_SITE_ID):
        await put(application, site_id, 1)
        await put(application, site_id, 2, ahead=60)
    office = PostOffice(application, compose=compose)
    assert office.outcomes() == {}
    assert await office.deliver_all() == 2
    assert office.outcomes()["sent"] == 2
    for site_id in (first.site_id, second.site_id):
        assert [await state(application, site_id, number) for number in (1, 2)] == ["sent", "waiting"]
    for site_id in (off.site_id, DEMO_SITE_ID):
        assert await state(application, site_id, 1) == "waiting"
    assert [file.suffix for file in (tmp_path / "mail").rglob("*") if file.is_file()] == [".eml"]


async def test_a_stop_waits_for_the_mail_that_is_on_its_way(application: Application) -> None:
    site = await create_site(application, "slow")
    await put(application, site.site_id, *range(30))
    begun = asyncio.Event()

    async def slow(message: Message) -> object:
        begun.set()
        await asyncio.sleep(0.2)
        return await compose(message)

    office = PostOffice(application, compose=slow)  # type: ignore[arg-type]  # what it gives is what compose gives
    office.start()
    await begun.wait()
    await office.stop()
    states = [await state(application, site.site_id, number) for number in range(30)]
    assert 0 < states.count("sent") < 30
    # Nothing is left taken: the next server has it at once.
    found = await outbox.due(application.engine, site.site_id, application.clock.now())
    assert len(found) == states.count("waiting")
    await office.stop()


async def test_old_messages_are_forgotten(application: Application) -> None:
    site = await create_site(application, "old")
    await put(application, site.site_id, 1)
    office = PostOffice(application, compose=compose)
    await office.deliver_all()
    assert isinstance(application.clock, MovableClock)
    application.clock.ahead += 91 * 86_400
    await put(application, site.site_id, 2)
    await office.deliver_all()
    assert [await state(application, site.site_id, number) for number in (1, 2)] == ["gone", "sent"]


async def test_the_rate_is_shared_by_the_processes_of_a_server(database: str, tmp_path: Path) -> None:
    application = await Application.start(config_of(database, tmp_path, mail_per_minute=10), MovableClock())
    try:
        site = await create_site(application, "busy")
        await put(application, site.site_id, *range(20))
        assert await PostOffice(application, processes=4, compose=compose).deliver_all() in (2, 4)  # a minute may end
    finally:
        await application.stop()


async def test_what_waits_for_a_reminder_becomes_reminders(application: Application) -> None:
    site = await create_site(application, "reminded")
    document = msgspec.json.encode(reminders.Moment(application.clock.now())).decode()
    changes = Changes()
    gone = Message(site.site_id, 1, reminders.WAITING, session_key=12345678901, document=document, created_at=1)
    notice = mails.Notice("Gone", "2027-01-01 10:00:00", 4, 30, 0, "0" * 32, starts_at=2**40)
    late = Message(
        site.site_id,
        2,
        "session.reminder",
        session_key=12345678901,
        recipient="ann@example.com",
        document=msgspec.json.encode(notice).decode(),
        created_at=1,
    )
    outbox.put(changes, [gone, late])
    await application.engine.commit(changes)
    office = PostOffice(application, compose=compose)
    assert await office.deliver_all() == 2
    assert office.outcomes()["dropped"] == 2
    assert [await state(application, site.site_id, number) for number in (1, 2)] == ["gone", "gone"]


def test_a_site_that_wants_no_reminders_sends_none(sqlite_server: Server) -> None:
    server = sqlite_server
    site = server.new_site(email_reminders=False)
    remind = {"enableReminder": True, "sendEmail": True, "minutesAhead": 60}
    create(site.client(), remind=remind, repeat={"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 2})
    engine = server.application.engine

    def waiting() -> list[Message]:
        found = server.run(outbox.waiting(engine, site.site_id))
        return [each for each in found if each.kind != "session.scheduled"]

    try:
        for left in (1, 1, 0):
            assert len(waiting()) == left
            assert {each.kind for each in waiting()} <= {reminders.WAITING}
            if left:
                server.clock.ahead = waiting()[0].due_at - int(time.time()) + 1
                server.run(PostOffice(server.application, compose=compose).deliver_all())
    finally:
        server.clock.ahead = 0


def test_a_server_delivers_and_tells_its_figures(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    with MailServer() as smtp:
        server = Server(None, tmp_path, mail_delivery=True, smtp=smtp.address).start()
        try:
            site = server.new_site()
            create(site.client())
            deadline = time.monotonic() + 30
            while not smtp.box.taken and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(smtp.box.taken) == 1
            time.sleep(0.1)
            text = httpx.get(f"{server.url}/metrics", timeout=60).text
            assert 'parley_mails_total{outcome="sent"} 1.0' in text
            assert "parley_mails_queued 0.0" in text
            assert "parley_mail_oldest_seconds 0.0" in text
        finally:
            server.stop()


def test_figures_tell_of_what_waits(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path).start()
    try:
        create(server.new_site().client())
        server.clock.ahead = 100
        text = httpx.get(f"{server.url}/metrics", timeout=60).text
        assert "parley_mails_queued 1.0" in text
        oldest = next(line for line in text.splitlines() if line.startswith("parley_mail_oldest_seconds "))
        assert 99 <= float(oldest.split()[1]) <= 130
    finally:
        server.stop()


_IDLE = """
import asyncio, sys
from parley.config import Config
from parley.web.app import ParleyApp

async def main():
    app = ParleyApp(Config(data=sys.argv[1]))
    await app.start()
    await asyncio.sleep(0.3)
    print(*({"jinja2", "icalendar", "babel", "aiosmtplib", "smtplib", "starlette"} & set(sys.modules)))
    await app.stop()

asyncio.run(main())
"""


def test_a_server_with_nothing_to_send_loads_nothing_for_it(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    command = [sys.executable, "-c", _IDLE, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "Mails are kept as files in /srv/parley/mail: no mail server is set (smtp)."),
        ({"smtp": "smtp://ann:secret@mail.example.com"}, "Mails go out through mail.example.com, port 587."),
        ({"mail_delivery": False}, "Mails wait for `parley mail deliver` (mail_delivery is off)."),
    ],
)
def test_what_the_start_says(settings: dict[str, str], line: str) -> None:
    assert delivery_line(Config(data="/srv/parley", **settings)) == line  # type: ignore[arg-type]


def test_whom_mails_come_from() -> None:
    site = new_site("acme", 1, 0)
    assert sender_of(Config(public_url="https://meet.example.com"), site) == ("acme", "parley@meet.example.com")
    assert sender_of(Config(public_url="https://{site}.example.com"), site)[1] == "parley@acme.example.com"
    assert sender_of(Config(mail_sender="post@example.com"), site) == ("acme", "post@example.com")
    site.settings = SiteSettings(mail_sender="acme@example.com", mail_sender_name="Acme Meetings")
    assert sender_of(Config(mail_sender="post@example.com"), site) == ("Acme Meetings", "acme@example.com")


@pytest.mark.parametrize(
    "values",
    [
        {"mail_sender": "nobody"},
        {"mail_sender": "a@b\r\nBcc: x@y"},
        {"mail_sender_name": "A\nB"},
        {"mail_sender_name": "x" * 65},
    ],
)
def test_senders_that_a_site_cannot_have(values: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values, SiteSettings)


def test_settings_are_shown_without_passwords() -> None:
    config = Config(smtp="smtp://ann:se%2Fcret@mail.example.com", database="postgresql://parley:hidden@db/parley")
    for text in (repr(config), str(config.__rich_repr__())):
        assert "se%2Fcret" not in text
        assert "hidden" not in text
        assert "mail.example.com" in text
