from __future__ import annotations

import re
import tomllib

import pytest

from scripts.check_tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("base", "dev", "night")


def normal(name: str) -> str:
    """The one spelling of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    """The distributions that a list of requirements names."""
    return {normal(re.split(r"[\s<>=!~;\[]", requirement)[0]) for requirement in requirements}


def entries(lock: str) -> list[str]:
    """The requirements of a lock file, each with its hashes, on one line."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """The version at which each distribution of a lock file is held."""
    found = {}
    for entry in entries(lock):
        match = re.match(r"([\w.-]+)==(\S+)", entry)
        assert match is not None, entry
        found[normal(match[1])] = match[2]
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_one_version_with_hashes(lock: str) -> None:
    held = pins(lock)
    assert len(held) == len(entries(lock))
    for entry in entries(lock):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


def test_the_locks_hold_all_that_the_project_names() -> None:
    groups = PROJECT["dependency-groups"]
    base = names(PROJECT["project"]["dependencies"]) | names(groups["build"])
    assert base <= pins("base").keys()
    assert names(groups["dev"]) <= pins("dev").keys()
    assert names(groups["night"]) <= pins("night").keys()


def test_every_lock_file_is_looked_at() -> None:
    assert {path.stem for path in (ROOT / "requirements").glob("*.txt")} == set(LOCKS)


def test_the_build_backend_is_locked() -> None:
    assert names(PROJECT["build-system"]["requires"]) <= pins("base").keys()


def test_development_uses_the_versions_that_are_served() -> None:
    assert pins("base").items() <= pins("dev").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_depends_on_the_release_of_python(lock: str) -> None:
    assert [entry for entry in entries(lock) if re.search(r"python_(full_)?version", entry)] == []
