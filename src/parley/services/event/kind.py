"""Events as a kind of session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias, cast

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType
from parley.contract.event import (
    CreateEvent,
    EmailTemplatesTypeEnrollmentMsgs,
    ExtOptionsType,
    MetaDataType,
    SetEvent,
)
from parley.domain.dates import EARLIEST_YEAR, LATEST_YEAR, from_stored
from parley.domain.listing import Listing, resolve_named
from parley.domain.notices import NOTHING, Wanted, wanted_of
from parley.domain.registration import Registration
from parley.domain.reminders import FollowUp, Whom, Wish, seconds_ahead
from parley.domain.session import Session
from parley.domain.site import SiteSettings
from parley.domain.timezones import to_utc
from parley.services import follow_ups
from parley.services.event.document import (
    ATTENDEES,
    PANELIST,
    SERVICE,
    StoredEvent,
    completed,
    panelists_info,
    read_document,
)
from parley.services.event.form import approval_rules, custom_fields, standard_fields
from parley.services.safe_texts import plain_line
from parley.services.sessions import kinds, telephony
from parley.services.sessions.kinds import Draft, Kind, View
from parley.services.sessions.repeats import asked_of
from parley.services.sessions.stored import StoredSession
from parley.services.values import date_of, given

_Request: TypeAlias = CreateEvent | SetEvent


class EventKind(Kind[_Request]):
    """Events of the event service."""

    service = SERVICE
    name_path = "metaData/sessionName"

    def read(self, document: str) -> StoredEvent:
        """The document of an event."""
        return read_document(document)

    def stored(self, request: _Request, kept: StoredSession | None, settings: SiteSettings) -> StoredEvent:
        """The document that a request makes."""
        return completed(request, cast("StoredEvent | None", kept), settings)

    def draft(self, request: _Request, stored: StoredSession, settings: SiteSettings, listing: Listing) -> Draft:
        """What the request says in the words of all kinds."""
        kept = cast("StoredEvent", stored)
        event = kept.event
        meta, access = request.meta_data or MetaDataType(), request.access_control
        sent_options = request.ext_options
        attendees, panelists = _attendees(request), _panelists(request)
        roles = (ATTENDEES if attendees else frozenset()) | (frozenset({PANELIST}) if panelists else frozenset())
        name = given(meta.session_name)
        return Draft(
            host=given(request.schedule.host_web_ex_id) if request.schedule else None,
            name=name and plain_line(name),
            session_type=meta.session_type,
            asked=asked_of(request.schedule),
            listing=resolve_named(
                given(access.listing) if access else None,
                site_unlisted=settings.all_meetings_unlisted or settings.events_unlisted,
                current=listing,
            ),
            password=access.session_password if access else None,
            enforce_password=event.access_control is None or event.access_control.enforce_password is not False,
            registration=kept.registration,
            tracking=event.tracking,
            people=[*attendees, *panelists],  # somebody who is both is a panelist
            replaced_roles=roles,
            mail_invited=bool(sent_options and sent_options.email_invitations),
            program_id=event.meta_data.program_id if event.meta_data else None,
        )

    def view(self, session: Session) -> View:
        """What is told of an event beyond its row."""
        stored = read_document(session.document)
        event, options = stored.event, stored.event.ext_options or ExtOptionsType()
        return View(
            description=event.meta_data.description if event.meta_data else None,
            panelists_info=panelists_info(event) or None,
            program_id=session.program_id,
            telephony=telephony.told(event.telephony),
            open_before_host=bool(session.open_time),
            participant_limit=options.participant_limit or 0,
            image=stored.image,
        )

    def registration(self, session: Session) -> Registration:
        """Registration of an event: its form, its rules, and how many may come."""
        stored = read_document(session.document)
        enrollment, options = stored.enrollment, stored.event.ext_options or ExtOptionsType()
        templates = stored.event.email_templates
        mails = (templates and templates.enrollment_msgs) or EmailTemplatesTypeEnrollmentMsgs()
        limits = [limit for limit in (options.enrollment_number, options.participant_limit) if limit and limit > 0]
        return Registration(
            required=session.registration,
            approval=session.registration and enrollment.approval_req is not False,
            rules=approval_rules(enrollment),
            capacity=min(limits, default=0),
            password=enrollment.password if enrollment.password_req else None,
            id_required=bool(enrollment.id_req),
            standard=standard_fields(stored.form),
            custom=custom_fields(stored.form),
            end_url=enrollment.end_url_after_enroll,
            mail_pending=mails.pending_email is None or mails.pending_email.send is not False,
            mail_accepted=mails.accepted_email is None or mails.accepted_email.send is not False,
            mail_rejected=mails.rejected_email is None or mails.rejected_email.send is not False,
        )

    def notices(self, stored: StoredSession) -> Wanted:
        """The addresses of the schedule."""
        schedule = cast("StoredEvent", stored).event.schedule
        return wanted_of(schedule.ext_url, schedule.ext_notify_time, schedule.join_notify_url) if schedule else NOTHING

    def reminders(self, session: Session, stored: StoredSession) -> Sequence[Wish]:
        """An event reminds its host some minutes ahead, and its attendees at the times of its reminder mails."""
        event = cast("StoredEvent", stored).event
        wishes = []
        if event.remind and event.remind.minutes_ahead and event.remind.minutes_ahead > 0:
            wishes.append(Wish(Whom.HOST, seconds_ahead(None, None, event.remind.minutes_ahead)))
        msgs = event.email_templates.reminder_msgs if event.email_templates else None
        for mail in (msgs.first_reminder, msgs.second_reminder) if msgs else ():
            local = date_of(mail.send_date_time) if mail and mail.send else None
            if local is not None and EARLIEST_YEAR <= local.year <= LATEST_YEAR:
                wishes.append(Wish(Whom.ATTENDEES, None, to_utc(local, session.time_zone_id)))
        return wishes

    def follow_ups(self, session: Session, stored: StoredSession) -> Sequence[FollowUp]:
        """The mails after an event: at their times, else a while after the planned end."""
        templates = cast("StoredEvent", stored).event.email_templates
        after = templates.follow_up_msgs if templates else None
        if after is None:
            return ()
        thanks, absentee = after.thanks_for_attending, after.absentee_follow_up
        end = to_utc(from_stored(session.start_local), session.time_zone_id) + session.duration * 60
        wanted = []
        for kind, mail, send in (
            (follow_ups.THANKS, thanks, thanks is not None and bool(thanks.send)),
            (follow_ups.ABSENTEE, absentee, absentee is not None and absentee.send is not False),
        ):
            if mail is None or not send:
                continue
            local = date_of(mail.send_date_time)
            named = local is not None and EARLIEST_YEAR <= local.year <= LATEST_YEAR
            at = to_utc(local, session.time_zone_id) if local is not None and named else end + follow_ups.USUAL_PAUSE
            wanted.append(FollowUp(kind, at))
        return wanted


EVENT: Final = EventKind()
kinds.enter(EVENT)


def _attendees(request: _Request) -> list[AttendeeType]:
    """The attendees of a request; elements that name nobody count as not sent (facts/clients.md 8)."""
    sent = request.attendees.attendee if request.attendees else []
    persons = [(_person(each), each.join_status) for each in sent]
    return [AttendeeType(person=person, join_status=status) for person, status in persons if _is_somebody(person)]


def _panelists(request: _Request) -> list[AttendeeType]:
    sent = request.panelists.panelist if request.panelists else []
    return [
        AttendeeType(person=msgspec.structs.replace(each, type=each.type or "PANELIST"), role=PANELIST)
        for each in sent
        if _is_somebody(each)
    ]


def _person(sent: PersonType) -> PersonType:
    """The part of an attendee that every person has."""
    return PersonType(**{name: getattr(sent, name) for name in PersonType.__struct_fields__})


def _is_somebody(person: PersonType) -> bool:
    return any(given(text) for text in (person.email, person.web_ex_id, person.name, person.first_name))
