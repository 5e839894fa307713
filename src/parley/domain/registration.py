"""How people get onto the list of a session by registering: whether they must, who decides, how many, until when.

`Registration` is what a kind of session says of it; the functions below decide on one registration by it.
Sources: facts/meeting-event.md 4 and 5 ("Enrolment").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

#: Fields that every form asks for, and their numbers.
ALWAYS_ASKED: Final = {"first_name": -11, "last_name": -12, "email": -13}

#: Fields that a form may ask for in this order, and their numbers. Own fields have positive ones.
MAY_ASK: Final = {
    "phone": -1,
    "company": -2,
    "title": -3,
    "num_employees": -4,
    "future_info": -5,
    "address1": -6,
    "address2": -7,
    "city": -8,
    "state": -9,
    "postal_code": -10,
    "country": -14,
    "fax": -15,
}

#: Numbers of all standard fields, by name.
STANDARD_NUMBERS: Final = {**ALWAYS_ASKED, **MAY_ASK}


class FieldKind(StrEnum):
    """How a question of the host's own is answered."""

    TEXT_BOX = "TEXT_BOX"
    CHECK_BOXES = "CHECK_BOXES"
    OPTION_BUTTONS = "OPTION_BUTTONS"
    DROP_DOWN = "DROP_DOWN"


class Condition(StrEnum):
    """What an approval rule looks for in an answer."""

    CONTAINS = "CONTAINS"
    DOESNOT_CONTAIN = "DOESNOT_CONTAIN"
    BEGINS_WITH = "BEGINS_WITH"
    ENDS_WITH = "ENDS_WITH"


class StandardField(msgspec.Struct, frozen=True):
    """A standard field of the form: `name` is one of `MAY_ASK`."""

    name: str
    shown: bool = True
    required: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the answers offered; `selected`: ticked beforehand (check boxes); `score` counts for the registrant."""

    label: str
    score: float = 0.0
    selected: bool = False


class CustomField(msgspec.Struct, frozen=True, kw_only=True):
    """A question of the host's own.

    Attributes:
        field_id: its number, 1 or more, the same as long as the field stays on the form.
        index: its place on the form; fields with the same place stand in the order of their numbers.
        choices: what is offered; none for a text box.
        default_choice: number of the choice taken beforehand, from 1 on (option buttons, drop down); None: none.
        multi_line, width, height: of a text box; width in characters, height in lines.
    """

    field_id: int
    kind: FieldKind
    label: str
    shown: bool = True
    required: bool = False
    index: int = 0
    choices: tuple[Choice, ...] = ()
    default_choice: int | None = None
    multi_line: bool = False
    width: int | None = None
    height: int | None = None


class ApprovalRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that approves or refuses a registration by the answer to one field.

    `field_id` is a number of `STANDARD_NUMBERS` or that of an own field; a rule on a field that is not there, or
    was not answered, looks at an empty text.
    """

    field_id: int
    condition: Condition
    query: str
    approve: bool
    match_case: bool = False


class Scope(StrEnum):
    """What people register for where a session has several occurrences."""

    ANY = "any"
    """For all or for one, as each of them says; there is one set of seats."""
    SERIES = "series"
    """For all of them, as a course."""
    EACH = "each"
    """For one of them: they are classes with seats of their own."""


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a session's registration.

    Attributes:
        required: people have to register.
        approval: somebody has to approve each registration; otherwise it counts at once.
        rules: decide, in this order, before a person has to; the first that applies counts.
        scope: what they register for where the session has several occurrences.
        capacity: seats for those who register, 0 is without limit; where they register for each occurrence, of each.
        waiting_list: who finds no seat waits for one instead of being refused.
        closes_at: registration ends at this time (UTC epoch seconds); None: when the session is over.
        password: has to be given to register; None: none.
        id_required: people need their registration ID to join.
        standard: the standard fields of the form besides those of `ALWAYS_ASKED`; those not named are not shown.
        custom: the host's own questions.
        end_url: where people are led after they registered; None: nowhere.
        mail_pending, mail_accepted, mail_rejected: whether people are told by mail of each outcome.
    """

    required: bool = False
    approval: bool = False
    rules: tuple[ApprovalRule, ...] = ()
    scope: Scope = Scope.ANY
    capacity: int = 0
    waiting_list: bool = False
    closes_at: int | None = None
    password: str | None = None
    id_required: bool = False
    standard: tuple[StandardField, ...] = ()
    custom: tuple[CustomField, ...] = ()
    end_url: str | None = None
    mail_pending: bool = True
    mail_accepted: bool = True
    mail_rejected: bool = True


# ---- answers ---------------------------------------------------------------------------------------------------------


class CustomAnswer(msgspec.Struct, frozen=True):
    """What was answered to a question of the host's own; the label is kept as it was asked."""

    field_id: int
    label: str
    values: tuple[str, ...]


