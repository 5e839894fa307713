from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.labs import (
    WARNING,
    Held,
    Window,
    free_computers,
    maintenance_room,
    most_held,
    overlap,
    warned_at,
)

HOUR = 3600
instants = st.integers(0, 50)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(instants)
    return Window(start, start + draw(st.integers(1, 20)))


held = st.builds(Held, windows(), st.integers(1, 5))


def test_windows_that_touch_do_not_overlap() -> None:
    assert not overlap(Window(0, 10), Window(10, 20))
    assert overlap(Window(0, 11), Window(10, 20))
    assert overlap(Window(0, 20), Window(5, 6))


def test_those_who_follow_each_other_share_computers() -> None:
    morning, noon = Window(8 * HOUR, 10 * HOUR), Window(10 * HOUR, 12 * HOUR)
    taken = [Held(morning, 6), Held(noon, 4)]
    assert most_held(taken, Window(9 * HOUR, 11 * HOUR)) == 6
    assert free_computers(10, taken, Window(9 * HOUR, 11 * HOUR)) == 4
    assert free_computers(10, taken, noon) == 6
    assert free_computers(10, taken, Window(12 * HOUR, 13 * HOUR)) == 10


def test_a_lab_that_became_smaller_has_nothing_free() -> None:
    assert free_computers(3, [Held(Window(0, 10), 5)], Window(5, 6)) == 0


@given(st.lists(held, max_size=8), windows())
def test_the_most_held_is_what_a_look_at_every_moment_finds(taken: list[Held], window: Window) -> None:
    by_moment = [
        sum(each.computers for each in taken if each.window.start <= moment < each.window.end)
        for moment in range(window.start, window.end)
    ]
    assert most_held(taken, window) == max(by_moment)


@given(st.lists(held, max_size=8), windows(), st.integers(0, 20))
def test_what_is_free_can_be_taken_and_then_nothing_is(taken: list[Held], window: Window, computers: int) -> None:
    free = free_computers(computers, taken, window)
    if free:
        assert free_computers(computers, [*taken, Held(window, free)], window) == 0


def test_the_warning_comes_a_quarter_of_an_hour_before_the_end() -> None:
    assert warned_at(Window(0, HOUR)) == HOUR - WARNING == 45 * 60
    assert warned_at(Window(100, 160)) == 100


def test_the_lab_of_every_site_has_no_computers_and_a_secret_of_its_own() -> None:
    first, second = maintenance_room(1), maintenance_room(1)
    assert (first.name, first.computers) == ("Maintenance Room", 0)
    assert len(first.setup_key) == 32
    assert first.setup_key != second.setup_key
