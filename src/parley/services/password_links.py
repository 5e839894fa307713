"""Links for people who forgot their password: signed, good for one change and for a short time.

A link names the account and the version of its credentials. A new password, a lock or a deactivation raises that
version, so a link that was used, and every other one of before, is worthless without a table of them.
How long a link is good is not known of the real service; half an hour is chosen.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from hashlib import blake2b
from typing import Final

from parley.domain.site import Site
from parley.domain.user import User, is_usable
from parley.services import account_notices
from parley.services.accounts import set_password
from parley.services.application import Application
from parley.services.locking import after_lock
from parley.services.profiles import profile_of
from parley.services.shared_secrets import shared_secret
from parley.store import Changes, users

#: Seconds that a link is good for.
LINK_SECONDS: Final = 1800
_FIELDS: Final = struct.Struct(">qqqq")
_MAC_BYTES: Final = 32
_LENGTH: Final = -(-(_FIELDS.size + _MAC_BYTES) * 8 // 6)


def has_passwords(site: Site) -> bool:
    """Whether the site itself keeps the passwords of its people."""
    return not (site.settings.control_hub or site.settings.saml.refuse_passwords)


async def token_for(application: Application, user: User) -> str:
    """What a link for the account holds; it has no letters that an address must escape."""
    expires_at = application.clock.now() + LINK_SECONDS
    body = _FIELDS.pack(user.site_id, user.user_id, user.credential_version, expires_at)
    return base64.urlsafe_b64encode(body + await _mac(application, body)).decode("ascii").rstrip("=")


async def account_of(application: Application, site: Site, token: str) -> User | None:
    """The account that a link is for; None when it is no link of the site, was used, or is too old."""
    raw = _decoded(token)
    if raw is None:
        return None
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, await _mac(application, body)):
        return None
    site_id, user_id, version, expires_at = _FIELDS.unpack(body)
    now = application.clock.now()
    user = await users.by_id(application.engine, site.site_id, user_id) if site_id == site.site_id else None
    if user is None or expires_at <= now or user.credential_version != version or not is_usable(user, now):
        return None
    return user


async def ask(application: Application, site: Site, name: str) -> None:
    """Mail a link to the account with this name or address; nothing happens where there is none that may be used.

    An account gets one such mail in a minute, from whichever process.
    """
    key = name.strip().casefold()
    user = await users.by_web_ex_id(application.engine, site.site_id, key)
    user = user or await users.by_email(application.engine, site.site_id, key)
    if user is None or not has_passwords(site):
        return
    user = await after_lock(application, site, user)
    now = application.clock.now()
    if not is_usable(user, now):
        return
    if not await application.rates.take(1, site.site_id, str(user.user_id), "password_link", now):
        return
    changes = Changes()
    token = await token_for(application, user)
    language_id = profile_of(user).language_id
    account_notices.password_link(changes, user, now, token, language_id=language_id)
    await application.engine.commit(changes)


async def use(application: Application, site: Site, token: str, password: str) -> User | None:
    """Give the account of a link another password; None when the link is no good.

    Raises:
        Fault: the password is not allowed, or was used before.
        Conflict: the account is being changed all the time.
    """
    user = await account_of(application, site, token)
    if user is None:
        return None
    return await set_password(application, site.site_id, user.web_ex_id_key, password)


def _decoded(token: str) -> bytes | None:
    if len(token) != _LENGTH:
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-_LENGTH % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _FIELDS.size + _MAC_BYTES else None


async def _mac(application: Application, body: bytes) -> bytes:
    key = await shared_secret(application.engine, "password-links")
    return blake2b(body, key=key, digest_size=_MAC_BYTES, person=b"password-link").digest()
