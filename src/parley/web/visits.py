"""Who is signed in in the browser: a signed cookie that ends after half an hour without a page.

The cookie names the account and the version of its credentials, so a changed password, a lock or a deactivation ends
it at once, in every process. It is no session ticket of the API and cannot be used as one.
Source: facts/url-api.md "Form" (cookie after login, idle lifetime 30 minutes).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import struct
import uuid
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "ticket"
#: A visit ends after so many seconds without a page.
IDLE_SECONDS: Final = 1800
#: Stretched not at every page but when it is this old.
_STRETCH_SECONDS: Final = 60

_FIELDS: Final = struct.Struct(">qqqqq")
_MAC_BYTES: Final = 32
_LENGTH: Final = -(-(_FIELDS.size + _MAC_BYTES) * 8 // 6)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a cookie says.

    Attributes:
        seen: time of the last page, UTC epoch seconds.
        number: drawn when the visit began; it stays while the visit lasts.
    """

    site_id: int
    user_id: int
    credential_version: int
    seen: int
    number: int = field(default_factory=lambda: secrets.randbits(62))


def sets_visit(response: Response) -> bool:
    """Whether an answer begins or ends a visit."""
    return any(each.startswith(f"{COOKIE}=") for each in response.headers.getlist("set-cookie"))


class Visits:
    """Writes and reads the cookies.

    Args:
        secret: key of the signature.
        secure: browsers send the cookie over HTTPS only.
    """

    def __init__(self, secret: bytes, *, secure: bool) -> None:
        self._secret = secret
        self._secure = secure

    def read(self, request: Request, site_id: int, now: int) -> Visit | None:
        """The visit that a request belongs to, if it has a valid cookie of this site."""
        visit = self._decode(request.cookies.get(COOKIE, ""))
        if visit is None or visit.site_id != site_id or not -60 <= now - visit.seen <= IDLE_SECONDS:
            return None
        return visit

    def write(self, response: Response, visit: Visit, path: str) -> None:
        """Hand out the cookie, for addresses below `path`, the pages of the visit's site."""
        response.set_cookie(COOKIE, self._encode(visit), path=path, secure=self._secure, httponly=True, samesite="lax")

    def stretch(self, response: Response, visit: Visit, now: int, path: str) -> None:
        """Let the half hour begin anew."""
        if now - visit.seen >= _STRETCH_SECONDS:
            self.write(response, replace(visit, seen=now), path)

    def end(self, response: Response, path: str) -> None:
        """Take the cookie back."""
        response.delete_cookie(COOKIE, path=path, secure=self._secure, httponly=True, samesite="lax")

    def csrf(self, visit: Visit) -> str:
        """The value that commands of this visit carry to show that they are meant; the same as long as it lasts.

        Source: facts/url-api.md "Form" (CSRF, a UUID).
        """
        body = _FIELDS.pack(visit.site_id, visit.user_id, visit.credential_version, 0, visit.number)
        value = blake2b(body, key=self._secret, digest_size=16, person=b"web-csrf").digest()
        return str(uuid.UUID(bytes=value, version=4))

    def _encode(self, visit: Visit) -> str:
        body = _FIELDS.pack(visit.site_id, visit.user_id, visit.credential_version, visit.seen, visit.number)
        return base64.urlsafe_b64encode(body + self._mac(body)).decode("ascii").rstrip("=")

    def _decode(self, value: str) -> Visit | None:
        if len(value) != _LENGTH:
            return None
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-_LENGTH % 4))
        except (binascii.Error, ValueError):
            return None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(body) != _FIELDS.size or not hmac.compare_digest(mac, self._mac(body)):
            return None
        return Visit(*_FIELDS.unpack(body))

    def _mac(self, body: bytes) -> bytes:
        return blake2b(body, key=self._secret, digest_size=_MAC_BYTES, person=b"web-visit").digest()
