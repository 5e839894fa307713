"""Mails about sessions: which there are, for whom, and what each of them tells.

Passwords: an attendee is told the session's password with an invitation, a confirmation, a change and a reminder,
unless the session keeps it out of mails (excludePassword) or has people register first; hosts and alternate hosts are
always told (facts/meeting-event.md 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from parley.domain import timezones
from parley.domain.dates import from_stored
from parley.domain.recurrence import NO_REPEAT, Rule
from parley.domain.reminders import Wish
from parley.domain.rrules import first_start
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import Site
from parley.mail.calendars import Entry, Method, Party
from parley.mail.entries import Related, alarm_of, entry_of
from parley.mail.messages.readers import Moment, Reader, called, moment
from parley.mail.messages.words import heading, repetition, sort_of, spelled_on_keypad
from parley.mail.texts import RichText, one_line, rich
from parley.services.follow_ups import ABSENTEE, THANKS
from parley.services.links import Links
from parley.services.mails import Notice
from parley.services.session_traits import Traits
from parley.services.sessions.kinds import View
from parley.services.sessions.people import person_of
from parley.services.sessions.stored import stored_session

SCHEDULED: Final = "session.scheduled"
INVITATION: Final = "session.invitation"
RESCHEDULED: Final = "session.rescheduled"
CANCELLED: Final = "session.cancelled"
HANDED_OVER: Final = "session.handed_over"
OCCURRENCE_CANCELLED: Final = "occurrence.cancelled"
REMINDER: Final = "session.reminder"
RECEIVED: Final = "registration.received"
PENDING: Final = "registration.pending"
WAITING: Final = "registration.waiting"
ACCEPTED: Final = "registration.accepted"
REJECTED: Final = "registration.rejected"
REMOVED: Final = "registration.removed"


#: Ends the text of a mail (templates/layout.txt).
_FOOT_LINE: Final = "\n--\n"


class Part(StrEnum):
    """The reader's part in a session."""

    HOST = "host"
    ALTERNATE = "alternate"
    PANELIST = "panelist"
    ATTENDEE = "attendee"
    OTHER = "other"
    """Somebody who is not on the list, such as an address that reminders go to."""


class SessionMail(msgspec.Struct, frozen=True):
    """A kind of mail about a session.

    Attributes:
        template: its name.
        occasion: its heading, see `words.heading`.
        calendar: the method of its calendar file; None: it has none.
        lets_in: it tells how to come in.
        outlives: it is sent even when the session was deleted meanwhile.
        listed: it is for somebody on the list, and pointless when they are no longer there.
    """

    template: str
    occasion: str
    calendar: Method | None = None
    lets_in: bool = False
    outlives: bool = False
    listed: bool = True


SESSION_MAILS: Final = {
    SCHEDULED: SessionMail("session_scheduled", "scheduled", "REQUEST", lets_in=True),
    INVITATION: SessionMail("session_invitation", "invitation", "REQUEST", lets_in=True),
    RESCHEDULED: SessionMail("session_rescheduled", "rescheduled", "REQUEST", lets_in=True),
    CANCELLED: SessionMail("session_cancelled", "cancelled", "CANCEL", outlives=True, listed=False),
    HANDED_OVER: SessionMail("session_handed_over", "handed_over", "CANCEL", listed=False),
    OCCURRENCE_CANCELLED: SessionMail("occurrence_cancelled", "occurrence", "CANCEL", listed=False),
    REMINDER: SessionMail("session_reminder", "reminder", lets_in=True),
    RECEIVED: SessionMail("registration_received", "received"),
    PENDING: SessionMail("registration_pending", "pending"),
    WAITING: SessionMail("registration_waiting", "waiting"),
    ACCEPTED: SessionMail("registration_accepted", "accepted", "REQUEST", lets_in=True),
    REJECTED: SessionMail("registration_rejected", "rejected"),
    REMOVED: SessionMail("registration_removed", "removed", "CANCEL", listed=False),
    THANKS: SessionMail("event_thanks", "thanks"),
    ABSENTEE: SessionMail("event_absentee", "absentee"),
}

