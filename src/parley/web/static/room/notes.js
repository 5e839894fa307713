// The note of the room. What is typed goes to the server as one change at a time; what others type comes in as changes
// of the server's text and is put together with what is not sent yet, as rooms/notes.py does it.

import { $, element, say, show } from "./dom.js";
import { _ } from "./words.js";

const WAIT = 350; // milliseconds after a key before a change is sent
const MOST_SPLICE = 4000;

// The smallest single change that makes one text of another; texts are lists of characters.
export function difference(before, after) {
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < most - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

const apply = (text, { start, end, text: put }) => [...text.slice(0, start), ...put, ...text.slice(end)];
const same = (one, other) => one.length === other.length && one.every((each, index) => each === other[index]);

// Two changes of one text put together. What both wrote stays; where they overlap, mine follows theirs.
export function merged(base, mine, theirs) {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(theirs, mine)) return mine;
  const ours = difference(base, mine);
  const other = difference(base, theirs);
  const shift = other.text.length - (other.end - other.start);
  if (ours.end <= other.start && ours.start < other.start) return apply(theirs, ours);
  if (ours.start >= other.end) return apply(theirs, { ...ours, start: ours.start + shift, end: ours.end + shift });
  const after = other.start + other.text.length;
  return apply(theirs, { start: after, end: Math.max(ours.end, other.end) + shift, text: ours.text });
}

export class Notes {
  constructor(send, panels) {
    this.send = send;
    this.panels = panels;
    this.field = $("note");
    this.me = 0;
    this.members = [];
    this.reset();
    this.field.addEventListener("input", () => this.soon());
    $("note-save").onclick = () => this.download();
    $("note-taker").onchange = () => this.send({ type: "taker", member: Number($("note-taker").value) });
  }

  reset() {
    this.version = 0;
    this.text = [];
    this.sent = null;
    this.taker = null;
    clearTimeout(this.timer);
  }

  setRights(rights) {
    this.panels.offer("notes", rights.notes);
    this.writes = rights.note;
    this.host = rights.host;
    this.field.readOnly = !rights.note;
    this.drawTaker();
    if (!rights.note && !same([...this.field.value], this.text)) this.fill(this.text);
  }

  setMembers(me, members) {
    this.me = me.id;
    this.members = members;
    this.drawTaker();
  }

  drawTaker() {
    const one = this.taker !== null;
    const named = this.members.find((each) => each.id === this.taker);
    show($("taker-row"), one && this.host);
    $("note-who").textContent = !one
      ? _("Everybody writes this note.")
      : this.taker === this.me
        ? _("You take the note. All can read it.")
        : named?.name ? _("%(name)s takes the note.", { name: named.name }) : _("The note taker takes the note.");
    if (!one || !this.host || document.activeElement === $("note-taker")) return;
    const people = this.members.filter((each) => !each.viewer);
    $("note-taker").replaceChildren(...people.map((each) => new Option(each.name || _("Participant"), each.id, false, each.id === this.taker)));
  }

  // The whole note, when coming in or back, or after something went wrong.
  setAll(state) {
    if (!state) return;
    const theirs = [...state.text];
    const mine = [...this.field.value];
    const lost = state.version < this.version && !theirs.length; // the server was started anew
    const kept = !this.writes || this.version === 0 ? theirs : lost ? mine : merged(this.sent ?? this.text, mine, theirs);
    this.version = state.version;
    this.text = theirs;
    this.taker = state.taker;
    this.sent = null;
    this.fill(kept);
    this.drawTaker();
    if (!same(kept, theirs)) this.soon();
  }

  // What was sent last is not kept; the whole note comes next.
  refused() {
    this.sent = null;
    this.version = 0;
  }

  // A change that the server made of its text.
  set({ version, start, end, text, member }) {
    if (version !== this.version + 1) return; // of a time before the whole note came
    const now = apply(this.text, { start, end, text: [...text] });
    const mine = [...this.field.value];
    if (member === this.me && this.sent) {
      this.fill(merged(this.sent, mine, now));
      this.sent = null;
    } else {
      this.fill(merged(this.sent ?? this.text, mine, this.sent ? merged(this.text, this.sent, now) : now));
      if (this.sent) this.sent = merged(this.text, this.sent, now);
      if (member !== this.me) this.panels.news("notes", _("The note has changed."), { quiet: true });
    }
    this.text = now;
    this.version = version;
    if (this.writes && !same([...this.field.value], now)) this.soon();
  }

  fill(text) {
    const whole = text.join("");
    if (this.field.value === whole) return;
    const before = [...this.field.value];
    const change = difference(before, text);
    const shift = change.text.join("").length - before.slice(change.start, change.end).join("").length;
    const at = before.slice(0, change.start).join("").length;
    const [first, last, top] = [this.field.selectionStart, this.field.selectionEnd, this.field.scrollTop];
    this.field.value = whole;
    const moved = (place) => (place > at ? Math.max(at, place + shift) : place);
    if (document.activeElement === this.field) this.field.setSelectionRange(moved(first), moved(last));
    this.field.scrollTop = top;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.post(), WAIT);
  }

  post() {
    if (this.sent || !this.writes) return; // the answer to the last one sends the next
    const mine = [...(this.field.value.toWellFormed?.() ?? this.field.value)];
    if (same(mine, this.text)) return;
    const change = difference(this.text, mine);
    change.text = change.text.slice(0, MOST_SPLICE);
    if (this.send({ type: "note", base: this.version, start: change.start, end: change.end, text: change.text.join("") })) this.sent = apply(this.text, change);
  }

  download() {
    const link = element("a", { href: URL.createObjectURL(new Blob([this.field.value], { type: "text/plain" })), download: "note.txt" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    say(_("The note is saved as a file."));
  }

  clear() {
    this.reset();
    this.field.value = "";
  }
}
