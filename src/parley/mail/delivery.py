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
from time import perf_counter
from typing import Final, NamedTuple

import msgspec
import structlog

from parley.clock import Clock
from parley.mail.transports import NotSent, Transport
from parley.seeing import tracing
from parley.seeing.figures import here
from parley.services.account_notices import SECRETS
from parley.store import Changes, Conflict, Engine, StoreUnavailable, outbox, sites
from parley.store.outbox import Message

#: A message belongs to its taker for so long; sending takes a minute at most.
_LEASE_SECONDS: Final = 180
_SENDING_SECONDS: Final = 90.0
_PARALLEL: Final = 8
#: Beside other work each is followed by a rest of so many times what it took to make the mail, so that the making of
#: mails takes half of a core at most. The later a mail is, the shorter is the rest, none after so many seconds, so that
#: a server that is busy for hours does not fall ever further behind.
_RESTS: Final = 2 * _PARALLEL - 1
_LATE_SECONDS: Final = 120
_LONGEST_REST: Final = 0.2
_FIRST_PAUSE: Final = 30
#: Seconds between tries to note what became of a mail while the database is away. They end before the lease does: a
#: mail that went out and is not noted goes out again.
_NOTE_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0)
_LONGEST_PAUSE: Final = 4 * 3600

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


class Instead(NamedTuple):
    """A message that is no mail itself: these rows take its place."""

    rows: tuple[Message, ...]


