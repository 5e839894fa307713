"""Whatever CreateMeeting and SetMeeting accept and GetMeeting returns survives, for every element of the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType
from parley.contract.meeting import (
    AccessControlType,
    CreateMeeting,
    GetMeetingResponse,
    MeetingType,
    MetaDataType,
    ParticipantsType,
    ParticipantsTypeAttendees,
    RepeatType,
    RepeatTypeDayInWeek,
    ScheduleType,
    SetMeeting,
)
from parley.protocol.declare import Record
from tests.client import Client
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.round_trips import BOUNDED, cleared, leaves, read_answer, send_record

#: What GetMeeting never answers (facts/meeting-event.md 1, "GetMeeting"), by path of fields.
NEVER_ANSWERED = (
    *("access_control.enforce_password", "meta_data.set_non_mt_options", "meta_data.session_template"),
    *("attendee_options.email_invitations", "attendee_options.auto_lock", "attendee_options.auto_lock_wait_time"),
    *("attendee_options.external_attendee_security", "validate_format"),
    *("email_invitations", "meeting_key", "session_key", "meeting_uuid", "session_num"),
)
_BOUNDED = settings(BOUNDED, max_examples=40)

_DAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]


def _repeats() -> st.SearchStrategy[RepeatType | None]:
    days = st.lists(st.sampled_from(_DAYS), min_size=1, max_size=4, unique=True).map(
        lambda some: RepeatTypeDayInWeek(day=some)
    )
    interval, number = st.none() | st.integers(1, 99), st.none() | st.integers(1, 999)
    end = st.none() | st.integers(400, 4000).map(
        lambda ahead: (datetime.now(UTC) + timedelta(days=ahead)).strftime("%m/%d/%Y 00:00:00")
    )
    shared = {"interval": interval, "after_meeting_number": number, "expiration_date": end}
    month_day = st.integers(1, 28)
    return st.one_of(
        st.none(),
        st.just(RepeatType(repeat_type="NO_REPEAT")),
        st.builds(RepeatType, repeat_type=st.just("DAILY"), **shared),
        st.builds(RepeatType, repeat_type=st.just("WEEKLY"), day_in_week=days, **shared),
        st.builds(RepeatType, repeat_type=st.just("MONTHLY"), day_in_month=month_day, **shared),
        st.builds(
            RepeatType, repeat_type=st.just("MONTHLY"), week_in_month=st.integers(1, 5), day_in_week=days, **shared
        ),
        st.builds(
            RepeatType,
            repeat_type=st.just("YEARLY"),
            day_in_month=month_day,
            month_in_year=st.integers(1, 12),
            after_meeting_number=number,
        ),
    )


def _schedules() -> st.SearchStrategy[ScheduleType]:
    start = st.integers(1, 300).map(
        lambda ahead: (datetime.now(UTC) + timedelta(days=ahead)).strftime("%m/%d/%Y %H:%M:%S")
    )
    return st.tuples(
        records(ScheduleType), start, st.integers(0, 61), st.integers(1, 999_999), st.integers(0, 86400)
    ).map(
        lambda drawn: msgspec.structs.replace(
            drawn[0],
            start_date=drawn[1],
            time_zone_id=drawn[2],
            time_zone=None,
            duration=drawn[3],
            open_time=drawn[4],
            host_web_ex_id=None,
        )
    )


def _people() -> st.SearchStrategy[list[AttendeeType]]:
    def numbered(some: list[tuple[AttendeeType, PersonType]]) -> list[AttendeeType]:
        return [
            msgspec.structs.replace(
                each,
                role=None if each.role == "HOST" else each.role,
                person=msgspec.structs.replace(person, email=f"Person{place}@x.example", web_ex_id=None),
            )
            for place, (each, person) in enumerate(some)
        ]

    return st.lists(
        st.tuples(records(AttendeeType, complete=True), records(PersonType, complete=True)), max_size=3
    ).map(numbered)


@st.composite
def meetings(draw: st.DrawFn, cls: type[MeetingType]) -> MeetingType:
    """Requests that the rules allow; apart from these rules every element is drawn freely."""
    only = {*MeetingType.__struct_fields__} - {"schedule", "repeat", "participants"}
    free = draw(records(cls, only=only, complete=True))
    password = draw(st.none() | st.text("abcXYZ019&<>\"'ß漢", min_size=1, max_size=16))
    flags = draw(st.sampled_from([(True, True), (True, False), (False, False), (None, None)]))
    meta = free.meta_data or MetaDataType()
    people = draw(_people())
    return msgspec.structs.replace(
        free,
        access_control=AccessControlType(
            list_to_public=flags[0], is_public=flags[1], meeting_password=password, enforce_password=draw(st.booleans())
        ),
        meta_data=msgspec.structs.replace(
            meta, conf_name=draw(texts(smallest=1).filter(lambda text: not text.isspace())), meeting_type=None
        ),
        schedule=draw(_schedules()),
        repeat=draw(_repeats()),
        participants=ParticipantsType(
            max_user_number=draw(st.none() | st.integers(1, 1000)), attendees=ParticipantsTypeAttendees(attendee=people)
        ),
    )


def _read(client: Client, key: str) -> GetMeetingResponse:
    return read_answer(client.call("meeting.GetMeeting", meetingKey=key), GetMeetingResponse)


def _leaves(record: Record) -> dict[str, Any]:
    """People are looked at apart."""
    return leaves(record, (*NEVER_ANSWERED, "participants.attendees"))


def _expected(sent: MeetingType) -> dict[str, Any]:
    leaves = _leaves(sent)
    if leaves.get("enable_options.support_e2e"):
        leaves |= {
            name: False
            for name in ("enable_options.meeting_record", "enable_options.support_remote_computer")
            if name in leaves
        }
    return leaves


def _check_people(sent: MeetingType, found: GetMeetingResponse) -> None:
    assert sent.participants is not None
    assert found.participants is not None
    assert sent.participants.attendees is not None
    assert found.participants.attendees is not None
    wanted = sent.participants.attendees.attendee
    given = found.participants.attendees.attendee
    assert len(given) == len(wanted)
    for expected, answered in zip(wanted, given, strict=True):
        leaves, present = _leaves(expected), _leaves(answered)
        assert {name: present.get(name) for name in leaves} == leaves


@_BOUNDED
@given(data=st.data())
def test_what_create_meeting_takes_get_meeting_gives_back(site: TestSite, data: st.DataObject) -> None:
    sent = data.draw(meetings(CreateMeeting))
    client = site.client()
    key = send_record(client, sent).ok().value("meetingkey") or ""
    found = _read(client, key)
    expected, present = _expected(sent), _leaves(found)
    assert {name: present.get(name) for name in expected} == expected
    _check_people(sent, found)


@_BOUNDED
@given(data=st.data())
def test_what_set_meeting_takes_get_meeting_gives_back(site: TestSite, data: st.DataObject) -> None:
    client = site.client()
    first, second = data.draw(meetings(CreateMeeting)), data.draw(meetings(SetMeeting))
    key = send_record(client, first).ok().value("meetingkey") or ""
    assert isinstance(second, SetMeeting)
    second = msgspec.structs.replace(second, meeting_key=int(key))
    send_record(client, second).ok()
    found = _read(client, key)
    changed = _expected(second)
    kept = _expected(first)
    if second.repeat is not None:
        kept = {name: value for name, value in kept.items() if not name.startswith("repeat.")}
    kept = {name: value for name, value in kept.items() if name not in cleared(second)}
    expected = _expected_after(kept, changed)
    present = _leaves(found)
    assert {name: present.get(name) for name in expected} == expected


def _expected_after(kept: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    expected = kept | changed
    if expected.get("enable_options.support_e2e"):
        for name in ("enable_options.meeting_record", "enable_options.support_remote_computer"):
            if name in expected:
                expected[name] = False
    return expected
