"""docs/levels.md names every change of every level, and tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

from parley.protocol.versions import CHANGES, LEVELS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "levels.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if line.startswith("| 42.")]


def test_every_change_has_a_row() -> None:
    assert [row[0].strip() for row in ROWS] == [change.level.text for change in CHANGES]
    assert {row[0].strip() for row in ROWS} == {level.text for level in LEVELS}
    for row, change in zip(ROWS, CHANGES, strict=True):
        assert all(operation in row[2] for operation in change.operations), change


def test_the_tests_that_are_named_are_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", TEXT)
    assert named
    for path in named:
        assert (ROOT / path).is_file(), path
