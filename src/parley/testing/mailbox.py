"""Where the mails of a test arrive: made exactly as they would go out, and kept in a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Final

from parley.mail.transports import SITE_HEADER
from parley.store import outbox

if TYPE_CHECKING:
    from parley.services.application import Application

#: So many mails are kept for all sites of a server; older ones go.
_MOST: Final = 10_000


@dataclass(frozen=True)
class Mail:
    """A mail as it would have gone out.

    Attributes:
        site: name of the site it comes from.
        to: address it goes to; `sender` the one it comes from.
        text: the plain text part.
        html: the other one; None where a mail has none.
        calendar: the calendar file (iCalendar); None where there is none.
        message: the whole mail.
    """

    site: str
    to: str
    sender: str
    subject: str
    text: str
    html: str | None
    calendar: str | None
    message: EmailMessage = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The mail for JSON."""
        headers = {name: str(value) for name, value in self.message.items()}
        names = ("site", "to", "sender", "subject", "text", "html", "calendar")
        return {**{name: getattr(self, name) for name in names}, "headers": headers}


class Mailbox:
    """A transport that keeps mails; see `parley.mail.transports`."""

    def __init__(self) -> None:
        self._mails: list[Mail] = []

    async def send(self, mail: EmailMessage, sender: str, recipient: str) -> str:
        """Keep a mail."""
        self._mails.append(
            Mail(
                site=str(mail[SITE_HEADER] or ""),
                to=recipient,
                sender=sender,
                subject=str(mail["Subject"]),
                text=_part(mail, "plain") or "",
                html=_part(mail, "html"),
                calendar=_part(mail, "calendar"),
                message=mail,
            )
        )
        del self._mails[:-_MOST]
        return "kept for the test"

    async def close(self) -> None:
        """Nothing is open."""

    async def deliver(self, application: Application, site_id: int) -> None:
        """Let everything arrive that is due of a site."""
        now = application.clock.now()
        due = await outbox.next_due(application.engine, site_id, now)
        if due is None or due > now:
            return
        # Templates and calendars are only loaded for tests with mails.
        from parley.mail.composing import composer
        from parley.mail.delivery import Deliverer
        from parley.mail.reminding import reminding

        deliverer = Deliverer(
            application.engine, application.clock, self, reminding(application, composer(application))
        )
        while await deliverer.deliver_site(site_id):
            pass

    def of(self, site: str) -> list[Mail]:
        """The mails of a site, in the order in which they arrived."""
        return [each for each in self._mails if each.site == site]

    def forget(self, site: str) -> None:
        """Forget the mails of a site."""
        self._mails = [each for each in self._mails if each.site != site]


def _part(mail: EmailMessage, kind: str) -> str | None:
    """The text of the first part of a kind (plain, html, calendar)."""
    for part in mail.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                text = content.decode(part.get_content_charset() or "utf-8", "replace")
                return text if kind == "calendar" else text.replace("\r\n", "\n")
    return None
