"""A disk without room and a process without file descriptors: clear faults meanwhile, nothing by halves, on it goes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol

import psutil
import pytest

from tests.faults.harness import PATIENCE, drawn_seed, load_on, status_of, until
from tests.faults.wire import Wires
from tests.killed import SITE, make_site
from tests.processes import ServerProcess

_DISK = "48m"


class Disk(Protocol):
    """A disk that can be full."""

    folder: Path

    def fill(self, server: psutil.Process) -> None:
        """Let nothing more be written to it."""

    def free(self, server: psutil.Process) -> None:
        """Let it have room again."""


class SmallDisk:
    """A file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, server: psutil.Process) -> None:
        """Write until there is no room."""
        with (self.folder / "ballast").open("ab", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def free(self, server: psutil.Process) -> None:
        """Remove what was written."""
        (self.folder / "ballast").unlink()


class BoundedFiles:
    """No file may grow: what there is where nobody may mount anything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, server: psutil.Process) -> None:
        """Let files be as long as the shortest part of the database."""
        server.rlimit(psutil.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def free(self, server: psutil.Process) -> None:
        """Let files grow."""
        server.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "parley-test", str(folder)]
    mounted = (
        shutil.which("mount") is not None and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    )
    yield SmallDisk(folder) if mounted else BoundedFiles(folder)
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("kind", ["small", "bounded"])
def test_a_full_disk(kind: str, small_disk: Disk, sqlite_template: Path, tmp_path: Path) -> None:
    disk = small_disk if kind == "small" else BoundedFiles(tmp_path / "bounded")
    disk.folder.mkdir(exist_ok=True)
    shutil.copyfile(sqlite_template, disk.folder / "parley.db")

    async def fill_and_free(server: ServerProcess) -> None:
        process = psutil.Process(server.pid)
        async with load_on(server.port, drawn_seed()) as load:
            load.begins()
            disk.fill(process)
            await until(lambda: load.troubles["busy"] >= 12, "faults")
            await load.more(1)  # what only reads
            disk.free(process)
            writes = load.traffic.done["create"]
            await until(lambda: load.traffic.done["create"] >= writes + 10, "writes")
            assert load.troubles.keys() <= {"busy"}
            assert await status_of(load.traffic.wires, "/ready") == 200

    _stand(disk.folder, fill_and_free)


def test_no_file_descriptors_left(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "parley.db")

    async def without(server: ServerProcess) -> None:
        process = psutil.Process(server.pid)
        soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
        async with load_on(server.port, drawn_seed()) as load:
            await load.more(60)
            used = max(int(name) for name in os.listdir(f"/proc/{server.pid}/fd")) + 1
            process.rlimit(psutil.RLIMIT_NOFILE, (used, hard))
            others = Wires(server.port, patience=1.0)
            for _ in range(20):  # more than there is room for; those who are in go on meanwhile
                await others.attempt()
            await load.more(60)
            assert load.wrong() == []
            process.rlimit(psutil.RLIMIT_NOFILE, (soft, hard))
            await others.close()
            newcomer = Wires(server.port, patience=30.0)
            deadline = time.monotonic() + PATIENCE
            while await status_of(newcomer, f"/{SITE}/") != 200:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
            assert await status_of(newcomer, "/ready") == 200
            await newcomer.close()

    _stand(tmp_path, without)


def _stand(folder: Path, work: Callable[[ServerProcess], Awaitable[None]]) -> None:
    """Run a server of one process on the database of the folder, and work on it; `parley db check` finds nothing."""
    asyncio.run(make_site(folder, None))
    server = ServerProcess(folder)
    try:
        asyncio.run(_awaited(work(server)))
    finally:
        server.stop()
    program = Path(sys.executable).with_name("parley")
    done = subprocess.run([program, "db", "check", "--data", folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    # A line that there was no room for the whole of has no time.
    assert [each for each in server.errors() if "timestamp" in each] == []


async def _awaited(work: Awaitable[None]) -> None:
    await work
