"""What Linux tells of a running process, and on which core it runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
#: At most so many generations of child processes are looked at.
_GENERATIONS: Final = 4


def cores() -> tuple[int, int] | None:
    """A core for servers and another one for the load; None when this process has only one."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else None


def pinned(command: list[str], place: int) -> list[str]:
    """The command, kept on the core for servers (0) or for the load (1)."""
    found = cores()
    return command if found is None else ["taskset", "-c", str(found[place]), *command]


@contextlib.contextmanager
def on_load_core() -> Iterator[None]:
    """Keep this thread on the core for the load."""
    found, before = cores(), os.sched_getaffinity(0)
    if found is not None:
        os.sched_setaffinity(0, {found[1]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def ticks_of_stat(text: str) -> int:
    """CPU time in clock ticks, user and system, from the text of /proc/PID/stat."""
    # The name in brackets may hold blanks and brackets; the fields behind it are counted from 3 on.
    fields = text.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def kilobytes_of_status(text: str, name: str) -> int:
    """A size, such as VmRSS, from the text of /proc/PID/status; 0 when it is not there."""
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    found, last = [pid], [pid]
    for _ in range(_GENERATIONS):
        last = [child for parent in last for child in _children(parent)]
        found += last
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += [int(child) for child in task.read_text().split()]
    return children


def cpu_seconds(pid: int) -> float:
    """CPU time that the process and its descendants took so far, in steps of a clock tick (10 ms)."""
    return sum(ticks_of_stat(Path(f"/proc/{each}/stat").read_text()) for each in family(pid)) / _TICKS_PER_SECOND


def fine_cpu_seconds(pid: int) -> float:
    """CPU time of the threads that the process has now, finely measured; what ended threads took is missing."""
    total = 0
    for each in family(pid):
        for task in Path(f"/proc/{each}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(task.read_text().split()[0])
    return total / 1e9


def resident_mib(pid: int) -> float:
    """Resident memory of the process and its descendants, in MiB."""
    return _mib(pid, "VmRSS")


def own_mib(pid: int) -> float:
    """The same without what is mapped from files, which the system takes back whenever it likes."""
    return _mib(pid, "RssAnon")


def _mib(pid: int, name: str) -> float:
    texts = (Path(f"/proc/{each}/status").read_text() for each in family(pid))
    return sum(kilobytes_of_status(text, name) for text in texts) / 1024
