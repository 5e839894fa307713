"""The engine for large rooms: a VideoRoom of Janus for each room, run by this server alone.

Browsers negotiate over the room's own socket (`messages.Media`), and this server does with Janus what a member may do.
So nobody reaches Janus' API, whoever only watches has no request that sends, and whoever is not in the room has no
connection: when somebody goes his connections are cut at once. What Janus tells of its rooms is compared with who is in
the room, all along and every `_COMPARE_SECONDS` as a whole; what does not belong there is kicked.
Sources: facts/media.md 4; Janus' documentation of its VideoRoom plugin, as of 1.1.2.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, Final, get_args

import structlog

from parley.config import Config
from parley.recordings.mjr import Recorded, note_people, recorded_streams
from parley.rooms import messages as m
from parley.rooms.engines import mesh
from parley.rooms.engines.base import Capacity, EngineError, Participant, Place, RecordedStream, Tell
from parley.rooms.engines.janus_link import Handle, JanusError, JanusLink, Json
from parley.rooms.engines.janus_people import Access, Sending, Shown, Stream, Watching
from parley.rooms.words import _

_COMPARE_SECONDS: Final = 10.0
_USUAL: Final = Capacity(9, 25, 500)
#: Most that anybody sends, in bits a second: a camera and a screen.
_BITRATE: Final = 2_500_000
_PLACES: Final = frozenset(get_args(Place))
_log = structlog.get_logger("parley.rooms")


class JanusServer:
    """Janus as this process has it: the connection, and the rooms on it.

    Args:
        address, secret, admin_key: of its WebSocket, its api_secret, and the admin_key of its VideoRoom plugin.
        capacity: of a room on it.
        most_mesh: rooms of more people than that move to it.
    """

    def __init__(
        self,
        address: str,
        secret: str | None = None,
        admin_key: str | None = None,
        capacity: Capacity = _USUAL,
        most_mesh: int = mesh.CAPACITY.video,
    ) -> None:
        self.most_mesh = most_mesh
        self.admin_key = admin_key
        self.capacity = capacity
        self.link = JanusLink(address, secret, self._up, self._down)
        self._rooms: set[JanusRoom] = set()

    @classmethod
    def of(cls, config: Config) -> JanusServer | None:
        """The one that the settings name by its address; None: there is none."""
        if config.janus is None or "://" not in config.janus:
            return None
        capacity = Capacity(config.janus_video, max(config.janus_audio, config.janus_video), config.janus_watching)
        return cls(config.janus, config.janus_secret, config.janus_admin_key, capacity, config.janus_from - 1)

    @property
    def is_up(self) -> bool:
        """Whether rooms can be opened at the moment."""
        return self.link.is_up

    def start(self) -> None:
        """Begin to connect."""
        self.link.start()

    async def stop(self) -> None:
        """Let go of all rooms."""
        await asyncio.gather(*(room.close() for room in self._rooms))
        await self.link.stop()

    async def open(self, tell: Tell, renewed: Callable[[], None]) -> JanusRoom:
        """A new room.

        Args:
            renewed: called when Janus was away and the room is there again, without any connection.

        Raises:
            EngineError: Janus cannot do it at the moment.
        """
        room = JanusRoom(self, tell, renewed)
        self._rooms.add(room)
        try:
            await room.open()
        except BaseException:  # also when nobody waits for it any more
            await room.close()
            raise
        return room

    def forget(self, room: JanusRoom) -> None:
        """A room is over."""
        self._rooms.discard(room)

    async def _up(self) -> None:
        for room in [each for each in self._rooms if not each.closing]:
            try:
                await room.open()
            except EngineError as error:
                _log.warning("janus_room_not_opened", reason=str(error))
            else:
                room.renewed()

    def _down(self) -> None:
        for room in self._rooms:
            room.lost()


class _Seat:
    """Somebody's connections."""

    def __init__(self, sending: Sending, watching: Watching) -> None:
        self.sending = sending
        self.watching = watching


