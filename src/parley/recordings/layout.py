"""Who is seen when in a recording, and where: plain arithmetic, in milliseconds and pixels.

The picture changes only when somebody comes, goes, turns a camera on or off, or shares a screen. Between two changes it
stays as it is, so a recording is a row of scenes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

WIDTH: Final = 1280
HEIGHT: Final = 720
#: Pictures a second.
RATE: Final = 15
#: People who are seen at once, and beside a shared screen.
MOST_TILES: Final = 16
MOST_BESIDE: Final = 5
_GAP: Final = 8
_STRIP: Final = 224
#: Changes that follow each other more quickly are shown as one.
_SHORTEST: Final = 400


class Shown(NamedTuple):
    """Something that can be seen for a time.

    Attributes:
        source: number of the file it is in; None: there is no picture, only the name.
        start, end: milliseconds since the beginning of the part.
    """

    member: int
    name: str
    kind: Literal["camera", "screen", "name"]
    source: int | None
    start: int
    end: int


class Cell(NamedTuple):
    """A place in the picture; width and height are even."""

    x: int
    y: int
    width: int
    height: int


class Scene(NamedTuple):
    """What is seen from `start` to `end` (milliseconds), each in its place."""

    start: int
    end: int
    shown: tuple[tuple[Shown, Cell], ...]


def scenes(shown: Sequence[Shown], length: int) -> list[Scene]:
    """The scenes of a part, without a gap from 0 to `length`; times are those of whole pictures."""
    length = _on_picture(length)
    times = {0, length}
    for each in shown:
        times |= {_on_picture(min(max(time, 0), length)) for time in (each.start, each.end)}
    kept = _spread(sorted(times), length)
    found: list[Scene] = []
    for start, end in itertools.pairwise(kept):
        middle = (start + end) / 2
        cells = _arranged([each for each in shown if each.start <= middle < each.end])
        if found and found[-1].shown == cells:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Scene(start, end, cells))
    return found


def _spread(times: Sequence[int], length: int) -> list[int]:
    kept = [0]
    for time in times[1:]:
        if time - kept[-1] >= _SHORTEST and (length - time >= _SHORTEST or time == length):
            kept.append(time)
    if kept[-1] != length:
        if len(kept) > 1:
            kept.pop()
        kept.append(length)
    return kept


def _on_picture(time: int) -> int:
    """The time of the nearest picture, in whole milliseconds."""
    return round(round(time * RATE / 1000) * 1000 / RATE)


def pictures(scene: Scene) -> int:
    """How many pictures a scene has; those of all scenes add up to those of the part."""
    return round(scene.end * RATE / 1000) - round(scene.start * RATE / 1000)


def _arranged(shown: Iterable[Shown]) -> tuple[tuple[Shown, Cell], ...]:
    screens, people = [], {}
    for each in shown:
        if each.kind == "screen":
            screens.append(each)
        elif each.member not in people or each.kind == "camera":
            people[each.member] = each
    # Those who are seen come first; among them, those who came first.
    tiles = sorted(people.values(), key=lambda each: (each.kind != "camera", each.member))
    if not screens:
        tiles = tiles[:MOST_TILES]
        return tuple(zip(tiles, grid(len(tiles)), strict=True))
    screen = max(screens, key=lambda each: (each.start, each.member))
    tiles = tiles[:MOST_BESIDE]
    return ((screen, _beside(bool(tiles))), *zip(tiles, _strip(len(tiles)), strict=True))


def grid(count: int) -> list[Cell]:
    """Places for so many people: as many columns as make them largest; a last row that is not full is centred."""
    if not count:
        return []
    columns = max(range(1, count + 1), key=lambda each: _tile(each, math.ceil(count / each)))
    rows = math.ceil(count / columns)
    width, height = _even((WIDTH - _GAP) // columns - _GAP), _even((HEIGHT - _GAP) // rows - _GAP)
    found = []
    for number in range(count):
        row, column = divmod(number, columns)
        in_row = columns if row < rows - 1 else count - columns * (rows - 1)
        left = (WIDTH - in_row * width - (in_row - 1) * _GAP) // 2
        found.append(Cell(left + column * (width + _GAP), _GAP + row * (height + _GAP), width, height))
    return found


def _tile(columns: int, rows: int) -> float:
    return min(WIDTH / columns, HEIGHT / rows * 4 / 3)


def _beside(people: bool) -> Cell:
    width = WIDTH - _STRIP - 3 * _GAP if people else WIDTH
    return Cell(_GAP, 0, _even(width), HEIGHT) if people else Cell(0, 0, WIDTH, HEIGHT)


def _strip(count: int) -> list[Cell]:
    height = _even((HEIGHT - _GAP) // MOST_BESIDE - _GAP)
    top = (HEIGHT - count * height - (count - 1) * _GAP) // 2
    return [Cell(WIDTH - _STRIP - _GAP, top + n * (height + _GAP), _STRIP, height) for n in range(count)]


def _even(length: int) -> int:
    return max(2, length // 2 * 2)
