"""Mails about recordings, labs, and the tests of training sessions."""

from __future__ import annotations

from typing import Any, Final

from babel.numbers import format_decimal

from parley.domain.session import Session
from parley.domain.site import Site
from parley.mail.languages import Language
from parley.mail.messages.readers import Reader, called, moment
from parley.mail.texts import one_line
from parley.services.lab_mails import LAB_CANCELLED, LAB_ENDING, LAB_RESERVED, LabNotice
from parley.services.links import Links
from parley.services.mails import AboutTest, TestOccasion
from parley.services.recording_mails import Happened, RecordingNotice

_MINUTE: Final = 60
_MEGABYTE: Final = 1_000_000

#: The templates, by kind.
RECORDING_MAILS: Final = {
    Happened.TRASHED.value: "recording_trashed",
    Happened.DELETED.value: "recording_deleted",
    Happened.REASSIGNED.value: "recording_reassigned",
}
LAB_MAILS: Final = {LAB_RESERVED: "lab_reserved", LAB_ENDING: "lab_ending", LAB_CANCELLED: "lab_cancelled"}
TEST_MAILS: Final = {
    TestOccasion.INVITATION.value: "test_invitation",
    TestOccasion.STARTED.value: "test_started",
    TestOccasion.REMINDER.value: "test_reminder",
    TestOccasion.SUBMITTED.value: "test_submitted",
    TestOccasion.REPORT.value: "test_report",
}


def recording_values(site: Site, links: Links, reader: Reader, notice: RecordingNotice) -> dict[str, Any]:
    """What the templates about recordings name."""
    minutes = -(-notice.seconds // _MINUTE)
    when = moment(reader, notice.recorded_at, minutes, site.settings.default_time_zone_id)
    return {
        **_of_site(site, links),
        "name": one_line(notice.name),
        "day": when.day,
        "hours": when.hours,
        "length": reader.language.length(minutes),
        "size": _size(reader.language, notice.size),
        "actor": one_line(notice.actor),
        "new_owner": one_line(notice.new_owner) if notice.new_owner else None,
        "days": notice.trash_days or None,
    }


def lab_values(site: Site, links: Links, reader: Reader, notice: LabNotice) -> dict[str, Any]:
    """What the template about a lab names."""
    when = moment(reader, notice.starts_at, notice.minutes, notice.time_zone_id)
    return {
        **_of_site(site, links),
        "name": one_line(notice.name),
        "lab": one_line(notice.lab),
        "computers": _number(reader.language, notice.computers),
        "day": when.day,
        "hours": when.hours,
        "zone": when.zone,
    }


def values_of_test(
    site: Site, links: Links, reader: Reader, session: Session, about: AboutTest, person: str
) -> dict[str, Any]:
    """What the templates about tests name.

    Args:
        person: who took the test, for its host.
    """
    words, zone_id = reader.language, session.time_zone_id
    opens = moment(reader, about.opens_at, 0, zone_id) if about.opens_at is not None else None
    closes = moment(reader, about.closes_at, 0, zone_id) if about.closes_at is not None else None
    score = _number(words, about.score) if about.score is not None else None
    return {
        **_of_site(site, links),
        "title": one_line(about.title),
        "name": one_line(session.name),
        "person": one_line(person),
        "opens": opens,
        "closes": closes,
        "limit": words.length(about.minutes) if about.minutes else None,
        "link": about.link,
        "score": f"{score} / {_number(words, about.highest)}" if score and about.highest else score,
        "grade": one_line(about.grade),
    }


def _of_site(site: Site, links: Links) -> dict[str, Any]:
    return {"site": called(site), "site_url": links.root(site.name)}


def _number(words: Language, number: float) -> str:
    return format_decimal(number, locale=words.locale)


def _size(words: Language, size: int) -> str | None:
    """A size in megabytes."""
    if not size:
        return None
    return f"{format_decimal(round(size / _MEGABYTE, 1), locale=words.locale)} MB"
