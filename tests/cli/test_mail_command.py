"""`parley mail`: looking at the outbox, sending again, delivering in a process of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from parley.cli import app
from parley.config import Config
from parley.services.application import Application
from parley.store import Changes, outbox, sites
from parley.store.outbox import Message
from tests.cli.test_commands import data, parley
from tests.mail.smtp import MailServer

PASSWORD = "Kp7-mistral-Q"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what the command does to the process's logging: its standard error is gone after it."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configured)


@pytest.fixture
def made(tmp_path: Path) -> list[str]:
    """The options that name a data folder with the site acme and one mail to its new administrator."""
    where = data(tmp_path)
    parley("site", "create", "acme", *where)
    asyncio.run(_put(tmp_path))
    return where


async def _put(folder: Path) -> None:
    application = await Application.start(Config(data=str(folder)))
    try:
        (site,) = await sites.all_sites(application.engine)
        now = application.clock.now()
        document = '{"user_id":1,"web_ex_id":"ann","first_name":"Ann","last_name":"Admin","password":"made-up-1"}'
        changes = Changes()
        rows = [
            Message(site.site_id, 7, "user.welcome", None, "ann@example.com", document, now - 5),
            Message(
                site.site_id, 8, "user.welcome", None, "ben@example.com", "{}", now - 3, failed_at=now, note="550 no"
            ),
            Message(
                site.site_id, 9, "user.welcome", None, "cat@example.com", "{}", now - 4, sent_at=now, note="250 ok"
            ),
        ]
        outbox.put(changes, rows)
        await application.engine.commit(changes)
    finally:
        await application.stop()


def listed(where: list[str], *more: str) -> dict[int, str]:
    found = json.loads(parley("mail", "list", "acme", "--json", *more, *where))
    return {each["number"]: each["state"] for each in found}


def failing(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code != 0
    return result.stderr


def test_the_outbox_is_listed_newest_first(made: list[str]) -> None:
    assert list(listed(made).items()) == [(8, "failed"), (9, "sent"), (7, "waiting")]
    assert listed(made, "--state", "sent") == {9: "sent"}
    assert listed(made, "--limit", "1") == {8: "failed"}
    lines = parley("mail", "list", "acme", *made).splitlines()
    assert lines[0].split("\t")[:4] == ["8", "failed", "user.welcome", "ben@example.com"]
    assert lines[0].endswith("550 no")


def test_a_message_is_shown_without_its_secrets(made: list[str]) -> None:
    text = parley("mail", "show", "acme", "7", *made)
    assert "ann@example.com" in text
    assert "made-up-1" not in text
    shown = json.loads(parley("mail", "show", "acme", "7", "--json", *made))
    assert shown["document"]["password"] == "***"
    assert "has no message 4711" in failing("mail", "show", "acme", "4711", *made)
    assert "has no message" in failing("mail", "show", "acme", str(2**70), *made)
    assert "there is no site" in failing("mail", "list", "other", *made)


def test_messages_are_sent_again(made: list[str]) -> None:
    assert "1 message to be sent again" in parley("mail", "retry", "acme", "--failed", *made)
    assert listed(made)[8] == "waiting"
    assert "unknown or sent already: 9, 4711" in failing("mail", "retry", "acme", "7", "9", "4711", *made)
    assert "say the numbers" in failing("mail", "retry", "acme", *made)
    assert "0 messages" in parley("mail", "retry", "acme", "--failed", *made)
    assert "mail_sent_again" in parley("site", "show", "acme", "--audit", *made)


def test_mails_are_previewed(made: list[str], tmp_path: Path) -> None:
    names = parley("mail", "preview", *made).split()
    assert "session.invitation" in names or "session_invitation" in names
    file = tmp_path / "mail.html"
    english = parley("mail", "preview", names[-1], "--html", str(file), *made)
    assert "Subject: " in english
    assert "<html" in file.read_text()
    german = parley("mail", "preview", names[-1], "--language", "de", "--site", "acme", *made)
    assert german.splitlines()[-2:] != english.splitlines()[-2:]
    assert "there is no mail" in failing("mail", "preview", "nothing", *made)
    assert "not written in a language" in failing("mail", "preview", names[0], "--language", "xx", *made)


def test_what_is_due_is_delivered_once(made: list[str], tmp_path: Path) -> None:
    # The account of the example is gone, so nothing is left to tell.
    result = CliRunner().invoke(app, ["mail", "deliver", "--once", *made])
    assert result.exit_code == 0, result.output
    assert f"Mails are kept as files in {tmp_path / 'mail'}" in result.stderr
    assert "mails: 1 dropped" in result.stdout
    assert 7 not in listed(made)
    assert "none was due" in parley("mail", "deliver", "--once", *made)


def test_delivery_as_a_process_of_its_own(made: list[str], tmp_path: Path) -> None:
    parley("user", "create", "acme", "ann", "--email", "ann@example.com", "--first-name", "Ann", "--last-name", "A",
           "--password", PASSWORD, *made)  # fmt: skip
    asyncio.run(_welcome(tmp_path))
    with MailServer() as smtp:
        environment = {"PATH": "/usr/bin:/bin", "PARLEY_SMTP": smtp.address, "PARLEY_MAIL_DELIVERY": "false"}
        process = subprocess.Popen(
            [sys.executable, "-c", "from parley.cli import main; main()", "mail", "deliver", "--data", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        try:
            deadline = time.monotonic() + 30
            while not smtp.box.taken:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            output, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert "Mails go out through 127.0.0.1" in errors
    assert "1 sent" in output


async def _welcome(folder: Path) -> None:
    from parley.services import account_notices as notices
    from parley.store import users

    application = await Application.start(Config(data=str(folder)))
    try:
        (site,) = await sites.all_sites(application.engine)
        user = await users.by_web_ex_id(application.engine, site.site_id, "ann")
        assert user is not None
        changes = Changes()
        notices.welcome(changes, user, application.clock.now(), language_id=1, html=True)
        await application.engine.commit(changes)
    finally:
        await application.stop()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PARLEY_SMTP", "mail.example.com", "smtp: the address of the mail server must look like"),
        ("PARLEY_SMTP", "smtp://u:topsecret@x:99999", "smtp: the address of the mail server cannot be read"),
        ("PARLEY_MAIL_SENDER", "nobody", "mail_sender is no e-mail address"),
        ("PARLEY_MAIL_PER_MINUTE", "-1", "setting not understood"),
        ("PARLEY_MAIL_GIVE_UP_HOURS", "0", "setting not understood"),
    ],
)
def test_settings_that_cannot_be_used(
    made: list[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    text = failing("mail", "deliver", "--once", *made)
    assert reason in text
    assert "topsecret" not in text
    assert len(text.splitlines()) == 1


def test_a_site_has_a_sender_of_its_own(made: list[str]) -> None:
    assert "changed: mail_sender" in parley("site", "set", "acme", "mail_sender=acme@example.com", *made)
    assert "does not fit" in failing("site", "set", "acme", "mail_sender=nobody", *made)
    assert "does not fit" in failing("site", "set", "acme", f"mail_sender_name={'x' * 65}", *made)
