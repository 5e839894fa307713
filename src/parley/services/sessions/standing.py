"""What somebody is to a session, and whether he knows its password.

Sources: facts/general-session.md 4 (who is told what), facts/versions.md 40.8.0 (neither invited nor approved).
"""

from __future__ import annotations

import hmac
from typing import NamedTuple

from parley.domain.session import Attendee, HostedSession
from parley.domain.user import Caller, User
from parley.domain.visibility import Standing
from parley.protocol.credentials import GuessBrake
from parley.store import Engine, sessions


class Part(NamedTuple):
    """What somebody is to a session, and the row of the session's list that he is on."""

    standing: Standing
    row: Attendee | None = None


async def part_of(
    engine: Engine, person: User | Caller | None, session: HostedSession, occurrence: int | None = None
) -> Part:
    """What an account of the session's site is to it; None is somebody who is not signed in.

    Args:
        occurrence: the number of the occurrence that it is about, for somebody who is listed for single ones.

    Whoever registered and is not approved yet, was refused, or waits for a seat has no part in it.
    """
    if person is None:
        return Part(Standing.STRANGER)
    row = None
    if session.attendee_count:
        found = await sessions.attendees_of_person(
            engine, session.site_id, session.session_key, person.user_id, person.email.casefold()
        )
        found.sort(key=lambda each: (each.role != "HOST", each.session_num != (occurrence or 0)))
        row = next(iter(found), None)
    if person.user_id in (session.host_id, session.creator_id) or (row is not None and row.role == "HOST"):
        return Part(Standing.HOST, row)
    if row is not None and row.join_status in ("INVITE", "ACCEPT") and not row.waiting:
        return Part(Standing.TRUSTED, row)
    overseer = person.site_admin or person.ro_site_admin
    return Part(Standing.OVERSEER if overseer else Standing.STRANGER, row)


async def password_is(brake: GuessBrake, session: HostedSession, sent: str) -> bool:
    """Whether this is the session's password; takes as long for a wrong one, and guessing is slowed down.

    Raises:
        Overloaded: too many tries are waiting.
    """
    key = f"{session.site_id}/session/{session.session_key}"
    await brake.wait(key)
    if session.password and hmac.compare_digest(session.password.encode(), sent.encode()):
        return True
    brake.failed(key)
    return False
