"""The outbox is delivered: to a real SMTP server that fails in all the ways there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from parley.domain.user import User
from parley.mail.delivery import Composed, Deliverer, part_of_rest, pause_after
from parley.mail.transports import FileTransport, MailAddressError, NotSent, SmtpServer, SmtpTransport
from parley.store import Changes, Engine, outbox
from parley.store.outbox import Message
from tests.mail.smtp import MailServer

START = 1_800_000_000


class SettableClock:
    """A clock that only moves when it is told to."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def now_ms(self) -> int:
        return self._now * 1000

    def advance(self, seconds: int) -> None:
        self._now += seconds


async def compose(message: Message) -> Composed | None:
    if message.kind == "gone":
        return None
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["From"] = f"Mail {message.outbox_id}", message.recipient, "parley@example.com"
    mail["Message-ID"] = f"<{message.outbox_id}@example.com>"
    mail["X-Parley-Site"] = "demo"
    mail.set_content("Grüße\n")
    following = (Message(message.site_id, 99, "mail", created_at=START),) if message.kind == "chain" else ()
    return Composed(mail, "parley@example.com", message.recipient or "nobody@example.com", following)


class Post:
    """A deliverer, its clock and its mail server."""

    def __init__(self, engine: Engine, site_id: int, server: MailServer, **options: Any) -> None:
        self.engine, self.site_id, self.server = engine, site_id, server
        self.clock = SettableClock(START)
        self.transport = SmtpTransport(SmtpServer.parse(server.address), timeout=options.pop("timeout", 5))
        self.deliverer = Deliverer(engine, self.clock, self.transport, compose, **options)

    async def put(self, number: int = 1, kind: str = "mail", **more: Any) -> None:
        changes = Changes()
        message = Message(self.site_id, number, kind, recipient="ann@example.com", created_at=START, **more)
        outbox.put(changes, [message])
        await self.engine.commit(changes)

    async def row(self, number: int = 1) -> Message:
        found = await outbox.one(self.engine, self.site_id, number)
        assert found is not None
        return found

    @property
    def subjects(self) -> list[str]:
        found = []
        for each in self.server.box.taken:
            content = each.content if isinstance(each.content, bytes) else str(each.content).encode()
            found += [line[9:].decode() for line in content.splitlines() if line.startswith(b"Subject: ")]
        return found


@pytest.fixture
async def post(engine: Engine, host: User) -> AsyncIterator[Post]:
    with MailServer() as server:
        made = Post(engine, host.site_id, server)
        yield made
        await made.transport.close()


async def test_what_is_due_is_sent_once(post: Post) -> None:
    await post.put(1)
    await post.put(2)
    await post.put(3, due_at=START + 60)
    assert await post.deliverer.deliver_due() == 2
    assert sorted(post.subjects) == ["Mail 1", "Mail 2"]
    row = await post.row()
    assert (row.state, row.sent_at, row.note) == ("sent", START, "taken")
    assert await post.deliverer.deliver_due() == 0
    post.clock.advance(60)
    assert await post.deliverer.deliver_due() == 1
    assert post.subjects[2:] == ["Mail 3"]


async def test_a_made_up_password_is_not_kept_once_it_was_sent(post: Post) -> None:
    await post.put(1, document='{"web_ex_id":"ann","password":"made-up-1","token":"t"}')
    await post.deliverer.deliver_due()
    assert (await post.row()).document == '{"web_ex_id":"ann"}'


async def test_many_processes_send_a_mail_once(engine: Engine, host: User) -> None:
    with MailServer() as server:
        posts = [Post(engine, host.site_id, server) for _ in range(6)]
        for number in range(30):
            await posts[0].put(number)
        await asyncio.gather(*(each.deliverer.deliver_due() for each in posts))
        assert sorted(posts[0].subjects) == sorted(f"Mail {number}" for number in range(30))
        for each in posts:
            await each.transport.close()


async def test_connections_are_used_again(post: Post) -> None:
    for number in range(40):
        await post.put(number)
    await post.deliverer.deliver_due()
    assert len({id(each) for each in post.server.box.taken}) == 40
    assert 1 <= len(post.transport._idle) <= 8


