"""The list operations of the history service over HTTP: rows, filters, order, pages, zones, and who sees what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from parley.domain.history import Part
from parley.domain.registration import filled_in
from parley.domain.timezones import ZONES, api_date
from parley.services.attendee import own
from parley.services.event.kind import EVENT
from parley.services.history.reports import REPORTS, Report
from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, attendee
from tests.services.sales_sites import new_sales_site
from tests.services.stages import DAY, Guest, Stage, host

MEETINGS, STAYS = "LstmeetingusageHistory", "LstmeetingattendeeHistory"
ROW = {
    "LstmeetingusageHistory": "meetingUsageHistory",
    "LstmeetingattendeeHistory": "meetingAttendeeHistory",
    "LsttrainingsessionHistory": "trainingSessionHistory",
    "LsttrainingattendeeHistory": "trainingAttendeeHistory",
    "LsteventsessionHistory": "eventSessionHistory",
    "LsteventattendeeHistory": "eventAttendeeHistory",
    "LstEventSessionPreliminaryHistory": "eventSessionHistory",
    "LstEventAttendeePreliminaryHistory": "eventAttendeeHistory",
    "LstsupportsessionHistory": "supportSessionHistory",
    "LstsupportattendeeHistory": "supportAttendeeHistory",
    "LstsalesSessionHistory": "salesSessionHistory",
    "LstsalesAttendeeHistory": "salesAttendeeHistory",
}


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def time(instant: int, zone: int = GMT) -> str:
    return api_date(instant, zone)


def names(stage: Stage, operation: str, values: dict[str, Any] | None = None, caller: str = "host1") -> list[str]:
    """The values that tell rows apart, in the order of the list; empty when nothing is found."""
    answer = stage.ask(operation, values, caller)
    if answer.code == "000015":
        return []
    answer.ok()
    path = "attendeeName" if "ttendee" in operation else "confName"
    return answer.all(f"{ROW[operation]}/{'name' if operation == STAYS else path}")


def start_scope(first: int, last: int, zone: int = GMT) -> dict[str, Any]:
    return {"startTimeScope": {"sessionStartTimeStart": time(first, zone), "sessionStartTimeEnd": time(last, zone)}}


def end_scope(first: int, last: int, zone: int = GMT) -> dict[str, Any]:
    return {"endTimeScope": {"sessionEndTimeStart": time(first, zone), "sessionEndTimeEnd": time(last, zone)}}


def row_of(stage: Stage, operation: str, values: dict[str, Any] | None = None) -> dict[str, str]:
    """The texts of the first row by element."""
    answer = stage.ask(operation, values).ok()
    return {name: answer.value(f"{ROW[operation]}/{name}") or "" for name in answer.names(ROW[operation])}


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_a_meeting_and_who_was_there(stage: Stage) -> None:
    codes = {"trackingCode1": "4711", "trackingCode10": "x"}
    key = stage.meeting("Review", tracking=codes, schedule={"timeZoneID": BERLIN})
    guests = (
        host(0, 600, voip=90),
        Guest("Ann", 30, 61, email="Ann@Guests.example", more={"ip_address": "203.0.113.5", "client_agent": "MAC,FF"}),
        Guest("Ann", 120, 60, email="ann@guests.example", voip=30),
        Guest("Recorder", 5, 500, Part.OTHER),
    )
    conf_id, start, user = stage.hold(key, *guests), stage.start, stage.site.users["host1"]
    session = stage.session(key)
    assert row_of(stage, MEETINGS) == {
        "sessionKey": str(key),
        "confName": "Review",
        "meetingStartTime": time(start),
        "meetingEndTime": time(start + 600),
        "duration": "10",
        "timezone": ZONES[BERLIN].text,
        "trackingCode": "",
        "meetingType": "PRO",
        "hostWebExID": "host1",
        "hostName": "Host1 Tester",
        "hostEmail": user.email,
        "totalCallInMinutes": "0",
        "totalPeopleMinutes": str(10 + 2 + 1 + 9),
        "totalCallInTollfreeMinutes": "0",
        "totalCallOutDomestic": "0",
        "totalCallOutInternational": "0",
        "totalVoipMinutes": "3",
        "userID": str(user.user_id),
        "totalParticipants": "3",
        "totalParticipantsVoip": "2",
        "totalParticipantsCallIn": "0",
        "totalParticipantsCallOut": "0",
        "confID": str(conf_id),
        "peakAttendee": "3",
        "tollCallInInternational": "0",
        "tollfreeCallInInternational": "0",
        "meetingUUID": session.uuid,
    }
    tracking = stage.ask(MEETINGS).ok()
    assert tracking.names("trackingCode") == ["trackingCode1", "trackingCode10"]
    answer = stage.ask(STAYS).ok()
    assert answer.all("meetingAttendeeHistory/name") == ["Host1 Tester", "Recorder", "Ann", "Ann"]
    assert answer.all("participantType") == ["HOST", "OTHER", "ATTENDEE", "ATTENDEE"]
    assert answer.all("joinTime") == [time(start + at) for at in (0, 5, 30, 120)]
    assert answer.all("leaveTime") == [time(start + at) for at in (600, 505, 91, 180)]
    assert answer.all("meetingAttendeeHistory/duration") == ["10", "9", "2", "1"]
    assert answer.all("voipDuration") == ["2", "0", "0", "1"]
    assert answer.all("email") == ["ann@guests.example"] * 2
    assert answer.all("externalParticipant") == ["N/A", "N/A", "EXTERNAL", "EXTERNAL"]
    assert answer.all("ipAddress") == ["203.0.113.5"]
    assert answer.all("clientAgent") == ["MAC,FF"]
    assert set(answer.all("meetingAttendeeHistory/meetingUUID")) == {session.uuid}
    assert set(answer.all("meetingAttendeeHistory/meetingKey")) == {str(key)}
    assert answer.type_name == "history:lstmeetingattendeeHistoryResponse"


def test_a_training_with_its_misspelt_field_and_counts(stage: Stage) -> None:
    key = stage.training("Basics", tracking_code_2="t2")
    conf_id = stage.hold(key, host(0, 600), Guest("Ann", 10, 60, email="ann@x.example"))
    row = row_of(stage, "LsttrainingsessionHistory")
    assert (row["sessionKey"], row["confName"], row["confID"]) == (str(key), "Basics", str(conf_id))
    assert (row["timezone"], row["duration"], row["totalParticipants"]) == ("20", "10", "2")
    assert (row["totalAttendee"], row["totalRegistered"], row["totalInvited"]) == ("1", "0", "0")
    assert row["totalCallInTolllfreeMinutes"] == "0"
    assert (row["sessionStartTime"], row["sessionEndTime"]) == (time(stage.start), time(stage.start + 600))
    assert "hostName" not in row
    assert row["hostEmail"] == stage.site.users["host1"].email
    stays = stage.ask("LsttrainingattendeeHistory").ok()
    assert stays.all("attendeeName") == ["Host1 Tester", "Ann"]
    assert stays.all("trainingAttendeeHistory/confName") == ["Basics"] * 2
    assert stays.all("trainingAttendeeHistory/duration") == ["10", "1"]
    assert stays.all("invited") == stays.all("registered") == ["N", "N"]


def test_an_event_with_sources_and_answers(stage: Stage) -> None:
    key = stage.event("Launch")
    stage.hold(key, host(0, 60), Guest("Ann", 10, 50, email="ann@x.example"))
    row = row_of(stage, "LsteventsessionHistory")
    assert (row["sessionKey"], row["timezone"], row["meetingType"]) == (str(key), "20", "ONS")
    assert row["hostName"] == "Host1 Tester"
    assert names(stage, "LsteventattendeeHistory") == ["Host1 Tester", "Ann"]
    assert "confName" not in row_of(stage, "LsteventattendeeHistory")


def test_what_registrations_said(stage: Stage) -> None:
    form = {
        "standardFields": {"company": {"incl": True}, "title": {"incl": True}},
        "customFields": {"dropDownGroup": {"label": "Day", "choice": [{"label": "Mon", "score": 3}, {"label": "Tue"}]}},
    }
    key = stage.event("Launch", enrollmentForm=form)

    async def register(name: str, choice: str, source: str | None, standard: dict[str, str]) -> int | None:
        texts = {"first_name": name, "last_name": "Lee", "email": f"{name}@x.example", **standard}
        answers, problems = filled_in(EVENT.registration(session), texts, {1: [choice]}, source)
        assert problems == {}
        known = await stage.known()
        made = await own.register(stage.application, known, key, answers, "203.0.113.9", None)
        return made.person.register_id

    session = stage.session(key)
    people: list[tuple[str, str, str | None, dict[str, str]]] = [
        ("ann", "1", "news", {"company": "Acme", "title": "Dr."}),
        ("bob", "2", "news", {}),
        ("cy", "1", "fair", {}),
        ("dan", "2", None, {}),
    ]
    ids = [stage.run(register(*each)) for each in people]
    guests = [
        Guest(str(number), 1 + number, 60, more={"register_id": number_of}) for number, number_of in enumerate(ids)
    ]
    stage.hold(key, host(0, 100), *guests)
    answer = stage.ask("LsteventsessionHistory").ok()
    assert [answer.value(f"source/{name}") for name in ("leadSourceID", "count", "avgLeadScore")] == [
        "news",
        "2",
        "1.5",
    ]
    plain = stage.ask("LsteventattendeeHistory").ok()
    assert plain.all("leadSourceID") == plain.all("regQ") == []
    assert plain.all("registered") == ["N", "Y", "Y", "Y", "Y"]
    assert (plain.all("company"), plain.all("eventAttendeeHistory/title")) == (["Acme"], ["Dr."])
    assert plain.all("attendeeEmail") == [f"{name}@x.example" for name in ("ann", "bob", "cy", "dan")]
    whole = stage.ask("LsteventattendeeHistory", {"attendeeStats": True}).ok()
    assert whole.all("leadSourceID") == ["news", "news", "fair"]
    assert [float(each) for each in whole.all("leadScore")] == [3, 0, 3]
    assert whole.all("regQandA/regQ") == ["Day"] * 4
    assert whole.all("regQandA/regA") == ["Mon", "Tue", "Mon", "Tue"]


def test_a_support_session(stage: Stage) -> None:
    key = stage.support()
    stage.hold(key, host(0, 60), Guest("Customer", 1, 59))
    row = row_of(stage, "LstsupportsessionHistory")
    assert (row["sessionKey"], row["duration"], row["totalPeopleMinutes"], row["peakAttendee"]) == (
        *(str(key), "1", "2", "2"),
    )
    assert names(stage, "LstsupportattendeeHistory", {"sessionKey": key}) == ["Host1 Tester", "Customer"]


def test_a_sales_session(server: Server) -> None:
    stage = Stage(new_sales_site(server))
    key = stage.sales("Demo", metaData={"confName": "Demo", "account": "Acme", "opportunity": "Engines"})
    stage.hold(key, host(0, 60), Guest("Buyer", 5, 30, email="b@acme.example"))
    answer = stage.ask("LstsalesSessionHistory").ok()
    assert answer.names()[0] == "matchingRecords"
    assert (answer.value("account"), answer.value("opportunity")) == ("Acme", "Engines")
    people = stage.ask("LstsalesAttendeeHistory").ok()
    assert people.names()[0] == "matchingRecords"
    assert people.all("attendeeType") == ["SALESTEAM", "PROSPECT"]
    assert people.all("salesAttendeeHistory/account") == ["Acme"] * 2
    assert names(stage, "LstsalesSessionHistory", {"account": "ACME"}) == ["Demo"]
    assert names(stage, "LstsalesSessionHistory", {"account": "Other"}) == []
    assert names(stage, "LstsalesSessionHistory", {"opportunity": "engines"}) == ["Demo"]
    assert names(stage, MEETINGS) == []


def test_audio_only_sessions_are_listed_when_asked_for(stage: Stage) -> None:
    stage.hold(stage.audio_only("By phone"), host())
    stage.hold(stage.meeting("With video"), host(), start=stage.start + 600)
    for operation, both in ((MEETINGS, ["By phone", "With video"]), (STAYS, ["Host1 Tester"] * 2)):
        assert names(stage, operation) == both[1:]
        assert names(stage, operation, {"inclAudioOnly": False}) == both[1:]
        assert names(stage, operation, {"inclAudioOnly": True}) == both


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.request.__name__)
def test_matching_records_stand_where_the_contract_has_them(site: TestSite, report: Report) -> None:
    first = report.answer.__struct_fields__[0]
    expected = "matching_records" if "sales" in report.rows or report.preliminary else report.rows
    assert first == expected
    name = report.request.__declaration__.name
    values = {"confName": "x"} if report.preliminary else {}
    site.client("admin").call(f"history.{name}", values).failed("000015")


# ---- filters ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(stage: Stage) -> tuple[Stage, list[int], list[int]]:
    """Three meetings an hour apart: keys and confIDs."""
    keys = [stage.meeting(name) for name in ("Alpha", "alphabet", "Beta")]
    runs = [
        stage.hold(key, host(0, 600), Guest(f"Guest {place}", 60, 60), start=stage.start - (2 - place) * 3600)
        for place, key in enumerate(keys)
    ]
    return stage, keys, runs


def test_filters(three: tuple[Stage, list[int], list[int]]) -> None:
    stage, keys, runs = three
    begun = [stage.start - hours * 3600 for hours in (2, 1, 0)]
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["Alpha", "alphabet", "Beta"]),
        ({"meetingKey": keys[1]}, ["alphabet"]),
        ({"meetingUUID": stage.session(keys[2]).uuid}, ["Beta"]),
        ({"meetingUUID": "0" * 32}, []),
        ({"confID": runs[0]}, ["Alpha"]),
        ({"confName": "ALPHA"}, ["Alpha", "alphabet"]),
        ({"confName": "lph"}, []),
        ({"confName": " "}, ["Alpha", "alphabet", "Beta"]),
        ({"confName": "alpha", "confID": runs[2]}, []),
        (start_scope(begun[1], begun[2]), ["alphabet", "Beta"]),
        (start_scope(begun[1] + 1, begun[2] - 1), []),
        (end_scope(begun[0] + 600, begun[0] + 600), ["Alpha"]),
        (end_scope(begun[2] + 601, begun[2] + 9999), []),
        ({**start_scope(begun[0], begun[1]), **end_scope(begun[1], begun[2] + 600)}, ["alphabet"]),
        (start_scope(begun[2], begun[0]), []),
        ({"startTimeScope": {}}, ["Alpha", "alphabet", "Beta"]),
    ]
    for values, expected in cases:
        assert names(stage, MEETINGS, values) == expected, values
        people = [name for name in names(stage, STAYS, values) if name.startswith("Guest")]
        places = {"Alpha": 0, "alphabet": 1, "Beta": 2}
        assert people == [f"Guest {places[name]}" for name in expected], values


def test_criteria_joined_by_or(three: tuple[Stage, list[int], list[int]]) -> None:
    stage, keys, runs = three
    either = {"listControl": {"listMethod": "OR"}}
    both = {"listControl": {"listMethod": "AND"}}
    criteria = {"confName": "Beta", "confID": runs[0]}
    assert names(stage, MEETINGS, {**criteria, **either}) == ["Alpha", "Beta"]
    assert names(stage, MEETINGS, {**criteria, **both}) == []
    scope = end_scope(stage.start - 3600 + 600, stage.start - 3600 + 600)
    assert names(stage, MEETINGS, {**scope, "meetingKey": keys[0], **either}) == ["Alpha", "alphabet"]
    assert len(names(stage, STAYS, {**scope, "confName": "beta", **either})) == 4
    # Whose sessions somebody sees is none of the criteria.
    assert names(stage, MEETINGS, {**criteria, **either}, "host2") == []


def test_half_a_scope_and_what_is_no_date_are_refused(stage: Stage) -> None:
    half = stage.ask(MEETINGS, {"startTimeScope": {"sessionStartTimeStart": time(stage.start)}}).failed("999999")
    assert "startTimeScope/sessionStartTimeEnd" in (half.reason or "")
    half = stage.ask(STAYS, {"endTimeScope": {"sessionEndTimeEnd": time(stage.start)}}).failed("999999")
    assert "endTimeScope/sessionEndTimeStart" in (half.reason or "")
    bad = {"startTimeScope": {"sessionStartTimeStart": "yesterday", "sessionStartTimeEnd": "today"}}
    assert "MM/dd/yyyy" in (stage.ask(MEETINGS, bad).failed("999999").reason or "")


def test_lenient_dates(three: tuple[Stage, list[int], list[int]]) -> None:
    stage, _, _ = three
    day = datetime.fromtimestamp(stage.start, UTC)
    midnight = stage.start // DAY * DAY
    first, last = day.strftime("\n %m/%d/%Y 0:0:1 \n"), f"1/2/{day.year + 1}"
    scope = {"startTimeScope": {"sessionStartTimeStart": first, "sessionStartTimeEnd": last}}
    expected = [
        name for name, hours in (("Alpha", 2), ("alphabet", 1), ("Beta", 0)) if stage.start - hours * 3600 > midnight
    ]
    assert names(stage, MEETINGS, scope) == expected


# ---- zones -----------------------------------------------------------------------------------------------------------


def test_times_are_gmt_unless_a_zone_is_named(stage: Stage) -> None:
    stage.hold(stage.meeting("Berlin", schedule={"timeZoneID": BERLIN}), host(0, 600))
    start = stage.start
    scope = start_scope(start, start, BERLIN)
    assert names(stage, MEETINGS, {**scope, "timeZoneID": BERLIN}) == ["Berlin"]
    assert names(stage, MEETINGS, scope) == []
    row = row_of(stage, MEETINGS, {"timeZoneID": BERLIN})
    assert row["meetingStartTime"] == time(start, BERLIN) != time(start)
    assert row_of(stage, MEETINGS, {"timeZoneID": -1})["meetingStartTime"] == time(start)
    stage.ask(MEETINGS, {"timeZoneID": 999}).failed("999999")
    # Attendee lists of meetings have no such element.
    assert row_of(stage, STAYS, {"timeZoneID": BERLIN})["joinTime"] == time(start)


# ---- order and pages -------------------------------------------------------------------------------------------------


def test_orders_of_meetings(stage: Stage) -> None:
    runs = {}
    for place, (name, people) in enumerate((("b", 2), ("A", 3), ("c", 1))):
        guests = [Guest(str(number), 1, 30) for number in range(people)]
        runs[name] = stage.hold(stage.meeting(name), host(), *guests, start=stage.start + place * 60)

    def ordered(by: Any, direction: Any = None) -> list[str]:
        return names(stage, MEETINGS, {"order": {"orderBy": by, "orderAD": direction}})

    assert ordered("STARTTIME") == ["b", "A", "c"]
    assert ordered("STARTTIME", "DESC") == ["c", "A", "b"]
    assert ordered("CONFNAME") == ["A", "b", "c"]
    assert ordered("TOTALATTENDEE", "DESC") == ["A", "b", "c"]
    assert ordered("ASSISTREQUEST") == ordered("ASSISTCONFIRM") == sorted(runs, key=lambda name: runs[name])
    assert ordered(["HOSTNAME", "STARTTIME"], ["ASC", "DESC"]) == ["c", "A", "b"]
    stage.ask(MEETINGS, {"order": {"orderBy": "CONFID"}}).failed("999999")
    stage.ask("LstsupportsessionHistory", {"order": {"orderBy": "STARTTIME"}}).failed("999999")
    stage.ask("LstsupportsessionHistory", {"order": {"orderBy": "SESSIONSTARTTIME"}}).failed("000015")


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.request.__name__)
def test_every_sort_key_of_an_operation_is_understood(shared_site: TestSite, report: Report) -> None:
    element = next((each for each in report.request.__declaration__.elements if each.attribute == "order"), None)
    assert (element is None) == report.preliminary
    if element is None:
        return
    stage = Stage(shared_site)
    if names(stage, "LsttrainingsessionHistory") == []:
        for session in (stage.training(), stage.event(), stage.support(), stage.meeting()):
            stage.hold(session, host(), Guest("Kim"))
    keys = element.record.__declaration__.elements[0].values
    assert keys
    name = report.request.__declaration__.name
    for key in keys:
        for direction in ("ASC", "DESC"):
            answer = stage.ask(name, {"order": {"orderBy": key, "orderAD": direction}})
            assert answer.code in (None, "000015"), f"{key} {answer.reason}"


def test_stays_without_a_company_come_first(stage: Stage) -> None:
    people = [
        {"person": {"name": name, "email": f"{name}@x.example", "company": company}}
        for name, company in (("zoe", "acme"), ("yan", "Beta"), ("xi", None))
    ]
    key = stage.meeting(participants={"attendees": {"attendee": people}})
    stage.hold(key, *(Guest(name, email=f"{name}@x.example") for name in ("zoe", "yan", "xi")))
    assert names(stage, STAYS, {"order": {"orderBy": "COMPANY"}}) == ["xi", "zoe", "yan"]
    assert names(stage, STAYS, {"order": {"orderBy": "COMPANY", "orderAD": "DESC"}}) == ["yan", "zoe", "xi"]


def test_pages(stage: Stage) -> None:
    key = stage.meeting()
    stage.hold(key, *(Guest(f"P{number:02d}", 0, 60) for number in range(23)))

    def page(start: int, size: int | None = None) -> tuple[int, int, int, list[str]]:
        answer = stage.ask(STAYS, {"listControl": {"serv:startFrom": start, "maximumNum": size}}).ok()
        total, returned, first = (int(answer.value(name) or 0) for name in ("total", "returned", "startFrom"))
        return total, returned, first, answer.all("meetingAttendeeHistory/name")

    pages = [page(start, 10) for start in (1, 11, 21)]
    assert [each[:3] for each in pages] == [(23, 10, 1), (23, 10, 11), (23, 3, 21)]
    seen = [name for each in pages for name in each[3]]
    assert len(set(seen)) == 23
    assert page(0, 500)[:3] == (23, 23, 0)
    assert page(1)[:2] == (23, 10)
    assert page(5, 10_000)[1] == 19
    stage.ask(STAYS, {"listControl": {"startFrom": 24, "maximumNum": 10}}).failed("000015")
    stage.ask(STAYS, {"listControl": {"startFrom": -1}}).failed("999999")
    stage.ask(STAYS, {"listControl": {"startFrom": 10**17}}).failed("000015")


# ---- who sees what, and how far back ---------------------------------------------------------------------------------


def test_hosts_see_their_own_and_administrators_all(stage: Stage) -> None:
    for place, name in enumerate(("host1", "host2")):
        stage.hold(stage.meeting(f"Of {name}", name), Guest(f"At {name}"), start=stage.start + place * 60)
    both = ["Of host1", "Of host2"]
    assert names(stage, MEETINGS) == both[:1]
    assert names(stage, MEETINGS, {"hostWebExID": "host2"}) == both[:1]
    assert names(stage, STAYS) == ["At host1"]
    assert names(stage, STAYS, {"confName": "Of host2"}) == []
    assert names(stage, MEETINGS, {}, "admin") == both
    assert names(stage, STAYS, {}, "admin") == ["At host1", "At host2"]
    assert names(stage, MEETINGS, {"hostWebExID": " HOST2 "}, "admin") == both[1:]
    stage.ask(MEETINGS, {"hostWebExID": "nobody"}, "admin").failed("000015")
    stage.ask(MEETINGS, {}, "attendee1").failed("000001")


def test_a_read_only_administrator_sees_all(stage: Stage) -> None:
    stage.hold(stage.meeting("Of host1"), host())
    stage.site.set_user("host2", ro_site_admin=True, host=False)
    assert names(stage, MEETINGS, {}, "host2") == ["Of host1"]


def test_a_run_is_history_when_it_has_ended(stage: Stage) -> None:
    key = stage.meeting()
    here = stage.run(stage.joined(key, host(), stage.start))
    assert names(stage, MEETINGS) == names(stage, STAYS) == []
    stage.run(stage.joined(key, Guest("Kim"), stage.start))
    assert names(stage, STAYS) == []
    assert here.began


def test_ninety_days(stage: Stage) -> None:
    now = stage.application.clock.now()
    stage.hold(stage.meeting("Old"), host(0, 60), start=now - 90 * DAY - 120)
    stage.hold(stage.meeting("Just"), host(0, 60), start=now - 90 * DAY + 600)
    wide = start_scope(now - 400 * DAY, now)
    for values in ({}, wide, end_scope(now - 400 * DAY, now), {"confName": "Old", "listControl": {"listMethod": "OR"}}):
        assert names(stage, MEETINGS, values) == ([] if "confName" in values else ["Just"])
    assert names(stage, STAYS, wide) == ["Host1 Tester"]


def test_another_site_sees_nothing(stage: Stage, server: Server) -> None:
    conf_id = stage.hold(stage.meeting(), host())
    other = Stage(server.new_site())
    assert names(other, MEETINGS, {"confID": conf_id}, "admin") == []
    assert names(other, STAYS, {"confID": conf_id}, "admin") == []


# ---- preliminary data ------------------------------------------------------------------------------------------------

PRELIMINARY = "LstEventSessionPreliminaryHistory"
PRELIMINARY_STAYS = "LstEventAttendeePreliminaryHistory"


def test_preliminary_data_of_events(stage: Stage) -> None:
    now = stage.application.clock.now()
    key = stage.event("Launch")
    conf_id = stage.hold(key, host(0, 60), Guest("Ann", 10, 20))
    stage.hold(stage.event("Long ago"), host(0, 60), start=now - 15 * DAY)
    for values in (
        {"confID": conf_id},
        {"sessionKey": key},
        {"confName": "l"},
        start_scope(now - 14 * DAY, now),
        start_scope(stage.start, now + DAY),
    ):
        assert names(stage, PRELIMINARY, values) == ["Launch"], values
        assert names(stage, PRELIMINARY_STAYS, values) == ["Host1 Tester", "Ann"], values
    answer = stage.ask(PRELIMINARY, {"confID": conf_id}).ok()
    assert answer.names()[0] == "matchingRecords"
    assert answer.value("startFrom") == "1"


@pytest.mark.parametrize("operation", [PRELIMINARY, PRELIMINARY_STAYS])
def test_preliminary_data_need_a_filter_and_reach_back_14_days(stage: Stage, operation: str) -> None:
    now = stage.application.clock.now()
    needed = "At least one filter by confID, confName, sessionKey, and startTimeScope must be provided"
    for caller in ("host1", "admin"):
        nothing: list[dict[str, Any]] = [{}, {"hostWebExID": "host1"}, {"confName": "  "}, {"startTimeScope": {}}]
        for values in nothing:
            assert stage.ask(operation, values, caller).failed("000047").reason == needed
    for scope in (start_scope(now - 15 * DAY, now), start_scope(now - 10 * DAY, now + 10 * DAY)):
        assert stage.ask(operation, scope).failed("000018").reason == "Date range cannot be over 14 days"


def test_preliminary_data_of_others(stage: Stage) -> None:
    for place, name in enumerate(("host1", "host2")):
        stage.hold(stage.event(f"Of {name}", name), host(), start=stage.start + place)
    assert names(stage, PRELIMINARY, {"confName": "of", "hostWebExID": "host2"}) == ["Of host1"]
    assert names(stage, PRELIMINARY, {"confName": "of", "hostWebExID": "host2"}, "admin") == ["Of host2"]
    assert names(stage, PRELIMINARY, {"confName": "of"}, "admin") == ["Of host1", "Of host2"]


# ---- levels and oddities ---------------------------------------------------------------------------------------------


def test_psofields_are_told_and_searched_when_asked(stage: Stage) -> None:
    stage.hold(stage.training("Plain"), host())
    assert "psoFields" not in row_of(stage, "LsttrainingsessionHistory", {"returnPSOFields": True})
    assert names(stage, "LsttrainingsessionHistory", {"psoFields": {"psoField1": "gold"}}) == []


def test_hostile_values(stage: Stage) -> None:
    stage.hold(stage.meeting("100%"), host())
    for name, expected in (("%", []), ("1", ["100%"]), ("'; --", []), ("\U0010ffff", []), ("x" * 5000, [])):
        assert names(stage, MEETINGS, {"confName": name}) == expected
    for key in (-1, 0, 2**63 - 1, -(2**63)):
        assert names(stage, MEETINGS, {"meetingKey": key}) == []
        assert names(stage, STAYS, {"confID": key}) == []
    for wrong in (2**63, "x"):
        stage.ask(MEETINGS, {"meetingKey": wrong}).failed("999999")
    edges = {"startTimeScope": {"sessionStartTimeStart": "01/01/0001", "sessionStartTimeEnd": "12/31/9999 23:59:59"}}
    assert names(stage, MEETINGS, edges) == ["100%"]
    stage.ask(MEETINGS, {"order": {"orderBy": ["STARTTIME"] * 4}}).failed("999999")
    stage.ask(MEETINGS, {"meetingUUID": "' OR 1=1"}).failed("000015")


def test_invited_and_registered(stage: Stage) -> None:
    people = [attendee("ann@x.example", joinStatus="ACCEPT"), attendee("bob@x.example")]
    key = stage.meeting(participants={"attendees": {"attendee": people}})
    conf_id = stage.hold(key, host(), Guest("Ann", email="ann@x.example"), Guest("Stranger"))
    run = stage.row(conf_id)
    assert (run.invited, run.registered, run.attended) == (2, 1, 2)
