"""Rules of registration: forms, rules that decide, seats."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.registration import (
    ALWAYS_ASKED,
    LONGEST,
    LONGEST_ANSWER,
    MAY_ASK,
    STANDARD_NUMBERS,
    Answers,
    ApprovalRule,
    Choice,
    Condition,
    CustomAnswer,
    CustomField,
    FieldKind,
    FormProblem,
    Registration,
    StandardField,
    Status,
    admits,
    applies,
    asked_custom,
    asked_standard,
    decided,
    filled_in,
    is_closed,
    next_status,
    seats_of,
)

NAMED = {"first_name": "Ada", "last_name": "Löw", "email": "ada@people.example"}
FOOD = CustomField(
    field_id=3,
    kind=FieldKind.CHECK_BOXES,
    label="Food",
    choices=(Choice(label="Meat", score=1.5), Choice(label="Fish", score=-1), Choice(label="Meat", score=2)),
)
DAY = CustomField(
    field_id=1, kind=FieldKind.DROP_DOWN, label="Day", choices=(Choice(label="Mon"), Choice(label="Tue", score=4))
)
WHY = CustomField(field_id=2, kind=FieldKind.TEXT_BOX, label="Why?", index=-1)


def rule(condition: str, query: str, *, approve: bool = True, field_id: int = -13, match_case: bool = False) -> Any:
    return ApprovalRule(
        field_id=field_id, condition=Condition(condition), query=query, approve=approve, match_case=match_case
    )


def test_numbers_of_standard_fields_are_distinct_and_none_of_an_own_field() -> None:
    assert len(set(STANDARD_NUMBERS.values())) == len(STANDARD_NUMBERS)
    assert max(STANDARD_NUMBERS.values()) < 0
    assert STANDARD_NUMBERS["email"] == -13  # a rule that names no field looks at the address


def test_a_form_asks_for_names_and_address_and_what_is_shown_in_one_order() -> None:
    registration = Registration(
        standard=(StandardField("country"), StandardField("phone", required=True), StandardField("title", shown=False)),
        custom=(FOOD, DAY, WHY, CustomField(field_id=9, kind=FieldKind.TEXT_BOX, label="Hidden", shown=False)),
    )
    assert [(each.name, each.required) for each in asked_standard(registration)] == [
        *((name, True) for name in ALWAYS_ASKED),
        ("phone", True),
        ("country", False),
    ]
    assert [each.field_id for each in asked_custom(registration)] == [2, 1, 3]


def test_a_form_that_is_filled_in() -> None:
    registration = Registration(standard=(StandardField("future_info"),), custom=(FOOD, DAY, WHY))
    answers, problems = filled_in(
        registration,
        {**NAMED, "email": "  ada@people.example ", "future_info": "on", "company": "not asked for"},
        {3: ["1", "3"], 1: ["2", "1"], 2: [" Because "], 7: ["not asked for"]},
        "newsletter",
    )
    assert problems == {}
    assert answers.standard == {**NAMED, "future_info": "true"}
    assert answers.custom == (
        CustomAnswer(2, "Why?", ("Because",)),
        CustomAnswer(1, "Day", ("Tue",)),
        CustomAnswer(3, "Food", ("Meat", "Meat")),
    )
    assert (answers.score, answers.source) == (7.5, "newsletter")
    assert [answers.text(number) for number in (3, -13, 2, 99, -99)] == [
        *("Meat, Meat", "ada@people.example", "Because", "", "")
    ]


@pytest.mark.parametrize(
    ("standard", "custom", "expected"),
    [
        ({}, {}, dict.fromkeys(ALWAYS_ASKED, FormProblem.MISSING)),
        ({**NAMED, "last_name": "  "}, {}, {"last_name": FormProblem.MISSING}),
        ({**NAMED, "first_name": "x" * 65}, {}, {"first_name": FormProblem.TOO_LONG}),
        (NAMED, {1: ["3"]}, {1: FormProblem.NOT_OFFERED}),
        (NAMED, {1: ["0"]}, {1: FormProblem.NOT_OFFERED}),
        (NAMED, {3: ["1", "x"]}, {3: FormProblem.NOT_OFFERED}),
        (NAMED, {2: ["x" * (LONGEST_ANSWER + 1)]}, {2: FormProblem.TOO_LONG}),
        (NAMED, {2: ["x" * LONGEST_ANSWER]}, {}),
    ],
)
def test_forms_with_something_wrong(
    standard: dict[str, str], custom: dict[int, list[str]], expected: dict[Any, FormProblem]
) -> None:
    assert filled_in(Registration(custom=(FOOD, DAY, WHY)), standard, custom)[1] == expected


@pytest.mark.parametrize("field", [FOOD, DAY, WHY])
def test_a_question_that_has_to_be_answered(field: CustomField) -> None:
    asked = CustomField(field_id=5, kind=field.kind, label=field.label, required=True, choices=field.choices)
    for sent in ([], [""], ["  "]):
        assert filled_in(Registration(custom=(asked,)), NAMED, {5: sent})[1] == {5: FormProblem.MISSING}
    assert filled_in(Registration(custom=(asked,)), NAMED, {5: ["1"]})[1] == {}


FIELDS = st.builds(
    CustomField,
    field_id=st.integers(1, 6),
    kind=st.sampled_from(FieldKind),
    label=st.text(max_size=5),
    shown=st.booleans(),
    required=st.booleans(),
    index=st.integers(-2, 2),
    choices=st.lists(st.builds(Choice, label=st.text(max_size=3), score=st.integers(-3, 3).map(float)), max_size=4).map(
        tuple
    ),
)
REGISTRATIONS = st.builds(
    Registration,
    required=st.booleans(),
    approval=st.booleans(),
    capacity=st.integers(-1, 3),
    standard=st.lists(st.builds(StandardField, st.sampled_from(list(MAY_ASK)), st.booleans(), st.booleans())).map(
        tuple
    ),
    custom=st.lists(FIELDS, max_size=4, unique_by=lambda each: each.field_id).map(tuple),
    rules=st.lists(
        st.builds(
            ApprovalRule,
            field_id=st.sampled_from([*STANDARD_NUMBERS.values(), 1, 2, 99]),
            condition=st.sampled_from(Condition),
            query=st.text(max_size=2),
            approve=st.booleans(),
            match_case=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)
TEXTS = st.dictionaries(st.sampled_from([*STANDARD_NUMBERS, "odd"]), st.text(max_size=80))
CHOICES = st.dictionaries(st.integers(-1, 7), st.lists(st.text(max_size=3) | st.integers(0, 5).map(str), max_size=4))


@given(REGISTRATIONS, TEXTS, CHOICES)
def test_whatever_is_sent_only_what_is_asked_for_comes_out(
    registration: Registration, standard: dict[str, str], custom: dict[int, list[str]]
) -> None:
    answers, problems = filled_in(registration, standard, custom)
    asked = {each.name for each in asked_standard(registration)}
    own = {each.field_id: each for each in asked_custom(registration)}
    assert set(answers.standard) <= asked
    assert set(problems) <= asked | set(own)
    assert {each.field_id for each in answers.custom} <= set(own)
    for answer in answers.custom:
        question = own[answer.field_id]
        assert question.kind is FieldKind.TEXT_BOX or set(answer.values) <= {each.label for each in question.choices}
    if not problems:
        assert all(answers.standard.get(name) for name in ALWAYS_ASKED)
        assert all(len(text) <= LONGEST.get(name, LONGEST_ANSWER) for name, text in answers.standard.items())
        given_ids = {each.field_id for each in answers.custom if each.values}
        assert {each.field_id for each in own.values() if each.required} <= given_ids
    assert decided(registration, answers) in (Status.ACCEPT, Status.REJECT, Status.REGISTER)


# ---- deciding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "query", "applied"),
    [
        ("CONTAINS", "PEOPLE", True),
        ("CONTAINS", "other", False),
        ("DOESNOT_CONTAIN", "other", True),
        ("DOESNOT_CONTAIN", "people", False),
        ("BEGINS_WITH", "Ada", True),
        ("BEGINS_WITH", "people", False),
        ("ENDS_WITH", ".EXAMPLE", True),
        ("ENDS_WITH", "ada", False),
    ],
)
def test_conditions_of_rules(condition: str, query: str, applied: bool) -> None:
    answers = Answers(standard=NAMED)
    assert applies(rule(condition, query), answers) is applied


def test_letter_case_counts_only_where_the_rule_says_so() -> None:
    answers = Answers(standard={"company": "STRASSE AG"}, custom=(CustomAnswer(4, "x", ("A", "b")),))
    assert applies(rule("CONTAINS", "straße", field_id=-2), answers)
    assert not applies(rule("CONTAINS", "strasse", field_id=-2, match_case=True), answers)
    assert applies(rule("CONTAINS", "STRASSE", field_id=-2, match_case=True), answers)
    assert applies(rule("ENDS_WITH", ", B", field_id=4), answers)


def test_the_first_rule_that_applies_decides() -> None:
    answers = Answers(standard=NAMED)
    no, yes = rule("CONTAINS", "people", approve=False), rule("CONTAINS", "ada", approve=True)
    other = rule("CONTAINS", "nobody", approve=True)

    def outcome(*rules: ApprovalRule) -> Status:
        return decided(Registration(required=True, approval=True, rules=rules), answers)

    assert outcome(other, no, yes) is Status.REJECT
    assert outcome(other, yes, no) is Status.ACCEPT
    assert outcome(other) is outcome() is Status.REGISTER
    assert decided(Registration(required=True, rules=(no,)), answers) is Status.ACCEPT
    assert decided(Registration(approval=True, rules=(no,)), answers) is Status.ACCEPT


@given(st.text(), st.text(), st.booleans())
def test_a_condition_and_its_opposite_never_agree(text: str, query: str, match_case: bool) -> None:
    answers = Answers(standard={"email": text})
    has, lacks = (rule(name, query, match_case=match_case) for name in ("CONTAINS", "DOESNOT_CONTAIN"))
    assert applies(has, answers) is not applies(lacks, answers)
    if applies(rule("BEGINS_WITH", query, match_case=match_case), answers):
        assert applies(has, answers)


MANUAL = Registration(required=True, approval=True)
OPEN = Registration(required=True)


@pytest.mark.parametrize(
    ("registration", "current", "asked", "anew", "expected"),
    [
        (MANUAL, None, "INVITE", True, "INVITE"),
        (MANUAL, "ACCEPT", "INVITE", True, "ACCEPT"),
        (MANUAL, "REJECT", "INVITE", True, "REJECT"),
        (MANUAL, None, "REGISTER", True, "REGISTER"),
        (MANUAL, "INVITE", "REGISTER", True, "REGISTER"),
        (MANUAL, "INVITE", "REGISTER", False, "INVITE"),
        (OPEN, "INVITE", "REGISTER", False, "ACCEPT"),
        (MANUAL, "ACCEPT", "REGISTER", True, "ACCEPT"),
        (MANUAL, "REJECT", "REGISTER", True, "REGISTER"),
        (OPEN, "REJECT", "REGISTER", False, "REJECT"),
        (OPEN, "REGISTER", "REGISTER", True, "REGISTER"),
        (MANUAL, "REGISTER", "ACCEPT", True, "ACCEPT"),
        (MANUAL, "ACCEPT", "REJECT", True, "REJECT"),
        (MANUAL, None, "REJECT", True, "REJECT"),
    ],
)
def test_the_status_after_a_call(
    registration: Registration, current: str | None, asked: str, anew: bool, expected: str
) -> None:
    assert next_status(registration, current, Status(asked), Answers(), anew=anew) == expected


@given(REGISTRATIONS, st.sampled_from(Status), st.sampled_from(Status))
def test_nobody_sinks_by_what_anybody_can_send(registration: Registration, current: Status, asked: Status) -> None:
    after = next_status(registration, current, Status.REGISTER, Answers(), anew=False)
    assert after is current or (current is Status.INVITE and after is Status.ACCEPT)
    assert next_status(registration, current, Status.INVITE, Answers(), anew=True) is current
    if asked in (Status.ACCEPT, Status.REJECT):
        assert next_status(registration, current, asked, Answers(), anew=True) is asked


def test_seats_and_closing() -> None:
    assert seats_of(Registration(required=True, capacity=3)) == 3
    assert seats_of(Registration(required=True)) is None
    assert seats_of(Registration(capacity=3)) is None
    closing = Registration(closes_at=100)
    assert [is_closed(closing, now) for now in (99, 100, 101)] == [False, True, True]
    assert not is_closed(Registration(), 2**40)


@pytest.mark.parametrize(
    ("status", "waiting", "opens"),
    [
        ("ACCEPT", False, True),
        ("ACCEPT", True, False),
        ("INVITE", False, True),
        ("REGISTER", False, False),
        ("REJECT", False, False),
    ],
)
def test_who_may_come_in(status: str, waiting: bool, opens: bool) -> None:
    assert admits(status, waiting=waiting) is opens
