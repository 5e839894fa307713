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
* CONSTANT is one occurrence that is open from its start on, to the end of the expiration date or for ever;
* IRREGULARLY, which trainings have, is a list of starts; there is one occurrence a day at most, which holds for
  occurrences that were moved too. A moved or cancelled occurrence keeps its number.
"""

from __future__ import annotations

import enum
import functools
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
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
    """Values of meet:repeatTypeType, and of train:occurentTypeType."""

    NO_REPEAT = "NO_REPEAT"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"
    CONSTANT = "CONSTANT"
    IRREGULARLY = "IRREGULARLY"


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """An occurrence that does not take place as its rule says: its number and its wall-clock start; None: cancelled."""

    number: int
    start: datetime | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a session recurs, as given in a request; None and () stand for what was not given.

    `days` holds weekdays as numbers (Monday is 0, see `DAY_NAMES`). `day_in_year` is deprecated and still understood.
    `expiration` is the last day on which an occurrence may start. `starts` are the wall-clock starts of an irregular
    series, numbered in their order; `changes` are occurrences that take place otherwise, by ascending number. Fields
    that a kind has no use for are ignored.
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
    starts: tuple[datetime, ...] = ()
    changes: tuple[Change, ...] = ()


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
    if rule.kind is Kind.IRREGULARLY:
        return Rule(kind=Kind.IRREGULARLY, starts=tuple(sorted(rule.starts)), changes=rule.changes)
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
        changes=rule.changes,
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
    Kind.IRREGULARLY: frozenset(),
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
    if rule.kind is Kind.IRREGULARLY:
        return _problems_of_starts(rule)
    series = _series(normalised(rule, start), start.date())
    if series.days is None:
        return [Problem("day_in_month", Code.NEVER)]
    if series.stop == 0 or (rule.kind is Kind.CONSTANT and rule.expiration and rule.expiration < start.date()):
        return [Problem("expiration_date", Code.EARLY)]
    return []


def _problems_of_starts(rule: Rule) -> list[Problem]:
    """What is wrong with a list of starts: it is empty, or two are on one day."""
    if not rule.starts:
        return [Problem("start_date", Code.MISSING)]
    twice = len({each.date() for each in rule.starts}) < len(rule.starts)
    return [Problem("start_date", Code.TWICE)] if twice else []


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


class _ByDates:
    """Days that are listed one by one, each with the number of its occurrence, some with a time of their own.

    Numbers do not ascend where an occurrence was moved past another.
    """

    __slots__ = ("numbers", "ordinals", "places", "times")

    def __init__(self, starts: Mapping[int, tuple[int, time | None]]) -> None:
        listed = sorted((ordinal, number, at) for number, (ordinal, at) in starts.items())
        self.ordinals = [ordinal for ordinal, _, _ in listed]
        self.numbers = [number for _, number, _ in listed]
        self.places = {number: place for place, number in enumerate(self.numbers)}
        self.times = {ordinal: at for ordinal, _, at in listed if at is not None}

    def at(self, index: int) -> int | None:
        """The ordinal of the day with this index (from 0), None after the last."""
        return self.ordinals[index] if index < len(self.ordinals) else None

    def index_from(self, ordinal: int) -> int:
        """The index of the first day on or after an ordinal."""
        return bisect_left(self.ordinals, ordinal)

    def since(self, index: int) -> Iterator[int]:
        """The days from an index on."""
        return iter(self.ordinals[index:])


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

    def __init__(self, days: _ByDays | _ByMonths | _ByDates | None, rule: Rule) -> None:
        self.days = days
        if isinstance(days, _ByDates):
            self.endless = False
            self.stop: int | None = len(days.ordinals)
            return
        self.endless = rule.after_meeting_number is None and rule.expiration is None
        stop: int | None = rule.after_meeting_number
        if days is not None and rule.expiration is not None:
            until = days.index_from(min(rule.expiration.toordinal(), _HORIZON) + 1)
            stop = until if stop is None else min(stop, until)
        self.stop = stop

    def number(self, index: int) -> int:
        """The number of the occurrence with an index: one more than that, or as listed."""
        return self.days.numbers[index] if isinstance(self.days, _ByDates) else index + 1

    def index_of(self, number: int) -> int | None:
        """The index of the occurrence with a number, None when there is none."""
        if isinstance(self.days, _ByDates):
            return self.days.places.get(number)
        return number - 1 if 1 <= number <= _HORIZON and (self.stop is None or number <= self.stop) else None

    def local(self, ordinal: int, usual: time) -> datetime:
        """The wall-clock start on a day of the series; `usual` is the time of day of those without one of their own."""
        at = self.days.times.get(ordinal, usual) if isinstance(self.days, _ByDates) else usual
        return datetime.combine(date.fromordinal(ordinal), at)

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
    if rule.changes or rule.kind is Kind.IRREGULARLY:
        return _Series(_ByDates(_listed(rule, start)), rule)
    if rule.kind is Kind.DAILY:
        return _Series(_daily(rule, first), rule)
    if rule.kind is Kind.WEEKLY:
        return _Series(_weekly(rule, first), rule)
    if rule.kind in (Kind.MONTHLY, Kind.YEARLY):
        return _Series(_monthly(rule, start, first), rule)
    return _Series(_ByDays(first, 1, (0,), first), Rule(kind=rule.kind, after_meeting_number=1))


def _listed(rule: Rule, start: date) -> dict[int, tuple[int, time | None]]:
    """The days of a series that is listed one by one, by number: ordinal, and the time of day where it has its own."""
    listed: dict[int, tuple[int, time | None]]
    if rule.kind is Kind.IRREGULARLY:
        listed = {number: (each.toordinal(), each.time()) for number, each in enumerate(rule.starts, 1)}
    else:
        regular = _series(msgspec.structs.replace(rule, changes=()), start)
        listed = {index + 1: (ordinal, None) for index, ordinal in regular.since(0)}
    for change in rule.changes:
        if change.start is None:
            listed.pop(change.number, None)
        elif change.number in listed:
            listed[change.number] = (change.start.toordinal(), change.start.time())
    return listed


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
    if rule.kind is Kind.NO_REPEAT:  # most sessions, and asked for often while one is scheduled
        instant = to_utc(start, zone_id)
        wanted = (after is None or instant >= after) and (limit is None or limit > 0)
        if wanted and start.date() <= HORIZON and start.date() not in skip:
            yield Occurrence(1, start, instant)
        return
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
        local = series.local(ordinal, at)
        instant = to_utc(local, zone_id)
        if after is not None and instant < after:
            continue
        if limit is not None:
            limit -= 1
        yield Occurrence(series.number(place), local, instant)


class Dates:
    """The occurrences of a series as a sequence, without walking it: how many lie in a stretch of time, and which.

    Arguments as for `occurrences`. A stretch goes from `low` to `high`, both included, in UTC epoch seconds; None is
    without bound. An endless series ends with HORIZON.
    """

    __slots__ = ("_at", "_beyond", "_series", "_skipped", "_zone_id")

    def __init__(self, rule: Rule, start: datetime, zone_id: int, skip: Collection[date] = ()) -> None:
        self._series = _series(normalised(rule, start), start.date())
        self._at = start.time()
        self._zone_id = zone_id
        self._beyond = 0
        if self._series.days is not None:
            stop, last = self._series.stop, self._series.days.index_from(_HORIZON + 1)
            self._beyond = last if stop is None else min(stop, last)
        found = (_index_on(self._series, day) for day in set(skip))
        self._skipped = sorted(index + 1 for index in found if index is not None)

    def places(self, low: int | None = None, high: int | None = None) -> range:
        """The places in time (from 1) of the occurrences that start in a stretch, skipped ones too.

        An occurrence has its place as number, unless one was moved past another or cancelled by its number.
        """
        first = 0 if low is None else self._index_from(low)
        beyond = self._beyond if high is None else self._index_from(high + 1)
        return range(first + 1, max(first, beyond) + 1)

    def count(self, low: int | None = None, high: int | None = None) -> int:
        """How many occurrences start in a stretch, without the skipped ones."""
        places = self.places(low, high)
        skipped = bisect_left(self._skipped, places.stop) - bisect_left(self._skipped, places.start)
        return len(places) - skipped

    def walk(
        self, low: int | None = None, high: int | None = None, *, falling: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Number and start (UTC epoch seconds) of each occurrence in a stretch, without the skipped ones.

        Args:
            falling: the last one first.
        """
        places, skipped = self.places(low, high), set(self._skipped)
        for place in reversed(places) if falling else places:
            if place not in skipped and (start := self._start(place - 1)) is not None:
                yield self._series.number(place - 1), start

    def start_of(self, number: int) -> int | None:
        """Start (UTC epoch seconds) of the occurrence with this number, None when there is none or it is skipped."""
        index = self._series.index_of(number)
        if index is None or index >= self._beyond or index + 1 in self._skipped:
            return None
        return self._start(index)

    def _start(self, index: int) -> int | None:
        days = self._series.days
        ordinal = days.at(index) if days is not None else None
        if ordinal is None:
            return None
        return to_utc(self._series.local(ordinal, self._at), self._zone_id)

    def _index_from(self, instant: int) -> int:
        """The index of the first occurrence that starts at an instant or after it."""
        if self._series.days is None:
            return 0
        index = self._series.days.index_from(_day_before(instant, self._zone_id))
        while index < self._beyond and (start := self._start(index)) is not None and start < instant:
            index += 1
        return min(index, self._beyond)


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
    if rule.kind in (Kind.NO_REPEAT, Kind.IRREGULARLY):
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
    return to_utc(series.local(ordinal, start.time()), zone_id) + duration * _MINUTE


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
    return total - sum(1 for day in set(skip) if _index_on(series, day) is not None)


