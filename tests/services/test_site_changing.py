"""SetSite over HTTP: what it sets comes back from GetSite, and who may set it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from parley.contract.site import GetSiteResponse, SetSite
from parley.contract.site_config import MeetingPlaceType
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.versions import LATEST
from tests.generators import records
from tests.server import TestSite

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
