"""What else becomes of people who come onto a session's list: services enter what they do for them, by service.

The list itself (`registering`) knows nothing of it. It is called in the transaction that lets the people in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from parley.domain.session import Attendee, HostedSession
from parley.services.context import Context
from parley.store import Changes

#: Takes the context, the changes to add to, the session, and those who are let in: invited, or accepted with a seat.
Welcome: TypeAlias = Callable[[Context, Changes, HostedSession, Sequence[Attendee]], Awaitable[None]]
_WELCOMES: Final[dict[str, list[Welcome]]] = {}


def when_let_in(service: str, welcome: Welcome) -> None:
    """Call `welcome` when people are let into a session of this service (com:serviceTypeType)."""
    _WELCOMES.setdefault(service, []).append(welcome)


def is_in(person: Attendee | None) -> bool:
    """Whether somebody is let in."""
    return person is not None and person.join_status in ("INVITE", "ACCEPT") and not person.waiting


async def let_in(context: Context, changes: Changes, session: HostedSession, people: Sequence[Attendee]) -> None:
    """These people were let into a session."""
    for welcome in _WELCOMES.get(session.service, ()) if people else ():
        await welcome(context, changes, session, people)
