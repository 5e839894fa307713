"""A server that is killed leaves nobody behind in a session: stays and the run end at the last sign of life."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx
import pytest

from parley.services.demo import PASSWORD, SITE_NAME
from parley.services.presence import SILENCE
from tests.client import Answer, Client, xml_of
from tests.processes import ServerProcess
from tests.server import Server, TestSite
from tests.web.rooms import Guest
from tests.web.test_pages import invitation, schedule, start_link


def site_of(url: str, port: int, http: httpx.Client) -> TestSite:
    """The demo site of a process, as the helpers of other tests know a site on a server.

    `http`: no connection is kept beyond the process, for another one may get its port.
    """

    def client() -> Client:
        made = Client(url, SITE_NAME, web_ex_id="host1", password=PASSWORD)
        made.http = http
        return made

    place = SimpleNamespace(
        name=SITE_NAME, client=client, server=SimpleNamespace(url=url, config=SimpleNamespace(port=port))
    )
    return cast(TestSite, place)


@pytest.fixture
def clients() -> Iterator[list[httpx.Client]]:
    with httpx.Client(timeout=30) as first, httpx.Client(timeout=30) as second:
        yield [first, second]


def seconds(text: str | None) -> int:
    """A date of an answer in GMT as UTC epoch seconds."""
    return int(datetime.strptime(text or "", "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC).timestamp())


def history(site: TestSite, operation: str, key: str) -> Answer:
    return site.client().call(f"history.{operation}", xml_of({"meetingKey": key}))


@pytest.mark.parametrize("signal", ["kill", "break off"])
def test_nothing_hangs_open(database: str, tmp_path: Path, clients: list[httpx.Client], signal: str) -> None:
    address = database if database.startswith("postgresql") else None
    began = int(time.time())
    process = ServerProcess(tmp_path, address, demo=True, presence_check_seconds=0)
    site = site_of(process.url, process.port, clients[0])
    key = schedule(site)
    people = [Guest(site, key), Guest(site, key)]
    try:
        people[0].open(start_link(site, key))
        assert people[0].enter("Grace")["type"] == "welcome"
        people[1].open(invitation(site, key))
        assert people[1].enter("Ada")["type"] == "welcome"
        assert site.client().call("ep.LstOpenSession").ok().all("sessionKey") == [key]
        if signal == "break off":  # first the browsers go without a word, then the server
            for each in people:
                each.drop()
    finally:
        process.kill()
        for each in people:
            each.close()
    killed = int(time.time()) + 1

    later = Server(address, tmp_path, demo=True, presence_check_seconds=1)
    later.clock.ahead = SILENCE + 30
    later.start()
    try:
        site = site_of(later.url, later.config.port, clients[1])
        deadline = time.monotonic() + 20
        while history(site, "LstmeetingusageHistory", key).result != "SUCCESS" and time.monotonic() < deadline:
            time.sleep(0.1)
        run = history(site, "LstmeetingusageHistory", key).ok()
        stays = history(site, "LstmeetingattendeeHistory", key).ok()
        assert sorted(stays.all("meetingAttendeeHistory/name")) == ["Ada", "Grace"]
        assert run.value("totalParticipants") == "2"
        times = [seconds(each) for each in stays.all("joinTime") + stays.all("leaveTime")]
        times += [seconds(run.value("meetingEndTime")), seconds(run.value("meetingStartTime"))]
        assert all(began <= each <= killed for each in times), (began, times, killed)
        told = site.client().call("meeting.GetMeeting", meetingKey=key).ok()
        names = ("status", "hostJoined", "participantsJoined")
        assert [told.value(name) for name in names] == ["NOT_INPROGRESS", "false", "false"]
        site.client().call("ep.LstOpenSession").failed("000015")
        site.client().call("ep.DelSession", sessionKey=key).ok()
    finally:
        later.stop()
