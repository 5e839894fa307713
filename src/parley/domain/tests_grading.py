"""Scores of answers by a question's own rules (resprocessing of IMS QTI 1.2, as far as tests of trainings have it).

All rules of a question are looked at in their order: one that holds sets the score or adds to it. The score stays
within the bounds that the question says. A question with a written answer that no rule asks about is scored by hand.
Source: facts/training-history.md 1.10.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

import msgspec

from parley.domain.tests import (
    DEFAULT_MAXIMUM,
    All,
    AnyOf,
    Condition,
    Equals,
    Not,
    Part,
    PartKind,
    Question,
    Responses,
    Scoring,
)

_TRUE: Final = frozenset({"true", "yes", "1", "t", "y"})
_FALSE: Final = frozenset({"false", "no", "0", "f", "n"})
_NOTHING: Final = Decimal(0)
_LONGEST_NUMBER: Final = 60


class Bounds(msgspec.Struct, frozen=True):
    """The lowest and the highest score of a question or a test, as whole numbers."""

    lowest: int
    highest: int


class Marked(msgspec.Struct, frozen=True):
    """What came of one question.

    Attributes:
        score: whole points; of a question that waits for a mark what its rules give.
        pending: it waits for a mark of the instructor's.
        feedback: numbers of the feedback that the rules that held show.
    """

    score: int
    pending: bool
    feedback: tuple[int, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What came of a test: a result for each question in its order, and the sum."""

    marks: tuple[Marked, ...]
    score: int

    @property
    def pending(self) -> bool:
        """Whether some question waits for a mark."""
        return any(each.pending for each in self.marks)


# ---- single answers --------------------------------------------------------------------------------------


def number_of(text: str, fib_type: str) -> Decimal | None:
    """The number that a text says, of an Integer, Decimal or Scientific blank; None when it says none."""
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return None
    return None if fib_type == "Integer" and number != number.to_integral_value() else number


def same_text(given: str, wanted: str, fib_type: str = "String") -> bool:
    """Whether a written answer is the one that a rule asks for.

    Numbers and truth values are compared by what they mean, texts without letter case, forms of the same letters, and
    the number of blanks.
    """
    if fib_type == "Boolean":
        return _truth(given) is not None and _truth(given) is _truth(wanted)
    if fib_type != "String":
        number = number_of(given, fib_type)
        return number is not None and number == number_of(wanted, fib_type)
    return _folded(given) == _folded(wanted)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _truth(text: str) -> bool | None:
    word = text.strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def is_answered(question: Question, responses: Responses) -> bool:
    """Whether every part of a question has an answer."""
    return all(any(each.strip() for each in responses.get(number, ())) for number in range(len(question.parts)))


# ---- conditions ------------------------------------------------------------------------------------------


def holds(condition: Condition, parts: tuple[Part, ...], responses: Responses) -> bool:
    """Whether a condition holds for the answers to a question with these parts.

    In a conjunction the values asked of an ordered part stand for its places in their order; elsewhere, and of all
    other parts, a value asks whether it is among the answers.
    """
    match condition:
        case Equals(part, value):
            return _among(parts[part], value, responses.get(part, []))
        case Not(inner):
            return not holds(inner, parts, responses)
        case AnyOf(conditions):
            return any(holds(each, parts, responses) for each in conditions)
        case All(conditions):
            return _all_hold(conditions, parts, responses)


def _among(part: Part, value: str, given: list[str]) -> bool:
    if part.kind is PartKind.TEXT:
        return any(same_text(each, value, part.fib_type) for each in given if each.strip())
    return value in given


def _all_hold(conditions: tuple[Condition, ...], parts: tuple[Part, ...], responses: Responses) -> bool:
    places: dict[int, int] = {}
    for each in conditions:
        if isinstance(each, Equals) and parts[each.part].kind is PartKind.ORDER:
            place = places[each.part] = places.get(each.part, -1) + 1
            if responses.get(each.part, [])[place : place + 1] != [each.value]:
                return False
        elif not holds(each, parts, responses):
            return False
    return True


def _asked(condition: Condition) -> set[int]:
    """The parts that a condition asks about."""
    match condition:
        case Equals(part, _):
            return {part}
        case Not(inner):
            return _asked(inner)
        case All(conditions) | AnyOf(conditions):
            return set().union(*map(_asked, conditions))


