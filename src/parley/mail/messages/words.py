"""Words that messages choose among: what a session is, what happened to it, and how it repeats.

They are marked for translation here and translated when the reader's language is known.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from parley.domain import recurrence
from parley.domain.recurrence import Kind, Rule
from parley.domain.session import Session
from parley.mail.languages import Language
from parley.services.session_traits import Traits


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What happened, by what a session is.
_HEADINGS: Final = {
    "meeting": {
        "scheduled": _("Meeting scheduled"),
        "invitation": _("Meeting invitation"),
        "rescheduled": _("Meeting rescheduled"),
        "cancelled": _("Meeting cancelled"),
        "reminder": _("Meeting reminder"),
    },
    "webinar": {
        "scheduled": _("Webinar scheduled"),
        "invitation": _("Webinar invitation"),
        "rescheduled": _("Webinar rescheduled"),
        "cancelled": _("Webinar cancelled"),
        "reminder": _("Webinar reminder"),
    },
    "event": {
        "scheduled": _("Event scheduled"),
        "invitation": _("Event invitation"),
        "rescheduled": _("Event rescheduled"),
        "cancelled": _("Event cancelled"),
        "reminder": _("Event reminder"),
    },
    "training": {
        "scheduled": _("Training session scheduled"),
        "invitation": _("Training session invitation"),
        "rescheduled": _("Training session rescheduled"),
        "cancelled": _("Training session cancelled"),
        "reminder": _("Training session reminder"),
    },
    "support": {
        "scheduled": _("Support session scheduled"),
        "invitation": _("Support session invitation"),
        "rescheduled": _("Support session rescheduled"),
        "cancelled": _("Support session cancelled"),
        "reminder": _("Support session reminder"),
    },
    "sales": {
        "scheduled": _("Sales meeting scheduled"),
        "invitation": _("Sales meeting invitation"),
        "rescheduled": _("Sales meeting rescheduled"),
        "cancelled": _("Sales meeting cancelled"),
        "reminder": _("Sales meeting reminder"),
    },
    "audio": {
        "scheduled": _("Audio conference scheduled"),
        "invitation": _("Audio conference invitation"),
        "rescheduled": _("Audio conference rescheduled"),
        "cancelled": _("Audio conference cancelled"),
        "reminder": _("Audio conference reminder"),
    },
}

#: What a session is, by its service.
_SERVICES: Final = {
    "EventCenter": "event",
    "TrainingCenter": "training",
    "SupportCenter": "support",
    "SalesCenter": "sales",
}

#: What happened where it is said alike of every session.
_OTHERS: Final = {
    "alternate": _("You are an alternate host"),
    "panelist": _("You are a panelist"),
    "presenter": _("You are a presenter"),
    "received": _("New registration"),
    "pending": _("Registration received"),
    "waiting": _("You are on the waiting list"),
    "accepted": _("Registration confirmed"),
    "rejected": _("Registration not accepted"),
    "removed": _("You were taken off the list"),
    "occurrence": _("One date cancelled"),
    "handed_over": _("Somebody else is the host now"),
    "thanks": _("Thank you for coming"),
    "absentee": _("Sorry we missed you"),
}

SORTS: Final = tuple(_HEADINGS)


def sort_of(session: Session, traits: Traits) -> str:
    """What a session is called: one of `SORTS`."""
    if traits.audio_only:
        return "audio"
    if traits.webinar:
        return "webinar"
    return _SERVICES.get(session.service, "meeting")


def heading(language: Language, occasion: str, sort: str) -> str:
    """What happened, for subjects and headings: `Meeting scheduled`."""
    return language.translate(_OTHERS.get(occasion) or _HEADINGS[sort][occasion])


def repetition(language: Language, start: datetime, rule: Rule) -> str | None:
    """How a series repeats that begins at a wall-clock time, in words; None for what does not."""
    if rule.kind is Kind.NO_REPEAT:
        return None
    usual = recurrence.normalised(rule, start)
    if rule.kind is Kind.IRREGULARLY:
        starts = list(recurrence.starts_of(rule, start).values())
        named = [language.short_day(each.date()) for each in starts[:_MOST_DAYS]]
        return language.listed([*named, "…"] if len(starts) > len(named) else named)
    how = _how_often(language, usual)
    if usual.after_meeting_number:
        return language.translate(_("%(how)s, %(count)s times")) % {"how": how, "count": usual.after_meeting_number}
    if usual.expiration is None:
        return how
    until = language.short_day(usual.expiration)
    return language.translate(_("%(how)s, until %(date)s")) % {"how": how, "date": until}


#: Days of an irregular series that are named.
_MOST_DAYS: Final = 12


def _how_often(language: Language, rule: Rule) -> str:
    count = rule.interval or 1
    days = language.listed([language.weekday(day) for day in rule.days])
    match rule.kind:
        case Kind.CONSTANT:
            text = _("Open at any time")
        case Kind.DAILY if rule.days:
            text = _("Every week: %(days)s")
        case Kind.DAILY:
            text = _("Every day") if count == 1 else _("Every %(count)s days")
        case Kind.WEEKLY:
            text = _("Every week: %(days)s") if count == 1 else _("Every %(count)s weeks: %(days)s")
        case Kind.MONTHLY:
            text = _("Every month") if count == 1 else _("Every %(count)s months")
        case _:
            text = _("Every year")
    return language.translate(text) % {"count": count, "days": days}


def spelled_on_keypad(password: str) -> str | None:
    """A password as it is typed on a telephone (facts/meeting-event.md 1); None when keys for it are missing."""
    digits = "".join(_KEYS.get(letter, "") for letter in password.casefold())
    return digits if len(digits) == len(password) else None


_KEYS: Final = {
    **{digit: digit for digit in "0123456789"},
    **{
        letter: str(key)
        for key, letters in enumerate(("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), start=2)
        for letter in letters
    },
}