@pytest.mark.parametrize("answer", ["451 try later", "421 closing", "cut", "552 too much"])
async def test_a_mail_that_was_not_taken(post: Post, answer: str) -> None:
    post.server.box.answers = [answer]
    await post.put()
    assert await post.deliverer.deliver_due() == 1
    row = await post.row()
    if answer.startswith("5"):
        assert (row.state, row.note) == ("failed", "552 too much")
        post.clock.advance(10**6)
        assert await post.deliverer.deliver_due() == 0
        return
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.note
    assert START + 30 <= row.due_at <= START + 33
    assert await post.deliverer.deliver_due() == 0
    post.clock.advance(40)
    assert await post.deliverer.deliver_due() == 1
    assert (await post.row()).state == "sent"
    assert post.subjects == ["Mail 1"]


@pytest.mark.parametrize(("answer", "state"), [("550 nobody here", "failed"), ("450 greylisted", "waiting")])
async def test_a_recipient_who_is_refused(post: Post, answer: str, state: str) -> None:
    post.server.box.recipient_answers = [answer]
    await post.put(1)
    await post.put(2)
    await post.deliverer.deliver_due()
    states = sorted([(await post.row(1)).state, (await post.row(2)).state])
    assert states == sorted([state, "sent"])


@pytest.mark.parametrize("answer", ["550 not from you", "530 login first"])
async def test_a_sender_who_is_refused_is_tried_again_since_all_mails_have_him(post: Post, answer: str) -> None:
    post.server.box.sender_answers = [answer]
    await post.put()
    await post.deliverer.deliver_due()
    row = await post.row()
    assert (row.state, row.note) == ("waiting", answer)


async def test_a_server_that_turns_everybody_away_is_tried_again(engine: Engine, host: User) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service here\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        transport = SmtpTransport(SmtpServer("127.0.0.1", port, "none"))
        deliverer = Deliverer(engine, SettableClock(START), transport, compose)
        changes = Changes()
        outbox.put(changes, [Message(host.site_id, 1, "mail", recipient="ann@example.com", created_at=START)])
        await engine.commit(changes)
        await deliverer.deliver_due()
        await transport.close()
    found = await outbox.one(engine, host.site_id, 1)
    assert found is not None
    assert (found.state, found.note) == ("waiting", "554 no service here")


async def test_a_slow_server_does_not_hold_the_mail_for_ever(engine: Engine, host: User) -> None:
    with MailServer() as server:
        post = Post(engine, host.site_id, server, timeout=0.2)
        server.box.seconds = 1.0
        await post.put()
        await post.deliverer.deliver_due()
        assert (await post.row()).state == "waiting"
        server.box.seconds = 0.0
        post.clock.advance(60)
        await post.deliverer.deliver_due()
        assert (await post.row()).state == "sent"
        await post.transport.close()


async def test_a_server_that_is_not_there_is_tried_until_given_up(engine: Engine, host: User) -> None:
    with MailServer() as server:
        gone = server.address
    clock = SettableClock(START)
    transport = SmtpTransport(SmtpServer.parse(gone), timeout=2)
    deliverer = Deliverer(engine, clock, transport, compose, give_up_seconds=3600)
    changes = Changes()
    outbox.put(changes, [Message(host.site_id, 1, "mail", recipient="ann@example.com", created_at=START)])
    await engine.commit(changes)
    tries = 0
    while (row := await outbox.one(engine, host.site_id, 1)) is not None and row.state == "waiting":
        tries += await deliverer.deliver_due()
        clock.advance(60)
    assert row is not None
    assert row.state == "failed"
    assert row.note is not None
    assert tries == 7  # 30 + 60 + ... + 1920 seconds is the last pause within the hour
    assert clock.now() - START < 2 * 3600


async def test_what_a_dead_process_had_is_sent_by_another(post: Post) -> None:
    await post.put()
    changes = Changes()
    outbox.take(changes, await post.row(), START, START + 180)
    await post.engine.commit(changes)
    assert await post.deliverer.deliver_due() == 0
    post.clock.advance(180)
    assert await post.deliverer.deliver_due() == 1
    assert post.subjects == ["Mail 1"]


async def test_a_mail_whose_occasion_is_gone_is_dropped(post: Post) -> None:
    await post.put(kind="gone")
    assert await post.deliverer.deliver_due() == 1
    assert await outbox.one(post.engine, post.site_id, 1) is None
    assert post.subjects == []


async def test_what_follows_is_written_with_the_end_of_the_first(post: Post) -> None:
    await post.put(kind="chain")
    await post.deliverer.deliver_due()
    assert (await post.row(99)).state == "waiting"


