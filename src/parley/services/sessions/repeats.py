"""The schedule and repeat elements of the contracts, which differ in what they can say, as what the rules take.

Source: facts/meeting-event.md 2.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, TypeAlias, TypeVar

from msgspec.structs import replace

from parley.contract import event, meeting, sales, teleconference, training
from parley.domain.dates import format_date
from parley.domain.recurrence import DAY_NAMES, Kind, Rule, weekdays
from parley.domain.schedule import Asked
from parley.services.values import date_of, start_of

Repeat: TypeAlias = meeting.RepeatType | teleconference.RepeatType | sales.RepeatType | training.TrainRepeatType
Schedule: TypeAlias = meeting.ScheduleType | teleconference.ScheduleType | sales.ScheduleType | event.ScheduleType
R = TypeVar("R", bound=Repeat)
#: What some contracts call otherwise than the rule.
_OTHER_NAMES = {"end_after": "after_meeting_number"}


def asked_of(schedule: Schedule | None, repeat: Repeat | None = None) -> Asked:
    """What a request says with its schedule and its repeat element, either of which it may leave out.

    Raises:
        Fault: 999999 for a start or an expiration date that cannot be read.
    """
    rule = rule_of(repeat) if repeat is not None and repeat.repeat_type else None
    if schedule is None:
        return Asked(rule=rule)
    return Asked(
        start=start_of(schedule.start_date),
        time_zone_id=schedule.time_zone_id,
        # Only some contracts have these.
        time_zone=getattr(schedule, "time_zone", None),
        duration=schedule.duration,
        open_time=getattr(schedule, "open_time", None),
        rule=rule,
    )


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


def repeat_of(cls: type[R], kept: R | None, rule: Rule) -> R:
    """The repeat element of an answer: as it was sent, or where nothing is kept, made of the rule.

    Args:
        rule: how the session recurs. What the contract has no word for is left out.
    """
    if rule.kind is Kind.NO_REPEAT:
        return cls(repeat_type=Kind.NO_REPEAT.value)
    if kept is not None:
        return replace(kept)
    elements = {element.attribute: element for element in cls.__declaration__.elements}
    values: dict[str, Any] = {
        name: getattr(rule, _OTHER_NAMES.get(name, name), None)
        for name, element in elements.items()
        if not element.is_list and name not in ("repeat_type", "day_in_week", "expiration_date")
    }
    if rule.kind.value in elements["repeat_type"].values:
        values["repeat_type"] = rule.kind.value
    if rule.days:
        values["day_in_week"] = elements["day_in_week"].record(day=[DAY_NAMES[day] for day in rule.days])
    if rule.expiration is not None:
        values["expiration_date"] = format_date(datetime.combine(rule.expiration, time()))
    return cls(**values)
