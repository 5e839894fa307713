"""A room with its sockets, as the process has it that holds the room."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from parley.rooms import messages as m
from parley.rooms.engines.janus import JanusServer
from parley.rooms.engines.medium import Medium
from parley.rooms.room import Room
from parley.rooms.sockets import Socket
from parley.services.known_sites import KnownSite

#: Site and session.
Key: TypeAlias = tuple[int, int]


class Live:
    """A room with its sockets. Coming, going and what the database has to know happen one after the other (`lock`)."""

    def __init__(self, site: KnownSite, session_key: int, room: Room, janus: JanusServer | None = None) -> None:
        self.site = site
        self.session_key = session_key
        self.room = room
        self.medium = Medium(room, janus, self._tell, self.flush)
        self.lock = asyncio.Lock()
        self.sockets: dict[int, Socket] = {}
        self.dropped: dict[int, tuple[float, int]] = {}
        """Members without a connection: until when they are waited for, and when they were last heard of."""
        self.opened = 0
        """Since when it is in this process, UTC epoch seconds."""
        self.moved_away = False
        """Another process holds it by now."""
        self.conf_id: int | None = None
        self.heard: set[int] = set()
        """Stays whose computer audio is noted as connected."""
        self.noted: tuple[int, bool, str | None] | None = None
        """What the database was told last: run, whether the room is locked, who presents."""
        self.moved: dict[int, int] = {}
        """Places before the room whose owners were let in, and their places in it."""

    @property
    def key(self) -> Key:
        """Site and session."""
        return self.site.site.site_id, self.session_key

    def _tell(self, member_id: int, message: m.Told) -> None:
        socket = self.sockets.get(member_id)
        if socket is not None:
            socket.tell(message)

    def flush(self, but: int | None = None) -> None:
        """Send what the room wants told; equal messages are written once."""
        written: dict[int, str] = {}
        taken = self.room.take()
        if taken:
            self.medium.wake()
        for member_id, message in taken:
            socket = self.sockets.get(member_id)
            if socket is None or (member_id == but and not isinstance(message, m.Lobby)):
                continue
            text = written.get(id(message))
            if text is None:
                text = written[id(message)] = m.write(message)
            socket.tell(text)
