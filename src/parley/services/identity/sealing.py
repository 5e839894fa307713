"""Secrets among the settings of a site, sealed so that whoever reads settings, logs or the audit log learns nothing.

The key is one of the deployment's shared secrets. A sealed text is good for its site only, and each time it is another
one, so it does not even tell that two sites have the same secret.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING, Final

from parley.domain.identity import SEALED
from parley.services.shared_secrets import shared_secret

if TYPE_CHECKING:
    from parley.store import Engine

_KEY: Final = "site-secrets"
_NONCE_BYTES: Final = 12


class Unreadable(Exception):
    """A sealed text is none of this deployment and site."""


async def seal(engine: Engine, site_id: int, secret: str) -> str:
    """A secret as it may stand in the settings of a site."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(await shared_secret(engine, _KEY)).encrypt(nonce, secret.encode(), _about(site_id))
    return SEALED + base64.urlsafe_b64encode(nonce + sealed).decode("ascii")


async def unseal(engine: Engine, site_id: int, sealed: str) -> str:
    """The secret that was sealed.

    Raises:
        Unreadable: it was sealed elsewhere or for another site, or somebody changed it.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.urlsafe_b64decode(sealed.removeprefix(SEALED))
        key = await shared_secret(engine, _KEY)
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _about(site_id)).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise Unreadable from None


def _about(site_id: int) -> bytes:
    return f"openid.client_secret/{site_id}".encode()
