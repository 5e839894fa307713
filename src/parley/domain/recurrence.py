"""Recurring sessions: the rules of meet:repeat and the occurrences they make.

The rules follow facts/meeting-event.md, section 2, and facts/holes.md, section 3. An occurrence is a wall-clock time:
it keeps the local time of the start in the session's zone, whatever daylight time does. Nothing is walked day by day:
an occurrence is found by its number or its date by arithmetic, so a far-off one costs what a near one does.

What the facts leave open, as chosen here:

* a start that is on no day of the rule moves to the first such day after it, and intervals count from there;
* weeks begin on Sunday (this matters for every second week and longer);
* several weekdays with a week of the month mean the Kth of all those days of the month, 5 (and -1 and 6, which
  clients and the audio-only type also write) the last one;
* with a day of the month and a week of the month together, the week counts;
* with a number of meetings and an end date together, whichever comes first ends the series;
* 0 meetings means that their number is not limited;
* occurrences that were replaced or cancelled still count in the number of meetings;
* a day that a month does not have is left out, not moved;
* CONSTANT is one occurrence that is open from its start on, to the end of the expiration date or for ever.
"""

from __future__ import annotations

import enum
import functools
from bisect import bisect_left
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from math import gcd
from typing import Final, NamedTuple

import msgspec

from parley.domain.problems import Code, Problem
from parley.domain.timezones import to_local, to_utc

HORIZON: Final = date(2199, 12, 31)
"""No series has an occurrence after this day."""

FOREVER: Final = 7258118400
"""2200-01-01 00:00:00 UTC: the end of what has none, as an instant that can be stored and compared."""

DAY_NAMES: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
"""Values of com:dayOfWeekType by the number of the weekday that Python gives (Monday is 0)."""

LAST_WEEK: Final = 5
"""week_in_month for the last of the month."""

_HORIZON: Final = HORIZON.toordinal()
_WEEK: Final = 7
_MONTHS: Final = 12
_MINUTE: Final = 60
_LEAP_FEBRUARY: Final = 29
_LEAP_YEAR: Final = 366
_SURE_DAYS: Final = 28
"""Every month has at least so many days."""
_LACKING: Final = {29: (1,), 30: (1,), 31: (1, 3, 5, 8, 10)}
"""The months (January is 0) that lack a day; February has its 29th in leap years."""
_MARGIN: Final = 2
"""Days by which a local date and the date in GMT differ at most, daylight time included."""


