"""Pieces of browsers become one file that plays: right in length, seen and heard."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from parley.recordings import assembling, tools
from parley.recordings.arriving import Arriving, Part
from parley.recordings.assembling import CannotAssemble, NothingRecorded, assemble
from tests.recordings.media import (
    colour_at,
    cut,
    loudness,
    needs_ffmpeg,
    note_feeds,
    probed,
    seconds_of,
    sent_by_browser,
    write_mjr,
)
from tests.recordings.test_arriving import about, begun

pytestmark = [pytest.mark.anyio, needs_ffmpeg]


def sent(root: Path, *parts: Sequence[bytes]) -> Arriving:
    folder = begun(root, parts=tuple(Part("browser", 1_000) for _ in parts))
    for part, pieces in enumerate(parts):
        for number, piece in enumerate(pieces):
            folder.put(part, number, piece)
    return folder


async def made(folder: Arriving) -> Path:
    facts = folder.about()
    assert facts is not None
    scratch = folder.folder / "scratch"
    scratch.mkdir()
    return await assemble(folder, facts, scratch)


@pytest.mark.parametrize("kind", ["webm", "mp4"])
async def test_one_part(tmp_path: Path, kind: str) -> None:
    path = await made(sent(tmp_path, cut(sent_by_browser(3, "blue", kind), 9)))
    found = probed(path)
    assert path.suffix == ".mp4"
    assert (found["video"]["codec_name"], found["audio"]["codec_name"]) == ("h264", "aac")
    assert (found["video"]["width"], found["video"]["height"]) == (1280, 720)
    assert abs(seconds_of(path) - 3) < 0.3
    red, green, blue = colour_at(path, 1.5, 640, 360)
    assert blue > 180
    assert max(red, green) < 90
    assert loudness(path, 0.5, 2) > -40
    assert not (tmp_path / "scratch").exists()


async def test_what_was_broken_off_plays_as_far_as_it_came(tmp_path: Path) -> None:
    pieces = cut(sent_by_browser(4), 16)
    path = await made(sent(tmp_path, [*pieces[:11], pieces[11][: len(pieces[11]) // 2]]))
    assert 2.0 < seconds_of(path) < 3.5
    assert {"video", "audio"} <= set(probed(path))


async def test_a_part_plays_no_longer_than_it_went_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces can claim that their last picture came a year after the one before it."""
    data = sent_by_browser(6, "blue", "webm")
    folder = begun(tmp_path, parts=(Part("browser", 1_000, 3_000),), ended_at=3_000)
    folder.put(0, 0, data)
    for path in folder.folder.glob("*.piece"):
        os.utime(path, (3, 3))
    monkeypatch.setattr(assembling, "_SLACK", 500)
    assert abs(seconds_of(await made(folder)) - 2.5) < 0.3


async def test_parts_follow_each_other(tmp_path: Path) -> None:
    path = await made(
        sent(
            tmp_path,
            cut(sent_by_browser(2, "red"), 4),
            [],
            cut(sent_by_browser(2, "lime", "mp4"), 3),
            [b"nothing at all"],
        )
    )
    assert abs(seconds_of(path) - 4) < 0.4
    assert colour_at(path, 1, 640, 360)[0] > 180
    assert colour_at(path, 3, 640, 360)[1] > 180


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        bytes.fromhex("1a45dfa3") + bytes(4_000),
        b"\x00\x00\x00\x18ftypisom" + bytes(4_000),
    ],
)
async def test_what_is_no_recording(tmp_path: Path, data: bytes) -> None:
    folder = sent(tmp_path, [data] if data else [])
    with pytest.raises((NothingRecorded, CannotAssemble)) as refused:
        await made(folder)
    assert "passwd" not in str(refused.value)


async def test_without_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "ffmpeg", lambda: None)
    with pytest.raises(CannotAssemble, match="ffmpeg is not installed"):
        await made(sent(tmp_path, [sent_by_browser(1)]))


async def test_without_the_encoders_of_mp4_it_is_webm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "makes_mp4", lambda: False)
    path = await made(sent(tmp_path, [sent_by_browser(2)], [sent_by_browser(1)]))
    found = probed(path)
    assert path.suffix == ".webm"
    assert (found["video"]["codec_name"], found["audio"]["codec_name"]) == ("vp8", "opus")
    assert abs(seconds_of(path) - 3) < 0.4


async def test_a_program_that_is_not_done_in_time(tmp_path: Path) -> None:
    with pytest.raises(tools.ToolError, match="not done"):
        await tools.run(["sleep", "20"], 0.2, tmp_path)
    with pytest.raises(tools.ToolError, match="ended with 3"):
        await tools.run(["sh", "-c", "exit 3"], 5, tmp_path)
    with pytest.raises(tools.ToolError):
        await tools.run(["no-such-program"], 5, tmp_path)


