"""Signing out everywhere: every visit and session ticket of an account ends, in all browsers and programs."""

from __future__ import annotations

from typing import Final

import msgspec

from parley.services.application import Application
from parley.store import Changes, Conflict, users

_TRIES: Final = 10


async def sign_out_everywhere(application: Application, site_id: int, user_id: int) -> None:
    """Make all proofs of identity worthless that the account was given before; its password stays.

    Raises:
        Conflict: the account is being changed all the time.
    """
    for _ in range(_TRIES):
        user = await users.by_id(application.engine, site_id, user_id)
        if user is None:
            return
        changes = Changes()
        users.update_user(changes, user, msgspec.structs.replace(user, credential_version=user.credential_version + 1))
        try:
            await application.engine.commit(changes)
        except Conflict:
            continue
        return
    raise Conflict
