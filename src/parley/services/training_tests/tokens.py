"""The links with which people reach their tests: each names one test and one person, and cannot be guessed.

A token is the two numbers and a signature of the server's own, so nothing has to be kept for it, and it is good as
long as the test and the person's place on the session's list are.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from hashlib import blake2b
from typing import Final

from parley.services.application import Application
from parley.services.shared_secrets import shared_secret

_NUMBERS: Final = struct.Struct(">qq")
_SIGNED: Final = struct.Struct(">qqq")
_MAC_BYTES: Final = 20
_LENGTH: Final = (_NUMBERS.size + _MAC_BYTES) * 8 // 6


class TestTokens:
    """Writes and reads the tokens of one site.

    Args:
        secret: the key of the signature; site_id: whose tests they are.
    """

    __test__ = False

    def __init__(self, secret: bytes, site_id: int) -> None:
        self._secret = secret
        self._site_id = site_id

    def write(self, test_id: int, attendee_id: int) -> str:
        """The token of a person for a test: 48 characters that addresses take as they are."""
        return base64.urlsafe_b64encode(
            _NUMBERS.pack(test_id, attendee_id) + self._signature(test_id, attendee_id)
        ).decode("ascii")

    def read(self, token: str) -> tuple[int, int] | None:
        """The numbers of test and person; None for anything that was not handed out by this site."""
        if len(token) != _LENGTH or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        test_id, attendee_id = _NUMBERS.unpack(raw[: _NUMBERS.size])
        if not hmac.compare_digest(raw[_NUMBERS.size :], self._signature(test_id, attendee_id)):
            return None
        return test_id, attendee_id

    def _signature(self, test_id: int, attendee_id: int) -> bytes:
        signed = _SIGNED.pack(self._site_id, test_id, attendee_id)
        return blake2b(signed, key=self._secret, digest_size=_MAC_BYTES, person=b"test-link").digest()


async def tokens_of(application: Application, site_id: int) -> TestTokens:
    """The tokens of a site, signed with the secret that all processes on the database share."""
    return TestTokens(await shared_secret(application.engine, "test-links"), site_id)