# ---- what a media server wrote --------------------------------------------------------------------------------------


def tracks(root: Path) -> Arriving:
    """Two people for 8 seconds: Ada from the beginning, with a screen for a while, Grace later on and not to the end.

    Ada's camera is off from 2 to 4 seconds. Nobody is heard in the last second.
    """
    begin = 1_700_000_000_000
    folder = begun(root, parts=(Part("server", begin, begin + 8_000),))
    place = folder.tracks(0)
    place.mkdir()
    write_mjr(place, 1, "camera", begin + 200, [(0, 1.8), (3.8, 7.5)], colour="red")
    write_mjr(place, 1, "mic", begin + 100, [(0, 6.8)])
    write_mjr(place, 1, "screen", begin + 5_000, [(0, 1.5)], colour="lime")
    write_mjr(place, 2, "camera", begin + 3_000, [(0, 4)], colour="blue")
    write_mjr(place, 2, "mic", begin + 3_000, [(0, 3)], tone=550)
    note_feeds(place, {1: "Ada <Lovelace>: 'Countess'", 2: "Grace; %{pts}"})
    (place / "videoroom-1234-user-2-1-video-9.mjr").write_bytes(b"")  # begun, and nothing ever came
    return folder


async def test_all_who_spoke_and_the_screen_in_one_picture(tmp_path: Path) -> None:
    path = await made(tracks(tmp_path))
    found = probed(path)
    assert (found["video"]["codec_name"], found["audio"]["codec_name"]) == ("h264", "aac")
    assert abs(seconds_of(path) - 8) < 0.15
    assert abs(float(found["video"]["duration"]) - float(found["audio"]["duration"])) < 0.15

    def seen(second: float, x: int, y: int) -> str:
        colour = dict(zip(("red", "green", "blue"), colour_at(path, second, x, y), strict=True))
        strongest = max(colour, key=lambda name: colour[name])
        return strongest if colour[strongest] > 150 else "nothing"

    left, right, middle = (320, 200), (960, 200), (500, 300)
    assert seen(1, *middle) == "red"  # Ada alone, large
    assert seen(2.6, *middle) == "nothing"  # Ada's camera is off
    assert [seen(4.6, *left), seen(4.6, *right)] == ["red", "blue"]
    assert seen(5.6, *middle) == "green"  # the screen, and both beside it
    strip = {seen(5.6, 1150, y) for y in range(20, 700, 20)}
    assert {"red", "blue"} <= strip
    assert [seen(6.8, *left), seen(6.8, *right)] == ["red", "blue"]
    assert loudness(path, 0.5, 2) > -40
    assert loudness(path, 7.2, 0.7) < -60


async def test_both_kinds_of_parts_in_one_recording(tmp_path: Path) -> None:
    folder = tracks(tmp_path)
    facts = folder.about()
    assert facts is not None
    folder.write(about(parts=(*facts.parts, Part("browser", 1_000))))
    for number, piece in enumerate(cut(sent_by_browser(2, "yellow"), 5)):
        folder.put(1, number, piece)
    path = await made(folder)
    assert abs(seconds_of(path) - 10) < 0.3
    red, green, blue = colour_at(path, 9, 640, 360)
    assert min(red, green) > 150 > blue


async def test_nobody_said_a_word(tmp_path: Path) -> None:
    begin = 1_700_000_000_000
    folder = begun(tmp_path, parts=(Part("server", begin, begin + 3_000), Part("server", begin + 4_000)))
    for part in range(2):
        folder.tracks(part).mkdir()
    with pytest.raises(NothingRecorded):
        await made(folder)


async def test_a_voice_without_a_picture(tmp_path: Path) -> None:
    begin = 1_700_000_000_000
    folder = begun(tmp_path, parts=(Part("server", begin, None),))
    folder.tracks(0).mkdir()
    write_mjr(folder.tracks(0), 1, "mic", begin + 1_000, [(0, 2)])
    note_feeds(folder.tracks(0), {1: "Ada"})
    path = await made(folder)
    assert abs(seconds_of(path) - 3) < 0.2  # nobody could say when it ended
    assert loudness(path, 0, 0.8) < -60 < loudness(path, 1.3, 1.5)
    if tools.font() is not None:
        bright = {colour_at(path, 2, x, y)[1] for x, y in itertools.product(range(600, 680, 8), range(340, 380, 8))}
        assert max(bright) > 120  # the name