class JanusRoom:
    """The media of one room (`base.RoomMedia`)."""

    def __init__(self, server: JanusServer, tell: Tell, renewed: Callable[[], None]) -> None:
        self._server = server
        self._tell = tell
        self.renewed = renewed
        self._people: dict[int, Participant] = {}
        self._seats: dict[int, _Seat] = {}
        self._feeds: dict[int, Recorded] = {}
        """Whose each number is under which Janus knows a sender; of those who went too, for recordings."""
        self._streams: dict[int, dict[str, Place]] = {}
        """What each sender sends: section and what it shows."""
        self._matters: frozenset[tuple[int, frozenset[Place]]] = frozenset()
        self._control: Handle | None = None
        self._access = Access(0, "", "")
        self._own_feed = 0
        self._folder: Path | None = None
        self._works: set[asyncio.Task[None]] = set()
        self._comparing: asyncio.Task[None] | None = None
        self._closed: asyncio.Task[None] | None = None

    # ---- the room in Janus -----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Make the room in Janus; nobody has a connection then.

        Raises:
            EngineError: Janus cannot do it at the moment.
        """
        self.lost()
        number = 1 + secrets.randbelow(1 << 52)
        self._access = access = Access(number, secrets.token_urlsafe(12), secrets.token_urlsafe(12))
        self._own_feed = 1 + secrets.randbelow(1 << 52)
        control = await self._server.link.attach(self._listen)
        body: Json = {
            "request": "create",
            "room": access.room,
            "secret": access.secret,
            "pin": access.pin,
            "description": "",
            "is_private": True,
            "permanent": False,
            "publishers": 1 + self._server.capacity.audio + len(self._people),
            "bitrate": _BITRATE,
            "fir_freq": 0,
            "audiocodec": "opus",
            "videocodec": "vp8",
            "lock_record": True,
        }
        if self._server.admin_key:
            body["admin_key"] = self._server.admin_key
        if self._folder is not None:
            body |= {"record": True, "rec_dir": str(self._folder)}
        await control.ask(body)
        # By taking part, without sending, this server learns who sends what.
        await control.ask(
            {"request": "join", "ptype": "publisher", "room": access.room, "id": self._own_feed, "pin": access.pin}
        )
        self._control = control
        if self._comparing is None:
            self._comparing = asyncio.create_task(self._keep_comparing())

    def lost(self) -> None:
        """The connection with Janus broke, and all of the room with it."""
        self._control = None
        self._seats.clear()
        self._streams.clear()

    @property
    def closing(self) -> bool:
        """It is over, or about to be."""
        return self._closed is not None

    async def close(self) -> None:
        """Cut everybody off, and take the room out of Janus."""
        if self._closed is None:
            self._closed = asyncio.create_task(self._close())
        await asyncio.shield(self._closed)

    async def _close(self) -> None:
        tasks = [each for each in (self._comparing, *self._works) if each is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        control, self._control = self._control, None
        self._seats.clear()
        if control is not None:
            with contextlib.suppress(JanusError):
                # Its end cuts all who are in it.
                await control.ask({"request": "destroy", "room": self._access.room, "secret": self._access.secret})
            await control.detach()
        self._server.forget(self)

    # ---- who is there ----------------------------------------------------------------------------------------

    def look(self, people: Iterable[Participant]) -> None:
        """These are the people now."""
        self._people = {each.id: each for each in people}
        for member in [each for each in self._seats if each not in self._people]:
            self._cut(member)
        # Who only watches is nothing to the others, and there may be many of them.
        matters = frozenset((each.id, each.places) for each in self._people.values() if each.places or not each.watches)
        if matters != self._matters:
            self._matters = matters
            self._update_all()

    def _cut(self, member: int) -> None:
        seat = self._seats.pop(member)
        for feed in [feed for feed, whose in self._feeds.items() if whose.member == member]:
            self._streams.pop(feed, None)
        self._do(seat.sending.close())
        self._do(seat.watching.close())

    def said(self, member: int, message: m.Media) -> None:
        """A browser negotiates."""
        person = self._people.get(member)
        if person is None or self._control is None:
            return
        if message.part == "send" and not person.places:
            self._tell(member, m.Refused("view-only", _("You can watch and listen, but not send.")))
            return
        self._do(self._take(member, self._seat(person), message))

    def _seat(self, person: Participant) -> _Seat:
        seat = self._seats.get(person.id)
        if seat is None:
            link, access = self._server.link, self._access

            def tell(message: m.Told) -> None:
                self._tell(person.id, message)

            def claims(feed: int) -> None:
                self._feeds[feed] = Recorded(feed, person.id, person.stay_id, person.name)
                self._note_people()

            sending = Sending(link, access, tell, claims)
            seat = self._seats[person.id] = _Seat(sending, Watching(link, access, tell))
        return seat

    async def _take(self, member: int, seat: _Seat, message: m.Media) -> None:
        part = seat.sending if message.part == "send" else seat.watching
        try:
            if message.kind == "ice":
                await part.take_candidate(message)
            elif isinstance(part, Sending):
                if message.kind == "offer":
                    await part.take_offer(message)
            elif message.kind == "again":
                await part.take_wish(message.link)
                await part.update(self._for(member))
            elif message.kind == "large":
                await part.take_large(message, self._for(member))
            elif message.kind == "answer":
                await part.take_answer(message, self._for(member))
                await part.update(self._for(member))
        except JanusError as error:
            await self._give_up(member, part, error)
        if self._seats.get(member) is not seat:  # he was cut off meanwhile
            await part.close()

    async def _give_up(self, member: int, part: Sending | Watching, error: JanusError) -> None:
        _log.info("media_not_negotiated", part=part.part, code=error.code, reason=str(error)[:200])
        await part.close()
        part.again()

    # ---- what can be watched ---------------------------------------------------------------------------------

    def _for(self, member: int) -> dict[Stream, Shown]:
        """What somebody is to receive: of every other one what he may send, and of each kind one stream."""
        person = self._people.get(member)
        if person is None or not person.watches:
            return {}
        found: dict[Shown, Stream] = {}
        for feed, sections in self._streams.items():
            sender = self._people.get(self._feeds[feed].member)
            if sender is None or sender.id == member:
                continue
            for mid, place in sections.items():
                if place in sender.places:
                    found[Shown(sender.id, place)] = Stream(feed, mid)  # of two the later one
        return {stream: shown for shown, stream in found.items()}

    def _update_all(self) -> None:
        for member, seat in self._seats.items():
            self._do(self._update(member, seat))

    async def _update(self, member: int, seat: _Seat) -> None:
        try:
            await seat.watching.update(self._for(member))
        except JanusError as error:
            await self._give_up(member, seat.watching, error)

    def _listen(self, event: Json) -> None:
        """Janus tells who sends what, and who does no longer."""
        data: Json = event.get("plugindata", {}).get("data", {})
        for each in data.get("publishers", []):
            feed = int(each["id"])
            if feed in self._feeds:
                self._streams[feed] = _sections(each)
            else:
                self._do(self._kick(feed))
        for name in ("unpublished", "leaving", "kicked"):
            if isinstance(data.get(name), int):
                self._streams.pop(data[name], None)
        self._update_all()

    # ---- comparing -------------------------------------------------------------------------------------------

    async def _keep_comparing(self) -> None:
        while True:
            await asyncio.sleep(_COMPARE_SECONDS)
            with contextlib.suppress(JanusError):
                await self.compare()

    async def compare(self) -> None:
        """Kick whoever is in Janus' room and not in this one.

        Raises:
            JanusError: Janus cannot be asked.
        """
        control = self._control
        if control is None:
            return
        data, _ = await control.ask({"request": "listparticipants", "room": self._access.room})
        there = {int(each["id"]) for each in data.get("participants", [])} - {self._own_feed}
        for feed in there:
            whose = self._feeds.get(feed)
            if whose is None or whose.member not in self._people:
                _log.warning("stranger_in_janus", feed=feed)
                await self._kick(feed)
        for feed in self._streams.keys() - there:
            del self._streams[feed]
        self._update_all()

    async def _kick(self, feed: int) -> None:
        if self._control is not None:
            with contextlib.suppress(JanusError):
                body = {"request": "kick", "room": self._access.room, "secret": self._access.secret, "id": feed}
                await self._control.ask(body)

    # ---- recording -------------------------------------------------------------------------------------------

    async def start_recording(self, folder: Path) -> None:
        """See `base.RoomMedia`."""
        if self._folder is not None or self._control is None:
            raise EngineError("recording already" if self._folder else "Janus is away")
        self._folder = folder = await asyncio.to_thread(_made, folder)
        self._note_people()
        try:
            await self._ask({"request": "edit", "new_rec_dir": str(folder)})
            await self._ask({"request": "enable_recording", "record": True})
        except JanusError:
            self._folder = None
            raise

    async def stop_recording(self) -> list[RecordedStream]:
        """See `base.RoomMedia`."""
        folder, self._folder = self._folder, None
        if folder is None:
            return []
        with contextlib.suppress(JanusError):  # with Janus gone its files are as whole as they will ever be
            await self._ask({"request": "enable_recording", "record": False})
        return await asyncio.to_thread(recorded_streams, folder)

    async def _ask(self, body: Json) -> None:
        if self._control is None:
            raise JanusError("Janus is away")
        await self._control.ask(body | {"room": self._access.room, "secret": self._access.secret})

    def _note_people(self) -> None:
        if self._folder is not None:
            note_people(self._folder, self._feeds.values())

    # ---- within ----------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._works.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("media_failed", exc_info=task.exception())


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.absolute()


def _sections(publisher: Json) -> dict[str, Place]:
    """What a sender sends, as it called its sections; what it called otherwise is nobody's to see."""
    return {
        str(each["mid"]): each["description"]
        for each in publisher.get("streams", [])
        if not each.get("disabled")
        and each.get("description") in _PLACES
        and (each["description"] == "mic") == (each.get("type") == "audio")
    }
