"""People in rooms, simulated: they come, write, negotiate and go by a script, and count what they are told.

One coroutine is one person with one WebSocket. What a person does is drawn from a seed, so that a run can be repeated;
what he was told is compared with what was said: the lines of a room are numbered, so each person has to have read all
from his first to his last, and whoever was there all the time has to have read every one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode
_PING_SECONDS: Final = 10.0
#: As long as what a browser offers for microphone, camera and screen.
_DESCRIPTION: Final = "v=0\r\nm=audio 9 UDP 111\r\na=sendrecv\r\n" + "a=fingerprint:sha-256 AB:CD\r\n" * 80
_CANDIDATE: Final = "candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host generation 0 ufrag abcd"
_PATIENCE: Final = 30.0


class CrowdError(Exception):
    """What was told is not what was said."""


@dataclass(frozen=True, slots=True)
class Script:
    """What people do.

    Attributes:
        people: in each room; the first one is its host and stays until the end.
        seconds: how long it lasts.
        ramp: the first ones come within so many seconds, and the last ones go within half as many.
        stay, away, pause: seconds between which times are drawn: in the room, out of it, between two lines of the chat.
        candidates: of each side of each connection between two browsers; None: they do not negotiate.
        seed: of what is drawn.
    """

    people: int = 5
    seconds: float = 120.0
    ramp: float = 20.0
    stay: tuple[float, float] = (15.0, 40.0)
    away: tuple[float, float] = (3.0, 8.0)
    pause: tuple[float, float] = (3.0, 7.0)
    candidates: int | None = 3
    seed: int = 7


@dataclass(slots=True)
class Visit:
    """Somebody in a room; seconds of the machine's clock.

    Attributes:
        asked, came: when he asked for entry, and was welcomed.
        went, gone: when he said that he leaves, and the connection was closed.
    """

    name: str
    asked: float
    came: float
    went: float = 0.0
    gone: float = 0.0


@dataclass
class Told:
    """What happened in a room.

    Attributes:
        said: lines that were sent.
        visits: who was there when.
        read: for each visit the numbers of the lines that were read, in order.
        texts: of the lines by number.
        began, emptied: the host is there; the others have gone for good.
        inside: how many others have not.
    """

    key: str
    inside: int = 0
    began: asyncio.Event = field(default_factory=asyncio.Event)
    emptied: asyncio.Event = field(default_factory=asyncio.Event)
    said: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    read: list[list[int]] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raises: CrowdError: a line was lost, doubled, changed or came out of order."""
        if sorted(self.texts.values()) != sorted(self.said):
            missing = len(self.said) - len(self.texts)
            raise CrowdError(f"room {self.key}: {missing} of {len(self.said)} lines were never read")
        for visit, numbers in zip(self.visits, self.read, strict=True):
            if numbers and numbers != list(range(numbers[0], numbers[-1] + 1)):
                raise CrowdError(f"room {self.key}: {visit.name} read {numbers}")
        everything = self.read[0]
        if everything != list(range(1, len(self.said) + 1)):
            raise CrowdError(f"room {self.key}: the host read {len(everything)} of {len(self.said)} lines")


@dataclass
class Outcome:
    """What a crowd was told. `delays`: seconds from saying a line to each reading of it; `joins`: until the welcome."""

    rooms: dict[str, Told]
    delays: list[float] = field(default_factory=list)
    joins: list[float] = field(default_factory=list)
    signals: int = 0

    def check(self) -> None:
        """Raises: CrowdError: as for `Told.check`."""
        for room in self.rooms.values():
            room.check()


