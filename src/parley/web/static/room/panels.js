// The panel beside the stage: its tabs; people, the lobby, the chat. Polls, questions and the note have modules of their own.

import { $, colour, copy, initials, say, show } from "./dom.js";
import { TIME, _ } from "./words.js";

const TABS = ["people", "chat", "questions", "polls", "notes"];
const TO = { all: _("everybody"), host: _("the host"), presenter: _("the presenter") };
const ONLY_TO = { host: _("only to the host"), presenter: _("only to the presenter") };

export class Panels {
  // send(message): over the socket
  constructor(send) {
    this.send = send;
    this.me = null;
    this.rights = { chat: [], share: false, host: false, claim: "no" };
    this.members = [];
    this.unread = 0;
    this.pin = () => {};
    this.isPinned = () => false;
    this.early = 0;
    this.fresh = new Set(); // tabs with something new
    for (const name of TABS) {
      const tab = $(`tab-${name}`);
      tab.onclick = () => this.open(name);
      if ($(`open-${name}`)) $(`open-${name}`).onclick = () => this.toggle(name);
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        const offered = TABS.filter((each) => !$(`tab-${each}`).hidden);
        this.open(offered[(offered.indexOf(name) + step + offered.length) % offered.length]);
        $(`tab-${this.shown}`).focus();
      });
    }
    $("close-panel").onclick = () => this.close();
    $("panel").addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    $("admit-all").onclick = () => this.send({ type: "admit" });
    $("write").addEventListener("submit", (event) => {
      event.preventDefault();
      this.write();
    });
    $("chat-text").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.write();
    });
  }

  get shown() {
    if ($("panel").hidden) return null;
    return TABS.find((name) => !$(name).hidden);
  }

  toggle(which) {
    if (this.shown === which) this.close();
    else this.open(which, true);
  }

  open(which, focus = false) {
    show($("panel"), true);
    for (const name of TABS) {
      const chosen = name === which;
      show($(name), chosen);
      $(`tab-${name}`).setAttribute("aria-selected", chosen);
      $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
      $(`open-${name}`)?.setAttribute("aria-expanded", chosen);
    }
    this.fresh.delete(which);
    this.drawFresh();
    if (which === "chat") {
      this.unread = 0;
      show($("chat-dot"), false);
      $("lines").scrollTop = $("lines").scrollHeight;
      if (focus && !$("write").hidden) $("chat-text").focus();
    } else if (focus) $(`tab-${which}`).focus();
  }

  close() {
    const opener = this.shown && $(`open-${this.shown}`);
    show($("panel"), false);
    for (const name of TABS) $(`open-${name}`)?.setAttribute("aria-expanded", "false");
    (opener ?? $("more")).focus();
  }

  // Whether the session has such a thing.
  offer(name, on) {
    show($(`tab-${name}`), on);
    for (const button of document.querySelectorAll(`[data-panel="${name}"]`)) show(button, on);
    if (!on && this.shown === name) this.open("people");
  }

  // Something is new in a tab; `open` shows it at once unless somebody looks at another one.
  news(name, text, { open = false, quiet = false } = {}) {
    if (this.shown === name) return quiet ? undefined : say(text);
    if (open && !this.shown) {
      this.open(name);
      return say(text);
    }
    this.fresh.add(name);
    this.drawFresh();
    return quiet ? undefined : say(text, { seen: true });
  }

  drawFresh() {
    for (const name of TABS) $(`tab-${name}`).classList.toggle("fresh", this.fresh.has(name));
    show($("more-dot"), ["questions", "polls", "notes"].some((name) => this.fresh.has(name)));
  }

  setRights(rights) {
    this.rights = rights;
    const before = $("chat-to").value;
    $("chat-to").replaceChildren(...rights.chat.map((to) => new Option(TO[to], to)));
    if (rights.chat.includes(before)) $("chat-to").value = before;
    show($("write"), rights.chat.length > 0);
    show($("no-chat"), rights.chat.length === 0);
    if (!rights.host) this.setLobby([]);
    this.drawPeople();
  }

  setMembers(me, members) {
    this.me = me;
    this.members = members;
    this.drawPeople();
  }

  drawPeople() {
    if (!this.me) return;
    const weight = (each) => (each.hand ? each.hand : 1e6 + (each.host ? 0 : each.presenter ? 1 : each.viewer ? 3 : 2));
    const sorted = [...this.members].sort((a, b) => weight(a) - weight(b) || a.order - b.order);
    const focused = document.activeElement?.closest?.("#people-list li")?.dataset.id;
    $("people-list").replaceChildren(...sorted.map((each) => this.person(each)));
    if (focused) $("people-list").querySelector(`li[data-id="${focused}"] .act`)?.focus();
    $("count").textContent = this.members.length;
  }

  person(member) {
    const item = copy("person-template");
    const own = member.id === this.me.id;
    const name = member.name || _("Participant");
    item.dataset.id = member.id;
    item.querySelector(".face").textContent = initials(member.name);
    item.querySelector(".face").classList.add(colour(member.id));
    item.querySelector(".who").textContent = own ? _("%(name)s (you)", { name }) : name;
    const parts = [
      member.host && _("host"),
      member.presenter && _("presenter"),
      member.viewer && _("watches"),
      member.sharing && _("shares the screen"),
      member.level === "audio" && !member.viewer && _("sound only"),
      member.level === "none" && _("chat only"),
      !member.here && _("reconnecting"),
    ].filter(Boolean);
    item.querySelector(".part").textContent = parts.join(", ");
    const [hand, mic, micOff, cameraOff] = item.querySelectorAll(".signs svg");
    const sends = !member.viewer && member.level !== "none";
    for (const [sign, on] of [
      [hand, member.hand > 0],
      [mic, sends && member.mic],
      [micOff, sends && !member.mic],
      [cameraOff, sends && !member.camera],
    ]) sign.classList.toggle("gone", !on);
    item.querySelector(".signs").setAttribute("role", "img");
    item.querySelector(".signs").setAttribute(
      "aria-label",
      [member.hand > 0 && _("hand raised"), sends && (member.mic ? _("microphone on") : _("muted")), sends && member.camera && _("camera on")]
        .filter(Boolean)
        .join(", ") || _("no camera or microphone"),
    );
    const act = item.querySelector(".act");
    const choices = this.choices(member, own);
    act.querySelector(".spoken").textContent = own ? _("What to do with yourself") : _("What to do with %(name)s", { name });
    if (!choices.length) act.remove();
    else act.onclick = () => this.menu(act, choices);
    return item;
  }

  choices(member, own) {
    const { host } = this.rights;
    const id = member.id;
    return [
      !own && !member.viewer && member.level !== "none" && [this.isPinned(id) ? _("Unpin") : _("Pin for me"), () => this.pin(id)],
      host && !own && member.mic && [_("Mute"), { type: "mute", member: id }],
      host && !own && member.hand > 0 && [_("Lower the hand"), { type: "hand", up: false, member: id }],
      (host || this.me.presenter) && !member.presenter && !member.viewer && [_("Make presenter"), { type: "present", member: id }],
      host && !own && !member.viewer && [_("Make host"), { type: "host", member: id }],
      host && !own && [_("Remove from the meeting"), { type: "expel", member: id }],
    ].filter(Boolean);
  }

  menu(button, choices) {
    const menu = $("person-menu");
    menu.replaceChildren(
      ...choices.map(([text, message]) => {
        const item = document.createElement("button");
        item.type = "button";
        item.role = "menuitem";
        item.textContent = text;
        item.classList.toggle("danger", message.type === "expel");
        item.onclick = () => {
          menu.hidePopover();
          if (typeof message === "function") message();
          else this.send(message);
        };
        return item;
      }),
    );
    menu.onkeydown = (event) => {
      const items = [...menu.children];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    };
    menu.showPopover();
    const { bottom, right } = button.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, right - width)}px`;
    menu.style.top = `${Math.min(bottom + 4, innerHeight - height - 8)}px`;
    menu.firstElementChild.focus();
  }

  setLobby(people, early = 0) {
    this.early = early;
    $("early").textContent = !early ? "" : early === 1 ? _("1 person waits for the start.") : _("%(count)s people wait for the start.", { count: early });
    show($("lobby"), people.length > 0);
    show($("admit-all-row"), people.length > 1);
    show($("lobby-dot"), people.length > 0);
    const known = new Set([...$("lobby-list").children].map((item) => item.dataset.id));
    for (const each of people) {
      if (!known.has(String(each.id))) say(_("%(name)s waits to come in", each), { seen: this.shown !== "people" });
    }
    $("lobby-list").replaceChildren(
      ...people.map((each) => {
        const item = document.createElement("li");
        item.dataset.id = each.id;
        const who = document.createElement("span");
        who.className = "about";
        who.textContent = each.name;
        const admit = document.createElement("button");
        admit.className = "button small";
        admit.textContent = _("Admit");
        admit.onclick = () => this.send({ type: "admit", member: each.id });
        const deny = document.createElement("button");
        deny.className = "button plain small";
        deny.textContent = _("Deny");
        deny.onclick = () => this.send({ type: "expel", member: each.id });
        admit.setAttribute("aria-label", _("Admit %(name)s", each));
        deny.setAttribute("aria-label", _("Deny %(name)s", each));
        for (const button of [admit, deny]) button.type = "button";
        item.append(who, admit, deny);
        return item;
      }),
    );
  }

  write() {
    const text = $("chat-text").value.trim();
    if (!text) return;
    if (this.send({ type: "chat", to: $("chat-to").value, text })) $("chat-text").value = "";
    else say(_("Not sent: there is no connection at the moment."), { seen: true });
  }

  addLine(line) {
    if ($("lines").querySelector(`[data-id="${line.id}"]`)) return;
    const item = copy("line-template");
    const own = line.sender === this.me?.id;
    item.dataset.id = line.id;
    item.classList.toggle("own", own);
    item.querySelector("b").textContent = own ? _("You") : line.name;
    item.querySelector(".quiet").textContent = `${line.to === "all" ? "" : `${ONLY_TO[line.to]} · `}${TIME.format(line.at)}`;
    item.querySelector(".text").textContent = line.text;
    const list = $("lines");
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.append(item);
    while (list.children.length > 500) list.firstElementChild.remove();
    if (atEnd || own) list.scrollTop = list.scrollHeight;
    if (own || this.shown === "chat") return;
    this.unread++;
    show($("chat-dot"), true);
    say(_("%(name)s writes: %(text)s", line), { seen: true });
  }

  clear() {
    $("lines").replaceChildren();
    $("people-list").replaceChildren();
    this.setLobby([]);
    show($("chat-dot"), false);
    show($("panel"), false);
    for (const name of TABS) $(`open-${name}`)?.setAttribute("aria-expanded", "false");
    this.fresh.clear();
    this.drawFresh();
    this.unread = 0;
  }
}
