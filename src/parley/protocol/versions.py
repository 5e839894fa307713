"""Version levels of the XML API: which ones a site can run at and what each of them changed.

Source: facts/versions.md, section 2, and the update notes of 42.x.
"""

from __future__ import annotations

import re
from functools import total_ordering
from typing import Final, NamedTuple

_FORM: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,2}")
_known: dict[str, Level] = {}
_MAX_KNOWN: Final = 100


@total_ordering
class Level:
    """A version of the API, such as 42.6.0. Levels are ordered and equal by their numbers."""

    __slots__ = ("_hash", "parts", "text")

    def __init__(self, parts: tuple[int, int, int]) -> None:
        self.parts = parts
        self.text = ".".join(map(str, parts))
        self._hash = hash(parts)

    @classmethod
    def parse(cls, text: str) -> Level:
        """Read "42.6.0" or "42.6". Raises ValueError for anything else."""
        level = _known.get(text)
        if level is None:
            if not _FORM.fullmatch(text):
                raise ValueError(f"{text[:40]!r} is no version: two or three numbers with dots are expected")
            numbers = [int(part) for part in text.split(".")]
            level = cls((numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 0))
            if len(_known) < _MAX_KNOWN:
                _known[text] = level
        return level

    def __eq__(self, other: object) -> bool:
        return self.parts == other.parts if isinstance(other, Level) else NotImplemented

    def __lt__(self, other: Level) -> bool:
        return self.parts < other.parts

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Level({self.text})"


#: The levels a site can run at, oldest first.
LEVELS: Final[tuple[Level, ...]] = tuple(Level((42, minor, 0)) for minor in range(1, 7))
FIRST: Final = LEVELS[0]
LATEST: Final = LEVELS[-1]


class Change(NamedTuple):
    """Something a level changed. operations: names of the operations it concerns; schema: whether types changed."""

    level: Level
    summary: str
    operations: tuple[str, ...]
    schema: bool = False


_SCHEDULING: Final = (
    "CreateMeeting",
    "SetMeeting",
    "CreateEvent",
    "SetEvent",
    "CreateTrainingSession",
    "SetTrainingSession",
    "CreateSupportSession",
)

#: What each level changed, oldest first.
CHANGES: Final[tuple[Change, ...]] = (
    Change(
        Level((42, 1, 0)),
        "One call registers or invites 50 people at most; more are refused with 040015.",
        ("CreateMeetingAttendee", "RegisterMeetingAttendee"),
    ),
    Change(
        Level((42, 1, 0)),
        "enableEvent says that a session is a webinar; then enableWebniar says whether attendees only watch.",
        ("LstsummarySession", "GetSessionInfo"),
    ),
    Change(
        Level((42, 2, 0)),
        "myWebExConfig tells whether users may change first, last and display name and upload a picture for their"
        " personal room; sites with EnableCustomizeProfileFields only.",
        ("GetSite",),
        schema=True,
    ),
    Change(
        Level((42, 3, 0)),
        "The owner of a recording gets a mail when somebody else deletes it, moves it to the trash or gives it away.",
        ("DelRecording",),
    ),
    Change(Level((42, 4, 0)), "Nothing changed.", ()),
    Change(
        Level((42, 5, 0)),
        "On a suspended site only meetings of the free type can be scheduled; all else is refused with 010107.",
        _SCHEDULING,
    ),
    Change(
        Level((42, 6, 0)),
        "On a suspended site administrators can neither make nor change users (010107); users may still change"
        " their own record.",
        ("CreateUser", "SetUser"),
    ),
)
