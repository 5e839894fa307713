// The engine for large rooms: one connection with the media server that sends, one that receives everybody else. Both
// are negotiated over the room's socket; the room talks to the media server. A connection that does not come about, or
// breaks, is built anew.

const PLACES = ["mic", "camera", "screen"];
const NOT_CONNECTED = 9000;
const BROKEN = 4000;
const LONGEST = 27_000; // characters of a description that the room takes
const AGAIN = [200, 1000, 2000, 4000, 8000];
// Two sizes of the camera's picture, so that those who see many need not take the large one.
const SIZES = [
  { rid: "h", maxBitrate: 600_000 },
  { rid: "l", maxBitrate: 120_000, scaleResolutionDownBy: 2 },
];
const SCREEN = [{ maxBitrate: 1_500_000 }];

class Connection {
  constructor(engine, part) {
    this.engine = engine;
    this.part = part;
    this.pc = null;
    this.link = "";
    this.tries = 0;
    this.work = Promise.resolve();
  }

  get connected() {
    return this.pc?.connectionState === "connected";
  }

  // Steps follow each other, however long each takes.
  run(step) {
    this.work = this.work.then(step).catch((error) => {
      if (!this.link) return;
      console.info("media", this.part, error.name, error.message);
      this.again();
    });
    return this.work;
  }

  name() {
    this.link = `${this.part}-${Math.random().toString(36).slice(2, 12)}`;
  }

  build() {
    const pc = new RTCPeerConnection({ iceServers: this.engine.iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    pc.onicecandidate = ({ candidate }) => {
      if (pc !== this.pc) return;
      if (candidate?.candidate) this.signal({ kind: "ice", candidate: candidate.candidate, mid: candidate.sdpMid });
    };
    pc.onconnectionstatechange = () => pc === this.pc && this.changed(pc.connectionState);
    this.overdue = setTimeout(() => this.connected || this.again(), NOT_CONNECTED + 2000 * this.tries);
    return pc;
  }

  changed(state) {
    clearTimeout(this.broken);
    if (state === "connected") {
      this.tries = 0;
      clearTimeout(this.overdue);
      this.engine.settled();
    } else if (state === "failed" || state === "closed") this.again();
    else if (state === "disconnected") this.broken = setTimeout(() => this.again(), BROKEN);
  }

  signal(message) {
    this.engine.send({ type: "media", part: this.part, link: this.link, ...message });
  }

  again() {
    clearTimeout(this.later);
    const pause = AGAIN[Math.min(this.tries++, AGAIN.length - 1)];
    this.drop();
    this.later = setTimeout(() => this.begin(), pause);
  }

  drop() {
    this.link = "";
    for (const timer of [this.broken, this.overdue, this.later]) clearTimeout(timer);
    if (!this.pc) return;
    this.pc.onicecandidate = this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.pc = null;
  }
}

class Sender extends Connection {
  constructor(engine) {
    super(engine, "send");
    this.transceivers = new Map();
    this.asked = false;
  }

  track(place) {
    if (place === "camera" && this.engine.me.level !== "video") return null;
    return this.engine.tracks[place];
  }

  begin() {
    this.drop();
    this.name();
    this.build();
    this.run(() => this.offer());
  }

  drop() {
    super.drop();
    this.transceivers.clear();
    this.asked = false;
  }

  missing() {
    return PLACES.filter((place) => !this.transceivers.has(place) && (place === "mic" || this.track(place)));
  }

  // Offers to send what is not sent yet; what was once offered stays, with or without a track.
  async offer() {
    const { pc, link } = this;
    if (!pc || this.asked) return;
    for (const place of this.missing()) {
      const sendEncodings = { camera: SIZES, screen: SCREEN }[place];
      const options = { direction: "sendonly", ...(sendEncodings && { sendEncodings: sendEncodings.map((each) => ({ ...each })) }) };
      this.transceivers.set(place, pc.addTransceiver(this.track(place) ?? (place === "mic" ? "audio" : "video"), options));
    }
    this.asked = true;
    await pc.setLocalDescription();
    await this.fill();
    if (pc !== this.pc || link !== this.link) return;
    const places = Object.fromEntries([...this.transceivers].map(([place, each]) => [each.mid, place]));
    this.signal({ kind: "offer", sdp: pc.localDescription.sdp, places });
  }

  async take(message) {
    if (message.kind !== "answer" || message.link !== this.link || !this.pc) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp: message.sdp });
    this.asked = false;
    await this.refill();
  }

