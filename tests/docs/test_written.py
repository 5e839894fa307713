"""How the parts of the documentation that are written from the code come about."""

from __future__ import annotations

import re

import pytest

from parley.config import Config
from parley.store import migrations
from scripts import write_docs

UPGRADING = (write_docs.DOCS / "upgrading.md").read_text("utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the tables of a page, by what stands first in them."""
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in page.splitlines() if line[:2] == "| ")
    return {first.strip("`"): rest for first, *rest in cells}


def test_every_migration_is_told() -> None:
    told = rows(write_docs.with_migrations(UPGRADING))
    assert [name for name in told if re.fullmatch(r"\d{4}", name)] == list(migrations.KNOWN)
    assert all(told[revision][0] for revision in migrations.KNOWN)


@pytest.mark.parametrize(
    ("revision", "beside"),
    [
        ("0003", "yes"),  # a new table
        ("0022", "yes"),  # an index
        ("0025", "yes"),  # a column that rows can do without
        ("0005", "no"),  # writes rows
        ("0007", "no"),  # takes an index away and changes rows
        ("0015", "no"),  # changes rows in a function of its own
        ("0016", "no"),  # a column that rows cannot do without
    ],
)
def test_what_older_servers_may_stand_beside(revision: str, beside: str) -> None:
    assert rows(write_docs.with_migrations(UPGRADING))[revision][1] == beside


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        write_docs.with_migrations("# Upgrading\n")


def test_settings_have_option_default_and_bounds() -> None:
    told = rows(write_docs.configuration_page())
    assert [name for name in Config.__struct_fields__ if name not in told] == []
    assert all(told[name][3] for name in Config.__struct_fields__)
    assert told["port"][:3] == ["`--port`", "`8080`", "number, 0 to 65535"]
    assert told["demo"][:3] == ["`--demo`, `--no-demo`", "`false`", "true, false"]
    assert told["mail_give_up_hours"][1:3] == ["`48`", "hours, 1 to 720"]
    assert told["smtp"][1:3] == ["none", "text"]
    assert told["metrics_from"][2] == "`anyone`, `local`, `nobody`"


def test_a_setting_that_nobody_described_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Config, "__doc__", (Config.__doc__ or "").replace("        port: ", "        ports: "))
    with pytest.raises(ValueError, match="not described in the docstring of Config: port"):
        write_docs.configuration_page()