#: So many messages that others have are tried of those that were read together.
_LOST: Final = 3
#: So often what is due of a site is read anew because others had it, before the other sites come to their turn.
_READS: Final = 20
#: Makes the mail of a message; None when its occasion is gone (a reminder of a session that was cancelled).
Compose = Callable[[Message], Awaitable[Composed | Instead | None]]


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
        beside: the process has other work that must not wait, so there is a rest after each mail that is not late.
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
        beside: bool = False,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._transport = transport
        self._compose = compose
        self._give_up_seconds = give_up_seconds
        self._per_minute = per_minute
        self._places = asyncio.Semaphore(_PARALLEL)
        self._rests = _RESTS if beside else 0
        self._window = (0, 0)
        self._stopping = False
        self._has_met = False
        self._took = here.series("parley_mail_seconds").note
        self.counts = Counts()

    def stop(self) -> None:
        """Begin with no further mail."""
        self._stopping = True

    async def close(self) -> None:
        """Let go of the connections to the mail server."""
        await self._transport.close()

    async def deliver_due(self) -> int:
        """Deliver everything that is due now, of all sites; returns how many messages were taken."""
        return sum([await self.deliver_site(site_id) for site_id in await sites.active_ids(self._engine)])

    async def deliver_site(self, site_id: int) -> int:
        """Deliver what is due of one site, so much at once as is read at once; returns how many were taken."""
        taken = 0
        for _ in range(_READS):
            found, lost = await outbox.due(self._engine, site_id, self._clock.now()), [0]
            # Processes that read the same messages at once begin at different ones, and leave the rest of them to
            # those who were quicker: what is due then is read anew.
            place = random.randrange(len(found) or 1) if self._has_met else 0
            taken += sum(await asyncio.gather(*(self._one(each, lost) for each in found[place:] + found[:place])))
            self._has_met = self._has_met or lost[0] > 0
            if lost[0] < _LOST or self._stopping:
                break
        return taken

    async def _one(self, message: Message, lost: list[int]) -> bool:
        """Deliver one message; False when another process has it.

        Args:
            lost: how many of those that were read together other processes had.
        """
        async with self._places:
            now = self._clock.now()
            if self._stopping or lost[0] >= _LOST or not self._within_rate(now):
                return False
            if not await self._take(message, now):
                lost[0] += 1
                self._window = (self._window[0], max(0, self._window[1] - 1))  # another process sends it
                return False
            message = msgspec.structs.replace(message, attempts=message.attempts + 1)
            changes, spent = Changes(), 0.0
            begun = perf_counter()
            try:
                with tracing.span("mail", **_told(message)):
                    async with asyncio.timeout(_SENDING_SECONDS):
                        spent = await self._send(changes, message)
            except NotSent as error:
                self._not_sent(changes, message, error)
            except TimeoutError:
                self._not_sent(changes, message, NotSent("the mail server takes too long", permanent=False))
            except StoreUnavailable as error:
                _log.warning("a mail cannot be made now", **_named(message), error=str(error))
                self._not_sent(changes, message, NotSent("the database does not answer", permanent=False))
            except Exception as error:  # a template that cannot be filled must not stop the others
                _log.exception("a mail cannot be made", **_named(message))
                self._not_sent(changes, message, NotSent(f"cannot be made: {type(error).__name__}", permanent=False))
            self._took(perf_counter() - begun)
            await self._note(changes, message)
            if self._rests:
                await asyncio.sleep(min(spent * self._rests * part_of_rest(now - message.due_at), _LONGEST_REST))
            return True

    async def _take(self, message: Message, now: int) -> bool:
        changes = Changes()
        outbox.take(changes, message, now, now + _LEASE_SECONDS)
        try:
            await self._engine.commit(changes)
        except Conflict:
            return False
        return True

    async def _send(self, changes: Changes, message: Message) -> float:
        """Send a message; returns the seconds that it took to make the mail."""
        begun = perf_counter()
        composed = await self._compose(message)
        spent = perf_counter() - begun
        if composed is None or isinstance(composed, Instead):
            outbox.drop(changes, message)
            if composed is None:
                self.counts.dropped += 1
            else:
                outbox.put(changes, composed.rows)
            return spent
        note = await self._transport.send(composed.mail, composed.sender, composed.recipient)
        kept = without_secrets(message.document)
        outbox.sent(changes, message.site_id, message.outbox_id, self._clock.now(), note, kept)
        outbox.put(changes, composed.following)
        self.counts.sent += 1
        _log.info("mail sent", **_named(message))
        return spent

    def _not_sent(self, changes: Changes, message: Message, error: NotSent) -> None:
        now, pause = self._clock.now(), pause_after(message.attempts)
        if error.permanent or _tried_for(message.attempts + 1) > self._give_up_seconds:
            outbox.give_up(changes, message, now, error.note)
            self.counts.failed += 1
            _log.warning("mail given up", note=error.note, **_named(message))
        else:
            _log.info("mail put off", note=error.note, **_named(message))
            outbox.later(changes, message, now + pause + random.randrange(pause // 10 + 1), error.note)
            self.counts.retried += 1

    async def _note(self, changes: Changes, message: Message) -> None:
        for pause in (*_NOTE_PAUSES, None):
            try:
                await self._engine.commit(changes)
            except Conflict:  # somebody retried or dropped it by hand meanwhile, or it was noted and that was not told
                _log.info("mail changed meanwhile", **_named(message))
            except StoreUnavailable:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
                continue
            return

    def _within_rate(self, now: int) -> bool:
        if not self._per_minute:
            return True
        minute, count = self._window
        if now // 60 != minute:
            minute, count = now // 60, 0
        self._window = (minute, count + 1)
        return count < self._per_minute


def _named(message: Message) -> dict[str, str | int | None]:
    """What the log says of a message: whose request queued it, not what is in it and for whom."""
    named: dict[str, str | int | None] = {
        "kind": message.kind,
        "site_id": message.site_id,
        "outbox_id": message.outbox_id,
        "attempts": message.attempts,
    }
    return named if message.request_id is None else {**named, "request_id": message.request_id}


def _told(message: Message) -> dict[str, str | int]:
    """The same for a trace."""
    return {f"parley.{name}": value for name, value in _named(message).items() if value is not None}


def without_secrets(document: str) -> str | None:
    """The document of a message without passwords and the like; None when there are none in it."""
    values = msgspec.json.decode(document)
    if not isinstance(values, dict) or SECRETS.isdisjoint(values):
        return None
    return msgspec.json.encode({name: value for name, value in values.items() if name not in SECRETS}).decode()


def pause_after(attempts: int) -> int:
    """Seconds between a try and the next one, growing with the number of tries so far."""
    return min(_FIRST_PAUSE << min(attempts - 1, 20), _LONGEST_PAUSE)


def part_of_rest(late: int) -> float:
    """Which part of a rest is left after a mail that was due so many seconds ago: all of it (1) to none (0)."""
    return min(1.0, max(0.0, 1 - late / _LATE_SECONDS))


def _tried_for(attempts: int) -> int:
    """Seconds from the first to the try with this number."""
    return sum(pause_after(number) for number in range(1, attempts))
