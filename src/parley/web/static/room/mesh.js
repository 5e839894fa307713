// The mesh engine: a connection from this browser to each other one, negotiated over the room's socket.
//
// Every connection has three places from the beginning: microphone, camera, screen. Turning something on or off puts a
// track into its place or takes it out, which needs no new negotiation. Of two browsers always the one that came later
// makes the offer (to people who only watch the other one does), so the two never offer at the same moment: Chromium
// can hang for ever when they do at the start. A connection that does not come about, or breaks, is built anew.

const PLACES = ["mic", "camera", "screen"];
const NO_CANDIDATE = 3000;
const NOT_CONNECTED = 9000;
const BROKEN = 4000;
const BITRATES = { camera: 600_000, screen: 1_500_000 };

class Peer {
  constructor(mesh, member) {
    this.mesh = mesh;
    this.id = member.id;
    this.member = member;
    this.tries = 0;
    this.link = "";
    this.pc = null;
    this.early = [];
    this.remote = { mic: null, camera: null, screen: null };
  }

  get offers() {
    const me = this.mesh.me;
    if (me.viewer) return false;
    return this.member.viewer || me.order > this.member.order;
  }

  // What goes to this one, given what both may have.
  wanted(place) {
    const me = this.mesh.me;
    if (me.viewer) return null;
    if (place === "camera" && (me.level !== "video" || this.member.level !== "video")) return null;
    return this.mesh.tracks[place];
  }

  build(link) {
    this.closeConnection();
    this.link = link;
    this.early = [];
    const pc = new RTCPeerConnection({ iceServers: this.mesh.iceServers, bundlePolicy: "max-bundle", ...this.mesh.secret?.wishes });
    this.pc = pc;
    let candidates = 0;
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate || !candidate.candidate || pc !== this.pc) return;
      candidates++;
      this.signal({ kind: "ice", candidate: candidate.candidate, mid: candidate.sdpMid });
    };
    pc.ontrack = ({ track, transceiver }) => {
      if (this.member.viewer || pc !== this.pc) return; // whoever only watches has nothing to send
      const place = PLACES[pc.getTransceivers().indexOf(transceiver)];
      if (!place || (place === "mic") !== (track.kind === "audio")) return;
      this.remote[place] = track;
      this.mesh.on.media(this.id, place, track);
    };
    pc.onconnectionstatechange = () => pc === this.pc && this.changed(pc.connectionState);
    this.timers = [
      setTimeout(() => candidates || this.again(), NO_CANDIDATE + 1000 * this.tries),
      setTimeout(() => pc.connectionState === "connected" || this.again(), NOT_CONNECTED + 2000 * this.tries),
    ];
    return pc;
  }

  changed(state) {
    clearTimeout(this.broken);
    if (state === "connected") {
      this.tries = 0;
      for (const timer of this.timers) clearTimeout(timer);
      this.limit();
    } else if (state === "failed") this.again();
    else if (state === "disconnected") this.broken = setTimeout(() => this.again(), BROKEN);
    this.mesh.on.state(this.id, state);
  }

  async offer() {
    const pc = this.build(`${this.mesh.me.id}-${this.id}-${Math.random().toString(36).slice(2, 10)}`);
    const direction = this.member.viewer ? "sendonly" : "sendrecv";
    for (const place of PLACES) {
      pc.addTransceiver(place === "mic" ? "audio" : "video", { direction });
    }
    this.mesh.secret?.protect(pc, this.id);
    await this.fill();
    await pc.setLocalDescription();
    if (pc === this.pc) this.signal({ kind: "offer", sdp: pc.localDescription.sdp });
  }

  async take(message) {
    if (message.kind === "again") return this.offers ? this.offer() : undefined;
    if (message.kind === "offer") {
      if (this.offers) return undefined;
      const pc = this.build(message.link);
      this.early = [];
      await pc.setRemoteDescription({ type: "offer", sdp: message.sdp });
      this.mesh.secret?.protect(pc, this.id);
      if (!this.mesh.me.viewer && !this.member.viewer) {
        for (const each of pc.getTransceivers()) each.direction = "sendrecv";
        await this.fill();
      }
      await pc.setLocalDescription();
      if (pc !== this.pc) return undefined;
      this.signal({ kind: "answer", sdp: pc.localDescription.sdp });
      return this.takeEarly();
    }
    if (message.link !== this.link || !this.pc) return undefined; // of a connection that was given up
    if (message.kind === "answer") {
      if (this.pc.signalingState !== "have-local-offer") return undefined;
      await this.pc.setRemoteDescription({ type: "answer", sdp: message.sdp });
      return this.takeEarly();
    }
    const candidate = { candidate: message.candidate, sdpMid: message.mid };
    if (this.pc.remoteDescription) await this.pc.addIceCandidate(candidate);
    else this.early.push(candidate);
    return undefined;
  }

  async takeEarly() {
    for (const candidate of this.early.splice(0)) await this.pc.addIceCandidate(candidate);
  }

  // Puts into every place what belongs there now.
  async fill() {
    const transceivers = this.pc?.getTransceivers() ?? [];
    await Promise.all(
      transceivers.slice(0, PLACES.length).map(async ({ sender }, index) => {
        const track = this.wanted(PLACES[index]);
        if (sender.track !== track) await sender.replaceTrack(track);
      }),
    );
  }

  async limit() {
    for (const [index, place] of PLACES.entries()) {
      const sender = this.pc?.getTransceivers()[index]?.sender;
      if (!sender || !BITRATES[place]) continue;
      const parameters = sender.getParameters();
      if (!parameters.encodings?.length) continue;
      for (const encoding of parameters.encodings) encoding.maxBitrate = BITRATES[place];
      await sender.setParameters(parameters).catch(() => {});
    }
  }

  signal(message) {
    this.mesh.send({ type: "signal", to: this.id, link: this.link || "none", ...message });
  }

  // The connection is no good: whoever makes offers makes a new one, the other asks for it.
  again() {
    if (!this.member.here || !this.mesh.open) return; // it is built anew when both are there
    this.tries = Math.min(this.tries + 1, 6);
    if (this.offers) this.mesh.run(this, () => this.offer());
    else this.signal({ kind: "again" });
  }

  closeConnection() {
    clearTimeout(this.broken);
    for (const timer of this.timers ?? []) clearTimeout(timer);
    if (!this.pc) return;
    this.pc.onicecandidate = this.pc.ontrack = this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.pc = null;
    for (const place of PLACES) {
      if (this.remote[place]) this.mesh.on.media(this.id, place, null);
      this.remote[place] = null;
    }
  }
}

