"""What lets a browser into a room: short signed statements, which any process on the database can check.

There are four kinds. A pass says what somebody proved on a page (the password, a registration ID, that he had the
secret link); it lasts some hours and lets nobody in by itself. An entry token is given for a pass and a name after all
rules were looked at; it is bound to session, person and role, lasts a minute and is used once. A return token finds
one's place again after a dropped connection; it is renewed while the connection lasts. A recorder's token lets one
person's browser send the pieces of one recording.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import Final, Literal, TypeVar

import msgspec

from parley.services.signed import Seal

#: Seconds that each kind is good for.
ENTRY_SECONDS: Final = 60
RETURN_SECONDS: Final = 600
PASS_SECONDS: Final = 12 * 3600
RECORDER_SECONDS: Final = 36 * 3600
_MAC_BYTES: Final = 24


class Pass(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What somebody proved of a session.

    Attributes:
        link: came by the secret link or by the number of a session that its number opens; the session may be named.
        password: the hash of the session's password that was proved, as `password_mark` gives it; empty: none.
        register_id: the registration ID that was proved.
        panel: likewise the hash of the panelists' password.
        name, email: as the link has them; what the person may change.
    """

    site_id: int
    session_key: int
    until: int
    link: bool = False
    password: str = ""
    register_id: int | None = None
    name: str = ""
    email: str = ""
    panel: str = ""


class Ticket(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Who may come into which room as what; `kind` tells entry from return.

    Attributes:
        may_host: one of the session's hosts.
        viewer: only watches.
        stay_id: number of the stay, see services.presence.
    """

    kind: Literal["entry", "return"]
    site_id: int
    session_key: int
    until: int
    nonce: str
    stay_id: int
    name: str
    email: str | None = None
    user_id: int | None = None
    register_id: int | None = None
    may_host: bool = False
    panelist: bool = False
    viewer: bool = False


class Recorder(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Which recording a browser may send pieces of; `stay_id`: of the person that it was given to."""

    site_id: int
    session_key: int
    recording_id: int
    stay_id: int
    until: int


T = TypeVar("T", Pass, Ticket, Recorder)


class Signer:
    """Signs and checks.

    Args:
        secret: 32 bytes that all processes of a deployment share.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._seal = Seal(secret, b"room-tokens", _MAC_BYTES)

    def sign(self, statement: Pass | Ticket | Recorder) -> str:
        """The statement as text that fits into addresses and messages."""
        return self._seal.to_base64(msgspec.msgpack.encode(statement))

    def read(self, text: str, kind: type[T], now: int) -> T | None:
        """What a text made by `sign` says, if it is of this kind and not over; None for anything else."""
        body = self._seal.from_base64(text)
        if body is None:
            return None
        try:
            found = msgspec.msgpack.decode(body, type=kind)
        except msgspec.DecodeError:
            return None
        return found if found.until > now else None

    def password_mark(self, site_id: int, session_key: int, password: str | None) -> str:
        """What a pass says of a password, so that a changed one has to be proved anew."""
        if not password:
            return ""
        return blake2b(f"{site_id} {session_key} {password}".encode(), key=self._secret, digest_size=12).hexdigest()


def new_nonce() -> str:
    """What makes a token different from all others."""
    return secrets.token_urlsafe(9)
