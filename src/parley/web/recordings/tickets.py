"""Who may have what of a recording: short signed statements, which any process on the database can check.

A door says what somebody proved on a page (the password, a registration) and is kept in a cookie; a ticket stands in
the address of the file. Both are good for hours and for one recording; they end with its password, and when it is
deleted.
They are hexadecimal, because programs that take addresses apart expect that.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final, Literal

import msgspec

from parley.domain.recording import Recording
from parley.services.signed import Seal

#: Seconds that each kind is good for: playing may be interrupted for long, and large files take their time.
VIEW_SECONDS: Final = 24 * 3600
FILE_SECONDS: Final = 4 * 3600
DOOR_SECONDS: Final = 12 * 3600
_MAC_BYTES: Final = 16
#: Numbers of accesses have 15 digits.
_LEAST_NUMBER: Final = 10**14
_NUMBERS: Final = 9 * 10**14


class Grant(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What somebody may.

    Attributes:
        until: UTC epoch seconds.
        mark: the password that was proved, as `Tickets.mark` gives it.
        owner: the owner or an administrator, whom no password is asked for.
        access_id: the access that it counts as; the same for one visit.
        name, email: who it is, as far as that is known.
        registration: the secret of whoever registered; empty: nobody did.
    """

    kind: Literal["door", "view", "file"]
    site_id: int
    recording_id: int
    until: int
    mark: str = ""
    owner: bool = False
    access_id: int = 0
    name: str = ""
    email: str = ""
    registration: str = ""


class Tickets:
    """Signs and checks.

    Args:
        secret: 32 bytes that all processes of a deployment share.
    """

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, b"rec-tickets", _MAC_BYTES)
        self._passwords = Seal(secret, b"rec-password", _MAC_BYTES)
        self._accesses = Seal(secret, b"rec-access", _MAC_BYTES)

    def sign(self, grant: Grant) -> str:
        """The statement as hexadecimal digits."""
        return self._seal.to_hex(msgspec.msgpack.encode(grant))

    def read(self, text: str, kind: str, row: Recording, now: int) -> Grant | None:
        """What a text made by `sign` grants, if it is of this kind and recording and holds still; else None."""
        found = self.decode(text)
        if found is None or found.kind != kind or found.until <= now:
            return None
        if (found.site_id, found.recording_id) != (row.site_id, row.recording_id):
            return None
        return found if found.owner or hmac.compare_digest(found.mark, self.mark(row)) else None

    def decode(self, text: str) -> Grant | None:
        """What a text made by `sign` says, whether or not it holds still."""
        body = self._seal.from_hex(text)
        if body is None:
            return None
        try:
            return msgspec.msgpack.decode(body, type=Grant)
        except msgspec.DecodeError:
            return None

    def mark(self, row: Recording) -> str:
        """What a grant says of the password, so that a changed one has to be proved anew."""
        text = f"{row.site_id} {row.recording_id} {row.password or ''}"
        return self._passwords.mac(text.encode()).hex()

    def access_id(self, visitor: str, row: Recording, kind: str) -> int:
        """The number of the access that everything counts as which one visitor does in one visit."""
        text = f"{row.site_id} {row.recording_id} {kind} {visitor}"
        return _LEAST_NUMBER + int.from_bytes(self._accesses.mac(text.encode()), "big") % _NUMBERS


def new_visitor() -> str:
    """What tells one visit from another."""
    return secrets.token_hex(16)
