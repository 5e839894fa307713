"""Looking after the files of recordings, as work of a server: the trash once an hour, files without a recording every
four hours, everything once a day.

All processes on a database share this: whoever notices first that it is time takes the turn for all.
"""

from __future__ import annotations

import asyncio
import random
from typing import Final

import structlog

from parley.recordings.keeping import Parts
from parley.recordings.reconciling import Findings, check, check_files, empty_trash
from parley.recordings.storage import StorageError
from parley.recordings.uploads import tidy_uploads
from parley.seeing import figures
from parley.store import Changes, Conflict, Duplicate, StoreError, meta, sites

#: Between two looks whether it is time, give or take a part of it.
LOOK_SECONDS: Final = 300.0
_TRASH_SECONDS: Final = 3600
_STRAY_SECONDS: Final = 14_400
_CHECK_SECONDS: Final = 86_400

_log = structlog.get_logger("parley.recordings")


async def keep_tidy(parts: Parts, look_seconds: float = LOOK_SECONDS) -> None:
    """Do what is due, until it is cancelled."""
    while True:
        await asyncio.sleep(look_seconds * random.uniform(0.8, 1.2))
        await tidy(parts)


async def tidy(parts: Parts) -> None:
    """Do what is due now and no other process does. What goes wrong is logged, and tried again another time."""
    try:
        with figures.chore("recordings"):
            await _tidy(parts)
    except (StorageError, StoreError) as error:
        _log.warning("recordings_not_checked", reason=str(error))
    except Exception:  # whatever it is, the next look may go well
        _log.exception("recordings_not_checked")


async def _tidy(parts: Parts) -> None:
    await tidy_uploads(parts)  # they lie on this machine, so every machine sees to its own
    if await take_turn(parts, "recordings:trash", _TRASH_SECONDS):
        for site in await sites.all_sites(parts.engine):
            await empty_trash(parts, site.site_id)
    if await take_turn(parts, "recordings:check", _CHECK_SECONDS):
        _tell(await check(parts))
    elif await take_turn(parts, "recordings:strays", _STRAY_SECONDS):
        found = Findings()
        await check_files(parts, found)
        _tell(found)


def _tell(found: Findings) -> None:
    if not found.clean:
        _log.warning(
            "recordings_put_right",
            orphans=len(found.orphans),
            missing=found.missing[:20],
            returned=found.returned[:20],
            unfinished=found.unfinished[:20],
        )


async def take_turn(parts: Parts, name: str, seconds: int) -> bool:
    """Whether so many seconds have passed since anybody took this turn; if so it is the caller's now."""
    now = parts.clock.now()
    last = await meta.get(parts.engine, name)
    changes = Changes()
    if last is None:
        meta.add(changes, name, str(now))
    elif 0 <= now - int(last) < seconds:
        return False
    else:
        meta.swap(changes, name, last, str(now))
    try:
        await parts.engine.commit(changes)
    except (Conflict, Duplicate):
        return False
    return True