def occurrence_number(rule: Rule, start: datetime, day: date) -> int | None:
    """The number (from 1) of the occurrence on a local date, None when the series has none then."""
    series = _series(normalised(rule, start), start.date())
    index = _index_on(series, day)
    return None if index is None else series.number(index)


def occurrence_day(rule: Rule, start: datetime, number: int) -> date | None:
    """The local date of the occurrence with a number (from 1), None when the series has none."""
    series = _series(normalised(rule, start), start.date())
    index = series.index_of(number)
    ordinal = None if series.days is None or index is None else series.days.at(index)
    return None if ordinal is None else date.fromordinal(ordinal)


def occurrence_start(rule: Rule, start: datetime, day: date) -> datetime:
    """The wall-clock start of the occurrence on a local date of the series."""
    return _series(normalised(rule, start), start.date()).local(day.toordinal(), start.time())


def _index_on(series: _Series, day: date) -> int | None:
    """The index of the occurrence on a day, or None."""
    if series.days is None:
        return None
    index = series.days.index_from(day.toordinal())
    if series.stop is not None and index >= series.stop:
        return None
    return index if series.days.at(index) == day.toordinal() else None


# --- single occurrences that take place otherwise --------------------------------------------------------------------


class UnknownOccurrence(ValueError):
    """A series has no occurrence with this number, or it was cancelled."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no occurrence {number}")
        self.number = number


class TwoOnOneDay(ValueError):
    """Two occurrences would be on this day."""

    def __init__(self, day: date) -> None:
        super().__init__(f"two occurrences on {day}")
        self.day = day


def starts_of(rule: Rule, start: datetime, *, skip: Collection[date] = ()) -> dict[int, datetime]:
    """The wall-clock starts of the occurrences of a series that ends, by number, in the order of time."""
    series, at = _series(normalised(rule, start), start.date()), start.time()
    locals_ = ((series.number(index), series.local(ordinal, at)) for index, ordinal in series.since(0))
    return {number: local for number, local in locals_ if local.date() not in skip}


def changed(rule: Rule, start: datetime, wanted: Iterable[Change], *, skip: Collection[date] = ()) -> Rule:
    """The rule of a series with some occurrences moved or cancelled, by the numbers that they have.

    Args:
        rule: of a series that ends.
        skip: local dates of occurrences that were cancelled before; the new rule leaves them out by itself. Where no
            occurrence comes to take place otherwise, the rule given is given back, and `skip` still needed.

    Raises UnknownOccurrence and TwoOnOneDay.
    """
    present = starts_of(rule, start, skip=skip)
    known = {change.number: change for change in rule.changes}
    gone = starts_of(rule, start).keys() - present.keys()
    new: dict[int, Change] = {}
    for change in wanted:
        if change.number not in present:
            raise UnknownOccurrence(change.number)
        if change.start != present[change.number]:
            new[change.number] = change
    if not new:
        return rule
    for change in new.values():
        if change.start is None:
            del present[change.number]
        else:
            present[change.number] = change.start
    days: set[date] = set()
    for local in present.values():
        if local.date() in days:
            raise TwoOnOneDay(local.date())
        days.add(local.date())
    known |= {number: Change(number) for number in gone} | new
    return msgspec.structs.replace(rule, changes=tuple(change for _, change in sorted(known.items())))


def unchanged(rule: Rule) -> Rule:
    """The rule with every occurrence as it says."""
    return msgspec.structs.replace(rule, changes=()) if rule.changes else rule


def says_the_same(asked: Rule, present: Rule, start: datetime) -> bool:
    """Whether a rule that is asked for is that of the series already, but for occurrences that take place otherwise.

    Of an irregular series the list of what takes place says the same, too. `start` is that of the series.
    """
    if asked.kind is Kind.IRREGULARLY and present.kind is Kind.IRREGULARLY:
        return tuple(sorted(asked.starts)) in (tuple(sorted(present.starts)), tuple(starts_of(present, start).values()))
    return asked == unchanged(present)


def regular_start(rule: Rule, start: datetime, number: int) -> datetime:
    """When the occurrence with a number would start if it were not moved; the series must have it."""
    series = _series(unchanged(normalised(rule, start)), start.date())
    index = series.index_of(number)
    ordinal = None if series.days is None or index is None else series.days.at(index)
    if ordinal is None:
        raise UnknownOccurrence(number)
    return series.local(ordinal, start.time())


def split(rule: Rule, start: datetime, number: int) -> tuple[Rule, Rule]:
    """The rule of the occurrences before a number, and that of this one and all that follow, numbered from 1 anew."""
    usual = normalised(rule, start)
    before = tuple(each for each in usual.changes if each.number < number)
    after = tuple(Change(each.number - number + 1, each.start) for each in usual.changes if each.number >= number)
    if usual.kind is Kind.IRREGULARLY:
        return (
            msgspec.structs.replace(usual, starts=usual.starts[: number - 1], changes=before),
            msgspec.structs.replace(usual, starts=usual.starts[number - 1 :], changes=after),
        )
    left = None if usual.after_meeting_number is None else usual.after_meeting_number - (number - 1)
    return (
        msgspec.structs.replace(usual, after_meeting_number=number - 1, expiration=None, changes=before),
        msgspec.structs.replace(usual, after_meeting_number=left, changes=after),
    )
