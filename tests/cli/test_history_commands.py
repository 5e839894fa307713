"""`parley history`: histories brought along, with a report of refused lines, and what is shown."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from parley.domain.timezones import api_date
from parley.services.history.bringing import KINDS, columns_of
from tests.cli.test_commands import data, parley
from tests.cli.test_site_commands import where_of
from tests.server import TestSite
from tests.services.stages import Guest, Stage, host

SESSIONS = "confID,sessionKey,confName,meetingStartTime,meetingEndTime"
PEOPLE = "confID,name,email,joinTime,leaveTime"
RUN = "77,123456789,Old review,11/03/2026 09:00:00,11/03/2026 10:00:00"


@pytest.fixture
def acme(tmp_path: Path) -> list[str]:
    """The options that name a data folder with one site."""
    where = data(tmp_path / "data")
    parley("site", "create", "acme", *where)
    return where


def write(folder: Path, *lines: str, name: str = "history.csv") -> str:
    path = folder / name
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def brought(file: str, kind: str, where: list[str], *more: str, code: int = 0) -> str:
    return parley("history", "import", file, "--kind", kind, *more, *where, code=code)


def shown(kind: str, where: list[str], *more: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(parley("history", "show", "--kind", kind, "--json", *more, *where))
    return found


def test_a_history_is_brought_along_and_listed(site: TestSite, tmp_path: Path) -> None:
    where, stage = where_of(site.server), Stage(site)
    now = stage.start
    begin, end = api_date(now - 3600, 25), api_date(now, 25)
    head = (
        f"{SESSIONS},hostWebExID,meetingType,timezone,Tracking Code1,totalPeopleMinutes,totalParticipants,peakAttendee"
    )
    sessions = write(
        tmp_path,
        head,
        f'11,222,Old review,{begin},{end},HOST1,PRO,"GMT-08:00, Pacific (San Jose)",4711,90,2,2',
        f"12,223,Of somebody who left,{begin},{end},gone,XYZ,25,,,,",
    )
    told = brought(sessions, "meeting-sessions", where, site.name, "--time-zone", "25")
    assert "2 of 2 rows made, 0 refused" in told
    people = write(
        tmp_path,
        f"{PEOPLE},participantType,voipDuration,company,externalParticipant",
        f"11,Ann,Ann@x.example,{begin},{end},HOST,30,Acme,internal",
        f"12,Bob,,{begin},{end},,,,",
        f"12,Bob,,{begin},{end},,,,",
    )
    told = brought(people, "meeting-attendees", where, site.name, "--time-zone", "25")
    assert "3 of 3 rows made, 0 refused" in told
    answer = stage.ask("LstmeetingusageHistory", {}, "admin").ok()
    assert answer.all("confName") == ["Old review", "Of somebody who left"]
    assert answer.all("meetingStartTime") == [api_date(now - 3600, 20)] * 2
    # Numbers of the table stay; where it told none, they are those of the stays.
    assert answer.all("totalPeopleMinutes") == ["90", "120"]
    assert answer.all("totalParticipants") == ["2", "1"]
    assert answer.all("peakAttendee") == ["2", "2"]
    assert answer.all("meetingUsageHistory/timezone")[0] == "GMT-08:00, Pacific (San Jose)"
    assert answer.all("hostEmail") == [site.users["host1"].email]
    assert stage.ask("LstmeetingusageHistory").ok().all("confName") == ["Old review"]
    stays = stage.ask("LstmeetingattendeeHistory").ok()
    assert (stays.value("email"), stays.value("company"), stays.value("voipDuration")) == (
        "ann@x.example",
        "Acme",
        "30",
    )
    assert stays.value("externalParticipant") == "INTERNAL"


def test_a_second_time_adds_nothing_and_a_dry_run_nothing_at_all(acme: list[str], tmp_path: Path) -> None:
    sessions, people = (
        write(tmp_path, SESSIONS, RUN, name="s.csv"),
        write(tmp_path, PEOPLE, "77,Ann,,11/03/2026 09:00:00,11/03/2026 09:30:00", name="p.csv"),
    )
    assert "1 of 1 rows can be made" in brought(sessions, "meeting-sessions", acme, "--dry-run")
    assert shown("meeting-sessions", acme) == []
    assert "import the sessions first" in brought(people, "meeting-attendees", acme, code=1)
    for made in (1, 0):
        assert f"{made} of 1 rows made" in brought(sessions, "meeting-sessions", acme)
        assert "1 of 1 rows can be made" in brought(people, "meeting-attendees", acme, "--dry-run") or made == 0
        assert f"{made} of 1 rows made" in brought(people, "meeting-attendees", acme)
    [row] = shown("meeting-sessions", acme)
    assert (row["name"], row["people"], row["minutes"]) == ("Old review", 1, 30)
    [stay] = shown("meeting-attendees", acme, "--conf-id", "77")
    assert (stay["name"], stay["session"], stay["part"]) == ("Ann", "Old review", "ATTENDEE")
    assert shown("meeting-attendees", acme, "--key", "1") == []
    plain = parley("history", "show", *acme)
    assert "Old review" in plain
    assert plain.endswith("1 of 1 rows\n")


def test_each_refused_line_says_why_and_can_be_mended(acme: list[str], tmp_path: Path) -> None:
    day = "11/03/2026"
    lines = {
        f"0,1,A,{day},{day}": "conf_id: a number is needed",
        f"x,1,A,{day},{day}": "conf_id: a number is needed",
        f"{2**63},1,A,{day},{day}": "conf_id: a number is needed",
        f",1,A,{day},{day}": "conf_id: a value is required",
        f"2,1,,{day},{day}": "conf_name: a value is required",
        f"3,1,A,never,{day}": "MM/dd/yyyy",
        f"4,1,A,{day},11/02/2026": "session_end_time: this is before the beginning",
        "5,1,A,11/03/2049,11/03/2049": "session_start_time: this is in the future",
        f"6,1,A,{day},{day},Mars": "timezone: there is no such time zone",
        f"7,1,A,{day},{day},999": "there is no time zone 999",
        f"8,1,A,{day},{day},25,-1": "total_people_minutes: a number is needed",
        f"9,1,A,{day},{day},25,99999999999": "total_people_minutes: a number is needed",
        f"10,1,A,{day},{day},25,1,Perhaps": "assist_confirm: Pending, Confirmed",
        f"11,1,A,{day},{day},25,1,,too,many": "the line has 10 values for 8 columns",
        f"12,1,A,{day},{day}": "",
        f"12,2,B,{day},{day}": "confID: line 16 has the same",
    }
    file = write(tmp_path, f"{SESSIONS},timezone,totalPeopleMinutes,assistConfirm", *lines)
    report = tmp_path / "refused.csv"
    told = brought(file, "meeting-sessions", acme, "--report", str(report), code=1).splitlines()
    assert told[-1] == "1 of 16 rows made, 15 refused"
    for line, reason in zip(told, [each for each in lines.values() if each], strict=False):
        assert reason in line
    with report.open(encoding="utf-8", newline="") as content:
        refused = list(csv.DictReader(content))
    assert len(refused) == 15
    mended = [row for row in refused if row["line"] == "8"]
    assert mended[0]["session_end_time"] == "11/02/2026"
    text = report.read_text("utf-8").replace("11/02/2026", "11/04/2026")
    again = write(tmp_path, *text.splitlines(), name="again.csv")
    assert "2 of 15 rows made, 13 refused" in brought(again, "meeting-sessions", acme, code=1)
    clash = write(tmp_path, SESSIONS, f"12,77,A,{day},{day}")
    assert "there is another run with this number" in brought(clash, "meeting-sessions", acme, code=1)
    other = write(tmp_path, PEOPLE, f"12,Ann,,{day},{day}")
    assert "import the sessions first" in brought(other, "sales-attendees", acme, code=1)


def test_nothing_is_added_to_what_was_held_here(site: TestSite, tmp_path: Path) -> None:
    stage = Stage(site)
    conf_id = stage.hold(stage.meeting(), host(), Guest("Ann"))
    file = write(tmp_path, PEOPLE, f"{conf_id},Mallory,,11/03/2026 09:00:00,11/03/2026 09:30:00")
    told = brought(file, "meeting-attendees", where_of(site.server), site.name, code=1)
    assert "this run was held here" in told
    assert len(stage.stays(conf_id)) == 2


def test_what_cannot_be_read_at_all(acme: list[str], tmp_path: Path) -> None:
    def failed(*lines: str, kind: str = "meeting-sessions", more: tuple[str, ...] = ()) -> str:
        return brought(write(tmp_path, *lines), kind, acme, *more, code=2)

    assert "there is no kind 'all'" in failed(SESSIONS, RUN, kind="all")
    assert "the column 'shoe size' is not known" in failed(f"{SESSIONS},shoe size", RUN)
    assert "no column session_end_time" in failed("confID,sessionKey,confName,meetingStartTime", RUN)
    assert "stands twice" in failed(f"{SESSIONS},meeting start time", RUN)
    assert "no such time zone" in failed(SESSIONS, RUN, more=("--time-zone", "Mars"))
    assert "cannot read" in parley("history", "import", str(tmp_path / "no.csv"), "--kind", "x", *acme, code=2)
    file = write(tmp_path, f"{SESSIONS},shoe size", f"{RUN},44")
    assert "1 of 1 rows made" in brought(file, "meeting-sessions", acme, "acme", "--ignore-unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_can_be_brought_along(kind: str) -> None:
    columns = columns_of(KINDS[kind])
    assert set(columns.required) <= set(columns.names.values())
    assert ("trackingCode1" in columns.told) == kind.endswith("sessions")
