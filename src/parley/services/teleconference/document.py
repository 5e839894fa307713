"""How an audio-only session is kept: columns for what is searched, the rest as contract record in the document.

Sources: facts/meeting-event.md 1 (Teleconference-only sessions), facts/user-site.md 8 (session type 16, AUO).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from parley.contract.attendee import AttendeeType as ListedPerson
from parley.contract.common import PersonType, TrackingType
from parley.contract.meeting import MeetingType
from parley.contract.teleconference import (
    AccessControlType,
    AttendeeOptionsType,
    AttendeeType,
    AudioOnlyInstanceTypeFullAccessAttendees,
    AudioOnlyInstanceTypeLimitedAccessAttendees,
    AudioOnlyType,
    MetaDataType,
    RemindType,
    RepeatType,
    ScheduleType,
    TeleconfInstanceType,
    TeleconfType,
    TelephonyType,
)
from parley.contract.user_settings import PersonalAccountType
from parley.domain import timezones
from parley.domain.dates import stored_to_api
from parley.domain.identifiers import new_access_code
from parley.domain.listing import Listing
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import SiteSettings, Telephony
from parley.protocol.declare import Record
from parley.services.records import merged, without_empty_texts
from parley.services.sessions import people
from parley.services.sessions.repeats import repeat_of
from parley.services.sessions.stored import StoredSession
from parley.services.telephony import global_numbers

#: The role on a session's list of people who may listen only; whoever has another one may speak.
LIMITED: Final = "LIMITED"
FULL: Final = "ATTENDEE"

T = TypeVar("T", bound=Record)


class Codes(msgspec.Struct, frozen=True):
    """What people key in to get into a telephone conference: the host, who may speak, who may only listen."""

    host: str
    full: str
    limited: str


class StoredAudio(StoredSession, kw_only=True):
    """The document of an audio-only session: the common part, and the contract's record without people and password.

    Everything has a default: sessions of this type that CreateMeeting once scheduled have a document without these.
    """

    audio: AudioOnlyType = msgspec.field(default_factory=AudioOnlyType)
    codes: Codes | None = None


class _AsMeeting(StoredSession, kw_only=True):
    """The document of a session of this type that was scheduled as a meeting."""

    audio: AudioOnlyType | None = None
    codes: Codes | None = None
    meeting: MeetingType | None = None


_read: Final = msgspec.json.Decoder(_AsMeeting)


def read_document(document: str) -> StoredAudio:
    """What the document of an audio-only session holds, whoever wrote it."""
    found = _read.decode(document)
    audio = found.audio or (_of_meeting(found.meeting) if found.meeting else AudioOnlyType())
    return StoredAudio(rule=found.rule, skipped=found.skipped, audio=audio, codes=found.codes)


def _of_meeting(meeting: MeetingType) -> AudioOnlyType:
    """What an audio-only session can say of what was said of a meeting."""
    options, telephony = meeting.attendee_options, meeting.telephony
    return AudioOnlyType(
        teleconference=TeleconfType(
            ext_telephony_description=telephony.ext_telephony_description,
            intl_local_call_in=telephony.intl_local_call_in,
            teleconf_location=telephony.teleconf_location,
        )
        if telephony
        else None,
        tracking=meeting.tracking,
        remind=_same(RemindType, meeting.remind),
        attendee_options=AttendeeOptionsType(
            exclude_password=options.exclude_password,
            require_account=options.join_requires_account,
            email_invitations=options.email_invitations,
        )
        if options
        else None,
    )


def _same(cls: type[T], other: Record | None) -> T | None:
    """A record of the type with the values of another one's fields of the same names."""
    return None if other is None else cls(**{name: getattr(other, name, None) for name in cls.__struct_fields__})


# --- from requests ---------------------------------------------------------------------------------------------------


def completed(sent: AudioOnlyType, kept: StoredAudio | None, settings: SiteSettings) -> StoredAudio:
    """What is kept of a request: laid over what was kept, with the defaults of the site for what nobody said.

    A conference gets its codes when it is scheduled; requestConferenceNumber in a change draws new ones.
    """
    record = AudioOnlyType(**{name: getattr(sent, name) for name in AudioOnlyType.__struct_fields__})
    before = kept.audio if kept else AudioOnlyType(schedule=ScheduleType(entry_exit_tone=settings.entry_exit_tone))
    if sent.repeat is not None and sent.repeat.repeat_type is not None:
        # Another rule takes the place of the old one as a whole.
        before = msgspec.structs.replace(before, repeat=None)
    whole = without_empty_texts(merged(before, record) or record)
    redrawn = kept is not None and bool(sent.teleconference and sent.teleconference.request_conference_number)
    return StoredAudio(
        audio=msgspec.structs.replace(
            whole,
            access_control=None,
            full_access_attendees=None,
            limited_access_attendees=None,
            validate_format=None,
            attendee_options=merged(_USUAL_OPTIONS, whole.attendee_options),
        ),
        codes=kept.codes if kept and kept.codes and not redrawn else new_codes(),
    )


