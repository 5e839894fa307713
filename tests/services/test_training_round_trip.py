"""Whatever CreateTrainingSession and SetTrainingSession accept and GetTrainingSession returns survives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.common import PersonType
from parley.contract.session import (
    AccessControlType,
    ParticipantsType,
    ParticipantsTypeParticipants,
    ParticipantType,
    ScheduleType,
)
from parley.contract.training import (
    CreateTrainingSession,
    GetTrainingSessionResponse,
    SetTrainingSession,
    TrainingMetaDataType,
    TrainRepeatType,
    TrainRepeatTypeDayInWeek,
)
from parley.services.safe_texts import plain_line, rich_text
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.round_trips import BOUNDED, after_change, cleared, leaves, read_answer, send_record

#: Looked at apart, or never answered.
APART = (
    *("presenters.participants", "attendees.participants", "schedule.start_date", "repeat.repeat_session"),
    *("meta_data.session_template", "meta_data.session_type", "validate_format", "meeting_uuid", "session_key"),
    *("status", "access_control.session_password"),
)
_RICH = (
    *("meta_data.agenda", "meta_data.description", "meta_data.greeting", "meta_data.invitation"),
    "telephony.ext_telephony_description",
)
_LINES = ("meta_data.conf_name", "meta_data.location", "telephony.teleconf_location", "hands_on_lab.lab_name")
_ADDRESSES = st.none() | st.sampled_from(["http://acme.example", "https://acme.example:8443/a?b=c&d=%20#e"])
_NAMES = texts(smallest=1).filter(lambda text: not text.isspace() and bool(plain_line(text).strip()))
_SMALL = st.none() | st.integers(0, 1000)


def _date(ahead: int, seconds: int = 0) -> str:
    moment = datetime.now(UTC).replace(hour=0, minute=0, second=0) + timedelta(days=ahead, seconds=seconds)
    return moment.strftime("%m/%d/%Y %H:%M:%S")


_TIMES = st.integers(0, 86_399)


def _patterns() -> st.SearchStrategy[TrainRepeatType]:
    """How a training recurs, with an end and less than the most sessions."""
    kinds = st.sampled_from(["RECURRING_SINGLE", "MULTIPLE_SESSION"])
    days = st.lists(st.sampled_from(["SUNDAY", "MONDAY", "FRIDAY"]), min_size=1, max_size=3, unique=True).map(
        lambda some: TrainRepeatTypeDayInWeek(day=some)
    )
    ends: st.SearchStrategy[dict[str, Any]] = st.one_of(
        st.fixed_dictionaries({"end_after": st.integers(1, 30)}),
        st.fixed_dictionaries({"expiration_date": st.integers(400, 800).map(_date)}),
        st.just({}),
    )

    def made(values: tuple[dict[str, Any], dict[str, Any]], interval: int | None, kind: str) -> TrainRepeatType:
        return TrainRepeatType(repeat_type=kind, interval=interval, **values[0], **values[1])

    shapes = st.one_of(
        st.just({"occurence_type": "DAILY"}),
        st.fixed_dictionaries({"occurence_type": st.just("WEEKLY"), "day_in_week": days}),
        st.fixed_dictionaries({"occurence_type": st.just("MONTHLY"), "day_in_month": st.integers(1, 31)}),
        st.fixed_dictionaries(
            {"occurence_type": st.just("MONTHLY"), "week_in_month": st.integers(1, 5), "day_in_week": days}
        ),
    )
    return st.builds(made, st.tuples(shapes, ends), st.none() | st.integers(1, 9), kinds)


@st.composite
def _repeats(draw: st.DrawFn) -> tuple[TrainRepeatType | None, list[str]]:
    """How a training recurs, and its start dates."""
    one = [_date(draw(st.integers(2, 300)), draw(_TIMES))]
    which = draw(st.integers(0, 3))
    if which == 0:
        return draw(st.sampled_from([None, TrainRepeatType(repeat_type="SINGLE")])), one
    if which == 1:
        ahead = draw(st.lists(st.integers(2, 300), min_size=1, max_size=5, unique=True))
        kind = draw(st.sampled_from(["RECURRING_SINGLE", "MULTIPLE_SESSION"]))
        repeat = TrainRepeatType(repeat_type=kind, occurence_type="IRREGULARLY")
        return repeat, [_date(day, draw(_TIMES)) for day in sorted(ahead)]
    return draw(_patterns()), one


@st.composite
def _people(draw: st.DrawFn, prefix: str, roles: list[str | None]) -> ParticipantsType:
    drawn = draw(st.lists(st.tuples(records(ParticipantType), records(PersonType, complete=True)), max_size=3))
    return ParticipantsType(
        max_user_number=draw(st.none() | st.integers(0, 5000)),
        participants=ParticipantsTypeParticipants(
            participant=[
                msgspec.structs.replace(
                    each,
                    role=draw(st.sampled_from(roles)),
                    join_status=draw(st.sampled_from([None, "INVITE"])),
                    person=msgspec.structs.replace(person, email=f"{prefix}{place}@x.example", web_ex_id=None),
                )
                for place, (each, person) in enumerate(drawn)
            ]
        ),
    )


@st.composite
def trainings(draw: st.DrawFn, cls: type[Any]) -> Any:
    """Requests that the rules allow; apart from these rules every element is drawn freely."""
    apart = {"schedule", "repeat", "attendees", "presenters", "access_control", "session_key", "meeting_uuid"}
    free = draw(records(cls, only={*cls.__struct_fields__} - apart, complete=True))
    repeat, starts = draw(_repeats())
    options, lab, breakout = free.attendee_options, free.hands_on_lab, free.pre_assign_breakout
    replace = msgspec.structs.replace
    return replace(
        free,
        validate_format=None,
        access_control=AccessControlType(
            listing=draw(st.sampled_from([None, "PUBLIC", "PRIVATE", "UNLISTED"])),
            session_password=draw(st.none() | st.text("abcXYZ019&<>\"'ß漢", min_size=1, max_size=16)),
            enforce_password=draw(st.none() | st.booleans()),
        ),
        meta_data=replace(free.meta_data or TrainingMetaDataType(), conf_name=draw(_NAMES), session_type=None),
        schedule=replace(
            draw(records(ScheduleType)),
            start_date=starts,
            time_zone=None,
            time_zone_id=draw(st.integers(0, 61)),
            duration=draw(st.integers(1, 999_999)),
            open_time=draw(st.integers(0, 86_400)),
            host_web_ex_id=None,
            ext_url=draw(_ADDRESSES),
            join_notify_url=draw(_ADDRESSES),
            destination_url=draw(_ADDRESSES),
        ),
        telephony=free.telephony and replace(free.telephony, ext_telephony_url=draw(_ADDRESSES)),
        repeat=repeat,
        presenters=draw(_people("Presenter", [None, "PRESENTER"])),
        attendees=draw(_people("Attendee", [None, "ATTENDEE", "LIMITED"])),
        attendee_options=options
        and replace(
            options,
            max_registrations=draw(_SMALL),
            registration_close_date=draw(st.none() | st.integers(1, 300).map(_date)),
            registration_pwd=draw(st.none() | st.text("abc 019&<", min_size=1, max_size=9).map(str.strip)),
        ),
        hands_on_lab=lab and replace(lab, reserve_hol=draw(st.sampled_from([None, False])), num_computers=draw(_SMALL)),
        pre_assign_breakout=breakout and replace(breakout, num_sessions=draw(_SMALL), attendees_per_sess=draw(_SMALL)),
    )


def _made_safe(found: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept: texts without harm; a text without anything left is none."""
    safe: dict[str, Any] = {}
    for path, value in found.items():
        kept = rich_text(value) if path in _RICH else plain_line(value) if path in _LINES else value
        safe[path] = kept.strip(" \t\r\n") if isinstance(kept, str) else kept
    return {path: value for path, value in safe.items() if value != ""}