# ---- questions -------------------------------------------------------------------------------------------


def needs_mark(question: Question) -> bool:
    """Whether the instructor scores a question: it has a written answer that no rule asks about."""
    asked: set[int] = set().union(*(_asked(rule.condition) for scoring in question.scorings for rule in scoring.rules))
    return any(part.kind is PartKind.TEXT and place not in asked for place, part in enumerate(question.parts))


def bounds_of(question: Question) -> Bounds:
    """The lowest and the highest score of a question; what it does not say follows from its rules.

    A question that is scored by hand and says no highest score has `DEFAULT_MAXIMUM`.
    """
    lowest = sum((_reached(each, each.minimum, min) for each in question.scorings), _NOTHING)
    highest = sum((_reached(each, each.maximum, max) for each in question.scorings), _NOTHING)
    if needs_mark(question):
        lowest = min(lowest, _NOTHING)
        highest = highest if highest > 0 else DEFAULT_MAXIMUM
    return Bounds(_whole(lowest), max(_whole(highest), _whole(lowest)))


def _reached(scoring: Scoring, said: Decimal | None, better: Callable[[Decimal, Decimal], Decimal]) -> Decimal:
    """The lowest or highest value of a scoring: what it says itself, else what its rules can come to."""
    if said is not None:
        return said
    found = _NOTHING
    for rule in scoring.rules:
        found = better(found, found + rule.value if rule.adds else rule.value)
    return found


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))


def marked(question: Question, responses: Responses, mark: int | None = None) -> Marked:
    """What comes of a question by its rules.

    Args:
        mark: what the instructor gave, if he did; it takes the place of what the rules give.
    """
    total, shown = _NOTHING, []
    for scoring in question.scorings:
        score = _NOTHING
        for rule in scoring.rules:
            if not holds(rule.condition, question.parts, responses):
                continue
            score = score + rule.value if rule.adds else rule.value
            if rule.feedback is not None and rule.feedback not in shown:
                shown.append(rule.feedback)
        total += _within(scoring, score)
    bounds = bounds_of(question)
    if mark is not None:
        return Marked(min(max(mark, bounds.lowest), bounds.highest), pending=False, feedback=tuple(shown))
    points = min(max(_whole(total), bounds.lowest), bounds.highest)
    return Marked(points, pending=needs_mark(question) and _written(question, responses), feedback=tuple(shown))


def _within(scoring: Scoring, score: Decimal) -> Decimal:
    if scoring.minimum is not None:
        score = max(score, scoring.minimum)
    return score if scoring.maximum is None else min(score, scoring.maximum)


def _written(question: Question, responses: Responses) -> bool:
    """Whether there is a text at all that somebody could score."""
    texts = [place for place, part in enumerate(question.parts) if part.kind is PartKind.TEXT]
    return any(each.strip() for place in texts for each in responses.get(place, ()))


def wanted(question: Question, part: int) -> list[str]:
    """The answers to a part that its rules reward, in their order."""
    found: list[str] = []
    for scoring in question.scorings:
        for rule in scoring.rules:
            if rule.value > 0:
                found += [each for each in _rewarded(rule.condition, part) if each not in found]
    return found


def _rewarded(condition: Condition, part: int) -> list[str]:
    match condition:
        case Equals(asked, value):
            return [value] if asked == part else []
        case Not():
            return []
        case All(conditions) | AnyOf(conditions):
            return [value for each in conditions for value in _rewarded(each, part)]


# ---- tests -----------------------------------------------------------------------------------------------


def bounds_of_test(questions: tuple[Question, ...]) -> Bounds:
    """The lowest and the highest score of a test."""
    bounds = [bounds_of(each) for each in questions]
    return Bounds(sum(each.lowest for each in bounds), sum(each.highest for each in bounds))


def graded(questions: tuple[Question, ...], answers: Mapping[int, Responses], marks: Mapping[int, int]) -> Outcome:
    """What comes of a test.

    Args:
        answers, marks: by the number of the question, from 0.
    """
    results = tuple(marked(each, answers.get(place, {}), marks.get(place)) for place, each in enumerate(questions))
    return Outcome(results, sum(each.score for each in results))
