"""Limits of calls per caller and minute: off, measured, enforced; and the figures of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.domain.site import RateLimits, SiteSettings
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.rate_limits import Group, RateCounters, forget_old, group_of
from parley.services.roles import TABLE
from parley.store import Changes, Engine, StoreUnavailable, call_windows, engine_for, sites
from parley.web.metrics import RequestCounts
from tests.client import Client
from tests.server import Server, TestSite
from tests.services.meetings import create, meeting
from tests.store.builders import a_site


def limit(site: TestSite, mode: Any, **limits: int) -> None:
    site.set(settings=SiteSettings(default_session_type=3, rate_limits=RateLimits(mode=mode, **limits)))


def read(client: Client) -> str | None:
    """The code of the answer to an operation on accounts."""
    return client.call("user.GetUser", webExId=client.context["webExID"]).code


def test_nothing_is_limited_by_default(site: TestSite) -> None:
    client = site.client()
    assert [read(client) for _ in range(30)] == [None] * 30
    assert SiteSettings().rate_limits.mode == "off"


def test_a_call_too_many_is_refused(site: TestSite) -> None:
    limit(site, "enforced", user=3)
    client = site.client()
    assert [read(client) for _ in range(3)] == [None] * 3
    failed = client.call("user.GetUser", webExId="host1").failed("000045")
    assert failed.reason == "API Rate Limit Reach"
    # The limit is one for each caller and group.
    assert read(site.client("host2")) is None
    client.call("site.GetSite").ok()
    create(client)


def test_the_next_minute_begins_anew(site: TestSite) -> None:
    limit(site, "enforced", user=1)
    client = site.client()
    assert [read(client), read(client)] == [None, "000045"]
    site.server.clock.ahead += 30
    assert read(client) == "000045"
    site.server.clock.ahead += 31
    assert [read(client), read(client)] == [None, "000045"]


def test_each_group_has_its_limit(site: TestSite) -> None:
    limit(site, "enforced", meeting_write=2, meeting_list=1, user=1)
    client = site.client()
    key = create(client)
    client.call("meeting.SetMeeting", meetingkey=key, metaData={"confName": "Other"}).ok()
    client.call("meeting.DelMeeting", meetingKey=key).failed("000045")
    client.call("meeting.CreateMeeting", meeting()).failed("000045")
    client.call("meeting.LstsummaryMeeting").ok()
    client.call("ep.LstsummarySession").failed("000045")
    client.call("meeting.GetMeeting", meetingKey=key).ok()
    assert [read(client), read(client)] == [None, "000045"]


def test_measured_limits_refuse_nothing_and_are_counted(site: TestSite) -> None:
    def figures() -> dict[str, float]:
        lines = httpx.get(f"{site.server.url}/metrics").text.splitlines()
        found = [line.rsplit(" ", 1) for line in lines if line.startswith("parley_rate_limited_calls_total{")]
        return {name: float(value) for name, value in found}

    limit(site, "measured", user=2)
    client = site.client()
    before = figures()
    assert [read(client) for _ in range(5)] == [None] * 5
    after = figures()
    within = 'parley_rate_limited_calls_total{group="user",outcome="within"}'
    over = 'parley_rate_limited_calls_total{group="user",outcome="over"}'
    assert after[within] - before.get(within, 0) == 2
    assert after[over] - before.get(over, 0) == 3


def test_callers_of_different_sites_with_one_name_are_different(server: Server) -> None:
    one, two = server.new_site(), server.new_site()
    limit(one, "enforced", user=1)
    limit(two, "enforced", user=1)
    assert [read(one.client()), read(two.client()), read(one.client())] == [None, None, "000045"]


def test_a_wrong_password_is_no_call_of_the_account(site: TestSite) -> None:
    limit(site, "enforced", user=1)
    wrong = site.client(password=f"Wrong-{secrets.token_hex(4)}")
    wrong.call("user.GetUser", webExId="host1").failed("030002")
    assert read(site.client()) is None


def test_the_figures_of_limits_are_absent_until_something_is_counted() -> None:
    from parley.web.exposition import export

    counts = RequestCounts()
    assert b"parley_rate_limited" not in export(counts, "1")[0]
    counts.rates = {"user": {"within": 4, "over": 1}}
    assert b'parley_rate_limited_calls_total{group="user",outcome="over"} 1.0' in export(counts, "1")[0]


def test_processes_add_their_counts(tmp_path: Path) -> None:
    mine, other = RequestCounts(tmp_path), RequestCounts(tmp_path)
    assert other._shared is not None
    other._shared._file = other._shared._file.with_name("1.json")
    other.rates = {"user": {"within": 2}, "meeting_list": {"over": 3}}
    other.share()
    mine.rates = {"user": {"within": 1}}
    assert mine.total().rates == {"user": {"within": 3}, "meeting_list": {"over": 3}}


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    started = engine_for(database)
    await started.start()
    changes = Changes()
    for site_id in (1, 2):
        sites.create(changes, a_site(site_id=site_id))
    await started.commit(changes)
    yield started
    await started.stop()


async def test_counters_are_bounded_and_forget_nothing(engine: Engine) -> None:
    counters = RateCounters(engine, limit=10)
    limits = RateLimits(mode="enforced", user=1)
    for caller in range(30):
        await counters.count(limits, 1, caller, Group.USER, 1000)
    assert len(counters._shares) == 10
    for caller in (29, 0):
        with pytest.raises(Fault, match="000045"):
            await counters.count(limits, 1, caller, Group.USER, 1001)


async def test_a_clock_that_goes_back_does_not_lock_anybody_out(engine: Engine) -> None:
    counters = RateCounters(engine)
    limits = RateLimits(mode="enforced", user=1)
    await counters.count(limits, 1, "address", Group.USER, 5000)
    await counters.count(limits, 1, "address", Group.USER, 1000)
    with pytest.raises(Fault):
        await counters.count(limits, 1, "address", Group.USER, 1059)
    await counters.count(limits, 1, "address", Group.USER, 1060)


@pytest.mark.parametrize("limit", [0, 1, 7, 100])
async def test_one_that_stays_with_a_process_gets_all_of_his_calls(engine: Engine, limit: int) -> None:
    counters = RateCounters(engine)
    taken = [await counters.take(limit, 1, "one", "user", 1000 + call % 60) for call in range(limit + 5)]
    assert taken == [True] * limit + [False] * 5
    assert await counters.take(limit, 2, "one", "user", 1000) is bool(limit)


@pytest.mark.parametrize("limit", [2**31 - 1, 2**31, 10**15, 2**70])
async def test_a_limit_may_be_as_large_as_one_likes(engine: Engine, limit: int) -> None:
    for _ in range(2):  # of processes
        assert await RateCounters(engine).take(limit, 1, "one", "user", 1000)


async def test_processes_never_let_more_through_than_one_would(engine: Engine) -> None:
    processes = [RateCounters(engine) for _ in range(3)]
    calls = [processes[call % 3].take(100, 1, "one", "user", 1000) for call in range(200)]
    through = sum(await asyncio.gather(*calls))
    assert 80 <= through <= 100
    for each in processes:  # what one of them took and had no use for is all there is
        through += sum([await each.take(100, 1, "one", "user", 1059) for _ in range(100)])
    assert through == 100
    assert await processes[0].take(100, 1, "one", "user", 1060)


async def test_of_many_calls_one_waits_for_a_database_that_does_not_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def away(*_: object) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        raise StoreUnavailable("away")

    counters = RateCounters(engine)
    with monkeypatch.context() as patched:
        patched.setattr(call_windows, "find", away)
        calls = (counters.take(20, 1, "one", "user", 1000) for _ in range(20))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(each) for each in outcomes] == [StoreUnavailable] * 20
        assert asked == 1
    assert [await counters.take(20, 1, "one", "user", 1000) for _ in range(21)] == [True] * 20 + [False]


async def test_minutes_that_are_over_are_forgotten(engine: Engine) -> None:
    counters = RateCounters(engine)
    for site_id in (1, 2):
        await counters.take(5, site_id, "one", "user", 1000)
    await forget_old(engine, 1, 1600)
    assert await call_windows.find(engine, 1, "one", "user") is not None
    await forget_old(engine, 1, 1601)
    assert await call_windows.find(engine, 1, "one", "user") is None
    assert await call_windows.find(engine, 2, "one", "user") == (1000, 1)


def test_groups_name_operations_that_there_are() -> None:
    grouped = {name for name in TABLE if group_of(name) is not None}
    assert {group_of(name) for name in grouped} == set(Group)
    assert {"CreateUser", "CreateMeeting", "LstsummarySession"} <= grouped
    assert group_of("AuthenticateUser") is None
    assert group_of("GetMeeting") is None
    assert faults.RATE_LIMIT.code == "000045"
