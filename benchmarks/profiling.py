"""Where a running server spends its time, seen by py-spy from outside while wrk keeps it busy."""

from __future__ import annotations

import linecache
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks import documents
from benchmarks.bench import READ, Bench, contender
from benchmarks.process import pinned
from benchmarks.rounds import Contender
from benchmarks.seed import ADMIN, HOST

_LINES: Final = 15
_SAMPLES_PER_SECOND: Final = 400
_SECONDS: Final = 3
#: What stands before the name of a package is cut off.
_PLACES: Final = ("/site-packages/", "/src/", "/lib/python")
_WAITING: Final = re.compile(r"queue\.get\(")
#: Functions between the server's main function and the operation are in every stack.
_INNER: Final = re.compile(r" parley/(?!cli/|web/)|<encoder|<decoder")


def profiles(bench: Bench) -> str:
    """Lists of the costliest lines of three operations; says so when they cannot be had."""
    program = _program()
    if program is None:
        bench.say("the profile is left out: py-spy not found")
        return ""
    backend = bench.sqlite
    many = documents.get_meetings(READ, HOST, backend.sites[READ].keys)
    pages = [documents.list_sessions(READ, ADMIN, 1 + skip) for skip in range(0, len(backend.sites[READ].keys), 100)]
    created = [documents.create_meeting(READ, HOST, documents.full_meeting())]
    parts = []
    for title, requests in (
        ("GetMeeting, another one each time, SQLite", many),
        ("LstsummarySession of 100, another page each time, SQLite", pages),
        ("CreateMeeting with 3 attendees, SQLite", created),
    ):
        stacks = _record(program, bench.folder / "stacks", contender(backend.server, requests))
        if stacks is None:
            bench.say("the profile is left out: py-spy may not look into other processes here")
            return ""
        parts.append(f"### Profile: {title}\n\n{report(stacks)}")
    return "\n".join(parts)


def _program() -> str | None:
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.exists() else shutil.which("py-spy")


def _record(program: str, target: Path, busy: Contender) -> list[str] | None:
    """Stacks, innermost frame last, each with how often it was seen; None when py-spy may not look."""
    command = [program, "record", "--pid", str(busy.server.pid), "--format", "raw", "--output", str(target)]
    command += ["--duration", str(_SECONDS), "--rate", str(_SAMPLES_PER_SECOND), "--full-filenames"]
    load = threading.Thread(target=busy.run, args=(_SECONDS + 2,), daemon=True)
    load.start()
    try:
        done = subprocess.run(pinned(command, 1), capture_output=True, timeout=_SECONDS + 60, check=False)
    finally:
        load.join(_SECONDS + 60)
    return target.read_text().splitlines() if done.returncode == 0 else None


def report(stacks: Iterable[str]) -> str:
    """The lines in which most time was spent themselves, and the functions in which and below which it was."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for stack in stacks:
        text, _, count = stack.rpartition(" ")
        if _waits(text.rpartition(";")[2]):
            continue
        frames = [_short(frame) for frame in text.split(";")]
        own[frames[-1]] += int(count)
        for function in {frame.rpartition(":")[0] for frame in frames}:
            whole[function] += int(count)
    total = own.total()
    if not total:
        return "nothing was seen\n"
    lines = ["| itself | line |", "|---|---|"]
    lines += [f"| {100 * count / total:.1f} % | `{line}` |" for line, count in own.most_common(_LINES)]
    lines += ["", "| with what it calls | function |", "|---|---|"]
    ours = [(name, count) for name, count in whole.most_common() if _INNER.search(name)]
    lines += [f"| {100 * count / total:.1f} % | `{name}` |" for name, count in ours[:_LINES]]
    return "\n".join(lines) + "\n"


def _waits(frame: str) -> bool:
    """Whether the line of a frame waits for work: such threads are idle."""
    path, _, line = frame.rpartition(" (")[2].rstrip(")").rpartition(":")
    return line.isdigit() and bool(_WAITING.search(linecache.getline(path, int(line))))


def _short(frame: str) -> str:
    """`name file:line` of a frame such as `name (/somewhere/site-packages/package/file.py:12)`."""
    name, _, place = frame.partition(" (")
    place = place.rstrip(")")
    for cut in _PLACES:
        place = place.rpartition(cut)[2]
    return f"{name} {place}" if place else name
