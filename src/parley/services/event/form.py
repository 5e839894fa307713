"""The registration form of an event: its fields and their numbers, and the rules that decide on registrations.

Standard fields have the numbers that are the same everywhere, own fields are counted from 1 on within their event;
a number is not given out again after its field went. A change replaces the lists that it sends. In them a field is the
one that it names by number, or without number the one with the same label, so that a program which sends its form
again does not make other fields of it.

Sources: facts/meeting-event.md 5 ("Enrolment"), the contract's two forms (create and set).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from parley.contract.event import (
    ApprovalRuleInstanceType,
    ApprovalRuleType,
    CheckboxGroupInstanceType,
    CheckboxGroupType,
    ChoiceGroupInstanceType,
    ChoiceGroupType,
    CustomFieldsInstanceType,
    CustomFieldsType,
    EnrollmentFieldInstanceType,
    EnrollmentFieldType,
    EnrollmentFormCreateType,
    EnrollmentFormGetType,
    EnrollmentFormSetType,
    EnrollmentType,
    EnrollmentTypeApprovalRules,
    StandardFieldsInstanceType,
    StandardFieldsType,
    TextboxInstanceType,
    TextboxType,
)
from parley.domain import registration
from parley.domain.registration import STANDARD_NUMBERS, Choice, CustomField, FieldKind, StandardField
from parley.protocol import faults
from parley.services.records import merged
from parley.services.safe_texts import plain_line
from parley.services.values import given

Form: TypeAlias = EnrollmentFormCreateType | EnrollmentFormSetType
_Field: TypeAlias = TextboxType | CheckboxGroupType | ChoiceGroupType
_Kept: TypeAlias = TextboxInstanceType | CheckboxGroupInstanceType | ChoiceGroupInstanceType

#: The lists of own fields, in the order in which their fields are numbered.
_LISTS: Final[dict[str, tuple[type[_Kept], FieldKind]]] = {
    "text_box": (TextboxInstanceType, FieldKind.TEXT_BOX),
    "check_box_group": (CheckboxGroupInstanceType, FieldKind.CHECK_BOXES),
    "option_button_group": (ChoiceGroupInstanceType, FieldKind.OPTION_BUTTONS),
    "drop_down_group": (ChoiceGroupInstanceType, FieldKind.DROP_DOWN),
}
#: Fields of the contract that are called otherwise by the rules of registration.
_CALLED: Final = {"email_address": "email"}
_FORM_PATH: Final = "enrollmentForm/customFields"
_RULE_PATH: Final = "enrollment/approvalRules/rule"
_MOST_FIELDS: Final = 100
_MOST_CHOICES: Final = 100
_MOST_RULES: Final = 100


class StoredForm(msgspec.Struct, omit_defaults=True):
    """What is kept of a form: `last_id` is the highest number that an own field ever had."""

    standard: StandardFieldsType | None = None
    custom: CustomFieldsInstanceType = msgspec.field(default_factory=CustomFieldsInstanceType)
    last_id: int = 0


def form_after(sent: Form | None, kept: StoredForm) -> StoredForm:
    """The form after a request.

    Raises:
        Fault: a field without label, too many of them, a number that no field of the form has.
    """
    if sent is None:
        return kept
    standard = merged(kept.standard, sent.standard_fields)
    if sent.custom_fields is None:
        return StoredForm(standard, kept.custom, kept.last_id)
    custom, last_id = _own_after(sent.custom_fields, kept)
    return StoredForm(standard, custom, last_id)


def _own_after(
    sent: CustomFieldsType | CustomFieldsInstanceType, kept: StoredForm
) -> tuple[CustomFieldsInstanceType, int]:
    lists: dict[str, list[Any]] = {}
    last_id = kept.last_id
    for name, (cls, _) in _LISTS.items():
        present = getattr(kept.custom, name)
        fields = getattr(sent, name)
        lists[name] = present
        if fields:
            lists[name], last_id = _numbered(cls, fields, present, last_id)
    if sum(map(len, lists.values())) > _MOST_FIELDS:
        raise faults.INVALID_VALUE(path=_FORM_PATH, problem=f"at most {_MOST_FIELDS} fields are allowed")
    return CustomFieldsInstanceType(**lists), last_id


def _numbered(
    cls: type[_Kept], sent: Sequence[_Field], present: Sequence[_Kept], last_id: int
) -> tuple[list[_Kept], int]:
    """The fields of one list, each with its number; what a field with a number does not say stays as it was."""
    by_number = {each.field_id: each for each in present}
    named = [getattr(each, "field_id", None) for each in sent]
    by_label: dict[str | None, list[_Kept]] = {}
    for each in present:
        if each.field_id not in named:
            by_label.setdefault(each.label, []).append(each)
    fields: list[_Kept] = []
    for field, number in zip(sent, named, strict=True):
        if number is not None:
            old = by_number.pop(number, None)
            if old is None:
                raise faults.INVALID_VALUE(
                    path=f"{_FORM_PATH}/fieldID", problem=f"the form has no such field {number}, or it is named twice"
                )
        else:
            alike = by_label.get(plain_line(field.label or ""))
            old = alike.pop(0) if alike else None
            last_id += old is None
        new = _as_kept(cls, field)
        whole: _Kept = new if old is None else merged(old, new) or new
        fields.append(_checked(msgspec.structs.replace(whole, field_id=old.field_id if old is not None else last_id)))
    return fields, last_id


def _as_kept(cls: type[_Kept], field: _Field) -> _Kept:
    values = {name: getattr(field, name) for name in type(field).__struct_fields__}
    return cls(**values)


def _checked(field: _Kept) -> _Kept:
    """A field that can be put on a form, its labels without harm in them."""
    label = given(field.label)
    if label is None:
        raise faults.MISSING_ELEMENT(path=f"{_FORM_PATH}/label")
    if isinstance(field, TextboxInstanceType):
        return msgspec.structs.replace(field, label=plain_line(label))
    group = isinstance(field, CheckboxGroupInstanceType)
    name = "check_box" if group else "choice"
    offered, least = getattr(field, name), 1 if group else 2
    if not least <= len(offered) <= _MOST_CHOICES:
        raise faults.INVALID_VALUE(path=_FORM_PATH, problem=f"a question needs {least} to {_MOST_CHOICES} choices")
    if any(given(each.label) is None for each in offered):
        raise faults.MISSING_ELEMENT(path=f"{_FORM_PATH}/label")
    if isinstance(field, ChoiceGroupInstanceType) and not 0 <= (field.default_choice or 0) <= len(offered):
        raise faults.INVALID_VALUE(
            path=f"{_FORM_PATH}/defaultChoice", problem=f"a number from 1 to {len(offered)}, or 0 for none, is allowed"
        )
    clean = [msgspec.structs.replace(each, label=plain_line(each.label)) for each in offered]
    return msgspec.structs.replace(field, label=plain_line(label), **{name: clean})


# ---- rules -----------------------------------------------------------------------------------------------


def enrollment_after(kept: EnrollmentType | None, sent: EnrollmentType | None, form: StoredForm) -> EnrollmentType:
    """How registration works after a request.

    Rules on fields that went from the form go with them.

    Args:
        form: the form after the request.

    Raises:
        Fault: a sent rule names no field of the form, or looks for nothing; too many rules.
    """
    fields = {*STANDARD_NUMBERS.values(), *(each.field_id for each, _ in _own_fields(form))}
    whole = merged(kept, sent) or EnrollmentType()
    if sent is not None and sent.approval_rules is not None and sent.approval_rules.rule:
        rules = [_checked_rule(each, fields) for each in sent.approval_rules.rule]
        if len(rules) > _MOST_RULES:
            raise faults.INVALID_VALUE(path=_RULE_PATH, problem=f"at most {_MOST_RULES} rules are allowed")
    else:
        present = whole.approval_rules.rule if whole.approval_rules else []
        rules = [each for each in present if each.enroll_field_id in fields]
    return msgspec.structs.replace(whole, approval_rules=EnrollmentTypeApprovalRules(rule=rules) if rules else None)


def _checked_rule(sent: ApprovalRuleType, fields: set[int | None]) -> ApprovalRuleType:
    """A rule with the contract's defaults for what it does not say."""
    number = STANDARD_NUMBERS["email"] if sent.enroll_field_id is None else sent.enroll_field_id
    if number not in fields:
        raise faults.INVALID_VALUE(path=f"{_RULE_PATH}/enrollFieldID", problem=f"the form has no field {number}")
    if not sent.query_field:
        raise faults.MISSING_ELEMENT(path=f"{_RULE_PATH}/queryField")
    return ApprovalRuleType(
        enroll_field_id=number,
        condition=sent.condition or "CONTAINS",
        query_field=sent.query_field,
        action=sent.action or "REJECT",
        match_case=sent.match_case,
    )