class Kind(enum.StrEnum):
    """Values of meet:repeatTypeType."""

    NO_REPEAT = "NO_REPEAT"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"
    CONSTANT = "CONSTANT"


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a session recurs, as given in a request; None and () stand for what was not given.

    `days` holds weekdays as numbers (Monday is 0, see `DAY_NAMES`). `day_in_year` is deprecated and still understood.
    `expiration` is the last day on which an occurrence may start. Fields that a kind has no use for are ignored.
    """

    kind: Kind = Kind.NO_REPEAT
    interval: int | None = None
    days: tuple[int, ...] = ()
    day_in_month: int | None = None
    week_in_month: int | None = None
    month_in_year: int | None = None
    day_in_year: int | None = None
    after_meeting_number: int | None = None
    expiration: date | None = None


NO_REPEAT: Final = Rule()


class Occurrence(NamedTuple):
    """One meeting of a series: its number from 1 on, its wall-clock start, and its start as UTC epoch seconds."""

    number: int
    local: datetime
    start: int


def weekdays(names: Collection[str]) -> tuple[int, ...]:
    """The numbers of weekdays given by their API names, ascending and each once; ValueError for an unknown name."""
    unknown = [name for name in names if name not in DAY_NAMES]
    if unknown:
        raise ValueError(f"no weekday: {unknown[0][:20]!r}")
    return tuple(sorted({DAY_NAMES.index(name) for name in names}))


# --- rules -----------------------------------------------------------------------------------------------------------


def normalised(rule: Rule, start: datetime) -> Rule:
    """`rule` with everything said: defaults taken from the first start, and what its kind does not use left out.

    DAILY with weekdays is every listed weekday; WEEKLY without weekdays is the weekday of the start; MONTHLY and YEARLY
    without a day fall on the day of the start, with a week or weekdays alone on the other part of the start's
    (facts/meeting-event.md, section 2). To be called with a rule that has no `problems`.
    """
    if rule.kind is Kind.NO_REPEAT:
        return NO_REPEAT
    if rule.kind is Kind.CONSTANT:
        return Rule(kind=Kind.CONSTANT, expiration=rule.expiration)
    days: tuple[int, ...] = tuple(sorted(set(rule.days)))
    day = week = month = day_in_year = None
    if rule.kind is Kind.WEEKLY:
        days = days or (start.weekday(),)
    elif rule.kind is Kind.YEARLY and rule.day_in_year and not _by_week(rule) and not rule.day_in_month:
        day_in_year, days = rule.day_in_year, ()
    elif rule.kind in (Kind.MONTHLY, Kind.YEARLY):
        month = (rule.month_in_year or start.month) if rule.kind is Kind.YEARLY else None
        if _by_week(rule):
            week = _week(rule.week_in_month) if rule.week_in_month else (start.day - 1) // _WEEK + 1
            days = days or (start.weekday(),)
        else:
            day, days = rule.day_in_month or start.day, ()
    return Rule(
        kind=rule.kind,
        interval=rule.interval or 1,
        days=days,
        day_in_month=day,
        week_in_month=week,
        month_in_year=month,
        day_in_year=day_in_year,
        after_meeting_number=rule.after_meeting_number or None,
        expiration=rule.expiration,
    )


def _by_week(rule: Rule) -> bool:
    """Whether a monthly or yearly rule goes by the weeks of the month. Weekdays beside a day of the month do not."""
    return bool(rule.week_in_month or (rule.days and not rule.day_in_month))


def _week(given: int) -> int:
    """The week of the month that was meant: -1 and 6 are other ways to write the last."""
    return LAST_WEEK if given in (-1, 6) else given


_RANGES: Final = (
    ("interval", 1, 99),
    ("day_in_month", 1, 31),
    ("week_in_month", 1, 5),
    ("month_in_year", 1, 12),
    ("day_in_year", 1, 366),
    ("after_meeting_number", 0, 999),
)

_USED: Final[dict[Kind, frozenset[str]]] = {
    Kind.NO_REPEAT: frozenset(),
    Kind.CONSTANT: frozenset(),
    Kind.DAILY: frozenset({"interval", "after_meeting_number"}),
    Kind.WEEKLY: frozenset({"interval", "after_meeting_number"}),
    Kind.MONTHLY: frozenset({"interval", "after_meeting_number", "day_in_month", "week_in_month"}),
    Kind.YEARLY: frozenset(field for field, _, _ in _RANGES),
}


def problems(rule: Rule, start: datetime) -> list[Problem]:
    """What is wrong with a rule for a series that starts at `start`; an empty list when nothing is.

    Each number must be in its range (facts/meeting-event.md, section 2), the day must exist in some year, and the
    expiration date must not lie before the first occurrence. Fields that the kind does not use are not looked at.
    """
    used = _USED[rule.kind]
    found = [
        Problem(field, Code.RANGE, low, high)
        for field, low, high in _RANGES
        if field in used and not _in_range(field, getattr(rule, field), low, high)
    ]
    if any(not 0 <= day < _WEEK for day in rule.days):
        found.append(Problem("day_in_week", Code.RANGE))
    if found:
        return found
    series = _series(normalised(rule, start), start.date())
    if series.days is None:
        return [Problem("day_in_month", Code.NEVER)]
    if series.stop == 0 or (rule.kind is Kind.CONSTANT and rule.expiration and rule.expiration < start.date()):
        return [Problem("expiration_date", Code.EARLY)]
    return []


def _in_range(field: str, value: int | None, low: int, high: int) -> bool:
    if value is None:
        return True
    if field == "week_in_month":
        value = _week(value)
    return low <= value <= high


# --- days of a series ------------------------------------------------------------------------------------------------


class _ByDays:
    """Days that come again every `period` days, at the given offsets into the period."""

    __slots__ = ("base", "lead", "offsets", "period")

    def __init__(self, base: int, period: int, offsets: tuple[int, ...], first: int) -> None:
        self.base, self.period, self.offsets = base, period, offsets
        self.lead = bisect_left(offsets, first - base)

    def at(self, index: int) -> int | None:
        """The ordinal of the day with this index (from 0), None beyond the horizon."""
        periods, place = divmod(index + self.lead, len(self.offsets))
        ordinal = self.base + periods * self.period + self.offsets[place]
        return ordinal if ordinal <= _HORIZON else None

    def index_from(self, ordinal: int) -> int:
        """The index of the first day on or after an ordinal."""
        periods, rest = divmod(ordinal - self.base, self.period)
        return max(0, periods * len(self.offsets) + bisect_left(self.offsets, rest) - self.lead)

    def since(self, index: int) -> Iterator[int]:
        """The days from an index on."""
        while (ordinal := self.at(index)) is not None:
            yield ordinal
            index += 1


class _ByMonths:
    """One day in every `step` months, from a first month on; months that lack the day are left out.

    Months are counted from year 0: year * 12 + month - 1. A place is a number of steps from the first month.
    """

    __slots__ = ("month", "places", "rule", "step")

    def __init__(self, rule: Rule, month: int, step: int) -> None:
        self.rule, self.month, self.step = rule, month, step
        self.places = range((((HORIZON.year + 1) * _MONTHS - 1 - month) // step) + 1)
        """The places up to the horizon."""

    def at(self, index: int) -> int | None:
        """The ordinal of the day with this index (from 0), None beyond the horizon."""
        return next(self.since(index), None)

    def index_from(self, ordinal: int) -> int:
        """The index of the first day on or after an ordinal."""
        day = date.fromordinal(min(max(ordinal, 1), _HORIZON))
        place = max(0, (day.year * _MONTHS + day.month - 1 - self.month) // self.step)
        index = self._before(place)
        found = next(self._days(place), None)
        # Only the day at this place itself can still be before the ordinal.
        return index + 1 if found is not None and found < ordinal else index

    def since(self, index: int) -> Iterator[int]:
        """The days from an index on."""
        # The place with so many days before it: the first after which one more has been.
        return self._days(bisect_left(self.places, index + 1, key=lambda place: self._before(place + 1)))

    def _days(self, place: int) -> Iterator[int]:
        """The days from a place on, to the horizon."""
        for month in range(self.month + place * self.step, self.month + len(self.places) * self.step, self.step):
            ordinal = _day_of(self.rule, month)
            if ordinal is not None:
                yield ordinal

    def _before(self, place: int) -> int:
        """How many of the first places have the day; without looking at each."""
        rule = self.rule
        if rule.day_in_year == _LEAP_YEAR:
            return self._leap(0, place)
        if rule.day_in_month is None or rule.day_in_month <= _SURE_DAYS:
            return place
        lacking = sum(self._hits(month, _MONTHS, place) for month in _LACKING[rule.day_in_month])
        return place - lacking + (self._leap(1, place) if rule.day_in_month == _LEAP_FEBRUARY else 0)

    def _leap(self, month: int, place: int) -> int:
        """How many of the first places fall on a month (January is 0) of a leap year."""
        return (
            self._hits(month, 4 * _MONTHS, place)
            - self._hits(month, 100 * _MONTHS, place)
            + self._hits(month, 400 * _MONTHS, place)
        )

    def _hits(self, month: int, modulus: int, place: int) -> int:
        """How many of the first places fall on a month that is `month` modulo `modulus`."""
        away = month - self.month
        common = gcd(self.step, modulus)
        if away % common:
            return 0
        every = modulus // common
        first = away // common * pow(self.step // common, -1, every) % every
        return max(0, (place - first + every - 1) // every)


def _day_of(rule: Rule, month: int) -> int | None:
    """The ordinal of the rule's day in a month (counted from year 0), None when the month does not have it."""
    year, month = divmod(month, _MONTHS)
    first = date(year, month + 1, 1).toordinal()
    if rule.day_in_year is not None:
        return first + rule.day_in_year - 1 if rule.day_in_year <= 365 + _leap(year) else None
    length = _length(year, month)
    if rule.week_in_month is not None:
        days = _days_of_week(first, length, rule.days)
        return days[-1] if rule.week_in_month == LAST_WEEK else days[rule.week_in_month - 1]
    day = rule.day_in_month or 1
    return first + day - 1 if day <= length else None


