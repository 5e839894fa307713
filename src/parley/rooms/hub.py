"""The rooms of one process: which socket belongs to which room, and who holds it.

Whoever comes shows a ticket first. From then on every message is read by `messages`, counted by `sockets` and handed to
`talk`, which knows what the `room` does itself; `seats` has coming and going, `keeping` what happens by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog

from parley.rooms import messages as m
from parley.rooms.admission import rules_of
from parley.rooms.engines.janus import JanusServer
from parley.rooms.homes import Homes
from parley.rooms.keeping import Keeper
from parley.rooms.limits import Addresses
from parley.rooms.live import Key, Live
from parley.rooms.passing import MOVED, Dead, Passage, Unreachable, Visit
from parley.rooms.recorders import Recorders
from parley.rooms.room import Room
from parley.rooms.seats import Seats
from parley.rooms.sockets import (
    FIRST_SECONDS,
    NORMAL,
    POLICY,
    RESTART,
    SILENT_SECONDS,
    TRY_LATER,
    Gone,
    Socket,
    Wire,
    said,
)
from parley.rooms.talk import Talk
from parley.rooms.tokens import ENTRY_SECONDS, Signer, Ticket
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.shared_secrets import shared_secret
from parley.store import StoreError, runs, sessions

_TIDY_SECONDS: Final = 60
#: How often whoever holds a room is asked for before the browser has to try again.
_TRIES: Final = 4
#: Sockets that an address may open at once, and a second.
_JOIN_BURST, _JOIN_RATE = 200, 20.0
_MOST_NONCES: Final = 200_000
_log = structlog.get_logger("parley.rooms")


class Hub:
    """All rooms of this process.

    Args:
        signer: makes and checks tickets.
        passage: leads to other processes on the same database, and from them.
    """

    def __init__(self, application: Application, signer: Signer, passage: Passage) -> None:
        self._application = application
        self.signer = signer
        self._rooms: dict[Key, Live] = {}
        self._recorders = Recorders(application, signer)
        self._seats = Seats(application, signer, self._rooms, self._recorders)
        self._talk = Talk(application, self._seats, self._recorders)
        self._keeper = Keeper(application, self._seats, self._recorders)
        self._nonces: OrderedDict[str, int] = OrderedDict()
        self.joins = Addresses(_JOIN_BURST, _JOIN_RATE)
        self.janus = JanusServer.of(application.config)
        self._busy = Addresses(1, 0.1)
        """Addresses of which the log need not tell again just now that they come too often."""
        self._passage = passage
        self._homes: Homes | None = None
        self._chores: list[asyncio.Task[None]] = []
        self._opening = asyncio.Lock()
        self._leaving = False

    async def start(self) -> None:
        """Begin to look after the rooms, and to be reached by other processes.

        Raises:
            OSError: it cannot be reached.
        """
        if self.janus is not None:
            self.janus.start()
        await self._passage.open(self._visit)
        self._homes = Homes(self._application, self._passage.address, self._let_go, self._rooms.__contains__)
        self._chores = [asyncio.create_task(each) for each in (self._keeper.keep(), self._homes.keep(), self._tidy())]

    async def leave(self) -> None:
        """Take nobody in any more, and let the people and the leases of all rooms go to other processes."""
        self._leaving = True
        self._let_go(list(self._rooms))
        if self._homes is not None:
            await self._homes.stop()

    async def stop(self) -> None:
        """Let go of all sockets; places wait for their owners, who come back to whoever serves then."""
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        self._chores = []
        self._let_go(list(self._rooms))
        await self._recorders.finish()
        if self._homes is not None:
            await self._homes.stop()
        await self._passage.close()
        if self.janus is not None:
            await self.janus.stop()

    def figures(self) -> tuple[int, int, int]:
        """How many rooms are open here, and how many people are in them and before them; asked in any thread."""
        rooms = dict(self._rooms).values()
        inside = sum(len(live.room.members) for live in rooms)
        return len(rooms), inside, sum(len(live.room.lobby) for live in rooms)

    def _let_go(self, keys: Iterable[Key]) -> None:
        """Other processes have these rooms from now on: browsers find their places there."""
        for key in keys:
            live = self._rooms.pop(key, None)
            if live is not None:
                live.moved_away = True
                for socket in live.sockets.values():
                    socket.shut(RESTART)
                live.sockets.clear()
                live.room.members.clear()
                live.room.lobby.clear()
                live.medium.wake()

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(_TIDY_SECONDS)
            self._passage.tidy()

    @property
    def _now(self) -> int:
        return self._application.clock.now()

    # ---- one socket ------------------------------------------------------------------------------------------

    async def serve(self, site: KnownSite, session_key: int, wire: Wire, address: str, agent: str) -> None:
        """Look after one socket until it is closed; when its room is in another process, that one does."""
        await self._serve(site, session_key, Socket(wire, address, agent))

    async def _visit(self, visit: Visit, wire: Wire) -> None:
        """Look after a socket that another process took."""
        site = await self._application.sites.reload(visit.site_id)
        if site is None:
            await wire.close(POLICY)
        else:
            await self._serve(site, visit.session_key, Socket(wire, visit.address, visit.agent), visit.first)

    async def _serve(self, site: KnownSite, session_key: int, socket: Socket, first: str | None = None) -> None:
        writer = asyncio.create_task(socket.write())
        try:
            await self._converse(site, session_key, socket, first)
        except Gone as gone:
            if gone.reason != "busy" or self._busy.take(socket.address, time.monotonic()):
                _log.info("room_refused", reason=gone.reason, address=socket.address, session_key=session_key)
            socket.goodbye(gone.reason, gone.code)
        except StoreError as error:
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
                async with asyncio.timeout(5):
                    await socket.wire.close(NORMAL)

    async def _converse(self, site: KnownSite, session_key: int, socket: Socket, first: str | None) -> None:
        """Args: `first`: what was said first, if another process has read it."""
        if not self.joins.take(socket.address, time.monotonic()):
            raise Gone("busy", TRY_LATER)
        raw = first if first is not None else await socket.read(FIRST_SECONDS)
        if raw is None:
            raise Gone("bad")
        enter = said(raw)
        if not isinstance(enter, m.Enter):
            raise Gone("bad")
        ticket = self._read(enter.token, site, session_key)
        visit = Visit(site.site.site_id, session_key, socket.address, socket.agent, raw)
        if not await self._is_here(visit, socket, passed=first is not None):
            return
        self._use_up(ticket)
        live = await self._live(site, session_key)
        await self._refuse_used(live, ticket)
        socket.key = enter.key
        place = await self._seats.seat(live, ticket, socket, enter.seen)
        graceful = False
        try:
            while (message := await socket.next(SILENT_SECONDS)) is not None:
                if isinstance(message, m.Leave):
                    graceful = True
                    return
                await self._talk.said(live, place, socket, message)
        finally:
            await asyncio.shield(self._seats.unseat(live, place, socket, graceful=graceful))

    async def _is_here(self, visit: Visit, socket: Socket, *, passed: bool) -> bool:
        """Whether this process holds the room; where another one does, it had the socket until it was closed.

        Raises:
            Gone: whoever holds the room cannot be reached.
        """
        if self._leaving and passed:
            socket.shut(MOVED)
            return False
        if self._leaving or self._homes is None:
            raise Gone("unavailable", TRY_LATER)
        key = (visit.site_id, visit.session_key)
        home = await self._homes.find(key)
        for tries in range(_TRIES):
            if home is None:
                return True
            if passed:
                socket.shut(MOVED)
                return False
            dead = ""
            try:
                code = await self._passage.pass_on(home, visit, socket.wire)
            except Dead:
                dead = home
            except Unreachable as error:
                _log.warning("room_home_unreachable", home=home, reason=str(error), session_key=key[1])
                await asyncio.sleep(0.2 * (tries + 1))
            else:
                if code != MOVED:
                    socket.shut(code)
                    return False
            home = await self._homes.find(key, dead)
        raise Gone("unavailable", TRY_LATER)

    def _read(self, token: str, site: KnownSite, session_key: int) -> Ticket:
        """Raises: Gone: forged, over, or for another room."""
        ticket = self.signer.read(token, Ticket, self._now)
        if ticket is None or (ticket.site_id, ticket.session_key) != (site.site.site_id, session_key):
            raise Gone("token")
        return ticket

    def _use_up(self, ticket: Ticket) -> None:
        """Raises: Gone: it was used already."""
        if ticket.kind == "entry":
            now = self._now
            while self._nonces and (next(iter(self._nonces.values())) <= now or len(self._nonces) >= _MOST_NONCES):
                self._nonces.popitem(last=False)
            if ticket.nonce in self._nonces:
                raise Gone("token")
            self._nonces[ticket.nonce] = ticket.until

    async def _refuse_used(self, live: Live, ticket: Ticket) -> None:
        """A ticket that is older than the room's being here may have let somebody in elsewhere; then there is a stay.

        Raises:
            Gone: it did.
        """
        older = ticket.kind == "entry" and ticket.until - ENTRY_SECONDS <= live.opened
        if older and await runs.stay(self._application.engine, ticket.site_id, ticket.stay_id) is not None:
            raise Gone("token")

    # ---- rooms -----------------------------------------------------------------------------------------------

    async def _live(self, site: KnownSite, session_key: int) -> Live:
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
                live = Live(site, session_key, Room(rules, started), self.janus)
                live.opened = self._now
                if session.status == "INPROGRESS":  # the session goes on as it was in the process that held it before
                    run = await runs.run(self._application.engine, session.site_id, session.conf_id)
                    live.room.host_came = session.host_joined
                    live.room.locked = run is not None and run.locked
                self._rooms[key] = live
            live.room.rules = rules
            return live


async def open_hub(application: Application) -> Hub:
    """The rooms of this process, looked after from now on."""
    config, engine = application.config, application.engine
    passage = Passage(await shared_secret(engine, "room-passage"), Path(config.data) / "rooms", config.room_address)
    hub = Hub(application, Signer(await shared_secret(engine, "room-tokens")), passage)
    await hub.start()
    return hub
