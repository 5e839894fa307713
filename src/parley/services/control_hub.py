"""What becomes of the accounts of a site when Control Hub begins to manage it.

Source: facts/user-site.md 5 (there the webExID is the e-mail address). That accounts of before get theirs at once is
chosen: else every later SetUser would change the name of an account without having been asked to.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.domain.site import Site
from parley.domain.user import User
from parley.store import Changes, Engine, users

#: Longest webExID (facts/user-site.md 4, CreateUser).
_LONGEST: Final = 64


class LongAddresses(Exception):
    """So many accounts have an e-mail address that is too long for a webExID."""

    def __init__(self, count: int, example: str) -> None:
        self.count = count
        self.example = example
        super().__init__(
            f"{count} accounts have e-mail addresses of more than {_LONGEST} characters, which cannot be their webExIDs"
            f" (one is that of {example[:80]!r}): change them first"
        )


async def name_by_address(engine: Engine, changes: Changes, before: Site, after: Site, now: int) -> int:
    """Make webExIDs of e-mail addresses when a site comes under Control Hub.

    Args:
        changes: what changes the site; the accounts follow in the same transaction.
        before, after: the site; nothing is done unless `control_hub` is switched on between the two.

    Returns:
        How many accounts have another webExID then.

    Raises:
        LongAddresses: an address is too long.
    """
    if before.settings.control_hub or not after.settings.control_hub:
        return 0
    waiting = {
        user.web_ex_id_key: user
        async for user in users.every(engine, before.site_id)
        if user.web_ex_id_key != user.email_key
    }
    long = [user for user in waiting.values() if len(user.email) > _LONGEST]
    if long:
        raise LongAddresses(len(long), long[0].web_ex_id)
    count = len(waiting)
    changes.sequential = changes.sequential or count > 0
    while waiting:
        # An address may be the webExID of somebody else, who has to give it up first.
        free = [user for user in waiting.values() if user.email_key not in waiting]
        for user in free:
            del waiting[user.web_ex_id_key]
            _rename(changes, user, user.email, now)
        if not free:  # they go round in a circle: one steps aside
            user = waiting.pop(next(iter(waiting)))
            aside = _rename(changes, user, f"{user.user_id};", now)
            waiting[aside.web_ex_id_key] = aside
    return count


def _rename(changes: Changes, user: User, web_ex_id: str, now: int) -> User:
    after = msgspec.structs.replace(user, web_ex_id=web_ex_id, web_ex_id_key=web_ex_id.casefold(), modified_at=now)
    return users.update_user(changes, user, after)
