"""People present over time, in slots."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.attendance import attendance
from parley.domain.history import peak

_STAYS = st.lists(
    st.tuples(st.integers(0, 9000), st.integers(0, 9000)).map(lambda each: (each[0], each[0] + each[1])), max_size=30
)


def test_minute_by_minute() -> None:
    found = attendance([(0, 300), (60, 120), (150, 240)], 0, 300, 100)
    assert (found.start, found.slot, found.end) == (0, 60, 300)
    assert found.present == [1, 2, 2, 2, 1]


def test_whoever_leaves_as_another_comes_was_not_there_together_with_him() -> None:
    assert attendance([(0, 60), (60, 120)], 0, 120, 100).present == [1, 1]
    assert attendance([(0, 90), (90, 120)], 0, 120, 100).present == [1, 1]


def test_who_only_looks_in_is_seen() -> None:
    assert attendance([(70, 70)], 0, 180, 100).present == [0, 1, 0]


def test_nobody() -> None:
    assert attendance([], 100, 100, 100).present == [0]
    assert attendance([], 100, 400, 100).present == [0] * 5


def test_long_sessions_have_longer_slots() -> None:
    found = attendance([(0, 86_400 * 30)], 0, 86_400 * 30, 480)
    assert len(found.present) <= 480
    assert found.slot % 60 == 0
    assert set(found.present) == {1}


@given(_STAYS, st.integers(0, 5000), st.integers(0, 20_000), st.integers(1, 500))
def test_the_most_is_the_peak_and_everybody_is_within(
    stays: list[tuple[int, int]], start: int, length: int, most: int
) -> None:
    found = attendance(stays, start, start + length, most)
    assert 1 <= len(found.present) <= most
    assert max(found.present) == peak(stays)
    assert found.start <= min([start, *(came for came, _left in stays)])
    assert found.end >= max([start + length, *(left for _came, left in stays)])
    for place, count in enumerate(found.present):
        begin, end = found.start + place * found.slot, found.start + (place + 1) * found.slot
        inside = [(max(came, begin), min(left, end)) for came, left in stays if came < min(left, end) and left > begin]
        glances = [(came, left) for came, left in stays if came == left and begin <= came < end]
        last = place == len(found.present) - 1
        assert count == peak([*inside, *glances]) or (last and count >= peak(inside))
