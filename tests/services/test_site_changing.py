"""SetSite over HTTP: what it sets comes back from GetSite, and who may set it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from parley.contract.site import GetSiteResponse, SetSite
from parley.contract.site_config import MeetingPlaceType
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.versions import LATEST
from parley.services.site_changes import read_differences
from parley.store import audit
from tests.generators import records
from tests.server import Server, TestSite

PLACE = {
    "mpProfileURL": "https://mp.example/profile?a=1&b=2",
    "mpLogoutURL": "https://mp.example/out",
    "mpInternalMeetingLink": "https://mp.example/in",
    "nbrProfileNumber": "4711",
}
_BOUNDED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_NS1 = 'xmlns:ns1="http://www.webex.com/schemas/2002/06/service/site"'


def place_of(site: TestSite) -> MeetingPlaceType:
    answer = site.client().call("site.GetSite").ok()
    read: GetSiteResponse = decoder(GetSiteResponse, LATEST)(answer.content, Problems())
    assert read.site_instance is not None
    return read.site_instance.meeting_place or MeetingPlaceType()


def test_addresses_are_set_kept_and_cleared(site: TestSite) -> None:
    admin = site.client("admin")
    answer = admin.call("site.SetSite", meetingPlace=PLACE).ok()
    assert answer.type_name == "ns1:setSiteResponse"
    assert answer.names() == []
    kept = place_of(site)
    assert kept.mp_profile_url == PLACE["mpProfileURL"]
    assert kept.nbr_profile_number == "4711"
    admin.call("site.SetSite", meetingPlace={"mpLogoutURL": "https://other.example/"}).ok()
    assert place_of(site).mp_profile_url == PLACE["mpProfileURL"]
    assert place_of(site).mp_logout_url == "https://other.example/"
    admin.call("site.SetSite", "<meetingPlace><mpProfileURL/></meetingPlace>").ok()
    assert place_of(site).mp_profile_url is None
    assert place_of(site).nbr_profile_number == "4711"


def test_nothing_sent_changes_nothing(site: TestSite) -> None:
    admin = site.client("admin")
    before = admin.call("site.GetSite").ok().text
    admin.call("site.SetSite").ok()
    admin.call("site.SetSite", meetingPlace={}).ok()
    assert admin.call("site.GetSite").ok().text == before


def test_only_administrators_set(site: TestSite) -> None:
    for who in ("host1", "attendee1"):
        site.client(who).call("site.SetSite", meetingPlace=PLACE).failed("000001")
    site.client("", password=None).call("site.SetSite", meetingPlace=PLACE).failed("030002")
    site.set_user("admin", site_admin=False, ro_site_admin=True)
    site.client("admin").call("site.SetSite", meetingPlace=PLACE).failed("000001")
    assert place_of(site) == MeetingPlaceType()


def test_another_site_is_not_touched(site: TestSite) -> None:
    other = site.server.new_site()
    site.client("admin").call("site.SetSite", meetingPlace=PLACE).ok()
    assert place_of(other) == MeetingPlaceType()


def test_an_address_that_is_too_long(site: TestSite) -> None:
    long = "https://mp.example/" + "x" * 2000
    failed = site.client("admin").call("site.SetSite", meetingPlace={"mpLogoutURL": long}).failed("999999")
    assert failed.reason == "meetingPlace/mpLogoutURL: at most 2000 characters are allowed"


def test_the_password_of_the_profile_is_not_kept(site: TestSite) -> None:
    admin = site.client("admin")
    admin.call("site.SetSite", meetingPlace={"nbrProfilePassword": "S3cret-4711", "nbrProfileNumber": "1"}).ok()
    answer = admin.call("site.GetSite").ok()
    assert "S3cret-4711" not in answer.text
    assert "nbrProfilePassword" not in answer.text


@_BOUNDED
@given(sent=records(MeetingPlaceType))
def test_what_is_set_comes_back(shared_site: TestSite, sent: MeetingPlaceType) -> None:
    admin = shared_site.client("admin")
    admin.call("site.SetSite", meetingPlace=dict.fromkeys(PLACE, "")).ok()
    body = encoder(SetSite, LATEST)(SetSite(meeting_place=sent))
    document = admin.document("site.SetSite", body).replace("<bodyContent ", f"<bodyContent {_NS1} ")
    admin.send(document).ok()
    expected = MeetingPlaceType(
        **{
            name: getattr(sent, name) or None
            for name in MeetingPlaceType.__struct_fields__
            if name != "nbr_profile_password"
        }
    )
    assert place_of(shared_site) == expected


CRITERIA = ("passwordCriteria", "recordingPasswordCriteria", "accountPasswordCriteria")


def shown(site: TestSite, group: str) -> dict[str, list[str]]:
    answer = site.client().call("site.GetSite").ok()
    path = f"siteInstance/{group}"
    return {name: answer.all(f"{path}/{name}") for name in answer.names(path)}


@pytest.mark.parametrize("group", CRITERIA)
def test_criteria_are_set_one_by_one(site: TestSite, group: str) -> None:
    before = {each: shown(site, each) for each in CRITERIA}
    admin = site.client("admin")
    admin.call("site.SetSite", {group: {"minLength": 12}}).ok()
    assert shown(site, group) == {**before[group], "minLength": ["12"]}
    admin.call("site.SetSite", {group: {"disallowList": True, "disallowValue": ["geheim", "secret"]}}).ok()
    expected = {**before[group], "minLength": ["12"], "disallowList": ["true"], "disallowValue": ["geheim", "secret"]}
    assert shown(site, group) == expected
    for other in set(CRITERIA) - {group}:
        assert shown(site, other) == before[other]
    admin.call("site.SetSite", {group: before[group]}).ok()
    assert shown(site, group) == before[group]


def test_criteria_that_are_set_hold(site: TestSite) -> None:
    admin = site.client("admin")
    admin.call("site.SetSite", accountPasswordCriteria={"minLength": 20, "disallow3XRepeatedChar": True}).ok()
    change = {"webExId": "host1", "password": "Only-15-letters"}
    assert "20 characters" in (admin.call("user.SetUser", change).failed("030003").reason or "")
    admin.call("user.SetUser", {**change, "password": "Twenty-letters-4711-x"}).ok()
    log = site.server.run(audit.latest(site.server.application.engine, site.site_id, 1))
    assert [each.name for each in read_differences(log[0])] == ["account_password_criteria.min_length"]


@pytest.mark.parametrize(
    "values",
    [
        {"minLength": -1},
        {"minLength": 61},
        {"minAlpha": 40, "minNumeric": 40},
        {"minLength": "9" * 40},
        {"minSpecial": "many"},
        {"mixedCase": "perhaps"},
        {"disallowValue": "x" * 61},
        {"disallowValue": [f"v{number}" for number in range(1001)]},
    ],
)
def test_criteria_that_cannot_be_kept_are_refused(site: TestSite, values: dict[str, Any]) -> None:
    before = shown(site, "accountPasswordCriteria")
    admin = site.client("admin")
    admin.call("site.SetSite", accountPasswordCriteria=values, meetingPlace=PLACE).failed("999999")
    assert shown(site, "accountPasswordCriteria") == before
    assert place_of(site) == MeetingPlaceType()
    site.client("host1").call("site.SetSite", accountPasswordCriteria={"minLength": 1}).failed("000001")


def test_a_site_without_personal_rooms_says_so(server: Server) -> None:
    path = "siteInstance/siteCommonOptions/enablePersonalMeetingRoom"
    for offered in (True, False):
        site = server.new_site(personal_rooms=offered)
        assert site.client().call("site.GetSite").ok().value(path) == str(offered).lower()
