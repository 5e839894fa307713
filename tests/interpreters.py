"""Interpreters of other languages, for the examples in the documentation; those that are missing are told of."""

from __future__ import annotations

import shutil
from pathlib import Path

#: By the language of a code block: the program that runs it, and the name of the file that it wants.
LANGUAGES = {
    "javascript": ("node", "example.mjs"),
    "java": ("java", "SandboxExample.java"),
    "php": ("php", "example.php"),
}


def available() -> list[str]:
    """The languages whose programs are on the path."""
    return [language for language, (program, _) in LANGUAGES.items() if shutil.which(program)]


def command(language: str, folder: Path) -> list[str]:
    """What runs the file of a language in a folder."""
    program, name = LANGUAGES[language]
    return [program, str(folder / name)]


def left_out() -> str | None:
    """One line for what cannot be run here; None: everything can."""
    missing = [program for language, (program, _) in LANGUAGES.items() if language not in available()]
    return (
        f"examples in the documentation were left out, as these are not installed: {', '.join(missing)}"
        if missing
        else None
    )
