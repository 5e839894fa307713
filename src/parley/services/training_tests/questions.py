"""What is kept of a test, and its document as questions that can be asked and scored.

The document is kept as it came; the questions are made of it when they are needed, which `checking` made sure can be
done. Source: facts/training-history.md 1.10.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import msgspec

from parley.contract.qtiasi import (
    AndType,
    ConditionvarType,
    DecvarType,
    FlowMatType,
    ItemType,
    MaterialType,
    NotType,
    OrType,
    QuestestinteropType,
    ResponseLabelType,
    ResponseLidType,
    ResponseStrType,
    ResprocessingType,
)
from parley.domain.tests import (
    LONGEST_ANSWER,
    All,
    AnyOf,
    Choice,
    Condition,
    Equals,
    Not,
    Part,
    PartKind,
    Question,
    Rule,
    Scoring,
)
from parley.services.training_tests.checking import score_value

#: Who may read a feedback that is shown to people who take the test.
_FOR_TAKERS: Final = (None, "All", "Candidate")
_DURATION: Final = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,7})(?:\.\d+)?S)?)?")
_UNTITLED: Final = "Test"
_LONGEST_DESCRIPTION: Final = 2048


class Definition(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The document column of a test.

    Attributes:
        one_per_page: a page shows one question; else one section, and a test has one.
        assign_grades: results have a grade beside the score.
        document: the test in the interchange format, as it was sent.
    """

    one_per_page: bool = False
    assign_grades: bool = False
    document: QuestestinteropType

    @property
    def title(self) -> str:
        """The name of the test."""
        assessment = self.document.assessment
        return ((assessment.title if assessment else None) or "").strip() or _UNTITLED

    @property
    def description(self) -> str:
        """The remark at its beginning."""
        assessment = self.document.assessment
        remark = assessment.qticomment if assessment else None
        return ((remark.text if remark else None) or "").strip()[:_LONGEST_DESCRIPTION]

    @property
    def minutes(self) -> int | None:
        """How long it lasts by its own duration element, in whole minutes; None when that says nothing readable."""
        assessment = self.document.assessment
        found = _DURATION.fullmatch(((assessment.duration if assessment else None) or "").strip().upper())
        if found is None:
            return None
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return (days * 1440 + hours * 60 + minutes + -(-seconds // 60)) or None


_read: Final = msgspec.json.Decoder(Definition).decode


def read_definition(document: str) -> Definition:
    """The document column of a test."""
    return _read(document)


def write_definition(definition: Definition) -> str:
    """The text for the document column."""
    return msgspec.json.encode(definition).decode()


def questions_of(definition: Definition) -> tuple[Question, ...]:
    """The questions of a test that was found good."""
    assessment = definition.document.assessment
    section = assessment.section if assessment else None
    return tuple(_question(item) for item in (section.item if section else []))


def _question(item: ItemType) -> Question:
    flow = item.presentation.flow if item.presentation else None
    asked: list[ResponseLidType | ResponseStrType] = []
    if flow is not None:
        asked = [*flow.response_lid, *flow.response_str]
    places = {_name(part.ident): place for place, part in enumerate(asked)}
    feedback = {_name(each.ident): place for place, each in enumerate(item.itemfeedback)}
    return Question(
        ident=item.ident or "",
        texts=tuple(_material(each) for each in (flow.material if flow else [])),
        parts=tuple(_part(each) for each in asked),
        scorings=tuple(_scoring(each, places, feedback) for each in item.resprocessing),
        feedback=tuple(_flow_mat(each.flow_mat) if each.view in _FOR_TAKERS else None for each in item.itemfeedback),
        interpretation=next(filter(None, map(_interpretation, item.resprocessing)), ""),
    )


def _name(ident: str | None) -> str:
    return (ident or "").strip()


def _material(material: MaterialType | None) -> str:
    return (material.mattext.text if material and material.mattext else None) or ""


def _flow_mat(block: FlowMatType | None) -> str:
    return _material(block.material if block else None)


def _part(asked: ResponseLidType | ResponseStrType) -> Part:
    if isinstance(asked, ResponseStrType):
        blank = asked.render_fib
        longest = (blank.maxchars if blank else None) or LONGEST_ANSWER
        kind = (blank.fibtype if blank else None) or "String"
        return Part(ident=_name(asked.ident), kind=PartKind.TEXT, fib_type=kind, longest=min(longest, LONGEST_ANSWER))
    kinds = {None: PartKind.ONE, "Single": PartKind.ONE, "Ordered": PartKind.ORDER}
    choices = asked.render_choice
    return Part(
        ident=_name(asked.ident),
        kind=kinds.get(asked.rcardinality, PartKind.SEVERAL),
        choices=tuple(map(_choice, choices.response_label if choices else [])),
        least=choices.minnumber if choices else None,
        most=choices.maxnumber if choices else None,
    )


def _choice(label: ResponseLabelType) -> Choice:
    text = (label.text or "").strip() if label.flow_mat is None else _flow_mat(label.flow_mat)
    return Choice(_name(label.ident), text)


def _interpretation(processing: ResprocessingType) -> str:
    told = processing.outcomes.interpretvar if processing.outcomes else None
    return _material(told.material if told else None).strip()


def _scoring(processing: ResprocessingType, places: dict[str, int], feedback: dict[str, int]) -> Scoring:
    variable = (processing.outcomes.decvar if processing.outcomes else None) or DecvarType()
    rules = []
    for each in processing.respcondition:
        setvar, shown = each.setvar, each.displayfeedback
        value = score_value(setvar.text if setvar else None, variable.vartype)
        rules.append(
            Rule(
                All(tuple(_condition(row, places) for row in each.conditionvar)),
                adds=setvar is not None and setvar.action == "Add",
                value=value or Decimal(0),
                feedback=feedback.get(_name(shown.linkrefid)) if shown else None,
            )
        )
    least, most = variable.minvalue, variable.maxvalue
    return Scoring(None if least is None else Decimal(least), None if most is None else Decimal(most), tuple(rules))


def _condition(row: ConditionvarType | AndType | OrType | NotType, places: dict[str, int]) -> Condition:
    if row.varequal is not None:
        return Equals(places[_name(row.varequal.respident)], (row.varequal.text or "").strip())
    if not isinstance(row, NotType) and row.not_ is not None:
        return Not(_condition(row.not_, places))
    if not isinstance(row, ConditionvarType) and row.and_:
        return All(tuple(_condition(each, places) for each in row.and_))
    either = row.or_ if isinstance(row, AndType | OrType) else []
    return AnyOf(tuple(_condition(each, places) for each in either))
