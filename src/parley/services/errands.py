"""What a server does by itself: notices are sent, sessions go after their end, histories that are too old go.

Rows of the store say what is to be done and when (`store.errands`), so nothing is lost with a process. Every server
does it for all sites; a row belongs to the one that took it. Each site has its turn apart from the others, so that an
address that does not answer holds up nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import structlog

from parley.domain.notices import Wanted
from parley.domain.session import HostedSession
from parley.domain.site import DEMO_SITE_ID
from parley.seeing import figures
from parley.services import inspector, notices, rate_limits, removals
from parley.services.history import keeping
from parley.services.known_sites import KnownSite
from parley.services.sessions.kinds import kind_of
from parley.store import Changes, Conflict, errands, sessions, sites
from parley.store.errands import Errand
from parley.store.errors import StoreUnavailable

if TYPE_CHECKING:
    import ssl

    from parley.services.application import Application
    from parley.services.notice_sending import NotDelivered

#: A row belongs to its taker for so long, which is longer than sending can last.
_LEASE_SECONDS: Final = 60
#: Rows of a site that are done at the same time.
_PARALLEL: Final = 4
#: Between two tries of a notice: at first, and at most; after so long it is given up.
_FIRST_PAUSE: Final = 15
_LONGEST_PAUSE: Final = 15 * 60
GIVE_UP_SECONDS: Final = 3600
#: So many sites are probed at a time, with a pause between: at most 200 a second.
_PROBES: Final = 50
_PROBES_SECONDS: Final = 0.25
#: Somebody else changed the session just then.
_SOON: Final = 5
#: Between two looks for histories that are too old; the first one is a while after the start.
_TIDY_SECONDS: Final = 3600
_TIDY_FIRST_SECONDS: Final = 300
_SITES_SECONDS: Final = 15
#: At the end of the process what was taken gets so long to be done.
_LAST_SECONDS: Final = 15.0

_log = structlog.get_logger("parley.errands")


class Errands:
    """Does what is due, of all sites that are served, until it is cancelled.

    Args:
        trusted: whom https addresses are vouched for by; None: the authorities that this machine trusts.
    """

    def __init__(self, application: Application, trusted: ssl.SSLContext | None = None) -> None:
        self._application = application
        self._engine = application.engine
        self._trusted = trusted
        self._busy: dict[int, asyncio.Task[int]] = {}
        self._stopping = False
        self._sites: list[int] = []
        self._sites_read = 0
        self._tidied = application.clock.now() - _TIDY_SECONDS + _TIDY_FIRST_SECONDS

    async def run(self, seconds: float) -> None:
        """Look every so many seconds."""
        try:
            while True:
                await asyncio.sleep(seconds)
                try:
                    with figures.chore("errands"):
                        await self._look()
                except StoreUnavailable as error:
                    _log.warning("errands_not_read", error=str(error))
                except Exception:  # whatever it is, the next look may go well
                    _log.exception("errands_not_done")
        finally:
            self._stopping = True
            if self._busy:  # what was taken is finished, within bounds; what is broken off is done later, maybe again
                await asyncio.wait(self._busy.values(), timeout=_LAST_SECONDS)
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def do_due(self, site_id: int) -> int:
        """Do what is due of a site; tells how many rows were taken."""
        done = 0
        while not self._stopping and (found := await errands.due(self._engine, site_id, self._now)):
            places = asyncio.Semaphore(_PARALLEL)
            taken = await asyncio.gather(*(self._one(each, places) for each in found))
            done += sum(taken)
            if not any(taken):
                break
        return done

    async def tidy(self) -> None:
        """Forget what is too old: histories, changes of accounts, requests that the inspector saw, counts of calls."""
        self._tidied = self._now
        for site in await sites.all_sites(self._engine):
            days = site.settings.history_days
            gone = await keeping.purge(self._engine, site.site_id, self._now, days) if days is not None else 0
            if gone:
                _log.info("history_purged", site=site.name, runs=gone)
            await keeping.forget_accounts(self._engine, site.site_id, self._now)
            await inspector.forget_old(self._engine, site.site_id, self._now)
            await rate_limits.forget_old(self._engine, site.site_id, self._now)

    @property
    def _now(self) -> int:
        return self._application.clock.now()

    async def _look(self) -> None:
        now = self._now
        if abs(now - self._sites_read) >= _SITES_SECONDS or not self._sites:
            demo = self._application.config.demo
            found = await sites.active_ids(self._engine)
            self._sites = [site_id for site_id in found if demo or site_id != DEMO_SITE_ID]
            self._sites_read = now
        self._busy = {site_id: task for site_id, task in self._busy.items() if not task.done()}
        for place, site_id in enumerate(self._sites):
            if place % _PROBES == _PROBES - 1:
                await asyncio.sleep(_PROBES_SECONDS)
            if site_id not in self._busy and await errands.due(self._engine, site_id, now, 1):
                self._busy[site_id] = asyncio.create_task(self._guarded(site_id))
        if abs(now - self._tidied) >= _TIDY_SECONDS:
            await self.tidy()

    async def _guarded(self, site_id: int) -> int:
        try:
            return await self.do_due(site_id)
        except StoreUnavailable as error:
            figures.here.count("parley_errands", "failed")
            _log.warning("errands_not_read", site_id=site_id, error=str(error))
            return 0
        except Exception:  # its rows come to their turn again
            figures.here.count("parley_errands", "failed")
            _log.exception("errands_not_done", site_id=site_id)
            return 0

    async def _one(self, errand: Errand, places: asyncio.Semaphore) -> bool:
        """Do what a row says; False when another process has it."""
        async with places:
            changes, now = Changes(), self._now
            errands.take(changes, errand, now, now + _LEASE_SECONDS)
            try:
                await self._engine.commit(changes)
            except Conflict:
                return False
            try:
                changes = await self._done(errand)
                await self._engine.commit(changes)
                figures.here.count("parley_errands", "done")
            except Conflict:
                figures.here.count("parley_errands", "put_off")
                changes = Changes()
                errands.later(changes, errand, self._now + _SOON)
                await self._engine.commit(changes)
            return True

    async def _done(self, errand: Errand) -> Changes:
        """Do it, and say what is to be written then."""
        if errand.kind == removals.REMOVE:
            return await removals.finish(self._application, errand)
        if errand.kind == notices.JOINED:
            return await self._joined(errand)
        if errand.kind == notices.STARTING:
            return await self._starting(errand)
        _log.warning("errand_unknown", kind=errand.kind)
        changes = Changes()
        errands.done(changes, errand)
        return changes

    # ---- notices ---------------------------------------------------------------------------------------------

    async def _joined(self, errand: Errand) -> Changes:
        changes = Changes()
        told = notices.read_told(errand.document)
        known = await self._application.sites.reload(errand.site_id)
        problem = await self._sent(known, told.address, told.fields)
        if problem is None or self._is_hopeless(errand, problem, errand.created_at):
            errands.done(changes, errand)
        else:
            self._put_off(changes, errand, problem)
        return changes

    async def _starting(self, errand: Errand) -> Changes:
        changes = Changes()
        session = await sessions.by_key(self._engine, errand.site_id, errand.session_key)
        known = await self._application.sites.reload(errand.site_id)
        if session is None or known is None:
            errands.done(changes, errand)
            return changes
        kind = kind_of(session, known.types)
        wanted = kind.notices(kind.read(session.document))
        moment = notices.read_starting(errand.document).at
        problem = await self._told_of_start(errand, session, known, wanted, moment)
        if problem is None or self._is_hopeless(errand, problem, moment):
            errands.done(changes, errand)
            errands.put(changes, notices.next_rows(session, wanted, max(moment, self._now), self._now))
        else:
            self._put_off(changes, errand, problem)
        return changes

    async def _told_of_start(
        self, errand: Errand, session: HostedSession, known: KnownSite, wanted: Wanted, moment: int
    ) -> NotDelivered | None:
        """What went wrong; None also where nothing is to be told, or it is too late for it."""
        if self._now - moment > GIVE_UP_SECONDS:
            return None
        fields = notices.starting_fields(known.site.name, session, wanted, errand)
        return None if fields is None else await self._sent(known, wanted.before_start, fields)

    async def _sent(self, known: KnownSite | None, address: str | None, fields: dict[str, str]) -> NotDelivered | None:
        """Send a notice where the site allows it; what went wrong, if anything."""
        target = notices.open_target(address, known.settings) if known is not None else None
        if known is None or target is None:
            return None
        from parley.services.notice_sending import NotDelivered, post

        try:
            private = known.settings.notices.private_addresses
            await post(target, notices.body_of(fields), private=private, trusted=self._trusted)
        except NotDelivered as error:
            return error
        return None

    def _is_hopeless(self, errand: Errand, problem: NotDelivered, since: int) -> bool:
        if not problem.permanent and (errand.attempts == 0 or self._now - since <= GIVE_UP_SECONDS):
            return False
        _log.warning("notice_given_up", kind=errand.kind, session_key=errand.session_key, note=problem.note)
        return True

    def _put_off(self, changes: Changes, errand: Errand, problem: NotDelivered) -> None:
        _log.info("notice_put_off", kind=errand.kind, session_key=errand.session_key, note=problem.note)
        pause = min(_FIRST_PAUSE << min(errand.attempts, 20), _LONGEST_PAUSE)
        errands.later(changes, errand, self._now + pause, problem.note)


async def keep_done(application: Application, seconds: float) -> None:
    """Do errands until it is cancelled, looking every so many seconds."""
    with contextlib.suppress(asyncio.CancelledError):
        await Errands(application).run(seconds)
