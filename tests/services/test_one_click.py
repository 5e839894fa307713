"""Settings of one-click meetings over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.ep import (
    GetOneClickSettingsResponse,
    OcMetaDataType,
    OcTelephonyType,
    OcTrackingCodeType,
    SessionTemplateType,
    SetupOneClickSettings,
    SetupOneClickSettingsTracking,
)
from parley.domain.site import Telephony, TrackingCode
from parley.services.accounts import write_profile
from parley.services.profiles import profile_of
from tests.client import Answer, Client
from tests.generators import records, texts
from tests.server import Server, TestSite
from tests.services.round_trips import BOUNDED, cleared, leaves, read_answer, send_record

CODES = [TrackingCode(1, "Project"), TrackingCode(4, "Division", values=["North", "South"])]


def get(client: Client, host: str | None = None) -> Answer:
    return client.call("ep.GetOneClickSettings", hostWebExID=host)


def setup(client: Client, **groups: Any) -> Answer:
    meta = {"serviceType": "MeetingCenter", "sessionType": 3, "confName": "Talk to me", **groups.pop("metaData", {})}
    return client.call("ep.SetupOneClickSettings", {"metaData": meta, **groups})


def set_(client: Client, host: str | None, service: str | None, number: Any) -> Answer:
    meta = {"serviceType": service, "sessionType": number}
    return client.call("ep.SetOneClickSettings", {"hostWebExID": host, "oneClickMetaData": meta})


def test_settings_before_anything_was_set(server: Server) -> None:
    site = server.new_site(tracking_codes=CODES, entry_exit_tone="BEEP", telephony_support="CALLIN")
    answer = get(site.client()).ok()
    assert answer.type_name == "ep:getOneClickSettingsResponse"
    assert answer.names() == ["metaData", "trackingCodes", "telephony", "enableOptions", "attendeeOptions"]
    assert {name: answer.value(f"metaData/{name}") for name in answer.names("metaData")} == {
        "serviceType": "MeetingCenter",
        "sessionType": "3",
        "confName": "Host1 Tester's meeting",
        "listing": "PUBLIC",
    }
    assert answer.all("trackingCode/index") == ["1", "4"]
    assert answer.all("trackingCode/name") == ["Project", "Division"]
    assert answer.all("trackingCode/inputMode") == ["text", "select"]
    assert answer.value("telephony/telephonySupport") == "CALLIN"
    assert answer.value("telephony/entryExitTone") == "BEEP"
    assert (answer.value("enableOptions/voip"), answer.value("attendeeOptions/joinApproval")) == ("true", "false")


def test_the_whole_form_is_kept(server: Server) -> None:
    site = server.new_site(tracking_codes=CODES)
    answer = setup(
        site.client(),
        metaData={
            "sessionPassword": "Secret12",
            "listing": "UNLISTED",
            "sessionTemplate": {"name": "Short", "type": "User"},
        },
        tracking={"trackingCode": [{"index": 1, "value": "Apollo"}, {"index": 9, "value": "kept"}]},
        telephony={"telephonySupport": "CALLBACK", "tollfree": True},
        enableOptions={"voip": False},
        attendeeOptions={"joinApproval": True},
    ).ok()
    assert (answer.type_name, answer.names()) == ("ep:setupOneClickSettingsResponse", [])
    found = get(site.client()).ok()
    assert found.value("metaData/confName") == "Talk to me"
    assert found.value("metaData/sessionPassword") == "Secret12"
    assert found.value("metaData/sessionTemplate/type") == "User"
    assert found.all("trackingCode/value") == ["Apollo"]
    assert found.value("telephony/telephonySupport") == "CALLBACK"
    assert found.value("attendeeOptions/joinApproval") == "true"
    setup(site.client(), metaData={"confName": "Renamed"}).ok()
    again = get(site.client()).ok()
    assert again.value("metaData/confName") == "Renamed"
    assert again.value("metaData/sessionPassword") == "Secret12"
    assert again.value("enableOptions/voip") == "false"


def test_service_and_type_alone(site: TestSite) -> None:
    client = site.client()
    setup(client, enableOptions={"voip": False}).ok()
    answer = set_(client, None, "SupportCenter", 13).ok()
    assert (answer.type_name, answer.names()) == ("ep:setOneClickSettingsResponse", [])
    found = get(client).ok()
    assert (found.value("metaData/serviceType"), found.value("metaData/sessionType")) == ("SupportCenter", "13")
    assert (found.value("metaData/confName"), found.value("enableOptions/voip")) == ("Talk to me", "false")
    set_(site.client("admin"), "HOST2", "MeetingCenter", 1).ok()
    assert get(site.client("host2")).ok().value("metaData/sessionType") == "1"
    set_(client, None, "MeetingCenter", 13).failed("030025")
    set_(client, None, "SalesCenter", -1).failed("030025")
    set_(client, None, "MeetingCenter", None).failed("999999")
    set_(client, None, None, 3).failed("999999")
    client.call("ep.SetOneClickSettings").failed("999999")


def test_whose_settings(site: TestSite) -> None:
    setup(site.client(), metaData={"sessionPassword": "Secret12"}).ok()
    get(site.client("host2"), "host1").failed("000001")
    get(site.client("host2"), "nobody").failed("000001")
    set_(site.client("host2"), "host1", "MeetingCenter", 1).failed("000001")
    assert get(site.client("admin"), "host1").ok().value("metaData/confName") == "Talk to me"
    get(site.client("admin"), "nobody").failed("030001")
    get(site.client("admin"), "attendee1").failed("030037")
    set_(site.client("admin"), "attendee1", "MeetingCenter", 3).failed("030037")
    get(site.client("attendee1")).failed("000001")
    assert get(site.client("host2")).ok().value("metaData/confName") == "Host2 Tester's meeting"
    other = site.server.new_site()
    assert get(other.client()).ok().value("metaData/confName") == "Host1 Tester's meeting"


def test_a_type_that_the_host_lost_gives_way_to_the_usual_one(site: TestSite) -> None:
    setup(site.client(), metaData={"sessionType": 1}).ok()
    admin = site.client("admin")
    admin.call("user.SetUser", {"webExId": "host1", "meetingTypes": {"meetingType": [3]}}).ok()
    assert get(site.client()).ok().value("metaData/sessionType") == "3"
    admin.call("user.SetUser", {"webExId": "host1", "supportedServices": {"meetingCenter": False}}).ok()
    get(site.client()).failed("030037")


def test_numbers_and_codes_of_the_hosts_accounts(server: Server) -> None:
    site = server.new_site(telephony=Telephony("+1-555-0100", "+1-800-555-0100"))
    profile = profile_of(site.users["host1"])
    extra = {
        "personalTeleconf": {"account": [{"accountIndex": 1, "participantFullAccessCode": "222"}]},
        "tspAccount": {"tspAccount": [{"accountIndex": 3, "tollCallInNumber": "+49-1", "subscriberAccessCode": "9"}]},
    }
    changed = msgspec.convert({**msgspec.to_builtins(profile), **extra}, type(profile), strict=False)
    site.set_user("host1", document=write_profile(changed))
    client = site.client()
    setup(client, telephony={"telephonySupport": "CALLIN", "personalAccountIndex": 1}).ok()
    account = get(client).ok()
    assert account.value("account/participantAccessCode") == "222"
    assert account.value("account/tollCallInNumber") == "+1-555-0100"
    setup(client, telephony={"telephonySupport": "CALLIN", "tspAccountIndex": 3}).ok()
    account = get(client).ok()
    assert account.value("account/tollCallInNumber") == "+49-1"
    assert account.value("account/subscriberAccessCode") == "9"


def test_passwords_are_held_to_the_sites_criteria(server: Server) -> None:
    site = server.new_site(all_meetings_password=True, strict_meeting_passwords=True)
    setup(site.client()).failed("060026")
    setup(site.client(), metaData={"sessionPassword": "1"}).failed("019011")
    setup(site.client(), metaData={"sessionPassword": "Kp7-mistral"}).ok()


@pytest.mark.parametrize(
    "groups",
    [
        {"metaData": {"confName": "  "}},
        {"metaData": {"confName": "x" * 513}},
        {"metaData": {"serviceType": "NoCenter"}},
        {"metaData": {"serviceType": None}},
        {"metaData": {"sessionType": 999}},
        {"metaData": {"sessionType": "9" * 30}},
        {"metaData": {"listing": "SECRET"}},
        {"metaData": {"sessionPassword": "x" * 17}},
        {"metaData": {"sessionPassword": "a b"}},
        {"tracking": {"trackingCode": {"index": 11, "value": "x"}}},
        {"tracking": {"trackingCode": {"index": 0, "value": "x"}}},
        {"tracking": {"trackingCode": {"value": "x"}}},
        {"tracking": {"trackingCode": {"index": 1, "value": "x" * 129}}},
        {"tracking": {"trackingCode": [{"index": 1}] * 11}},
        {"telephony": {"telephonySupport": "SHOUTING"}},
        {"telephony": {"telephonySupport": "CALLIN", "tspAccountIndex": "9" * 30}},
    ],
)
def test_what_cannot_be_is_refused(shared_site: TestSite, groups: dict[str, Any]) -> None:
    answer = setup(shared_site.client("host2"), **groups)
    assert answer.result == "FAILURE"
    assert answer.code in ("999999", "030025", "019011")


def test_changes_at_once_never_mix(site: TestSite) -> None:
    client = site.client()
    groups: list[dict[str, Any]] = [
        {"enableOptions": {"voip": False}},
        {"attendeeOptions": {"joinApproval": True}},
        {"telephony": {"telephonySupport": "OTHER"}},
        {"metaData": {"sessionPassword": "Secret12"}},
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda group: setup(client, **group).ok(), groups))
    found = get(client).ok()
    told = [
        found.value(path)
        for path in (
            *("enableOptions/voip", "attendeeOptions/joinApproval", "telephony/telephonySupport"),
            "metaData/sessionPassword",
        )
    ]
    assert told == ["false", "true", "OTHER", "Secret12"]


@st.composite
def _forms(draw: st.DrawFn) -> SetupOneClickSettings:
    free = draw(records(SetupOneClickSettings, only={"enable_options", "attendee_options"}))
    name = texts(smallest=1).filter(lambda text: not text.isspace())
    codes = draw(
        st.lists(st.tuples(st.integers(1, 10), texts(128, smallest=1)), max_size=5, unique_by=lambda one: one[0])
    )
    return msgspec.structs.replace(
        free,
        meta_data=OcMetaDataType(
            service_type=draw(st.just("MeetingCenter")),
            session_type=draw(st.sampled_from([1, 3, 101])),
            conf_name=draw(name),
            session_password=draw(st.none() | st.text("abcXYZ019&<>", min_size=1, max_size=16)),
            listing=draw(st.sampled_from([None, "PUBLIC", "UNLISTED", "PRIVATE"])),
            cuvc_meeting_id=draw(st.none() | texts()),
            is_internal=draw(st.none() | st.booleans()),
            session_template=draw(st.none() | records(SessionTemplateType)),
        ),
        tracking=SetupOneClickSettingsTracking(
            tracking_code=[OcTrackingCodeType(index=index, value=value) for index, value in codes]
        ),
        telephony=draw(st.none() | records(OcTelephonyType, complete=True)),
    )


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def coded_site(request: pytest.FixtureRequest) -> TestSite:
    """A site with all ten tracking codes."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    started: Server = request.getfixturevalue(name)
    return started.new_site(tracking_codes=[TrackingCode(number, f"Code {number}") for number in range(1, 11)])


@BOUNDED
@given(first=_forms(), second=_forms())
def test_what_setup_takes_get_gives_back(
    coded_site: TestSite, first: SetupOneClickSettings, second: SetupOneClickSettings
) -> None:
    client = coded_site.client()
    send_record(client, first).ok()
    send_record(client, second).ok()
    found = read_answer(get(client), GetOneClickSettingsResponse)
    assert found.tracking_codes is not None
    values = {each.index: each.value for each in found.tracking_codes.tracking_code if each.value}
    assert second.tracking is not None
    sent = {each.index: each.value for each in second.tracking.tracking_code}
    if sent:
        assert values == sent
    kept = {name: value for name, value in leaves(first).items() if name not in cleared(second)}
    expected = {name: value for name, value in (kept | leaves(second)).items() if not name.startswith("tracking.")}
    present = leaves(found)
    assert {name: present.get(name) for name in expected} == expected
