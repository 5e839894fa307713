"""What has come of a recording so far: a folder with a few facts in one file, and pieces beside it.

`<data>/recordings/arriving/<site>-<recording>/`
    about.json                what is recorded, by whom, when; written anew as a whole
    000-000012.piece          the 13th piece of the first part, which a browser sends; complete or not there at all
    001-tracks/               the second part, which a media server writes
    done                      all pieces are there
    alive                     its time is the last sign of life of whoever records
    lock                      held by the process that makes one file of it

Nothing here needs the database or a running server, so what arrived before a crash is all there afterwards. A part is
one run of a browser's recorder, or what a media server wrote in one go; the parts follow each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from parley.recordings.storage import private_folder

#: Bytes of one piece at most.
MOST_PIECE: Final = 4_000_000
#: Pieces that one part has at most, and parts that one recording has at most.
MOST_PIECES: Final = 1_000_000
MOST_PARTS: Final = 1_000
MOST_MARKS: Final = 500
#: A part of a browser that nobody goes on with for so many seconds is over.
SILENCE: Final = 60.0
#: Seconds after its end in which a recording's last pieces may come.
LATE: Final = 20.0
_FOLDER: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_PIECE: Final = re.compile(r"([0-9]{3})-([0-9]{6})\.piece")


class Mark(msgspec.Struct, frozen=True):
    """A moment that somebody marked: milliseconds of recording before it, and its name."""

    at: int
    name: str


class Part(msgspec.Struct, frozen=True):
    """One part of a recording.

    Attributes:
        by: who records it: a browser, which sends pieces, or a media server, which writes into `Arriving.tracks`.
        started_at, ended_at: UTC epoch milliseconds; None: it goes on, or nobody could say that it ended.
    """

    by: Literal["browser", "server"]
    started_at: int
    ended_at: int | None = None


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a recording besides its pieces.

    Attributes:
        stay_id: the stay of the person whose browser records.
        recorded_by: that person's name.
        owner_id: the account that the recording belongs to.
        creator_id: the account of the person who began it, else the owner's.
        host_email, time_zone_id, tracking_codes: those of the session.
        started_at: UTC epoch milliseconds.
        ended_at: the same; None: it goes on, or nobody could say that it ended.
        paused: nothing is to be recorded at present.
        recorded: milliseconds recorded until `counted_at`, when it last began, paused or went on.
        tries: how often making one file of it failed.
        tried_at: when it was last tried, UTC epoch seconds.
        note: why it failed.
    """

    site_id: int
    recording_id: int
    session_key: int
    conf_id: int | None
    owner_id: int
    creator_id: int
    name: str
    service: str
    host_email: str
    time_zone_id: int
    tracking_codes: tuple[str | None, ...]
    stay_id: int
    recorded_by: str
    started_at: int
    ended_at: int | None = None
    paused: bool = False
    recorded: int = 0
    counted_at: int = 0
    marks: tuple[Mark, ...] = ()
    parts: tuple[Part, ...] = ()
    tries: int = 0
    tried_at: int = 0
    note: str = ""

    def length(self, now: int) -> int:
        """Milliseconds recorded until now (UTC epoch milliseconds)."""
        running = not self.paused and self.ended_at is None
        return self.recorded + (max(0, now - self.counted_at) if running else 0)

    def counted(self, now: int, *, paused: bool) -> About:
        """The same, counted until now; `paused`: whether it pauses from now on."""
        return msgspec.structs.replace(self, recorded=self.length(now), counted_at=now, paused=paused)

    def parted(self, now: int) -> About:
        """The same without a part that goes on."""
        if not self.parts or self.parts[-1].ended_at is not None:
            return self
        last = msgspec.structs.replace(self.parts[-1], ended_at=now)
        return msgspec.structs.replace(self, parts=(*self.parts[:-1], last))


