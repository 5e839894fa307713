"""Files of recordings: how quickly they are loaded, one and fifty at once, beside plain sendfile of the same file; and
what a large upload costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

import httpx

from benchmarks import documents, seed, servers
from benchmarks.bench import Bench
from benchmarks.load import LoadError
from benchmarks.process import on_load_core, resident_mib
from benchmarks.servers import Running
from benchmarks.table import Row, number
from parley.config import Config
from parley.domain.recording import Recording
from parley.recordings.keeping import NewRecording, keep
from parley.services.application import Application
from parley.store import users
from tests.recordings.stores import CLIP

_SITE: Final = "films"
_GIGABYTE: Final = 1024**3
_MEBIBYTE: Final = 1024**2
#: Bytes of the upload, and of the file that is loaded.
_UPLOAD: Final = 5 * _GIGABYTE
_QUICK_UPLOAD: Final = _GIGABYTE
_AT_ONCE: Final = 50
#: Bytes that each of many takes.
_EACH: Final = 40 * _MEBIBYTE
_BLOCK: Final = 1024 * 1024
_TICKET: Final = re.compile(r'<video[^>]* src="([^"#]+)')
_CSRF: Final = re.compile(r"CSRF(?:=|\\x3d)([0-9a-f-]{36})")


class _Pace(NamedTuple):
    """What one round gave: bytes a second, and MiB of memory that the server took more."""

    bytes_a_second: float
    growth: float


def recordings(bench: Bench) -> list[Row]:
    """Loading and sending files.

    Raises:
        LoadError: an answer was not what it should be.
    """
    size = _QUICK_UPLOAD if bench.plan.seconds == 1 else _UPLOAD
    folder = bench.folder / "recordings"
    folder.mkdir()
    film = folder / "film.mp4"
    _make_film(film, _GIGABYTE)
    made = asyncio.run(_prepare(Config(data=str(folder)), film))
    database = f"sqlite:///{folder / 'parley.db'}"
    with servers.parley(database, folder) as parley, _sendfile(film, folder) as plain, on_load_core():
        rows = _loading(bench, parley, plain, made)
        rows.append(_sending(bench, parley, size))
    return rows


def _make_film(path: Path, size: int) -> None:
    """A clip with so many bytes behind it that nobody looks at; they are there, not only said to be."""
    path.write_bytes(CLIP.read_bytes())
    rest = size - path.stat().st_size
    block = os.urandom(_MEBIBYTE)
    with path.open("ab") as file:
        file.write(struct.pack(">I4sQ", 1, b"free", rest))
        left = rest - 16
        while left:
            left -= file.write(block[:left])


async def _prepare(config: Config, film: Path) -> Recording:
    application = await Application.start(config)
    try:
        site_id = await seed.make_site(application, _SITE)
        owner = await users.by_web_ex_id(application.engine, site_id, seed.HOST)
        if owner is None:
            raise LoadError("there is no host")
        new = NewRecording(
            site_id=site_id,
            owner_id=owner.user_id,
            creator_id=owner.user_id,
            name="Film",
            created_at=application.clock.now(),
            time_zone_id=owner.time_zone_id,
        )
        return await keep(application, new, film)
    finally:
        await application.stop()


def _sendfile(film: Path, folder: Path) -> contextlib.AbstractContextManager[Running]:
    port = servers.free_port()
    command = [sys.executable, "-m", "benchmarks.sendfile", str(port), str(film)]
    return servers.process(command, folder / "sendfile.log", port, lambda _: True)


# ---- loading --------------------------------------------------------------------------------------------------------


def _loading(bench: Bench, parley: Running, plain: Running, made: Recording) -> list[Row]:
    with httpx.Client(timeout=60) as client:
        page = client.get(parley.url(f"/{_SITE}/ldr.php?RCID={made.stream_rcid}")).text
    found = _TICKET.search(page)
    if found is None:
        raise LoadError("the page of the recording has no video")
    path = found[1]
    one: Callable[[Running, str], _Pace] = lambda server, where: _load(server, where, 1, made.size)  # noqa: E731
    many: Callable[[Running, str], _Pace] = lambda server, where: _load(server, where, _AT_ONCE, _EACH)  # noqa: E731
    return [
        _compared(bench, "loading a recording of 1 GiB", one, parley, plain, path),
        _compared(bench, f"{_AT_ONCE} loading parts at once", many, parley, plain, path),
    ]


def _compared(
    bench: Bench, job: str, load: Callable[[Running, str], _Pace], parley: Running, plain: Running, path: str
) -> Row:
    ratios, paces, growths = [], [], []
    for _ in range(max(bench.plan.rounds, 3)):
        beside = load(plain, "/")
        ours = load(parley, path)
        ratios.append(ours.bytes_a_second / beside.bytes_a_second)
        paces.append(ours.bytes_a_second)
        growths.append(ours.growth)
    bench.say(
        f"{job}: {median(paces) / 1e6:,.0f} MB/s, {median(ratios):.2f} of sendfile's, "
        f"{max(growths):.0f} MiB of memory more"
    )
    return Row(
        *(job, "", "0.7 of sendfile", "", f"{median(ratios):.2f} of sendfile"),
        rounds=f"{min(ratios):.2f} to {max(ratios):.2f}",
        rate=f"{median(paces) / 1e6:,.0f} MB/s",
    )


def _load(server: Running, path: str, connections: int, size: int) -> _Pace:
    """Take so many bytes on each of so many connections at once, and throw them away."""
    before = resident_mib(server.pid)
    peak = before
    block = bytearray(_BLOCK)
    left: dict[socket.socket, int] = {}
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-{size - 1}\r\n\r\n".encode()
    began = time.perf_counter()
    with selectors.DefaultSelector() as ready:
        for _ in range(connections):
            wire = socket.create_connection(("127.0.0.1", server.port))
            wire.sendall(head)
            left[wire] = -1  # the head of the answer comes first
            ready.register(wire, selectors.EVENT_READ)
        looked = began
        while left:
            for key, _ in ready.select():
                wire = cast("socket.socket", key.fileobj)
                count = wire.recv_into(block)
                if not count:
                    raise LoadError("a download broke off")
                if left[wire] < 0:
                    top, _, rest = bytes(block[:count]).partition(b"\r\n\r\n")
                    if b" 206 " not in top[:20]:
                        raise LoadError(f"a download was refused: {top[:100]!r}")
                    left[wire], count = size, len(rest)
                left[wire] -= count
                if left[wire] <= 0:
                    ready.unregister(wire)
                    wire.close()
                    del left[wire]
            if time.perf_counter() - looked > 0.05:
                peak = max(peak, resident_mib(server.pid))
                looked = time.perf_counter()
    return _Pace(connections * size / (time.perf_counter() - began), peak - before)


# ---- sending --------------------------------------------------------------------------------------------------------


def _sending(bench: Bench, parley: Running, size: int) -> Row:
    """An upload in one request."""
    with httpx.Client(timeout=600) as client:
        page = client.post(
            parley.url(f"/{_SITE}/p.php"), data={"AT": "LI", "WID": seed.HOST, "PW": documents.PASSWORD}
        ).text
        found = _CSRF.search(page)
        if found is None:
            raise LoadError("the host cannot sign in")
        headers = {"Tus-Resumable": "1.0.0", "CSRF": found[1]}
        made = client.post(parley.url(f"/{_SITE}/recordings/upload"), headers={**headers, "Upload-Length": str(size)})
        if made.status_code != 201:
            raise LoadError(f"no upload can be made: {made.text}")
        path = urlsplit(made.headers["location"]).path
        fields = {**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        fields |= {"Content-Length": str(size), "Cookie": f"ticket={client.cookies['ticket']}", "Host": "127.0.0.1"}
        before = peak = resident_mib(parley.pid)
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", parley.port)) as wire:
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            clip = CLIP.read_bytes()
            wire.sendall(f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode() + clip)
            block, left = bytes(8 * _BLOCK), size - len(clip)
            while left:
                part = block[:left] if left < len(block) else block
                wire.sendall(part)
                left -= len(part)
                peak = max(peak, resident_mib(parley.pid))
            status = wire.recv(65_536)[:13]
        seconds = time.perf_counter() - began
        if status != b"HTTP/1.1 204 ":
            raise LoadError(f"the upload was refused: {status!r}")
        while (told := client.get(parley.url(path)).json())["state"] not in ("ready", "failed"):
            time.sleep(0.05)
        kept = time.perf_counter() - began - seconds
    if told["state"] != "ready":
        raise LoadError(f"the upload did not become a recording: {told['reason']}")
    growth = peak - before
    bench.say(
        f"sending {size / _GIGABYTE:.0f} GiB: {size / seconds / 1e6:,.0f} MB/s, kept {kept:.1f} s later, "
        f"{growth:.0f} MiB of memory more"
    )
    return Row(
        f"sending a recording of {size / _GIGABYTE:.0f} GiB",
        today=f"{number(growth)} MiB more memory",
        rate=f"{size / seconds / 1e6:,.0f} MB/s",
    )
