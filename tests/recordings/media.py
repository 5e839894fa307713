"""Pictures and sounds for tests, made by ffmpeg: as browsers send them, and as Janus writes them down."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pytest

from parley.recordings.mjr import Recorded, note_people
from tests.browsers import in_ci

#: Marks a test that needs ffmpeg; tests/conftest.py leaves it out where there is none.
needs_ffmpeg: Final = pytest.mark.ffmpeg


def left_out() -> bool:
    """Whether these tests are left out."""
    return (shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None) and not in_ci()


def ffmpeg(*arguments: str) -> bytes:
    """Run ffmpeg; what it writes to its output."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


@lru_cache
def sent_by_browser(seconds: float, colour: str = "blue", kind: str = "webm", tone: int = 440) -> bytes:
    """A recording as a browser's recorder writes it, without length and index."""
    picture = ["-f", "lavfi", "-i", f"color=c={colour}:s=640x360:r=15:d={seconds}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency={tone}:r=48000:d={seconds}"]
    if kind == "webm":
        how = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-f", "webm"]
    else:
        how = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-c:a", "aac"]
        how += ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4"]
    return ffmpeg(*picture, *sound, *how, "pipe:1")


def cut(data: bytes, count: int) -> list[bytes]:
    """The same in pieces."""
    size = -(-len(data) // count)
    return [data[start : start + size] for start in range(0, len(data), size)]


# ---- files of Janus --------------------------------------------------------------------------------------------------


def write_mjr(
    folder: Path,
    feed: int,
    kind: str,
    begun_ms: int,
    spans: Sequence[tuple[float, float]],
    *,
    colour: str = "red",
    tone: int = 330,
) -> Path:
    """A stream of one person as Janus writes it.

    Args:
        kind: mic, camera or screen.
        begun_ms: UTC epoch milliseconds of its first packet.
        spans: seconds since then from when to when something came; in between there is a gap.
    """
    length = max(end for _, end in spans)
    if kind == "mic":
        packets, rate, codec, payload, step = _opus(length, tone), 48_000, "opus", 111, 0.02
    else:
        size = "1280x720" if kind == "screen" else "640x480"
        packets, rate, codec, payload, step = _vp8(length, colour, size), 90_000, "vp8", 96, 1 / 15
    number = {"mic": 0, "camera": 1, "screen": 2}[kind]
    medium = "audio" if kind == "mic" else "video"
    path = folder / f"videoroom-1234-user-{feed}-{begun_ms * 1000}-{medium}-{number}.mjr"
    header: dict[str, Any] = {"t": medium[0], "c": codec, "d": kind, "s": begun_ms * 1000, "u": begun_ms * 1000}
    text = json.dumps(header).encode()
    sequence = 100
    with path.open("wb") as file:
        file.write(b"MJR00002" + struct.pack(">H", len(text)) + text)
        for index, frame in enumerate(packets):
            at = index * step
            if not any(start <= at < end for start, end in spans):
                continue
            pieces = [frame] if kind == "mic" else _payloads(frame)
            for place, piece in enumerate(pieces):
                last = place == len(pieces) - 1
                mark = 0x80 if last and kind != "mic" else 0
                head = struct.pack(">BBHII", 0x80, mark | payload, sequence & 0xFFFF, round(at * rate) + 1000, feed)
                packet = head + piece
                file.write(b"MEET" + struct.pack(">IH", round(at * 1000), len(packet)) + packet)
                sequence += 1
    return path


def note_feeds(folder: Path, names: dict[int, str]) -> None:
    """Note beside the files whose they are; `names`: by feed, which is the member too."""
    note_people(folder, [Recorded(feed=feed, member=feed, stay_id=feed, name=name) for feed, name in names.items()])


def _vp8(seconds: float, colour: str, size: str) -> list[bytes]:
    """The frames of a picture; every one can be read without the others, so that any of them may be missing."""
    source = f"color=c={colour}:s={size}:r=15:d={seconds}"
    data = ffmpeg(
        "-f", "lavfi", "-i", source, "-c:v", "libvpx", "-g", "1", "-deadline", "realtime", "-f", "ivf", "pipe:1"
    )
    frames, place = [], 32
    while place < len(data):
        (length,) = struct.unpack_from("<I", data, place)
        frames.append(data[place + 12 : place + 12 + length])
        place += 12 + length
    return frames


def _payloads(frame: bytes) -> list[bytes]:
    return [bytes([0x10 if start == 0 else 0]) + frame[start : start + 1100] for start in range(0, len(frame), 1100)]


def _opus(seconds: float, tone: int) -> list[bytes]:
    """The packets of a sound, 20 milliseconds each."""
    source = f"sine=frequency={tone}:r=48000:d={seconds}"
    data = ffmpeg("-f", "lavfi", "-i", source, "-c:a", "libopus", "-f", "ogg", "-page_duration", "1", "pipe:1")
    packets, place, open_packet = [], 0, b""
    while place < len(data):
        count = data[place + 26]
        sizes = data[place + 27 : place + 27 + count]
        place += 27 + count
        for size in sizes:
            open_packet += data[place : place + size]
            place += size
            if size < 255:
                packets.append(open_packet)
                open_packet = b""
    return packets[2:]  # the first two say what it is


# ---- looking at what was made --------------------------------------------------------------------------------------


def probed(path: Path) -> dict[str, dict[str, Any]]:
    """The streams of a file by kind, and `format`."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {"format": found["format"], **{each["codec_type"]: each for each in found["streams"]}}


def seconds_of(path: Path) -> float:
    """How long a file plays."""
    return float(probed(path)["format"]["duration"])


def colour_at(path: Path, second: float, x: int, y: int) -> tuple[int, int, int]:
    """Red, green and blue of one place of the picture, each 0 to 255."""
    crop = f"crop=8:8:{x}:{y},scale=1:1"
    data = ffmpeg(
        "-ss",
        f"{second}",
        "-i",
        str(path),
        "-frames:v",
        "1",
        "-vf",
        crop,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "pipe:1",
    )
    return data[0], data[1], data[2]


def loudness(path: Path, start: float, seconds: float) -> float:
    """Mean loudness of a while, in dB."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-ss", f"{start}", "-t", f"{seconds}", "-i", str(path)]
    said = subprocess.run([*command, "-af", "volumedetect", "-f", "null", "-"], check=True, capture_output=True)
    return next(float(line.split()[-2]) for line in said.stderr.decode().splitlines() if "mean_volume" in line)
