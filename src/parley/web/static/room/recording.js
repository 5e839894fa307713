// What a page shows of the recording: the badge that everybody sees, the buttons of those who may, and, where this page
// records, the recorder itself.

import { $, say, show } from "./dom.js";
import { Recorder, canRecord } from "./recorder.js";
import { _ } from "./words.js";

const WORDS = {
  on: _("This session is being recorded."),
  paused: _("The recording is paused."),
  off: _("The recording has ended."),
};

export class Recording {
  // send(message): over the room's socket; path: of the room's page
  constructor(send, path) {
    this.send = send;
    this.path = path;
    this.tracks = new Map();
    this.loudness = new Map();
    this.people = [];
    this.me = 0;
    this.state = "off";
    this.may = false;
    this.recorder = null;
    this.stopping = new Set();
    $("do-record").onclick = () => this.press(this.state === "off" ? "start" : "stop");
    $("do-pause").onclick = () => this.press(this.state === "paused" ? "resume" : "pause");
    $("do-mark").onclick = () => {
      $("more-dialog").close();
      $("mark-name").value = "";
      $("mark-dialog").showModal();
    };
    $("mark-dialog").addEventListener("close", () => {
      if ($("mark-dialog").returnValue === "mark") send({ type: "chapter", name: $("mark-name").value.trim() });
    });
  }

  press(what) {
    $("more-dialog").close();
    this.send({ type: "record", what });
  }

  // ---- what the server tells ----

  // Everybody is told; `fresh`: with the welcome.
  told({ state, server }, fresh = false) {
    const before = this.state;
    this.state = state;
    this.draw();
    if (this.recorder && state !== "off") this.recorder.pause(state === "paused");
    if (state === "off" || server) this.stop(state === "off");
    if (state === before || (fresh && state === "off")) return;
    if (state === "on" && before === "paused") say(_("The recording goes on."), { urgent: true, seen: true });
    else say(WORDS[state], { urgent: true, seen: true });
  }

  // This page has to record.
  task(task) {
    if (!canRecord()) {
      say(_("This browser cannot record. Another host can, with a current browser."), { urgent: true, seen: true });
      this.send({ type: "record", what: "stop" });
      return;
    }
    const known = this.recorder;
    if (known?.id === task.id && known.part === task.part) return; // the connection was lost and is there again
    if (task.next > 0) {
      this.send({ type: "record", what: "again" }); // another page began this part
      return;
    }
    if (known?.id === task.id) {
      known.begin(task);
      return;
    }
    this.stop();
    const recorder = new Recorder(task, `${this.path}/${task.path}`, this, {
      over: () => {
        if (this.recorder !== recorder) return;
        this.recorder = null;
        say(_("The recording could not be sent any further."), { urgent: true, seen: true });
        this.send({ type: "record", what: "stop" });
      },
      anew: () => this.recorder === recorder && this.send({ type: "record", what: "again" }),
    });
    this.recorder = recorder;
  }

  marked({ name, at }) {
    const seconds = Math.floor(at / 1000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    say(_("Marked: %(name)s (%(time)s)", { name, time }), { seen: true });
  }

  // ---- what happens in the room ----

  members() {
    return this.people;
  }

  setMembers(me, members) {
    this.me = me.id;
    this.people = [...members].sort((a, b) => a.order - b.order);
  }

  setTrack(id, place, track) {
    const key = `${id} ${place}`;
    if (track) this.tracks.set(key, track);
    else this.tracks.delete(key);
    this.recorder?.look();
  }

  setLoudness(levels) {
    this.loudness = levels;
  }

  setRights({ record }) {
    this.may = record;
    this.draw();
  }

  draw() {
    const { state, may } = this;
    show($("recording-badge"), state !== "off");
    $("recording-badge").classList.toggle("alert", state === "on");
    $("recording-text").textContent = state === "paused" ? _("Recording paused") : _("Recording");
    show($("do-record"), may);
    show($("do-pause"), may && state !== "off");
    show($("do-mark"), may && state === "on");
    $("record-text").textContent = state === "off" ? _("Record") : _("End the recording");
    $("pause-text").textContent = state === "paused" ? _("Go on recording") : _("Pause the recording");
  }

  // What is not sent yet is sent still.
  stop(over = true) {
    const recorder = this.recorder;
    if (!recorder) return;
    this.recorder = null;
    const work = recorder.stop(over).finally(() => this.stopping.delete(work));
    this.stopping.add(work);
  }

  // The room is left.
  clear() {
    this.stop();
    this.tracks.clear();
    this.loudness = new Map();
    this.people = [];
    this.state = "off";
    this.may = false;
    this.draw();
  }
}
