"""Who may record a room, and what everybody is told of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parley.rooms import messages as m
from parley.rooms.recording import NowRecording, RecordingRules, may_record, recording_rules, task
from tests.rooms.playing import RULES, Play

OFFERED = RULES._replace(recording=RecordingRules(offered=True))
ATTENDEES = RULES._replace(recording=RecordingRules(offered=True, attendees=True))


def now(stay_id: int, **more: object) -> NowRecording:
    values = {"recording_id": 7, "stay_id": stay_id, "by_server": False, "part": 0, "path": "recording/7", "token": "t"}
    return NowRecording(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "end_to_end", "supported", "expected"),
    [
        ({}, False, True, RecordingRules(offered=True)),
        ({}, False, False, RecordingRules()),
        ({}, True, True, RecordingRules()),
        ({"meeting_record": False, "auto_record": True}, False, True, RecordingRules()),
        ({"meeting_record": True, "auto_record": True}, False, True, RecordingRules(offered=True, auto=True)),
        ({"auto_record": True, "attendee_record_meeting": True}, True, True, RecordingRules()),
        ({"attendee_record_meeting": True}, False, True, RecordingRules(offered=True, attendees=True)),
        ({"training_session_record": False}, False, True, RecordingRules()),
        ({"attendee_record_training_session": True}, False, True, RecordingRules(offered=True, attendees=True)),
    ],
)
def test_what_a_session_says(
    options: dict[str, bool], end_to_end: bool, supported: bool, expected: RecordingRules
) -> None:
    assert recording_rules(SimpleNamespace(**options), end_to_end=end_to_end, supported=supported) == expected


def test_a_kind_without_options_is_recorded_by_its_host() -> None:
    assert recording_rules(None, end_to_end=False, supported=True) == RecordingRules(offered=True)


def test_who_may() -> None:
    closed = Play()
    assert not may_record(closed.room, closed.host)
    play = Play(rules=OFFERED)
    assert [may_record(play.room, each) for each in (play.host, *play.others)] == [True, False, False]
    assert play.room.rights(play.host).record
    open_to_all = Play(rules=ATTENDEES)
    first, second = open_to_all.others
    assert may_record(open_to_all.room, first)
    # What somebody began the others leave alone, but for the host.
    open_to_all.room.recording = now(first.ticket.stay_id)
    assert [may_record(open_to_all.room, each) for each in (open_to_all.host, first, second)] == [True, True, False]


def test_who_only_watches_never_may() -> None:
    play = Play(rules=ATTENDEES, viewer=True)
    assert not may_record(play.room, play.others[0])


def test_all_are_told_and_one_page_records() -> None:
    play = Play(rules=OFFERED)
    play.room.recording = now(play.host.ticket.stay_id)
    play.room.tell_recording()
    told = play.told()
    for member in (play.host, *play.others):
        assert m.Recording("on", play.host.id) in told[member.id]
    assert play.room.welcome(play.others[0], "t").recording == m.Recording("on", play.host.id)
    assert task(play.room, play.others[0]) is None
    assert task(play.room, play.host, 4) == m.Recorder(7, 0, 4, "recording/7", "t", False)
    play.room.recording = now(play.host.ticket.stay_id, by_server=True, paused=True)
    assert task(play.room, play.host) is None
    assert play.room.welcome(play.host, "t").recording.state == "paused"
    play.room.recording = None
    assert play.room.welcome(play.host, "t").recording == m.Recording("off")


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "record", "what": "erase"}',
        '{"type": "record"}',
        '{"type": "chapter", "name": 5}',
        '{"type": "chapter", "name": "' + "x" * 121 + '"}',
        '{"type": "recorder", "id": 1}',
    ],
)
def test_what_is_no_message(text: str) -> None:
    with pytest.raises(m.BadMessage):
        m.read(text)
