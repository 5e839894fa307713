"""Files in a folder of this machine, or on a disk that several machines share.

A file is written beside its place, flushed to the disk and renamed, so it is there whole or not at all whenever the
machine stops. Folders are by site and by the first digits of the key.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from parley.recordings.storage import (
    RESERVE_BYTES,
    FileMissing,
    Storage,
    StorageError,
    StorageFull,
    StorageUnavailable,
    Stored,
    private_folder,
    site_of,
)

#: Bytes read at a time.
PIECE: Final = 256 * 1024
_COPY_PIECE: Final = 8 * 1024 * 1024
#: Files found in a row before others get their turn.
_LISTED: Final = 500
#: Folder of what is being written.
_UNFINISHED: Final = "unfinished"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def _plainly(key: str) -> Iterator[None]:
    """Turn errors of the system into those of the storage."""
    try:
        yield
    except FileNotFoundError:
        raise FileMissing(f"there is no file {key}") from None
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("the disk for recordings is full") from None
        raise StorageUnavailable(f"the folder of recordings: {error.strerror or error}") from None


class LocalStorage(Storage):
    """Files below one folder, which is made with the first file.

    Args:
        root: the folder; nothing else may lie in it.
        own: the folder of what this server wrote itself, whose files are shared instead of copied.
    """

    def __init__(self, root: Path, own: Path) -> None:
        self.root = root
        self._own = own.resolve()

    def _path(self, key: str) -> Path:
        if site_of(key) is None:
            raise FileMissing(f"{key!r} is no key of a file")
        return self.root / key

    async def put(self, key: str, path: Path) -> None:
        """Store a file; see `Storage.put`."""
        await asyncio.to_thread(self._put, self._path(key), path)

    def _put(self, place: Path, source: Path) -> None:
        if not source.is_file():
            raise FileMissing(f"there is no file {source}")
        with _plainly(place.name):
            private_folder(place.parent)
            if not self._shared(source, place):
                self._copied(source, place)

    def _shared(self, source: Path, place: Path) -> bool:
        """Give a file of ours a second name; False when it is not ours, or lies on another disk."""
        if not source.resolve().is_relative_to(self._own):
            return False
        with source.open("rb") as file:
            os.fsync(file.fileno())
        os.utime(source)  # its age in the store begins now
        try:
            os.link(source.resolve(), place)
        except OSError as error:
            if error.errno in (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
                return False
            raise
        _sync_folders(place.parent)
        return True

    def _copied(self, source: Path, place: Path) -> None:
        folder = self.root / _UNFINISHED
        private_folder(folder)
        if shutil.disk_usage(folder).free - RESERVE_BYTES < source.stat().st_size:
            raise StorageFull("the disk for recordings is full")  # before nobody else can write to it either
        unfinished = folder / secrets.token_hex(16)
        try:
            with source.open("rb") as incoming, unfinished.open("xb") as outgoing:
                shutil.copyfileobj(incoming, outgoing, _COPY_PIECE)
                outgoing.flush()
                os.fsync(outgoing.fileno())
            unfinished.rename(place)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync_folders(place.parent)

    async def size(self, key: str) -> int | None:
        """Bytes of a file; see `Storage.size`."""
        path = self._path(key)
        try:
            with _plainly(key):
                return (await asyncio.to_thread(path.stat)).st_size
        except FileMissing:
            return None

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of a file; see `Storage.read`."""
        path = self._path(key)
        with _plainly(key):
            file = await asyncio.to_thread(open, path, "rb", 0)
        try:
            end = os.fstat(file.fileno()).st_size if stop is None else stop
            while start < end:
                with _plainly(key):
                    piece = await asyncio.to_thread(os.pread, file.fileno(), min(PIECE, end - start), start)
                if not piece:
                    return
                start += len(piece)
                yield piece
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Remove a file; see `Storage.delete`."""
        path = self._path(key)
        with contextlib.suppress(FileMissing), _plainly(key):
            await asyncio.to_thread(path.unlink)

    async def files(self) -> AsyncIterator[Stored]:
        """All files; see `Storage.files`."""
        found = self._walk()
        while batch := await asyncio.to_thread(_some, found):
            for each in batch:
                yield each

    def _walk(self) -> Iterator[Stored]:
        with _plainly("recordings"):
            for folder, _, names in os.walk(self.root):
                below = os.path.relpath(folder, self.root)
                for name in names:
                    key = f"{below}/{name}"
                    if site_of(key) is None:
                        continue
                    with contextlib.suppress(FileNotFoundError):  # it may have gone in the meantime
                        found = os.stat(os.path.join(folder, name))
                        yield Stored(key, found.st_size, int(found.st_mtime))

    @asynccontextmanager
    async def local_copy(self, key: str) -> AsyncIterator[Path]:
        """The file itself; see `Storage.local_copy`."""
        if await self.size(key) is None:
            raise FileMissing(f"there is no file {key}")
        yield self._path(key)

    def local_path(self, key: str) -> Path | None:
        """The file itself."""
        return self._path(key)

    async def tidy(self, before: int) -> None:
        """Remove files that a process began to copy and never finished."""
        await asyncio.to_thread(self._tidy, before)

    def _tidy(self, before: int) -> None:
        with _plainly("unfinished"), contextlib.suppress(FileNotFoundError):
            for path in (self.root / _UNFINISHED).iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()

    async def check(self) -> None:
        """Try whether the folder can be written."""
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        folder = self.root / _UNFINISHED
        try:
            with _plainly(str(self.root)):
                private_folder(folder)
                probe = folder / secrets.token_hex(16)
                probe.write_bytes(str(time.time()).encode())
                probe.unlink()
        except FileMissing as error:
            raise StorageError(str(error)) from None


def _some(found: Iterator[Stored]) -> list[Stored]:
    return [each for each, _ in zip(found, range(_LISTED), strict=False)]


def _sync_folders(folder: Path) -> None:
    """Flush what was renamed into a folder, and the folder itself where it is new, to the disk."""
    for each in (folder, folder.parent):
        descriptor = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
