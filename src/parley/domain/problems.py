"""How the rules of this package say that a request asks for something that cannot be."""

from __future__ import annotations

import enum

import msgspec


class Code(enum.StrEnum):
    """What is wrong with a value."""

    RANGE = "range"
    """Outside of `low`..`high`."""
    NEVER = "never"
    """The values together name a day that no year has, such as 30 February."""
    EARLY = "early"
    """Before the first occurrence of the series."""
    PAST = "past"
    """In the past."""
    LIMIT = "limit"
    """More than the session type allows (`high`)."""
    UNKNOWN = "unknown"
    """Not one of the values that exist."""
    MISSING = "missing"
    """Not said, and needed."""
    TWICE = "twice"
    """Two occurrences on one day."""


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a request.

    `field` is the name of the field in the API's own term in snake case (`day_in_month` for dayInMonth), so the
    element it came from is found by name in the contract record. `low` and `high` are the bounds that hold, where
    there are some. The wording for people is made where reasons are made.
    """

    field: str
    code: Code
    low: int | None = None
    high: int | None = None
