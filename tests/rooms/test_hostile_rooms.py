"""Rooms under attack, in a server process of their own: what is refused, what is logged, and that others chat on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket as sockets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from parley.config import Config
from parley.rooms import hub as hubs
from parley.rooms.tokens import Pass, Signer, Ticket
from parley.services.application import Application
from parley.services.demo import SITE_ID, SITE_NAME
from parley.services.new_site import create_site
from parley.services.presence import new_stay_id
from parley.services.shared_secrets import shared_secret
from tests.processes import ServerProcess
from tests.rooms.test_processes import Crowd, Place
from tests.server import Server
from tests.web.rooms import SDP, Guest, Party
from tests.web.test_pages import NASTY, invitation, schedule

_FAR = 4_000_000_000
#: Memory that an attack may cost the server and leave behind, in bytes.
_MEMORY = 80_000_000


class Target:
    """A server under attack, with a room where two people chat."""

    def __init__(self, folder: Path) -> None:
        self.signer, self.other_site = asyncio.run(self._prepared(folder))
        self.process = ServerProcess(folder, demo=True, log_level="info", trust_proxy=True)
        self.place = Place(self.process)
        self.crowd = Crowd(self.place)
        self.host = self.crowd.host(self.place)
        self.witness = self.crowd.invited(self.place, "Witness")
        self.key = self.crowd.key
        self.lines = 0
        self.rooms = [self.crowd]

    async def _prepared(self, folder: Path) -> tuple[Signer, int]:
        application = await Application.start(Config(data=str(folder)))
        try:
            site = await create_site(application, "elsewhere")
            return Signer(await shared_secret(application.engine, "room-tokens")), site.site_id
        finally:
            await application.stop()

    def ticket(self, **more: Any) -> str:
        values: dict[str, Any] = {
            "kind": "entry",
            "site_id": SITE_ID,
            "session_key": int(self.key),
            "until": _FAR,
            "nonce": str(new_stay_id()),
            "stay_id": new_stay_id(),
            "name": "Eve",
        }
        return self.signer.sign(Ticket(**{**values, **more}))

    def guest(self, address: str = "203.0.113.9") -> Guest:
        """Somebody from an address."""
        guest = self.crowd.guest(self.place)
        guest.http.headers["X-Forwarded-For"] = address
        return guest

    def room(self) -> tuple[Crowd, Guest]:
        """Another room with its host, for what is only possible among few."""
        self.rooms.append(Crowd(self.place))
        return self.rooms[-1], self.rooms[-1].host(self.place)

    def eve(self, address: str = "203.0.113.9", crowd: Crowd | None = None, **more: Any) -> Guest:
        """Somebody hostile, in the room or in another one."""
        crowd = crowd or self.crowd
        eve = crowd.guest(self.place)
        token = self.ticket(session_key=int(crowd.key), **more)
        eve.connect(token, additional_headers={"X-Forwarded-For": address})
        eve.id = eve.until("welcome")["you"]
        return eve

    def raw(self, address: str = "203.0.113.10", key: str | None = None, site: str = SITE_NAME) -> ClientConnection:
        """A socket of which nothing was said yet."""
        url = f"ws://127.0.0.1:{self.process.port}/{site}/room/{key or self.key}/socket"
        return connect(url, compression=None, max_size=None, additional_headers={"X-Forwarded-For": address})

    def unharmed(self) -> None:
        """The two who chat read each other; in turn, since each may write a line a second."""
        self.lines += 1
        text = f"line {self.lines}"
        writer, reader = (self.witness, self.host)[:: 1 if self.lines % 2 else -1]
        while True:
            writer.say("chat", to="all", text=text)
            while (told := writer.next())["type"] != "refused" and told.get("text") != text:
                assert told["type"] != "goodbye"
            if told["type"] == "chat":
                break
            time.sleep(1)
        assert reader.until("chat", text=text)["text"] == text

    def logged(self, event: str, **values: Any) -> list[dict[str, Any]]:
        """What the server logged."""
        entries = [json.loads(line) for line in self.process.log.read_text().splitlines()]
        found = [each for each in entries if each["event"] == event]
        return [each for each in found if all(each.get(key) == value for key, value in values.items())]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(tmp_path_factory.mktemp("rooms"))
    yield target
    for each in target.rooms:
        each.close()
    target.process.stop()


@pytest.fixture
def target(attacked: Target) -> Iterator[Target]:
    """The server; after the test people chat on, nothing was logged as an error, and the memory is what it was."""
    before = attacked.process.memory()
    yield attacked
    attacked.unharmed()
    assert attacked.process.errors() == []
    assert attacked.process.memory() - before < _MEMORY


# ---- tickets ----------------------------------------------------------------------------------------------------

_TICKETS: dict[str, Callable[[Target], str]] = {
    "forged": lambda target: target.ticket(may_host=True)[:-4] + "AAAA",
    "of another secret": lambda target: Signer(b"x" * 32).sign(
        Ticket(
            kind="entry",
            site_id=SITE_ID,
            session_key=int(target.key),
            until=_FAR,
            nonce="n",
            stay_id=1,
            name="Eve",
            may_host=True,
        )
    ),
    "over": lambda target: target.ticket(until=1_000),
    "a pass": lambda target: target.signer.sign(Pass(site_id=SITE_ID, session_key=int(target.key), until=_FAR)),
    "of another room": lambda target: target.ticket(session_key=int(target.key) + 1, may_host=True),
    "of another site": lambda target: target.ticket(site_id=target.other_site, may_host=True),
    "not even text": lambda _: "\u0000\u202e" * 100,
    "long": lambda _: "A" * 4_000,
}


@pytest.mark.parametrize("what", _TICKETS)
def test_tickets_that_are_none(target: Target, what: str) -> None:
    address = f"198.51.100.{list(_TICKETS).index(what)}"
    with target.raw(address) as socket:
        socket.send(json.dumps({"type": "enter", "token": _TICKETS[what](target)}))
        goodbye = json.loads(socket.recv(timeout=15))
        assert (goodbye["type"], goodbye["reason"]) == ("goodbye", "token")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=15)
    assert len(target.logged("room_refused", reason="token", address=address)) == 1


def test_a_ticket_is_good_for_one_use_one_room_and_one_site(target: Target) -> None:
    token = target.ticket()
    target.guest().connect(token).until("welcome")
    assert target.guest().connect(token).until("goodbye")["reason"] == "token"
    other = schedule(target.place.site)
    fresh = json.dumps({"type": "enter", "token": target.ticket()})
    for key, site in ((other, SITE_NAME), (target.key, "elsewhere")):
        with target.raw(key=key, site=site) as socket:
            socket.send(fresh)
            assert json.loads(socket.recv(timeout=15))["reason"] == "token"


# ---- what is no message -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [False, True], ids=["before the room", "in the room"])
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b'{"type":"ping"}', 1008),
        (b"\xff\xfe\x00", 1008),
        ("[" * 30_000, 1008),
        ('{"type":"chat","to":"all","text":' + '{"a":' * 5_000, 1008),
        ('{"type":"chat","to":"all","text":"\\ud800"}', 1008),
        ('{"type":"chat","to":"all","text":"x","more":1}', 1008),
        ('{"type":"chat","to":["all"],"text":"x"}', 1008),
        ('{"type":"expel","member":1e400}', 1008),
        ('{"type":"expel","member":NaN}', 1008),
        ('{"type":"hand","up":true,"member":-1}', 1008),
        ('{"type":"__class__"}', 1008),
        ("\u0000", 1008),
        ("x" * 40_000, 1009),
        ("x" * 1_000_000, 1009),
    ],
)
def test_what_is_no_message_ends_the_connection(target: Target, sent: str | bytes, code: int, inside: bool) -> None:
    with target.raw() as socket:
        if inside:
            socket.send(json.dumps({"type": "enter", "token": target.ticket()}))
            assert json.loads(socket.recv(timeout=15))["type"] == "welcome"
        with contextlib.suppress(ConnectionClosed):
            socket.send(sent)
        assert _closed(socket) in (code, 1006)  # 1006: closed while the rest was still under way


def _closed(socket: ClientConnection) -> int:
    try:
        while True:
            socket.recv(timeout=15)
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd is not None else 1006


def test_text_that_is_no_text_and_fragments_without_end(target: Target) -> None:
    with target.raw() as socket:
        socket.send(b"\xff\xfe", text=True)
        assert _closed(socket) == 1007
    with target.raw() as socket, contextlib.suppress(ConnectionClosed):
        socket.send("" for _ in range(100_000))
    with target.raw() as socket:
        with contextlib.suppress(ConnectionClosed):
            socket.send("" for _ in range(200))
        assert _closed(socket) in (1009, 1006)
    assert target.logged("room_socket_refused", address="127.0.0.1", code=1007)


def test_script_in_names_and_chat_is_text(target: Target) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
    eve = target.guest()
    eve.open(invitation(target.place.site, target.key))
    eve.enter(evil)
    joined = target.host.until("joined")
    assert joined["member"]["name"] == evil
    eve.say("chat", to="all", text=evil)
    line = target.host.until("chat")
    assert (line["name"], line["text"]) == (evil, evil)
    named = target.guest()
    page = named.open(invitation(target.place.site, schedule(target.place.site, NASTY)))
    assert "<script>alert" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


# ---- what somebody in the room may not --------------------------------------------------------------------------


def test_who_only_watches_sends_nothing(target: Target) -> None:
    crowd, host = target.room()
    viewer = target.eve(crowd=crowd, viewer=True)
    other = target.eve(crowd=crowd)
    host.sync()
    for kind in ("offer", "answer"):
        viewer.say("signal", to=host.id, link="a", kind=kind, sdp=SDP)
        assert viewer.until("refused")["code"] == "view-only"
    viewer.say("signal", to=host.id, link="a", kind="answer", sdp="m=audio\r\n")
    assert viewer.until("refused")["code"] == "view-only"
    asked: dict[str, dict[str, Any]] = {"lock": {"on": True}, "end": {}, "expel": {"member": other.id}}
    for kind, values in asked.items():
        viewer.say(kind, **values)
        assert viewer.until("refused")["code"] == "not-allowed"
    viewer.say("state", mic=True, camera=True, sharing=True)
    viewer.sync()
    assert not [each for each in host.sync() if each["type"] in ("signal", "changed", "locked")]


def test_the_socket_of_one_room_reaches_nobody_in_another(target: Target) -> None:
    _, stranger = target.room()
    target.host.sync()
    for number in range(1, 40):
        stranger.say("signal", to=number, link="a", kind="offer", sdp=SDP)
        stranger.say("expel", member=number + 1)
    stranger.say("chat", to="all", text="from elsewhere")
    assert stranger.until("chat")["text"] == "from elsewhere"
    assert target.host.sync() == []


# ---- floods -----------------------------------------------------------------------------------------------------


def test_a_flood_of_signals_ends_the_one_who_sends_it(target: Target) -> None:
    crowd, host = target.room()
    eve = target.eve(crowd=crowd)
    host.sync()
    big = SDP + "a=x\r\n" * 4_000
    with contextlib.suppress(ConnectionClosed):
        for _ in range(2_000):
            eve.say("signal", to=host.id, link="a", kind="offer", sdp=big)
    assert eve.closed() in (1008, 1006)
    assert target.logged("room_refused", reason="flood", address="203.0.113.9")
    assert len([each for each in host.sync() if each["type"] == "signal"]) < 40


def test_a_flood_of_pings_ends_the_connection(target: Target) -> None:
    for entered in (False, True):
        with target.raw() as socket:
            if entered:
                socket.send(json.dumps({"type": "enter", "token": target.ticket()}))
                socket.recv(timeout=15)
            with contextlib.suppress(ConnectionClosed):
                for number in range(5_000):
                    socket.ping(str(number))
            assert _closed(socket) in (1008, 1006)


def test_a_thousand_joins_of_one_address(target: Target) -> None:
    reasons: Counter[str] = Counter()

    def knock(count: int) -> None:
        for _ in range(count):
            reason = "lost"
            with contextlib.suppress(ConnectionClosed, OSError), target.raw("192.0.2.77") as socket:
                socket.send('{"type":"enter","token":"none"}')
                reason = json.loads(socket.recv(timeout=15))["reason"]
            reasons[reason] += 1

    threads = [threading.Thread(target=knock, args=(50,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        target.unharmed()
    for thread in threads:
        thread.join(60)
    assert sum(reasons.values()) == 1_000
    assert reasons["busy"] + reasons["lost"] > 300
    assert reasons["token"] < 700
    # One line of the log tells of all who were turned away, and others come in as always.
    assert 1 <= len(target.logged("room_refused", reason="busy", address="192.0.2.77")) < 20
    assert target.eve("192.0.2.78").id


def test_who_reads_nothing_is_cut_off_and_what_waits_for_him_is_bounded(target: Target) -> None:
    crowd, host = target.room()
    deaf = sockets.create_connection(("127.0.0.1", target.process.port))
    deaf.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    path = f"/{SITE_NAME}/room/{crowd.key}/socket"
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "X-Forwarded-For: 203.0.113.50\r\n\r\n"
    )
    deaf.sendall(head.encode())
    assert deaf.recv(12).startswith(b"HTTP/1.1 101")
    deaf.sendall(_frame(json.dumps({"type": "enter", "token": target.ticket(session_key=int(crowd.key), name="Deaf")})))
    member = host.until("joined")["member"]
    assert member["name"] == "Deaf"
    before = target.process.memory()
    big = "a=" + "x" * 20_000
    for number in range(24):
        eve = target.eve(f"203.0.113.{60 + number}", crowd)
        for _ in range(20):
            eve.say("signal", to=member["id"], link="a", kind="ice", candidate="c", sdp=big)
        eve.sync()
        eve.say("leave")
    while (gone := host.until("changed")["member"])["id"] != member["id"] or gone["here"]:
        pass
    assert target.process.memory() - before < _MEMORY
    deaf.close()


def _frame(text: str) -> bytes:
    """A text frame as a client sends it, its mask all zeros."""
    data = text.encode()
    return b"\x81" + bytes([0x80 | 126]) + len(data).to_bytes(2, "big") + b"\0\0\0\0" + data


# ---- who says nothing -------------------------------------------------------------------------------------------


def test_half_open_connections_end(sqlite_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    party = Party(sqlite_server.new_site())
    host, ada = party.host(), party.invited()
    host.until("joined")
    monkeypatch.setattr(hubs, "FIRST_SECONDS", 0.2)
    url = f"ws://127.0.0.1:{sqlite_server.config.port}/{party.site.name}/room/{party.key}/socket"
    with connect(url, compression=None) as mute:
        assert json.loads(mute.recv(timeout=15))["reason"] == "bad"
        assert _closed(mute) == 1008
    monkeypatch.setattr(hubs, "SILENT_SECONDS", 0.5)
    late = party.guest()
    late.open(invitation(party.site, party.key))
    late.enter("Silent")
    assert late.closed() == 1000
    while True:
        member = host.until("changed")["member"]
        if member["id"] == late.id and not member["here"]:
            break
    ada.say("chat", to="all", text="still here")
    assert host.until("chat")["text"] == "still here"
    party.close()
