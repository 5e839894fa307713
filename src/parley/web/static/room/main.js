// The room's page: before the room, waiting, the room itself, afterwards.

import { $, element, notice, remember, say, show } from "./dom.js";
import { MediaEngine } from "./engine.js";
import { LocalMedia, fillDevices, wordsFor } from "./media.js";
import { Notes } from "./notes.js";
import { Panels } from "./panels.js";
import { Polls } from "./polls.js";
import { Questions } from "./questions.js";
import { Secret } from "./secret.js";
import { Recording } from "./recording.js";
import { RoomSocket } from "./socket.js";
import { Stage } from "./stage.js";
import { _ } from "./words.js";

const REACTIONS = { thumbs: "👍", clap: "👏", heart: "❤️", laugh: "😄", wow: "😮", party: "🎉" };
const WORDS = { thumbs: _("thumbs up"), clap: _("applause"), heart: _("a heart"), laugh: _("a laugh"), wow: _("surprise"), party: _("a cheer") };
const path = document.body.dataset.path;

let viewer = document.body.dataset.viewer === "yes";
let socket = null;
let engine = null;
let me = null;
let locked = false;
let started = 0;
let rights = { chat: [], share: false, host: false, claim: "no" };
const members = new Map();
let wishes = null; // what is to be on when waiting is over; nothing stays on meanwhile

const send = (message) => socket?.send(message) ?? false;
const called = (member) => member?.name || _("Somebody");
const media = new LocalMedia(changed);
const stage = new Stage(() => show($("hear"), true));
const panels = new Panels(send);
const polls = new Polls(send, panels);
const questions = new Questions(send, panels);
const notes = new Notes(send, panels);
let secret = null; // encrypts media end to end, where the session wants it
panels.pin = (id) => stage.pin(String(id));
panels.isPinned = (id) => stage.pinned === String(id);
const recording = new Recording(send, path);

// ---- screens ----------------------------------------------------------------------------------------------------

function screen(name) {
  for (const each of ["before", "waiting", "live", "over"]) show($(each), each === name);
  document.body.dataset.screen = name;
}

function over(title, text, mayReturn = true) {
  recording.clear();
  socket?.close();
  socket = null;
  engine?.close();
  engine = null;
  me = null;
  members.clear();
  media.stop();
  wishes = null;
  stage.clear();
  panels.clear();
  for (const each of [polls, questions, notes]) each.clear();
  secret?.close();
  secret = null;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  $("over-title").textContent = title;
  $("over-text").textContent = text;
  show($("again"), mayReturn);
  screen("over");
  $("over-title").focus();
}

// ---- before the room --------------------------------------------------------------------------------------------

async function prepare() {
  for (const button of [$("pre-mic"), $("pre-camera")]) button.disabled = !navigator.mediaDevices;
  if (!navigator.mediaDevices) {
    $("device-note").textContent = _("Camera and microphone work only on pages with https.");
    return;
  }
  if (viewer) return;
  await Promise.allSettled([
    remember("mic") === "off" ? null : turn("mic", true),
    remember("camera") === "off" ? null : turn("camera", true),
  ]);
  listDevices();
  requestAnimationFrame(meter);
}

function listDevices() {
  fillDevices([["mic", $("choose-mic")], ["camera", $("choose-camera")]], media);
  fillDevices([["mic", $("live-mic")], ["camera", $("live-camera")]], media);
}

function meter() {
  if ($("before").hidden) return;
  $("meter").style.setProperty("--level", media.level().toFixed(2));
  setTimeout(() => requestAnimationFrame(meter), 80);
}

async function turn(kind, on) {
  try {
    await (kind === "mic" ? media.setMic(on) : kind === "camera" ? media.setCamera(on) : media.setSharing(on));
  } catch (error) {
    if (kind in media.wanted) media.wanted[kind] = false;
    if (kind === "screen" && error.name === "NotAllowedError") return; // the picker was closed
    const text = wordsFor(error, kind);
    if (me) say(text, { urgent: true, seen: true });
    else $("device-note").textContent = text;
  }
}

// Something of one's own is on or off, or comes from another device.
function changed(kind) {
  for (const [button, on] of [["pre-mic", media.micOn], ["pre-camera", media.cameraOn]]) {
    $(button).setAttribute("aria-pressed", on);
    $(button).classList.toggle("off", !on);
  }
  show($("preview-off"), !media.cameraOn);
  if (kind === "camera") {
    const track = media.tracks.camera;
    $("preview-video").srcObject = track && !$("before").hidden ? new MediaStream([track]) : null;
  }
  drawTools();
  if (!me) return;
  recording.setTrack(me.id, kind, media.tracks[kind]);
  if (kind !== "mic") stage.setTrack(me.id, kind, media.tracks[kind]);
  engine?.refill();
  tellState();
}

