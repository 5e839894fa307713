"""What has to be told to users about their accounts: rows for the outbox, written with the change they tell of.

Sources: facts/user-site.md 4 (sendWelcome, isHTMLEmail, resetPassword, confirmation of a new address).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.domain.identifiers import new_outbox_id
from parley.domain.user import User
from parley.store import Changes, outbox
from parley.store.outbox import Message

#: Fields of documents that open something: kept until the mail is sent and no longer, and never shown.
SECRETS: Final = frozenset({"password", "token"})


class AccountNotice(msgspec.Struct, omit_defaults=True):
    """The document of an outbox row about an account.

    Attributes:
        language_id: of the message; 1 is English.
        html: as HTML instead of plain text (isHTMLEmail).
        password: a password that was made up and is told nowhere else.
        token: what the link of a message must hold.
    """

    user_id: int
    web_ex_id: str
    first_name: str
    last_name: str
    language_id: int = 1
    html: bool = False
    password: str | None = None
    token: str | None = None


def _put(changes: Changes, kind: str, recipient: str, user: User, now: int, notice: AccountNotice) -> None:
    message = Message(
        site_id=user.site_id,
        outbox_id=new_outbox_id(),
        kind=kind,
        recipient=recipient,
        document=msgspec.json.encode(notice).decode(),
        created_at=now,
    )
    outbox.put(changes, [message])


def _notice(user: User, language_id: int | None) -> AccountNotice:
    return AccountNotice(
        user_id=user.user_id,
        web_ex_id=user.web_ex_id,
        first_name=user.first_name,
        last_name=user.last_name,
        language_id=language_id or 1,
    )


def welcome(changes: Changes, user: User, now: int, *, language_id: int | None, html: bool) -> None:
    """A new account was made and its owner is to be welcomed."""
    notice = msgspec.structs.replace(_notice(user, language_id), html=html)
    _put(changes, "user.welcome", user.email, user, now, notice)


def activation(changes: Changes, user: User, now: int, *, language_id: int | None) -> None:
    """A new account on a site that Control Hub manages: its owner chooses a password there."""
    _put(changes, "user.activation", user.email, user, now, _notice(user, language_id))


def password_reset(changes: Changes, user: User, now: int, password: str, *, language_id: int | None) -> None:
    """The account got a password that was made up."""
    notice = msgspec.structs.replace(_notice(user, language_id), password=password)
    _put(changes, "user.password_reset", user.email, user, now, notice)


def password_change(changes: Changes, user: User, now: int, *, language_id: int | None) -> None:
    """The owner of the account has to choose a new password at the next sign-in (forceChangePassword)."""
    _put(changes, "user.password_change", user.email, user, now, _notice(user, language_id))


def password_link(changes: Changes, user: User, now: int, token: str, *, language_id: int | None) -> None:
    """Somebody forgot the password of the account and gets a link to choose another."""
    notice = msgspec.structs.replace(_notice(user, language_id), token=token)
    _put(changes, "user.password_link", user.email, user, now, notice)


def email_change(changes: Changes, user: User, now: int, email: str, token: str, *, language_id: int | None) -> None:
    """The new address of an account is to be confirmed; goes to the new address."""
    notice = msgspec.structs.replace(_notice(user, language_id), token=token)
    _put(changes, "user.email_change", email, user, now, notice)
