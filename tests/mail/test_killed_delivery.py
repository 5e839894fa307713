"""A server that is killed in the middle of delivering loses no mail, and sends none twice without its old Message-ID.

Several of them share a database. They are killed one after the other, again and again, while they send to a mail server
that refuses, hangs up, is slow, and takes mails without saying so.
"""

from __future__ import annotations

import asyncio
import email
import random
import re
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from parley.config import Config
from parley.mail.post import PostOffice
from parley.services.application import Application
from parley.store import Changes, outbox
from tests.client import xml_of
from tests.killed import HOST_EMAIL, SITE, host, make_site
from tests.mail.smtp import Mailbox, MailServer
from tests.nursery import Nursery
from tests.processes import ServerProcess
from tests.server import MovableClock
from tests.services.meetings import attendee, meeting

#: For each kind of database.
KILLS = 25
#: So many servers run at a time.
TOGETHER = 5
#: A server is killed so long after the first mail of its time, or after the one that was killed before it, in seconds.
_KILLED = (0.0, 0.15)
_ANSWERS = ["250 taken"] * 12 + ["451 later", "421 closing", "cut", "taken and cut", "slow", "554 never"]


class Faulty(Mailbox):
    """A mailbox that fails in all ways, as often as not after it has taken the mail."""

    def __init__(self) -> None:
        super().__init__()
        self.random = random.Random(7)
        self.good = False
        self.seen = threading.Event()

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.seen.set()
        answer = "250 taken" if self.good else self.random.choice(_ANSWERS)
        if answer == "slow":
            await asyncio.sleep(0.1)
            answer = "250 taken"
        if answer.startswith(("250", "taken")):
            self.taken.append(envelope)
        if answer.endswith("cut"):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


def _schedule(port: int, mark: str, made: dict[str, list[str]]) -> None:
    """Schedule meetings with people who are invited until the server is gone; keeps what a SUCCESS was for."""
    client = host()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http, suppress(httpx.HTTPError):
        for number in range(2):
            people = [f"{mark}-{number}-{each}@people.example" for each in range(3)]
            values: dict[str, Any] = meeting(
                f"{mark}-{number}",
                participants={"attendees": {"attendee": [attendee(each) for each in people]}},
                attendeeOptions={"emailInvitations": True},
            )
            text = http.post(
                "/WBXService/XMLService", content=client.document("meeting.CreateMeeting", xml_of(values)).encode()
            ).text
            found = re.search(r"<meet:meetingkey>(\d+)<", text)
            assert found is not None, text
            made[found[1]] = [*people, HOST_EMAIL]


async def _deliver_the_rest(data: Path, database: str | None, smtp: str) -> tuple[list[outbox.Message], int]:
    """Deliver until nothing waits, as time goes by; what was refused for ever is tried once more.

    Returns all rows of the outbox, and how many of them had been refused.
    """
    clock = MovableClock()
    config = Config(data=str(data), database=database, smtp=smtp)
    application = await Application.start(config, clock)
    try:
        engine = application.engine
        (site_id,) = [each.site_id for each in await _sites(application) if each.name == SITE]
        refused = await outbox.newest(engine, site_id, state="failed", maximum=10_000)
        changes = Changes()
        for each in refused:
            outbox.again(changes, site_id, each.outbox_id, clock.now())
        await engine.commit(changes)
        while await outbox.next_due(engine, site_id, 2**40) is not None:
            clock.ahead += 200
            await PostOffice(application).deliver_all()
        return await outbox.newest(engine, site_id, maximum=100_000), len(refused)
    finally:
        await application.stop()


async def _sites(application: Application) -> list[Any]:
    from parley.store import sites

    return await sites.all_sites(application.engine)


def _mails(box: Mailbox) -> list[tuple[str, str, str]]:
    """Message-ID, recipient and subject of everything that the mail server took."""
    found = []
    for envelope in box.taken:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content)
        (recipient,) = envelope.rcpt_tos
        found.append((mail["Message-ID"], recipient, mail["Subject"]))
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_killed_server_loses_no_mail(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address: str = request.getfixturevalue(f"{kind}_database")
    database = address if kind == "postgres" else None
    asyncio.run(make_site(tmp_path, database))
    made: dict[str, list[str]] = {}
    box = Faulty()
    chance = random.Random(11)
    with MailServer(box) as smtp, Nursery() as nursery:
        for round_number in range(KILLS // TOGETHER):
            servers = [
                ServerProcess(tmp_path, database, nursery=nursery, smtp=smtp.address, mail_delivery=True)
                for _ in range(TOGETHER)
            ]
            box.seen.clear()
            writers = [
                threading.Thread(target=_schedule, args=(server.port, f"m{round_number}-{place}", made))
                for place, server in enumerate(servers)
            ]
            for writer in writers:
                writer.start()
            assert box.seen.wait(30), servers[0].log.read_text()
            for server in servers:
                time.sleep(chance.uniform(*_KILLED))
                server.kill()
            for writer in writers:
                writer.join(40)
                assert not writer.is_alive()
            assert servers[0].errors() == []  # the log is that of all
        in_between = len(box.taken)
        box.good = True
        rows, refused = asyncio.run(_deliver_the_rest(tmp_path, database, smtp.address))
    mails = _mails(box)
    assert {row.state for row in rows} == {"sent"}
    # Every row went out, under a Message-ID of its own, and to its own recipient only.
    by_id: dict[str, set[tuple[str, str]]] = {}
    for message_id, recipient, subject in mails:
        by_id.setdefault(message_id, set()).add((recipient, subject))
    assert len(by_id) == len(rows)
    assert all(len(each) == 1 for each in by_id.values())
    assert Counter(row.recipient for row in rows) == Counter(next(iter(each))[0] for each in by_id.values())
    # What was answered with SUCCESS told everybody.
    told = Counter((row.session_key, row.recipient) for row in rows)
    for key, people in made.items():
        assert all(told[int(key), each] == 1 for each in people)
    # The test is worth something only if the kills and the refusals hit.
    assert in_between > KILLS
    assert refused
    assert len(mails) > len(rows)
    assert max(row.attempts for row in rows) > 1
