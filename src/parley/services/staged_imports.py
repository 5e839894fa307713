"""Tables of accounts that wait to be taken over, and the work on them, which goes on while its sender looks on.

A table is looked at first (`Phase.LOOKING`), which makes nothing, and taken over when its sender says so. How far that
is and what becomes of each line is noted beside the table (`staged_tables`), so every process can tell it; the table
with its passwords is removed as soon as somebody begins to make the accounts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec
import structlog

from parley.domain.site import Site
from parley.protocol import faults
from parley.services.application import Application
from parley.services.import_tables import Outcome, Row
from parley.services.staged_tables import SECONDS, Staged, staging_folder, sweep
from parley.services.user_import import Importer
from parley.store.errors import Unstorable

_ROWS, _PROGRESS, _LINES = "rows", "progress", "lines"
#: How often it is noted how far the work is.
_NOTE_SECONDS: Final = 0.5
#: Work of which nothing was heard for so long has been broken off.
_SILENT_SECONDS: Final = 60
#: What no note repeats.
_SECRET: Final = ("password",)
#: Letters of a value that a note keeps.
_LONGEST: Final = 500

_log = structlog.get_logger("parley.accounts")
#: The work of this process, by its sender.
_running: Final[dict[str, asyncio.Task[None]]] = {}


class Phase(StrEnum):
    """How far a table is."""

    LOOKING = "looking"
    LOOKED = "looked"
    MAKING = "making"
    MADE = "made"
    BROKEN = "broken"


class Progress(msgspec.Struct):
    """How far the work on a table is.

    Attributes:
        total, done: lines there are, and those that were worked on.
        made: accounts that were made, or could be.
        there: lines that were passed over, since their account is there.
        at: when this was noted, Unix time.
        must_change, skip_existing: as `Importer` takes them.
    """

    phase: Phase
    total: int
    done: int = 0
    made: int = 0
    there: int = 0
    refused: int = 0
    at: float = 0.0
    must_change: bool = False
    skip_existing: bool = False


class Line(msgspec.Struct):
    """What became of a line of a table, or would become of it: one of made, there, refused.

    Attributes:
        reason: why it was refused.
        values: what it says, of one that was refused; no password.
    """

    line: int
    email: str
    name: str
    outcome: str
    reason: str = ""
    values: dict[str, str] = {}


class _Noting(Importer):
    """Notes which lines were passed over."""

    passed: frozenset[int] = frozenset()

    async def take(self, row: Row) -> bool:
        try:
            made = await super().take(row)
        except Unstorable:
            raise faults.INVALID_VALUE(path="line", problem="a value in it cannot be kept") from None
        if not made:
            self.passed |= {row.line}
        return made


class StagedImport:
    """A table of accounts that somebody sent.

    Args:
        user_id: who sent it.
        ticket: of one that is there; None for a new one.
    """

    def __init__(self, application: Application, site: Site, user_id: int, ticket: str | None = None) -> None:
        self._application = application
        self._site = site
        self._sender = f"{site.site_id}/{user_id}"
        self._folder = staging_folder(application.config)
        self._staged = Staged(self._folder, self._sender, ticket)

    @property
    def ticket(self) -> str:
        """What only the sender's browser keeps."""
        return self._staged.ticket

    @property
    def busy(self) -> bool:
        """Whether this process works on a table of the same sender."""
        return self._sender in _running

    def begin(self, rows: Sequence[Row], *, must_change: bool, skip_existing: bool) -> None:
        """Keep a table, and look what would become of it.

        Raises:
            OSError: it cannot be kept.
        """
        sweep(self._folder)
        asyncio.get_running_loop().call_later(SECONDS + 1, sweep, self._folder)
        self._staged.put(_ROWS, msgspec.msgpack.encode(rows))
        self._start(rows, Progress(Phase.LOOKING, len(rows), must_change=must_change, skip_existing=skip_existing))

    def take_over(self, progress: Progress) -> bool:
        """Make the accounts of a table that was looked at; False: it is not there any more."""
        content = self._staged.take(_ROWS)
        if content is None:
            return False
        rows = msgspec.msgpack.decode(content, type=list[Row])
        told = {"must_change": progress.must_change, "skip_existing": progress.skip_existing}
        self._start(rows, Progress(Phase.MAKING, len(rows), **told))
        return True

    async def settle(self, seconds: float) -> None:
        """Wait until the work is done, at most so long."""
        task = _running.get(self._sender)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    def progress(self) -> Progress | None:
        """How far it is; None when there is no such table of this sender."""
        content = self._staged.get(_PROGRESS)
        if content is None:
            return None
        found = msgspec.msgpack.decode(content, type=Progress)
        silent = time.time() - found.at > _SILENT_SECONDS
        if found.phase in (Phase.LOOKING, Phase.MAKING) and silent:
            found.phase = Phase.BROKEN
        return found

    def lines(self) -> list[Line]:
        """What became of the lines, or would become; empty until all of them were worked on."""
        content = self._staged.get(_LINES)
        return msgspec.msgpack.decode(content, type=list[Line]) if content is not None else []

    def forget(self) -> None:
        """Remove everything."""
        for part in (_ROWS, _PROGRESS, _LINES):
            self._staged.drop(part)

    # ---- the work --------------------------------------------------------------------------------------------

    def _start(self, rows: Sequence[Row], progress: Progress) -> None:
        self._note(progress)
        self._staged.drop(_LINES)
        task = asyncio.create_task(self._work(rows, progress))
        _running[self._sender] = task
        task.add_done_callback(lambda _task: _running.pop(self._sender, None))

    async def _work(self, rows: Sequence[Row], progress: Progress) -> None:
        looking = progress.phase is Phase.LOOKING
        outcome = Outcome()
        noted = time.monotonic()

        def done() -> None:
            nonlocal noted
            progress.done += 1
            if time.monotonic() - noted > _NOTE_SECONDS:
                noted = time.monotonic()
                self._note(progress, outcome)

        try:
            importer = await _Noting.of(
                self._application,
                self._site,
                dry_run=looking,
                must_change=progress.must_change,
                skip_existing=progress.skip_existing,
            )
            await importer.run(rows, done, outcome)
            passed = importer.passed if isinstance(importer, _Noting) else frozenset()
            self._staged.put(_LINES, msgspec.msgpack.encode(_lines(rows, outcome, passed)))
            progress.phase = Phase.LOOKED if looking else Phase.MADE
        except Exception:
            _log.exception("a table of accounts was not taken over", site=self._site.name, done=progress.done)
            progress.phase = Phase.BROKEN
        if not looking:
            _log.info("accounts made from a table", site=self._site.name, sender=self._sender, made=outcome.made)
        self._note(progress, outcome)

    def _note(self, progress: Progress, outcome: Outcome | None = None) -> None:
        if outcome is not None:
            progress.made, progress.there, progress.refused = outcome.made, outcome.there, len(outcome.refused)
        progress.at = time.time()
        self._staged.put(_PROGRESS, msgspec.msgpack.encode(progress))


def _lines(rows: Sequence[Row], outcome: Outcome, passed: frozenset[int]) -> list[Line]:
    reasons = {each.row.line: each.reason for each in outcome.refused}
    found = []
    for row in rows:
        values = {name: value[:_LONGEST] for name, value in row.values.items() if name not in _SECRET}
        name = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
        line = Line(row.line, values.get("email", ""), name, "there" if row.line in passed else "made")
        if row.line in reasons:
            line.outcome, line.reason, line.values = "refused", reasons[row.line], values
        found.append(line)
    return found
