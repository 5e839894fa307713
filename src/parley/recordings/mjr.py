"""What Janus recorded: which file in a folder is whose, and when it begins.

A file begins with `MJR00002`, two bytes of length and that much JSON: `t` type, `c` codec, `d` description, `s` when it
was begun and `u` when its first packet came, microseconds since 1970. A file in which nothing ever came has no JSON.
Source: facts/media.md 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

_INDEX: Final = "people.json"
_NAME: Final = re.compile(r"videoroom-\d+-user-(\d+)-(\d+)-(audio|video)-\d+\.mjr")
_MAGIC: Final = b"MJR0000"
_MOST_HEADER: Final = 65_535


#: What somebody sends: from the microphone, from the camera, the screen.
Place: TypeAlias = Literal["mic", "camera", "screen"]


@dataclass(frozen=True)
class RecordedStream:
    """One stream of one person in a recording, as a file of the engine's own format (Janus: .mjr).

    A person who came back, or shared a screen twice after a broken connection, has several. A microphone that was
    muted or a camera that was off leaves a gap in the file, not an end.

    Attributes:
        path: the file.
        member: number of the person in the room.
        stay_id, name: of the person.
        kind: what it shows.
        codec: `opus`, `vp8`, ...
        created_us: when the file was begun, microseconds since 1970 UTC.
        first_us: when its first packet came, likewise; 0: nothing ever came, so there is nothing to convert.
    """

    path: Path
    member: int
    stay_id: int
    name: str
    kind: Place
    codec: str
    created_us: int
    first_us: int


class Recorded(msgspec.Struct, frozen=True):
    """Whose a feed is."""

    feed: int
    member: int
    stay_id: int
    name: str


def note_people(folder: Path, people: Iterable[Recorded]) -> None:
    """Keep beside the files whose they are, so that a recording can be read after whatever happens."""
    fresh = folder / f"{_INDEX}.new"
    fresh.write_bytes(msgspec.json.encode(list(people)))
    fresh.replace(folder / _INDEX)


def recorded_streams(folder: Path) -> list[RecordedStream]:
    """The streams of a recording that ended or was broken off, sorted by `created_us`; nothing recorded: none."""
    try:
        people = msgspec.json.decode((folder / _INDEX).read_bytes(), type=list[Recorded])
    except (OSError, msgspec.DecodeError):
        return []
    by_feed = {each.feed: each for each in people}
    found = []
    for path in folder.glob("*.mjr"):
        match = _NAME.fullmatch(path.name)
        person = by_feed.get(int(match[1])) if match is not None else None
        if match is None or person is None:
            continue
        header = _header(path)
        found.append(
            RecordedStream(
                path=path,
                member=person.member,
                stay_id=person.stay_id,
                name=person.name,
                kind=_kind(header, match[3]),
                codec=str(header.get("c", "")),
                created_us=_number(header, "s") or int(match[2]),
                first_us=_number(header, "u"),
            )
        )
    return sorted(found, key=lambda each: (each.created_us, each.path.name))


def _header(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        magic, length = file.read(8), file.read(2)
        if not magic.startswith(_MAGIC) or len(length) < 2:
            return {}
        data = file.read(min(int.from_bytes(length, "big"), _MOST_HEADER))
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _kind(header: dict[str, Any], medium: str) -> Place:
    if medium == "audio":
        return "mic"
    return "screen" if header.get("d") == "screen" else "camera"


def _number(header: dict[str, Any], name: str) -> int:
    value = header.get(name)
    return value if isinstance(value, int) else 0
