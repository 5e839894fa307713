"""Series whose starts are listed, and series with occurrences that were moved or cancelled by their numbers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parley.domain.problems import Code, Problem
from parley.domain.recurrence import (
    NO_REPEAT,
    Change,
    Dates,
    Kind,
    Rule,
    TwoOnOneDay,
    UnknownOccurrence,
    changed,
    count,
    is_endless,
    next_occurrence,
    normalised,
    occurrence_day,
    occurrence_number,
    occurrence_start,
    occurrences,
    problems,
    regular_start,
    says_the_same,
    series_end,
    split,
    starts_of,
    unchanged,
)
from parley.domain.rrules import is_listed, rrule
from parley.domain.schedule import Asked, Defaults, Schedule, settle
from parley.domain.timezones import to_utc

BERLIN = 25
START = datetime.fromisoformat("2030-03-25T10:00:00")
DAILY = Rule(kind=Kind.DAILY, after_meeting_number=5)


def on(day: int, hour: int = 10) -> datetime:
    """A day of the month of START."""
    return START.replace(day=day, hour=hour)


def irregular(*starts: datetime) -> Rule:
    return Rule(kind=Kind.IRREGULARLY, starts=starts)


# ---- irregular series ------------------------------------------------------------------------------------


def test_listed_starts_are_numbered_in_their_order() -> None:
    rule = irregular(on(30, 9), on(26, 15), on(28))
    assert starts_of(rule, START) == {1: on(26, 15), 2: on(28), 3: on(30, 9)}
    assert occurrence_number(rule, START, date(2030, 3, 28)) == 2
    assert occurrence_number(rule, START, date(2030, 3, 27)) is None
    assert occurrence_day(rule, START, 3) == date(2030, 3, 30)
    assert occurrence_day(rule, START, 4) is None
    assert occurrence_start(rule, START, date(2030, 3, 26)) == on(26, 15)
    assert count(rule, START) == 3
    assert not is_endless(rule)
    assert series_end(rule, START, BERLIN, 90) == to_utc(on(30, 9), BERLIN) + 5400
    assert normalised(rule, START) == normalised(normalised(rule, START), on(1))


def test_listed_starts_that_cannot_be() -> None:
    assert problems(irregular(), START) == [Problem("start_date", Code.MISSING)]
    assert problems(irregular(on(26, 8), on(26, 20)), START) == [Problem("start_date", Code.TWICE)]
    assert problems(irregular(on(26)), START) == []


# ---- changes ---------------------------------------------------------------------------------------------


def test_a_moved_occurrence_keeps_its_number_wherever_it_goes() -> None:
    rule = changed(DAILY, START, [Change(2, on(31, 18))])
    assert starts_of(rule, START) == {1: on(25), 3: on(27), 4: on(28), 5: on(29), 2: on(31, 18)}
    assert [each.number for each in occurrences(rule, START, BERLIN)] == [1, 3, 4, 5, 2]
    assert occurrence_number(rule, START, date(2030, 3, 31)) == 2
    assert occurrence_number(rule, START, date(2030, 3, 26)) is None
    assert occurrence_day(rule, START, 2) == date(2030, 3, 31)
    assert regular_start(rule, START, 2) == on(26)
    assert unchanged(rule) == DAILY
    with pytest.raises(UnknownOccurrence):
        regular_start(rule, START, 6)


def test_a_cancelled_occurrence_leaves_its_number_empty() -> None:
    rule = changed(DAILY, START, [Change(1), Change(5)])
    assert list(starts_of(rule, START)) == [2, 3, 4]
    assert occurrence_day(rule, START, 1) is None
    assert count(rule, START) == 3
    assert series_end(rule, START, BERLIN, 0) == to_utc(on(28), BERLIN)
    nothing = changed(rule, START, [Change(number) for number in (2, 3, 4)])
    assert starts_of(nothing, START) == {}
    assert next_occurrence(nothing, START, BERLIN, 60, 0) is None
    assert count(nothing, START) == 0


def test_what_was_skipped_by_its_date_goes_into_the_rule() -> None:
    skip = (date(2030, 3, 26), date(2031, 1, 1))
    rule = changed(DAILY, START, [Change(4, on(26, 12))], skip=skip)
    assert starts_of(rule, START) == {1: on(25), 4: on(26, 12), 3: on(27), 5: on(29)}
    with pytest.raises(UnknownOccurrence):
        changed(DAILY, START, [Change(2, on(30))], skip=skip)


def test_changes_that_change_nothing_leave_the_rule() -> None:
    assert changed(DAILY, START, [Change(1, on(25)), Change(5, on(29))]) is DAILY
    moved = changed(DAILY, START, [Change(1, on(24))])
    back = changed(moved, START, [Change(1, on(25))])
    assert starts_of(back, START) == starts_of(DAILY, START)


@pytest.mark.parametrize("number", [0, -1, 6, 10**9])
def test_numbers_that_a_series_does_not_have(number: int) -> None:
    with pytest.raises(UnknownOccurrence) as raised:
        changed(DAILY, START, [Change(number, on(30))])
    assert raised.value.number == number


def test_two_occurrences_on_one_day_are_refused() -> None:
    with pytest.raises(TwoOnOneDay) as raised:
        changed(DAILY, START, [Change(1, on(29, 20))])
    assert raised.value.day == date(2030, 3, 29)
    swapped = changed(DAILY, START, [Change(1, on(29)), Change(5, on(25))])
    assert starts_of(swapped, START)[5] == on(25)


def test_parts_of_a_changed_series() -> None:
    rule = changed(DAILY, START, [Change(1, on(24)), Change(4), Change(5, on(30, 8))])
    first, second = split(rule, START, 3)
    assert starts_of(first, START) == {1: on(24), 2: on(26)}
    assert starts_of(second, regular_start(rule, START, 3)) == {1: on(27), 3: on(30, 8)}
    listed = changed(irregular(on(25), on(27), on(29)), START, [Change(3, on(31))])
    first, second = split(listed, START, 2)
    assert starts_of(first, START) == {1: on(25)}
    assert starts_of(second, START) == {1: on(27), 2: on(31)}


def test_series_that_no_rule_says() -> None:
    for rule in (irregular(on(25)), changed(DAILY, START, [Change(1)])):
        assert is_listed(rule)
        assert rrule(rule, START, BERLIN) is None
    assert not is_listed(DAILY)
    assert not is_listed(NO_REPEAT)


def test_rules_survive_being_stored() -> None:
    rule = changed(irregular(on(25), on(27)), START, [Change(1), Change(2, on(28, 7))])
    assert msgspec.json.decode(msgspec.json.encode(rule), type=Rule) == rule


# ---- what a change of the schedule leaves of them --------------------------------------------------------


def settled(present: Schedule, **asked: Any) -> Schedule:
    found, wrong = settle(Asked(**asked), Defaults(), to_utc(START, BERLIN) - 86_400, current=present)
    assert found is not None, wrong
    return found


def test_changes_stay_as_long_as_start_and_rule_do() -> None:
    rule = changed(DAILY, START, [Change(2, on(31))])
    present = Schedule(start=START, time_zone_id=BERLIN, duration=60, open_time=0, rule=rule)
    assert settled(present).rule == rule
    assert settled(present, duration=30, start=START).rule == rule
    assert settled(present, rule=DAILY).rule == rule
    assert settled(present, start=START + timedelta(hours=1)).rule == DAILY
    assert settled(present, start=START + timedelta(hours=1), rule=DAILY).rule == DAILY
    other = Rule(kind=Kind.WEEKLY, after_meeting_number=3)
    assert settled(present, rule=other).rule == other


def test_a_list_of_starts_says_what_takes_place_or_is_a_new_one() -> None:
    rule = changed(irregular(on(25), on(27), on(29)), START, [Change(1, on(28)), Change(3)])
    present = Schedule(start=START, time_zone_id=BERLIN, duration=60, open_time=0, rule=rule)
    same = irregular(on(28), on(27))
    assert says_the_same(same, rule, START)
    assert settled(present, start=on(27), rule=same) == present
    new = irregular(on(30), on(31))
    assert settled(present, start=on(30), rule=new).rule == new
    assert settled(present, start=on(30), rule=new).start == on(30)
    assert not says_the_same(DAILY, rule, START)


# ---- the whole against what is simply listed -------------------------------------------------------------


@st.composite
def changed_series(draw: st.DrawFn) -> tuple[Rule, dict[int, datetime]]:
    """A series with changes, and the starts that it is to have."""
    number = draw(st.integers(1, 12))
    days = draw(st.lists(st.integers(0, 60), min_size=number, max_size=number, unique=True))
    if draw(st.booleans()):
        rule: Rule = irregular(*(START + timedelta(days=day, hours=draw(st.integers(0, 13))) for day in days))
        expected = dict(enumerate(sorted(rule.starts), 1))
    else:
        rule = Rule(kind=Kind.DAILY, interval=draw(st.integers(1, 3)), after_meeting_number=number)
        expected = {place: START + timedelta(days=(place - 1) * (rule.interval or 1)) for place in range(1, number + 1)}
    for _ in range(draw(st.integers(0, 5))):
        if not expected:
            break
        which = draw(st.sampled_from(sorted(expected)))
        if draw(st.booleans()):
            rule = changed(rule, START, [Change(which)])
            del expected[which]
            continue
        new = START + timedelta(days=draw(st.integers(0, 90)), minutes=draw(st.integers(0, 800)))
        assume(all(each.date() != new.date() for place, each in expected.items() if place != which))
        rule = changed(rule, START, [Change(which, new)])
        expected[which] = new
    return rule, expected


@given(changed_series(), st.integers(-5, 100), st.integers(-5, 100))
def test_everything_that_is_asked_of_a_changed_series(
    made: tuple[Rule, dict[int, datetime]], low: int, high: int
) -> None:
    rule, expected = made
    assert starts_of(rule, START) == expected
    in_order = sorted((local, number) for number, local in expected.items())
    found = list(occurrences(rule, START, BERLIN))
    assert [(each.local, each.number, each.start) for each in found] == [
        (local, number, to_utc(local, BERLIN)) for local, number in in_order
    ]
    assert count(rule, START) == len(expected)
    for number, local in expected.items():
        assert occurrence_number(rule, START, local.date()) == number
        assert occurrence_day(rule, START, number) == local.date()
        assert occurrence_start(rule, START, local.date()) == local
    first, last = (to_utc(START + timedelta(days=bound), BERLIN) for bound in (low, high))
    dates = Dates(rule, START, BERLIN)
    within = [(number, to_utc(local, BERLIN)) for local, number in in_order if first <= to_utc(local, BERLIN) <= last]
    assert list(dates.walk(first, last)) == within
    assert list(dates.walk(first, last, falling=True)) == within[::-1]
    assert dates.count(first, last) == len(within)
    assert {number: dates.start_of(number) for number in expected} == {
        number: to_utc(local, BERLIN) for number, local in expected.items()
    }
    assert dates.start_of(max(expected, default=0) + 1) is None
    upcoming = next_occurrence(rule, START, BERLIN, 60, first)
    coming = [to_utc(local, BERLIN) for local, _ in in_order if to_utc(local, BERLIN) + 3600 > first]
    assert upcoming == ((coming[0], coming[0] + 3600) if coming else None)
