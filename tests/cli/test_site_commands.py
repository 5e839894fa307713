"""`parley site set` and `show`: levels, suspension, settings, and who changed what, beside a running server."""

from __future__ import annotations

import getpass
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parley.services.site_changes import Author, Difference, at_the_terminal
from tests.cli.test_commands import data, parley
from tests.server import Server, TestSite
from tests.services.meetings import meeting


@pytest.fixture
def made(tmp_path: Path) -> list[str]:
    """The options that name a data folder with the site acme."""
    where = data(tmp_path)
    parley("site", "create", "acme", *where)
    return where


def where_of(server: Server) -> list[str]:
    """The options that name the database of a running server."""
    options = data(Path(server.config.data))
    return options if server.config.database is None else [*options, "--database", server.config.database]


def shown(where: list[str], name: str = "acme") -> dict[str, object]:
    described: dict[str, object] = json.loads(parley("site", "show", name, "--json", *where))
    return described


def audit(where: list[str], name: str = "acme") -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads(parley("site", "show", name, "--audit", "--json", *where))
    return entries


def test_level_and_suspension_are_options(made: list[str]) -> None:
    assert "level, suspended" in parley("site", "set", "acme", "--level", "42.2.0", "--suspended", *made)
    assert {name: shown(made)[name] for name in ("level", "suspended")} == {"level": "42.2.0", "suspended": True}
    assert "suspended" in parley("site", "list", *made)
    assert "changed: suspended" in parley("site", "set", "acme", "--active", *made)
    assert shown(made)["suspended"] is False
    parley("site", "set", "acme", "--level", "42.5", *made)
    assert shown(made)["level"] == "42.5.0"


def test_active_ends_being_switched_off_too(made: list[str]) -> None:
    parley("site", "set", "acme", "active=false", "suspended=true", *made)
    assert "switched off" in parley("site", "list", *made)
    assert "active, suspended" in parley("site", "set", "acme", "--active", *made)
    assert (shown(made)["active"], shown(made)["suspended"]) == (True, False)


def test_settings_as_options_and_as_words(made: list[str]) -> None:
    parley("site", "set", "acme", "max_attendees=7", "--set", "rate_limits.mode=enforced", *made)
    parley("site", "set", "acme", "--set", "meeting_place.mp_profile_url=https://mp.example/", *made)
    settings = shown(made)["settings"]
    assert isinstance(settings, dict)
    assert settings["max_attendees"] == 7
    assert settings["rate_limits"]["mode"] == "enforced"
    assert settings["meeting_place"]["mp_profile_url"] == "https://mp.example/"
    assert "rate_limits.user\t600" in parley("site", "show", "acme", *made)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say what to change"),
        (("--level", "41.12.0"), "no level 41.12.0"),
        (("--level", "newest"), "is no version"),
        (("--set", "x"), "is no NAME=VALUE"),
        (("--set", "=1"), "is no NAME=VALUE"),
        (("--set", "nothing=1"), "has no setting"),
        (("--set", "rate_limits.mode=sometimes"), "does not fit"),
        (("--set", "rate_limits.user=0"), "does not fit"),
        (("--set", 'tracking_codes=[{"index":1,"name":"a"},{"index":1,"name":"b"}]'), "same index"),
        (("--set", 'tracking_codes=[{"index":11,"name":"a"}]'), "does not fit"),
        (("--set", 'tracking_codes=[{"index":1,"name":"a","host_profile":"SOMETIMES"}]'), "does not fit"),
        (("--set", "account_password_criteria.min_length=61"), "at most 60 characters"),
        (("--set", "meeting_password_criteria.min_length=17"), "at most 16 characters"),
        (("--set", 'support_queues=[{"name":"a"},{"name":"A"}]'), "same name"),
    ],
)
def test_changes_that_cannot_be(made: list[str], arguments: tuple[str, ...], words: str) -> None:
    output = parley("site", "set", "acme", *arguments, *made, code=2)
    assert words in output
    assert len(output.splitlines()) == 1
    assert len(audit(made)) == 1


