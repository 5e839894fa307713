"""A message of the outbox as an administrator may see it: made anew as it would go out now, without what is secret.

Passwords, host keys, registration IDs and links that let their reader in as somebody are written as `***`, wherever a
template puts them: in the words, in HTML, in the calendar file. An administrator who had them could act as that person.
"""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import structlog

from parley.mail.composing import Draft, drafted, finished
from parley.mail.rendering import LINK_VALUES, SECRET_VALUES
from parley.mail.transports import SITE_HEADER, NotSent
from parley.store.errors import StoreUnavailable
from parley.store.outbox import Message

if TYPE_CHECKING:
    from parley.services.application import Application

#: Stands for what is secret.
STARS: Final = "***"
#: Account mails whose link leads to the site only, and the account mail that tells a password.
_OPEN_LINKS: Final = frozenset({"user.welcome", "user.activation", "user.password_reset", "user.password_change"})
_TELLS_PASSWORD: Final = "user.password_reset"  # noqa: S105 - a kind of mail

_log = structlog.get_logger("parley.mail")


class Parts(NamedTuple):
    """A mail taken apart; None for what it does not have."""

    text: str | None
    html: str | None
    calendar: str | None


class Gone(Exception):
    """The occasion of a message is gone: it will not be sent, or could not be made again."""


async def viewed(application: Application, message: Message) -> EmailMessage:
    """The mail of a message without secrets; a sent one bears the date at which it was sent.

    Raises:
        Gone: its occasion is gone.
        NotSent: it cannot be made, and why.
    """
    try:
        known = await drafted(application, message)
        if known is None:
            raise Gone
        desk, draft = known
        made = await finished(
            application, desk, masked(draft, desk.links.root(desk.site.site.name)), message, message.sent_at
        )
    except (Gone, NotSent, StoreUnavailable):
        raise
    except Exception as error:  # a document that nobody can read any more, a template that cannot be filled
        _log.warning("a mail cannot be shown", kind=message.kind, outbox_id=message.outbox_id, error=repr(error))
        raise NotSent(f"cannot be made: {type(error).__name__}", permanent=True) from None
    made.mail[SITE_HEADER] = desk.site.site.name
    return made.mail


def masked(draft: Draft, root: str) -> Draft:
    """A draft whose values hold nothing secret.

    Args:
        root: the address of the site's pages, below which masked links are.
    """
    hidden = f"{root}/{STARS}"
    values: dict[str, Any] = {
        name: STARS
        if name in SECRET_VALUES and value
        else hidden
        if name in LINK_VALUES and _is_own(draft, name)
        else value
        for name, value in draft.values.items()
    }
    if draft.kind == _TELLS_PASSWORD:
        values["password"] = STARS  # it is forgotten when the mail is sent
    return msgspec.structs.replace(draft, values=values)


def _is_own(draft: Draft, name: str) -> bool:
    """Whether a link of a mail is good for its reader only."""
    if draft.session is not None and name == "link":
        return draft.values["link_for"] == "start" or bool(draft.values.get("register_id"))
    return draft.kind not in _OPEN_LINKS


def parts_of(mail: EmailMessage) -> Parts:
    """The texts of a mail."""
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    calendar = next((each for each in mail.walk() if each.get_content_type() == "text/calendar"), None)
    return Parts(*(None if each is None else str(each.get_content()) for each in (text, page, calendar)))