_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _length(year: int, month: int) -> int:
    """Days in a month, January being 0."""
    return _LEAP_FEBRUARY if month == 1 and _leap(year) else _LENGTHS[month]


def _days_of_week(first: int, length: int, days: tuple[int, ...]) -> list[int]:
    """All ordinals of a month, given by its first day and length, that are on one of the weekdays."""
    # Day 1 of the calendar was a Monday.
    return [ordinal for ordinal in range(first, first + length) if (ordinal - 1) % _WEEK in days]


# --- series ----------------------------------------------------------------------------------------------------------


class _Series:
    """The days of a rule from a first start on: `days` (None when there is none), and the index that is not reached."""

    __slots__ = ("days", "endless", "stop")

    def __init__(self, days: _ByDays | _ByMonths | None, rule: Rule) -> None:
        self.days = days
        self.endless = rule.after_meeting_number is None and rule.expiration is None
        stop: int | None = rule.after_meeting_number
        if days is not None and rule.expiration is not None:
            until = days.index_from(min(rule.expiration.toordinal(), _HORIZON) + 1)
            stop = until if stop is None else min(stop, until)
        self.stop = stop

    def since(self, index: int) -> Iterator[tuple[int, int]]:
        """Indexes and ordinals from an index on, to the end of the series."""
        if self.days is None or (self.stop is not None and index >= self.stop):
            return
        for ordinal in self.days.since(index):
            yield index, ordinal
            index += 1
            if self.stop is not None and index >= self.stop:
                return


