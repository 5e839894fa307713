"""Recording a room: who may, what is told to everybody, what the page that records is told.

The doing (files, rows, the media server) is in `recorders`. Sources: facts/meeting-event.md 1 (meetingRecord,
attendeeRecordMeeting, autoRecord, supportE2E); where these say nothing, docs/fidelity.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from parley.rooms import messages as m

if TYPE_CHECKING:
    from parley.rooms.room import Member, Room

_OFF: Final = m.Recording("off")


class RecordingRules(NamedTuple):
    """What a session says of its recording.

    Attributes:
        offered: it may be recorded at all.
        attendees: not by the host only.
        auto: it is recorded from when the host is there.
    """

    offered: bool = False
    attendees: bool = False
    auto: bool = False


def recording_rules(options: object, *, end_to_end: bool, supported: bool) -> RecordingRules:
    """The rules of a session.

    Args:
        options: the enable options of the session's kind; what they do not say is as usual.
        end_to_end: only the people in the room can decrypt what is said.
        supported: site, session type and this server offer recording.
    """

    def said(*names: str) -> bool | None:
        return next((value for each in names if (value := getattr(options, each, None)) is not None), None)

    offered = supported and not end_to_end and said("meeting_record", "training_session_record") is not False
    attendees = bool(said("attendee_record_meeting", "attendee_record_training_session"))
    return RecordingRules(offered, offered and attendees, offered and bool(said("auto_record")))


class NowRecording(msgspec.Struct):
    """The recording that goes on in a room.

    Attributes:
        stay_id: of the person who began it, and whose browser records where a browser does.
        by_server: the media server records.
        part: the number of the part that is recorded.
        path, token: where that browser sends pieces, and what lets it.
        missed_at: since when nobody records it, of any clock that only goes forward; None: somebody does.
        turn: of the media server's connections at its beginning.
        told: the connection over which that page was told what to do.
    """

    recording_id: int
    stay_id: int
    by_server: bool
    part: int
    path: str
    token: str
    paused: bool = False
    turn: int = -1
    missed_at: float | None = None
    told: object | None = None


def may_record(room: Room, member: Member) -> bool:
    """Whether somebody may begin a recording, or decide on the one that goes on."""
    rules, now = room.rules.recording, room.recording
    if not rules.offered or member.viewer:
        return False
    if member.host:
        return True
    return rules.attendees and (now is None or now.stay_id == member.ticket.stay_id)


def view(room: Room) -> m.Recording:
    """What everybody is told."""
    now = room.recording
    if now is None:
        return _OFF
    by = room.find(now.stay_id)
    return m.Recording("paused" if now.paused else "on", by.id if by is not None else 0, now.by_server)


def task(room: Room, member: Member, next_piece: int = 0) -> m.Recorder | None:
    """What the page is told that has to record; None for all others."""
    now = room.recording
    if now is None or now.by_server or now.stay_id != member.ticket.stay_id:
        return None
    return m.Recorder(now.recording_id, now.part, next_piece, now.path, now.token, now.paused)
