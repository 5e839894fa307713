"""Where recordings lie: a probe is stored, read and taken away."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Final

from parley.checkup.findings import Area, Report, Setup, reason
from parley.config import ConfigError
from parley.recordings.storage import RESERVE_BYTES, StorageError, new_key, open_storage

_CONTENT: Final = b"parley doctor " * 100
#: Files of no site lie under this number.
_NO_SITE: Final = 0


async def probe(setup: Setup, report: Report) -> None:
    """Whether what is stored comes back, and goes."""
    where = setup.config.recordings or "recordings in the data folder"
    shown = where.partition("?")[0]
    if "://" not in where and not _is_there(setup):
        report.ok("probe", f"{shown}: not there yet, the first recording makes it")
        return
    try:
        storage = open_storage(setup.config)
    except ConfigError as error:
        report.fail("probe", reason(error), "see docs/administrators.md, Files of recordings")
        return
    key = new_key(_NO_SITE, "probe")
    with tempfile.TemporaryDirectory(prefix="parley-doctor-") as folder:
        file = Path(folder) / secrets.token_hex(8)
        file.write_bytes(_CONTENT)
        try:
            await storage.put(key, file)
            found = b"".join([part async for part in storage.read(key)])
            await storage.delete(key)
            left = await storage.size(key)
        except StorageError as error:
            report.fail("probe", f"{shown}: {reason(error)}", _mend(where))
            return
    if found != _CONTENT or left is not None:
        report.fail("probe", f"{shown}: what was stored does not come back as it was", "see the log of the store")
    else:
        report.ok("probe", f"{shown}: stored, read and taken away")


def room(setup: Setup, report: Report) -> None:
    """Whether a folder has room for files."""
    where = setup.config.recordings
    if where is None or "://" in where or not Path(where).exists():
        return
    free = shutil.disk_usage(where).free
    if free < 4 * RESERVE_BYTES:
        report.fail("room", f"{free / 1024**2:.0f} MiB are free in {where}", "make room, or use a bucket (recordings)")
    else:
        report.ok("room", f"{free / 1024**3:.1f} GiB are free in {where}")


def _is_there(setup: Setup) -> bool:
    return Path(setup.config.recordings or setup.config.data).exists()


def _mend(where: str) -> str:
    if "://" in where:
        return "check endpoint, bucket and region in the setting recordings, and the variables AWS_..."
    return "let the account of the server write there, and see whether the disk is full"


AREA: Final = Area("recordings", (probe, room))
