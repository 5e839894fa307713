"""Both stores keep whole files, give any part of them back, and say plainly what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from parley.config import Config, ConfigError
from parley.recordings import s3
from parley.recordings.local import LocalStorage
from parley.recordings.s3 import S3Storage
from parley.recordings.storage import (
    RESERVE_BYTES,
    FileMissing,
    Storage,
    StorageFull,
    StorageUnavailable,
    arriving_folder,
    new_key,
    open_storage,
    private_folder,
    site_of,
)
from tests.recordings.stores import S3Server

SITE = 4711
#: Nothing takes so long, whatever else the machine does.
_BOUNDED = 60


async def content(storage: Storage, key: str, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join([piece async for piece in storage.read(key, start, stop)])


def made(folder: Path, size: int) -> tuple[Path, bytes]:
    data = secrets.token_bytes(size)
    path = folder / secrets.token_hex(4)
    path.write_bytes(data)
    return path, data


def test_keys() -> None:
    key = new_key(SITE, "mp4")
    assert site_of(key) == SITE
    assert key != new_key(SITE, "mp4")
    for wrong in ("", "4711/../../etc/passwd", f"{SITE}/ab/x.mp4", f"/{key}", f"{key}/", f"{key}\n"):
        assert site_of(wrong) is None


def test_folders_are_private(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir(mode=0o755)
    folder = shown / "a" / "b"
    private_folder(folder)
    private_folder(folder)
    assert [each.stat().st_mode & 0o777 for each in (shown, folder.parent, folder)] == [0o755, 0o700, 0o700]


async def test_what_is_stored_is_private(tmp_path: Path) -> None:
    path, _ = made(tmp_path, 9)
    root = tmp_path / "store"
    key = new_key(SITE, "mp4")
    await LocalStorage(root, tmp_path / "own").put(key, path)
    assert root.stat().st_mode & 0o077 == 0
    assert (root / str(SITE)).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("size", [0, 1, 70_000, 40_000_000])
async def test_what_is_stored_comes_back(storage: Storage, tmp_path: Path, size: int) -> None:
    path, data = made(tmp_path, size)
    key = new_key(SITE, "mp4")
    assert await storage.size(key) is None
    await storage.put(key, path)
    assert path.read_bytes() == data
    assert await storage.size(key) == size
    assert await content(storage, key) == data
    async with storage.local_copy(key) as copy:
        assert copy.read_bytes() == data
    assert path.exists()


async def test_any_part_comes_back(storage: Storage, tmp_path: Path) -> None:
    path, data = made(tmp_path, 3_000_000)
    key = new_key(SITE, "mp4")
    await storage.put(key, path)
    for start, stop in ((0, 1), (1, 2_500_000), (2_999_999, None), (1_048_576, 2_097_152), (3_000_000, None), (5, 5)):
        assert await content(storage, key, start, stop) == data[start:stop]
    assert await content(storage, key, 2_999_000, 9_000_000) == data[2_999_000:]


async def test_what_is_deleted_is_gone(storage: Storage, tmp_path: Path) -> None:
    path, _ = made(tmp_path, 10)
    key, other = new_key(SITE, "mp4"), new_key(SITE, "mp4")
    await storage.put(key, path)
    await storage.put(other, path)
    await storage.delete(key)
    await storage.delete(key)  # again is no error
    assert await storage.size(key) is None
    assert await storage.size(other) == 10
    with pytest.raises(FileMissing):
        await content(storage, key)
    with pytest.raises(FileMissing):
        async with storage.local_copy(key):
            pass


async def test_all_files_are_listed_with_their_sizes(storage: Storage, tmp_path: Path) -> None:
    path, _ = made(tmp_path, 10)
    keys = {new_key(site, "mp4") for site in range(1, 31)}
    for key in keys:
        await storage.put(key, path)
    found = {each.key: each async for each in storage.files()}
    assert set(found) == keys
    assert {each.size for each in found.values()} == {10}
    assert all(each.changed > 1_700_000_000 for each in found.values())
    await storage.check()


async def test_nothing_but_keys_is_looked_up(storage: Storage, tmp_path: Path) -> None:
    path, _ = made(tmp_path, 10)
    for wrong in ("../../x", "/etc/passwd", ""):
        with pytest.raises(FileMissing):
            await storage.put(wrong, path)
        with pytest.raises(FileMissing):
            await content(storage, wrong)
        with pytest.raises(FileMissing):
            await storage.delete(wrong)


async def test_a_file_that_is_not_there_is_not_stored(storage: Storage, tmp_path: Path) -> None:
    key = new_key(SITE, "mp4")
    with pytest.raises(FileMissing):
        await storage.put(key, tmp_path / "nothing")
    assert await storage.size(key) is None


# ---- the folder -----------------------------------------------------------------------------------------------------


async def test_our_own_files_are_shared_and_others_copied(tmp_path: Path) -> None:
    config = Config(data=str(tmp_path / "data"))
    storage = open_storage(config)
    assert isinstance(storage, LocalStorage)
    arriving_folder(config).mkdir(parents=True)
    mine, _ = made(arriving_folder(config), 10)
    foreign, _ = made(tmp_path, 10)
    for path, shared in ((mine, True), (foreign, False)):
        key = new_key(SITE, "mp4")
        await storage.put(key, path)
        assert (storage.root / key).samefile(path) is shared


@pytest.mark.parametrize("step", ["copy", "sync"])
async def test_a_full_disk_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    storage = LocalStorage(tmp_path / "files", tmp_path / "own")
    path, data = made(tmp_path, 100_000)
    key = new_key(SITE, "mp4")
    with monkeypatch.context() as broken:
        if step == "copy":
            broken.setattr(shutil, "copyfileobj", full)
        else:
            broken.setattr(os, "fsync", full)
        with pytest.raises(StorageFull, match="full"):
            await storage.put(key, path)
    assert await storage.size(key) is None
    assert [each async for each in storage.files()] == []
    assert list((storage.root / "unfinished").iterdir()) == []
    await storage.put(key, path)
    assert await content(storage, key) == data


async def test_a_disk_is_not_filled_to_the_brim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = LocalStorage(tmp_path / "files", tmp_path / "own")
    path, data = made(tmp_path, 100_000)
    key = new_key(SITE, "mp4")
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as small:
        small.setattr(shutil, "disk_usage", lambda _: usage._replace(free=RESERVE_BYTES + 99_999))
        with pytest.raises(StorageFull, match="full"):
            await storage.put(key, path)
        assert list((storage.root / "unfinished").iterdir()) == []
        small.setattr(shutil, "disk_usage", lambda _: usage._replace(free=RESERVE_BYTES + 100_000))
        await storage.put(key, path)
    assert await content(storage, key) == data


async def test_what_a_killed_process_left_is_tidied_away(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "files", tmp_path / "own")
    await storage.check()
    old, new = (storage.root / "unfinished" / name for name in ("old", "new"))
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (1_000, 1_000))
    await storage.tidy(1_000_000)
    assert not old.exists()
    assert new.exists()


async def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    storage = LocalStorage(tmp_path / "file" / "below", tmp_path / "own")
    with pytest.raises(StorageUnavailable, match="folder of recordings"):
        await storage.check()


# ---- the bucket -----------------------------------------------------------------------------------------------------


async def test_a_store_that_is_away(bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("parley.recordings.s3._TRIES", 0)
    away = S3Storage("recordings", "", {"endpoint": "http://127.0.0.1:1"}, tmp_path)
    path, _ = made(tmp_path, 10)
    key = new_key(SITE, "mp4")
    with pytest.raises(StorageUnavailable):
        await away.put(key, path)
    with pytest.raises(StorageUnavailable):
        await away.size(key)
    with pytest.raises(StorageUnavailable):
        await content(away, key)
    with pytest.raises(StorageUnavailable):
        await away.delete(key)
    with pytest.raises(StorageUnavailable):
        await away.check()
    with pytest.raises(StorageUnavailable):
        [each async for each in away.files()]
    assert os.listdir(tmp_path) == [path.name]


async def test_a_store_that_hangs(bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are taken and nothing is answered; that the key has the number of an error says nothing."""
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    for name, seconds in (("_ANSWER_SECONDS", 0.1), ("_PART_SECONDS", 0.2)):
        monkeypatch.setattr(s3, name, seconds)
    monkeypatch.setattr(s3, "_PATIENCE", timedelta(seconds=0.15))
    small, large = made(tmp_path, 507)[0], made(tmp_path, 20_000_000)[0]
    key = f"{SITE}/50/{'507' * 10}00.mp4"
    with socket.create_server(("127.0.0.1", 0), backlog=100) as deaf:
        hangs = S3Storage("recordings", "", {"endpoint": f"http://127.0.0.1:{deaf.getsockname()[1]}"}, tmp_path)
        for work in (
            hangs.put(key, small),
            hangs.put(key, large),
            hangs.size(key),
            content(hangs, key),
            hangs.delete(key),
            hangs.check(),
        ):
            async with asyncio.timeout(_BOUNDED):
                with pytest.raises(StorageUnavailable):
                    await work
        async with asyncio.timeout(_BOUNDED):
            with pytest.raises(StorageUnavailable):
                [each async for each in hangs.files()]


