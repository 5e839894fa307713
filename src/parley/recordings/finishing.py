"""Recordings that have ended, or that nobody goes on with, become files that people can look at.

Every server looks for them below its data folder; a folder is worked on by one process at a time, whatever happens to
the others. A recording is in its folder until its row is ready, so whatever is broken off begins anew, and what cannot
be finished is kept, with the reason, for `parley recording finish`.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import Final

import msgspec
import structlog

from parley.config import Config
from parley.domain import identifiers
from parley.domain.recording import Chapter, Details, Kind, Recording, State, document_of
from parley.domain.site import Site
from parley.recordings import keeping
from parley.recordings.arriving import LATE, SILENCE, About, Arriving, all_arriving
from parley.recordings.assembling import CannotAssemble, NothingRecorded, assemble
from parley.recordings.keeping import NotKept, Parts
from parley.recordings.probing import NotARecording
from parley.recordings.storage import RESERVE_BYTES, StorageError, arriving_folder, private_folder
from parley.seeing import figures
from parley.store import Changes, Conflict, StoreError, recordings, users

#: Tries that are made by themselves, and seconds until the second one; each further one waits twice as long.
MOST_TRIES: Final = 8
_WAIT: Final = 30
#: A recording is not begun with less room than that for its owner; on the disk it is `RESERVE_BYTES`.
LEAST_QUOTA: Final = 16 * 1024 * 1024
_log = structlog.get_logger("parley.recordings")


async def keep_finishing(parts: Parts, seconds: float) -> None:
    """Finish what there is every so many seconds, one after the other, until it is cancelled."""
    while True:
        await asyncio.sleep(seconds)
        try:
            with figures.chore("finishing"):
                await finish_all(parts)
        except Exception:  # whatever it is, the next look may go well
            _log.exception("recordings_not_finished")


async def finish_all(parts: Parts, *, again: bool = False) -> list[tuple[About, str | None]]:
    """Finish every recording that is over and not worked on by others; tells which, and why one could not be.

    Args:
        again: those too that were given up, and that would be tried later.
    """
    done = []
    root = arriving_folder(parts.config)
    for folder in await asyncio.to_thread(all_arriving, root):
        about = await asyncio.to_thread(folder.about)
        if about is None or not await asyncio.to_thread(_is_over, folder, about, parts.clock.now_ms()):
            continue
        if not again and not _is_due(about, parts.clock.now()):
            continue
        with folder.claimed() as mine:
            if mine:
                done.append((about, await _finish(parts, folder)))
    return done


def _is_over(folder: Arriving, about: About, now_ms: int) -> bool:
    if about.ended_at is None:
        return folder.silence() > SILENCE
    sent = [part.ended_at or about.ended_at for part in about.parts if part.by == "browser"]
    return not sent or folder.finished or now_ms - max(sent) > (LATE + 5) * 1000


def _is_due(about: About, now: int) -> bool:
    if about.tries >= MOST_TRIES:
        return False
    return not about.tries or now - about.tried_at >= _WAIT * 2 ** (about.tries - 1)


async def _finish(parts: Parts, folder: Arriving) -> str | None:
    """Finish one recording, whose folder is ours; None, or why it could not be."""
    about = folder.about()
    if about is None:
        return None
    log = _log.bind(site_id=about.site_id, recording_id=about.recording_id)
    begun = time.monotonic()
    try:
        row = await _working(parts, about)
        if row is None:  # finished before, by somebody who could not say so any more
            await asyncio.to_thread(folder.remove)
            return None
        ready = await _made(parts, folder, about, row)
    except NothingRecorded:
        await _forget(parts, about)
        await asyncio.to_thread(folder.remove)
        log.info("recording_empty")
        return None
    except (CannotAssemble, NotKept, NotARecording, StorageError, StoreError, Conflict, OSError) as error:
        note = str(error) or type(error).__name__
        await _failed(parts, folder, about, note)
        return note
    await asyncio.to_thread(folder.remove)
    log.info("recording_ready", seconds=round(time.monotonic() - begun, 1), duration=ready.duration, size=ready.size)
    return None


async def _made(parts: Parts, folder: Arriving, about: About, row: Recording) -> Recording:
    scratch = folder.folder / "scratch"
    await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
    await asyncio.to_thread(scratch.mkdir)
    path = await assemble(folder, about, scratch)
    return await keeping.finish(parts, row, path)


async def _working(parts: Parts, about: About) -> Recording | None:
    """The row, noted as worked on; None when there is nothing to do any more.

    Raises:
        CannotAssemble: there is nobody in this database that it belongs to.
    """
    found = await recordings.by_id(parts.engine, about.site_id, about.recording_id)
    changes = Changes()
    if found is None:
        if await users.by_id(parts.engine, about.site_id, about.owner_id) is None:
            raise CannotAssemble("there is no account in this database that it belongs to")
        password = await keeping.drawn_password(parts, about.site_id)
        working = msgspec.structs.replace(row_of(about), state=State.WORKING, password=password)
        recordings.add(changes, working)
    elif found.state in (State.ARRIVING, State.WORKING, State.FAILED):
        before = found.plain()
        # What lies under a key of an earlier try has no row then, and is removed by who looks for such files.
        after = msgspec.structs.replace(
            before,
            state=State.WORKING,
            file_key=None,
            password=before.password or await keeping.drawn_password(parts, about.site_id),
            document=_document(about),
            modified_at=parts.clock.now(),
        )
        working = recordings.update(changes, before, after)
    else:
        return None
    await parts.engine.commit(changes)
    return working


async def _failed(parts: Parts, folder: Arriving, about: About, note: str) -> None:
    tries = about.tries + 1
    _log.error(
        "recording_not_finished",
        site_id=about.site_id,
        recording_id=about.recording_id,
        reason=note,
        tries=tries,
        kept=str(folder.folder),
    )
    try:
        noted = msgspec.structs.replace(about, tries=tries, tried_at=parts.clock.now(), note=note[:500])
        await asyncio.to_thread(folder.write, noted)
        await asyncio.to_thread(shutil.rmtree, folder.folder / "scratch", ignore_errors=True)
        row = await recordings.by_id(parts.engine, about.site_id, about.recording_id)
        if row is not None and row.state is State.WORKING:
            changes = Changes()
            before = row.plain()
            recordings.update(
                changes, before, msgspec.structs.replace(before, state=State.FAILED, modified_at=parts.clock.now())
            )
            await parts.engine.commit(changes)
    except (OSError, StoreError, Conflict) as error:
        _log.warning("failure_not_noted", recording_id=about.recording_id, reason=str(error))


async def _forget(parts: Parts, about: About) -> None:
    """Take away the row of a recording that nothing arrived of."""
    row = await recordings.by_id(parts.engine, about.site_id, about.recording_id)
    if row is None or row.state not in (State.ARRIVING, State.WORKING, State.FAILED):
        return
    changes = Changes()
    recordings.forget(changes, row.plain())
    await parts.engine.commit(changes)


def row_of(about: About) -> Recording:
    """The row of a recording that is being made; no list shows it."""
    return Recording(
        site_id=about.site_id,
        recording_id=about.recording_id,
        owner_id=about.owner_id,
        creator_id=about.creator_id,
        state=State.ARRIVING,
        kind=Kind.SERVICE,
        service=about.service,
        name=about.name,
        name_key=about.name.casefold(),
        created_at=about.started_at // 1000,
        time_zone_id=about.time_zone_id,
        stream_rcid=identifiers.new_rcid(),
        file_rcid=identifiers.new_rcid(),
        session_key=about.session_key,
        conf_id=about.conf_id,
        duration=about.recorded // 1000,
        modified_at=about.started_at // 1000,
        document=_document(about),
    )


def _document(about: About) -> str:
    return document_of(
        Details(
            author=about.recorded_by,
            email=about.host_email,
            tracking_codes=about.tracking_codes,
            chapters=tuple(Chapter(mark.at // 1000, mark.name) for mark in about.marks),
        )
    )


async def has_room(parts: Parts, site: Site, owner_id: int) -> bool:
    """Whether a recording can be begun: there is room on the disk, and for its owner."""
    if not await asyncio.to_thread(_disk_has_room, parts.config):
        return False
    try:
        await keeping.check_room(parts, site.site_id, owner_id, LEAST_QUOTA)
    except NotKept:
        return False
    return True


def _disk_has_room(config: Config) -> bool:
    root = arriving_folder(config)
    try:
        private_folder(root)
        return shutil.disk_usage(root).free >= RESERVE_BYTES
    except OSError:
        return False
