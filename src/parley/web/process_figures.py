"""Memory, CPU time and open files of this process, read where Linux shows them; what a system does not tell is left
out."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/statm")
_FILES: Final = Path("/proc/self/fd")
_began: Final = time.time()


def process_figures() -> Iterator[tuple[str, str, float]]:
    """Family, labels and value of each."""
    yield "parley_workers", "", 1
    yield "process_cpu_seconds", "", time.process_time()
    yield "process_start_time_seconds", "", _began
    yield "process_max_fds", "", resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    with contextlib.suppress(OSError, ValueError, IndexError):
        memory = int(_STATUS.read_text().split()[1]) * resource.getpagesize()
        yield "process_resident_memory_bytes", "", memory
        yield "parley_worker_memory_bytes", "", memory
    with contextlib.suppress(OSError):
        yield "process_open_fds", "", len(os.listdir(_FILES))
