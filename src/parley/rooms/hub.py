"""The rooms of one process: which socket belongs to whom, and what the database learns of it.

A room lives in the process in which its people are connected, so with several worker processes two people of one
session could find themselves in different rooms; see docs/rooms.md.

Whoever comes shows a ticket first. From then on every message is read by `messages`, counted by `limits` and handed to
`room`; coming, going and everything else that the database has to know is done here, one after the other for each room.
A socket that takes nothing is closed when its queue is full, and the place waits for its owner.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from collections import OrderedDict
from typing import Final, Protocol

import msgspec
import structlog

from parley.domain.history import Part
from parley.protocol.credentials import Overloaded
from parley.protocol.faults import Fault
from parley.rooms import messages as m
from parley.rooms.admission import rules_of
from parley.rooms.entry import Door
from parley.rooms.limits import Addresses, Bucket
from parley.rooms.room import Member, Room, Waiter
from parley.rooms.tokens import RETURN_SECONDS, Signer, Ticket, new_nonce
from parley.services import presence
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.shared_secrets import shared_secret
from parley.store import Conflict, StoreError, sessions

#: Seconds that a place waits for a connection that dropped; less than presence.SILENCE, so the room ends the stay.
GRACE_SECONDS: Final = 40
#: Seconds between signs of life that are written down.
ALIVE_SECONDS: Final = 10
#: A socket has to show its ticket within so many seconds, and to say something within so many later on.
FIRST_SECONDS: Final = 10
SILENT_SECONDS: Final = 35
#: Messages that wait for a socket.
QUEUE: Final = 512
#: Messages that a socket may send at once, and a second; lines of the chat likewise.
_BURST, _RATE = 240, 20.0
_CHAT_BURST, _CHAT_RATE = 8, 1.0
#: Sockets that an address may open at once, and a second.
_JOIN_BURST, _JOIN_RATE = 200, 20.0
_RENEW_SECONDS: Final = RETURN_SECONDS // 4
_MOST_NONCES: Final = 200_000
#: Codes of RFC 6455 7.4.1, and our own.
NORMAL, POLICY, TOO_BIG, RESTART, TRY_LATER = 1000, 1008, 1009, 1012, 1013
_TEXTS: Final = {
    "token": "This way in is no longer good. Please join again.",
    "busy": "Too many connections from your address. Please try again in a moment.",
    "full": "The room is full.",
    "gone": "This session is no longer there.",
    "expelled": "The host has asked you to leave.",
    "denied": "The host did not let you in.",
    "ended": "The session was ended for all.",
    "elsewhere": "You joined from another window.",
    "bad": "Something was sent that this room does not understand.",
    "flood": "Too much was sent at once.",
    "unavailable": "The server cannot do this at the moment. Please try again.",
}
_AGAIN: Final = frozenset({"busy", "unavailable", "flood", "token"})
_log = structlog.get_logger("parley.rooms")


class Wire(Protocol):
    """A socket as the web layer hands it over."""

    async def receive(self) -> str | bytes | None:
        """The next message; None when the other side has gone."""

    async def send(self, text: str) -> None:
        """Send a message."""

    async def close(self, code: int) -> None:
        """Close the socket."""


class Gone(Exception):
    """The conversation is over; the reason is one of `_TEXTS`."""

    def __init__(self, reason: str, code: int = POLICY) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Socket:
    """One connection: a queue of what is to be sent, and what it may still send."""

    def __init__(self, wire: Wire, address: str, agent: str) -> None:
        now = time.monotonic()
        self.wire = wire
        self.address = address
        self.agent = agent
        self.queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE)
        self.messages = Bucket(_BURST, _RATE, now)
        self.chat = Bucket(_CHAT_BURST, _CHAT_RATE, now)
        self.closing = False
        self.closed = asyncio.Event()

    def tell(self, message: m.Told | str) -> None:
        """Send a message when it is its turn."""
        if self.closing:
            return
        try:
            self.queue.put_nowait(message if isinstance(message, str) else m.write(message))
        except asyncio.QueueFull:
            self.closing = True
            self.closed.set()

    def goodbye(self, reason: str, code: int = NORMAL) -> None:
        """Say why, and close."""
        self.tell(m.Goodbye(reason, _TEXTS[reason], reason in _AGAIN))
        self.shut(code)

    def shut(self, code: int) -> None:
        """Close when what waits is sent."""
        if not self.closing:
            self.closing = True
            with contextlib.suppress(asyncio.QueueFull):
                self.queue.put_nowait(code)
        self.closed.set()

    async def write(self) -> None:
        """Send what waits, until the socket is closed."""
        while True:
            item = await self.queue.get()
            if isinstance(item, int):
                await self.wire.close(item)
                return
            await self.wire.send(item)


class _Live:
    """A room with its sockets."""

    def __init__(self, site: KnownSite, session_key: int, room: Room) -> None:
        self.site = site
        self.session_key = session_key
        self.room = room
        self.lock = asyncio.Lock()
        self.sockets: dict[int, Socket] = {}
        self.dropped: dict[int, tuple[float, int]] = {}
        """Members without a connection: until when they are waited for, and when they were last heard of."""
        self.conf_id: int | None = None
        self.heard: set[int] = set()
        """Stays whose computer audio is noted as connected."""
        self.moved: dict[int, int] = {}
        """Places before the room whose owners were let in, and their places in it."""

    def flush(self, but: int | None = None) -> None:
        """Send what the room wants told; equal messages are written once."""
        written: dict[int, str] = {}
        taken = self.room.take()
        for member_id, message in taken:
            socket = self.sockets.get(member_id)
            if socket is None or (member_id == but and not isinstance(message, m.Lobby)):
                continue
            text = written.get(id(message))
            if text is None:
                text = written[id(message)] = m.write(message)
            socket.tell(text)


class Hub:
    """All rooms of this process.

    Args:
        signer: makes and checks tickets.
    """

    def __init__(self, application: Application, signer: Signer) -> None:
        self._application = application
        self.signer = signer
        self._rooms: dict[tuple[int, int], _Live] = {}
        self._nonces: OrderedDict[str, int] = OrderedDict()
        self.joins = Addresses(_JOIN_BURST, _JOIN_RATE)
        self._chore: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    def start(self) -> None:
        """Begin to look after the rooms."""
        self._chore = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let go of all sockets; places wait for their owners, who come back to whoever serves then."""
        if self._chore is not None:
            self._chore.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._chore
        for live in self._rooms.values():
            for socket in live.sockets.values():
                socket.shut(RESTART)
        self._rooms.clear()

    @property
    def _now(self) -> int:
        return self._application.clock.now()

    # ---- one socket ------------------------------------------------------------------------------------------

    async def serve(self, site: KnownSite, session_key: int, wire: Wire, address: str, agent: str) -> None:
        """Look after one socket until it is closed."""
        socket = Socket(wire, address, agent)
        writer = asyncio.create_task(socket.write())
        try:
            await self._converse(site, session_key, socket)
        except Gone as gone:
            _log.info("room_refused", reason=gone.reason, address=address, session_key=session_key)
            socket.goodbye(gone.reason, gone.code)
        except (StoreError, Conflict) as error:
            _log.warning("room_unavailable", reason=str(error))
            socket.goodbye("unavailable", TRY_LATER)
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(5):
                    if socket.closing:
                        await writer
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await writer
            with contextlib.suppress(Exception):
                await wire.close(NORMAL)

    async def _converse(self, site: KnownSite, session_key: int, socket: Socket) -> None:
        if not self.joins.take(socket.address, time.monotonic()):
            raise Gone("busy", TRY_LATER)
        first = await self._next(socket, FIRST_SECONDS)
        if not isinstance(first, m.Enter):
            raise Gone("bad")
        ticket = self._check(first.token, site, session_key)
        live = await self._live(site, session_key)
        place = await self._seat(live, ticket, socket, first.seen)
        graceful = False
        try:
            while (message := await self._next(socket, SILENT_SECONDS)) is not None:
                if isinstance(message, m.Leave):
                    graceful = True
                    return
                await self._said(live, place, socket, message)
        finally:
            await asyncio.shield(self._unseat(live, place, socket, graceful=graceful))

    async def _next(self, socket: Socket, seconds: float) -> m.Said | None:
        """The next message; None when the socket is closed or silent.

        Raises:
            Gone: it is none, or too many come.
        """
        reading = asyncio.ensure_future(socket.wire.receive())
        closing = asyncio.ensure_future(socket.closed.wait())
        try:
            await asyncio.wait({reading, closing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if closing.done() or not reading.done():
                return None
            raw = reading.result()
        finally:
            for task in (reading, closing):
                task.cancel()
        if raw is None:
            return None
        if not socket.messages.take(time.monotonic()):
            raise Gone("flood", POLICY)
        if len(raw) > m.MOST_BYTES:
            raise Gone("bad", TOO_BIG)
        try:
            return m.read(raw)
        except m.BadMessage:
            raise Gone("bad") from None

    def _check(self, token: str, site: KnownSite, session_key: int) -> Ticket:
        """Raises: Gone: forged, over, used, or for another room."""
        now = self._now
        ticket = self.signer.read(token, Ticket, now)
        if ticket is None or (ticket.site_id, ticket.session_key) != (site.site.site_id, session_key):
            raise Gone("token")
        if ticket.kind == "entry":
            while self._nonces and (next(iter(self._nonces.values())) <= now or len(self._nonces) >= _MOST_NONCES):
                self._nonces.popitem(last=False)
            if ticket.nonce in self._nonces:
                raise Gone("token")
            self._nonces[ticket.nonce] = ticket.until
        return ticket

    # ---- rooms -----------------------------------------------------------------------------------------------

    async def _live(self, site: KnownSite, session_key: int) -> _Live:
        """The room of a session, with the session's rules as they are now.

        Raises:
            Gone: there is no such session.
        """
        key = (site.site.site_id, session_key)
        async with self._opening:
            session = await sessions.by_key(self._application.engine, *key)
            if session is None:
                raise Gone("gone")
            rules = rules_of(session, site, self._now)
            live = self._rooms.get(key)
            if live is None:
                started = session.run_started_at if session.run_started_at is not None else self._now
                live = self._rooms[key] = _Live(site, session_key, Room(rules, started))
                # After a restart of the server the session goes on as it was.
                live.room.host_came = session.host_joined and session.status == "INPROGRESS"
            live.room.rules = rules
            return live

    async def _seat(self, live: _Live, ticket: Ticket, socket: Socket, seen: int) -> int:
        """Put a socket into its place, in the room or before it; gives the number of the place.

        Raises:
            Gone: it may not come in.
        """
        async with live.lock:
            room = live.room
            key = (live.site.site.site_id, live.session_key)
            if self._rooms.get(key) is not live:  # it was emptied meanwhile
                if key in self._rooms:
                    raise Gone("unavailable", TRY_LATER)
                self._rooms[key] = live
            if ticket.stay_id in room.sent_away:
                raise Gone("expelled")
            member = room.find(ticket.stay_id)
            if member is not None:
                return await self._return(live, member, socket, seen)
            waiter = next((each for each in room.lobby.values() if each.ticket.stay_id == ticket.stay_id), None)
            if waiter is not None:
                self._replace(live, waiter.id, socket)
                socket.tell(self._waiting(room, waiter))
                return waiter.id
            what = room.door(ticket, self._now)
            if what is Door.FULL:
                self._forget_if_empty(live)
                raise Gone("full")
            if what is Door.IN:
                member = await self._let_in(live, ticket, socket, seen)
                await self._let_waiting_in(live)
                return member.id
            waiter = room.wait(ticket, "host" if what is Door.HOST else "admit")
            live.sockets[waiter.id] = socket
            socket.tell(self._waiting(room, waiter))
            live.flush()
            return waiter.id

    def _waiting(self, room: Room, waiter: Waiter) -> m.Waiting:
        return m.Waiting(waiter.reason, room.rules.name, self._return_token(waiter.ticket))

    async def _let_in(
        self, live: _Live, ticket: Ticket, socket: Socket, seen: int = 0, before: int | None = None
    ) -> Member:
        """Args: `before`: the place before the room. Raises: Gone: the session is no longer there."""
        room = live.room
        will_host = ticket.may_host and room.host is None
        person = presence.Person(
            stay_id=ticket.stay_id,
            name=ticket.name,
            part=Part.HOST if will_host else Part.ATTENDEE,
            email=ticket.email,
            user_id=ticket.user_id,
            register_id=ticket.register_id,
            ip_address=socket.address,
            client_agent=socket.agent,
        )
        try:
            here = await presence.join(self._application, live.site, live.session_key, person)
        except Fault:
            self._forget_if_empty(live)
            raise Gone("gone") from None
        live.conf_id = here.conf_id
        member = room.enter(msgspec.structs.replace(ticket, stay_id=here.stay_id))
        live.sockets[member.id] = socket
        if before is not None:  # whatever he says from the welcome on is said in the room
            live.moved[before] = member.id
        socket.tell(room.welcome(member, self._return_token(member.ticket), seen))
        live.flush(but=member.id)
        await self._note_audio(live)
        return member

    async def _return(self, live: _Live, member: Member, socket: Socket, seen: int) -> int:
        self._replace(live, member.id, socket)
        live.dropped.pop(member.id, None)
        live.room.set_here(member, True)
        socket.tell(live.room.welcome(member, self._return_token(member.ticket), seen))
        live.flush(but=member.id)
        if member.host:
            live.room.tell_lobby()
            live.flush()
        await presence.alive(self._application, live.site.site.site_id, [member.ticket.stay_id])
        return member.id

    def _replace(self, live: _Live, place: int, socket: Socket) -> None:
        before = live.sockets.get(place)
        live.sockets[place] = socket
        if before is not None and before is not socket:
            before.goodbye("elsewhere")

    def _return_token(self, ticket: Ticket) -> str:
        until = self._now + RETURN_SECONDS
        return self.signer.sign(msgspec.structs.replace(ticket, kind="return", until=until, nonce=new_nonce()))

    async def _let_waiting_in(self, live: _Live) -> None:
        for waiter in live.room.may_enter_now(self._now):
            await self._admit(live, waiter)
        live.flush()

    async def _admit(self, live: _Live, waiter: Waiter) -> None:
        socket = live.sockets.pop(waiter.id, None)
        if live.room.stop_waiting(waiter.id) is None or socket is None or socket.closing:
            return
        try:
            await self._let_in(live, waiter.ticket, socket, before=waiter.id)
        except Gone as gone:
            socket.goodbye(gone.reason)

    async def _unseat(self, live: _Live, place: int, socket: Socket, *, graceful: bool) -> None:
        """The connection of a place is over: its owner goes, or is waited for."""
        async with live.lock:
            place = live.moved.pop(place, place)
            if live.sockets.get(place) is not socket:
                return  # somebody else sits there, or the place is no more
            del live.sockets[place]
            room = live.room
            member = room.members.get(place)
            if member is None:
                room.stop_waiting(place)
            elif graceful:
                room.leave(member.id)
                await self._end_stay(live, member)
            else:
                live.dropped[place] = (time.monotonic() + GRACE_SECONDS, self._now)
                room.set_here(member, False)
            live.flush()
            self._forget_if_empty(live)

    async def _end_stay(self, live: _Live, member: Member, at: int | None = None) -> None:
        site_id = live.site.site.site_id
        try:
            await presence.leave(self._application, site_id, member.ticket.stay_id, at=at)
        except StoreError as error:  # presence.sweep ends it at the last sign of life
            _log.warning("stay_not_ended", reason=str(error))

    async def _note_audio(self, live: _Live) -> None:
        """Write down whose computer audio is connected: that of everybody who has a place for media."""
        connected = {each.ticket.stay_id for each in live.room.members.values() if each.level != "none"}
        here = {each.ticket.stay_id for each in live.room.members.values()}
        site_id = live.site.site.site_id
        for stay_id in connected - live.heard:
            await presence.audio(self._application, site_id, stay_id, on=True)
        for stay_id in (live.heard - connected) & here:
            await presence.audio(self._application, site_id, stay_id, on=False)
        live.heard = connected

    def _forget_if_empty(self, live: _Live) -> None:
        key = (live.site.site.site_id, live.session_key)
        if not live.room.members and not live.room.lobby and self._rooms.get(key) is live:
            del self._rooms[key]

    # ---- what is said ----------------------------------------------------------------------------------------

    async def _said(self, live: _Live, place: int, socket: Socket, message: m.Said) -> None:
        if isinstance(message, m.Ping):
            socket.tell(m.Pong())
            return
        place = live.moved.get(place, place)
        member = live.room.members.get(place)
        if member is None or live.sockets.get(place) is not socket:
            return  # who waits has nothing to say
        if isinstance(message, m.Chat) and not socket.chat.take(time.monotonic()):
            live.room.refuse(member, "flood", "You write too fast. Please wait a moment.")
        elif isinstance(message, m.Claim):
            await self._claim(live, member, message.key)
        elif isinstance(message, m.Admit | m.Expel | m.End):
            async with live.lock:
                if not live.room.refuse_unless_host(member):
                    await self._decide(live, member, message)
        else:
            live.room.said(member, message, self._application.clock.now_ms())
        live.flush()

    async def _decide(self, live: _Live, member: Member, message: m.Admit | m.Expel | m.End) -> None:
        room = live.room
        if isinstance(message, m.End):
            await self._end(live)
        elif isinstance(message, m.Admit):
            for waiter in list(room.lobby.values()):
                if message.member in (None, waiter.id):
                    await self._admit(live, waiter)
        elif message.member in room.lobby:
            waiting = live.sockets.pop(message.member, None)
            denied = room.stop_waiting(message.member)
            if denied is not None:
                room.sent_away.add(denied.ticket.stay_id)
            if waiting is not None:
                waiting.goodbye("denied")
        elif message.member != member.id and message.member in room.members:
            gone = room.leave(message.member, "expelled")
            socket = live.sockets.pop(message.member, None)
            live.dropped.pop(message.member, None)
            if socket is not None:
                socket.goodbye("expelled")
            if gone is not None:
                await self._end_stay(live, gone)

    async def _end(self, live: _Live) -> None:
        if live.conf_id is not None:
            await presence.end_run(self._application, live.site.site.site_id, live.conf_id)
        for socket in live.sockets.values():
            socket.goodbye("ended")
        live.sockets.clear()
        live.dropped.clear()
        live.room.members.clear()
        live.room.lobby.clear()
        self._forget_if_empty(live)

    async def _claim(self, live: _Live, member: Member, key: str) -> None:
        """Become host: one of the session's hosts as he likes, others by the host key; guessing is slowed down."""
        room = live.room
        if member.viewer or member.host:
            room.refuse(member, "view-only" if member.viewer else "host", "You cannot become host.")
            return
        if not member.ticket.may_host:
            brake, name = self._application.brake, f"{live.site.site.site_id}/host-key/{live.session_key}"
            try:
                await brake.wait(name)
            except Overloaded:
                room.refuse(member, "flood", "Too many tries. Please wait a moment.")
                return
            if not hmac.compare_digest(room.rules.host_key.encode(), "".join(key.split()).encode()):
                brake.failed(name)
                room.refuse(member, "host-key", "That is not the host key of this session.")
                return
        async with live.lock:
            if member.id in room.members:
                room.make_host(member)
                live.flush()
                await self._let_waiting_in(live)

    # ---- looking after ---------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        turns = 0
        while True:
            await asyncio.sleep(1)
            turns += 1
            for live in list(self._rooms.values()):
                try:
                    async with live.lock:
                        await self._look_after(live, turns)
                except (StoreError, Conflict) as error:
                    _log.warning("room_not_looked_after", reason=str(error))

    async def _look_after(self, live: _Live, turns: int) -> None:
        now = time.monotonic()
        for place, (until, seen) in list(live.dropped.items()):
            if until <= now:
                del live.dropped[place]
                member = live.room.leave(place, "lost")
                if member is not None:
                    await self._end_stay(live, member, at=seen)
        if turns % 5 == 0:
            await self._let_waiting_in(live)
        if turns % ALIVE_SECONDS == 0:
            await self._write_alive(live)
            await self._note_audio(live)
        if turns % _RENEW_SECONDS == 0:
            for place, socket in live.sockets.items():
                found = live.room.members.get(place) or live.room.lobby.get(place)
                if found is not None:
                    socket.tell(m.Renewed(self._return_token(found.ticket)))
        live.flush()
        self._forget_if_empty(live)

    async def _write_alive(self, live: _Live) -> None:
        """Write signs of life down; whoever has no open stay any more was ended from elsewhere and has to go."""
        here = {each.ticket.stay_id: each.id for each in live.room.members.values() if each.here}
        still = await presence.alive(self._application, live.site.site.site_id, list(here))
        for stay_id, place in here.items():
            if stay_id not in still:
                live.room.leave(place, "lost")
                socket = live.sockets.pop(place, None)
                if socket is not None:
                    socket.goodbye("ended")


async def open_hub(application: Application) -> Hub:
    """The rooms of this process, looked after from now on."""
    hub = Hub(application, Signer(await shared_secret(application.engine, "room-tokens")))
    hub.start()
    return hub