function tellState() {
  const state = { mic: media.micOn, camera: media.cameraOn, sharing: media.sharing };
  if (me && (state.mic !== me.mic || state.camera !== me.camera || state.sharing !== me.sharing)) {
    Object.assign(me, state);
    send({ type: "state", ...state });
    drawMembers();
  }
}

async function ask() {
  const answer = await fetch(`${path}/entry`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      name: $("name").value,
      email: $("email")?.value ?? "",
      password: $("panelist")?.value || $("password").value,
      registerId: $("registration").value,
    }),
  });
  if (answer.ok) return answer.json();
  if (answer.status !== 403 || !answer.headers.get("content-type")?.startsWith("application/json")) {
    throw new Error(answer.status === 429 ? _("Too many tries. Please wait a moment.") : _("The server cannot do this at the moment."));
  }
  const no = await answer.json();
  if (no.wanted === "password" || no.wanted === "registration") {
    const field = $(no.wanted);
    show($(`ask-${no.wanted}`), true);
    field.value = "";
    field.focus();
  }
  throw new Error(no.text);
}

async function join() {
  $("join-button").disabled = true;
  show($("join-error"), false);
  try {
    const entry = await ask();
    if (entry.secret) await keepSecret();
    viewer = entry.viewer;
    remember("name", $("name").value);
    remember("mic", media.wanted.mic ? "on" : "off");
    remember("camera", media.wanted.camera ? "on" : "off");
    if (viewer) media.stop();
    engine = new MediaEngine(entry.iceServers, media.tracks, send, {
      media: (id, place, track) => {
        // A server that was started anew counts from one again: what ends then may bear the number that is one's own now.
        if (id === me?.id) return;
        recording.setTrack(id, place, track);
        stage.setTrack(id, place, track);
      },
      state: () => {},
    }, secret);
    socket = new RoomSocket(entry.socket, {
      message: take,
      dropped: () => {
        show($("link-badge"), Boolean(me));
        if (me) say(_("The connection is lost. Trying to come back."), { urgent: true });
      },
      lost: () => over(_("The connection was lost"), _("You can join again when you are back online.")),
    });
    socket.key = secret?.publicKey ?? null;
    socket.open(entry.token);
  } catch (error) {
    $("join-error").textContent = error instanceof TypeError ? _("The server cannot be reached.") : error.message;
    show($("join-error"), true);
  } finally {
    $("join-button").disabled = false;
  }
}

async function keepSecret() {
  if (!Secret.supported) throw new Error(_("This meeting is end-to-end encrypted, and this browser cannot do that."));
  secret?.close();
  secret = new Secret(send);
  await secret.prepare();
}

// ---- what the server tells --------------------------------------------------------------------------------------

