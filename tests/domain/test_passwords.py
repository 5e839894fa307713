"""Password rules."""

from __future__ import annotations

import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.domain.passwords import (
    ACCOUNT_CRITERIA,
    ACCOUNT_PASSWORD_LENGTH,
    MEETING_CRITERIA,
    MEETING_PASSWORD_LENGTH,
    RECORDING_CRITERIA,
    Criteria,
    CriteriaError,
    Fault,
    Violation,
    WebText,
    days_left,
    generate_password,
    has_expired,
    violations,
)


def faults(password: str, criteria: Criteria, texts: WebText | None = None) -> list[Fault]:
    return [violation.fault for violation in violations(password, criteria, texts or WebText())]


@pytest.mark.parametrize(
    ("password", "criteria", "expected"),
    [
        ("", Criteria(), []),
        ("a", Criteria(min_length=2), [Violation(Fault.TOO_SHORT, 2)]),
        ("ab", Criteria(min_length=2), []),
        ("x" * 17, Criteria(), [Violation(Fault.TOO_LONG, 16)]),
        ("pass word", Criteria(), [Violation(Fault.CHARACTER)]),
        ("pass\u0007word", Criteria(), [Violation(Fault.CHARACTER)]),
        ("pass\u00a0word", Criteria(), [Violation(Fault.CHARACTER)]),
        ("pass\ud800word", Criteria(), [Violation(Fault.CHARACTER)]),
        ("Grüße", Criteria(mixed_case=True, min_alpha=5), []),
        ("abc1", Criteria(mixed_case=True), [Violation(Fault.MIXED_CASE)]),
        ("ABC1", Criteria(mixed_case=True), [Violation(Fault.MIXED_CASE)]),
        ("aB", Criteria(mixed_case=True), []),
        ("1234a", Criteria(min_alpha=2), [Violation(Fault.ALPHA, 2)]),
        ("abcd1", Criteria(min_numeric=2), [Violation(Fault.NUMERIC, 2)]),
        ("abcd1", Criteria(min_special=1), [Violation(Fault.SPECIAL, 1)]),
        ("abcd!", Criteria(min_special=1), []),
        ("aabbaa", Criteria(disallow_repeated=True), []),
        ("baaab", Criteria(disallow_repeated=True), [Violation(Fault.REPEATED, 3)]),
        ("aAaA", Criteria(disallow_repeated=True), []),
        ("PassWord", Criteria(disallow_list=True, disallowed=("password",)), [Violation(Fault.LISTED)]),
        ("password", Criteria(disallow_list=False, disallowed=("password",)), []),
        ("password1", Criteria(disallow_list=True, disallowed=("password",)), []),
    ],
)
def test_each_rule(password: str, criteria: Criteria, expected: list[Violation]) -> None:
    assert violations(password, criteria) == expected


def test_all_violations_are_told_in_a_fixed_order() -> None:
    strict = Criteria(
        mixed_case=True,
        min_length=8,
        min_alpha=3,
        min_numeric=2,
        min_special=1,
        disallow_repeated=True,
        disallow_list=True,
        disallowed=("111",),
    )
    assert violations("111", strict) == [
        Violation(Fault.TOO_SHORT, 8),
        Violation(Fault.MIXED_CASE),
        Violation(Fault.ALPHA, 3),
        Violation(Fault.SPECIAL, 1),
        Violation(Fault.REPEATED, 3),
        Violation(Fault.LISTED),
    ]


def test_the_recorded_rules_of_a_site() -> None:
    assert faults("1234", MEETING_CRITERIA) == []
    assert faults("123", MEETING_CRITERIA) == [Fault.TOO_SHORT]
    assert faults("PASSWD", MEETING_CRITERIA) == [Fault.LISTED]
    assert faults("cisco", MEETING_CRITERIA) == []
    assert faults("Summer24", ACCOUNT_CRITERIA) == []
    assert faults("summer24", ACCOUNT_CRITERIA) == [Fault.MIXED_CASE]
    assert faults("Summmer24", ACCOUNT_CRITERIA) == [Fault.REPEATED]
    assert faults("Ocsic", ACCOUNT_CRITERIA) == [Fault.TOO_SHORT, Fault.NUMERIC, Fault.LISTED]
    assert faults("Password1", RECORDING_CRITERIA) == []
    assert faults("pass", RECORDING_CRITERIA) == [Fault.TOO_SHORT, Fault.MIXED_CASE, Fault.NUMERIC]
    assert violations("Aa1" * 20, ACCOUNT_CRITERIA, longest=ACCOUNT_PASSWORD_LENGTH) == []
    assert violations("Aa1" * 21, ACCOUNT_CRITERIA, longest=ACCOUNT_PASSWORD_LENGTH) == [Violation(Fault.TOO_LONG, 60)]


TEXTS = WebText(site=("acme",), account=("Jane Miller", "jm", ""), session=("Budget Talk", "  "))


