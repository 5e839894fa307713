"""Cold sign-ins: many connections that come at once with a password nobody has used yet.

The guests' passwords are right, but each has a hash of its own that this server never verified. One burst is 64
requests of one guest on 64 connections.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from statistics import median
from typing import Final

from benchmarks import documents
from benchmarks.bench import LISTED, READ, Bench, contender
from benchmarks.process import fine_cpu_seconds, on_load_core
from benchmarks.rounds import Contender
from benchmarks.seed import HOST
from benchmarks.servers import Running, ServerError
from benchmarks.table import Row, middle, milliseconds, number
from parley.protocol.credentials import PasswordVerifier

_CONNECTIONS: Final = 64
_QUIET_BURSTS: Final = 10
#: While other requests go on, there is a burst every so many seconds.
_PAUSE: Final = 0.2
_WAIT: Final = 30.0
_VERIFICATIONS: Final = 10


def sign_in(bench: Bench) -> list[Row]:
    """What a burst costs, and how long other requests wait meanwhile."""
    backend = bench.sqlite
    others = documents.get_meetings(READ, HOST, backend.sites[READ].keys)
    usual = contender(backend.server, others)
    usual.run(1)
    guests = iter(range(bench.sizes.guests))
    rows = [_cost(bench, backend.server, guests)]
    return rows + _meanwhile(bench, usual, guests)


def _cost(bench: Bench, server: Running, guests: Iterator[int]) -> Row:
    """CPU time of cold bursts less that of the same bursts warm, in verifications."""
    cold, warm, good = [], [], 0
    with on_load_core():
        single = _one_verification()
        for guest in itertools.islice(guests, _QUIET_BURSTS):
            readings = [fine_cpu_seconds(server.pid)]
            for _ in range(2):
                good += asyncio.run(_burst(server.port, guest))
                readings.append(fine_cpu_seconds(server.pid))
            cold.append(readings[1] - readings[0])
            warm.append(readings[2] - readings[1])
    bench.say(
        f"cold sign-ins: a burst takes {number(median(cold) * 1000)} ms of CPU cold, {number(median(warm) * 1000)} ms"
        f" warm; one verification {number(single * 1000)} ms; {good} of {2 * len(cold) * _CONNECTIONS} got in"
    )
    if good != 2 * len(cold) * _CONNECTIONS:
        raise ServerError("somebody with the right password did not get in")
    runs = [(c - w) / single for c, w in zip(cold, warm, strict=True)]
    name = f"Argon2 runs for {_CONNECTIONS} connections with one new password"
    return Row(name, "16 of 16", "1", "1", *middle(runs))


def _one_verification() -> float:
    """CPU seconds of one verification in this process."""
    verifier = PasswordVerifier()
    kept, spent = verifier.hash(documents.PASSWORD), []
    for number_of_try in range(_VERIFICATIONS):
        begun = time.process_time()
        asyncio.run(verifier.verify(kept, f"wrong {number_of_try}"))
        spent.append(time.process_time() - begun)
    verifier.close()
    return median(spent)


async def _burst(port: int, guest: int) -> int:
    """Send one request on each of 64 connections at once; how many were successes."""
    body = documents.document(LISTED, f"guest{guest}", "user.GetUser", f"<webExId>guest{guest}</webExId>")
    head = f"POST {documents.PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}"
    request = head.encode() + b"\r\nConnection: close\r\n\r\n" + body
    async with asyncio.timeout(_WAIT):
        opened = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", port, limit=2**20) for _ in range(_CONNECTIONS))
        )
        for _, writer in opened:
            writer.write(request)
        answers = await asyncio.gather(*(reader.read() for reader, _ in opened))
        for _, writer in opened:
            writer.close()
    return sum(b"<serv:result>SUCCESS" in answer for answer in answers)


def _meanwhile(bench: Bench, usual: Contender, guests: Iterator[int]) -> list[Row]:
    """The 99th percentile of GetMeeting with bursts of new guests beside it, of known guests, and without."""
    slowest: dict[str, list[float]] = {"none": [], "known": [], "new": []}
    rates: dict[str, list[float]] = {name: [] for name in slowest}
    for _ in range(bench.plan.rounds):
        fresh = list(itertools.islice(guests, int(bench.plan.seconds / _PAUSE)))
        for name, crowd in (("none", []), ("new", fresh), ("known", fresh)):
            with _Crowd(usual.server.port, crowd):
                load = usual.run(bench.plan.seconds)
            slowest[name].append(load.p99)
            rates[name].append(load.rate)
    names = {"none": "none", "known": "known guests", "new": "guests with new passwords"}
    return [
        Row(
            f"GetMeeting while {_CONNECTIONS} connections sign in every {_PAUSE} s: {shown}",
            goal="goes on" if name == "new" else "",
            rate=number(median(rates[name])),
            p99=milliseconds(median(slowest[name])),
        )
        for name, shown in names.items()
    ]


class _Crowd:
    """Bursts of guests beside other requests, one guest after the other, in a thread on the load's core."""

    def __init__(self, port: int, guests: list[int]) -> None:
        self._port = port
        self._guests = guests
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_WAIT + 1)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            with on_load_core():
                for guest in self._guests:
                    if self._over.wait(_PAUSE):
                        return
                    if asyncio.run(_burst(self._port, guest)) != _CONNECTIONS:
                        raise ServerError("somebody with the right password did not get in")
        except BaseException as error:  # told when the crowd has gone home
            self._error = error
