"""Who is seen when and where in a recording."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from parley.recordings.layout import HEIGHT, MOST_BESIDE, MOST_TILES, RATE, WIDTH, Shown, grid, pictures, scenes

_times = st.integers(-2_000, 30_000)
_shown = st.builds(
    lambda member, kind, start, length: Shown(
        member, f"Person {member}", kind, None if kind == "name" else member, start, start + length
    ),
    st.integers(1, 20),
    st.sampled_from(["camera", "screen", "name"]),
    _times,
    st.integers(1, 20_000),
)


@given(st.lists(_shown, max_size=25), st.integers(100, 25_000))
def test_scenes_fill_the_time_and_nobody_covers_another(shown: list[Shown], length: int) -> None:
    found = scenes(shown, length)
    assert found[0].start == 0
    assert all(one.end == two.start for one, two in itertools.pairwise(found))
    assert sum(map(pictures, found)) == round(round(length * RATE / 1000))
    for scene in found:
        cells = [cell for _, cell in scene.shown]
        assert len(cells) <= max(MOST_TILES, 1 + MOST_BESIDE)
        for cell in cells:
            assert 0 <= cell.x <= cell.x + cell.width <= WIDTH
            assert 0 <= cell.y <= cell.y + cell.height <= HEIGHT
            assert cell.width % 2 == cell.height % 2 == 0
        for one, two in itertools.combinations(cells, 2):
            beside = one.x + one.width <= two.x or two.x + two.width <= one.x
            assert beside or one.y + one.height <= two.y or two.y + two.height <= one.y
        people = [each.member for each, _ in scene.shown if each.kind != "screen"]
        assert len(people) == len(set(people))


def test_a_picture_follows_who_is_there() -> None:
    ada, grace = Shown(1, "Ada", "camera", 0, 0, 10_000), Shown(2, "Grace", "camera", 1, 4_000, 8_000)
    voice = Shown(1, "Ada", "name", None, 0, 10_000)
    screen = Shown(2, "Grace", "screen", 2, 5_000, 7_000)
    found = scenes([ada, grace, voice, screen], 10_000)
    assert [[each.kind for each, _ in scene.shown] for scene in found] == [
        ["camera"],
        ["camera", "camera"],
        ["screen", "camera", "camera"],
        ["camera", "camera"],
        ["camera"],
    ]
    assert [round(scene.start, -2) for scene in found] == [0, 4_000, 5_000, 7_000, 8_000]
    large = found[2].shown[0][1]
    assert large.width > 900
    assert large.height == HEIGHT


def test_flicker_is_not_shown() -> None:
    ada = Shown(1, "Ada", "camera", 0, 0, 10_000)
    blinks = [Shown(2, "Grace", "camera", 1, 3_000 + 50 * n, 3_020 + 50 * n) for n in range(10)]
    assert len(scenes([ada, *blinks], 10_000)) <= 4


def test_grids() -> None:
    assert grid(0) == []
    assert grid(1)[0].width > 1200
    two, four, five = grid(2), grid(4), grid(5)
    assert two[0].y == two[1].y
    assert len({cell.y for cell in four}) == 2
    # A last row that is not full stands in the middle.
    rows = sorted({cell.y for cell in five})
    last = [cell for cell in five if cell.y == rows[-1]]
    assert abs(last[0].x - (WIDTH - last[-1].x - last[-1].width)) <= 1
