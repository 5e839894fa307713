"""Checks the files of the tree: none too long, none with an address or a path of the machine it was written on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 900
CODE = ("src/", "tests/", "scripts/", "benchmarks/")
CATALOGUE = ".po"  # is as long as there are texts

# Each pattern is written so that it does not match itself.
FORBIDDEN = {
    "address of a package index": re.compile(
        r"(?:pypi|npmjs|pythonhosted|registry[.]yarnpkg|deb[.]debian|crates)[.](?:org|com|io)\b"
        r"|--(?:extra-)?index-url\b|--find-link[s]\b|file:///opt[/]",
        re.IGNORECASE,
    ),
    "path of a machine": re.compile(
        r"(?<![\w.~}<>/$-])/(?:work|root|Users|home)(?:/[\w.]|(?![\w/-]))|/opt/(?:wheels|pypi)"
    ),
}


def files() -> Iterator[str]:
    """The paths of all files that are or would be under version control, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    yield from sorted(set(listing.decode().split("\0")) - {""})


def complaints(name: str, text: str) -> Iterator[str]:
    """What is wrong with the file `name` that holds `text`, one line each."""
    lines = text.splitlines()
    if name.startswith(CODE) and not name.endswith(CATALOGUE) and len(lines) > MAX_LINES:
        yield f"{name}: {len(lines)} lines, more than {MAX_LINES}"
    for number, line in enumerate(lines, 1):
        for what, pattern in FORBIDDEN.items():
            if found := pattern.search(line):
                yield f"{name}:{number}: {what}: {found.group()}"


def main() -> int:
    """Print every complaint; the exit code says whether there was one."""
    found: list[str] = []
    for name in files():
        path = ROOT / name
        if not path.is_file():  # removed but not yet committed
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # a picture
            continue
        found += complaints(name, text)
    print("\n".join(found) if found else "the tree is clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
