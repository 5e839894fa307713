"""Which process holds which room, when several serve one database: leases, kept in `room_homes`.

The first process that somebody comes to for a room holds it, and renews its lease until the room has been empty for a
while. All others pass sockets for it on to the holder (`passing`). A holder that died is replaced when its lease is
over, or as soon as somebody finds that nothing answers any more where it was. One that was merely slow learns from its
next renewal that a room is somebody else's now, and lets go of its sockets.

Clocks of several machines may differ by a few seconds, not by more: a lease is as long as `LEASE_SECONDS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from parley.rooms.live import Key
from parley.services.application import Application
from parley.store import Changes, Conflict, StoreError, room_homes
from parley.store.room_homes import Home

LEASE_SECONDS: Final = 20
RENEW_SECONDS: Final = 5
#: Seconds that a room is held after somebody was last let through to it, though nobody is in it.
_IDLE_SECONDS: Final = 60
#: Leases that have been over for so long are forgotten, and how often that is done.
_FORGET_SECONDS: Final = 600
_TRIES: Final = 4
_log = structlog.get_logger("parley.rooms")


class Homes:
    """The leases of this process.

    Args:
        address: where other processes reach this one; no other process ever has the same.
        lost: called with the rooms that this process held and holds no more.
        in_use: tells whether somebody is in a room of this process.
    """

    def __init__(
        self,
        application: Application,
        address: str,
        lost: Callable[[Iterable[Key]], None],
        in_use: Callable[[Key], bool],
    ) -> None:
        self._application = application
        self.address = address
        self._lost = lost
        self._in_use = in_use
        self._held: dict[Key, int] = {}
        self._asked: dict[Key, float] = {}
        self._moving = asyncio.Lock()
        self._forgotten = time.monotonic()

    @property
    def _now(self) -> int:
        return self._application.clock.now()

    def holds(self, key: Key) -> bool:
        """Whether this process holds a room, as far as it knows."""
        return self._held.get(key, 0) > self._now

    async def find(self, key: Key, dead: str = "") -> str | None:
        """Where a room is; None: here, from now on at the latest. `dead`: a holder that is known to be no more.

        Raises:
            StoreError: the database cannot be asked.
            Conflict: others were always quicker.
        """
        self._asked[key] = time.monotonic()
        if self.holds(key):
            return None
        async with self._moving:
            for _ in range(_TRIES):
                if self.holds(key):
                    return None
                home = await room_homes.of_room(self._application.engine, *key)
                if home is not None and home.until > self._now and home.address not in (self.address, dead):
                    if self._held.pop(key, None) is not None:
                        self._lost([key])
                    return home.address
                with contextlib.suppress(Conflict):  # somebody else took it just now
                    await self._take(key, home, dead)
                    return None
        raise Conflict

    async def _take(self, key: Key, before: Home | None, dead: str) -> None:
        until = self._now + LEASE_SECONDS
        changes = Changes()
        room_homes.take(changes, *key, Home(self.address, until), self._now, dead)
        await self._application.engine.commit(changes)
        self._held[key] = until
        if before is not None and before.address != self.address:
            _log.info("room_taken_over", session_key=key[1], before=before.address)

    # ---- what happens by itself ------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Renew the leases until it is cancelled."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except StoreError as error:
                _log.warning("rooms_not_renewed", reason=str(error))
            except Exception:  # whatever it is, the next try may go well; without leases others would open the rooms
                _log.exception("rooms_not_renewed")

    async def renew(self) -> None:
        """Hold all rooms for longer, but those that nobody was in for a while."""
        async with self._moving:
            await self._release([key for key in self._held if not self._is_wanted(key)])
            by_site = _by_site(self._held)
            home = Home(self.address, self._now + LEASE_SECONDS)
            changes = Changes()
            forget = time.monotonic() - self._forgotten > _FORGET_SECONDS
            for site_id, session_keys in by_site.items():
                room_homes.renew(changes, site_id, session_keys, home)
            await self._application.engine.commit(changes)
            lost: list[Key] = []
            for site_id, session_keys in by_site.items():
                still = await room_homes.held(self._application.engine, site_id, session_keys, self.address)
                self._held.update({(site_id, each): home.until for each in still})
                lost += [(site_id, each) for each in session_keys if each not in still]
            for key in lost:
                self._held.pop(key, None)
                _log.warning("room_lost", session_key=key[1])
            self._lost(lost)
            if forget:
                await self._forget(by_site)

    def _is_wanted(self, key: Key) -> bool:
        return self._in_use(key) or time.monotonic() - self._asked.get(key, 0.0) < _IDLE_SECONDS

    async def _forget(self, site_ids: Iterable[int]) -> None:
        self._forgotten = time.monotonic()
        self._asked = {key: when for key, when in self._asked.items() if key in self._held}
        changes = Changes()
        for site_id in site_ids:
            room_homes.purge(changes, site_id, self._now - _FORGET_SECONDS)
        await self._application.engine.commit(changes)

    async def _release(self, keys: Iterable[Key]) -> None:
        changes = Changes()
        by_site = _by_site(keys)
        for site_id, session_keys in by_site.items():
            room_homes.release(changes, site_id, session_keys, self.address)
            for each in session_keys:
                self._held.pop((site_id, each), None)
                self._asked.pop((site_id, each), None)
        await self._application.engine.commit(changes)

    async def stop(self) -> None:
        """Let go of all rooms, so that others can have them at once."""
        async with self._moving:
            with contextlib.suppress(StoreError):  # then the leases run out by themselves
                await self._release(list(self._held))
            self._held.clear()


def _by_site(keys: Iterable[Key]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for site_id, session_key in keys:
        found.setdefault(site_id, []).append(session_key)
    return found