class Answers(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A form that was filled in.

    Attributes:
        standard: texts by the names of `STANDARD_NUMBERS`; `future_info` is "true" or missing.
        source: what the link said of where the person learned of the session.
        score: sum of the scores of all choices that were taken.
    """

    standard: dict[str, str] = {}
    custom: tuple[CustomAnswer, ...] = ()
    source: str | None = None
    score: float = 0.0

    def text(self, field_id: int) -> str:
        """What was answered to the field with this number; several choices are joined by commas."""
        name = _STANDARD_NAMES.get(field_id)
        if name is not None:
            return self.standard.get(name, "")
        return next((", ".join(each.values) for each in self.custom if each.field_id == field_id), "")


_STANDARD_NAMES: Final = {number: name for name, number in STANDARD_NUMBERS.items()}

#: Most characters of a standard field (facts/meeting-event.md 4 "Field limits"; where they say none, chosen).
LONGEST: Final = {
    "first_name": 64,
    "last_name": 64,
    "email": 192,
    "phone": 64,
    "company": 128,
    "title": 64,
    "num_employees": 64,
    "address1": 128,
    "address2": 128,
    "city": 64,
    "state": 64,
    "postal_code": 32,
    "country": 64,
    "fax": 64,
}
#: Most characters of an answer to a question of the host's own.
LONGEST_ANSWER: Final = 2000


class FormProblem(StrEnum):
    """What is wrong with one field of a form."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_OFFERED = "not_offered"


def asked_standard(registration: Registration) -> list[StandardField]:
    """The standard fields that the form shows, in their order; first those that every form has."""
    by_name = {each.name: each for each in registration.standard if each.shown}
    always = [StandardField(name, required=True) for name in ALWAYS_ASKED]
    return [*always, *(by_name[name] for name in MAY_ASK if name in by_name)]


def asked_custom(registration: Registration) -> list[CustomField]:
    """The host's own questions that the form shows, in their order."""
    return sorted((each for each in registration.custom if each.shown), key=lambda each: (each.index, each.field_id))


def filled_in(
    registration: Registration,
    standard: Mapping[str, str],
    custom: Mapping[int, Sequence[str]],
    source: str | None = None,
) -> tuple[Answers, dict[str | int, FormProblem]]:
    """A form as it was sent: the answers that count, and what is wrong, by name or number of the field.

    Args:
        standard: texts by the names of `STANDARD_NUMBERS`.
        custom: by number of the field the text, or the numbers (from 1) of the choices taken.
        source: what the link said of where the person learned of the session.

    Answers to what the form does not show are left out.
    """
    problems: dict[str | int, FormProblem] = {}
    texts: dict[str, str] = {}
    for field in asked_standard(registration):
        text = standard.get(field.name, "").strip()
        if field.name == "future_info":
            text = "true" if text else ""
        if text:
            texts[field.name] = text
        if field.required and not text:
            problems[field.name] = FormProblem.MISSING
        elif len(text) > LONGEST.get(field.name, LONGEST_ANSWER):
            problems[field.name] = FormProblem.TOO_LONG
    own: list[CustomAnswer] = []
    score = 0.0
    for question in asked_custom(registration):
        answer, points, problem = _answer(question, custom.get(question.field_id, ()))
        score += points
        if answer is not None:
            own.append(answer)
        if problem is not None:
            problems[question.field_id] = problem
    return Answers(standard=texts, custom=tuple(own), source=source, score=score), problems


def _answer(question: CustomField, sent: Sequence[str]) -> tuple[CustomAnswer | None, float, FormProblem | None]:
    values = [each.strip() for each in sent if each.strip()]
    if not values:
        return None, 0.0, FormProblem.MISSING if question.required else None
    if question.kind is FieldKind.TEXT_BOX:
        problem = FormProblem.TOO_LONG if len(values[0]) > LONGEST_ANSWER else None
        return CustomAnswer(question.field_id, question.label, (values[0],)), 0.0, problem
    if question.kind is not FieldKind.CHECK_BOXES:
        values = values[:1]
    taken = [choice for number, choice in enumerate(question.choices, 1) if str(number) in values]
    offered = {str(number) for number in range(1, len(question.choices) + 1)}
    problem = None if offered.issuperset(values) else FormProblem.NOT_OFFERED
    answer = CustomAnswer(question.field_id, question.label, tuple(choice.label for choice in taken))
    return answer, sum(choice.score for choice in taken), problem


# ---- deciding --------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """How far somebody on a session's list has come (att:joinStatusType)."""

    INVITE = "INVITE"
    REGISTER = "REGISTER"
    ACCEPT = "ACCEPT"
    REJECT = "REJECT"


def applies(rule: ApprovalRule, answers: Answers) -> bool:
    """Whether a rule applies to what was answered; letter case counts only where the rule says so."""
    text, query = answers.text(rule.field_id), rule.query
    if not rule.match_case:
        text, query = text.casefold(), query.casefold()
    if rule.condition is Condition.CONTAINS:
        return query in text
    if rule.condition is Condition.DOESNOT_CONTAIN:
        return query not in text
    return text.startswith(query) if rule.condition is Condition.BEGINS_WITH else text.endswith(query)


def decided(registration: Registration, answers: Answers) -> Status:
    """What becomes of somebody who asks to be let in: accepted, rejected, or left to a person (REGISTER).

    Without approval everybody is accepted. With it the first rule that applies decides, and a person where none does.
    """
    if not (registration.required and registration.approval):
        return Status.ACCEPT
    for rule in registration.rules:
        if applies(rule, answers):
            return Status.ACCEPT if rule.approve else Status.REJECT
    return Status.REGISTER


def next_status(
    registration: Registration, current: str | None, asked: Status, answers: Answers, *, anew: bool
) -> Status:
    """The status of somebody after a call.

    Args:
        current: the status so far; None for somebody who is not on the list.
        asked: INVITE leaves whoever is on the list as he is; ACCEPT and REJECT decide; REGISTER asks to be let in.
        anew: the host asks for him; then somebody who was rejected may ask again, and somebody who was invited has to
            wait for approval like others. Whoever asks himself only rises by it: anybody could do so in his name.
    """
    if asked is Status.INVITE:
        return Status(current) if current is not None else Status.INVITE
    if asked is not Status.REGISTER:
        return asked
    if current in (Status.ACCEPT, Status.REGISTER) or (current == Status.REJECT and not anew):
        return Status(current)
    found = decided(registration, answers)
    return Status.INVITE if current == Status.INVITE and not anew and found is not Status.ACCEPT else found


def seats_of(registration: Registration) -> int | None:
    """How many may be accepted; None: as many as want to. Only sessions with registration have seats."""
    return registration.capacity if registration.required and registration.capacity > 0 else None


def pool_of(registration: Registration, session_num: int) -> int | None:
    """Which seats somebody takes who is listed for an occurrence (0: for all): 0, or where occurrences have seats of
    their own the occurrence's number; None: none that are counted, since whoever the host lets into every class did
    not register for one.
    """
    return 0 if registration.scope is not Scope.EACH else session_num or None


def is_closed(registration: Registration, now: int) -> bool:
    """Whether the time to register is over; the session itself may end earlier. `now` in UTC epoch seconds."""
    return registration.closes_at is not None and now >= registration.closes_at


def admits(status: str, *, waiting: bool) -> bool:
    """Whether somebody on a session's list may come in: the invited, and those who were accepted and have a seat."""
    return not waiting and status in (Status.INVITE, Status.ACCEPT)
