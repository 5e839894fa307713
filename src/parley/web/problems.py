"""What operations find wrong, in the language of the page.

Faults come in English, as the API has them. The sentences of those that forms and buttons of pages can meet have
translations; which sentence one is, is found by its form, since a fault carries its text with the values filled in.
A fault of another sentence is shown as it came.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from parley.protocol import faults
from parley.web.words import said, spoken

#: The faults that pages can meet.
_KINDS: Final = (
    faults.START_IN_PAST,
    faults.START_TOO_LATE,
    faults.WRONG_SESSION_PASSWORD,
    faults.UNKNOWN_MEETING_TYPE,
    faults.ATTENDEE_LIMIT,
    faults.EVENT_OVER,
    faults.MISSING_ELEMENT,
    faults.ACCESS_DENIED,
    faults.NOTHING_FOUND,
    faults.BUSY,
    faults.RATE_LIMIT,
    faults.SITE_SUSPENDED,
    faults.UNKNOWN_USER,
    faults.WRONG_PASSWORD,
    faults.WEB_EX_ID_TAKEN,
    faults.EMAIL_TAKEN,
    faults.INVALID_EMAIL,
    faults.HOST_LIMIT,
    faults.PASSWORD_REUSED,
    faults.PASSWORD_MISSING,
    faults.PASSWORD_TOO_SOON,
    faults.UNKNOWN_SESSION_TYPE,
    faults.SESSION_TYPE_LIMIT,
    faults.NOT_OFFERED,
    faults.ROLE_NOT_ASSIGNABLE,
    faults.PROFILE_REFUSED,
    faults.ROOM_TAKEN,
    faults.INVALID_ALTERNATE_HOST,
    faults.TOO_MANY_REGISTRATIONS,
    faults.SESSION_FULL,
    faults.REGISTRATION_CLOSED,
    faults.NO_SUCH_OCCURRENCE,
    faults.MEETING_NOT_FOUND,
    faults.MEETING_IN_PROGRESS,
    faults.DURATION_TOO_LONG,
    faults.UNKNOWN_HOST,
    faults.NOT_A_DELEGATE,
    faults.PASSWORD_REQUIRED,
)
_PLACE: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_NAMED: Final = re.compile(r"%\((\w+)\)s")
#: What stands between several problems with one value.
_BETWEEN: Final = "; "


def sentence_of(reason: str) -> str:
    """A reason as a sentence: without the path of the element that it is about."""
    head, separator, text = reason.partition(": ")
    words = text if separator and " " not in head else reason
    sentence = words[:1].upper() + words[1:]
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


@cache
def sentences() -> tuple[str, ...]:
    """The sentences that have translations, with their values as %(names)s."""
    reasons = [*(kind.reason for kind in _KINDS), *faults.PROBLEM_TEXTS]
    return tuple(dict.fromkeys(_PLACE.sub(r"%(\1)s", sentence_of(reason)) for reason in reasons))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((text, re.compile(_pattern(text))) for text in sentences())


def _pattern(text: str) -> str:
    literal, *rest = _NAMED.split(text)
    found = re.escape(literal)
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        found += f"(?P<{name}>.+){re.escape(after)}"
    return found


def in_words(reason: str) -> str:
    """A fault's reason as one sentence or several, in the language of the page."""
    whole = sentence_of(reason)
    if spoken().locale.language == "en":
        return whole
    parts = [sentence_of(part) for part in whole.removesuffix(".").split(_BETWEEN)]
    known = [_translated(part) for part in parts]
    return " ".join(each for each in known if each is not None) if None not in known else _translated(whole) or whole


def _translated(sentence: str) -> str | None:
    for text, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return said(text, **found.groupdict())
    return None
