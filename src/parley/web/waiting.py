"""How many mails and errands wait, counted beside the requests and told as of a few seconds ago.

A look costs two probes of an index for each site with nothing due, and counts 10,000 rows at most where something is.
It rests between sites and is made at most once in a few seconds and for a twentieth of the time, however often
somebody asks; nobody waits for it longer than a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from parley.store import errands, outbox, sites
from parley.store.errors import StoreError

if TYPE_CHECKING:
    from parley.services.application import Application
    from parley.web.metrics import Reading

_PAUSE_SECONDS: Final = 5
_REST: Final = 20
_PATIENCE: Final = 1.0
_PROBES: Final = 50
_PROBES_SECONDS: Final = 0.1


class Waiting(NamedTuple):
    """What is due of all sites that are switched on and not done, and for how many seconds the oldest is due."""

    mails: int = 0
    oldest_mail: int = 0
    errands: int = 0
    oldest_errand: int = 0


class WaitingGauge:
    """Looks what waits, when somebody asks."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._engine = application.engine
        self._task: asyncio.Task[None] | None = None
        self._looked_at: int | None = None
        self._spent = 0.0
        self._found: Waiting | None = None

    async def readings(self) -> list[Reading]:
        """Family, labels and value of each; what the database does not tell in time is left out."""
        found = await self._read()
        readings: list[Reading] = []
        if found is not None:
            readings += [
                ("parley_mails_queued", "", found.mails),
                ("parley_mail_oldest_seconds", "", found.oldest_mail),
                ("parley_errands_waiting", "", found.errands),
                ("parley_errand_oldest_seconds", "", found.oldest_errand),
            ]
        with contextlib.suppress(OSError):
            disk = await asyncio.to_thread(shutil.disk_usage, self._application.config.data)
            readings += [("parley_data_bytes", "free", disk.free), ("parley_data_bytes", "size", disk.total)]
        return readings

    async def _read(self) -> Waiting | None:
        now = self._application.clock.now()
        rest = max(_PAUSE_SECONDS, _REST * self._spent)
        if self._task is None and (self._looked_at is None or abs(now - self._looked_at) >= rest):
            self._looked_at = now
            self._task = asyncio.create_task(self._look())
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_PATIENCE)
        return self._found

    async def _look(self) -> None:
        begun, found = monotonic(), None
        try:
            found = await self._counted(self._application.clock.now())
        except StoreError:
            pass  # better nothing than what was so before the database went away
        finally:
            self._found = found
            self._spent = monotonic() - begun
            self._task = None

    async def _counted(self, now: int) -> Waiting:
        mails = waiting = 0
        oldest_mail = oldest_errand = now
        async for site_id in self._sites():
            count, due = await outbox.queued(self._engine, site_id, now)
            mails, oldest_mail = mails + count, min(oldest_mail, due or now)
            count, due = await errands.queued(self._engine, site_id, now)
            waiting, oldest_errand = waiting + count, min(oldest_errand, due or now)
        return Waiting(mails, now - oldest_mail, waiting, now - oldest_errand)

    async def _sites(self) -> AsyncIterator[int]:
        for place, site_id in enumerate(await sites.active_ids(self._engine)):
            if place % _PROBES == _PROBES - 1:
                await asyncio.sleep(_PROBES_SECONDS)
            yield site_id
