"""Audio-only sessions over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.meeting import MeetingType, RepeatType
from parley.contract.teleconference import (
    AccessControlType,
    AttendeeType,
    AudioOnlyType,
    AudioOnlyTypeFullAccessAttendees,
    AudioOnlyTypeLimitedAccessAttendees,
    CreateTeleconferenceSession,
    GetTeleconferenceSessionResponse,
    MetaDataType,
    ScheduleType,
    SetTeleconferenceSession,
)
from parley.contract.teleconference import RepeatType as AudioRepeat
from parley.domain.recurrence import Kind, Rule
from parley.domain.site import GlobalNumber, Telephony
from parley.services.accounts import write_profile
from parley.services.meeting.document import StoredMeeting
from parley.services.profiles import profile_of
from parley.services.sessions.stored import write_document
from parley.store import Changes, outbox, sessions
from tests.client import Answer, Client
from tests.generators import records, texts
from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, create, in_days, laid_over
from tests.services.round_trips import (
    BOUNDED,
    after_change,
    cleared,
    leaves,
    read_answer,
    repeat_elements,
    send_record,
)

NUMBERS = Telephony("+1-555-0100", "+1-800-555-0100", "+1-555-0199", [GlobalNumber("Germany", "+49-69-5550100", True)])


def audio(name: str = "Weekly call", **groups: Any) -> dict[str, Any]:
    """The elements of a small CreateTeleconferenceSession; groups are laid over them."""
    values: dict[str, Any] = {
        "accessControl": {"listing": "PUBLIC", "sessionPassword": "48151623"},
        "metaData": {"confName": name},
        "schedule": {"startDate": in_days(3), "timeZoneID": GMT, "duration": 30},
    }
    return laid_over(values, groups)


def made(client: Client, name: str = "Weekly call", **groups: Any) -> str:
    answer = client.call("meeting.auo.CreateTeleconferenceSession", audio(name, **groups)).ok()
    assert answer.type_name == "auo:createTeleconferenceSessionResponse"
    assert answer.names() == ["sessionKey"]
    return answer.value("sessionKey") or ""


def get(client: Client, key: str) -> Answer:
    return client.call("meeting.auo.GetTeleconferenceSession", sessionKey=key)


def change(client: Client, key: str, **groups: Any) -> Answer:
    return client.call("meeting.auo.SetTeleconferenceSession", {"sessionKey": key, **groups})


def people(kind: str, *emails: str) -> dict[str, Any]:
    return {kind: {"attendee": [{"name": email.partition("@")[0], "email": email} for email in emails]}}


def test_a_session_is_given_back_with_numbers_and_codes(server: Server) -> None:
    site = server.new_site(telephony=NUMBERS)
    client = site.client()
    key = made(
        client,
        teleconference={"intlLocalCallIn": True, "extTelephonyDescription": "Dial in", "teleconfLocation": "Ulm"},
        schedule={"entryExitTone": "ANNOUNCENAME"},
        tracking={"trackingCode1": "one", "trackingCode10": "ten"},
        remind={"enableReminder": True, "minutesAhead": 15},
        attendeeOptions={"excludePassword": True},
        **people("fullAccessAttendees", "ann@x.example", "Bob@x.example"),
        **people("limitedAccessAttendees", "carl@x.example"),
    )
    answer = get(client, key).ok()
    assert answer.type_name == "auo:getTeleconferenceSessionResponse"
    assert answer.names() == [
        *("accessControl", "metaData", "schedule", "teleconference", "tracking", "repeat", "remind"),
        *("fullAccessAttendees", "limitedAccessAttendees", "attendeeOptions", "telephony", "hostType"),
    ]
    assert answer.value("accessControl/listing") == "PUBLIC"
    assert answer.value("accessControl/sessionPassword") == "48151623"
    assert answer.value("metaData/sessionType") == "16"
    assert answer.value("schedule/entryExitTone") == "ANNOUNCENAME"
    assert answer.value("schedule/hostWebExID") == "host1"
    conference = {name: answer.value(f"teleconference/{name}") for name in answer.names("teleconference")}
    codes = {
        conference.pop(name) or ""
        for name in ("subscriberAccessCode", "participantFullAccessCode", "participantLimitedAccessCode")
    }
    assert len(codes) == 3
    assert all(code.isdigit() and len(code) == 9 for code in codes)
    assert len(conference.pop("scheduleConfID") or "") == 18
    conference.pop("globalNum")
    assert conference == {
        "personalConferenceNumber": "false",
        "tollFreeCallInNumber": "+1-800-555-0100",
        "tollCallInNumber": "+1-555-0100",
        "intlLocalCallInNumber": "+1-555-0199",
        "extTelephonyDescription": "Dial in",
        "intlLocalCallIn": "true",
        "teleconfLocation": "Ulm",
    }
    assert answer.value("globalNum/phoneNumber") == "+49-69-5550100"
    assert answer.all("fullAccessAttendees/attendee/email") == ["ann@x.example", "Bob@x.example"]
    assert answer.all("limitedAccessAttendees/attendee/name") == ["carl"]
    assert answer.value("telephony/extTelephonyDescription") == "Dial in"
    assert answer.value("tracking/trackingCode10") == "ten"
    assert answer.value("repeat/repeatType") == "NO_REPEAT"
    assert answer.value("remind/minutesAhead") == "15"
    told = client.call("site.GetSite").ok()
    assert told.value("primaryLargeServer/tollNum") == "+1-555-0100"
    assert told.value("primaryLargeServer/enableServer") == "true"
    assert told.value("primaryLargeServer/globalNum/countryAlias") == "Germany"


def test_codes_stay_until_others_are_asked_for(site: TestSite) -> None:
    client = site.client()
    key = made(client)
    first = get(client, key).ok().value("teleconference/subscriberAccessCode")
    change(client, key, metaData={"confName": "Renamed"}).ok()
    assert get(client, key).value("teleconference/subscriberAccessCode") == first
    change(client, key, teleconference={"requestConferenceNumber": True}).ok()
    again = get(client, key)
    assert again.value("teleconference/subscriberAccessCode") not in (None, "", first)
    assert again.value("metaData/confName") == "Renamed"


def test_personal_codes_of_the_host(site: TestSite) -> None:
    user = site.users["host1"]
    profile = profile_of(user)
    account = {
        "accountIndex": 2,
        "subscriberAccessCode": "111",
        "participantFullAccessCode": "222",
        "participantLimitedAccessCode": "333",
    }
    profile = msgspec.convert(
        {**msgspec.to_builtins(profile), "personalTeleconf": {"account": [account]}}, type(profile), strict=False
    )
    site.set_user("host1", document=write_profile(profile))
    client = site.client()
    key = made(client, teleconference={"accountIndex": 2})
    answer = get(client, key).ok()
    assert answer.value("teleconference/personalConferenceNumber") == "true"
    assert answer.value("teleconference/subscriberAccessCode") == "111"
    assert answer.value("teleconference/participantFullAccessCode") == "222"
    assert answer.value("teleconference/participantLimitedAccessCode") == "333"
    change(client, key, teleconference={"accountIndex": 3}).ok()
    other = get(client, key).ok()
    assert other.value("teleconference/personalConferenceNumber") == "false"
    assert other.value("teleconference/subscriberAccessCode") not in ("", "111")


def test_people_give_way_by_their_part(site: TestSite) -> None:
    client = site.client()
    key = made(
        client,
        **people("fullAccessAttendees", "ann@x.example"),
        **people("limitedAccessAttendees", "carl@x.example", "dora@x.example"),
    )
    change(client, key, **people("fullAccessAttendees", "eve@x.example", "carl@x.example")).ok()
    answer = get(client, key).ok()
    assert sorted(answer.all("fullAccessAttendees/attendee/email")) == ["carl@x.example", "eve@x.example"]
    assert answer.all("limitedAccessAttendees/attendee/email") == ["dora@x.example"]
    change(client, key, fullAccessAttendees={}, schedule={"duration": 45}).ok()
    assert len(get(client, key).all("fullAccessAttendees/attendee")) == 2


def test_invitations_are_mailed_where_they_are_asked_for(site: TestSite) -> None:
    def kinds() -> list[tuple[str, str | None]]:
        engine = site.server.application.engine
        return sorted((each.kind, each.recipient) for each in site.server.run(outbox.waiting(engine, site.site_id, 50)))

    host = f"host1@{site.name}.example"
    made(site.client(), **people("fullAccessAttendees", "quiet@x.example"))
    assert kinds() == [("session.scheduled", host)]
    made(site.client(), attendeeOptions={"emailInvitations": True}, **people("limitedAccessAttendees", "ann@x.example"))
    assert kinds() == [
        ("session.invitation", "ann@x.example"),
        ("session.scheduled", host),
        ("session.scheduled", host),
    ]


def test_a_series_is_kept_and_changed_as_a_whole(site: TestSite) -> None:
    client = site.client()
    key = made(client, repeat={"repeatType": "MONTHLY", "weekInMonth": 6, "dayInWeek": {"day": "FRIDAY"}})
    answer = get(client, key).ok()
    assert answer.names("repeat") == ["repeatType", "dayInWeek", "weekInMonth"]
    change(client, key, repeat={"repeatType": "DAILY", "interval": 2}).ok()
    assert get(client, key).names("repeat") == ["repeatType", "interval"]
    change(client, key, repeat={"repeatType": "NO_REPEAT"}).ok()
    assert get(client, key).names("repeat") == ["repeatType"]
    change(client, key, repeat={"repeatType": "YEARLY"}).failed("999999")


def test_the_sites_criteria_hold_for_passwords(server: Server) -> None:
    site = server.new_site(all_meetings_password=True, strict_meeting_passwords=True)
    client = site.client()
    empty = audio(accessControl={"sessionPassword": None})
    client.call("meeting.auo.CreateTeleconferenceSession", empty).failed("060026")
    client.call("meeting.auo.CreateTeleconferenceSession", audio(accessControl={"sessionPassword": "1"})).failed(
        "019011"
    )
    key = made(client)
    change(client, key, accessControl={"sessionPassword": "x"}).failed("019011")
    assert get(client, key).value("accessControl/sessionPassword") == "48151623"


def test_an_unlisted_session_is_told_as_private(server: Server) -> None:
    site = server.new_site(all_meetings_unlisted=True)
    key = made(site.client())
    assert get(site.client(), key).ok().value("accessControl/listing") == "PRIVATE"


def test_only_sessions_of_this_kind_are_found(site: TestSite) -> None:
    client = site.client()
    get(client, create(client)).failed("060001")
    get(client, "12345678901").failed("060001")
    client.call("meeting.auo.GetTeleconferenceSession").failed("060001")
    change(client, create(client), metaData={"confName": "x"}).failed("060001")
    key = made(client)
    client.call("meeting.GetMeeting", meetingKey=key).failed("060001")
    get(site.client("host2"), key).failed("000001")
    get(site.client("admin"), key).failed("000001")
    get(site.server.new_site().client(), key).failed("060001")
    client.call("meeting.auo.CreateTeleconferenceSession", audio(metaData={"sessionType": 3})).failed("030025")


def test_a_suspended_site_schedules_none(site: TestSite) -> None:
    key = made(site.client())
    site.set(suspended=True)
    site.client().call("meeting.auo.CreateTeleconferenceSession", audio()).failed("010107")
    change(site.client(), key, metaData={"confName": "x"}).failed("010107")
    get(site.client(), key).ok()


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        write_document(StoredMeeting(meeting=MeetingType())),
        write_document(
            StoredMeeting(
                meeting=MeetingType(repeat=RepeatType(repeat_type="YEARLY", month_in_year=2)),
                rule=Rule(kind=Kind.YEARLY, day_in_month=3, month_in_year=2),
            )
        ),
    ],
    ids=["nothing", "a meeting", "a yearly meeting"],
)
def test_sessions_that_a_meeting_call_once_scheduled(site: TestSite, document: str) -> None:
    client = site.client()
    key = made(client, **people("fullAccessAttendees", "ann@x.example"))

    async def spoil() -> None:
        engine = site.server.application.engine
        before = await sessions.by_key(engine, site.site_id, int(key))
        assert before is not None
        changes = Changes()
        recurring = "YEARLY" in document
        after = msgspec.structs.replace(before.plain(), document=document, recurring=recurring)
        sessions.update_session(changes, before.plain(), after)
        await engine.commit(changes)

    site.server.run(spoil())
    answer = get(client, key).ok()
    assert answer.value("teleconference/subscriberAccessCode") == ""
    assert answer.all("fullAccessAttendees/attendee/email") == ["ann@x.example"]
    if "YEARLY" in document:  # the contract has no such word
        assert answer.names("repeat") == ["dayInMonth"]
    change(client, key, metaData={"confName": "Found again"}).ok()
    found = get(client, key).ok()
    assert found.value("metaData/confName") == "Found again"
    assert len(found.value("teleconference/subscriberAccessCode") or "") == 9


@pytest.mark.parametrize(
    "groups",
    [
        {"teleconference": {"accountIndex": "9" * 40}},
        {"teleconference": {"accountIndex": "one"}},
        {"schedule": {"duration": 0}},
        {"schedule": {"duration": -5}},
        {"schedule": {"timeZoneID": 999}},
        {"schedule": {"startDate": "tomorrow"}},
        {"metaData": {"confName": "x" * 513}},
        {"metaData": {"confName": " "}},
        {"accessControl": {"listing": "UNLISTED"}},
        {"accessControl": {"sessionPassword": "x" * 17}},
        {"remind": {"minutesAhead": "9" * 30}},
        {"fullAccessAttendees": {"attendee": {"name": "nobody"}}},
        {"limitedAccessAttendees": {"attendee": {"email": "a@b@c"}}},
        {"repeat": {"repeatType": "WEEKLY", "interval": -1}},
        {"repeat": {"repeatType": "MONTHLY", "weekInMonth": 7}},
    ],
)
def test_what_cannot_be_is_refused(shared_site: TestSite, groups: dict[str, Any]) -> None:
    answer = shared_site.client().call("meeting.auo.CreateTeleconferenceSession", audio(**groups))
    assert answer.result == "FAILURE"
    assert answer.code in ("999999", "019011", "060017", "009007")


# --- what is sent comes back -----------------------------------------------------------------------------------------

_NEVER = frozenset(
    {
        *("teleconference.request_conference_number", "validate_format", "session_key"),
        *("full_access_attendees.attendee", "limited_access_attendees.attendee"),
    }
)


def _attendees(prefix: str) -> st.SearchStrategy[list[AttendeeType]]:
    def numbered(some: list[AttendeeType]) -> list[AttendeeType]:
        return [
            msgspec.structs.replace(each, email=f"{prefix}{place}@x.example", name=each.name or f"N{place}")
            for place, each in enumerate(some)
        ]

    return st.lists(records(AttendeeType), max_size=3).map(numbered)


@st.composite
def audios(draw: st.DrawFn, cls: type[AudioOnlyType]) -> AudioOnlyType:
    """Requests that the rules allow; apart from these rules every element is drawn freely."""
    only = {"teleconference", "tracking", "remind", "attendee_options"}
    free = draw(records(cls, only=only, complete=True))
    name = texts(smallest=1).filter(lambda text: not text.isspace())
    return msgspec.structs.replace(
        free,
        access_control=AccessControlType(
            listing=draw(st.sampled_from([None, "PUBLIC", "PRIVATE"])),
            session_password=draw(st.none() | st.text("abcXYZ019&<>\"'", min_size=1, max_size=16)),
        ),
        meta_data=MetaDataType(conf_name=draw(name), session_type=draw(st.sampled_from([None, -1, 16]))),
        schedule=ScheduleType(
            start_date=in_days(draw(st.integers(1, 300))),
            time_zone_id=draw(st.sampled_from([GMT, BERLIN])),
            duration=draw(st.integers(1, 999_999)),
            entry_exit_tone=draw(st.sampled_from([None, "BEEP", "NOTONE"])),
        ),
        repeat=draw(repeat_elements(AudioRepeat)),
        full_access_attendees=AudioOnlyTypeFullAccessAttendees(attendee=draw(_attendees("full"))),
        limited_access_attendees=AudioOnlyTypeLimitedAccessAttendees(attendee=draw(_attendees("limited"))),
    )


def _expected(sent: AudioOnlyType) -> dict[str, Any]:
    found = leaves(sent, _NEVER)
    if found.get("meta_data.session_type") == -1:  # the default one
        found["meta_data.session_type"] = 16
    return found


def _check(sent: AudioOnlyType, expected: dict[str, Any], found: GetTeleconferenceSessionResponse) -> None:
    present = leaves(found, _NEVER)
    assert {name: present.get(name) for name in expected} == expected
    for group in ("full_access_attendees", "limited_access_attendees"):
        wanted, given_back = getattr(sent, group).attendee, getattr(found, group).attendee
        if wanted:
            by_address = {each.email: leaves(each) for each in given_back}
            assert all(leaves(each).items() <= by_address[each.email].items() for each in wanted)
            assert {each.email for each in given_back} == {each.email for each in wanted}


@BOUNDED
@given(data=st.data())
def test_what_create_takes_get_gives_back(shared_site: TestSite, data: st.DataObject) -> None:
    sent = data.draw(audios(CreateTeleconferenceSession))
    client = shared_site.client()
    key = send_record(client, sent).ok().value("sessionKey") or ""
    _check(sent, _expected(sent), read_answer(get(client, key), GetTeleconferenceSessionResponse))


@BOUNDED
@given(data=st.data())
def test_what_set_takes_get_gives_back(shared_site: TestSite, data: st.DataObject) -> None:
    client = shared_site.client()
    first = data.draw(audios(CreateTeleconferenceSession))
    key = send_record(client, first).ok().value("sessionKey") or ""
    second = data.draw(audios(SetTeleconferenceSession))
    assert isinstance(second, SetTeleconferenceSession)
    second = msgspec.structs.replace(second, session_key=int(key))
    send_record(client, second).ok()
    expected = after_change(_expected(first), _expected(second), cleared(second), repeats=second.repeat is not None)
    _check(second, expected, read_answer(get(client, key), GetTeleconferenceSessionResponse))


# --- what other services say of these sessions -----------------------------------------------------------------------


def test_the_general_session_service_knows_them(site: TestSite) -> None:
    client = site.client()
    key = made(client, repeat={"repeatType": "WEEKLY", "dayInWeek": {"day": "MONDAY"}})
    told = client.call("ep.GetSessionInfo", sessionKey=key).ok()
    code = get(client, key).value("teleconference/participantFullAccessCode")
    assert told.value("telephony/participantAccessCode") == code
    anonymous = site.client(None, password=None).call("ep.GetSessionInfo", sessionKey=key)
    assert code
    assert code not in anonymous.text
    listed = client.call("ep.LstsummarySession", {"sessionTypes": {"sessionType": 16}}).ok()
    assert listed.all("session/sessionKey") == [key]
    person = {"person": {"name": "Ann", "email": "ann@x.example"}, "sessionKey": key, "role": "LIMITED"}
    client.call("attendee.CreateMeetingAttendee", person).ok()
    assert get(client, key).all("limitedAccessAttendees/attendee/email") == ["ann@x.example"]
    site.client("admin").call("ep.DelSession", sessionKey=key).failed("000001")
    client.call("ep.DelSession", sessionKey=key).ok()
    get(client, key).failed("060001")
