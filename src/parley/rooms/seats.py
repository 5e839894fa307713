"""Places in rooms: who comes in, waits, comes back and goes, and what the database learns of it."""

from __future__ import annotations

import time
from typing import Final

import msgspec
import structlog

from parley.domain.history import Part
from parley.protocol.faults import Fault
from parley.rooms import messages as m
from parley.rooms.entry import Door
from parley.rooms.live import Key, Live
from parley.rooms.recorders import Recorders
from parley.rooms.room import Member, Room, Waiter
from parley.rooms.sockets import TRY_LATER, Gone, Socket
from parley.rooms.tokens import RETURN_SECONDS, Signer, Ticket, new_nonce
from parley.services import presence
from parley.services.application import Application
from parley.store import StoreError, runs

#: Seconds that a place waits for a connection that dropped; less than presence.SILENCE, so the room ends the stay.
GRACE_SECONDS: Final = 40
_log = structlog.get_logger("parley.rooms")


class Seats:
    """Gives places in the rooms of this process to sockets.

    Args:
        signer: makes the tokens to come back with.
        rooms: the rooms of this process; those in which nobody is left are taken out here.
    """

    def __init__(self, application: Application, signer: Signer, rooms: dict[Key, Live], recorders: Recorders) -> None:
        self._application = application
        self._recorders = recorders
        self._signer = signer
        self.rooms = rooms

    @property
    def _now(self) -> int:
        return self._application.clock.now()

    async def seat(self, live: Live, ticket: Ticket, socket: Socket, seen: int) -> int:
        """Put a socket into its place, in the room or before it; gives the number of the place.

        Raises:
            Gone: it may not come in.
        """
        async with live.lock:
            room = live.room
            key = (live.site.site.site_id, live.session_key)
            if self.rooms.get(key) is not live:  # it was emptied meanwhile
                if key in self.rooms or live.moved_away:
                    raise Gone("unavailable", TRY_LATER)
                self.rooms[key] = live
            if ticket.stay_id in room.sent_away:
                raise Gone("expelled")
            member = room.find(ticket.stay_id)
            if member is not None:
                return await self._come_back(live, member, socket, seen)
            waiter = next((each for each in room.lobby.values() if each.ticket.stay_id == ticket.stay_id), None)
            if waiter is not None:
                self._take_over(live, waiter.id, socket)
                socket.tell(self._waiting(room, waiter))
                return waiter.id
            what = room.door(ticket, self._now)
            if what is Door.ADMIT and await self._is_inside(ticket):
                what = Door.IN
            if what is Door.FULL:
                self.forget_if_empty(live)
                raise Gone("full")
            if what is Door.IN:
                member = await self._let_in(live, ticket, socket, seen)
                await self.let_waiting_in(live)
                return member.id
            waiter = room.wait(ticket, "host" if what is Door.HOST else "admit")
            live.sockets[waiter.id] = socket
            socket.tell(self._waiting(room, waiter))
            live.flush()
            return waiter.id

    async def _is_inside(self, ticket: Ticket) -> bool:
        """Whether somebody comes back who was let in before this process had the room."""
        if ticket.kind != "return":
            return False
        stay = await runs.stay(self._application.engine, ticket.site_id, ticket.stay_id)
        return stay is not None and stay.left_at is None

    def _waiting(self, room: Room, waiter: Waiter) -> m.Waiting:
        return m.Waiting(room.told_reason(waiter), room.rules.name, self.return_token(waiter.ticket))

    async def _let_in(
        self, live: Live, ticket: Ticket, socket: Socket, seen: int = 0, before: int | None = None
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
            self.forget_if_empty(live)
            raise Gone("gone") from None
        live.conf_id = here.conf_id
        member = room.enter(msgspec.structs.replace(ticket, stay_id=here.stay_id), self._now, socket.key)
        live.sockets[member.id] = socket
        if before is not None:  # whatever he says from the welcome on is said in the room
            live.moved[before] = member.id
        socket.tell(room.welcome(member, self.return_token(member.ticket), seen))
        live.flush(but=member.id)
        await self.note_audio(live)
        return member

    async def _come_back(self, live: Live, member: Member, socket: Socket, seen: int) -> int:
        self._take_over(live, member.id, socket)
        live.dropped.pop(member.id, None)
        live.room.set_here(member, True)
        socket.tell(live.room.welcome(member, self.return_token(member.ticket), seen))
        live.flush(but=member.id)
        if member.host:
            live.room.tell_lobby()
            live.flush()
        await presence.alive(self._application, live.site.site.site_id, [member.ticket.stay_id])
        return member.id

    def _take_over(self, live: Live, place: int, socket: Socket) -> None:
        before = live.sockets.get(place)
        live.sockets[place] = socket
        if before is not None and before is not socket:
            before.goodbye("elsewhere")

    def return_token(self, ticket: Ticket) -> str:
        """What finds the place again after a dropped connection."""
        until = self._now + RETURN_SECONDS
        return self._signer.sign(msgspec.structs.replace(ticket, kind="return", until=until, nonce=new_nonce()))

    async def let_waiting_in(self, live: Live) -> None:
        """Let those in who need not wait any more."""
        for waiter in live.room.may_enter_now(self._now):
            await self.admit(live, waiter)
        live.flush()

    async def admit(self, live: Live, waiter: Waiter) -> None:
        """Let in somebody who waits."""
        socket = live.sockets.pop(waiter.id, None)
        if live.room.stop_waiting(waiter.id) is None or socket is None or socket.closing:
            return
        try:
            await self._let_in(live, waiter.ticket, socket, before=waiter.id)
        except Gone as gone:
            socket.goodbye(gone.reason)

    async def unseat(self, live: Live, place: int, socket: Socket, *, graceful: bool) -> None:
        """The connection of a place is over: its owner goes, or is waited for."""
        now = self._now  # whoever goes went now, however long the database takes for others
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
                await self.end_stay(live, member, at=now)
            else:
                live.dropped[place] = (time.monotonic() + GRACE_SECONDS, now)
                room.set_here(member, False)
            live.flush()
            self.forget_if_empty(live)

    async def end_stay(self, live: Live, member: Member, at: int | None = None) -> None:
        """Write down that somebody who is in the room no more has gone; `at`: when (UTC epoch seconds)."""
        site_id = live.site.site.site_id
        try:
            await presence.leave(self._application, site_id, member.ticket.stay_id, at=at)
        except StoreError as error:  # presence.sweep ends it at the last sign of life
            _log.warning("stay_not_ended", reason=str(error))

    async def note_audio(self, live: Live) -> None:
        """Write down whose computer audio is connected: that of everybody who has a place for media."""
        connected = {each.ticket.stay_id for each in live.room.members.values() if each.level != "none"}
        here = {each.ticket.stay_id for each in live.room.members.values()}
        site_id = live.site.site.site_id
        for stay_id in connected - live.heard:
            await presence.audio(self._application, site_id, stay_id, on=True)
        for stay_id in (live.heard - connected) & here:
            await presence.audio(self._application, site_id, stay_id, on=False)
        live.heard = connected

    def forget_if_empty(self, live: Live) -> None:
        """Let go of a room in which nobody is left."""
        key = (live.site.site.site_id, live.session_key)
        if not live.room.members and not live.room.lobby and self.rooms.get(key) is live:
            del self.rooms[key]
            live.medium.wake()
            self._recorders.over(live)
