"""When reminders are due: the domain's rule alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.dates import from_stored
from parley.domain.recurrence import NO_REPEAT, Kind, Rule, occurrences
from parley.domain.reminders import (
    USUAL_AHEAD,
    Plan,
    Whom,
    Wish,
    due_at,
    named_ahead,
    next_moment,
    seconds_ahead,
    starts_then,
)
from parley.domain.timezones import to_utc

BERLIN = 25
MONDAY = from_stored("2027-03-22 09:00:00")
START = to_utc(MONDAY, BERLIN)
SINGLE = Plan(MONDAY, BERLIN)
WEEKLY = Plan(MONDAY, BERLIN, Rule(kind=Kind.WEEKLY, interval=1, days=(0,), after_meeting_number=4))
HOUR = Wish(Whom.HOST, 3600)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ((None, None, None), USUAL_AHEAD),
        ((0, 0, 0), USUAL_AHEAD),
        ((1, 2, 3), 86_400 + 7200 + 180),
        ((None, -5, 30), 1800),
        ((10**30, None, None), 366 * 86_400),
    ],
)
def test_how_long_before(said: tuple[int | None, int | None, int | None], seconds: int) -> None:
    assert seconds_ahead(*said) == seconds


def test_named_times() -> None:
    assert [named_ahead(each) for each in ("15MIN", " 24hr ", "14DAY", "1WEEK")] == [900, 86_400, 14 * 86_400, None]


def test_a_single_session_is_reminded_of_once() -> None:
    assert next_moment([HOUR], SINGLE, START - 7200) == START - 3600
    assert next_moment([HOUR], SINGLE, START - 3600) is None
    (due,) = due_at([HOUR], SINGLE, START - 3600)
    assert due == (HOUR, START)
    assert due_at([HOUR], SINGLE, START - 3599) == []
    assert next_moment([], SINGLE, 0) is None


def test_several_wishes_come_in_their_order_and_together_when_they_meet() -> None:
    day, later = Wish(Whom.ATTENDEES, 86_400), Wish(Whom.ATTENDEES, None, START - 3600)
    wishes = [HOUR, day, later]
    assert next_moment(wishes, SINGLE, 0) == START - 86_400
    assert next_moment(wishes, SINGLE, START - 86_400) == START - 3600
    assert due_at(wishes, SINGLE, START - 3600) == [(HOUR, START), (later, START)]


def test_a_moment_after_the_last_start_reminds_nobody() -> None:
    assert next_moment([Wish(Whom.ATTENDEES, None, START + 1)], SINGLE, 0) is None
    assert next_moment([Wish(Whom.ATTENDEES, None, START)], SINGLE, 0) == START


def test_a_series_goes_over_the_change_of_clocks_and_leaves_out_what_is_cancelled() -> None:
    moments = []
    at: int | None = 0
    while at is not None:
        at = next_moment([HOUR], WEEKLY, at)
        moments += [at] if at is not None else []
    week = 7 * 86_400
    # The clocks go forward on 28 March.
    assert moments == [START - 3600 + (number * week) - (3600 if number else 0) for number in range(4)]
    without = WEEKLY._replace(skipped=(date(2027, 3, 29),))
    assert next_moment([HOUR], without, START) == START - 3600 + 2 * week - 3600
    assert not starts_then(without, START + week - 3600)
    assert starts_then(WEEKLY, START + week - 3600)


def test_a_room_that_is_always_open_begins_once() -> None:
    room = Plan(MONDAY, BERLIN, Rule(kind=Kind.CONSTANT, expiration=date(2028, 1, 1)))
    assert next_moment([HOUR], room, 0) == START - 3600
    assert next_moment([HOUR], room, START) is None
    assert starts_then(room, START)


@given(
    ahead=st.integers(1, 40 * 86_400),
    interval=st.integers(1, 5),
    count=st.integers(1, 12),
    weekly=st.booleans(),
    begun=st.integers(-50 * 86_400, 50 * 86_400),
    zone=st.sampled_from((4, 20, 25, 41)),
)
def test_every_occurrence_is_reminded_of_once(
    ahead: int, interval: int, count: int, weekly: bool, begun: int, zone: int
) -> None:
    rule = Rule(kind=Kind.WEEKLY if weekly else Kind.DAILY, interval=interval, days=(0, 3), after_meeting_number=count)
    plan = Plan(MONDAY + timedelta(minutes=7), zone, rule if count > 1 else NO_REPEAT)
    wish = Wish(Whom.HOST, ahead)
    starts = [each.start for each in occurrences(plan.rule, plan.start, zone)]
    after = START + begun
    told = []
    while (moment := next_moment([wish], plan, after)) is not None:
        assert moment > after
        after = moment
        told += [due.starts_at for due in due_at([wish], plan, moment)]
    assert told == [each for each in starts if each - ahead > START + begun]
