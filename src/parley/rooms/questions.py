"""Questions and answers: anybody asks, host, presenter and panelists answer, publicly or only to whoever asked.

Those who answer see everything. Others see what they asked themselves, and questions that were answered publicly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from parley.rooms import messages as m
from parley.rooms.features import Company, Handler, person_of
from parley.rooms.words import _

if TYPE_CHECKING:
    from parley.rooms.room import Member

#: Questions that are kept; for another one the oldest that was dismissed, else answered, is given up.
MOST_QUESTIONS: Final = 300
#: Questions of one person that wait for an answer, and answers to one question.
MOST_OPEN: Final = 10
MOST_ANSWERS: Final = 5


class Question(msgspec.Struct, eq=False):
    """A question. `person` is who asked (see `features.person_of`), `staff`: his name is shown to all."""

    id: int
    person: str
    name: str
    staff: bool
    viewer: bool
    text: str
    at: int
    state: Literal["open", "answered", "dismissed"] = "open"
    answers: list[m.AnswerView] = []


class Questions:
    """The questions of a room."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._questions: dict[int, Question] = {}
        self._last_id = 0
        self._handlers: dict[type, Handler] = {m.Ask: self._ask, m.Reply: self._reply, m.Dismiss: self._dismiss}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        """What takes which message."""
        return self._handlers

    def told(self, member: Member) -> list[m.QuestionView]:
        """All questions that somebody sees, as he sees them."""
        answers = self._company.rights(member).answer
        found = (self._view(each, member, answers=answers) for each in self._questions.values())
        return [view for view in found if view is not None]

    def look_again(self, member: Member) -> None:
        """Tell somebody all that he sees of the questions."""
        if self._questions:
            self._company.tell(member, m.Questions(self.told(member)))

    def _view(self, question: Question, member: Member, *, answers: bool) -> m.QuestionView | None:
        """Args: `answers`: the member may answer."""
        own = question.person == person_of(member)
        shown = [each for each in question.answers if answers or own or not each.private]
        if not (answers or own) and (question.state == "dismissed" or not shown):
            return None
        # Those who only watch do not see each other, here neither.
        named = self._company.rules.attendee_list and not (question.viewer and member.viewer)
        return m.QuestionView(
            id=question.id,
            name=question.name if answers or own or question.staff or named else "",
            text=question.text,
            at=question.at,
            own=own,
            state=question.state if answers or own else "answered",
            answers=shown,
        )

    def _show(self, question: Question, *, hidden: bool = False) -> None:
        """Tell everybody of a question who sees it; `hidden`: others may have seen it before."""
        for each in self._company.members.values():
            view = self._view(question, each, answers=self._company.rights(each).answer)
            if view is not None:
                self._company.tell(each, view)
            elif hidden:
                self._company.tell(each, m.Removed("question", question.id))

    def _ask(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.Ask)  # noqa: S101  # the table says so
        text, person = m.clean(message.text), person_of(member)
        if not self._company.rights(member).ask:
            self._company.refuse(member, "questions", _("There are no questions in this session."))
            return
        waiting = sum(each.person == person and each.state == "open" for each in self._questions.values())
        if not text or waiting >= MOST_OPEN:
            if text:
                self._company.refuse(member, "questions", _("Please wait until your other questions are answered."))
            return
        if len(self._questions) >= MOST_QUESTIONS and not self._give_up_one():
            self._company.refuse(member, "questions", _("Too many questions wait for an answer."))
            return
        self._last_id += 1
        question = self._questions[self._last_id] = Question(
            self._last_id, person, member.ticket.name, member.staff, member.viewer, text, now_ms
        )
        self._show(question)

    def _give_up_one(self) -> bool:
        for state in ("dismissed", "answered"):
            found = next((each for each in self._questions.values() if each.state == state), None)
            if found is not None:
                del self._questions[found.id]
                for each in self._company.members.values():
                    self._company.tell(each, m.Removed("question", found.id))
                return True
        return False

    def _reply(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.Reply)  # noqa: S101
        question, text = self._questions.get(message.question), m.clean(message.text)
        if not self._company.rights(member).answer:
            self._company.refuse(member, "questions", _("Only host, presenter and panelists answer."))
        elif question is None or not text:
            return
        elif len(question.answers) >= MOST_ANSWERS:
            self._company.refuse(member, "questions", _("There are enough answers to this question."))
        else:
            question.answers.append(m.AnswerView(member.ticket.name, text, message.private, now_ms))
            question.state = "answered"
            self._show(question)

    def _dismiss(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.Dismiss)  # noqa: S101
        question = self._questions.get(message.question)
        if question is None:
            return
        if not (self._company.rights(member).answer or question.person == person_of(member)):
            self._company.refuse(member, "questions", _("Only host, presenter and panelists do that."))
            return
        question.state = "dismissed"
        self._show(question, hidden=True)
