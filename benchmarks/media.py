"""Rooms in a real browser: how soon people see each other, and how many who only watch a core bears on Janus.

The browser decodes nothing of what those who only watch receive: what is measured is the work of the media server.
Everybody sends 320x240 at ten pictures a second; a browser that is busy with six cameras would be what is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks import documents, seed, servers
from benchmarks.bench import Bench
from benchmarks.load import LoadError
from benchmarks.process import cpu_seconds, family, on_load_core
from benchmarks.servers import Running
from benchmarks.table import Row, milliseconds, number
from parley.config import Config
from parley.rooms.tokens import ENTRY_SECONDS, Signer, Ticket, new_nonce
from parley.services.application import Application
from parley.services.presence import new_stay_id
from parley.services.shared_secrets import shared_secret
from tests.browsers import Visitor, browser_path, running_browser
from tests.janus import media_interface, what_is_missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_SITE: Final = "media"
#: Engine and people of the rooms in which the first picture is waited for.
_ROOMS: Final = (("mesh", 2), ("mesh", 4), ("janus", 2), ("janus", 4), ("janus", 6))
#: Of these people so many have a camera on.
_MOST_CAMERAS: Final = 4
_SIX: Final = 6
_CAMERAS_OF_SIX: Final = 2
#: People who only watch, and as many more.
_WATCHING: Final = (20, 120)
_QUICK_WATCHING: Final = (5, 20)
_MEASURED_SECONDS: Final = 10.0
_PATIENCE_MS: Final = 60_000
_SETUP: Final = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wishes) =>
  real(wishes.video ? {...wishes, video: {width: 320, height: 240, frameRate: 10}} : wishes);
"""
#: Milliseconds from the press of the button to the first picture of somebody else.
_FIRST: Final = """() => new Promise((done) => {
  const began = performance.now();
  document.getElementById('join-button').click();
  const look = () => {
    const others = [...document.querySelectorAll('.tile:not(.mirror) video')];
    if (others.some((each) => each.videoWidth && each.readyState > 1)) done(performance.now() - began);
    else setTimeout(look, 10);
  };
  look();
})"""
#: Many who only watch, in one page: the page's own engine, without decoding what comes.
_WATCH: Final = """
const Real = window.RTCPeerConnection;
window.connections = [];
window.RTCPeerConnection = class extends Real {
  constructor(options) {
    super({...options, encodedInsertableStreams: true});
    this.addEventListener('track', ({receiver}) => {
      receiver.createEncodedStreams().readable.pipeTo(new WritableStream());
    });
    window.connections.push(this);
  }
};
window.watch = async (token, path) => {
  const {MediaEngine} = await import('/static/room/engine.js');
  const socket = new WebSocket(new URL(path, location.href.replace('http', 'ws')));
  const say = (message) => socket.send(JSON.stringify(message)) ?? true;
  const engine = new MediaEngine([], {mic: null, camera: null, screen: null}, say, {media() {}, state() {}});
  let me = null;
  socket.onopen = () => say({type: 'enter', token});
  socket.onmessage = ({data}) => {
    const message = JSON.parse(data);
    if (message.type === 'welcome') {
      me = message.members.find((each) => each.id === message.you);
      engine.use(message.engine);
      engine.update(me, message.members, true);
      setInterval(() => say({type: 'ping'}), 10000);
    } else if (message.type === 'engine') {
      engine.use(message);
      engine.update(me, [me]);
    } else if (message.type === 'media') engine.media(message);
  };
};
window.received = async () => {
  const found = {open: 0, packets: 0, lost: 0, bytes: 0};
  for (const each of window.connections) {
    if (each.connectionState !== 'connected') continue;
    found.open++;
    for (const stat of (await each.getStats()).values()) {
      if (stat.type !== 'inbound-rtp') continue;
      found.packets += stat.packetsReceived;
      found.lost += stat.packetsLost;
      found.bytes += stat.bytesReceived;
    }
  }
  return found;
};
null; // else the last function would be called
"""


def media(bench: Bench) -> list[Row]:
    """The first picture on mesh and on Janus, and people who only watch.

    Raises:
        LoadError: browser or media server are missing, or pictures did not come.
    """
    missing = what_is_missing() or (None if browser_path() else "there is no browser; install the package chromium")
    if missing is not None:
        raise LoadError(missing)
    quick = bench.plan.seconds == 1
    rows = []
    with running_browser() as browser:
        for engine, people in _ROOMS:
            rows.append(_first_picture(bench, browser, engine, people))
    with on_load_core(), running_browser() as browser:
        rows.append(_watching(bench, browser, _QUICK_WATCHING if quick else _WATCHING))
    return rows


@contextmanager
def _server(bench: Bench, name: str, janus_from: int) -> Iterator[tuple[Running, _Site]]:
    folder = bench.folder / name
    folder.mkdir()
    database = f"sqlite:///{folder / 'parley.db'}"
    (folder / "parley.toml").write_text(
        f'janus = "start"\njanus_from = {janus_from}\njanus_interface = "{media_interface()}"\n'
    )
    with ThreadPoolExecutor(1) as beside:  # while the browser is open this thread has an event loop already
        made = beside.submit(lambda: asyncio.run(_make(Config(data=str(folder))))).result()
    with servers.parley(database, folder) as running:
        yield running, made


