"""The sound of a recording as a WAV file, made when it is asked for.

ffmpeg reads the file as what it was taken in as, and nothing else; what it writes has no name any more when the answer
begins, so it is gone with the answer however that ends.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from parley.domain.recording import HostedRecording
from parley.recordings import tools
from parley.recordings.storage import StorageError, arriving_folder, private_folder
from parley.recordings.tools import ToolError
from parley.web.nbr import faults
from parley.web.nbr.multipart import OpenFile

if TYPE_CHECKING:
    from parley.services.application import Application

#: What ffmpeg calls the formats that it can read, by the ending of the file.
_READERS: Final = {"mp4": "mov", "webm": "matroska", "wmv": "asf"}
_SECONDS: Final = 900.0
#: Seconds of sound that are made at most: a file can claim any length, and the disk is everybody's.
_LONGEST: Final = "86400"
#: Sounds made side by side in this process; others wait.
_AT_ONCE: Final = 2
_LEFT_BEHIND_SECONDS: Final = 3600
_NAME: Final = "sound.wav"

_turns = asyncio.Semaphore(_AT_ONCE)


async def sound_of(application: Application, row: HostedRecording) -> OpenFile:
    """The sound of a recording: one channel, 16 bits, 16,000 samples a second.

    Raises:
        NbrFault: it has none, or nothing here can read it.
        StorageError: the file is not there, or there is no room for the sound.
    """
    program = tools.ffmpeg()
    reader = _READERS.get((row.file_key or "").rpartition(".")[2])
    if program is None:
        raise faults.no_sound("the server has no program for it")
    if reader is None or row.file_key is None:
        raise faults.no_sound(f"it cannot be taken from a file of the format {row.format}")
    async with _turns:
        folder = await asyncio.to_thread(_new_folder, arriving_folder(application.config))
        try:
            async with application.storage.local_copy(row.file_key) as path:
                command = [program, "-hide_banner", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file"]
                command += ["-f", reader, "-i", str(path), "-vn", "-sn", "-dn", "-map", "0:a:0"]
                command += ["-t", _LONGEST, "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-f", "wav", _NAME]
                await tools.run(command, _SECONDS, folder)
            return OpenFile(await asyncio.to_thread(os.open, folder / _NAME, os.O_RDONLY | os.O_CLOEXEC))
        except (ToolError, OSError):
            raise faults.no_sound("the recording has none that could be read") from None
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _new_folder(arriving: Path) -> Path:
    """A folder to work in; what the end of a process left behind is removed by the next one that works."""
    try:
        private_folder(arriving)
        for old in arriving.glob("sound-*"):
            if time.time() - old.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        folder = arriving / f"sound-{secrets.token_hex(16)}"
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StorageError(f"the folder of recordings: {error.strerror or error}") from None
    return folder
