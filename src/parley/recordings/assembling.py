"""One file out of what arrived: the pieces that a browser sent, the tracks that a media server wrote.

Each part becomes a file of the same kind (size, rate, encoders), and these follow each other in the result: MP4 with
H.264 and AAC, or WebM with VP8 and Opus where ffmpeg has no encoders for that. All of it happens in a scratch folder,
so it can be broken off at any moment and begun anew.
Sources: facts/media.md 3 and 4.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from parley.recordings.arriving import About, Arriving, Part
from parley.recordings.layout import HEIGHT, RATE, WIDTH, Cell, Scene, Shown, pictures, scenes
from parley.recordings.mjr import RecordedStream, recorded_streams
from parley.recordings.tools import ToolError, ffmpeg, font, lines, makes_mp4, run, unpacker

#: Seconds that a program may take, and what it may take for every second of recording.
_LEAST_SECONDS, _PER_SECOND = 120.0, 10.0
#: A picture that stays away for so long (milliseconds) was switched off.
_HIDDEN: Final = 1_500
#: A part plays no longer than it was recorded, whatever its pieces say, but for so many milliseconds.
_SLACK: Final = 120_000
#: A part of fewer milliseconds is nothing.
_SHORTEST: Final = 200
#: Pictures with more points than this are not read.
_MOST_POINTS: Final = 4096 * 4096
_BACKGROUND: Final = "0x15181c"
_TILE: Final = "0x2a3038"
_EBML: Final = bytes.fromhex("1a45dfa3")
#: Boxes that MP4 files of browsers begin with.
_BOXES: Final = (b"ftyp", b"styp", b"moof")


class NothingRecorded(Exception):
    """Nothing arrived that a picture or a sound could be made of."""


class CannotAssemble(Exception):
    """No file could be made; the message is one line for the administrator."""


class _Media(NamedTuple):
    """A file as ffprobe sees it."""

    video: bool
    audio: bool
    seconds: float


class _Source(NamedTuple):
    """A track as a file that ffmpeg reads; `start` in milliseconds since the beginning of the part."""

    path: Path
    stream: RecordedStream
    start: int
    seen: tuple[tuple[int, int], ...]


async def assemble(arriving: Arriving, about: About, scratch: Path) -> Path:
    """Make the file in an empty scratch folder; gives its path.

    Raises:
        NothingRecorded: there is nothing to make it of.
        CannotAssemble: ffmpeg is missing or failed.
        OSError: the disk.
    """
    program = ffmpeg()
    if program is None:
        raise CannotAssemble("ffmpeg is not installed (package ffmpeg)")
    workshop = _Workshop(program, scratch)
    try:
        made = []
        for number, part in enumerate(about.parts):
            if part.by == "browser":
                pieces = [path for each, _, path in arriving.pieces() if each == number]
                most = await asyncio.to_thread(_longest, part, about.ended_at, pieces)
                made += await workshop.of_pieces(number, pieces, most / 1000)
            else:
                made += await workshop.of_tracks(number, part, arriving.tracks(number))
        if not made:
            raise NothingRecorded
        return await workshop.joined(made, "recording", faststart=True)
    except ToolError as error:
        raise CannotAssemble(str(error)) from None


class _Workshop:
    """Makes files in a folder, all of one kind."""

    def __init__(self, program: str, folder: Path) -> None:
        self._folder = folder
        self._mp4 = makes_mp4()
        self._suffix = "mp4" if self._mp4 else "webm"
        self._program = [program, "-nostdin", "-hide_banner", "-v", "error", "-y"]

    # ---- parts of a browser ----------------------------------------------------------------------------------

    async def of_pieces(self, number: int, pieces: Sequence[Path], most: float) -> list[Path]:
        """The part that these pieces make together; none when they make nothing.

        Args:
            most: seconds that it may play; else two pictures a year apart would become a film of a year.
        """
        if not pieces:
            return []
        whole = self._folder / f"sent-{number:03d}"
        await asyncio.to_thread(_put_together, whole, pieces)
        kind = await asyncio.to_thread(_kind, whole)
        if kind is None:
            return []
        media = await self._look(whole, kind)
        if not (media.video or media.audio):
            return []
        made = self._folder / f"part-{number:03d}.{self._suffix}"
        # What a part lacks is filled in, so that all parts have both.
        inputs = [*_careful(kind), "-i", f"file:{whole}"]
        video, audio = "0:v:0", "0:a:0"
        if not media.video:
            inputs += ["-f", "lavfi", "-i", f"color=c={_BACKGROUND}:s={WIDTH}x{HEIGHT}:r={RATE}"]
            video = "1:v:0"
        if not media.audio:
            inputs += ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"]
            audio = "1:a:0"
        await self._ffmpeg(
            min(media.seconds, most),
            *inputs,
            *("-filter_complex", f"[{video}]{_fitted(WIDTH, HEIGHT)},fps={RATE}:start_time=0[v];[{audio}]{_SOUND}[a]"),
            *("-map", "[v]", "-map", "[a]", "-shortest", "-t", f"{most:.3f}"),
            *self._video(),
            *self._audio(),
            str(made),
        )
        whole.unlink()
        return [made]

    # ---- parts of a media server -----------------------------------------------------------------------------

    async def of_tracks(self, number: int, part: Part, folder: Path) -> list[Path]:
        """The part that these tracks make together; none when nobody sent anything."""
        streams = await asyncio.to_thread(recorded_streams, folder)
        sources = []
        for index, stream in enumerate(streams):
            if stream.first_us:
                sources += await self._unpacked(number, index, stream, part.started_at)
        ends = [each.start + end for each in sources for _, end in each.seen]
        length = max(ends, default=0)
        if part.ended_at is not None:
            length = part.ended_at - part.started_at
        else:  # what senders say of their time is held against when it came
            length = min(length, await asyncio.to_thread(_longest, part, None, [each.path for each in streams]))
        if length < _SHORTEST or not sources:
            return []
        sound = await self._sound(number, sources, length)
        scenery = scenes(_shown(sources), length)
        files = [await self._scene(number, n, scene, sources) for n, scene in enumerate(scenery) if pictures(scene)]
        picture = await self.joined(files, f"picture-{number:03d}")
        made = self._folder / f"part-{number:03d}.{self._suffix}"
        await self._ffmpeg(
            length / 1000,
            "-i",
            str(picture),
            "-i",
            str(sound),
            *("-map", "0:v", "-map", "1:a", "-c", "copy"),
            str(made),
        )
        return [made]

    async def _unpacked(self, number: int, index: int, stream: RecordedStream, begin: int) -> list[_Source]:
        """The track as a file that ffmpeg reads; none when nothing can be made of it."""
        program = unpacker()
        if program is None:
            raise CannotAssemble("janus-pp-rec is not installed (package janus-tools)")
        suffix = "opus" if stream.kind == "mic" else "mp4" if stream.codec == "h264" else "webm"
        made = self._folder / f"track-{number:03d}-{index:03d}.{suffix}"
        seconds = max(stream.path.stat().st_size / 50_000, 1)
        try:
            await run([program, str(stream.path), str(made)], self._patience(seconds), self._folder)
        except ToolError as error:
            if "not done" in str(error):
                raise
            return []  # a track with a handful of packets is nothing to it
        if not made.exists():
            return []
        kind = {"opus": "ogg", "mp4": "mov", "webm": "matroska"}[suffix]
        seen = await self._when(made, kind, video=stream.kind != "mic")
        start = stream.first_us // 1000 - begin
        return [_Source(made, stream, start, seen)] if seen else []

    async def _sound(self, number: int, sources: Iterable[_Source], length: int) -> Path:
        """All voices together, exactly so long."""
        voices = [each for each in sources if each.stream.kind == "mic"]
        made = self._folder / f"sound-{number:03d}.{'m4a' if self._mp4 else 'webm'}"
        inputs, steps = [], []
        for index, each in enumerate(voices):
            inputs += [*_careful("ogg"), "-i", f"file:{each.path}"]
            late = f"adelay={each.start}:all=1" if each.start >= 0 else f"atrim=start={-each.start / 1000:.3f}"
            steps.append(f"[{index}:a]{_SOUND},asetpts=PTS-STARTPTS,{late},asetpts=PTS-STARTPTS[s{index}]")
        names = "".join(f"[s{index}]" for index in range(len(voices)))
        mixed = f"{names}amix=inputs={len(voices)}:normalize=0:dropout_transition=0,alimiter=limit=0.95"
        silence = "anullsrc=r=48000:cl=stereo"
        end = f"apad,atrim=duration={length / 1000:.3f}[a]"
        script = self._folder / f"sound-{number:03d}.txt"
        script.write_text(";\n".join([*steps, f"{mixed if voices else silence},{end}"]), encoding="utf-8")
        await self._ffmpeg(
            length / 1000,
            *inputs,
            *("-filter_complex_script", str(script), "-map", "[a]"),
            *self._audio(),
            str(made),
        )
        return made

    async def _scene(self, number: int, index: int, scene: Scene, sources: Sequence[_Source]) -> Path:
        """One scene without sound."""
        count = pictures(scene)
        seconds = count / RATE
        made = self._folder / f"scene-{number:03d}-{index:05d}.{self._suffix}"
        inputs: list[str] = []
        steps = [f"color=c={_BACKGROUND}:s={WIDTH}x{HEIGHT}:r={RATE}[b0]"]
        for place, (shown, cell) in enumerate(scene.shown):
            if shown.source is None:
                steps.append(f"color=c={_TILE}:s={cell.width}x{cell.height}:r={RATE}[p{place}]")
            else:
                source = sources[shown.source]
                kind = "mov" if source.path.suffix == ".mp4" else "matroska"
                at = max(scene.start - source.start, 0) / 1000
                inputs += [*_careful(kind), "-ss", f"{at:.3f}", "-i", f"file:{source.path}"]
                steps.append(
                    f"[{len(inputs) // _INPUT - 1}:v]fps={RATE}:start_time=0,{_fitted(cell.width, cell.height)},"
                    f"tpad=stop_mode=clone:stop=-1[p{place}]"
                )
            name = self._name(number, index, place, shown, cell)
            steps.append(f"[b{place}][p{place}]overlay={cell.x}:{cell.y}:shortest=0{name}[b{place + 1}]")
        steps.append(f"[b{len(scene.shown)}]trim=end_frame={count},format=yuv420p[v]")
        script = self._folder / f"scene-{number:03d}-{index:05d}.txt"
        script.write_text(";\n".join(steps), encoding="utf-8")
        await self._ffmpeg(
            seconds,
            *inputs,
            *("-filter_complex_script", str(script), "-map", "[v]", "-frames:v", str(count)),
            *self._video(),
            str(made),
        )
        return made

    def _name(self, number: int, index: int, place: int, shown: Shown, cell: Cell) -> str:
        """The filter that writes somebody's name below his picture; nothing where there are no letters."""
        letters = font()
        if letters is None or shown.kind == "screen" or not shown.name:
            return ""
        text = self._folder / f"name-{number:03d}-{index:05d}-{place:02d}.txt"
        text.write_text(shown.name[:60], encoding="utf-8")
        size = 18 if cell.height > 160 else 14
        where = f"x={cell.x + 8}:y={cell.y + cell.height - size - 12}"
        if shown.source is None:
            size = min(cell.height // 6, 36)
            where = f"x={cell.x}+({cell.width}-text_w)/2:y={cell.y}+({cell.height}-text_h)/2"
        look = f"fontsize={size}:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=4:expansion=none"
        return f",drawtext=fontfile={letters}:textfile={text.name}:{where}:{look}"

    # ---- common ----------------------------------------------------------------------------------------------

    async def joined(self, files: Sequence[Path], name: str, *, faststart: bool = False) -> Path:
        """Files of the same kind one after the other, nothing encoded anew."""
        made = self._folder / f"{name}.{self._suffix}"
        table = self._folder / f"{name}.list"
        table.write_text("".join(f"file '{each.name}'\n" for each in files), encoding="utf-8")
        end = ["-movflags", "+faststart"] if faststart and self._mp4 else []
        size = sum(each.stat().st_size for each in files)
        await self._ffmpeg(
            size / 20_000,
            *("-f", "concat", "-safe", "0", "-protocol_whitelist", "file", "-i", str(table), "-c", "copy", *end),
            str(made),
        )
        for each in files:
            each.unlink()
        return made

    async def _ffmpeg(self, seconds: float, *arguments: str) -> None:
        await run([*self._program, *arguments], self._patience(seconds), self._folder)

    def _patience(self, seconds: float) -> float:
        return _LEAST_SECONDS + _PER_SECOND * seconds

    def _video(self) -> list[str]:
        # A key picture every four seconds, so that people can go to any place.
        common = ["-r", str(RATE), "-g", str(4 * RATE), "-pix_fmt", "yuv420p", "-threads", "2"]
        if self._mp4:
            return ["-c:v", "libx264", "-preset", "veryfast", "-crf", "25", *common, "-video_track_timescale", "15360"]
        return ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1200k", *common]

    def _audio(self) -> list[str]:
        codec = ["-c:a", "aac", "-b:a", "128k"] if self._mp4 else ["-c:a", "libopus", "-b:a", "96k"]
        return [*codec, "-ar", "48000", "-ac", "2"]

    async def _look(self, path: Path, kind: str) -> _Media:
        """What is in a file; its length is that of its last packet."""
        last = {"video": 0.0, "audio": 0.0}
        found: set[str] = set()
        entries = ["-show_entries", "packet=codec_type,pts_time", "-of", "csv=p=0"]
        async for line in self._probed(path, kind, *entries):
            medium, _, rest = line.partition(",")
            if medium in last:
                found.add(medium)
                last[medium] = max(last[medium], _seconds(rest))
        return _Media("video" in found, "audio" in found, max(last.values()))

    async def _when(self, path: Path, kind: str, *, video: bool) -> tuple[tuple[int, int], ...]:
        """From when to when (milliseconds) there is something in a track; what is silent stays one."""
        found: list[list[int]] = []
        async for line in self._probed(path, kind, "-show_entries", "packet=pts_time", "-of", "csv=p=0"):
            at = round(_seconds(line) * 1000)
            if found and (not video or at - found[-1][1] <= _HIDDEN):
                found[-1][1] = max(found[-1][1], at)
            else:
                found.append([at, at])
        return tuple((start, end) for start, end in found if end > start)

    def _probed(self, path: Path, kind: str, *entries: str) -> AsyncIterator[str]:
        probe = str(Path(self._program[0]).with_name("ffprobe"))
        command = [probe, "-v", "error", "-protocol_whitelist", "file", "-f", kind, *entries, f"file:{path}"]
        return lines(command, self._patience(path.stat().st_size / 20_000), self._folder)


#: Sound as it is put together: no gap is lost, all begin at 0.
_SOUND: Final = "aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo"


def _careful(kind: str) -> list[str]:
    """How a file is read that others sent: as what it is, without opening anything else."""
    return ["-protocol_whitelist", "file", "-max_pixels", str(_MOST_POINTS), "-f", kind]


#: How many words of a command one source of a scene takes.
_INPUT: Final = len(_careful("")) + 4


def _fitted(width: int, height: int) -> str:
    return (
        f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,"
        f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:color={_TILE},setsar=1"
    )


def _shown(sources: Sequence[_Source]) -> list[Shown]:
    found = []
    for index, each in enumerate(sources):
        stream = each.stream
        for start, end in each.seen:
            kind = "name" if stream.kind == "mic" else stream.kind
            source = None if stream.kind == "mic" else index
            found.append(Shown(stream.member, stream.name, kind, source, each.start + start, each.start + end))
    return found


def _seconds(text: str) -> float:
    try:
        return float(text.strip().rstrip(","))
    except ValueError:
        return 0.0


def _longest(part: Part, ended_at: int | None, files: Sequence[Path]) -> int:
    """Milliseconds that a part may play: no longer than it went on, by its times or by those of its files."""
    ended_at = part.ended_at if part.ended_at is not None else ended_at
    noted = ended_at - part.started_at if ended_at is not None else 0
    last = max((path.stat().st_mtime * 1000 for path in files), default=0)
    return max(noted, round(last) - part.started_at, 0) + _SLACK


def _put_together(whole: Path, pieces: Sequence[Path]) -> None:
    with whole.open("wb") as target:
        for path in pieces:
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, target)


def _kind(path: Path) -> str | None:
    """What ffmpeg shall read a file as; None when it is nothing that a browser records."""
    with path.open("rb") as file:
        head = file.read(12)
    if head.startswith(_EBML):
        return "matroska"
    return "mov" if head[4:8] in _BOXES else None
