"""What the databases are really given: the text of every statement, as the driver gets it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest


class Watcher:
    """Collects the texts of statements.

    Attributes:
        texts: of all statements so far, each once.
    """

    def __init__(self) -> None:
        self.texts: set[str] = set()

    @contextmanager
    def watching(self) -> Iterator[pytest.MonkeyPatch]:
        """Let every connection that is opened meanwhile tell its statements, as long as it is open."""
        with pytest.MonkeyPatch.context() as patch:
            self._watch(patch)
            yield patch

    def _watch(self, patch: pytest.MonkeyPatch) -> None:
        texts = self.texts

        class Watched(sqlite3.Connection):
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                texts.add(sql)
                return super().execute(sql, *args)

            def executemany(self, sql: str, *args: Any) -> sqlite3.Cursor:
                texts.add(sql)
                return super().executemany(sql, *args)

            def executescript(self, sql: str) -> sqlite3.Cursor:
                texts.add(sql)
                return super().executescript(sql)

        connect: Any = sqlite3.connect

        def opened(*args: Any, **options: Any) -> Any:
            return connect(*args, **{"factory": Watched, **options})

        patch.setattr(sqlite3, "connect", opened)
        create_pool: Any = asyncpg.create_pool

        async def tell(connection: Any) -> None:
            connection.add_query_logger(lambda record: texts.add(record.query))

        def pool(*args: Any, **options: Any) -> Any:
            # All are opened now: who opens later is not watched any more.
            return create_pool(*args, **{**options, "init": tell, "min_size": options["max_size"]})

        patch.setattr(asyncpg, "create_pool", pool)
