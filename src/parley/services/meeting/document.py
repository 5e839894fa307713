"""How a meeting is kept: columns for what is searched, the rest as contract record in the document.

`completed` makes the record that is kept out of what was sent, `instance` makes the record that is answered.
Sources: facts/meeting-event.md 1 (CreateMeeting defaults, GetMeeting), facts/clients.md 8 and 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from parley.contract.common import TrackingType
from parley.contract.meeting import (
    AccessControlType,
    AttendeeOptionsType,
    EnableOptionsType,
    MeetingType,
    MetaDataType,
    ParticipantsType,
    ParticipantsTypeAttendees,
    RemindType,
    RepeatType,
    ScheduleType,
    TelephonyType,
)
from parley.contract.service import CallInNumType
from parley.domain import timezones
from parley.domain.dates import stored_to_api
from parley.domain.listing import Listing, flags
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import SiteSettings
from parley.services.records import merged, without_empty_texts
from parley.services.sessions.people import as_answered
from parley.services.sessions.repeats import repeat_of
from parley.services.sessions.stored import StoredSession, stored_session

SERVICE: Final = "MeetingCenter"

_ON: Final = [
    "chat",
    "poll",
    "audio_video",
    "file_share",
    "presentation",
    "application_share",
    "desktop_share",
    "meeting_record",
    "annotation",
    "pointer",
    "switch_page",
    "full_screen",
    "thumbnail",
    "zoom",
    "native_client",
    "voip",
    "support_q_and_a",
    "support_feedback",
    "view_any_page",
    "chat_host",
    "chat_presenter",
    "chat_all_attendees",
    "allow_contact_private",
    "multi_video",
    "notes",
    "hq_video",
    "view_video_thumbs",
]
#: Options of a meeting whose request says nothing about them: what a meeting in the browser can do is on.
DEFAULT_OPTIONS: Final = EnableOptionsType(
    **{name: name in _ON for name in EnableOptionsType.__struct_fields__ if name != "auto_record"}
)


class PersonalRoom(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner's profile says of a personal room, as it was when somebody last came to its page.

    Attributes:
        pin: whoever has it becomes host.
        auto_lock: seconds after the host came after which the room locks itself; None: it does not.
        hosts: casefolded addresses of those who may hold it besides the owner.
        anyone: all accounts of the site may.
    """

    pin: str = ""
    auto_lock: int | None = None
    hosts: tuple[str, ...] = ()
    anyone: bool = False


class StoredMeeting(StoredSession, kw_only=True):
    """The document of a meeting: the common part and the contract's record without people and password.

    `personal`: it takes place in the personal room of its host.
    """

    meeting: MeetingType
    personal: PersonalRoom | None = None


read_document: Final = msgspec.json.Decoder(StoredMeeting).decode


# --- from requests ---------------------------------------------------------------------------------------------------


def completed(sent: MeetingType, kept: MeetingType | None, settings: SiteSettings) -> MeetingType:
    """What is kept of a request: laid over what was kept, with the defaults of the site for what nobody said.

    Empty texts count as not sent in a new meeting; in a change they clear what was there.
    """
    record = MeetingType(**{name: getattr(sent, name) for name in MeetingType.__struct_fields__})
    if kept is not None and sent.repeat is not None and sent.repeat.repeat_type is not None:
        # Another rule takes the place of the old one as a whole; an interval of the old one must not linger.
        kept = msgspec.structs.replace(kept, repeat=None)
    whole = without_empty_texts(merged(kept or _of_site(settings), record) or record)
    return msgspec.structs.replace(
        whole,
        access_control=_kept_access(whole.access_control),
        participants=_kept_participants(whole.participants),
        enable_options=_options(whole.enable_options, settings),
        attendee_options=_attendee_options(whole.attendee_options),
    )


def _of_site(settings: SiteSettings) -> MeetingType:
    """What a new meeting takes from its site."""
    return MeetingType(
        schedule=ScheduleType(
            join_teleconf_before_host=settings.audio_before_host,
            first_attendee_as_presenter=settings.first_attendee_as_presenter,
        )
    )


def _kept_access(access: AccessControlType | None) -> AccessControlType | None:
    """Password and listing have columns of their own."""
    return access and AccessControlType(enforce_password=access.enforce_password)


def _kept_participants(participants: ParticipantsType | None) -> ParticipantsType | None:
    return participants and ParticipantsType(max_user_number=participants.max_user_number)


def _options(sent: EnableOptionsType | None, settings: SiteSettings) -> EnableOptionsType:
    usual = msgspec.structs.replace(DEFAULT_OPTIONS, attendee_list=settings.attendee_list)
    options = merged(usual, sent) or usual
    if options.support_e2e:
        # The server cannot record, or share a remote computer of, what only the participants can decrypt.
        options = msgspec.structs.replace(options, meeting_record=False, support_remote_computer=False)
    return options