#: Invitations are worded by the reader's part.
_INVITATIONS: Final = {
    Part.ALTERNATE: SessionMail("session_alternate", "alternate", "REQUEST", lets_in=True),
    Part.PANELIST: SessionMail("session_panelist", "panelist", "REQUEST", lets_in=True),
}
_PRESENTERS: Final = SessionMail("session_panelist", "presenter", "REQUEST", lets_in=True)


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a mail about a session is made of.

    Attributes:
        session: as it is now, or as it was when it was deleted.
        view: what is told of it beyond its row.
        traits: what follows from its session type.
        person: whom the mail is about; None: the session as a whole.
        reader: who reads it, with the part in the session.
        calendar_wanted: the session wants calendar files in its mails (emailTemplates/iCalendar).
    """

    site: Site
    links: Links
    notice: Notice
    session: HostedSession
    view: View = View()
    traits: Traits = Traits()
    wishes: Sequence[Wish] = ()
    related: Related = Related()
    person: Attendee | None = None
    reader: Reader
    part: Part
    calendar_wanted: bool = True


class Phone(msgspec.Struct, frozen=True):
    """A number for calling in."""

    number: str
    toll_free: bool = False
    country: str | None = None


def part_of(kind: str, notice: Notice, session: HostedSession, recipient: str, person: Attendee | None) -> Part:
    """The reader's part in a session."""
    host = recipient.casefold() == session.host_email.casefold()
    if kind == RECEIVED or (notice.attendee_id is None and host):
        return Part.HOST
    if notice.attendee_id is None:
        return Part.OTHER if session.host_email else Part.HOST
    role = person.role if person is not None else notice.role
    return {"HOST": Part.ALTERNATE, "PRESENTER": Part.PANELIST}.get(role or "", Part.ATTENDEE)


def mail_of(kind: str, facts: SessionFacts) -> SessionMail:
    """How a kind of message is told to its reader."""
    if kind == INVITATION and facts.part is Part.PANELIST and facts.session.service == "TrainingCenter":
        return _PRESENTERS
    found = _INVITATIONS.get(facts.part) if kind == INVITATION else None
    return found or SESSION_MAILS[kind]


# ---- values ----------------------------------------------------------------------------------------------


def session_values(mail: SessionMail, facts: SessionFacts) -> dict[str, Any]:
    """What the template of a mail names."""
    session, words = facts.session, facts.reader.language
    one_date = mail.occasion == "occurrence"
    when = _when(facts, one_date=one_date)
    start, rule = from_stored(session.start_local), stored_session(session).rule
    single = one_date or facts.notice.starts_at is not None
    values: dict[str, Any] = {
        "what": heading(words, mail.occasion, sort_of(session, facts.traits)),
        "name": one_line(session.name),
        "site": called(facts.site),
        "site_url": facts.links.root(facts.site.name),
        "day": when.day,
        "hours": when.hours,
        "zone": when.zone,
        "repeats": None if single else repetition(words, start, rule),
        "before": _before(facts),
        "before_repeats": _before_repeats(facts),
        "host": host_name(session),
        "host_email": session.host_email,
        "to_host": facts.part is Part.HOST,
        "person": one_line(facts.person.name if facts.person else facts.notice.person or ""),
        "person_email": _email_of(facts.person),
        "decided": facts.person is not None and facts.person.join_status == "ACCEPT",
        "feedback_link": facts.links.feedback(facts.site.name, session.attendee_link, facts.notice.attendee_id),
    }
    return {**values, **_entry_values(facts)} if mail.lets_in else values


def _entry_values(facts: SessionFacts) -> dict[str, Any]:
    session, view = facts.session, facts.view
    link_for, link = _link(facts)
    told = link_for != "register" and facts.part is not Part.OTHER
    leads = facts.part in (Part.HOST, Part.ALTERNATE)
    password = session.password if told and (leads or not view.exclude_password) else None
    phones, phone_text = _phones(facts)
    return {
        "number": grouped(session.session_key),
        "password": password,
        "phone_password": spelled_on_keypad(password) if password and phones else None,
        "password_kept": bool(session.password and told and password is None),
        "host_key": session.host_key if leads else None,
        "register_id": _register_id(facts),
        "link": link,
        "link_for": link_for,
        "needs_account": view.join_requires_account and not leads,
        "phones": phones if link_for != "register" else [],
        "phone_text": phone_text if link_for != "register" else None,
        "description": rich(view.agenda or view.description),
    }


def _when(facts: SessionFacts, *, one_date: bool) -> Moment:
    session, notice = facts.session, facts.notice
    if notice.starts_at is not None:
        return moment(facts.reader, notice.starts_at, session.duration, session.time_zone_id)
    if one_date:
        start = timezones.to_utc(from_stored(notice.start_local), session.time_zone_id)
    else:
        start = _first(session.start_local, session.time_zone_id, stored_session(session).rule)
    return moment(facts.reader, start, session.duration, session.time_zone_id)


def _before(facts: SessionFacts) -> Moment | None:
    before = facts.notice.before
    if before is None:
        return None
    start = _first(before.start_local, before.time_zone_id, before.rule)
    # In the zone of the new time, since the mail names a zone once.
    return moment(facts.reader, start, before.duration, facts.session.time_zone_id)


