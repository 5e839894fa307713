"""The commands that do not serve."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner

from parley.cli import app
from parley.cli.request_writer import Login, RequestError, find_operation, write_request
from parley.store import migrations
from parley.store.engines import sqlite
from tests.server import PASSWORD, Server, TestSite


def parley(*arguments: str, typed: str | None = None, code: int = 0) -> str:
    """Run a command; what it printed, on both outputs together where it fails."""
    result = CliRunner().invoke(app, list(arguments), input=typed)
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    return result.output


def data(folder: Path) -> list[str]:
    return ["--data", str(folder)]


def test_help_and_version() -> None:
    text = parley("--help")
    for command in ("serve", "site", "user", "db", "schema", "operations", "call"):
        assert command in text
    assert parley("--version").startswith("parley ")


def test_site_from_making_to_changing(tmp_path: Path) -> None:
    where = data(tmp_path / "made")
    assert "siteID 4711" in parley("site", "create", "Acme", "--id", "4711", "--partner-id", "p1", *where)
    parley("site", "create", "other", "--level", "42.2.0", *where)
    listed = json.loads(parley("site", "list", "--json", *where))
    assert [(each["name"], each["level"]) for each in listed] == [("acme", "42.6.0"), ("other", "42.2.0")]
    parley(
        *("site", "set", "acme", "level=42.1.0", "suspended=true", "max_attendees=120", 'brand_names=["Acme"]'),
        *("meeting_password_criteria.min_length=9", "partner_id=77", *where),
    )
    shown = json.loads(parley("site", "show", "4711", "--json", *where))
    assert (shown["level"], shown["suspended"], shown["partner_id"]) == ("42.1.0", True, "77")
    assert shown["settings"]["max_attendees"] == 120
    assert shown["settings"]["brand_names"] == ["Acme"]
    assert shown["settings"]["meeting_password_criteria"]["min_length"] == 9
    assert "max_attendees\t120" in parley("site", "show", "acme", *where)
    assert "suspended" in parley("site", "list", *where)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "no name"), "no site name"),
        (("create", "acme"), "already"),
        (("create", "new", "--level", "43.0.0"), "level"),
        (("show", "nobody"), "no site"),
        (("set", "acme", "colour=red"), "no setting"),
        (("set", "acme", "meeting_password_criteria=1"), "no setting"),
        (("set", "acme", "level.x=1"), "no setting"),
        (("set", "acme", "max_attendees=long"), "does not fit"),
        (("set", "acme", "level=41.0.0"), "level"),
        (("set", "acme", "nonsense"), "NAME=VALUE"),
    ],
)
def test_sites_that_cannot_be(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    parley("site", "create", "acme", *data(tmp_path))
    output = parley("site", *arguments, *data(tmp_path), code=2)
    assert words in output
    assert len(output.splitlines()) == 1


def test_accounts(tmp_path: Path) -> None:
    where = data(tmp_path)
    parley("site", "create", "acme", *where)
    names = ["--first-name", "Ada", "--last-name", "Byron"]
    parley("user", "create", "acme", "ada", "--email", "ada@acme.example", *names, *where, typed="Correct-horse-1\n")
    parley(
        *("user", "create", "acme", "root", "--email", "root@acme.example", *names, "--role", "admin"),
        *("--password", "Correct-horse-1", *where),
    )
    again = ("user", "create", "acme", "ADA", "--email", "b@acme.example", *names, "--password", "Correct-horse-1")
    assert "030004" in parley(*again, *where, code=2)
    listed = json.loads(parley("user", "list", "acme", "--json", *where))
    assert {each["web_ex_id"]: each["role"] for each in listed} == {"ada": "host", "root": "admin"}
    assert "ada@acme.example" in parley("user", "list", "acme", *where)
    assert "new password" in parley("user", "set-password", "acme", "ada", *where, typed="Battery-staple-2\n")
    assert "030001" in parley(
        "user", "set-password", "acme", "nobody", "--password", "Battery-staple-2", *where, code=2
    )
    assert "030001" not in parley("user", "set-password", "acme", "ada", "--password", "", *where, code=2)


def test_database_is_made_checked_and_migrated(tmp_path: Path) -> None:
    where = data(tmp_path)
    assert "no database yet" in parley("db", "check", *where, code=1)
    assert not (tmp_path / "parley.db").exists()
    assert "migrated" in parley("db", "upgrade", *where)
    assert "already" in parley("db", "upgrade", *where)
    assert "as this release needs it" in parley("db", "check", *where)
    (tmp_path / "parley.db").write_text("nonsense " * 1000)
    assert len(parley("db", "check", *where, code=2).splitlines()) == 1


def test_a_look_at_a_database_takes_as_long_as_it_takes(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Path(sqlite_database).parent == tmp_path
    monkeypatch.setattr(sqlite, "_STEPS", 1)
    monkeypatch.setattr(sqlite, "_SCAN_SECONDS", -1.0)  # what a server waits for
    assert "agree with themselves" in parley("db", "check", *data(tmp_path))


def test_a_migration_that_fails_is_told_in_a_line_and_changes_nothing(sqlite_database: str, tmp_path: Path) -> None:
    before = migrations.KNOWN[-2]
    path = tmp_path / "old" / "parley.db"
    path.parent.mkdir()
    asyncio.run(migrations.upgrade_to(str(path), before))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER harm BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'stopped by a test'); END"
        )
    told = parley("db", "upgrade", *data(path.parent), code=2)
    assert told.startswith(f"parley: the migration to revision {migrations.HEAD} failed at {migrations.HEAD} (UPDATE ")
    assert "stopped by a test (SQLITE_CONSTRAINT_TRIGGER)" in told
    assert f"The database is as it was, at revision {before}. What to do: " in told
    assert len(told.splitlines()) == 1
    assert asyncio.run(migrations.current(str(path))) == before
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER harm")
    assert "migrated" in parley("db", "upgrade", *data(path.parent))


def test_database_on_postgres(postgres_database: str) -> None:
    assert "as this release needs it" in parley("db", "check", "--database", postgres_database)


def test_schema_export(tmp_path: Path) -> None:
    assert "42.6.0" in parley("schema", "export", "--to", str(tmp_path / "new"))
    assert etree.XMLSchema(etree.parse(tmp_path / "new" / "all.xsd")) is not None
    assert "no level" in parley("schema", "export", "--version", "40.1.0", "--to", str(tmp_path), code=2)
    assert "no version" in parley("schema", "export", "--version", "new", "--to", str(tmp_path), code=2)


def test_operations_with_their_versions() -> None:
    listed = {each["operation"]: each for each in json.loads(parley("operations", "--json"))}
    assert listed["GetAPIVersion"]["since"] == "3.5"
    assert listed["CreateMeeting"]["service"] == "meeting"
    assert "CreateMeeting" in parley("operations")


def login(site: TestSite) -> list[str]:
    return ["--url", site.server.url, "--site", site.name, "--user", "host1", "--password", PASSWORD]


def test_call_shows_answers_and_tells_failures(site: TestSite) -> None:
    answer = parley("call", "getuser", "-d", "webexid=host1", "--show-request", *login(site))
    assert "<webExId>host1</webExId>" in answer
    assert PASSWORD not in answer
    assert f"host1@{site.name}.example" in answer
    failed = parley("call", "meeting.GetMeeting", "-d", "meetingKey=12345678901", *login(site), code=1)
    assert "060001" in failed


def test_call_of_what_there_is_not(sqlite_server: Server) -> None:
    assert "did you mean" in parley("call", "GetMeting", code=2)
    assert "confName" in parley("call", "CreateMeeting", "-d", "metaData.name=x", code=2)
    assert "cannot reach" in parley("call", "GetAPIVersion", "--url", "http://127.0.0.1:9", code=2)
    assert "no http address" in parley("call", "GetAPIVersion", "--url", "file:///etc/passwd", code=2)
    assert "status 404" in parley("call", "GetAPIVersion", "--url", f"{sqlite_server.url}/x", code=2)


def test_request_follows_the_contract() -> None:
    text = write_request(
        "CreateMeeting",
        [
            "schedule.startDate=01/15/2040 10:00:00",
            "metadata.confname=a < b",
            "participants.attendees.attendee[2].person.name=Two",
            "participants.attendees.attendee.person.name=One",
            "repeat.dayInWeek.day=MONDAY",
            "repeat.dayInWeek.day=FRIDAY",
        ],
        Login("acme", "host1", "pw"),
    )
    root = etree.fromstring(text.encode())
    content = root.find("body/bodyContent")
    assert content is not None
    declared = [element.name for element in find_operation("CreateMeeting")[1].__declaration__.elements]
    names = [str(child.tag) for child in content]
    assert sorted(names) == ["metaData", "participants", "repeat", "schedule"]
    assert names == sorted(names, key=declared.index)
    assert root.findtext(".//confName") == "a < b"
    assert [element.text for element in root.findall(".//attendee/person/name")] == ["One", "Two"]
    assert [element.text for element in root.findall(".//dayInWeek/day")] == ["MONDAY", "FRIDAY"]
    assert root.findtext("header/securityContext/siteName") == "acme"
    assert str(content.values()[0]).endswith("meeting.CreateMeeting")


@pytest.mark.parametrize(
    "value",
    ["confName", "metaData=x", "metaData.confName.x=1", "..=1", "metaData[2].confName=x", "metaData.confName=\x00"],
)
def test_values_that_cannot_be_written(value: str) -> None:
    with pytest.raises(RequestError):
        write_request("CreateMeeting", [value], Login())


def test_operations_are_found_by_any_name() -> None:
    schema, cls = find_operation("meet:createMeeting")
    assert (schema.module, cls.xml_name) == ("meeting", "createMeeting")
    with pytest.raises(RequestError):
        find_operation("nomodule.CreateMeeting")
    with pytest.raises(RequestError):
        find_operation("createMeetingResponse")
