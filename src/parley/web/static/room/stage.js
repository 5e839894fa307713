// What is seen: a tile for everybody who can be seen or heard, as a grid, or one large and the others in a strip.

import { $, colour, copy, initials, show } from "./dom.js";
import { _ } from "./words.js";

const WIDEST = 16 / 9;
const TALLEST = 5 / 4;
const GAP = 10;
const HOLD = 1500; // milliseconds that a speaker stays large after falling silent

export class Stage {
  constructor(hear) {
    this.tiles = new Map(); // "id" or "id-screen": {element, video, track}
    this.sounds = new Map();
    this.members = new Map();
    this.view = "grid";
    this.speaker = null;
    this.spoke = 0;
    this.me = 0;
    this.hear = hear;
    this.pinned = null; // key of the tile that somebody wants large
    new ResizeObserver(() => this.fit()).observe($("main-tiles"));
  }

  setMembers(me, members) {
    this.me = me;
    this.members = new Map(members.map((each) => [each.id, each]));
    const wanted = new Map();
    for (const each of members) {
      if (!each.viewer && each.level !== "none") wanted.set(String(each.id), each);
      if (each.sharing) wanted.set(`${each.id}-screen`, each);
    }
    for (const [key, tile] of this.tiles) {
      if (wanted.has(key)) continue;
      tile.element.remove();
      this.tiles.delete(key);
    }
    for (const [key, member] of wanted) {
      if (!this.tiles.has(key)) this.add(key);
      this.draw(key, member);
    }
    for (const id of [...this.sounds.keys()]) if (!this.members.has(id)) this.setSound(id, null);
    this.arrange();
  }

  add(key) {
    const element = copy("tile-template");
    element.dataset.key = key;
    element.classList.toggle("screen-tile", key.endsWith("-screen"));
    this.tiles.set(key, { element, video: element.querySelector("video"), track: this.waiting?.get(key) ?? null });
    const tile = this.tiles.get(key);
    if (tile.track) this.attach(tile, tile.track);
    element.addEventListener("dblclick", () => element.requestFullscreen?.());
    const pin = element.querySelector(".pin");
    pin.onclick = () => this.pin(key);
    pin.ondblclick = (event) => event.stopPropagation();
  }

  draw(key, member) {
    const { element, video, track } = this.tiles.get(key);
    const screen = key.endsWith("-screen");
    const own = member.id === this.me;
    const name = member.name || _("Participant");
    element.querySelector(".who").textContent = screen
      ? own ? _("You are sharing your screen") : _("Screen of %(name)s", { name })
      : [own ? _("You") : name, member.host && _("host"), !member.here && _("reconnecting")].filter(Boolean).join(" · ");
    const face = element.querySelector(".face");
    face.textContent = screen ? "" : initials(member.name);
    face.className = `face ${colour(member.id)}`;
    element.classList.toggle("seen", Boolean(track) && (screen || member.camera));
    element.classList.toggle("muted", !screen && !member.mic);
    element.classList.toggle("mirror", own && !screen);
    element.classList.toggle("away", !member.here);
    show(element.querySelector(".hand-up"), !screen && member.hand > 0);
    const pin = element.querySelector(".pin");
    pin.setAttribute("aria-pressed", key === this.pinned);
    pin.querySelector("span").textContent = _("Pin: %(name)s", { name: element.querySelector(".who").textContent });
    video.setAttribute("aria-label", element.querySelector(".who").textContent);
  }

  setTrack(id, place, track) {
    if (place === "mic") return this.setSound(id, track);
    const key = place === "screen" ? `${id}-screen` : String(id);
    this.waiting ??= new Map(); // a track may come before the word that it is there
    if (track) this.waiting.set(key, track);
    else this.waiting.delete(key);
    const tile = this.tiles.get(key);
    if (!tile) return undefined;
    this.attach(tile, track);
    const member = this.members.get(id);
    if (member) this.draw(key, member);
    return undefined;
  }

  attach(tile, track) {
    tile.track = track;
    tile.video.srcObject = track ? new MediaStream([track]) : null;
    if (track) tile.video.play().catch(() => {});
  }

  setSound(id, track) {
    const before = this.sounds.get(id);
    if (before) {
      before.srcObject = null;
      before.remove();
      this.sounds.delete(id);
    }
    if (!track || id === this.me) return;
    const audio = document.createElement("audio");
    audio.autoplay = true;
    audio.srcObject = new MediaStream([track]);
    this.sounds.set(id, audio);
    document.body.append(audio);
    audio.play().catch((error) => error.name === "NotAllowedError" && this.hear());
  }

  playAll() {
    for (const audio of this.sounds.values()) audio.play().catch(() => {});
  }

