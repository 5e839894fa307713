// Keys of an end-to-end encrypted room. Every browser has a pair of keys (ECDH) that lives as long as the page, and a key
// of its own for what it sends. That one goes to each other browser, sealed with what the two have in common; the server
// passes on public keys and sealed boxes, and can read neither. A server that lied about the public keys could sit
// between two people: then their security codes differ, which they notice when they compare them.

const DIGITS = 32;
const SWITCH = 700; // milliseconds that a new key has to arrive before it is used
const encoder = new TextEncoder();

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

export class Secret {
  static get supported() {
    const streams = typeof RTCRtpSender !== "undefined" && "createEncodedStreams" in RTCRtpSender.prototype;
    return Boolean(globalThis.crypto?.subtle) && ("RTCRtpScriptTransform" in globalThis || streams);
  }

  constructor(send) {
    this.send = send;
    this.others = new Map(); // id: {key, here, common}
    this.number = 0;
    this.publicKey = null;
  }

  async prepare() {
    this.pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    this.publicKey = base64(await crypto.subtle.exportKey("raw", this.pair.publicKey));
    this.worker = new Worker("/static/room/secret-worker.js");
    this.renew();
  }

  renew() {
    this.own = crypto.getRandomValues(new Uint8Array(16));
    this.worker.postMessage({ op: "own", number: this.number, key: this.own });
  }

  // For the connections: the older way of Chromium has to be asked for when one is made.
  get wishes() {
    return "RTCRtpScriptTransform" in globalThis ? {} : { encodedInsertableStreams: true };
  }

  // Lets everything that goes over a connection through the worker.
  protect(pc, member) {
    for (const each of pc.getTransceivers()) {
      if (each.receiver.track.kind === "video") this.prefer(each);
      this.attach(each.sender, { way: "out" });
      this.attach(each.receiver, { way: "in", member });
    }
  }

  attach(end, options) {
    if (end.parleySealed) return;
    end.parleySealed = true;
    if ("RTCRtpScriptTransform" in globalThis) end.transform = new RTCRtpScriptTransform(this.worker, options);
    else {
      const { readable, writable } = end.createEncodedStreams();
      this.worker.postMessage({ op: "streams", ...options, readable, writable }, [readable, writable]);
    }
  }

  // Packets of VP8 are cut without looking into a frame, which nobody can here.
  prefer(transceiver) {
    const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
    const wanted = codecs.filter(({ mimeType }) => /\/(vp8|rtx|red|ulpfec)$/i.test(mimeType));
    if (wanted.some(({ mimeType }) => /vp8/i.test(mimeType))) transceiver.setCodecPreferences(wanted);
  }

  // Who is there now. `fresh`: the socket has just come (back), so whatever was sent may be lost.
  update(me, members, fresh = false) {
    this.me = me;
    const there = new Map(members.filter((each) => each.id !== me.id && each.key).map((each) => [each.id, each]));
    let gone = false;
    for (const [id, known] of this.others) {
      if (there.get(id)?.key === known.key) continue;
      this.others.delete(id);
      this.worker.postMessage({ op: "gone", member: id });
      gone = true;
    }
    for (const [id, { key, here }] of there) {
      const known = this.others.get(id);
      if (!known) this.others.set(id, { key, here, common: this.commonWith(key) });
      if (here && (!known || !known.here || fresh)) this.hand(id);
      this.others.get(id).here = here;
    }
    if (gone) this.change();
    this.speakers = members.filter((each) => !each.viewer && each.key).map((each) => each.key);
  }

  // Whoever has gone cannot read what comes from now on.
  change() {
    this.number = (this.number + 1) % 256;
    this.own = crypto.getRandomValues(new Uint8Array(16));
    for (const id of this.others.keys()) this.hand(id);
    const message = { op: "own", number: this.number, key: this.own };
    setTimeout(() => this.worker?.postMessage(message), SWITCH);
  }

  async commonWith(key) {
    const other = await crypto.subtle.importKey("raw", bytesOf(key), { name: "ECDH", namedCurve: "P-256" }, false, []);
    const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, this.pair.privateKey, 256);
    const source = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
    const info = encoder.encode(`parley room ${[this.publicKey, key].sort().join(" ")}`);
    const way = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
    return crypto.subtle.deriveKey(way, source, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }

  // Binds a box to who sealed it for whom.
  label(from, to) {
    return encoder.encode(`${from} ${to}`);
  }

  async hand(id) {
    const { key, common } = this.others.get(id);
    const plain = new Uint8Array([this.number, ...this.own]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const additionalData = this.label(this.publicKey, key);
    try {
      const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, await common, plain);
      this.send({ type: "sealed", to: id, box: `${base64(iv)}.${base64(box)}` });
    } catch {
      console.info("a public key cannot be used", id);
    }
  }

  async take({ sender, box }) {
    const other = this.others.get(sender);
    const [iv, sealed] = box.split(".");
    if (!other || !sealed) return;
    try {
      const additionalData = this.label(other.key, this.publicKey);
      const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytesOf(iv), additionalData }, await other.common, bytesOf(sealed)));
      this.worker?.postMessage({ op: "key", member: sender, number: plain[0], key: plain.slice(1) });
    } catch {
      console.info("a sealed key cannot be opened", sender);
    }
  }

  // The same for everybody whose server told the truth; of those who only watch it says nothing.
  async code() {
    const text = [...this.speakers].sort().join(" ");
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(`parley code ${text}`)));
    const number = hash.reduce((sum, each) => sum * 256n + BigInt(each), 0n) % 10n ** BigInt(DIGITS);
    return String(number).padStart(DIGITS, "0").match(/.{4}/g);
  }

  close() {
    this.worker?.terminate();
    this.worker = null;
    this.others.clear();
  }
}
