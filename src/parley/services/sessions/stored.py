"""The document column of a session: what every kind of session keeps there, and how its series goes on."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from parley.domain import recurrence
from parley.domain.dates import from_stored
from parley.domain.recurrence import NO_REPEAT, Rule
from parley.domain.session import Session


class StoredSession(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The part of the document that is the same for all kinds; each kind adds its contract record.

    Attributes:
        rule: how the session recurs, as asked for.
        skipped: local dates whose occurrence was cancelled or replaced by a session of its own.
    """

    rule: Rule = NO_REPEAT
    skipped: tuple[date, ...] = ()


def write_document(stored: StoredSession) -> str:
    """The text for the document column."""
    return msgspec.json.encode(stored).decode()


#: The common part of a document.
read_stored: Final = msgspec.json.Decoder(StoredSession).decode


def stored_session(session: Session) -> StoredSession:
    """The common part of a session's document."""
    return read_stored(session.document)


def following_occurrence(session: Session, now: int) -> tuple[int, int] | None:
    """Start and end of the first occurrence that is not over at `now`; all in UTC epoch seconds; None: none."""
    stored = stored_session(session)
    return recurrence.next_occurrence(
        stored.rule,
        from_stored(session.start_local),
        session.time_zone_id,
        session.duration,
        now,
        skip=stored.skipped,
    )