@functools.lru_cache(maxsize=512)
def _series(rule: Rule, start: date) -> _Series:
    """The series of a normalised rule. Cached, because lists and rolling ask for the same series again."""
    first = start.toordinal()
    if rule.kind is Kind.DAILY:
        return _Series(_daily(rule, first), rule)
    if rule.kind is Kind.WEEKLY:
        return _Series(_weekly(rule, first), rule)
    if rule.kind in (Kind.MONTHLY, Kind.YEARLY):
        return _Series(_monthly(rule, start, first), rule)
    return _Series(_ByDays(first, 1, (0,), first), Rule(kind=rule.kind, after_meeting_number=1))


def _first_on(days: tuple[int, ...], ordinal: int) -> int:
    """The first ordinal on or after the given one that is on one of the weekdays."""
    return next(day for day in range(ordinal, ordinal + _WEEK) if (day - 1) % _WEEK in days)


def _daily(rule: Rule, first: int) -> _ByDays:
    interval = rule.interval or 1
    if not rule.days:
        return _ByDays(first, interval, (0,), first)
    first = _first_on(rule.days, first)
    offsets = tuple(step for step in range(0, _WEEK * interval, interval) if (first + step - 1) % _WEEK in rule.days)
    return _ByDays(first, _WEEK * interval, offsets, first)


def _weekly(rule: Rule, first: int) -> _ByDays:
    first = _first_on(rule.days, first)
    sunday = first - first % _WEEK
    offsets = tuple(sorted((day + 1) % _WEEK for day in rule.days))
    return _ByDays(sunday, _WEEK * (rule.interval or 1), offsets, first)


def _monthly(rule: Rule, start: date, first: int) -> _ByMonths | None:
    """The days of a MONTHLY or YEARLY rule: None when no month has the day."""
    step, month = 1, start.month - 1
    if rule.kind is Kind.YEARLY:
        step = _MONTHS
        month = 0 if rule.day_in_year is not None else (rule.month_in_year or 1) - 1
    candidates = range(start.year * _MONTHS + month, (HORIZON.year + 1) * _MONTHS, step)
    for candidate in candidates:
        ordinal = _day_of(rule, candidate)
        if ordinal is not None and ordinal >= first:
            return _ByMonths(rule, candidate, step * (rule.interval or 1))
    return None


# --- what others ask -------------------------------------------------------------------------------------------------


def occurrences(
    rule: Rule,
    start: datetime,
    zone_id: int,
    *,
    after: int | None = None,
    limit: int | None = None,
    skip: Collection[date] = (),
) -> Iterator[Occurrence]:
    """The occurrences of a series in order, one by one as they are asked for.

    `start` is the wall-clock start in the zone. With `after` (UTC epoch seconds) those that start at or after it, with
    `limit` so many at most. `skip` holds the local dates of occurrences that were replaced or cancelled; they keep
    their number but do not come out. An endless series goes to HORIZON. Raises UnknownZoneError.
    """
    series = _series(normalised(rule, start), start.date())
    index = 0
    if after is not None and series.days is not None:
        index = series.days.index_from(_day_before(after, zone_id))
    at = start.time()
    for place, ordinal in series.since(index):
        if limit is not None and limit <= 0:
            return
        day = date.fromordinal(ordinal)
        if day in skip:
            continue
        local = datetime.combine(day, at)
        instant = to_utc(local, zone_id)
        if after is not None and instant < after:
            continue
        if limit is not None:
            limit -= 1
        yield Occurrence(place + 1, local, instant)


