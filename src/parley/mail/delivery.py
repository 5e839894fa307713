"""Delivers the outbox: takes what is due, sends it, tries again later, gives up in the end and says so.

Any number of processes may do this at once. A message belongs to the one that took it in the database, for a while
that is longer than sending can last; so nobody sends what another one is sending, and what a killed process had is
sent by the next. A mail that was sent but not noted (the process died in between) goes out again with the same
Message-ID.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Final, NamedTuple

import msgspec
import structlog

from parley.clock import Clock
from parley.mail.transports import NotSent, Transport
from parley.store import Changes, Conflict, Engine, outbox, sites
from parley.store.errors import StoreUnavailable
from parley.store.outbox import Message

#: A message belongs to its taker for so long; sending takes a minute at most.
_LEASE_SECONDS: Final = 180
_SENDING_SECONDS: Final = 90.0
_PARALLEL: Final = 8
_FIRST_PAUSE: Final = 30
_LONGEST_PAUSE: Final = 4 * 3600
_SITES_SECONDS: Final = 15
_BROKEN_SECONDS: Final = 5.0
_KEPT_SECONDS: Final = 90 * 86_400
_PURGE_SECONDS: Final = 3600

_log = structlog.get_logger("parley.mail")


class Composed(NamedTuple):
    """A mail that is ready to leave.

    Attributes:
        following: rows to be written when it was sent, such as the next reminder of a series.
    """

    mail: EmailMessage
    sender: str
    recipient: str
    following: tuple[Message, ...] = ()


#: Makes the mail of a message; None when its occasion is gone (a reminder of a session that was cancelled).
Compose = Callable[[Message], Awaitable[Composed | None]]


class Counts(msgspec.Struct):
    """What this process did with messages."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    dropped: int = 0


class Deliverer:
    """Delivers what is due, of all sites.

    Args:
        give_up_seconds: after so long a message is tried no more.
        per_minute: mails that this process sends in a minute at most; 0 is without limit.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        transport: Transport,
        compose: Compose,
        *,
        give_up_seconds: int = 2 * 86_400,
        per_minute: int = 0,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._transport = transport
        self._compose = compose
        self._give_up_seconds = give_up_seconds
        self._per_minute = per_minute
        self._places = asyncio.Semaphore(_PARALLEL)
        self._sites: list[int] = []
        self._sites_read = 0
        self._purged = 0
        self._window = (0, 0)
        self.counts = Counts()

    async def run(self, pause: float = 1.0) -> None:
        """Deliver until cancelled, looking every `pause` seconds for what became due."""
        try:
            while True:
                try:
                    busy = await self.deliver_due()
                except StoreUnavailable as error:
                    _log.warning("the outbox cannot be read", error=str(error))
                    busy = 0
                    await asyncio.sleep(_BROKEN_SECONDS)
                if not busy:
                    await asyncio.sleep(pause)
        finally:
            await self._transport.close()

    async def deliver_due(self) -> int:
        """Deliver everything that is due now; returns how many messages were taken."""
        now = self._clock.now()
        if now - self._sites_read >= _SITES_SECONDS or not self._sites:
            self._sites = [site.site_id for site in await sites.all_sites(self._engine)]
            self._sites_read = now
        taken = 0
        for site_id in self._sites:
            found = await outbox.due(self._engine, site_id, now)
            taken += sum(await asyncio.gather(*(self._one(message) for message in found)))
        if now - self._purged >= _PURGE_SECONDS:
            self._purged = now
            await self._purge(now)
        return taken

    async def _purge(self, now: int) -> None:
        for site_id in self._sites:
            changes = Changes()
            outbox.purge(changes, site_id, now - _KEPT_SECONDS)
            await self._engine.commit(changes)

    async def _one(self, message: Message) -> bool:
        """Deliver one message; False when another process has it."""
        async with self._places:
            now = self._clock.now()
            if not self._within_rate(now) or not await self._take(message, now):
                return False
            message = msgspec.structs.replace(message, attempts=message.attempts + 1)
            changes = Changes()
            try:
                async with asyncio.timeout(_SENDING_SECONDS):
                    await self._send(changes, message)
            except NotSent as error:
                self._not_sent(changes, message, error)
            except TimeoutError:
                self._not_sent(changes, message, NotSent("the mail server takes too long", permanent=False))
            except Exception as error:  # a template that cannot be filled must not stop the others
                _log.exception("a mail cannot be made", kind=message.kind, outbox_id=message.outbox_id)
                self._not_sent(changes, message, NotSent(f"cannot be made: {type(error).__name__}", permanent=False))
            await self._note(changes, message)
            return True

    async def _take(self, message: Message, now: int) -> bool:
        changes = Changes()
        outbox.take(changes, message, now, now + _LEASE_SECONDS)
        try:
            await self._engine.commit(changes)
        except Conflict:
            return False
        return True

    async def _send(self, changes: Changes, message: Message) -> None:
        composed = await self._compose(message)
        if composed is None:
            outbox.drop(changes, message)
            self.counts.dropped += 1
            return
        note = await self._transport.send(composed.mail, composed.sender, composed.recipient)
        outbox.sent(changes, message.site_id, message.outbox_id, self._clock.now(), note)
        outbox.put(changes, composed.following)
        self.counts.sent += 1

    def _not_sent(self, changes: Changes, message: Message, error: NotSent) -> None:
        now, pause = self._clock.now(), pause_after(message.attempts)
        if error.permanent or _tried_for(message.attempts + 1) > self._give_up_seconds:
            outbox.give_up(changes, message, now, error.note)
            self.counts.failed += 1
            _log.warning("mail given up", kind=message.kind, outbox_id=message.outbox_id, note=error.note)
        else:
            outbox.later(changes, message, now + pause + random.randrange(pause // 10 + 1), error.note)
            self.counts.retried += 1

    async def _note(self, changes: Changes, message: Message) -> None:
        try:
            await self._engine.commit(changes)
        except Conflict:  # somebody retried or dropped it by hand meanwhile
            _log.info("mail changed meanwhile", outbox_id=message.outbox_id)

    def _within_rate(self, now: int) -> bool:
        if not self._per_minute:
            return True
        minute, count = self._window
        if now // 60 != minute:
            minute, count = now // 60, 0
        self._window = (minute, count + 1)
        return count < self._per_minute


def pause_after(attempts: int) -> int:
    """Seconds between a try and the next one, growing with the number of tries so far."""
    return min(_FIRST_PAUSE << min(attempts - 1, 20), _LONGEST_PAUSE)


def _tried_for(attempts: int) -> int:
    """Seconds from the first to the try with this number."""
    return sum(pause_after(number) for number in range(1, attempts))
