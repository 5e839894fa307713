"""What all requests of a process share: the store, the settings, the clock, and the proofs of identity."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from dataclasses import dataclass
from sys import getsizeof
from typing import TYPE_CHECKING, Final

from parley.clock import Clock, SystemClock
from parley.config import Config
from parley.protocol.credentials import GuessBrake, PasswordVerifier, SessionTickets
from parley.recordings.storage import Storage, open_storage
from parley.services.identity.vouching import Vouchers
from parley.services.known_sites import KnownSites
from parley.services.links import Links
from parley.services.rate_limits import RateCounters
from parley.services.shared_secrets import shared_secret
from parley.services.staging import Stage
from parley.store import Engine, StoreUnavailable, engine_for
from parley.store.engines.metered import MeteredEngine

if TYPE_CHECKING:
    from parley.services.inspector import Inspector

#: Bytes of encoded rows of lists, about one kilobyte each: rather the sessions of a large site than those of all.
_ROWS_LIMIT: Final = 32_000_000


class EncodedAnswers:
    """Encoded answers of sessions that did not change, bounded by their size in bytes.

    A key names everything that the answer depends on, the session's version among it, which is read anew for every
    request; so an answer from here is never older than the data.
    """

    def __init__(self, limit: int = 8_000_000) -> None:
        self._limit = limit
        self._size = 0
        #: With what each counted for: a text takes more room once its bytes were asked for.
        self._answers: OrderedDict[tuple[object, ...], tuple[str, int]] = OrderedDict()
        self.hits = 0
        """How often something was asked for and there."""
        self.misses = 0
        """How often it was not."""

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: tuple[object, ...]) -> str | None:
        """The answer under this key, if it is kept."""
        found = self._answers.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        return found[0]

    def put(self, key: tuple[object, ...], answer: str) -> None:
        """Keep an answer; the oldest go when there is no room."""
        if key not in self._answers:
            # Not its characters: all need four bytes where one of them is beyond the first 65,536.
            size = getsizeof(answer)
            self._answers[key] = answer, size
            self._size += size
        while self._size > self._limit:
            _, (_, size) = self._answers.popitem(last=False)
            self._size -= size


class RecentLists:
    """Which lists were asked for lately, bounded in number.

    Of a list its hash is kept: what programs send to narrow one may be long. Two that are taken for one cost time only.
    """

    def __init__(self, limit: int = 2_000) -> None:
        self._limit = limit
        self._asked: OrderedDict[int, None] = OrderedDict()

    def seen(self, asked: tuple[object, ...]) -> bool:
        """Note a list, and tell whether it was asked for before."""
        mark = hash(asked)
        if mark in self._asked:
            self._asked.move_to_end(mark)
            return True
        self._asked[mark] = None
        if len(self._asked) > self._limit:
            self._asked.popitem(last=False)
        return False


@dataclass(slots=True)
class Application:
    """The parts of a running server that operations use.

    Attributes:
        links: builds the addresses that answers hand out.
        encoded: encoded answers of unchanged sessions.
        encoded_rows: encoded rows of lists, of unchanged sessions.
        recent_lists: the lists that were asked for lately.
        rates: how often callers called within their minute.
        vouchers: checks access tokens and SAML responses.
        storage: the files of recordings.
        stage: what a test, or the inspector, put between requests and operations; else None.
        inspector: keeps requests for people to look at, where the setting is on.
    """

    config: Config
    engine: Engine
    sites: KnownSites
    clock: Clock
    passwords: PasswordVerifier
    brake: GuessBrake
    tickets: SessionTickets
    links: Links
    encoded: EncodedAnswers
    encoded_rows: EncodedAnswers
    recent_lists: RecentLists
    rates: RateCounters
    vouchers: Vouchers
    storage: Storage
    stage: Stage | None = None
    inspector: Inspector | None = None

    @classmethod
    async def start(cls, config: Config, clock: Clock | None = None) -> Application:
        """Open the store (which must be migrated) and make ready to answer.

        Raises:
            ConfigError: the setting `recordings` or `database_replicas` cannot be used.
            StartError: the database cannot be used.
        """
        storage = open_storage(config)
        engine = MeteredEngine(
            engine_for(
                config.database_url,
                pool_size=config.pool_size,
                replicas=config.replica_urls,
                replica_patience=config.replica_wait_seconds,
            )
        )
        await engine.start()
        secret = await shared_secret(engine, "session-tickets")
        clock = clock or SystemClock()
        sites = KnownSites(engine, demo=config.demo)
        inspector = _inspector(clock, engine, sites) if config.inspector else None
        return cls(
            config=config,
            engine=engine,
            sites=sites,
            clock=clock,
            passwords=PasswordVerifier(),
            brake=GuessBrake(processes=config.workers),
            tickets=SessionTickets(secret),
            links=Links(config.base_url),
            encoded=EncodedAnswers(),
            encoded_rows=EncodedAnswers(_ROWS_LIMIT),
            recent_lists=RecentLists(),
            rates=RateCounters(engine),
            vouchers=Vouchers(),
            storage=storage,
            stage=inspector,
            inspector=inspector,
        )

    async def stop(self) -> None:
        """Finish what was begun and close the store."""
        self.vouchers.stop()
        self.passwords.close()
        if self.inspector is not None:
            with contextlib.suppress(StoreUnavailable):
                await self.inspector.stop()
        await self.engine.stop()


def _inspector(clock: Clock, engine: Engine, sites: KnownSites) -> Inspector:
    from parley.services.inspector import Inspector  # reads requests with what imports this module

    return Inspector(clock, engine, sites)
