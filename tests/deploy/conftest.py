"""Leaves out what needs a program that is not there; in CI it fails instead."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browsers import in_ci

_HERE = Path(__file__).parent
#: By the mark of a test: the program that it needs.
NEEDED = {"nginx": "nginx", "caddy": "caddy", "systemd": "systemd-analyze", "janus": "janus"}


def missing() -> list[str]:
    """The marks whose programs are not there, where tests may be left out."""
    return [] if in_ci() else [mark for mark, program in NEEDED.items() if shutil.which(program) is None]


def pytest_configure(config: pytest.Config) -> None:
    for mark in ("nginx", "caddy", "systemd"):
        config.addinivalue_line("markers", f"{mark}: needs {NEEDED[mark]}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    without = [
        item
        for item in items
        if item.path.is_relative_to(_HERE) and any(item.get_closest_marker(mark) for mark in missing())
    ]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if found := [mark for mark in missing() if mark != "janus"]:
        programs = ", ".join(NEEDED[mark] for mark in found)
        terminalreporter.write_line(f"tests of what stands around a server were left out, as there is no: {programs}")
