"""What a process keeps in memory for its requests: bounded, whatever people send."""

from __future__ import annotations

import sqlite3
from sys import getsizeof

from parley.services.application import EncodedAnswers, RecentLists


def test_answers_are_kept_up_to_a_number_of_bytes() -> None:
    one = getsizeof("\N{GRINNING FACE}" * 1_000)
    kept = EncodedAnswers(limit=3 * one)
    for number in range(10):
        kept.put((number,), "\N{GRINNING FACE}" * 1_000)
    kept.put((9,), "once more")
    assert [number for number in range(10) if kept.get((number,)) is not None] == [7, 8, 9]
    for number in range(10):
        kept.put((number, "short"), "a" * 1_000)
    assert len(kept) > 3


def test_texts_count_for_the_same_when_they_go() -> None:
    answers = ["\N{LATIN SMALL LETTER E WITH ACUTE}" * 1_000 + str(number) for number in range(8)]
    kept = EncodedAnswers(limit=2 * getsizeof(answers[0]))
    for number, answer in enumerate(answers):
        kept.put((number,), answer)
        before = getsizeof(answer)
        sqlite3.connect(":memory:").execute("SELECT ?", (answer,)).connection.close()
        assert getsizeof(answer) > before  # the text keeps its bytes from now on
    assert len(kept) == 2


def test_of_lists_nothing_is_kept_that_somebody_sent() -> None:
    recent = RecentLists(limit=2)
    names = ["x" * 100_000 + str(number) for number in range(3)]
    assert [recent.seen((name, 1)) for name in (names[0], names[0], names[1], names[2], names[0])] == [
        *(False, True, False, False, False)
    ]
    assert all(isinstance(each, int) for each in recent._asked)
