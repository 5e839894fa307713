"""Rows of the outbox become mails: whom they are from and for, what they tell, and their calendar files."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import icalendar
import msgspec
import pytest

from parley.config import Config
from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType
from parley.contract.event import (
    EmailTemplatesType,
    EmailTemplatesTypeEnrollmentMsgs,
    EmailTemplatesTypeEnrollmentMsgsAcceptedEmail,
    EmailTemplatesTypeInvitationMsgs,
    EmailTemplatesTypeReminderMsgs,
    EmailTemplatesTypeReminderMsgsFirstReminder,
    EmailTemplatesTypeReminderMsgsSecondReminder,
    EmailTemplateType,
    EventType,
)
from parley.contract.meeting import (
    AttendeeOptionsType,
    GetMeetingResponse,
    MetaDataType,
    RemindType,
    TelephonyType,
)
from parley.contract.service import CallInNumType
from parley.contract.user import GetUserResponse
from parley.domain.recurrence import Kind, Rule
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.site import Site, SiteSettings
from parley.domain.user import User
from parley.mail.composing import KINDS, composer
from parley.mail.delivery import Composed
from parley.mail.transports import NotSent
from parley.services import account_notices as notices
from parley.services import mails
from parley.services.application import Application
from parley.services.context import Context
from parley.services.event.document import StoredEvent
from parley.services.lab_mails import LabNotice, lab_reserved
from parley.services.mails import AboutTest, Deleted, Notice, Occasion, TestOccasion, Times
from parley.services.meeting.document import StoredMeeting
from parley.services.recording_mails import Happened, RecordingNotice, tell_owner
from parley.services.session_types import standard_types
from parley.services.sessions.stored import StoredSession, write_document
from parley.store import Changes, outbox, sessions, sites, users
from parley.store.outbox import Message
from tests.store.builders import a_session, a_site, a_user, an_attendee

NOW = 1_800_000_000
START = "2027-03-04 14:00:00"
STARTS_AT = 1_804_197_600
BERLIN, SAN_FRANCISCO = 25, 4


@dataclass
class Office:
    """A site with a host, and what makes its mails."""

    application: Application
    site: Site
    host: User

    async def compose(self, message: Message) -> Composed | None:
        made = await composer(self.application)(message)
        assert made is None or isinstance(made, Composed)
        return made

    async def mail(self, message: Message) -> EmailMessage:
        composed = await self.compose(message)
        assert composed is not None
        return composed.mail

    async def session(self, *people: Attendee, **fields: Any) -> HostedSession:
        usual = {"name": "Quarterly review", "start_local": START, "time_zone_id": BERLIN, "duration": 90}
        given = {**usual, "document": meeting(), **fields}
        session = a_session(self.site.site_id, self.host.user_id, modified_at=NOW, **given)
        placed = [msgspec.structs.replace(each, session_key=session.session_key) for each in people]
        changes = Changes()
        stored = sessions.create_session(changes, session, placed)
        await self.application.engine.commit(changes)
        found = await sessions.by_key(self.application.engine, stored.site_id, stored.session_key)
        assert found is not None
        return found

    def person(self, name: str = "Grace Hopper", email: str = "grace@example.com", **fields: Any) -> Attendee:
        nowhere = a_session(self.site.site_id, self.host.user_id)
        return an_attendee(nowhere, email, name=name, **fields)

    async def account(self, **fields: Any) -> User:
        user = a_user(self.site.site_id, **fields)
        changes = Changes()
        users.create(changes, user)
        await self.application.engine.commit(changes)
        return user

    async def settings(self, **changed: Any) -> None:
        changes = Changes()
        settings = msgspec.structs.replace(self.site.settings, **changed)
        self.site = sites.update(changes, self.site, msgspec.structs.replace(self.site, settings=settings))
        await self.application.engine.commit(changes)


@pytest.fixture
async def office(database: str, tmp_path: Path) -> AsyncIterator[Office]:
    config = Config(
        data=str(tmp_path), database=database, public_url="https://meet.example.com", mail_sender="noreply@example.com"
    )
    application = await Application.start(config)
    site = a_site(settings=SiteSettings(mail_sender_name="Acme Meetings"))
    host = a_user(
        site.site_id, first_name="Ada", last_name="Lovelace", email="ada@example.com", time_zone_id=SAN_FRANCISCO
    )
    changes = Changes()
    sites.create(changes, site, standard_types(site.site_id))
    users.create(changes, host)
    await application.engine.commit(changes)
    yield Office(application, site, host)
    await application.stop()


def message(kind: str, session: Session, recipient: str, person: Attendee | None = None, **notice: Any) -> Message:
    """A row as the services write it."""
    told = Notice(
        name=session.name,
        start_local=session.start_local,
        time_zone_id=session.time_zone_id,
        duration=session.duration,
        sequence=session.sequence,
        uuid=session.uuid,
        attendee_id=person.attendee_id if person else None,
        register_id=person.register_id if person else None,
        person=person.name if person else None,
        role=person.role if person else None,
    )
    return row(kind, session.site_id, recipient, msgspec.structs.replace(told, **notice), session.session_key)


def row(kind: str, site_id: int, recipient: str, document: object, session_key: int | None = None) -> Message:
    text = msgspec.json.encode(document).decode()
    number = secrets.randbelow(1 << 62)
    return Message(site_id, number, kind, session_key, recipient, document=text, created_at=NOW)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\u202f", " ")


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def calendar_of(mail: EmailMessage) -> Any:
    """The calendar file, which is in the mail twice alike; None: there is none."""
    inner = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    attached = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    if not inner:
        assert not attached
        return None
    (one,), (other,) = inner, attached
    file = bytes(other.get_content())
    assert bytes(one.get_payload(decode=True)).replace(b"\r\n", b"\n") == file.replace(b"\r\n", b"\n")
    calendar = icalendar.Calendar.from_ical(file)
    assert calendar["METHOD"] == one.get_param("method")
    return calendar


def event_of(mail: EmailMessage) -> Any:
    calendar = calendar_of(mail)
    assert calendar is not None
    return calendar.events[0]


def meeting(**fields: Any) -> str:
    return write_document(StoredMeeting(meeting=GetMeetingResponse(**fields)))


# ---- sessions --------------------------------------------------------------------------------------------


async def test_a_host_is_told_how_to_hold_the_session(office: Office) -> None:
    session = await office.session(password="Tea4two")
    composed = await office.compose(message("session.scheduled", session, "ada@example.com"))
    assert composed is not None
    mail = composed.mail
    assert (composed.sender, composed.recipient) == ("noreply@example.com", "ada@example.com")
    assert mail["From"] == "Acme Meetings <noreply@example.com>"
    assert mail["To"] == "Ada Lovelace <ada@example.com>"
    assert mail["Reply-To"] is None
    assert mail["Subject"] == "Meeting scheduled: Quarterly review"
    text = text_of(mail)
    # The host's own zone: nine hours behind the session's.
    assert "Thursday, March 4, 2027" in text
    assert "5:00 AM – 6:30 AM (Pacific Standard Time, GMT-08:00)" in text
    for told in (session.host_key, "Tea4two", f"j.php?MTID={session.host_link}"):
        assert told in text
        assert told in html_of(mail)
    assert session.attendee_link not in text


async def test_an_attendee_is_invited(office: Office) -> None:
    person = office.person()
    session = await office.session(person, password="Tea4two")
    mail = await office.mail(message("session.invitation", session, "grace@example.com", person))
    assert mail["From"] == "Ada Lovelace - Acme Meetings <noreply@example.com>"
    assert mail["To"] == "Grace Hopper <grace@example.com>"
    assert mail["Reply-To"] == "Ada Lovelace <ada@example.com>"
    assert mail["Subject"] == "Meeting invitation: Quarterly review"
    text = text_of(mail)
    assert "Ada Lovelace invites you to take part." in text
    # Without an account the reader gets the session's own zone.
    assert "2:00 PM – 3:30 PM (Central European Standard Time, GMT+01:00)" in text
    assert f"https://meet.example.com/{office.site.name}/j.php?MTID={session.attendee_link}" in text
    assert "Tea4two" in text
    for secret in (session.host_link, session.host_key):
        assert secret not in mail.as_string()


async def test_the_same_row_has_the_same_message_id(office: Office) -> None:
    session = await office.session()
    told = message("session.scheduled", session, "ada@example.com")
    first, second = await office.mail(told), await office.mail(told)
    assert first["Message-ID"] == second["Message-ID"] == f"<{told.site_id}.{told.outbox_id}@meet.example.com>"


async def test_language_and_zone_are_those_of_the_readers_account(office: Office) -> None:
    profile = msgspec.json.encode(GetUserResponse(language_id=9)).decode()
    account = await office.account(email="grete@example.com", time_zone_id=49, document=profile)
    person = office.person("Grete", account.email)
    session = await office.session(person)
    mail = await office.mail(message("session.invitation", session, person.email_key, person))
    assert mail["Subject"] == "Einladung zur Besprechung: Quarterly review"
    assert mail["Content-Language"] == "de-DE"
    assert "Donnerstag, 4. März 2027" in text_of(mail)
    assert "22:00 – 23:30" in text_of(mail)


async def test_language_and_zone_of_the_list_hold_for_readers_without_account(office: Office) -> None:
    sent = AttendeeType(person=PersonType(email="grace@example.com"), language_id=7, time_zone_id=SAN_FRANCISCO)
    person = office.person(document=msgspec.json.encode(sent).decode())
    session = await office.session(person)
    text = text_of(await office.mail(message("session.invitation", session, person.email_key, person)))
    assert "jeudi 4 mars 2027" in text
    assert "05:00 – 06:30" in text


async def test_the_language_of_the_site_is_that_of_all_others(office: Office) -> None:
    await office.settings(language="JAPANESE")
    person = office.person()
    session = await office.session(person)
    mail = await office.mail(message("session.invitation", session, person.email_key, person))
    assert mail["Subject"] == "ミーティングへの招待: Quarterly review"


async def test_the_invitation_is_worded_by_the_readers_part(office: Office) -> None:
    alternate, panelist = office.person(role="HOST"), office.person("Bob", "bob@example.com", role="PRESENTER")
    session = await office.session(alternate, panelist, password="Tea4two", document=excluding())
    first = await office.mail(message("session.invitation", session, alternate.email_key, alternate))
    assert first["Subject"] == "You are an alternate host: Quarterly review"
    assert "Tea4two" in text_of(first)
    assert session.host_key in text_of(first)
    second = await office.mail(message("session.invitation", session, panelist.email_key, panelist))
    assert second["Subject"] == "You are a panelist: Quarterly review"
    assert "Tea4two" not in second.as_string()


def excluding() -> str:
    return meeting(attendee_options=AttendeeOptionsType(exclude_password=True))


EVENT_DOCUMENT = write_document(StoredEvent(event=EventType()))


@pytest.mark.parametrize("kind", ["session.invitation", "session.reminder", "session.rescheduled"])
async def test_a_password_that_is_kept_out_of_mails_is_in_no_part_of_them(office: Office, kind: str) -> None:
    person = office.person()
    session = await office.session(person, password="Tea4two", document=excluding())
    notice = {"starts_at": STARTS_AT} if kind == "session.reminder" else {}
    mail = await office.mail(message(kind, session, person.email_key, person, **notice))
    calendar = calendar_of(mail)
    whole = text_of(mail) + html_of(mail) + (calendar.to_ical().decode() if calendar else "")
    assert "Tea4two" not in whole
    assert "8324896" not in whole
    assert "The password is not in this mail" in text_of(mail)
    told = await office.mail(message("session.scheduled", session, "ada@example.com"))
    assert "Tea4two" in text_of(told)


@pytest.mark.parametrize(
    "kind", ["registration.pending", "registration.waiting", "registration.rejected", "registration.removed"]
)
async def test_who_may_not_come_yet_is_not_told_how(office: Office, kind: str) -> None:
    person = office.person(join_status="REGISTER")
    session = await office.session(person, password="Tea4two", registration=True)
    mail = await office.mail(message(kind, session, person.email_key, person))
    for secret in ("Tea4two", session.host_key, session.host_link, session.attendee_link, "RID="):
        assert secret not in text_of(mail)


async def test_who_has_to_register_gets_the_form_and_nothing_else(office: Office) -> None:
    person = office.person()
    session = await office.session(person, password="Tea4two", registration=True)
    mail = await office.mail(message("session.invitation", session, person.email_key, person))
    assert f"j.php?RGID=r{session.attendee_link[1:]}" in text_of(mail)
    assert "Tea4two" not in mail.as_string()
    assert calendar_of(mail) is None


async def test_who_is_accepted_comes_in_by_the_own_number(office: Office) -> None:
    person = office.person(join_status="ACCEPT", register_id=730_114)
    session = await office.session(person, password="Tea4two", registration=True)
    mail = await office.mail(message("registration.accepted", session, person.email_key, person))
    text = text_of(mail)
    assert f"m.php?AT=JM&MK={session.session_key}&RID=730114" in text
    assert "Registration ID: 730114" in text
    assert "Tea4two" in text
    assert event_of(mail)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


async def test_the_host_learns_who_asks(office: Office) -> None:
    person = office.person("Grace <b>", join_status="REGISTER")
    session = await office.session(person, registration=True)
    mail = await office.mail(message("registration.received", session, "ada@example.com", person))
    assert mail["To"] == "Ada Lovelace <ada@example.com>"
    assert mail["Reply-To"] is None
    assert "Grace <b> asks to take part in your session." in text_of(mail)
    assert "Grace &lt;b&gt;" in html_of(mail)
    assert "grace@example.com" in text_of(mail)


async def test_a_change_tells_what_was_before(office: Office) -> None:
    person = office.person()
    session = await office.session(person, sequence=2)
    before = Times("2027-03-03 10:00:00", BERLIN, 60)
    mail = await office.mail(message("session.rescheduled", session, person.email_key, person, before=before))
    assert mail["Subject"] == "Meeting rescheduled: Quarterly review"
    assert "Before: Wednesday, March 3, 2027 (10:00 AM – 11:00 AM)" in text_of(mail)
    assert event_of(mail)["SEQUENCE"] == 2


async def test_a_reminder_is_about_one_date(office: Office) -> None:
    session = await office.session(document=series_document())
    later = STARTS_AT - 9 * 3600 + 7 * 86_400
    mail = await office.mail(message("session.reminder", session, "ada@example.com", starts_at=later))
    assert "Date: Thursday, March 11, 2027\n" in text_of(mail)
    assert calendar_of(mail) is None


async def test_addresses_that_are_on_no_list_learn_no_password(office: Office) -> None:
    session = await office.session(password="Tea4two")
    mail = await office.mail(message("session.reminder", session, "desk@example.com", starts_at=STARTS_AT))
    assert session.attendee_link in text_of(mail)
    for secret in ("Tea4two", session.host_link, session.host_key):
        assert secret not in text_of(mail)


async def test_telephones_and_agenda_are_told(office: Office) -> None:
    document = meeting(
        meta_data=MetaDataType(agenda="<b>Figures</b><br>Plans<img src='https://x.example/p.gif'>"),
        telephony=TelephonyType(
            telephony_support="CALLIN",
            call_in_num=CallInNumType(toll_num="+1 415 555 0100", toll_free_num="+1 800 555 0100"),
        ),
    )
    person = office.person()
    session = await office.session(person, password="Tea4two", document=document)
    mail = await office.mail(message("session.invitation", session, person.email_key, person))
    text = text_of(mail)
    assert "Call-in number: +1 415 555 0100" in text
    assert "Toll-free number: +1 800 555 0100" in text
    assert "Tea4two (8324896 on a telephone)" in text
    assert "Figures\nPlans" in text
    assert "<b>Figures</b>" in html_of(mail)
    assert "x.example" not in html_of(mail)


@pytest.mark.parametrize(
    ("service", "session_type", "subject"),
    [
        ("MeetingCenter", 1, "Meeting cancelled"),
        ("MeetingCenter", 101, "Webinar cancelled"),
        ("EventCenter", 103, "Event cancelled"),
        ("TrainingCenter", 104, "Training session cancelled"),
        ("SupportCenter", 1, "Support session cancelled"),
        ("SalesCenter", 1, "Sales meeting cancelled"),
    ],
)
async def test_sessions_are_called_what_they_are(office: Office, service: str, session_type: int, subject: str) -> None:
    session = await office.session(service=service, session_type=session_type)
    gone = mails.deleted(session)
    mail = await office.mail(message("session.cancelled", session, "ada@example.com", deleted=gone))
    assert mail["Subject"] == f"{subject}: Quarterly review"


# ---- sessions that are gone ------------------------------------------------------------------------------


async def delete(office: Office, session: HostedSession) -> None:
    changes = Changes()
    sessions.delete_session(changes, session.plain())
    await office.application.engine.commit(changes)


@pytest.mark.parametrize(
    "kind",
    [
        *("session.scheduled", "session.invitation", "session.rescheduled", "session.reminder", "occurrence.cancelled"),
        *("registration.pending", "registration.accepted", "registration.rejected", "registration.received"),
        "test.invitation",
    ],
)
async def test_mails_about_a_session_that_is_gone_are_dropped(office: Office, kind: str) -> None:
    person = office.person()
    session = await office.session(person)
    await delete(office, session)
    assert await office.compose(message(kind, session, person.email_key, person, starts_at=STARTS_AT)) is None


async def test_who_left_the_list_is_not_invited_any_more(office: Office) -> None:
    session = await office.session()
    person = office.person()
    assert await office.compose(message("session.invitation", session, person.email_key, person)) is None
    assert await office.compose(message("registration.accepted", session, person.email_key, person)) is None


async def test_a_cancellation_goes_out_without_the_sessions_row(office: Office) -> None:
    person = office.person()
    session = await office.session(person, document=series_document(), sequence=3)
    gone = mails.deleted(session)
    await delete(office, session)
    for recipient, whom in (("ada@example.com", None), (person.email_key, person)):
        mail = await office.mail(message("session.cancelled", session, recipient, whom, deleted=gone))
        assert mail["Subject"] == "Meeting cancelled: Quarterly review"
        calendar = calendar_of(mail)
        assert calendar is not None
        assert calendar["METHOD"] == "CANCEL"
        (event,) = calendar.events
        assert event["UID"] == f"{session.event_id}@{office.site.name}"
        assert event["SEQUENCE"] == 4
        assert event["STATUS"] == "CANCELLED"
        assert event["RRULE"]["FREQ"] == ["WEEKLY"]
        assert event["ORGANIZER"] == "mailto:ada@example.com"
        assert event["ATTENDEE"] == f"mailto:{recipient}"


async def test_a_cancellation_speaks_the_language_that_the_list_named(office: Office) -> None:
    asked = AttendeeType(language_id=9, email_invitations=True)
    person = office.person(document=msgspec.json.encode(asked).decode())
    session = await office.session(person)
    context = cast(Context, SimpleNamespace(now=NOW))
    placed = msgspec.structs.replace(person, session_key=session.session_key)
    changes = Changes()
    mails.cancelled(context, changes, session, [placed])
    mails.listed(context, changes, session, [(Occasion.REMOVED, placed)])
    await office.application.engine.commit(changes)
    await delete(office, session)
    rows = await outbox.waiting(office.application.engine, office.site.site_id)
    (cancelled,) = [each for each in rows if (each.kind, each.recipient) == ("session.cancelled", person.email_key)]
    mail = await office.mail(cancelled)
    assert mail["Content-Language"] == "de-DE"
    (removed,) = [each for each in rows if each.kind == "registration.removed"]
    habits = msgspec.json.decode(removed.document, type=Notice).habits
    assert habits is not None
    assert habits.language_id == 9


async def test_an_exception_that_went_with_its_series_is_taken_off_alone(office: Office) -> None:
    person = office.person()
    series = await office.session(document=series_document(), recurring=True)
    day = {"series_key": series.session_key, "series_day": "2027-03-11", "start_local": "2027-03-11 16:00:00"}
    other = await office.session(person, **day)
    gone = mails.deleted(other, series)
    await delete(office, other)
    await delete(office, series)
    mail = await office.mail(message("session.cancelled", other, person.email_key, person, deleted=gone))
    event = event_of(mail)
    assert event["UID"] == f"{series.event_id}@{office.site.name}"
    assert event["RECURRENCE-ID"].dt.isoformat() == "2027-03-11T14:00:00+01:00"
    assert calendar_of(mail)["METHOD"] == "CANCEL"


async def test_the_former_host_loses_the_entry_and_learns_who_holds_it(office: Office) -> None:
    session = await office.session(sequence=2)
    mail = await office.mail(message("session.handed_over", session, "old@example.com"))
    assert mail["Subject"] == "Somebody else is the host now: Quarterly review"
    assert "Ada Lovelace holds this session from now on." in text_of(mail)
    assert session.host_link not in mail.as_string()
    assert "Password" not in text_of(mail)
    assert calendar_of(mail)["METHOD"] == "CANCEL"
    assert event_of(mail)["SEQUENCE"] == 2
    listed = office.person()
    other = await office.session(listed)
    mail = await office.mail(message("session.handed_over", other, listed.email_key, listed))
    assert calendar_of(mail) is None  # the entry of somebody on the list stays


async def test_a_series_is_told_by_the_day_on_which_it_first_takes_place(office: Office) -> None:
    person = office.person()
    weekly = Rule(kind=Kind.WEEKLY, days=(0,), after_meeting_number=3)
    document = write_document(StoredMeeting(meeting=GetMeetingResponse(), rule=weekly))
    session = await office.session(person, document=document, recurring=True)
    before = Times("2027-03-02 10:00:00", SAN_FRANCISCO, 60, Rule(kind=Kind.WEEKLY, days=(4,), after_meeting_number=3))
    mail = await office.mail(message("session.rescheduled", session, person.email_key, person, before=before))
    text = text_of(mail)
    assert "Date: Monday, March 8, 2027" in text
    # What was before is told in the zone of what is now.
    assert "Before: Friday, March 5, 2027 (7:00 PM – 8:00 PM · Every week: Friday, 3 times)" in text
    assert str(event_of(mail)["DTSTART"].dt.date()) == "2027-03-08"
    assert "You get this mail" not in event_of(mail)["DESCRIPTION"]


async def test_rows_of_the_former_release_are_still_delivered(office: Office) -> None:
    document = {
        "name": "Old",
        "start_local": START,
        "time_zone_id": BERLIN,
        "duration": 30,
        "sequence": 0,
        "uuid": "ab" * 16,
    }
    mail = await office.mail(row("session.cancelled", office.site.site_id, "ada@example.com", document, 12345))
    assert mail["Subject"] == "Meeting cancelled: Old"
    assert calendar_of(mail) is None
    session = await office.session()
    mail = await office.mail(
        row("session.scheduled", office.site.site_id, "ada@example.com", document, session.session_key)
    )
    assert mail["Subject"] == "Meeting scheduled: Quarterly review"


# ---- calendar files --------------------------------------------------------------------------------------


def series_document(*skipped: str, **fields: Any) -> str:
    rule = Rule(kind=Kind.WEEKLY, days=(3,), after_meeting_number=10)
    days = tuple(date.fromisoformat(day) for day in skipped)
    return write_document(StoredMeeting(meeting=GetMeetingResponse(**fields), rule=rule, skipped=days))


async def test_the_calendar_file_says_what_the_mail_says(office: Office) -> None:
    remind = RemindType(enable_reminder=True, send_email=True, minutes_ahead=20)
    person = office.person("שרה, לוי")
    session = await office.session(person, sequence=5, password="Tea4two", document=meeting(remind=remind))
    mail = await office.mail(message("session.invitation", session, person.email_key, person))
    calendar = calendar_of(mail)
    assert calendar is not None
    assert calendar["METHOD"] == "REQUEST"
    (event,) = calendar.events
    assert event["UID"] == f"{session.event_id}@{office.site.name}"
    assert event["SEQUENCE"] == 5
    assert event["SUMMARY"] == "Quarterly review"
    assert event["DTSTART"].dt == datetime(2027, 3, 4, 14, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["DTEND"].dt == datetime(2027, 3, 4, 15, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["URL"] == f"https://meet.example.com/{office.site.name}/j.php?MTID={session.attendee_link}"
    assert event["ORGANIZER"] == "mailto:ada@example.com"
    assert event["ATTENDEE"] == "mailto:grace@example.com"
    assert event["ATTENDEE"].params["CN"] == "שרה, לוי"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert "Tea4two" in event["DESCRIPTION"]
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt.total_seconds() == -20 * 60


async def test_a_series_and_what_differs_in_it_share_one_uid(office: Office) -> None:
    series = await office.session(
        document=series_document("2027-03-11", "2027-03-18"), recurring=True, sequence=2, session_key=30_000_000_001
    )
    other = await office.session(
        name="Elsewhere",
        series_key=series.session_key,
        series_day="2027-03-18",
        start_local="2027-03-19 09:00:00",
        sequence=1,
        document=meeting(),
    )
    of_series = calendar_of(await office.mail(message("session.scheduled", series, "ada@example.com")))
    of_other = calendar_of(await office.mail(message("session.rescheduled", other, "ada@example.com")))
    assert of_series is not None
    assert of_other is not None
    master, moved = of_series.events
    (alone,) = of_other.events
    replaced = datetime(2027, 3, 18, 14, tzinfo=ZoneInfo("Europe/Berlin"))
    assert master["EXDATE"].dts[0].dt == datetime(2027, 3, 11, 14, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moved["RECURRENCE-ID"].dt == alone["RECURRENCE-ID"].dt == replaced
    assert moved["DTSTART"].dt == alone["DTSTART"].dt
    assert master["UID"] == moved["UID"] == alone["UID"]
    assert moved["SEQUENCE"] == alone["SEQUENCE"] == 3
    gone = mails.deleted(other)
    await delete(office, other)
    cancelled = event_of(await office.mail(message("session.cancelled", other, "ada@example.com", deleted=gone)))
    assert cancelled["RECURRENCE-ID"].dt == replaced
    assert cancelled["UID"] == master["UID"]
    assert cancelled["SEQUENCE"] > moved["SEQUENCE"]
    await delete(office, series)
    mail = await office.mail(message("session.cancelled", other, "ada@example.com", deleted=gone))
    assert calendar_of(mail) is None


async def test_one_cancelled_date_is_taken_off_alone(office: Office) -> None:
    series = await office.session(document=series_document("2027-03-11"), recurring=True, sequence=1)
    told = message("occurrence.cancelled", series, "ada@example.com", start_local="2027-03-11 14:00:00")
    mail = await office.mail(told)
    assert mail["Subject"] == "One date cancelled: Quarterly review"
    assert "Date: Thursday, March 11, 2027\n" in text_of(mail)
    event = event_of(mail)
    assert event["RECURRENCE-ID"].dt == datetime(2027, 3, 11, 14, tzinfo=ZoneInfo("Europe/Berlin"))
    assert "RRULE" not in event
    assert event["STATUS"] == "CANCELLED"


async def test_who_is_taken_off_the_list_loses_the_entry(office: Office) -> None:
    session = await office.session()
    person = office.person()
    mail = await office.mail(message("registration.removed", session, person.email_key, person))
    calendar = calendar_of(mail)
    assert calendar is not None
    assert calendar["METHOD"] == "CANCEL"


# ---- events with words of their own ----------------------------------------------------------------------


def event(iso: bool | None = None, **templates: Any) -> str:
    return write_document(StoredEvent(event=EventType(email_templates=EmailTemplatesType(i_calendar=iso, **templates))))


def invitation(**fields: Any) -> EmailTemplatesTypeInvitationMsgs:
    return EmailTemplatesTypeInvitationMsgs(participants_email=EmailTemplateType(**fields))


async def event_mail(office: Office, document: str, kind: str = "session.invitation", **fields: Any) -> EmailMessage:
    person = office.person(**fields)
    session = await office.session(
        person, service="EventCenter", session_type=103, document=document, password="Tea4two", name="Ball & <Gala>"
    )
    return await office.mail(message(kind, session, person.email_key, person))


async def test_a_host_words_the_mails_of_an_event(office: Office) -> None:
    document = event(
        format="HTML",
        invitation_msgs=invitation(
            subject="You and %Topic%\r\nBcc: x@example.com",
            from_="The Ball Team <team@example.com>",
            content="<p>Dear %attendeename%, %Topic% costs 100% %Nothing%: %MeetingPassword%.</p><img src='//x'>",
        ),
    )
    mail = await event_mail(office, document)
    assert mail["Subject"] == "You and Ball & <Gala> Bcc: x@example.com"
    assert mail["Bcc"] is None
    assert mail["From"] == "The Ball Team <noreply@example.com>"
    assert mail["Reply-To"] == "The Ball Team <team@example.com>"
    assert "Dear Grace Hopper, Ball & <Gala> costs 100% %Nothing%: Tea4two." in text_of(mail)
    assert "Ball &amp; &lt;Gala&gt; costs" in html_of(mail)
    assert "<img" not in html_of(mail)
    # The host wrote no link, so it is added.
    assert "j.php?MTID=" in text_of(mail)


async def test_plain_words_that_hold_the_link_stand_alone(office: Office) -> None:
    document = event(
        iso=False,
        format="TEXT",
        invitation_msgs=invitation(content="<b>Come</b>:\n%MeetingLink%", reply_to="desk@example.com"),
    )
    mail = await event_mail(office, document)
    assert mail["Subject"] == "Event invitation: Ball & <Gala>"
    assert mail["Reply-To"].addresses[0].addr_spec == "desk@example.com"
    assert "<b>Come</b>:\nhttps://meet.example.com/" in text_of(mail)
    assert "&lt;b&gt;Come&lt;/b&gt;:<br>" in html_of(mail)
    assert "Number:" not in text_of(mail)
    assert calendar_of(mail) is None


async def test_a_subject_alone_leaves_the_text_as_it_is(office: Office) -> None:
    document = event(invitation_msgs=invitation(subject="%ForwardSubjectDesc%Come to %Topic%"))
    mail = await event_mail(office, document)
    assert mail["Subject"] == "Come to Ball & <Gala>"
    assert "invites you to take part" in text_of(mail)


async def test_panelists_and_hosts_do_not_get_the_attendees_words(office: Office) -> None:
    document = event(invitation_msgs=invitation(subject="For attendees"))
    mail = await event_mail(office, document, role="PRESENTER")
    assert mail["Subject"] == "You are a panelist: Ball & <Gala>"


async def test_confirmations_have_words_of_their_own(office: Office) -> None:
    accepted = EmailTemplatesTypeEnrollmentMsgsAcceptedEmail(subject="You are in", content="Bring %RegistrationID%")
    document = event(enrollment_msgs=EmailTemplatesTypeEnrollmentMsgs(accepted_email=accepted))
    mail = await event_mail(office, document, "registration.accepted", join_status="ACCEPT", register_id=99)
    assert mail["Subject"] == "You are in"


async def test_the_reminder_whose_time_has_come_is_told(office: Office) -> None:
    reminders = EmailTemplatesTypeReminderMsgs(
        first_reminder=EmailTemplatesTypeReminderMsgsFirstReminder(
            send=True, send_date_time="01/10/2027 10:00:00", subject="In a while"
        ),
        second_reminder=EmailTemplatesTypeReminderMsgsSecondReminder(
            send=True, send_date_time="01/20/2027 10:00:00", subject="Tomorrow"
        ),
    )
    mail = await event_mail(office, event(reminder_msgs=reminders), "session.reminder")
    assert mail["Subject"] == "In a while"


@pytest.mark.parametrize("kind", ["event.thanks", "event.absentee"])
async def test_events_are_followed_up(office: Office, kind: str) -> None:
    mail = await event_mail(office, EVENT_DOCUMENT, kind)
    assert "Ada Lovelace" in text_of(mail)
    assert calendar_of(mail) is None


# ---- accounts, recordings, labs, tests -------------------------------------------------------------------


async def written(office: Office, *kinds: str) -> dict[str, Message]:
    found = await outbox.waiting(office.application.engine, office.site.site_id)
    assert sorted(each.kind for each in found) == sorted(kinds)
    return {each.kind: each for each in found}


async def test_mails_about_accounts(office: Office) -> None:
    changes = Changes()
    notices.welcome(changes, office.host, NOW, language_id=9, html=True)
    notices.activation(changes, office.host, NOW, language_id=None)
    notices.password_reset(changes, office.host, NOW, "Qm7-vexil", language_id=7)
    notices.password_change(changes, office.host, NOW, language_id=17)
    notices.password_link(changes, office.host, NOW, "token2", language_id=9)
    notices.email_change(changes, office.host, NOW, "new@example.com", "token1", language_id=1)
    await office.application.engine.commit(changes)
    kinds = ("welcome", "activation", "password_reset", "password_change", "password_link", "email_change")
    rows = await written(office, *(f"user.{kind}" for kind in kinds))
    read = {kind: await office.mail(each) for kind, each in rows.items()}
    assert read["user.welcome"]["Subject"] == "Willkommen (Acme Meetings)"
    assert read["user.activation"]["Subject"] == "Activate your account (Acme Meetings)"
    assert read["user.password_reset"]["Subject"] == "Votre nouveau mot de passe (Acme Meetings)"
    assert read["user.password_change"]["Subject"] == "Cambie su contraseña (Acme Meetings)"
    assert read["user.password_link"]["Subject"] == "Neues Passwort wählen (Acme Meetings)"
    assert "/console/new-password?token=token2" in text_of(read["user.password_link"])
    assert read["user.email_change"]["To"] == "Ada Lovelace <new@example.com>"
    assert "confirm-email?token=token1" in text_of(read["user.email_change"])
    assert [kind for kind, mail in read.items() if "Qm7-vexil" in text_of(mail)] == ["user.password_reset"]
    assert all(mail["From"] == "Acme Meetings <noreply@example.com>" for mail in read.values())
    assert all(mail["Reply-To"] is None for mail in read.values())


async def test_a_welcome_is_plain_text_unless_html_is_wanted(office: Office) -> None:
    changes = Changes()
    notices.welcome(changes, office.host, NOW, language_id=1, html=False)
    await office.application.engine.commit(changes)
    (told,) = (await written(office, "user.welcome")).values()
    assert (await office.mail(told)).get_content_type() == "text/plain"


async def test_mails_to_accounts_that_are_gone_are_dropped(office: Office) -> None:
    told = notices.AccountNotice(999_999, "nobody", "No", "Body")
    assert await office.compose(row("user.welcome", office.site.site_id, "x@example.com", told)) is None


@pytest.mark.parametrize("happened", list(Happened))
async def test_owners_learn_what_others_did_with_their_recordings(office: Office, happened: Happened) -> None:
    told = RecordingNotice(
        *("Review", office.host.user_id, STARTS_AT, 3_130, "Charles"), size=88_100_000, trash_days=30, new_owner="Eve"
    )
    changes = Changes()
    tell_owner(changes, happened, office.host, 12, told, NOW)
    tell_owner(changes, happened, office.host, office.host.user_id, told, NOW)  # the owner's own doing
    await office.application.engine.commit(changes)
    (found,) = (await written(office, happened.value)).values()
    text = text_of(await office.mail(found))
    assert "Charles" in text
    assert "88.1 MB" in text
    assert "53 minutes" in text
    assert ("30 days" in text) is (happened is Happened.TRASHED)


async def test_a_reserved_lab_is_confirmed(office: Office) -> None:
    changes = Changes()
    told = LabNotice("Networking", "Router lab", 1200, STARTS_AT, 120, BERLIN)
    lab_reserved(changes, office.site.site_id, "ada@example.com", told, NOW)
    await office.application.engine.commit(changes)
    (found,) = (await written(office, "lab.reserved")).values()
    mail = await office.mail(found)
    assert mail["Subject"] == "Lab reserved: Networking"
    assert "Computers: 1,200" in text_of(mail)


@pytest.mark.parametrize("occasion", list(TestOccasion))
async def test_people_learn_of_tests(office: Office, occasion: TestOccasion) -> None:
    person = office.person()
    session = await office.session(person, service="TrainingCenter", session_type=104)
    about = AboutTest(
        1, "Routers", "https://meet.example.com/t/1", STARTS_AT, STARTS_AT + 3600, 45, score=17, highest=20, grade="B"
    )
    to_host = occasion is TestOccasion.SUBMITTED
    recipient = "ada@example.com" if to_host else person.email_key
    mail = await office.mail(mails.test_told(NOW, occasion, session, recipient, person, about, NOW))
    assert mail["To"] == ("Ada Lovelace <ada@example.com>" if to_host else "Grace Hopper <grace@example.com>")
    assert str(mail["Subject"]).endswith(": Routers")
    assert "https://meet.example.com/t/1" in text_of(mail)
    assert ("17 / 20" in text_of(mail)) is (occasion is TestOccasion.REPORT)


# ---- what cannot be made ---------------------------------------------------------------------------------


async def test_all_kinds_that_services_write_are_known() -> None:
    written = {*Occasion, *TestOccasion, *Happened, "session.scheduled", "session.rescheduled", "session.cancelled"}
    assert written <= set(KINDS)


async def test_an_unknown_kind_is_given_up(office: Office) -> None:
    with pytest.raises(NotSent) as failure:
        await office.compose(row("no.such", office.site.site_id, "ada@example.com", {}))
    assert failure.value.permanent


async def test_a_site_that_is_not_served_waits(office: Office) -> None:
    with pytest.raises(NotSent) as failure:
        await office.compose(row("user.welcome", 999_999_999, "ada@example.com", {}))
    assert not failure.value.permanent


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c, d@e"])
async def test_an_address_that_is_none_is_given_up(office: Office, address: str) -> None:
    session = await office.session()
    with pytest.raises(NotSent) as failure:
        await office.compose(message("session.reminder", session, address, starts_at=STARTS_AT))
    assert failure.value.permanent


async def test_names_of_sessions_and_people_make_no_headers(office: Office) -> None:
    evil = "x\r\nBcc: spy@example.com\r\n\r\n<script>"
    person = office.person(evil)
    session = await office.session(person, name=evil)
    for kind in ("session.invitation", "session.rescheduled", "registration.rejected"):
        mail = await office.mail(message(kind, session, person.email_key, person))
        assert mail["Bcc"] is None
        assert b"\r\nBcc" not in mail.as_bytes()
        assert "<script>" not in html_of(mail)


async def test_the_site_s_own_templates_are_taken(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "sites" / office.site.name / "mail"
    folder.mkdir(parents=True)
    (folder / "session_scheduled.mail").write_text("{% extends layout %}{% block subject %}Ours{% endblock %}")
    session = await office.session()
    assert (await office.mail(message("session.scheduled", session, "ada@example.com")))["Subject"] == "Ours"


def test_deleted_sessions_are_read_from_older_rows() -> None:
    known = Deleted("MeetingCenter", 1, 2, "A", "B", "a@example.com", write_document(StoredSession()))
    assert msgspec.json.decode(msgspec.json.encode(known), type=Deleted) == known
