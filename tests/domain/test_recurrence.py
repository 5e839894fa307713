"""Recurring sessions, against the recurrence rules of python-dateutil and by example."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from dateutil import rrule, tz
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parley.domain.problems import Code, Problem
from parley.domain.recurrence import (
    FOREVER,
    HORIZON,
    NO_REPEAT,
    Dates,
    Kind,
    Occurrence,
    Rule,
    count,
    is_endless,
    next_occurrence,
    normalised,
    occurrence_number,
    occurrences,
    problems,
    series_end,
    weekdays,
)
from parley.domain.timezones import ZONES, offset_minutes, to_local, to_utc

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
WORKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
GMT, NEW_YORK, BERLIN = 20, 11, 25


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def days(rule: Rule, start: str, many: int = 6, *, skip: tuple[date, ...] = ()) -> list[str]:
    found = occurrences(rule, at(start), GMT, limit=many, skip=skip)
    return [occurrence.local.date().isoformat() for occurrence in found]


# --- what dateutil says ----------------------------------------------------------------------------------------------


def _last_day(day: date) -> int:
    return ((day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day


def _matcher(rule: Rule, start: date) -> Callable[[date], bool]:
    """Whether a day fits a rule, intervals left out: written from the description, without arithmetic."""

    def in_week(day: date) -> bool:
        listed = rule.days or (start.weekday(),)
        of_month = [d for d in range(1, _last_day(day) + 1) if day.replace(day=d).weekday() in listed]
        place = rule.week_in_month or (start.day - 1) // 7 + 1
        return day.day == (of_month[-1] if place in (5, 6, -1) else of_month[place - 1])

    def matches(day: date) -> bool:
        if rule.kind is Kind.DAILY:
            return not rule.days or day.weekday() in rule.days
        if rule.kind is Kind.WEEKLY:
            return day.weekday() in (rule.days or (start.weekday(),))
        by_week = bool(rule.week_in_month or (rule.days and not rule.day_in_month))
        if rule.kind is Kind.YEARLY:
            if rule.day_in_year and not by_week and not rule.day_in_month:
                return day.timetuple().tm_yday == rule.day_in_year
            if day.month != (rule.month_in_year or start.month):
                return False
        return in_week(day) if by_week else day.day == (rule.day_in_month or start.day)

    return matches


FREQUENCIES: dict[Kind, Literal[0, 1, 2, 3]] = {
    Kind.DAILY: rrule.DAILY,
    Kind.WEEKLY: rrule.WEEKLY,
    Kind.MONTHLY: rrule.MONTHLY,
    Kind.YEARLY: rrule.YEARLY,
}


def expected_locals(rule: Rule, start: datetime, most: int) -> list[datetime]:
    """The wall-clock starts of a series by python-dateutil."""
    if rule.kind in (Kind.NO_REPEAT, Kind.CONSTANT):
        return [start]
    matches = _matcher(rule, start.date())
    first = start
    while not matches(first.date()):
        first += timedelta(days=1)
    by_week = bool(rule.week_in_month or (rule.days and not rule.day_in_month))
    monthly = rule.kind in (Kind.MONTHLY, Kind.YEARLY)
    by_year = rule.kind is Kind.YEARLY and rule.day_in_year and not by_week and not rule.day_in_month
    place = rule.week_in_month or (start.day - 1) // 7 + 1
    listed = rule.days or (start.weekday(),)
    until = None
    if rule.expiration is not None:
        until = datetime.combine(rule.expiration, start.time())
    made = rrule.rrule(
        FREQUENCIES[rule.kind],
        dtstart=first,
        interval=rule.interval or 1,
        wkst=rrule.SU,
        until=until,
        byweekday=listed if (monthly and by_week) or rule.kind is Kind.WEEKLY or (rule.days and not monthly) else None,
        bysetpos=(-1 if place in (5, 6, -1) else place) if monthly and by_week else None,
        bymonthday=(rule.day_in_month or start.day) if monthly and not by_week and not by_year else None,
        bymonth=(rule.month_in_year or start.month) if rule.kind is Kind.YEARLY and not by_year else None,
        byyearday=rule.day_in_year if by_year else None,
    )
    if rule.after_meeting_number:
        most = min(most, rule.after_meeting_number)
    return list(itertools.takewhile(lambda found: found.date() <= HORIZON, itertools.islice(made, most)))


def expected_instant(local: datetime, zone_id: int) -> int:
    return int(tz.resolve_imaginary(local.replace(tzinfo=ZoneInfo(ZONES[zone_id].iana))).timestamp())


# Many starts at night, where the clocks change.
STARTS = st.builds(
    datetime.combine,
    st.dates(date(1971, 1, 1), date(2050, 12, 31)),
    st.times(max_value=datetime.fromisoformat("2026-01-01 04:00").time()) | st.times(),
).map(lambda moment: moment.replace(microsecond=0, fold=0))
ZONE_IDS = st.sampled_from(sorted(ZONES))
SMALL = st.none() | st.integers(1, 4) | st.integers(1, 99)
WEEKDAYS = st.lists(st.integers(0, 6), max_size=7).map(tuple)


@st.composite
def series(draw: st.DrawFn) -> tuple[Rule, datetime]:
    """A rule without problems, with anything given or left out, and a start."""
    start = draw(STARTS)
    kind = draw(st.sampled_from(Kind))
    rule = Rule(
        kind=kind,
        interval=draw(SMALL),
        days=draw(WEEKDAYS),
        day_in_month=draw(st.none() | st.integers(1, 31) | st.integers(28, 31)),
        week_in_month=draw(st.none() | st.sampled_from((1, 2, 3, 4, 5, 6, -1))),
        month_in_year=draw(st.none() | st.integers(1, 12)),
        day_in_year=draw(st.none() | st.integers(1, 366) | st.integers(364, 366)),
        after_meeting_number=draw(st.none() | st.integers(0, 30)),
        expiration=draw(st.none() | st.integers(0, 4000).map(lambda more: start.date() + timedelta(days=more))),
    )
    assume(not problems(rule, start))
    return rule, start


@settings(deadline=None, max_examples=400)
@given(series(), ZONE_IDS)
def test_occurrences_are_those_of_dateutil(made: tuple[Rule, datetime], zone_id: int) -> None:
    rule, start = made
    expected = expected_locals(rule, start, 40)
    found = list(occurrences(rule, start, zone_id, limit=40))
    assert [occurrence.local for occurrence in found] == expected
    assert [occurrence.number for occurrence in found] == list(range(1, len(expected) + 1))
    assert [occurrence.start for occurrence in found] == [expected_instant(local, zone_id) for local in expected]


@settings(deadline=None, max_examples=300)
@given(series(), ZONE_IDS, st.integers(-400, 20_000), st.integers(0, 86_400), st.sets(st.integers(0, 30), max_size=5))
def test_searching_from_a_moment_on_finds_what_walking_finds(
    made: tuple[Rule, datetime], zone_id: int, later: int, seconds: int, skipped: set[int]
) -> None:
    rule, start = made
    after = to_utc(start, zone_id) + later * 86_400 + seconds
    everything = list(occurrences(rule, start, zone_id, limit=2500))
    skip = {everything[number].local.date() for number in skipped if number < len(everything)}
    expected = [found for found in everything if found.start >= after and found.local.date() not in skip][:3]
    assume(len(expected) == 3 or len(everything) < 2500)
    assert list(occurrences(rule, start, zone_id, after=after, limit=3, skip=skip)) == expected


@settings(deadline=None, max_examples=300)
@given(series(), ZONE_IDS, st.integers(1, 3000), st.integers(-2, 60), st.integers(-86_400, 86_400), st.booleans())
def test_the_next_occurrence_is_the_first_that_has_not_ended(
    made: tuple[Rule, datetime], zone_id: int, duration: int, place: int, seconds: int, exactly: bool
) -> None:
    rule, start = made
    assume(rule.kind is not Kind.CONSTANT)
    everything = list(occurrences(rule, start, zone_id, limit=200))
    near = everything[min(max(place, 0), len(everything) - 1)].start
    now = near + duration * 60 - 1 + exactly if seconds % 3 == 0 else near + seconds
    expected = next(
        ((found.start, found.start + duration * 60) for found in everything if found.start + duration * 60 > now), None
    )
    assume(expected is not None or len(everything) < 200)
    assert next_occurrence(rule, start, zone_id, duration, now) == expected


@settings(deadline=None, max_examples=300)
@given(series(), ZONE_IDS, st.sets(st.integers(0, 40), max_size=6))
def test_end_and_count_are_those_of_the_whole_series(
    made: tuple[Rule, datetime], zone_id: int, skipped: set[int]
) -> None:
    rule, start = made
    assume(rule.kind is not Kind.CONSTANT)
    if is_endless(rule):
        assert series_end(rule, start, zone_id, 60) is None
        assert count(rule, start) is None
        return
    everything = list(occurrences(rule, start, zone_id))
    skip = {everything[number].local.date() for number in skipped if number < len(everything)}
    left = [found for found in everything if found.local.date() not in skip]
    assert count(rule, start, skip=skip) == len(left)
    end = left[-1].start + 3600 if left else to_utc(start, zone_id)
    assert series_end(rule, start, zone_id, 60, skip=skip) == end
    if left:
        assert next_occurrence(rule, start, zone_id, 60, end - 1, skip=skip) == (left[-1].start, end)
        assert next_occurrence(rule, start, zone_id, 60, end, skip=skip) is None


@settings(deadline=None, max_examples=200)
@given(series())
def test_a_rule_with_everything_said_means_the_same(made: tuple[Rule, datetime]) -> None:
    rule, start = made
    full = normalised(rule, start)
    assert normalised(full, start) == full
    assert not problems(full, start)
    some = list(occurrences(rule, start, GMT, limit=10))
    assert list(occurrences(full, start, GMT, limit=10)) == some
    assert [occurrence_number(rule, start, found.local.date()) for found in some] == [found.number for found in some]
    stored = msgspec.json.decode(msgspec.json.encode(rule), type=Rule)
    assert stored == rule


# --- daylight time ---------------------------------------------------------------------------------------------------

CHANGING = [
    zone_id
    for zone_id in ZONES
    if offset_minutes(zone_id, to_utc(datetime.fromisoformat("2026-01-15"), GMT))
    != offset_minutes(zone_id, to_utc(datetime.fromisoformat("2026-07-15"), GMT))
]


def test_enough_zones_change_their_clocks() -> None:
    assert len(CHANGING) >= 20


@pytest.mark.parametrize("zone_id", CHANGING)
def test_a_daily_meeting_keeps_its_local_time_when_the_clocks_change(zone_id: int) -> None:
    start = at("2026-01-01 09:30:00")
    found = list(occurrences(Rule(kind=Kind.DAILY, after_meeting_number=365), start, zone_id))
    assert len(found) == 365
    assert {to_local(occurrence.start, zone_id).time() for occurrence in found} == {start.time()}
    lengths = {after.start - before.start for before, after in itertools.pairwise(found)}
    # One day is shorter, one longer.
    assert lengths == {82_800, 86_400, 90_000}
    assert found[-1].start - found[0].start == 364 * 86_400


def test_an_occurrence_in_the_gap_of_spring_starts_later_that_day_only() -> None:
    start = at("2026-03-07 02:30:00")
    found = list(occurrences(Rule(kind=Kind.DAILY), start, NEW_YORK, limit=3))
    shown = [str(to_local(occurrence.start, NEW_YORK)) for occurrence in found]
    assert shown == ["2026-03-07 02:30:00", "2026-03-08 03:30:00", "2026-03-09 02:30:00"]
    assert [str(occurrence.local)[11:] for occurrence in found] == ["02:30:00"] * 3


# --- examples --------------------------------------------------------------------------------------------------------


def test_a_single_meeting_is_one_occurrence() -> None:
    start = at("2026-06-01 10:00:00")
    first = to_utc(start, BERLIN)
    assert list(occurrences(NO_REPEAT, start, BERLIN)) == [Occurrence(1, start, first)]
    assert next_occurrence(NO_REPEAT, start, BERLIN, 60, first + 3599) == (first, first + 3600)
    assert next_occurrence(NO_REPEAT, start, BERLIN, 60, first + 3600) is None
    assert series_end(NO_REPEAT, start, BERLIN, 60) == first + 3600
    assert count(NO_REPEAT, start) == 1
    assert days(Rule(interval=0, days=(9,), after_meeting_number=7), "2026-06-01 10:00:00") == ["2026-06-01"]


def test_every_third_day() -> None:
    rule = Rule(kind=Kind.DAILY, interval=3, after_meeting_number=4)
    assert days(rule, "2026-02-26 10:00") == ["2026-02-26", "2026-03-01", "2026-03-04", "2026-03-07"]


def test_every_weekday_from_a_saturday_on_begins_on_monday() -> None:
    rule = Rule(kind=Kind.DAILY, days=weekdays(["FRIDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "MONDAY"]))
    assert rule.days == WORKDAYS
    assert days(rule, "2026-11-21 10:00") == [
        "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30",
    ]  # fmt: skip


def test_weekly_without_days_is_the_weekday_of_the_start() -> None:
    assert days(Rule(kind=Kind.WEEKLY), "2026-11-25 10:00", 3) == ["2026-11-25", "2026-12-02", "2026-12-09"]


def test_every_second_week_counts_weeks_from_sunday() -> None:
    rule = Rule(kind=Kind.WEEKLY, interval=2, days=(SUNDAY, WEDNESDAY, SATURDAY))
    assert days(rule, "2026-11-25 10:00") == [
        "2026-11-25", "2026-11-28", "2026-12-06", "2026-12-09", "2026-12-12", "2026-12-20",
    ]  # fmt: skip


def test_a_start_beside_the_rule_moves_to_the_first_day_of_it_and_intervals_count_from_there() -> None:
    assert days(Rule(kind=Kind.WEEKLY, interval=2, days=(MONDAY,)), "2026-11-21 10:00", 2) == [
        "2026-11-23", "2026-12-07",
    ]  # fmt: skip
    assert days(Rule(kind=Kind.MONTHLY, interval=3, day_in_month=5), "2026-11-22 10:00", 2) == [
        "2026-12-05", "2027-03-05",
    ]  # fmt: skip


def test_months_without_the_day_are_left_out() -> None:
    rule = Rule(kind=Kind.MONTHLY, day_in_month=31)
    assert days(rule, "2026-01-31 10:00", 5) == ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31", "2026-08-31"]
    assert days(Rule(kind=Kind.MONTHLY, day_in_month=30, interval=12), "2027-02-01 10:00", 2) == [
        "2027-03-30", "2028-03-30",
    ]  # fmt: skip


def test_years_without_29_february_are_left_out() -> None:
    rule = Rule(kind=Kind.YEARLY, month_in_year=2, day_in_month=29)
    assert days(rule, "2026-11-22 10:00", 3) == ["2028-02-29", "2032-02-29", "2036-02-29"]
    found = list(occurrences(rule, at("2026-11-22 10:00"), GMT))
    assert date(2100, 2, 28) not in {occurrence.local.date() for occurrence in found}
    assert found[-1].local.date() == date(2196, 2, 29)


def test_the_second_tuesday_and_the_last_friday() -> None:
    second = Rule(kind=Kind.MONTHLY, week_in_month=2, days=(TUESDAY,))
    assert days(second, "2026-01-01 10:00", 3) == ["2026-01-13", "2026-02-10", "2026-03-10"]
    for last in (5, 6, -1):
        rule = Rule(kind=Kind.MONTHLY, week_in_month=last, days=(FRIDAY,))
        assert days(rule, "2026-01-01 10:00", 3) == ["2026-01-30", "2026-02-27", "2026-03-27"]


def test_several_weekdays_with_a_week_are_one_day_a_month() -> None:
    assert days(Rule(kind=Kind.MONTHLY, week_in_month=1, days=WORKDAYS), "2026-08-01 10:00", 3) == [
        "2026-08-03", "2026-09-01", "2026-10-01",
    ]  # fmt: skip
    assert days(Rule(kind=Kind.MONTHLY, week_in_month=5, days=WORKDAYS), "2026-08-01 10:00", 3) == [
        "2026-08-31", "2026-09-30", "2026-10-30",
    ]  # fmt: skip


def test_thanksgiving() -> None:
    rule = Rule(kind=Kind.YEARLY, week_in_month=4, days=(THURSDAY,), month_in_year=11)
    assert days(rule, "2026-01-01 10:00", 3) == ["2026-11-26", "2027-11-25", "2028-11-23"]


def test_the_deprecated_day_of_the_year() -> None:
    assert days(Rule(kind=Kind.YEARLY, day_in_year=60), "2027-01-01 10:00", 2) == ["2027-03-01", "2028-02-29"]
    assert days(Rule(kind=Kind.YEARLY, day_in_year=366), "2027-01-01 10:00", 2) == ["2028-12-31", "2032-12-31"]


def test_what_a_yearly_rule_leaves_out_is_taken_from_the_start() -> None:
    assert days(Rule(kind=Kind.YEARLY), "2026-05-17 10:00", 2) == ["2026-05-17", "2027-05-17"]
    assert days(Rule(kind=Kind.YEARLY, month_in_year=3), "2026-05-17 10:00", 2) == ["2027-03-17", "2028-03-17"]
    assert days(Rule(kind=Kind.MONTHLY, days=(MONDAY,)), "2026-05-17 10:00", 2) == ["2026-05-18", "2026-06-15"]


def test_the_expiration_date_itself_counts() -> None:
    rule = Rule(kind=Kind.DAILY, expiration=date(2026, 6, 3))
    assert days(rule, "2026-06-01 23:30") == ["2026-06-01", "2026-06-02", "2026-06-03"]
    assert series_end(rule, at("2026-06-01 23:30"), GMT, 60) == to_utc(at("2026-06-04 00:30"), GMT)


def test_of_number_and_date_the_first_ends_the_series() -> None:
    start = "2026-06-01 10:00"
    assert len(days(Rule(kind=Kind.DAILY, after_meeting_number=2, expiration=date(2026, 6, 5)), start)) == 2
    assert len(days(Rule(kind=Kind.DAILY, after_meeting_number=9, expiration=date(2026, 6, 5)), start)) == 5
    assert len(days(Rule(kind=Kind.DAILY, after_meeting_number=0, expiration=date(2026, 6, 5)), start)) == 5


def test_skipped_occurrences_keep_their_number_and_count() -> None:
    rule = Rule(kind=Kind.WEEKLY, after_meeting_number=4)
    start, skip = at("2026-06-01 10:00"), (date(2026, 6, 8), date(2026, 6, 22), date(2026, 6, 9))
    found = list(occurrences(rule, start, GMT, skip=skip))
    assert [(occurrence.number, occurrence.local.day) for occurrence in found] == [(1, 1), (3, 15)]
    assert count(rule, start, skip=skip) == 2
    assert series_end(rule, start, GMT, 30, skip=skip) == to_utc(at("2026-06-15 10:30"), GMT)
    every = [date(2026, 6, day) for day in (1, 8, 15, 22)]
    assert count(rule, start, skip=every) == 0
    assert series_end(rule, start, GMT, 30, skip=every) == to_utc(start, GMT)
    assert next_occurrence(rule, start, GMT, 30, 0, skip=every) is None
    assert occurrence_number(rule, start, date(2026, 6, 15)) == 3
    assert occurrence_number(rule, start, date(2026, 6, 29)) is None
    assert occurrence_number(rule, start, date(2026, 5, 25)) is None


def test_a_constant_session_is_open_until_it_expires() -> None:
    start = at("2026-06-01 10:00")
    begin = to_utc(start, BERLIN)
    always = Rule(kind=Kind.CONSTANT)
    assert is_endless(always)
    assert next_occurrence(always, start, BERLIN, 60, begin + 10**9) == (begin, FOREVER)
    assert series_end(always, start, BERLIN, 60) is None
    assert count(always, start) is None
    until = Rule(kind=Kind.CONSTANT, expiration=date(2026, 6, 30), interval=0)
    end = to_utc(at("2026-07-01 00:00"), BERLIN)
    assert next_occurrence(until, start, BERLIN, 60, end - 1) == (begin, end)
    assert next_occurrence(until, start, BERLIN, 60, end) is None
    assert series_end(until, start, BERLIN, 60) == end
    assert count(until, start) == 1
    assert next_occurrence(Rule(kind=Kind.CONSTANT, expiration=date.max), start, BERLIN, 60, 0) == (begin, FOREVER)


def test_an_endless_series_stops_at_the_horizon() -> None:
    start = at("2050-12-31 10:00")
    rule = Rule(kind=Kind.YEARLY, interval=99)
    assert days(rule, "2050-12-31 10:00") == ["2050-12-31", "2149-12-31"]
    assert next_occurrence(rule, start, GMT, 60, FOREVER * 1000) is None
    assert next_occurrence(Rule(kind=Kind.DAILY), start, GMT, 60, FOREVER) is None
    long = Rule(kind=Kind.YEARLY, after_meeting_number=999)
    assert count(long, start) == 150
    assert series_end(long, start, GMT, 60) == to_utc(at("2199-12-31 11:00"), GMT)
    assert series_end(Rule(kind=Kind.DAILY, expiration=date.max), start, GMT, 60) == to_utc(at("2199-12-31 11:00"), GMT)


# --- problems --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(kind=Kind.DAILY, interval=0), [Problem("interval", Code.RANGE, 1, 99)]),
        (Rule(kind=Kind.WEEKLY, interval=100), [Problem("interval", Code.RANGE, 1, 99)]),
        (Rule(kind=Kind.WEEKLY, days=(7,)), [Problem("day_in_week", Code.RANGE)]),
        (Rule(kind=Kind.MONTHLY, day_in_month=32), [Problem("day_in_month", Code.RANGE, 1, 31)]),
        (Rule(kind=Kind.MONTHLY, week_in_month=7), [Problem("week_in_month", Code.RANGE, 1, 5)]),
        (Rule(kind=Kind.MONTHLY, week_in_month=0), [Problem("week_in_month", Code.RANGE, 1, 5)]),
        (Rule(kind=Kind.YEARLY, month_in_year=13), [Problem("month_in_year", Code.RANGE, 1, 12)]),
        (Rule(kind=Kind.YEARLY, day_in_year=367), [Problem("day_in_year", Code.RANGE, 1, 366)]),
        (Rule(kind=Kind.DAILY, after_meeting_number=1000), [Problem("after_meeting_number", Code.RANGE, 0, 999)]),
        (Rule(kind=Kind.DAILY, after_meeting_number=-1), [Problem("after_meeting_number", Code.RANGE, 0, 999)]),
        (
            Rule(kind=Kind.MONTHLY, interval=10**18, day_in_month=-(10**18)),
            [Problem("interval", Code.RANGE, 1, 99), Problem("day_in_month", Code.RANGE, 1, 31)],
        ),
        (Rule(kind=Kind.YEARLY, month_in_year=2, day_in_month=30), [Problem("day_in_month", Code.NEVER)]),
        (Rule(kind=Kind.YEARLY, month_in_year=2), [Problem("day_in_month", Code.NEVER)]),
        (Rule(kind=Kind.DAILY, expiration=date(2026, 5, 30)), [Problem("expiration_date", Code.EARLY)]),
        (
            Rule(kind=Kind.WEEKLY, days=(MONDAY,), expiration=date(2026, 5, 31)),
            [Problem("expiration_date", Code.EARLY)],
        ),
        (Rule(kind=Kind.CONSTANT, expiration=date(2026, 5, 30)), [Problem("expiration_date", Code.EARLY)]),
    ],
)
def test_what_cannot_be_is_told(rule: Rule, expected: list[Problem]) -> None:
    assert problems(rule, at("2026-05-31 10:00")) == expected


@pytest.mark.parametrize(
    "rule",
    [
        NO_REPEAT,
        Rule(interval=0, after_meeting_number=10**9, expiration=date(1999, 1, 1)),
        Rule(kind=Kind.CONSTANT, interval=0, expiration=date(2026, 5, 31)),
        Rule(kind=Kind.DAILY, day_in_month=99, month_in_year=99),
        Rule(kind=Kind.DAILY, interval=99, after_meeting_number=999, expiration=date.max),
        Rule(kind=Kind.MONTHLY, week_in_month=-1),
        Rule(kind=Kind.MONTHLY, week_in_month=6),
        Rule(kind=Kind.WEEKLY, expiration=date(2026, 5, 31)),
        Rule(kind=Kind.YEARLY, month_in_year=2, day_in_month=29),
    ],
)
def test_what_can_be_and_what_the_kind_does_not_use_is_no_problem(rule: Rule) -> None:
    assert problems(rule, at("2026-05-31 10:00")) == []


def test_an_unknown_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match="FREITAG"):
        weekdays(["FREITAG"])
    assert weekdays(["SUNDAY", "MONDAY"]) == (0, 6)
    assert weekdays([]) == ()


# --- cost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind=Kind.DAILY),
        Rule(kind=Kind.DAILY, days=WORKDAYS),
        Rule(kind=Kind.WEEKLY, interval=2, days=(MONDAY, THURSDAY)),
        Rule(kind=Kind.MONTHLY, day_in_month=15),
        Rule(kind=Kind.MONTHLY, week_in_month=5, days=(FRIDAY,)),
        Rule(kind=Kind.MONTHLY, day_in_month=31),
        Rule(kind=Kind.YEARLY),
    ],
)
def test_a_far_off_occurrence_is_found_without_walking_there(rule: Rule) -> None:
    start, now = at("1971-01-04 10:00"), to_utc(at("2190-01-01 00:00"), BERLIN)
    began = time.process_time()
    for number in range(50):
        found = next_occurrence(rule, start, BERLIN, 60, now + number)
        assert found is not None
        assert now < found[1] < now + 400 * 86_400
    # A walk over 80,000 days would take a hundred times as long.
    assert (time.process_time() - began) / 50 < 0.01


@settings(deadline=None, max_examples=100)
@given(
    st.builds(
        Rule,
        kind=st.sampled_from((Kind.MONTHLY, Kind.YEARLY)),
        interval=st.integers(1, 99),
        day_in_month=st.none() | st.integers(28, 31),
        month_in_year=st.integers(1, 12),
        day_in_year=st.none() | st.just(366),
    ),
    STARTS,
    st.lists(st.integers(-100, 90_000), min_size=4, max_size=4),
)
def test_months_that_lack_the_day_are_counted_right_however_far_off(
    rule: Rule, start: datetime, later: list[int]
) -> None:
    assume(not problems(rule, start))
    everything = list(occurrences(rule, start, GMT))
    for days_later in later:
        after = to_utc(start, GMT) + days_later * 86_400
        expected = [found for found in everything if found.start >= after]
        assert list(occurrences(rule, start, GMT, after=after)) == expected
    assert count(msgspec.structs.replace(rule, expiration=date.max), start) == len(everything)


def test_a_rule_of_no_day_at_all_is_an_empty_series() -> None:
    start = at("2026-05-31 10:00")
    rule = Rule(kind=Kind.YEARLY, month_in_year=2, day_in_month=30, after_meeting_number=3)
    assert list(occurrences(rule, start, GMT, after=0)) == []
    assert count(rule, start) == 0
    assert series_end(rule, start, GMT, 60) == to_utc(start, GMT)
    assert next_occurrence(rule, start, GMT, 60, 0) is None
    assert occurrence_number(rule, start, date(2027, 3, 2)) is None


# --- a series as a sequence ------------------------------------------------------------------------------------------


@given(series(), ZONE_IDS, st.data())
def test_a_stretch_of_a_series_is_that_of_walking_it(
    made: tuple[Rule, datetime], zone_id: int, data: st.DataObject
) -> None:
    rule, start = made
    walked = list(itertools.islice(occurrences(rule, start, zone_id), 60))
    skip = {each.local.date() for each in walked if data.draw(st.integers(0, 4)) == 0}
    instants = st.sampled_from([each.start for each in walked] or [0])
    low = data.draw(st.one_of(st.none(), st.builds(int.__add__, instants, st.integers(-100_000, 100_000))))
    high = data.draw(st.builds(int.__add__, instants, st.integers(-100_000, 100_000)))
    if len(walked) == 60:
        high = min(high, walked[-1].start)
    dates = Dates(rule, start, zone_id, skip)
    kept = [
        (each.number, each.start)
        for each in walked
        if (low is None or low <= each.start) and each.start <= high and each.local.date() not in skip
    ]
    assert list(dates.walk(low, high)) == kept
    assert list(dates.walk(low, high, falling=True)) == kept[::-1]
    assert dates.count(low, high) == len(kept)
    assert all(dates.start_of(number) == begin for number, begin in kept)


def test_a_number_that_a_series_does_not_have_starts_never() -> None:
    dates = Dates(Rule(kind=Kind.DAILY, after_meeting_number=3), at("2035-01-01 09:00"), 20, {date(2035, 1, 2)})
    assert [dates.start_of(number) is None for number in (-1, 0, 1, 2, 3, 4)] == [True, True, False, True, False, True]
    assert dates.count() == 2


def test_a_series_of_no_day_has_no_dates() -> None:
    dates = Dates(Rule(kind=Kind.YEARLY, day_in_month=30, month_in_year=2), at("2035-01-01 09:00"), 20)
    assert (dates.count(), list(dates.walk()), dates.start_of(1), dates.count(0, 1)) == (0, [], None, 0)


def test_an_endless_series_is_counted_to_the_horizon() -> None:
    assert Dates(Rule(kind=Kind.YEARLY), at("2190-05-01 09:00"), 20).count() == 10
    many = Dates(Rule(kind=Kind.YEARLY, after_meeting_number=999), at("2190-05-01 09:00"), 20)
    assert (many.count(), len(list(many.walk())), many.start_of(11)) == (10, 10, None)
