"""People meet in rooms that a media server carries, in a real browser with fake cameras and microphones."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from parley.rooms.live import Live
from tests.browser.test_room import (
    _ALL_TRACKS,
    _WATCH,
    comes_to_watch,
    cut_off,
    figures,
    inside,
    joins,
    more,
    picture,
    until,
)
from tests.browsers import Visitor
from tests.janus import janus_settings, needs_janus
from tests.proxy import Proxy
from tests.server import Server, TestSite
from tests.web.test_pages import invitation, schedule, start_link

pytestmark = needs_janus
Visit = Callable[..., Visitor]
Come = Callable[..., Page]

#: Small pictures, few of them: all the browsers are on one machine.
_SMALL = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wishes) =>
  real(wishes.video ? {...wishes, video: {width: 320, height: 240, frameRate: 10}} : wishes);
"""
_NO_CAMERA = "localStorage.setItem('parley-camera', 'off');"
#: Keeps the page's sockets in sight of the test.
_SOCKETS = """
window.sockets = [];
const RealSocket = window.WebSocket;
window.WebSocket = class extends RealSocket {
  constructor(...options) { super(...options); window.sockets.push(this); }
};
"""
#: How many sections of all connections brought at least so many pictures, or so many packets of sound.
_SOURCES = """async () => {
  const found = {pictures: 0, sounds: 0};
  for (const pc of window.connections) {
    if (pc.connectionState !== 'connected') continue;
    for (const each of (await pc.getStats()).values()) {
      if (each.type !== 'inbound-rtp') continue;
      if (each.kind === 'video' && each.framesDecoded > 3) found.pictures++;
      if (each.kind === 'audio' && each.packetsReceived > 20 && each.totalAudioEnergy > 0) found.sounds++;
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def janus_server(browser: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs Janus."""
    folder = tmp_path_factory.mktemp("janus-server")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, folder, **janus_settings()).start()
    yield server
    server.stop()


@pytest.fixture
def site(janus_server: Server) -> TestSite:
    """A site of the test's own."""
    return janus_server.new_site()


@pytest.fixture
def on_janus(site: TestSite) -> Iterator[None]:
    """All rooms are on Janus from the beginning."""
    server = hub(site).janus
    server.most_mesh = 0
    yield
    server.most_mesh = 4


@pytest.fixture
def come(visit: Visit) -> Come:
    """Somebody opens a link and joins from the page before the room."""

    def join(link: str, name: str, camera: bool = True) -> Page:
        visitor = visit(1280)
        for script in (_SMALL, "" if camera else _NO_CAMERA):
            visitor.context.add_init_script(script)
        return joins(visitor, link, name)

    return join


def hub(site: TestSite) -> Any:
    import httpx

    httpx.get(site.server.url)
    return site.server.app._hub


def live(site: TestSite, key: str) -> Live:
    found: Live = hub(site)._rooms[(site.site_id, int(key))]
    return found


def gets(page: Page, pictures: int, sounds: int) -> None:
    """Wait until so many others are seen and heard."""
    found: dict[str, int] = {}
    for _ in range(100):
        found = page.evaluate(_SOURCES)
        if found["pictures"] >= pictures and found["sounds"] >= sounds:
            return
        page.wait_for_timeout(250)
    raise AssertionError((found, page.evaluate("connections.map(pc => pc.connectionState)")))


def open_connections(page: Page, count: int) -> None:
    until(page, lambda now: now["open"] == count)


def feeds(site: TestSite, key: str) -> int:
    """How many Janus has in the room, this server itself not counted."""
    room: Any = live(site, key).medium._janus

    async def ask() -> int:
        data, _ = await room._control.ask({"request": "listparticipants", "room": room._access.room})
        return len(data["participants"]) - 1

    return site.server.run(ask())


@pytest.mark.usefixtures("on_janus")
def test_two_people_a_screen_a_recording_and_an_end(site: TestSite, come: Come, tmp_path: Path) -> None:
    key = schedule(site, "Monday round")
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace")
    inside(guest)
    for page in (host, guest):
        gets(page, 1, 1)
        open_connections(page, 2)
        expect(page.locator(".tile.seen")).to_have_count(2)
    picture(host, "janus-two")
    medium = live(site, key).medium
    assert medium.engine == "janus"
    began = time.time()
    site.server.run(medium.start_recording(tmp_path / "recording"))

    # The screen is one more stream of the same connection.
    host.locator("#share").click()
    until(guest, lambda now: now["screen"] > 3)
    expect(guest.locator(".tile.screen-tile.seen")).to_be_visible()
    host.locator("#share").click()
    expect(guest.locator(".tile.screen-tile")).to_have_count(0)
    host.locator("#share").click()
    expect(guest.locator(".tile.screen-tile.seen")).to_be_visible()
    open_connections(guest, 2)

    # A camera that is off is off, and comes back.
    guest.keyboard.press("v")
    expect(host.locator(".tile.seen:not(.screen-tile)")).to_have_count(1)
    guest.keyboard.press("v")
    expect(host.locator(".tile.seen:not(.screen-tile)")).to_have_count(2)
    more(host, "frames", "energy")

    streams = site.server.run(medium.stop_recording())
    kinds = sorted((each.name, each.kind, each.codec) for each in streams if each.first_us)
    assert kinds == [
        ("Ada Lovelace", "camera", "vp8"),
        ("Ada Lovelace", "mic", "opus"),
        ("Grace Hopper", "camera", "vp8"),
        ("Grace Hopper", "mic", "opus"),
        ("Grace Hopper", "screen", "vp8"),
    ]
    assert all(each.path.stat().st_size > 1000 for each in streams if each.first_us)
    assert all(began - 1 < each.first_us / 1e6 < time.time() + 1 for each in streams if each.first_us)

    # Whoever is sent away is cut off, and the others no longer get anything of him.
    assert feeds(site, key) == 2
    host.locator("#open-people").click()
    host.get_by_role("button", name="What to do with Ada Lovelace").click()
    host.get_by_role("menuitem", name="Remove from the meeting").click()
    expect(guest.locator("#over-title")).to_have_text("You were removed")
    assert guest.evaluate("connections.every(pc => pc.connectionState === 'closed')")
    expect(host.locator(".tile:not(.screen-tile)")).to_have_count(1)
    assert feeds(site, key) == 1
    again = come(invitation(site, key), "Blaise Pascal")
    inside(again)
    gets(again, 1, 1)
    gets(host, 1, 1)


