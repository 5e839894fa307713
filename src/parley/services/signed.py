"""Statements that this deployment signed, as text: any of its processes tells them from all others."""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import blake2b
from typing import Final

_LONGEST: Final = 4_000


class Seal:
    """Signs for one purpose, and tells what it signed.

    Args:
        secret: 32 bytes that all processes of a deployment share.
        purpose: at most 16 bytes; what is signed for one purpose is nothing for another.
        size: bytes of a signature.
        longest: characters of the longest text that is looked at.
    """

    def __init__(self, secret: bytes, purpose: bytes, size: int, longest: int = _LONGEST) -> None:
        self._secret = secret
        self._purpose = purpose
        self._size = size
        self._longest = longest

    def mac(self, body: bytes) -> bytes:
        """The signature of something."""
        return blake2b(body, key=self._secret, digest_size=self._size, person=self._purpose).digest()

    def to_hex(self, body: bytes) -> str:
        """Something with its signature, as hexadecimal digits."""
        return (self.mac(body) + body).hex()

    def from_hex(self, text: str) -> bytes | None:
        """What `to_hex` was given; None for any other text."""
        if not 0 < len(text) <= self._longest:
            return None
        try:
            return self._opened(bytes.fromhex(text))
        except ValueError:
            return None

    def to_base64(self, body: bytes) -> str:
        """Something with its signature, in the letters of base64 that fit into addresses."""
        return base64.urlsafe_b64encode(self.mac(body) + body).decode().rstrip("=")

    def from_base64(self, text: str) -> bytes | None:
        """What `to_base64` was given; None for any other text."""
        if not 0 < len(text) <= self._longest:
            return None
        try:
            return self._opened(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (binascii.Error, ValueError):
            return None

    def _opened(self, raw: bytes) -> bytes | None:
        mac, body = raw[: self._size], raw[self._size :]
        return body if hmac.compare_digest(mac, self.mac(body)) else None
