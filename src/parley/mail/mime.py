"""A mail as MIME: headers that nothing can be put into, and the parts in the order that mail readers expect.

multipart/mixed with multipart/alternative (text/plain, text/html, text/calendar) and the calendar file once more as an
attachment, since some readers know only one of the two; less where there is no calendar file.
"""

from __future__ import annotations

import email.policy
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final

import msgspec

from parley.domain.mail_address import is_email
from parley.mail.texts import header_line, one_line

_LONGEST_NAME: Final = 100
_LONGEST_HEADER_LINE: Final = 76
_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
#: What would need quoting in a name, and is not always read right once it is quoted.
_ODD: Final = re.compile(r"[\"\\<>\[\]()]")

#: Headers that say what a part is; none of their values comes from outside.
_OF_PARTS: Final = frozenset({"content-type", "content-transfer-encoding", "content-disposition", "mime-version"})


class MailPolicy(email.policy.EmailPolicy):
    """How headers are written: as the standard library does, but for long texts in other letters than ASCII.

    Those it splits into encoded words that are read back with blanks within words; its older `Header` does it right.
    Headers of parts are written as this module words them: reading each of them again by the grammar takes a third of
    the time that a mail takes.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Name and value of a header as it is kept."""
        return (name, value) if name.lower() in _OF_PARTS else super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """A header as it is asked for."""
        return value if name.lower() in _OF_PARTS else super().header_fetch_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        """A header as lines."""
        return self._plainly(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes."""
        lines = self._plainly(name, value)
        return lines.encode() if lines is not None else super().fold_binary(name, value)

    def _plainly(self, name: str, value: Any) -> str | None:
        """Lines of a subject, or of one address with a name; None: the usual way does."""
        if str(value).isascii():
            return None
        if name.lower() == "subject":
            return f"{name}: {_encoded(str(value), name)}\r\n"
        addresses: Sequence[Address] = getattr(value, "addresses", ())
        if len(addresses) != 1 or addresses[0].display_name.isascii():
            return None
        return f"{name}: {_encoded(addresses[0].display_name, name)}\r\n <{addresses[0].addr_spec}>\r\n"


_ASCII: Final = MailPolicy(linesep="\r\n")
_UTF8: Final = MailPolicy(linesep="\r\n", utf8=True)


def _encoded(text: str, name: str) -> str:
    return Header(text, "utf-8", maxlinelen=_LONGEST_HEADER_LINE, header_name=name).encode(linesep="\r\n")


class AddressError(ValueError):
    """Not an address that a mail can go to."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail is made of.

    Attributes:
        number: site and outbox id, of which its Message-ID is made.
        host: name of the server, for the Message-ID.
        sent_at: UTC epoch seconds.
        html: None: the mail is plain text only.
        calendar: the file and its method.
    """

    number: tuple[int, int]
    host: str
    sent_at: int
    sender: tuple[str, str]
    recipient: tuple[str, str]
    reply_to: tuple[str, str] | None = None
    subject: str
    language: str
    text: str
    html: str | None = None
    calendar: tuple[bytes, str] | None = None


def made(letter: Letter) -> EmailMessage:
    """The mail.

    Raises:
        AddressError: the recipient or the sender is no address.
    """
    sender, recipient = _address(*letter.sender), _address(*letter.recipient)
    plain = all(address.addr_spec.isascii() for address in (sender, recipient))
    mail = EmailMessage(policy=_ASCII if plain else _UTF8)
    mail["From"] = sender
    mail["To"] = recipient
    if letter.reply_to is not None:
        mail["Reply-To"] = _address(*letter.reply_to)
    mail["Subject"] = header_line(letter.subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(letter.sent_at, UTC))
    mail["Message-ID"] = message_id(*letter.number, letter.host)
    # Nobody is to answer by machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail.set_content(letter.text, cte="quoted-printable")
    if letter.html is not None:
        mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        _add_calendar(mail, *letter.calendar)
    mail["Content-Language"] = letter.language  # before, it would go along into the first part
    for part in mail.walk():
        if part.is_multipart():  # else one is looked for that stands in none of the parts
            part.set_boundary(f"=={secrets.token_hex(16)}==")
    return mail


def message_id(site_id: int, outbox_id: int, host: str) -> str:
    """The Message-ID of an outbox row: the same however often it is sent."""
    return f"<{site_id}.{outbox_id}@{host if _DOMAIN.fullmatch(host) else 'parley.invalid'}>"


def _add_calendar(mail: EmailMessage, file: bytes, method: str) -> None:
    text = file.decode().replace("\r\n", "\n")
    mail.add_alternative(text, subtype="calendar", params={"method": method}, cte="base64")
    mail.add_attachment(file, maintype="application", subtype="ics", filename="invite.ics")


def _address(name: str, address: str) -> Address:
    """A name and an address for a header.

    Raises:
        AddressError: it is no address.
    """
    clean = address.strip()
    if not is_email(clean) or not clean.isprintable():
        raise AddressError(f"no e-mail address: {one_line(clean, 100)}")
    shown = one_line(_ODD.sub(" ", name), _LONGEST_NAME)
    user, _, domain = clean.rpartition("@")
    return Address(display_name="" if shown == clean else shown, username=user, domain=_ascii(domain))


def _ascii(domain: str) -> str:
    """A domain in the letters that all mail servers know."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
