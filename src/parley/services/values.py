"""Reading single values of requests: dates and texts, with the fault that the API has for a wrong one."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final

from parley.domain.dates import DateError, parse_date, parse_start
from parley.domain.mail_address import is_email
from parley.protocol import faults

__all__ = ["date_of", "given", "is_email", "is_visible", "one_line", "start_of"]

#: What no XML document can hold, and line breaks.
_UNTELLABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def given(text: str | None) -> str | None:
    """A text that was sent; empty and blank ones count as not sent (facts/clients.md 8)."""
    return text if text and not text.isspace() else None


#: Letters and signs that show nothing: fillers of Hangul, the empty pattern of Braille.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_visible(text: str) -> bool:
    """Whether a text shows anything: a letter, digit or sign that is not made to be invisible.

    Characters that no standard speaks of, and those of private use, may show something.
    """
    return any(_shows(each) for each in text)


def _shows(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LNPS" or category in ("Co", "Cn")) and character not in _BLANK


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


def one_line(text: str | None, longest: int) -> str | None:
    """A text as one line of bounded length, without what cannot be told; None when nothing is left."""
    return (_UNTELLABLE.sub(" ", text[: 2 * longest]).strip()[:longest] or None) if text else None
