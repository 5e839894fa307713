"""When people are reminded of a session before it starts.

A session has wishes: so many seconds before each of its occurrences, or once at a moment. From them and the session's
schedule follows what is due next; nothing is kept but the moment of the next reminder, so a change of the session
changes its reminders. Sources: the contract's remind and emailTemplates elements; what they leave open is chosen
(docs/fidelity.md, "Mails").
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from parley.domain import recurrence
from parley.domain.recurrence import NO_REPEAT, Kind, Rule
from parley.domain.timezones import to_local, to_utc

#: Seconds before the start where a request wants a reminder and does not say when.
USUAL_AHEAD: Final = 15 * 60
#: Nobody is reminded earlier than this before a session; more counts as this.
_LONGEST_AHEAD: Final = 366 * 86_400
#: session:reminderDatetimeType in seconds.
_NAMED: Final = {
    "15MIN": 15 * 60,
    "30MIN": 30 * 60,
    "1HR": 3600,
    "2HR": 2 * 3600,
    "24HR": 24 * 3600,
    "2DAY": 2 * 86_400,
    "7DAY": 7 * 86_400,
    "14DAY": 14 * 86_400,
}


class Whom(StrEnum):
    """Who is reminded."""

    HOST = "host"
    ADDRESSES = "addresses"
    ATTENDEES = "attendees"
    PRESENTERS = "presenters"
    MARKED = "marked"
    """People whose own element asks for it (sendReminder)."""


class Wish(msgspec.Struct, frozen=True):
    """A reminder as a session asks for it.

    Attributes:
        ahead: seconds before each occurrence; None: once, at the moment `at` (UTC epoch seconds).
        addresses: of Whom.ADDRESSES.
    """

    whom: Whom
    ahead: int | None = None
    at: int = 0
    addresses: tuple[str, ...] = ()


class FollowUp(msgspec.Struct, frozen=True):
    """A mail after a session, of a kind of messages; `at`: when it is due, UTC epoch seconds."""

    kind: str
    at: int


class Plan(NamedTuple):
    """When a session takes place: wall-clock start in a zone, the rule, and local dates that are left out."""

    start: datetime
    time_zone_id: int
    rule: Rule = NO_REPEAT
    skipped: Collection[date] = ()


class Due(NamedTuple):
    """A reminder that is due: of which wish, and of the occurrence that starts when (UTC epoch seconds)."""

    wish: Wish
    starts_at: int


def seconds_ahead(days: int | None, hours: int | None, minutes: int | None) -> int:
    """How long before the start; quarter of an hour where nothing is said. Negative numbers count as not said."""
    parts = ((days, 86_400), (hours, 3600), (minutes, 60))
    total = sum(count * unit for count, unit in parts if count is not None and count > 0)
    return min(total, _LONGEST_AHEAD) or USUAL_AHEAD


def named_ahead(name: str) -> int | None:
    """The seconds that a reminderDatetime stands for; None for another word."""
    return _NAMED.get(name.strip().upper())


def next_moment(wishes: Sequence[Wish], plan: Plan, after: int) -> int | None:
    """When the first reminder later than `after` is due; all in UTC epoch seconds; None: there is none any more."""
    moments = (_next(wish, plan, after) for wish in wishes)
    return min((moment for moment in moments if moment is not None), default=None)


def due_at(wishes: Sequence[Wish], plan: Plan, moment: int) -> list[Due]:
    """The reminders that are due at exactly this moment."""
    found = []
    for wish in wishes:
        if _next(wish, plan, moment - 1) == moment:
            starts_at = _first_start(plan, moment if wish.ahead is None else moment + wish.ahead)
            if starts_at is not None:
                found.append(Due(wish, starts_at))
    return found


def starts_then(plan: Plan, instant: int) -> bool:
    """Whether an occurrence starts at an instant (UTC epoch seconds)."""
    return _first_start(plan, instant) == instant


def number_of(plan: Plan, starts_at: int) -> int | None:
    """The number (from 1) of the occurrence that starts at an instant; None when none does."""
    day = to_local(starts_at, plan.time_zone_id).date()
    return recurrence.occurrence_number(plan.rule, plan.start, day)


def _next(wish: Wish, plan: Plan, after: int) -> int | None:
    if wish.ahead is None:
        return wish.at if wish.at > after and _first_start(plan, wish.at) is not None else None
    starts_at = _first_start(plan, after + wish.ahead + 1)
    return None if starts_at is None else starts_at - wish.ahead


def _first_start(plan: Plan, instant: int) -> int | None:
    """The first start at an instant or after it."""
    if plan.rule.kind is Kind.CONSTANT:  # a room that is open all the time begins once
        start = to_utc(plan.start, plan.time_zone_id)
        return start if start >= instant else None
    found = recurrence.occurrences(plan.rule, plan.start, plan.time_zone_id, after=instant, limit=1, skip=plan.skipped)
    return next((each.start for each in found), None)
