"""What members say: handed to the room, and where the database has to know, or sockets are closed, done here."""

from __future__ import annotations

import hmac
import time
from typing import Final

from parley.protocol.credentials import Overloaded
from parley.rooms import messages as m
from parley.rooms.live import Live
from parley.rooms.recorders import Recorders
from parley.rooms.room import Member
from parley.rooms.seats import Seats
from parley.rooms.sockets import Socket
from parley.rooms.words import _
from parley.services import presence
from parley.services.application import Application

#: What somebody says once a second at most, in the long run.
_SLOW: Final = m.Chat | m.Ask | m.Reply | m.SavePoll | m.Record | m.Chapter


class Talk:
    """Does what members say."""

    def __init__(self, application: Application, seats: Seats, recorders: Recorders) -> None:
        self._application = application
        self._seats = seats
        self._recorders = recorders

    async def said(self, live: Live, place: int, socket: Socket, message: m.Said) -> None:
        """Do what somebody says who sits in a place of the room, or waits before it."""
        if isinstance(message, m.Ping):
            socket.tell(m.Pong())
            return
        place = live.moved.get(place, place)
        member = live.room.members.get(place)
        if member is None or live.sockets.get(place) is not socket:
            return  # who waits has nothing to say
        if isinstance(message, _SLOW) and not socket.chat.take(time.monotonic()):
            live.room.refuse(member, "flood", _("You write too fast. Please wait a moment."))
        elif isinstance(message, m.Record | m.Chapter):
            async with live.lock:
                await self._recorders.said(live, member, message)
        elif isinstance(message, m.Claim):
            await self._claim(live, member, message.key)
        elif isinstance(message, m.Admit | m.Expel | m.End | m.Begin):
            async with live.lock:
                if not live.room.refuse_unless_host(member):
                    await self._decide(live, member, message)
        elif isinstance(message, m.Media):
            live.medium.said(member.id, message)
        else:
            live.room.said(member, message, self._application.clock.now_ms())
        live.flush()

    async def _decide(self, live: Live, member: Member, message: m.Admit | m.Expel | m.End | m.Begin) -> None:
        room = live.room
        if isinstance(message, m.End):
            await self._end(live)
        elif isinstance(message, m.Begin):
            if room.begin():
                live.flush()
                await self._seats.let_waiting_in(live)
        elif isinstance(message, m.Admit):
            for waiter in list(room.lobby.values()):
                if message.member in (None, waiter.id):
                    await self._seats.admit(live, waiter)
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
                await self._seats.end_stay(live, gone)

    async def _end(self, live: Live) -> None:
        if live.conf_id is not None:
            await presence.end_run(self._application, live.site.site.site_id, live.conf_id)
        for socket in live.sockets.values():
            socket.goodbye("ended")
        live.sockets.clear()
        live.dropped.clear()
        live.room.members.clear()
        live.room.lobby.clear()
        self._seats.forget_if_empty(live)

    async def _claim(self, live: Live, member: Member, key: str) -> None:
        """Become host: one of the session's hosts as he likes, others by the host key; guessing is slowed down."""
        room = live.room
        if member.viewer or member.host:
            room.refuse(member, "view-only" if member.viewer else "host", _("You cannot become host."))
            return
        if not member.ticket.may_host:
            brake, name = self._application.brake, f"{live.site.site.site_id}/host-key/{live.session_key}"
            try:
                await brake.wait(name)
            except Overloaded:
                room.refuse(member, "flood", _("Too many tries. Please wait a moment."))
                return
            if not hmac.compare_digest(room.rules.host_key.encode(), "".join(key.split()).encode()):
                brake.failed(name)
                room.refuse(member, "host-key", _("That is not the host key of this session."))
                return
        async with live.lock:
            if member.id in room.members:
                room.make_host(member)
                live.flush()
                await self._seats.let_waiting_in(live)