  // Makes a tile large for oneself, whatever others do; once more: no longer.
  pin(key) {
    this.pinned = this.pinned === key ? null : key;
    for (const [each, { element }] of this.tiles) element.querySelector(".pin").setAttribute("aria-pressed", each === this.pinned);
    this.arrange();
  }

  setView(view) {
    this.view = view;
    this.pinned = null;
    for (const { element } of this.tiles.values()) element.querySelector(".pin").setAttribute("aria-pressed", false);
    this.arrange();
  }

  // Marks who speaks; the loudest becomes the large one, but not at every word.
  setLoudness(levels) {
    const now = performance.now();
    let loudest = null;
    for (const [id, level] of levels) {
      this.tiles.get(String(id))?.element.classList.toggle("speaking", level > 0.02);
      if (id !== this.me && level > 0.02 && (loudest === null || level > levels.get(loudest))) loudest = id;
    }
    if (loudest === this.speaker) this.spoke = now;
    else if (loudest !== null && now - this.spoke > HOLD) {
      this.speaker = loudest;
      this.spoke = now;
      if (this.view === "speaker") this.arrange();
    }
  }

  large() {
    if (this.tiles.has(this.pinned)) return this.pinned;
    const screens = [...this.tiles.keys()].filter((key) => key.endsWith("-screen"));
    const screen = screens.find((key) => key !== `${this.me}-screen`); // one's own one knows
    if (screen) return screen;
    if (this.view === "grid") return null;
    if (this.tiles.has(String(this.speaker))) return String(this.speaker);
    return [...this.tiles.keys()].find((key) => key !== String(this.me)) ?? [...this.tiles.keys()][0] ?? null;
  }

  arrange() {
    const large = this.large();
    $("stage").dataset.view = large ? "large" : "grid";
    const rank = (key) => (key === String(this.me) ? 1 : 0); // oneself comes last
    const keys = [...this.tiles.keys()].sort((a, b) => rank(a) - rank(b) || parseInt(a, 10) - parseInt(b, 10));
    for (const key of keys) {
      const { element, video } = this.tiles.get(key);
      const place = large && key !== large ? $("strip") : $("main-tiles");
      const index = [...place.children].indexOf(element);
      const wanted = keys.filter((each) => (large && each !== large ? $("strip") : $("main-tiles")) === place).indexOf(key);
      if (element.parentElement !== place || index !== wanted) {
        place.insertBefore(element, place.children[wanted] ?? null);
        if (video.srcObject) video.play().catch(() => {});
      }
    }
    show($("strip"), large && keys.length > 1);
    this.fit();
  }

  // As many columns as make the tiles largest.
  fit() {
    const box = $("main-tiles");
    const count = box.children.length;
    if (!count) return;
    const { width, height } = box.getBoundingClientRect();
    const within = (columns) => {
      const rows = Math.ceil(count / columns);
      return [(width - GAP * (columns - 1)) / columns, (height - GAP * (rows - 1)) / rows];
    };
    let best = 1;
    let most = 0;
    for (let columns = 1; columns <= count; columns++) {
      const [cellWidth, cellHeight] = within(columns);
      const size = Math.min(cellWidth, cellHeight * WIDEST) * Math.min(cellHeight, cellWidth * TALLEST);
      if (size > most + 1) [best, most] = [columns, size];
    }
    const rows = Math.ceil(count / best);
    box.style.setProperty("--columns", 2 * best);
    box.style.setProperty("--rows", rows);
    // Neither wider nor taller than pictures of people bear; what is shared may be as wide as it likes.
    const [cellWidth, cellHeight] = within(best);
    box.style.setProperty("--widest", `${Math.round(cellHeight * WIDEST)}px`);
    box.style.setProperty("--tallest", `${Math.round(cellWidth * TALLEST)}px`);
    // A last row that is not full stands in the middle: every tile is two columns wide.
    const left = count % best;
    for (const [index, tile] of [...box.children].entries()) {
      const first = left && index === count - left;
      tile.style.gridColumn = first ? `${best - left + 1} / span 2` : "span 2";
    }
  }

  float(id, text) {
    const element = document.createElement("span");
    element.textContent = text;
    element.style.setProperty("--at", `${10 + Math.random() * 80}%`);
    $("floating").append(element);
    setTimeout(() => element.remove(), 3200);
  }

  clear() {
    for (const id of [...this.sounds.keys()]) this.setSound(id, null);
    for (const { element, video } of this.tiles.values()) {
      video.srcObject = null;
      element.remove();
    }
    this.tiles.clear();
    this.pinned = null;
    this.members.clear();
    this.waiting = undefined;
  }
}
