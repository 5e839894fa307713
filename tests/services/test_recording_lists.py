"""LstRecording and LstRecordingInRecycleBin over HTTP."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from parley.domain.recording import Kind, Recording, State
from parley.domain.timezones import api_date
from tests.client import Answer
from tests.server import TestSite
from tests.services.meetings import BERLIN, GMT
from tests.services.recordings import DAY, details, new_recording, share

LIST, TRASH = "ep.LstRecording", "ep.LstRecordingInRecycleBin"


def ask(site: TestSite, caller: str = "host1", operation: str = LIST, **values: Any) -> Answer:
    return site.client(caller).call(operation, values)


def numbers(site: TestSite, caller: str = "host1", operation: str = LIST, **values: Any) -> list[str]:
    """The numbers of a list; none when nothing is found."""
    answer = ask(site, caller, operation, **values)
    return [] if answer.code == "000015" else answer.ok().all("recording/recordingID")


def ids(*recordings: Recording) -> list[str]:
    return [str(each.recording_id) for each in recordings]


def scope(first: int, last: int, zone: int | None = GMT) -> dict[str, Any]:
    times = [api_date(each, GMT if zone is None else zone) for each in (first, last)]
    return {"createTimeScope": {"createTimeStart": times[0], "createTimeEnd": times[1], "timeZoneID": zone}}


def test_a_row(site: TestSite) -> None:
    made = new_recording(
        site,
        name="Review <1>",
        session_key=12345678901,
        conf_id=123456789012345678,
        time_zone_id=BERLIN,
        password="Secret12",
        listing="PUBLIC",
        duration=754,
        size=2_193_620,
        kind=Kind.UPLOADED,
        service="TrainingCenter",
        document=details(
            description="What & why",
            author="Ann Lee",
            panelists="Bo, Cy",
            registration=True,
            tracking_codes=(None, "4711"),
        ),
    )
    answer = ask(site).ok()
    assert answer.type_name == "ep:lstRecordingResponse"
    assert answer.names() == ["matchingRecords", "recording"]
    assert answer.names("matchingRecords") == ["total", "returned", "startFrom"]
    row = {name: answer.value(f"recording/{name}") for name in answer.names("recording")}
    links = {name: row.pop(name) or "" for name in ("streamURL", "hostStreamURL", "fileURL")}
    assert row == {
        "recordingID": str(made.recording_id),
        "hostWebExID": "host1",
        "name": "Review <1>",
        "description": "What & why",
        "createTime": api_date(made.created_at, BERLIN),
        "timeZoneID": str(BERLIN),
        "size": "2.092",
        "recordingType": "1",
        "duration": "754",
        "author": "Ann Lee",
        "listing": "PUBLIC",
        "format": "MP4",
        "serviceType": "TrainingCenter",
        "password": "Secret12",
        "passwordReq": "true",
        "registerReq": "true",
        "panelist": "Bo, Cy",
        "confID": "123456789012345678",
    }
    assert re.fullmatch(rf"http.*/{site.name}/ldr\.php\?RCID=[0-9a-f]{{32}}", links["streamURL"])
    assert re.fullmatch(rf"http.*/{site.name}/lsr\.php\?RCID=[0-9a-f]{{32}}", links["fileURL"])
    codes = [parse_qs(urlsplit(link).query)["RCID"] for link in links.values()]
    assert codes == [[made.stream_rcid], [made.stream_rcid], [made.file_rcid]]


def test_the_order_of_all_elements(site: TestSite) -> None:
    made = new_recording(
        site,
        session_key=5,
        conf_id=7,
        document=details(author="Ann", panelists="Bo", tracking_codes=("1",)),
    )
    share(site, made, "host1")
    answer = ask(site, returnSessionDetails=True, returnShareToMeRecording=True).ok()
    assert answer.names("recording") == [
        *("recordingID", "hostWebExID", "name", "description", "createTime", "timeZoneID", "size"),
        *("streamURL", "hostStreamURL", "fileURL", "sessionKey", "trackingCode", "recordingType", "duration"),
        *("author", "listing", "format", "serviceType", "password", "passwordReq", "registerReq", "panelist"),
        *("confID", "shareToMe"),
    ]


def test_what_is_not_there_is_empty_or_left_out(site: TestSite) -> None:
    new_recording(site)
    answer = ask(site, returnSessionDetails=True).ok()
    assert (answer.value("recording/password"), answer.value("recording/passwordReq")) == ("", "false")
    assert answer.value("recording/description") == ""
    assert not {"sessionKey", "trackingCode", "author", "panelist", "confID", "shareToMe"} & set(
        answer.names("recording")
    )


def test_only_what_is_ready_is_listed(site: TestSite) -> None:
    for state in State:
        new_recording(site, state=state, trashed_at=1 if state is State.TRASHED else None)
    shown = ask(site).ok()
    assert shown.value("total") == "1"
    assert ask(site, "host2").failed("000015").reason == "Sorry, no record found"


def test_hosts_see_their_own_and_administrators_all(site: TestSite) -> None:
    first, second = new_recording(site), new_recording(site, "host2", password="Secret12")
    assert numbers(site) == ids(first)
    assert numbers(site, hostWebExID=" HOST1 ") == ids(first)
    assert numbers(site, "admin") == ids(*sorted((first, second), key=lambda each: each.recording_id))
    assert numbers(site, "admin", hostWebExID="host2") == ids(second)
    assert ask(site, "admin", hostWebExID="host2").value("recording/password") == "Secret12"
    assert numbers(site, "admin", hostWebExID="nobody") == []
    ask(site, hostWebExID="host2").failed("000001")
    ask(site, hostWebExID="nobody").failed("000001")
    site.set_user("admin", site_admin=False, ro_site_admin=True)
    viewed = ask(site, "admin", hostWebExID="host2").ok()
    assert (viewed.value("recording/password"), viewed.value("recording/passwordReq")) == ("", "true")


def test_without_a_scope_the_last_four_weeks_are_listed(site: TestSite) -> None:
    now = site.server.application.clock.now()
    late = new_recording(site, created_at=now - 27 * DAY, session_key=5, name="Late")
    early = new_recording(site, created_at=now - 29 * DAY, session_key=5, name="Early")
    assert numbers(site) == ids(late)
    assert numbers(site, createTimeScope="") == ids(late)
    # Who names a session or a name asks for few rows anyway.
    assert numbers(site, sessionKey=5) == ids(early, late)
    assert numbers(site, recordName="early") == ids(early)
    assert numbers(site, serviceTypes={"serviceType": "MeetingCenter"}) == ids(late)


def test_a_range_is_at_most_28_days_wide(site: TestSite) -> None:
    now = site.server.application.clock.now()
    made = new_recording(site, created_at=now - 40 * DAY)
    assert numbers(site, **scope(now - 50 * DAY, now - 22 * DAY)) == ids(made)
    wide = ask(site, **scope(now - 50 * DAY, now - 21 * DAY)).failed("000018")
    assert wide.reason == "Date range cannot be over 28 days"
    assert numbers(site, **scope(now - 39 * DAY, now - 12 * DAY)) == []
    assert numbers(site, **scope(now - 30 * DAY, now - 50 * DAY)) == []
    ask(site, sessionKey=5, **scope(now - 90 * DAY, now)).failed("000018")


def test_half_a_scope(site: TestSite) -> None:
    now = site.server.application.clock.now()
    made = [new_recording(site, created_at=now - days * DAY) for days in (70, 40, 20)]
    assert numbers(site, createTimeScope={"createTimeStart": api_date(now - 45 * DAY, GMT)}) == ids(*made[1:])
    assert numbers(site, createTimeScope={"createTimeEnd": api_date(now - 35 * DAY, GMT)}) == ids(made[1])


def test_dates_of_a_scope_are_in_its_zone_or_gmt(site: TestSite) -> None:
    at = site.server.application.clock.now() - 5 * DAY
    made = new_recording(site, created_at=at)
    for zone in (GMT, BERLIN, 4):
        assert numbers(site, **scope(at, at, zone)) == ids(made)
    for unsaid in (None, -1):
        assert numbers(site, createTimeScope={**scope(at, at)["createTimeScope"], "timeZoneID": unsaid}) == ids(made)
    assert numbers(site, createTimeScope={**scope(at, at)["createTimeScope"], "timeZoneID": BERLIN}) == []
    ask(site, createTimeScope={**scope(at, at)["createTimeScope"], "timeZoneID": 4711}).failed("999999")


def test_filters(site: TestSite) -> None:
    a = new_recording(site, name="Weekly Review", session_key=5, format="ARF")
    b = new_recording(site, name="Weekly", session_key=6, service="EventCenter")
    c = new_recording(site, name="weekly", session_key=6, service="TrainingCenter", format="WMV")
    every = sorted((a, b, c), key=lambda each: (each.created_at, each.recording_id))
    assert numbers(site) == ids(*every)
    assert numbers(site, recordName="WEEKLY ") == ids(*(each for each in every if each is not a))
    assert numbers(site, sessionKey=5) == ids(a)
    assert numbers(site, sessionKey=7) == []
    chosen = {"serviceType": ["EventCenter", "TrainingCenter"]}
    assert numbers(site, serviceTypes=chosen) == ids(*(each for each in every if each is not a))
    assert numbers(site, formatTypes={"formatType": ["ARF", "WMV"]}) == ids(*(each for each in every if each is not b))
    assert numbers(site, formatTypes={"formatType": "MP4"}, serviceTypes={"serviceType": "MeetingCenter"}) == []
    ask(site, formatTypes={"formatType": "AVI"}).failed("999999")
    ask(site, formatTypes={"formatType": ["MP4", "ARF", "WRF", "WMV"]}).failed("999999")


def test_order_and_pages(site: TestSite) -> None:
    now = site.server.application.clock.now()
    made = [new_recording(site, created_at=now - 7200 + at, name=f"{9 - at} name") for at in range(9)]
    assert numbers(site) == ids(*made)
    assert numbers(site, order={"orderBy": "CREATETIME", "orderAD": "DESC"}) == ids(*made[::-1])
    assert numbers(site, order={"orderBy": "RECORDNAME"}) == ids(*made[::-1])
    assert numbers(site, order={"orderBy": "whatever"}) == ids(*made)
    by_number = sorted(made, key=lambda each: each.recording_id)
    assert numbers(site, order={"orderBy": "RECORDID", "orderAD": "ASC"}) == ids(*by_number)
    page = ask(site, listControl={"startFrom": 4, "maximumNum": 3}).ok()
    assert [page.value(name) for name in ("total", "returned", "startFrom")] == ["9", "3", "4"]
    assert page.all("recording/recordingID") == ids(*made[3:6])
    zero = ask(site, listControl={"startFrom": 0, "maximumNum": 10_000}).ok()
    assert [zero.value(name) for name in ("total", "returned", "startFrom")] == ["9", "9", "0"]
    assert numbers(site, listControl={"startFrom": 10}) == []
    assert numbers(site, listControl={"startFrom": 2**62}) == []
    ask(site, listControl={"startFrom": -1}).failed("999999")


def test_what_is_shared_with_the_caller(site: TestSite) -> None:
    own, other = new_recording(site), new_recording(site, "host2", password="Secret12")
    new_recording(site, "host2")
    share(site, other, "host1")
    assert numbers(site) == ids(own)
    answer = ask(site, returnShareToMeRecording=True).ok()
    told = dict(zip(answer.all("recording/recordingID"), answer.all("recording/shareToMe"), strict=True))
    assert told == {str(own.recording_id): "false", str(other.recording_id): "true"}
    assert sorted(answer.all("recording/password")) == ["", ""]
    assert answer.all("recording/shareToMe") == [told[each] for each in answer.all("recording/recordingID")]
    everybody = ask(site, "admin", returnShareToMeRecording=True).ok()
    assert everybody.all("recording/shareToMe") == ["false"] * 3


def test_hostile_values(site: TestSite) -> None:
    new_recording(site)
    for values in (
        {"createTimeScope": {"createTimeStart": "yesterday", "createTimeEnd": "now"}},
        {"createTimeScope": {"createTimeStart": "13/45/2020 00:00:00", "createTimeEnd": "01/01/2021 00:00:00"}},
        {"sessionKey": "x"},
        {"sessionKey": 2**70},
        {"serviceTypes": {"serviceType": "Everything"}},
        {"listControl": {"startFrom": "1; DROP TABLE recordings"}},
    ):
        ask(site, **values).failed("999999")
    for name in ("%", "' OR 1=1 --", "\U0001f600", "a" * 5000):
        assert numbers(site, recordName=name) == []
    assert numbers(site, sessionKey=-1) == []
    assert numbers(site, hostWebExID="") != []


# ---- the trash -------------------------------------------------------------------------------------------------------


def test_the_own_trash(site: TestSite) -> None:
    now = site.server.application.clock.now()
    early = new_recording(
        site,
        state=State.TRASHED,
        trashed_at=now - 100,
        created_at=now - 50 * DAY,
        time_zone_id=BERLIN,
        session_key=5,
        name="Early",
    )
    late = new_recording(site, state=State.TRASHED, trashed_at=now - 200, session_key=6, name="Late")
    new_recording(site)
    new_recording(site, "host2", state=State.TRASHED, trashed_at=now)
    answer = ask(site, operation=TRASH).ok()
    assert answer.type_name == "ep:lstRecordingInRecycleBinResponse"
    assert answer.names()[0] == "matchingRecords"
    assert answer.all("recording/recordingID") == ids(early, late)
    assert answer.names("recording")[-1] == "deleteTime"
    assert answer.all("recording/deleteTime") == [api_date(now - 100, BERLIN), api_date(now - 200, GMT)]
    assert numbers(site, operation=TRASH, sessionKey=5) == ids(early)
    assert numbers(site, operation=TRASH, recordName="late") == ids(late)
    assert numbers(site, operation=TRASH, **scope(now - 60 * DAY, now - 40 * DAY)) == ids(early)
    assert numbers(site, operation=TRASH, **scope(now - 90 * DAY, now)) == ids(early, late)
    assert numbers(site, operation=TRASH, listControl={"startFrom": 2, "maximumNum": 1}) == ids(late)
    assert numbers(site, "admin", operation=TRASH) == []


@pytest.mark.parametrize("operation", ["ep:lstRecording", "java:com.webex.service.binding.ep.LstRecording"])
def test_names_that_clients_call_it_by(site: TestSite, operation: str) -> None:
    made = new_recording(site)
    assert site.client().call(operation, {}).ok().all("recordingID") == ids(made)
