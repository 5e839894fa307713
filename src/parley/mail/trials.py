"""A test mail that is sent at once, past the outbox, so that whoever asks for it sees what the mail server says."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from parley.domain.site import Site
from parley.mail.mime import AddressError, Letter, made
from parley.mail.post import transport_of
from parley.mail.senders import sender_of
from parley.mail.transports import SITE_HEADER, NotSent

if TYPE_CHECKING:
    from parley.services.application import Application

#: The whole conversation has to be over within this time.
_SECONDS: Final = 15.0
#: So many test mails are on their way at once; a mail server that hangs must not collect any number of them.
_MOST: Final = 4

_places = asyncio.Semaphore(_MOST)


class Busy(Exception):
    """Too many test mails are on their way."""


async def send_test(
    application: Application, site: Site, recipient: tuple[str, str], subject: str, text: str, language: str
) -> str:
    """Send a test mail; returns what the mail server answered, or where the mail is kept.

    Args:
        recipient: name and address.
        language: of the words, as a tag.

    Raises:
        NotSent: it was not taken, and what the mail server said.
        Busy: too many are on their way.
    """
    if _places.locked():
        raise Busy
    async with _places:
        sender = sender_of(application.config, site)
        letter = Letter(
            number=(site.site_id, secrets.randbelow(1 << 62)),
            host=application.links.host_name(site.name),
            sent_at=application.clock.now(),
            sender=(sender.name, sender.address),
            recipient=recipient,
            subject=subject,
            language=language,
            text=text,
        )
        try:
            mail = made(letter)
        except AddressError as error:
            raise NotSent(str(error), permanent=True) from None
        mail[SITE_HEADER] = site.name
        transport = transport_of(application.config, timeout=_SECONDS)
        try:
            async with asyncio.timeout(_SECONDS):
                return await transport.send(mail, sender.address, recipient[1])
        except TimeoutError:
            raise NotSent("the mail server takes too long", permanent=False) from None
        finally:
            await transport.close()