_USUAL_OPTIONS: Final = AttendeeOptionsType(
    require_ucf_diagnosis=False, exclude_password=False, require_account=False, email_invitations=False
)


def new_codes() -> Codes:
    """Three codes, drawn so that nobody finds one from another, and no two the same."""
    drawn: dict[str, None] = {}
    while len(drawn) < len(Codes.__struct_fields__):
        drawn[new_access_code()] = None
    return Codes(*drawn)


def listed_people(sent: AudioOnlyType) -> list[ListedPerson]:
    """The people of a request as every session's list has them."""
    full, limited = sent.full_access_attendees, sent.limited_access_attendees
    return [_listed(each, FULL) for each in (full.attendee if full else [])] + [
        _listed(each, LIMITED) for each in (limited.attendee if limited else [])
    ]


def _listed(sent: AttendeeType, role: str) -> ListedPerson:
    person = PersonType(
        name=sent.name, first_name=sent.first_name, last_name=sent.last_name, email=sent.email, phones=sent.phones
    )
    return ListedPerson(person=person, role=role)


# --- to answers ------------------------------------------------------------------------------------------------------


def instance(
    session: HostedSession, listed: Sequence[Attendee], telephony: Telephony, accounts: Sequence[PersonalAccountType]
) -> dict[str, Any]:
    """The fields of auo:audioOnlyInstanceType, by name.

    Args:
        listed: the people on the session's list.
        telephony: the numbers of the site.
        accounts: the personal conference numbers of the host.
    """
    stored = read_document(session.document)
    audio = stored.audio
    teleconference = audio.teleconference or TeleconfType()
    return {
        # The contract has no third word: what no calendar shows is told as private.
        "access_control": AccessControlType(
            listing="PUBLIC" if session.listing == Listing.PUBLIC else "PRIVATE", session_password=session.password
        ),
        "meta_data": MetaDataType(conf_name=session.name, session_type=session.session_type),
        "schedule": ScheduleType(
            start_date=stored_to_api(session.start_local),
            time_zone_id=session.time_zone_id,
            time_zone=timezones.zone(session.time_zone_id).text,
            duration=session.duration,
            entry_exit_tone=(audio.schedule and audio.schedule.entry_exit_tone) or "NOTONE",
            host_web_ex_id=session.host_web_ex_id,
        ),
        "teleconference": _conference(session, stored, teleconference, telephony, accounts),
        "tracking": audio.tracking or TrackingType(),
        "repeat": repeat_of(RepeatType, audio.repeat, stored.rule),
        "remind": audio.remind or RemindType(),
        "full_access_attendees": AudioOnlyInstanceTypeFullAccessAttendees(
            attendee=[_answered(each) for each in listed if each.role != LIMITED]
        ),
        "limited_access_attendees": AudioOnlyInstanceTypeLimitedAccessAttendees(
            attendee=[_answered(each) for each in listed if each.role == LIMITED]
        ),
        "attendee_options": merged(_USUAL_OPTIONS, audio.attendee_options),
        "telephony": TelephonyType(ext_telephony_description=teleconference.ext_telephony_description),
    }


def _conference(
    session: HostedSession,
    stored: StoredAudio,
    asked: TeleconfType,
    telephony: Telephony,
    accounts: Sequence[PersonalAccountType],
) -> TeleconfInstanceType:
    """Numbers of the site, and codes: the host's personal ones when the session names one, else its own."""
    personal = next((each for each in accounts if each.account_index == asked.account_index), None)
    codes = stored.codes or Codes("", "", "")
    if asked.account_index is not None and personal is not None:
        codes = Codes(
            personal.subscriber_access_code or "",
            personal.participant_full_access_code or "",
            personal.participant_limited_access_code or "",
        )
    return TeleconfInstanceType(
        personal_conference_number=personal is not None,
        account_index=asked.account_index,
        toll_free_call_in_number=telephony.toll_free_number,
        toll_call_in_number=telephony.toll_number,
        intl_local_call_in_number=telephony.intl_local_number,
        subscriber_access_code=codes.host,
        participant_full_access_code=codes.full,
        participant_limited_access_code=codes.limited,
        schedule_conf_id=session.conf_id,
        ext_telephony_description=asked.ext_telephony_description,
        intl_local_call_in=asked.intl_local_call_in,
        teleconf_location=asked.teleconf_location,
        global_num=global_numbers(telephony) if asked.intl_local_call_in else [],
    )


def _answered(row: Attendee) -> AttendeeType:
    person = people.person_of(row)
    return AttendeeType(
        name=person.name or row.name,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email or row.email_key,
        phones=person.phones,
    )
