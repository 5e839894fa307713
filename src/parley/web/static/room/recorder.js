// Records the room as this browser has it: all people and the shared screen in one picture, all voices in one sound.
// What the browser's recorder gives, about a second at a time, is sent at once and in order; a piece that could not be
// sent is sent again. So whatever happens to this page, the server has all but the last seconds.

import { initials } from "./dom.js";
import { _ } from "./words.js";

const WIDTH = 1280;
const HEIGHT = 720;
const RATE = 15; // pictures a second
const PIECE = 1000; // milliseconds
const GAP = 8;
const STRIP = 224; // width of the people beside a shared screen
const BESIDE = 5;
const TONES = ["#3c6e91", "#7a5c99", "#4b7d5a", "#9a6a3a", "#8d4f63", "#4d6f86", "#6f7a3b", "#5a5fa0"];
const KINDS = [
  "video/webm;codecs=vp8,opus",
  "video/webm",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2", // Safari
  "video/mp4",
];
const BITS = { videoBitsPerSecond: 1_500_000, audioBitsPerSecond: 96_000 };
const PATIENCE = 20_000; // milliseconds for one piece
const LONGEST_WAIT = 8000;
const MOST_WAITING = 200_000_000; // bytes that wait to be sent

export function canRecord() {
  return Boolean(window.MediaRecorder && HTMLCanvasElement.prototype.captureStream && kind());
}

function kind() {
  return KINDS.find((each) => MediaRecorder.isTypeSupported(each));
}

// ---- the picture ------------------------------------------------------------------------------------------------

class Picture {
  constructor(scene) {
    this.scene = scene; // members(), tracks: Map of "id place" to track, loudness: Map of id to 0..1, me()
    this.canvas = document.createElement("canvas");
    this.canvas.width = WIDTH;
    this.canvas.height = HEIGHT;
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.videos = new Map();
    this.home = document.createElement("div");
    this.home.className = "offstage";
    this.home.setAttribute("aria-hidden", "true");
    document.body.append(this.home);
    this.ticker = new Worker(new URL("./ticker.js", import.meta.url));
    this.ticker.onmessage = () => this.draw();
    this.ticker.postMessage(1000 / RATE);
    this.draw();
    [this.track] = this.canvas.captureStream(RATE).getVideoTracks();
  }

  video(key, track) {
    const known = this.videos.get(key);
    if (known?.track === track) return known.element;
    this.drop(key);
    if (!track) return null;
    const element = document.createElement("video");
    element.muted = element.autoplay = element.playsInline = true;
    element.srcObject = new MediaStream([track]);
    this.home.append(element);
    element.play().catch(() => {});
    this.videos.set(key, { track, element });
    return element;
  }

  drop(key) {
    const known = this.videos.get(key);
    if (!known) return;
    known.element.srcObject = null;
    known.element.remove();
    this.videos.delete(key);
  }

  draw() {
    const { context, scene } = this;
    context.fillStyle = "#15181c";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    const people = scene.members().filter((each) => !each.viewer && each.level !== "none");
    const wanted = new Set();
    const take = (each, place) => {
      const key = `${each.id} ${place}`;
      wanted.add(key);
      return this.video(key, scene.tracks.get(key));
    };
    const sharing = people.find((each) => each.sharing && scene.tracks.get(`${each.id} screen`));
    const shown = sharing ? this.beside(people) : people;
    const cells = sharing ? strip(shown.length) : grid(shown.length);
    if (sharing) {
      const width = shown.length ? WIDTH - STRIP - 3 * GAP : WIDTH;
      this.fit(take(sharing, "screen"), { x: shown.length ? GAP : 0, y: 0, width, height: HEIGHT }, false);
    }
    for (const [index, each] of shown.entries()) this.tile(each, each.camera ? take(each, "camera") : null, cells[index]);
    for (const key of [...this.videos.keys()]) if (!wanted.has(key)) this.drop(key);
  }

  // The few who are seen beside a screen: whoever speaks, then whoever has a camera on.
  beside(people) {
    const rank = (each) => (this.scene.loudness.get(each.id) > 0.02 ? 2 : 0) + (each.camera ? 1 : 0);
    return [...people].sort((a, b) => rank(b) - rank(a) || a.order - b.order).slice(0, BESIDE).sort((a, b) => a.order - b.order);
  }

