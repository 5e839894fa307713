"""The part of a session's form that says how it repeats, for all contracts, which differ in what they can say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any, Final

import msgspec

from parley.domain.dates import DateError, format_date, parse_date
from parley.domain.recurrence import DAY_NAMES
from parley.protocol.declare import Record
from parley.web.console.fields import Field

_WORKING_DAYS: Final = frozenset(range(5))
_LAST_WEEK: Final = 5


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: How sessions repeat, as people choose it, and what the contracts call that.
_REPEATS: Final = (
    ("NO_REPEAT", "NO_REPEAT", _("Does not repeat")),
    ("DAILY", "DAILY", _("Every day")),
    ("WORKDAYS", "DAILY", _("Every day from Monday to Friday")),
    ("WEEKLY", "WEEKLY", _("Every week")),
    ("MONTHLY", "MONTHLY", _("Every month, on the day of the month")),
    ("MONTHLY_WEEK", "MONTHLY", _("Every month, on the day of the week")),
    ("YEARLY", "YEARLY", _("Every year")),
    ("IRREGULARLY", "IRREGULARLY", _("On dates of its own")),
    ("CONSTANT", "CONSTANT", _("Open at all times")),
)
_CALLED: Final = {value: called for value, called, _name in _REPEATS}
_ENDS: Final = (("NEVER", _("Never")), ("UNTIL", _("On a day")), ("COUNT", _("After some times")))
_DAYS: Final = tuple(f"DAY{number}" for number in range(7))
#: Fields of the record that only answers fill in.
_ANSWERED: Final[dict[str, Any]] = {
    "is_exception": None,
    "series_meeting_key": None,
    "has_exception": None,
    "repeat_session": [],
}


class Repetition:
    """The fields about repetition, and the repeat element that they make.

    Args:
        record: the contract's type of the element.
        weekdays: names of the days, Monday first.
        endless: such sessions may go on without end.
    """

    def __init__(self, record: type[Record], weekdays: list[str], *, endless: bool = True) -> None:
        elements = {each.attribute: each for each in record.__declaration__.elements}
        self._record, self._kept = record, record()
        self._type = "occurence_type" if "occurence_type" in elements else "repeat_type"
        self._count = next((each for each in ("after_meeting_number", "end_after") if each in elements), None)
        known = elements[self._type].values
        missing = {"COUNT": self._count is None, "NEVER": not endless}
        self._ends = [each for each in _ENDS if not missing.get(each[0])]
        self.fields = [
            Field(
                "REPEAT",
                "list",
                _("Repeats"),
                options=[(value, name) for value, called, name in _REPEATS if called in known],
                translated=True,
            ),
            Field("INTERVAL", "number", _("Every how many"), least="1", most="99", hint=_("2: every second time")),
            Field("END", "list", _("Ends"), options=self._ends, translated=True),
            Field("UNTIL", "date", _("Last day")),
        ]
        if self._count is not None:
            self.fields.append(Field("COUNT", "number", _("Number of times"), least="1", most="999"))
        self.days = [Field(name, "tick", weekday) for name, weekday in zip(_DAYS, weekdays, strict=True)]

    @staticmethod
    def option_name(field: str, value: str) -> str:
        """What a value is called that a list does not offer for new sessions."""
        if field == "END":
            return dict(_ENDS).get(value, value)
        return next((name for each, _called, name in _REPEATS if each == value), value)

    def values(self, repeat: Record | None) -> dict[str, str]:
        """What the fields say of an element that was answered; without one, of a session that does not repeat."""
        if repeat is None:
            offered = [value for value, _name in self._ends]
            end = next(each for each in ("NEVER", "COUNT", "UNTIL") if each in offered)
            plain = {"REPEAT": "NO_REPEAT", "INTERVAL": "1", "END": end, "UNTIL": "", "COUNT": ""}
            return plain | dict.fromkeys(_DAYS, "")
        self._kept = msgspec.structs.replace(
            repeat, **{name: each for name, each in _ANSWERED.items() if name in repeat.__struct_fields__}
        )
        kind = getattr(repeat, self._type) or "NO_REPEAT"
        in_week = getattr(repeat, "day_in_week", None)
        days = {DAY_NAMES.index(each) for each in (in_week.day if in_week else [])}
        if kind == "DAILY" and days == _WORKING_DAYS:
            kind = "WORKDAYS"
        elif kind == "MONTHLY" and getattr(repeat, "week_in_month", None):
            kind = "MONTHLY_WEEK"
        last = getattr(repeat, "expiration_date", None)
        until = day_of(last) if last else None
        count = getattr(repeat, self._count) if self._count else None
        ticked = days if kind == "WEEKLY" else frozenset()
        return {
            "REPEAT": kind,
            "INTERVAL": str(getattr(repeat, "interval", None) or 1),
            "END": "COUNT" if count else "UNTIL" if until else "NEVER",
            "UNTIL": until or "",
            "COUNT": str(count or ""),
            **{name: "1" if number in ticked else "" for number, name in enumerate(_DAYS)},
        }

    def says_otherwise(self, changed: Collection[str], kind: str) -> bool:
        """Whether the fields that were changed ask for another repetition."""
        touched = {"REPEAT", "INTERVAL", "END", "UNTIL", "COUNT", *_DAYS} & set(changed)
        return bool(touched) and (kind != "NO_REPEAT" or "REPEAT" in changed)

    def element(self, values: Mapping[str, str], changed: Collection[str], start: datetime) -> Record:
        """The element that the fields make.

        What they cannot say stays as it was, as long as the session repeats in the same way and from the same day.

        Args:
            values: of all fields of the form.
            start: the wall-clock start.
        """
        kind = values["REPEAT"]
        called = _CALLED.get(kind, kind)
        made: dict[str, Any] = {self._type: called}
        same = not {"REPEAT", "DATE", *_DAYS} & set(changed)
        if kind == "NO_REPEAT" or (not same and called in ("IRREGULARLY", "CONSTANT")):
            return self._record(**made)
        if not same:
            made |= self._days(kind, values, start)
        if not same or "INTERVAL" in changed:
            made["interval"] = None if kind == "WORKDAYS" else number_of(values["INTERVAL"])
        if not same or {"END", "UNTIL", "COUNT"} & set(changed):
            made |= self._end(values)
        base = self._kept if same else self._record()
        return msgspec.structs.replace(base, **made)

    def _days(self, kind: str, values: Mapping[str, str], start: datetime) -> dict[str, Any]:
        days = {"WORKDAYS": sorted(_WORKING_DAYS), "MONTHLY_WEEK": [start.weekday()]}.get(kind, [])
        if kind == "WEEKLY":
            days = [number for number, name in enumerate(_DAYS) if values.get(name)]
        made: dict[str, Any] = {}
        if days:
            element = next(each for each in self._record.__declaration__.elements if each.attribute == "day_in_week")
            made["day_in_week"] = element.record(day=[DAY_NAMES[each] for each in days])
        if kind == "MONTHLY_WEEK":
            made["week_in_month"] = min((start.day - 1) // 7 + 1, _LAST_WEEK)
        if kind in ("MONTHLY", "YEARLY"):
            made["day_in_month"] = start.day
        if kind == "YEARLY":
            made["month_in_year"] = start.month
        return made

    def _end(self, values: Mapping[str, str]) -> dict[str, Any]:
        until = iso_day(values["UNTIL"]) if values["END"] == "UNTIL" else None
        ends: dict[str, Any] = {
            "expiration_date": format_date(datetime.combine(until, time(23, 59, 59))) if until is not None else None
        }
        if self._count is not None:
            ends[self._count] = number_of(values.get("COUNT", "")) if values["END"] == "COUNT" else None
        return ends


def number_of(text: str) -> int | None:
    """A number of a form; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def iso_day(text: str) -> date | None:
    """A day of a form; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_of(text: str) -> str | None:
    """The day of one of the API's dates, as forms have it."""
    try:
        return parse_date(text).date().isoformat()
    except DateError:
        return None
