"""The two connections that somebody in a room has with Janus: one that sends, one that receives all others.

Janus takes the part that makes offers to whoever receives, the browser to whom it sends. Either is given up as a whole
when something goes wrong, and the browser is told to make a new one.
Sources: facts/media.md 4; Janus' documentation of its VideoRoom plugin, as of 1.1.2.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import structlog

from parley.rooms import messages as m
from parley.rooms.engines.base import Place
from parley.rooms.engines.janus_link import Handle, JanusError, JanusLink, Json
from parley.rooms.limits import Bucket
from parley.rooms.words import _

#: Connections that somebody may make at once, and a second; each costs Janus a certificate and a port.
_BURST, _RATE = 8, 0.5
#: Sections that a description may have: microphone, camera, screen.
_MOST_SECTIONS: Final = 3
#: "No such feed".
_GONE: Final = 428
#: Where more cameras are seen than that, each is seen small.
_MOST_LARGE: Final = 4
#: Janus' numbers of the two sizes that browsers send.
_SMALL, _LARGE = 0, 1
_log = structlog.get_logger("parley.rooms")


class Stream(NamedTuple):
    """Something that can be watched: Janus' numbers of sender and section."""

    feed: int
    mid: str


class Shown(NamedTuple):
    """Whose a stream is, and what it shows."""

    member: int
    place: Place


class Access(NamedTuple):
    """What opens a room in Janus. Nobody but this server knows it."""

    room: int
    pin: str
    secret: str