def answered_rules(enrollment: EnrollmentType, form: StoredForm) -> list[ApprovalRuleInstanceType]:
    """The rules as GetEvent answers them, each with the name of its field."""
    elements = {element.attribute: element.name for element in StandardFieldsInstanceType.__declaration__.elements}
    names: dict[int | None, str] = {
        number: elements[_attribute(name)] for name, number in STANDARD_NUMBERS.items() if _attribute(name) in elements
    }
    names |= {each.field_id: each.label or "" for each, _ in _own_fields(form)}
    rules = enrollment.approval_rules.rule if enrollment.approval_rules else []
    return [
        ApprovalRuleInstanceType(
            **{name: getattr(rule, name) for name in ApprovalRuleType.__struct_fields__},
            enroll_field=names.get(rule.enroll_field_id, ""),
        )
        for rule in rules
    ]


def _attribute(name: str) -> str:
    """The contract's name of a standard field, by its name in the rules of registration."""
    return next((attribute for attribute, other in _CALLED.items() if other == name), name)


# ---- the form as others see it ---------------------------------------------------------------------------


def answered_form(form: StoredForm) -> EnrollmentFormGetType:
    """The form as GetEvent answers it: all standard fields, asked for or not, and the own ones, with their numbers."""
    asked = form.standard or StandardFieldsType()
    standard: dict[str, EnrollmentFieldInstanceType] = {}
    for attribute in StandardFieldsInstanceType.__struct_fields__:
        number = STANDARD_NUMBERS[_CALLED.get(attribute, attribute)]
        if attribute not in StandardFieldsType.__struct_fields__:  # nobody registers without these
            standard[attribute] = EnrollmentFieldInstanceType(incl=True, req=True, field_id=number)
            continue
        field = getattr(asked, attribute)
        shown = field is not None and field.incl is not False
        standard[attribute] = EnrollmentFieldInstanceType(incl=shown, req=bool(field and field.req), field_id=number)
    return EnrollmentFormGetType(
        standard_fields=StandardFieldsInstanceType(**standard), custom_fields=msgspec.structs.replace(form.custom)
    )