class _Person:
    def __init__(self, crowd: Crowd, told: Told, number: int, address: str) -> None:
        self.crowd = crowd
        self.told = told
        self.number = number
        self.name = f"P{number}"
        self.address = address
        self.drawn = random.Random(f"{crowd.script.seed} {told.key} {number}")
        self.socket: ClientConnection | None = None
        self.read: list[int] = []
        self.own = asyncio.Event()
        self.waits_for = ""
        self.lines = 0
        self.members: set[int] = set()
        self.me = 0

    async def live(self, end: float) -> None:
        """Come and go until the end; the host comes first and goes last."""
        script, told = self.crowd.script, self.told
        end -= self.drawn.uniform(0, script.ramp / 2)
        if self.number == 0:
            await asyncio.sleep(self.drawn.uniform(0, script.ramp / 2))
            await self._visit(end)
            return
        await told.began.wait()
        await asyncio.sleep(self.drawn.uniform(0, script.ramp / 2))
        while time.monotonic() < end:
            await self._visit(min(end, time.monotonic() + self.drawn.uniform(*script.stay)))
            await asyncio.sleep(self.drawn.uniform(*script.away))
        told.inside -= 1
        if not told.inside:
            told.emptied.set()

    async def _visit(self, until: float) -> None:
        headers = {"X-Forwarded-For": self.address}
        begun, asked = time.perf_counter(), time.time()
        token = await self.crowd.token(self.told.key, self.number, headers)
        url = f"{self.crowd.socket_url}/{self.told.key}/socket"
        connected = connect(url, additional_headers=headers, compression=None, ping_interval=None, max_queue=None)
        async with connected as self.socket:
            await self._say("enter", token=token)
            visit = await self._welcomed(asked)
            self.crowd.outcome.joins.append(time.perf_counter() - begun)
            hearing = asyncio.create_task(self._hear())
            try:
                await self._greet()
                await self._talk(until)
                if self.number == 0 and self.told.inside:
                    await self.told.emptied.wait()
                visit.went = time.time()
                await self._say("leave")
                async with asyncio.timeout(_PATIENCE):
                    await hearing
                visit.gone = time.time()
            finally:
                hearing.cancel()

    async def _welcomed(self, asked: float) -> Visit:
        assert self.socket is not None
        async with asyncio.timeout(_PATIENCE):
            first = _decode(await self.socket.recv())
        if first["type"] != "welcome":
            raise CrowdError(f"{self.name} was not let into {self.told.key}: {first}")
        self.me = first["you"]
        self.members = {each["id"] for each in first["members"]} - {self.me}
        visit = Visit(self.name, asked, time.time())
        self.read = []
        self.told.visits.append(visit)
        self.told.read.append(self.read)
        self.told.began.set()
        return visit

    async def _greet(self) -> None:
        """The newcomer offers, as browsers do."""
        if self.crowd.script.candidates is not None:
            for other in sorted(self.members):
                await self._signal(other, "offer", sdp=_DESCRIPTION)

    async def _signal(self, to: int, kind: str, **more: str) -> None:
        self.crowd.outcome.signals += 1
        await self._say("signal", to=to, link="a", kind=kind, **more)

    async def _talk(self, until: float) -> None:
        pinged = time.monotonic()
        while True:
            wait = min(self.drawn.uniform(*self.crowd.script.pause), max(0.0, until - time.monotonic()))
            await asyncio.sleep(wait)
            self.lines += 1
            text = f"{self.told.key} {self.name} {self.lines}"
            self.told.said.append(text)
            self.own.clear()
            self.waits_for = text
            self.crowd.sent[text] = time.perf_counter()
            await self._say("chat", to="all", text=text)
            async with asyncio.timeout(_PATIENCE):
                await self.own.wait()
            if time.monotonic() >= until:
                return
            if time.monotonic() - pinged > _PING_SECONDS:
                pinged = time.monotonic()
                await self._say("ping")

    async def _hear(self) -> None:
        assert self.socket is not None
        try:
            async for raw in self.socket:
                await self._take(_decode(raw))
        except ConnectionClosed:
            return

    async def _take(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "chat":
            text = message["text"]
            self.crowd.outcome.delays.append(time.perf_counter() - self.crowd.sent[text])
            self.read.append(message["id"])
            self.told.texts[message["id"]] = text
            if text == self.waits_for:
                self.own.set()
        elif kind == "signal":
            await self._negotiate(message)
        elif kind in ("goodbye", "refused") and message.get("reason", message.get("code")) != "no-media":
            raise CrowdError(f"{self.name} in {self.told.key} was told: {message}")

    async def _negotiate(self, message: dict[str, Any]) -> None:
        if message["kind"] == "ice":
            return
        if message["kind"] == "offer":
            await self._signal(message["sender"], "answer", sdp=_DESCRIPTION)
        for _ in range(self.crowd.script.candidates or 0):
            await self._signal(message["sender"], "ice", candidate=_CANDIDATE, mid="0")

    async def _say(self, type_: str, **values: Any) -> None:
        assert self.socket is not None
        await self.socket.send(_encode({"type": type_, **values}).decode())


class Crowd:
    """People of many rooms.

    Args:
        url: of the server, whose `trust_proxy` is on: each person has an address of his own.
        site: name of the site.
        keys: of sessions that anybody may enter.
        host_token: what lets somebody into a room as its host; the others ask for entry.
    """

    def __init__(
        self, url: str, site: str, keys: Sequence[str], script: Script, host_token: Callable[[str], str]
    ) -> None:
        self.script = script
        self.host_token = host_token
        self.room_url = f"{url}/{site}/room"
        self.socket_url = self.room_url.replace("http:", "ws:", 1)
        self.outcome = Outcome({key: Told(key, script.people - 1) for key in keys})
        self.sent: dict[str, float] = {}
        self._http = httpx.AsyncClient(timeout=_PATIENCE, limits=httpx.Limits(max_connections=16))

    async def token(self, key: str, number: int, headers: dict[str, str]) -> str:
        """Ask for entry."""
        if number == 0:
            return self.host_token(key)
        asked = {"name": f"P{number}"}
        answer = await self._http.post(f"{self.room_url}/{key}/entry", json=asked, headers=headers)
        if answer.status_code != 200:
            raise CrowdError(f"P{number} got no way into {key}: {answer.status_code} {answer.text}")
        token: str = answer.json()["token"]
        return token

    async def run(self) -> Outcome:
        """Let everybody come and go.

        Raises:
            CrowdError: somebody was turned away.
            TimeoutError: an answer did not come.
        """
        end = time.monotonic() + self.script.seconds
        try:
            async with asyncio.TaskGroup() as group:
                for place, told in enumerate(self.outcome.rooms.values()):
                    for number in range(self.script.people):
                        address = f"10.{place // 250}.{place % 250}.{number + 1}"
                        group.create_task(_Person(self, told, number, address).live(end))
        finally:
            await self._http.aclose()
        return self.outcome
