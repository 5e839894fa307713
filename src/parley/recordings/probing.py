"""What a file really is, and how long it plays: told by its content, whatever its name says.

The formats are those that the API knows (facts/general-session.md 9), and WebM, which browsers record. The length of
ours is read here; ffprobe, where it is installed, is asked for what this does not tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from parley.recordings.tools import ToolError, lines

#: Bytes that are looked at for a signature.
_HEAD: Final = 4096
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_EBML: Final = bytes.fromhex("1a45dfa3")
#: First bytes of ARF files, as collections of signatures have them.
_ARF: Final = (bytes.fromhex("01000200"), bytes.fromhex("01003930"))
_WRF: Final = b"WOTF"
#: Brands of ISO files that are no videos: pictures, and the QuickTime that browsers do not play.
_NOT_VIDEO: Final = (b"qt  ", b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jp2 ")
#: A file whose boxes or elements are more than these is not read further.
_MOST_BOXES: Final = 10_000
_PROBE_SECONDS: Final = 60.0
#: Longest time that anything is believed to play, in seconds.
_LONGEST: Final = 7 * 86_400


class NotARecording(Exception):
    """A file is none of the formats; the message is one line for people."""


class Probed(NamedTuple):
    """What a file is.

    Attributes:
        format: as the API names it: MP4, WMV, ARF or WRF. WebM has no name there and is told as MP4.
        media_type: for browsers.
        suffix: ending of its name, without dot.
        duration: whole seconds; 0: not known.
    """

    format: str
    media_type: str
    suffix: str
    duration: int = 0


_MP4: Final = Probed("MP4", "video/mp4", "mp4")
_WEBM: Final = Probed("MP4", "video/webm", "webm")
_WMV: Final = Probed("WMV", "video/x-ms-wmv", "wmv")
_PLAYED_ELSEWHERE: Final = "application/octet-stream"
#: ffprobe's name for the container, so that it takes the file for nothing else.
_CONTAINERS: Final = {"mp4": "mov", "webm": "matroska", "wmv": "asf"}


async def probe(path: Path) -> Probed:
    """Look at a file.

    Raises:
        NotARecording: it is none of the formats.
        OSError: it cannot be read.
    """
    found, seconds = await asyncio.to_thread(_looked_at, path)
    if seconds is None and found.suffix in _CONTAINERS:
        seconds = await _asked(path, found)
    known = seconds is not None and 0 < seconds <= _LONGEST
    return found._replace(duration=max(round(seconds), 1) if known and seconds is not None else 0)


def _looked_at(path: Path) -> tuple[Probed, float | None]:
    """What a file is, and the seconds it plays where it says so itself."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        found = kind_of(file.read(_HEAD))
        with contextlib.suppress(struct.error, ValueError, ZeroDivisionError):  # a broken file has no length
            if found.suffix == "mp4":
                return found, _mp4_seconds(file, size)
            if found.suffix == "wmv":
                return found, _asf_seconds(file, size)
    return found, None


def kind_of(head: bytes) -> Probed:
    """What a file is by its first 4096 bytes, or all of a smaller one.

    Raises:
        NotARecording: none of the formats.
    """
    if not head:
        raise NotARecording("the file is empty")
    if head[4:8] == b"ftyp":
        if head[8:12] not in _NOT_VIDEO:
            return _MP4
        raise NotARecording("the file is of another kind than MP4, although it looks similar (QuickTime, or a picture)")
    if head.startswith(_EBML):
        if b"webm" in head[:128]:
            return _WEBM
        raise NotARecording("the file is Matroska, which browsers do not play; WebM and MP4 they do")
    if head.startswith(_ASF):
        return _WMV
    if head.startswith(_ARF):
        return Probed("ARF", _PLAYED_ELSEWHERE, "arf")
    if head.startswith(_WRF):
        return Probed("WRF", _PLAYED_ELSEWHERE, "wrf")
    raise NotARecording("the file is no recording: MP4, WebM, WMV, ARF and WRF are taken")


# ---- MP4: boxes, each with its size and a name of four letters ------------------------------------------------------


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of the content of each box in a part of a file."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        file.seek(start)
        size, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            head = 16
        elif size == 0:
            size = end - start
        if size < head:
            raise ValueError("a box is smaller than its head")
        yield name, start + head, min(start + size, end)
        start += size


def _mp4_seconds(file: BinaryIO, size: int) -> float | None:
    """The length in the movie header; None when it is not there, as in files that were written as they came."""
    for name, start, end in _boxes(file, 0, size):
        if name == b"moov":
            for inner, begin, _ in _boxes(file, start, end):
                if inner == b"mvhd":
                    return _movie_header(file, begin)
    return None


def _movie_header(file: BinaryIO, begin: int) -> float | None:
    file.seek(begin)
    version = file.read(4)[:1]
    if version == b"\x01":
        _, _, scale, length = struct.unpack(">QQIQ", file.read(28))
    else:
        _, _, scale, length = struct.unpack(">IIII", file.read(16))
    unknown = length in (0, 2**32 - 1, 2**64 - 1)
    return None if unknown else length / scale


# ---- WMV: objects, each with an identifier and its size -------------------------------------------------------------


def _asf_seconds(file: BinaryIO, size: int) -> float | None:
    """The play time in the file properties, without the time that players buffer."""
    file.seek(16)
    head_size, count, _ = struct.unpack("<QIH", file.read(14))
    place, end = 30, min(head_size, size)
    for _ in range(min(count, _MOST_BOXES)):
        if place + 24 > end:
            return None
        file.seek(place)
        name, (length,) = file.read(16), struct.unpack("<Q", file.read(8))
        if name == _ASF_PROPERTIES:
            file.seek(place + 64)
            play, _, preroll = struct.unpack("<QQQ", file.read(24))
            return max(play / 10_000_000 - preroll / 1000, 0) or None
        if length < 24:
            return None
        place += length
    return None


# ---- ffprobe --------------------------------------------------------------------------------------------------------


async def _asked(path: Path, found: Probed) -> float | None:
    """The length as ffprobe finds it; None when it is not installed or does not know.

    What was recorded as it came does not say how long it is: then the last picture or sound is looked for.
    """
    program = shutil.which("ffprobe")
    if program is None:
        return None
    # Nothing but the file is opened, whatever the file says.
    safely = [program, "-v", "error", "-protocol_whitelist", "file", "-f", _CONTAINERS[found.suffix], "-of", "csv=p=0"]
    for question in (["format=duration"], ["packet=pts_time", "-read_intervals", "9999999%"]):
        seconds = await _largest_number([*safely, "-show_entries", *question, "--", f"file:{path}"], path.parent)
        if seconds is not None:
            return seconds
    return None


async def _largest_number(command: list[str], folder: Path) -> float | None:
    """The largest number that a program prints, one a line; None when it prints none in time."""
    found: float | None = None
    try:
        async for line in lines(command, _PROBE_SECONDS, folder):
            text = line.strip().rstrip(",")
            if _is_number(text):
                found = max(found or 0.0, float(text))
    except ToolError:
        return None
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit()
