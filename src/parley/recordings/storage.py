"""Where the files of recordings lie: one interface, a folder or a bucket behind it.

A key names one file for ever: what is stored under it never changes, and no key is used twice. Files come in whole or
not at all, so whoever finds a key finds all of its bytes.
"""

from __future__ import annotations

import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from parley.config import Config

#: Bytes that are to stay free on a disk that files are written to.
RESERVE_BYTES: Final = 256 * 1024 * 1024
_KEY: Final = re.compile(r"([0-9]{1,19})/[0-9a-f]{2}/[0-9a-f]{32}\.[a-z0-9]{1,5}")


class StorageError(Exception):
    """A file cannot be stored or read; the message is one line for the administrator."""


class StorageUnavailable(StorageError):
    """The store does not answer, or refuses this server. Trying again later may help."""


class StorageFull(StorageError):
    """There is no room left."""


class FileMissing(StorageError):
    """There is no file under a key."""


class Stored(NamedTuple):
    """A file in the store.

    Attributes:
        size: bytes.
        changed: when it was stored, UTC epoch seconds.
    """

    key: str
    size: int
    changed: int


def new_key(site_id: int, suffix: str) -> str:
    """A key that no file has: the site, a part that spreads files over folders, and 32 hex digits.

    Args:
        suffix: ending for people who look into the store, such as `mp4`.
    """
    name = secrets.token_hex(16)
    return f"{site_id}/{name[:2]}/{name}.{suffix}"


def site_of(key: str) -> int | None:
    """The site that a key belongs to; None when it is no key of ours."""
    found = _KEY.fullmatch(key)
    return int(found[1]) if found else None


class Storage(ABC):
    """A place for files. All methods may be called by many tasks at once."""

    @abstractmethod
    async def put(self, key: str, path: Path) -> None:
        """Store a whole file under a new key; when this returns it is on disk.

        Args:
            path: stays where it is. What lies in `arriving_folder` must not be written any more: on the same disk it is
                not copied but shared.

        Raises:
            StorageError: nothing is stored.
        """

    @abstractmethod
    async def size(self, key: str) -> int | None:
        """Bytes of a file; None when there is none.

        Raises:
            StorageUnavailable: it cannot be told.
        """

    @abstractmethod
    def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to and without `stop`, in pieces; None: to the end.

        Raises:
            FileMissing: there is no such file.
            StorageUnavailable: it cannot be read; some pieces may have come already.
        """

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Remove a file; that there is none is no error.

        Raises:
            StorageUnavailable: it may still be there.
        """

    @abstractmethod
    def files(self) -> AsyncIterator[Stored]:
        """All files in the store, of all sites, in no order.

        Raises:
            StorageUnavailable: the store cannot be read.
        """

    @abstractmethod
    def local_copy(self, key: str) -> AbstractAsyncContextManager[Path]:
        """The file as a path for programs such as ffmpeg, which must not change it; gone when the block ends.

        Raises:
            StorageError: there is no such file, or no room for a copy.
        """

    def local_path(self, key: str) -> Path | None:
        """The file itself where it lies on this machine, so that it can be sent without a detour; else None."""
        return None

    @abstractmethod
    async def tidy(self, before: int) -> None:
        """Remove what somebody began to store before that time (UTC epoch seconds) and never finished."""

    @abstractmethod
    async def check(self) -> None:
        """Try whether files can be stored here at all.

        Raises:
            StorageError: they cannot.
        """


def private_folder(path: Path) -> None:
    """Make a folder that no other account of this machine can read, and those above it that are missing.

    Folders that are there already stay as they are: whoever made them knows who is to read them.

    Raises:
        OSError: it cannot be made.
    """
    for each in (*reversed(path.parents), path):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def arriving_folder(config: Config) -> Path:
    """Where uploads and recordings under way gather their pieces, on this machine."""
    return Path(config.data).absolute() / "recordings" / "arriving"


def open_storage(config: Config) -> Storage:
    """The store that the settings name; nothing is connected to before the first file.

    Raises:
        ConfigError: the setting `recordings` cannot be used.
    """
    from parley.recordings.local import LocalStorage

    if config.recordings is None:
        return LocalStorage(Path(config.data).absolute() / "recordings" / "files", arriving_folder(config))
    if "://" not in config.recordings:
        return LocalStorage(Path(config.recordings).absolute(), arriving_folder(config))
    from parley.recordings.s3 import S3Storage

    return S3Storage.parse(config.recordings, arriving_folder(config))
