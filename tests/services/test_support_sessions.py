"""Support sessions over HTTP."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from parley.contract.common import TrackingType
from parley.contract.supportsession import CreateSupportSession, MetaDataType
from parley.domain.session import HostedSession
from parley.store import outbox, sessions
from tests.client import Answer, Client
from tests.generators import records
from tests.server import Server, TestSite
from tests.services.round_trips import BOUNDED, leaves, send_record


def begin(client: Client, **groups: Any) -> Answer:
    return client.call("supportsession.CreateSupportSession", groups)


def kept(site: TestSite, key: str | None) -> HostedSession:
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key or 0)))
    assert found is not None
    return found


def test_a_session_begins_now(site: TestSite) -> None:
    codes = {f"trackingCode{number}": f"code {number}" for number in range(1, 11)}
    answer = begin(site.client(), metaData={"sessionType": 13}, tracking=codes).ok()
    assert answer.type_name == "supp:createSupportSessionResponse"
    assert answer.names() == ["sessionKey"]
    session = kept(site, answer.value("sessionKey"))
    now = site.server.clock.now()
    assert now - 120 < session.next_start <= now
    assert (session.service, session.session_type, session.listing) == ("SupportCenter", 13, "UNLISTED")
    assert (session.host_web_ex_id, session.name, session.password) == ("host1", "Support Session", None)
    assert session.tracking_codes == tuple(codes.values())
    mailed = site.server.run(outbox.waiting(site.server.application.engine, site.site_id, 10))
    assert [(each.kind, each.recipient) for each in mailed] == [("session.scheduled", f"host1@{site.name}.example")]


def test_the_usual_type_is_taken_when_none_is_named(site: TestSite) -> None:
    usual: list[dict[str, Any]] = [{}, *({"metaData": {"sessionType": number}} for number in (None, -1, ""))]
    for groups in usual:
        assert kept(site, begin(site.client(), **groups).ok().value("sessionKey")).session_type == 13


def test_hosts_without_the_support_service_are_refused(site: TestSite) -> None:
    admin = site.client("admin")
    admin.call("user.SetUser", {"webExId": "host1", "supportedServices": {"supportCenter": False}}).ok()
    begin(site.client()).failed("030025")
    admin.call("user.SetUser", {"webExId": "host2", "meetingTypes": {"meetingType": [1, 3]}}).ok()
    begin(site.client("host2")).failed("030025")
    begin(admin).ok()
    begin(site.client("attendee1")).failed("000001")


def test_types_of_other_services_are_refused(site: TestSite) -> None:
    for number in (3, 16, 103, 999, 2**70, "none"):
        answer = begin(site.client(), metaData={"sessionType": number})
        assert (answer.result, answer.code) in (("FAILURE", "030025"), ("FAILURE", "999999"))


def test_a_site_that_demands_passwords_demands_none_here(server: Server) -> None:
    site = server.new_site(all_meetings_password=True)
    assert kept(site, begin(site.client()).ok().value("sessionKey")).password is None


def test_a_suspended_site_begins_none(site: TestSite) -> None:
    site.set(suspended=True)
    begin(site.client()).failed("010107")


def test_a_tracking_code_that_is_too_long(shared_site: TestSite) -> None:
    begin(shared_site.client(), tracking={"trackingCode1": "x" * 129}).failed("999999")


def test_people_are_invited_through_the_attendee_service(site: TestSite) -> None:
    client = site.client()
    key = begin(client).ok().value("sessionKey")
    person = {"person": {"name": "Ann", "email": "ann@x.example"}, "sessionKey": key}
    client.call("attendee.CreateMeetingAttendee", person).ok()
    listed = client.call("attendee.LstMeetingAttendee", sessionKey=key).ok()
    assert listed.all("person/email") == ["ann@x.example"]
    site.server.new_site().client().call("attendee.LstMeetingAttendee", sessionKey=key).failed("060001")


@BOUNDED
@given(data=st.data())
def test_whatever_tracking_codes_are_sent_are_kept(shared_site: TestSite, data: st.DataObject) -> None:
    sent = CreateSupportSession(
        meta_data=data.draw(st.sampled_from([None, MetaDataType(), MetaDataType(session_type=13)])),
        tracking=data.draw(st.none() | records(TrackingType)),
    )
    session = kept(shared_site, send_record(shared_site.client(), sent).ok().value("sessionKey"))
    wanted = leaves(sent.tracking) if sent.tracking else {}
    assert {name: getattr(session, name) for name in TrackingType.__struct_fields__} == {
        name: wanted.get(name) for name in TrackingType.__struct_fields__
    }
