"""The meeting type service over HTTP, and the session types of a new site."""

from __future__ import annotations

import msgspec
import pytest

from parley.contract.meetingtype import OptionsType
from parley.services import session_types
from parley.services.session_types import standard_types, stored_type
from parley.services.sessions.scheduling import limits_of
from parley.store import Changes, sites
from tests.client import Answer
from tests.server import TestSite

FIELDS = [
    *("productCodePrefix", "active", "name", "displayName", "limits", "options", "phoneNumbers", "meetingTypeID"),
    "serviceTypes",
]


def listed(site: TestSite, body: str = "") -> Answer:
    return site.client().call("meetingtype.LstMeetingType", body)


def test_all_types_come_after_matching_records(site: TestSite) -> None:
    answer = listed(site).ok()
    assert answer.type_name == "mtgtype:lstMeetingTypeResponse"
    assert answer.names() == ["matchingRecords", *["meetingType"] * 8]
    assert answer.names("matchingRecords") == ["total", "returned", "startFrom"]
    assert [answer.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["8", "8", "1"]
    assert answer.all("meetingType/meetingTypeID") == ["1", "3", "13", "16", "101", "102", "103", "104"]
    assert answer.all("meetingType/productCodePrefix") == ["FRE", "PRO", "SC3", "AUO", "ONS", "ONS", "ONS", "TRS"]
    services = answer.all("serviceTypes/serviceType")
    assert services == [
        *("MeetingCenter", "MeetingCenter", "SupportCenter", "MeetingCenter", "MeetingCenter", "MeetingCenter"),
        *("EventCenter", "TrainingCenter"),
    ]
    assert set(answer.all("meetingType/active")) == {"ACTIVATED"}


def test_a_type_has_all_limits_and_options_in_order(site: TestSite) -> None:
    answer = site.client("attendee1").call("meetingtype.GetMeetingType", {"meetingTypeID": 3}).ok()
    assert answer.type_name == "mtgtype:getMeetingTypeResponse"
    assert answer.names() == FIELDS
    assert answer.names("limits") == [
        *("maxAppShareDuration", "maxAppShareUser", "maxDesktopShareDuration", "maxDesktopShareUser"),
        *("maxFileTransferUser", "maxMeetingDuration", "maxMeetingUser", "maxRecordUser", "maxVideoDuration"),
        *("maxVideoUser", "maxWebTourDuration", "maxWebTourUser"),
    ]
    assert set(answer.all("limits/*")) <= {"999999"}
    assert answer.value("limits/maxMeetingUser") == "999999"
    names = answer.names("options")
    assert len(names) == 38
    assert names[:3] == ["supportAppShare", "supportAppShareRemote", "supportAttendeeRegistration"]
    assert names[34:] == [
        *("supportQuickStartAttendees", "supportQuickStartHost", "hideInScheduler", "SupportPrivateMeeting")
    ]
    assert answer.value("options/supportMeetingCenterSite") == "true"
    assert answer.value("options/supportOnStageSite") == "false"
    assert answer.value("options/supportTeleconfCallIn") == "false"
    assert "<mtgtype:phoneNumbers/>" in answer.text


def test_types_are_filtered_and_paged(site: TestSite) -> None:
    assert listed(site, "<meetingTypeID>103</meetingTypeID><meetingTypeID>1</meetingTypeID>").ok().all(
        "meetingType/meetingTypeID"
    ) == ["1", "103"]
    page = listed(site, "<listControl><startFrom>3</startFrom><maximumNum>2</maximumNum></listControl>").ok()
    assert page.all("meetingType/meetingTypeID") == ["13", "16"]
    assert [page.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["8", "2", "3"]
    rest = listed(site, "<listControl><startFrom>7</startFrom></listControl>").ok()
    assert rest.all("meetingType/meetingTypeID") == ["103", "104"]
    assert listed(site, "<listControl/>").ok().value("matchingRecords/returned") == "8"


@pytest.mark.parametrize(
    "body",
    [
        "<meetingTypeID>999</meetingTypeID>",
        "<listControl><startFrom>9</startFrom><maximumNum>5</maximumNum></listControl>",
    ],
)
def test_a_list_of_nothing_is_a_failure(site: TestSite, body: str) -> None:
    assert listed(site, body).failed("000015").reason == "Sorry, no record found"


def test_a_type_that_is_not_there_or_not_named(site: TestSite) -> None:
    client = site.client()
    client.call("meetingtype.GetMeetingType", {"meetingTypeID": 999}).failed("000015")
    client.call("meetingtype.GetMeetingType").failed("999999")
    client.call("meetingtype.GetMeetingType", {"meetingTypeID": "PRO"}).failed("999999")


def test_changed_types_show_at_once_and_bound_new_meetings(site: TestSite) -> None:
    client = site.client()
    listed(site).ok()
    engine = site.server.application.engine
    row = site.server.run(sites.by_id(engine, site.site_id))
    assert row is not None
    (pro,) = (each for each in standard_types(site.site_id) if each.type_id == session_types.PRO)
    document = msgspec.structs.replace(stored_type(pro), limits=session_types.limits(minutes=45))
    changes = Changes()
    sites.replace_types(
        changes,
        row,
        [
            msgspec.structs.replace(pro, document=msgspec.json.encode(document).decode()),
            msgspec.structs.replace(pro, type_id=150, active=False),
        ],
    )
    site.server.run(engine.commit(changes))
    answer = listed(site).ok()
    assert answer.all("meetingType/meetingTypeID") == ["3", "150"]
    assert answer.all("meetingType/active") == ["ACTIVATED", "DEACTIVATED"]
    assert answer.all("limits/maxMeetingDuration")[0] == "45"
    assert client.call("user.GetUser", {"webExId": "host1"}).ok().all("meetingTypes/meetingType") == ["3"]
    values = {"metaData": {"confName": "Long"}, "schedule": {"duration": 46}}
    client.call("meeting.CreateMeeting", values).failed("060017")


def test_documents_of_types_are_what_scheduling_reads() -> None:
    by_number = {each.type_id: each for each in standard_types(7)}
    assert limits_of(by_number[session_types.PRO]).max_meeting_duration == 999_999
    assert limits_of(by_number[session_types.FREE]).max_meeting_duration == 40
    assert limits_of(by_number[session_types.FREE]).max_meeting_user == 100
    for number, each in by_number.items():
        stored = stored_type(each)
        assert stored.webinar == (number in (session_types.WEBINAR, session_types.WEBINAR_VIEW_ONLY))
        assert stored.view_only == (number == session_types.WEBINAR_VIEW_ONLY)
        assert all(getattr(stored.options, name) is not None for name in OptionsType.__struct_fields__)


def test_every_option_that_a_type_names_exists() -> None:
    known = {name.removeprefix("support_") for name in OptionsType.__struct_fields__}
    for row in session_types._STANDARD:
        assert row.options <= known, row.name
