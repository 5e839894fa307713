"""Meetings as a kind of session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from parley.contract.attendee import AttendeeType
from parley.contract.ep import EnableOptionsType
from parley.contract.meeting import MeetingType, MetaDataType, RepeatType
from parley.domain import listing
from parley.domain.listing import Listing
from parley.domain.notices import NOTHING, Wanted, wanted_of
from parley.domain.registration import Registration
from parley.domain.reminders import Wish
from parley.domain.session import Session
from parley.domain.site import SiteSettings
from parley.services.meeting.document import SERVICE, StoredMeeting, completed, read_document
from parley.services.reminders import wishes_of
from parley.services.sessions import kinds, telephony
from parley.services.sessions.kinds import ALL_ROLES, Draft, Kind, View
from parley.services.sessions.repeats import asked_of
from parley.services.sessions.stored import StoredSession
from parley.services.values import given


class MeetingKind(Kind[MeetingType]):
    """Meetings and webinars of the meeting service."""

    service = SERVICE
    password_path = "accessControl/meetingPassword"  # noqa: S105 - the name of an element

    def read(self, document: str) -> StoredMeeting:
        """The document of a meeting."""
        return read_document(document)

    def stored(self, request: MeetingType, kept: StoredSession | None, settings: SiteSettings) -> StoredMeeting:
        """The document that a request makes."""
        before = cast("StoredMeeting | None", kept)
        return StoredMeeting(
            meeting=completed(request, before.meeting if before else None, settings),
            personal=before.personal if before else None,
        )

    def draft(self, request: MeetingType, stored: StoredSession, settings: SiteSettings, listing: Listing) -> Draft:
        """What the request says in the words of all kinds."""
        meeting = cast("StoredMeeting", stored).meeting
        meta, access = request.meta_data or MetaDataType(), request.access_control
        options, repeat = meeting.attendee_options, request.repeat or RepeatType()
        people = _sent_people(request)
        sent_options = request.attendee_options
        return Draft(
            host=given(request.schedule.host_web_ex_id) if request.schedule else None,
            name=meta.conf_name,
            session_type=meta.meeting_type,
            asked=asked_of(request.schedule, request.repeat),
            listing=_listing(request, settings, listing),
            password=access.meeting_password if access else None,
            enforce_password=meeting.access_control is None or meeting.access_control.enforce_password is not False,
            registration=bool(options and options.registration),
            tracking=meeting.tracking,
            people=people,
            replaced_roles=ALL_ROLES if people else frozenset(),
            mail_invited=bool(sent_options and sent_options.email_invitations),
            is_exception=bool(repeat.is_exception),
            series_key=repeat.series_meeting_key,
        )

    def view(self, session: Session) -> View:
        """What is told of a meeting beyond its row."""
        stored = read_document(session.document)
        meeting = stored.meeting
        options, enabled = meeting.attendee_options, meeting.enable_options
        return View(
            agenda=meeting.meta_data.agenda if meeting.meta_data else None,
            telephony=telephony.told(meeting.telephony),
            join_requires_account=bool(options and options.join_requires_account),
            exclude_password=bool(options and options.exclude_password),
            open_before_host=bool(session.open_time),
            end_to_end=bool(enabled and enabled.support_e2e),
            participant_limit=(options.participant_limit or 0) if options else 0,
            options=EnableOptionsType(**{name: getattr(enabled, name) for name in EnableOptionsType.__struct_fields__})
            if enabled
            else None,
            assist_service=meeting.assist_service,
            personal=stored.personal is not None,
        )

    def registration(self, session: Session) -> Registration:
        """Registration of a meeting: approved at once with `auto`, else by the host."""
        options = read_document(session.document).meeting.attendee_options
        if options is None:
            return Registration(required=session.registration)
        return Registration(
            required=session.registration,
            approval=session.registration and not options.auto,
            capacity=options.participant_limit or 0,
        )

    def notices(self, stored: StoredSession) -> Wanted:
        """The addresses of the schedule."""
        schedule = cast("StoredMeeting", stored).meeting.schedule
        return wanted_of(schedule.ext_url, schedule.ext_notify_time, schedule.join_notify_url) if schedule else NOTHING

    def goes_after_end(self, stored: StoredSession) -> bool:
        """As autoDeleteAfterMeetingEnd says."""
        options = cast("StoredMeeting", stored).meeting.enable_options
        return bool(options and options.auto_delete_after_meeting_end)

    def reminders(self, session: Session, stored: StoredSession) -> Sequence[Wish]:
        """A meeting reminds the addresses that its remind element names, or its host."""
        remind = cast("StoredMeeting", stored).meeting.remind
        if remind is None:
            return ()
        addresses = remind.emails.email if remind.emails else ()
        return wishes_of(remind, send_email=bool(remind.send_email), addresses=addresses)


MEETING: Final = MeetingKind()
kinds.enter(MEETING)


def _listing(request: MeetingType, settings: SiteSettings, current: Listing) -> Listing:
    access = request.access_control
    return listing.resolve(
        access.list_to_public if access else None,
        access.is_public if access else None,
        site_unlisted=settings.all_meetings_unlisted,
        current=current,
    )


def _sent_people(request: MeetingType) -> list[AttendeeType]:
    """The people of a request; elements without a person in them count as not sent (facts/clients.md 8)."""
    participants = request.participants
    if participants is None or participants.attendees is None:
        return []
    return [each for each in participants.attendees.attendee if each.person is not None]
