"""A new e-mail address that counts only when its owner followed the link that was mailed to it.

Source: facts/versions.md 40.4.0 (repeated changes: only the latest address can be confirmed). How long a link is good
is not known; three days are chosen.
"""

from __future__ import annotations

import secrets
from typing import Final

import msgspec

from parley.domain.identifiers import ticket_hash
from parley.domain.user import User
from parley.protocol import faults
from parley.services import account_notices as notices
from parley.services.application import Application
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.store import Changes, Conflict, Duplicate, email_changes, sites, users
from parley.store.email_changes import EmailChange

#: Seconds that a link is good for.
LINK_SECONDS: Final = 3 * 86400
_TRIES: Final = 10


def ask_to_confirm(context: Context, changes: Changes, user: User, email: str) -> None:
    """Keep an address as waiting and mail its link; links of former changes are worthless from now on."""
    token = secrets.token_hex(32)
    change = EmailChange(user.site_id, user.user_id, email, ticket_hash(token), context.now + LINK_SECONDS)
    email_changes.put(changes, change)
    notices.email_change(changes, user, context.now, email, token, language_id=profile_of(user).language_id)


async def confirm(application: Application, site_id: int, token: str) -> User | None:
    """Make the address that belongs to a link the account's; a link works once.

    Returns:
        The account with its new address; None for a link that is unknown, used, outdated or too old.

    Raises:
        Fault: 030005, another account has taken the address meanwhile.
        Conflict: the account is being changed all the time.
    """
    engine, now = application.engine, application.clock.now()
    site = await sites.by_id(engine, site_id)
    for _ in range(_TRIES):
        waiting = await email_changes.by_token(engine, site_id, ticket_hash(token))
        before = await users.by_id(engine, site_id, waiting.user_id) if waiting is not None else None
        if site is None or waiting is None or before is None or waiting.expires_at <= now:
            return None
        after = msgspec.structs.replace(
            before, email=waiting.email, email_key=waiting.email.casefold(), modified_at=now
        )
        if site.settings.control_hub:
            after.web_ex_id, after.web_ex_id_key = after.email, after.email_key
        changes = Changes()
        stored = users.update_user(changes, before, after)
        email_changes.forget(changes, site_id, before.user_id)
        try:
            await engine.commit(changes)
        except Conflict:
            continue
        except Duplicate:
            raise faults.EMAIL_TAKEN() from None
        return stored
    raise Conflict