def _before_repeats(facts: SessionFacts) -> str | None:
    """How a series recurred before a change, if it recurred otherwise than now."""
    before, words, session = facts.notice.before, facts.reader.language, facts.session
    if before is None or facts.notice.starts_at is not None:
        return None
    old = repetition(words, from_stored(before.start_local), before.rule)
    return old if old != repetition(words, from_stored(session.start_local), stored_session(session).rule) else None


def _first(start_local: str, time_zone_id: int, rule: Rule) -> int:
    """When a session first takes place, UTC epoch seconds: a series need not begin on the day that was given for it."""
    return timezones.to_utc(first_start(rule, from_stored(start_local), time_zone_id), time_zone_id)


def _link(facts: SessionFacts) -> tuple[str, str]:
    """What the reader does with the link of a mail (start, register, join), and the link."""
    links, site, session = facts.links, facts.site.name, facts.session
    if facts.part is Part.HOST:
        return "start", links.invitation(site, session.host_link)
    register_id = _register_id(facts)
    if register_id is not None:
        return "join", links.registered(site, session.session_key, int(register_id))
    if session.registration and facts.part in (Part.ATTENDEE, Part.OTHER) and not _accepted(facts.person):
        return "register", links.registration(site, session.attendee_link)
    return "join", links.invitation(site, session.attendee_link)


def _accepted(person: Attendee | None) -> bool:
    return person is not None and person.join_status == "ACCEPT" and not person.waiting


def _register_id(facts: SessionFacts) -> str | None:
    """The number that lets somebody in who registered and was accepted."""
    person = facts.person
    if not _accepted(person) or person is None or person.register_id is None or not facts.session.registration:
        return None
    return str(person.register_id)


def _phones(facts: SessionFacts) -> tuple[list[Phone], RichText | None]:
    """The numbers to call in to, and what the host wrote of other ways."""
    told = facts.view.telephony
    if told is None or told.telephony_support in (None, "NONE"):
        return [], None
    text = rich(told.ext_telephony_description)
    numbers = told.call_in_num
    if numbers is None:
        return [], text
    found = [
        Phone(one_line(numbers.toll_num or "")),
        Phone(one_line(numbers.toll_free_num or ""), toll_free=True),
        Phone(one_line(numbers.intl_local_num or "")),
    ]
    return [phone for phone in found if phone.number], text


def _email_of(person: Attendee | None) -> str | None:
    if person is None:
        return None
    return one_line(person_of(person).email or person.email_key)


def host_name(session: HostedSession) -> str:
    """How a session's host is called."""
    return one_line(f"{session.host_first_name} {session.host_last_name}") or session.host_email


def grouped(number: int) -> str:
    """A session's number in groups of four digits."""
    digits = str(number)
    return " ".join(filter(None, (digits[:-8], digits[-8:-4], digits[-4:])))


# ---- the calendar file -----------------------------------------------------------------------------------


def calendar_entry(mail: SessionMail, facts: SessionFacts, values: dict[str, Any], text: str) -> Entry | None:
    """What a mail puts on the reader's calendar or takes off it; None: it has no calendar file.

    Args:
        values: of the template.
        text: the mail as plain text, which becomes the description of what is put on it.
    """
    session, host = facts.session, facts.part is Part.HOST
    if mail.calendar is None or values.get("link_for") == "register" or not (facts.calendar_wanted or host):
        return None
    if not session.event_id:
        return None  # a row of a former release tells too little of a session that is gone
    if mail.occasion == "handed_over" and facts.person is not None:
        return None  # whoever is on the list keeps the entry
    cancelled = mail.calendar == "CANCEL"
    if session.series_key is not None and facts.related.series is None and cancelled:
        return None  # the series is gone, and its own cancellation takes all of it off
    accepted = host or _accepted(facts.person)
    party = Party(facts.reader.email, facts.reader.name, "ACCEPTED" if accepted and not cancelled else "NEEDS-ACTION")
    entry = entry_of(
        facts.site,
        session,
        facts.related,
        url=values.get("link") or values["site_url"],
        description="" if cancelled else _without_foot(text),
        attendees=[party],
        alarm=alarm_of(facts.wishes),
        cancelled=mail.outlives,
    )
    return _one_date(entry, facts) if mail.occasion == "occurrence" else entry


def _without_foot(text: str) -> str:
    """A mail's text without what stands below its line."""
    words, line, _ = text.rpartition(_FOOT_LINE)
    return words.rstrip() if line else text


def _one_date(entry: Entry, facts: SessionFacts) -> Entry:
    """The entry of one date of a series, which alone is cancelled."""
    start = from_stored(facts.notice.start_local)
    return msgspec.structs.replace(
        entry,
        sequence=max(entry.sequence, facts.notice.sequence),
        start=start,
        rule=NO_REPEAT,
        skipped=(),
        moved=(),
        replaces=start,
        replaces_zone_id=entry.time_zone_id,
    )
