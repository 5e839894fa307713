"""`parley user import`: accounts from a table, with a report of the lines that were refused."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley.cli import app, common
from parley.cli.importing import print_outcome
from parley.cli.user import TELLING
from parley.domain.site import Site
from parley.domain.user import User
from parley.services.accounts import NewAccount
from parley.services.import_tables import Outcome, Refused, Row, TableError
from parley.services.user_import import Importer, read_table
from tests.cli.test_commands import data, parley
from tests.cli.test_site_commands import where_of
from tests.server import TestSite

PASSWORD = "Kp7-mistral-Q"
HEAD = "webExId,firstName,lastName,email,password"


def row(name: str, **others: str) -> str:
    values = {
        "first": name.capitalize(),
        "last": "Tester",
        "email": f"{name}@x.example",
        "password": PASSWORD,
        **others,
    }
    return ",".join([others.get("web_ex_id", name), *(values[key] for key in ("first", "last", "email", "password"))])


def write(folder: Path, *lines: str, name: str = "users.csv", encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return str(path)


def listed(where: list[str], site: str) -> dict[str, dict[str, str]]:
    found = json.loads(parley("user", "list", site, "--json", *where))
    return {each["web_ex_id"]: each for each in found}


@pytest.fixture
def acme(tmp_path: Path) -> list[str]:
    """The options that name a data folder with one site."""
    where = data(tmp_path / "data")
    parley("site", "create", "acme", *where)
    return where


def test_accounts_are_made_of_a_table(site: TestSite, tmp_path: Path) -> None:
    where = [*where_of(site.server), "--site", site.name]
    codes = [
        {"index": 1, "name": "Cost center", "required": True},
        {"index": 3, "name": "Project", "values": ["one", "two"]},
    ]
    parley("site", "set", site.name, "--set", f"tracking_codes={json.dumps(codes)}", *where_of(site.server))
    head = f"{HEAD},Role,Cost Center,trackingCode3,company,phone,city,timeZoneID,meetingTypes,language"
    file = write(
        tmp_path,
        head,
        f"{row('ada')},host,4711,two,Acme & Söhne,1-555-0100,Bern,25,3 16,german",
        f"{row('grace')},ADMIN,4712",
        f"{row('guest')},attendee,4713",
        f"{row('viewer')},read-only admin,4714",
        "",
    )
    assert "4 of 4 accounts made, 0 refused" in parley("user", "import", file, *where)
    found = listed(where_of(site.server), site.name)
    roles = {name: found[name]["role"] for name in ("ada", "grace", "guest", "viewer")}
    assert roles == {"ada": "host", "grace": "admin", "guest": "attendee", "viewer": "read-only admin"}
    answer = site.client("ada", PASSWORD).call("user.GetUser", webExId="ada").ok()
    told = {
        "tracking/trackingCode1": "4711",
        "tracking/trackingCode3": "two",
        "company": "Acme & Söhne",
        "phones/phone": "1-555-0100",
        "address/city": "Bern",
        "timeZoneID": "25",
        "language": "GERMAN",
        "languageID": "9",
    }
    assert {path: answer.value(path) for path in told} == told
    assert answer.all("meetingTypes/meetingType") == ["3", "16"]
    site.client("grace", PASSWORD).call("site.SetSite", meetingPlace={}).ok()


def test_a_dry_run_makes_nothing_and_finds_the_same(acme: list[str], tmp_path: Path) -> None:
    lines = [HEAD, row("ada"), row("ada", email="b@x.example"), row("weak", password="short"), row("grace")]
    file = write(tmp_path, *lines)
    looked = parley("user", "import", file, "--dry-run", *acme, code=1)
    assert "2 of 4 accounts can be made, 2 refused" in looked
    assert listed(acme, "acme") == {}
    made = parley("user", "import", file, *acme, code=1)
    assert looked.splitlines()[:-1] == made.splitlines()[:-1]
    assert set(listed(acme, "acme")) == {"ada", "grace"}
    again = parley("user", "import", file, "--dry-run", *acme, code=1)
    assert "0 of 4 accounts can be made, 4 refused" in again
    assert again.count("(030004)") == 2


def test_each_refused_line_says_why(acme: list[str], tmp_path: Path) -> None:
    parley("site", "set", "acme", 'tracking_codes=[{"index":2,"name":"Team","values":["a","b"]}]', *acme)
    head = f"{HEAD},role,team,timeZoneID,meetingTypes,language,mustChangePassword,trackingCode9,company"
    lines = {
        f"{row('r1')},boss": "role: host, admin",
        f"{row('r2')},host,c": "trackingCode2: this value is not in the site's list",
        f"{row('r3')},host,a,99": "no time zone 99",
        f"{row('r4')},host,a,here": "time_zone_id: a number is needed",
        f"{row('r5')},host,a,4,3 77": "77",
        f"{row('r6')},host,a,4,,KLINGON": "no such language",
        f"{row('r7')},host,a,4,,,maybe": "true or false",
        f"{row('r8')},host,a,4,,,,{'x' * 129}": "at most 128 characters",
        f"{row('r9')},host,a,4,,,,,{'x' * 129}": "company: at most 128",
        row("s1", email="no-address"): "030062",
        row("s2", first=""): "030009",
        row("s3", password=""): "password: a value is required",
        row("s4", email="r1@x.example"): "line 2 has the same",
        row("s5", web_ex_id="has blank"): "webExId",
        row("s6", first="x" * 65): "firstName: at most 64",
        row("s7", first="a\tb"): "control characters",
    }
    file = write(tmp_path, head, *lines)
    output = parley("user", "import", file, *acme, code=1).splitlines()
    assert output[-1] == f"0 of {len(lines)} accounts made, {len(lines)} refused"
    for number, (line, words) in enumerate(zip(output, lines.values(), strict=False), 2):
        assert line.startswith(f"{number}\t"), line
        assert words in line, line
    assert listed(acme, "acme") == {}


def test_the_report_can_be_imported_again(acme: list[str], tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    file = write(tmp_path, HEAD, row("good"), row("odd", email="none"))
    parley("user", "import", file, "--report", str(report), *acme, code=1)
    rows = list(csv.DictReader(io.StringIO(report.read_text())))
    assert [(each["line"], each["web_ex_id"], each["email"]) for each in rows] == [("3", "odd", "none")]
    assert "030062" in rows[0]["reason"]
    assert PASSWORD not in report.read_text()
    mended = report.read_text().replace("none", "odd@x.example").replace("reason", "reason,password", 1)
    lines = mended.splitlines()
    file = write(tmp_path, lines[0], f"{lines[1]},{PASSWORD}")
    assert "1 of 1 accounts made" in parley("user", "import", file, *acme)


def test_the_host_limit_holds(acme: list[str], tmp_path: Path) -> None:
    parley("site", "set", "acme", "host_limit=2", *acme)
    file = write(
        tmp_path, f"{HEAD},role", *(f"{row(f'h{number}')},host" for number in range(4)), f"{row('g')},attendee"
    )
    for options in (["--dry-run"], []):
        output = parley("user", "import", file, *options, *acme, code=1)
        assert "3 of 5 accounts" in output
        assert output.count("(030010)") == 2


def test_passwords_to_be_changed(acme: list[str], tmp_path: Path, site: TestSite) -> None:
    where = [*where_of(site.server), "--site", site.name]
    file = write(tmp_path, f"{HEAD},mustChangePassword", f"{row('soon')},", f"{row('never')},no")
    parley("user", "import", file, "--must-change-password", *where)
    site.client("soon", PASSWORD).call("site.LstTimeZone").failed("030029")
    site.client("never", PASSWORD).call("site.LstTimeZone").ok()


def test_tables_in_other_forms(acme: list[str], tmp_path: Path) -> None:
    lines = [HEAD.replace(",", ";"), row("ada").replace(",", ";")]
    assert "1 of 1" in parley("user", "import", write(tmp_path, *lines, encoding="utf-8-sig"), *acme)
    lines = ["E-Mail\tFirst Name\tLAST_NAME\tWebEx ID\tpassword", f"b@x.example\tBob\tTester\tbob\t{PASSWORD}"]
    assert "1 of 1" in parley("user", "import", write(tmp_path, *lines), *acme)
    result = CliRunner().invoke(app, ["user", "import", "-", *acme], input=f"{HEAD}\r\n{row('carol')}\r\n")
    assert result.exit_code == 0, result.output
    assert set(listed(acme, "acme")) == {"ada", "bob", "carol"}
    assert "0 of 0 accounts made" in parley("user", "import", write(tmp_path, HEAD), *acme)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"webExId,firstName\n", "no column email, last_name"),
        (b"email,firstName,lastName,colour\n", "'colour' is not known"),
        (b"email,firstName,lastName,E-mail\n", "column email stands twice"),
        (b'email,firstName,lastName\n"a@x.example","A "quoted" X",B\n', "line 2 cannot be read"),
        (b'email,firstName,lastName\nx,y,z\n\n"a@x.example,A,B\nx,y,z\n', "line 4 cannot be read"),
        (b'email,firstName,lastName\n"a@x.example,A,B\n', "cannot be read"),
        (b"email,firstName,lastName\na@x.example,J\xf6rg,B\n", r"line 2 is not in UTF-8.*--encoding cp1252"),
        (b"\xff\xfee\0m\0", "'em' is not known"),
        (b"\xff\xfee\0m", "is not in UTF-16"),
        (b"email,firstName,lastName\n" + b"x" * 200_000, "cannot be read"),
    ],
)
def test_tables_that_cannot_be_read(content: bytes, words: str) -> None:
    with pytest.raises(TableError, match=words):
        read_table(content, Site(1, "acme"))


def test_no_more_of_a_table_is_read_than_is_wanted() -> None:
    content = b"email,firstName,lastName\n" + b"a@x.example,A,B\n" * 50 + b'"never read'
    assert len(read_table(content, Site(1, "acme"), most=3)) == 4


@pytest.mark.parametrize("encoding", ["nonsense", "base64", "utf-16", "ascii"])
def test_encodings_that_do_not_fit(encoding: str) -> None:
    table = "email,firstName,lastName\na@x.example,Jörg,B\n".encode()
    with pytest.raises(TableError, match=r"encoding|is not in"):
        read_table(table, Site(1, "acme"), encoding=encoding)


def test_tables_as_spreadsheets_write_them(acme: list[str], tmp_path: Path) -> None:
    table = "\r\n".join([HEAD, row("jörg", first="Jörg"), ""])
    for name, content, options in (
        ("latin.csv", table.replace(",", ";").encode("cp1252"), ["--encoding", "cp1252"]),
        ("unicode.txt", table.replace(",", "\t").encode("utf-16"), []),
        ("sep.csv", b"sep=;\r\n" + table.replace(",", ";").encode(), []),
        ("quoted-sep.csv", b'"sep=|"\n' + table.replace(",", "|").encode("utf-8"), []),
        ("old-mac.csv", table.replace("\r\n", "\r").encode(), []),
    ):
        (tmp_path / name).write_bytes(content)
        options = [str(tmp_path / name), *options, *acme]
        assert "1 of 1 accounts can be made" in parley("user", "import", "--dry-run", *options)
    parley("user", "import", *options)
    assert listed(acme, "acme")["jörg"]["first_name"] == "Jörg"


def test_a_line_that_does_not_fit_stops_no_other(acme: list[str], tmp_path: Path) -> None:
    lines = [HEAD, row("ada"), "", f"{row('bob')},more,", '"x', 'y",Two,Lines,two@x.example,', f"{row('eve')},,"]
    output = parley("user", "import", write(tmp_path, *lines), *acme, code=1).splitlines()
    assert output[0] == "4\tbob\tthe line has 7 values for 5 columns"
    assert output[1].startswith("5\t")
    assert output[-1] == "2 of 4 accounts made, 2 refused"
    assert set(listed(acme, "acme")) == {"ada", "eve"}


def test_columns_that_are_not_known(acme: list[str], tmp_path: Path) -> None:
    parley("site", "set", "acme", 'tracking_codes=[{"index":1,"name":"Team"}]', *acme)
    file = write(tmp_path, f"{HEAD},Shoe size,,Team", f"{row('ada')},43,,Red")
    refused = parley("user", "import", file, *acme, code=2)
    assert "'Shoe size' is not known" in refused
    assert "Team" in refused
    assert "1 of 1" in parley("user", "import", file, "--ignore-unknown", *acme)


def test_an_import_is_run_again(acme: list[str], tmp_path: Path) -> None:
    first = write(tmp_path, HEAD, row("ada"), row("bob"))
    parley("user", "import", first, *acme)
    lines = [HEAD, row("ADA", email="Ada@X.example"), row("bob", email="other@x.example"), row("eve"), row("eve")]
    again = write(tmp_path, *lines, name="again.csv")
    for options, verb in ((["--dry-run"], "can be made"), ([], "made")):
        output = parley("user", "import", again, "--skip-existing", *options, *acme, code=1)
        assert f"1 of 4 accounts {verb}, 1 there already, 2 refused" in output
        assert "3\tbob\tThe WebExID is already in use" in output
        assert "5\teve\tweb_ex_id: line 4 has the same" in output
    assert listed(acme, "acme")["ada"]["email"] == "ada@x.example"
    unchanged = parley("user", "import", first, "--skip-existing", *acme)
    assert "0 of 2 accounts made, 2 there already, 0 refused" in unchanged


def test_an_import_that_is_broken_off_says_how_far_it_came(
    acme: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Importer._make

    async def impatient(self: Importer, account: NewAccount, password: str) -> User:
        if account.web_ex_id == "u5":
            raise KeyboardInterrupt
        return await make(self, account, password)

    monkeypatch.setattr(Importer, "_make", impatient)
    file = write(tmp_path, HEAD, row("bad", first=""), *(row(f"u{number}") for number in range(9)))
    report = tmp_path / "refused.csv"
    output = parley("user", "import", file, "--report", str(report), *acme, code=130)
    assert "of 10 accounts made, 1 refused" in output
    assert "--skip-existing" in output
    assert "030009" in report.read_text()
    monkeypatch.undo()
    output = parley("user", "import", file, "--skip-existing", *acme, code=1)
    assert "there already, 1 refused" in output
    assert set(listed(acme, "acme")) == {f"u{number}" for number in range(9)}


def test_a_report_that_cannot_be_written_stops_before_the_work(acme: list[str], tmp_path: Path) -> None:
    file = write(tmp_path, HEAD, row("ada"))
    nowhere = str(tmp_path / "none" / "report.csv")
    assert "cannot write" in parley("user", "import", file, "--report", nowhere, *acme, code=2)
    assert "over the table" in parley("user", "import", file, "--report", file, *acme, code=2)
    assert listed(acme, "acme") == {}


def test_a_terminal_shows_the_first_refused_lines(capsys: pytest.CaptureFixture[str]) -> None:
    refused = [Refused(Row(number, {"web_ex_id": f"u{number}"}), "no") for number in range(2, 200)]
    outcome = Outcome(total=300, made=102, refused=refused)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for report, words in ((None, "--report writes them all"), (Path("r.csv"), "r.csv has them all")):
        screen = Terminal()
        with contextlib.redirect_stdout(screen):
            print_outcome(outcome, TELLING, dry_run=False, report=report)
        assert f"... and 148 more; {words}" in screen.getvalue()
        assert "u51" in screen.getvalue()
        assert "u52" not in screen.getvalue()
    print_outcome(outcome, TELLING, dry_run=False, report=None)
    assert "u199" in capsys.readouterr().out


def test_which_site_and_which_file(tmp_path: Path, acme: list[str]) -> None:
    file = write(tmp_path, HEAD, row("ada"))
    assert "cannot read" in parley("user", "import", str(tmp_path / "none.csv"), *acme, code=2)
    assert "no site 'other'" in parley("user", "import", file, "--site", "other", *acme, code=2)
    parley("site", "create", "second", *acme)
    assert "acme, second" in parley("user", "import", file, *acme, code=2)
    assert "1 of 1" in parley("user", "import", file, "--site", "second", *acme)
    assert "no site yet" in parley("user", "import", file, *data(tmp_path / "empty"), code=2)
    bad = write(tmp_path, "nothing", name="bad.csv")
    assert len(parley("user", "import", bad, "--site", "acme", *acme, code=2).splitlines()) == 1


def test_the_progress_bar_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with common.progress("Making accounts", 3) as step:
        for _ in range(3):
            step()
    assert "Making accounts" in screen.getvalue()
    assert "3/3" in screen.getvalue()


def test_hosts_of_a_control_hub_site_are_called_by_their_address(acme: list[str], tmp_path: Path) -> None:
    parley("site", "set", "acme", "control_hub=true", *acme)
    file = write(tmp_path, "email,firstName,lastName,password", f"Ada@x.example,Ada,Byron,{PASSWORD}")
    assert "1 of 1" in parley("user", "import", file, *acme)
    assert list(listed(acme, "acme")) == ["Ada@x.example"]


def test_a_site_of_control_hub_needs_no_passwords(acme: list[str], tmp_path: Path) -> None:
    parley("site", "set", "acme", "control_hub=true", *acme)
    file = write(tmp_path, HEAD, row("ada", password=""), row("bea", web_ex_id="other"), row("cleo", password="short"))
    for option in (["--dry-run"], []):
        output = parley("user", "import", file, *option, *acme, code=1)
        assert "2 of 3" in output
        assert "(030003)" in output
    assert sorted(listed(acme, "acme")) == ["ada@x.example", "bea@x.example"]
    mails = json.loads(parley("mail", "list", "acme", "--json", *acme))
    assert [(each["kind"], each["to"]) for each in mails] == [("user.activation", "ada@x.example")]