class _Site:
    """A site with one meeting, and what makes tickets for it."""

    def __init__(self, site_id: int, key: int, signer: Signer) -> None:
        self.site_id = site_id
        self.key = key
        self._signer = signer

    def entry(self, name: str, *, host: bool = False, viewer: bool = False) -> dict[str, Any]:
        """What a page is told that may come in."""
        ticket = Ticket(
            kind="entry",
            site_id=self.site_id,
            session_key=self.key,
            until=int(time.time()) + ENTRY_SECONDS,
            nonce=new_nonce(),
            stay_id=new_stay_id(),
            name=name,
            may_host=host,
            viewer=viewer,
        )
        path = f"/{_SITE}/room/{self.key}/socket"
        return {"token": self._signer.sign(ticket), "socket": path, "viewer": viewer, "iceServers": []}


async def _make(config: Config) -> _Site:
    application = await Application.start(config)
    try:
        site_id = await seed.make_site(application, _SITE)
        meeting = documents.small_meeting()
        del meeting["accessControl"]  # anybody may come
        answer = await seed.ask(application, documents.create_meeting(_SITE, seed.HOST, meeting))
        key = int(answer.partition(b"meetingkey>")[2].partition(b"<")[0])
        return _Site(site_id, key, Signer(await shared_secret(application.engine, "room-tokens")))
    finally:
        await application.stop()


def _page(browser: Browser, running: Running, site: _Site, entry: dict[str, Any], *, camera: bool = True) -> Page:
    """A page before the room, from which its visitor may come in."""
    visitor = Visitor(browser, 700, bypass_csp=True)
    visitor.context.set_default_timeout(_PATIENCE_MS)
    visitor.context.add_init_script(_SETUP if camera else f"{_SETUP}localStorage.setItem('parley-camera', 'off');")
    visitor.context.route("**/entry", lambda route: route.fulfill(json=entry))
    page = visitor.open(running.url(f"/{_SITE}/room/{site.key}"))
    page.get_by_label("Your name").fill("Somebody")
    if camera:
        page.wait_for_function("document.getElementById('preview-video').videoWidth > 0")
    return page


def _first_picture(bench: Bench, browser: Browser, engine: str, people: int) -> Row:
    cameras = people if people <= _MOST_CAMERAS else _CAMERAS_OF_SIX
    times: list[float] = []
    with _server(bench, f"media-{engine}-{people}", 1 if engine == "janus" else 5) as (running, site):
        pages = []
        for number_ in range(people):
            entry = site.entry(f"P{number_}", host=number_ == 0)
            page = _page(browser, running, site, entry, camera=number_ < cameras)
            pages.append(page)
            if number_ == 0:
                page.locator("#join-button").click()
                page.wait_for_selector("#live:not([hidden])")
            else:
                times.append(page.evaluate(_FIRST))
        for page in pages:
            page.context.close()
    middle = median(times)
    bench.say(f"first picture, {engine}, {people} people: {', '.join(f'{each:.0f}' for each in times)} ms")
    return Row(
        *(f"first picture, {engine}, {people} people", "", "3,000 ms", "", milliseconds(1e3 * middle)),
        rounds=f"{min(times):.0f} to {max(times):.0f}",
    )


def _watching(bench: Bench, browser: Browser, steps: tuple[int, int]) -> Row:
    """People who only watch one who speaks: what each of them costs Janus."""
    with _server(bench, "media-watching", 5) as (running, site):
        host = _page(browser, running, site, site.entry("Host", host=True))
        host.locator("#join-button").click()
        host.wait_for_selector("#live:not([hidden])")
        page = _page(browser, running, site, site.entry("Nobody"), camera=False)
        page.evaluate(_WATCH)
        found = [_with_watchers(bench, page, site, running, count) for count in steps]
        for each in (host, page):
            each.context.close()
    (few, few_cpu), (many, many_cpu) = found
    one = (many_cpu - few_cpu) / (many - few)
    bench.say(f"each who watches costs {1e6 * one:.0f} us of a core every second: {1 / one:,.0f} fill one")
    return Row(
        *(f"watching only, {many} people on Janus", "", "", "", f"{1 / one:,.0f} a core"),
        cpu=number(1e6 * one),
    )


def _with_watchers(bench: Bench, page: Page, site: _Site, running: Running, count: int) -> tuple[int, float]:
    """The share of a core that Janus needs with so many who watch."""
    before = page.evaluate("window.connections.length")
    for number_ in range(before, count):
        entry = site.entry(f"W{number_}", viewer=True)
        page.evaluate("([token, path]) => watch(token, path)", [entry["token"], entry["socket"]])
        if number_ % 10 == 9:  # an address may open only so many sockets a second
            page.wait_for_timeout(600)
    page.wait_for_function(
        "count => window.connections.filter(each => each.connectionState === 'connected').length >= count", arg=count
    )
    page.wait_for_timeout(3000)
    janus = next(pid for pid in family(running.pid) if Path(f"/proc/{pid}/comm").read_text().strip() == "janus")
    began, busy, received = time.monotonic(), cpu_seconds(janus), page.evaluate("received()")
    page.wait_for_timeout(1000 * _MEASURED_SECONDS)
    seconds = time.monotonic() - began
    share, after = (cpu_seconds(janus) - busy) / seconds, page.evaluate("received()")
    packets, kilobits = (
        (after["packets"] - received["packets"]) / seconds / count,
        (after["bytes"] - received["bytes"]) / 125 / seconds / count,
    )
    lost = after["lost"] - received["lost"]
    bench.say(
        f"{count} watch: Janus {share:.1%} of a core; each gets {packets:.0f} packets, {kilobits:.0f} kbit a second;"
        f" {lost} lost"
    )
    if after["open"] < count or packets < 1:
        raise LoadError(f"only {after['open']} of {count} who watch got anything")
    return count, share
