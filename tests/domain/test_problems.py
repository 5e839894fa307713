"""How problems are said."""

from __future__ import annotations

import msgspec
import pytest

from parley.domain.problems import Code, Problem


def test_a_problem_is_plain_data() -> None:
    problem = Problem("interval", Code.RANGE, 1, 99)
    assert problem == Problem("interval", Code.RANGE, 1, 99)
    assert msgspec.to_builtins(problem) == {"field": "interval", "code": "range", "low": 1, "high": 99}
    assert (Problem("start_date", Code.PAST).low, Problem("start_date", Code.PAST).high) == (None, None)
    with pytest.raises(AttributeError):
        problem.field = "other"  # type: ignore[misc]
