"""The machine: the data folder and its disk, limits of the system, programs that the settings need, the clock."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import resource
import secrets
import shutil
from pathlib import Path
from typing import Final

from parley.checkup.findings import Area, Report, Setup, reason
from parley.store.engines import postgres_dsn, sqlite_path

_LITTLE: Final = 5 * 1024**3
_TOO_LITTLE: Final = 512 * 1024**2
_FEW_FILES: Final = 4_096
_WANTED_FILES: Final = 20_000
_FEW_INODES: Final = 10_000
#: What adjtimex answers where nothing keeps the clock right.
_UNSYNCHRONIZED: Final = 5


def data_folder(setup: Setup, report: Report) -> None:
    """Whether the data folder is there and can be written."""
    folder = Path(setup.config.data).absolute()
    if not folder.exists():
        if os.access(_existing(folder), os.W_OK):
            report.warn("data folder", f"{folder} is not there yet", "`parley serve` makes it")
        else:
            report.fail(
                "data folder", f"{folder} is not there, and cannot be made", f"make it: install -d -m 700 {folder}"
            )
        return
    if not folder.is_dir():
        report.fail("data folder", f"{folder} is no folder", "name another one (data)")
        return
    probe = folder / f".probe-{secrets.token_hex(6)}"
    try:
        probe.write_bytes(b"probe")
        probe.unlink()
    except OSError as error:
        owner = folder.stat().st_uid
        mend = f"let the account of the server own it (it belongs to number {owner}, this is {os.geteuid()})"
        if error.errno == 28:  # ENOSPC
            mend = "make room on its disk"
        report.fail("data folder", f"{folder} cannot be written: {reason(error)}", mend)
        return
    report.ok("data folder", f"{folder} can be written")


def disk(setup: Setup, report: Report) -> None:
    """Whether there is room, where the data folder is and where the database file is, if that is on another disk."""
    data = _existing(Path(setup.config.data))
    _room_in(report, "disk", data, "make room, or move the data folder: writes fail when the disk is full")
    if postgres_dsn(setup.config.database_url) is None:
        file = _existing(sqlite_path(setup.config.database_url))
        if file.stat().st_dev != data.stat().st_dev:
            _room_in(report, "disk of the database", file, "make room: writes fail when the disk is full")


def _existing(path: Path) -> Path:
    """A path, or the first folder above it that is there."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _room_in(report: Report, name: str, place: Path, mend: str) -> None:
    usage = shutil.disk_usage(place)
    told = f"{usage.free / 1024**3:.1f} GiB of {usage.total / 1024**3:.1f} GiB are free"
    if usage.free < _TOO_LITTLE:
        report.fail(name, told, mend)
    elif usage.free < _LITTLE:
        report.warn(name, told, "make room before it is full; recordings need most")
    else:
        report.ok(name, told)
    found = os.statvfs(place)
    if found.f_files and found.f_favail < _FEW_INODES:
        report.warn(name, f"{found.f_favail} more files fit", "take away small files, or make the file system anew")


def open_files(setup: Setup, report: Report) -> None:
    """Whether the server may have as many connections as it takes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    shown = "any number of" if hard == resource.RLIM_INFINITY else f"{hard:,}"
    told = f"a process of this account may open {shown} files"
    if hard != resource.RLIM_INFINITY and hard < _FEW_FILES:
        report.fail("open files", told, f"LimitNOFILE={_WANTED_FILES} in the service, or ulimit -Hn {_WANTED_FILES}")
    elif hard != resource.RLIM_INFINITY and hard < _WANTED_FILES:
        report.warn("open files", told, f"allow {_WANTED_FILES:,} for 10,000 connections (LimitNOFILE in the service)")
    else:
        report.ok("open files", told)


def programs(setup: Setup, report: Report) -> None:
    """Whether programs are there that the settings need."""
    config = setup.config
    if shutil.which("ffmpeg") and shutil.which("ffprobe"):
        report.ok("ffmpeg", str(shutil.which("ffmpeg")))
    else:
        report.warn(
            "ffmpeg", "not installed, so rooms cannot be recorded", "install the package ffmpeg, if they are to be"
        )
    if config.janus == "start":
        missing = [name for name in ("janus", "setpriv") if shutil.which(name) is None]
        if missing:
            report.fail("janus", f"{' and '.join(missing)} not installed", "install the packages janus and util-linux")
        else:
            report.ok("janus", str(shutil.which("janus")))
    elif config.janus and config.janus != "off":
        report.ok("janus", "runs elsewhere")
    if config.janus not in (None, "off") and shutil.which("janus-pp-rec") is None:
        report.warn(
            "janus-pp-rec",
            "not installed, so rooms on Janus cannot be recorded",
            "install the package janus-tools, if they are to be",
        )


def clock(setup: Setup, report: Report) -> None:
    """Whether something keeps the clock right; the system says so."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        state = library.adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return  # no Linux; the clocks of the database and the front are compared besides
    if state == _UNSYNCHRONIZED:
        report.warn(
            "clock",
            "the system says that nothing keeps its clock right",
            "run chrony or systemd-timesyncd; in a container the host does",
        )
    elif state >= 0:
        report.ok("clock", "kept right, as the system says")


AREA: Final = Area("machine", (data_folder, disk, open_files, programs, clock))
