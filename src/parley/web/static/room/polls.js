// Polls: what host and presenter prepare, what everybody answers.

import { $, element, say, show } from "./dom.js";
import { _ } from "./words.js";

const FEWEST = 2;
const MOST = 12;

export class Polls {
  // panels: tells whether something is new; send(message): over the socket
  constructor(send, panels) {
    this.send = send;
    this.panels = panels;
    this.polls = new Map();
    this.picked = new Map(); // what somebody picked and has not sent yet
    this.manages = false;
    this.editing = null;
    $("new-poll").onclick = () => this.edit(null);
    $("poll-more").onclick = () => this.addOption("", true);
    $("poll-cancel").onclick = () => this.stopEditing();
    $("poll-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
  }

  setRights(rights) {
    this.manages = rights.polls;
    this.panels.offer("polls", rights.vote);
    show($("new-poll"), rights.polls && $("poll-form").hidden);
    if (!rights.polls) this.stopEditing();
    this.draw();
  }

  setAll(polls) {
    this.polls = new Map(polls.map((each) => [each.id, each]));
    this.draw();
  }

  set(poll) {
    const before = this.polls.get(poll.id);
    this.polls.set(poll.id, poll);
    this.draw();
    const opened = poll.state === "open" && before?.state !== "open";
    const shared = poll.shared && !before?.shared;
    if (opened && !this.manages) this.panels.news("polls", _("A poll: %(question)s", poll), { open: true });
    else if (opened) say(_("The poll is open."));
    else if (poll.state === "closed" && before?.state === "open") say(_("The poll is closed."));
    if (shared) this.panels.news("polls", _("The results of a poll: %(question)s", poll), { open: true });
  }

  remove(id) {
    this.polls.delete(id);
    this.draw();
  }

  clear() {
    this.polls.clear();
    this.picked.clear();
    this.stopEditing();
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.id;
    const list = [...this.polls.values()].sort((a, b) => (a.state === "open" ? 0 : 1) - (b.state === "open" ? 0 : 1) || b.id - a.id);
    $("polls-list").replaceChildren(...list.map((each) => this.card(each)));
    show($("no-polls"), list.length === 0);
    if (focused?.startsWith("poll-")) $(focused)?.focus();
  }

  card(poll) {
    const states = { draft: _("Not open yet"), open: _("Open"), closed: poll.shared ? _("Results") : _("Closed") };
    const voting = poll.state === "open";
    const body = voting ? this.ballot(poll) : this.results(poll);
    return element(
      "li",
      { className: "card-item" },
      element("p", { className: "state" }, poll.multiple ? [states[poll.state], _("several choices")].join(" · ") : states[poll.state]),
      element("h3", {}, poll.question),
      body,
      voting && poll.counts ? this.results(poll) : null,
      this.manages ? this.controls(poll) : null,
    );
  }

  ballot(poll) {
    const picked = this.picked.get(poll.id) ?? new Set(poll.mine);
    const kind = poll.multiple ? "checkbox" : "radio";
    const button = element("button", { className: "button small", id: `poll-${poll.id}-vote`, disabled: !picked.size }, poll.mine.length ? _("Change my vote") : _("Vote"));
    const choices = poll.options.map((text, number) => {
      const input = element("input", { type: kind, name: `poll-${poll.id}`, id: `poll-${poll.id}-${number}`, checked: picked.has(number) });
      input.onchange = () => {
        const now = new Set(poll.multiple ? picked : []);
        if (input.checked) now.add(number);
        else now.delete(number);
        picked.clear();
        for (const each of now) picked.add(each);
        this.picked.set(poll.id, picked);
        button.disabled = !picked.size;
      };
      return element("label", { className: "choice" }, input, element("span", {}, text));
    });
    const form = element("form", {}, element("fieldset", {}, element("legend", { className: "spoken" }, poll.question), ...choices), button);
    form.onsubmit = (event) => {
      event.preventDefault();
      if (!this.send({ type: "vote", poll: poll.id, choices: [...picked] })) return say(_("Not sent: there is no connection at the moment."), { seen: true });
      this.picked.delete(poll.id);
      return say(_("Your vote counts."));
    };
    if (poll.mine.length) form.append(element("p", { className: "quiet" }, _("You have voted.")));
    return form;
  }

  results(poll) {
    if (!poll.counts) {
      const mine = poll.mine.map((each) => poll.options[each]).join(", ");
      return element("p", { className: "quiet" }, mine ? _("You chose: %(mine)s", { mine }) : _("The results are not shown."));
    }
    if (poll.state === "draft") return element("ul", { className: "plain" }, ...poll.options.map((each) => element("li", {}, each)));
    const most = Math.max(1, poll.voters);
    const rows = poll.options.map((text, number) => {
      const count = poll.counts[number];
      const share = Math.round((100 * count) / most);
      const bar = element("span", { className: "length" });
      bar.style.setProperty("--share", `${share}%`);
      return element("li", {}, element("span", { className: "option" }, poll.mine.includes(number) ? _("%(option)s (your choice)", { option: text }) : text), element("span", { className: "figure" }, `${count} · ${share} %`), bar);
    });
    return element("div", {}, element("ul", { className: "bars" }, ...rows), element("p", { className: "quiet" }, poll.voters === 1 ? _("1 vote") : _("%(count)s votes", { count: poll.voters })));
  }

  controls(poll) {
    const move = (text, to, more = "plain") => this.button(`poll-${poll.id}-${to}`, text, more, () => this.send({ type: "movepoll", poll: poll.id, to }));
    const parts = {
      draft: [move(_("Open the poll"), "open", ""), this.button(`poll-${poll.id}-edit`, _("Change"), "plain", () => this.edit(poll))],
      open: [move(_("Close the poll"), "closed", "")],
      closed: [poll.shared ? move(_("Hide results"), "hidden") : move(_("Show results"), "shared", ""), move(_("Open again"), "open")],
    };
    return element("p", { className: "actions" }, ...parts[poll.state], move(_("Delete"), "gone"));
  }

  button(id, text, more, act) {
    const made = element("button", { type: "button", className: `button small ${more}`, id }, text);
    made.onclick = act;
    return made;
  }

  edit(poll) {
    this.editing = poll?.id ?? null;
    $("poll-question").value = poll?.question ?? "";
    $("poll-multiple").checked = poll?.multiple ?? false;
    $("poll-options").replaceChildren();
    for (const text of poll?.options ?? ["", ""]) this.addOption(text);
    show($("poll-form"), true);
    show($("new-poll"), false);
    $("poll-question").focus();
  }

  addOption(text, focus = false) {
    const number = $("poll-options").children.length + 1;
    if (number > MOST) return;
    const input = element("input", { type: "text", maxLength: 200, value: text, className: "poll-option", "aria-label": _("Option %(number)s", { number }) });
    $("poll-options").append(element("li", {}, input));
    show($("poll-more"), number < MOST);
    if (focus) input.focus();
  }

  save() {
    const options = [...document.querySelectorAll(".poll-option")].map((each) => each.value.trim()).filter(Boolean);
    const question = $("poll-question").value.trim();
    if (!question || options.length < FEWEST) return say(_("A poll has a question and at least two options."), { seen: true });
    const message = { type: "savepoll", question, options, multiple: $("poll-multiple").checked };
    if (this.editing !== null) message.poll = this.editing;
    if (this.send(message)) this.stopEditing();
    return undefined;
  }

  stopEditing() {
    this.editing = null;
    show($("poll-form"), false);
    show($("new-poll"), this.manages);
  }
}
