"""New keys, numbers and secrets, all from a cryptographic source of random numbers.

Whoever knows the key or link of a session can find it, so none may be guessed from another. Numbers are drawn, not
counted; the store's unique columns catch the rare double, and the caller draws again.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets


def _number(digits: int) -> int:
    """A random number of so many digits that does not begin with 0."""
    least: int = 10 ** (digits - 1)
    return least + secrets.randbelow(9 * least)


def new_session_key() -> int:
    """A session key (meeting number): 11 digits, as since 2020 (facts/meeting-event.md, section 1)."""
    return _number(11)


def new_uuid() -> str:
    """A meetingUUID: 32 hexadecimal digits (facts/general-session.md, section 4)."""
    return secrets.token_hex(16)


def new_guest_token() -> str:
    """A guestToken: 32 hexadecimal digits (facts/meeting-event.md, section 1)."""
    return secrets.token_hex(16)


def new_mtid() -> str:
    """The MTID of a link j.php?MTID=...: `m` and 32 hexadecimal digits (facts/meeting-event.md, section 1)."""
    return f"m{secrets.token_hex(16)}"


def new_host_key() -> str:
    """A hostKey: 6 digits (facts/meeting-event.md, section 1)."""
    return str(_number(6))


def new_conf_id() -> int:
    """A confID, the number of one run of a session: 18 digits, so that it fits into 64 bits and is never a key."""
    return _number(18)


def new_event_id() -> int:
    """An eventID: 9 digits (facts/meeting-event.md, section 1)."""
    return _number(9)


def new_attendee_id() -> int:
    """An attendeeId (contactID): 9 digits."""
    return _number(9)


def new_register_id() -> int:
    """A registerID, the number a registered attendee joins with (RID): 6 digits (facts/meeting-event.md, section 4)."""
    return _number(6)


def new_user_id() -> int:
    """A userId: 9 digits."""
    return _number(9)


def new_access_code() -> str:
    """The accessCode of a personal room: 9 digits (facts/user-site.md, section 4)."""
    return str(_number(9))


def new_host_pin() -> str:
    """The hostPIN of a personal room: 4 digits that `weak_pin` does not object to (facts/user-site.md, section 4)."""
    while weak_pin(pin := f"{secrets.randbelow(10_000):04d}"):
        pass
    return pin


def weak_pin(pin: str) -> bool:
    """Whether a PIN is one digit repeated or a simple sequence, up or down (facts/user-site.md, section 4)."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(pin)}
    return len(steps) <= 1 and steps <= {-1, 0, 1}


def new_login_ticket() -> str:
    """A one-time login ticket (TK of p.php?AT=LI): 64 hexadecimal digits (facts/meeting-event.md, section 1)."""
    return secrets.token_hex(32)


def ticket_hash(ticket: str) -> str:
    """What the store keeps of a ticket: SHA-256 as 64 hexadecimal digits. Tickets are random, so no salt is needed."""
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
