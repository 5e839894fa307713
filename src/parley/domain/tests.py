"""Tests of trainings: what a test asks, when it is open, and how often it may be taken.

A test is a list of questions; a question has parts that are answered, and rules that score the answers. The document
of a test in the interchange format is turned into these elsewhere.
Source: facts/training-history.md 1.8 (delivery, limits) and 1.10 (the profile of IMS QTI 1.2).
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

#: Seconds that answers may be late, for what was on its way when the time was over.
GRACE_SECONDS: Final = 10
#: Characters that are kept of a written answer.
LONGEST_ANSWER: Final = 20_000
#: What a written answer counts at most when the test does not say it.
DEFAULT_MAXIMUM: Final = Decimal(10)
#: Least share of the highest score for each grade, in per cent.
_GRADES: Final = ((90, "A"), (80, "B"), (70, "C"), (60, "D"))
_LAST_GRADE: Final = "F"

#: Answers to one question by the number (from 0) of its part: idents of the choices taken, or one text.
Responses: TypeAlias = dict[int, list[str]]


class PartKind(StrEnum):
    """How a part of a question is answered."""

    ONE = "one"
    """One of several choices."""
    SEVERAL = "several"
    """Any of several choices."""
    ORDER = "order"
    """The choices in an order."""
    TEXT = "text"
    """A text."""


class Choice(msgspec.Struct, frozen=True):
    """A choice and what is shown of it."""

    ident: str
    text: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is answered.

    Attributes:
        least, most: how many choices are to be taken; None: not said.
        fib_type: of texts: String, Integer, Decimal, Scientific or Boolean.
        longest: characters of a text.
    """

    ident: str
    kind: PartKind
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None
    fib_type: str = "String"
    longest: int = LONGEST_ANSWER


class Equals(msgspec.Struct, frozen=True, tag="equals"):
    """The answer to the part is, or has among it, this value."""

    part: int
    value: str


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The condition does not hold."""

    condition: Condition


class All(msgspec.Struct, frozen=True, tag="all"):
    """All conditions hold."""

    conditions: tuple[Condition, ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    """At least one condition holds."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Equals | Not | All | AnyOf


class Rule(msgspec.Struct, frozen=True):
    """What a condition does to the score: sets it, or adds to it. `feedback` is the number of what is then shown."""

    condition: All
    adds: bool
    value: Decimal
    feedback: int | None = None


class Scoring(msgspec.Struct, frozen=True):
    """Rules in their order, and the bounds that the score is kept in; None: no bound is said."""

    minimum: Decimal | None
    maximum: Decimal | None
    rules: tuple[Rule, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question: what is shown, what is answered, how it is scored.

    Attributes:
        feedback: texts that rules show; None for those that are not meant for who takes the test.
        interpretation: how the score is to be understood, as the test says it.
    """

    ident: str
    texts: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    scorings: tuple[Scoring, ...] = ()
    feedback: tuple[str | None, ...] = ()
    interpretation: str = ""


class Delivery(StrEnum):
    """Where a test is taken, in the API's words."""

    WEBSITE = "WEBSITE"
    IN_SESSION = "IN_SESSION"


class State(StrEnum):
    """How far a test is, in the API's words."""

    NOT_STARTED = "NOT_STARTED"
    STARTED = "STARTED"
    ENDED = "ENDED"


def state_of(opens_at: int | None, closes_at: int | None, now: int) -> State:
    """How far a test is that opens and closes at these times (UTC epoch seconds; None: not yet known)."""
    if opens_at is None or now < opens_at:
        return State.NOT_STARTED
    return State.ENDED if closes_at is not None and now >= closes_at else State.STARTED


def end_of_attempt(started_at: int, minutes: int | None, closes_at: int | None) -> int | None:
    """When the time of an attempt is over: by its own limit, or because the test closes; None: never."""
    ends = [] if minutes is None else [started_at + minutes * 60]
    return min([*ends, *([] if closes_at is None else [closes_at])], default=None)


def is_over(end: int | None, now: int) -> bool:
    """Whether answers come too late, what was on its way at the end counted in."""
    return end is not None and now > end + GRACE_SECONDS


def may_begin(taken: int, limit: int | None) -> bool:
    """Whether somebody who took a test so often may take it once more."""
    return limit is None or taken < limit


def grade_of(score: int, highest: int) -> str:
    """The grade for a score: A from 90 per cent of the highest on, B from 80, C from 70, D from 60, F below.

    A test without points has none.
    """
    if highest <= 0:
        return ""
    return next((grade for share, grade in _GRADES if score * 100 >= highest * share), _LAST_GRADE)
