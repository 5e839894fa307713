"""Dates as the API writes them: `MM/dd/yyyy HH:mm:ss`, wall-clock time without a zone.

The zone stands beside the date, in a field of its own (facts/meeting-event.md, sections 0 and 3), so a date is a
naive datetime here. The store keeps the same wall-clock time as `YYYY-MM-DD HH:MM:SS`; as lists print hundreds of
dates, one form is turned into the other without making a datetime on the way.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

EARLIEST_YEAR: Final = 1970
"""First year in which a session may start."""

LATEST_YEAR: Final = 2050
"""Last year in which a session may start."""

_LONGEST: Final = 64
"""No date has more characters, blanks included; what is longer is not looked at."""

_DATE: Final = re.compile(
    r"\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:\s+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?)?\s*"
)

TWO_DIGITS: Final = tuple(f"{number:02d}" for number in range(60))
"""Numbers with two digits, looked up instead of formatted."""


class DateError(ValueError):
    """The text is not a date that the API knows.

    `out_of_range` tells a well-formed date whose year is refused from a malformed one (exception 999999,
    facts/meeting-event.md, section 0).
    """

    def __init__(self, text: str, *, out_of_range: bool = False) -> None:
        super().__init__(f"no date: {text[:_LONGEST]!r}")
        self.text = text[:_LONGEST]
        self.out_of_range = out_of_range


def parse_date(text: str) -> datetime:
    """The date and time of `text` as a naive datetime.

    Taken are `MM/dd/yyyy HH:mm:ss` and what clients send beside it: parts of one digit, no seconds, no time at all
    (then 00:00:00), blanks and line breaks around it (facts/meeting-event.md, section 0; facts/clients.md, item 9).
    Raises DateError for everything else. Any year of four digits from 1 on is taken, because filters reach far out;
    `parse_start` is for starts.
    """
    found = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise DateError(text)
    month, day, year, hour, minute, second = found.groups("0")
    try:
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))  # noqa: DTZ001
    except ValueError:
        raise DateError(text) from None


def parse_start(text: str) -> datetime:
    """The start of a session: as `parse_date`, and within EARLIEST_YEAR..LATEST_YEAR, else DateError."""
    date = parse_date(text)
    if not EARLIEST_YEAR <= date.year <= LATEST_YEAR:
        raise DateError(text, out_of_range=True)
    return date


def format_date(date: datetime) -> str:
    """`date` as `MM/dd/yyyy HH:mm:ss`; parts of a second are dropped, a zone is not written."""
    time = f"{TWO_DIGITS[date.hour]}:{TWO_DIGITS[date.minute]}:{TWO_DIGITS[date.second]}"
    return f"{TWO_DIGITS[date.month]}/{TWO_DIGITS[date.day]}/{date.year:04d} {time}"


def to_stored(date: datetime) -> str:
    """`date` in the store's form `YYYY-MM-DD HH:MM:SS`; parts of a second are dropped."""
    return date.isoformat(" ", "seconds")


def from_stored(text: str) -> datetime:
    """The naive datetime of the store's form `YYYY-MM-DD HH:MM:SS`; ValueError when it is none."""
    return datetime.fromisoformat(text)


def stored_to_api(text: str) -> str:
    """The API's form of a date in the store's form; `text` must come from `to_stored`."""
    return f"{text[5:7]}/{text[8:10]}/{text[:4]}{text[10:19]}"
