"""What every engine does."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from parley.store.changes import Changes
from parley.store.query import Query

Row = tuple[Any, ...]

WAITING_WRITES = 5_000
"""So many sets of changes may wait; the next one is refused at once (StoreUnavailable)."""
WAITING_READS = 2_000
PATIENCE = 30.0
"""Seconds after which a waiting caller is told StoreUnavailable."""


class ReplicaLoad(NamedTuple):
    """A read replica at a moment.

    Attributes:
        ready: lists are read from it.
        behind: bytes of the primary's log that it had not replayed when it was last looked at; None: not known.
        served: statements of lists that it answered.
    """

    ready: bool
    behind: int | None
    served: int


class Load(NamedTuple):
    """How much an engine has to do at a moment.

    Attributes:
        waiting: callers whose statement has not begun.
        in_use, open, most: connections that do something, that there are, and that there may be; 0 for a file.
        replicas: read replicas, in the order of the setting.
        fallen_back: statements of lists that the primary answered, since no replica could.
    """

    waiting: int = 0
    in_use: int = 0
    open: int = 0
    most: int = 0
    replicas: tuple[ReplicaLoad, ...] = ()
    fallen_back: int = 0


class Engine(Protocol):
    """A database: thin, asynchronous, the same for SQLite and PostgreSQL.

    All methods may raise StoreUnavailable, reads and writes also Unstorable for values the database cannot
    take; no wait is longer than `PATIENCE`. Methods are called from the event loop that called `start`.
    """

    @property
    def kind(self) -> str:
        """'sqlite' or 'postgresql'."""

    @property
    def primary(self) -> Engine:
        """The engine that writes: itself, unless this one is `for_lists`."""

    def for_lists(self) -> Engine:
        """An engine for the reads of one list or history, which may come from a read replica where there is one.

        They tell of everything that was committed before the first of them, by any process. It is made for each list
        anew; whatever decides on a write is read with the engine itself.
        """

    def load(self) -> Load:
        """How much it has to do now; asks nobody."""

    async def start(self) -> None:
        """Open the database and bring it to this release's revision; StartError says why it cannot be."""

    async def stop(self) -> None:
        """Finish what was begun and close; a stopped engine may be started again."""

    async def one(self, query: Query, *args: Any) -> Row | None:
        """The first row, None without one."""

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Row]:
        """All rows; `scan`: may take longer than a millisecond, so it must not hold up the event loop."""

    async def commit(self, changes: Changes) -> None:
        """Write all changes in one transaction; returns when they are on the disk.

        Conflict: an expectation was not met, a row referred to is missing, or another transaction was in the
        way. Duplicate: a unique value is there already. In both cases, and on any other error but
        StoreUnavailable, nothing was written.
        """
