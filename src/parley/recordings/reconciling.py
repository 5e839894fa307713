"""Bringing rows and files together again, and emptying the trash.

Whatever a process was doing when it ended: no file without a row stays longer than a day, and no row without a file is
listed. Every step can be done again, and by several processes at once: what another one did is a `Conflict`, and left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import structlog

from parley.domain.recording import (
    HISTORY_SECONDS,
    TRASH_SECONDS,
    Kind,
    Recording,
    State,
    deleted,
    found_again,
    missing,
)
from parley.recordings.keeping import NotKept, Parts, make_ready
from parley.recordings.storage import Stored, site_of
from parley.store import Changes, Conflict, recording_accesses, recordings, sites

#: What nobody finished is given up after this time.
GRACE_SECONDS: Final = 86_400
#: Files without a row stay so long; with the time between two looks, and one that failed, it is less than a day.
STRAY_SECONDS: Final = 43_200
#: Files asked for at a time.
_AT_ONCE: Final = 16
_BATCH: Final = 500
#: Nobody did it: the time ran out.
_NOBODY: Final = 0

_log = structlog.get_logger("parley.recordings")


class Findings(msgspec.Struct):
    """What was found, and put right where that was asked for.

    Attributes:
        orphans: keys of files that no recording speaks of, old enough to be removed.
        missing: numbers of recordings whose files are not there.
        returned: numbers of recordings that were missing and whose files are there again.
        unfinished: numbers of recordings that somebody began and never finished.
        expired: numbers of recordings whose time in the trash is over.
        removed: keys of files of recordings that were deleted for good.
    """

    orphans: list[str] = []
    missing: list[int] = []
    returned: list[int] = []
    unfinished: list[int] = []
    expired: list[int] = []
    removed: list[str] = []

    @property
    def clean(self) -> bool:
        """Whether nothing was amiss; what the trash and deletions leave behind is as it should be."""
        return not (self.orphans or self.missing or self.returned or self.unfinished)


async def empty_trash(parts: Parts, site_id: int, found: Findings | None = None, *, repair: bool = True) -> None:
    """Delete for good what lay in a site's trash long enough, and remove the files of all that was deleted for good.

    Args:
        found: takes up what was found.
        repair: False: only look.

    Raises:
        StorageUnavailable: the rest of the files is removed another time.
    """
    found = Findings() if found is None else found
    now = parts.clock.now()
    while batch := await recordings.trashed_before(parts.engine, site_id, now - TRASH_SECONDS):
        found.expired += [each.recording_id for each in batch]
        if not repair:
            break
        for each in batch:
            await _change(parts, each.plain(), deleted(each.plain(), _NOBODY, now))
    while batch := await recordings.to_remove(parts.engine, site_id):
        found.removed += [each.file_key for each in batch if each.file_key]
        if not repair:
            break
        for each in batch:
            await remove_file(parts, each.plain())


async def remove_file(parts: Parts, gone: Recording) -> None:
    """Remove the file of a recording that was deleted for good.

    Raises:
        StorageUnavailable: it is removed another time.
    """
    if gone.file_key is None:
        return
    await parts.storage.delete(gone.file_key)
    changes = Changes()
    recordings.file_removed(changes, gone)
    await _commit(parts, changes)


async def forget_history(parts: Parts, site_id: int) -> None:
    """Forget what was deleted for good so long ago that no history tells of it."""
    until = parts.clock.now() - HISTORY_SECONDS
    while batch := await recordings.to_forget(parts.engine, site_id, until):
        for each in batch:
            changes = Changes()
            recordings.forget(changes, each.plain())
            await _commit(parts, changes)
    changes = Changes()
    recording_accesses.forget(changes, site_id, until)
    await parts.engine.commit(changes)


async def check_site(parts: Parts, site_id: int, found: Findings, *, repair: bool = True) -> None:
    """Look whether every recording of a site has its file, and what became of those that were never finished.

    Raises:
        StorageUnavailable: nothing can be told of the rest.
    """
    now = parts.clock.now()
    for state in (State.READY, State.TRASHED):
        async for each in _by_file(parts, site_id, state, there=False):
            found.missing.append(each.recording_id)
            if repair:
                await _change(parts, each, missing(each, now))
    async for each in _by_file(parts, site_id, State.MISSING, there=True):
        found.returned.append(each.recording_id)
        if repair:
            await _change(parts, each, found_again(each, now))
    for state in (State.ARRIVING, State.WORKING):
        async for row in recordings.every(parts.engine, site_id, state, until=now - GRACE_SECONDS):
            if row.kind is Kind.SERVICE and state is State.ARRIVING:
                continue  # a meeting may last; what records it sees to the end itself
            found.unfinished.append(row.recording_id)
            if repair:
                await _end(parts, row.plain(), now)


async def check_files(parts: Parts, found: Findings, *, repair: bool = True) -> None:
    """Remove the files of all sites that no recording speaks of, once they are half a day old.

    Raises:
        StorageUnavailable: the rest is looked at another time.
    """
    until = parts.clock.now() - STRAY_SECONDS
    batch: list[Stored] = []
    async for each in parts.storage.files():
        if each.changed < until:
            batch.append(each)
        if len(batch) >= _BATCH:
            await _check_batch(parts, batch, found, repair)
            batch = []
    await _check_batch(parts, batch, found, repair)
    if repair:
        await parts.storage.tidy(until)


async def check(parts: Parts, *, repair: bool = True) -> Findings:
    """All of the above, of all sites.

    Args:
        repair: False: only look.

    Raises:
        StorageUnavailable: the store cannot be read.
    """
    found = Findings()
    for site in await sites.all_sites(parts.engine):
        await empty_trash(parts, site.site_id, found, repair=repair)
        await check_site(parts, site.site_id, found, repair=repair)
        if repair:
            await forget_history(parts, site.site_id)
    await check_files(parts, found, repair=repair)
    return found


async def _check_batch(parts: Parts, batch: list[Stored], found: Findings, repair: bool) -> None:
    by_site: dict[int, list[str]] = {}
    for each in batch:
        site_id = site_of(each.key)
        if site_id is not None:
            by_site.setdefault(site_id, []).append(each.key)
    for site_id, keys in by_site.items():
        known = await recordings.known_keys(parts.engine, site_id, keys)
        for key in keys:
            if key not in known:
                found.orphans.append(key)
                if repair:
                    await parts.storage.delete(key)


async def _by_file(parts: Parts, site_id: int, state: State, *, there: bool) -> AsyncIterator[Recording]:
    """Recordings in a state whose files are there, or are not there whole; a few are looked at side by side."""

    async def look(row: Recording) -> tuple[Recording, bool]:
        size = None if row.file_key is None else await parts.storage.size(row.file_key)
        return row, size == row.size

    async for rows in _grouped(parts, site_id, state):
        for row, found in await asyncio.gather(*map(look, rows)):
            if found is there:
                yield row


async def _grouped(parts: Parts, site_id: int, state: State) -> AsyncIterator[list[Recording]]:
    group: list[Recording] = []
    async for each in recordings.every(parts.engine, site_id, state):
        if each.file_key is None and each.details.address is not None:
            continue  # it lies elsewhere
        group.append(each.plain())
        if len(group) == _AT_ONCE:
            yield group
            group = []
    if group:
        yield group


async def _end(parts: Parts, row: Recording, now: int) -> None:
    """Bring to an end what somebody began: with its file if that is whole, else as a failure.

    A file that somebody brought along is with him still, so its row goes; of what was recorded here the row stays.
    """
    if row.file_key is not None and await parts.storage.size(row.file_key) == row.size:
        try:
            await make_ready(parts, row)
            return
        except (NotKept, Conflict) as error:
            _log.warning("recording_not_finished", recording=row.recording_id, reason=str(error))
            return
    if row.kind is Kind.UPLOADED:
        changes = Changes()
        recordings.forget(changes, row)
        await _commit(parts, changes)
    else:
        await _change(parts, row, msgspec.structs.replace(row, state=State.FAILED, file_key=None, modified_at=now))


async def _change(parts: Parts, before: Recording, after: Recording) -> None:
    changes = Changes()
    recordings.update(changes, before, after)
    await _commit(parts, changes)


async def _commit(parts: Parts, changes: Changes) -> None:
    """Keep a change, unless somebody was quicker."""
    try:
        await parts.engine.commit(changes)
    except Conflict:
        _log.debug("somebody else was quicker")
