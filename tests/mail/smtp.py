"""A real SMTP server inside of the test, which answers as it is told."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """The handler of the SMTP server: answers as told, keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answers: list[str] = []
        self.recipient_answers: list[str] = []
        self.sender_answers: list[str] = []
        self.seconds = 0.0

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answers:
            return self.sender_answers.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answers and (answer := self.recipient_answers.pop(0)) != "250":
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.seconds)
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == "cut":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        elif answer.startswith("250"):
            self.taken.append(envelope)
        return answer


class MailServer:
    """The server on a port of its own; `options` are those of aiosmtpd."""

    def __init__(self, box: Mailbox | None = None, **options: Any) -> None:
        self.box = box or Mailbox()
        with socket.socket() as probe:  # the controller cannot do with a port that the system chooses
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.controller = Controller(self.box, hostname="127.0.0.1", port=self.port, **options)

    def __enter__(self) -> MailServer:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none"
