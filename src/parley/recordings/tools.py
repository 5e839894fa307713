"""The programs that make one file out of what was recorded: Debian's packages ffmpeg and janus-tools.

What they read was sent by people's browsers, so they run with bounded memory and time, with little claim to the
processor, and end with the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog

#: Bytes of memory that one program may have.
_MEMORY: Final = 4_000_000_000
_SECONDS: Final = 20
#: Characters of what a program complained about that are kept.
_KEPT: Final = 2_000
_log = structlog.get_logger("parley.recordings")


class ToolError(Exception):
    """A program failed; the message is one line for the administrator."""


@lru_cache
def ffmpeg() -> str | None:
    """The program ffmpeg; None when it (or ffprobe) is not installed, which is said once."""
    found = shutil.which("ffmpeg")
    if found is None or shutil.which("ffprobe") is None:
        _log.warning("recording_not_offered", reason="ffmpeg is not installed (package ffmpeg)")
        return None
    return found


@lru_cache
def unpacker() -> str | None:
    """The program janus-pp-rec; None when it is not installed."""
    return shutil.which("janus-pp-rec")


@lru_cache
def makes_mp4() -> bool:
    """Whether this ffmpeg has the encoders of MP4 files that play everywhere (H.264 and AAC)."""
    encoders = _listed("-encoders")
    return {"libx264", "aac"} <= encoders


@lru_cache
def font() -> str | None:
    """A file with letters for the names under the pictures; None: names are left out."""
    if "drawtext" not in _listed("-filters"):
        return None
    finder = shutil.which("fc-match")
    if finder is None:
        return None
    found = _said([finder, "-f", "%{file}", "sans"]).strip()
    return found if found.endswith((".ttf", ".otf")) else None


def _listed(what: str) -> set[str]:
    program = ffmpeg()
    if program is None:
        return set()
    rows = (line.split() for line in _said([program, "-hide_banner", what]).splitlines())
    return {row[1] for row in rows if len(row) > 1}


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # programs of ours, no words of others
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


@lru_cache
def _tamed() -> tuple[str, ...]:
    """What stands before a command, so that it bears on nobody; as far as util-linux and coreutils are there."""
    found: list[str] = []
    if nice := shutil.which("nice"):
        found += [nice, "-n", "10"]
    if prlimit := shutil.which("prlimit"):
        found += [prlimit, f"--as={_MEMORY}", "--core=0"]
    if setpriv := shutil.which("setpriv"):
        found += [setpriv, "--pdeathsig", "KILL", "--"]
    return tuple(found)


async def run(command: Sequence[str], seconds: float, folder: Path) -> None:
    """Run a program in a folder until it is done.

    Raises:
        ToolError: it failed, or was not done in time.
    """
    process = await _begun(command, folder, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(seconds):
            complaint = await _tail(process)
            code = await process.wait()
    except TimeoutError:
        raise ToolError(f"{Path(command[0]).name} was not done in {seconds:.0f} seconds") from None
    finally:
        await _ended(process)
    if code != 0:
        raise ToolError(f"{Path(command[0]).name} ended with {code}: {complaint}")


async def lines(command: Sequence[str], seconds: float, folder: Path) -> AsyncIterator[str]:
    """What a program prints, line by line.

    Raises:
        ToolError: it was not done in time.
    """
    process = await _begun(command, folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
    assert process.stdout is not None  # noqa: S101  # it was asked for
    try:
        async with asyncio.timeout(seconds):
            async for line in process.stdout:
                yield line.decode("utf-8", "replace").rstrip("\n")
            await process.wait()
    except (TimeoutError, ValueError):  # ValueError: a line without end
        raise ToolError(f"{Path(command[0]).name} was not done in {seconds:.0f} seconds") from None
    finally:
        await _ended(process)


async def _begun(command: Sequence[str], folder: Path, **streams: int) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *_tamed(),
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            cwd=folder,
            **{"stderr": asyncio.subprocess.PIPE, **streams},  # type: ignore[arg-type]
        )
    except OSError as error:
        raise ToolError(f"{Path(command[0]).name} cannot be started: {error.strerror}") from None


async def _tail(process: asyncio.subprocess.Process) -> str:
    """The last of what a program complains about, as one line."""
    assert process.stderr is not None  # noqa: S101
    kept = b""
    while data := await process.stderr.read(65_536):
        kept = (kept + data)[-_KEPT:]
    return " ".join(kept.decode("utf-8", "replace").split())[-300:]


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