class _Connection:
    """What both connections have in common.

    Args:
        tell: sends to the one browser.
    """

    part: m.MediaPart

    def __init__(self, janus: JanusLink, access: Access, tell: Callable[[m.Told], None]) -> None:
        self._janus = janus
        self._access = access
        self._tell = tell
        self._fresh = Bucket(_BURST, _RATE, time.monotonic())
        self.lock = asyncio.Lock()
        self.handle: Handle | None = None
        self.link = ""

    async def take_candidate(self, message: m.Media) -> None:
        """A way by which the browser can be reached; one of a connection that was given up is dropped."""
        async with self.lock:
            if self.handle is not None and message.link == self.link:
                candidate: Json = {"completed": True}
                if message.candidate:
                    candidate = {"candidate": message.candidate, "sdpMid": message.mid or "0"}
                await self.handle.trickle(candidate)

    async def close(self) -> None:
        """Cut the connection."""
        async with self.lock:
            await self._drop()

    async def _drop(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            await handle.detach()

    def _may_begin(self) -> bool:
        return self._fresh.take(time.monotonic())

    def again(self) -> None:
        """Tell the browser that this connection is no good."""
        if self.link:
            self._tell(m.MediaTold(self.part, self.link, "again"))

    def _listen(self, event: Json) -> None:
        if event.get("janus") == "hangup" and self.handle is not None and event.get("sender") == self.handle.number:
            self.again()


class Sending(_Connection):
    """The connection by which somebody sends.

    Args:
        claims: called with every number under which Janus will know what is sent, before it does.
    """

    part = "send"

    def __init__(
        self, janus: JanusLink, access: Access, tell: Callable[[m.Told], None], claims: Callable[[int], None]
    ) -> None:
        super().__init__(janus, access, tell)
        self._claims = claims

    async def take_offer(self, message: m.Media) -> None:
        """An offer to send: of a new connection, or of more on the one there is."""
        async with self.lock:
            sections = message.sdp.count("\nm=") if message.sdp else 0
            if not message.sdp or not 0 < sections <= _MOST_SECTIONS or "\nm=application" in message.sdp:
                return
            jsep = {"type": "offer", "sdp": message.sdp}
            body: Json = {
                "request": "configure",
                "descriptions": [{"mid": mid, "description": place} for mid, place in (message.places or {}).items()],
            }
            if self.handle is None or message.link != self.link:
                if not self._may_begin():
                    return
                await self._drop()
                self.link = message.link
                feed = 1 + secrets.randbelow(1 << 52)
                self._claims(feed)
                self.handle = await self._janus.attach(self._listen)
                body |= {"request": "joinandconfigure", "ptype": "publisher", "room": self._access.room}
                body |= {"id": feed, "pin": self._access.pin}
            _, answer = await self.handle.ask(body, jsep)
            if answer is None:
                raise JanusError("no description in answer to an offer")
            self._tell(m.MediaTold("send", self.link, "answer", str(answer["sdp"])))


class Watching(_Connection):
    """The connection by which somebody receives; it begins when the browser asks for it."""

    part = "watch"

    def __init__(self, janus: JanusLink, access: Access, tell: Callable[[m.Told], None]) -> None:
        super().__init__(janus, access, tell)
        self._have: dict[Stream, str] = {}
        self._offered = False
        self._large = ""
        self._sizes: dict[Stream, int] = {}

    async def take_wish(self, link: str) -> None:
        """The browser wants a new connection of this name."""
        async with self.lock:
            if not self._may_begin():
                return
            await self._drop()
            self.link, self._have, self._offered = link, {}, False
            self._large, self._sizes = "", {}

    async def take_large(self, message: m.Media, shown: Mapping[Stream, Shown]) -> None:
        """The browser shows one of the cameras large, or none."""
        async with self.lock:
            if self.handle is not None and message.link == self.link and not self._offered:
                self._large = message.mid or ""
                await self._choose_sizes(self.handle, shown)

    async def take_answer(self, message: m.Media, shown: Mapping[Stream, Shown]) -> None:
        """What the browser answers to the last offer."""
        async with self.lock:
            if self.handle is None or message.link != self.link or not self._offered or not message.sdp:
                return
            if m.sends_media(message.sdp):
                self._tell(m.Refused("view-only", _("You can watch and listen, but not send.")))
                return
            await self.handle.ask({"request": "start"}, {"type": "answer", "sdp": message.sdp})
            self._offered = False
            await self._choose_sizes(self.handle, shown)

    async def update(self, shown: Mapping[Stream, Shown]) -> None:
        """Receive these streams and no others; while an offer waits for its answer nothing is done."""
        async with self.lock:
            missing = sorted(shown.keys() - self._have.keys(), key=lambda each: shown[each])
            surplus = self._have.keys() - shown.keys()
            if not self.link or self._offered or not (missing or surplus):
                return
            try:
                data, jsep = await self._ask_for(missing, surplus)
            except JanusError as error:
                if error.code != _GONE:
                    raise
                if not self._have:
                    await self._drop()
                return  # somebody went at the same moment; that is told in a moment
            self._have = {
                Stream(int(each["feed_id"]), str(each["feed_mid"])): str(each["mid"])
                for each in data.get("streams", [])
                if "feed_id" in each
            }
            if jsep is not None:
                self._offered = True
                self._tell(m.MediaTold("watch", self.link, "offer", str(jsep["sdp"]), self._named(shown)))

    async def _ask_for(self, missing: Iterable[Stream], surplus: Iterable[Stream]) -> tuple[Json, Json | None]:
        wanted = [{"feed": each.feed, "mid": each.mid} for each in missing]
        if self.handle is None:
            self.handle = await self._janus.attach(self._listen)
            body: Json = {"request": "join", "ptype": "subscriber", "room": self._access.room, "streams": wanted}
            return await self.handle.ask(body | {"pin": self._access.pin, "autoupdate": False})
        body = {"request": "update"}
        if wanted:
            body["subscribe"] = wanted
        gone = [{"sub_mid": self._have[each]} for each in surplus]
        if gone:
            body["unsubscribe"] = gone
        return await self.handle.ask(body)

    def _named(self, shown: Mapping[Stream, Shown]) -> list[m.MediaStream]:
        return [m.MediaStream(mid, *shown[stream]) for stream, mid in self._have.items() if stream in shown]

    async def _choose_sizes(self, handle: Handle, shown: Mapping[Stream, Shown]) -> None:
        """Of many cameras take smaller pictures, where their browsers send several sizes."""
        cameras = {stream for stream in self._have if (found := shown.get(stream)) and found.place == "camera"}
        usual = _LARGE if len(cameras) <= _MOST_LARGE else _SMALL
        sizes = {stream: _LARGE if self._have[stream] == self._large else usual for stream in cameras}
        # Janus sends large what it was told nothing of.
        changed = [
            {"mid": self._have[stream], "substream": size}
            for stream, size in sizes.items()
            if self._sizes.get(stream, _LARGE) != size
        ]
        self._sizes = sizes
        if changed:
            await handle.ask({"request": "configure", "streams": changed})
