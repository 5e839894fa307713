"""The reference as files: the pages of the server, with its style sheets and the search beside them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from parley.protocol.versions import LEVELS, Level
from parley.web.reference.book import Book, Outside, levels_page
from parley.web.render import HERE

_ASSETS: Final = ("parley.css", "parley.svg", "reference.css", "reference.js")
_OUTSIDE: Final = Outside("static/")


def write_reference(folder: Path, levels: Sequence[Level] = LEVELS) -> int:
    """Write the pages of some levels below a folder and give the number of files.

    Raises:
        OSError: that failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "static").mkdir(exist_ok=True)
    for name in _ASSETS:
        shutil.copyfile(HERE / "static" / name, folder / "static" / name)
    shown = sorted(levels)
    (folder / "index.html").write_text(levels_page(_OUTSIDE, shown), encoding="utf-8")
    count = len(_ASSETS) + 1
    for level in shown:
        book = Book(level, _OUTSIDE, shown)
        for path in book.paths():
            target = folder / level.text / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(book.page(path) or "", encoding="utf-8")
            count += 1
    return count
