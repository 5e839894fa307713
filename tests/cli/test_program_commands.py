"""`parley program`: groups of events, made and changed beside a running server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from parley.services.program_changes import ProgramValues, add_program
from parley.services.site_changes import at_the_terminal
from tests.cli.test_commands import parley
from tests.cli.test_site_commands import audit, where_of
from tests.server import TestSite
from tests.services.events import create_event, event


@pytest.fixture
def where(site: TestSite) -> list[str]:
    """The options that name the database of the site."""
    return where_of(site.server)


def listed(site: TestSite, where: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(parley("program", "list", site.name, "--json", *where))
    return found


def test_a_program_from_its_making_to_its_end(site: TestSite, where: list[str]) -> None:
    assert listed(site, where) == []
    more = ("--expected-enrollment", "about 300", "--budget", "7000", "--after-url", "https://acme.example/done")
    added = parley("program", "add", site.name, "Spring  fair", "--host", "HOST1", *more, *where)
    assert added.strip() == "program 1 (Spring fair) added"
    values = {
        "id": 1,
        "name": "Spring fair",
        "host": "host1",
        "status": "PUBLIC",
        "expected_enrollment": "about 300",
        "budget": "7000",
        "after_url": "https://acme.example/done",
    }
    assert listed(site, where) == [values]
    client = site.client()
    answer = client.call("event.LstsummaryProgram").ok()  # the server that runs sees it at once
    assert (answer.value("programName"), answer.value("expectedEnrollment")) == ("Spring fair", "about 300")
    changes = ("--name", "Fair", "--host", "host2", "--status", "unlisted", "--budget", "", "--after-url", "")
    assert "changed" in parley("program", "change", site.name, "1", *changes, *where)
    values |= {"name": "Fair", "host": "host2", "status": "UNLISTED", "budget": None, "after_url": None}
    assert listed(site, where) == [values]
    assert "1\tFair\thost2\tUNLISTED" in parley("program", "list", site.name, *where)
    client.call("event.LstsummaryProgram").failed("000015")
    assert "removed" in parley("program", "remove", site.name, "1", *where)
    assert listed(site, where) == []
    what = [
        {each["name"]: (each["before"], each["after"]) for each in entry["what"]} for entry in _changes(site, where)
    ]
    assert what[0]["programs.1.name"] == ("Fair", None)
    assert what[1]["programs.1.status"] == ("PUBLIC", "UNLISTED")
    assert what[2]["programs.1.budget"] == (None, "7000")
    assert len(what) == 3


def _changes(site: TestSite, where: list[str]) -> list[dict[str, Any]]:
    return [dict(entry) for entry in audit(where, site.name)]


def test_changes_that_change_nothing_are_not_logged(site: TestSite, where: list[str]) -> None:
    parley("program", "add", site.name, "Spring", "--host", "host1", *where)
    parley("program", "change", site.name, "1", "--status", "PUBLIC", *where)
    assert len(_changes(site, where)) == 1


def test_a_program_with_coming_events_stays(site: TestSite, where: list[str]) -> None:
    parley("program", "add", site.name, "Spring", "--host", "host1", *where)
    client = site.client()
    key = create_event(client, metaData={"programID": 1})
    assert "1 events" in parley("program", "remove", site.name, "1", *where, code=2)
    client.call("event.SetEvent", sessionKey=key, metaData={"programID": 0}).ok()
    parley("program", "remove", site.name, "1", *where)
    client.call("event.CreateEvent", event(metaData={"programID": 1})).failed("999999")


def test_numbers_are_not_given_out_again_while_events_have_them(site: TestSite, where: list[str]) -> None:
    parley("program", "add", site.name, "Spring", "--host", "host1", *where)
    client = site.client()
    create_event(client, metaData={"programID": 1})
    site.server.clock.ahead = 30 * 86_400
    client.call("event.LstsummaryEvent").failed("000015")
    parley("program", "remove", site.name, "1", *where)
    assert "program 2" in parley("program", "add", site.name, "Autumn", "--host", "host1", *where)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "Spring"), "--host"),
        (("add", "Spring", "--host", "nobody"), "no host"),
        (("add", "Spring", "--host", "attendee1"), "no host"),
        (("add", " ", "--host", "host1"), "needs a name"),
        (("add", "x" * 513, "--host", "host1"), "needs a name"),
        (("add", "FIRST", "--host", "host1"), "already"),
        (("add", "Spring", "--host", "host1", "--status", "HIDDEN"), "PUBLIC, PRIVATE, UNLISTED"),
        (("add", "Spring", "--host", "host1", "--after-url", "javascript:1"), "http://"),
        (("add", "Spring", "--host", "host1", "--budget", "x" * 129), "at most 128"),
        (("change", "1"), "say what to change"),
        (("change", "9", "--name", "x"), "no program 9"),
        (("remove", "9"), "no program 9"),
    ],
)
def test_what_cannot_be_done(site: TestSite, where: list[str], arguments: tuple[str, ...], words: str) -> None:
    parley("program", "add", site.name, "First", "--host", "host1", *where)
    command, *rest = arguments
    assert words in parley("program", command, site.name, *rest, *where, code=2)
    assert [each["name"] for each in listed(site, where)] == ["First"]


def test_a_site_that_is_not_there(where: list[str]) -> None:
    assert "no site" in parley("program", "list", "nowhere", *where, code=2)


def test_programs_made_at_once_have_numbers_of_their_own(site: TestSite, where: list[str]) -> None:
    engine, now = site.server.application.engine, site.server.application.clock.now()

    async def make() -> None:
        wanted = [ProgramValues(name=f"Program {number}", host="host1") for number in range(8)]
        await asyncio.gather(*(add_program(engine, site.site_id, each, at_the_terminal(), now) for each in wanted))

    site.server.run(make())
    assert sorted(each["id"] for each in listed(site, where)) == list(range(1, 9))
    assert len(_changes(site, where)) == 8
