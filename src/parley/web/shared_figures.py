"""What the worker processes of a server tell each other of their figures: a file each, in a folder that they share.

Each writes its figures every few seconds; whoever is asked adds up the files. As every count is read from a file that
only grows, no sum is ever smaller than the one before, whichever process is asked. What was counted by a process that
has ended still counts; what only holds while a process runs (open rooms, memory) is left out then.

The counts of those that have ended are gathered in one file, which names the files it took in: one that it names counts
no more, whether it is still there or not. So every count is in one place at each moment, also when a process dies
between writing and removing. One process gathers at a time, and nobody waits for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from parley.seeing.figures import Figures, Series, in_parts
from parley.web.metric_families import FAMILIES

_GATHERED: Final = "ended.figures"
_LOCK: Final = "gathering.lock"
_PREFIX: Final = "parley-figures-"
#: A folder that is younger may be without its lock for a moment.
_YOUNG_SECONDS: Final = 60.0


class Snapshot(msgspec.Struct):
    """The figures of a process: operations by name and outcome, faults by code, calls by group of limits, mails, and
    all others by their family."""

    operations: dict[str, dict[str, Series]] = {}
    faults: dict[str, int] = {}
    rates: dict[str, dict[str, int]] = {}
    mails: dict[str, int] = {}
    others: Figures = msgspec.field(default_factory=Figures)

    def add(self, other: Snapshot, *, ended: bool = False) -> None:
        """Add what another process counted.

        Args:
            ended: it is there no more, so only what it counted counts.
        """
        for name, outcomes in other.operations.items():
            mine = self.operations.setdefault(name, {})
            for outcome, series in outcomes.items():
                mine.setdefault(outcome, Series()).add(series)
        for code, count in other.faults.items():
            self.faults[code] = self.faults.get(code, 0) + count
        for outcome, count in other.mails.items():
            self.mails[outcome] = self.mails.get(outcome, 0) + count
        for group, calls in other.rates.items():
            counts = self.rates.setdefault(group, {})
            for outcome, count in calls.items():
                counts[outcome] = counts.get(outcome, 0) + count
        self._add_others(other.others, ended=ended)

    def _add_others(self, other: Figures, *, ended: bool) -> None:
        for family, found in other.values.items():
            kind = FAMILIES[family].kind if family in FAMILIES else "gauge"
            if ended and kind != "counter":
                continue
            values = self.others.values.setdefault(family, {})
            for labels, value in found.items():
                mine = values.get(labels, 0.0)
                if kind == "highest":
                    values[labels] = max(mine, value)
                else:
                    values[labels] = mine + (in_parts(value) if kind == "counter" else value)
        for family, times in other.times.items():
            for labels, series in times.items():
                self.others.series(family, labels).add(series)


class _Gathered(msgspec.Struct):
    """What processes counted that have ended, and the names of their files that may still be there."""

    names: list[str] = []
    figures: Snapshot = msgspec.field(default_factory=Snapshot)


_read_snapshot: Final = msgspec.json.Decoder(Snapshot)
_read_gathered: Final = msgspec.json.Decoder(_Gathered)


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder for the files of a server's processes, as long as the block runs.

    Folders of servers that were killed go: nobody holds their locks any more.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            _remove_left(left)
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(held)


def _remove_left(folder: Path) -> None:
    """Remove a folder that no server has.

    Raises:
        OSError: a server has it, or it belongs to somebody else.
    """
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(held)
        if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _YOUNG_SECONDS:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    finally:
        os.close(held)


class SharedFigures:
    """The folder, as one process sees it.

    Args:
        folder: it is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # No two processes have the same, not even one after the other: a file that begins anew would lose counts.
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"

    def leave(self, snapshot: Snapshot) -> None:
        """Leave the figures of this process for the others; writes a file."""
        self._write(self._file, msgspec.json.encode(snapshot))

    def total(self) -> Snapshot:
        """The figures of all processes, as each left them last; reads files."""
        while True:
            before = self._gathered_bytes()
            gathered = _read_gathered.decode(before) if before else _Gathered()
            total = Snapshot()
            total.add(gathered.figures)
            try:
                for path in self._files():
                    if path.name not in gathered.names:
                        total.add(_read_snapshot.decode(path.read_bytes()), ended=_has_ended(path))
            except FileNotFoundError:  # it was gathered just now
                continue
            if self._gathered_bytes() == before:
                return total

    def gather(self) -> None:
        """Put what processes counted that have ended into one file, and remove theirs; reads and writes files."""
        if not any(_has_ended(path) for path in (*self._files(), *self._parts())):
            return
        with (self._folder / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # another process does it
                return
            self._gather()

    def _gather(self) -> None:
        content = self._gathered_bytes()
        before = _read_gathered.decode(content) if content else _Gathered()
        ended = [path for path in self._files() if _has_ended(path)]
        fresh = [path for path in ended if path.name not in before.names]
        if fresh:
            for path in fresh:
                before.figures.add(_read_snapshot.decode(path.read_bytes()), ended=True)
            gathered = _Gathered([path.name for path in ended], before.figures)
            self._write(self._folder / _GATHERED, msgspec.json.encode(gathered))
        for path in (*ended, *(path for path in self._parts() if _has_ended(path))):
            path.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        return self._folder.glob("*.json")

    def _parts(self) -> Iterator[Path]:
        """What is being written, or was when its process died."""
        return self._folder.glob("*.part")

    def _gathered_bytes(self) -> bytes:
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / _GATHERED).read_bytes()
        return b""

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file, whole or not at all."""
        part = self._file.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        except OSError:  # on a full disk there would be one more of them every time
            part.unlink(missing_ok=True)
            raise


def _has_ended(path: Path) -> bool:
    """Whether the process is gone that wrote a file."""
    number = path.stem.partition("-")[0]
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, ValueError):
        return True
    except OSError:
        pass
    return False