def standard_fields(form: StoredForm) -> tuple[StandardField, ...]:
    """The standard fields that were spoken of, for the rules of registration."""
    asked = form.standard or StandardFieldsType()
    named = ((name, getattr(asked, name)) for name in StandardFieldsType.__struct_fields__)
    return tuple(StandardField(name, *_flags(field)) for name, field in named if field is not None)


def custom_fields(form: StoredForm) -> tuple[CustomField, ...]:
    """The own fields, for the rules of registration."""
    return tuple(_custom(field, kind) for field, kind in _own_fields(form))


def approval_rules(enrollment: EnrollmentType) -> tuple[registration.ApprovalRule, ...]:
    """The rules, for the rules of registration."""
    rules = enrollment.approval_rules.rule if enrollment.approval_rules else []
    return tuple(
        registration.ApprovalRule(
            field_id=rule.enroll_field_id or 0,
            condition=registration.Condition(rule.condition or "CONTAINS"),
            query=rule.query_field or "",
            approve=rule.action == "APPROVE",
            match_case=bool(rule.match_case),
        )
        for rule in rules
    )


def _own_fields(form: StoredForm) -> Iterator[tuple[_Kept, FieldKind]]:
    for name, (_, kind) in _LISTS.items():
        for field in getattr(form.custom, name):
            yield field, kind


def _flags(field: EnrollmentFieldType) -> tuple[bool, bool]:
    """Whether a field is shown, and whether it has to be filled in, which a hidden one has not."""
    shown = field.incl is not False
    return shown, shown and bool(field.req)


def _custom(field: _Kept, kind: FieldKind) -> CustomField:
    shown, required = _flags(field)
    common: dict[str, Any] = {
        "field_id": field.field_id or 0,
        "kind": kind,
        "label": field.label or "",
        "shown": shown,
        "required": required,
        "index": field.index or 0,
    }
    if isinstance(field, TextboxInstanceType):
        return CustomField(**common, multi_line=field.type == "MULTI_LINE", width=field.width, height=field.height)
    if isinstance(field, CheckboxGroupInstanceType):
        boxes = [
            Choice(label=each.label or "", score=each.score or 0.0, selected=each.state == "SELECTED")
            for each in field.check_box
        ]
        return CustomField(**common, choices=tuple(boxes))
    return CustomField(
        **common,
        choices=tuple(Choice(label=each.label or "", score=each.score or 0.0) for each in field.choice),
        default_choice=field.default_choice or None,
    )
