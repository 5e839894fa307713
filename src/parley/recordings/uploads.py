"""Files that people bring along, while they come: a folder for each, which outlives connections and processes.

`<data>/recordings/arriving/upload-<32 hex digits>/`
    about.json     what it is to become, and what became of it; written anew as a whole
    data           what has come so far; its size is the offset
    lock           held by whoever writes

An upload that nobody goes on with for a day is removed; one that is complete is kept even if the process ended just
then.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog

from parley.domain.recording import Recording, State
from parley.recordings.keeping import NewRecording, NotKept, Parts, begin, check_room, finish, forget
from parley.recordings.probing import NotARecording, kind_of
from parley.recordings.storage import (
    RESERVE_BYTES,
    StorageError,
    StorageFull,
    StorageUnavailable,
    arriving_folder,
    private_folder,
)
from parley.store import Conflict, StoreUnavailable, recordings

#: Uploads that one account may have open.
MOST_OPEN: Final = 10
#: An upload that nobody goes on with for so many seconds is removed.
IDLE_SECONDS: Final = 86_400
#: Bytes after which the kind of a file can be told.
HEAD_BYTES: Final = 4096
_NAME: Final = re.compile(r"[0-9a-f]{32}")

_log = structlog.get_logger("parley.recordings")


class NoUpload(Exception):
    """There is no such upload, or it is somebody else's."""


class Busy(Exception):
    """Somebody else writes to it just now."""


class TooMany(NotKept):
    """The account has too many uploads open."""


class Upload(msgspec.Struct, kw_only=True):
    """A file on its way.

    Attributes:
        length: bytes that it will have.
        recording_id: of the row that waits for it.
        state: `arriving`, `working` (all bytes are there), `ready` or `failed`.
        reason: why it failed, one line.
    """

    upload_id: str
    length: int
    new: NewRecording
    recording_id: int
    state: str = "arriving"
    reason: str = ""


async def create(parts: Parts, new: NewRecording, length: int) -> Upload:
    """Begin an upload.

    Raises:
        NotKept: too large, too many, or no room.
        StorageError: the disk cannot take it.
        StoreUnavailable: try again.
    """
    await check_room(parts, new.site_id, new.owner_id, length)
    folder = arriving_folder(parts.config)
    await asyncio.to_thread(_check_disk, folder, new, length)
    row = await begin(parts, new)
    upload = Upload(upload_id=secrets.token_hex(16), length=length, new=new, recording_id=row.recording_id)
    await asyncio.to_thread(_make, folder, upload)
    return upload


def find(parts: Parts, upload_id: str, site_id: int, owner_id: int) -> tuple[Upload, int]:
    """An upload of an account, and how many bytes have come.

    Raises:
        NoUpload: it has none with this name.
    """
    upload, offset = _read(_folder(parts, upload_id))
    if (upload.new.site_id, upload.new.creator_id) != (site_id, owner_id):
        raise NoUpload
    return upload, offset


class Writer:
    """Appends to an upload; one at a time.

    Raises:
        NoUpload: it is gone.
        Busy: somebody else writes.
    """

    def __init__(self, parts: Parts, upload: Upload) -> None:
        self._folder = _folder(parts, upload.upload_id)
        self._upload = upload
        self._lock = _locked(self._folder)
        try:
            self._file: BinaryIO = (self._folder / "data").open("r+b")  # which makes no new file
            self._file.seek(0, os.SEEK_END)
        except OSError as error:
            self._lock.close()
            raise NoUpload from error
        self.offset = self._file.tell()

    def write(self, data: bytes) -> None:
        """Append; no more than the upload's length may come in all.

        Raises:
            StorageFull: the disk is full; what fitted has been kept.
            NotARecording: the file turns out to be none.
        """
        before = self.offset
        with _plainly():
            try:
                self._file.write(data)
                self._file.flush()
            finally:
                self.offset = os.fstat(self._file.fileno()).st_size
        if before < HEAD_BYTES <= self.offset:
            with (self._folder / "data").open("rb") as file:
                kind_of(file.read(HEAD_BYTES))

    def close(self) -> None:
        """See to it that what came is on the disk, and let others write."""
        try:
            with _plainly():
                os.fsync(self._file.fileno())
        finally:
            self._file.close()
            self._lock.close()


