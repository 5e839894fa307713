"""Locking accounts that are guessed at, and unlocking them again.

Wrong passwords are counted in the database, so that all processes agree; a right one that had to be computed takes
the count back, which writes only where there is one. A program that keeps sending the same wrong password within a
minute made one guess. Sources: facts/exceptions.json 030030 (locked by an administrator, or after failed tries). How
many tries, how long a lock holds and when tries are forgotten are chosen (docs/fidelity.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec
import structlog

from parley.domain.site import Site
from parley.domain.user import Caller, User
from parley.services.application import Application
from parley.services.taking_turns import let_others_finish
from parley.store import Changes, Conflict, Engine, sign_in_failures, users

Who = TypeVar("Who", Caller, User)

#: Seconds without a wrong password after which those before are forgotten.
FORGET_SECONDS: Final = 3600
_MINUTE: Final = 60
_TRIES: Final = 20

_log = structlog.get_logger("parley.accounts")


async def note_wrong_password(application: Application, site: Site, caller: Caller) -> None:
    """Count a wrong password for an account, and lock the account when the site's limit is reached."""
    limit = site.settings.lock_after_failures
    if limit is None or caller.locked:
        return
    engine, now = application.engine, application.clock.now()
    changes = Changes()
    sign_in_failures.count(changes, site.site_id, caller.user_id, now, now - FORGET_SECONDS)
    try:
        await engine.commit(changes)
    except Conflict:  # the account went meanwhile
        return
    found = await sign_in_failures.of_user(engine, site.site_id, caller.user_id)
    if found is None or found.number < limit:
        return
    if await _changed(engine, site.site_id, caller.user_id, lambda user: _with_lock(user, now)) is not None:
        _log.warning("account locked", site=site.name, user_id=caller.user_id, wrong_passwords=found.number)


async def note_right_password(application: Application, site: Site, caller: Caller) -> None:
    """Forget the wrong passwords of an account that is not locked; without any, nothing is written."""
    if site.settings.lock_after_failures is None or caller.locked:
        return
    if await sign_in_failures.of_user(application.engine, site.site_id, caller.user_id) is not None:
        changes = Changes()
        sign_in_failures.forget(changes, site.site_id, caller.user_id)
        await application.engine.commit(changes)


async def after_lock(application: Application, site: Site, who: Who) -> Who:
    """The account, unlocked when the lock came from wrong passwords and has held for as long as the site wants.

    A lock that an administrator set stays: nothing is counted beside it.

    Args:
        who: somebody who proved to be that account, or holds a link that signs in as it.
    """
    minutes = site.settings.lock_minutes
    if not who.locked or minutes is None:
        return who
    engine, now = application.engine, application.clock.now()
    found = await sign_in_failures.of_user(engine, site.site_id, who.user_id)
    if found is None or now < found.failed_at + minutes * _MINUTE:
        return who
    stored = await _changed(
        engine, site.site_id, who.user_id, lambda user: _without_lock(user, now), forget_failures=True
    )
    if stored is None:  # another process was faster, with this or with another lock
        stored = await users.by_id(engine, site.site_id, who.user_id)
    if stored is None or stored.locked:
        return who
    return msgspec.structs.replace(
        who, locked=False, version=stored.version, credential_version=stored.credential_version
    )


async def unlock(engine: Engine, site_id: int, user_id: int, now: int) -> bool:
    """Unlock an account, as an administrator does; False: it was not locked.

    Raises:
        Conflict: the account is being changed all the time.
    """
    done = await _changed(engine, site_id, user_id, lambda user: _without_lock(user, now), forget_failures=True)
    return done is not None


def _with_lock(user: User, now: int) -> User | None:
    return None if user.locked else _locked(user, now, locked=True)


def _without_lock(user: User, now: int) -> User | None:
    return _locked(user, now, locked=False) if user.locked else None


def _locked(user: User, now: int, *, locked: bool) -> User:
    return msgspec.structs.replace(user, locked=locked, credential_version=user.credential_version + 1, modified_at=now)


async def _changed(
    engine: Engine,
    site_id: int,
    user_id: int,
    change: Callable[[User], User | None],
    *,
    forget_failures: bool = False,
) -> User | None:
    """Change an account as it is now; None when it is gone or `change` finds nothing to do.

    Raises:
        Conflict: others were always faster.
    """
    for tried in range(1, _TRIES + 1):
        before = await users.by_id(engine, site_id, user_id)
        after = None if before is None else change(before)
        if before is None or after is None:
            return None
        changes = Changes()
        stored = users.update_user(changes, before, after)
        if forget_failures:
            sign_in_failures.forget(changes, site_id, user_id)
        try:
            await engine.commit(changes)
        except Conflict:
            await let_others_finish(tried)
        else:
            return stored
    raise Conflict
