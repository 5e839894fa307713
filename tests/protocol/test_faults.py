"""The catalogue of faults: every row can be answered as it stands."""

from __future__ import annotations

import re
import string
from collections import Counter
from typing import Any

import pytest

from parley.domain.passwords import Fault as PasswordRule
from parley.domain.problems import Code
from parley.protocol import faults
from parley.protocol.answer import Result, write_answer
from parley.protocol.faults import CATALOGUE, Fault, Kind, Mark

NAMED = {name: value for name, value in vars(faults).items() if isinstance(value, Kind)}


def placeholders(kind: Kind) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(kind.reason) if name is not None]


def made(kind: Kind, value: str | None = None) -> Fault:
    """The fault with some value for every placeholder."""
    parameters: dict[str, Any] = dict.fromkeys(placeholders(kind), 77)
    return kind(value=value, **parameters)


def test_the_catalogue_and_the_names_of_the_module_are_the_same() -> None:
    assert sorted(map(id, NAMED.values())) == sorted(map(id, CATALOGUE))
    assert all(re.fullmatch(r"[A-Z][A-Z_]+", name) for name in NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_every_row_is_complete(name: str) -> None:
    kind = NAMED[name]
    assert re.fullmatch(r"\d{6}", kind.code)
    assert kind.reason
    assert kind.reason == kind.reason.strip()
    assert kind.when
    assert isinstance(kind.mark, Mark)
    assert all(re.fullmatch(r"[a-z_]+", placeholder) for placeholder in placeholders(kind))
    assert kind.code in repr(kind)


@pytest.mark.parametrize("name", NAMED)
def test_every_reason_can_be_filled_in_and_answered(name: str) -> None:
    kind = NAMED[name]
    fault = made(kind)
    assert (fault.code, fault.module) == (kind.code, kind.reaches_service)
    assert not re.search(r"[{}]", fault.reason)
    assert fault.reason.count("77") >= len(placeholders(kind))
    assert str(fault) == f"{kind.code} {fault.reason}"
    answer = write_answer([Result("meeting", fault=fault)]).decode()
    assert f"<serv:exceptionID>{kind.code}</serv:exceptionID>" in answer
    assert made(kind, "v").value == "v"


@pytest.mark.parametrize("name", [name for name, kind in NAMED.items() if placeholders(kind)])
def test_a_forgotten_parameter_is_noticed(name: str) -> None:
    kind = NAMED[name]
    with pytest.raises(KeyError):
        kind(unrelated=1)


def test_reasons_tell_the_faults_of_a_code_apart() -> None:
    # Who sends no proof is answered like who sends a wrong one, on purpose.
    doubles = [pair for pair, count in Counter((kind.code, kind.reason) for kind in CATALOGUE).items() if count > 1]
    assert doubles == [("030002", "Incorrect user or password")]


def test_a_parameter_is_text_not_a_template() -> None:
    fault = faults.INVALID_VALUE(path="{problem}", problem="{path} {0} %s")
    assert fault.reason == "{problem}: {path} {0} %s"


def test_documents_that_reach_no_service_share_a_code_and_declare_no_module() -> None:
    early = [kind for kind in CATALOGUE if not kind.reaches_service]
    assert {kind.code for kind in early} == {"000000"}
    assert all(kind.reason.startswith("Fail to forward request: ") for kind in early)
    assert not any(kind.code == "000000" and kind.reaches_service for kind in CATALOGUE)


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("ACCESS_DENIED", "000001", "Access denied, additional privileges are required"),
        ("NOTHING_FOUND", "000015", "Sorry, no record found"),
        ("RATE_LIMIT", "000045", "API Rate Limit Reach"),
        ("UNKNOWN_USER", "030001", "Corresponding User not found"),
        ("WRONG_PASSWORD", "030002", "Incorrect user or password"),
        ("INVALID_TICKET", "030047", "Not a valid session ticket"),
        ("MEETING_NOT_FOUND", "060001", "Corresponding Meeting not found"),
        ("SITE_SUSPENDED", "010107", "The site is suspended"),
    ],
)
def test_what_clients_compare_is_what_the_real_service_said(name: str, code: str, reason: str) -> None:
    kind = NAMED[name]
    assert (kind.code, kind.reason) == (code, reason)
    assert kind.mark is Mark.SEEN


def test_every_problem_of_the_rules_has_words() -> None:
    for code in Code:
        fault = faults.rule_problem("schedule/duration", code.value, 1, 99)
        assert fault.code == "999999"
        assert fault.reason.startswith("schedule/duration: ")
        assert "None" not in fault.reason


def test_every_rule_of_passwords_has_words() -> None:
    for rule in PasswordRule:
        fault = faults.weak_password("accessControl/meetingPassword", [(rule.value, 4)])
        assert fault.code == "019011"
        assert re.fullmatch(r"accessControl/meetingPassword: [^{}]+", fault.reason)
    both = faults.weak_password("x", [("too_short", 8), ("numeric", 2)])
    assert both.reason == "x: at least 8 characters are needed; digits are needed, at least 2"


@pytest.mark.parametrize(
    ("first", "code"), [("too_short", "030003"), ("character", "030058"), ("mixed_case", "019011")]
)
def test_codes_of_account_passwords_follow_the_first_broken_rule(first: str, code: str) -> None:
    fault = faults.weak_account_password([(first, 8), ("numeric", 1)])
    assert fault.code == code
    assert fault.reason.startswith("password: ")
    assert code in {kind.code for kind in faults.CATALOGUE if kind.reason == "{path}: {problems}"}
