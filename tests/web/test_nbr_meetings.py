"""The documents of recorded meetings: who was there, told to those who may know, until somebody deletes them."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from parley.domain.recording import State
from tests.clients.nbr_client import NbrClient, NbrRefused
from tests.server import PASSWORD, TestSite
from tests.services.recordings import change, new_recording, now
from tests.services.stages import Guest, Stage, host

NO_MEETING = "The meeting does not exist or has no recording."
NASTY = 'Ann <&> "B"'


def script(site: TestSite) -> NbrClient:
    return NbrClient(site.server.url, "nbrXmlService")


def values(site: TestSite, conf_id: int, user: str = "host1", service: str = "MC") -> list[tuple[str, object]]:
    """The parameters of an operation on a meeting."""
    with script(site) as opened:
        who = [("siteId", site.site_id), ("username", user), ("password", PASSWORD), ("service", service)]
        return [("siteId", site.site_id), ("confId", conf_id), ("ticket", opened.call("getMeetingTicket", *who))]


def refused(site: TestSite, operation: str, sent: list[tuple[str, object]]) -> str:
    with script(site) as opened, pytest.raises(NbrRefused) as fault:
        opened.call(operation, *sent)
    return fault.value.text


def leaves(element: Any) -> list[tuple[str, str]]:
    return [(each.tag, each.text or "") for each in element.iter() if not len(each)]


def test_who_was_there(site: TestSite) -> None:
    stage = Stage(site)
    key = stage.meeting("Tea <&> cake")
    conf_id = stage.hold(
        key, host(0, 600), Guest(NASTY, 60, 300, email="Ann@guests.example"), Guest("Ben", 90, 30, email=None)
    )
    row = new_recording(site, session_key=key, conf_id=conf_id, created_at=stage.start + 10)
    sent = values(site, conf_id)
    with script(site) as opened:
        assert opened.leaves("getNBRConfIdList", sent[0], sent[2]) == [str(conf_id)]
        meeting = opened.first("getMeetingXml", *sent)[0]

    def at(seconds: int) -> str:
        return str((stage.start + seconds) * 1000)

    people = meeting.find("Participants")
    assert leaves(meeting)[:6] == [
        ("ConfID", str(conf_id)),
        ("MeetingName", "Tea <&> cake"),
        ("ModeratorName", "Host1 Tester"),
        ("ModeratorEmail", f"host1@{site.name}.example"),
        ("StartTimeUTC", at(0)),
        ("EndTimeUTC", at(600)),
    ]
    names = ("LoginName", "JoinDateTimeUTC", "LeaveDateTimeUTC", "CorporateEmailID")
    ann, ben = (dict(leaves(each)) for each in people[1:])
    assert tuple(ann) == names
    assert tuple(ann.values()) == (NASTY, at(60), at(360), "ann@guests.example")
    assert tuple(ben.values()) == ("Ben", at(90), at(120), "")

    # who may know
    with script(site) as opened:
        assert opened.first("getMeetingXml", *values(site, conf_id, "admin")) is not None
    assert refused(site, "getMeetingXml", values(site, conf_id, "host2")) == NO_MEETING
    assert refused(site, "getMeetingXml", values(site, conf_id + 1)) == NO_MEETING
    assert refused(site, "getSCXml", sent) == NO_MEETING
    for operation in ("getSCXmlReport", "getNBRXmlForReport"):
        of = [*sent[:2], ("hashKey", "a" * 32)]
        assert refused(site, operation, of) == "The hash key is not valid."

    # somebody gets the recording: the people who were there are still the host's
    change(site, row, owner_id=site.users["host2"].user_id)
    assert refused(site, "getMeetingXml", values(site, conf_id, "host2")) == NO_MEETING
    assert refused(site, "getMeetingXml", sent) == NO_MEETING


def test_the_document_is_deleted_and_the_rest_stays(site: TestSite) -> None:
    stage = Stage(site)
    conf_id = stage.hold(stage.meeting(), host())
    rows = [new_recording(site, conf_id=conf_id), new_recording(site, conf_id=conf_id)]
    site.set_user("host2", ro_site_admin=True)
    assert "Access denied" in refused(site, "deleteMeetingXml", values(site, conf_id, "host2"))
    sent = values(site, conf_id)
    with script(site) as opened:
        assert opened.call("deleteMeetingXml", *sent) == "true"
        assert opened.leaves("getNBRConfIdList", sent[0], sent[2]) == []
    assert refused(site, "getMeetingXml", sent) == NO_MEETING
    assert refused(site, "deleteMeetingXml", sent) == NO_MEETING
    assert {now(site, row).state for row in rows} == {State.READY}
    assert stage.ask("LstmeetingusageHistory").result == "SUCCESS"


def test_meetings_without_document(site: TestSite) -> None:
    stage = Stage(site)
    key = stage.meeting()
    unrecorded = stage.hold(key, host())
    assert refused(site, "getMeetingXml", values(site, unrecorded)) == NO_MEETING
    new_recording(site, conf_id=99_999)
    assert refused(site, "getMeetingXml", values(site, 99_999)) == NO_MEETING
    going_on = site.server.run(stage.joined(key, host(), stage.start + 3600)).conf_id
    new_recording(site, conf_id=going_on)
    assert refused(site, "getMeetingXml", values(site, going_on)) == NO_MEETING
    support = stage.hold(stage.support(), host())
    new_recording(site, conf_id=support, service="SupportCenter")
    with script(site) as opened:
        answer = opened.send("getSCXml", *values(site, support, service="sc"))
        assert etree.QName(etree.fromstring(answer.content)[0][0]).localname == "getSCXmlResponse"
