"""What people say of a session afterwards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.feedback import HIGHEST, LONGEST_COMMENT, LOWEST, QUESTIONS, Opinion, opinion_of


def test_marks_and_remark() -> None:
    sent = {"setup": "5", "ease_of_use": "0", "performance": "x", "comment": " Fine "}
    assert opinion_of(sent) == Opinion(setup=5, comment="Fine")
    assert opinion_of({"setup": "", "comment": "  "}) is None
    assert opinion_of({"setup": "²", "performance": "01"}) is None


@given(st.dictionaries(st.sampled_from([*QUESTIONS, "comment", "odd"]), st.text() | st.integers().map(str)))
def test_whatever_is_sent_is_within_bounds(texts: dict[str, str]) -> None:
    opinion = opinion_of(texts)
    if opinion is None:
        return
    assert len(opinion.comment) <= LONGEST_COMMENT
    for name in QUESTIONS:
        mark = getattr(opinion, name)
        assert mark is None or LOWEST <= mark <= HIGHEST
