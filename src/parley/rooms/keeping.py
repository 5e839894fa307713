"""Looking after rooms: places that nobody came back to, signs of life, fresh tokens, doors that time opens."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import structlog

from parley.rooms import messages as m
from parley.rooms.live import Key, Live
from parley.rooms.recorders import Recorders
from parley.rooms.seats import Seats
from parley.rooms.tokens import RETURN_SECONDS
from parley.services import presence
from parley.services.application import Application
from parley.store import StoreError

#: Seconds between signs of life that are written down.
ALIVE_SECONDS: Final = 10
_RENEW_SECONDS: Final = RETURN_SECONDS // 4
_log = structlog.get_logger("parley.rooms")


class Keeper:
    """Looks after the rooms of this process, once a second."""

    def __init__(self, application: Application, seats: Seats, recorders: Recorders) -> None:
        self._application = application
        self._seats = seats
        self._recorders = recorders
        self.rooms: dict[Key, Live] = seats.rooms

    async def keep(self) -> None:
        """Go on until it is cancelled."""
        turns = 0
        while True:
            await asyncio.sleep(1)
            turns += 1
            try:
                if turns % ALIVE_SECONDS == 0:
                    await self._write_alive()
            except Exception:  # whatever it is, the rooms are looked after
                _log.exception("signs_of_life_not_written")
            for live in list(self.rooms.values()):
                try:
                    async with live.lock:
                        await self._look_after(live, turns)
                except StoreError as error:
                    _log.warning("room_not_looked_after", reason=str(error))
                except Exception:  # the other rooms have their turn, and this one has it again
                    _log.exception("room_not_looked_after")

    async def _look_after(self, live: Live, turns: int) -> None:
        now = time.monotonic()
        for place, (until, seen) in list(live.dropped.items()):
            if until <= now:
                del live.dropped[place]
                member = live.room.leave(place, "lost")
                if member is not None:
                    await self._seats.end_stay(live, member, at=seen)
        await self._note_run(live)
        await self._recorders.look_after(live, turns)
        if turns % 5 == 0:
            await self._seats.let_waiting_in(live)
        if turns % ALIVE_SECONDS == 0:
            await self._seats.note_audio(live)
        if turns % _RENEW_SECONDS == 0:
            for place, socket in live.sockets.items():
                found = live.room.members.get(place) or live.room.lobby.get(place)
                if found is not None:
                    socket.tell(m.Renewed(self._seats.return_token(found.ticket)))
        live.flush()
        self._seats.forget_if_empty(live)

    async def _note_run(self, live: Live) -> None:
        """Write down what the API tells of the room, when it is not what it was."""
        if live.conf_id is None:
            return
        presenter = next((each.ticket.name for each in live.room.members.values() if each.presenter), None)
        now = (live.conf_id, live.room.locked, presenter)
        if now != live.noted:
            site_id = live.site.site.site_id
            await presence.tell(self._application, site_id, live.conf_id, locked=now[1], presenter=presenter)
            live.noted = now

    async def _write_alive(self) -> None:
        """Write signs of life down, for the people of all rooms at once."""
        here: dict[int, dict[int, tuple[Live, int]]] = {}
        for live in self.rooms.values():
            stays = here.setdefault(live.site.site.site_id, {})
            stays.update((each.ticket.stay_id, (live, each.id)) for each in live.room.members.values() if each.here)
        for site_id, stays in here.items():
            try:
                still = await presence.alive(self._application, site_id, list(stays))
            except StoreError as error:
                _log.warning("signs_of_life_not_written", reason=str(error))
                continue
            for stay_id in stays.keys() - still:
                await self._put_out(*stays[stay_id], stay_id)

    async def _put_out(self, live: Live, place: int, stay_id: int) -> None:
        """Whoever has no open stay any more was ended from elsewhere and has to go, unless he went meanwhile."""
        async with live.lock:
            member = live.room.members.get(place)
            if member is not None and member.ticket.stay_id == stay_id:
                live.room.leave(place, "lost")
                socket = live.sockets.pop(place, None)
                if socket is not None:
                    socket.goodbye("ended")
                live.flush()
