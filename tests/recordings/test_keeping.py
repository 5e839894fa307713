"""A file becomes a recording whole, within the limits, or not at all; and what a crash leaves is put right."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from parley.config import Config
from parley.domain.recording import (
    HISTORY_SECONDS,
    TRASH_SECONDS,
    HostedRecording,
    Kind,
    Recording,
    State,
    deleted,
    trashed,
)
from parley.domain.user import User
from parley.recordings import keeping
from parley.recordings.chores import take_turn, tidy
from parley.recordings.keeping import NewRecording, OverQuota, TooLarge, begin, finish, keep
from parley.recordings.probing import NotARecording
from parley.recordings.reconciling import GRACE_SECONDS, STRAY_SECONDS, Findings, check
from parley.recordings.storage import FileMissing, StorageFull, StorageUnavailable, new_key
from parley.services.accounts import create_account
from parley.services.application import Application
from parley.services.new_site import create_site
from parley.store import Changes, Conflict, recordings, sites, users
from tests.recordings.stores import CLIP
from tests.server import MovableClock

SITE = 4711
MEGABYTE = 1024 * 1024


@pytest.fixture
async def application(database: str, tmp_path: Path) -> AsyncIterator[Application]:
    config = Config(data=str(tmp_path / "data"), database=database)
    started = await Application.start(config, MovableClock())
    try:
        await create_site(started, "acme", site_id=SITE)
        who = {"web_ex_id": "ada", "first_name": "Ada", "last_name": "Byron", "email": "ada@acme.example"}
        await create_account(started, SITE, **cast("Any", who), password="Good-Secret-7")
        yield started
    finally:
        await started.stop()


@pytest.fixture
async def ada(application: Application) -> User:
    found = await users.by_web_ex_id(application.engine, SITE, "ada")
    assert found is not None
    return found


def new(ada: User, **values: Any) -> NewRecording:
    usual: dict[str, Any] = {"name": "Weekly", "created_at": 1_700_000_000, "time_zone_id": 4}
    return NewRecording(site_id=SITE, owner_id=ada.user_id, creator_id=ada.user_id, **usual | values)


async def files(application: Application) -> set[str]:
    return {each.key async for each in application.storage.files()}


async def rows(application: Application) -> list[HostedRecording]:
    return [each for state in State async for each in recordings.every(application.engine, SITE, state)]


async def limit_site(application: Application, megabytes: int | None) -> None:
    site = await sites.by_id(application.engine, SITE)
    assert site is not None
    settings = msgspec.structs.replace(site.settings, archive_storage_limit=megabytes)
    changes = Changes()
    sites.update(changes, site, msgspec.structs.replace(site, settings=settings))
    await application.engine.commit(changes)


async def change(application: Application, before: Recording, after: Recording) -> Recording:
    changes = Changes()
    stored = recordings.update(changes, before, after)
    await application.engine.commit(changes)
    return stored


def ahead(application: Application, seconds: int) -> None:
    assert isinstance(application.clock, MovableClock)
    application.clock.ahead += seconds


def age(application: Application, key: str, seconds: int) -> None:
    """Make a file look as if it had been stored so long ago."""
    path = application.storage.local_path(key)
    assert path is not None
    os.utime(path, (time.time() - seconds,) * 2)


def padded(folder: Path, size: int) -> Path:
    """A clip with so many bytes behind it that nobody looks at."""
    path = folder / f"{size}.mp4"
    path.write_bytes(CLIP.read_bytes())
    os.truncate(path, size)
    return path


# ---- taking in ------------------------------------------------------------------------------------------------------


async def test_a_file_is_kept(application: Application, ada: User) -> None:
    made = await keep(application, new(ada, password="Secret-1"), CLIP)
    assert (made.state, made.size, made.duration) == (State.READY, CLIP.stat().st_size, 6)
    assert (made.format, made.media_type, made.kind) == ("MP4", "video/mp4", Kind.UPLOADED)
    found = await recordings.by_id(application.engine, SITE, made.recording_id)
    assert found is not None
    assert found.plain() == made
    assert await files(application) == {made.file_key}
    assert await recordings.used(application.engine, SITE, ada.user_id) == made.size


@pytest.mark.parametrize("wrong", ["text", "missing", "large"])
async def test_what_is_not_kept_leaves_nothing(application: Application, ada: User, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "file.mp4"
    kind: type[Exception] = FileMissing
    if wrong == "text":
        path.write_bytes(b"hello")
        kind = NotARecording
    elif wrong == "large":
        application.config = msgspec.structs.replace(application.config, max_recording_megabytes=1)
        path, kind = padded(tmp_path, 2 * MEGABYTE), TooLarge
    with pytest.raises(kind):
        await keep(application, new(ada), path)
    assert await files(application) == set()
    assert await rows(application) == []


async def test_the_limit_of_the_site(application: Application, ada: User, tmp_path: Path) -> None:
    await limit_site(application, 3)
    path = padded(tmp_path, MEGABYTE)
    kept = [await keep(application, new(ada), path) for _ in range(3)]
    with pytest.raises(OverQuota, match="3 megabytes"):
        await keep(application, new(ada), path)
    assert len(await files(application)) == 3
    # What is in the trash still takes room; what is deleted for good does not.
    gone = await change(application, kept[0], trashed(kept[0], 1, 1))
    with pytest.raises(OverQuota):
        await keep(application, new(ada), path)
    await change(application, gone, deleted(gone, 1, 1))
    await keep(application, new(ada), path)


async def test_the_limit_of_an_account(application: Application, ada: User, tmp_path: Path) -> None:
    document = msgspec.json.decode(ada.document)
    document["my_web_ex"] = {**(document.get("my_web_ex") or {}), "total_storage_size": 1}
    document["my_web_ex"]["additional_recording_storage"] = 1
    changes = Changes()
    users.update_user(changes, ada, msgspec.structs.replace(ada, document=msgspec.json.encode(document).decode()))
    await application.engine.commit(changes)
    path = padded(tmp_path, MEGABYTE)
    for _ in range(2):
        await keep(application, new(ada), path)
    with pytest.raises(OverQuota, match="account may use 2 megabytes"):
        await keep(application, new(ada), path)


async def test_many_at_once_do_not_go_over_the_limit(application: Application, ada: User, tmp_path: Path) -> None:
    await limit_site(application, 3)
    path = padded(tmp_path, MEGABYTE)
    outcomes = await asyncio.gather(*(keep(application, new(ada), path) for _ in range(8)), return_exceptions=True)
    kept = [each for each in outcomes if isinstance(each, Recording)]
    assert len(kept) == 3
    assert all(isinstance(each, (Recording, OverQuota)) for each in outcomes)
    assert await files(application) == {each.file_key for each in kept}
    assert len(await rows(application)) == 3


async def test_a_row_can_be_tried_again(
    application: Application, ada: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def full(*args: object) -> None:
        raise StorageFull("the disk for recordings is full")

    row = await begin(application, new(ada, kind=Kind.SERVICE))
    with monkeypatch.context() as broken:
        broken.setattr(type(application.storage), "put", full)
        with pytest.raises(StorageFull):
            await finish(application, row, CLIP)
    waiting = await recordings.by_id(application.engine, SITE, row.recording_id)
    assert waiting is not None
    assert (waiting.state, waiting.file_key) == (State.ARRIVING, None)
    made = await finish(application, waiting.plain(), CLIP)
    assert made.recording_id == row.recording_id
    assert made.state is State.READY


async def test_a_row_that_somebody_removed_gets_no_file(application: Application, ada: User) -> None:
    row = await begin(application, new(ada))
    await keeping.forget(application, row)
    with pytest.raises(Conflict):
        await finish(application, row, CLIP)
    assert await files(application) == set()


# ---- the trash and the reconciler -----------------------------------------------------------------------------------


async def test_the_trash_empties_itself(application: Application, ada: User) -> None:
    kept, thrown = [await keep(application, new(ada), CLIP) for _ in range(2)]
    await change(application, thrown, trashed(thrown, ada.user_id, application.clock.now()))
    ahead(application, TRASH_SECONDS - 60)
    assert (await check(application)).expired == []
    ahead(application, 120)
    found = await check(application, repair=False)
    assert found.expired == [thrown.recording_id]
    assert await files(application) == {kept.file_key, thrown.file_key}
    assert (await check(application)).expired == [thrown.recording_id]
    assert await files(application) == {kept.file_key}
    assert {each.state for each in await rows(application)} == {State.READY, State.GONE}
    assert await recordings.used(application.engine, SITE) == kept.size
    ahead(application, HISTORY_SECONDS + 60)
    await check(application)
    assert [each.recording_id for each in await rows(application)] == [kept.recording_id]


async def test_a_recording_without_its_file_is_not_listed(application: Application, ada: User) -> None:
    first, second = [await keep(application, new(ada), CLIP) for _ in range(2)]
    assert first.file_key is not None
    path = application.storage.local_path(first.file_key)
    assert path is not None
    away = path.rename(path.with_suffix(".away"))
    assert (await check(application, repair=False)).missing == [first.recording_id]
    assert (await check(application)).missing == [first.recording_id]
    assert [each.recording_id async for each in recordings.every(application.engine, SITE, State.READY)] == [
        second.recording_id
    ]
    assert (await check(application)).clean
    away.rename(path)
    assert (await check(application)).returned == [first.recording_id]
    assert (await check(application)).clean
    os.truncate(path, 100)  # half of it is as bad as none
    assert (await check(application)).missing == [first.recording_id]


async def test_a_file_without_a_row_goes_after_half_a_day(application: Application, ada: User) -> None:
    kept = await keep(application, new(ada), CLIP)
    orphan, other_site = new_key(SITE, "mp4"), new_key(999, "mp4")
    for key in (orphan, other_site):
        await application.storage.put(key, CLIP)
    assert (await check(application)).orphans == []
    for key in (orphan, other_site):
        age(application, key, STRAY_SECONDS + 60)
    assert kept.file_key is not None
    age(application, kept.file_key, 10 * STRAY_SECONDS)
    assert set((await check(application, repair=False)).orphans) == {orphan, other_site}
    assert set((await check(application)).orphans) == {orphan, other_site}
    assert await files(application) == {kept.file_key}


async def test_no_file_without_a_row_stays_longer_than_a_day(application: Application) -> None:
    await tidy(application)  # the turn of the day was just before
    orphan = new_key(SITE, "mp4")
    await application.storage.put(orphan, CLIP)
    hours = 0
    while await files(application) and hours < 48:
        ahead(application, 3600)
        hours += 1
        await tidy(application)
    assert 12 < hours <= 16


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("kind", Kind)
async def test_what_a_dead_process_began_is_brought_to_an_end(
    application: Application, ada: User, stored: bool, kind: Kind
) -> None:
    row = await begin(application, new(ada, kind=kind))
    key = new_key(SITE, "mp4")
    working = msgspec.structs.replace(row, state=State.WORKING, file_key=key, size=CLIP.stat().st_size)
    await change(application, row, working)
    if stored:
        await application.storage.put(key, CLIP)
    assert (await check(application)).unfinished == []
    ahead(application, GRACE_SECONDS + 60)
    assert (await check(application)).unfinished == [row.recording_id]
    states = [each.state for each in await rows(application)]
    if stored:
        assert states == [State.READY]
    else:
        assert states == ([State.FAILED] if kind is Kind.SERVICE else [])
    assert (await check(application)).clean


async def test_a_meeting_that_lasts_is_left_alone(application: Application, ada: User) -> None:
    row = await begin(application, new(ada, kind=Kind.SERVICE))
    ahead(application, 3 * GRACE_SECONDS)
    assert (await check(application)).clean
    assert [each.recording_id for each in await rows(application)] == [row.recording_id]


async def test_one_process_takes_the_turn(application: Application) -> None:
    turns = await asyncio.gather(*(take_turn(application, "recordings:trash", 3600) for _ in range(5)))
    assert sum(turns) == 1
    ahead(application, 3500)
    assert not await take_turn(application, "recordings:trash", 3600)
    ahead(application, 200)
    turns = await asyncio.gather(*(take_turn(application, "recordings:trash", 3600) for _ in range(5)))
    assert sum(turns) == 1


async def test_the_chore_survives_a_store_that_is_away(
    application: Application, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: object) -> None:
        raise StorageUnavailable("away")

    made = await keep(application, new(ada), CLIP)
    await change(application, made, deleted(made, ada.user_id, application.clock.now()))
    with monkeypatch.context() as broken:
        broken.setattr(type(application.storage), "delete", away)
        await tidy(application)
    assert await files(application) == {made.file_key}
    ahead(application, 3700)
    await tidy(application)
    assert await files(application) == set()


_KEEP = """
import asyncio, sys
from pathlib import Path
from parley.config import Config
from parley.recordings.keeping import NewRecording, keep
from parley.services.application import Application

