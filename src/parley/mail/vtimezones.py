"""Time zones for calendar files, from IANA data: RFC 5545, section 3.6.5.

Clocks that change on the same days of every year are written as two yearly rules, so that a file holds for as long as
a series goes on; others (Morocco's Ramadan) by the dates of the changes to come.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import icalendar

#: Years over which changes have to come on the same days to count as a rule, and those listed when they do not.
_RULE_YEARS = 8
_LISTED_YEARS = 12
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Change(NamedTuple):
    """A change of the clocks; `local` is the wall-clock time before it."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool


@lru_cache(maxsize=256)
def vtimezone(name: str, year: int) -> icalendar.Timezone:
    """The component of an IANA zone, right from a year on.

    Not to be changed by the caller, since it is made once.
    """
    zone = ZoneInfo(name)
    component = icalendar.Timezone()
    component.add("TZID", name)
    # The changes of the year before tell what holds when the year begins.
    changes = _changes(zone, year - 1, year + _RULE_YEARS)
    if not changes:
        component.add_component(_steady(zone, year - 1))
        return component
    ruled = [[each for each in changes if each.daylight is kind] for kind in (False, True)]
    rules = [_rule_of(some) for some in ruled]
    if all(rules) and all(len(some) == _RULE_YEARS + 1 for some in ruled):
        for some, rule in zip(ruled, rules, strict=True):
            component.add_component(_observance(some[0], rule))
        return component
    changes = _changes(zone, year - 1, year + _LISTED_YEARS)
    if changes[0].local.year >= year:
        component.add_component(_steady(zone, year - 1))
    for each in changes:  # one part each: calendars read those more surely than RDATE
        component.add_component(_observance(each, None))
    return component


def _steady(zone: ZoneInfo, year: int) -> icalendar.Component:
    """What holds when a year begins."""
    at = datetime(year, 1, 1, tzinfo=zone)
    change = _Change(at.replace(tzinfo=None), _offset(at), _offset(at), at.tzname() or "", bool(at.dst()))
    return _observance(change, None)


def _observance(change: _Change, rule: icalendar.vRecur | None) -> icalendar.Component:
    part: icalendar.Component = icalendar.TimezoneDaylight() if change.daylight else icalendar.TimezoneStandard()
    part.add("DTSTART", change.local)
    part.add("TZOFFSETFROM", change.before)
    part.add("TZOFFSETTO", change.after)
    part.add("TZNAME", change.name)
    if rule is not None:
        part.add("RRULE", rule)
    return part


def _offset(at: datetime) -> timedelta:
    return at.utcoffset() or timedelta()


def _changes(zone: ZoneInfo, first: int, last: int) -> list[_Change]:
    """All changes of the clocks from the begin of one year to the end of another."""
    found = []
    day = datetime(first, 1, 1, tzinfo=UTC)
    end = datetime(last, 1, 1, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        if _offset(day.astimezone(zone)) != _offset(following.astimezone(zone)):
            found.append(_change_between(zone, day, following))
        day = following
    return found


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> _Change:
    before = _offset(low.astimezone(zone))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle <= low:
            break
        if _offset(middle.astimezone(zone)) == before:
            low = middle
        else:
            high = middle
    at = high.astimezone(zone)
    return _Change(
        local=(high + before).replace(tzinfo=None),
        before=before,
        after=_offset(at),
        name=at.tzname() or "",
        daylight=bool(at.dst()),
    )


def _rule_of(changes: list[_Change]) -> icalendar.vRecur | None:
    """The yearly rule that gives all these changes, None when there is none."""
    if not changes or len({(each.before, each.after, each.name, each.local.time()) for each in changes}) > 1:
        return None
    months, weekdays = {each.local.month for each in changes}, {each.local.weekday() for each in changes}
    if len(months) > 1 or len(weekdays) > 1:
        return None
    month, weekday = months.pop(), _WEEKDAYS[weekdays.pop()]
    weeks = {(each.local.day - 1) // 7 + 1 for each in changes}
    if all(each.local.day + 7 > calendar.monthrange(each.local.year, month)[1] for each in changes):
        return icalendar.vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": f"-1{weekday}"})
    if len(weeks) == 1:
        return icalendar.vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": f"{weeks.pop()}{weekday}"})
    days = sorted(each.local.day for each in changes)
    if days[-1] - days[0] >= 7:
        return None
    # Such as the Friday before the last Sunday: the weekday within a span of seven days, if the years show the span.
    span = list(range(days[-1] - 6, days[-1] + 1))
    if days[0] != span[0]:
        return None
    return icalendar.vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": weekday, "BYMONTHDAY": span})