export class Mesh {
  // on: {media(id, place, track or null), state(id, state)}; send(message): over the socket; secret: encrypts end to end
  constructor(iceServers, tracks, send, on, secret = null) {
    this.iceServers = iceServers;
    this.tracks = tracks;
    this.send = send;
    this.on = on;
    this.secret = secret;
    this.peers = new Map();
    this.me = null;
    this.open = false;
    this.works = new Map();
  }

  // Steps of one connection follow each other, however long each takes.
  run(peer, step) {
    const before = this.works.get(peer) ?? Promise.resolve();
    const work = before.then(step).catch((error) => {
      if (this.peers.get(peer.id) === peer && peer.pc && peer.pc.signalingState !== "closed") {
        console.info("connection", peer.id, error.name, error.message);
        peer.again();
      }
    });
    this.works.set(peer, work);
    return work;
  }

  // Brings the connections in line with who is there. `fresh`: the socket has just come (back).
  update(me, members, fresh = false) {
    if (this.me && this.me.id !== me.id) this.close();
    this.me = me;
    this.open = true;
    const wanted = new Map(
      members
        .filter((each) => each.id !== me.id && me.level !== "none" && each.level !== "none" && !(me.viewer && each.viewer))
        .map((each) => [each.id, each]),
    );
    for (const [id, peer] of this.peers) {
      if (wanted.has(id)) continue;
      peer.closeConnection();
      this.peers.delete(id);
      this.works.delete(peer);
    }
    for (const [id, member] of wanted) {
      const known = this.peers.get(id);
      const peer = known ?? new Peer(this, member);
      const returned = known && !peer.member.here && member.here;
      peer.member = member;
      if (!known) {
        this.peers.set(id, peer);
        if (peer.offers && member.here) this.run(peer, () => peer.offer());
      } else if ((fresh || returned) && peer.pc?.connectionState !== "connected") peer.again();
    }
    this.refill();
  }

  refill() {
    for (const peer of this.peers.values()) this.run(peer, () => peer.fill());
  }

  take(message) {
    const peer = this.peers.get(message.sender);
    if (peer) this.run(peer, () => peer.take(message));
  }

  // How loud each one is at the moment, 0 to 1, by id.
  loudness() {
    const found = new Map();
    for (const [id, peer] of this.peers) {
      const [source] = peer.pc?.getTransceivers()[0]?.receiver.getSynchronizationSources() ?? [];
      found.set(id, source?.audioLevel ?? 0);
    }
    return found;
  }

  close() {
    this.open = false;
    for (const peer of this.peers.values()) peer.closeConnection();
    this.peers.clear();
    this.works.clear();
    this.me = null;
  }
}
