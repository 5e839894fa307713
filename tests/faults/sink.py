"""The process of `parts.MailSink`: takes every mail, and writes a line for each before it says so."""

from __future__ import annotations

import asyncio
import email
import json
import sys
from pathlib import Path
from typing import IO

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """The handler."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        head = email.message_from_bytes(envelope.content.partition(b"\r\n\r\n")[0])
        about = {"id": head["Message-ID"], "to": envelope.rcpt_tos[0], "subject": head["Subject"]}
        self._lines.write(json.dumps(about) + "\n")
        self._lines.flush()
        return "250 taken"


async def _serve(port: int, path: Path) -> None:
    with path.open("a", encoding="utf-8") as lines:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(Sink(lines)), "127.0.0.1", port)
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
