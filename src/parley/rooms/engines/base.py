"""What every media engine is to the rooms: how many it bears, how it is told who is there, what it records.

An engine carries sound and pictures between the people of a room. `mesh` leaves that to their browsers; `janus` passes
it through a media server. A room asks its engine nothing else than what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from parley.recordings.mjr import Place as Place
from parley.recordings.mjr import RecordedStream as RecordedStream
from parley.rooms import messages as m


class EngineError(Exception):
    """The engine cannot do this at the moment; the message is for logs, not for people in rooms."""


@dataclass(frozen=True)
class Capacity:
    """How many people an engine bears.

    Attributes:
        video: people who send pictures and sound.
        audio: people who send at least sound; those with pictures are among them.
        watching: others, who receive only; 0: they get nothing.
    """

    video: int
    audio: int
    watching: int = 0


@dataclass(frozen=True)
class Participant:
    """Somebody in a room as an engine sees him.

    Attributes:
        id: number of the member in the room.
        stay_id, name: of the person, for what is recorded.
        places: what he may send at present; nobody receives anything else of him.
        watches: receives what others send.
    """

    id: int
    stay_id: int
    name: str
    places: frozenset[Place]
    watches: bool = True


#: Sends a message to a member of the room; what is for nobody any more is dropped.
Tell: TypeAlias = Callable[[int, m.Told], None]


class RoomMedia(Protocol):
    """The media of one room with one engine. All but the recording return at once; the work is done beside."""

    def look(self, people: Iterable[Participant]) -> None:
        """These are the people in the room now; whoever is missing is cut off."""

    def said(self, member: int, message: m.Media) -> None:
        """A member's browser negotiates."""

    async def start_recording(self, folder: Path) -> None:
        """Record everybody, and whoever comes later, into files in an empty folder of this recording alone.

        Raises:
            EngineError: this engine does not record, cannot at the moment, or records already.
        """

    async def stop_recording(self) -> list[RecordedStream]:
        """End the recording; its files are whole when this returns, sorted by `created_us`. Nothing recorded: none.

        What a recording holds that was broken off (the server or the engine died) tells `mjr.recorded_streams`.
        """

    async def close(self) -> None:
        """The room is over: everybody is cut off, a recording is ended."""
