"""Two people meet in a browser, and a reporting tool gets exactly this meeting, with who was there and how long."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browsers import Visitor
from tests.clients.reporting_tool import ReportingTool, Row, today
from tests.server import PASSWORD, TestSite
from tests.web.test_pages import invitation, schedule, start_link

Visit = Callable[..., Visitor]


def come(visit: Visit, link: str, name: str) -> Page:
    page = visit().open(link)
    page.locator("form[action*='/room/'] button").click()
    page.get_by_label("Your name").fill(name)
    page.locator("#join-button").click()
    return page


def at(row: Row, name: str) -> float:
    return datetime.strptime(row[name], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC).timestamp()


def test_a_meeting_that_took_place_is_reported(site: TestSite, visit: Visit) -> None:
    key = schedule(site, "Größe & Maß")
    schedule(site, "Nobody came")
    first = today()
    before = int(time.time())
    host = come(visit, start_link(site, key), "Grace Hopper")
    expect(host.locator("#live")).to_be_visible()
    guest = come(visit, invitation(site, key), "Ada Lovelace")
    expect(guest.locator("#live")).to_be_visible()
    expect(host.locator(".tile")).to_have_count(2)
    together = time.time()
    host.wait_for_timeout(2_000)
    guest.locator("#leave").click()
    expect(host.locator(".tile")).to_have_count(1)
    alone = time.time()
    host.wait_for_timeout(1_000)
    host.locator("#leave").click()
    status = ""
    for _ in range(100):
        status = site.client().call("meeting.GetMeeting", meetingKey=key).ok().value("status") or ""
        if status == "NOT_INPROGRESS":
            break
        host.wait_for_timeout(100)
    assert status == "NOT_INPROGRESS"
    after = int(time.time()) + 1

    tool = ReportingTool(site.server.url, site.name, "admin", PASSWORD)
    days = (today() - first).days + 1
    [meeting] = tool.fetch("LstmeetingusageHistory", first, days)
    assert (meeting["sessionKey"], meeting["confName"]) == (key, "Größe & Maß")
    assert (meeting["totalParticipants"], meeting["totalPeopleMinutes"]) == ("2", "2")
    assert meeting["hostWebExID"] == "host1"
    people = {row["name"]: row for row in tool.fetch("LstmeetingattendeeHistory", first, days)}
    assert sorted(people) == ["Ada Lovelace", "Grace Hopper"]
    ada, grace = people["Ada Lovelace"], people["Grace Hopper"]
    assert {row["confID"] for row in people.values()} == {meeting["confID"]}
    assert (grace["participantType"], ada["participantType"]) == ("HOST", "ATTENDEE")
    assert grace["email"] == f"host1@{site.name}.example"
    assert ada["clientAgent"]
    # To the second: the room and the browser agree on when people came and went.
    assert before <= at(grace, "joinTime") <= at(ada, "joinTime") <= together
    assert together + 1 <= at(ada, "leaveTime") <= alone + 1
    assert at(ada, "leaveTime") <= at(grace, "leaveTime") <= after
    assert at(meeting, "meetingStartTime") == at(grace, "joinTime")
    assert at(meeting, "meetingEndTime") == at(grace, "leaveTime")
    # The days before hold nothing, and a host who held nothing gets nothing.
    assert tool.fetch("LstmeetingusageHistory", first - timedelta(days=3), 3) == []
    other = ReportingTool(site.server.url, site.name, "host2", PASSWORD)
    assert other.fetch("LstmeetingusageHistory", first, days) == []
