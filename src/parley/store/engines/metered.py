"""An engine that counts what it is asked for, how long that takes and what goes wrong, and tells traces of it."""

from __future__ import annotations

from copy import copy
from time import perf_counter
from typing import Any, Final

from parley.seeing import tracing
from parley.seeing.figures import here
from parley.store.changes import Changes
from parley.store.engines.base import Engine, Load, Row
from parley.store.errors import Conflict, Duplicate, StoreUnavailable, Unstorable
from parley.store.query import Query

_SECONDS: Final = "parley_database_seconds"
_ERRORS: Final = "parley_database_errors"
_KINDS: Final = {
    Conflict: "conflict",
    Duplicate: "duplicate",
    StoreUnavailable: "unavailable",
    Unstorable: "unstorable",
}


class MeteredEngine:
    """The engine of a server, around the one that talks to the database; errors go on as they are."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = here.series(_SECONDS, "read").note
        self._list = here.series(_SECONDS, "list").note
        self._commit = here.series(_SECONDS, "commit").note
        for kind in (*_KINDS.values(), "other"):
            here.count(_ERRORS, kind, 0)

    @property
    def kind(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self._engine.kind

    @property
    def inner(self) -> Engine:
        """The engine that talks to the database."""
        return self._engine

    @property
    def primary(self) -> Engine:
        """The engine that writes, without the counting."""
        return self._engine.primary

    def for_lists(self) -> Engine:
        """The same around an engine for one list."""
        lists = self._engine.for_lists()
        if lists is self._engine:
            return self
        around = copy(self)
        around._engine = lists
        return around

    def load(self) -> Load:
        """How much it has to do now."""
        return self._engine.load()

    async def start(self) -> None:
        """Open the database."""
        await self._engine.start()

    async def stop(self) -> None:
        """Close it."""
        await self._engine.stop()

    async def one(self, query: Query, *args: Any) -> Row | None:
        """The first row."""
        begun = perf_counter()
        try:
            if tracing.tracer is None:
                return await self._engine.one(query, *args)
            with tracing.statement(self.kind, self._text(query)):
                return await self._engine.one(query, *args)
        except Exception as error:
            _count(error)
            raise
        finally:
            self._read(perf_counter() - begun)

    async def all(self, query: Query, *args: Any, scan: bool = False) -> list[Row]:
        """All rows."""
        begun = perf_counter()
        try:
            if tracing.tracer is None:
                return await self._engine.all(query, *args, scan=scan)
            with tracing.statement(self.kind, self._text(query)):
                return await self._engine.all(query, *args, scan=scan)
        except Exception as error:
            _count(error)
            raise
        finally:
            self._list(perf_counter() - begun)

    async def commit(self, changes: Changes) -> None:
        """Write all changes."""
        begun = perf_counter()
        try:
            if tracing.tracer is None:
                await self._engine.commit(changes)
                return
            with tracing.commit(self.kind, [self._text(step.query) for step in changes.steps()]):
                await self._engine.commit(changes)
        except Exception as error:
            _count(error)
            raise
        finally:
            self._commit(perf_counter() - begun)

    def _text(self, query: Query) -> str:
        if self.kind == "sqlite":
            return (query.sqlite or query.for_sqlite())[0]
        return (query.postgres or query.for_postgres())[0]


def _count(error: Exception) -> None:
    here.count(_ERRORS, _KINDS.get(type(error), "other"))
