"""The repeat elements of the contracts and the rules that they stand for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract import meeting, sales, teleconference
from parley.domain.recurrence import NO_REPEAT, Kind, Rule
from parley.services.sessions.repeats import Repeat, repeat_of, rule_of
from tests.services.round_trips import repeat_elements

CONTRACTS: list[type[Repeat]] = [meeting.RepeatType, teleconference.RepeatType, sales.RepeatType]


@pytest.mark.parametrize("cls", CONTRACTS, ids=lambda cls: cls.__module__)
@given(data=st.data())
def test_an_element_made_of_a_rule_says_the_same(cls: type[Repeat], data: st.DataObject) -> None:
    rule = rule_of(data.draw(repeat_elements(cls)))
    assert rule_of(repeat_of(cls, None, rule)) == rule


def test_what_was_sent_counts_before_the_rule() -> None:
    sent = sales.RepeatType(repeat_type="DAILY", interval=2)
    assert repeat_of(sales.RepeatType, sent, Rule(kind=Kind.DAILY)) == sent
    assert repeat_of(sales.RepeatType, sent, NO_REPEAT) == sales.RepeatType(repeat_type="NO_REPEAT")


def test_what_a_contract_cannot_say_is_left_out() -> None:
    rule = Rule(kind=Kind.YEARLY, day_in_month=3, month_in_year=2, after_meeting_number=4, expiration=date(2031, 5, 6))
    assert repeat_of(teleconference.RepeatType, None, rule) == teleconference.RepeatType(
        day_in_month=3, expiration_date="05/06/2031 00:00:00"
    )
    assert repeat_of(sales.RepeatType, None, rule).end_after == 4
