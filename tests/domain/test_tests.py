"""When a test is open, how long an attempt lasts, and what grade a score is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.tests import GRACE_SECONDS, State, end_of_attempt, grade_of, is_over, may_begin, state_of


@pytest.mark.parametrize(
    ("opens", "closes", "now", "expected"),
    [
        (None, None, 5, State.NOT_STARTED),
        (None, 3, 5, State.NOT_STARTED),
        (6, None, 5, State.NOT_STARTED),
        (5, None, 5, State.STARTED),
        (5, 6, 5, State.STARTED),
        (4, 5, 5, State.ENDED),
    ],
)
def test_states(opens: int | None, closes: int | None, now: int, expected: State) -> None:
    assert state_of(opens, closes, now) is expected


def test_the_end_of_an_attempt() -> None:
    assert end_of_attempt(100, None, None) is None
    assert end_of_attempt(100, 2, None) == 220
    assert end_of_attempt(100, 2, 150) == 150
    assert end_of_attempt(100, None, 150) == 150
    assert not is_over(None, 10**12)
    assert not is_over(100, 100 + GRACE_SECONDS)
    assert is_over(100, 101 + GRACE_SECONDS)


def test_attempts_are_limited() -> None:
    assert may_begin(99, None)
    assert may_begin(1, 2)
    assert not may_begin(2, 2)


@pytest.mark.parametrize(
    ("score", "highest", "grade"),
    [(10, 10, "A"), (9, 10, "A"), (8, 10, "B"), (7, 10, "C"), (6, 10, "D"), (5, 10, "F"), (-1, 10, "F"), (0, 0, "")],
)
def test_grades(score: int, highest: int, grade: str) -> None:
    assert grade_of(score, highest) == grade


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1000))
def test_a_higher_score_is_no_worse_grade(one: int, other: int, highest: int) -> None:
    low, high = sorted((one, other))
    assert grade_of(high, highest) <= grade_of(low, highest)
