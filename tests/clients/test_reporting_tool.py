"""A reporting tool gets exactly the sessions that were held, by day and page, and its tables go to another site."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parley.domain.history import Part
from tests.cli.test_commands import parley
from tests.cli.test_site_commands import where_of
from tests.clients.reporting_tool import REPORTS, ReportingTool, WrongAnswer, table, today
from tests.server import PASSWORD, Server, TestSite
from tests.services.stages import DAY, Guest, Stage, host

DAYS = 4


def tool_of(site: TestSite, user: str = "admin", **more: int) -> ReportingTool:
    return ReportingTool(site.server.url, site.name, user, PASSWORD, **more)


@pytest.fixture(scope="module")
def held(shared_site: TestSite) -> Stage:
    """Sessions of several days, one of them with more people than a page, one over midnight."""
    stage = Stage(shared_site)
    midnight = int(today().timestamp())
    review, launch, basics, help_desk = stage.meeting("Review"), stage.event(), stage.training(), stage.support("host2")
    for days in (3, 2, 1):
        start = midnight - days * DAY + 36_000
        stage.hold(review, host(0, 1800), Guest("Ann & Söhne <x>", 60, 300, email="ann@x.example"), start=start)
    crowd = [Guest(f"P{number:03d}", number % 7, 60 + number % 50) for number in range(700)]
    stage.hold(stage.meeting("All hands", "host2"), host(0, 600), *crowd, start=midnight - DAY + 50_000)
    stage.hold(launch, host(0, 600), Guest("Bob", 5, 10), start=midnight - 2 * DAY - 300)
    stage.hold(basics, host(0, 60), Guest("Cy", 0, 60, Part.OTHER), start=midnight - DAY)
    stage.hold(help_desk, host(0, 60), start=midnight - 61)
    return stage


def first_day() -> datetime:
    return today() - timedelta(days=DAYS - 1)


def test_it_gets_what_was_held(held: Stage) -> None:
    tool = tool_of(held.site)
    sessions = tool.fetch("LstmeetingusageHistory", first_day(), DAYS)
    assert [row["confName"] for row in sessions] == ["Review", "Review", "Review", "All hands"]
    assert len({row["confID"] for row in sessions}) == 4
    people = tool.fetch("LstmeetingattendeeHistory", first_day(), DAYS)
    assert len(people) == 3 * 2 + 701
    by_run = Counter(row["confID"] for row in people)
    minutes: Counter[str] = Counter()
    for row in people:
        minutes[row["confID"]] += int(row["duration"])
    for row in sessions:
        assert int(row["totalParticipants"]) == by_run[row["confID"]]
        assert int(row["totalPeopleMinutes"]) == minutes[row["confID"]]
    assert {row["name"] for row in people} >= {"Ann & Söhne <x>", "P000", "P699"}
    assert len({(row["name"], row["joinTime"]) for row in people}) == 707
    # Two pages on the day with the crowd, one on the others; the day that nothing was held on is asked for too.
    assert tool.requests == DAYS + DAYS + 1


def test_a_session_over_midnight_belongs_to_the_day_of_its_end(held: Stage) -> None:
    tool = tool_of(held.site)
    day = today() - timedelta(days=2)
    assert len(tool.fetch("LsteventsessionHistory", day, 1)) == 1
    assert len(tool.fetch("LsteventattendeeHistory", day, 1)) == 2
    assert tool.fetch("LsteventsessionHistory", day - timedelta(days=1), 1) == []


def test_small_pages_give_the_same(held: Stage) -> None:
    whole = tool_of(held.site).fetch("LstmeetingattendeeHistory", first_day(), DAYS)
    tool = tool_of(held.site, size=101)
    assert tool.fetch("LstmeetingattendeeHistory", first_day(), DAYS) == whole
    assert tool.requests == 3 + 7


def test_a_host_gets_the_own_ones(held: Stage) -> None:
    names = [row["confName"] for row in tool_of(held.site, "host2").fetch("LstmeetingusageHistory", first_day(), DAYS)]
    assert names == ["All hands"]
    assert len(tool_of(held.site, "host2").fetch("LstsupportsessionHistory", first_day(), DAYS)) == 1
    with pytest.raises(WrongAnswer, match="000001"):
        tool_of(held.site, "attendee1").fetch("LstmeetingusageHistory", today(), 1)


def test_its_tables_are_taken_over_by_another_site(held: Stage, tmp_path: Path) -> None:
    server: Server = held.site.server
    other = server.new_site()
    kinds = ("meeting", "training", "event", "support")
    names = [f"{kind}-{part}" for kind in kinds for part in ("sessions", "attendees")]
    fetched = {
        name: tool_of(held.site).fetch(report, first_day(), DAYS) for name, report in zip(names, REPORTS, strict=True)
    }
    where = where_of(server)
    for name, rows in fetched.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(table(rows), "utf-8")
        told = ""
        for _ in range(2):
            told = parley("history", "import", str(file), other.name, "--kind", name, *where)
        assert f"0 of {len(rows)} rows made, {len(rows)} there already, 0 refused" in told

    def same(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        # Hosts have other accounts there.
        strange = ("userID", "hostEmail")
        told = [{name: value for name, value in row.items() if name not in strange} for row in rows]
        return sorted(told, key=lambda row: sorted(row.items()))

    for name, report in zip(names, REPORTS, strict=True):
        assert same(tool_of(other).fetch(report, first_day(), DAYS)) == same(fetched[name]), name
    assert len(tool_of(other, "host2").fetch("LstmeetingusageHistory", first_day(), DAYS)) == 1
