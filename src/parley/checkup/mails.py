"""The mail server, up to the login; nothing is sent. And what other mail servers find of the sender's domain."""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import urlsplit

from parley.checkup.findings import Area, Report, Setup, reason
from parley.checkup.names import NoAnswer, lookup
from parley.mail.transports import MailAddressError, SmtpServer


async def mail_server(setup: Setup, report: Report) -> None:
    """Whether it takes a connection, encryption and the login."""
    config = setup.config
    if config.smtp is None:
        report.warn("smtp", "no mail server is set, so mails are kept as files and nobody gets them", "set smtp")
        return
    try:
        server = SmtpServer.parse(config.smtp)
    except MailAddressError as error:
        report.fail("smtp", reason(error), "see docs/mail.md")
        return
    await _connect(server, setup, report)
    if not config.mail_delivery:
        report.warn("delivery", "the server delivers no mails itself", "let `parley mail deliver` run, or switch it on")


async def _connect(server: SmtpServer, setup: Setup, report: Report) -> None:
    import aiosmtplib

    where = f"{server.host}, port {server.port}"
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls == "implicit",
        start_tls=False,
        timeout=max(1.0, setup.seconds - 2),
        tls_context=ssl.create_default_context(),
    )
    try:
        await client.connect()
    except ssl.SSLError as error:
        report.fail("smtp", f"{where}: {_of_tls(error)}", _MEND_TLS)
        return
    except (OSError, TimeoutError, aiosmtplib.SMTPException) as error:
        report.fail("smtp", f"{where}: {reason(error)}", "see whether host, port and the firewall are right")
        return
    try:
        report.ok("smtp", f"{where} answers")
        await client.ehlo()
        if server.tls in ("required", "opportunistic") and not await _encrypt(client, server, report):
            return
        await _sign_in(client, server, report)
    except (OSError, TimeoutError, aiosmtplib.SMTPException) as error:
        report.fail("smtp", f"{where}: {reason(error)}", "see the mail server's log")
    finally:
        client.close()


_MEND_TLS: Final = "let the mail server show a certificate of an authority that this machine trusts, for that host name"


async def _encrypt(client: object, server: SmtpServer, report: Report) -> bool:
    import aiosmtplib

    assert isinstance(client, aiosmtplib.SMTP)  # noqa: S101  # for the types: the library comes when it is needed
    offered = client.supports_extension("starttls")
    if not offered and server.tls == "required":
        report.fail("starttls", "it is not offered, and the settings ask for it", "use smtps://, or add ?tls=none")
        return False
    if not offered:
        report.warn("starttls", "it is not offered: mails go out as they are", "use a mail server that encrypts")
        return True
    try:
        await client.starttls(tls_context=ssl.create_default_context())
        await client.ehlo()
    except ssl.SSLError as error:
        if server.tls == "required":
            report.fail("starttls", _of_tls(error), _MEND_TLS)
        else:
            report.warn("starttls", f"{_of_tls(error)}; mails are encrypted, for whoever answers", _MEND_TLS)
        return False
    except (OSError, TimeoutError, aiosmtplib.SMTPException) as error:
        report.fail("starttls", reason(error.__cause__ or error), _MEND_TLS)
        return False
    report.ok("starttls", "encrypted, with a certificate that is trusted")
    return True


async def _sign_in(client: object, server: SmtpServer, report: Report) -> None:
    import aiosmtplib

    assert isinstance(client, aiosmtplib.SMTP)  # noqa: S101  # as above
    if server.user is None:
        report.ok("login", "none is set")
        return
    try:
        await client.login(server.user, server.password or "")
    except aiosmtplib.SMTPResponseException as error:
        report.fail("login", f"{error.code} {error.message}", "check user and password in the setting smtp")
        return
    except aiosmtplib.SMTPException as error:
        report.fail(
            "login", reason(error), "see which ways of login the mail server offers, and after which encryption"
        )
        return
    report.ok("login", "user and password are right")


def _of_tls(error: ssl.SSLError) -> str:
    said = getattr(error, "verify_message", "") or reason(error)
    return f"its certificate is not accepted: {said}"


async def sender(setup: Setup, report: Report) -> None:
    """Whether other mail servers will believe mails from the sender's domain."""
    config = setup.config
    if config.smtp is None:
        return
    host = urlsplit(config.base_url.replace("{site}", "site")).hostname or ""
    domain = config.mail_sender.rpartition("@")[2] if config.mail_sender else host
    if "." not in domain or domain.replace(".", "").isdigit():
        report.warn("sender", f"mails come from {domain or 'nobody'}, which is no domain", "set mail_sender")
        return
    try:
        texts = await lookup(domain, "TXT", setup.seconds / 3)
        receives = await lookup(domain, "MX", setup.seconds / 3) or await lookup(domain, "A", setup.seconds / 3)
    except NoAnswer as error:
        report.warn("sender", f"the names of {domain} cannot be looked up: {error}", "look at SPF and MX elsewhere")
        return
    if not any(text.strip('"').lower().startswith("v=spf1") for text in texts):
        report.warn(
            "sender",
            f"{domain} has no SPF record, so many mail servers take its mails for spam",
            'a TXT record such as "v=spf1 mx include:YOUR-MAIL-SERVER -all", and DKIM at the mail server',
        )
    elif not receives:
        report.warn("sender", f"{domain} takes no mails, so answers and refusals are lost", "an MX record")
    else:
        report.ok("sender", f"{domain} has SPF, and takes mails")


AREA: Final = Area("mails", (mail_server, sender))
