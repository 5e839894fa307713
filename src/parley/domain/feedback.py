"""What people say of a session afterwards (facts/meeting-event.md 4, GetFeedbackInfo)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

#: What is marked, by the name of the field.
QUESTIONS: Final = ("setup", "ease_of_use", "performance")
#: The worst and the best mark.
LOWEST: Final = 1
HIGHEST: Final = 5
LONGEST_COMMENT: Final = 2000
#: Forms that are kept of one run of a session.
MOST_OPINIONS: Final = 10_000


class Opinion(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A form: marks from `LOWEST` to `HIGHEST`, None where nothing was said, and a remark."""

    setup: int | None = None
    ease_of_use: int | None = None
    performance: int | None = None
    comment: str = ""


def opinion_of(texts: Mapping[str, str]) -> Opinion | None:
    """The form with these texts by field; None when nothing that counts was filled in.

    Marks that are none count as not given; a remark is cut at `LONGEST_COMMENT`.
    """
    marks = {name: _mark(texts.get(name, "")) for name in QUESTIONS}
    comment = texts.get("comment", "").strip()[:LONGEST_COMMENT]
    if not comment and not any(marks.values()):
        return None
    return Opinion(**marks, comment=comment)


def _mark(text: str) -> int | None:
    return int(text) if text in {str(mark) for mark in range(LOWEST, HIGHEST + 1)} else None
