"""A rule of recurrence in the words of RFC 5545 (RRULE), for calendar files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from parley.domain.recurrence import LAST_WEEK, Kind, Rule, normalised, occurrences, series_end

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Parts = Mapping[str, str | int | list[str] | list[int] | datetime]


def first_start(rule: Rule, start: datetime, zone_id: int) -> datetime:
    """The wall-clock start of the first occurrence: DTSTART has to be one of the rule's own days."""
    return next((found.local for found in occurrences(rule, start, zone_id, limit=1)), start)


def is_listed(rule: Rule) -> bool:
    """Whether the starts of a series have to be told one by one (RDATE), since no rule says them."""
    return rule.kind is Kind.IRREGULARLY or bool(rule.changes)


def rrule(rule: Rule, start: datetime, zone_id: int) -> Parts | None:
    """The parts of the RRULE of a series that begins at `start` (wall-clock time in the zone); None: no series, or
    one whose starts are told one by one.

    Cancelled and moved occurrences are not left out: they are EXDATE and RECURRENCE-ID of the file. A series with an
    end by date ends with the last start, in UTC.
    """
    if rule.kind in (Kind.NO_REPEAT, Kind.CONSTANT) or is_listed(rule):
        return None
    usual = normalised(rule, start)
    parts: dict[str, str | int | list[str] | list[int] | datetime] = {"FREQ": usual.kind.value}
    if usual.interval and usual.interval > 1:
        parts["INTERVAL"] = usual.interval
    if usual.month_in_year:
        parts["BYMONTH"] = usual.month_in_year
    if usual.day_in_year:
        parts["BYYEARDAY"] = usual.day_in_year
    if usual.day_in_month:
        parts["BYMONTHDAY"] = usual.day_in_month
    if usual.days:
        parts["BYDAY"] = [_DAYS[day] for day in usual.days]
    if usual.week_in_month:
        parts["BYSETPOS"] = -1 if usual.week_in_month == LAST_WEEK else usual.week_in_month
    if usual.kind is Kind.WEEKLY:
        parts["WKST"] = "SU"
    if usual.expiration is not None:
        last = series_end(rule, start, zone_id, 0)
        if last is not None:
            parts["UNTIL"] = datetime.fromtimestamp(last, UTC)
    elif usual.after_meeting_number:
        parts["COUNT"] = usual.after_meeting_number
    return parts