async def main():
    application = await Application.start(Config(data=sys.argv[1], database=sys.argv[2]))
    owner = int(sys.argv[3])
    print("up", flush=True)
    while True:
        new = NewRecording(
            site_id=4711, owner_id=owner, creator_id=owner, name="n", created_at=1_700_000_000, time_zone_id=4
        )
        await keep(application, new, Path(sys.argv[4]))
        print("kept", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", range(4))
async def test_a_killed_process_leaves_nothing_that_is_not_put_right(
    application: Application, ada: User, tmp_path: Path, number: int
) -> None:
    path = padded(tmp_path, 4 * MEGABYTE)
    arguments = [application.config.data, application.config.database_url, str(ada.user_id), str(path)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _KEEP, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(2 + number):
        assert await process.stdout.readline()
    await asyncio.sleep(0.003 * number)
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    kept = number + 1 + rest.count(b"kept")
    for each in await files(application):
        age(application, each, GRACE_SECONDS + 60)
    ahead(application, GRACE_SECONDS + 60)
    before = await check(application, repair=False)
    assert before.missing == []  # what is listed has its file, even before anything is put right
    await check(application)
    left = await rows(application)
    assert {each.state for each in left} == {State.READY}
    assert len(left) in (kept, kept + 1)  # the last one may have been kept, and not told yet
    assert await files(application) == {each.file_key for each in left}
    assert await recordings.used(application.engine, SITE) == len(left) * path.stat().st_size
    assert await check(application) == Findings()
