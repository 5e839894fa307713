"""How a training is kept: columns for what is searched, the rest as contract record in the document.

`completed` makes the document out of what was sent, `instance` makes the record that is answered.
Sources: facts/training-history.md 1.1 to 1.3, 1.12 and 1.13, the contract's defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import PsoFieldsType, TrackingType
from parley.contract.service import MeetingAssistType
from parley.contract.session import (
    AccessControlType,
    ParticipantsType,
    ParticipantsTypeParticipants,
    ParticipantType,
    RemindType,
    ScheduleType,
    TelephonyType,
)
from parley.contract.training import (
    AttendeeOptionsType,
    HandsOnLabType,
    StandardFieldsType,
    TrainingEnableOptionsType,
    TrainingMetaDataType,
    TrainingSessionType,
    TrainingSessionTypePreAssignBreakout,
)
from parley.domain import timezones
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.site import SiteSettings
from parley.protocol import faults
from parley.services.event.form import StoredForm
from parley.services.records import merged, without_empty_texts
from parley.services.safe_texts import plain_line, rich_text, web_address
from parley.services.sessions.people import as_answered
from parley.services.sessions.stored import StoredSession
from parley.services.training import repeating
from parley.services.training.repeating import SINGLE
from parley.services.values import date_of, given

SERVICE: Final = "TrainingCenter"
#: Roles of the people on a session's list who are a training's presenters; all others are its attendees.
PRESENTERS: Final = frozenset({"PRESENTER", "HOST"})
ATTENDEES: Final = frozenset({"ATTENDEE", "LIMITED"})

_LONGEST_AGENDA: Final = 2500
_LONGEST_TEXT: Final = 10_000
_LONGEST_NAME: Final = 256
_LONGEST_PASSWORD: Final = 64

_ON: Final = frozenset(
    [
        "annotation",
        "application_share",
        "attendee_send_video",
        "audio_video",
        "chat",
        "desktop_share",
        "file_share",
        "full_screen",
        "hq_video",
        "multi_video",
        "native_client",
        "pointer",
        "poll",
        "presentation",
        "support_breakout_sessions",
        "support_feedback",
        "support_q_and_a",
        "switch_page",
        "thumbnail",
        "training_session_record",
        "voip",
        "zoom",
    ]
)
#: Options of a training whose request says nothing about them: what a training in the browser can do is on.
DEFAULT_OPTIONS: Final = TrainingEnableOptionsType(
    **{name: name in _ON for name in TrainingEnableOptionsType.__struct_fields__}
)


class StoredTraining(StoredSession, kw_only=True):
    """The document of a training.

    Attributes:
        training: the contract's record without people, password and listing.
        repeat_type: what people register for (train:repeatTypeType).
        standard_fields, form: what the registration form asks, and its own fields.
    """

    training: TrainingSessionType = msgspec.field(default_factory=TrainingSessionType)
    repeat_type: str = SINGLE
    standard_fields: StandardFieldsType | None = None
    form: StoredForm = msgspec.field(default_factory=StoredForm)

    @property
    def registration(self) -> bool:
        """Whether people have to register; `request` is an older word for it."""
        options = self.training.attendee_options
        return bool(options and (options.registration or options.request))


read_document: Final = msgspec.json.Decoder(StoredTraining).decode


# ---- from requests ---------------------------------------------------------------------------------------


def completed(sent: TrainingSessionType, kept: StoredTraining | None, settings: SiteSettings) -> StoredTraining:
    """What is kept of a request: laid over what was kept, with the defaults for what nobody said.

    Empty texts count as not sent in a new training; in a change they clear what was there.

    Raises:
        Fault: an address that leads nowhere, a text that is too long, a number below zero or above the site's limit,
            a date that cannot be read.
    """
    record = TrainingSessionType(**{name: getattr(sent, name) for name in TrainingSessionType.__struct_fields__})
    before = kept.training if kept is not None else _of_site(settings)
    pattern = repeating.pattern_after(sent.repeat, before.repeat)
    whole = without_empty_texts(merged(before, record) or record)
    access = whole.access_control
    training = msgspec.structs.replace(
        whole,
        access_control=access and AccessControlType(enforce_password=access.enforce_password),
        schedule=_schedule(whole.schedule or ScheduleType()),
        meta_data=_meta_data(whole.meta_data or TrainingMetaDataType()),
        enable_options=_options(whole.enable_options, settings),
        telephony=_telephony(whole.telephony),
        repeat=pattern and without_empty_texts(pattern),
        presenters=_participants(whole.presenters),
        attendees=_participants(whole.attendees),
        attendee_options=_attendee_options(whole.attendee_options, settings),
        hands_on_lab=_lab(whole.hands_on_lab),
        pre_assign_breakout=_breakout(whole.pre_assign_breakout),
    )
    return StoredTraining(
        rule=kept.rule if kept is not None else StoredSession().rule,
        training=training,
        repeat_type=repeating.type_of(pattern) if pattern is not None or kept is None else kept.repeat_type,
        standard_fields=kept.standard_fields if kept is not None else None,
        form=kept.form if kept is not None else StoredForm(),
    )


def _of_site(settings: SiteSettings) -> TrainingSessionType:
    """What a new training takes from its site."""
    return TrainingSessionType(schedule=ScheduleType(join_teleconf_before_host=settings.audio_before_host))


def _schedule(schedule: ScheduleType) -> ScheduleType:
    """Start, zone, duration, opening time and host have columns."""
    return msgspec.structs.replace(
        schedule,
        start_date=[],
        time_zone=None,
        time_zone_id=None,
        duration=None,
        open_time=None,
        host_web_ex_id=None,
        ext_url=_address(schedule.ext_url, "schedule/extURL"),
        join_notify_url=_address(schedule.join_notify_url, "schedule/joinNotifyURL"),
        destination_url=_address(schedule.destination_url, "schedule/destinationURL"),
    )


def _meta_data(meta: TrainingMetaDataType) -> TrainingMetaDataType:
    """Name and type have columns; templates are not kept by any page."""
    return msgspec.structs.replace(
        meta,
        conf_name=None,
        session_type=None,
        session_template=None,
        agenda=_text(meta.agenda, "metaData/agenda", _LONGEST_AGENDA),
        description=_text(meta.description, "metaData/description"),
        greeting=_text(meta.greeting, "metaData/greeting"),
        invitation=_text(meta.invitation, "metaData/invitation"),
        location=_line(meta.location, "metaData/location"),
    )


def _options(sent: TrainingEnableOptionsType | None, settings: SiteSettings) -> TrainingEnableOptionsType:
    usual = msgspec.structs.replace(DEFAULT_OPTIONS, attendee_list=settings.attendee_list)
    return merged(usual, sent) or usual


def _telephony(telephony: TelephonyType | None) -> TelephonyType | None:
    return telephony and msgspec.structs.replace(
        telephony,
        ext_telephony_url=_address(telephony.ext_telephony_url, "telephony/extTelephonyURL"),
        ext_telephony_description=_text(telephony.ext_telephony_description, "telephony/extTelephonyDescription"),
        teleconf_location=_line(telephony.teleconf_location, "telephony/teleconfLocation"),
    )


def _participants(participants: ParticipantsType | None) -> ParticipantsType | None:
    return participants and ParticipantsType(max_user_number=participants.max_user_number)


def _attendee_options(sent: AttendeeOptionsType | None, settings: SiteSettings) -> AttendeeOptionsType:
    usual = AttendeeOptionsType(
        request=False, registration=False, auto=False, email_invitations=False, participant_limit=0
    )
    options = merged(usual, sent) or usual
    most, password = options.max_registrations, options.registration_pwd
    if most is not None and not 0 <= most <= settings.max_training_registrants:
        raise faults.INVALID_VALUE(
            path="attendeeOptions/maxRegistrations",
            problem=f"a number from 0 to {settings.max_training_registrants} is allowed",
        )
    if password is not None and (len(password) > _LONGEST_PASSWORD or not password.isprintable()):
        raise faults.INVALID_VALUE(
            path="attendeeOptions/registrationPWD",
            problem=f"at most {_LONGEST_PASSWORD} characters without line breaks are allowed",
        )
    date_of(options.registration_close_date)
    return options


def _lab(lab: HandsOnLabType | None) -> HandsOnLabType | None:
    if lab is None:
        return None
    _not_below_zero(lab.num_computers, "handsOnLab/numComputers")
    return msgspec.structs.replace(lab, lab_name=_line(lab.lab_name, "handsOnLab/labName"))


def _breakout(breakout: TrainingSessionTypePreAssignBreakout | None) -> TrainingSessionTypePreAssignBreakout | None:
    if breakout is not None:
        _not_below_zero(breakout.num_sessions, "preAssignBreakout/numSessions")
        _not_below_zero(breakout.attendees_per_sess, "preAssignBreakout/attendeesPerSess")
    return breakout


def _not_below_zero(number: int | None, path: str) -> None:
    if number is not None and number < 0:
        raise faults.INVALID_VALUE(path=path, problem="a number from 0 on is needed")


def _text(text: str | None, path: str, longest: int = _LONGEST_TEXT) -> str | None:
    return None if text is None else _bounded(rich_text(text), path, longest) or None


def _line(text: str | None, path: str) -> str | None:
    return None if text is None else _bounded(plain_line(text), path, _LONGEST_NAME) or None


def _bounded(text: str, path: str, longest: int) -> str:
    if len(text) > longest:
        raise faults.INVALID_VALUE(path=path, problem=f"at most {longest} characters are allowed")
    return text


def _address(text: str | None, path: str) -> str | None:
    return text and web_address(text, path)


def listed_people(sent: TrainingSessionType) -> list[AttendeeType]:
    """The people of a request; somebody who is in both lists is a presenter.

    Elements that name nobody count as not sent (facts/clients.md 8).
    """
    return [*_people(sent.attendees, "ATTENDEE"), *_people(sent.presenters, "PRESENTER")]


def has_people(participants: ParticipantsType | None) -> bool:
    """Whether an element names anybody."""
    return bool(_people(participants, "ATTENDEE"))


def _people(sent: ParticipantsType | None, role: str) -> list[AttendeeType]:
    participants = sent.participants if sent is not None else None
    return [
        AttendeeType(
            person=each.person,
            contact_id=each.contact_id,
            join_status=_status(each.join_status),
            role=each.role or role,
        )
        for each in (participants.participant if participants is not None else ())
        if _is_somebody(each)
    ]


def _is_somebody(sent: ParticipantType | None) -> bool:
    person = sent.person if sent is not None else None
    return person is not None and any(
        given(text) for text in (person.email, person.web_ex_id, person.name, person.first_name, person.last_name)
    )


def _status(sent: str | None) -> str | None:
    """sess:joinStatusType in the words of lists: REJECTINVITE is REJECT, and so on."""
    return sent and next(word for word in ("REJECT", "ACCEPT", "REGISTER", "INVITE") if sent.startswith(word))


# ---- to answers ------------------------------------------------------------------------------------------


def instance(session: HostedSession, people: Sequence[Attendee]) -> dict[str, Any]:
    """The fields that GetTrainingSession and LstTrainingSession share (train:trainingSessionInstanceType), by name.

    Args:
        people: the session's list.
    """
    stored = read_document(session.document)
    training = stored.training
    # Whoever registered for one class is not invited to all of them, which these lists would say.
    whole = [each for each in people if not each.session_num]
    return {
        "access_control": msgspec.structs.replace(
            training.access_control or AccessControlType(), listing=session.listing, session_password=session.password
        ),
        "schedule": _answered_schedule(session, stored),
        "meta_data": msgspec.structs.replace(
            training.meta_data or TrainingMetaDataType(), conf_name=session.name, session_type=session.session_type
        ),
        "enable_options": training.enable_options or DEFAULT_OPTIONS,
        "telephony": merged(TelephonyType(telephony_support="NONE"), training.telephony),
        "tracking": training.tracking or TrackingType(),
        "repeat": repeating.answered(session, stored, stored.repeat_type, training.repeat),
        "remind": training.remind or RemindType(),
        "presenters": _answered_people(session, training.presenters, whole, PRESENTERS),
        "attendees": _answered_people(session, training.attendees, whole, ATTENDEES),
        "attendee_options": training.attendee_options or AttendeeOptionsType(),
        "hands_on_lab": training.hands_on_lab or HandsOnLabType(reserve_hol=False),
        "pso_fields": training.pso_fields or PsoFieldsType(),
        "assist_service": merged(
            MeetingAssistType(assist_request="None", assist_confirm="Pending"), training.assist_service
        ),
        "pre_assign_breakout": training.pre_assign_breakout,
        "session_key": session.session_key,
        "status": session.status,
    }


def _answered_schedule(session: HostedSession, stored: StoredTraining) -> ScheduleType:
    kept = stored.training.schedule or ScheduleType()
    return msgspec.structs.replace(
        kept,
        start_date=repeating.start_dates(session, stored),
        time_zone=timezones.zone(session.time_zone_id).text,
        duration=session.duration,
        time_zone_id=session.time_zone_id,
        host_web_ex_id=session.host_web_ex_id,
        open_time=session.open_time,
        ext_notify_time=kept.ext_notify_time or 0,
        join_teleconf_before_host=bool(kept.join_teleconf_before_host),
    )


def _answered_people(
    session: Session, kept: ParticipantsType | None, people: Sequence[Attendee], roles: frozenset[str]
) -> ParticipantsType:
    return ParticipantsType(
        max_user_number=kept.max_user_number if kept is not None else None,
        participants=ParticipantsTypeParticipants(
            participant=[_answered_person(session, each) for each in people if each.role in roles]
        ),
    )


def _answered_person(session: Session, row: Attendee) -> ParticipantType:
    known = as_answered(session, row)
    return ParticipantType(
        person=known.person, contact_id=known.contact_id, join_status=known.join_status, role=known.role
    )
