"""Files in a bucket of Amazon S3, or of anything that speaks its protocol.

Credentials come from where every program for S3 takes them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a web
identity, or the machine's own role. The library (obstore) is loaded with the first file.

Files are sent in parts and read in ranges, so memory does not grow with them. Each range is a request of its own: a
slow reader keeps no connection to the store open, and a broken one is made again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from parley.config import ConfigError
from parley.recordings.storage import (
    FileMissing,
    Storage,
    StorageError,
    StorageFull,
    StorageUnavailable,
    Stored,
    private_folder,
    site_of,
)

if TYPE_CHECKING:
    from obstore.store import S3Store

#: Bytes of a range, two of which a reader holds at a time.
_RANGE: Final = 1024 * 1024
#: Bytes of a part of an upload, and how many are on their way at once; the store takes so many parts of a file.
_PART: Final = 8 * 1024 * 1024
_PARTS: Final = 3
_MOST_PARTS: Final = 10_000
#: Seconds in which a request has its whole answer: one of no more than a range, and one that sends a part, which may
#: have a slow way. A store that hangs takes connections and answers none.
_ANSWER_SECONDS: Final = 10.0
_PART_SECONDS: Final = 120.0
#: A request that failed is made again, unless so much time has passed since the first try. So somebody who waits for
#: a store that hangs is told after 20 seconds, and 30 at most.
_PATIENCE: Final = timedelta(seconds=15)
_TRIES: Final = 4
#: How the library's errors tell of the status 507, beside addresses and times with any digits.
_FULL: Final = re.compile(r"\b507 Insufficient Storage\b|QuotaExceeded|StorageFull")
_SETTINGS: Final = ("endpoint", "region", "path_style")
#: What the names of copies on this machine begin with.
_COPY: Final = "copy-"


class S3Storage(Storage):
    """Files in a bucket.

    Args:
        prefix: what all names begin with, without slashes at its ends.
        options: `endpoint`, `region`, `path_style` (`false`: the bucket is part of the host's name).
        copies: folder for copies on this machine.
    """

    def __init__(self, bucket: str, prefix: str, options: dict[str, str], copies: Path) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._options = options
        self._copies = copies
        self._clients: dict[float, S3Store] = {}

    @classmethod
    def parse(cls, address: str, copies: Path) -> Self:
        """The store of an address `s3://BUCKET/PREFIX?endpoint=https://...&region=...&path_style=true`.

        Raises:
            ConfigError: it is none.
        """
        parts = urlsplit(address)
        options = dict(parse_qsl(parts.query))
        if parts.scheme != "s3" or not parts.hostname or parts.username:
            raise ConfigError("recordings: neither a folder nor s3://BUCKET/PREFIX; credentials stand in AWS_...")
        if unknown := sorted(set(options) - set(_SETTINGS)):
            raise ConfigError(f"recordings: {unknown[0]!r} is not known; {', '.join(_SETTINGS)} are")
        endpoint = options.get("endpoint")
        if endpoint is not None and urlsplit(endpoint).scheme not in ("http", "https"):
            raise ConfigError("recordings: the endpoint is no address of http or https")
        return cls(parts.netloc, parts.path.strip("/"), options, copies)

    async def _store(self, seconds: float | None = None) -> S3Store:
        """The bucket, where each request gets so many seconds; None: `_ANSWER_SECONDS`."""
        limit = _ANSWER_SECONDS if seconds is None else seconds
        if limit not in self._clients:
            self._clients[limit] = await asyncio.to_thread(self._connect, timedelta(seconds=limit))
        return self._clients[limit]

    def _connect(self, limit: timedelta) -> S3Store:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        settings: dict[str, Any] = {"region": self._options.get("region", "us-east-1")}
        if endpoint := self._options.get("endpoint"):
            settings["endpoint"] = endpoint
            style = self._options.get("path_style", "true").lower()
            settings["virtual_hosted_style_request"] = style == "false"
        plain = (endpoint or "").startswith("http:")
        try:
            return S3Store(
                self._bucket,
                prefix=self._prefix or None,
                client_options={"allow_http": plain, "connect_timeout": "5s", "timeout": limit},
                retry_config={"max_retries": _TRIES, "retry_timeout": _PATIENCE},
                **settings,
            )
        except (BaseError, ValueError) as error:
            raise StorageUnavailable(f"the bucket {self._bucket} cannot be used: {_first_line(error)}") from None

    def _failed(self, error: Exception) -> StorageError:
        """An error of the library as one of ours; its errors share no base with those of the system."""
        if isinstance(error, StorageError):
            return error
        if isinstance(error, FileNotFoundError):
            return FileMissing(f"the bucket {self._bucket} does not have this file")
        if _FULL.search(str(error)):
            return StorageFull(f"the bucket {self._bucket} is full")
        return StorageUnavailable(f"the bucket {self._bucket}: {_first_line(error)}")

    async def put(self, key: str, path: Path) -> None:
        """Store a file; see `Storage.put`."""
        import obstore

        try:
            size = (await asyncio.to_thread(path.stat)).st_size
        except OSError:
            raise FileMissing(f"there is no file {path}") from None
        if size > _RANGE:
            await self.size(key)  # a store that hangs already is noticed sooner than by sending it a part
        store = await self._store(None if size <= _RANGE else _PART_SECONDS)
        part = max(_PART, -(-size // _MOST_PARTS))
        try:
            await obstore.put_async(store, _checked(key), path, chunk_size=part, max_concurrency=_PARTS)
        except Exception as error:
            raise self._failed(error) from None

    async def size(self, key: str) -> int | None:
        """Bytes of a file; see `Storage.size`."""
        import obstore

        store = await self._store()
        try:
            return (await obstore.head_async(store, _checked(key)))["size"]
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._failed(error) from None

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of a file; see `Storage.read`."""
        size = await self.size(key)
        if size is None:
            raise FileMissing(f"the bucket {self._bucket} does not have this file")
        end = size if stop is None else min(stop, size)
        ahead: asyncio.Task[bytes] | None = None
        try:
            while start < end:
                piece = await (ahead or self._range(key, start, end))
                start += len(piece)
                # The next range is on its way while this one is taken.
                ahead = asyncio.create_task(self._range(key, start, end)) if start < end else None
                yield piece
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def _range(self, key: str, start: int, end: int) -> bytes:
        import obstore

        store = await self._store()
        try:
            return bytes(await obstore.get_range_async(store, key, start=start, end=min(start + _RANGE, end)))
        except Exception as error:
            raise self._failed(error) from None

    async def delete(self, key: str) -> None:
        """Remove a file; see `Storage.delete`."""
        import obstore

        store = await self._store()
        try:
            await obstore.delete_async(store, _checked(key))
        except FileNotFoundError:
            return
        except Exception as error:
            raise self._failed(error) from None

    async def files(self) -> AsyncIterator[Stored]:
        """All files; see `Storage.files`."""
        import obstore

        store = await self._store()
        try:
            async for page in obstore.list(store, chunk_size=500):
                for each in page:
                    if site_of(each["path"]) is not None:
                        yield Stored(each["path"], each["size"], int(each["last_modified"].timestamp()))
        except Exception as error:
            raise self._failed(error) from None

    @asynccontextmanager
    async def local_copy(self, key: str) -> AsyncIterator[Path]:
        """A copy on this machine; see `Storage.local_copy`."""
        copy = self._copies / f"{_COPY}{secrets.token_hex(16)}"
        try:
            await asyncio.to_thread(private_folder, self._copies)
            file = await asyncio.to_thread(copy.open, "xb")
            try:
                async for piece in self.read(key):
                    await asyncio.to_thread(file.write, piece)
            finally:
                await asyncio.to_thread(file.close)
            yield copy
        except OSError as error:
            raise StorageFull(f"no copy of a recording can be made: {error.strerror}") from None
        finally:
            await asyncio.to_thread(copy.unlink, missing_ok=True)

    async def tidy(self, before: int) -> None:
        """Remove copies on this machine that the end of a process left.

        A part of an upload is no file, and the bucket's own rules take it away.
        """
        await asyncio.to_thread(self._tidy, before)

    def _tidy(self, before: int) -> None:
        for copy in self._copies.glob(f"{_COPY}*"):
            with contextlib.suppress(OSError):  # it may have gone in the meantime
                if copy.stat().st_mtime < before:
                    copy.unlink()

    async def check(self) -> None:
        """Try whether the bucket can be read."""
        import obstore

        store = await self._store()
        try:
            await obstore.list_with_delimiter_async(store)
        except Exception as error:
            raise self._failed(error) from None


def _checked(key: str) -> str:
    if site_of(key) is None:
        raise FileMissing(f"{key!r} is no key of a file")
    return key


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:300]
