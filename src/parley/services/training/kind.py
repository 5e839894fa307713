"""Trainings as a kind of session.

Sources: facts/training-history.md 1.1, 1.12 and 1.13, facts/versions.md 9.0.0 SP3 (limits).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from parley.contract.ep import EnableOptionsType
from parley.contract.session import AccessControlType, ScheduleType
from parley.contract.training import AttendeeOptionsType, TrainingMetaDataType, TrainingSessionType
from parley.domain.dates import EARLIEST_YEAR, LATEST_YEAR
from parley.domain.listing import Listing, resolve_named
from parley.domain.notices import NOTHING, Wanted, wanted_of
from parley.domain.registration import Registration, Scope
from parley.domain.reminders import Whom, Wish, named_ahead
from parley.domain.schedule import Asked
from parley.domain.session import Session
from parley.domain.site import SiteSettings
from parley.domain.timezones import to_utc
from parley.protocol import faults
from parley.services.event.form import custom_fields
from parley.services.labs.reserving import wish_of
from parley.services.reminders import wishes_of
from parley.services.safe_texts import plain_line
from parley.services.sessions import kinds, telephony
from parley.services.sessions.kinds import Draft, Kind, Limits, View
from parley.services.sessions.stored import StoredSession
from parley.services.training import repeating
from parley.services.training.document import (
    ATTENDEES,
    PRESENTERS,
    SERVICE,
    StoredTraining,
    completed,
    has_people,
    listed_people,
    read_document,
)
from parley.services.training.form import standard_fields
from parley.services.values import date_of, given, start_of

_SCOPES: Final = {repeating.CLASSES: Scope.EACH, repeating.COURSE: Scope.SERIES}


class TrainingKind(Kind[TrainingSessionType]):
    """Sessions of the training service."""

    service = SERVICE
    most_occurrences = repeating.MOST_SESSIONS
    started = faults.STARTED_TRAINING
    has_labs = True

    def read(self, document: str) -> StoredTraining:
        """The document of a training."""
        return read_document(document)

    def stored(
        self, request: TrainingSessionType, kept: StoredSession | None, settings: SiteSettings
    ) -> StoredTraining:
        """The document that a request makes."""
        return completed(request, cast("StoredTraining | None", kept), settings)

    def draft(
        self, request: TrainingSessionType, stored: StoredSession, settings: SiteSettings, listing: Listing
    ) -> Draft:
        """What the request says in the words of all kinds."""
        whole = cast("StoredTraining", stored)
        kept, meta = whole.training, request.meta_data or TrainingMetaDataType()
        access, options = request.access_control or AccessControlType(), request.attendee_options
        name = given(meta.conf_name)
        roles = PRESENTERS if has_people(request.presenters) else frozenset()
        return Draft(
            host=given(request.schedule.host_web_ex_id) if request.schedule else None,
            name=name and plain_line(name),
            session_type=meta.session_type,
            asked=_asked(request, whole),
            listing=resolve_named(
                given(access.listing),
                site_unlisted=settings.all_meetings_unlisted or settings.trainings_unlisted,
                current=listing,
            ),
            password=access.session_password,
            enforce_password=kept.access_control is None or kept.access_control.enforce_password is not False,
            registration=whole.registration,
            tracking=kept.tracking,
            people=listed_people(request),
            replaced_roles=roles | (ATTENDEES if has_people(request.attendees) else frozenset()),
            mail_invited=bool(options and options.email_invitations),
            lab=wish_of(kept.hands_on_lab),
            occurrences=tuple(repeating.changes_asked(request.repeat, named=True)),
            listed_occurrences=tuple(repeating.changes_asked(request.repeat, named=False)),
        )

    def view(self, session: Session) -> View:
        """What is told of a training beyond its row."""
        training = read_document(session.document).training
        meta, options = training.meta_data or TrainingMetaDataType(), training.attendee_options
        enabled = training.enable_options
        return View(
            agenda=meta.agenda,
            description=meta.description,
            telephony=telephony.told(training.telephony),
            open_before_host=bool(session.open_time),
            participant_limit=(options.participant_limit or 0) if options else 0,
            options=EnableOptionsType(
                **{name: getattr(enabled, name, None) for name in EnableOptionsType.__struct_fields__}
            )
            if enabled
            else None,
            assist_service=training.assist_service,
            pso_fields=training.pso_fields,
        )

    def registration(self, session: Session) -> Registration:
        """Registration of a training: for the training, a course, or each class; approved at once with `auto`."""
        stored = read_document(session.document)
        options = stored.training.attendee_options or AttendeeOptionsType()
        limits = [limit for limit in (options.max_registrations, options.participant_limit) if limit and limit > 0]
        closes = date_of(options.registration_close_date)
        in_range = closes is not None and EARLIEST_YEAR <= closes.year <= LATEST_YEAR
        return Registration(
            required=session.registration,
            approval=session.registration and not options.auto,
            scope=_SCOPES.get(stored.repeat_type, Scope.ANY) if session.recurring else Scope.ANY,
            capacity=min(limits, default=0),
            closes_at=to_utc(closes, session.time_zone_id) if closes is not None and in_range else None,
            password=given(options.registration_pwd),
            standard=standard_fields(stored.standard_fields),
            custom=custom_fields(stored.form),
        )

    def limits(self, settings: SiteSettings) -> Limits:
        """How many people the site lets trainings have (maxInviteesNumberForTC, maxRegistrantsNumberForTC)."""
        return Limits(settings.max_training_invitees, settings.max_training_registrants)

    def notices(self, stored: StoredSession) -> Wanted:
        """The addresses of the schedule."""
        schedule = cast("StoredTraining", stored).training.schedule
        return wanted_of(schedule.ext_url, schedule.ext_notify_time, schedule.join_notify_url) if schedule else NOTHING

    def goes_after_end(self, stored: StoredSession) -> bool:
        """As autoDeleteAfterMeetingEnd says."""
        options = cast("StoredTraining", stored).training.enable_options
        return bool(options and options.auto_delete_after_meeting_end)

    def reminders(self, session: Session, stored: StoredSession) -> Sequence[Wish]:
        """A training reminds the addresses that its remind element names, or its host; and its people, as it says."""
        remind = cast("StoredTraining", stored).training.remind
        if remind is None:
            return ()
        addresses = remind.emails.email if remind.emails else ()
        wishes = list(wishes_of(remind, send_email=bool(remind.send_email), addresses=addresses))
        if remind.enable_reminder:
            for whom, group in ((Whom.ATTENDEES, remind.attendees), (Whom.PRESENTERS, remind.presenters)):
                named = (named_ahead(each) for each in (group.reminder_datetime if group else ()))
                wishes += [Wish(whom, ahead) for ahead in named if ahead is not None]
        return wishes


TRAINING: Final = TrainingKind()
kinds.enter(TRAINING)


def _asked(request: TrainingSessionType, stored: StoredTraining) -> Asked:
    schedule = request.schedule or ScheduleType()
    starts = [start for text in schedule.start_date if (start := start_of(text)) is not None]
    return Asked(
        start=min(starts, default=None),
        time_zone_id=schedule.time_zone_id,
        time_zone=given(schedule.time_zone),
        duration=schedule.duration,
        open_time=schedule.open_time,
        rule=repeating.rule_asked(request.repeat, stored.training.repeat, starts, stored.rule),
    )