class Refusal(Exception):
    """A piece is not taken.

    Args:
        reason: `order`, `size` or `full`.
        next_piece: number of the piece that is expected, where that is the reason.
    """

    def __init__(self, reason: str, next_piece: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_piece = next_piece


_decode: Final = msgspec.json.Decoder(About).decode


class Arriving:
    """The folder of one recording."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, about: About) -> None:
        """Make the folder.

        Raises:
            FileExistsError: there is one already.
            OSError: the disk.
        """
        private_folder(self.folder.parent)
        self.folder.mkdir(mode=0o700)
        self.write(about)
        self.touch()

    def about(self) -> About | None:
        """What is known of the recording; None when there is none, or it cannot be read."""
        try:
            return _decode((self.folder / "about.json").read_bytes())
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, about: About) -> None:
        """Write down what is known; the old or the new is there after a crash, never half of it."""
        _write_whole(self.folder / "about.json", msgspec.json.encode(about))

    def touch(self) -> None:
        """Note a sign of life."""
        alive = self.folder / "alive"
        alive.touch()
        os.utime(alive)

    def silence(self) -> float:
        """Seconds since the last sign of life or piece."""
        latest = 0.0
        for path in (self.folder / "alive", self.folder):
            with contextlib.suppress(OSError):
                latest = max(latest, path.stat().st_mtime)
        return max(0.0, time.time() - latest)

    def put(self, part: int, number: int, data: bytes) -> bool:
        """Keep a piece; False when it is there already.

        Raises:
            Refusal: pieces before it are missing, or it is too large.
            OSError: the disk.
        """
        if not (0 <= part < MOST_PARTS and 0 <= number < MOST_PIECES):
            raise Refusal("order")
        if len(data) > MOST_PIECE:
            raise Refusal("size")
        path = self._piece(part, number)
        if path.exists():
            return False
        if number and not self._piece(part, number - 1).exists():
            raise Refusal("order", self.next_piece(part))
        _write_whole(path, data)
        return True

    def next_piece(self, part: int) -> int:
        """Number of the piece that comes next in a part."""
        return 1 + max((number for each, number, _ in self.pieces() if each == part), default=-1)

    def finish(self) -> None:
        """Note that no more pieces come."""
        (self.folder / "done").touch()

    @property
    def finished(self) -> bool:
        """Whether it was said that no more pieces come."""
        return (self.folder / "done").exists()

    def tracks(self, part: int) -> Path:
        """The folder that a media server writes a part into."""
        return self.folder / f"{part:03d}-tracks"

    def pieces(self) -> list[tuple[int, int, Path]]:
        """All pieces with their parts and numbers, in order."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                match = _PIECE.fullmatch(path.name)
                if match:
                    found.append((int(match[1]), int(match[2]), path))
        return sorted(found)

    def size(self) -> int:
        """Bytes in the folder."""
        total = 0
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    total += path.stat().st_size
        return total

    @contextmanager
    def claimed(self) -> Iterator[bool]:
        """Have the folder to oneself, as long as the block runs; False when another process has it.

        The claim ends with the process, however that ends.
        """
        try:
            opened = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            yield False
            return
        try:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            # Whoever had it before may have finished and removed the folder.
            yield (self.folder / "about.json").exists()
        finally:
            os.close(opened)

    def remove(self) -> None:
        """Remove the folder with all that is in it; what says what it is goes first, so half of it is none."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "about.json").unlink()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _piece(self, part: int, number: int) -> Path:
        return self.folder / f"{part:03d}-{number:06d}.piece"


def path_of(root: Path, site_id: int, recording_id: int) -> Path:
    """The folder of a recording; `root`: `storage.arriving_folder`."""
    return root / f"{site_id}-{recording_id}"


def all_arriving(root: Path) -> list[Arriving]:
    """All folders, those first that began first."""
    with contextlib.suppress(FileNotFoundError):
        found = [path for path in root.iterdir() if _FOLDER.fullmatch(path.name)]
        return [Arriving(path) for path in sorted(found, key=_age)]
    return []


def going_on(root: Path, site_id: int, session_key: int) -> Arriving | None:
    """The recording of a session that goes on, or was broken off just now."""
    with contextlib.suppress(FileNotFoundError):
        for path in root.glob(f"{site_id}-*"):
            found = Arriving(path)
            about = found.about() if _FOLDER.fullmatch(path.name) else None
            mine = about is not None and about.session_key == session_key and about.ended_at is None
            if mine and found.silence() < SILENCE:
                return found
    return None


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _write_whole(path: Path, data: bytes) -> None:
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise
