"""Rooms on Janus over their sockets: what members and attackers say, and what Janus then has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from parley.config import Config
from parley.rooms.engines.janus import JanusRoom
from parley.rooms.engines.janus_link import JanusError
from parley.rooms.engines.janus_process import JanusProcess
from parley.rooms.engines.medium import Medium
from parley.rooms.live import Live
from parley.services.demo import PASSWORD, SITE_NAME
from tests.cli.test_serve import serving
from tests.client import Client
from tests.janus import janus_settings, needs_janus
from tests.server import Server
from tests.web.rooms import Guest, Party, hub, ticket

pytestmark = needs_janus

_HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\na=msid-semantic: WMS\r\n"
_SECTION = (
    "m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:0123456789abcdefghijklmn\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    + ":".join(f"{each:02X}" for each in range(32))
    + "\r\na=setup:actpass\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:{number} {codec}\r\n"
    "a=ssrc:{ssrc} cname:x\r\n"
)


def offer(*kinds: str, direction: str = "sendonly") -> str:
    """What a browser offers that sends these."""
    text = _HEAD.format(mids=" ".join(str(mid) for mid in range(len(kinds))))
    for mid, kind in enumerate(kinds):
        number, codec = (111, "opus/48000/2") if kind == "audio" else (96, "VP8/90000")
        text += _SECTION.format(kind=kind, number=number, codec=codec, mid=mid, direction=direction, ssrc=1000 + mid)
    return text


GOOD = offer("audio", "video")
PLACES = {"0": "mic", "1": "camera"}


@pytest.fixture(scope="module")
def janus_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs Janus, and has all rooms on it."""
    folder = tmp_path_factory.mktemp("janus-rooms")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, folder, janus_from=1, **janus_settings()).start()
    yield server
    server.stop()


@pytest.fixture
def party(janus_server: Server) -> Iterator[Party]:
    found = Party(janus_server.new_site())
    yield found
    found.close()
    hub(found.site).joins._known.clear()


def live(party: Party) -> Live:
    found: Live = hub(party.site)._rooms[(party.site.site_id, int(party.key))]
    return found


def room(party: Party) -> JanusRoom:
    """The party's room on Janus."""
    found = live(party).medium._janus
    assert found is not None
    return found


def there(party: Party) -> int:
    """How many Janus has in the room, the server not counted."""
    found = room(party)

    async def ask() -> int:
        assert found._control is not None
        data, _ = await found._control.ask({"request": "listparticipants", "room": found._access.room})
        return len(data["participants"]) - 1

    return party.site.server.run(ask())