  tile(member, video, cell) {
    const { context } = this;
    const { x, y, width, height } = cell;
    context.save();
    context.beginPath();
    context.roundRect?.(x, y, width, height, 10);
    if (!context.roundRect) context.rect(x, y, width, height);
    context.clip();
    context.fillStyle = "#2a3038";
    context.fillRect(x, y, width, height);
    if (!this.fit(video, cell, true)) this.face(member, cell);
    const size = Math.max(13, Math.min(20, height / 12));
    const name = member.name || _("Participant");
    context.font = `${size}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    const long = Math.min(context.measureText(name).width, width - 4 * size);
    context.fillStyle = "#000a";
    context.fillRect(x, y + height - 1.8 * size, long + 1.4 * size, 1.8 * size);
    context.fillStyle = "#fff";
    context.fillText(name, x + 0.7 * size, y + height - 0.9 * size, width - 4 * size);
    context.restore();
    if (this.scene.loudness.get(member.id) > 0.02) {
      context.strokeStyle = "#4fc38a";
      context.lineWidth = 3;
      context.strokeRect(x + 1.5, y + 1.5, width - 3, height - 3);
    }
  }

  face(member, { x, y, width, height }) {
    const { context } = this;
    const radius = Math.min(width, height) / 5;
    context.fillStyle = TONES[member.id % TONES.length];
    context.beginPath();
    context.arc(x + width / 2, y + height / 2, radius, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = "#fff";
    context.font = `${radius * 0.8}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(initials(member.name), x + width / 2, y + height / 2);
    context.textAlign = "start";
  }

  // Whether there is a picture; `fill`: it is cut to the place, else all of it is seen.
  fit(video, { x, y, width, height }, fill) {
    const [w, h] = [video?.videoWidth ?? 0, video?.videoHeight ?? 0];
    if (!w || !h) return false;
    const scale = fill ? Math.max(width / w, height / h) : Math.min(width / w, height / h);
    const [cutWidth, cutHeight] = [Math.min(w, width / scale), Math.min(h, height / scale)];
    const [toWidth, toHeight] = [cutWidth * scale, cutHeight * scale];
    this.context.drawImage(
      video,
      (w - cutWidth) / 2, (h - cutHeight) / 2, cutWidth, cutHeight,
      x + (width - toWidth) / 2, y + (height - toHeight) / 2, toWidth, toHeight,
    );
    return true;
  }

  close() {
    this.ticker.terminate();
    for (const key of [...this.videos.keys()]) this.drop(key);
    this.home.remove();
    this.track.stop();
  }
}

function grid(count) {
  let columns = 1;
  let most = 0;
  for (let each = 1; each <= count; each++) {
    const tile = Math.min(WIDTH / each, (HEIGHT / Math.ceil(count / each)) * (4 / 3));
    if (tile > most) [columns, most] = [each, tile];
  }
  const rows = Math.max(1, Math.ceil(count / columns));
  const width = (WIDTH - GAP) / columns - GAP;
  const height = (HEIGHT - GAP) / rows - GAP;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row < rows - 1 ? columns : count - columns * (rows - 1);
    const left = (WIDTH - inRow * width - (inRow - 1) * GAP) / 2;
    return { x: left + (index % columns) * (width + GAP), y: GAP + row * (height + GAP), width, height };
  });
}