async def complete(parts: Parts, upload: Upload) -> Upload:
    """Make the recording of an upload of which everything has come; that it fails is noted, not raised."""
    folder = _folder(parts, upload.upload_id)
    try:
        lock = await asyncio.to_thread(_locked, folder)
    except (Busy, NoUpload):
        return upload
    try:
        upload, _ = await asyncio.to_thread(_read, folder)
        if upload.state in ("ready", "failed"):
            return upload
        upload.state = "working"
        await asyncio.to_thread(_write, folder, upload)
        try:
            row = await _row_of(parts, folder, upload)
            if row.state not in (State.READY, State.TRASHED, State.GONE):
                await finish(parts, row, folder / "data")
            upload.state, upload.reason = "ready", ""
        except (StorageUnavailable, StoreUnavailable) as error:  # another time it may go well
            upload.reason = str(error)
            await asyncio.to_thread(_write, folder, upload)
            return upload
        except (NotKept, NotARecording, StorageError, Conflict) as error:
            upload.state, upload.reason = "failed", str(error)
        await asyncio.to_thread(_write, folder, upload)
        await asyncio.to_thread((folder / "data").unlink, missing_ok=True)
        return upload
    finally:
        lock.close()


async def _row_of(parts: Parts, folder: Path, upload: Upload) -> Recording:
    """The row that waits for an upload; a new one when it took so long that the first was given up."""
    row = await recordings.by_id(parts.engine, upload.new.site_id, upload.recording_id)
    if row is not None:
        return row.plain()
    made = await begin(parts, upload.new)
    upload.recording_id = made.recording_id
    await asyncio.to_thread(_write, folder, upload)
    return made


async def remove(parts: Parts, upload: Upload) -> None:
    """Give an upload up.

    Raises:
        Busy: somebody writes to it.
    """
    folder = _folder(parts, upload.upload_id)
    with contextlib.suppress(NoUpload):
        lock = await asyncio.to_thread(_locked, folder)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        lock.close()
    row = await recordings.by_id(parts.engine, upload.new.site_id, upload.recording_id)
    if row is not None:
        await forget(parts, row.plain())


async def tidy_uploads(parts: Parts) -> None:
    """Remove uploads that nobody goes on with, and complete those that the end of a process left behind."""
    for folder in await asyncio.to_thread(_folders, arriving_folder(parts.config)):
        with contextlib.suppress(NoUpload, Busy):
            upload, offset = await asyncio.to_thread(_read, folder)
            idle = time.time() - await asyncio.to_thread(_touched, folder)
            if upload.state in ("arriving", "working") and offset == upload.length:
                if idle > 60:  # else whoever sent it is about to
                    await complete(parts, upload)
            elif idle > IDLE_SECONDS:
                await remove(parts, upload)
                _log.info("upload_given_up", site=upload.new.site_id, upload=upload.upload_id)


# ---- on the disk ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull("the disk for recordings is full") from None
        raise StorageUnavailable(f"the folder of uploads: {error.strerror or error}") from None


def _folder(parts: Parts, upload_id: str) -> Path:
    if not _NAME.fullmatch(upload_id):
        raise NoUpload
    return arriving_folder(parts.config) / f"upload-{upload_id}"


def _folders(arriving: Path) -> list[Path]:
    return sorted(arriving.glob("upload-*")) if arriving.is_dir() else []


def _check_disk(arriving: Path, new: NewRecording, length: int) -> None:
    """See whether there is room for an upload, beside what is still to come of all others."""
    own, awaited = 0, 0
    for folder in _folders(arriving):
        with contextlib.suppress(NoUpload):
            upload, offset = _read(folder)
            if upload.state == "arriving":
                awaited += upload.length - offset
                own += (upload.new.site_id, upload.new.creator_id) == (new.site_id, new.creator_id)
    if own >= MOST_OPEN:
        raise TooMany(f"no more than {MOST_OPEN} uploads may be under way: finish or remove one")
    with _plainly():
        private_folder(arriving)
        if shutil.disk_usage(arriving).free - RESERVE_BYTES - awaited < length:
            raise StorageFull("the disk for recordings is full")


def _make(arriving: Path, upload: Upload) -> None:
    with _plainly():
        folder = arriving / f"upload-{upload.upload_id}"
        folder.mkdir(mode=0o700)
        (folder / "data").touch()
        (folder / "lock").touch()
        _write(folder, upload)


def _write(folder: Path, upload: Upload) -> None:
    with _plainly():
        beside = folder / "about.new"
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(upload))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(folder / "about.json")


def _read(folder: Path) -> tuple[Upload, int]:
    try:
        upload = msgspec.json.decode((folder / "about.json").read_bytes(), type=Upload)
    except (OSError, msgspec.DecodeError):
        raise NoUpload from None
    try:
        return upload, (folder / "data").stat().st_size
    except OSError:  # it has become a recording
        return upload, upload.length


def _touched(folder: Path) -> float:
    """When something last came."""
    times = [path.stat().st_mtime for path in (folder / "data", folder / "about.json") if path.exists()]
    return max(times, default=0.0)


def _locked(folder: Path) -> BinaryIO:
    """The lock of an upload, held until it is closed."""
    try:
        lock = (folder / "lock").open("rb")
    except OSError:
        raise NoUpload from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Busy from None
    return lock
