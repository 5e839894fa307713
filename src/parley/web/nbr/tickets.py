"""Tickets of the services: short signed statements of who signed in, good for an hour, in any process.

A ticket names the version of the account's credentials, so a change of password, a lock or a deactivation ends it.
It is hexadecimal, so it never begins as the failures of getMeetingTicket do.
Source: facts/general-session.md 10 "Ticket valid about 1 hour".
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.services.signed import Seal

TICKET_SECONDS: Final = 3600
_MAC_BYTES: Final = 20
_LONGEST: Final = 1000


class Ticket(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a ticket says.

    Attributes:
        until: UTC epoch seconds.
        service: of whose meetings it tells (`MeetingCenter`); empty: of all.
    """

    site_id: int
    user_id: int
    credential_version: int
    until: int
    service: str = ""


class Tickets:
    """Signs and checks.

    Args:
        secret: 32 bytes that all processes of a deployment share.
    """

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, b"nbr-tickets", _MAC_BYTES, _LONGEST)

    def sign(self, ticket: Ticket) -> str:
        """The ticket as hexadecimal digits."""
        return self._seal.to_hex(msgspec.msgpack.encode(ticket))

    def read(self, text: str, now: int) -> Ticket | None:
        """What a ticket of ours says that is good still; else None."""
        body = self._seal.from_hex(text)
        if body is None:
            return None
        found = msgspec.msgpack.decode(body, type=Ticket)
        return found if found.until > now else None