def _attendee_options(sent: AttendeeOptionsType | None) -> AttendeeOptionsType:
    usual = AttendeeOptionsType(
        request=False,
        registration=False,
        auto=False,
        email_invitations=False,
        participant_limit=0,
        exclude_password=False,
        join_requires_account=False,
    )
    return merged(usual, sent) or usual


# --- to answers ------------------------------------------------------------------------------------------------------

#: What a real answer shows where a meeting has nothing of its own (facts/meeting-event.md 1, GetMeeting).
_USUAL_TELEPHONY: Final = TelephonyType(
    telephony_support="NONE",
    num_phone_lines=50,
    enable_tsp=False,
    intl_local_call_in=False,
    call_in_num=CallInNumType(toll_num=""),
    is_mp_audio=True,
)


def instance(session: HostedSession, people: Sequence[Attendee], exceptions: bool) -> dict[str, object]:
    """The fields that GetMeeting and LstMeeting share (meet:meetingInstanceType), by name.

    Args:
        people: the session's list.
        exceptions: whether occurrences of the series were replaced.
    """
    stored = read_document(session.document)
    meeting = stored.meeting
    listed, public = flags(Listing(session.listing))
    return {
        "access_control": AccessControlType(list_to_public=listed, is_public=public, meeting_password=session.password),
        "meta_data": _meta_data(session, meeting.meta_data or MetaDataType()),
        "participants": ParticipantsType(
            max_user_number=(meeting.participants.max_user_number if meeting.participants else None) or 4,
            attendees=ParticipantsTypeAttendees(attendee=[as_answered(session, each) for each in people]),
        ),
        "enable_options": meeting.enable_options,
        "schedule": _schedule(session, meeting.schedule or ScheduleType()),
        "telephony": _telephony(meeting.telephony),
        "tracking": meeting.tracking or TrackingType(),
        "repeat": _repeat(session, meeting.repeat, exceptions),
        "remind": meeting.remind or RemindType(),
        "attendee_options": _answered_options(meeting.attendee_options),
        "assist_service": meeting.assist_service,
        "meeting_key": session.session_key,
        "status": session.status,
        "host_joined": session.host_joined,
        "participants_joined": session.participants_joined,
        "tele_presence": False,
    }


def _meta_data(session: HostedSession, kept: MetaDataType) -> MetaDataType:
    return msgspec.structs.replace(
        kept,
        conf_name=session.name,
        meeting_type=session.session_type,
        agenda=kept.agenda or "",
        invitation=kept.invitation or "",
        set_non_mt_options=None,
        session_template=None,
        is_internal=bool(kept.is_internal),
    )


def _schedule(session: HostedSession, kept: ScheduleType) -> ScheduleType:
    def flag(value: bool | None) -> bool:
        return bool(value)

    return msgspec.structs.replace(
        kept,
        start_date=stored_to_api(session.start_local),
        time_zone_id=session.time_zone_id,
        time_zone=timezones.zone(session.time_zone_id).text,
        duration=session.duration,
        open_time=session.open_time,
        host_web_ex_id=session.host_web_ex_id,
        show_file_start_mode=flag(kept.show_file_start_mode),
        show_file_cont_play_flag=flag(kept.show_file_cont_play_flag),
        show_file_interval=kept.show_file_interval or 0,
        entry_exit_tone=kept.entry_exit_tone or 0,
        ext_notify_time=kept.ext_notify_time or 0,
        join_teleconf_before_host=flag(kept.join_teleconf_before_host),
        first_attendee_as_presenter=flag(kept.first_attendee_as_presenter),
    )


def _telephony(kept: TelephonyType | None) -> TelephonyType:
    if kept is None or kept.telephony_support in (None, "NONE"):
        # With no telephony the real service names nothing else; what was sent is given back all the same.
        return merged(TelephonyType(telephony_support="NONE"), kept) or TelephonyType(telephony_support="NONE")
    return merged(_USUAL_TELEPHONY, kept) or _USUAL_TELEPHONY


def _repeat(session: HostedSession, kept: RepeatType | None, exceptions: bool) -> RepeatType:
    if not session.recurring:
        single = RepeatType(repeat_type="NO_REPEAT")
        if session.series_key is not None:
            single = RepeatType(repeat_type="NO_REPEAT", is_exception=True, series_meeting_key=session.series_key)
        return single
    repeat = repeat_of(RepeatType, kept, stored_session(session).rule)
    return msgspec.structs.replace(
        repeat, is_exception=None, series_meeting_key=None, has_exception=True if exceptions else None
    )


def _answered_options(kept: AttendeeOptionsType | None) -> AttendeeOptionsType:
    options = kept or AttendeeOptionsType()
    return msgspec.structs.replace(
        options, email_invitations=None, auto_lock=None, auto_lock_wait_time=None, external_attendee_security=None
    )