def test_every_change_is_in_the_log(made: list[str]) -> None:
    parley("site", "set", "acme", "--suspended", "max_attendees=7", *made)
    parley("site", "set", "acme", "--suspended", *made)  # changes nothing
    parley("site", "set", "acme", "account_password_criteria.min_length=12", "partner_id=p", *made)
    entries = audit(made)
    assert [entry["version"] for entry in entries] == [3, 2, 1]
    assert {(entry["who"], entry["from"]) for entry in entries} == {(getpass.getuser(), "CLI")}
    assert all(str(entry["when"]).endswith("Z") for entry in entries)
    assert [entry["what"] for entry in entries] == [
        [
            {"name": "partner_id", "before": None, "after": "p"},
            {"name": "account_password_criteria.min_length", "before": 8, "after": 12},
        ],
        [
            {"name": "suspended", "before": False, "after": True},
            {"name": "max_attendees", "before": 1000, "after": 7},
        ],
        [{"name": "created", "before": None, "after": "acme"}],
    ]
    line = parley("site", "show", "acme", "--audit", *made).splitlines()[1]
    assert line.endswith("suspended: false -> true; max_attendees: 1000 -> 7")


def test_a_change_that_changes_nothing_is_said_so(made: list[str]) -> None:
    assert "is as wanted already" in parley("site", "set", "acme", "max_attendees=1000", *made)


def test_a_running_server_notices_with_the_next_request(site: TestSite) -> None:
    where, client = where_of(site.server), site.client()
    client.call("meeting.CreateMeeting", meeting("Before")).ok()
    parley("site", "set", site.name, "--suspended", *where)
    assert client.call("meeting.CreateMeeting", meeting("During")).failed("010107").reason == "The site is suspended"
    parley("site", "set", site.name, "--level", "42.4.0", *where)
    site.level = "42.4.0"
    client.call("meeting.CreateMeeting", meeting("Before the rule came")).ok()
    assert client.call("ep.GetAPIVersion").ok().value("apiVer") == "42.4.0"
    parley("site", "set", site.name, "--level", "42.6.0", "--active", *where)
    site.level = "42.6.0"
    client.call("meeting.CreateMeeting", meeting("After")).ok()
    parley("site", "set", site.name, "region=Japan", *where)
    assert client.call("site.GetSite").ok().value("metaData/region") == "Japan"


def test_changes_over_the_api_are_in_the_same_log(site: TestSite) -> None:
    where = where_of(site.server)
    site.client("admin").call("site.SetSite", meetingPlace={"mpProfileURL": "https://mp.example/"}).ok()
    site.client("admin").call("site.SetSite", meetingPlace={"mpProfileURL": "https://mp.example/"}).ok()
    parley("site", "set", site.name, "--suspended", *where)
    entries = audit(where, site.name)
    assert [(entry["who"], entry["from"]) for entry in entries] == [(getpass.getuser(), "CLI"), ("admin", "API")]
    assert entries[1]["what"] == [
        {"name": "meeting_place.mp_profile_url", "before": "", "after": "https://mp.example/"}
    ]


def test_administrators_who_change_at_once_lose_nothing(site: TestSite) -> None:
    names = ("mpProfileURL", "mpLogoutURL", "mpInternalMeetingLink", "nbrProfileNumber")

    def change(number: int) -> None:
        values = {names[number % 4]: f"value {number}"}
        site.client("admin").call("site.SetSite", meetingPlace=values).ok()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(change, range(20)))
    entries = audit(where_of(site.server), site.name)
    assert [entry["version"] for entry in entries] == list(range(21, 1, -1))
    written = {json.dumps(entry["what"]) for entry in entries}
    assert len(written) == 20
    answer = site.client().call("site.GetSite").ok()
    assert all((answer.value(f"meetingPlace/{name}") or "").startswith("value") for name in names)


def test_who_is_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    author = at_the_terminal()
    assert author == Author(author.name, "CLI")
    assert author.name.startswith("uid ")
    assert Difference("x") == Difference("x", None, None)