def _day_before(instant: int, zone_id: int) -> int:
    """An ordinal that is certainly not after the local date of an instant, for instants of all sizes."""
    earliest, latest = -2208988800, FOREVER  # 1900 to the horizon
    local = to_local(min(max(instant, earliest), latest), zone_id)
    return local.toordinal() - _MARGIN


def next_occurrence(
    rule: Rule, start: datetime, zone_id: int, duration: int, now: int, *, skip: Collection[date] = ()
) -> tuple[int, int] | None:
    """Start and end (UTC epoch seconds) of the first occurrence that has not ended at `now`; None after the last.

    `duration` is in minutes; an occurrence that ends at `now` has ended. A CONSTANT session is one occurrence from its
    start to the end of its expiration date, or to FOREVER.
    """
    if rule.kind is Kind.CONSTANT:
        begin, end = to_utc(start, zone_id), _constant_end(rule, zone_id)
        return (begin, end) if end > now else None
    length = duration * _MINUTE
    for found in occurrences(rule, start, zone_id, after=now - length + 1, limit=1, skip=skip):
        return found.start, found.start + length
    return None


def _constant_end(rule: Rule, zone_id: int) -> int:
    """When a CONSTANT session closes."""
    if rule.expiration is None or rule.expiration >= HORIZON:
        return FOREVER
    return to_utc(datetime.combine(rule.expiration + timedelta(days=1), time()), zone_id)


def is_endless(rule: Rule) -> bool:
    """Whether a series has neither a number of meetings nor an expiration date."""
    if rule.kind is Kind.NO_REPEAT:
        return False
    return rule.expiration is None and (rule.kind is Kind.CONSTANT or not rule.after_meeting_number)


def series_end(rule: Rule, start: datetime, zone_id: int, duration: int, *, skip: Collection[date] = ()) -> int | None:
    """End (UTC epoch seconds) of the last occurrence; None when the series is endless.

    A series of which every occurrence is skipped has ended when it would have begun: its start comes out.
    """
    if is_endless(rule):
        return None
    if rule.kind is Kind.CONSTANT:
        return _constant_end(rule, zone_id)
    series = _series(normalised(rule, start), start.date())
    ordinal = _last_day(series, skip)
    if ordinal is None:
        return to_utc(start, zone_id)
    return to_utc(datetime.combine(date.fromordinal(ordinal), start.time()), zone_id) + duration * _MINUTE


def _last_day(series: _Series, skip: Collection[date]) -> int | None:
    """The ordinal of the last day of a series that is not skipped."""
    days = series.days
    if days is None or series.stop is None:
        return None
    for index in range(min(series.stop, days.index_from(_HORIZON + 1)) - 1, -1, -1):
        ordinal = days.at(index)
        if ordinal is not None and date.fromordinal(ordinal) not in skip:
            return ordinal
    return None


def count(rule: Rule, start: datetime, *, skip: Collection[date] = ()) -> int | None:
    """How many occurrences a series has, without the skipped ones; None when it is endless."""
    if is_endless(rule):
        return None
    series = _series(normalised(rule, start), start.date())
    if series.days is None or series.stop is None:
        return 0
    total = min(series.stop, series.days.index_from(_HORIZON + 1))
    return total - sum(1 for day in set(skip) if _number_on(series, day))


def occurrence_number(rule: Rule, start: datetime, day: date) -> int | None:
    """The number (from 1) of the occurrence on a local date, None when the series has none then."""
    return _number_on(_series(normalised(rule, start), start.date()), day)


def _number_on(series: _Series, day: date) -> int | None:
    """The number of the occurrence on a day, or None."""
    if series.days is None:
        return None
    index = series.days.index_from(day.toordinal())
    if series.stop is not None and index >= series.stop:
        return None
    return index + 1 if series.days.at(index) == day.toordinal() else None
