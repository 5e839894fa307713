"""docs/security.md names tests that exist, for every threat."""

from __future__ import annotations

import re
from functools import cache

import pytest

from scripts.check_tree import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/.-]+\.py)::(\w+)`", TEXT)))


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests of a file."""
    return frozenset(re.findall(r"^ *(?:async )?def (test_\w+)\(", (ROOT / path).read_text("utf-8"), re.MULTILINE))


def test_there_are_threats() -> None:
    assert len(NAMED) > 100


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_the_tests_that_are_named_are_there(path: str) -> None:
    assert (ROOT / path).is_file()
    assert sorted({name for each, name in NAMED if each == path} - names_in(path)) == []


def test_every_threat_names_a_test() -> None:
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 3 and cells[2] != "Tests" and "tests/" in cells[2]:
            assert re.fullmatch(r"`[^`]+::\w+`(, `[^`]+::\w+`)*", cells[2]), line
    rows = [line for line in TEXT.splitlines() if re.match(r"\| (?!Threat\b)[^|]+\|[^|]+\|", line)]
    threats = [line for line in rows if line in _rows_below("Tests")]
    assert len(threats) > 60
    assert [line for line in threats if "::test_" not in line] == []


def _rows_below(column: str) -> set[str]:
    """The rows of the tables whose last column is called so."""
    found: set[str] = set()
    inside = False
    for line in TEXT.splitlines():
        if line.startswith("|"):
            inside = inside or line.rstrip().endswith(f"| {column} |")
            if inside and not line.startswith("|---") and not line.rstrip().endswith(f"| {column} |"):
                found.add(line)
        else:
            inside = False
    return found


def test_files_of_attacks_are_named() -> None:
    """No test of an attack is left out of the list."""
    files = {f"tests/attacks/{path.name}" for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert sorted(files - {path for path, _ in NAMED}) == []