const HANDLERS = {
  waiting(message) {
    $("waiting-title").textContent = message.name;
    $("waiting-text").textContent =
      {
        host: _("The host is not here yet. You come in as soon as the meeting starts."),
        start: _("It has not started yet. You come in as soon as the host starts it."),
        admit: _("The host will let you in."),
      }[message.reason];
    const fresh = $("waiting").hidden;
    screen("waiting");
    if (!fresh) return;
    $("waiting-title").focus();
    wishes = { ...media.wanted };
    media.stop();
  },

  welcome(message) {
    const fresh = me === null;
    const place = !fresh && me.id === message.you;
    members.clear();
    for (const each of message.members) members.set(each.id, each);
    if (!place) stage.clear();
    me = members.get(message.you);
    viewer = me.viewer;
    $("room-name").textContent = message.name;
    document.title = `${message.name} · Parley`;
    started = message.started;
    HANDLERS.locked({ on: message.locked }, true);
    screen("live");
    show($("link-badge"), false);
    $("preview-video").srcObject = null;
    setRights(message.rights);
    for (const line of message.chat) panels.addLine(line);
    stage.setTrack(me.id, "camera", media.tracks.camera);
    stage.setTrack(me.id, "screen", media.tracks.screen);
    for (const kind of ["mic", "camera", "screen"]) recording.setTrack(me.id, kind, media.tracks[kind]);
    engine?.use(message.engine);
    polls.setAll(message.polls);
    questions.setAll(message.questions);
    notes.setAll(message.note);
    HANDLERS.practice({ on: message.practice }, fresh);
    show($("secret-badge"), message.secret);
    if (fresh && message.muted && (media.micOn || wishes?.mic)) {
      if (wishes) wishes.mic = false;
      else media.setMic(false);
      say(_("You come in muted."), { seen: true });
    }
    drawMembers(true);
    recording.told(message.recording, true);
    tellState();
    if (wishes) {
      media.reopen();
      for (const kind of ["mic", "camera"]) if (wishes[kind] && !viewer && me.level !== "none") turn(kind, true);
      wishes = null;
    }
    if (fresh) {
      $("room-name").focus();
      const { length } = message.members;
      say(length === 1 ? _("You are in. Nobody else is here yet.") : _("You are in. %(count)s people are here.", { count: length }));
      levelNotice();
    } else say(_("The connection is back."));
  },

  joined({ member }) {
    members.set(member.id, member);
    drawMembers();
    if (!member.viewer) say(_("%(name)s joined", { name: called(member) }), { seen: members.size < 20 });
  },

  changed({ member }) {
    const before = members.get(member.id);
    members.set(member.id, member);
    if (member.id === me?.id) ownChanged(before, member);
    else if (before && !before.hand && member.hand) say(_("%(name)s raised a hand", { name: called(member) }), { seen: true });
    else if (before && !before.sharing && member.sharing) say(_("%(name)s shares a screen", { name: called(member) }));
    drawMembers();
  },

  left({ member, why }) {
    const gone = members.get(member);
    members.delete(member);
    drawMembers();
    if (!gone || gone.viewer) return;
    const name = called(gone);
    say(why === "lost" ? _("%(name)s lost the connection", { name }) : _("%(name)s left", { name }), { seen: members.size < 20 });
  },

  allowed(message) {
    if (!rights.host && message.rights.host && me) say(_("You are the host now."), { seen: true });
    if (rights.host && !message.rights.host && me) say(_("You are no longer the host."), { seen: true });
    setRights(message.rights);
  },

  locked({ on }, quiet = false) {
    locked = on;
    show($("locked-badge"), on);
    $("lock-text").textContent = on ? _("Unlock the room") : _("Lock the room");
    if (!quiet) say(on ? _("The room is locked. Newcomers wait.") : _("The room is open again."), { seen: true });
  },

  recording: (message) => recording.told(message),
  recorder: (message) => recording.task(message),
  marked: (message) => recording.marked(message),
  lobby({ people, early }) {
    panels.setLobby(people, early);
    drawPractice();
  },
  practice({ on }, fresh = true) {
    const before = !$("practice").hidden;
    show($("practice"), on);
    drawPractice();
    if (fresh && on) say(_("This is practice. Attendees come in when the host starts."));
    if (before && !on) say(_("It has started for everybody."), { seen: true });
  },
  poll: (poll) => polls.set(poll),
  polls: (message) => polls.setAll(message.polls),
  question: (question) => questions.set(question),
  questions: (message) => questions.setAll(message.questions),
  removed: ({ what, id }) => (what === "poll" ? polls : questions).remove(id),
  notes: (state) => notes.setAll(state),
  noted: (change) => notes.set(change),
  sealed: (message) => secret?.take(message),
  chat: (line) => panels.addLine(line),
  signal: (message) => engine?.signal(message),
  media: (message) => engine?.media(message),
  engine(message) {
    engine?.use(message);
    drawMembers();
  },

  react({ member, name }) {
    const sign = WORDS[name];
    stage.float(member, REACTIONS[name]);
    say(member === me?.id ? _("You show: %(sign)s", { sign }) : _("%(name)s shows: %(sign)s", { name: called(members.get(member)), sign }));
  },

  muted() {
    if (media.micOn) say(_("The host muted you."), { urgent: true, seen: true });
    media.setMic(false);
  },

  refused({ code, text }) {
    say(_(text), { urgent: true, seen: true });
    if (code === "notes") notes.refused();
  },

  goodbye({ reason, text, again }) {
    const titles = { ended: _("The meeting is over"), expelled: _("You were removed"), full: _("The room is full"), denied: _("You cannot come in") };
    if (!socket || !socket.over) {
      if (again) return; // the socket tries anew by itself
    }
    if (reason === "token" && me === null && $("waiting").hidden) {
      socket = null;
      $("join-error").textContent = _(text);
      show($("join-error"), true);
      return;
    }
    over(titles[reason] ?? _("You are out of the meeting"), _(text), reason !== "expelled");
  },
};

