"""The inspector: the last requests of sites that have it on, without passwords, and those that somebody wants to keep.

The server decides whether there is one at all (setting `inspector`), and the administrators of a site whether it sees
theirs (setting of the site). What it sees is in the store, so that all processes and machines of a server show the
same list. Requests do not wait for that: they are put down together, a moment later.
What cannot be read as a message of a known site belongs to nobody, so nobody sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import zlib
from collections import Counter, defaultdict, deque
from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from parley.clock import Clock
from parley.services.exchanges import Request, requests_in
from parley.services.known_sites import KnownSites
from parley.store import Changes, Conflict, Duplicate, Engine, StoreUnavailable, inspected
from parley.store.inspected import Inspected

if TYPE_CHECKING:
    from parley.protocol.faults import Fault
    from parley.services.dispatcher import FormCredentials
    from parley.services.signin import Credentials

#: So many requests of a site are there, and so many characters of them; older ones go.
MOST: Final = 300
_MOST_TEXT: Final = 8_000_000
#: So many of a site can be kept.
MOST_KEPT: Final = 100
#: Those that nobody keeps are forgotten after so long.
FORGET_SECONDS: Final = 7 * 86_400
#: What is too much goes when a process has put down so many of a site since it looked.
_LOOK_AFTER: Final = 50
_MOST_READ: Final = 2_000
_LONGEST: Final = 300_000
_LONGEST_NAME: Final = 200
_CUT: Final = "\n... cut here"
#: A process puts down what it saw after this time; until then so many wait at most, the others are lost.
_SECONDS: Final = 0.3
_MOST_WAITING: Final = 1_000
_MOST_WAITING_TEXT: Final = 16_000_000
#: Numbers begin with the time in milliseconds.
_RANDOM_BITS: Final = 20
#: No database has this number.
_TOO_LARGE: Final = 2**63

#: The site of the request that this task answers.
_site: ContextVar[int | None] = ContextVar("inspected_site", default=None)
_log = structlog.get_logger("parley.inspector")


@dataclass(frozen=True)
class Seen:
    """A request under a name of its own; `kept`: it stays until somebody forgets it."""

    name: str
    request: Request
    kept: bool = False


class TooManyKept(Exception):
    """A site keeps as many requests as it can."""


class Inspector:
    """Sees what is asked and answered; a `parley.services.staging.Stage` that changes nothing.

    Args:
        clock: tells when.
        sites: tells which sites have it on.
    """

    def __init__(self, clock: Clock, engine: Engine, sites: KnownSites) -> None:
        self._clock = clock
        self._engine = engine
        self._sites = sites
        self._waiting: deque[tuple[Inspected, str, str]] = deque()
        self._text = 0
        self._last = 0
        self._unlooked: Counter[int] = Counter()
        self._writing = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None

    async def enter(self, operation: str, site_id: int, credentials: Credentials) -> Fault | None:
        """Note the site, which exists, and let the operation through."""
        _site.set(site_id)
        return None

    def answered(
        self,
        document: bytes,
        form: FormCredentials | None,
        scope: MutableMapping[str, Any],
        answer: bytes,
        seconds: float,
    ) -> None:
        """See `parley.services.staging.Stage`."""
        site_id = _site.get()
        _site.set(None)
        if site_id is not None and not self._is_on(site_id):
            return
        credentials, found = requests_in(document, form, scope, answer, self._clock.now(), seconds)
        if site_id is None:  # no operation began: there is none of the name that was asked for
            site_id = self._named(credentials)
            if site_id is None or not self._is_on(site_id):
                return
        for request in found:
            self._wait(site_id, request)
        if self._soon is None or self._soon.done():
            self._soon = asyncio.get_running_loop().create_task(self._write_soon())

    def _named(self, credentials: Credentials | None) -> int | None:
        """The site that a request names, if this process has it at hand."""
        if credentials is None:
            return None
        if credentials.site_name is None and credentials.site_id is not None:
            return credentials.site_id
        known = self._sites.named_at_hand(credentials.site_name or credentials.host_label or "")
        return known.site.site_id if known is not None else None

    def _is_on(self, site_id: int) -> bool:
        known = self._sites.at_hand(site_id)
        return known is not None and known.settings.inspector

    async def stop(self) -> None:
        """Put down what waits."""
        await self._write()
        if self._soon is not None:
            self._soon.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._soon

    # ---- what people ask of it; all of it may raise StoreUnavailable -----------------------------------------------

    async def seen(self, site_id: int) -> list[Seen]:
        """The requests of a site, kept ones too, the last first; their documents are left out."""
        await self._write()
        rows = await inspected.latest(self._engine, site_id, _MOST_READ)
        others = [row.request_id for row in rows if not row.kept][:MOST]
        least = others[-1] if others else 0
        return [_seen(row, "", "") for row in rows if row.kept or row.request_id >= least]

    async def find(self, site_id: int, name: str) -> Seen | None:
        """A request of a site with its documents; None when there is none of that name, which has 16 hex digits."""
        await self._write()
        number = int(name, 16)
        row = await inspected.one(self._engine, site_id, number) if number < _TOO_LARGE else None
        return None if row is None else _seen(row, *_unpacked(row.documents))

    async def keep(self, site_id: int, seen: Seen) -> None:
        """Keep a request; nothing happens when it is gone meanwhile.

        Raises:
            TooManyKept: others must be forgotten first.
        """
        if sum(each.kept for each in await self.seen(site_id)) >= MOST_KEPT:
            raise TooManyKept
        changes = Changes()
        inspected.keep(changes, site_id, int(seen.name, 16))
        with contextlib.suppress(Conflict):
            await self._engine.commit(changes)

    async def forget(self, site_id: int, seen: Seen) -> None:
        """Forget a request, kept or not."""
        changes = Changes()
        inspected.remove(changes, site_id, int(seen.name, 16))
        await self._engine.commit(changes)

    async def clear(self, site_id: int) -> None:
        """Forget the requests of a site that are not kept."""
        await self._write()
        changes = Changes()
        inspected.clear(changes, site_id)
        await self._engine.commit(changes)

    # ---- putting down ----------------------------------------------------------------------------------------------

    def _wait(self, site_id: int, request: Request) -> None:
        """Have a request put down with the next ones."""
        asked, answer = _cut(request.request), _cut(request.answer)
        row = Inspected(
            site_id,
            self._number(),
            request.at,
            _name(request.operation) or "",
            _name(request.caller),
            _name(request.result) or "",
            _name(request.code),
            _name(request.reason),
            min(int(request.seconds * 1_000_000), 2**31 - 1),
            len(asked) + len(answer),
        )
        self._waiting.append((row, asked, answer))
        self._text += row.size
        while len(self._waiting) > _MOST_WAITING or (self._text > _MOST_WAITING_TEXT and len(self._waiting) > 1):
            self._text -= self._waiting.popleft()[0].size

    def _number(self) -> int:
        drawn = (self._clock.now_ms() << _RANDOM_BITS) + secrets.randbits(_RANDOM_BITS)
        self._last = max(self._last + 1, drawn)
        return self._last

    async def _write_soon(self) -> None:
        await asyncio.sleep(_SECONDS)
        try:
            await self._write()
        except StoreUnavailable as error:
            _log.warning("inspected_not_kept", error=str(error))
        except Exception:  # nobody waits for this task, so nobody else would tell
            _log.exception("inspected_not_kept")

    async def _write(self) -> None:
        """Put down what waits; what cannot be is lost."""
        async with self._writing:
            waiting, self._waiting, self._text = self._waiting, deque(), 0
            if not waiting:
                return
            packed = await asyncio.to_thread(lambda: [_packed(*each) for each in waiting])
            by_site: dict[int, list[Inspected]] = defaultdict(list)
            for row in packed:
                by_site[row.site_id].append(row)
            for site_id, rows in by_site.items():
                changes = Changes()
                inspected.put(changes, rows)
                with contextlib.suppress(Conflict, Duplicate):  # the site is gone; one of two has the same number
                    await self._engine.commit(changes)
                await self._look(site_id, len(rows))

    async def _look(self, site_id: int, more: int) -> None:
        """Forget what is too much of a site, now and then."""
        first = site_id not in self._unlooked
        self._unlooked[site_id] += more
        if not first and self._unlooked[site_id] < _LOOK_AFTER:
            return
        self._unlooked[site_id] = 0
        text = count = 0
        for row in await inspected.latest(self._engine, site_id, _MOST_READ):
            if row.kept:
                continue
            count, text = count + 1, text + row.size
            if count > MOST or (text > _MOST_TEXT and count > 1):
                changes = Changes()
                inspected.purge(changes, site_id, row.request_id)
                await self._engine.commit(changes)
                return


async def forget_old(engine: Engine, site_id: int, now: int) -> None:
    """Forget requests of a site that nobody keeps and that are old, whether it has the inspector on or not."""
    changes = Changes()
    inspected.forget_old(changes, site_id, now - FORGET_SECONDS)
    await engine.commit(changes)


def _seen(row: Inspected, asked: str, answer: str) -> Seen:
    request = Request(
        row.operation, row.caller, row.result, row.code, row.reason, asked, answer, row.seen_at, row.micros / 1_000_000
    )
    return Seen(f"{row.request_id:016x}", request, row.kept)


def _packed(row: Inspected, asked: str, answer: str) -> Inspected:
    return msgspec.structs.replace(row, documents=zlib.compress(msgspec.json.encode((asked, answer)), 1))


def _unpacked(documents: bytes) -> tuple[str, str]:
    return msgspec.json.decode(zlib.decompress(documents), type=tuple[str, str])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + _CUT


def _name(text: str | None) -> str | None:
    """A short text that every database takes."""
    return None if text is None else text[:_LONGEST_NAME].replace("\0", "\ufffd")
