"""When a session takes place."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.domain.problems import Code, Problem
from parley.domain.recurrence import FOREVER, NO_REPEAT, Kind, Rule
from parley.domain.schedule import (
    LONGEST_OPEN_TIME,
    PAST_GRACE,
    UNLIMITED,
    Asked,
    Defaults,
    Schedule,
    defaults_of,
    settle,
)
from parley.domain.timezones import GMT, ZONES, to_utc

BERLIN, NEW_YORK = 25, 11
NOW = int(datetime(2026, 6, 1, 8, 0, 30, tzinfo=UTC).timestamp())
DEFAULTS = Defaults(time_zone_id=BERLIN, duration=45, open_time=900, longest=1440)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def good(asked: Asked, defaults: Defaults = DEFAULTS, current: Schedule | None = None) -> Schedule:
    schedule, problems = settle(asked, defaults, NOW, current=current)
    assert problems == []
    assert schedule is not None
    return schedule


def bad(asked: Asked, defaults: Defaults = DEFAULTS, current: Schedule | None = None) -> list[Problem]:
    schedule, problems = settle(asked, defaults, NOW, current=current)
    assert schedule is None
    return problems


CURRENT = Schedule(start=at("2026-07-01 09:00"), time_zone_id=NEW_YORK, duration=30, open_time=600)


def test_what_a_request_leaves_out_is_taken_from_the_defaults() -> None:
    assert good(Asked(start=at("2026-06-02 10:00"))) == Schedule(
        start=at("2026-06-02 10:00"), time_zone_id=BERLIN, duration=45, open_time=900, rule=NO_REPEAT
    )


def test_an_immediate_meeting_starts_this_minute() -> None:
    schedule = good(Asked())
    assert schedule.start == at("2026-06-01 10:00:00")
    assert schedule.starts_at == NOW - 30


def test_what_a_change_leaves_out_stays() -> None:
    assert good(Asked(), current=CURRENT) == CURRENT
    assert good(Asked(duration=90), current=CURRENT) == Schedule(
        start=CURRENT.start, time_zone_id=NEW_YORK, duration=90, open_time=600
    )
    weekly = Rule(kind=Kind.WEEKLY)
    changed = good(Asked(rule=weekly, time_zone_id=BERLIN, open_time=0), current=CURRENT)
    assert (changed.rule, changed.time_zone_id, changed.open_time) == (weekly, BERLIN, 0)
    assert good(Asked(duration=60), current=changed).rule == weekly
    assert good(Asked(rule=NO_REPEAT), current=changed).rule == NO_REPEAT


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), BERLIN),
        (Asked(time_zone_id=-1), BERLIN),
        (Asked(time_zone_id=0), 0),
        (Asked(time_zone_id=62), 3),
        (Asked(time_zone="GMT-05:00, Eastern (New York)"), NEW_YORK),
        (Asked(time_zone_id=-1, time_zone="GMT-05:00, Eastern (New York)"), NEW_YORK),
        (Asked(time_zone_id=45, time_zone="GMT-05:00, Eastern (New York)"), 45),
        (Asked(time_zone=""), BERLIN),
    ],
)
def test_the_zone_of_a_request(asked: Asked, expected: int) -> None:
    assert good(asked).time_zone_id == expected


def test_an_unknown_zone_is_told() -> None:
    assert bad(Asked(time_zone_id=999)) == [Problem("time_zone_id", Code.UNKNOWN)]
    assert bad(Asked(time_zone="Mars")) == [Problem("time_zone", Code.UNKNOWN)]


@pytest.mark.parametrize("duration", [1, 60, 1440])
def test_durations_within_the_limit(duration: int) -> None:
    assert good(Asked(duration=duration)).duration == duration


def test_durations_beyond_the_limit() -> None:
    for duration in (0, -5, UNLIMITED + 1, 10**18):
        assert bad(Asked(duration=duration)) == [Problem("duration", Code.RANGE, 1, 1440)]
    assert bad(Asked(duration=1441)) == [Problem("duration", Code.LIMIT, 1, 1440)]
    assert bad(Asked(duration=UNLIMITED)) == [Problem("duration", Code.LIMIT, 1, 1440)]


def test_a_type_without_limit_takes_the_longest_duration() -> None:
    assert good(Asked(duration=UNLIMITED), Defaults()).duration == UNLIMITED
    assert bad(Asked(duration=UNLIMITED + 1), Defaults()) == [Problem("duration", Code.RANGE, 1, UNLIMITED)]


def test_opening_times() -> None:
    for seconds in (0, 15, LONGEST_OPEN_TIME):
        assert good(Asked(open_time=seconds)).open_time == seconds
    for seconds in (-1, LONGEST_OPEN_TIME + 1):
        assert bad(Asked(open_time=seconds)) == [Problem("open_time", Code.RANGE, 0, LONGEST_OPEN_TIME)]


def test_a_start_in_the_past() -> None:
    past = Problem("start_date", Code.PAST)
    assert bad(Asked(start=at("2026-06-01 09:00"))) == [past]
    assert bad(Asked(start=at("2026-06-01 09:55:29"))) == [past]
    assert good(Asked(start=at("2026-06-01 09:55:30"))).starts_at == NOW - PAST_GRACE
    # The same wall-clock time is still to come further west.
    assert good(Asked(start=at("2026-06-01 09:00"), time_zone_id=NEW_YORK)).starts_at > NOW


def test_a_start_outside_of_the_calendar() -> None:
    expected = [Problem("start_date", Code.RANGE, 1970, 2050)]
    assert bad(Asked(start=at("1969-12-31 23:00"))) == expected
    assert bad(Asked(start=at("2051-01-01 00:00"))) == expected
    assert good(Asked(start=at("2050-12-31 23:59"))).start.year == 2050


def test_a_meeting_that_has_begun_can_be_changed_but_not_moved_into_the_past() -> None:
    begun = Schedule(start=at("2026-05-01 09:00"), time_zone_id=BERLIN, duration=30, open_time=0)
    assert good(Asked(duration=60), current=begun).duration == 60
    assert good(Asked(start=begun.start, time_zone_id=BERLIN), current=begun) == begun
    assert bad(Asked(start=at("2026-05-02 09:00")), current=begun) == [Problem("start_date", Code.PAST)]


def test_a_series_may_have_begun_but_not_be_over() -> None:
    start = at("2026-05-01 09:00")
    assert good(Asked(start=start, rule=Rule(kind=Kind.DAILY))).is_recurring
    running = Rule(kind=Kind.DAILY, expiration=date(2026, 6, 2))
    assert good(Asked(start=start, rule=running)).upcoming(NOW) == (NOW + 86_400 - 3630, NOW + 86_400 - 930)
    over = Rule(kind=Kind.DAILY, after_meeting_number=3)
    assert bad(Asked(start=start, rule=over)) == [Problem("start_date", Code.PAST)]
    room = good(Asked(start=start, rule=Rule(kind=Kind.CONSTANT)))
    assert room.upcoming(NOW) == (to_utc(start, BERLIN), FOREVER)


def test_all_problems_are_told_at_once() -> None:
    asked = Asked(start=at("2060-01-01"), time_zone_id=99, duration=0, open_time=-1)
    assert [problem.field for problem in bad(asked)] == ["time_zone_id", "duration", "open_time", "start_date"]


def test_problems_of_the_rule_are_told() -> None:
    asked = Asked(start=at("2026-06-02 10:00"), rule=Rule(kind=Kind.DAILY, interval=0))
    assert bad(asked) == [Problem("interval", Code.RANGE, 1, 99)]


def test_the_end_of_a_schedule() -> None:
    schedule = good(Asked(start=at("2026-06-02 10:00"), duration=60))
    assert not schedule.is_recurring
    assert schedule.ends_at() == schedule.starts_at + 3600
    assert good(Asked(rule=Rule(kind=Kind.WEEKLY))).ends_at() is None


def test_defaults_come_from_the_user_before_the_site() -> None:
    assert defaults_of(user_zone=BERLIN, site_zone=4).time_zone_id == BERLIN
    assert defaults_of(user_zone=-1, site_zone=4).time_zone_id == 4
    assert defaults_of(user_zone=None, site_zone=4).time_zone_id == 4
    assert defaults_of(user_zone=999, site_zone=999).time_zone_id == GMT
    plain = defaults_of(user_zone=None, site_zone=4)
    assert (plain.duration, plain.open_time, plain.longest) == (60, 0, UNLIMITED)


def test_a_default_duration_keeps_the_limit_of_the_type() -> None:
    short = defaults_of(user_zone=None, site_zone=4, duration=60, open_time=300, longest=40)
    assert (short.duration, short.open_time, short.longest) == (40, 300, 40)
    assert defaults_of(user_zone=None, site_zone=4, longest=0).longest == UNLIMITED


@settings(deadline=None, max_examples=300)
@given(
    st.builds(
        Asked,
        start=st.none() | st.datetimes(),
        time_zone_id=st.none() | st.integers(-2, 200) | st.integers(),
        time_zone=st.none() | st.text(max_size=20),
        duration=st.none() | st.integers(),
        open_time=st.none() | st.integers(),
        rule=st.none()
        | st.builds(
            Rule,
            kind=st.sampled_from(Kind),
            interval=st.none() | st.integers(),
            days=st.lists(st.integers(), max_size=9).map(tuple),
            day_in_month=st.none() | st.integers(),
            week_in_month=st.none() | st.integers(),
            month_in_year=st.none() | st.integers(),
            day_in_year=st.none() | st.integers(),
            after_meeting_number=st.none() | st.integers(),
            expiration=st.none() | st.dates(),
        ),
    )
)
def test_whatever_is_asked_for_is_settled_or_told(asked: Asked) -> None:
    schedule, problems = settle(asked, DEFAULTS, NOW)
    assert (schedule is None) == bool(problems)
    if schedule is not None:
        assert schedule.time_zone_id in ZONES
        assert 1970 <= schedule.start.year <= 2050
        assert 0 < schedule.duration <= 1440
        assert schedule.starts_at < FOREVER