  async fill() {
    await Promise.all(
      [...this.transceivers].map(async ([place, { sender }]) => {
        const track = this.track(place);
        if (sender.track !== track) await sender.replaceTrack(track);
      }),
    );
  }

  async refill() {
    if (!this.pc) return;
    await this.fill();
    if (this.missing().length) await this.offer();
  }
}

class Watcher extends Connection {
  constructor(engine) {
    super(engine, "watch");
    this.shown = new Map(); // section: {member, place}
    this.large = null;
  }

  begin() {
    this.drop();
    this.name();
    this.signal({ kind: "again" });
  }

  drop() {
    super.drop();
    this.large = null;
    for (const mid of [...this.shown.keys()]) this.assign(mid, null);
  }

  async take(message) {
    if (message.kind !== "offer" || message.link !== this.link) return;
    const pc = this.pc ?? this.build();
    await pc.setRemoteDescription({ type: "offer", sdp: message.sdp });
    await pc.setLocalDescription();
    if (pc !== this.pc) return;
    // Very many came and went: a new connection has no places of those who are gone.
    if (pc.localDescription.sdp.length > LONGEST) return this.again();
    this.signal({ kind: "answer", sdp: pc.localDescription.sdp });
    const wanted = new Map(message.streams.map((each) => [each.mid, each]));
    for (const mid of [...this.shown.keys()]) if (!wanted.has(mid)) this.assign(mid, null);
    for (const [mid, stream] of wanted) this.assign(mid, stream);
  }

  // Whose camera is shown large, so that of many small ones this one is sent large.
  enlarge(member) {
    const found = [...this.shown].find(([, each]) => each.member === member && each.place === "camera");
    const mid = found?.[0] ?? null;
    if (!this.connected || mid === this.large) return;
    this.large = mid;
    this.signal({ kind: "large", mid });
  }

  assign(mid, stream) {
    const before = this.shown.get(mid);
    if (before && before.member === stream?.member && before.place === stream.place) return;
    if (before) {
      this.shown.delete(mid);
      const elsewhere = [...this.shown.values()].some((each) => each.member === before.member && each.place === before.place);
      if (!elsewhere) this.engine.on.media(before.member, before.place, null);
    }
    const receiver = this.receiver(mid);
    if (!stream || !receiver) return;
    this.shown.set(mid, stream);
    this.engine.on.media(stream.member, stream.place, receiver.track);
  }

  receiver(mid) {
    return this.pc?.getTransceivers().find((each) => each.mid === mid)?.receiver;
  }
}

export class Janus {
  // on: {media(id, place, track or null), ready()}; send(message): over the socket
  constructor(iceServers, tracks, send, on) {
    this.iceServers = iceServers;
    this.tracks = tracks;
    this.send = send;
    this.on = on;
    this.me = null;
    this.sender = new Sender(this);
    this.watcher = new Watcher(this);
  }

  get sends() {
    return !this.me.viewer && this.me.level !== "none";
  }

  // `fresh`: the socket has just come (back), so what was said meanwhile was not heard.
  update(me, members, fresh = false) {
    const before = this.me;
    this.me = me;
    const first = before === null || before.id !== me.id;
    if (!this.sends) this.sender.drop();
    else if (first || !this.sender.link || (fresh && !this.sender.connected)) this.sender.begin();
    if (first || (fresh && !this.watcher.connected)) this.watcher.begin();
    this.refill();
  }

  refill() {
    if (this.me && this.sends) this.sender.run(() => this.sender.refill());
  }

  take(message) {
    const part = message.part === "send" ? this.sender : this.watcher;
    if (message.kind !== "again") part.run(() => part.take(message));
    else if (message.link === part.link) part.again();
  }

  settled() {
    if (this.watcher.connected && (!this.sends || this.sender.connected)) this.on.ready();
  }

  enlarge(member) {
    this.watcher.enlarge(member);
  }

  loudness() {
    const found = new Map();
    for (const [mid, { member, place }] of this.watcher.shown) {
      if (place !== "mic") continue;
      const [source] = this.watcher.receiver(mid)?.getSynchronizationSources() ?? [];
      found.set(member, source?.audioLevel ?? 0);
    }
    return found;
  }

  close() {
    this.sender.drop();
    this.watcher.drop();
    this.me = null;
  }
}
