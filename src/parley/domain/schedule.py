"""When a session takes place: start, zone, duration and opening time, with what is taken when a request is silent.

Facts: facts/meeting-event.md, sections 1 (defaults) and 3 (zones); facts/user-site.md, section 8 (limits);
facts/holes.md, section 1. What they leave open, as chosen here:

* an empty start is now, floored to the minute; a start counts as past when it lies more than five minutes back, so that
  clocks which differ a little and slow requests do no harm. A change that keeps the start is always allowed, and so is
  a series that still has an occurrence to come;
* with both a zone's id and its text the id counts, unless it is -1 (the user's own zone);
* a duration above the session type's limit is refused, not cut;
* an opening time is seconds before the start, stored as given, a day at most.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from parley.domain.dates import EARLIEST_YEAR, LATEST_YEAR
from parley.domain.problems import Code, Problem
from parley.domain.recurrence import (
    NO_REPEAT,
    Kind,
    Rule,
    is_endless,
    next_occurrence,
    says_the_same,
    series_end,
    unchanged,
)
from parley.domain.recurrence import problems as rule_problems
from parley.domain.timezones import GMT, known_zone_id, to_local, to_utc, zone_id_for_text

UNLIMITED: Final = 999_999
"""The limit of a session type that has none, and the longest duration in minutes (facts/holes.md, section 1)."""

USUAL_DURATION: Final = 60
"""Minutes of a meeting whose request names no duration (facts/meeting-event.md, section 1)."""

LONGEST_OPEN_TIME: Final = 86_400
"""Seconds before the start at which a session may open at the earliest."""

PAST_GRACE: Final = 300
"""Seconds by which a start may lie in the past."""

_MINUTE: Final = 60


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says about the schedule; None is what it does not say.

    `duration` in minutes, `open_time` in seconds, `start` as wall-clock time in the zone. `time_zone_id` -1 is the same
    as None. `time_zone` is the zone's text.
    """

    start: datetime | None = None
    time_zone_id: int | None = None
    time_zone: str | None = None
    duration: int | None = None
    open_time: int | None = None
    rule: Rule | None = None


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A settled schedule: wall-clock start in the zone, minutes, seconds, and the rule of recurrence as given."""

    start: datetime
    time_zone_id: int
    duration: int
    open_time: int
    rule: Rule = NO_REPEAT

    @property
    def starts_at(self) -> int:
        """The first start as UTC epoch seconds."""
        return to_utc(self.start, self.time_zone_id)

    @property
    def is_recurring(self) -> bool:
        """Whether there is more than one time to meet by rule."""
        return self.rule.kind is not Kind.NO_REPEAT

    def upcoming(self, now: int) -> tuple[int, int] | None:
        """Start and end (UTC epoch seconds) of the occurrence that runs at `now` or comes next; None after the last."""
        return next_occurrence(self.rule, self.start, self.time_zone_id, self.duration, now)

    def ends_at(self) -> int | None:
        """End of the last occurrence (UTC epoch seconds), None for an endless series."""
        return series_end(self.rule, self.start, self.time_zone_id, self.duration)


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What holds where a request is silent: of the user who hosts, else of the site.

    `longest` is maxMeetingDuration of the session type in minutes; UNLIMITED for none.
    """

    time_zone_id: int = GMT
    duration: int = USUAL_DURATION
    open_time: int = 0
    longest: int = UNLIMITED


def defaults_of(
    *,
    user_zone: int | None,
    site_zone: int,
    duration: int | None = None,
    open_time: int | None = None,
    longest: int | None = None,
) -> Defaults:
    """Defaults from the settings of user and site: the user's zone before the site's; None and -1 are not set.

    A default duration longer than the session type allows is cut to what it allows.
    """
    zone = known_zone_id(user_zone) if user_zone is not None else None
    if zone is None:
        zone = known_zone_id(site_zone)
    most = UNLIMITED if longest is None or not 0 < longest <= UNLIMITED else longest
    return Defaults(
        time_zone_id=GMT if zone is None else zone,
        duration=min(duration or USUAL_DURATION, most),
        open_time=open_time or 0,
        longest=most,
    )


