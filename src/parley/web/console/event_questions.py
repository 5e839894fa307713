"""The part of an event's form about registration: the host's own questions, and rules that decide by the answers.

Lists of the contract are replaced as a whole, so one of which anything changed is sent whole, with what the form does
not show of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from parley.contract.event import ApprovalRuleType
from parley.domain.registration import STANDARD_NUMBERS
from parley.protocol.declare import Record
from parley.web.console.fields import Field
from parley.web.console.session_form import Group, value_at
from parley.web.console.session_rows import ASKED, STANDARD_LABELS, element_at
from parley.web.words import said

_PATH: Final = "enrollment_form.custom_fields"
_RULES: Final = "enrollment.approval_rules.rule"
#: Questions and rules that a form shows at most, and empty ones for new ones. Others stay as they are.
_MOST_QUESTIONS: Final = 8
_MOST_RULES: Final = 5
#: Letters of a question by which a rule names it.
_LONGEST_NAME: Final = 60
_EMPTY: Final = 2
_LONGEST_LABEL: Final = 256
_LONGEST_CHOICES: Final = 3000


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What a question is, as the form calls it: the list of the contract, and the type of text boxes.
_KINDS: Final = {
    "LINE": ("text_box", "SINGLE_LINE", _("One line of text")),
    "LINES": ("text_box", "MULTI_LINE", _("Several lines of text")),
    "BOXES": ("check_box_group", None, _("Boxes to tick")),
    "BUTTONS": ("option_button_group", None, _("One of several, as buttons")),
    "LIST": ("drop_down_group", None, _("One of several, as a list")),
}
#: The lists of the contract in their order, and where each has its choices.
_LISTS: Final = {
    "text_box": "",
    "check_box_group": "check_box",
    "option_button_group": "choice",
    "drop_down_group": "choice",
}
_CONDITIONS: Final = (
    ("CONTAINS", _("contains")),
    ("DOESNOT_CONTAIN", _("does not contain")),
    ("BEGINS_WITH", _("begins with")),
    ("ENDS_WITH", _("ends with")),
)
_ACTIONS: Final = (("REJECT", _("Reject the registration")), ("APPROVE", _("Approve the registration")))


class Questions:
    """The questions of an event and the fields for them.

    Args:
        session: the event as it is answered, or a blank one.
    """

    def __init__(self, session: Record) -> None:
        self._present = {name: list(value_at(session, f"{_PATH}.{name}") or []) for name in _LISTS}
        everything = [(name, each) for name, some in self._present.items() for each in some]
        self._shown: list[tuple[str, Record | None]] = [*everything[:_MOST_QUESTIONS]]
        self._shown += [("", None)] * _EMPTY
        self.groups = [
            Group(_("Own question"), list(self._fields(number, name, question)), number)
            for number, (name, question) in enumerate(self._shown, 1)
        ]

    def _fields(self, number: int, name: str, question: Record | None) -> Iterator[Field]:
        kinds = [(kind, words) for kind, (of, _type, words) in _KINDS.items() if question is None or of == name]
        start = f"Q{number}_"
        yield Field(f"{start}LABEL", "text", _("Question"), _label(question), longest=_LONGEST_LABEL)
        yield Field(f"{start}KIND", "list", _("Answered by"), _kind(name, question), options=kinds, translated=True)
        if question is None or _LISTS[name]:
            hint = _("One on each line")
            yield Field(
                f"{start}CHOICES",
                "lines",
                _("Choices"),
                "\n".join(_line(each.label) for each in _choices(name, question)),
                hint,
                longest=_LONGEST_CHOICES,
            )
        yield Field(f"{start}ASKED", "list", _("On the form"), _asked(question), options=ASKED, translated=True)

    def wrong(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """What is wrong with what was entered: fields and texts."""
        for number, (_name, question) in enumerate(self._shown, 1):
            start = f"Q{number}"
            label = values[f"{start}_LABEL"]
            if question is not None and not label:
                yield f"{start}_LABEL", _("Please fill this in. To take a question away, choose that it is not asked.")
            of = _KINDS.get(values[f"{start}_KIND"], ("", None, ""))[0]
            if question is None and label and _LISTS.get(of) and len(values[f"{start}_CHOICES"].split("\n")) < 2:
                yield f"{start}_CHOICES", _("Please enter at least two choices, one on each line.")

    def said(self, values: Mapping[str, str], changed: Collection[str], request: type[Record]) -> dict[str, Any]:
        """The lists of which something changed, by path."""
        touched = {name.partition("_")[0] for name in changed}
        lists: dict[str, list[Record]] = {}
        for number, (name, question) in enumerate(self._shown, 1):
            start = f"Q{number}"
            if start not in touched or (question is None and not values[f"{start}_LABEL"]):
                continue
            of = name or _KINDS[values[f"{start}_KIND"]][0]
            record = element_at(request, f"{_PATH}.{of}")
            if record is None:
                raise LookupError(of)
            present = lists.setdefault(of, [_as_sent(each, record.record) for each in self._present[of]])
            told = {
                part: values[f"{start}_{part}"]
                for part in ("LABEL", "KIND", "CHOICES", "ASKED")
                if f"{start}_{part}" in values and (question is None or f"{start}_{part}" in changed)
            }
            made = _changes(record.record, _LISTS[of], question, told)
            if question is None:
                present.append(record.record(**made))
            else:
                place = self._present[of].index(question)
                present[place] = msgspec.structs.replace(present[place], **made)
        return {f"{_PATH}.{of}": some for of, some in lists.items()}


class Rules:
    """The rules that decide on registrations, and the fields for them."""

    def __init__(self, session: Record) -> None:
        self._present: list[Record] = list(value_at(session, _RULES) or [])
        own = [each for name in _LISTS for each in value_at(session, f"{_PATH}.{name}") or []]
        self._own = {str(each.field_id): _line(each.label)[:_LONGEST_NAME] for each in own}
        self._names = [(str(STANDARD_NUMBERS[name]), said(words)) for name, words in STANDARD_LABELS.items()]
        self._names += list(self._own.items())[:_MOST_QUESTIONS]
        self._shown: list[Record | None] = [*self._present[:_MOST_RULES], *[None] * _EMPTY]
        self.groups = [
            Group(_("Rule for registrations"), list(self._fields(number, rule)), number)
            for number, rule in enumerate(self._shown, 1)
        ]

    def _fields(self, number: int, rule: Record | None) -> Iterator[Field]:
        about = str(value_at(rule, "enroll_field_id") if rule is not None else STANDARD_NUMBERS["email"])
        start = f"R{number}_"
        names = self._names if about in dict(self._names) else [*self._names, (about, self._own.get(about, about))]
        yield Field(f"{start}FIELD", "list", _("Answer to"), about, options=names)
        condition = value_at(rule, "condition") or "CONTAINS"
        yield Field(f"{start}CONDITION", "list", _("Condition"), condition, options=_CONDITIONS, translated=True)
        yield Field(f"{start}TEXT", "text", _("This text"), _line(value_at(rule, "query_field")), longest=50)
        action = value_at(rule, "action") or "REJECT"
        yield Field(f"{start}ACTION", "list", _("Then"), action, options=_ACTIONS, translated=True)
        case = "1" if value_at(rule, "match_case") else ""
        yield Field(f"{start}CASE", "tick", _("Capital letters count"), case)

    def wrong(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """What is wrong with what was entered: fields and texts."""
        if self._present and not any(values.get(f"R{number}_TEXT") for number in range(1, len(self._shown) + 1)):
            yield "R1_TEXT", _("One rule has to stay. Without approval of registrations no rule counts.")

    def said(self, values: Mapping[str, str], changed: Collection[str]) -> dict[str, Any]:
        """All rules, when something changed of one, by path; those without a text are gone."""
        if not any(name.startswith("R") and name[1:2].isdigit() for name in changed):
            return {}
        rules = []
        for number, rule in enumerate(self._shown, 1):
            start = f"R{number}_"
            if not values[f"{start}TEXT"]:
                continue
            touched = any(name.startswith(start) for name in changed)
            if rule is not None and not touched:
                rules.append(_plain(rule))
                continue
            rules.append(
                ApprovalRuleType(
                    enroll_field_id=int(values[f"{start}FIELD"]),
                    condition=values[f"{start}CONDITION"],
                    query_field=values[f"{start}TEXT"],
                    action=values[f"{start}ACTION"],
                    match_case=bool(values[f"{start}CASE"]),
                )
            )
        return {_RULES: rules + [_plain(each) for each in self._present[_MOST_RULES:]]}


def _plain(rule: Record) -> ApprovalRuleType:
    """A rule that was answered as it is sent."""
    return ApprovalRuleType(**{name: getattr(rule, name) for name in ApprovalRuleType.__struct_fields__})


def _line(text: str | None) -> str:
    return " ".join("".join(each for each in text or "" if each.isprintable() or each == "\n").split())


def _label(question: Record | None) -> str:
    return _line(value_at(question, "label"))


def _asked(question: Record | None) -> str:
    if question is None:
        return "ASK"
    shown = value_at(question, "incl") is not False
    return ("MUST" if value_at(question, "req") else "ASK") if shown else ""


def _kind(name: str, question: Record | None) -> str:
    if question is None:
        return "LINE"
    several = value_at(question, "type") == "MULTI_LINE"
    return next(
        kind
        for kind, (of, text, _w) in _KINDS.items()
        if of == name and (text is None or (text == "MULTI_LINE") is several)
    )


def _choices(name: str, question: Record | None) -> Sequence[Any]:
    return getattr(question, _LISTS[name]) if question is not None and _LISTS[name] else ()


def _as_sent(question: Record, record: type[Record]) -> Record:
    """A question that was answered as a request has it."""
    return record(**{name: getattr(question, name, None) for name in record.__struct_fields__})


def _changes(record: type[Record], choices: str, question: Record | None, said: Mapping[str, str]) -> dict[str, Any]:
    """What changes of a question, or all of a new one, by field.

    Args:
        choices: the field that has its choices; empty: it has none.
        said: the fields of the form that say something else than before.
    """
    made: dict[str, Any] = {}
    if "LABEL" in said:
        made["label"] = said["LABEL"]
    if "ASKED" in said:
        made |= {"incl": bool(said["ASKED"]), "req": said["ASKED"] == "MUST"}
    if "KIND" in said and not choices:
        made["type"] = _KINDS[said["KIND"]][1]
    if "CHOICES" in said and choices:
        element = element_at(record, choices)
        present = {_line(each.label): each for each in (getattr(question, choices) if question is not None else ())}
        lines = dict.fromkeys(line.strip() for line in said["CHOICES"].split("\n") if line.strip())
        made[choices] = [present.get(line) or (element and element.record(label=line)) for line in lines]
        if (getattr(question, "default_choice", None) or 0) > len(lines):
            made["default_choice"] = 0
    return made
