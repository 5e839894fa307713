"""`parley lab`: the computers of labs, and how they are reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import data, parley


@pytest.fixture
def made(tmp_path: Path) -> list[str]:
    """The options that name a data folder with the site acme."""
    where = data(tmp_path)
    parley("site", "create", "acme", *where)
    return where


def listed(where: list[str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(parley("lab", "list", "acme", "--json", *where))
    return found


def test_a_new_site_has_one_lab_and_computers_are_put_into_it(made: list[str]) -> None:
    assert [(each["name"], each["computers"]) for each in listed(made)] == [("Maintenance Room", 0)]
    told = parley(
        *("lab", "set", "acme", "maintenance ROOM", "--computers", "4", "--access", "https://desk.example/"), *made
    )
    assert "4 computers" in told
    assert [(each["computers"], each["access"]) for each in listed(made)] == [(4, "https://desk.example/")]
    parley("lab", "set", "acme", "1", "--access", "", *made)
    assert listed(made)[0]["access"] == ""
    assert "Maintenance Room" in parley("lab", "list", "acme", *made)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["Other lab", "--computers", "4"], "has no lab 'Other lab'"),
        (["1"], "say what to set"),
        (["1", "--computers", "1001"], "labs.max_computers"),
        (["1", "--access", "x" * 4097], "--access takes at most"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(made: list[str], options: list[str], words: str) -> None:
    told = parley("lab", "set", "acme", *options, *made, code=2)
    assert words in told
    assert listed(made)[0]["computers"] == 0