def settle(
    asked: Asked, defaults: Defaults, now: int, *, current: Schedule | None = None
) -> tuple[Schedule | None, list[Problem]]:
    """The schedule that a request makes, or what is wrong with it (then no schedule comes out).

    `now` is UTC epoch seconds. `current` is the schedule so far when a session is changed: what the request does not
    say stays as it is (facts/meeting-event.md, section 1, SetMeeting). All problems are told at once.
    """
    zone, found = _zone(asked, current.time_zone_id if current else defaults.time_zone_id)
    start, rule = _when(asked, current, _floored(now, zone))
    schedule = Schedule(
        start=start,
        time_zone_id=zone,
        duration=_given(asked.duration, current.duration if current else defaults.duration),
        open_time=_given(asked.open_time, current.open_time if current else defaults.open_time),
        rule=rule,
    )
    found += _check_duration(asked, defaults)
    if not 0 <= schedule.open_time <= LONGEST_OPEN_TIME:
        found.append(Problem("open_time", Code.RANGE, 0, LONGEST_OPEN_TIME))
    if not EARLIEST_YEAR <= start.year <= LATEST_YEAR:
        found.append(Problem("start_date", Code.RANGE, EARLIEST_YEAR, LATEST_YEAR))
    elif not found:
        found += rule_problems(schedule.rule, start)
        if not found and _is_past(schedule, now) and not _same_times(schedule, current):
            found.append(Problem("start_date", Code.PAST))
    return (None, found) if found else (schedule, [])


def _when(asked: Asked, current: Schedule | None, now: datetime) -> tuple[datetime, Rule]:
    """First start and rule.

    Occurrences that take place otherwise stay so as long as neither is changed: with another start or another rule
    the series is made anew.
    """
    if current is None:
        return asked.start or now, asked.rule or NO_REPEAT
    start = asked.start or current.start
    if asked.rule is None:
        return start, current.rule if start == current.start else unchanged(current.rule)
    if not says_the_same(asked.rule, current.rule, current.start):
        return start, asked.rule
    if asked.rule.kind is Kind.IRREGULARLY:
        return current.start, current.rule  # the list of starts says both
    return start, current.rule if start == current.start else asked.rule


def _given(asked: int | None, otherwise: int) -> int:
    return otherwise if asked is None else asked


def _zone(asked: Asked, otherwise: int) -> tuple[int, list[Problem]]:
    """The zone that is asked for: id before text, neither is `otherwise`."""
    if asked.time_zone_id is not None and asked.time_zone_id != -1:
        known = known_zone_id(asked.time_zone_id)
        return (otherwise, [Problem("time_zone_id", Code.UNKNOWN)]) if known is None else (known, [])
    if asked.time_zone:
        known = zone_id_for_text(asked.time_zone)
        return (otherwise, [Problem("time_zone", Code.UNKNOWN)]) if known is None else (known, [])
    return otherwise, []


def _floored(now: int, zone_id: int) -> datetime:
    """Now in the zone, without seconds."""
    return to_local(now - now % _MINUTE, zone_id)


def _check_duration(asked: Asked, defaults: Defaults) -> list[Problem]:
    """A duration that is asked for must be at least a minute and within the limit of the session type."""
    if asked.duration is None:
        return []
    if not 0 < asked.duration <= UNLIMITED:
        return [Problem("duration", Code.RANGE, 1, defaults.longest)]
    if asked.duration > defaults.longest:
        return [Problem("duration", Code.LIMIT, 1, defaults.longest)]
    return []


def _is_past(schedule: Schedule, now: int) -> bool:
    """Whether a single session starts, or a series ends, in the past."""
    if schedule.rule.kind is Kind.NO_REPEAT:
        return schedule.starts_at < now - PAST_GRACE
    return not is_endless(schedule.rule) and schedule.upcoming(now) is None


def _same_times(schedule: Schedule, current: Schedule | None) -> bool:
    """Whether a change leaves start, zone and recurrence as they are."""
    return current is not None and (schedule.start, schedule.time_zone_id, schedule.rule) == (
        current.start,
        current.time_zone_id,
        current.rule,
    )
