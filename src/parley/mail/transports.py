"""Ways for a mail to leave: a mail server, or files in the data folder where no server is named."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import time
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    import aiosmtplib

#: Names the site of a mail.
SITE_HEADER: Final = "X-Parley-Site"

_TIMEOUT: Final = 30.0
#: Servers close connections that nobody uses, after five minutes at the earliest (RFC 5321, 4.5.3.2.7).
_IDLE_SECONDS: Final = 60.0
#: What this machine trusts is read again after so long.
_TRUSTED_SECONDS: Final = 600.0
_PERMANENT: Final = 500
_TOO_LARGE: Final = 552
#: Answers to the login are about the settings, not about the mail.
_LOGIN_CODES: Final = frozenset({530, 534, 535, 538})
_LONGEST_NOTE: Final = 300

Tls = Literal["required", "opportunistic", "none", "implicit"]


class MailAddressError(ValueError):
    """An address of a mail server that cannot be used; the message is one line."""


class NotSent(Exception):
    """A mail was not taken.

    Args:
        note: what was answered, one line.
        permanent: it never will be.
    """

    def __init__(self, note: str, *, permanent: bool) -> None:
        super().__init__(note)
        self.note = one_line(note)
        self.permanent = permanent


class SmtpServer(msgspec.Struct, frozen=True):
    """A mail server. `tls`: `implicit` from the first byte, `required` by STARTTLS, `opportunistic` when offered."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, address: str) -> SmtpServer:
        """Read `smtp://user:password@host:port?tls=required` or `smtps://...`.

        Without `tls`, STARTTLS is required where there is a login, and used when offered elsewhere.

        Raises:
            MailAddressError: it is no such address.
        """
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            raise MailAddressError("the address of the mail server cannot be read") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
            raise MailAddressError("the address of the mail server must look like smtp://user:password@host:587")
        options = dict(parse_qsl(parts.query))
        tls = options.pop("tls", None)
        if options or tls not in (None, "required", "opportunistic", "none"):
            raise MailAddressError("the address of the mail server takes tls=required, tls=opportunistic or tls=none")
        if parts.scheme == "smtps":
            tls = "implicit"
        user = unquote(parts.username) if parts.username else None
        chosen: Tls = tls or ("required" if user else "opportunistic")  # type: ignore[assignment]  # checked above
        usual = 465 if chosen == "implicit" else 587 if user else 25
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, port or usual, chosen, user, password)


class Transport(Protocol):
    """A way for mails to leave."""

    async def send(self, mail: EmailMessage, sender: str, recipient: str) -> str:
        """Hand a mail over; returns what to note of it.

        Raises:
            NotSent: it was not taken.
        """

    async def close(self) -> None:
        """Let go of connections."""


class FileTransport:
    """Keeps mails as files that every mail reader opens: DATA/mail/SITE/NAME.eml."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: EmailMessage, sender: str, recipient: str) -> str:
        """Write the mail; a file is there as a whole or not at all."""
        try:
            path = await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise NotSent(f"cannot write to the data folder: {error.strerror}", permanent=False) from None
        return f"kept as {path}"

    def _write(self, mail: EmailMessage) -> str:
        folder = self._folder / str(mail[SITE_HEADER] or "site")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = "".join(c if c.isalnum() or c in "-." else "-" for c in str(mail["Message-ID"]).strip("<>"))
        path, part = folder / f"{name}.eml", folder / f".{name}.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(mail.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return f"{folder.name}/{path.name}"

    async def close(self) -> None:
        """Nothing is open."""


class SmtpTransport:
    """Sends mails to a mail server over a few connections that are kept while there is something to send."""

    def __init__(self, server: SmtpServer, *, local_name: str | None = None, timeout: float = _TIMEOUT) -> None:
        self._server = server
        self._local_name = local_name
        self._timeout = timeout
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []
        self._tls: tuple[ssl.SSLContext, float] | None = None
        self._reading = asyncio.Lock()

    async def send(self, mail: EmailMessage, sender: str, recipient: str) -> str:
        """Send a mail; the note is the server's answer."""
        import aiosmtplib

        client = None
        # Not send_message: it would write the headers anew, by other rules than the mail's own.
        options = [] if f"{sender}{recipient}".isascii() else ["SMTPUTF8"]
        try:
            client = await self._connected()
            refused, answer = await client.sendmail(sender, [recipient], mail.as_bytes(), mail_options=options)
        except aiosmtplib.SMTPRecipientsRefused as error:
            first = error.recipients[0]
            await self._keep(client)
            raise _not_sent(first.code, first.message) from None
        except aiosmtplib.SMTPSenderRefused as error:
            await self._drop(client)
            # The same for all mails, so it is the settings that have to change; unless it is what this mail asks for.
            permanent = bool(options) or error.code == _TOO_LARGE
            raise NotSent(f"{error.code} {error.message}", permanent=permanent) from None
        except aiosmtplib.SMTPResponseException as error:
            await self._drop(client)
            raise _not_sent(error.code, error.message) from None
        except (TimeoutError, aiosmtplib.SMTPException, OSError, ValueError) as error:
            await self._drop(client)
            raise NotSent(f"{self._server.host}: {error}", permanent=False) from None
        except BaseException:
            await self._drop(client)
            raise
        await self._keep(client)
        if refused:
            code, text = next(iter(refused.values()))
            raise _not_sent(code, text)
        return one_line(answer)

    async def _connected(self) -> aiosmtplib.SMTP:
        """A connection; what a server answers before it knows of the mail is not about the mail."""
        import aiosmtplib

        try:
            return await self._client()
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"{error.code} {error.message}", permanent=False) from None

    async def _client(self) -> aiosmtplib.SMTP:
        import aiosmtplib

        while self._idle:
            client, since = self._idle.pop()
            if time.monotonic() - since < _IDLE_SECONDS and client.is_connected:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await client.rset()
                    return client
            await self._drop(client)
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "implicit",
            start_tls={"required": True, "none": False, "opportunistic": None, "implicit": False}[server.tls],
            tls_context=await self._context(),
            username=server.user,
            password=server.password,
            local_hostname=self._local_name,
            timeout=self._timeout,
        )
        await client.connect()
        return client

    async def _context(self) -> ssl.SSLContext | None:
        """What encrypts the connections: made once, since reading what this machine trusts takes long."""
        if self._server.tls == "none":
            return None
        async with self._reading:  # connections are made some at once, and one reads for all
            if self._tls is None or time.monotonic() - self._tls[1] > _TRUSTED_SECONDS:
                # Where encryption is only taken as offered, one with an unknown name is still better than none.
                make = _unchecked if self._server.tls == "opportunistic" else ssl.create_default_context
                self._tls = (await asyncio.to_thread(make), time.monotonic())
            return self._tls[0]

    async def _keep(self, client: aiosmtplib.SMTP | None) -> None:
        if client is not None and client.is_connected:
            self._idle.append((client, time.monotonic()))

    async def _drop(self, client: aiosmtplib.SMTP | None) -> None:
        if client is not None:
            client.close()

    async def close(self) -> None:
        """Say good-bye on the connections that are open."""
        import aiosmtplib

        while self._idle:
            client, _ = self._idle.pop()
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, asyncio.TimeoutError):
                await client.quit(timeout=2)
            client.close()


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _not_sent(code: int, text: str) -> NotSent:
    permanent = code >= _PERMANENT and code not in _LOGIN_CODES
    return NotSent(f"{code} {text}", permanent=permanent)


def one_line(text: str) -> str:
    """A server's answer as one short line."""
    return " ".join(text.split())[:_LONGEST_NOTE]
