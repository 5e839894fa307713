// One's own camera, microphone and screen. A camera that is off is really off: its track is stopped, so its light is.

import { _ } from "./words.js";

const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 } };
const MIC = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const SCREEN = { video: { frameRate: { ideal: 15, max: 20 } }, audio: false };

export class LocalMedia {
  // changed(kind): "mic", "camera" or "screen" has another track, or none, or is on or off.
  constructor(changed) {
    this.changed = changed;
    this.tracks = { mic: null, camera: null, screen: null };
    this.micOn = false;
    this.wanted = { mic: false, camera: false }; // on, or on as soon as the browser gives it
    this.chosen = { mic: "", camera: "" };
    this.windowsOnly = false; // whole screens are not to be shared
    this.closed = false;
    this.turns = { mic: 0, camera: 0, screen: 0 };
    addEventListener("pagehide", () => this.stop());
  }

  get cameraOn() {
    return this.tracks.camera !== null;
  }

  get sharing() {
    return this.tracks.screen !== null;
  }

  // Asks the browser for a device. What it gives after somebody has left or switched off again is stopped at once.
  async open(kind, ask) {
    const turn = ++this.turns[kind];
    const stream = await ask();
    const [track] = kind === "mic" ? stream.getAudioTracks() : stream.getVideoTracks();
    if (this.closed || turn !== this.turns[kind] || !track) {
      for (const each of stream.getTracks()) each.stop();
      return null;
    }
    this.tracks[kind]?.stop();
    this.tracks[kind] = track;
    track.onended = () => this.drop(kind); // unplugged, or the browser's own button was pressed
    return track;
  }

  drop(kind) {
    this.turns[kind]++;
    const track = this.tracks[kind];
    if (kind === "mic") this.micOn = false;
    if (kind in this.wanted) this.wanted[kind] = false;
    if (!track) return;
    track.onended = null;
    track.stop();
    this.tracks[kind] = null;
    if (kind === "mic") this.closeMeter();
    this.changed(kind);
  }

  device(kind) {
    const id = this.chosen[kind];
    const wishes = kind === "mic" ? MIC : CAMERA;
    return id ? { ...wishes, deviceId: { exact: id } } : wishes;
  }

  async setMic(on) {
    this.wanted.mic = on;
    if (on && !this.tracks.mic) {
      const track = await this.open("mic", () => navigator.mediaDevices.getUserMedia({ audio: this.device("mic") }));
      if (!track) return;
    }
    this.micOn = on && this.tracks.mic !== null;
    if (this.tracks.mic) this.tracks.mic.enabled = this.micOn;
    this.changed("mic");
  }

  async setCamera(on) {
    if (!on) return this.drop("camera");
    this.wanted.camera = true;
    if (this.tracks.camera) return undefined;
    const track = await this.open("camera", () => navigator.mediaDevices.getUserMedia({ video: this.device("camera") }));
    if (track) this.changed("camera");
    return undefined;
  }

  async setSharing(on) {
    if (!on) return this.drop("screen");
    const track = await this.open("screen", () => navigator.mediaDevices.getDisplayMedia(this.windowsOnly ? { ...SCREEN, monitorTypeSurfaces: "exclude" } : SCREEN));
    if (track) {
      track.contentHint = "detail";
      this.changed("screen");
    }
    return undefined;
  }

  async choose(kind, id) {
    this.chosen[kind] = id;
    if (kind === "mic" && this.tracks.mic) {
      const on = this.micOn;
      this.drop("mic");
      await this.setMic(on);
    } else if (kind === "camera" && this.tracks.camera) {
      this.drop("camera");
      await this.setCamera(true);
    }
  }

  // How loud the microphone is, 0 to 1.
  level() {
    if (!this.tracks.mic || !this.micOn) return 0;
    if (!this.analyser) {
      this.audio = new AudioContext();
      this.analyser = this.audio.createAnalyser();
      this.analyser.fftSize = 512;
      this.audio.createMediaStreamSource(new MediaStream([this.tracks.mic])).connect(this.analyser);
      this.samples = new Float32Array(this.analyser.fftSize);
    }
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, each) => sum + each * each, 0) / this.samples.length;
    return Math.min(1, Math.sqrt(power) * 5);
  }

  closeMeter() {
    this.audio?.close();
    this.audio = this.analyser = null;
  }

  stop() {
    this.closed = true;
    for (const kind of ["mic", "camera", "screen"]) this.drop(kind);
    this.closeMeter();
  }

  reopen() {
    this.closed = false;
  }
}

const NOT_ALLOWED = {
  mic: _("Your browser does not allow the microphone. You can change that beside the address."),
  camera: _("Your browser does not allow the camera. You can change that beside the address."),
  screen: _("Your browser does not allow the screen to be shared. You can change that beside the address."),
};
const NOT_FOUND = { mic: _("No microphone was found."), camera: _("No camera was found."), screen: _("There is no screen to share.") };
const IN_USE = {
  mic: _("The microphone is used by another program."),
  camera: _("The camera is used by another program."),
  screen: _("The screen is used by another program."),
};
const NOT_USABLE = { mic: _("The microphone cannot be used."), camera: _("The camera cannot be used."), screen: _("The screen cannot be shared.") };
const WRONG = { NotAllowedError: NOT_ALLOWED, NotFoundError: NOT_FOUND, OverconstrainedError: NOT_FOUND, NotReadableError: IN_USE };

// Why something cannot be used; `kind` is mic, camera or screen.
export function wordsFor(error, kind) {
  return (WRONG[error.name] ?? NOT_USABLE)[kind];
}

export async function fillDevices(lists, media) {
  const devices = navigator.mediaDevices ? await navigator.mediaDevices.enumerateDevices() : [];
  for (const [kind, select] of lists) {
    const wanted = devices.filter((each) => each.kind === (kind === "mic" ? "audioinput" : "videoinput"));
    const using = media.tracks[kind]?.getSettings().deviceId || media.chosen[kind];
    select.replaceChildren(
      ...wanted.map((each, number) => new Option(each.label || (kind === "mic" ? _("Microphone %(number)s", { number: number + 1 }) : _("Camera %(number)s", { number: number + 1 })), each.deviceId)),
    );
    if (!wanted.length) select.append(new Option(_("None found"), ""));
    select.disabled = !wanted.length;
    if (wanted.some((each) => each.deviceId === using)) select.value = using;
  }
}
