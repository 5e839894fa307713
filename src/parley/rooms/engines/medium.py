"""The media of one room, whichever engine carries them: begins as a mesh, and moves to Janus when that gets too small.

Once on Janus a room stays there until nobody is in it. Without Janus, or while it is away, a room that has not moved
stays a mesh with the people that one bears.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import structlog

from parley.recordings.mjr import recorded_streams
from parley.rooms import messages as m
from parley.rooms.engines import mesh
from parley.rooms.engines.base import Capacity, EngineError, Participant, RecordedStream, Tell
from parley.rooms.engines.janus import JanusRoom, JanusServer

#: Seconds before another try to move.
_PAUSE: Final = 3.0
_log = structlog.get_logger("parley.rooms")


class Served(Protocol):
    """A room as its media see it."""

    def outgrown(self, most: int) -> bool:
        """More than `most` are in it, or some who only watch; and it may leave the mesh."""

    def participants(self) -> list[Participant]:
        """Who is in it."""

    def carry(self, engine: m.Engine, capacity: Capacity) -> None:
        """From now on its media are carried so."""


class Medium:
    """The media of one room.

    Args:
        server: Janus, if there is one.
        tell: sends to a member.
        flush: sends what the room wants told.
    """

    def __init__(self, room: Served, server: JanusServer | None, tell: Tell, flush: Callable[[], None]) -> None:
        self._room = room
        self._server = server
        self._tell = tell
        self._flush = flush
        self._janus: JanusRoom | None = None
        self._moving: asyncio.Task[None] | None = None
        # Another server that had the room before counted its own.
        self._turn = secrets.randbelow(1 << 30)
        self._looking: asyncio.Handle | None = None
        self._last: list[Participant] = []
        self._folder: Path | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def engine(self) -> str:
        """`mesh` or `janus`; the latter records."""
        return "mesh" if self._janus is None else "janus"

    def wake(self) -> None:
        """Something changed in the room."""
        if self._server is not None and self._looking is None:
            self._looking = asyncio.get_running_loop().call_soon(self._look)

    def said(self, member: int, message: m.Media) -> None:
        """A member's browser negotiates with the media server."""
        if self._janus is not None:
            if self._looking is not None:
                self._look()  # he may have come just now
            self._janus.said(member, message)

    async def start_recording(self, folder: Path) -> None:
        """See `base.RoomMedia.start_recording`.

        Raises:
            EngineError: a mesh does not record, Janus cannot at the moment, or records already.
        """
        if self._janus is None:
            raise EngineError("a mesh does not record")
        await self._janus.start_recording(folder)
        self._folder = folder

    async def stop_recording(self) -> list[RecordedStream]:
        """See `base.RoomMedia.stop_recording`; also when the room is over meanwhile."""
        folder, self._folder = self._folder, None
        if self._janus is not None:
            return await self._janus.stop_recording()
        if self._closing is not None:
            await self._closing
        return await asyncio.to_thread(recorded_streams, folder) if folder is not None else []

    def _look(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        people = self._room.participants()
        if not people:
            self._leave()
        elif self._janus is not None:
            if people != self._last:
                self._janus.look(people)
        elif self._moving is None and self._outgrown:
            self._moving = asyncio.create_task(self._move())
        self._last = people

    @property
    def _outgrown(self) -> bool:
        return self._server is not None and self._room.outgrown(self._server.most_mesh)

    def _leave(self) -> None:
        """Nobody is left: whoever comes next begins with a mesh."""
        if self._moving is not None:
            self._moving.cancel()
        janus, self._janus = self._janus, None
        if janus is not None:
            self._closing = asyncio.create_task(janus.close())
            self._room.carry(m.Engine(turn=self._turn), mesh.CAPACITY)

    async def _move(self) -> None:
        """Open a room in Janus and tell everybody; they keep their connections until the new ones work."""
        assert self._server is not None  # noqa: S101  # wake sees to it
        try:
            while self._janus is None and self._outgrown:
                if self._server.is_up:
                    try:
                        self._janus = await self._server.open(self._tell, self._renewed)
                        self._renewed()
                        return
                    except EngineError as error:
                        _log.warning("room_not_moved", reason=str(error))
                await asyncio.sleep(_PAUSE if self._server.is_up else 0.2)
        finally:
            self._moving = None

    def _renewed(self) -> None:
        """Everybody makes new connections with Janus."""
        if self._janus is None or self._server is None:
            return
        self._turn += 1
        self._last = self._room.participants()
        self._room.carry(m.Engine("janus", self._turn), self._server.capacity)
        self._janus.look(self._room.participants())
        self._flush()