@pytest.mark.parametrize("password", ["Acme", "myACME1", "acme"])
@pytest.mark.parametrize(
    "criteria", [Criteria(disallow_web_text_sessions=True), Criteria(disallow_web_text_accounts=True)]
)
def test_the_name_of_the_site_is_forbidden_with_either_switch(password: str, criteria: Criteria) -> None:
    assert faults(password, criteria, TEXTS) == [Fault.WEB_TEXT]
    assert faults(password, Criteria(), TEXTS) == []


def test_names_of_people_and_of_the_session_have_a_switch_each() -> None:
    sessions, accounts = Criteria(disallow_web_text_sessions=True), Criteria(disallow_web_text_accounts=True)
    assert faults("BudgetTalk1", sessions, TEXTS) == [Fault.WEB_TEXT]
    assert faults("BudgetTalk1", accounts, TEXTS) == []
    assert faults("janemiller7", accounts, TEXTS) == [Fault.WEB_TEXT]
    assert faults("janemiller7", sessions, TEXTS) == []


def test_a_short_text_is_forbidden_alone_and_not_inside() -> None:
    accounts = Criteria(disallow_web_text_accounts=True)
    assert faults("JM", accounts, TEXTS) == [Fault.WEB_TEXT]
    assert faults("jm5501", accounts, TEXTS) == []


def test_criteria_are_kept_as_json() -> None:
    for criteria in (MEETING_CRITERIA, ACCOUNT_CRITERIA, RECORDING_CRITERIA, Criteria()):
        assert msgspec.json.decode(msgspec.json.encode(criteria), type=Criteria) == criteria


def test_a_huge_password_costs_little_and_is_too_long() -> None:
    assert faults("a" * 10_000_000, ACCOUNT_CRITERIA)[0] is Fault.TOO_LONG


CRITERIA = st.builds(
    Criteria,
    mixed_case=st.booleans(),
    min_length=st.integers(0, 16),
    min_alpha=st.integers(0, 5),
    min_numeric=st.integers(0, 5),
    min_special=st.integers(0, 5),
    disallow_repeated=st.booleans(),
    disallow_web_text_sessions=st.booleans(),
    disallow_web_text_accounts=st.booleans(),
    disallow_list=st.booleans(),
    disallowed=st.just(("password", "pass")),
)


@settings(deadline=None, max_examples=200)
@given(CRITERIA)
def test_a_made_password_keeps_the_rules(criteria: Criteria) -> None:
    password = generate_password(criteria, TEXTS)
    assert violations(password, criteria, TEXTS) == []
    assert max(criteria.min_length, 11) <= len(password) <= MEETING_PASSWORD_LENGTH
    assert set(password) <= set(string.ascii_letters + string.digits + "!#$*+-=?@_") - set("IlO01")


def test_made_passwords_differ() -> None:
    assert len({generate_password(ACCOUNT_CRITERIA, longest=60) for _ in range(200)}) == 200


def test_tight_rules_are_kept() -> None:
    digits = generate_password(Criteria(min_numeric=16))
    assert len(digits) == 16
    assert digits.isdecimal()
    assert len(generate_password(Criteria(min_length=30), longest=60)) == 30


@pytest.mark.parametrize(
    "criteria",
    [Criteria(min_length=17), Criteria(min_alpha=9, min_numeric=9), Criteria(mixed_case=True, min_special=15)],
)
def test_rules_that_contradict_each_other_are_told(criteria: Criteria) -> None:
    with pytest.raises(CriteriaError, match=r"17|18"):
        generate_password(criteria)


def test_rules_that_forbid_every_password_are_told() -> None:
    every = WebText(site=tuple(string.ascii_letters))
    with pytest.raises(CriteriaError, match="no password"):
        generate_password(Criteria(min_alpha=1, disallow_web_text_sessions=True), every, longest=1)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40), CRITERIA)
def test_violations_are_ordered_single_and_never_hold_the_password(password: str, criteria: Criteria) -> None:
    found = violations(password, criteria, TEXTS)
    order = list(Fault)
    places = [order.index(violation.fault) for violation in found]
    assert places == sorted(set(places))
    assert all(violation.limit is None or isinstance(violation.limit, int) for violation in found)


# --- age -------------------------------------------------------------------------------------------------------------

DAY = 86_400


@pytest.mark.parametrize(
    ("age", "left"),
    [(0, 30), (1, 30), (DAY - 1, 30), (DAY, 29), (30 * DAY - 1, 1), (30 * DAY, 0), (31 * DAY, 0), (-1, 31)],
)
def test_days_are_counted_whole_from_their_beginning(age: int, left: int) -> None:
    assert days_left(1_000_000, 30, 1_000_000 + age) == left


def test_without_a_lifetime_there_is_no_last_day() -> None:
    assert days_left(0, None, 10**12) is None
    assert not has_expired(0, None, 10**12)


@given(st.integers(0, 2**33), st.integers(1, 10_000), st.integers(0, 2**33))
def test_a_password_has_expired_when_no_day_is_left(changed: int, lifetime: int, later: int) -> None:
    now = changed + later
    left = days_left(changed, lifetime, now)
    assert left is not None
    assert has_expired(changed, lifetime, now) == (left == 0) == (later >= lifetime * DAY)
    assert left * DAY >= lifetime * DAY - later
    assert (left - 1) * DAY < max(0, lifetime * DAY - later) or left == 0
