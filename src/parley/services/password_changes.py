"""When the password of an account has to be changed, and which ones it may not be changed to.

Sources: facts/exceptions.json 030029, 030031 and 030032, facts/user-site.md 7 ("Password policy").
"""

from __future__ import annotations

from parley.domain.passwords import has_expired
from parley.domain.site import Site, SiteSettings
from parley.domain.user import Caller, User
from parley.protocol import faults
from parley.protocol.credentials import Overloaded
from parley.protocol.faults import Fault
from parley.services.application import Application
from parley.store import Changes, Engine, password_history
from parley.store.password_history import OldPassword


def stale_password(account: User | Caller, settings: SiteSettings, now: int) -> Fault | None:
    """Why nothing but another password may be asked for with the present one; None while it may be used.

    Where passwords are refused altogether, nobody has to change one.
    """
    if settings.saml.refuse_passwords:
        return None
    if account.must_change_password:
        return faults.PASSWORD_MUST_CHANGE()
    expired = has_expired(account.password_changed_at, settings.password_days, now)
    return faults.PASSWORD_EXPIRED() if expired else None


async def is_password(application: Application, password_hash: str, password: str) -> bool:
    """Whether a password belongs to a hash.

    Raises:
        Fault: too much is to be computed already.
    """
    try:
        return await application.passwords.verify(password_hash, password)
    except Overloaded:
        raise faults.BUSY() from None


async def check_history(application: Application, site: Site, before: User, password: str) -> None:
    """See to it that a new password is none of the last ones, the present one among them.

    Raises:
        Fault: 030032.
    """
    count = site.settings.password_history
    if not count:
        return
    former = await password_history.of_user(application.engine, site.site_id, before.user_id)
    for password_hash in (before.password_hash, *(each.password_hash for each in former[: count - 1])):
        if password_hash and await is_password(application, password_hash, password):
            raise faults.PASSWORD_REUSED(count=count, value=str(count))


async def keep_former(engine: Engine, changes: Changes, site: Site, before: User) -> None:
    """Keep the password that an account loses with `changes` for as long as it may not be used again."""
    former = await password_history.of_user(engine, site.site_id, before.user_id)
    places = site.settings.password_history - 1
    if places > 0 and before.password_hash:
        old = OldPassword(site.site_id, before.user_id, before.credential_version, before.password_hash)
        password_history.keep(changes, old)
        places -= 1
    for each in former[max(0, places) :]:
        password_history.forget(changes, each)
