"""The delivery of mails as work of a process: of every server, or of `parley mail deliver` alone.

It looks for what is due with one probe of an index for each site. Templates, calendars and SMTP are only loaded when
the first mail is due, so that a server is up quickly and one that sends nothing stays small.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from parley.domain.site import DEMO_SITE_ID
from parley.seeing import figures
from parley.store import Changes, outbox, sites
from parley.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from parley.config import Config
    from parley.mail.delivery import Compose, Deliverer
    from parley.mail.transports import Transport
    from parley.services.application import Application

#: Between two looks at all sites, and after something went wrong.
PAUSE_SECONDS: Final = 1.0
_BROKEN_SECONDS: Final = 5.0
#: So many sites are probed at a time, with a pause between: at most 200 a second.
_PROBES: Final = 50
_PROBES_SECONDS: Final = 0.25
#: Sites that are new or switched on are noticed after so long.
_SITES_SECONDS: Final = 15
#: A stop waits so long for the mails that are on their way.
_LAST_SECONDS: Final = 15.0
#: Delivered messages are kept for so long; the first look for older ones is a while after the start.
_KEPT_SECONDS: Final = 90 * 86_400
_TIDY_SECONDS: Final = 86_400
_TIDY_FIRST_SECONDS: Final = 600

_log = structlog.get_logger("parley.mail")


class PostOffice:
    """Delivers the mails of all sites that are served, until it is stopped.

    Args:
        processes: of this server, which share its rate.
        beside: the process has other work, that mails must not hold up.
        compose: makes the mails; None: as `parley.mail.composing` does.
    """

    def __init__(
        self, application: Application, *, processes: int = 1, beside: bool = False, compose: Compose | None = None
    ) -> None:
        self._application = application
        self._engine = application.engine
        self._clock = application.clock
        self._processes = processes
        self._beside = beside
        self._compose = compose
        self._deliverer: Deliverer | None = None
        self._sites: list[int] = []
        self._sites_read = 0
        self._tidied = self._clock.now() - _TIDY_SECONDS + _TIDY_FIRST_SECONDS
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def outcomes(self) -> dict[str, int]:
        """What this process did with messages so far, by outcome."""
        if self._deliverer is None:
            return {}
        counts = self._deliverer.counts
        return {name: getattr(counts, name) for name in counts.__struct_fields__}

    def start(self) -> None:
        """Begin to deliver in the background."""
        self._task = asyncio.create_task(self.run())

    def retire(self) -> None:
        """Take no more mails; those on their way go on."""
        self._stopping.set()
        if self._deliverer is not None:
            self._deliverer.stop()

    async def stop(self) -> None:
        """End; mails on their way get a few seconds."""
        task, self._task = self._task, None
        if task is None:
            return
        self.retire()
        await asyncio.wait([task], timeout=_LAST_SECONDS)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def run(self) -> None:
        """Deliver until stopped or cancelled."""
        try:
            while not self._stopping.is_set():
                await self._rest(await self._guarded_round())
        finally:
            if self._deliverer is not None:
                await self._deliverer.close()

    async def deliver_all(self) -> int:
        """Deliver until nothing is due any more, or no more may be sent now; returns how many messages were taken."""
        taken = 0
        try:
            while found := await self._round():
                taken += found
        finally:
            if self._deliverer is not None:
                await self._deliverer.close()
        return taken

    async def _guarded_round(self) -> float:
        """One look at all sites; returns the seconds to wait before the next."""
        try:
            with figures.chore("mails"):
                return 0.0 if await self._round() else PAUSE_SECONDS
        except StoreUnavailable as error:
            _log.warning("the outbox cannot be read", error=str(error))
        except Exception:  # whatever it is, the mails after it must still go out
            _log.exception("mails cannot be delivered")
        return _BROKEN_SECONDS

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds or 0.001)

    async def _round(self) -> int:
        taken = 0
        for place, site_id in enumerate(await self._served()):
            if place % _PROBES == _PROBES - 1:
                await self._rest(_PROBES_SECONDS)
            if self._stopping.is_set():
                break
            now = self._clock.now()
            due = await outbox.next_due(self._engine, site_id, now)
            if due is not None and due <= now:
                taken += await (await self._loaded()).deliver_site(site_id)
        if not taken and abs(self._clock.now() - self._tidied) >= _TIDY_SECONDS:
            await self._tidy()
        return taken

    async def _served(self) -> list[int]:
        """The sites that mails go out for: those that are switched on, the demo site only where it is served."""
        now = self._clock.now()
        if abs(now - self._sites_read) >= _SITES_SECONDS or not self._sites:
            demo = self._application.config.demo
            found = await sites.active_ids(self._engine)
            self._sites = [site_id for site_id in found if demo or site_id != DEMO_SITE_ID]
            self._sites_read = now
        return self._sites

    async def _tidy(self) -> None:
        """Forget what was delivered long ago."""
        self._tidied = self._clock.now()
        before = self._tidied - _KEPT_SECONDS
        for site_id in self._sites:
            if await outbox.has_old(self._engine, site_id, before):
                changes = Changes()
                outbox.purge(changes, site_id, before)
                await self._engine.commit(changes)
            await self._rest(0)
            if self._stopping.is_set():
                return

    async def _loaded(self) -> Deliverer:
        if self._deliverer is None:
            self._deliverer = await asyncio.to_thread(self._load)
        return self._deliverer

    def _load(self) -> Deliverer:
        from parley.mail.delivery import Deliverer
        from parley.mail.reminding import reminding

        compose = self._compose
        if compose is None:
            from parley.mail.composing import composer

            compose = composer(self._application)
        config = self._application.config
        rate = max(1, config.mail_per_minute // self._processes) if config.mail_per_minute else 0
        return Deliverer(
            self._engine,
            self._clock,
            transport_of(config),
            reminding(self._application, compose),
            give_up_seconds=config.mail_give_up_hours * 3600,
            per_minute=rate,
            beside=self._beside,
        )


def mail_folder(config: Config) -> Path:
    """Where mails are kept when there is no mail server."""
    return Path(config.data).absolute() / "mail"


def transport_of(config: Config, timeout: float = 30.0) -> Transport:
    """How mails leave by these settings.

    Args:
        timeout: seconds that a mail server has for each of its answers.

    Raises:
        MailAddressError: the address of the mail server cannot be used.
    """
    from parley.mail.transports import FileTransport, SmtpServer, SmtpTransport

    if config.smtp is None:
        return FileTransport(mail_folder(config))
    return SmtpTransport(SmtpServer.parse(config.smtp), timeout=timeout)


def delivery_line(config: Config) -> str:
    """One line for people: what becomes of mails by these settings; without secrets.

    Raises:
        MailAddressError: the address of the mail server cannot be used.
    """
    if not config.mail_delivery:
        return "Mails wait for `parley mail deliver` (mail_delivery is off)."
    if config.smtp is None:
        return f"Mails are kept as files in {mail_folder(config)}: no mail server is set (smtp)."
    from parley.mail.transports import SmtpServer

    server = SmtpServer.parse(config.smtp)
    return f"Mails go out through {server.host}, port {server.port}."
