// Questions and answers: what attendees ask, and what host, presenter and panelists answer.

import { $, element, say, show } from "./dom.js";
import { TIME, _ } from "./words.js";

export class Questions {
  // panels: tells whether something is new; send(message): over the socket
  constructor(send, panels) {
    this.send = send;
    this.panels = panels;
    this.questions = new Map();
    this.answers = false;
    $("ask-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  setRights(rights) {
    const changed = this.answers !== rights.answer;
    this.answers = rights.answer;
    this.panels.offer("questions", rights.ask);
    if (changed) this.draw();
  }

  setAll(questions) {
    this.questions = new Map(questions.map((each) => [each.id, each]));
    this.draw();
  }

  set(question) {
    const before = this.questions.get(question.id);
    this.questions.set(question.id, question);
    this.draw();
    const last = question.answers.at(-1);
    if (!before && this.answers && !question.own) this.panels.news("questions", _("%(name)s asks: %(text)s", { name: question.name || _("Somebody"), text: question.text }));
    else if (question.own && before && question.answers.length > before.answers.length) this.panels.news("questions", _("%(name)s answers: %(text)s", last));
    else if (!before && !question.own) this.panels.news("questions", _("Answered: %(text)s", question));
  }

  remove(id) {
    this.questions.delete(id);
    this.draw();
  }

  clear() {
    this.questions.clear();
    $("ask-text").value = "";
    this.draw();
  }

  ask() {
    const text = $("ask-text").value.trim();
    if (!text) return;
    if (this.send({ type: "ask", text })) {
      $("ask-text").value = "";
      say(_("Your question is with the panel."));
    } else say(_("Not sent: there is no connection at the moment."), { seen: true });
  }

  // Those that wait for an answer come first; what somebody writes at the moment stays.
  draw() {
    const focused = document.activeElement?.id;
    const written = new Map([...document.querySelectorAll("#questions-list textarea")].map((each) => [each.id, each.value]));
    const place = { open: 0, answered: 1, dismissed: 2 };
    const list = [...this.questions.values()].sort((a, b) => place[a.state] - place[b.state] || (a.state === "open" ? a.id - b.id : b.id - a.id));
    $("questions-list").replaceChildren(...list.map((each) => this.card(each)));
    show($("no-questions"), list.length === 0);
    $("no-questions").textContent = this.answers ? _("Nobody has asked anything yet.") : _("Ask the panel. What is answered for all is shown here.");
    for (const [id, text] of written) if ($(id)) $(id).value = text;
    if (focused?.startsWith("question-")) $(focused)?.focus();
  }

  card(question) {
    const { id } = question;
    const states = { open: question.own && !this.answers ? _("Waits for an answer") : _("Open"), answered: "", dismissed: _("Dismissed") };
    const who = question.own ? _("You") : question.name || _("Participant");
    const item = element(
      "li",
      { className: "card-item" },
      element("p", { className: "from" }, element("b", {}, who), element("span", { className: "quiet" }, ` ${TIME.format(question.at)}${states[question.state] ? ` · ${states[question.state]}` : ""}`)),
      element("p", { className: "text" }, question.text),
      ...question.answers.map((each) =>
        element("div", { className: "answer" }, element("p", { className: "from" }, element("b", {}, each.name), element("span", { className: "quiet" }, [` ${TIME.format(each.at)}`, each.private && _("only to who asked")].filter(Boolean).join(" · "))), element("p", { className: "text" }, each.text)),
      ),
    );
    if (this.answers) item.append(this.reply(question));
    else if (question.own && question.state === "open") item.append(element("p", { className: "actions" }, this.dismiss(id, _("Take back"))));
    return item;
  }

  dismiss(id, text) {
    const button = element("button", { type: "button", className: "button plain small", id: `question-${id}-dismiss` }, text);
    button.onclick = () => this.send({ type: "dismiss", question: id });
    return button;
  }

  reply({ id, state, answers }) {
    const text = element("textarea", { id: `question-${id}-text`, rows: 2, maxLength: 2000, "aria-label": _("Your answer"), placeholder: answers.length ? _("Another answer") : _("Your answer") });
    const secret = element("input", { type: "checkbox", id: `question-${id}-private` });
    const form = element(
      "form",
      { className: "reply" },
      text,
      element("label", { className: "choice" }, secret, element("span", {}, _("Only to who asked"))),
      element("p", { className: "actions" }, element("button", { className: "button small", id: `question-${id}-send` }, _("Send the answer")), state === "dismissed" ? null : this.dismiss(id, _("Dismiss"))),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      if (!text.value.trim()) return;
      if (this.send({ type: "reply", question: id, text: text.value, private: secret.checked })) text.value = "";
      else say(_("Not sent: there is no connection at the moment."), { seen: true });
    };
    return form;
  }
}
