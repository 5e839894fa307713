"""Levels of the API."""

from __future__ import annotations

import pytest

from parley.protocol.versions import CHANGES, FIRST, LATEST, LEVELS, Level


def test_levels_are_read_and_written() -> None:
    assert str(Level.parse("42.6.0")) == "42.6.0"
    assert Level.parse("42.6") == LATEST
    assert repr(FIRST) == "Level(42.1.0)"
    assert Level.parse("42.3.0") is Level.parse("42.3.0")


@pytest.mark.parametrize("text", ["", "42", "42.", "42.6.0.1", "v42.6", "42.x", " 42.6", "42.6\n", "42.99999", "٤٢.1"])
def test_other_texts_are_no_level(text: str) -> None:
    with pytest.raises(ValueError, match="is no version"):
        Level.parse(text)


def test_levels_are_ordered_by_number() -> None:
    assert Level.parse("9.0.0") < Level.parse("10.0.0") < Level.parse("42.1.0") <= LATEST
    assert sorted([LATEST, FIRST]) == [FIRST, LATEST]
    assert LATEST != "42.6.0"
    assert len({Level.parse("42.6"), Level.parse("42.6.0")}) == 1


def test_many_texts_do_not_pile_up() -> None:
    levels = [Level.parse(f"1.{minor}") for minor in range(500)]
    assert levels[499] == Level.parse("1.499.0")


def test_a_site_can_run_at_six_levels() -> None:
    assert [str(level) for level in LEVELS] == ["42.1.0", "42.2.0", "42.3.0", "42.4.0", "42.5.0", "42.6.0"]


def test_every_level_says_what_it_changed() -> None:
    assert [change.level for change in CHANGES] == sorted(change.level for change in CHANGES)
    assert {change.level for change in CHANGES} == set(LEVELS)
    assert [change.operations for change in CHANGES if change.schema] == [("GetSite",)]