@contextlib.asynccontextmanager
async def pretended(answer: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """The address of a store that answers a request by its head."""
    writers: list[asyncio.StreamWriter] = []
    ended: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = asyncio.get_running_loop().create_future()
        writers.append(writer)
        ended.append(end)
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):  # who asked has left
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = re.search(rb"content-length: (\d+)", head.lower())
                await reader.readexactly(int(size[1]) if size is not None else 0)
                writer.write(answer(head))
        end.set_result(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for each in writers:
            each.transport.abort()
        await asyncio.gather(*ended)


async def test_a_store_that_stops_in_the_middle(
    bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size is told, and of a range the half."""
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3, "_ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(s3, "_PATIENCE", timedelta(seconds=0.2))

    def half(head: bytes) -> bytes:
        whole = head.startswith(b"HEAD")
        status = "200 OK" if whole else "206 Partial Content\r\nContent-Range: bytes 0-999/1000"
        fields = 'Content-Length: 1000\r\nETag: "a"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT'
        return f"HTTP/1.1 {status}\r\n{fields}\r\n\r\n".encode() + (b"" if whole else bytes(500))

    async with pretended(half) as address, asyncio.timeout(_BOUNDED):
        with pytest.raises(StorageUnavailable):
            await content(S3Storage("recordings", "", {"endpoint": address}, tmp_path), new_key(SITE, "mp4"))


async def test_a_bucket_that_is_full(bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3, "_TRIES", 0)
    path, _ = made(tmp_path, 10)
    async with pretended(lambda _: b"HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\n\r\n") as address:
        with pytest.raises(StorageFull):
            await S3Storage("recordings", "", {"endpoint": address}, tmp_path).put(new_key(SITE, "mp4"), path)


async def test_wrong_credentials(bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", bucket.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    storage = open_storage(Config(data=str(tmp_path), recordings=bucket.address()))
    with pytest.raises(StorageUnavailable) as told:
        await storage.check()
    assert "wrong" not in str(told.value)
    assert "\n" not in str(told.value)


async def test_another_server_of_the_bucket_reads_the_files(
    bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    config = Config(data=str(tmp_path), recordings=bucket.address("shared"))
    path, data = made(tmp_path, 100)
    key = new_key(SITE, "mp4")
    await open_storage(config).put(key, path)
    assert await content(open_storage(config), key) == data
    assert (bucket.folder / "recordings" / "shared" / key).read_bytes() == data


async def test_copies_that_a_killed_process_left_are_tidied_away(tmp_path: Path) -> None:
    storage = S3Storage("recordings", "", {}, tmp_path)
    old, fresh, upload = (tmp_path / name for name in ("copy-old", "copy-new", "upload-old"))
    for each in (old, fresh, upload):
        each.write_bytes(b"x")
    for each in (old, upload):
        os.utime(each, (1_000, 1_000))
    await storage.tidy(1_000_000)
    assert sorted(os.listdir(tmp_path)) == [fresh.name, upload.name]
    await S3Storage("recordings", "", {}, tmp_path / "none").tidy(1_000_000)  # nothing came yet


@pytest.mark.parametrize(
    "address",
    ["s3://", "http://bucket/x", "s3://key:secret@bucket", "s3://bucket?colour=red", "s3://bucket?endpoint=ftp://x"],
)
def test_addresses_that_are_none(address: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^recordings: "):
        open_storage(Config(data=str(tmp_path), recordings=address))


def test_another_folder(tmp_path: Path) -> None:
    storage = open_storage(Config(data=str(tmp_path), recordings=str(tmp_path / "elsewhere")))
    assert isinstance(storage, LocalStorage)
    assert storage.root == tmp_path / "elsewhere"
