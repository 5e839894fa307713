"""The repeat element of the contracts, which differ in what they can say, as a rule of recurrence.

Source: facts/meeting-event.md 2.
"""

from __future__ import annotations

from typing import TypeAlias

from parley.contract import meeting, sales, teleconference
from parley.domain.recurrence import Kind, Rule, weekdays
from parley.services.values import date_of

Repeat: TypeAlias = meeting.RepeatType | teleconference.RepeatType | sales.RepeatType


def rule_of(repeat: Repeat | None) -> Rule:
    """The recurrence rule that a repeat element asks for; without a type of repetition none.

    Raises:
        Fault: 999999 for an expiration date that cannot be read.
    """
    if repeat is None or repeat.repeat_type is None:
        return Rule()
    last = date_of(repeat.expiration_date)
    return Rule(
        kind=Kind(repeat.repeat_type),
        interval=repeat.interval,
        days=weekdays(repeat.day_in_week.day if repeat.day_in_week else []),
        day_in_month=repeat.day_in_month,
        week_in_month=repeat.week_in_month,
        # Only some contracts have these; sales sessions say endAfter for the number of meetings.
        month_in_year=getattr(repeat, "month_in_year", None),
        day_in_year=getattr(repeat, "day_in_year", None),
        after_meeting_number=getattr(repeat, "after_meeting_number", None) or getattr(repeat, "end_after", None),
        expiration=last.date() if last else None,
    )
