"""People meet in a room with fake cameras and microphones: what they see, hear and may do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from parley.rooms.tokens import Ticket
from parley.services.presence import new_stay_id
from tests.browsers import Visitor, barriers, scrolls_sideways
from tests.proxy import Proxy
from tests.server import TestSite
from tests.web.test_pages import address, invitation, schedule, start_link

Visit = Callable[..., Visitor]
#: Where pictures of the rooms go, to be looked at; nowhere unless it is said.
_PICTURES = os.environ.get("PARLEY_PICTURES")

#: Keeps the connections of a page in sight of the test.
_WATCH = """
window.connections = [];
window.given = [];
const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wishes) => {
  const stream = await getUserMedia(wishes);
  window.given.push(...stream.getTracks());
  return stream;
};
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...options) { super(...options); window.connections.push(this); }
};
"""
#: For every camera that was ever given, whether it is on; and all tracks that are on.
_CAMERAS = "given.filter(track => track.kind === 'video').map(track => track.readyState === 'live')"
_ALL_TRACKS = "given.filter(track => track.readyState === 'live').map(track => track.kind)"
#: What comes in over all open connections together: frames by place, sound, and whether anything is sent.
_FIGURES = """async () => {
  const sum = {frames: 0, energy: 0, packets: 0, sent: 0, screen: 0, open: 0};
  for (const pc of window.connections) {
    if (pc.connectionState !== 'connected') continue;
    sum.open++;
    for (const each of (await pc.getStats()).values()) {
      if (each.type === 'inbound-rtp' && each.kind === 'video') {
        sum.frames += each.framesDecoded ?? 0;
        if (each.frameWidth > 1000) sum.screen += each.framesDecoded ?? 0;
      }
      if (each.type === 'inbound-rtp' && each.kind === 'audio') {
        sum.energy += each.totalAudioEnergy ?? 0; sum.packets += each.packetsReceived ?? 0;
      }
      if (each.type === 'outbound-rtp') sum.sent += each.packetsSent ?? 0;
    }
  }
  return sum;
}"""


def figures(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(_FIGURES)
    return found


def until(page: Page, wanted: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """Wait until the figures are as wanted, for a generous while."""
    found: dict[str, float] = {}
    for _ in range(100):
        found = figures(page)
        if wanted(found):
            return found
        page.wait_for_timeout(200)
    raise AssertionError(found)


def more(page: Page, *names: str) -> None:
    """These figures still grow."""
    before = figures(page)
    until(page, lambda now: all(now[name] > before[name] for name in names))


def picture(page: Page, name: str) -> None:
    if _PICTURES:
        page.screenshot(path=str(Path(_PICTURES) / f"{name}.png"))


def inside(page: Page) -> None:
    expect(page.locator("#live")).to_be_visible()


def joins(visitor: Visitor, link: str, name: str, script: str = _WATCH) -> Page:
    """Open a link and join from the page before the room; the script runs first on every page."""
    visitor.context.add_init_script(script)
    page = visitor.open(link)
    page.locator("form[action*='/room/'] button, form[action*='/meet/'] button").click()
    page.get_by_label("Your name").fill(name)
    page.locator("#join-button").click()
    return page


def comes_to_watch(site: TestSite, visitor: Visitor, key: str, script: str = _WATCH) -> Page:
    """Come in as somebody who only watches; the script runs first on every page."""
    visitor.context.add_init_script(script)
    hub = site.server.app._hub
    assert hub is not None
    shown = Ticket(
        kind="entry",
        site_id=site.site_id,
        session_key=int(key),
        until=site.server.clock.now() + 60,
        nonce="watches",
        stay_id=new_stay_id(),
        name="Ada",
        viewer=True,
    )
    entry = {
        "token": hub.signer.sign(shown),
        "socket": f"/{site.name}/room/{key}/socket",
        "viewer": True,
        "iceServers": [],
    }
    visitor.context.route("**/entry", lambda route: route.fulfill(json=entry))
    viewer = visitor.open(address(site, f"room/{key}"))
    viewer.get_by_label("Your name").fill("Ada")
    viewer.locator("#join-button").click()
    inside(viewer)
    return viewer


def cut_off(page: Page, proxy: Proxy) -> None:
    """Cut the network between a page and the server, and that between the page and the others."""
    proxy.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.locator("#link-badge")).to_be_visible()
    page.evaluate("connections.forEach(pc => pc.close())")


def test_two_people_see_and_hear_each_other(site: TestSite, come: Callable[..., Page]) -> None:
    key = schedule(site, "Monday round")
    guest = come(invitation(site, key), "Ada Lovelace", 375)
    expect(guest.locator("#waiting-text")).to_contain_text("The host is not here yet")
    picture(guest, "waiting-375")
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    inside(guest)
    for page in (host, guest):
        until(page, lambda now: now["frames"] > 5 and now["energy"] > 0 and now["packets"] > 20)
        more(page, "frames", "energy")
        expect(page.locator(".tile.seen")).to_have_count(2)
    picture(host, "grid-1280")
    picture(guest, "grid-375")

    # The screen is shared by the presenter, and seen.
    host.locator("#share").click()
    until(guest, lambda now: now["screen"] > 3)
    expect(guest.locator(".tile.screen-tile.seen")).to_be_visible()
    expect(guest.locator("#share")).to_be_disabled()
    picture(guest, "screen-375")
    picture(host, "screen-1280")
    host.locator("#share").click()
    expect(guest.locator(".tile.screen-tile")).to_have_count(0)
    # Later on it works again, over the same connection.
    host.locator("#share").click()
    expect(guest.locator(".tile.screen-tile.seen")).to_be_visible()
    host.locator("#share").click()


def test_chat_hands_mute_and_going(site: TestSite, come: Callable[..., Page]) -> None:
    key = schedule(site, "Monday round")
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace", 375)
    inside(guest)
    until(host, lambda now: now["energy"] > 0)

    guest.locator("#open-chat").click()
    guest.locator("#chat-text").fill("Good morning <b>all</b>")
    guest.keyboard.press("Enter")
    expect(host.locator(".toast").last).to_contain_text("Good morning <b>all</b>")
    host.keyboard.press("c")
    expect(host.locator("#lines .text")).to_have_text(["Good morning <b>all</b>"])
    host.locator("#chat-to").select_option("all")
    host.locator("#chat-text").fill("Good morning, Ada. Shall we begin with the figures of last week?")
    host.locator("#chat-send").click()
    expect(guest.locator("#lines .text")).to_have_count(2)
    picture(guest, "chat-375")
    picture(host, "chat-1280")
    guest.locator("#close-panel").click()

    guest.keyboard.press("h")
    expect(host.locator(".tile .hand-up:visible")).to_have_count(1)
    host.locator("#open-people").click()
    expect(host.locator("#people-list li").first).to_contain_text("Ada Lovelace")
    picture(host, "people-1280")
    before = figures(host)["energy"]
    assert before > 0
    host.get_by_role("button", name="What to do with Ada Lovelace").click()
    picture(host, "menu-1280")
    host.get_by_role("menuitem", name="Mute").click()
    expect(guest.locator("#mic")).to_have_attribute("aria-pressed", "false")
    expect(host.locator(".tile.muted")).to_have_count(1)
    assert guest.evaluate("connections[0].getSenders()[0].track.enabled") is False

    # Beside a locked room people wait.
    host.locator("#more").click()
    picture(host, "more-1280")
    host.get_by_role("button", name="Lock the room").click()
    expect(guest.locator("#locked-badge")).to_be_visible()
    other = come(invitation(site, key), "Blaise Pascal", 375)
    expect(other.locator("#waiting-text")).to_contain_text("The host will let you in")
    host.get_by_role("button", name="Admit Blaise Pascal").click()
    inside(other)
    expect(host.locator(".tile")).to_have_count(3)
    for page in (host, guest, other):
        until(page, lambda now: now["open"] == 2 and now["frames"] > 5)
    picture(host, "three-1280")
    picture(guest, "three-375")

    host.get_by_role("button", name="What to do with Ada Lovelace").click()
    host.get_by_role("menuitem", name="Remove from the meeting").click()
    expect(guest.locator("#over-title")).to_have_text("You were removed")
    assert guest.evaluate("connections.every(pc => pc.connectionState === 'closed')")
    picture(guest, "removed-375")
    until(host, lambda now: now["open"] == 1)

    host.locator("#leave").click()
    host.get_by_role("button", name="End the meeting for all").click()
    expect(other.locator("#over-title")).to_have_text("The meeting is over")
    expect(host.locator("#over-title")).to_have_text("The meeting is over")


def test_a_camera_that_is_off_is_off(site: TestSite, come: Callable[..., Page]) -> None:
    key = schedule(site)
    host = come(start_link(site, key), "Grace")
    inside(host)
    guest = come(invitation(site, key), "Ada")
    inside(guest)
    until(guest, lambda now: now["frames"] > 3)
    assert host.evaluate(_CAMERAS) == [True]
    host.keyboard.press("v")
    expect(guest.locator(".tile.seen")).to_have_count(1)
    assert host.evaluate(_CAMERAS) == [False]
    host.keyboard.press("v")
    expect(guest.locator(".tile.seen")).to_have_count(2)
    more(guest, "frames")
    assert host.evaluate(_CAMERAS) == [False, True]
    host.locator("#leave").click()
    host.get_by_role("button", name="Leave; the meeting goes on").click()
    expect(host.locator("#over-title")).to_have_text("You left the meeting")
    assert host.evaluate(_ALL_TRACKS) == []
    expect(guest.locator(".tile")).to_have_count(1)


def test_a_network_that_was_cut_heals(site: TestSite, come: Callable[..., Page]) -> None:
    key = schedule(site)
    proxy = Proxy(site.server.config.port)
    try:
        host = come(start_link(site, key), "Grace")
        inside(host)
        guest = come(invitation(site, key).replace(f":{site.server.config.port}/", f":{proxy.port}/"), "Ada")
        inside(guest)
        until(guest, lambda now: now["frames"] > 3)
        guest.keyboard.press("h")
        expect(host.locator(".tile .hand-up:visible")).to_have_count(1)
        place = guest.locator(".tile").first.get_attribute("data-key")
        cut_off(guest, proxy)
        host.locator("#open-chat").click()
        host.locator("#chat-text").fill("Are you there?")
        host.keyboard.press("Enter")
        guest.wait_for_timeout(10_000)
        proxy.mend()
        expect(guest.locator("#link-badge")).to_be_hidden(timeout=20_000)
        expect(guest.locator("#lines .text")).to_have_text(["Are you there?"])
        until(guest, lambda now: now["open"] == 1 and now["frames"] > 3)
        until(host, lambda now: now["open"] == 1 and now["frames"] > 3)
        expect(host.locator(".tile")).to_have_count(2)
        expect(host.locator(".tile .hand-up:visible")).to_have_count(1)
        assert guest.locator(".tile").first.get_attribute("data-key") == place
    finally:
        proxy.close()


def test_who_only_watches_sees_and_sends_nothing(site: TestSite, come: Callable[..., Page], visit: Visit) -> None:
    key = schedule(site)
    host = come(start_link(site, key), "Grace")
    inside(host)
    viewer = comes_to_watch(site, visit(375), key)
    until(viewer, lambda found: found["frames"] > 5 and found["energy"] > 0)
    assert figures(viewer)["sent"] == 0
    assert figures(host)["frames"] == figures(host)["packets"] == 0
    assert viewer.evaluate(_ALL_TRACKS) == []
    for name in ("mic", "camera", "share"):
        expect(viewer.locator(f"#{name}")).to_be_disabled()
    expect(host.locator(".tile")).to_have_count(1)
    # Nor can anybody who speaks for himself make the others take what he sends.
    viewer.evaluate(
        """async () => {
          const pc = new RTCPeerConnection();
          pc.addTransceiver('audio', {direction: 'sendrecv'});
          const offer = await pc.createOffer();
          const real = WebSocket.prototype.send;
          WebSocket.prototype.send = function (text) {
            if (text.includes('ping')) {
              real.call(this, JSON.stringify({type: 'signal', to: 1, link: 'x', kind: 'offer', sdp: offer.sdp}));
            }
            return real.call(this, text);
          };
        }"""
    )
    expect(viewer.locator(".toast").last).to_contain_text("You can watch and listen", timeout=15_000)
    assert figures(host)["open"] == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_rooms_keep_nobody_out(site: TestSite, come: Callable[..., Page], visit: Visit, width: int) -> None:
    key = schedule(site, "A meeting with quite a long name about the figures of last week and those of the next")
    before = visit(width).open(invitation(site, key))
    before.locator("form[action*='/room/'] button").click()
    expect(before.locator("#preview-off")).to_be_hidden()
    check(before)
    picture(before, f"before-{width}")
    host = come(start_link(site, key), "Grace Hopper", width)
    inside(host)
    check(host)
    for button in ("#open-people", "#open-chat"):
        host.locator(button).click()
        check(host)
        if host.locator("#close-panel").is_visible():
            host.locator("#close-panel").click()
    host.locator("#camera").click()
    check(host)
    picture(host, f"alone-{width}")
    host.locator("#more").click()
    check(host)
    picture(host, f"more-{width}")
    host.keyboard.press("Escape")
    host.emulate_media(color_scheme="dark")
    picture(host, f"dark-{width}")
    host.locator("#leave").click()
    check(host)


def check(page: Page) -> None:
    """A page fits its window, and keeps nobody out, whatever colours the device wants."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert not scrolls_sideways(page)
        assert barriers(page) == [], scheme
    page.emulate_media(color_scheme="light")