def until(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def moved(guest: Guest) -> Guest:
    """Wait until his room is on Janus."""
    guest.until("engine", name="janus")
    return guest


def send(guest: Guest, link: str = "one", sdp: str | None = GOOD, **more: Any) -> None:
    guest.say("media", **{"part": "send", "kind": "offer", "link": link, "sdp": sdp, "places": PLACES, **more})


def test_a_member_sends_and_is_cut_when_he_goes(party: Party) -> None:
    host = moved(party.host())
    guest = party.invited()
    assert guest.log[0]["engine"] == {"type": "engine", "name": "janus", "turn": live(party).room.engine.turn}
    for each in (host, guest):
        send(each)
        answer = each.until("media", part="send", kind="answer", link="one")
        assert answer["sdp"].count("\nm=") == 2
        assert "recvonly" in answer["sdp"]
    assert there(party) == 2
    # One more section on the same connection: no new participant.
    send(guest, sdp=offer("audio", "video", "video"), places={**PLACES, "2": "screen"})
    assert guest.until("media", kind="answer")["sdp"].count("\nm=") == 3
    assert there(party) == 2
    # A new connection takes the place of the one before.
    send(guest, "two")
    guest.until("media", kind="answer", link="two")
    assert there(party) == 2
    guest.say("leave")
    guest.closed()
    until(lambda: there(party) == 1)
    host.say("leave")
    host.closed()
    janus = hub(party.site).janus
    assert janus is not None
    until(lambda: not janus._rooms)


def test_whoever_is_expelled_is_cut_at_once(party: Party) -> None:
    host = moved(party.host())
    guest = party.invited()
    send(guest)
    guest.until("media", kind="answer")
    assert there(party) == 1
    host.say("expel", member=guest.id)
    guest.closed()
    until(lambda: there(party) == 0)


def test_who_only_watches_has_no_way_to_send(party: Party) -> None:
    host = moved(party.host())
    viewer = party.guest().connect(ticket(party, viewer=True))
    viewer.until("welcome")
    for message in (
        {"kind": "offer", "sdp": GOOD, "places": PLACES},
        {"kind": "offer", "sdp": offer("audio", direction="recvonly"), "places": {"0": "mic"}},
        {"kind": "ice", "candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "mid": "0"},
        {"kind": "again"},
        {"kind": "answer", "sdp": GOOD},
        {"kind": "large", "mid": "0"},
    ):
        viewer.say("media", part="send", link="x", **message)
        assert viewer.until("refused")["code"] == "view-only"
    # Nor does he by the connection over which he receives.
    viewer.say("media", part="watch", link="w", kind="again")
    viewer.say("media", part="watch", link="w", kind="offer", sdp=GOOD, places=PLACES)
    viewer.say("media", part="watch", link="w", kind="answer", sdp=offer("audio", direction="sendrecv"))
    viewer.sync()
    assert there(party) == 0
    send(host)
    host.until("media", kind="answer")
    assert there(party) == 1


@pytest.mark.parametrize(
    "sdp",
    [
        None,
        "v=0\r\n",
        "m=audio\r\n" * 3,
        "\x00" * 2000,
        offer(*["video"] * 4),
        offer("audio") + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n",
        GOOD.replace("sha-256", "sha-1024"),
        GOOD.replace("m=audio 9", "m=audio " + "9" * 400),
        GOOD.replace("a=mid:0", "a=mid:" + "x" * 5000),
        GOOD.replace("VP8/90000", "%n%s%n/90000"),
    ],
    ids=lambda each: None,
)
def test_descriptions_that_are_none_harm_nobody(party: Party, sdp: str | None) -> None:
    host = moved(party.host())
    turn = live(party).room.engine.turn
    guest = party.invited()
    send(guest, sdp=sdp)
    guest.say("media", part="watch", link="w", kind="again")
    guest.say("media", part="watch", link="w", kind="answer", sdp=sdp)
    guest.say("media", part="send", link="one", kind="ice", candidate="candidate:" + "9 " * 300, mid="0")
    guest.sync()
    send(host, "good")
    host.until("media", kind="answer", link="good")
    send(guest, "good")
    guest.until("media", kind="answer", link="good")
    assert live(party).room.engine.turn == turn  # Janus still runs


@pytest.mark.parametrize(
    "message",
    [
        {"janus": "create", "transaction": "x"},
        {"type": "media", "part": "send", "link": "x", "kind": "publish"},
        {"type": "media", "part": "admin", "link": "x", "kind": "offer"},
        {"type": "media", "part": "send", "link": "X/../", "kind": "offer"},
        {"type": "media", "part": "send", "link": "x", "kind": "offer", "sdp": GOOD, "room": 1},
        {"type": "media", "part": "send", "link": "x", "kind": "offer", "places": {"0": "everything"}},
        {"type": "media", "part": "send", "link": "x", "kind": "offer", "places": {str(n): "mic" for n in range(9)}},
        {"type": "media", "part": "send", "link": "x", "kind": "ice", "candidate": "c" * 2000},
        {"type": "media", "part": "send", "link": "x", "kind": "offer", "sdp": "x" * 30_000},
    ],
    ids=lambda each: None,
)
def test_whatever_else_janus_could_do_cannot_be_asked_for(party: Party, message: dict[str, Any]) -> None:
    host = moved(party.host())
    guest = party.invited()
    assert guest.socket is not None
    guest.socket.send(json.dumps(message))
    guest.closed()
    assert guest.log[-1]["reason"] == "bad"
    send(host)
    host.until("media", kind="answer")


def test_who_waits_before_the_room_gets_nothing(party: Party) -> None:
    host = moved(party.host())
    host.say("lock", on=True)
    host.until("locked")
    waiter = party.invited()
    assert waiter.log[0]["type"] == "waiting"
    send(waiter)
    waiter.say("media", part="watch", link="w", kind="again")
    waiter.sync()
    assert there(party) == 0
    assert room(party)._seats.keys() == set()


def test_who_makes_connections_without_end_is_slowed_down(party: Party) -> None:
    moved(party.host())
    guest = party.invited()
    for number in range(40):
        send(guest, f"n{number}")
    guest.sync()
    send(guest, "last")
    time.sleep(0.5)
    guest.sync()
    answered = sum(each["type"] == "media" and each["kind"] == "answer" for each in guest.log)
    assert 1 <= answered <= 12
    assert there(party) <= 1


def test_strangers_in_janus_are_kicked(party: Party) -> None:
    host = moved(party.host())
    send(host)
    host.until("media", kind="answer")
    found = room(party)

    async def intrude() -> None:
        handle = await found._server.link.attach(lambda event: None)
        access = found._access
        await handle.ask({"request": "join", "ptype": "publisher", "room": access.room, "id": 77, "pin": access.pin})

    party.site.server.run(intrude())
    assert there(party) == 2
    party.site.server.run(found.compare())
    assert there(party) == 1
    party.site.server.run(found.compare())
    assert there(party) == 1


def test_rooms_know_nothing_of_each_other(party: Party) -> None:
    other = Party(party.site)
    try:
        for each in (party, other):
            host = moved(each.host())
            send(host)
            host.until("media", kind="answer")
        assert room(party)._access != room(other)._access
        assert (there(party), there(other)) == (1, 1)

        link, wanted, pin = room(party)._server.link, room(party)._access.room, room(other)._access.pin

        async def enter_with_the_pin_of_the_other() -> None:
            handle = await link.attach(lambda event: None)
            await handle.ask({"request": "join", "ptype": "publisher", "room": wanted, "pin": pin})

        with pytest.raises(JanusError, match="Unauthorized"):
            party.site.server.run(enter_with_the_pin_of_the_other())
    finally:
        other.close()


def test_a_janus_elsewhere_is_reached_by_address_and_secrets(sqlite_template: Path, tmp_path: Path) -> None:
    elsewhere = JanusProcess(Config(data=str(tmp_path / "elsewhere"), **janus_settings()))
    elsewhere.start()
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    reach = {"janus": elsewhere.address, "janus_secret": elsewhere.secret, "janus_admin_key": elsewhere.admin_key}
    server = Server(None, tmp_path, janus_from=1, **reach).start()
    party = Party(server.new_site())
    try:
        host = moved(party.host())
        send(host)
        host.until("media", kind="answer")
        assert there(party) == 1
    finally:
        party.close()
        server.stop()
        elsewhere.stop()


def test_while_janus_is_away_rooms_stay_as_they_are(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, janus="ws://127.0.0.1:9", janus_from=1).start()
    party = Party(server.new_site())
    try:
        party.host()
        guest = party.invited()
        send(guest)
        guest.say("signal", to=1, link="a", kind="again")
        guest.sync()
        party.guests[0].until("signal", kind="again")
        medium: Medium = live(party).medium
        assert medium.engine == "mesh"
        with pytest.raises(Exception, match="a mesh does not record"):
            server.run(medium.start_recording(tmp_path / "recording"))
        assert server.run(medium.stop_recording()) == []
    finally:
        party.close()
        server.stop()


def test_people_of_all_workers_meet_on_one_janus(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text("janus_from = 1\n")
    with serving(tmp_path, "--janus", "--workers", "2") as server:

        def client() -> Client:
            return Client(server.url, SITE_NAME, web_ex_id="host1", password=PASSWORD, level=lambda: "42.6.0")

        config = SimpleNamespace(port=urlsplit(server.url).port)
        site: Any = SimpleNamespace(
            name=SITE_NAME, server=SimpleNamespace(url=server.url, config=config), client=client
        )
        party = Party(site)
        try:
            people = [party.host(), *(party.invited() for _ in range(5))]
            for each in people:
                if each.log[0]["engine"]["name"] != "janus":
                    moved(each)
                send(each)
                assert each.until("media", kind="answer")["part"] == "send"
        finally:
            party.close()
        assert server.stop() == 0