function strip(count) {
  const height = (HEIGHT - GAP) / BESIDE - GAP;
  const top = (HEIGHT - count * height - (count - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => ({ x: WIDTH - STRIP - GAP, y: top + index * (height + GAP), width: STRIP, height }));
}

// ---- the sound --------------------------------------------------------------------------------------------------

class Sound {
  constructor(scene) {
    this.scene = scene;
    this.context = new AudioContext();
    this.context.resume().catch(() => {});
    this.target = this.context.createMediaStreamDestination();
    // Something always plays, if silently, so that the sound never pauses.
    this.hum = new ConstantSourceNode(this.context, { offset: 0 });
    this.hum.connect(this.target);
    this.hum.start();
    this.sources = new Map();
    [this.track] = this.target.stream.getAudioTracks();
    this.look();
  }

  look() {
    const wanted = new Map([...this.scene.tracks].filter(([key, track]) => key.endsWith(" mic") && track));
    for (const [key, { track, node }] of this.sources) {
      if (wanted.get(key) === track) continue;
      node.disconnect();
      this.sources.delete(key);
    }
    for (const [key, track] of wanted) {
      if (this.sources.has(key)) continue;
      const node = this.context.createMediaStreamSource(new MediaStream([track]));
      node.connect(this.target);
      this.sources.set(key, { track, node });
    }
  }

  close() {
    for (const { node } of this.sources.values()) node.disconnect();
    this.context.close().catch(() => {});
  }
}

// ---- sending ----------------------------------------------------------------------------------------------------

class Sending {
  // on: {over(): nothing more is taken, anew(): a new part has to be begun}
  constructor(address, token, on) {
    this.address = address;
    this.token = token;
    this.on = on;
    this.queue = [];
    this.bytes = 0;
    this.works = null;
    this.dead = false;
  }

  add(part, number, blob) {
    if (this.dead) return;
    this.queue.push({ part, number, blob });
    this.bytes += blob.size;
    if (this.bytes > MOST_WAITING) return this.fail();
    this.works ??= this.work().finally(() => (this.works = null));
  }

  async work() {
    let wait = 500;
    while (this.queue.length && !this.dead) {
      const piece = this.queue[0];
      const answer = await this.post(`${piece.part}/${piece.number}`, piece.blob);
      if (answer?.ok) {
        wait = 500;
        this.queue.shift();
        this.bytes -= piece.blob.size;
      } else if (answer?.status === 409) {
        // The server misses earlier pieces of this part: what is left of it cannot be used.
        this.queue = this.queue.filter((each) => each.part !== piece.part);
        this.on.anew();
      } else if (answer && [400, 403, 404, 410, 413].includes(answer.status)) this.fail();
      else {
        await new Promise((done) => setTimeout(done, wait));
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    }
  }

  async post(path, body) {
    try {
      return await fetch(`${this.address}/${path}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/octet-stream" },
        body,
        signal: AbortSignal.timeout?.(PATIENCE),
      });
    } catch {
      return null; // the network, or the server, is away
    }
  }

  fail() {
    if (this.dead) return;
    this.dead = true;
    this.queue = [];
    this.on.over();
  }

  async finish() {
    await this.works;
    // The server may not know yet that the recording has ended.
    for (let tries = 0; tries < 6 && !this.dead; tries++) {
      const answer = await this.post("done", "");
      if (answer && answer.status !== 202 && answer.status < 500) break;
      await new Promise((done) => setTimeout(done, 1000));
    }
    this.dead = true;
  }
}

// ---- all together -----------------------------------------------------------------------------------------------

export class Recorder {
  // task: as the server tells it; address: where the pieces go; on: {over(), anew()}
  constructor(task, address, scene, on) {
    this.id = task.id;
    this.on = on;
    this.sending = new Sending(address, task.token, {
      anew: () => on.anew(),
      over: () => {
        this.close();
        on.over();
      },
    });
    this.picture = new Picture(scene);
    this.sound = new Sound(scene);
    this.begin(task);
  }

  // Another part, of the same recording.
  begin(task) {
    this.part = task.part;
    const part = task.part;
    let number = 0;
    const before = this.recorder;
    const stream = new MediaStream([this.picture.track, this.sound.track]);
    const recorder = new MediaRecorder(stream, { mimeType: kind(), ...BITS });
    this.recorder = recorder;
    recorder.ondataavailable = ({ data }) => data.size && this.sending.add(part, number++, data);
    recorder.onerror = () => recorder === this.recorder && this.on.anew();
    if (before && before.state !== "inactive") before.stop();
    recorder.start(PIECE);
    this.pause(task.paused);
  }

  pause(on) {
    if (on && this.recorder.state === "recording") this.recorder.pause();
    else if (!on && this.recorder.state === "paused") this.recorder.resume();
  }

  look() {
    this.sound.look();
  }

  // The last piece comes after `stop`; the page may go on meanwhile. `over`: so is the recording.
  async stop(over) {
    if (this.closed) return;
    const recorder = this.recorder;
    if (recorder.state !== "inactive") {
      await new Promise((done) => {
        recorder.onstop = done;
        recorder.stop();
      });
    }
    this.close();
    await (over ? this.sending.finish() : this.sending.works);
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    if (this.recorder.state !== "inactive") this.recorder.stop();
    this.picture.close();
    this.sound.close();
  }
}