async def test_a_mail_that_cannot_be_made_does_not_stop_the_others(engine: Engine, host: User) -> None:
    async def broken(message: Message) -> Composed | None:
        if message.outbox_id == 1:
            raise KeyError("name")
        return await compose(message)

    with MailServer() as server:
        post = Post(engine, host.site_id, server)
        deliverer = Deliverer(engine, post.clock, post.transport, broken)
        await post.put(1)
        await post.put(2)
        await deliverer.deliver_due()
        assert (await post.row(1)).note == "cannot be made: KeyError"
        assert (await post.row(2)).state == "sent"
        await post.transport.close()


async def test_no_more_mails_a_minute_than_allowed(engine: Engine, host: User) -> None:
    with MailServer() as server:
        post = Post(engine, host.site_id, server, per_minute=3)
        for number in range(7):
            await post.put(number)
        sent = []
        for _ in range(4):
            sent.append(await post.deliverer.deliver_due())
            post.clock.advance(60)
        assert sent == [3, 3, 1, 0]
        await post.transport.close()


async def test_login_and_its_refusal(engine: Engine, host: User) -> None:
    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == b"se/cret"
        return AuthResult(success=good, handled=False)

    options: dict[str, Any] = {"authenticator": authenticate, "auth_require_tls": False}
    with MailServer(**options) as server:
        mail = (await compose(Message(1, 1, "mail", recipient="ann@example.com"))) or pytest.fail("nothing composed")
        for password, good in (("se%2Fcret", True), ("wrong", False)):
            address = f"smtp://parley:{password}@127.0.0.1:{server.port}?tls=none"
            transport = SmtpTransport(SmtpServer.parse(address), timeout=5)
            if good:
                await transport.send(mail.mail, mail.sender, mail.recipient)
            else:
                with pytest.raises(NotSent) as found:
                    await transport.send(mail.mail, mail.sender, mail.recipient)
                assert not found.value.permanent
                assert found.value.note.startswith("535")
            await transport.close()
        assert len(server.box.taken) == 1


async def test_a_server_without_encryption_is_not_used_where_it_is_required(post: Post) -> None:
    transport = SmtpTransport(SmtpServer.parse(f"smtp://127.0.0.1:{post.server.port}?tls=required"), timeout=5)
    mail = (await compose(Message(1, 1, "mail", recipient="ann@example.com"))) or pytest.fail("nothing composed")
    with pytest.raises(NotSent) as found:
        await transport.send(mail.mail, mail.sender, mail.recipient)
    assert not found.value.permanent
    assert post.server.box.taken == []


async def test_mails_are_files_where_there_is_no_server(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path / "mail")
    mail = (await compose(Message(1, 7, "mail", recipient="ann@example.com"))) or pytest.fail("nothing composed")
    for _ in range(2):
        assert await transport.send(mail.mail, mail.sender, mail.recipient) == "kept as demo/7-example.com.eml"
    (file,) = (tmp_path / "mail" / "demo").iterdir()
    assert b"Subject: Mail 7" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 25, "opportunistic")),
        ("smtp://u%40x:p%2F@mail.example.com", SmtpServer("mail.example.com", 587, "required", "u@x", "p/")),
        ("smtps://mail.example.com", SmtpServer("mail.example.com", 465, "implicit")),
        ("smtp://[::1]:2525?tls=none", SmtpServer("::1", 2525, "none")),
    ],
)
def test_addresses_of_mail_servers(address: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(address) == server


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://x:70000",
        "smtp://x?tls=maybe",
        "smtp://x/p",
    ],
)
def test_what_is_no_address_of_a_mail_server(address: str) -> None:
    with pytest.raises(MailAddressError):
        SmtpServer.parse(address)


def test_rests_become_shorter_as_mails_become_late() -> None:
    parts = [part_of_rest(late) for late in (-5, 0, 30, 60, 119, 120, 10**6)]
    assert parts == sorted(parts, reverse=True)
    assert (parts[0], parts[1], parts[3], parts[-2], parts[-1]) == (1, 1, 0.5, 0, 0)


def test_pauses_grow_to_hours() -> None:
    pauses = [pause_after(number) for number in range(1, 15)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1], pause_after(10**6)) == (30, 4 * 3600, 4 * 3600)
