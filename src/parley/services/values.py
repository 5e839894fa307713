"""Reading single values of requests: dates and texts, with the fault that the API has for a wrong one."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from parley.domain.dates import DateError, parse_date, parse_start
from parley.protocol import faults

_EMAIL: Final = re.compile(r"[^\s@<>\",;:\\]{1,64}@[^\s@<>\",;:\\]{1,255}")


def given(text: str | None) -> str | None:
    """A text that was sent; empty and blank ones count as not sent (facts/clients.md 8)."""
    return text if text and not text.isspace() else None


def is_email(text: str) -> bool:
    """Whether a text can be an e-mail address: one @ with something on both sides, nothing that mails split at."""
    return _EMAIL.fullmatch(text) is not None


def date_of(text: str | None) -> datetime | None:
    """A date, or None for an empty one.

    Raises:
        Fault: 999999, the date cannot be read.
    """
    if given(text) is None:
        return None
    try:
        return parse_date(text or "")
    except DateError:
        raise faults.INVALID_DATE() from None


def start_of(text: str | None) -> datetime | None:
    """The start of a session, or None for an empty one.

    Raises:
        Fault: 999999, the date cannot be read or lies outside of the years that are served.
    """
    if given(text) is None:
        return None
    try:
        return parse_start(text or "")
    except DateError as error:
        raise (faults.START_TOO_LATE() if error.out_of_range else faults.INVALID_DATE()) from None
