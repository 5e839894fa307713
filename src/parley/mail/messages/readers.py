"""Who reads a mail: name, address, language and time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from parley.domain import timezones
from parley.domain.session import Attendee
from parley.domain.site import Site
from parley.domain.timezones import known_zone_id
from parley.domain.user import User
from parley.mail.languages import Language, language, language_id_of
from parley.mail.texts import one_line
from parley.services.mails import Habits
from parley.services.profiles import profile_of
from parley.services.sessions.people import read_sent


class Reader(NamedTuple):
    """Who reads a mail.

    Attributes:
        time_zone_id: the account's; None: that of what the mail is about.
    """

    name: str
    email: str
    language: Language
    time_zone_id: int | None = None


class Moment(msgspec.Struct, frozen=True):
    """A stretch of time as its reader writes it.

    Attributes:
        day: the date of its start.
        begins: time of day.
        hours: start and end; the end with its date when that is another one.
        zone: the reader's zone.
    """

    day: str
    begins: str
    hours: str
    zone: str


def reader_of(
    site: Site,
    email: str,
    account: User | None,
    person: Attendee | None,
    name: str | None = None,
    habits: Habits | None = None,
) -> Reader:
    """The reader of a mail.

    The language is the one that the person's place on the list asks for, else the account's, else the site's. The
    zone is the account's, else the one that the place on the list names.

    Args:
        account: of the address; None: it has none.
        person: on the session's list.
        habits: what the place on the list asked for, of somebody who is no longer there.
    """
    sent = read_sent(person.document) if person is not None else habits
    profile = profile_of(account) if account is not None else None
    wanted = (
        (sent.language_id or language_id_of(sent.language)) if sent is not None else None,
        profile.language_id if profile is not None else None,
        language_id_of(site.settings.language),
    )
    zones = (
        account.time_zone_id if account is not None else None,
        sent.time_zone_id if sent is not None else None,
    )
    known = f"{account.first_name} {account.last_name}" if account is not None else ""
    return Reader(
        name=one_line(name or (person.name if person is not None else known)) or email,
        email=email,
        language=language(next((number for number in wanted if number), None)),
        time_zone_id=next((known_zone_id(zone) for zone in zones if zone is not None and zone >= 0), None),
    )


def moment(reader: Reader, start: int, minutes: int, zone_id: int) -> Moment:
    """A stretch of time in the reader's zone.

    Args:
        start: UTC epoch seconds.
        zone_id: the zone for readers who have none.
    """
    zone = ZoneInfo(timezones.zone(zone_id if reader.time_zone_id is None else reader.time_zone_id).iana)
    begins, ends = (datetime.fromtimestamp(each, UTC).astimezone(zone) for each in (start, start + minutes * 60))
    words = reader.language
    end = words.time(ends) if ends.date() == begins.date() else f"{words.short_day(ends)}, {words.time(ends)}"
    start_time = words.time(begins)
    return Moment(words.day(begins), start_time, f"{start_time} – {end}", words.zone(begins))


def called(site: Site) -> str:
    """How a site is called in its mails: by the name that it sends them under."""
    return one_line(site.settings.mail_sender_name) or site.name
