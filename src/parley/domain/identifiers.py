"""New keys, numbers and secrets, all from a cryptographic source of random numbers.

Whoever knows the key or link of a session can find it, so none may be guessed from another. Numbers are drawn, not
counted; the store's unique columns catch the rare double, and the caller draws again.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import secrets
from collections import deque
from typing import Final

#: People among whom a number of 6 digits is taken once in 450 draws.
_CROWD = 2000


_DRAW: Final = 16
"""Bytes of one draw. A number made of them is as good as uniform: the largest range here is 2 to the 62."""
_AT_ONCE: Final = 64
_drawn: Final[deque[bytes]] = deque()


def _draw() -> bytes:
    """16 random bytes that were never given out before.

    A session needs a dozen numbers; asking the system for each costs more than making the rest of the session. Taking
    one out of the store of draws is one step of the interpreter, so threads never get the same.
    """
    while True:
        try:
            return _drawn.popleft()
        except IndexError:
            some = secrets.token_bytes(_DRAW * _AT_ONCE)
            _drawn.extend(some[place : place + _DRAW] for place in range(0, len(some), _DRAW))


# A process that is forked must not give out what its parent gives out.
os.register_at_fork(after_in_child=_drawn.clear)


def random_below(limit: int) -> int:
    """A random number from 0 to `limit` - 1; `limit` is at most 2 to the 64."""
    return int.from_bytes(_draw(), "little") % limit


def _number(digits: int) -> int:
    """A random number of so many digits that does not begin with 0."""
    least: int = 10 ** (digits - 1)
    return least + random_below(9 * least)


def new_session_key() -> int:
    """A session key (meeting number): 11 digits, as since 2020 (facts/meeting-event.md, section 1)."""
    return _number(11)


def new_uuid() -> str:
    """A meetingUUID: 32 hexadecimal digits (facts/general-session.md, section 4)."""
    return _draw().hex()


def new_guest_token() -> str:
    """A guestToken: 32 hexadecimal digits (facts/meeting-event.md, section 1)."""
    return _draw().hex()


def new_mtid() -> str:
    """The MTID of a link j.php?MTID=...: `m` and 32 hexadecimal digits (facts/meeting-event.md, section 1)."""
    return f"m{_draw().hex()}"


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


def new_register_id(people: int = 0) -> int:
    """A registerID, the number a registered attendee joins with (RID): 6 digits (facts/meeting-event.md, section 4).

    9 digits where so many `people` are on the session's list that draws would meet numbers that are taken.
    """
    return _number(6 if people < _CROWD else 9)


def new_record_id() -> int:
    """The number of a contact, a distribution list, a customer account, an opportunity or a product: 9 digits."""
    return _number(9)


def new_recording_id() -> int:
    """A recordingID: 9 digits (facts/general-session.md, section 9)."""
    return _number(9)


def new_rcid() -> str:
    """The RCID of a link ldr.php or lsr.php: 32 hexadecimal digits (facts/general-session.md, section 9)."""
    return _draw().hex()


def new_access_id() -> int:
    """The number of one access to a recording (viewID): 15 digits."""
    return _number(15)


def new_outbox_id() -> int:
    """The number of a message that waits to be sent: below 2 to the 62."""
    return random_below(1 << 62)


def new_user_id() -> int:
    """A userId: 9 digits."""
    return _number(9)


def new_access_code() -> str:
    """The accessCode of a personal room: 9 digits (facts/user-site.md, section 4)."""
    return str(_number(9))


def new_host_pin() -> str:
    """The hostPIN of a personal room: 4 digits that `weak_pin` does not object to (facts/user-site.md, section 4)."""
    while weak_pin(pin := f"{random_below(10_000):04d}"):
        pass
    return pin


def weak_pin(pin: str) -> bool:
    """Whether a PIN is one digit repeated or a simple sequence, up or down (facts/user-site.md, section 4)."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(pin)}
    return len(steps) <= 1 and steps <= {-1, 0, 1}


def new_login_ticket() -> str:
    """A one-time login ticket (TK of p.php?AT=LI): 64 hexadecimal digits (facts/meeting-event.md, section 1)."""
    return _draw().hex() + _draw().hex()


def ticket_hash(ticket: str) -> str:
    """What the store keeps of a ticket: SHA-256 as 64 hexadecimal digits. Tickets are random, so no salt is needed."""
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
