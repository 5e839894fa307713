"""The numbers of charts: round marks that cover the data, everything inside the box."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.web.console import charts, tables

_VALUES = st.lists(st.integers(0, 10**15), min_size=1, max_size=120)
_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (17, [0, 5, 10, 15, 20]),
        (100, [0, 50, 100]),
        (0.4, [0, 1]),
    ],
)
def test_round_marks(most: float, marks: list[int]) -> None:
    assert charts.ticks(most) == marks


@given(st.integers(0, 10**18))
def test_marks_cover_the_data_in_equal_round_steps(most: int) -> None:
    found = charts.ticks(most)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 5
    steps = {after - before for before, after in pairwise(found)}
    assert len(steps) == 1
    assert str(steps.pop()).rstrip("0") in ("1", "2", "5")
    assert found[-2] < max(most, 1)


@given(_VALUES)
def test_bars_stand_inside_the_box_side_by_side(values: list[int]) -> None:
    up, top = charts.marks_up(values, str)
    assert all(0 <= mark.at <= 100 for mark in up)
    assert int(up[-1].text) == top
    assert top >= max(values)
    found = charts.bars(values, top, [str(value) for value in values])
    assert len(found) == len(values)
    for bar in found:
        assert bar.x >= 0
        assert bar.x + bar.width <= 100.01
        assert 0 <= bar.y <= 100
        assert bar.y + bar.height == pytest.approx(100)
    for before, after in pairwise(found):
        assert before.x + before.width <= after.x + 0.02
    assert found[values.index(max(values))].height == max(bar.height for bar in found)
    marks = charts.marks_of_bars([str(value) for value in values])
    assert 1 <= len(marks) <= 5
    assert all(0 <= mark.at <= 100 for mark in marks)


@given(st.lists(st.integers(0, 10**9), max_size=480))
def test_lines_stay_inside_the_box(values: list[int]) -> None:
    line, area = charts.steps(values, charts.ticks(max(values, default=0))[-1])
    assert all(0 <= float(number) <= 100 for number in _NUMBERS.findall(line + area))
    assert line.startswith("M0 ") == bool(values)
    assert line.count("V") == sum(1 for before, after in pairwise(values) if before != after)
    assert "nan" not in area


def test_a_line_in_steps() -> None:
    assert charts.steps([1, 1, 2, 0], 2) == ("M0 50H50.000V0H75.000V100H100", "M0 50H50.000V0H75.000V100H100V100H0Z")
    assert charts.steps([], 1) == ("", "")


@given(st.integers(0, 4 * 10**9), st.integers(1, 400 * 86_400), st.integers(-840, 840))
def test_times_are_round_for_the_reader_and_few(start: int, length: int, ahead: int) -> None:
    found = charts.times(start, start + length, ahead * 60)
    assert len(found) <= 6
    assert all(start <= each <= start + length for each in found)
    assert all((each + ahead * 60) % 60 == 0 for each in found)
    assert len({after - before for before, after in pairwise(found)}) <= 1
    marks = charts.along(found, start, start + length, str)
    assert all(0 <= mark.at <= 100 for mark in marks)


def test_shares_of_a_whole() -> None:
    assert (charts.share(1, 3), charts.share(5, 3), charts.share(-1, 3)) == (33.33, 100, 0)
    assert (charts.share(0, 0), charts.share(5, 0)) == (0, 0)


# ---- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=HYPERLINK()"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert tables.cell(text) == f"'{text}"


@given(st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=1, max_size=5), max_size=5))
def test_tables_read_back(rows: list[list[str | int | None]]) -> None:
    told = list(csv.reader(io.StringIO(tables.lines(rows), newline="")))
    assert told == [[tables.cell(each) for each in row] for row in rows]
    for row, cells in zip(rows, told, strict=True):
        for value, cell in zip(row, cells, strict=True):
            assert not isinstance(value, str) or not cell.lstrip().startswith(("=", "+", "-", "@"))
