"""`parley` as a command that suites find on their path."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def parley_command(folder: Path) -> Path:
    """A program that is Parley's command line, whatever it is installed as."""
    path = folder / "parley"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from parley.cli import main; main()" "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


def environment(**more: str) -> dict[str, str]:
    """The environment without what leads Parley or pytest elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "PYTEST_"))}
    return {**kept, **more}