function take(message) {
  HANDLERS[message.type]?.(message);
}

function ownChanged(before, member) {
  me = member;
  if (before?.sharing && !member.sharing && media.sharing) {
    media.setSharing(false);
    say(_("Your screen is no longer shared."), { seen: true });
  }
  if (!member.camera && media.cameraOn && (member.level !== "video" || !rights.camera)) media.setCamera(false);
  if (before && before.level !== member.level) levelNotice();
  if (before && !before.presenter && member.presenter) say(_("You are the presenter now."), { seen: true });
}

function levelNotice() {
  if (viewer) return say(_("You watch and listen."), { seen: true });
  if (me.level === "audio") say(_("This room has no place for more cameras. You can hear, speak and see what is shared."), { seen: true });
  if (me.level === "none" && engine?.name === "janus") say(_("This room has no place for more voices. You can watch, listen and chat."), { seen: true });
  else if (me.level === "none") say(_("This room has no place for more voices. You can read and write in the chat."), { seen: true });
  return undefined;
}

function setRights(next) {
  rights = next;
  panels.setRights(next);
  for (const each of [polls, questions, notes]) each.setRights(next);
  media.windowsOnly = next.windows;
  recording.setRights(next);
  for (const each of document.querySelectorAll(".for-host")) show(each, next.host);
  show($("do-claim"), next.claim !== "no");
  drawTools();
}

function drawMembers(fresh = false) {
  if (!me) return;
  me = members.get(me.id) ?? me;
  const all = [...members.values()];
  panels.setMembers(me, all);
  notes.setMembers(me, all);
  secret?.update(me, all, fresh);
  if ($("secret-dialog").open) drawCode();
  stage.setMembers(me.id, all);
  recording.setMembers(me, all);
  engine?.update(me, all, fresh);
  drawTools();
}

function drawPractice() {
  const count = rights.host ? panels.early : 0;
  const waiting = count === 1 ? _("1 person waits for the start.") : _("%(count)s people wait for the start.", { count });
  $("practice-text").textContent = [_("Attendees come in when the host starts."), count && waiting].filter(Boolean).join(" ");
}

async function drawCode() {
  const code = await secret?.code();
  $("secret-code").replaceChildren(...(code ?? []).map((each) => element("span", {}, each)));
}

function drawTools() {
  const sends = me !== null && !viewer && me.level !== "none";
  const cameraAllowed = sends && me.level === "video" && rights.camera;
  tool("mic", media.micOn, media.micOn ? _("Mute") : _("Unmute"), sends);
  tool("camera", media.cameraOn, media.cameraOn ? _("Stop video") : _("Start video"), cameraAllowed);
  tool("share", media.sharing, media.sharing ? _("Stop sharing") : _("Share"), sends && (rights.share || media.sharing) && Boolean(navigator.mediaDevices?.getDisplayMedia));
  tool("hand", Boolean(me?.hand), me?.hand ? _("Lower hand") : _("Hand"), me !== null);
  for (const each of document.querySelectorAll("[data-do=share]")) each.disabled = $("share").disabled;
  $("mic").classList.toggle("off", !media.micOn);
  $("camera").classList.toggle("off", !media.cameraOn);
}

function tool(id, on, text, enabled) {
  $(id).setAttribute("aria-pressed", on);
  $(id).querySelector("span").textContent = text;
  $(id).disabled = !enabled;
}

// ---- what one does ----------------------------------------------------------------------------------------------

const DO = {
  mic: () => turn("mic", !media.micOn),
  camera: () => turn("camera", !media.cameraOn),
  share: () => turn("screen", !media.sharing),
  hand: () => send({ type: "hand", up: !me?.hand }),
  view() {
    const speaker = stage.view === "grid";
    stage.setView(speaker ? "speaker" : "grid");
    $("view-text").textContent = speaker ? _("Grid view") : _("Speaker view");
    say(speaker ? _("Speaker view") : _("Grid view"));
  },
  claim() {
    if (rights.claim === "free") return send({ type: "claim" });
    $("host-key").value = "";
    return $("claim-dialog").showModal();
  },
  "mute-all": () => send({ type: "mute" }) && notice(_("Everybody else is muted.")),
  lock: () => send({ type: "lock", on: !locked }),
};

function leave() {
  if (rights.host && members.size > 1) $("leave-dialog").showModal();
  else go();
}

function go() {
  socket?.leave();
  over(_("You left the meeting"), _("Your camera and microphone are off."));
}

