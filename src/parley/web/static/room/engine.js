// What carries the media: the mesh of browsers, or a media server once the room is too large for that. All others see
// one engine: they tell it who is there and what the room's socket says of media, and get tracks.
//
// When the room moves, everybody keeps the mesh until the media server delivers.

import { Janus } from "./janus.js";
import { Mesh } from "./mesh.js";

const OVERLAP = 2500; // milliseconds that the mesh goes on when one's own new connections work
const LONGEST_OVERLAP = 12000;

export class MediaEngine {
  // on: {media(id, place, track or null), state(id, state)}; send(message): over the socket
  constructor(iceServers, tracks, send, on, secret = null) {
    this.secret = secret; // what encrypts end to end; then it is a mesh for good
    this.parts = [iceServers, tracks, send];
    this.on = on;
    this.turn = 0;
    this.janus = null;
    this.given = { mesh: new Map(), janus: new Map() };
    this.told = new Map();
    this.mesh = new Mesh(...this.parts, this.listener("mesh"), this.secret);
  }

  get name() {
    return this.janus ? "janus" : "mesh";
  }

  listener(engine) {
    return {
      state: (id, state) => this.on.state(id, state),
      ready: () => this.retireMesh(OVERLAP),
      media: (id, place, track) => {
        const key = `${id} ${place}`;
        if (track) this.given[engine].set(key, track);
        else this.given[engine].delete(key);
        if (track && engine === "janus") track.onunmute = () => this.show(id, place);
        this.show(id, place);
      },
    };
  }

  // Of two tracks of the same the media server's, as soon as something comes over it.
  show(id, place) {
    const key = `${id} ${place}`;
    const old = this.given.mesh.get(key);
    const fresh = this.given.janus.get(key);
    const track = (fresh && (!old || !fresh.muted) ? fresh : old) ?? null;
    if ((this.told.get(key) ?? null) === track) return;
    if (track) this.told.set(key, track);
    else this.told.delete(key);
    this.on.media(id, place, track);
  }

  // What the room says carries its media; `turn` changes when all connections with the media server are gone.
  use({ name, turn }) {
    if (this.secret) return; // what is encrypted between browsers stays between them, whatever is told
    if (name === this.name && turn === this.turn) return;
    this.turn = turn;
    this.janus?.close();
    this.janus = null;
    if (name === "janus") {
      this.janus = new Janus(...this.parts, this.listener("janus"));
      this.retireMesh(this.mesh?.peers.size ? LONGEST_OVERLAP : 0);
    } else {
      clearTimeout(this.retiring);
      this.mesh ??= new Mesh(...this.parts, this.listener("mesh"), this.secret);
    }
  }

  retireMesh(after) {
    clearTimeout(this.retiring);
    this.retiring = setTimeout(() => {
      this.mesh?.close();
      this.mesh = null;
    }, after);
  }

  update(me, members, fresh = false) {
    if (this.janus) this.janus.update(me, members, fresh);
    else this.mesh.update(me, members, fresh);
  }

  refill() {
    this.mesh?.refill();
    this.janus?.refill();
  }

  signal(message) {
    this.mesh?.take(message);
  }

  media(message) {
    this.janus?.take(message);
  }

  // Whose camera is shown large at the moment; null: nobody's.
  enlarge(member) {
    this.janus?.enlarge(member);
  }

  // How loud each one is at the moment, 0 to 1, by id.
  loudness() {
    return (this.janus ?? this.mesh)?.loudness() ?? new Map();
  }

  close() {
    clearTimeout(this.retiring);
    this.mesh?.close();
    this.janus?.close();
    this.mesh = this.janus = null;
  }
}
