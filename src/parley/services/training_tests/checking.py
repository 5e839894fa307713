"""Tests in the interchange format: whether one can be taken and scored, and where it is wrong if not.

Every fault names the place, such as `questestinterop/assessment/section/item[3]/resprocessing/respcondition[2]`.
Source: facts/training-history.md 1.10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from parley.contract.qtiasi import (
    AndType,
    AssessmentType,
    ConditionvarType,
    DecvarType,
    FlowType,
    ItemfeedbackType,
    ItemType,
    NotType,
    OrType,
    QuestestinteropType,
    RenderChoiceType,
    RespconditionType,
    ResponseLabelType,
    ResponseLidType,
    ResponseStrType,
    ResprocessingType,
    VarequalType,
)
from parley.domain.tests_grading import number_of, same_text
from parley.protocol import faults
from parley.protocol.faults import Fault

#: Questions of one test.
MOST_ITEMS: Final = 500
LONGEST_TITLE: Final = 256
#: Scores beyond this are no scores.
_GREATEST: Final = Decimal(1_000_000)
_LONGEST_IDENT: Final = 256
_ROOT: Final = "questestinterop"

T = TypeVar("T")
_Part = ResponseLidType | ResponseStrType
_Condition = ConditionvarType | AndType | OrType | NotType


def check_test(document: QuestestinteropType | None) -> None:
    """Refuse a test that cannot be taken or scored.

    Raises:
        Fault: 999999 with the place and what is wrong there.
    """
    whole = _needed(document, _ROOT)
    assessment = _needed(whole.assessment, f"{_ROOT}/assessment")
    path = f"{_ROOT}/assessment"
    _check_title(assessment, path)
    section = _needed(assessment.section, f"{path}/section")
    path = f"{path}/section"
    _check_ident(section.ident, path)
    if not section.item:
        raise _missing(f"{path}/item")
    if len(section.item) > MOST_ITEMS:
        raise _wrong(f"{path}/item", f"at most {MOST_ITEMS} questions are allowed")
    seen: set[str] = set()
    for place, item in _placed(section.item, f"{path}/item"):
        _check_new(item.ident, seen, place)
        _check_item(item, place)


def _check_title(assessment: AssessmentType, path: str) -> None:
    if len(assessment.title or "") > LONGEST_TITLE:
        raise _wrong(f"{path}/@title", f"at most {LONGEST_TITLE} characters are allowed")


def _check_item(item: ItemType, path: str) -> None:
    presentation = _needed(item.presentation, f"{path}/presentation")
    flow = _needed(presentation.flow, f"{path}/presentation/flow")
    parts = _check_flow(flow, f"{path}/presentation/flow")
    shown = _check_feedback(item.itemfeedback, path)
    for place, processing in _placed(item.resprocessing, f"{path}/resprocessing"):
        _check_processing(processing, parts, shown, place)


# ---- what is shown and asked -----------------------------------------------------------------------------


def _check_flow(flow: FlowType, path: str) -> dict[str, _Part]:
    if not flow.material:
        raise _missing(f"{path}/material")
    for place, material in _placed(flow.material, f"{path}/material"):
        _needed(material.mattext, f"{place}/mattext")
    if flow.response_lid and flow.response_str:
        raise _wrong(f"{path}/response_str", "a question has either response_lid or response_str")
    parts: dict[str, _Part] = {}
    seen: set[str] = set()
    for place, chosen in _placed(flow.response_lid, f"{path}/response_lid"):
        parts[_check_new(chosen.ident, seen, place)] = chosen
        _check_choices(_needed(chosen.render_choice, f"{place}/render_choice"), f"{place}/render_choice")
    for place, written in _placed(flow.response_str, f"{path}/response_str"):
        parts[_check_new(written.ident, seen, place)] = written
        blank = _needed(written.render_fib, f"{place}/render_fib")
        _check_ident(_needed(blank.response_label, f"{place}/render_fib/response_label").ident, place)
        if blank.maxchars is not None and blank.maxchars < 1:
            raise _wrong(f"{place}/render_fib/@maxchars", "must be 1 at least")
    return parts


def _check_choices(choices: RenderChoiceType, path: str) -> None:
    if not choices.response_label:
        raise _missing(f"{path}/response_label")
    seen: set[str] = set()
    for place, label in _placed(choices.response_label, f"{path}/response_label"):
        _check_new(label.ident, seen, place)
        _check_label(label, place)
    least, most = choices.minnumber, choices.maxnumber
    if least is not None and most is not None and least > most:
        raise _wrong(f"{path}/@minnumber", "must not be above maxnumber")
    if least is not None and least > len(seen):
        raise _wrong(f"{path}/@minnumber", f"there are only {len(seen)} answers to choose from")


def _check_label(label: ResponseLabelType, path: str) -> None:
    if label.flow_mat is None:
        if not label.text:
            raise _missing(path)
        return
    if label.text:
        raise _wrong(path, "text or flow_mat is allowed, not both")
    material = _needed(label.flow_mat.material, f"{path}/flow_mat/material")
    _needed(material.mattext, f"{path}/flow_mat/material/mattext")


def _check_feedback(feedback: Sequence[ItemfeedbackType], path: str) -> set[str]:
    seen: set[str] = set()
    for place, each in _placed(feedback, f"{path}/itemfeedback"):
        _check_new(each.ident, seen, place)
        material = _needed(_needed(each.flow_mat, f"{place}/flow_mat").material, f"{place}/flow_mat/material")
        _needed(material.mattext, f"{place}/flow_mat/material/mattext")
    return seen


# ---- scoring ---------------------------------------------------------------------------------------------


def _check_processing(processing: ResprocessingType, parts: dict[str, _Part], shown: set[str], path: str) -> None:
    outcomes = _needed(processing.outcomes, f"{path}/outcomes")
    variable = _needed(outcomes.decvar, f"{path}/outcomes/decvar")
    _check_variable(variable, f"{path}/outcomes/decvar")
    if outcomes.interpretvar is not None:
        material = _needed(outcomes.interpretvar.material, f"{path}/outcomes/interpretvar/material")
        _needed(material.mattext, f"{path}/outcomes/interpretvar/material/mattext")
    for place, rule in _placed(processing.respcondition, f"{path}/respcondition"):
        _check_rows(rule.conditionvar, parts, f"{place}/conditionvar")
        _check_score(rule, variable, place)
        reference = rule.displayfeedback
        if reference is not None and (reference.linkrefid or "").strip() not in shown:
            raise _wrong(
                f"{place}/displayfeedback/@linkrefid",
                f"the question has no itemfeedback {_quoted(reference.linkrefid)}",
            )


def _check_variable(variable: DecvarType, path: str) -> None:
    if variable.vartype not in (None, "Integer", "Decimal"):
        raise _wrong(f"{path}/@vartype", "scores are Integer or Decimal")
    least, most = variable.minvalue, variable.maxvalue
    for name, value in (("minvalue", least), ("maxvalue", most)):
        if value is not None and abs(value) > _GREATEST:
            raise _wrong(f"{path}/@{name}", f"must be between -{_GREATEST} and {_GREATEST}")
    if most is not None and (least or 0) > most:
        raise _wrong(f"{path}/@minvalue", "must not be above maxvalue (a minvalue that is not said is 0)")


def score_value(text: str | None, vartype: str | None) -> Decimal | None:
    """The number that a setvar says; None when it says none that a score of this type can be."""
    try:
        value = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > _GREATEST:
        return None
    return None if vartype != "Decimal" and value != value.to_integral_value() else value


def _check_score(rule: RespconditionType, variable: DecvarType, path: str) -> None:
    setvar = _needed(rule.setvar, f"{path}/setvar")
    value = score_value(setvar.text, variable.vartype)
    if value is None:
        kind = "number" if variable.vartype == "Decimal" else "whole number"
        raise _wrong(f"{path}/setvar", f"a {kind} between -{_GREATEST} and {_GREATEST} is needed")
    least, most = variable.minvalue, variable.maxvalue
    if setvar.action == "Add":
        reach = None if most is None else max(abs(most), abs(least or 0))
        if reach is not None and abs(value) > reach:
            raise _wrong(f"{path}/setvar", f"adds more than the score can be: at most {reach}")
        return
    if (least is not None and value < least) or (most is not None and value > most):
        low, high = "any" if least is None else least, "any" if most is None else most
        raise _wrong(f"{path}/setvar", f"the score is out of range: {low} to {high}")


def _check_rows(rows: Sequence[_Condition], parts: dict[str, _Part], path: str) -> None:
    """Conditions side by side: at least one, each of them good."""
    if not rows:
        raise _wrong(path, "a condition is required")
    numbers: dict[str, int] = {}
    for row in rows:
        name = next((name for name in ("varequal", "not", "and", "or") if _alternative(row, name)), None)
        if name is None:
            raise _wrong(path, "a condition is required")
        numbers[name] = numbers.get(name, 0) + 1
        _check_condition(row, name, parts, f"{path}/{name}[{numbers[name]}]")


def _alternative(row: _Condition, name: str) -> object:
    return getattr(row, name if name == "varequal" else f"{name}_", None)


def _check_condition(row: _Condition, name: str, parts: dict[str, _Part], path: str) -> None:
    if name == "varequal":
        _check_equal(_needed(row.varequal, path), parts, path)
    elif name == "not":
        _check_rows([_needed(getattr(row, "not_", None), path)], parts, path)
    else:
        _check_rows(getattr(row, f"{name}_"), parts, path)


def _check_equal(equal: VarequalType, parts: dict[str, _Part], path: str) -> None:
    part = parts.get((equal.respident or "").strip())
    if part is None:
        raise _wrong(f"{path}/@respident", f"the question has no response {_quoted(equal.respident)}")
    value = (equal.text or "").strip()
    if isinstance(part, ResponseLidType):
        labels = part.render_choice.response_label if part.render_choice else []
        if value not in {(label.ident or "").strip() for label in labels}:
            raise _wrong(path, f"the response {_quoted(equal.respident)} has no answer {_quoted(value)}")
        return
    kind = (part.render_fib.fibtype if part.render_fib else None) or "String"
    if not value:
        raise _missing(path)
    understood = same_text(value, value, kind) if kind in ("String", "Boolean") else number_of(value, kind) is not None
    if not understood:
        raise _wrong(path, f"{_quoted(value)} is no answer to a blank of type {kind}")


# ---- places ----------------------------------------------------------------------------------------------


def _placed(entries: Sequence[T], path: str) -> Iterator[tuple[str, T]]:
    """Each entry with its place: numbered from 1, if there are several."""
    for number, entry in enumerate(entries, 1):
        yield (f"{path}[{number}]" if len(entries) > 1 else path), entry


def _needed(value: T | None, path: str) -> T:
    if value is None:
        raise _missing(path)
    return value


def _check_ident(ident: str | None, path: str) -> str:
    found = (ident or "").strip()
    if not found:
        raise _missing(f"{path}/@ident")
    if len(found) > _LONGEST_IDENT:
        raise _wrong(f"{path}/@ident", f"at most {_LONGEST_IDENT} characters are allowed")
    return found


def _check_new(ident: str | None, seen: set[str], path: str) -> str:
    found = _check_ident(ident, path)
    if found in seen:
        raise _wrong(f"{path}/@ident", f"{_quoted(found)} is there already")
    seen.add(found)
    return found


def _quoted(text: str | None) -> str:
    shown = (text or "").strip()
    return f'"{shown if len(shown) <= 60 else shown[:60] + "..."}"'


def _missing(path: str) -> Fault:
    return faults.MISSING_ELEMENT(path=path)


def _wrong(path: str, problem: str) -> Fault:
    return faults.INVALID_VALUE(path=path, problem=problem)