for (const id of ["mic", "camera", "share", "hand"]) $(id).onclick = DO[id];
$("leave").onclick = leave;
$("more").onclick = () => {
  listDevices();
  $("more-dialog").showModal();
};
for (const button of document.querySelectorAll("[data-do]")) {
  button.onclick = () => {
    $("more-dialog").close();
    DO[button.dataset.do]();
  };
}
for (const button of document.querySelectorAll("[data-panel]")) {
  button.onclick = () => {
    $("more-dialog").close();
    panels.open(button.dataset.panel, true);
  };
}
$("begin").onclick = () => send({ type: "begin" });
$("secret-badge").onclick = () => {
  drawCode();
  $("secret-dialog").showModal();
};
for (const button of document.querySelectorAll("[data-leave]")) {
  button.onclick = () => {
    $("leave-dialog").close();
    if (button.dataset.leave === "leave") go();
    if (button.dataset.leave === "end") send({ type: "end" });
  };
}
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
}
$("claim-dialog").addEventListener("close", () => {
  if ($("claim-dialog").returnValue === "claim") send({ type: "claim", key: $("host-key").value });
});
for (const [name, sign] of Object.entries(REACTIONS)) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sign;
  button.setAttribute("aria-label", WORDS[name]);
  button.onclick = () => {
    $("more-dialog").close();
    send({ type: "react", name });
  };
  $("reactions").append(button);
}
$("pre-mic").onclick = DO.mic;
$("pre-camera").onclick = DO.camera;
for (const [id, kind] of [["choose-mic", "mic"], ["live-mic", "mic"], ["choose-camera", "camera"], ["live-camera", "camera"]]) {
  $(id).onchange = () => media.choose(kind, $(id).value).catch((error) => notice(wordsFor(error, kind)));
}
navigator.mediaDevices?.addEventListener?.("devicechange", listDevices);
$("hear").onclick = () => {
  stage.playAll();
  show($("hear"), false);
};
$("stop-waiting").onclick = go;
$("again").onclick = () => {
  media.reopen();
  screen("before");
  prepare();
  $("name").focus();
};
$("join").addEventListener("submit", (event) => {
  event.preventDefault();
  join();
});
addEventListener("pagehide", (event) => {
  socket?.leave();
  if (event.persisted && me) over(_("You left the meeting"), _("Your camera and microphone are off."));
});

// ---- keys -------------------------------------------------------------------------------------------------------

const KEYS = { m: "mic", v: "camera", s: "share", h: "hand", g: "view" };
const PANELS = { p: "people", c: "chat", q: "questions", l: "polls", n: "notes" };
let speaking = false;
$("keys-on").checked = remember("keys") !== "off";
$("keys-on").onchange = () => remember("keys", $("keys-on").checked ? "on" : "off");

function isBusy(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog, .popup");
  return typing || event.ctrlKey || event.metaKey || event.altKey || $("live").hidden || !$("keys-on").checked;
}

addEventListener("keydown", (event) => {
  if (isBusy(event) || event.repeat) return;
  const key = event.key.toLowerCase();
  if (key === " " && !event.target.closest("button, summary, a")) {
    event.preventDefault();
    if (!media.micOn && !$("mic").disabled) {
      speaking = true;
      turn("mic", true);
    }
  } else if (PANELS[key] && !$(`tab-${PANELS[key]}`).hidden) {
    event.preventDefault(); // else the letter would be typed into the chat
    panels.toggle(PANELS[key]);
  } else if (KEYS[key] && !$(KEYS[key])?.disabled) DO[KEYS[key]]();
});
addEventListener("keyup", (event) => {
  if (event.key !== " " || !speaking) return;
  speaking = false;
  turn("mic", false);
});

// ---- clock and speakers -----------------------------------------------------------------------------------------

setInterval(() => {
  if (!me) return;
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - started));
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  $("clock").textContent = `${hours ? `${hours}:${pad(Math.floor((seconds % 3600) / 60))}` : Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
}, 1000);
setInterval(() => {
  if (!me || !engine || document.hidden) return;
  const levels = engine.loudness();
  if (media.micOn) levels.set(me.id, media.level() / 3);
  else levels.set(me.id, 0);
  stage.setLoudness(levels);
  engine.enlarge(Number(stage.large()) || null);
  recording.setLoudness(levels);
}, 300);

$("join-button").disabled = false; // before, the form would have gone nowhere
if (!$("name").value) $("name").value = remember("name") ?? "";
prepare();