def test_six_people_move_when_the_fifth_comes(site: TestSite, come: Come) -> None:
    key = schedule(site, "Large round")
    pages = [come(start_link(site, key), "Person 0")]
    inside(pages[0])
    for number in range(1, 4):
        pages.append(come(invitation(site, key), f"Person {number}", number < 2))
        inside(pages[-1])
    for number, page in enumerate(pages):
        gets(page, 1 if number < 2 else 2, 3)
        open_connections(page, 3)
    assert live(site, key).medium.engine == "mesh"
    tokens = [page.evaluate("performance.timeOrigin") for page in pages]
    for number in (4, 5):
        pages.append(come(invitation(site, key), f"Person {number}", camera=False))
        inside(pages[-1])
    for number, page in enumerate(pages):
        open_connections(page, 2)
        gets(page, 1 if number < 2 else 2, 5)
        expect(page.locator(".tile")).to_have_count(6)
        expect(page.locator(".tile.seen")).to_have_count(2)
        more(page, "frames", "energy")
    picture(pages[0], "janus-six")
    # Nobody left for that, nor was anybody told of a lost connection.
    assert [page.evaluate("performance.timeOrigin") for page in pages[:4]] == tokens
    assert live(site, key).room._last_id == 6
    # When people go the room stays where it is.
    for page in pages[3:]:
        page.locator("#leave").click()
    for page in pages[:3]:
        expect(page.locator(".tile")).to_have_count(3)
        more(page, "frames", "energy")
    assert live(site, key).medium.engine == "janus"
    assert feeds(site, key) == 3


def test_who_only_watches_gets_a_server_and_sends_nothing(site: TestSite, come: Come, visit: Visit) -> None:
    key = schedule(site)
    host = come(start_link(site, key), "Grace")
    inside(host)
    viewer = comes_to_watch(site, visit(375), key, _WATCH + _SOCKETS)
    gets(viewer, 1, 1)
    open_connections(viewer, 1)
    assert live(site, key).medium.engine == "janus"
    assert figures(viewer)["sent"] == 0
    assert viewer.evaluate(_ALL_TRACKS) == []
    # An offer to send is refused, whoever makes it: nobody but the host is in Janus' room.
    viewer.evaluate(
        """async () => {
          const pc = new RTCPeerConnection();
          const audio = new AudioContext().createMediaStreamDestination().stream.getTracks()[0];
          pc.addTransceiver(audio, {direction: 'sendonly'});
          const {sdp} = await pc.createOffer();
          const message = {type: 'media', part: 'send', link: 'x', kind: 'offer', places: {0: 'mic'}, sdp};
          sockets.at(-1).send(JSON.stringify(message));
        }"""
    )
    expect(viewer.locator(".toast").last).to_contain_text("You can watch and listen")
    assert feeds(site, key) == 1
    assert figures(host)["frames"] == figures(host)["packets"] == 0


@pytest.mark.usefixtures("on_janus")
def test_a_cut_network_and_a_killed_server_heal(site: TestSite, come: Come) -> None:
    key = schedule(site)
    proxy = Proxy(site.server.config.port)
    try:
        host = come(start_link(site, key), "Grace")
        inside(host)
        guest = come(invitation(site, key).replace(f":{site.server.config.port}/", f":{proxy.port}/"), "Ada")
        inside(guest)
        gets(guest, 1, 1)
        gets(host, 1, 1)
        cut_off(guest, proxy)
        guest.wait_for_timeout(2000)
        proxy.mend()
        expect(guest.locator("#link-badge")).to_be_hidden(timeout=20_000)
        gets(guest, 1, 1)
        more(host, "frames", "energy")

        process = site.server.app._janus
        assert process is not None
        killed, turn = process.pid, live(site, key).room.engine.turn
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        for page in (host, guest):
            until(page, lambda now: now["open"] == 2 and live(site, key).room.engine.turn == turn + 1)
            gets(page, 1, 1)
            more(page, "frames", "energy")
        assert process.pid not in (None, killed)
        assert live(site, key).room._last_id == 2
    finally:
        proxy.close()
