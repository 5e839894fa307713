"""Calendar files of sessions: RFC 5545, with METHOD REQUEST, PUBLISH or CANCEL (RFC 5546).

A session keeps its UID for life; a change raises SEQUENCE. A series is one event with a rule; an occurrence that was
cancelled is an EXDATE, one that takes place otherwise an event of its own with RECURRENCE-ID and the UID of the series.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import icalendar
import msgspec

from parley.domain import timezones
from parley.domain.recurrence import NO_REPEAT, Kind, Rule, is_endless, series_end, starts_of
from parley.domain.rrules import first_start, is_listed, rrule
from parley.mail.vtimezones import vtimezone

Method = Literal["REQUEST", "PUBLISH", "CANCEL"]

_PRODUCT: Final = "-//Parley//Meetings//EN"


class Party(msgspec.Struct, frozen=True):
    """Somebody in a calendar file.

    Attributes:
        status: NEEDS-ACTION, ACCEPTED or DECLINED.
    """

    email: str
    name: str = ""
    status: str = "NEEDS-ACTION"


class Moved(msgspec.Struct, frozen=True):
    """An occurrence of a series that takes place otherwise.

    Attributes:
        day: local date of the occurrence that it replaces.
        start: wall-clock start, in the zone `time_zone_id`; `duration` in minutes.
    """

    day: date
    name: str
    start: datetime
    time_zone_id: int
    duration: int
    sequence: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A session as a calendar shows it.

    Attributes:
        uid: the same for the session's life; an exception has that of its series.
        start: wall-clock start in the zone; `duration` in minutes.
        skipped: local dates of occurrences that do not take place as the rule says.
        moved: those of them that take place otherwise.
        replaces: for an exception, the wall-clock start (zone of the series) of the occurrence that it replaces.
        url: where people join; also the location.
        alarm: minutes before the start; None: no alarm.
        stamp: when the session was last changed, UTC epoch seconds.
    """

    uid: str
    sequence: int
    name: str
    description: str
    url: str
    start: datetime
    time_zone_id: int
    duration: int
    stamp: int
    organizer: Party
    attendees: Sequence[Party] = ()
    rule: Rule = NO_REPEAT
    skipped: Sequence[date] = ()
    moved: Sequence[Moved] = ()
    replaces: datetime | None = None
    replaces_zone_id: int | None = None
    alarm: int | None = None


def calendar_file(entry: Entry, method: Method) -> bytes:
    """The file (text/calendar; charset=utf-8) that puts a session on a calendar or takes it off."""
    calendar = icalendar.Calendar()
    calendar.add("PRODID", _PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    first = first_start(entry.rule, entry.start, entry.time_zone_id)
    zones = {zone_id: _name(zone_id) for zone_id in _zone_ids(entry)}
    for name in sorted(set(zones.values())):
        calendar.add_component(vtimezone(name, first.year))
    calendar.add_component(_master(entry, first, method))
    if method != "CANCEL":
        for moved in entry.moved:
            calendar.add_component(_exception(entry, first, moved, method))
    return bytes(calendar.to_ical())


def _zone_ids(entry: Entry) -> set[int]:
    ids = {entry.time_zone_id, *(moved.time_zone_id for moved in entry.moved)}
    return ids if entry.replaces_zone_id is None else {*ids, entry.replaces_zone_id}


def _name(zone_id: int) -> str:
    return timezones.zone(zone_id).iana


def _at(local: datetime, zone_id: int) -> datetime:
    return local.replace(tzinfo=ZoneInfo(_name(zone_id)))


def _master(entry: Entry, first: datetime, method: Method) -> icalendar.Event:
    event = _event(entry, entry.name, entry.sequence, method)
    event.add("DTSTART", _at(first, entry.time_zone_id))
    event.add("DTEND", _at(_end(entry, first), entry.time_zone_id))
    parts = rrule(entry.rule, entry.start, entry.time_zone_id)
    if parts is not None:
        event.add("RRULE", icalendar.vRecur(dict(parts)))
        moved = {each.day for each in entry.moved}
        cancelled = [day for day in entry.skipped if day not in moved]
        if cancelled:
            times = [_at(datetime.combine(day, first.time()), entry.time_zone_id) for day in sorted(cancelled)]
            event.add("EXDATE", times)
    elif is_listed(entry.rule):
        starts = starts_of(entry.rule, entry.start, skip=entry.skipped).values()
        others = [_at(each, entry.time_zone_id) for each in starts if each != first]
        if others:
            event.add("RDATE", others)
    if entry.replaces is not None:
        event.add("RECURRENCE-ID", _at(entry.replaces, entry.replaces_zone_id or entry.time_zone_id))
    return event


def _end(entry: Entry, first: datetime) -> datetime:
    """End of the first occurrence; a room without fixed times is open until its last day."""
    if entry.rule.kind is Kind.CONSTANT and not is_endless(entry.rule):
        last = series_end(entry.rule, entry.start, entry.time_zone_id, entry.duration)
        if last is not None:
            return timezones.to_local(last, entry.time_zone_id)
    return first + timedelta(minutes=entry.duration)


def _exception(entry: Entry, first: datetime, moved: Moved, method: Method) -> icalendar.Event:
    event = _event(entry, moved.name, max(entry.sequence, moved.sequence), method)
    event.add("RECURRENCE-ID", _at(datetime.combine(moved.day, first.time()), entry.time_zone_id))
    event.add("DTSTART", _at(moved.start, moved.time_zone_id))
    event.add("DTEND", _at(moved.start + timedelta(minutes=moved.duration), moved.time_zone_id))
    return event


def _event(entry: Entry, name: str, sequence: int, method: Method) -> icalendar.Event:
    """An event without its times."""
    event = icalendar.Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", sequence)
    stamp = datetime.fromtimestamp(entry.stamp, UTC)
    event.add("DTSTAMP", stamp)
    event.add("LAST-MODIFIED", stamp)
    event.add("SUMMARY", _line(name))
    if entry.description:
        event.add("DESCRIPTION", entry.description)
    event.add("URL", entry.url)
    event.add("LOCATION", entry.url)
    event.add("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if method == "CANCEL" else "OPAQUE")
    event.add("CLASS", "PUBLIC")
    event.add("ORGANIZER", _person(entry.organizer))
    for each in entry.attendees:
        person = _person(each)
        person.params["ROLE"] = icalendar.vText("REQ-PARTICIPANT")
        person.params["PARTSTAT"] = icalendar.vText(each.status)
        person.params["RSVP"] = icalendar.vText("TRUE" if method == "REQUEST" else "FALSE")
        event.add("ATTENDEE", person, encode=False)
    if entry.alarm is not None and method != "CANCEL":
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", _line(name))
        alarm.add("TRIGGER", timedelta(minutes=-entry.alarm))
        event.add_component(alarm)
    return event


def _person(party: Party) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{_line(party.email)}")
    if party.name:
        # Parameters cannot hold quotes or control characters.
        address.params["CN"] = icalendar.vText(_line(party.name).replace('"', "'"))
    return address


def _line(text: str) -> str:
    """A text as one line, without control characters, so that nothing can end a line of the file."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
