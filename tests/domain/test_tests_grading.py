"""Scores by the rules of a question."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.tests import All, AnyOf, Choice, Condition, Equals, Not, Part, PartKind, Question, Rule, Scoring
from parley.domain.tests_grading import (
    Bounds,
    bounds_of,
    bounds_of_test,
    graded,
    holds,
    is_answered,
    marked,
    needs_mark,
    number_of,
    same_text,
    wanted,
)

ABC = tuple(Choice(each, each.upper()) for each in "abc")
ONE = Part(ident="R", kind=PartKind.ONE, choices=ABC)
SEVERAL = Part(ident="R", kind=PartKind.SEVERAL, choices=ABC)
ORDER = Part(ident="R", kind=PartKind.ORDER, choices=ABC)
TEXT = Part(ident="R", kind=PartKind.TEXT)


def question(part: Part, *rules: Rule, low: int | None = None, high: int | None = None) -> Question:
    bounds = [None if each is None else Decimal(each) for each in (low, high)]
    return Question(ident="q", texts=("?",), parts=(part,), scorings=(Scoring(bounds[0], bounds[1], rules),))


def sets(value: int | str, *conditions: Condition, feedback: int | None = None) -> Rule:
    return Rule(All(conditions), adds=False, value=Decimal(value), feedback=feedback)


def adds(value: int | str, *conditions: Condition) -> Rule:
    return Rule(All(conditions), adds=True, value=Decimal(value))


def chosen(value: str) -> Equals:
    return Equals(0, value)


@pytest.mark.parametrize(("answer", "score"), [("a", 2), ("b", 0), ("", 0)])
def test_one_of_several_choices(answer: str, score: int) -> None:
    asked = question(ONE, sets(2, chosen("a"), feedback=0), sets(0, Not(chosen("a")), feedback=1))
    found = marked(asked, {0: [answer] if answer else []})
    assert (found.score, found.pending, found.feedback) == (score, False, (0,) if score else (1,))
    assert bounds_of(asked) == Bounds(0, 2)
    assert wanted(asked, 0) == ["a"]


@pytest.mark.parametrize(("answers", "score"), [("", 0), ("a", 1), ("ac", 2), ("abc", 1), ("b", 0), ("ca", 2)])
def test_points_add_up_within_their_bounds(answers: str, score: int) -> None:
    asked = question(SEVERAL, adds(1, chosen("a")), adds(1, chosen("c")), adds(-1, chosen("b")), low=0, high=2)
    assert marked(asked, {0: list(answers)}).score == score


def test_rules_are_looked_at_in_their_order() -> None:
    both = question(ONE, sets(5, chosen("a")), sets(1, chosen("a")), adds(1, chosen("a")))
    assert marked(both, {0: ["a"]}).score == 2
    assert bounds_of(both) == Bounds(0, 6)


@pytest.mark.parametrize(("answer", "holding"), [("bca", True), ("bac", False), ("bc", False), ("", False)])
def test_an_order_is_asked_for_place_by_place(answer: str, holding: bool) -> None:
    condition = All((chosen("b"), chosen("c"), chosen("a")))
    assert holds(condition, (ORDER,), {0: list(answer)}) is holding
    assert holds(Not(chosen("x")), (ORDER,), {0: list(answer)})


def test_nested_conditions() -> None:
    condition = All((AnyOf((chosen("a"), chosen("b"))), Not(All((chosen("a"), chosen("b"))))))
    found = {answers: holds(condition, (SEVERAL,), {0: list(answers)}) for answers in ("", "a", "b", "ab", "c")}
    assert found == {"": False, "a": True, "b": True, "ab": False, "c": False}


@pytest.mark.parametrize(
    ("given_text", "wanted_text", "kind", "same"),
    [
        ("  PARIS ", "paris", "String", True),
        ("new   york", "New York", "String", True),
        ("Stra\u00dfe", "STRASSE", "String", True),
        ("caf\u0065\u0301", "caf\u00e9", "String", True),
        ("Pari", "Paris", "String", False),
        ("042", "42", "Integer", True),
        ("42.5", "42", "Integer", False),
        ("42.0", "42", "Integer", True),
        ("1,5", "1.50", "Decimal", True),
        ("1.5e3", "1500", "Scientific", True),
        ("NaN", "NaN", "Decimal", False),
        ("1e999999999", "1e999999999", "Scientific", False),
        ("9" * 100, "1", "Integer", False),
        ("Yes", "true", "Boolean", True),
        ("0", "true", "Boolean", False),
        ("perhaps", "perhaps", "Boolean", False),
    ],
)
def test_written_answers(given_text: str, wanted_text: str, kind: str, same: bool) -> None:
    assert same_text(given_text, wanted_text, kind) is same


@given(st.text(max_size=80), st.sampled_from(["Integer", "Decimal", "Scientific"]))
def test_whatever_is_written_is_a_number_or_none(text: str, kind: str) -> None:
    number = number_of(text, kind)
    assert number is None or number.is_finite()


def test_essays_wait_for_a_mark() -> None:
    essay = question(TEXT, high=5, low=0)
    assert needs_mark(essay)
    assert not needs_mark(question(TEXT, sets(1, chosen("x"))))
    assert not needs_mark(question(ONE))
    assert marked(essay, {0: ["a thought"]}).pending
    assert not marked(essay, {0: ["  "]}).pending
    assert not marked(essay, {}).pending
    done = marked(essay, {0: ["a thought"]}, 4)
    assert (done.score, done.pending) == (4, False)
    assert marked(essay, {0: ["a thought"]}, 99).score == 5
    assert bounds_of(question(TEXT)).highest == 10


def test_a_test_is_the_sum_of_its_questions() -> None:
    questions = (question(ONE, sets(2, chosen("a"))), question(TEXT, low=0, high=5), Question(ident="x", texts=("!",)))
    assert bounds_of_test(questions) == Bounds(0, 7)
    outcome = graded(questions, {0: {0: ["a"]}, 1: {0: ["words"]}}, {})
    assert (outcome.score, outcome.pending) == (2, True)
    outcome = graded(questions, {0: {0: ["a"]}, 1: {0: ["words"]}}, {1: 3})
    assert (outcome.score, outcome.pending) == (5, False)


def test_what_counts_as_answered() -> None:
    asked = question(SEVERAL)
    assert is_answered(asked, {0: ["a"]})
    assert not is_answered(asked, {0: [" "]})
    assert not is_answered(asked, {})
    assert is_answered(Question(ident="x", texts=()), {})


def test_points_may_be_halves_on_the_way() -> None:
    asked = question(SEVERAL, adds("0.5", chosen("a")), adds("0.5", chosen("b")), adds("0.5", chosen("c")))
    assert [marked(asked, {0: list(given_)}).score for given_ in ("", "a", "ab", "abc")] == [0, 1, 1, 2]


# ---- properties ------------------------------------------------------------------------------------------

_VALUES = st.integers(-20, 20).map(Decimal)
_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from("abcd").map(chosen),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: All(tuple(some))),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some))),
    ),
    max_leaves=8,
)
_RULES = st.builds(
    Rule, st.lists(_CONDITIONS, min_size=1, max_size=3).map(lambda some: All(tuple(some))), st.booleans(), _VALUES
)
_ANSWERS = st.lists(st.sampled_from("abc"), unique=True)
_BOUND = st.none() | st.integers(0, 10).map(Decimal)


@given(st.sampled_from([ONE, SEVERAL, ORDER]), st.lists(_RULES, max_size=6), _BOUND, _BOUND, _ANSWERS)
def test_a_score_stays_within_the_bounds(
    part: Part, rules: list[Rule], low: Decimal | None, high: Decimal | None, answers: list[str]
) -> None:
    if low is not None and high is not None and low > high:
        low, high = high, low
    asked = Question(ident="q", texts=(), parts=(part,), scorings=(Scoring(low, high, tuple(rules)),))
    bounds = bounds_of(asked)
    found = marked(asked, {0: answers})
    assert bounds.lowest <= found.score <= bounds.highest
    assert not found.pending


@given(_CONDITIONS, _ANSWERS)
def test_a_condition_or_its_contrary_holds(condition: Condition, answers: list[str]) -> None:
    assert holds(condition, (SEVERAL,), {0: answers}) is not holds(Not(condition), (SEVERAL,), {0: answers})


@given(_CONDITIONS, _CONDITIONS, _ANSWERS)
def test_the_laws_of_conditions(one: Condition, other: Condition, answers: list[str]) -> None:
    def true(condition: Condition) -> bool:
        return holds(condition, (SEVERAL,), {0: answers})

    assert true(Not(All((one, other)))) is true(AnyOf((Not(one), Not(other))))
    assert true(AnyOf((one, other))) is (true(one) or true(other))