def _check(found: GetTrainingSessionResponse, expected: dict[str, Any]) -> None:
    present = {
        path: value.strip(" \t\r\n") if isinstance(value, str) else value for path, value in leaves(found).items()
    }
    assert {path: present.get(path) for path in expected} == expected


def _check_dates(found: GetTrainingSessionResponse, sent: Any) -> None:
    assert found.schedule is not None
    assert found.repeat is not None
    assert found.schedule.start_date == sent.schedule.start_date
    if sent.repeat is not None and sent.repeat.occurence_type == "IRREGULARLY":
        listed = [(each.index, each.start_date) for each in found.repeat.repeat_session]
        assert listed == list(enumerate(sent.schedule.start_date, 1))


def _check_people(found: GetTrainingSessionResponse, *sent: Any) -> None:
    """Of each list the one that was sent last is there."""
    for name, usual in (("presenters", "PRESENTER"), ("attendees", "ATTENDEE")):
        lists = [getattr(each, name).participants.participant for each in sent]
        wanted: list[ParticipantType] = next((some for some in reversed(lists) if some), [])
        by_email = {each.person.email: each for each in getattr(found, name).participants.participant}
        assert len(by_email) == len(wanted)
        for each in wanted:
            assert each.person is not None
            answered = by_email[each.person.email]
            assert answered.role == (each.role or usual)
            assert leaves(answered.person).items() >= leaves(each.person).items()
            assert each.contact_id in (None, answered.contact_id)


@BOUNDED
@given(data=st.data())
def test_what_create_takes_get_gives_back(shared_site: TestSite, data: st.DataObject) -> None:
    client = shared_site.client()
    sent = data.draw(trainings(CreateTrainingSession))
    key = send_record(client, sent).ok().value("sessionkey") or ""
    found = read_answer(client.call("training.GetTrainingSession", sessionKey=key), GetTrainingSessionResponse)
    _check(found, _made_safe(leaves(sent, APART)))
    _check_dates(found, sent)
    _check_people(found, sent)
    client.call("training.DelTrainingSession", sessionKey=key).ok()


@BOUNDED
@given(data=st.data())
def test_what_set_takes_get_gives_back(shared_site: TestSite, data: st.DataObject) -> None:
    client = shared_site.client()
    first, second = data.draw(trainings(CreateTrainingSession)), data.draw(trainings(SetTrainingSession))
    if second.repeat is None:
        second.repeat = TrainRepeatType(repeat_type="SINGLE")
    key = send_record(client, first).ok().value("sessionkey") or ""
    second = msgspec.structs.replace(second, session_key=int(key))
    send_record(client, second).ok()
    read = "training.GetTrainingSession"
    found = read_answer(client.call(read, sessionKey=key), GetTrainingSessionResponse)
    expected = after_change(leaves(first, APART), leaves(second, APART), cleared(second), repeats=True)
    _check(found, _made_safe(expected))
    _check_dates(found, second)
    _check_people(found, first, second)
    # A program that sends back what it read changes nothing.
    shared = [
        name for name in SetTrainingSession.__struct_fields__ if name in GetTrainingSessionResponse.__struct_fields__
    ]
    send_record(client, SetTrainingSession(**{name: getattr(found, name) for name in shared})).ok()
    again = read_answer(client.call(read, sessionKey=key), GetTrainingSessionResponse)
    assert again == found
    client.call("training.DelTrainingSession", sessionKey=key).ok()
