"""What the options of a session mean in its room, for every kind of session.

What a kind does not say is as usual. Options of the old client's document viewer, remote control, telephone and
breakout rooms mean nothing here; docs/fidelity.md lists them.
Sources: facts/meeting-event.md 1 (enableOptions, attendeeOptions, schedule), facts/rest-map.md (noteType).
"""

from __future__ import annotations

from typing import Any, Final, Literal

from parley.rooms.entry import Rules
from parley.services.event.document import StoredEvent
from parley.services.meeting.document import StoredMeeting
from parley.services.session_traits import Traits
from parley.services.sessions.kinds import View
from parley.services.sessions.stored import StoredSession
from parley.services.training.document import StoredTraining

_MINUTE: Final = 60


def enable_options(stored: StoredSession) -> Any:
    """What can be done in a session, in the words of its kind; None where the kind does not say it."""
    if isinstance(stored, StoredMeeting):
        return stored.meeting.enable_options
    return stored.training.enable_options if isinstance(stored, StoredTraining) else None


def with_options(rules: Rules, stored: StoredSession, view: View, traits: Traits) -> Rules:
    """The rules of a room with what the session's options say.

    Args:
        stored: the session's document.
    """
    said = enable_options(stored)
    is_event = isinstance(stored, StoredEvent)

    def may(name: str) -> bool:
        return getattr(said, name, None) is not False

    # Only meetings say whom attendees may write to; with the other kinds it is all or nobody.
    chat = view.options is None or view.options.chat is not False
    rules = rules._replace(
        chat_all=chat and may("chat_all_attendees"),
        chat_host=chat and may("chat_host"),
        chat_presenter=chat and may("chat_presenter"),
        attendee_list=_shows_list(stored, view),
        polls=may("poll"),
        questions=may("support_q_and_a"),
        notes=_notes(said, is_event=is_event),
        share=_share(may("desktop_share"), may("application_share")),
        practice=is_event or traits.webinar,
        attendee_video=may("attendee_send_video"),
        muted=_muted(stored),
    )
    return _of_meeting(rules, stored) if isinstance(stored, StoredMeeting) else rules


def panel_password(stored: StoredSession) -> str:
    """The password with which panelists of an event come in; empty: there is none."""
    panel = stored.event.panelists if isinstance(stored, StoredEvent) else None
    return (panel.panelist_password if panel is not None else None) or ""


def _of_meeting(rules: Rules, stored: StoredMeeting) -> Rules:
    schedule, options, room = stored.meeting.schedule, stored.meeting.attendee_options, stored.personal
    lock = None
    if options is not None and options.auto_lock:
        lock = (options.auto_lock_wait_time or 0) * _MINUTE
    rules = rules._replace(
        auto_lock=lock, first_presents=bool(schedule is not None and schedule.first_attendee_as_presenter)
    )
    if room is None:
        return rules
    return rules._replace(
        over=False, open_before=None, host_needed=True, auto_lock=room.auto_lock, host_key=room.pin or rules.host_key
    )


def _notes(said: Any, *, is_event: bool) -> Literal["none", "all", "one"]:
    if getattr(said, "notes", None) is False:
        return "none"
    return "one" if is_event or getattr(said, "single_note", None) else "all"


def _share(screens: bool, windows: bool) -> Literal["nothing", "windows", "all"]:
    if screens:
        return "all"
    return "windows" if windows else "nothing"


def _muted(stored: StoredSession) -> bool:
    """Whether people come in muted: muteOnEntry of trainings, muteUponEntry of events."""
    if isinstance(stored, StoredTraining):
        options = stored.training.enable_options
        return bool(options and options.mute_on_entry)
    telephony = stored.event.telephony if isinstance(stored, StoredEvent) else None
    return bool(telephony and telephony.mute_upon_entry)


def _shows_list(stored: StoredSession, view: View) -> bool:
    """Whether attendees see each other's names: attendeeList, of events viewAttendeeList."""
    extra = stored.event.ext_options if isinstance(stored, StoredEvent) else None
    if extra is not None and extra.view_attendee_list is not None:
        return extra.view_attendee_list == "ALL"
    return view.options is None or view.options.attendee_list is not False
