"""What a file is, is told by its content."""

from __future__ import annotations

import shutil
import struct
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recordings import probing
from parley.recordings.probing import NotARecording, kind_of, probe
from parley.recordings.tools import ToolError
from tests.recordings.stores import CLIPS


@pytest.mark.parametrize(
    ("clip", "form", "media_type"),
    [("clip.mp4", "MP4", "video/mp4"), ("clip.webm", "MP4", "video/webm"), ("clip.wmv", "WMV", "video/x-ms-wmv")],
)
async def test_clips_are_known_by_their_content(tmp_path: Path, clip: str, form: str, media_type: str) -> None:
    path = tmp_path / "misleading.txt"
    path.write_bytes((CLIPS / clip).read_bytes())
    found = await probe(path)
    assert (found.format, found.media_type, found.suffix) == (form, media_type, clip.partition(".")[2])


@pytest.mark.parametrize("clip", ["clip.mp4", "clip.wmv"])
async def test_the_length_is_read_without_any_program(clip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert (await probe(CLIPS / clip)).duration == 6


@pytest.mark.parametrize(
    ("head", "form"), [(b"\x01\x00\x02\x00" + b"x" * 9, "ARF"), (b"\x01\x00\x39\x30", "ARF"), (b"WOTF....", "WRF")]
)
async def test_recordings_of_the_old_players(tmp_path: Path, head: bytes, form: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(head)
    found = await probe(path)
    assert (found.format, found.duration, found.media_type) == (form, 0, "application/octet-stream")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"MZ\x90\x00",
        b"<html><script>alert(1)</script>",
        b"\x00\x00\x00\x18ftypheic",
        b"\x00\x00\x00\x14ftypqt  ",
        bytes.fromhex("1a45dfa3") + b"\x00" * 20 + b"matroska",
        b"#EXTM3U\nhttp://169.254.169.254/",
        b"RIFF\x00\x00\x00\x00AVI ",
    ],
)
async def test_anything_else_is_refused(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(head)
    with pytest.raises(NotARecording) as told:
        await probe(path)
    assert "\n" not in str(told.value)


def box(name: bytes, content: bytes, *, large: bool = False) -> bytes:
    if large:
        return struct.pack(">I4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), name) + content


FTYP = box(b"ftyp", b"isom\0\0\0\0")


def header(version: int, scale: int, length: int) -> bytes:
    numbers = struct.pack(">QQIQ", 0, 0, scale, length) if version else struct.pack(">IIII", 0, 0, scale, length)
    return box(b"mvhd", bytes([version, 0, 0, 0]) + numbers)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("version", [0, 1])
async def test_where_an_mp4_says_how_long_it_is(tmp_path: Path, version: int, large: bool) -> None:
    path = tmp_path / "file"
    rest = box(b"mdat", b"x" * 1000, large=large) + box(b"moov", box(b"udta", b"") + header(version, 600, 36_000))
    path.write_bytes(FTYP + rest)
    assert (await probe(path)).duration == 60


@pytest.mark.parametrize(
    "rest",
    [
        b"\x00\x00\x00\x00moov",
        box(b"moov", header(0, 0, 100)),
        box(b"moov", header(0, 1, 2**32 - 1)),
        box(b"moov", header(1, 1, 2**63)),
        box(b"moov", box(b"mvhd", b"")),
        b"\x00\x00\x00\x03free" * 10,
        struct.pack(">I4sQ", 1, b"free", 2**64 - 1),
        box(b"free", b"") * 20_000,
    ],
)
async def test_a_broken_mp4_has_no_length(tmp_path: Path, rest: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    path = tmp_path / "file"
    path.write_bytes(FTYP + rest)
    assert (await probe(path)).duration == 0


@given(st.binary(max_size=300), st.sampled_from(["clip.mp4", "clip.wmv", "clip.webm"]), st.integers(0, 2000))
def test_no_bytes_do_any_harm(noise: bytes, clip: str, place: int) -> None:
    data = bytearray((CLIPS / clip).read_bytes()[:4096])
    data[place : place + len(noise)] = noise
    try:
        found = kind_of(bytes(data))
    except NotARecording:
        return
    assert found.format in ("MP4", "WMV", "ARF", "WRF")


async def test_the_program_that_looks_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[Sequence[str]] = []

    async def lines(command: Sequence[str], seconds: float, folder: Path) -> AsyncIterator[str]:
        commands.append(command)
        assert seconds <= 60
        yield "N/A"
        raise ToolError("it was not done in time")

    monkeypatch.setattr(probing, "lines", lines)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    path = tmp_path / "a.webm"
    path.write_bytes((CLIPS / "clip.webm").read_bytes())
    assert (await probe(path)).duration == 0
    assert [("-protocol_whitelist" in each, each[-1]) for each in commands] == [(True, f"file:{path}")] * 2
