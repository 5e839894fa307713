"""The repeat element of trainings: classes that people register for one by one, and courses that they register for.

Source: facts/training-history.md 1.12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from parley.contract.training import RepeatSessionType, TrainRepeatType
from parley.domain.dates import format_date, from_stored
from parley.domain.recurrence import NO_REPEAT, Change, Kind, Rule, starts_of
from parley.domain.session import Session
from parley.protocol import faults
from parley.services.records import merged
from parley.services.sessions.repeats import repeat_of, rule_of
from parley.services.sessions.stored import StoredSession
from parley.services.values import start_of

#: One date; independent classes; a course.
SINGLE: Final = "SINGLE"
CLASSES: Final = "RECURRING_SINGLE"
COURSE: Final = "MULTIPLE_SESSION"
#: Sessions of one training. All of them are listed in one answer.
MOST_SESSIONS: Final = 999

_DELETE: Final = "DELETE"


def pattern_after(sent: TrainRepeatType | None, kept: TrainRepeatType | None) -> TrainRepeatType | None:
    """What is kept of how a training recurs; single sessions of it that take place otherwise are not part of that.

    A request that names a repeatType takes the place of what was kept as a whole.
    """
    if sent is None:
        return kept
    pattern = replace(sent, repeat_session=[])
    return pattern if sent.repeat_type is not None else merged(kept, pattern)


def rule_asked(
    sent: TrainRepeatType | None, pattern: TrainRepeatType | None, starts: Sequence[datetime], present: Rule
) -> Rule | None:
    """The rule that a request asks for; None when it does not speak of it.

    Args:
        sent, pattern: the request's element, and what `pattern_after` makes of it.
        starts: every startDate of the request.
        present: the rule so far.

    Raises:
        Fault: a pattern that says too little, several start dates where there is one pattern, a date that cannot be
            read.
    """
    says = sent is not None and sent != TrainRepeatType(repeat_session=sent.repeat_session)
    kind = _kind(pattern, listed=len(starts) > 1 or present.kind is Kind.IRREGULARLY)
    if kind is Kind.IRREGULARLY:
        if not starts and present.kind is Kind.IRREGULARLY:
            return None
        return Rule(kind=kind, starts=tuple(starts)) if starts or says else None
    if len(starts) > 1:
        raise faults.INVALID_REPEAT(element="occurenceType", problem="several start dates need IRREGULARLY")
    if not says:
        return None
    if kind is Kind.NO_REPEAT or pattern is None:
        return NO_REPEAT
    rule = rule_of(replace(pattern, repeat_type=kind.value))
    if kind is not Kind.CONSTANT and not rule.after_meeting_number and rule.expiration is None:
        return replace(rule, after_meeting_number=1)  # without an end it is one session only
    return rule


def _kind(pattern: TrainRepeatType | None, *, listed: bool) -> Kind:
    """How the sessions of a training follow each other; `listed`: their starts are said, or were so far."""
    if pattern is None:
        return Kind.NO_REPEAT
    named = Kind(pattern.occurence_type) if pattern.occurence_type else None
    if pattern.repeat_type is None and named not in (None, Kind.NO_REPEAT):
        raise faults.MISSING_ELEMENT(path="repeat/repeatType")
    if pattern.repeat_type in (None, SINGLE):
        return Kind.NO_REPEAT
    if named is not None:
        return named
    if listed:
        return Kind.IRREGULARLY
    if pattern != TrainRepeatType(repeat_type=pattern.repeat_type):
        raise faults.MISSING_ELEMENT(path="repeat/occurenceType")
    return Kind.DAILY  # of which there is one session, as nothing says when it ends


def type_of(pattern: TrainRepeatType | None) -> str:
    """What people register for: SINGLE, CLASSES or COURSE."""
    return (pattern.repeat_type if pattern is not None else None) or SINGLE


def changes_asked(sent: TrainRepeatType | None, *, named: bool) -> Iterator[Change]:
    """Sessions that a request wants to take place otherwise.

    Args:
        named: those with an action; otherwise those without, which answers have as well.

    Raises:
        Fault: a session without number, a change without date.
    """
    for each in sent.repeat_session if sent is not None else ():
        if (each.action is not None) is not named:
            continue
        if each.index is None:
            raise faults.MISSING_ELEMENT(path="repeat/repeatSession/index")
        start = None if each.action == _DELETE else start_of(each.start_date)
        if start is None and each.action != _DELETE:
            raise faults.MISSING_ELEMENT(path="repeat/repeatSession/startDate")
        yield Change(each.index, start)


# ---- to answers ------------------------------------------------------------------------------------------


def sessions_of(session: Session, stored: StoredSession) -> dict[int, datetime]:
    """The wall-clock starts of a training's sessions by number; empty for one that is open at any time."""
    if stored.rule.kind in (Kind.NO_REPEAT, Kind.CONSTANT):
        return {}
    return starts_of(stored.rule, from_stored(session.start_local), skip=stored.skipped)


def start_dates(session: Session, stored: StoredSession) -> list[str]:
    """The startDate elements of an answer: one, or all of those of irregular sessions."""
    if stored.rule.kind is Kind.IRREGULARLY:
        return [format_date(start) for start in sessions_of(session, stored).values()]
    return [format_date(from_stored(session.start_local))]


def answered(
    session: Session, stored: StoredSession, repeat_type: str, pattern: TrainRepeatType | None
) -> TrainRepeatType:
    """The repeat element of an answer."""
    if stored.rule.kind is Kind.NO_REPEAT:
        return TrainRepeatType(repeat_type=SINGLE)
    whole = pattern
    if whole is None:  # part of a series that was split
        whole = repeat_of(TrainRepeatType, None, stored.rule)
    return replace(
        whole,
        repeat_type=repeat_type,
        occurence_type=whole.occurence_type or stored.rule.kind.value,
        repeat_session=[
            RepeatSessionType(index=number, start_date=format_date(start))
            for number, start in sorted(sessions_of(session, stored).items())
        ],
    )
